"""Models in a real OCI registry, docker-registry: pushed as ModelPack, with referrers by tag, and pulled by digest."""

import json
import urllib.request

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.digest import Digest, sha256, tree_listing
from hauberk.edge.remote.source import open_address
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.verbs.depots import open_depot
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.publish import Beside, publish
from hauberk.verbs.pull import pull, pull_notes
from services.test_docker_registry import push, send

FILES = {
    "model.npy": b"\x93NUMPY" + bytes(range(256)) * 9000,
    "config.json": b"{}",
    "deep/README.md": b"a model",
    "deep/empty": b"",
    "same.json": b"{}",
}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
numbers = iter(range(1000))


@pytest.fixture
def model(tmp_path):
    for path, data in FILES.items():
        place = tmp_path / "model" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return tmp_path / "model"


@pytest.fixture
def name():
    return f"org/model{next(numbers)}"


@pytest.fixture
def place(docker_registry, name):
    return f"oci://{docker_registry.url.removeprefix('http://')}/{name}"


def asked(registry, path, accept=MANIFEST):
    request = urllib.request.Request(f"{registry.url}/v2/{path}", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer), answer.headers


def test_a_model_is_published_and_pulled(docker_registry, model, place, tmp_path, capsys):
    assert dispatch(["publish", str(model), place]) == 0
    assert "4 sent, 0 there already" in capsys.readouterr().out
    digest = digest_path(model)
    assert dispatch(["pull", str(digest), place, "-o", str(tmp_path / "back")]) == 0
    assert {path: (tmp_path / "back" / path).read_bytes() for path in FILES} == FILES
    assert dispatch(["publish", str(model), place]) == 0
    assert "0 sent, 4 there already" in capsys.readouterr().out


def test_it_is_a_model_pack(docker_registry, model, place, name):
    digest = publish(model, open_depot(place)).digest
    manifest, _ = asked(docker_registry, f"{name}/manifests/dirHash-{digest.hex}")
    assert manifest["artifactType"] == "application/vnd.cncf.model.manifest.v1+json"
    assert manifest["config"]["mediaType"] == "application/vnd.cncf.model.config.v1+json"
    config, _ = asked(docker_registry, f"{name}/blobs/{manifest['config']['digest']}")
    assert config["modelfs"] == {"type": "layers", "diffIds": [layer["digest"] for layer in manifest["layers"]]}
    kinds = {layer["annotations"]["org.cncf.model.filepath"]: layer["mediaType"] for layer in manifest["layers"]}
    assert kinds == {
        "model.npy": "application/vnd.cncf.model.weight.v1.raw",
        "config.json": "application/vnd.cncf.model.weight.config.v1.raw",
        "same.json": "application/vnd.cncf.model.weight.config.v1.raw",
        "deep/README.md": "application/vnd.cncf.model.doc.v1.raw",
        "deep/empty": "application/vnd.cncf.model.weight.v1.raw",
    }


def test_the_readers_of_addresses_take_it_in(docker_registry, model, place, name, tmp_path):
    (model / "model.npy").unlink()
    digest = publish(model, open_depot(place)).digest
    _, headers = asked(docker_registry, f"{name}/manifests/dirHash-{digest.hex}")
    with open_address(f"{place}@{headers['Docker-Content-Digest']}") as listing:
        assert {file.name for file in listing.files} >= {"config.json", "deep/README.md"}


def test_a_signature_refers_to_the_model_by_tag(docker_registry, model, place, name, tmp_path, monkeypatch):
    monkeypatch.setattr("hauberk.signature.oms.is_bundle", lambda _: True)
    for number in range(2):
        (tmp_path / f"{number}.sig").write_bytes(b"signature %d" % number)
        done = publish(model, open_depot(place), beside=Beside((tmp_path / f"{number}.sig",)))
        assert done.notes == 1
    assert publish(model, open_depot(place), beside=Beside((tmp_path / "0.sig",))).notes == 0
    _, headers = asked(docker_registry, f"{name}/manifests/dirHash-{done.digest.hex}")
    subject = headers["Docker-Content-Digest"]
    index, _ = asked(
        docker_registry, f"{name}/manifests/{subject.replace(':', '-')}", "application/vnd.oci.image.index.v1+json"
    )
    assert {entry["artifactType"] for entry in index["manifests"]} == {"application/vnd.dev.sigstore.bundle.v0.3+json"}
    for entry in index["manifests"]:
        assert asked(docker_registry, f"{name}/manifests/{entry['digest']}")[0]["subject"]["digest"] == subject
    found = pull_notes(done.digest, open_depot(place), tmp_path / "notes")
    assert {path.read_bytes() for _, path in found} == {b"signature 0", b"signature 1"}


def test_a_single_file_is_published_and_pulled(place, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"weights")
    digest = publish(tmp_path / "m.onnx", open_depot(place)).digest
    pull(digest, open_depot(place), tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"weights"


def test_a_manifest_of_another_model_under_the_tag_is_refused(docker_registry, model, place, name, tmp_path):
    digest = digest_path(model)
    push(docker_registry.url, name, {"evil.bin": b"evil"}, tag=f"dirHash-{digest.hex}")
    with pytest.raises(NotVerified, match="gives for"):
        pull(digest, open_depot(place), tmp_path / "back")
    with pytest.raises(Refused, match="has another manifest"):
        publish(model, open_depot(place))


def test_a_tag_that_was_moved_is_found_when_it_is_pulled(docker_registry, model, place, name, tmp_path):
    digest = publish(model, open_depot(place)).digest
    push(docker_registry.url, name, FILES | {"config.json": b"[]"}, tag=f"dirHash-{digest.hex}")
    with pytest.raises(NotVerified, match="gives for"):
        pull(digest, open_depot(place), tmp_path / "back")


@pytest.mark.parametrize("title", ["../x", "/x", "a/../../x", "a\\b"])
def test_layers_that_climb_are_refused(docker_registry, place, name, tmp_path, title):
    digest = Digest("dirHash", sha256(tree_listing([(title, sha256(b"x").hex)])).hex)
    push(docker_registry.url, name, {title: b"x"}, tag=f"dirHash-{digest.hex}")
    with pytest.raises(NotVerified, match=r"climbs|backslash"):
        pull(digest, open_depot(place), tmp_path / "in")
    assert not (tmp_path / "x").exists()


def test_a_model_that_is_not_there_is_unavailable(model, place, tmp_path):
    publish(model, open_depot(place))
    with pytest.raises(Unavailable, match="no such thing"):
        pull(Digest("dirHash", "0" * 64), open_depot(place), tmp_path / "back")


def test_a_registry_refuses_what_is_not_of_its_digest(docker_registry, place, name):
    begun = send("POST", f"{docker_registry.url}/v2/{name}/blobs/uploads/", b"")["Location"]
    with pytest.raises(urllib.error.HTTPError):
        send("PUT", f"{begun}&digest={sha256(b'x')}", b"y")


def test_intake_takes_it_by_the_digest_of_the_model(docker_registry, model, place, name, tmp_path):
    """Another reader of ours fetches it whole, and the configuration is a file more: it says so."""
    digest = publish(model, open_depot(place)).digest
    with pytest.raises(NotVerified, match="is expected"):
        intake(f"{place}:dirHash-{digest.hex}", output=tmp_path / "q", wanted=Wanted(expect=digest))


def test_a_file_that_was_cut_is_gone_on_with(model, place, tmp_path):
    digest = publish(model, open_depot(place)).digest
    name = next(name for name in FILES if len(FILES[name]) > 1_000_000)
    part = tmp_path / f"back.{digest.hex[:16]}.part" / "tree" / name
    part.parent.mkdir(parents=True)
    (tmp_path / f"back.{digest.hex[:16]}.part").chmod(0o700)
    part.write_bytes(FILES[name][:1_000_003])
    done = pull(digest, open_depot(place), tmp_path / "back")
    assert done.size == sum(map(len, FILES.values())) - 1_000_003
    assert digest_path(tmp_path / "back") == digest
