"""Listings: what each kind of source holds, at which revision, and what is refused of what servers say."""

import base64
import hashlib
import json
import socket
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from hauberk.digest import sha256
from hauberk.edge.remote.credentials import AwsKeys
from hauberk.edge.remote.hosts import Origin
from hauberk.edge.remote.line import Patience
from hauberk.edge.remote.sigv4 import signed_headers
from hauberk.edge.remote.source import open_address
from hauberk.errors import Exceeded, Misconfigured, NotVerified, Unavailable
from hauberk.finding import UncheckedCode
from hauberk.limits import DEFAULT_LIMITS, Limits
from services.fake_hub import as_json, hub
from web_server import Said, ranged, serving

QUICK = Patience(silence_seconds=1, grace_seconds=2, retries=1, backoff_seconds=0.01)
LARGE = bytes(range(256)) * 300
FILES = {"config.json": b"{}", "a/model.bin": LARGE, "b.txt": b"b", "c.txt": b"c", "d.txt": b"d", "e.txt": b"e"}


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    """Let no credentials of this machine in."""
    for name in ("GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_TOKEN", "HF_TOKEN_PATH", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


def opened(address, limits=DEFAULT_LIMITS):
    return open_address(address, limits=limits, patience=QUICK)


# The hub.


@pytest.fixture
def fake(monkeypatch):
    with hub(dict(FILES)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.server.url)
        yield running


def test_a_repository_is_all_its_files_at_a_commit(fake):
    with opened(f"hf://org/name@{fake.commit}") as found:
        assert {file.name: file.size for file in found.files} == {name: len(data) for name, data in FILES.items()}
        assert {file.name: file.claimed for file in found.files if file.claimed} == {"a/model.bin": sha256(LARGE)}
        for file in found.files:
            assert found.open(file).read_at(0, 1 << 20) == FILES[file.name]


def test_a_branch_is_resolved_to_a_commit_and_said(fake):
    with opened("hf://org/name") as found:
        assert found.address == f"hf://org/name@{fake.commit}"
        assert all(f"/resolve/{fake.commit}/" in file.url for file in found.files)


@pytest.mark.parametrize(("path", "names"), [("a/model.bin", ["model.bin"]), ("a", ["model.bin"])])
def test_a_file_or_a_folder_of_a_repository(fake, path, names):
    with opened(f"hf://org/name@main/{path}") as found:
        assert [file.name.rpartition("/")[2] for file in found.files] == names
        assert found.is_tree is (path == "a")


def test_a_token_lets_us_in_and_goes_to_the_hub_only(fake, monkeypatch):
    fake.token = "hf_secret"
    with pytest.raises(Unavailable, match="401"):
        opened("hf://org/name")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with opened("hf://org/name/a/model.bin") as found:
        found.open(found.files[0]).read_at(0, 10)
    assert fake.content.log
    assert not any("authorization" in asked.headers for asked in fake.content.log)


@pytest.mark.parametrize("address", ["hf://org/other", "hf://org/name@nowhere", f"hf://org/name@{'e' * 40}"])
def test_what_the_hub_does_not_know_is_unavailable(fake, address):
    with pytest.raises(Unavailable, match="404"):
        opened(address)


def test_a_hub_that_gives_another_commit_is_not_believed(fake):
    fake.server.routes = {f"/api/models/org/name/revision/{'e' * 40}": as_json({"sha": fake.commit})}
    with pytest.raises(Unavailable, match="this is the commit"):
        opened(f"hf://org/name@{'e' * 40}")


@pytest.mark.parametrize("sha", ["main", "../x", "", None, 5, "C" * 40])
def test_a_hub_that_names_no_commit_is_not_believed(fake, sha):
    fake.server.routes = {"/api/models/org/name/revision/main": as_json({"sha": sha})}
    with pytest.raises(Unavailable):
        opened("hf://org/name")


NAMES = {
    "../../etc/passwd": "climbs",
    "/etc/passwd": "climbs",
    "a/./b": "climbs",
    "a//b": "climbs",
    "a/": "climbs",
    "": "climbs",
    "a\nb": "control",
    "a\x1b[2J": "control",
    "a\\..\\b": "backslash",
    "\ud800": "UTF-8",
    "x" * 300: "too long",
    "config.json": "twice",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_file_may_have_is_odd_and_not_read(fake, name):
    fake.extra = [{"type": "file", "path": name, "size": 1, "oid": "0" * 40}]
    with opened("hf://org/name") as found:
        assert [(odd.code, NAMES[name] in odd.detail) for odd in found.odd] == [(UncheckedCode.NAME, True)]
        assert name not in {file.name for file in found.files}


def test_a_list_without_end_is_cut(fake):
    fake.extra = [{"type": "file", "path": f"f{number}", "size": 1} for number in range(100)]
    with opened("hf://org/name", Limits(max_tree_files=20)) as found:
        assert len(found.files) <= 20
        assert [odd.code for odd in found.odd] == [UncheckedCode.LIMIT]


@pytest.mark.parametrize("source", ["bucket", "registry", "mlflow"])
def test_no_list_is_cut_in_silence(source, request):
    running = request.getfixturevalue({"bucket": "store", "mlflow": "tracking"}.get(source, source))
    address = {"bucket": "s3://models/m", "mlflow": "mlflow:/models/m/3"}.get(source) or f"oci://{running.name}:v1"
    with opened(address, Limits(max_tree_files=1)) as found:
        assert UncheckedCode.LIMIT in [odd.code for odd in found.odd]


def test_a_list_that_leads_back_to_itself_ends(fake):
    here = f"/api/models/org/name/tree/{fake.commit}"
    page = as_json([{"type": "file", "path": "a", "size": 1}])
    page.headers["Link"] = f'<{fake.server.url}{here}?recursive=true>; rel="next"'
    fake.server.routes = {"/api/models/org/name/revision/main": as_json({"sha": fake.commit}), here: page}
    with pytest.raises(Unavailable, match="back to itself"):
        opened("hf://org/name")


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"a": 1}', b"[" * 100_000, b'[{"type": "file"}]'])
def test_a_list_that_is_none_is_unavailable(fake, body):
    here = f"/api/models/org/name/tree/{fake.commit}"
    fake.server.routes = {
        "/api/models/org/name/revision/main": as_json({"sha": fake.commit}),
        here: Said(200, {}, body),
    }
    with pytest.raises(Unavailable):
        opened("hf://org/name")


# S3.


def bucket(objects, page=2):
    """Return the routes of a bucket."""

    def listed(asked):
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        keys = sorted(key for key in objects if key.startswith(query.get("prefix", "")))
        start = int(query.get("continuation-token", "0"))
        rows = "".join(
            f"<Contents><Key>{quote(key)}</Key><Size>{len(objects[key])}</Size></Contents>"
            for key in keys[start : start + page]
        )
        more = start + page < len(keys)
        tail = f"<NextContinuationToken>{start + page}</NextContinuationToken>" if more else ""
        return Said(
            200,
            {},
            f'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>{rows}{tail}"
            f"</ListBucketResult>".encode(),
        )

    return {"/models/": listed} | {f"/models/{quote(key)}": ranged(data) for key, data in objects.items()}


@pytest.fixture
def store(monkeypatch):
    objects = {"m/a b.bin": LARGE, "m/c/d.json": b"{}", "m/e.txt": b"e", "m/": b"", "n": b"n"}
    with serving(bucket(objects)) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        yield running


def test_a_prefix_is_every_object_under_it(store):
    with opened("s3://models/m") as found:
        assert [(file.name, file.size) for file in found.files] == [
            ("a b.bin", len(LARGE)),
            ("c/d.json", 2),
            ("e.txt", 1),
        ]
        assert found.open(found.files[0]).read_at(0, 1 << 20) == LARGE


def test_a_key_is_one_object(store):
    with opened("s3://models/n") as found:
        assert (found.is_tree, [file.name for file in found.files]) == (False, ["n"])


def test_a_key_of_nothing_is_wrong_usage(store):
    with pytest.raises(Misconfigured, match="no such object"):
        opened("s3://models/lost")


def test_requests_are_signed_when_there_are_keys(store, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    opened("s3://models/n").client.close()
    sent = store.log[-1].headers
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "SECRET" not in str(sent)


def test_a_version_pins_and_a_checksum_is_a_claim(store):
    digest = hashlib.sha256(LARGE).digest()
    headers = {"x-amz-version-id": "v7", "x-amz-checksum-sha256": base64.b64encode(digest).decode()}
    store.routes["/models/n"] = ranged(LARGE, headers=headers)
    with opened("s3://models/n") as found:
        assert (found.files[0].pinned, found.files[0].claimed) == ("version v7", sha256(LARGE))
        assert found.files[0].url.endswith("?versionId=v7")


@pytest.mark.parametrize("text", ["AAAA", "!!", base64.b64encode(bytes(32)).decode() + "-3"])
def test_a_checksum_that_is_not_of_the_whole_object_is_none(store, text):
    store.routes["/models/n"] = ranged(LARGE, headers={"x-amz-checksum-sha256": text})
    with opened("s3://models/n") as found:
        assert found.files[0].claimed is None


@pytest.mark.parametrize(
    "body",
    [
        b"no xml",
        b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ListBucketResult>&b;</ListBucketResult>',
        b"<a>" * 100_000,
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE l [<!ENTITY b "x">]><l>&b;</l>'.encode("utf-16"),
        '<!DOCTYPE l [<!ENTITY b "x">]><l>&b;</l>'.encode("utf-16-le"),
        b'<?xml version="1.0" encoding="nonsense"?><l/>',
        b'<?xml version="1.0" encoding="shift_jis"?><l/>',
    ],
)
def test_a_list_of_objects_that_is_none_is_unavailable(store, body):
    store.routes["/models/"] = Said(200, {}, body)
    with pytest.raises(Unavailable, match="list of objects"):
        opened("s3://models/m/")


def test_a_list_of_objects_that_leads_back_to_itself_ends(store):
    store.routes["/models/"] = Said(
        200,
        {},
        b"<L><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>"
        b"<Contents><Key>m/a</Key><Size>1</Size></Contents></L>",
    )
    with pytest.raises(Unavailable, match="back to itself"):
        opened("s3://models/m/")


def empty_pages(ends_after, token=str):
    """Return pages without objects, each of which names another one, of S3 and of Google."""
    count = iter(range(1, ends_after))

    def of_s3(_):
        at = next(count, 0)
        more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token(at)}</NextContinuationToken>"
        last = "<Contents><Key>m/a</Key><Size>1</Size></Contents>"
        return Said(200, {}, f"<L>{more if at else last}</L>".encode())

    def of_google(_):
        at = next(count, 0)
        last = {"items": [{"name": "m/a", "generation": "1", "size": "1"}]}
        return Said(200, {}, json.dumps({"nextPageToken": token(at)} if at else last).encode())

    return {"/models/": of_s3, "/storage/v1/b/models/o": of_google}


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_a_list_of_pages_without_objects_ends(store, scheme, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", store.url)
    store.routes |= empty_pages(40)
    with opened(f"{scheme}://models/m/") as found:
        assert [file.name for file in found.files] == ["a"]
    store.routes |= empty_pages(1 << 40)
    store.log.clear()
    with pytest.raises(Exceeded, match="more than 1000 pages without one"):
        opened(f"{scheme}://models/m/")
    assert len(store.log) == 1001
    store.routes |= empty_pages(1 << 40, lambda at: "x" * 10_000 + str(at))
    with pytest.raises(Exceeded, match="a long token"):
        opened(f"{scheme}://models/m/")


def test_the_signature_is_that_of_the_published_example():
    # Amazon S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in a Single
    # Chunk", example: GET Bucket Lifecycle.
    found = signed_headers(
        "https://examplebucket.s3.amazonaws.com/?lifecycle",
        {},
        keys=AwsKeys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region="us-east-1",
        now=1369353600,
    )
    assert found["Authorization"].endswith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")


# OCI registries.


def artifact(layers, config=b'{"model": 1}'):
    """Return blobs and the manifest over them, by digest."""
    blobs = {str(sha256(data)): data for data in [*layers.values(), config]}
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/json", "digest": str(sha256(config)), "size": len(config)},
            "layers": [
                {
                    "mediaType": "application/octet-stream",
                    "digest": str(sha256(data)),
                    "size": len(data),
                    "annotations": {"org.opencontainers.image.title": name},
                }
                for name, data in layers.items()
            ],
        }
    ).encode()
    return blobs, manifest


@pytest.fixture
def registry():
    blobs, manifest = artifact({"model.bin": LARGE, "b.txt": b"b"})
    with serving() as running:
        running.routes |= {f"/v2/org/m/blobs/{digest}": ranged(data) for digest, data in blobs.items()}
        running.routes |= {f"/v2/org/m/manifests/{ref}": manifest for ref in ("v1", str(sha256(manifest)))}
        running.name = running.url.removeprefix("http://") + "/org/m"
        running.digest = str(sha256(manifest))
        yield running


def test_an_artifact_is_its_layers_and_a_tag_is_said_as_a_digest(registry):
    with opened(f"oci://{registry.name}:v1") as found:
        assert found.address == f"oci://{registry.name}@{registry.digest}"
        names = {file.name: file.claimed for file in found.files}
        assert names["model.bin"] == sha256(LARGE)
        assert len(names) == 3
        assert all(found.open(file).read_at(0, 5) for file in found.files)


def test_a_manifest_of_another_digest_does_not_verify(registry):
    other = "sha256:" + "0" * 64
    registry.routes[f"/v2/org/m/manifests/{other}"] = registry.routes["/v2/org/m/manifests/v1"]
    with pytest.raises(NotVerified, match="manifest of the digest"):
        opened(f"oci://{registry.name}@{other}")


def test_a_token_is_fetched_where_the_registry_says(registry, tmp_path):
    login = base64.b64encode(b"user:password").decode()
    host = registry.name.partition("/")[0]
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": login}}}))
    manifest, realm = registry.routes["/v2/org/m/manifests/v1"], f"{registry.url}/token"

    def guarded(asked):
        if asked.headers.get("authorization") == "Bearer t0k3n":
            return Said(200, {}, manifest)
        return Said(401, {"WWW-Authenticate": f'Bearer realm="{realm}",service="s",scope="x"'})

    registry.routes["/v2/org/m/manifests/v1"] = guarded
    registry.routes["/token"] = as_json({"token": "t0k3n"})
    opened(f"oci://{registry.name}:v1").client.close()
    asked = next(asked for asked in registry.log if asked.path.startswith("/token"))
    assert asked.headers["authorization"] == f"Basic {login}"
    assert "scope=repository%3Aorg%2Fm%3Apull" in asked.path


def test_a_login_is_not_taken_along_where_the_token_service_leads(registry, tmp_path):
    login = base64.b64encode(b"user:password").decode()
    host = registry.name.partition("/")[0]
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": login}}}))
    challenge = Said(401, {"WWW-Authenticate": f'Bearer realm="{registry.url}/token"'})
    registry.routes["/v2/org/m/manifests/v1"] = challenge
    with serving({"/token": b'{"token": "t"}'}) as elsewhere:
        registry.routes["/token"] = Said(302, {"Location": f"{elsewhere.url}/token"})
        with pytest.raises(Unavailable, match="lets us not in"):
            opened(f"oci://{registry.name}:v1")
    (asked,) = elsewhere.log
    assert "authorization" not in asked.headers


def test_no_token_is_fetched_over_plain_http_from_elsewhere(registry):
    challenge = Said(401, {"WWW-Authenticate": 'Bearer realm="http://evil.example/token"'})
    registry.routes["/v2/org/m/manifests/v1"] = challenge
    with pytest.raises(Unavailable, match="not https"):
        opened(f"oci://{registry.name}:v1")


@pytest.mark.parametrize(
    "manifest",
    [
        b"[]",
        b"{}",
        b'{"layers": 5}',
        b'{"layers": [{"digest": "md5:00", "size": 1}]}',
        b'{"layers": [{"digest": "sha256:../../x", "size": 1}]}',
        b'{"layers": [{"size": 1}]}',
        b'{"layers": [5]}',
    ],
)
def test_a_manifest_that_is_none_is_unavailable(registry, manifest):
    registry.routes["/v2/org/m/manifests/v1"] = manifest
    with pytest.raises(Unavailable):
        opened(f"oci://{registry.name}:v1")


def test_an_index_of_several_manifests_asks_for_one(registry):
    index = json.dumps({"manifests": [{"digest": "sha256:" + digit * 64} for digit in "12"]}).encode()
    registry.routes["/v2/org/m/manifests/v1"] = index
    with pytest.raises(Misconfigured, match="index of 2 manifests"):
        opened(f"oci://{registry.name}:v1")


# MLflow.


@pytest.fixture
def tracking(monkeypatch):
    folders = {
        "1/models/m-1/artifacts": [
            {"path": "MLmodel", "is_dir": False, "file_size": 2},
            {"path": "data", "is_dir": True},
        ],
        "1/models/m-1/artifacts/data": [{"path": "model.pkl", "is_dir": False, "file_size": len(LARGE)}],
    }

    def listed(asked):
        return as_json({"files": folders[parse_qs(urlsplit(asked.path).query)["path"][0]]})

    place = "/api/2.0/mlflow-artifacts/artifacts"
    with serving({place: listed}) as running:
        running.folders = folders
        running.routes["/api/2.0/mlflow/model-versions/get-download-uri"] = as_json(
            {"artifact_uri": "mlflow-artifacts:/1/models/m-1/artifacts"}
        )
        running.routes[f"{place}/1/models/m-1/artifacts/MLmodel"] = b"{}"
        running.routes[f"{place}/1/models/m-1/artifacts/data/model.pkl"] = LARGE
        monkeypatch.setenv("MLFLOW_TRACKING_URI", running.url)
        yield running


def test_a_version_is_the_files_that_the_server_keeps(tracking):
    with opened("mlflow:/models/m/3") as found:
        assert [(file.name, file.size) for file in found.files] == [("MLmodel", 2), ("data/model.pkl", len(LARGE))]
        assert found.open(found.files[1]).read_at(0, 1 << 20) == LARGE


@pytest.mark.parametrize("uri", ["/srv/models", "file:///srv/models", "dbfs:/x", "https://elsewhere/x", 5])
def test_files_that_the_server_does_not_give_out_are_unavailable(tracking, uri):
    tracking.routes["/api/2.0/mlflow/model-versions/get-download-uri"] = as_json({"artifact_uri": uri})
    with pytest.raises(Unavailable):
        opened("mlflow:/models/m/3")


def test_a_folder_without_end_is_not_followed(tracking):
    for depth in range(100):
        here = "1/models/m-1/artifacts" + "/d" * depth
        tracking.folders[here] = [{"path": "d", "is_dir": True}]
    with opened("mlflow:/models/m/3", Limits(max_tree_depth=5)) as found:
        assert not found.files
        assert found.odd


@pytest.mark.parametrize("version", ["production", "latest", "-1", "1.0"])
def test_a_version_is_a_number(tracking, version):
    with pytest.raises(Misconfigured, match="a version is a number"):
        opened(f"mlflow:/models/m/{version}")


def test_a_server_must_be_named(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(Misconfigured, match="need a server"):
        opened("mlflow:/models/m/1")


def test_nothing_here_asks_for_a_machines_own_credentials(monkeypatch):
    asked = []
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *_, **__: asked.append(host) or (_ for _ in ()).throw(OSError)
    )
    with pytest.raises(Unavailable):
        opened("s3://models/x")
    assert asked == [Origin.of("https://models.s3.us-east-1.amazonaws.com").host]
