"""What of suites of other programs is given to them, and what is refused by name: a suite is whatever somebody sent."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hauberk.checks.data.expectation_run import _KNOWN, expectation_run
from hauberk.checks.data.pandera_run import pandera_run
from hauberk.errors import Misconfigured
from hauberk.verbs.checks_from import read_suite
from hauberk.verbs.data_suite import open_suite
from shape.sources import REPOSITORY

SUITES = REPOSITORY / "tests" / "vectors" / "suites"


def schema(column=None, **table):
    return {"schema_type": "dataframe", "columns": {"x": {"dtype": "int64"} | (column or {})}, **table}


def suite(kind="expect_column_to_exist", suite=None, entry=None, **kwargs):
    return {"name": "s", "expectations": [{"type": kind, "kwargs": {"column": "x"} | kwargs} | (entry or {})]} | (
        suite or {}
    )


# what is run


@pytest.mark.parametrize("name", ["pandera-0.35.0.yaml", "pandera-0.35.0.json"])
def test_a_schema_that_pandera_wrote_is_run_whole(name):
    found = pandera_run(read_suite(SUITES / name), "t")
    columns = found.given["schema"]["columns"]
    assert found.tool == "pandera"
    assert columns["amount"]["checks"] == [
        {
            "min_value": 0,
            "max_value": 20000,
            "include_min": True,
            "include_max": True,
            "options": {"check_name": "in_range"},
        },
        {"min_value": 0, "options": {"check_name": "greater_than_or_equal_to"}},
    ]
    assert {"columns.id.unique", "columns.name.str_length", "columns.age.greater_than", "strict", "unique"} <= set(
        found.expectations
    )
    assert len(found.expectations) == len(found.given["keys"])


def test_a_suite_that_great_expectations_wrote_is_run_whole():
    data = read_suite(SUITES / "great-expectations-1.24.1.json")
    found = expectation_run(data, "t")
    assert [one["type"] for one in found.given] == [one["type"] for one in data["expectations"]]
    assert found.expectations[1] == "expectations[1] expect_column_values_to_be_unique id"


def test_how_a_result_is_told_is_no_part_of_what_is_given():
    found = expectation_run(suite(result_format="COMPLETE", catch_exceptions=False, batch_id="b"), "t")
    assert found.given == [{"type": "expect_column_to_exist", "kwargs": {"column": "x"}}]


def test_where_a_text_lies_in_memory_is_no_part_of_a_type():
    found = pandera_run(schema({"dtype": "string[python]"}), "t")
    assert found.given["schema"]["columns"]["x"]["dtype"] == "string"


@pytest.mark.parametrize(
    "column",
    [
        {"isin": [1, 2]},
        {"isin": {"value": [1, 2]}},
        {"isin": {"allowed_values": [1, 2]}},
        {"checks": {"isin": [1, 2]}},
        {"checks": [{"value": [1, 2], "options": {"check_name": "isin"}}]},
        {"checks": [{"allowed_values": [1, 2], "options": {"check_name": "isin", "n_failure_cases": 3}}]},
    ],
)
def test_every_way_to_write_a_check_comes_to_the_same(column):
    checks = pandera_run(schema(column), "t").given["schema"]["columns"]["x"]["checks"]
    assert checks == [{"allowed_values": [1, 2], "options": {"check_name": "isin"}}]


# what is refused


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (schema({"my_check": 3}), "columns.x.my_check"),
        (schema({"checks": {"my_check": 3}}), "columns.x.my_check (not built in)"),
        (schema({"checks": [{"options": {"check_name": "__init__"}}]}), "columns.x.__init__ (not built in)"),
        (schema({"checks": [{"options": {"check_name": "from_builtin_check_name"}}]}), "not built in"),
        (schema({"checks": [{"value": 1}]}), "columns.x.checks[0]"),
        (schema({"checks": ["isin"]}), "columns.x.checks[0]"),
        (schema({"checks": "isin"}), "columns.x.checks"),
        (schema({"checks": {"isin": [1]}, "less_than": 3}), "columns.x.checks beside less_than"),
        (schema({"less_than": {"value": 3, "raise_warning": True}}), "columns.x.less_than.raise_warning"),
        (schema({"less_than": {"value": 3, "groupby": "y"}}), "columns.x.less_than.groupby"),
        (schema({"less_than": {"value": 3, "options": {"_check_fn": "os.system"}}}), "columns.x.less_than._check_fn"),
        (schema({"less_than": {"max_value": 3, "other": 1}}), "columns.x.less_than.other"),
        (schema({"less_than": {"nested": {"a": 1}}}), "columns.x.less_than.nested"),
        (schema({"less_than": None}), "columns.x.less_than.max_value"),
        (schema({"isin": [{"a": 1}]}), "columns.x.isin.allowed_values"),
        (schema({"str_matches": "a" * 5000}), "columns.x.str_matches.pattern"),
        (schema({"default": 0}), "columns.x.default"),
        (schema({"default": False}), "columns.x.default"),
        (schema({"drop_invalid_rows": True}), "columns.x.drop_invalid_rows"),
        (schema({"regex": True}), "columns.x.regex"),
        (schema({"nullable": "yes"}), "columns.x.nullable"),
        (schema({"dtype": "os.system('x')"}), "columns.x.dtype"),
        (schema({"dtype": "i4,(1000000000,)i4"}), "columns.x.dtype"),
        (schema(drop_invalid_rows=True), "drop_invalid_rows"),
        (schema(add_missing_columns=True), "add_missing_columns"),
        (schema(strict="filter"), "strict"),
        (schema(index=[{"dtype": "int64"}]), "index"),
        (schema(dtype="int64"), "dtype"),
        (schema(parsers=["p"]), "parsers"),
        (schema(checks={"query": "x > 1"}), "query (not built in)"),
        (schema(dataframe_library="pyspark.pandas"), "dataframe_library"),
        (schema(api="modin"), "api modin"),
        (schema() | {"schema_type": "model"}, "schema_type model"),
        (schema() | {"columns": {"x": None}}, "columns.x"),
    ],
)
def test_of_a_schema_nothing_is_run_where_one_thing_is_not_known(data, named):
    with pytest.raises(Misconfigured) as refused:
        pandera_run(data, "t")
    assert named in refused.value.message
    assert "not run" in refused.value.message


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (suite("expect_my_own_thing"), "expectations[0] expect_my_own_thing"),
        (suite("unexpected_rows_expectation", unexpected_rows_query="SELECT 1"), "unexpected_rows_expectation"),
        (suite("expect_query_results_to_match_comparison"), "expect_query_results_to_match_comparison"),
        (suite("expect_column_values_to_match_json_schema", json_schema={"$ref": "http://x"}), "match_json_schema"),
        (suite(["expect_column_to_exist"]), "expectations[0]"),
        (suite(row_condition="__import__('os')", condition_parser="pandas"), "expect_column_to_exist row_condition"),
        (suite(condition_parser="great_expectations"), "condition_parser"),
        (suite("expect_column_max_to_be_between", max_value={"$PARAMETER": "now()"}), "max_value"),
        (suite("expect_column_values_to_be_in_set", value_set={"$PARAMETER": "v"}), "value_set"),
        (suite("expect_column_values_to_be_in_set", value_set=[[1]]), "value_set"),
        (suite("expect_column_values_to_be_of_type", type_="core.api"), "type_"),
        (suite("expect_column_values_to_be_of_type", type_="i4,i8"), "type_"),
        (suite("expect_column_values_to_be_between", mostly=2), "mostly"),
        (suite("expect_column_quantile_values_to_be_between", quantile_ranges={"quantiles": [0.5]}), "quantile_ranges"),
        (suite(other=1), "expect_column_to_exist other"),
        (suite(entry={"kwargs": "x"}), "kwargs"),
        (suite(entry={"code": "x"}), "code"),
        (suite(column=["x"]), "column"),
        (suite("expect_compound_columns_to_be_unique", column_list=7), "column_list"),
        (suite(suite={"suite_parameters": {"a": "now()"}}), "suite_parameters"),
        (suite(suite={"evaluation_parameters": {"a": 1}}), "evaluation_parameters"),
        ({"expectations": ["x"]}, "expectations[0]"),
    ],
)
def test_of_a_suite_nothing_is_run_where_one_thing_is_not_known(data, named):
    with pytest.raises(Misconfigured) as refused:
        expectation_run(data, "t")
    assert named in refused.value.message
    assert "not run" in refused.value.message


@pytest.mark.parametrize("data", [{"expectations": []}, {"expectations": suite()["expectations"] * 1001}])
def test_a_suite_asks_for_something_and_not_for_everything(data):
    with pytest.raises(Misconfigured, match="asks for"):
        expectation_run(data, "t")


def test_what_is_refused_is_named_in_one_line_of_bearable_length():
    data = {"expectations": [{"type": f"expect\n\x1b[31m{'x' * 500}{n}"} for n in range(500)]}
    with pytest.raises(Misconfigured) as refused:
        expectation_run(data, "t")
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 1500
    assert "and 492 more" in refused.value.message


def test_python_is_no_suite(tmp_path):
    path = tmp_path / "schema.py"
    path.write_text("import pandera\nschema = pandera.DataFrameSchema({})\n")
    with pytest.raises(Misconfigured, match="neither a schema of pandera nor a suite"):
        open_suite(path)


def test_yaml_makes_no_objects(tmp_path):
    path = tmp_path / "schema.yaml"
    path.write_text("schema_type: !!python/object/apply:os.system ['true']\ncolumns: {}\n")
    with pytest.raises(Misconfigured):
        read_suite(path)


def test_the_names_that_are_known_are_those_that_the_files_have():
    kinds = {
        one["type"] for one in json.loads(Path(SUITES / "great-expectations-1.24.1.json").read_text())["expectations"]
    }
    assert expectation_run({"expectations": [{"type": kind, "kwargs": {}} for kind in kinds]}, "t").tool


# whatever somebody sends

ONES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
KEYS = st.sampled_from(
    ("dtype", "checks", "isin", "options", "check_name", "value", "kwargs", "type", "column", "unique")
)
DATA = st.recursive(
    ONES, lambda some: st.lists(some, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), some, max_size=4)
)


def plain(value):
    """Say whether a value is plain data, of which no dictionary has a key that is no text."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(one) for key, one in value.items())
    return all(map(plain, value)) if isinstance(value, list) else isinstance(value, str | int | float | None)


@given(st.dictionaries(st.text(max_size=4), DATA, min_size=1, max_size=3), st.dictionaries(KEYS, DATA, max_size=3))
def test_no_schema_makes_the_reader_fall_over(columns, table):
    try:
        found = pandera_run({"schema_type": "dataframe", **table, "columns": columns}, "t")
    except Misconfigured:
        return
    assert plain(found.given)
    assert len(found.given["keys"]) == len(found.expectations) > 0


@given(st.lists(DATA | st.fixed_dictionaries({"type": st.sampled_from(sorted(_KNOWN)), "kwargs": DATA}), max_size=4))
def test_no_suite_makes_the_reader_fall_over(expectations):
    try:
        found = expectation_run({"expectations": expectations}, "t")
    except Misconfigured:
        return
    assert plain(found.given)
    assert {one["type"] for one in found.given} <= set(_KNOWN)
