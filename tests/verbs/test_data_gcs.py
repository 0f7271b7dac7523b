"""Data sets in Google Cloud Storage: manifests, and reading what they name. The store is a fake of its JSON API."""

import base64
import hashlib
import json
from urllib.parse import parse_qs

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from fake_gcs import TOKEN, fake_gcs
from hauberk.dataset.manifest import Lock
from hauberk.edge import extras
from hauberk.edge.remote import google_login
from hauberk.edge.remote.client import PATIENCE, Client
from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_pool import By
from hauberk.verbs.data_remote import digest_at
from hauberk.verbs.scan import scan

PLAIN = Wanted("t", None)


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with fake_gcs() as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.server.url)
        yield running


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "set/deep er").mkdir(parents=True)
    pq.write_table(pa.table({"n": range(100)}), tmp_path / "set/deep er/t+é.parquet")
    pq.write_table(pa.table({"n": range(5)}), tmp_path / "set/u.parquet")
    return tmp_path / "set"


def filled(store, folder):
    return {
        name: store.add(f"w47/{name}", (folder / name).read_bytes()) for name in ("deep er/t+é.parquet", "u.parquet")
    }


@pytest.mark.parametrize("place", ["gs://sets/w47/", "gs://sets/w47/u.parquet"])
def test_many_processes_make_the_manifest_of_one(store, folder, tmp_path, place):
    filled(store, folder)
    store.said["retention"] = {"mode": "Locked", "retainUntilTime": "2033-01-01T00:00:00.000Z"}
    one, many = (make_manifest((place,), tmp_path / f"{by}", PLAIN, by=by) for by in (None, By(2)))
    assert (many.files, many.rows) == (one.files, one.rows)
    assert one.files[-1].version
    assert one.files[-1].lock == Lock("Locked", "2033-01-01T00:00:00Z")


def test_the_manifest_of_a_prefix_is_that_of_the_directory(store, folder, tmp_path):
    generations = filled(store, folder)
    store.said["retention"] = {"mode": "Locked", "retainUntilTime": "2033-01-01T00:00:00.000Z"}
    there = make_manifest(("gs://sets/w47/",), tmp_path / "m", PLAIN)
    here = make_manifest((folder,), tmp_path / "n", PLAIN)
    assert (there.digest, there.rows) == (here.digest, here.rows)
    assert [(file.address, file.version) for file in there.files] == [
        (f"gs://sets/w47/{quoted}?generation={generations[name]}", generations[name])
        for name, quoted in (("deep er/t+é.parquet", "deep%20er/t%2B%C3%A9.parquet"), ("u.parquet", "u.parquet"))
    ]
    assert {file.lock for file in there.files} == {Lock("Locked", "2033-01-01T00:00:00Z")}


@pytest.mark.parametrize(
    ("lie", "error", "said"),
    [
        ("rot", NotVerified, "the store says that its digest is md5:"),
        ("other generation", NotVerified, "is the version"),
        ("packed", Unavailable, "is kept packed"),
    ],
)
def test_a_store_that_lies_is_refused(store, tmp_path, lie, error, said):
    older = store.add("w/a", b"before")
    store.add("w/a", b"after!")
    store.lies.add(lie)
    with pytest.raises(error, match=said):
        make_manifest((f"gs://sets/w/a?generation={older}",), tmp_path / "m", PLAIN)
    assert not (tmp_path / "m").exists()


# RFC 3720, appendix B.4: bytes and their CRC32C.
VECTORS = (
    (bytes(32), "8a9136aa"),
    (b"\xff" * 32, "62a8ab43"),
    (bytes(range(32)), "46dd794e"),
    (bytes(reversed(range(32))), "113fdb5c"),
    (b"123456789", "e3069283"),
)


@pytest.mark.parametrize(("bytes_", "crc32c"), VECTORS)
def test_the_checksum_of_a_composed_object_is_that_of_the_rfc(store, bytes_, crc32c):
    store.composed.add("w/a")
    store.add("w/a", bytes_)
    assert digest_at("gs://sets/w/a") == hashlib.sha256(bytes_).hexdigest()
    store.lies.add("rot")
    with pytest.raises(NotVerified, match=f"its digest is crc32c:{crc32c}, and its bytes have crc32c:"):
        digest_at("gs://sets/w/a")


@pytest.mark.parametrize("lie", ["crc32c of the list", "crc32c of the header"])
@pytest.mark.parametrize("is_composed", [True, False])
@pytest.mark.parametrize("place", ["gs://sets/w/", "gs://sets/w/a"])
def test_a_wrong_checksum_is_refused_wherever_it_is_said(store, tmp_path, lie, is_composed, place):
    store.add("w/a", b"the bytes")
    store.composed |= {"w/a"} if is_composed else set()
    store.lies.add(lie)
    with pytest.raises(NotVerified, match="says that its digest is crc32c:"):
        make_manifest((place,), tmp_path / "m", PLAIN)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("lie", ["no hash in the list", "no hash in the header"])
def test_one_of_the_two_places_is_enough(store, tmp_path, lie):
    store.composed.add("w/a")
    store.add("w/a", b"the bytes")
    store.lies |= {lie, "rot"}
    with pytest.raises(NotVerified, match="says that its digest is crc32c:"):
        make_manifest(("gs://sets/w/a",), tmp_path / "m", PLAIN)


def test_an_object_whose_bytes_come_in_two_answers_is_compared_as_a_whole(store, tmp_path):
    store.composed.add("w/a")
    store.add("w/a", b"the bytes" * 20_000)
    store.lies.add("breaks")
    make_manifest(("gs://sets/w/a",), tmp_path / "m", PLAIN)
    assert [asked.headers["range"] for asked in store.server.log if "range" in asked.headers] == ["bytes=90000-"]
    store.lies.add("rot")
    with pytest.raises(NotVerified, match="says that its digest is crc32c:"):
        make_manifest(("gs://sets/w/a",), tmp_path / "n", PLAIN)


def test_without_what_computes_the_checksum_nothing_is_read(store, tmp_path, monkeypatch):
    store.add("w/a", b"the bytes")
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="needs google_crc32c") as refused:
        make_manifest(("gs://sets/w/a",), tmp_path / "m", PLAIN)
    assert refused.value.hint == "pip install 'hauberk[data]'"


@pytest.mark.parametrize("said", [{"generation": "x"}, {"generation": 5}, {"generation": None}])
def test_a_list_that_names_no_generation_is_refused(store, tmp_path, said):
    store.add("w/a", b"1")
    store.said |= said
    with pytest.raises(Unavailable):
        make_manifest(("gs://sets/w/",), tmp_path / "m", PLAIN)


@pytest.mark.parametrize("place", ["gs://sets/lost", "gs://sets/lost/", "gs://sets/w/a?generation=7"])
def test_what_is_not_there_is_wrong_usage(store, tmp_path, place):
    store.add("w/a", b"1")
    with pytest.raises(Misconfigured, match="no such object"):
        make_manifest((place,), tmp_path / "m", PLAIN)


@pytest.mark.parametrize("place", ["gs://", "gs://sets/a?versionId=1", "gs://sets/a?generation=x", "gs://u@sets/a"])
def test_what_is_no_address_is_wrong_usage(store, tmp_path, place):
    with pytest.raises(Misconfigured):
        make_manifest((place,), tmp_path / "m", PLAIN)


@pytest.mark.parametrize("token", ["", "another"])
def test_who_may_not_is_not_let_in(store, tmp_path, monkeypatch, token):
    store.add("w/a", b"1")
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", token)
    with pytest.raises(Unavailable, match="lets us not in"):
        make_manifest(("gs://sets/w/",), tmp_path / "m", PLAIN)


def test_a_scan_reads_it_too(store):
    store.add("w/a.txt", b"text\n")
    store.add("w/b.txt", b"text\n")
    seen = scan("gs://sets/w/")
    assert ([report.path for report in seen.reports], seen.complete) == (
        ["gs://sets/w/a.txt", "gs://sets/w/b.txt"],
        True,
    )


# The token of a service account.


@pytest.fixture
def account(store, tmp_path, monkeypatch):
    """A service account's key in a file, and what its server is sent."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    sent = {}
    monkeypatch.setattr(Client, "send", lambda _, url, *, body, **kept: Sent(sent, url, b"".join(body())))
    text = {"type": "service_account", "client_email": "a@b", "private_key": pem, "token_uri": "https://oauth.test/t"}
    (tmp_path / "key.json").write_text(json.dumps(text))
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    return key, sent


class Sent:
    def __init__(self, sent, url, body):
        sent |= {"url": url, "body": body}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def read(self, _limit):
        return json.dumps({"access_token": TOKEN, "expires_in": 3599}).encode()


def test_a_service_account_signs_for_a_token_that_may_only_read(account):
    key, sent = account
    assert google_login.token(PATIENCE)("", {}) == {"Authorization": f"Bearer {TOKEN}"}
    assertion = parse_qs(sent["body"].decode())["assertion"][0]
    head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in assertion.split("."))
    key.public_key().verify(signature, assertion.rpartition(".")[0].encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(head) == {"alg": "RS256", "typ": "JWT"}
    said = json.loads(claims)
    assert (said["aud"], said["exp"] - said["iat"]) == ("https://oauth.test/t", 3600)
    assert said["scope"].endswith("devstorage.read_only")


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"type": "authorized_user"}'])
def test_a_file_that_is_no_key_is_wrong_usage(account, tmp_path, text):
    (tmp_path / "key.json").write_text(text)
    with pytest.raises(Misconfigured, match="no key of a service account"):
        google_login.token(PATIENCE)
