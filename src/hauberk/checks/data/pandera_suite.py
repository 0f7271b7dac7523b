"""Schemas of pandera, as `to_yaml` and `to_json` write them (pandera 0.35.0, `pandera/io/pandas_io.py`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hauberk.checks.data.suite import Suite, as_texts, is_number

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPES = (
    (re.compile(r"u?int(8|16|32|64)?", re.IGNORECASE), "int"),
    (re.compile(r"float(16|32|64)?", re.IGNORECASE), "float"),
    (re.compile(r"bool(ean)?"), "bool"),
    (re.compile(r"str|string(\[.*\])?"), "string"),
    (re.compile(r"datetime64\[\w+\]"), "timestamp"),
    (re.compile(r"datetime64\[\w+, ?[^\]]+\]"), "instant"),
    (re.compile(r"date"), "date"),
)
_TELLS_NOTHING = frozenset(
    # names for people; casts, which we do without: what is checked is what is there; and what always holds here
    (
        *("schema_type", "api", "version", "name", "title", "description", "metadata"),
        *("coerce", "report_duplicates", "unique_column_names"),
    )
)
_OF_COLUMN = frozenset(("dtype", "nullable", "unique", "required", "regex"))


def is_pandera(data: Any) -> bool:
    """Say whether plain data is a schema of pandera."""
    return isinstance(data, dict) and "schema_type" in data and isinstance(data.get("columns"), dict)


def of_pandera(data: dict[str, Any], name: str) -> Suite:
    """Return the checks of a schema."""
    suite = Suite(name, f"a schema of pandera {data.get('version') or ''}".rstrip())
    optional = [n for n, column in data["columns"].items() if not _is_plain(column)]
    for column, asked in data["columns"].items():
        if column in optional:
            suite.untranslated.append(f"columns.{column} (not required, by a pattern, or no map)")
        else:
            _column(suite, column, asked)
    for key, value in data.items():
        if key == "columns" or key in _TELLS_NOTHING or value in (None, False, [], {}):
            continue
        if key == "unique" and isinstance(value, str | list):
            suite.add("unique", columns=[value] if isinstance(value, str) else value)
        elif key == "strict" and value is True and not optional:
            suite.other_columns = False
        else:
            suite.untranslated.append(key)
    return suite


def _is_plain(column: Any) -> bool:
    return isinstance(column, dict) and column.get("required", True) is True and not column.get("regex")


def _column(suite: Suite, name: str, asked: dict[str, Any]) -> None:
    kind = _type_of(asked.get("dtype"))
    if asked.get("dtype") is not None and kind is None:
        suite.untranslated.append(f"columns.{name}.dtype {asked['dtype']!s:.60}")
    suite.column(name, kind)
    if not asked.get("nullable", False):
        suite.add("nulls", column=name)
    if asked.get("unique"):
        suite.add("unique", columns=[name])
    for check, value in _checks(asked):
        translated = _CHECKS[check](value, kind) if check in _CHECKS else None
        if translated is None:
            suite.untranslated.append(f"columns.{name}.{check}")
        else:
            suite.add(translated[0], column=name, **translated[1])


def _checks(asked: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the checks of a column, which stand beside its own members, or in older releases under `checks`."""
    listed = asked.get("checks")
    found = [(k, v) for k, v in asked.items() if k not in _OF_COLUMN and k not in _TELLS_NOTHING and k != "checks"]
    found = [(k, v) for k, v in found if not (k in ("default", "drop_invalid_rows") and not v)]
    if isinstance(listed, dict):
        return found + list(listed.items())
    return found + ([("checks", listed)] if listed else [])


def _type_of(dtype: Any) -> str | None:
    return next((kind for pattern, kind in _TYPES if isinstance(dtype, str) and pattern.fullmatch(dtype)), None)


_Translated = tuple[str, dict[str, Any]] | None


def _plain(value: Any) -> Any:
    """Return a check's one argument, which may stand in a map with options; None where these change what it asks."""
    if isinstance(value, dict):
        return value.get("value") if set(value) == {"value"} else None
    return value


def _least(value: Any, _: str | None) -> _Translated:
    value = _plain(value)
    return ("ranges", {"min": value}) if is_number(value) else None


def _most(value: Any, _: str | None) -> _Translated:
    value = _plain(value)
    return ("ranges", {"max": value}) if is_number(value) else None


def _over(value: Any, kind: str | None) -> _Translated:
    value = _plain(value)
    return ("ranges", {"min": value + 1}) if kind == "int" and type(value) is int else None


def _under(value: Any, kind: str | None) -> _Translated:
    value = _plain(value)
    return ("ranges", {"max": value - 1}) if kind == "int" and type(value) is int else None


def _between(value: Any, _: str | None) -> _Translated:
    if not isinstance(value, dict) or not set(value) <= {"min_value", "max_value", "include_min", "include_max"}:
        return None
    ends = (value.get("min_value"), value.get("max_value"))
    closed = value.get("include_min", True) is True and value.get("include_max", True) is True
    return ("ranges", {"min": ends[0], "max": ends[1]}) if closed and all(map(is_number, ends)) else None


def _in(value: Any, _: str | None) -> _Translated:
    texts = as_texts(_plain(value))
    return None if texts is None else ("categories", {"values": texts})


def _equal(value: Any, kind: str | None) -> _Translated:
    return _in([_plain(value)], kind)


_CHECKS: dict[str, Callable[[Any, str | None], _Translated]] = {
    "greater_than_or_equal_to": _least,
    "less_than_or_equal_to": _most,
    "greater_than": _over,
    "less_than": _under,
    "in_range": _between,
    "isin": _in,
    "equal_to": _equal,
}
