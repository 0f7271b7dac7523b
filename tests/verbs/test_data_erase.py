"""Persons in a data set: a salt for each, and an erasure that leaves the tree standing."""

import hashlib
import json
import sqlite3
import stat

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.erasure import Erasure, decode, restored
from hauberk.dataset.manifest import decode as decode_manifest
from hauberk.dataset.rows import HASH_BYTES, KEY, PERSON_KEY, PERSON_ROW, ROW, RowHasher
from hauberk.edge.persons import PersonStore
from hauberk.edge.salt import read_salt
from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.formats.table import encoding
from hauberk.verbs.data_diff import diff_manifests
from hauberk.verbs.data_erase import Secrets, erase, verify_erased

COUNT = 3000
WHO = 7


def rows():
    who = pa.array([f"c{i % 50}" if i % 10 else None for i in range(COUNT)])
    return pa.table({"id": range(COUNT), "who": who, "amount": [i / 4 for i in range(COUNT)]})


def write(folder, table, parts=2):
    folder.mkdir(exist_ok=True)
    cut = len(table) // parts
    for part in range(parts):
        piece = table.slice(part * cut, cut if part < parts - 1 else None)
        pq.write_table(piece, folder / f"{part}.parquet", row_group_size=700)


def manifest(tmp_path, folder, name="old", *more):
    where = ["--salt", str(tmp_path / "k/salt"), "--person-salts", str(tmp_path / "k/persons"), "--person", "who"]
    made = ["-o", str(tmp_path / f"{name}.manifest"), "--key", "id"]
    code = dispatch(["data", "manifest", str(folder), *made, *where, *more])
    assert code == 0
    return tmp_path / f"{name}.manifest"


@pytest.fixture
def world(tmp_path):
    """A manifest, and the data that it is about."""
    write(tmp_path / "data", rows())
    made = manifest(tmp_path, tmp_path / "data")
    return tmp_path, made, Secrets(read_salt(tmp_path / "k/salt"), tmp_path / "k/persons")


def without(table, who=f"c{WHO}"):
    return table.filter(pa.array([one != who for one in table.column("who").to_pylist()]))


def erased(world):
    folder, made, secrets = world
    done = erase(made, (folder / "data",), folder / "e.json", secrets, persons=[f"c{WHO}"])
    write(folder / "rest", without(rows()), parts=3)
    return done


def verify(world, folder="rest"):
    where, made, secrets = world
    return verify_erased(made, (where / folder,), where / "e.json", secrets)


def test_salts_of_persons_are_private_and_the_same_next_time(world):
    folder, made, _ = world
    assert stat.S_IMODE((folder / "k/persons").stat().st_mode) == 0o600
    again = manifest(folder, folder / "data", "again")
    assert decode_manifest(made.read_bytes()).rows.root == decode_manifest(again.read_bytes()).rows.root
    with sqlite3.connect(folder / "k/persons") as database:
        names = [name for (name,) in database.execute("SELECT name FROM person")]
    assert len(names) == 45
    assert not any(hashlib.sha256(f"c{i}".encode()).digest() in names for i in range(50))


def test_manifests_of_persons_can_be_compared(world):
    folder, made, _ = world
    changed = rows().set_column(2, "amount", pa.array([*(i / 4 for i in range(COUNT - 1)), 9.5]))
    write(folder / "data", changed)
    found = diff_manifests(made, manifest(folder, folder / "data", "new"))
    assert found.rows.changed.tolist() == [[COUNT - 1, COUNT - 1]]
    assert not len(found.rows.new)


def test_another_file_of_salts_cannot_be_compared(world):
    folder, made, _ = world
    other = manifest(folder, folder / "data", "other", "--person-salts", str(folder / "k/others"))
    with pytest.raises(Misconfigured, match="another file of salts"):
        diff_manifests(made, other)


def test_the_root_holds_after_an_erasure_whoever_writes_the_rest(world, capsys):
    done = erased(world)
    mine = [i for i, who in enumerate(rows().column("who").to_pylist()) if who == f"c{WHO}"]
    assert [row for row, _ in done.erasure.rows] == mine
    assert (done.persons, done.destroyed) == (1, 1)
    assert verify(world).root == decode_manifest(world[1].read_bytes()).rows.root
    options = ["--erasure", str(world[0] / "e.json"), "--salt", str(world[0] / "k/salt")]
    options += ["--person-salts", str(world[0] / "k/persons")]
    assert dispatch(["data", "verify-erased", str(world[1]), str(world[0] / "rest"), *options]) == 0
    assert "the root still holds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.set_column(2, "amount", pa.array([99.0, *t.column("amount").to_pylist()[1:]])), "in their places"),
        (lambda t: t.slice(1), "fewer rows"),
        (lambda t: pa.concat_tables([t.slice(0, 9), t.slice(10)]), "fewer rows"),
        (lambda t: pa.concat_tables([t, t.slice(0, 1)]), "more rows"),
        (lambda t: pa.concat_tables([t.slice(1, 1), t.slice(0, 1), t.slice(2)]), "in their places"),
        (lambda _: rows(), "without a salt"),
        (lambda t: pa.concat_tables([rows().slice(WHO, 1), t.slice(1)]), "without a salt"),
        (lambda t: t.rename_columns(["id", "who", "sum"]), "other columns"),
        (lambda t: t.drop_columns(["amount"]), "other columns"),
        (lambda t: t.slice(0, 0), "fewer rows"),
    ],
    ids=[
        "changed",
        "first gone",
        "one gone",
        "one more",
        "re-ordered",
        "all still there",
        "one still there",
        "renamed",
        "column gone",
        "nothing left",
    ],
)
def test_what_is_not_the_rest_is_refused(change, says, world):
    erased(world)
    write(world[0] / "other", change(without(rows())))
    with pytest.raises(NotVerified, match=says):
        verify(world, "other")


def test_a_row_that_is_still_there_under_a_new_salt_is_refused(world):
    erased(world)
    manifest(world[0], world[0] / "data", "back")  # the person came back, and got another salt
    with pytest.raises(NotVerified, match="more rows"):
        verify(world, "data")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["rows"].pop(),
        lambda d: d["rows"][0].update(hash="0" * 64),
        lambda d: d["rows"][0].update(row=d["rows"][0]["row"] + 1),
        lambda d: d["rows"].append({"row": COUNT - 1, "hash": "1" * 64}),
        lambda d: d.update(manifest="2" * 64),
        lambda d: d.update(count=COUNT + 1),
    ],
    ids=["one fewer", "another hash", "another row", "one more", "another manifest", "another count"],
)
def test_a_record_that_says_something_else_is_refused(change, world):
    erased(world)
    path = world[0] / "e.json"
    body = json.loads(path.read_bytes())
    change(body)
    path.write_text(json.dumps(body, separators=(",", ":"), sort_keys=True))
    with pytest.raises(NotVerified):
        verify(world)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["rows"].reverse(),
        lambda d: d["rows"].append(d["rows"][-1]),
        lambda d: d["rows"].append({"row": COUNT, "hash": "1" * 64}),
        lambda d: d["rows"].clear(),
        lambda d: d.update(schema="urn:hauberk:erasure:v2"),
        lambda d: d.update(who="c7"),
    ],
    ids=["order", "twice", "no row", "nothing", "another schema", "more"],
)
def test_what_is_no_record_is_malformed(change, world):
    erased(world)
    body = json.loads((world[0] / "e.json").read_bytes())
    change(body)
    with pytest.raises(Malformed):
        decode(json.dumps(body, separators=(",", ":"), sort_keys=True).encode())


def salts_of(folder):
    with sqlite3.connect(folder / "k/persons") as database:
        return {salt for (salt,) in database.execute("SELECT salt FROM person")}


def test_a_guess_of_an_erased_row_cannot_be_confirmed_with_what_is_kept(world):
    folder, made, secrets = world
    with PersonStore(secrets.persons, secrets.salt, create=False) as store:
        salt = store.known([f"c{WHO}"])[f"c{WHO}"]
    kept = made.with_name("old.manifest.rows").read_bytes()

    def guessed(salt, row, key):
        batch = rows().slice(WHO, 1).to_batches()[0]
        whole = RowHasher(salt, row).hashes(encoding.encode(batch.columns, 1))
        return whole in kept, RowHasher(salt, key).hashes(encoding.encode([batch.column(0)], 1))[:8] in kept

    assert guessed(salt, PERSON_ROW, PERSON_KEY) == (True, True)  # with the salt it can: hash and key are these
    erased(world)
    left = salts_of(folder)
    assert len(left) == 44
    assert salt not in left
    for one in {*left, secrets.salt}:
        assert guessed(one, PERSON_ROW, PERSON_KEY) == (False, False)
        assert guessed(one, ROW, KEY) == (False, False)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path.name for path in files if salt in path.read_bytes()]
    assert not [path.name for path in files if salt.hex().encode() in path.read_bytes()]


def test_a_record_does_not_say_who_was_erased(world):
    erased(world)
    said = json.loads((world[0] / "e.json").read_bytes())
    assert {key for row in said["rows"] for key in row} == {"row", "hash"}
    assert set(said) == {"schema", "manifest", "root", "created", "count", "rows"}


def test_a_row_names_its_person(world, capsys):
    folder, made, _ = world
    where = [
        "--salt",
        str(folder / "k/salt"),
        "--person-salts",
        str(folder / "k/persons"),
        "-o",
        str(folder / "e.json"),
    ]
    assert dispatch(["data", "erase", str(made), str(folder / "data"), "--row", str(WHO), *where]) == 0
    said = capsys.readouterr()
    assert "60 of 3,000 are known by their hashes only" in said.out
    write(folder / "rest", without(rows()))
    assert verify(world).count == COUNT
    assert dispatch(["data", "erase", str(made), str(folder / "data"), "--row", str(WHO), *where]) == 0
    assert "the salts of 0 were destroyed now" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"persons": ["nobody"]}, NotVerified, "have no row here"),
        ({"rows": [COUNT]}, Misconfigured, "numbered from 0 to"),
        ({"rows": [-1]}, Misconfigured, "numbered from 0 to"),
        ({"rows": [10]}, Misconfigured, "about nobody"),
        ({}, Misconfigured, "nobody is to be erased"),
    ],
)
def test_what_cannot_be_erased_is_refused_and_destroys_nothing(asked, error, says, world):
    folder, made, secrets = world
    with pytest.raises(error, match=says):
        erase(made, (folder / "data",), folder / "e.json", secrets, **asked)
    assert len(salts_of(folder)) == 45
    assert not (folder / "e.json").exists()


def test_other_data_than_the_manifests_is_refused(world):
    folder, made, secrets = world
    write(folder / "data", rows().slice(1))
    with pytest.raises(NotVerified, match="not as the manifest says"):
        erase(made, (folder / "data",), folder / "e.json", secrets, persons=["c7"])
    (folder / "data/1.parquet").unlink()
    write(folder / "data", rows())
    (folder / "data/1.parquet").unlink()
    with pytest.raises(NotVerified, match="is not here"):
        erase(made, (folder / "data",), folder / "e.json", secrets, persons=["c7"])
    assert len(salts_of(folder)) == 45


def test_another_file_of_salts_is_refused_before_anything_is_written(world):
    folder, made, secrets = world
    manifest(folder, folder / "data", "other", "--person-salts", str(folder / "k/others"))
    with pytest.raises(Misconfigured, match="other persons' salts"):
        erase(made, (folder / "data",), folder / "e.json", Secrets(secrets.salt, folder / "k/others"), persons=["c7"])
    assert not (folder / "e.json").exists()
    erased(world)
    with pytest.raises(Misconfigured, match="other salts"):
        verify_erased(made, (folder / "rest",), folder / "e.json", Secrets(secrets.salt, folder / "k/others"))
    with pytest.raises(Misconfigured, match="not the salt of"):
        verify_erased(made, (folder / "rest",), folder / "e.json", Secrets(bytes(32), secrets.persons))


def test_a_set_of_last_week_is_erased_after_the_salt_is_gone(world):
    folder, made, secrets = world
    older = manifest(folder, folder / "data", "older")
    erased(world)
    done = erase(older, (folder / "data",), folder / "older.json", secrets, persons=["c7"])
    assert done.destroyed == 0
    assert verify_erased(older, (folder / "rest",), folder / "older.json", secrets).rows == done.erasure.rows
    assert older != made


def test_a_set_with_one_salt_cannot_lose_a_row(tmp_path):
    write(tmp_path / "data", rows())
    salt = tmp_path / "salt"
    assert dispatch(["data", "manifest", str(tmp_path / "data"), "-o", str(tmp_path / "m"), "--salt", str(salt)]) == 0
    with pytest.raises(Misconfigured, match="one salt for all"):
        erase(tmp_path / "m", (tmp_path / "data",), tmp_path / "e", Secrets(read_salt(salt), salt), persons=["c7"])


def test_a_file_of_salts_that_others_read_is_refused(world):
    folder, _, secrets = world
    (folder / "k/persons").chmod(0o640)
    with pytest.raises(Misconfigured, match="read by others"):
        PersonStore(secrets.persons, secrets.salt, create=False)


def test_salts_that_somebody_reads_are_not_said_to_be_destroyed(world, monkeypatch):
    folder, _, secrets = world
    monkeypatch.setattr("hauberk.edge.stores._BUSY_SECONDS", 0.1)
    reader = sqlite3.connect(folder / "k/persons", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM person").fetchone()
    with PersonStore(secrets.persons, secrets.salt, create=False) as store, pytest.raises(Unavailable, match="in use"):
        store.destroy(["c7"])
    reader.close()


@pytest.mark.parametrize("column", ["amount", "absent"])
def test_a_column_that_names_nobody_is_refused(column, tmp_path):
    write(tmp_path / "data", rows())
    where = ["--salt", str(tmp_path / "s"), "--person-salts", str(tmp_path / "p"), "--person", column]
    assert dispatch(["data", "manifest", str(tmp_path / "data"), "-o", str(tmp_path / "m"), *where]) == 1
    assert (
        dispatch(["data", "manifest", str(tmp_path / "data"), "-o", str(tmp_path / "m"), "--unsalted", *where[2:]]) == 2
    )
    assert not (tmp_path / "m").exists()


def test_numbers_name_the_same_persons_however_they_are_stored(tmp_path):
    roots = set()
    numbers = pa.array([i % 7 for i in range(100)], pa.int64())
    for who in (numbers, numbers.cast(pa.int16()), numbers.dictionary_encode()):
        table = pa.table({"id": range(100), "who": who})
        write(tmp_path / "data", table)
        roots.add(decode_manifest(manifest(tmp_path, tmp_path / "data").read_bytes()).rows.root)
    assert len(roots) == 1


@pytest.mark.parametrize("size", [1, 7, 100])
def test_erased_rows_are_put_back_in_their_places(size):
    every = np.arange(100 * HASH_BYTES, dtype="u4").astype("u1").tobytes()
    parts = [every[i * HASH_BYTES : (i + 1) * HASH_BYTES] for i in range(100)]
    gone = [0, 1, 13, 50, 98, 99]
    record = Erasure("0" * 64, None, "", 100, tuple((i, parts[i].hex()) for i in gone))
    left = b"".join(part for i, part in enumerate(parts) if i not in gone)
    step = size * HASH_BYTES
    assert b"".join(restored(record, (left[i : i + step] for i in range(0, len(left), step)))) == every


def test_a_record_is_not_lost_to_that_of_another_person(world):
    folder, made, secrets = world
    data, record = (folder / "data",), folder / "erased.json"
    erase(made, data, record, secrets, persons=["c7"])
    before = record.read_bytes()
    with pytest.raises(Misconfigured, match="it would be lost"):
        erase(made, data, record, secrets, persons=["c8"])
    assert record.read_bytes() == before
    both = erase(made, data, record, secrets, persons=["c7", "c8"])
    assert (both.persons, both.destroyed) == (2, 1)
    write(folder / "rest", without(without(rows(), "c7"), "c8"))
    verify_erased(made, (folder / "rest",), record, secrets)
