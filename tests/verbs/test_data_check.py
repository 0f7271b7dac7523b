"""`hauberk data check` as a person runs it: what it finds, what it leaves unchecked, and how rarely it alarms."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk.checks.data.document import Document
from hauberk.cli.dispatch import dispatch
from hauberk.dataset.hashes import RECORD, among, records, repeated
from hauberk.formats.document import decode
from hauberk.verbs.data_check import Other, check_data
from hauberk.verbs.data_manifest import Wanted, make_manifest

HEAD = "schema: urn:hauberk:data-checks:v1\nname: t\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path, **columns):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def write_arrow(path, **columns):
    table = pa.table(columns)
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)


def check(text, *more, data="new.parquet"):
    Path("checks.yaml").write_text(HEAD + text)
    return dispatch(["data", "check", data, "--checks", "checks.yaml", *more])


def answer(capsys):
    return json.loads(capsys.readouterr().out)


def test_what_holds_is_0_and_what_does_not_is_1_with_the_rule_and_the_row(capsys):
    write("new.parquet", x=[1, 2, 30])
    assert check("ranges: [{column: x, max: 30}]\n") == 0
    capsys.readouterr()
    assert check("ranges: [{column: x, max: 2}]\n", "--format", "json") == 1
    said = answer(capsys)
    assert said["outcome"] == "fail"
    assert [(one["check"], one["rule"], one["result"]) for one in said["checks"]] == [
        ("columns", "data-schema", "pass"),
        ("ranges[0]", "data-range", "fail"),
    ]
    assert said["findings"][0]["saw"] == "x: 1 of 3 values are outside; the first is in row 2"


def test_no_value_of_a_row_is_told(capsys):
    write("new.parquet", x=["secret-1", "secret-2", "secret-2"])
    text = "categories: [{column: x, values: [a]}]\nunique: [{columns: [x]}]\nreferences: [{column: x}]\n"
    write("old.parquet", x=["secret-3"])
    assert check(text, "--reference", "old=old.parquet") == 1
    assert "secret" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ranges: [{column: gone, max: 2}]", "there is no column 'gone'"),
        ("ranges: [{column: s, max: 2}]", "is string, and no number"),
        ("freshness: [{column: x, max_age_hours: 2}]", "is int, and no time"),
        ("shift: [{columns: [x]}]", "no other data set is given"),
        ("shift: [{columns: [x], against: old}]", "the data set 'old' is not given"),
        ("rows: [{min_ratio: 0.5}]", "no other data set is given"),
        ("label_balance: [{column: l, shares: {a: {max: 1}}}]", "have no text"),
    ],
)
def test_what_cannot_be_computed_is_unchecked_and_never_a_pass(text, seen, capsys):
    write("new.parquet", x=[1, 2], s=["a", "b"], l=[[1], [2]])
    assert check(text + "\n", "--format", "json") == 3
    said = answer(capsys)
    assert said["outcome"] == "incomplete"
    assert said["checks"][-1]["result"] == "incomplete"
    assert seen in said["unchecked"][0]["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "ranges: [{column: x, max: 2}]",
        "nulls: [{column: x}]",
        "unique: [{columns: [x]}]",
        "categories: [{column: x, values: ['1']}]",
        "label_balance: [{column: x, shares: {'1': {max: 1}}}]",
    ],
)
def test_a_set_of_no_row_passes_nothing(text):
    write("new.parquet", x=pa.array([], pa.int64()))
    assert check(text + "\n") == 3


def test_too_few_rows_and_other_types_are_not_compared(capsys):
    write("new.parquet", x=[1, 2], y=[1, 2])
    write("old.parquet", x=[1, 2], y=[1.0, 2.0])
    assert check("shift: [{columns: [x]}]\nduplicates: [{columns: [y]}]\n", "--reference", "o=old.parquet") == 3
    out = capsys.readouterr().out
    assert "fewer than 30 rows" in out
    assert "y are of other types" in out or "int) here" in out or "are not compared" in out


@pytest.mark.parametrize(
    "values",
    [pa.array([2**62], pa.timestamp("s")), pa.array([2**55], pa.timestamp("ms")), pa.array([2**31 - 1], pa.date32())],
)
def test_a_time_that_no_microseconds_hold_is_unchecked_and_does_not_wrap(values, capsys):
    write_arrow("new.arrow", at=values)
    text = 'ranges: [{column: at, latest: "2020-01-01T00:00:00Z"}]\nfreshness: [{column: at, max_age_hours: 1}]\n'
    assert check(text, data="new.arrow") == 3
    assert "more than 290,000 years away" in capsys.readouterr().out


ALL_TYPES = {
    "unsigned": pa.array([2**64 - 1] * 40, pa.uint64()),
    "half": pa.array(np.arange(40, dtype="f2")),
    "decimal": pa.array([Decimal("9" * 60), None] * 20, pa.decimal256(70, 5)),
    "truth": pa.array([True, None] * 20),
    "time": pa.array([1] * 40, pa.time32("s")),
    "nanoseconds": pa.array([2**63 - 1] * 40, pa.timestamp("ns")),
    "zone": pa.array([0] * 40, pa.timestamp("ms", "Nowhere/X")),
    "duration": pa.array([1] * 40, pa.duration("s")),
    "bytes": pa.array([b"\xff"] * 40),
    "list": pa.array([[1]] * 40),
    "struct": pa.array([{"a": 1}] * 40),
    "map": pa.array([[("a", 1)]] * 40, pa.map_(pa.string(), pa.int64())),
    "null": pa.nulls(40),
    "dictionary": pa.DictionaryArray.from_arrays(pa.array([0, None] * 20, pa.int32()), pa.array([None], pa.string())),
    "nan": pa.array([float("nan"), float("inf")] * 20),
    "view": pa.array(["", "a\0b"] * 20, pa.string_view()),
}


@pytest.mark.parametrize("name", ALL_TYPES)
def test_every_check_of_every_type_has_an_answer(name):
    write_arrow("new.arrow", x=ALL_TYPES[name])
    for text in (
        "ranges: [{column: x, max: 1}]",
        'ranges: [{column: x, latest: "2020-01-01T00:00:00Z"}]',
        "categories: [{column: x, values: [a]}]",
        "nulls: [{column: x}]",
        "unique: [{columns: [x]}]",
        "freshness: [{column: x, max_age_hours: 1}]",
        "references: [{column: x}]",
        "shift: [{columns: [x]}]",
        "label_balance: [{column: x, shares: {a: {max: 0.1}}}]",
        "duplicates: [{columns: [x]}]",
        "leakage: [{column: x}]",
    ):
        assert check(text + "\n", "--reference", "old=new.arrow", data="new.arrow") in (0, 1, 3)


def test_a_file_that_is_named_as_another_kind_is_unchecked_and_the_others_are_read(capsys):
    write("set/a.parquet", v=[1, 2])
    Path("set/b.csv").write_bytes(Path("set/a.parquet").read_bytes())
    assert check("rows: [{min: 2, max: 2}]\n", "--format", "json", data="set") == 3
    said = answer(capsys)
    assert said["rows"] == 2
    assert [(one["path"], "begins as parquet" in one["detail"]) for one in said["unchecked"]] == [("b.csv", True)]


def test_more_texts_than_are_kept_are_unchecked(capsys):
    texts = [str(n) for n in range(5000)]
    write("new.parquet", x=texts)
    write("old.parquet", x=texts)
    assert check("shift: [{columns: [x]}]\n", "--reference", "o=old.parquet") == 3
    assert "more than 4096 values in 'x'" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_spoils_every_pass(capsys):
    write("data/a.parquet", x=[1])
    whole = Path("data/a.parquet").read_bytes()
    Path("data/b.parquet").write_bytes(whole[:4] + b"\0" * (len(whole) - 12) + whole[-8:])
    assert check("ranges: [{column: x, max: 2}]\n", "--format", "json", data="data") == 3
    said = answer(capsys)
    assert {one["result"] for one in said["checks"]} == {"incomplete"}
    assert said["unchecked"][0]["path"] == "b.parquet"


def test_files_of_other_columns_are_a_finding(capsys):
    write("data/a.parquet", x=[1])
    write("data/b.parquet", x=["1"])
    assert check("nulls: [{column: x}]\n", data="data") == 1
    assert "b.parquet: other columns, or another order, than in a.parquet" in capsys.readouterr().out


def test_cells_of_the_other_set_that_cannot_be_read_are_no_nulls(capsys):
    Path("test.csv").write_text("at,n\n2026-01-01T00:00:00Z,1\nyesterday,2\n")
    write("new.parquet", at=pa.array([1_600_000_000_000_000], pa.timestamp("us", "UTC")), n=[3])
    text = "columns: [{name: at, type: instant}, {name: n, type: int}]\nleakage: [{column: at}]\n"
    assert check(text + "duplicates: [{columns: [n]}]\n", "--reference", "test=test.csv", "--format", "json") == 3
    said = answer(capsys)
    assert [one["detail"] for one in said["unchecked"]] == [
        "leakage[0]: test.csv: at: 1 cells are no instant; the first is in row 1"
    ]
    assert {one["check"]: one["result"] for one in said["checks"]}["duplicates[0]"] == "pass"


def test_a_manifest_without_its_data_says_how_many_rows_there_were(capsys):
    write("old.parquet", x=[1, 2, 3, 4])
    make_manifest(("old.parquet",), "old.manifest", Wanted("old", None))
    Path("old.parquet").unlink()
    write("new.parquet", x=[1, 2])
    assert check("rows: [{min_ratio: 0.5}]\n", "--reference", "old.manifest") == 0
    assert check("rows: [{min_ratio: 0.6}]\n", "--reference", "old.manifest") == 1
    assert check("duplicates: [{columns: [x]}]\n", "--reference", "old.manifest") == 3
    assert "the rows of old are not here" in capsys.readouterr().out


def test_another_data_set_than_its_manifest_is_refused(capsys):
    write("old.parquet", x=[1, 2, 3])
    make_manifest(("old.parquet",), "old.manifest", Wanted("old", None))
    write("new.parquet", x=[4])
    write("old.parquet", x=[1, 2])
    for place in ("old.manifest", "old.manifest=old.parquet", "week=old.manifest"):
        assert check("duplicates: [{columns: [x]}]\n", "--reference", place) == 1
        assert "not dirHash" in (seen := capsys.readouterr().err) or "has the digest" in seen


def test_images_in_folders_are_rows(capsys):
    for path, data in (("cat/1", b"a"), ("cat/2", b"b"), ("dog/1", b"c"), ("dog/README", b"about")):
        Path("images", path).parent.mkdir(parents=True, exist_ok=True)
        Path("images", path).write_bytes(b"\x89PNG\r\n\x1a\n" * (data != b"about") + data)
    Path("test.png").write_bytes(Path("images/dog/1").read_bytes())
    text = "label_balance: [{column: label, shares: {cat: {min: 0.6}, dog: {min: 0.3}}}]\n"
    assert check(text, data="images") == 0
    assert "3 rows" in capsys.readouterr().out
    assert check(text.replace("0.3", "0.4"), data="images") == 1
    assert check("duplicates: [{columns: [sha256]}]\n", "--reference", "test=test.png", data="images") == 1
    assert "1 of 3 rows are in test too, by sha256; the first is row 2" in capsys.readouterr().out


def test_files_that_are_no_table_and_no_image_pass_nothing(capsys):
    Path("new.txt").write_text("hello")
    assert check("unique: [{columns: [x]}]\n", data="new.txt") == 3
    assert "there is no table in the data set" in capsys.readouterr().out


def test_data_in_a_store_are_checked_as_those_here(store, capsys):
    write("data/a.parquet", x=[1, 2, 30])
    write("data/b.parquet", x=[4])
    for path in Path("data").iterdir():
        store.add(f"w47/{path.name}", path.read_bytes())
    make_manifest(("s3://sets/w47/",), "old.manifest", Wanted("old", None))
    text = "ranges: [{column: x, max: 3}]\nduplicates: [{columns: [x]}]\n"
    said = []
    for place in ("data", "s3://sets/w47/"):
        assert check(text, "--reference", "old.manifest", "--format", "json", data=place) == 1
        said.append(answer(capsys))
    assert said[0] == said[1]
    assert {one["rule"] for one in said[0]["findings"]} == {"data-range", "data-duplicate"}


@pytest.mark.parametrize(
    "text",
    [
        "range: [{column: x, max: 2}]\n",
        "ranges: [{column: x}]\n",
        "ranges: [{column: x, earliest: yesterday}]\n",
        "ranges: [{column: x, min: 3, max: 2}]\n",
        "ranges: [{column: x, min: 3, earliest: '2020-01-01T00:00:00Z'}]\n",
        "columns: [{name: x, type: number}]\n",
        "columns: [{name: x}, {name: x}]\n",
        "nulls: [{column: x, max_share: 2}]\n",
        "unique: [{columns: []}]\n",
        "rows: [{}]\n",
        "categories: [{column: x, values: []}]\n",
        "freshness: [{column: x, max_age_hours: 0}]\n",
        "false_alarm_rate: 0\nnulls: [{column: x}]\n",
        "",
    ],
)
def test_checks_that_make_no_sense_are_refused(text):
    write("new.parquet", x=[1])
    assert check(text) == 2


@pytest.mark.parametrize("reference", ["nothing", "a=nowhere.parquet", "new.parquet"])
def test_a_reference_that_is_none_is_refused(reference):
    write("new.parquet", x=[1])
    assert check("duplicates: [{columns: [x]}]\n", "--reference", reference) in (2, 3)


@pytest.mark.parametrize("part_rows", [1, 7, 1 << 20])
def test_hashes_sorted_in_parts_are_counted_as_all_at_once(part_rows):
    rng = np.random.default_rng(5)
    values, others = rng.integers(0, 60, 200), rng.integers(30, 90, 200)

    class Kept:
        def __init__(self, numbers):
            hashes = np.zeros((len(numbers), 32), "u1")
            hashes[:, 0], hashes[:, 7] = numbers, numbers * 4  # byte 7 decides the part
            self.data = records(hashes.tobytes(), 32, np.arange(len(numbers)))

        def __len__(self):
            return len(self.data) // RECORD.itemsize

        def read(self, start, end):
            return self.data[start * RECORD.itemsize : end * RECORD.itemsize]

    found = repeated(Kept(values), part_rows=part_rows)
    firsts = {value: list(values).index(value) for value in values}
    later = [n for n, value in enumerate(values) if firsts[value] != n]
    assert (found.rows, found.first) == (len(later), later[0])
    inside, outside = among(Kept(values), Kept(others), part_rows=part_rows)
    known = np.isin(values, others)
    assert (inside.rows, inside.first) == (known.sum(), int(np.flatnonzero(known)[0]))
    assert (outside.rows, outside.first) == ((~known).sum(), int(np.flatnonzero(~known)[0]))


def test_ten_columns_together_alarm_as_rarely_as_the_rate_says():
    """300 pairs of files of ten columns each, from one distribution: any alarm at all counts."""
    rng, draws, rate, alarms = np.random.default_rng(4), 300, 0.05, 0
    names = [f"c{n}" for n in range(10)]
    shape = {"schema": "urn:hauberk:data-checks:v1", "name": "t", "false_alarm_rate": rate}
    checks = decode({**shape, "shift": [{"columns": names}]}, Document, what="c")

    def draw(path):
        numbers = {name: rng.normal(size=200) for name in names[:5]}
        texts = {name: rng.choice(["a", "b", "c", "d"], 200, p=[0.7, 0.2, 0.08, 0.02]) for name in names[5:]}
        write(path, **numbers, **texts)

    for _ in range(draws):
        draw("old.parquet")
        draw("new.parquet")
        found = check_data(checks, ("new.parquet",), (Other("old", ("old.parquet",)),), now=0)
        assert found.unchecked == ()
        alarms += found.result == "fail"
    assert alarms <= rate * draws + 3.7 * (rate * (1 - rate) * draws) ** 0.5
