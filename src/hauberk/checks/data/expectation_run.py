"""What of a suite of Great Expectations can be run: expectations of its own about a table, with plain arguments.

Refused by name, as 1.24.1 would do something else with it: an expectation that is not listed (custom ones are code,
`unexpected_rows_expectation` and queries are SQL, a JSON schema fetches what it refers to, a distribution is looked up
by its name), `row_condition` and `condition_parser` (text that pandas evaluates), and parameters that are filled in
when it runs (`$PARAMETER`, which is evaluated too).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hauberk.checks.data.runnable import (
    Runnable,
    is_number,
    is_one,
    is_share,
    is_text,
    is_truth,
    is_type,
    is_whole,
    line,
    require_all,
    several,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Arguments = dict[str, "Callable[[Any], bool]"]


def _is_range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(one is None or is_number(one) for one in value)


def _is_quantiles(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"quantiles", "value_ranges"}:
        return False
    quantiles, ranges = value["quantiles"], value["value_ranges"]
    return several(is_share)(quantiles) and several(_is_range)(ranges) and len(quantiles) == len(ranges)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_one, value))


_COLUMN: _Arguments = {"column": is_text}
_MOSTLY: _Arguments = {"mostly": is_share}
_SET: _Arguments = {"value_set": several(is_one)}
_ENDS: _Arguments = {"min_value": is_one, "max_value": is_one, "strict_min": is_truth, "strict_max": is_truth}
_EACH = _COLUMN | _MOSTLY
_PAIR: _Arguments = {"column_A": is_text, "column_B": is_text, "ignore_row_if": is_text}
_LIST: _Arguments = {"column_list": several(is_text), "ignore_row_if": is_text}
_STATISTICS = ("max", "mean", "median", "min", "stdev", "sum", "unique_value_count")
_SHARES = ("proportion_of_non_null_values", "proportion_of_unique_values")
_KNOWN: Mapping[str, _Arguments] = {
    "expect_column_to_exist": _COLUMN | {"column_index": is_whole},
    "expect_column_values_to_be_null": _EACH,
    "expect_column_values_to_not_be_null": _EACH,
    "expect_column_values_to_be_unique": _EACH,
    "expect_column_values_to_be_between": _EACH | _ENDS,
    "expect_column_values_to_be_in_set": _EACH | _SET,
    "expect_column_values_to_not_be_in_set": _EACH | _SET,
    "expect_column_values_to_be_of_type": _EACH | {"type_": is_type},
    "expect_column_values_to_be_in_type_list": _EACH | {"type_list": several(is_type)},
    "expect_column_values_to_be_increasing": _EACH | {"strictly": is_truth},
    "expect_column_values_to_be_decreasing": _EACH | {"strictly": is_truth},
    "expect_column_values_to_match_regex": _EACH | {"regex": is_text},
    "expect_column_values_to_not_match_regex": _EACH | {"regex": is_text},
    "expect_column_values_to_match_regex_list": _EACH | {"regex_list": several(is_text), "match_on": is_text},
    "expect_column_values_to_not_match_regex_list": _EACH | {"regex_list": several(is_text)},
    "expect_column_values_to_match_strftime_format": _EACH | {"strftime_format": is_text},
    "expect_column_value_lengths_to_be_between": _EACH | _ENDS,
    "expect_column_value_lengths_to_equal": _EACH | {"value": is_whole},
    "expect_column_value_z_scores_to_be_less_than": _EACH | {"threshold": is_number, "double_sided": is_truth},
    "expect_column_distinct_values_to_be_in_set": _COLUMN | _SET,
    "expect_column_distinct_values_to_contain_set": _COLUMN | _SET,
    "expect_column_distinct_values_to_equal_set": _COLUMN | _SET,
    "expect_column_most_common_value_to_be_in_set": _COLUMN | _SET | {"ties_okay": is_truth},
    "expect_column_quantile_values_to_be_between": _COLUMN | {"quantile_ranges": _is_quantiles},
    **{f"expect_column_{name}_to_be_between": _COLUMN | _ENDS for name in (*_STATISTICS, *_SHARES)},
    "expect_column_pair_values_a_to_be_greater_than_b": _PAIR | _MOSTLY | {"or_equal": is_truth},
    "expect_column_pair_values_to_be_equal": _PAIR | _MOSTLY,
    "expect_column_pair_values_to_be_in_set": _PAIR | _MOSTLY | {"value_pairs_set": several(_is_pair)},
    "expect_compound_columns_to_be_unique": _LIST | _MOSTLY,
    "expect_select_column_values_to_be_unique_within_record": _LIST | _MOSTLY,
    "expect_multicolumn_sum_to_equal": _LIST | _MOSTLY | {"sum_total": is_number},
    "expect_multicolumn_values_to_be_equal": _LIST | _MOSTLY,
    "expect_table_columns_to_match_set": {"column_set": several(is_text), "exact_match": is_truth},
    "expect_table_columns_to_match_ordered_list": {"column_list": several(is_text)},
    "expect_table_column_count_to_equal": {"value": is_whole},
    "expect_table_column_count_to_be_between": {"min_value": is_whole, "max_value": is_whole},
    "expect_table_row_count_to_equal": {"value": is_whole},
    "expect_table_row_count_to_be_between": _ENDS | {"min_value": is_whole, "max_value": is_whole},
}
# Of every expectation: how a result is told, and which batch it is of, which is the one that there is.
_ABOUT = frozenset(("result_format", "catch_exceptions", "meta", "notes", "description", "batch_id", "severity"))
_OF_ENTRY = frozenset(("type", "expectation_type", "kwargs", "id", "rendered_content", "expectation_context", *_ABOUT))
_OF_SUITE = frozenset(
    ("name", "expectation_suite_name", "id", "ge_cloud_id", "meta", "notes", "expectations", "data_asset_type")
)


def expectation_run(data: dict[str, Any], name: str) -> Runnable:
    """Return what of a suite is run.

    Raises:
        Misconfigured: there is something in it that is refused, or nothing.
    """
    refused = [key for key, value in data.items() if key not in _OF_SUITE and value not in (None, [], {})]
    given, asked = [], []
    for number, entry in enumerate(data["expectations"]):
        kind = entry.get("type", entry.get("expectation_type")) if isinstance(entry, dict) else None
        where = f"expectations[{number}] {kind}"
        if not isinstance(kind, str) or kind not in _KNOWN:
            refused.append(where)
            continue
        arguments, bad = _arguments(entry, _KNOWN[kind])
        refused += [f"{where} {argument}" for argument in bad]
        given.append({"type": kind, "kwargs": arguments})
        asked.append(line(f"{where} {_about(arguments)}".rstrip()))
    require_all(refused, tuple(asked), f"the suite of Great Expectations {name}")
    return Runnable("great_expectations", name, given, tuple(asked))


def _arguments(entry: dict[str, Any], known: _Arguments) -> tuple[dict[str, Any], list[str]]:
    """Return the arguments that are given on, and the names of those that are not known, or of another shape."""
    bad = [key for key in entry if key not in _OF_ENTRY]
    kwargs = entry.get("kwargs", {})
    if not isinstance(kwargs, dict):
        return {}, [*bad, "kwargs"]
    asked = {key: value for key, value in kwargs.items() if key not in _ABOUT and value is not None}
    bad += [key for key, value in asked.items() if key not in known or not known[key](value)]
    return asked, bad


def _about(arguments: dict[str, Any]) -> str:
    """Return the columns that are asked about."""
    named = [arguments[key] for key in ("column", "column_A", "column_B") if key in arguments]
    listed = arguments.get("column_list")
    return ", ".join(map(str, [*named, *(listed if isinstance(listed, list) else [])]))
