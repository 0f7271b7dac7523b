"""Many processes find what one finds between two manifests, whatever they do to themselves."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.cli.dispatch import dispatch
from hauberk.dataset.diff import PartChanges, Tally
from hauberk.dataset.rows import BLOCK_ROWS
from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.verbs import data_diff_pool, data_diff_wire, data_diff_worker
from hauberk.verbs.data_diff import diff_manifests
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_pool import By

TWO = By(2)
KEYED = Wanted("t", bytes(32), ("id",), "from")
PLAIN = Wanted("t", bytes(32))


class Here:
    """A pool whose workers are functions of this process."""

    def __init__(self, command, environment, greeting, jobs, timeout_seconds, limit=64 << 20):
        self._answer = data_diff_worker.begin(greeting)
        self._limit = limit

    def answers(self, tasks):
        said = [self._answer(task.request) for task in tasks]
        assert all(len(one) <= self._limit for one in said)
        return said


def table(ids, amounts):
    sources = [f"s{n % 3}" for n in ids]
    schema = pa.schema([("id", pa.int64()), ("from", pa.string()), ("amount", pa.int64())])
    return pa.table({"id": ids, "from": sources, "amount": amounts}, schema)


def manifest(folder, name, rows, wanted=KEYED):
    (folder / name).mkdir()
    pq.write_table(rows, folder / name / "0.parquet")
    make_manifest((folder / name,), folder / f"{name}.manifest", wanted)
    return folder / f"{name}.manifest"


def told(older, newer, *arguments):
    """Return the answer in JSON, as bytes, and the exit code."""
    output = older.parent / "answer"
    output.unlink(missing_ok=True)
    words = ["data", "diff", str(older), str(newer), "--format", "json", "--output", str(output), *arguments]
    return dispatch(words), output.read_bytes() if output.exists() else None


@pytest.fixture
def weeks(tmp_path):
    """Two manifests whose rows changed, went, came, moved and are there several times."""
    count = 3 * BLOCK_ROWS
    ids = [*range(count), *[7] * 50, *range(9000, 9100)]
    older = manifest(tmp_path, "older", table(ids, [n * 3 for n in ids]))
    ids = [*range(9000, 9100), *range(5, count + 300), *[7] * 20]
    newer = manifest(tmp_path, "newer", table(ids, [n * 3 + (n % 40 == 0) for n in ids]))
    return older, newer


@pytest.fixture
def small(monkeypatch):
    """Many ranges and parts of few rows."""
    monkeypatch.setattr(data_diff_pool, "RANGE_ROWS", BLOCK_ROWS)
    monkeypatch.setattr(data_diff_pool, "PART_ROWS", 200)


@pytest.mark.usefixtures("small")
def test_the_answer_is_that_of_one_process_byte_for_byte(weeks):
    alone = told(*weeks)
    assert told(*weeks, "--jobs", "3") == alone
    assert alone[0] == 1
    rows = json.loads(alone[1])["rows"]
    assert all(rows[kind] for kind in ("new", "changed", "removed"))


def test_a_set_beside_itself_is_the_same(weeks):
    assert told(weeks[0], weeks[0], "--jobs", "2") == told(weeks[0], weeks[0])
    assert told(weeks[0], weeks[0], "--jobs", "2")[0] == 0


cells = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=60)


@settings(max_examples=25, deadline=None)
@given(cells, cells, st.sampled_from([KEYED, PLAIN, Wanted("t", None, (), "from")]), st.integers(1, 40))
def test_whatever_the_rows_the_answer_is_that_of_one_process(older, newer, wanted, part_rows):
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(data_diff_pool, "Pool", Here)
        patch.setattr(data_diff_pool, "RANGE_ROWS", BLOCK_ROWS)
        patch.setattr(data_diff_pool, "PART_ROWS", part_rows)
        one, other = (
            manifest(Path(folder), name, table([n for n, _ in rows], [x for _, x in rows]), wanted)
            for name, rows in (("older", older), ("newer", newer))
        )
        alone, many = diff_manifests(one, other), diff_manifests(one, other, by=TWO)
        assert (many.by_source, many.columns, many.files) == (alone.by_source, alone.columns, alone.files)
        for name in ("removed", "new", "changed"):
            assert getattr(many.rows, name).tolist() == getattr(alone.rows, name).tolist()


def test_as_many_rows_as_there_are_fit_an_answer(tmp_path, monkeypatch):
    """All rows of one hash are in one part, and none of them is in the other set."""
    monkeypatch.setattr(data_diff_pool, "_HEAD_BYTES", 4096)
    older = manifest(tmp_path, "older", table([1] * 9000, [2] * 9000))
    newer = manifest(tmp_path, "newer", table([3] * 9000, [4] * 9000))
    found = diff_manifests(older, newer, by=TWO)
    assert (len(found.rows.removed), len(found.rows.new)) == (9000, 9000)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d[:-44],
        lambda d: d[44:] + d[:44],
        lambda d: bytes([d[0] ^ 1]) + d[1:],
        lambda d: d[:-1] + bytes([d[-1] ^ 1]),
        lambda d: d[: 44 * BLOCK_ROWS * 2] + bytes([d[44 * BLOCK_ROWS * 2] ^ 1]) + d[44 * BLOCK_ROWS * 2 + 1 :],
    ],
    ids=["shorter", "re-ordered", "one bit", "another source", "in another range"],
)
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.usefixtures("small")
def test_hashes_that_are_not_the_manifests_are_refused(change, side, weeks):
    path = Path(f"{weeks[side]}.rows")
    data = path.read_bytes()
    path.write_bytes(change(data))
    with pytest.raises(NotVerified) as alone:
        diff_manifests(*weeks)
    with pytest.raises(NotVerified) as many:
        diff_manifests(*weeks, by=TWO)
    assert (many.value.message, many.value.hint) == (alone.value.message, alone.value.hint)


@pytest.mark.parametrize("wanted", [Wanted("t", None, ("id",), "from"), Wanted("t", bytes(32), ("from",), "from")])
def test_what_one_process_does_not_compare_many_do_not(wanted, weeks, tmp_path):
    other = manifest(tmp_path, "other", table([1], [2]), wanted)
    with pytest.raises(Misconfigured) as alone:
        diff_manifests(weeks[0], other)
    with pytest.raises(Misconfigured) as many:
        diff_manifests(weeks[0], other, by=TWO)
    assert many.value.message == alone.value.message


def test_no_process_can_do_nothing(weeks, capsys):
    assert told(*weeks, "--jobs", "0") == (2, None)
    assert "0 processes" in capsys.readouterr().err


DOING = """
import os, sys
from hauberk.edge.pool import serve
from hauberk.verbs import data_diff_worker
real = data_diff_worker.begin
def begin(heard):
    answer = real(heard)
    def other(asked):
        marker = sys.argv[1]
        {what}
        return answer(asked)
    return other
serve(begin)
"""


def doing(monkeypatch, what, marker="-"):
    program = DOING.replace("{what}", what)
    monkeypatch.setattr(data_diff_pool, "COMMAND", (data_diff_pool.sys.executable, "-c", program, str(marker)))


@pytest.mark.parametrize("at", ["digest", "range", "part"])
@pytest.mark.usefixtures("small")
def test_a_process_that_is_killed_once_loses_nothing(at, weeks, tmp_path, monkeypatch):
    alone = told(*weeks)
    what = f"if b'{at}' in asked and not os.path.exists(marker): open(marker, 'x').close(); os.kill(os.getpid(), 9)"
    doing(monkeypatch, what, tmp_path / "marker")
    assert told(*weeks, "--jobs", "2") == alone
    assert (tmp_path / "marker").exists()


@pytest.mark.usefixtures("small")
def test_a_piece_of_work_that_kills_each_process_is_an_error(weeks, monkeypatch):
    doing(monkeypatch, """if asked == b'["part", 58, 3]': os.kill(os.getpid(), 9)""")
    with pytest.raises(Unavailable, match="killed by signal 9, twice"):
        diff_manifests(*weeks, by=TWO)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("return b'nothing'", "no answer"),
        ("return b'{}'", "no answer"),
        ("return b'[]'", "no answer"),
        ("""return b'{"error": [1]}'""", "no answer"),
        ("""return b'{"error": ["Unavailable", "lost it", ""]}'""", "lost it"),
        ("if b'part' in asked: return answer(asked)[:-8]", "no answer"),
        ("if b'part' in asked: return answer(asked) + bytes(8)", "no answer"),
        ("if b'part' in asked: return b'[[0, [0, 0, 0, 0]], [0, [0, 0, 0, 0]], 0, 0]'", "other rows than there are"),
        ("if b'part' in asked: return answer(b'[\"part\", 58, 3]')", "other rows than there are"),
        ("if b'part' in asked: return b'[[5, [0, 0, 0, 0]], [4, [0, 0, 0, 0]], 0, 0]'", "more on one side"),
        (
            "if b'range' in asked: return answer(asked).replace(b'\"elsewhere\": [[', b'\"elsewhere\": [[1')",
            "other rows",
        ),
    ],
)
@pytest.mark.usefixtures("small")
def test_an_answer_that_cannot_be_is_refused(what, says, weeks, monkeypatch):
    doing(monkeypatch, what)
    with pytest.raises(Unavailable, match=says):
        diff_manifests(*weeks, by=TWO)


def test_our_own_fault_is_raised_as_such(weeks, monkeypatch):
    doing(monkeypatch, """asked = b'["nothing"]'""")
    with pytest.raises(RuntimeError, match="KeyError: 'nothing'"):
        diff_manifests(*weeks, by=TWO)


@pytest.mark.parametrize("body", [[5, 4], [-1, 3], [3, 3], [3, 10]])
def test_numbers_of_rows_that_there_are_not_are_refused(body):
    part = PartChanges(Tally(2), Tally(), np.array(body), np.zeros(0, "i8"))
    with pytest.raises(Malformed, match="numbers of rows that there are not"):
        data_diff_wire.decode_part(data_diff_wire.encode_part(part), (10, 10))


def test_a_part_comes_back_as_it_was():
    part = PartChanges(Tally(5, (1, 2, 3, 2**64 - 1)), Tally(4), np.array([1, 9]), np.array([0]))
    found = data_diff_wire.decode_part(data_diff_wire.encode_part(part), (10, 10))
    assert (found.older, found.newer) == (part.older, part.newer)
    assert (found.removed.tolist(), found.new.tolist()) == ([1, 9], [0])


def test_hashes_that_change_between_two_processes_are_refused(weeks, monkeypatch):
    real = data_diff_pool.Pool.answers

    def later(self, tasks):
        if b"part" in tasks[0].request:
            os.utime(f"{weeks[1]}.rows", (1, 1))
        return real(self, tasks)

    monkeypatch.setattr(data_diff_pool.Pool, "answers", later)
    with pytest.raises(Unavailable, match="changed while it was read"):
        diff_manifests(*weeks, by=TWO)


def test_hashes_that_are_replaced_between_two_processes_are_refused(weeks, tmp_path, monkeypatch):
    """Another file of the same size and time: the sums of the hashes tell."""
    path = Path(f"{weeks[1]}.rows")
    real = data_diff_pool.Pool.answers

    def later(self, tasks):
        if b"part" in tasks[0].request:
            data, times = path.read_bytes(), path.stat()
            other = tmp_path / "other"
            other.write_bytes(bytes([data[0] ^ 1]) + data[1:])
            os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
            shutil.move(other, path)
        return real(self, tasks)

    monkeypatch.setattr(data_diff_pool.Pool, "answers", later)
    with pytest.raises(Unavailable, match="other rows than there are"):
        diff_manifests(*weeks, by=TWO)


def test_another_release_answers_nothing(weeks):
    greeting = json.dumps({"version": "0", "sides": []}).encode()
    assert b"was asked by one of 0" in data_diff_worker.begin(greeting)(b"")
