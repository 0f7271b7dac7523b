"""A gate's verdict for a person: the answer in one line, then every rule with what was seen and what was wanted."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hauberk.render.words import visible
from hauberk.verdict import Answer, Mode, limit_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.statement import Json
    from hauberk.verdict import Reason, Verdict

_HEADS = ("rule", "seen", "wanted", "evidence")
# Where a column is made narrower, the one that is most over this gives way; 20 hold an instant.
_READABLE = (20, 20, 20, 24)
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


def verdict_table(
    verdict: Verdict, *, names: Mapping[str, str] | None, colour: bool, width: int, instead: str = ""
) -> str:
    """Return a verdict as text: its answer, a row for each reason, and how a gate that is not enforced behaves.

    Args:
        verdict: what the gate said.
        names: what each statement is for people, by the text of its id; None shows the short ids alone.
        colour: whether to write colours: for a terminal whose owner has not set NO_COLOR.
        width: columns; cells are wrapped to it, and nothing in them is cut but digests.
        instead: what stands in the place of the answer, where it held once and does not count now.
    """
    allowed = verdict.result is Answer.ALLOW
    icon, look = ("✓", _GREEN) if allowed else ("✗", _RED)
    rows = [_cells(reason, names or {}) for reason in verdict.reasons]
    widths = _widths(rows, max(width, _NARROWEST))
    lines = [
        *_headline(verdict, instead, colour=colour),
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


FOR_GOOD = "  its root says so for good: a real project is founded anew, by `hauberk init --root-key` (docs/keys.md)"


def in_words(value: Json) -> str:
    """Return what a rule saw or wanted in words: a limit as a limit, a list as a list, a digest cut short."""
    if isinstance(value, str):
        return f"{value[:-_LEFT_OUT]}…" if _DIGEST.fullmatch(value) else visible(value)
    if limit := limit_in_words(value):
        return limit
    if isinstance(value, list):
        return ", ".join(map(in_words, value)) or "none"
    return "none" if value is None else visible(json.dumps(value, ensure_ascii=False))


def answer_line(verdict: Verdict, instead: str = "", *, colour: bool) -> str:
    """Return the answer, in colour where it is asked for, and what the question was."""
    word, look = ("ALLOWED", _GREEN) if verdict.result is Answer.ALLOW else ("DENIED", _RED)
    answer = _paint(instead or word, f"{_BOLD};{_YELLOW if instead else look}", colour=colour)
    return f"{answer}  {_paint(f'{visible(verdict.gate)} of {visible(verdict.subject.label)}', _BOLD, colour=colour)}"


def basis_line(verdict: Verdict) -> str:
    """Return as of when a verdict holds, and by which policy."""
    at = datetime.fromtimestamp(verdict.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"as of {at}, by policy {verdict.policy.hex[:_SHORT_ID]}"


def _headline(verdict: Verdict, instead: str, *, colour: bool) -> list[str]:
    facts = (str(verdict.subject.digest), basis_line(verdict))
    return [
        answer_line(verdict, instead, colour=colour),
        *(f"{'':{_ICON}}{_paint(fact, _FAINT, colour=colour)}" for fact in facts),
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
    columns = [
        (_Names(width).wrap(cell) if head == "rule" else textwrap.wrap(cell, width, break_on_hyphens=False)) or [""]
        for head, cell, width in zip(_HEADS, row, widths, strict=True)
    ]
    height = max(map(len, columns))
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [_line(cells, widths) for cells in zip(*padded, strict=True)]


class _Names(textwrap.TextWrapper):
    """Breaks a rule's name, which has no spaces, behind the marks between its words, and inside of none that fits.

    Only here: an instant has hyphens, a number a dot, and both stay whole.
    """

    wordsep_re = re.compile(r"(\s+)|(?<=[./+-])(?=\S)")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))


def _paint(text: str, look: str, *, colour: bool) -> str:
    return f"\x1b[{look}m{text}\x1b[0m" if colour else text
