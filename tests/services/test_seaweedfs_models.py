"""Models in a real store, SeaweedFS: published under object lock, kept against everybody, found out where it lies."""

import json
import urllib.error
from datetime import UTC, datetime, timedelta

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.digest import sha256
from hauberk.edge.remote import bucket_write
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified
from hauberk.verbs.depots import open_depot
from hauberk.verbs.pull import pull
from s3_login import log_in
from services.conftest import ACCESS, SECRET
from services.test_seaweedfs import ask, put

FILES = {"config.json": b"{}", "deep/weights é+1.bin": bytes(range(256)) * 9000, "deep/empty": b""}
DAY = 86_400
numbers = iter(range(1000))


@pytest.fixture(scope="session")
def locked(seaweedfs):
    put(f"{seaweedfs.url}/kept", **{"x-amz-bucket-object-lock-enabled": "true"})
    put(f"{seaweedfs.url}/loose")
    return seaweedfs


@pytest.fixture
def store(locked, monkeypatch):
    log_in(monkeypatch, locked.url, ACCESS, SECRET)
    return locked


@pytest.fixture
def model(tmp_path):
    for path, data in FILES.items():
        place = tmp_path / "model" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return tmp_path / "model"


@pytest.fixture
def place():
    return f"s3://kept/p{next(numbers)}/"


def published(model, place, *more):
    assert dispatch(["publish", str(model), place, "--retain", "1d", "--encrypt", "AES256", *more]) == 0
    return digest_path(model)


def url_of(store, place, data):
    return f"{store.url}/{place.removeprefix('s3://')}blobs/sha256/{sha256(data).hex}"


def test_a_model_is_published_proven_and_pulled(store, model, place, tmp_path, capsys):
    digest = published(model, place, "--format", "json")
    claims = json.loads(capsys.readouterr().out)["claims"]
    assert len(claims) == 7
    assert all(claim["holds"] for claim in claims)
    assert dispatch(["pull", str(digest), place, "-o", str(tmp_path / "back")]) == 0
    assert {path: (tmp_path / "back" / path).read_bytes() for path in FILES} == FILES


def test_publishing_again_sends_nothing(store, model, place, capsys):
    published(model, place)
    capsys.readouterr()
    published(model, place)
    assert "0 sent, 3 there already" in capsys.readouterr().out


def test_a_long_file_in_parts_comes_back(store, tmp_path, place, monkeypatch):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 5 << 20)
    (tmp_path / "long").mkdir()
    (tmp_path / "long" / "w").write_bytes(bytes(range(256)) * 48_000)
    digest = published(tmp_path / "long", place)
    pull(digest, open_depot(place), tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest


WAYS = {
    "delete the version": ("DELETE", "", {}, b""),
    "delete it with bypass": ("DELETE", "", {"x-amz-bypass-governance-retention": "true"}, b""),
    "shorten": ("PUT", "retention", {}, ("COMPLIANCE", 3600)),
    "shorten with bypass": ("PUT", "retention", {"x-amz-bypass-governance-retention": "true"}, ("COMPLIANCE", 3600)),
    "weaken": ("PUT", "retention", {}, ("GOVERNANCE", 2 * DAY)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_store_refuses_to(store, model, place, tmp_path, way):
    digest = published(model, place)
    method, sub, headers, body = WAYS[way]
    if isinstance(body, tuple):
        until = (datetime.now(UTC) + timedelta(seconds=body[1])).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = f"<Retention><Mode>{body[0]}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>".encode()
    for data in FILES.values():
        url = url_of(store, place, data)
        version = ask("HEAD", url).headers["x-amz-version-id"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(method, f"{url}?{'retention=&' if sub else ''}versionId={version}", body, **headers)
        assert refused.value.code in (400, 403)
    pull(digest, open_depot(place), tmp_path / "back")


def test_the_store_refuses_to_write_over_an_object_that_is_there(store, model, place):
    published(model, place)
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask("PUT", url_of(store, place, b"{}"), b"evil", **{"if-none-match": "*"})
    assert refused.value.code == 412


def test_what_is_written_over_all_the_same_is_pulled_from_the_locked_version(store, model, place, tmp_path):
    digest = published(model, place)
    ask("PUT", url_of(store, place, b"{}"), b"evil")  # a new version over the locked one
    assert ask("GET", url_of(store, place, b"{}")).body == b"evil"
    pull(digest, open_depot(place), tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest


def test_what_was_never_published_under_a_name_is_found_when_it_is_pulled(store, model, place, tmp_path):
    """A store, or a thief of its keys, gives other bytes under the name of a digest, and says so or not."""
    digest = published(model, "s3://kept/honest/")
    for data in FILES.values():
        ask("PUT", url_of(store, place, data), data if data != b"{}" else b"evil")
    listing = ask("GET", f"{store.url}/kept/honest/trees/dirHash-{digest.hex}").body
    ask("PUT", f"{store.url}/{place.removeprefix('s3://')}trees/dirHash-{digest.hex}", listing)
    with pytest.raises(NotVerified):
        pull(digest, open_depot(place), tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_what_is_marked_as_deleted_is_pulled_from_the_locked_version(store, model, place, tmp_path):
    digest = published(model, place)
    url = url_of(store, place, b"{}")
    version = ask("HEAD", url).headers["x-amz-version-id"]
    marker = ask("DELETE", url).headers["x-amz-version-id"]
    assert marker != version
    with pytest.raises(urllib.error.HTTPError):
        ask("GET", url)
    pull(digest, open_depot(place), tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest


def test_nothing_is_sent_to_a_bucket_without_locks(store, model, capsys):
    words = ["publish", str(model), "s3://loose/x/", "--retain", "1d", "--encrypt", "AES256"]
    assert dispatch(words) == 1
    assert "nothing was sent" in capsys.readouterr().out


def test_bad_credentials_publish_nothing(store, model, place, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    assert dispatch(["publish", str(model), place, "--retain", "1d"]) == 3


def test_a_file_that_was_cut_is_gone_on_with(store, model, place, tmp_path):
    digest = published(model, place)
    name = next(name for name in FILES if len(FILES[name]) > 1_000_000)
    part = tmp_path / f"back.{digest.hex[:16]}.part" / "tree" / name
    part.parent.mkdir(parents=True)
    (tmp_path / f"back.{digest.hex[:16]}.part").chmod(0o700)
    part.write_bytes(FILES[name][:1_000_003])
    done = pull(digest, open_depot(place), tmp_path / "back")
    assert done.size == sum(map(len, FILES.values())) - 1_000_003
    assert digest_path(tmp_path / "back") == digest
