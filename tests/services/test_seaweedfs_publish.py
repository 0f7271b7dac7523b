"""Data sets in a real store, SeaweedFS: what is published can be neither deleted nor written over nor unlocked."""

import base64
import hashlib
import urllib.error
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk import data
from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import decode
from hauberk.edge import clock
from hauberk.edge.remote import bucket_write
from hauberk.errors import Misconfigured, NotVerified, Refused, Unavailable
from hauberk.verbs import data_pool
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_pool import By
from hauberk.verbs.data_publish import Asked, check_store, publish
from s3_login import log_in
from services.conftest import ACCESS, SECRET
from services.test_seaweedfs import ask, put

PLAIN = Wanted("t", None)
DAY = 86_400
SSE = "AES256"
numbers = iter(range(1000))


@pytest.fixture(scope="session")
def locked(seaweedfs):
    """A bucket with versions and object lock, and one without."""
    put(f"{seaweedfs.url}/sets", **{"x-amz-bucket-object-lock-enabled": "true"})
    put(f"{seaweedfs.url}/plain")
    return seaweedfs


@pytest.fixture
def store(locked, monkeypatch):
    log_in(monkeypatch, locked.url, ACCESS, SECRET)
    return locked


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "set"
    (there / "deep").mkdir(parents=True)
    pq.write_table(pa.table({"n": range(1000)}), there / "deep/t é+1.parquet")
    pq.write_table(pa.table({"n": range(5)}), there / "u.parquet")
    return there


@pytest.fixture
def prefix():
    return f"s3://sets/w{next(numbers)}/"


def published(folder, prefix, tmp_path, **changed):
    path = tmp_path / "w.manifest"
    make_manifest((folder,), path, PLAIN)
    done = publish(folder, prefix, Asked(clock.now() + DAY, path, SSE, **changed))
    assert (done.disproven, done.unproven(())) == ((), ())
    return decode(path.read_bytes()), path


def url_of(store, file):
    return f"{store.url}/{file.address.removeprefix('s3://')}"


def test_a_data_set_is_published_and_everything_is_proven(store, folder, prefix, tmp_path, capsys):
    make_manifest((folder,), tmp_path / "m", PLAIN)
    way = ["data", "publish", str(folder), prefix, "--retain", "1d", "--manifest", str(tmp_path / "m")]
    assert dispatch(way) == 3  # this store does not say that it encrypts unasked
    assert "nothing was sent" in capsys.readouterr().out
    assert dispatch([*way, "--encrypt", SSE]) == 0
    assert capsys.readouterr().out.count(" proven: ") == 7
    assert dispatch(["data", "check-store", str(tmp_path / "m")]) == 0


def test_the_manifest_of_the_store_is_that_of_the_directory(store, folder, prefix, tmp_path):
    record, _ = published(folder, prefix, tmp_path)
    there = make_manifest((prefix,), tmp_path / "there", PLAIN)
    assert (there.digest, there.rows) == (record.digest, record.rows)
    assert there.files == record.files  # also address, version and lock
    assert all(file.lock.mode == "COMPLIANCE" and file.lock.until == record.retain_until for file in there.files)


WAYS = {
    "delete the version": ("DELETE", "", {}, b""),
    "delete it with bypass": ("DELETE", "", {"x-amz-bypass-governance-retention": "true"}, b""),
    "shorten": ("PUT", "retention", {}, ("COMPLIANCE", 3600)),
    "shorten with bypass": ("PUT", "retention", {"x-amz-bypass-governance-retention": "true"}, ("COMPLIANCE", 3600)),
    "weaken": ("PUT", "retention", {}, ("GOVERNANCE", 2 * DAY)),
    "weaken with bypass": ("PUT", "retention", {"x-amz-bypass-governance-retention": "true"}, ("GOVERNANCE", 2 * DAY)),
    "unlock with bypass": ("PUT", "retention", {"x-amz-bypass-governance-retention": "true"}, None),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_store_refuses(store, folder, prefix, tmp_path, way):
    record, path = published(folder, prefix, tmp_path)
    method, sub, headers, body = WAYS[way]
    if isinstance(body, tuple):
        until = (datetime.now(UTC) + timedelta(seconds=body[1])).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = f"<Retention><Mode>{body[0]}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>".encode()
    elif body is None:
        body = b"<Retention/>"
    for file in record.files:
        url = url_of(store, file)
        url = url.replace("?", "?retention=&") if sub else url
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(method, url, body, **headers)
        assert refused.value.code in (400, 403)
    assert not check_store(path).disproven


def test_all_versions_at_once_are_not_deleted_either(store, folder, prefix, tmp_path):
    record, path = published(folder, prefix, tmp_path)
    rows = "".join(
        f"<Object><Key>{prefix.removeprefix('s3://sets/')}{file.path}</Key><VersionId>{file.version}</VersionId></Object>"
        for file in record.files
    )
    body = f"<Delete>{rows}</Delete>".encode()
    checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
    answer = ask("POST", f"{store.url}/sets?delete=", body, **{"x-amz-checksum-sha256": checksum}).body
    assert answer.count(b"<Error>") == len(record.files)
    assert not check_store(path).disproven


def test_a_conditional_put_over_it_is_refused_and_a_plain_one_changes_no_version(store, folder, prefix, tmp_path):
    record, path = published(folder, prefix, tmp_path)
    (file,) = [file for file in record.files if file.path == "u.parquet"]
    url = url_of(store, file).partition("?")[0]
    with pytest.raises(urllib.error.HTTPError) as refused:
        put(url, b"poisoned", **{"if-none-match": "*"})
    assert refused.value.code == 412
    (folder / "u.parquet").write_bytes(b"poisoned")
    with pytest.raises(Refused, match="other bytes"):
        publish(folder, prefix, Asked(clock.now() + DAY, None, SSE))
    put(url, b"poisoned")  # S3 takes it as a newer version; whoever reads by the manifest never sees it
    assert [claim.name for claim in check_store(path).disproven] == ["newest"]
    assert data.read_verified(url.replace(f"{store.url}/", "s3://"), manifest=path).num_rows == 5


def test_a_deletion_without_a_version_hides_but_does_not_delete(store, folder, prefix, tmp_path):
    record, path = published(folder, prefix, tmp_path)
    (file,) = [file for file in record.files if file.path == "u.parquet"]
    ask("DELETE", url_of(store, file).partition("?")[0])
    assert [claim.name for claim in check_store(path).disproven] == ["newest"]
    assert data.read_verified(file.address, manifest=path).num_rows == 5


def test_a_program_reads_what_was_approved(store, folder, prefix, tmp_path):
    _, path = published(folder, prefix, tmp_path)
    with data.open_verified(f"{prefix}deep/t é+1.parquet".replace(" ", "%20"), manifest=path) as file:
        assert pq.read_table(file).num_rows == 1000
    assert data.read_verified(f"{prefix}u.parquet", manifest=path).num_rows == 5


def test_another_version_than_the_approved_one_is_refused(store, folder, prefix, tmp_path):
    record, path = published(folder, prefix, tmp_path)
    (file,) = [file for file in record.files if file.path == "u.parquet"]
    version = put(url_of(store, file).partition("?")[0], b"newer")["x-amz-version-id"]
    with pytest.raises(NotVerified, match="another version"):
        data.open_verified(f"{prefix}u.parquet?versionId={version}", manifest=path)


def test_what_was_sent_already_is_left_and_locked_longer(store, folder, prefix, tmp_path):
    record, _ = published(folder, prefix, tmp_path)
    done = publish(folder, prefix, Asked(clock.now() + 2 * DAY, None, SSE))
    assert (done.sent, done.found, done.disproven) == (0, 2, ())
    there = make_manifest((prefix,), tmp_path / "there", PLAIN)
    assert [file.version for file in there.files] == [file.version for file in record.files]
    assert {file.lock.until for file in there.files} == {done.until}


def test_many_processes_make_the_manifest_of_one(store, folder, prefix, tmp_path, monkeypatch):
    """Versions and locks too; each process is let in by the environment that it is given."""
    published(folder, prefix, tmp_path)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    one = make_manifest((prefix, folder), tmp_path / "one", PLAIN)
    assert make_manifest((prefix, folder), tmp_path / "many", PLAIN, by=By(2)) == one
    assert (tmp_path / "many").read_bytes() == (tmp_path / "one").read_bytes()
    assert (tmp_path / "many.rows").read_bytes() == (tmp_path / "one.rows").read_bytes()
    assert [file.lock.mode for file in one.files if file.address] == ["COMPLIANCE"] * 2


def test_keys_that_are_taken_away_are_said_by_each_process(store, folder, prefix, tmp_path, monkeypatch):
    published(folder, prefix, tmp_path)
    real = data_pool.remote_environment
    monkeypatch.setattr(data_pool, "remote_environment", lambda: real() | {"AWS_SECRET_ACCESS_KEY": "wrong"})
    with pytest.raises(Unavailable, match="lets us not in"):
        make_manifest((prefix,), tmp_path / "m", PLAIN, by=By(2))
    assert not (tmp_path / "m").exists()


def test_a_long_file_goes_in_parts(store, folder, prefix, tmp_path, monkeypatch):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 5 << 20)
    (folder / "long.bin").write_bytes(bytes(range(256)) * (45 << 10))
    record, path = published(folder, prefix, tmp_path)
    assert not check_store(path).disproven
    assert make_manifest((prefix,), tmp_path / "there", PLAIN).files == record.files
    assert publish(folder, prefix, Asked(None, path, SSE)).found == 3


def test_a_checksum_that_is_not_that_of_the_bytes_is_refused_by_the_store(store, prefix):
    checksum = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        put(f"{store.url}/sets/{prefix.removeprefix('s3://sets/')}a", b"a", **{"x-amz-checksum-sha256": checksum})
    assert refused.value.code == 400


def test_a_bucket_without_lock_takes_nothing(store, folder):
    done = publish(folder, "s3://plain/w/", Asked(clock.now() + DAY, None, SSE))
    assert {claim.name for claim in done.disproven} == {"versioning", "object-lock"}
    with pytest.raises(Misconfigured, match="no such object"):
        make_manifest(("s3://plain/w/",), folder.parent / "m", PLAIN)


def test_a_bucket_that_everybody_reads_takes_nothing(store, folder):
    put(f"{store.url}/open", **{"x-amz-bucket-object-lock-enabled": "true"})
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject",'
    policy += '"s3:ListBucket"],"Resource":["arn:aws:s3:::open","arn:aws:s3:::open/*"]}]}'
    put(f"{store.url}/open?policy=", policy.encode())
    done = publish(folder, "s3://open/w/", Asked(clock.now() + DAY, None, SSE))
    assert [claim.name for claim in done.disproven] == ["private"]


@pytest.mark.parametrize("change", ["another secret", "another key", "another bucket"])
def test_who_may_not_publishes_nothing(store, folder, prefix, monkeypatch, change):
    if change == "another bucket":
        done = publish(folder, "s3://nowhere/w/", Asked(clock.now() + DAY, None, SSE))
        assert "versioning" in {claim.name for claim in done.disproven}
        return
    monkeypatch.setenv(*(("AWS_SECRET_ACCESS_KEY", "x") if "secret" in change else ("AWS_ACCESS_KEY_ID", "AKIDNO")))
    with pytest.raises(Unavailable, match="lets us not in"):
        publish(folder, prefix, Asked(clock.now() + DAY, None, SSE))


def test_keys_that_are_taken_away_midway_are_said(store, folder, prefix, tmp_path, monkeypatch):
    published(folder, prefix, tmp_path)
    with pytest.raises(Unavailable, match="lets us not in"):
        make_manifest(
            (folder, prefix), tmp_path / "m", PLAIN, seen=lambda *_: monkeypatch.setattr(clock, "now", lambda: 10**9)
        )
    assert not (tmp_path / "m").exists()


def rewritten(path, old, new):
    data = path.read_bytes()
    assert data.count(old) >= 1
    path.write_bytes(data.replace(old, new, 1))


@pytest.mark.parametrize("size", [100, 3000])
def test_what_changed_since_it_was_hashed_is_not_locked_for_years(store, folder, prefix, tmp_path, monkeypatch, size):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 1024)
    (folder / "u.parquet").unlink()
    (folder / "deep/t é+1.parquet").unlink()
    (folder / "raw.bin").write_bytes(b"a" * size)
    make_manifest((folder,), tmp_path / "m", PLAIN)

    def swap(_):
        rewritten(folder / "raw.bin", b"a", b"b")

    with pytest.raises(Unavailable, match="changed since it was hashed"):
        publish(folder, prefix, Asked(clock.now() + DAY, tmp_path / "m", SSE), seen=swap)
    with bucket_write.Bucket("sets") as bucket:
        assert bucket.head(f"{prefix.removeprefix('s3://sets/')}raw.bin") is None


def test_parts_of_what_changes_while_it_is_sent_become_no_object(store, folder, prefix, tmp_path, monkeypatch):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 5 << 20)
    big = folder / "big.bin"
    big.write_bytes(b"a" * (11 << 20))
    make_manifest((folder,), tmp_path / "m", PLAIN)
    sent = bucket_write.Bucket._part

    def swapping(self, key, query, number, piece):
        done = sent(self, key, query, number, piece)
        rewritten(big, b"a", b"b")
        return done

    monkeypatch.setattr(bucket_write.Bucket, "_part", swapping)
    with pytest.raises(Unavailable, match="changed while it was read"):
        publish(folder, prefix, Asked(clock.now() + DAY, tmp_path / "m", SSE))
    with bucket_write.Bucket("sets") as bucket:
        assert bucket.head(f"{prefix.removeprefix('s3://sets/')}big.bin") is None


def test_a_manifest_that_was_made_again_meanwhile_is_not_written_over(store, folder, prefix, tmp_path):
    make_manifest((folder,), tmp_path / "m", PLAIN)

    def again(_):
        make_manifest((folder,), tmp_path / "m", Wanted("another", None))

    with pytest.raises(Unavailable, match="changed meanwhile"):
        publish(folder, prefix, Asked(clock.now() + DAY, tmp_path / "m", SSE), seen=again)
    assert decode((tmp_path / "m").read_bytes()).name == "another"
