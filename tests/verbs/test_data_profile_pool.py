"""Many processes find the distributions that one finds, whatever they do to themselves."""

import datetime as dt
import decimal
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_bucket import ACCESS, SECRET, fake_bucket
from hauberk.cli.dispatch import dispatch
from hauberk.dataset import profile
from hauberk.dataset.profile import Profiler
from hauberk.dataset.rows import Column
from hauberk.errors import Unavailable
from hauberk.verbs import data_profile_pool, data_profile_wire, data_profile_worker
from hauberk.verbs.data_diff_read import Asked, compare_data
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_pool import By

TWO = By(2)
WANTED = Wanted("t", bytes(32), ("id",), "from")


class Here:
    """A pool whose workers are functions of this process."""

    def __init__(self, command, environment, greeting, jobs, timeout_seconds, limit):
        self._answer = data_profile_worker.begin(greeting)

    def answers(self, tasks):
        return [self._answer(task.request) for task in tasks]


def table(numbers, add=0):
    """Rows with a column of nearly each type, with nulls, infinities and long texts."""
    none = {n for n in numbers if n % 11 == 0}
    day = dt.date(2020, 1, 1)

    def each(make, kind):
        return pa.array([None if n in none else make(n) for n in numbers], kind)

    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "from": pa.array([f"s{n % 3}" for n in numbers], pa.string()),
            "float": each(lambda n: float("inf") if n % 97 == 0 else n / 7 + add, pa.float64()),
            "int": each(lambda n: n * 3 - 50, pa.int32()),
            "truth": each(lambda n: n % 5 < 2 + add, pa.bool_()),
            "text": each(lambda n: f"word {n % 6}", pa.string()),
            "long": each(lambda n: f"{n % 4}" * 200, pa.string()),
            "number": each(lambda n: f"{n + add}", pa.string()),
            "date": each(lambda n: day + dt.timedelta(n), pa.date32()),
            "at": each(lambda n: n * 86_400 * 10**6, pa.timestamp("us", "UTC")),
            "far": each(lambda n: n * 10**9, pa.timestamp("s")),
            "decimal": each(lambda n: decimal.Decimal(n) / 8, pa.decimal128(20, 4)),
            "bytes": each(lambda n: b"x" * (n % 9), pa.binary()),
            "list": each(lambda n: [n] * (n % 4), pa.list_(pa.int64())),
            "nothing": pa.nulls(len(numbers)),
        }
    )


def manifest(folder, name, rows, files, wanted=WANTED):
    (folder / name).mkdir()
    step = max(1, -(-len(rows) // files))
    for at in range(files):
        pq.write_table(rows.slice(at * step, step), folder / name / f"{at}.parquet")
    make_manifest((folder / name,), folder / f"{name}.manifest", wanted)
    return folder / f"{name}.manifest"


def told(older, newer, *arguments):
    """Return the answer in JSON, as bytes, and the exit code."""
    output = older.parent / "answer"
    output.unlink(missing_ok=True)
    words = ["data", "diff", str(older), str(newer), "--distributions", "--format", "json", "--output", str(output)]
    return dispatch([*words, *arguments]), output.read_bytes() if output.exists() else None


@pytest.fixture
def weeks(tmp_path):
    return (
        manifest(tmp_path, "older", table(range(900)), 3),
        manifest(tmp_path, "newer", table(range(200, 1300), 1), 2),
    )


def test_the_answer_is_that_of_one_process_byte_for_byte(weeks):
    alone = told(*weeks)
    assert told(*weeks, "--jobs", "3") == alone
    assert alone[0] == 1
    found = json.loads(alone[1])["distributions"]
    assert len(found["columns"]) == 14
    assert {one["compared"] for one in found["columns"]} == {"values", "categories", "numbers", "lengths", "nulls"}
    assert len(found["sources"]) == 3


def test_a_sample_of_many_rows_is_that_of_one_process(weeks, monkeypatch):
    monkeypatch.setattr(profile, "SAMPLE_ROWS", 300)
    alone = told(*weeks)
    monkeypatch.setattr(data_profile_pool, "Pool", Here)
    assert told(*weeks, "--jobs", "2") == alone
    sampled = json.loads(alone[1])["distributions"]["sampled"]
    assert all(200 < many < 400 for many in sampled.values())


def test_columns_and_salts_that_differ_are_compared_too(weeks, tmp_path):
    other = manifest(tmp_path, "other", table(range(100, 700)).drop_columns(["float"]), 2, Wanted("t", None, ("id",)))
    assert told(weeks[0], other, "--jobs", "2") == told(weeks[0], other)
    assert json.loads(told(weeks[0], other)[1])["comparedBy"]


def test_images_are_profiled_by_this_process(tmp_path):
    for name, count in (("older", 50), ("newer", 70)):
        (tmp_path / name).mkdir()
        for number in range(count):
            (tmp_path / f"{name}/{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(number))
        make_manifest((tmp_path / name,), tmp_path / f"{name}.manifest", Wanted("t", None))
    pair = tmp_path / "older.manifest", tmp_path / "newer.manifest"
    assert told(*pair, "--jobs", "2") == told(*pair)


batches = st.lists(st.lists(st.none() | st.floats(width=32), max_size=20), min_size=1, max_size=6)


@settings(max_examples=60)
@given(batches, st.integers(0, 5))
def test_a_profiler_goes_on_from_what_another_saw(parts, cut):
    whole, first, second, both = (Profiler("x", "float") for _ in range(4))
    for number, part in enumerate(parts):
        column, picked = pa.array(part, pa.float64()), np.arange(0, len(part), 2)
        for one in (whole, first if number < cut else second):
            one.add(column, picked)
    for one in (first, second):
        (seen,) = data_profile_wire.decode_seen(data_profile_wire.encode_seen([one.seen()]))
        assert one.fits(seen, sum(map(len, parts[:cut] if one is first else parts[cut:])), len(seen.numbers))
        both.take(seen)
    wanted, found = whole.profile(), both.profile()
    assert np.array_equal(found.numbers, wanted.numbers, equal_nan=True)
    for name in ("rows", "nulls", "infinite", "least", "most", "mean", "distinct"):
        assert repr(getattr(found, name)) == repr(getattr(wanted, name))


cells = st.lists(st.integers(0, 400), max_size=60)


@settings(max_examples=15, deadline=None)
@given(cells, cells, st.integers(1, 4), st.integers(5, 100))
def test_whatever_the_rows_the_answer_is_that_of_one_process(older, newer, files, sample):
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(profile, "SAMPLE_ROWS", sample)
        pair = (
            manifest(Path(folder), "older", table(older), files),
            manifest(Path(folder), "newer", table(newer, 1), files),
        )
        alone = told(*pair)
        patch.setattr(data_profile_pool, "Pool", Here)
        patch.setattr("hauberk.verbs.data_diff.compared_by", None)  # only the data is looked at by others here
        patch.setattr("hauberk.verbs.data_diff_read.diff_manifests", _by_one)
        assert told(*pair, "--jobs", "2") == alone


def _by_one(older, newer, *, sides, by):
    from hauberk.verbs.data_diff import diff_manifests  # noqa: PLC0415 - the one that is not replaced

    return diff_manifests(older, newer, sides=sides)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.unlink(),
        lambda path: pq.write_table(table(range(5)), path),
    ],
    ids=["damaged", "cut", "gone", "other rows"],
)
def test_what_one_process_refuses_is_refused(change, weeks, capsys):
    change(weeks[0].parent / "older/1.parquet")
    alone = told(*weeks), capsys.readouterr().err
    assert (told(*weeks, "--jobs", "2"), capsys.readouterr().err) == alone
    assert alone[0][0] in (1, 3)
    assert alone[0][1] is None
    assert "1.parquet" in alone[1]


DOING = """
import os, sys
from hauberk.edge.pool import serve
from hauberk.verbs import data_profile_worker
real = data_profile_worker.begin
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
    monkeypatch.setattr(data_profile_pool, "COMMAND", (data_profile_pool.sys.executable, "-c", program, str(marker)))


def test_a_process_that_is_killed_once_loses_nothing(weeks, tmp_path, monkeypatch):
    alone = told(*weeks)
    what = "if not os.path.exists(marker): open(marker, 'x').close(); os.kill(os.getpid(), 9)"
    doing(monkeypatch, what, tmp_path / "marker")
    assert told(*weeks, "--jobs", "2") == alone
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("if asked == b'[0, 1]': os.kill(os.getpid(), 9)", r"1\.parquet: .* killed by signal 9, twice"),
        ("return b'nothing'", "no answer"),
        ("return b'{}'", "no answer"),
        ("""return b'{"error": [1]}'""", "no answer"),
        ("""return b'{"error": ["Unavailable", "lost it", ""]}'""", "lost it"),
        ("return answer(asked)[:-8]", "an answer that is cut"),
        (
            """return b'{"columns": [], "sha256": "' + __import__('hashlib').sha256().hexdigest().encode() + b'"}'""",
            "rows",
        ),
        ("return answer(b'[1, 0]')", "other rows than there are"),
        ("""return answer(asked).replace(b'"columns": [[', b'"columns": [[1')""", "other rows than there are"),
        ("""return answer(asked).replace(b'"columns": [[', b'"columns": [[-')""", "no answer"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(what, says, weeks, monkeypatch):
    doing(monkeypatch, what)
    with pytest.raises(Unavailable, match=says):
        compare_data(*map(str, weeks), Asked(), by=TWO)


def test_our_own_fault_is_raised_as_such(weeks, monkeypatch):
    doing(monkeypatch, "asked = b'[0, 99]'")
    with pytest.raises(RuntimeError, match="IndexError"):
        compare_data(*map(str, weeks), Asked(), by=TWO)


@pytest.mark.parametrize("which", ["older.manifest", "newer.manifest.rows"])
def test_what_changes_before_a_process_reads_it_is_refused(which, weeks, monkeypatch):
    real = data_profile_pool.Pool.answers
    path = weeks[0].parent / which

    def later(self, tasks):
        if tasks[0].request == b"[0, 0]":
            if which.endswith("rows"):
                os.utime(path, (1, 1))
            else:
                path.write_bytes(path.read_bytes().replace(b'"name":"t"', b'"name":"u"'))
        return real(self, tasks)

    monkeypatch.setattr(data_profile_pool.Pool, "answers", later)
    with pytest.raises(Unavailable, match="changed while it was read"):
        compare_data(*map(str, weeks), Asked(), by=TWO)


def test_data_in_a_store_is_fetched_by_the_process_that_reads_it(tmp_path, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("HOME", str(tmp_path)), ("AWS_ACCESS_KEY_ID", ACCESS), ("AWS_SECRET_ACCESS_KEY", SECRET)):
        monkeypatch.setenv(name, value)
    with fake_bucket() as store:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", store.url)
        pair = []
        for week, numbers in (("w46", range(100)), ("w47", range(50, 200))):
            pq.write_table(table(numbers), tmp_path / "t.parquet")
            store.add(f"{week}/t.parquet", (tmp_path / "t.parquet").read_bytes())
            make_manifest((f"s3://sets/{week}/",), tmp_path / f"{week}.manifest", WANTED)
            pair.append(tmp_path / f"{week}.manifest")
        alone = told(*pair)
        assert told(*pair, "--jobs", "2") == alone
        assert alone[0] == 1


def test_another_release_answers_nothing():
    greeting = json.dumps({"version": "0"}).encode()
    assert b"was asked by one of 0" in data_profile_worker.begin(greeting)(b"")


def test_text_that_is_none_is_no_profile_of_text():
    maker = Profiler("x", "string")
    maker.add(pa.array(["a", "b"]), np.arange(2))
    (seen,) = data_profile_wire.decode_seen(data_profile_wire.encode_seen([maker.seen()]))
    assert maker.fits(seen, 2, 2)
    assert not maker.fits(seen, 2, 1)
    assert not maker.fits(seen, 3, 2)
    assert not Profiler("x", Column("x", "int").type).fits(seen, 2, 2)
