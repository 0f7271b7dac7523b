"""A suite of another program on its way into `checks.yaml`: what has a translation, and what has none.

A translation is never weaker than what it stands for: whatever is not known to be the same is listed as untranslated.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

SCHEMA = "urn:hauberk:data-checks:v1"
_UNSAFE = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


@dataclass(slots=True)
class Suite:
    """Checks as plain data, and the names of what was not translated.

    Attributes:
        of: the program that wrote it, for the reader.
    """

    name: str
    of: str
    columns: dict[str, str | None] = field(default_factory=dict)
    other_columns: bool = True
    checks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    untranslated: list[str] = field(default_factory=list)

    def column(self, name: str, kind: str | None = None) -> None:
        """Ask for a column, and for its type where one is given."""
        self.columns[name] = kind or self.columns.get(name)

    def add(self, kind: str, **members: Any) -> None:
        """Ask for something else."""
        self.checks.setdefault(kind, []).append(members)

    def document(self) -> dict[str, Any]:
        """Return the checks as `checks.yaml` has them."""
        columns = [{"name": n} | ({} if kind is None else {"type": kind}) for n, kind in self.columns.items()]
        found: dict[str, Any] = {"schema": SCHEMA, "name": self.name}
        if columns:
            found["columns"] = columns
        if not self.other_columns:
            found["other_columns"] = False
        return found | self.checks

    def yaml(self) -> str:
        """Return the text of `checks.yaml`, one check a line; what was not translated stands in it as comments."""
        lines = [f"# from {self.of}", *(f"# not translated: {_comment(name)}" for name in self.untranslated)]
        for key, value in self.document().items():
            if isinstance(value, list):
                lines += [f"{key}:", *(f"  - {_flow(one)}" for one in value)]
            else:
                lines.append(f"{key}: {_flow(value)}")
        return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """Return a value on one line: JSON, with what YAML takes for the end of a line or refuses written as numbers."""
    return json.dumps(value, ensure_ascii=False).translate(_UNSAFE)


def _comment(text: str) -> str:
    """Return a text on one line, with what YAML refuses even in a comment written as numbers."""
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in " ".join(text.split()))


def is_number(value: Any) -> bool:
    """Say whether a value is a number that a range can have."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_texts(values: Any) -> list[str] | None:
    """Return values of a set as the texts that categories are compared by, or None where one has no sure text."""
    if not isinstance(values, list) or not values:
        return None
    found = []
    for value in values:
        if isinstance(value, bool):
            found.append("true" if value else "false")
        elif isinstance(value, str | int):
            found.append(str(value))
        else:
            return None
    return found
