"""SQLite files that are trusted with nothing, and blobs that are named by their own hash."""

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from hauberk.digest import Digest, sha256
from hauberk.edge import stores
from hauberk.edge.stores import Blobs, database_errors, open_database, transaction
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.limits import Limits


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "ledger.sqlite"
    connection = open_database(path, create=True)
    connection.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, record BLOB)")
    connection.execute("INSERT INTO entry VALUES (0, x'00')")
    connection.close()
    return path


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "state" / "blobs")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("foreign_keys", 1),
        ("mmap_size", 0),
    ],
)
def test_a_database_is_durable_and_trusts_no_schema(database, pragma, value):
    connection = open_database(database, create=False)
    assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)
    connection.close()


def test_a_name_with_marks_of_a_uri_is_still_one_name(tmp_path):
    open_database(tmp_path / "a?mode=memory#%41", create=True).close()
    assert [path.name for path in tmp_path.iterdir()] == ["a?mode=memory#%41"]


def test_who_makes_a_file_at_the_same_time_as_others_waits_for_them(tmp_path):
    def make(path, together):
        together.wait()
        with closing(open_database(path, create=True)) as database, transaction(database, "it"):
            database.execute("CREATE TABLE IF NOT EXISTS one (number INTEGER)")

    with ThreadPoolExecutor(2) as threads:
        for number in range(40):
            together = threading.Barrier(2)
            for made in [threads.submit(make, tmp_path / f"{number}.sqlite", together) for _ in range(2)]:
                made.result()
            with closing(open_database(tmp_path / f"{number}.sqlite", create=False)) as database:
                assert database.execute("SELECT count(*) FROM one").fetchone() == (0,)


def test_a_file_that_another_never_leaves_is_not_waited_for_without_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "_BUSY_SECONDS", 0.0)
    with closing(sqlite3.connect(tmp_path / "new.sqlite", isolation_level=None)) as other:
        other.execute("CREATE TABLE one (number INTEGER)")
        other.execute("BEGIN")
        other.execute("SELECT * FROM one").fetchall()
        with pytest.raises(Unavailable, match="locked") as refused:
            open_database(tmp_path / "new.sqlite", create=True)
    assert refused.value.hint == "see who else has it open, then try again"


def test_a_reader_sees_what_was_written(database):
    connection = open_database(database, create=False, read_only=True)
    assert connection.execute("SELECT record FROM entry").fetchall() == [(b"\0",)]
    connection.close()


def test_a_reader_writes_nothing(database):
    connection = open_database(database, create=False, read_only=True)
    with pytest.raises(Unavailable, match="readonly"), database_errors("ledger"):
        connection.execute("DELETE FROM entry")
    connection.close()


def test_a_database_is_not_made_unless_asked_for(tmp_path):
    with pytest.raises(Unavailable, match="No such file"):
        open_database(tmp_path / "absent", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo], ids=["directory", "fifo"])
@pytest.mark.parametrize("create", [False, True])
def test_what_is_no_file_is_no_database(tmp_path, make, create):
    make(tmp_path / "it")
    with pytest.raises(Unavailable, match="not a regular file"):
        open_database(tmp_path / "it", create=create)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_no_database_is_malformed(tmp_path, read_only):
    (tmp_path / "junk").write_bytes(b"not a database at all " * 100)
    with pytest.raises(Malformed, match="not an intact SQLite database"):
        open_database(tmp_path / "junk", create=False, read_only=read_only)


def test_a_damaged_database_is_malformed(database):
    raw = bytearray(database.read_bytes())
    raw[100:108] = b"\xff" * 8  # the header of the first page's b-tree
    database.write_bytes(raw)
    with pytest.raises(Malformed), database_errors("ledger"):
        open_database(database, create=False).execute("SELECT * FROM entry").fetchall()


def test_a_database_whose_table_was_dropped_is_damaged_and_to_be_restored(database):
    connection = open_database(database, create=False)
    connection.execute("DROP TABLE entry")
    with pytest.raises(Malformed, match="no such table") as refused, database_errors("ledger"):
        connection.execute("SELECT * FROM entry")
    connection.close()
    assert "restore it from a copy" in refused.value.hint


def test_any_other_error_of_sqlite_is_unavailable(database):
    connection = open_database(database, create=False)
    with pytest.raises(Unavailable, match="UNIQUE"), database_errors("ledger"):
        connection.execute("INSERT INTO entry SELECT * FROM entry")
    connection.close()


def test_a_blob_comes_back_by_its_hash(blobs):
    digest = blobs.put(b"envelope")
    assert (digest, blobs.get(digest), blobs.has(digest)) == (sha256(b"envelope"), b"envelope", True)


def test_a_blob_is_stored_once_under_its_own_name(blobs, tmp_path):
    digest = blobs.put(b"envelope")
    blobs.put(b"envelope")
    names = [str(path.relative_to(tmp_path / "state" / "blobs")) for path in tmp_path.rglob("*") if path.is_file()]
    assert names == [f"{digest.hex[:2]}/{digest.hex}"]


def test_an_empty_blob_is_a_blob(blobs):
    assert blobs.get(blobs.put(b"")) == b""


def test_a_blob_is_synced_with_every_directory_above_it(blobs, monkeypatch):
    synced = []
    real = os.fsync

    def noting(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    digest = blobs.put(b"envelope")
    assert [path.name for path in synced if path.suffix != ".part"][1:] == ["state", "blobs", digest.hex[:2]]
    assert [path.parent.name for path in synced if path.suffix == ".part"] == [digest.hex[:2]]


def test_a_damaged_blob_is_malformed_until_it_is_put_again(blobs, tmp_path):
    digest = blobs.put(b"envelope")
    path = tmp_path / "state" / "blobs" / digest.hex[:2] / digest.hex
    path.write_bytes(b"Envelope")
    with pytest.raises(Malformed, match="holds other bytes"):
        blobs.get(digest)
    blobs.put(b"envelope")
    assert blobs.get(digest) == b"envelope"


def test_an_absent_blob_is_unavailable(blobs):
    assert not blobs.has(sha256(b"absent"))
    with pytest.raises(Unavailable):
        blobs.get(sha256(b"absent"))


def test_a_blob_that_is_a_link_is_unavailable(blobs, tmp_path):
    digest = blobs.put(b"envelope")
    path = tmp_path / "state" / "blobs" / digest.hex[:2] / digest.hex
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="symbolic link"):
        blobs.get(digest)


def test_a_blob_is_asked_for_by_sha256_only(blobs):
    with pytest.raises(Malformed, match="named by sha256"):
        blobs.get(Digest("dirHash", "0" * 64))


def test_a_blob_over_the_limit_is_not_stored(tmp_path):
    with pytest.raises(Exceeded):
        Blobs(tmp_path / "blobs", limits=Limits(max_document_bytes=3)).put(b"four")


def test_a_store_below_a_file_is_unavailable(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        Blobs(tmp_path / "file" / "blobs").put(b"envelope")
