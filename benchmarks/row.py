"""One measured number: what, how much, its bar if it has one, and the script that measured it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A number in `unit`; `bar` is the most that it may be, None where nothing was promised."""

    what: str
    value: float
    unit: str
    script: str
    bar: float | None = None
    peer: str = ""

    @property
    def met(self) -> bool:
        """Return whether the bar holds; true where there is none."""
        return self.bar is None or self.value <= self.bar

    def cells(self) -> tuple[str, str, str, str]:
        """Return the row as text: what, measured, bar, command."""
        measured = f"{self.value:.3g} {self.unit}".strip() + (f" ({self.peer})" if self.peer else "")
        bar = "" if self.bar is None else f"≤ {self.bar:g}, {'met' if self.met else 'NOT MET'}"
        return self.what, measured, bar, f"`python benchmarks/{self.script}.py`"


def show(rows: list[Row]) -> None:
    """Print rows as a table."""
    table = [("what", "measured", "bar", "command"), *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(4)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
