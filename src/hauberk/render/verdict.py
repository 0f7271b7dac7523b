"""A gate's verdict for a person: the answer in one line, then every rule with what was seen and what was wanted."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hauberk.render.words import visible
from hauberk.verdict import Answer, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.statement import Json
    from hauberk.verdict import Reason, Verdict

_HEADS = ("rule", "seen", "wanted", "evidence")
_READABLE = (36, 20, 20, 24)  # where a column is made narrower, the one that is most over this gives way
_NARROWEST = 60
_SHORT_ID = 12
_DIGEST = re.compile(r"(sha256|dirHash):[0-9a-f]{64}", re.ASCII)
_LEFT_OUT = 64 - _SHORT_ID
_ICON = 2

# Select Graphic Rendition codes (ECMA-48 8.3.117).
_RED, _GREEN, _YELLOW, _BOLD, _FAINT = "31", "32", "33", "1", "2"
_MODES = {
    Mode.OBSERVE: "the gate only observes: a denial is recorded and nothing is closed",
    Mode.WARN: "the gate only warns: a denial closes nothing",
}


def verdict_table(verdict: Verdict, *, names: Mapping[str, str] | None, colour: bool, width: int) -> str:
    """Return a verdict as text: its answer, a row for each reason, and how a gate that is not enforced behaves.

    Args:
        verdict: what the gate said.
        names: what each statement is for people, by the text of its id; None shows the short ids alone.
        colour: whether to write colours: for a terminal whose owner has not set NO_COLOR.
        width: columns; cells are wrapped to it, and nothing in them is cut but digests.
    """
    allowed = verdict.result is Answer.ALLOW
    icon, look = ("✓", _GREEN) if allowed else ("✗", _RED)
    rows = [_cells(reason, names or {}) for reason in verdict.reasons]
    widths = _widths(rows, max(width, _NARROWEST))
    lines = [
        *_headline(verdict, colour=colour),
        "",
        _paint(f"{'':{_ICON}}{_line(_HEADS, widths)}".rstrip(), _FAINT, colour=colour),
    ]
    for row in rows:
        first, *rest = _wrapped(row, widths)
        lines.append(f"{_paint(icon, look, colour=colour)} {first}".rstrip())
        lines += [f"{'':{_ICON}}{line}".rstrip() for line in rest]
    if verdict.mode in _MODES:
        lines.append(_paint(f"! {_MODES[verdict.mode]}", _YELLOW, colour=colour))
    return "\n".join(lines)


def development_notice() -> str:
    """Return the line that stands under every answer that rests on trust made for trying things out."""
    return "! development trust: one person holds every key, so nothing here is proof to anybody else"


def in_words(value: Json) -> str:
    """Return what a rule saw or wanted in words: a limit as a limit, a list as a list, a digest cut short."""
    if isinstance(value, str):
        return f"{value[:-_LEFT_OUT]}…" if _DIGEST.fullmatch(value) else visible(value)
    if isinstance(value, dict) and value and set(value) <= {"min", "max"}:
        parts = (("at least", value.get("min")), ("at most", value.get("max")))
        return " and ".join(f"{word} {number}" for word, number in parts if number is not None)
    if isinstance(value, list):
        return ", ".join(map(in_words, value)) or "none"
    return "none" if value is None else visible(json.dumps(value, ensure_ascii=False))


def _headline(verdict: Verdict, *, colour: bool) -> list[str]:
    allowed = verdict.result is Answer.ALLOW
    answer = _paint("ALLOWED" if allowed else "DENIED", f"{_BOLD};{_GREEN if allowed else _RED}", colour=colour)
    at = datetime.fromtimestamp(verdict.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    what = f"{visible(verdict.gate)} of {visible(verdict.subject.label)}"
    facts = f"as of {at}, by policy {verdict.policy.hex[:_SHORT_ID]}"
    return [
        f"{answer}  {_paint(what, _BOLD, colour=colour)}  {_paint(facts, _FAINT, colour=colour)}",
        f"{'':{9 if allowed else 8}}{_paint(str(verdict.subject.digest), _FAINT, colour=colour)}",
    ]


def _cells(reason: Reason, names: Mapping[str, str]) -> tuple[str, ...]:
    evidence = ""
    if reason.evidence is not None:
        name = names.get(str(reason.evidence), "")
        evidence = f"{visible(name)} {reason.evidence.hex[:_SHORT_ID]}".strip()
    return visible(reason.rule), in_words(reason.seen), in_words(reason.wanted), evidence


def _widths(rows: Sequence[Sequence[str]], width: int) -> tuple[int, ...]:
    """Return the width of each column: as wide as its longest cell, or less where all together do not fit."""
    widths = [max(len(cell) for cell in column) for column in zip(_HEADS, *rows, strict=True)]
    for _ in range(sum(widths) + _ICON + 2 * (len(_HEADS) - 1) - width):
        over = [taken - readable for taken, readable in zip(widths, _READABLE, strict=True)]
        widths[over.index(max(over))] -= 1
    return tuple(widths)


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    height = max(map(len, columns))
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [_line(cells, widths) for cells in zip(*padded, strict=True)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))


def _paint(text: str, look: str, *, colour: bool) -> str:
    return f"\x1b[{look}m{text}\x1b[0m" if colour else text
