"""Suites of Great Expectations, as its JSON has them (1.24.1: `type`; before 1.0: `expectation_type`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hauberk.checks.data.suite import Suite, as_texts, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("int", "int8", "int16", "int32", "int64", "integer", "bigint", "smallint", "integertype"), "int"),
    **dict.fromkeys(("longtype", "uint8", "uint16", "uint32", "uint64"), "int"),
    **dict.fromkeys(("float", "float16", "float32", "float64", "double", "floattype", "doubletype"), "float"),
    **dict.fromkeys(("bool", "boolean", "booleantype"), "bool"),
    **dict.fromkeys(("str", "string", "text", "varchar", "stringtype"), "string"),
    **dict.fromkeys(("datetime64[ns]", "datetime64[us]", "datetime64[ms]", "datetime64[s]"), "timestamp"),
    "date": "date",
}
# Of every expectation: how a result is told, not what is asked.
_ABOUT = frozenset(("result_format", "catch_exceptions", "meta", "notes", "description", "batch_id", "severity"))


def is_expectations(data: Any) -> bool:
    """Say whether plain data is a suite of Great Expectations."""
    return isinstance(data, dict) and isinstance(data.get("expectations"), list)


def of_expectations(data: dict[str, Any], name: str) -> Suite:
    """Return the checks of a suite."""
    meta = data.get("meta")
    version = meta.get("great_expectations_version", "") if isinstance(meta, dict) else ""
    suite = Suite(name, f"a suite of Great Expectations {version!s:.40}".rstrip())
    for number, entry in enumerate(data["expectations"]):
        kind = entry.get("type", entry.get("expectation_type")) if isinstance(entry, dict) else None
        given = entry.get("kwargs") if isinstance(entry, dict) else None
        asked = {k: v for k, v in given.items() if k not in _ABOUT and v is not None} if isinstance(given, dict) else {}
        if not isinstance(kind, str) or kind not in _KNOWN or not _translated(suite, kind, asked):
            where = asked.get("column", "")
            suite.untranslated.append(f"expectations[{number}] {kind!s:.80} {where!s:.80}".rstrip())
    return suite


def _translated(suite: Suite, kind: str, asked: dict[str, Any]) -> bool:
    """Translate an expectation, and say whether that could be done: with arguments that are known, all of them."""
    members, translate = _KNOWN[kind]
    if asked.get("mostly") == 1:
        del asked["mostly"]
    for flag in ("strict_min", "strict_max"):
        if asked.get(flag) is False:
            del asked[flag]
    if not set(asked) <= set(members) or ("column" in members and not isinstance(asked.get("column"), str)):
        return False
    return translate(suite, asked)


def _exists(suite: Suite, asked: dict[str, Any]) -> bool:
    suite.column(asked["column"])
    return True


def _typed(suite: Suite, asked: dict[str, Any]) -> bool:
    kind = _TYPES.get(str(asked.get("type_")).casefold())
    known = suite.columns.get(asked["column"])
    if kind is None or known not in (None, kind):
        return False
    suite.column(asked["column"], kind)
    return True


def _columns(suite: Suite, asked: dict[str, Any]) -> bool:
    names = asked.get("column_set")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not names:
        return False
    if asked.get("exact_match", True) is True:
        if not set(suite.columns) <= set(names):
            return False
        suite.other_columns = False
    for name in names:
        suite.column(name)
    return True


def _not_null(suite: Suite, asked: dict[str, Any]) -> bool:
    mostly = asked.get("mostly", 1)
    if not is_number(mostly) or not 0 <= mostly <= 1:
        return False
    suite.add("nulls", column=asked["column"], **({} if mostly == 1 else {"max_share": round(1 - mostly, 12)}))
    return True


def _unique(suite: Suite, asked: dict[str, Any]) -> bool:
    suite.add("unique", columns=[asked["column"]])
    return True


def _compound(suite: Suite, asked: dict[str, Any]) -> bool:
    names = asked.get("column_list")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        return False
    suite.add("unique", columns=names)
    return True


def _between(suite: Suite, asked: dict[str, Any]) -> bool:
    ends = {to: asked[of] for of, to in (("min_value", "min"), ("max_value", "max")) if of in asked}
    if not ends or not all(map(is_number, ends.values())):
        return False
    suite.add("ranges", column=asked["column"], **ends)
    return True


def _in_set(suite: Suite, asked: dict[str, Any]) -> bool:
    texts = as_texts(asked.get("value_set"))
    if texts is None:
        return False
    suite.add("categories", column=asked["column"], values=texts)
    return True


def _count(suite: Suite, asked: dict[str, Any]) -> bool:
    ends = {to: asked[of] for of, to in (("min_value", "min"), ("max_value", "max")) if of in asked}
    if "value" in asked:
        ends = {"min": asked["value"], "max": asked["value"]}
    if not ends or not all(type(end) is int for end in ends.values()):
        return False
    suite.add("rows", **ends)
    return True


_KNOWN: Mapping[str, tuple[tuple[str, ...], Callable[[Suite, dict[str, Any]], bool]]] = {
    "expect_column_to_exist": (("column",), _exists),
    "expect_column_values_to_be_of_type": (("column", "type_"), _typed),
    "expect_table_columns_to_match_set": (("column_set", "exact_match"), _columns),
    "expect_column_values_to_not_be_null": (("column", "mostly"), _not_null),
    "expect_column_values_to_be_unique": (("column",), _unique),
    "expect_compound_columns_to_be_unique": (("column_list",), _compound),
    "expect_column_values_to_be_between": (("column", "min_value", "max_value"), _between),
    "expect_column_values_to_be_in_set": (("column", "value_set"), _in_set),
    "expect_column_distinct_values_to_be_in_set": (("column", "value_set"), _in_set),
    "expect_table_row_count_to_be_between": (("min_value", "max_value"), _count),
    "expect_table_row_count_to_equal": (("value",), _count),
}
