"""Suites that pandera and Great Expectations wrote become checks of ours; what has no translation is named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hauberk.checks.data.document import Document
from hauberk.checks.data.expectation_suite import of_expectations
from hauberk.checks.data.pandera_suite import of_pandera
from hauberk.cli.dispatch import dispatch
from hauberk.errors import HauberkError
from hauberk.formats.document import decode, read_yaml
from hauberk.verbs.checks_from import checks_from

SUITES = Path(__file__).parents[1] / "vectors" / "suites"


def column(**asked):
    suite = of_pandera({"schema_type": "dataframe", "columns": {"x": {"nullable": True, **asked}}}, "s")
    return suite.checks, suite.untranslated


def expectation(kind, **asked):
    suite = of_expectations({"expectations": [{"type": kind, "kwargs": asked}]}, "s")
    return suite.checks, bool(suite.untranslated)


@pytest.mark.parametrize("end", ["yaml", "json"])
def test_a_schema_that_pandera_wrote_is_translated(end):
    suite = checks_from(SUITES / f"pandera-0.35.0.{end}")
    assert suite.columns == {"id": "int", "amount": "float", "country": "string", "time": "instant", "age": "int"}
    assert suite.checks == {
        "nulls": [{"column": name} for name in ("id", "amount", "time", "age")],
        "unique": [{"columns": ["id"]}, {"columns": ["id", "time"]}],
        "ranges": [
            {"column": "amount", "min": 0, "max": 20000},
            {"column": "amount", "min": 0},
            {"column": "age", "min": 18},
        ],
        "categories": [{"column": "country", "values": ["AT", "CH", "DE"]}],
    }
    assert suite.untranslated == ["columns.name (not required, by a pattern, or no map)", "strict"]


def test_a_suite_that_great_expectations_wrote_is_translated():
    suite = checks_from(SUITES / "great-expectations-1.24.1.json")
    assert suite.columns == {"id": None, "amount": "float", "country": None}
    assert not suite.other_columns
    assert suite.checks == {
        "unique": [{"columns": ["id"]}, {"columns": ["card", "time"]}],
        "nulls": [{"column": "amount", "max_share": 0.01}],
        "ranges": [{"column": "amount", "min": 0, "max": 20000}],
        "categories": [{"column": "country", "values": ["AT", "CH", "DE"]}],
        "rows": [{"min": 1000, "max": 100000}],
    }
    assert suite.untranslated == [
        "expectations[9] expect_column_values_to_match_regex card",
        "expectations[10] expect_column_mean_to_be_between amount",
    ]


def test_what_is_written_is_read_as_checks_and_what_is_missing_makes_3(tmp_path, capsys):
    out = tmp_path / "checks.yaml"
    words = ["data", "checks-from", str(SUITES / "great-expectations-1.24.1.json"), "--output", str(out)]
    assert dispatch(words) == 3
    assert "not translated: expectations[9] expect_column_values_to_match_regex card" in capsys.readouterr().err
    read = decode(read_yaml(out.read_bytes(), what="c"), Document, what="c")
    assert read.rows[0].min == 1000
    assert dispatch(words) == 3  # over its own answer


def test_a_suite_that_is_translated_whole_makes_0(tmp_path, capsys):
    path = tmp_path / "s.json"
    kwargs = {"column": "a\u2028: b", "mostly": 0.9}
    path.write_text(json.dumps({"expectations": [{"type": "expect_column_values_to_not_be_null", "kwargs": kwargs}]}))
    assert dispatch(["data", "checks-from", str(path)]) == 0
    read = decode(read_yaml(capsys.readouterr().out.encode(), what="c"), Document, what="c")
    assert (read.nulls[0].column, read.nulls[0].max_share) == ("a\u2028: b", 0.1)


def test_an_older_suite_is_read_too():
    entry = {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "id", "mostly": 1.0}}
    assert of_expectations({"expectations": [entry]}, "s").checks == {"unique": [{"columns": ["id"]}]}


@pytest.mark.parametrize(
    "asked",
    [
        {"greater_than": 1.5},
        {"greater_than": 1, "dtype": "float64"},
        {"greater_than_or_equal_to": "2020-01-01"},
        {"in_range": {"min_value": 0, "max_value": 1, "include_min": False}},
        {"isin": [0.1]},
        {"isin": {"value": ["a"], "options": {"raise_warning": True}}},
        {"str_matches": "^a"},
        {"dtype": "category"},
    ],
)
def test_what_is_not_surely_the_same_in_pandera_is_named(asked):
    checks, untranslated = column(**asked)
    assert checks == {}
    assert len(untranslated) == 1


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("expect_column_values_to_be_between", {"column": "x", "min_value": 0, "strict_min": True}),
        ("expect_column_values_to_be_between", {"column": "x", "min_value": 0, "mostly": 0.9}),
        ("expect_column_values_to_be_between", {"column": "x", "min_value": "2020-01-01"}),
        ("expect_column_values_to_be_between", {"column": "x", "min_value": 0, "row_condition": "a > 1"}),
        ("expect_column_values_to_be_in_set", {"column": "x", "value_set": [1.5]}),
        ("expect_column_values_to_be_in_set", {"column": "x", "value_set": []}),
        ("expect_column_values_to_be_of_type", {"column": "x", "type_": "Point"}),
        ("expect_column_values_to_be_unique", {}),
        ("expect_table_row_count_to_equal", {"value": {"$PARAMETER": "n"}}),
        ("expect_something_of_ones_own", {"column": "x"}),
    ],
)
def test_what_is_not_surely_the_same_in_great_expectations_is_named(kind, asked):
    assert expectation(kind, **asked) == ({}, True)


@pytest.mark.parametrize("text", ["a: 1\n", "{}", "[]", '{"expectations": 3}', "{", "columns: {a: &x 1, b: *x}\n"])
def test_what_is_no_suite_is_refused(text, tmp_path):
    (tmp_path / "s.yaml").write_text(text)
    assert dispatch(["data", "checks-from", str(tmp_path / "s.yaml")]) == 2


def test_where_nothing_has_a_translation_nothing_is_written(tmp_path, capsys):
    (tmp_path / "s.json").write_text('{"expectations": [{"type": "expect_magic", "kwargs": {}}]}')
    assert dispatch(["data", "checks-from", str(tmp_path / "s.json")]) == 3
    assert capsys.readouterr().out == ""


WORDS = st.sampled_from(
    [
        "column",
        "columns",
        "dtype",
        "isin",
        "in_range",
        "min_value",
        "max_value",
        "value",
        "unique",
        "strict",
        "checks",
        "type",
        "kwargs",
        "value_set",
        "mostly",
        "column_set",
        "column_list",
        "type_",
        "nullable",
        "greater_than",
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(
    ["expect_column_values_to_be_between", "expect_table_columns_to_match_set", "expect_column_to_exist"]
)


@given(st.dictionaries(WORDS, ANY), st.lists(st.fixed_dictionaries({"type": KINDS, "kwargs": ANY}) | ANY))
def test_no_suite_makes_a_translator_crash(columns, expectations):
    for suite in (
        of_pandera({"schema_type": "dataframe", "columns": columns}, "s"),
        of_expectations({"expectations": expectations, "meta": columns}, "s"),
    ):
        try:
            decode(suite.document(), Document, what="s")
        except HauberkError:
            continue
        assert decode(read_yaml(suite.yaml().encode(), what="s"), Document, what="s")


@pytest.mark.parametrize("name", ["\x1b", "a\x00b", "\x85", "\ufffe", "\ud800"])
def test_a_name_that_yaml_refuses_stands_in_a_comment_by_numbers(name):
    suite = of_pandera({"schema_type": "dataframe", "columns": {"column": {"dtype": name}}}, "s")
    assert suite.untranslated
    assert read_yaml(suite.yaml().encode(), what="s")
