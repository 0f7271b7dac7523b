"""Many processes make the manifest of one: byte for byte, whatever they do to themselves."""

import json
import os
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.errors import Malformed, Misconfigured, Unavailable
from hauberk.verbs import data_pool
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_pool import By
from hauberk.verbs.data_wire import Hashed, decode_hashed, encode_hashed

PLAIN = Wanted("t", bytes(32))
TWO = By(2)


def table(start, count):
    numbers = range(start, start + count)
    sources = [f"s{n * 7 % 5}" if n % 9 else None for n in numbers]
    schema = pa.schema([("id", pa.int64()), ("from", pa.string()), ("x", pa.float64())])
    return pa.table({"id": numbers, "from": sources, "x": [n / 3 for n in numbers]}, schema)


@pytest.fixture
def data(tmp_path):
    """Several files, of several kinds, some in row groups, and some without rows."""
    folder = tmp_path / "data"
    (folder / "b").mkdir(parents=True)
    pq.write_table(table(0, 5000), folder / "large.parquet", row_group_size=500)
    pq.write_table(table(5000, 10), folder / "b/small.parquet")
    pq.write_table(table(9000, 0), folder / "b/empty.parquet")
    with pa.ipc.new_file(folder / "c.arrow", table(0, 1).schema) as file:
        file.write_table(table(6000, 1500))
    (folder / "README.md").write_text("about")
    (folder / "z\u00e4.bin").write_bytes(bytes(1000))
    return folder


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(data_pool, "PIECE_BYTES", 10_000)
    monkeypatch.setattr(data_pool, "SMALL_BYTES", 10_000)
    monkeypatch.setattr("hauberk.edge.clock.now", lambda: 1_700_000_000)


def made(folder, paths, wanted, by):
    folder.mkdir()
    make_manifest(paths, folder / "t.manifest", wanted, by=by)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    "wanted",
    [
        PLAIN,
        Wanted("t", None),
        Wanted("t", bytes(32), ("id",)),
        Wanted("t", bytes(32), ("id", "x"), "from"),
        Wanted("t", None, (), "from"),
    ],
    ids=["salted", "unsalted", "key", "keys and source", "source"],
)
def test_bytes_are_those_of_one_process(wanted, data, tmp_path):
    one = made(tmp_path / "one", (data,), wanted, None)
    many = made(tmp_path / "many", (data,), wanted, By(3))
    assert sorted(many) == ["t.manifest", "t.manifest.rows"]
    assert many == one


def test_a_large_file_is_asked_for_in_pieces(data, tmp_path, monkeypatch):
    asked = []
    answers = data_pool.Pool.answers
    monkeypatch.setattr(data_pool.Pool, "answers", lambda self, tasks: asked.extend(tasks) or answers(self, tasks))
    made(tmp_path / "many", (data,), PLAIN, TWO)
    groups = [groups for *_, groups, _ in (json.loads(task.request) for task in asked) if groups is not None]
    assert len(groups) > 2
    assert groups[0][0] == 0
    assert groups[-1][1] == 10
    assert all(one[1] == other[0] for one, other in pairwise(groups))


def test_narrow_rows_are_asked_for_in_pieces_of_so_many(data, tmp_path, monkeypatch):
    """However few bytes they have."""
    monkeypatch.setattr(data_pool, "PIECE_BYTES", 1 << 30)
    monkeypatch.setattr(data_pool, "PIECE_ROWS", 1000)
    one = made(tmp_path / "one", (data,), PLAIN, None)
    asked = []
    answers = data_pool.Pool.answers
    monkeypatch.setattr(data_pool.Pool, "answers", lambda self, tasks: asked.extend(tasks) or answers(self, tasks))
    assert made(tmp_path / "many", (data,), PLAIN, TWO) == one
    groups = [groups for *_, groups, _ in (json.loads(task.request) for task in asked) if groups is not None]
    assert groups == [[0, 2], [2, 4], [4, 6], [6, 8], [8, 10]]


def test_images_are_rows_here_too(tmp_path):
    folder = tmp_path / "images"
    for number in range(5):
        (folder / "cat").mkdir(parents=True, exist_ok=True)
        (folder / f"cat/{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([number]))
    assert made(tmp_path / "one", (folder,), PLAIN, None) == made(tmp_path / "many", (folder,), PLAIN, TWO)


def test_salts_of_persons_are_made_once(data, tmp_path):
    wanted = Wanted("t", bytes(32), ("id",), None, None, "from", tmp_path / "persons")
    many = made(tmp_path / "many", (data,), wanted, By(3))
    assert made(tmp_path / "one", (data,), wanted, None) == many


def test_a_cluster_gets_no_salts_of_persons(data, tmp_path):
    wanted = Wanted("t", bytes(32), (), None, None, "from", tmp_path / "persons")
    with pytest.raises(Misconfigured, match="kept on one machine"):
        make_manifest((data,), tmp_path / "m", wanted, by=By(1, "ray"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: (d / "b/small.parquet").write_bytes(b"PAR1 nothing PAR1"), "b/small.parquet cannot be read"),
        (lambda d: pq.write_table(table(0, 5).drop_columns(["x"]), d / "b/small.parquet"), "other columns"),
        (lambda d: pq.write_table(pa.table({"a": [1]}), d / "b/empty.parquet"), "other columns"),
    ],
    ids=["damaged", "other columns", "other columns first"],
)
def test_what_one_process_refuses_is_refused(change, says, data, tmp_path):
    change(data)
    with pytest.raises(Malformed, match=says) as alone:
        make_manifest((data,), tmp_path / "m", PLAIN)
    with pytest.raises(Malformed, match=says) as many:
        make_manifest((data,), tmp_path / "m", PLAIN, by=TWO)
    assert (many.value.message, many.value.hint) == (alone.value.message, alone.value.hint)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


DOING = """
import os, sys
from hauberk.edge.pool import serve
from hauberk.verbs import data_worker
real = data_worker.begin
def begin(heard):
    answer = real(heard)
    def other(asked):
        marker = sys.argv[1]
        {what}
        return answer(asked)
    return other
serve(begin)
"""


def doing(monkeypatch, what, marker):
    program = DOING.replace("{what}", what)
    monkeypatch.setattr(data_pool, "COMMAND", (data_pool.sys.executable, "-c", program, str(marker)))


def test_of_two_wrong_files_the_first_is_named(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "a.csv").write_text("x\n1,2\n")
    (folder / "b.csv").write_bytes(b"PAR1 and no more")
    for by in (None, By(2)):
        with pytest.raises(Malformed, match=r"a\.csv"):
            make_manifest((folder,), tmp_path / "m", Wanted("t", None), by=by)


def test_a_process_that_is_killed_once_loses_nothing(data, tmp_path, monkeypatch):
    one = made(tmp_path / "one", (data,), PLAIN, None)
    what = "if not os.path.exists(marker): open(marker, 'x').close(); os.kill(os.getpid(), 9)"
    doing(monkeypatch, what, tmp_path / "marker")
    assert made(tmp_path / "many", (data,), PLAIN, TWO) == one
    assert (tmp_path / "marker").exists()


def test_a_file_that_kills_each_process_is_named(data, tmp_path, monkeypatch):
    doing(monkeypatch, "if b'c.arrow' in asked: os.kill(os.getpid(), 9)", "-")
    with pytest.raises(Unavailable, match=r"c\.arrow: .* killed by signal 9, twice"):
        make_manifest((data,), tmp_path / "m", PLAIN, by=TWO)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("return b'nothing'", "no answer"),
        ("return b'{}'", "no answer"),
        ("""return b'{"found": [null, null, 0, null, []], "kept": null}'""", "something else"),
        ("""return answer(asked).replace(b'"found": [', b'"found": [1')""", "no answer"),
    ],
)
def test_an_answer_that_is_none_is_refused(what, says, data, tmp_path, monkeypatch):
    doing(monkeypatch, what, "-")
    with pytest.raises(Unavailable, match=says):
        make_manifest((data,), tmp_path / "m", PLAIN, by=TWO)


@pytest.mark.parametrize("damage", ["data[:-1] + bytes([data[-1] ^ 1])", "data[:-32]", "data + data[:32]"])
def test_records_that_are_not_those_of_the_answer_are_refused(damage, data, tmp_path, monkeypatch):
    what = f"""import json; said = answer(asked); part = json.loads(asked)[6]
        data = part and open(part, 'rb').read()
        if data: open(part, 'wb').write({damage})
        return said"""
    doing(monkeypatch, what, "-")
    with pytest.raises(Unavailable, match="records"):
        make_manifest((data,), tmp_path / "m", PLAIN, by=TWO)


def test_a_file_that_changes_before_a_process_opens_it_is_refused(data, tmp_path, monkeypatch):
    answers = data_pool.Pool.answers

    def later(self, tasks):
        os.utime(data / "c.arrow", (1, 1))
        return answers(self, tasks)

    monkeypatch.setattr(data_pool.Pool, "answers", later)
    with pytest.raises(Unavailable, match=r"c\.arrow changed while it was read"):
        make_manifest((data,), tmp_path / "m", PLAIN, by=TWO)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.pop(),
        lambda v: v.__setitem__(0, "xyz"),
        lambda v: v.__setitem__(2, -1),
        lambda v: v.__setitem__(2, True),
        lambda v: v.__setitem__(3, 7),
        lambda v: v.__setitem__(1, [["a"]]),
        lambda v: v.__setitem__(4, [["a", "b"]]),
    ],
)
def test_an_answer_is_decoded_with_care(change):
    value = json.loads(encode_hashed(Hashed("0" * 64, (), 3, "1" * 64, (("a", 3),))))
    assert decode_hashed(json.dumps(value).encode()) == Hashed("0" * 64, (), 3, "1" * 64, (("a", 3),))
    change(value["found"])
    with pytest.raises(Malformed):
        decode_hashed(json.dumps(value).encode())
