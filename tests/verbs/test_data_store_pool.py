"""Many processes make of what lies in a store the manifest that one makes. The store is a fake."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hauberk.edge.remote
from fake_bucket import ACCESS, SECRET
from hauberk.dataset.manifest import Lock
from hauberk.edge import clock
from hauberk.edge.remote.credentials import VARIABLES, remote_environment
from hauberk.edge.remote.source import open_address
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.verbs import data_pool
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_pool import By
from hauberk.verbs.data_remote import There
from hauberk.verbs.data_there import decode_there, encode_there
from hauberk.verbs.data_wire import Asked, Hashed, Kept, decode_hashed, encode_hashed

PLAIN = Wanted("t", bytes(32))
KEYED = Wanted("t", bytes(32), ("n",), "from")
TWO = By(2)


@pytest.fixture
def store(store, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    return store


@pytest.fixture
def filled(store, tmp_path):
    """Tables, some locked, and what is none, under one prefix."""
    locked = {"mode": "COMPLIANCE", "until": "2033-01-01T00:00:00.000Z"}
    for number in range(6):
        rows = pa.table({"n": range(number * 100, number * 100 + 50), "from": [f"s{number % 4}"] * 50})
        pq.write_table(rows, tmp_path / "t.parquet")
        store.add(f"w47/deep er/t+é{number}.parquet", (tmp_path / "t.parquet").read_bytes(), **locked)
    store.add("w47/README", b"about")
    (tmp_path / "t.parquet").unlink()
    return store


def made(folder, paths, wanted, by):
    folder.mkdir()
    make_manifest(paths, folder / "t.manifest", wanted, by=by)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("wanted", [PLAIN, KEYED, Wanted("t", None)], ids=["salted", "key and source", "unsalted"])
def test_bytes_are_those_of_one_process(filled, wanted, tmp_path):
    one = made(tmp_path / "one", ("s3://sets/w47/",), wanted, None)
    assert made(tmp_path / "many", ("s3://sets/w47/",), wanted, TWO) == one
    files = json.loads(one["t.manifest"])["files"]
    assert [file["path"] for file in files] == ["README", *[f"deep er/t+é{number}.parquet" for number in range(6)]]
    assert all("versionId=" in file["address"] and file["version"] for file in files)
    assert [file.get("lock") for file in files[:2]] == [None, {"mode": "COMPLIANCE", "until": "2033-01-01T00:00:00Z"}]


def test_places_here_and_elsewhere_make_one_set(filled, tmp_path):
    (tmp_path / "set").mkdir()
    pq.write_table(pa.table({"n": range(9), "from": ["here"] * 9}), tmp_path / "set/u.parquet")
    paths = (tmp_path / "set", "s3://sets/w47/", "s3://sets/w47/deep%20er/t%2B%C3%A91.parquet")
    one = made(tmp_path / "one", paths, KEYED, None)
    assert made(tmp_path / "many", paths, KEYED, TWO) == one


def test_one_object_is_the_work_of_one_process(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(data_pool, "PIECE_BYTES", 100)
    monkeypatch.setattr(data_pool, "SMALL_BYTES", 100)
    place = ("s3://sets/w47/deep%20er/t%2B%C3%A92.parquet",)
    assert made(tmp_path / "many", place, PLAIN, TWO) == made(tmp_path / "one", place, PLAIN, None)


def test_a_bucket_without_versions_has_neither_version_nor_lock(filled, tmp_path):
    filled.lies.add("no versions")
    one = made(tmp_path / "one", ("s3://sets/w47/",), PLAIN, None)
    assert made(tmp_path / "many", ("s3://sets/w47/",), PLAIN, TWO) == one
    assert b"versionId" not in one["t.manifest"]


def test_a_web_address_keeps_its_query_to_itself(filled, tmp_path):
    filled.lies.add("open")
    place = (f"{filled.url}/sets/w47/README?X-Amz-Signature=secret",)
    many = made(tmp_path / "many", place, PLAIN, TWO)
    assert many == made(tmp_path / "one", place, PLAIN, None)
    assert b"secret" not in many["t.manifest"]


@pytest.mark.parametrize("lie", ["checksum", "rot"])
def test_a_store_that_lies_about_a_checksum_is_refused(filled, lie, tmp_path):
    filled.lies.add(lie)
    with pytest.raises(NotVerified, match="the store says that its digest is") as alone:
        make_manifest(("s3://sets/w47/",), tmp_path / "m", PLAIN)
    with pytest.raises(NotVerified, match="the store says that its digest is") as many:
        make_manifest(("s3://sets/w47/",), tmp_path / "m", PLAIN, by=TWO)
    assert many.value.message == alone.value.message
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_changes_after_it_was_listed_is_refused(filled, tmp_path, monkeypatch):
    answers = data_pool.Pool.answers

    def later(self, tasks):
        filled.add("w47/README", b"other")
        return answers(self, tasks)

    monkeypatch.setattr(data_pool.Pool, "answers", later)
    with pytest.raises(Unavailable, match="changed between listing and reading"):
        make_manifest(("s3://sets/w47/",), tmp_path / "m", PLAIN, by=TWO)


def test_of_one_object_the_version_that_was_listed_is_read(filled, tmp_path, monkeypatch):
    place = ("s3://sets/w47/README",)
    one = made(tmp_path / "one", place, PLAIN, None)
    answers = data_pool.Pool.answers

    def later(self, tasks):
        filled.add("w47/README", b"other")
        return answers(self, tasks)

    monkeypatch.setattr(data_pool.Pool, "answers", later)
    assert made(tmp_path / "many", place, PLAIN, TWO) == one


def test_tables_of_other_columns_are_refused(filled, tmp_path):
    pq.write_table(pa.table({"other": [1]}), tmp_path / "t.parquet")
    filled.add("w47/z.parquet", (tmp_path / "t.parquet").read_bytes())
    (tmp_path / "t.parquet").unlink()
    with pytest.raises(Malformed, match=r"z\.parquet has other columns"):
        make_manifest(("s3://sets/w47/",), tmp_path / "m", PLAIN, by=TWO)
    assert list(tmp_path.iterdir()) == []


def test_credentials_that_expire_midway_are_said_and_leave_no_manifest(filled, tmp_path):
    filled.expires_after = 4
    with pytest.raises(Unavailable, match=r"lets us not in .*ExpiredToken"):
        make_manifest(("s3://sets/w47/",), tmp_path / "m", PLAIN, by=TWO)
    assert list(tmp_path.iterdir()) == []


def test_credentials_are_in_no_request(filled, tmp_path, monkeypatch):
    asked = []
    answers = data_pool.Pool.answers
    monkeypatch.setattr(data_pool.Pool, "answers", lambda self, tasks: asked.extend(tasks) or answers(self, tasks))
    made(tmp_path / "many", ("s3://sets/w47/",), PLAIN, TWO)
    assert asked
    assert not any(secret in task.request for task in asked for secret in (ACCESS.encode(), SECRET.encode()))


def test_processes_that_fetch_nothing_get_no_credentials(store, tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("n\n1\n")
    seen = []
    answers = data_pool.Pool.answers
    monkeypatch.setattr(
        data_pool.Pool, "answers", lambda self, tasks: seen.append(self.environment) or answers(self, tasks)
    )
    made(tmp_path / "many", (tmp_path / "a.csv",), PLAIN, TWO)
    assert not any(name.startswith("AWS_") for name in seen[0])
    store.add("w/a.csv", b"n\n1\n")
    made(tmp_path / "more", ("s3://sets/w/",), PLAIN, TWO)
    assert seen[1]["AWS_SECRET_ACCESS_KEY"] == SECRET


def test_what_a_process_is_given_is_all_that_is_read(monkeypatch):
    """Each variable that a module of `edge/remote` names is passed on; else it would be let in nowhere."""
    read = set()
    for module in Path(hauberk.edge.remote.__path__[0]).glob("*.py"):
        read |= set(re.findall(r'(?:environ(?:\.get)?|is_switched_off)[(\[]"([A-Z0-9_]+)"', module.read_text()))
    assert {"AWS_ACCESS_KEY_ID", "HF_TOKEN", "AWS_EC2_METADATA_DISABLED"} <= read <= set(VARIABLES)
    monkeypatch.setenv("HF_TOKEN", "t")
    monkeypatch.setenv("SOMETHING_ELSE", "t")
    assert remote_environment()["HF_TOKEN"] == "t"
    assert "SOMETHING_ELSE" not in remote_environment()


@pytest.mark.parametrize("text", ["s3://sets/w47/", "s3://sets/w47/README"])
def test_what_was_listed_comes_back_from_json_as_it_was(filled, text):
    with open_address(text) as listing:
        for file in listing.files:
            there = There(text, listing.address, listing.is_tree, file)
            assert decode_there(json.loads(json.dumps(encode_there(there)))) == there


KEPT = Kept("csv", 5, "s3://b/k", "v1", Lock("COMPLIANCE", "2033-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.pop("kept"),
        lambda v: v.__setitem__("kept", 7),
        lambda v: v["kept"].pop("size"),
        lambda v: v["kept"].__setitem__("size", -1),
        lambda v: v["kept"].__setitem__("version", 5),
        lambda v: v["kept"]["lock"].pop("mode"),
        lambda v: v["kept"].__setitem__("lock", "COMPLIANCE"),
    ],
)
def test_an_answer_is_decoded_with_care(change):
    value = json.loads(encode_hashed(Hashed("0" * 64, (), 3, "1" * 64, (), KEPT)))
    assert decode_hashed(json.dumps(value).encode()) == Hashed("0" * 64, (), 3, "1" * 64, (), KEPT)
    change(value)
    with pytest.raises(Malformed):
        decode_hashed(json.dumps(value).encode())


@pytest.mark.parametrize(
    "found",
    [
        Hashed("0" * 64),
        Hashed("0" * 64, kept=Kept("csv", 5, "s3://b/k")),
        Hashed(None, (), 0, "1" * 64, (), Kept("csv", 5, "s3://b/k")),
        Hashed("0" * 64, (), 0, "1" * 64, (), Kept("other", 5, "s3://b/k")),
    ],
    ids=["nothing kept", "a table without rows", "no digest", "rows of no table"],
)
def test_an_answer_about_something_else_is_refused(found):
    asked = Asked("a.csv", "", None, "", 5, 0, "part", digest=True, there={})
    with pytest.raises(Unavailable, match="answered something else"):
        data_pool._heard(encode_hashed(found), asked)
