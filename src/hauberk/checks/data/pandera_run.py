"""What of a schema of pandera can be run: its built-in checks, with arguments that are numbers and texts.

Refused by name, as the reader of pandera 0.35.0 (`pandera/io/pandas_io.py`) would do something else with it: a check
that is not built in (it may be any code that is registered, and one that is not registered is left out in silence), an
option that is set on the check as an attribute, what changes the rows before they are judged (`default`,
`add_missing_columns`, `drop_invalid_rows`), and what lets a failure pass as a warning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hauberk.checks.data.runnable import (
    Runnable,
    is_one,
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

_MANY, _LENGTH = several(is_one), {"min_value": is_whole, "max_value": is_whole, "exact_value": is_whole}
_ENDS = {"min_value": is_one, "max_value": is_one, "include_min": is_truth, "include_max": is_truth}
# name, then its arguments; the first is the one that may stand alone
_CHECKS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    **{name: {"value": is_one} for name in ("equal_to", "eq", "not_equal_to", "ne")},
    **{name: {"min_value": is_one} for name in ("greater_than", "gt", "greater_than_or_equal_to", "ge")},
    **{name: {"max_value": is_one} for name in ("less_than", "lt", "less_than_or_equal_to", "le")},
    **dict.fromkeys(("in_range", "between"), _ENDS),
    "isin": {"allowed_values": _MANY},
    "notin": {"forbidden_values": _MANY},
    "str_matches": {"pattern": is_text},
    "str_contains": {"pattern": is_text},
    "str_startswith": {"string": is_text},
    "str_endswith": {"string": is_text},
    "str_length": _LENGTH,
    "unique_values_eq": {"values": _MANY},
}
_FOR_PEOPLE = frozenset(("title", "description", "metadata", "name", "version", "schema_type", "api"))
_OF_COLUMN: Mapping[str, Callable[[Any], bool]] = {
    "dtype": is_type,
    **dict.fromkeys(("nullable", "unique", "coerce", "required"), is_truth),
    "report_duplicates": is_text,
}
_OF_TABLE: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("coerce", "strict", "ordered", "unique_column_names"), is_truth),
    "unique": lambda value: is_text(value) or several(is_text)(value),
    "report_duplicates": is_text,
}
_OFF = ("regex", "drop_invalid_rows", "add_missing_columns")  # not run where they are on
_OPTIONS = frozenset(("n_failure_cases", "error", "name"))  # how a failure is told


class _Reader:
    """One schema on its way into what is run: the data that are given, what it asks, and what is refused."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, str | None, int | None]]] = []
        self.refused: list[str] = []

    def ask(self, words: str, kind: str, column: str | None = None, number: int | None = None) -> None:
        """Note what is asked, in words, and as what the library tells of a failure by."""
        self.asked.append((words, (kind, column, number)))

    def table(self, data: dict[str, Any]) -> dict[str, Any]:
        found = self._known(data, _OF_TABLE, "", {"columns", "checks"})
        for key, plain in (("schema_type", "dataframe"), ("api", "pandas")):
            if data.get(key, plain) != plain:
                self.refused.append(f"{key} {data[key]}")
        columns = {}
        for name, column in data["columns"].items():
            if is_text(name) and isinstance(column, dict):
                columns[name] = self._column(name, column)
            else:
                self.refused.append(f"columns.{name}")
        checks = self._listed(data.get("checks"), None)
        for key in ("coerce", "strict", "ordered", "unique", "unique_column_names"):
            if found.get(key):
                self.ask(key, key)
        return found | {"schema_type": "dataframe", "columns": columns, "checks": checks}

    def _column(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        where = f"columns.{name}"
        found = self._known(asked, _OF_COLUMN, f"{where}.", {"checks", *_CHECKS})
        found.setdefault("nullable", False)
        if found.setdefault("required", True):
            self.ask(where, "required", name)
        for key in ("dtype", "coerce", "unique"):
            if found.get(key):
                self.ask(f"{where}.{key}", key, name)
        if not found["nullable"]:
            self.ask(f"{where}.nullable", "nullable", name)
        if re.fullmatch(r"string\[(python|pyarrow)\]", found.get("dtype", "")):  # how it lies in memory is of no file
            found["dtype"] = "string"
        flat = {key: value for key, value in asked.items() if key in _CHECKS}
        if flat and asked.get("checks"):  # the library reads one of the two, and leaves the other out
            self.refused.append(f"{where}.checks beside {next(iter(flat))}")
        return found | {"checks": self._listed(flat or asked.get("checks"), name)}

    def _known(
        self, data: dict[str, Any], known: Mapping[str, Callable[[Any], bool]], where: str, elsewhere: set[str]
    ) -> dict[str, Any]:
        """Return the members that are known, and refuse all others, but those that are absent in all but name."""
        found = {}
        for key, value in data.items():
            if key in elsewhere or key in _FOR_PEOPLE or value in (None, [], {}):
                continue
            if key in known and known[key](value):
                found[key] = value
            elif key not in _OFF or value is not False:
                self.refused.append(f"{where}{key}")
        return found

    def _listed(self, checks: Any, column: str | None) -> list[dict[str, Any]]:
        """Return checks that stand in a list, or by their names in a map."""
        where = "" if column is None else f"columns.{column}."
        found: list[tuple[str, Any]] = []
        if isinstance(checks, dict):
            found = list(checks.items())
        elif isinstance(checks, list):
            for number, one in enumerate(checks):
                options = one.get("options") if isinstance(one, dict) else None
                if not isinstance(options, dict) or not isinstance(options.get("check_name"), str):
                    self.refused.append(f"{where}checks[{number}]")
                    continue
                more = {key: value for key, value in options.items() if key != "check_name"}
                found.append((options["check_name"], {**one, "options": more}))
        elif checks is not None:
            self.refused.append(f"{where}checks")
        return [self._check(name, value, f"{where}{name}", (column, at)) for at, (name, value) in enumerate(found)]

    def _check(self, name: str, value: Any, label: str, at: tuple[str | None, int]) -> dict[str, Any]:
        """Return a check as a list of the library has it: its arguments, and beside them its name."""
        arguments = _CHECKS.get(name)
        if arguments is None:
            self.refused.append(f"{label} (not built in)")
            return {}
        self.ask(label, "check", *at)
        given = dict(value) if isinstance(value, dict) else {next(iter(arguments)): value}
        options = given.pop("options", None) or {}
        options = dict(options) if isinstance(options, dict) else {"options": options}
        options |= {key: given.pop(key) for key in list(given) if key in ("ignore_na", "raise_warning", *_OPTIONS)}
        if "value" in given and len(given) == 1:
            given = {next(iter(arguments)): given["value"]}
        for key, one in options.items():
            harmless = key in _OPTIONS or one is None or (key == "ignore_na" and is_truth(one))
            if not harmless and not (key == "raise_warning" and one is False):
                self.refused.append(f"{label}.{key}")
        for key, one in given.items():
            if key not in arguments or not (arguments[key](one) or (one is None and arguments is _LENGTH)):
                self.refused.append(f"{label}.{key}")
        ignored = {"ignore_na": options["ignore_na"]} if is_truth(options.get("ignore_na")) else {}
        return {**given, "options": {"check_name": name, **ignored}}


def pandera_run(data: dict[str, Any], name: str) -> Runnable:
    """Return what of a schema is run.

    Raises:
        Misconfigured: there is something in it that is refused, or nothing.
    """
    reader = _Reader()
    given = reader.table(data)
    asked = tuple(line(words) for words, _ in reader.asked)
    require_all(reader.refused, asked, f"the schema of pandera {name}")
    return Runnable("pandera", name, {"schema": given, "keys": [list(key) for _, key in reader.asked]}, asked)
