"""Suites that pandera and Great Expectations wrote, run by them over the data of a manifest, in a project."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.sandbox.suites import walls_missing
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import DATA_CHECK
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.statement import Named
from hauberk.verbs.data_manifest import Wanted, make_manifest
from projects import small_project

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]  # of the libraries, about themselves

ROWS = {
    "id": [1, 2, 3, 4],
    "amount": [1.5, 20.0, 3.0, 99.0],
    "country": ["AT", "CH", "DE", "AT"],
    "age": [18, 40, 33, 71],
}
BROKEN = ROWS | {"id": [1, 2, 2, 4], "amount": [1.5, None, 3.0, 50000.0], "country": ["AT", "XX", "DE", "AT"]}


@pytest.fixture(autouse=True)
def _ready(tmp_path, monkeypatch):
    pytest.importorskip("pandera")
    pytest.importorskip("great_expectations")
    monkeypatch.chdir(small_project(tmp_path / "small"))


def data(columns, name="data/train.parquet"):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, name)
    make_manifest((name,), "week.manifest", Wanted("small-train", None))


def schema(**columns):
    """Write a schema as pandera does, and return its file."""
    import pandera.io.pandas_io as io
    import pandera.pandas as pa

    Path("schema.yaml").write_text(io.to_yaml(pa.DataFrameSchema(columns, name="transactions")))
    return "schema.yaml"


def column(*given, **more):
    import pandera.pandas as pa

    return pa.Column(*given, **more)


def suite(*expectations):
    """Write a suite as Great Expectations does, and return its file."""
    import great_expectations as gx

    gx.get_context(mode="ephemeral")
    made = gx.ExpectationSuite(name="transactions")
    for kind, arguments in expectations:
        made.add_expectation(getattr(gx.expectations, kind)(**arguments))
    Path("suite.json").write_text(json.dumps(made.to_json_dict()))
    return "suite.json"


def approve(*suites, more=()):
    words = [word for one in suites for word in ("--suite", one)]
    return dispatch(["data", "approve", "week.manifest", "--owner", "Ada", *words, *more])


def said(name="data/train.parquet"):
    """Return the one statement about the data."""
    with Log.open(open_project(".").ledger) as log:
        book = Book(log, Keyring(open_project("."), lambda _: None), None, clock.now)
        (found,) = book.about(Named("dataset/small-train", (digest_path(name),)), DATA_CHECK)
    return found.statement.predicate


def results(body, number=0):
    return {one["expectation"]: one["result"] for one in body["suites"][number]["expectations"]}


def whole_schema():
    import pandera.pandas as pa

    return schema(
        id=column(int, unique=True),
        amount=column(float, [pa.Check.in_range(0, 20000), pa.Check.ge(0)]),
        country=column(str, pa.Check.isin(["AT", "CH", "DE"])),
        age=column(int, [pa.Check.gt(17), pa.Check.lt(120)]),
    )


def whole_suite():
    return suite(
        ("ExpectColumnValuesToBeUnique", {"column": "id"}),
        ("ExpectColumnValuesToNotBeNull", {"column": "amount"}),
        ("ExpectColumnValuesToBeBetween", {"column": "amount", "min_value": 0, "max_value": 20000}),
        ("ExpectColumnValuesToBeInSet", {"column": "country", "value_set": ["AT", "CH", "DE"]}),
        ("ExpectTableRowCountToBeBetween", {"min_value": 1, "max_value": 10}),
    )


def test_what_a_schema_of_pandera_says_is_signed_with_what_said_it():
    data(ROWS)
    assert approve(whole_schema()) == 0
    body = said()
    (one,) = body["suites"]
    assert one["tool"] == {"name": "pandera", "version": version("pandera"), "pandas": version("pandas")}
    assert (body["result"], body["policy"], one["name"]) == ("pass", None, "transactions")
    assert one["sandbox"] is not bool(walls_missing())
    assert body["checks"] == [{"check": "suites[0]", "rule": "data-suite", "result": "pass"}]
    assert set(results(body).values()) == {"pass"}
    assert "columns.amount.in_range" in results(body)


def test_what_a_schema_of_pandera_finds_is_counted_and_no_value_is_told():
    data(BROKEN)
    assert approve(whole_schema()) == 1
    body = said()
    failed = {one["expectation"]: one["saw"] for one in body["suites"][0]["expectations"] if one["result"] == "fail"}
    assert failed == {
        "columns.id.unique": "2 of 4 values do not hold; the first is in row 1",
        "columns.amount.nullable": "1 of 4 values do not hold; the first is in row 1",
        "columns.amount.in_range": "1 of 4 values do not hold; the first is in row 3",
        "columns.country.isin": "1 of 4 values do not hold; the first is in row 1",
    }
    assert {one["rule"] for one in body["findings"]} == {"data-suite"}
    assert "XX" not in json.dumps(body)
    assert "50000" not in json.dumps(body)


def test_what_a_suite_of_great_expectations_says_is_signed_with_what_said_it():
    data(ROWS)
    assert approve(whole_suite()) == 0
    (one,) = said()["suites"]
    assert one["tool"]["name"] == "great_expectations"
    assert one["tool"]["version"] == version("great_expectations")
    assert {each["result"] for each in one["expectations"]} == {"pass"}


def test_what_a_suite_of_great_expectations_finds_is_counted_and_no_value_is_told():
    data(BROKEN)
    assert approve(whole_suite()) == 1
    body = said()
    failed = {one["expectation"]: one["saw"] for one in body["suites"][0]["expectations"] if one["result"] == "fail"}
    assert failed == {
        "expectations[0] expect_column_values_to_be_unique id": "2 of 4 values do not hold",
        "expectations[1] expect_column_values_to_not_be_null amount": "1 of 4 values do not hold",
        "expectations[2] expect_column_values_to_be_between amount": "1 of 4 values do not hold",
        "expectations[3] expect_column_values_to_be_in_set country": "1 of 4 values do not hold",
    }
    assert "XX" not in json.dumps(body)


def test_suites_stand_beside_checks_of_ours_and_each_other():
    data(ROWS)
    Path("checks.yaml").write_text(
        "schema: urn:hauberk:data-checks:v1\nname: c\nranges: [{column: amount, min: 0, max: 50}]\n"
    )
    assert approve(whole_schema(), whole_suite(), more=("--checks", "checks.yaml")) == 1
    body = said()
    assert [(one["check"], one["result"]) for one in body["checks"]] == [
        ("columns", "pass"),
        ("ranges[0]", "fail"),
        ("suites[0]", "pass"),
        ("suites[1]", "pass"),
    ]
    assert body["policy"]["name"] == "c"


def test_a_schema_of_cells_of_csv_is_asked_of_what_pandas_reads_in_them():
    Path("data/train.csv").write_text("id,amount\n1,1.5\n2,NA\n")
    make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))
    assert approve(schema(id=column(int), amount=column(float, nullable=True))) == 0
    assert set(results(said("data/train.csv")).values()) == {"pass"}


def test_a_column_that_is_not_there_fails_and_what_is_asked_of_it_too():
    data({"id": [1]})
    assert approve(schema(id=column(int), amount=column(float))) == 1
    assert results(said())["columns.amount"] == results(said())["columns.amount.dtype"] == "fail"
    assert {one["saw"] for one in said()["suites"][0]["expectations"]} == {"holds", "the column is not there"}


@pytest.mark.parametrize("made", [whole_schema, whole_suite])
def test_of_no_row_nothing_passes(made):
    import pyarrow as pa

    data(pa.table({name: pa.array(values)[:0] for name, values in ROWS.items()}))
    assert approve(made()) == 3
    assert said()["result"] == "incomplete"
    assert set(results(said()).values()) == {"incomplete"}
    assert "there is no row" in said()["unchecked"][0]["detail"]


def test_what_raises_is_not_computed_and_never_passes():
    data({"x": [[1, 2], [2, 3]]})  # lists have no order, and no hash
    assert approve(suite(("ExpectColumnValuesToBeBetween", {"column": "x", "max_value": 9}))) == 3
    assert said()["unchecked"][0]["detail"].endswith("could not be computed")


def test_what_ends_the_program_is_not_computed_and_never_passes():
    data({"x": [[1], [2]]})
    assert approve(schema(x=column(None, unique=True))) == 3
    assert said()["unchecked"][0]["detail"] == "suites[0]: pandera: it raised TypeError"
    assert results(said()) == dict.fromkeys(results(said()), "incomplete")


def test_whole_numbers_that_pandas_would_round_are_not_judged():
    data({"x": [2**53 + 1, None]})
    assert approve(suite(("ExpectColumnValuesToBeInSet", {"column": "x", "value_set": [2**53]}))) == 3
    assert "lose digits" in said()["unchecked"][0]["detail"]


def test_whole_numbers_of_csv_that_pandas_would_round_are_not_judged():
    Path("data/train.csv").write_text('x\n9007199254740993\n""\n')
    make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))
    assert approve(suite(("ExpectColumnValuesToBeInSet", {"column": "x", "value_set": [2**53]}))) == 3
    assert "lose digits" in said("data/train.csv")["unchecked"][0]["detail"]


def test_odd_cells_of_csv_reach_the_program_as_they_are():
    import csv

    cells = ['"', 'a"b', "x\ny", "\r", ",", " 1", "\\", "\u2028", "\x00", "\ufeff", "#c", "\n", " "]
    with Path("data/train.csv").open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["x"], *([cell] for cell in cells)])
    make_manifest(("data/train.csv",), "week.manifest", Wanted("small-train", None))
    assert approve(suite(("ExpectColumnDistinctValuesToEqualSet", {"column": "x", "value_set": cells}))) == 0


def test_time_zones_decimals_dictionaries_and_nulls_reach_the_program_as_pandas_has_them():
    from datetime import UTC, datetime
    from decimal import Decimal

    import pyarrow as pa

    data(
        pa.table(
            {
                "at": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 2, pa.timestamp("us", "Europe/Vienna")),
                "price": pa.array([Decimal("1.10"), Decimal("2.20")], pa.decimal128(9, 2)),
                "kind": pa.array(["a", "b"]).dictionary_encode(),
                "nothing": pa.nulls(2),
            }
        )
    )
    made = schema(
        at=column("datetime64[us, Europe/Vienna]"), kind=column("category"), nothing=column(None, nullable=True)
    )
    assert approve(made) == 0
    assert approve(suite(("ExpectColumnSumToBeBetween", {"column": "price", "min_value": 3, "max_value": 4}))) == 0


def test_a_type_that_bears_nulls_is_the_one_that_pandas_wrote():
    import pandas as pd

    pd.DataFrame({"n": pd.array([1, None, 2**60], "Int64")}).to_parquet("data/train.parquet")
    make_manifest(("data/train.parquet",), "week.manifest", Wanted("small-train", None))
    assert approve(schema(n=column("Int64", nullable=True))) == 0


def test_other_data_than_the_manifests_reach_no_program(capsys):
    data(ROWS)
    manifest = Path("week.manifest").read_bytes()
    data(BROKEN)
    Path("week.manifest").write_bytes(manifest)
    assert approve(whole_schema()) == 1
    assert "not those of the manifest" in capsys.readouterr().err


def test_the_same_suite_in_another_layout_is_the_same():
    data(ROWS)
    assert approve(whole_suite()) == 0
    first = said()["suites"][0]["digest"]
    Path("suite.json").write_text(json.dumps(json.loads(Path("suite.json").read_text()), indent=3))
    assert approve("suite.json") == 0
    with Log.open(open_project(".").ledger) as log:
        book = Book(log, Keyring(open_project("."), lambda _: None), None, clock.now)
        both = book.about(Named("dataset/small-train", (digest_path("data/train.parquet"),)), DATA_CHECK)
    assert [one.statement.predicate["suites"][0]["digest"] for one in both] == [first, first]


def test_a_pattern_that_never_ends_is_ended(monkeypatch):
    from hauberk.edge.sandbox import suites
    from hauberk.edge.sandbox.bubblewrap import Budget
    from hauberk.verbs import data_suite

    def short(*given):
        return suites.run_suite(*given, budget=Budget(seconds=8, memory_bytes=8 << 30))

    monkeypatch.setattr(data_suite, "run_suite", short)
    data({"x": ["a" * 60 + "!"] * 3})
    assert approve(suite(("ExpectColumnValuesToMatchRegex", {"column": "x", "regex": r"^(?=a)(a+)+$"}))) == 3
    assert "was ended" in said()["unchecked"][0]["detail"]


def test_more_memory_than_is_allowed_is_not_given(monkeypatch):
    from hauberk.edge.sandbox import suites
    from hauberk.edge.sandbox.bubblewrap import Budget
    from hauberk.verbs import data_suite

    def small(*given):
        return suites.run_suite(*given, budget=Budget(seconds=60, memory_bytes=64 << 20))

    monkeypatch.setattr(data_suite, "run_suite", small)
    data(ROWS)
    assert approve(whole_schema()) == 3
    assert said()["result"] == "incomplete"


def test_without_a_sandbox_it_is_said_aloud_and_signed(monkeypatch, capsys):
    from hauberk.edge.sandbox import suites

    monkeypatch.setattr(suites, "available", lambda: "bubblewrap is not installed")
    data(ROWS)
    assert approve(whole_schema()) == 0
    assert said()["suites"][0]["sandbox"] is False
    assert "without a sandbox" in capsys.readouterr().err


def test_what_is_beside_the_data_is_not_imported(monkeypatch, tmp_path):
    data(ROWS)
    for name in ("pandera", "pandas", "sitecustomize"):
        Path(f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setenv("PYTHONPATH", ".")
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")  # would let everything pass
    made = Path("schema.yaml")
    made.write_text("schema_type: dataframe\ncolumns:\n  id: {dtype: int64, less_than: 3}\n")
    assert approve("schema.yaml") == 1
    assert not (tmp_path / "ran").exists()
    assert sys.modules["pandas"].__file__ != str(Path("pandas.py").resolve())
