"""The manual page of a rule for a person at a terminal, and the list of all rules."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from hauberk.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hauberk.rule import Rule

_NARROWEST = 40
_WIDEST = 100  # longer lines are hard to read

# Select Graphic Rendition codes (ECMA-48 8.3.117).
_BOLD = "1"
_LOOKS = {
    Severity.CRITICAL: "31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "34",
    Severity.INFO: "2",
}


def page(rule: Rule, *, colour: bool, width: int) -> str:
    """Return a rule's manual page: what it is about, why that is bad, an example, what to do, and where to read on.

    Args:
        rule: the rule.
        colour: whether to write colours.
        width: columns; text is wrapped to it, example lines that are indented are not.
    """
    width = max(_NARROWEST, min(width, _WIDEST))
    severity = _paint(rule.severity.value, _LOOKS[rule.severity], colour=colour)
    body = rule.page.strip().partition("\n\n")[2]  # without the first line, which says what the title says
    lines = [
        f"{_paint(rule.id, _BOLD, colour=colour)}  {severity}",
        *textwrap.wrap(f"{rule.title}.", width),
        "",
        *_paragraphs(body, width),
        *_section("What to do", rule.remedy, width, colour=colour),
        *_section("References", ", ".join(rule.references), width, colour=colour),
    ]
    return "\n".join(lines).rstrip()


def listing(rules: Iterable[Rule], *, colour: bool, width: int) -> str:
    """Return a line for each rule, in the order of the manual: its name, how bad it is, what it is about."""
    known = tuple(rules)
    first = max(len(rule.id) for rule in known)
    second = max(len(rule.severity) for rule in known)
    hang = " " * (first + second + 4)
    lines = []
    for rule in known:
        title, *rest = textwrap.wrap(rule.title, max(_NARROWEST, width) - len(hang)) or [""]
        severity = _paint(f"{rule.severity.value:{second}}", _LOOKS[rule.severity], colour=colour)
        lines += [f"{rule.id:{first}}  {severity}  {title}", *(f"{hang}{line}" for line in rest)]
    return "\n".join(lines)


def _paragraphs(text: str, width: int) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        if any(line.startswith((" ", "-", "|")) for line in lines):  # an example, a list or a table, as it is written
            yield from lines
        else:
            yield from textwrap.wrap(paragraph, width, break_on_hyphens=False)
        yield ""


def _section(heading: str, text: str, width: int, *, colour: bool) -> list[str]:
    if not text:
        return []
    return [_paint(heading, _BOLD, colour=colour), *textwrap.wrap(text, width, break_on_hyphens=False), ""]


def _paint(text: str, look: str, *, colour: bool) -> str:
    return f"\x1b[{look}m{text}\x1b[0m" if colour else text
