"""Writes docs/formats.md, the matrix of formats against techniques: `python tools/make_matrix.py`; `--check` compares.

A cell holds the rules that report a technique in a format: those that a vector of that format breaks, and those that
read what every file of it holds. Where there are none, a reason stands in `matrix_rows.py`.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from matrix_rows import COLUMNS, EXCEPTIONS, FIRST_WORD, REASONS, ROWS, TECHNIQUE, Row

from hauberk.checks.model.examine import examine
from hauberk.checks.model.registry import RULES
from hauberk.view import BytesView

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "formats.md"
VECTORS = ROOT / "tests" / "vectors"
BESIDE_RULES = ("bombs", "unreadable")  # a budget, or what cannot be read, is told beside any rule
MARKS = {"rule": "●", "inside": "▣", "unchecked": "○", "not judged": "○", "not possible": "-"}
HEAD = """# Formats and techniques

Which attack is told in which format, by which rule; and where there is no rule, why. The page is made by
`tools/make_matrix.py` from the rules, their vectors and one table of reasons; the tests hold it to both.

| mark | meaning |
|---|---|
| ● | a rule reports it |
| ▣ | what lies inside is examined as what it is, by the rules of that format |
| ○ | no rule: it is `unchecked`, hence never clean; or not judged, and the file can be clean: the reason says why |
| - | not possible in this format |

"""
FILES = """
## Whose files were read

Where the framework could be installed, files that it wrote are read by the tests, to the end and without a finding.

| format | read from |
|---|---|
"""


def technique(rule: str) -> str:
    """Return the column of a rule."""
    return TECHNIQUE.get(rule) or FIRST_WORD[rule.partition("-")[0]]


@cache
def broken() -> dict[str, frozenset[str]]:
    """Return, for each format, the rules that a checked-in file of it breaks."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(VECTORS.glob("rules/*/fail/*")):
        report = examine(BytesView(path.read_bytes()), path.name).report
        found[report.format] |= {finding.rule for finding in report.findings}
    return {name: frozenset(rules) for name, rules in found.items()}


def rules_of(row: Row) -> list[str]:
    """Return the rules that hold for a row, in the order of the manual."""
    held = set(row.also).union(*(broken().get(name, frozenset()) for name in row.names))
    held |= {rule.id for rule in RULES if rule.reads in row.reads}
    return [rule.id for rule in RULES if rule.id in held]


def cell(row: Row, column: str) -> str:
    """Return what stands in a cell: rules, or a reason."""
    rules = [rule for rule in rules_of(row) if technique(rule) == column]
    reason = EXCEPTIONS.get((row.group, column), "")
    if not rules:
        return reason or REASONS[column]
    linked = ", ".join(f"[{rule}](rules.md#{rule})" for rule in rules)
    return f"{linked}; {reason}" if reason and column in BESIDE_RULES else linked


def mark(text: str) -> str:
    """Return the mark of a cell."""
    return next((sign for word, sign in MARKS.items() if text.startswith(word)), MARKS["rule"])


def page() -> str:
    """Return the whole page."""
    numbers = [f"[{number}](#{_anchor(title)})" for number, title in enumerate(COLUMNS.values(), 1)]
    lines = [HEAD, f"| format | {' | '.join(numbers)} |\n", f"|---{'|---' * len(COLUMNS)}|\n"]
    lines += [f"| {_names(row)} | {' | '.join(mark(cell(row, column)) for column in COLUMNS)} |\n" for row in ROWS]
    lines += [_section(column, title) for column, title in COLUMNS.items()]
    lines += [FILES, *(f"| {_names(row)} | {row.files} |\n" for row in ROWS)]
    return "".join(lines)


def _section(column: str, title: str) -> str:
    """Return one technique: formats whose cells say the same share a line."""
    same: dict[str, list[str]] = defaultdict(list)
    for row in ROWS:
        same[cell(row, column)].append(_names(row))
    number = list(COLUMNS).index(column) + 1
    lines = [f"| {mark(text)} | {', '.join(names)} | {text} |\n" for text, names in same.items()]
    return f"\n## {number}. {title}\n\n| | formats | told by |\n|---|---|---|\n{''.join(lines)}"


def _names(row: Row) -> str:
    return ", ".join(f"`{name}`" for name in row.names)


def _anchor(title: str) -> str:
    number = list(COLUMNS.values()).index(title) + 1
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
    return f"{number}-{kept.replace(' ', '-')}"


def main() -> None:
    """Write the page, or say whether it is as it would be written."""
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        sys.exit(f"{PAGE.name} is not what tools/make_matrix.py makes: run it")


if __name__ == "__main__":
    main()
