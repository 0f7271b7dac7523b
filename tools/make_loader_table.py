"""Write the tables of loaders in docs/scan.md: what opens as what, and what has no loader and why.

The rows are those of `hauberk.enforce.loaders.table`. Run it after a change there: python tools/make_loader_table.py.
"""

from __future__ import annotations

from pathlib import Path

from hauberk.enforce.loaders.table import LOADERS, PACKED, WITHOUT

PAGE = Path(__file__).parents[1] / "docs" / "scan.md"
BEGIN = "<!-- loaders: made by tools/make_loader_table.py -->"
END = "<!-- end of loaders -->"


def table() -> str:
    """Return the tables as they stand on the page."""
    opens: dict[tuple[str, str], list[str]] = {}
    for name, row in LOADERS.items():
        opens.setdefault((row.package or "nothing", row.returns), []).append(f"`{name}`")
    opens["as what is inside", "what that opens as"] = [f"`{name}`" for name in PACKED]
    closed: dict[str, list[str]] = {}
    for name, why in WITHOUT.items():
        closed.setdefault(why, []).append(f"`{name}`")
    lines = ["| Format | Needs | Opens as |", "|---|---|---|"]
    lines += [f"| {', '.join(names)} | {needs} | {made} |" for (needs, made), names in opens.items()]
    lines += ["", "| No loader for | Because |", "|---|---|"]
    lines += [f"| {', '.join(names)} | {why} |" for why, names in closed.items()]
    return "\n".join(lines)


def page_with_table(text: str) -> str:
    """Return the page with the tables between their marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_table(PAGE.read_text()))
