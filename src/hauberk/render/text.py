"""A scan for a person at a terminal: a line for each file, under it what was found and what to do about it."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from hauberk.finding import Coverage, Outcome, Severity
from hauberk.render.words import REASONS, counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hauberk.finding import Finding, Location, Report, Scan, Unchecked
    from hauberk.rule import Rule

_SHOWN = 12  # of one rule in one file; the count of the rest follows, and JSON holds all
_SHOWN_CHARACTERS = 1000
_MARGIN = 15
_WORD = 11

# Select Graphic Rendition codes (ECMA-48 8.3.117).
_RED, _GREEN, _YELLOW, _BLUE, _BOLD, _FAINT = "31", "32", "33", "34", "1", "2"
_UNCHECKED = ("?", "unchecked", _BLUE)
_LOOKS = {
    Outcome.MALICIOUS: ("✗", "malicious", _RED),
    Outcome.SUSPICIOUS: ("!", "suspicious", _YELLOW),
    Outcome.CLEAN: ("✓", "clean", _GREEN),
}
_SEVERITIES = {
    Severity.CRITICAL: _RED,
    Severity.HIGH: _RED,
    Severity.MEDIUM: _YELLOW,
    Severity.LOW: _BLUE,
    Severity.INFO: _FAINT,
}
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def render(scan: Scan, *, rules: Iterable[Rule], colour: bool, width: int) -> str:
    """Return the scan as lines of text; nothing that a file contains can drive the terminal.

    Args:
        scan: what was seen.
        rules: give the remedies.
        colour: whether to write colours: for a terminal whose owner has not set NO_COLOR.
        width: columns; text is wrapped to it, names and digests are never cut.
    """
    page = _Page(colour=colour, width=max(width, 40), remedies={rule.id: rule.remedy for rule in rules})
    blocks = [
        *(
            line
            for subject in scan.subjects
            if subject.digest is None or subject.digest.algorithm == "dirHash"
            for line in page.heading(subject.path, str(subject.digest or "no digest: not all of it could be read"))
        ),
        *(line for report in scan.reports for line in page.report(report)),
        *(line for unread in scan.unread for line in page.unread(unread)),
        "",
        page.summary(scan),
    ]
    return "\n".join(blocks)


class _Page:
    """How things look, decided once: in colour or not, how wide, with which remedies."""

    def __init__(self, *, colour: bool, width: int, remedies: Mapping[str, str]) -> None:
        self._colour = colour
        self._width = width
        self._remedies = remedies

    def heading(self, path: str, digest: str) -> Iterator[str]:
        yield f"{self._paint(visible(path), _BOLD)}  {self._paint(digest, _FAINT)}"

    def report(self, report: Report) -> Iterator[str]:
        hidden = report.outcome is Outcome.CLEAN and not report.complete
        note = f"{report.format}, inert" if report.coverage is Coverage.INERT else report.format
        yield self._line(_UNCHECKED if hidden else _LOOKS[report.outcome], report.path, note)
        worst_first = sorted(report.findings, key=lambda finding: (_RANKS[finding.severity], finding.rule))
        for rule, findings in groupby(worst_first, key=lambda finding: finding.rule):
            yield from self._findings(rule, list(findings))
        for unchecked in report.unchecked:
            yield from self._unchecked(unchecked)

    def unread(self, unread: Unchecked) -> Iterator[str]:
        yield self._line(_UNCHECKED, unread.location.path or "", "not read")
        yield from self._unchecked(unread)

    def summary(self, scan: Scan) -> str:
        files = len(scan.reports) + len(scan.unread)
        size = _size(sum(report.size for report in scan.reports))
        counts = [
            (sum(report.outcome is Outcome.MALICIOUS for report in scan.reports), *_LOOKS[Outcome.MALICIOUS][1:]),
            (sum(report.outcome is Outcome.SUSPICIOUS for report in scan.reports), *_LOOKS[Outcome.SUSPICIOUS][1:]),
            (
                sum(not report.complete for report in scan.reports) + len(scan.unread),
                "with something unchecked",
                _BLUE,
            ),
            (sum(report.outcome is Outcome.CLEAN and report.complete for report in scan.reports), "clean", _GREEN),
        ]
        told = ", ".join(self._paint(f"{count} {word}", look) for count, word, look in counts if count)
        return (
            f"{self._paint(counted(files, 'file'), _BOLD)}, {size}, {scan.seconds:.2f} s: {told or 'nothing to read'}"
        )

    def _line(self, look: tuple[str, str, str], path: str, note: str) -> str:
        icon, word, colour = look
        return f"{self._paint(f'{icon} {word:{_WORD}}', colour)} {visible(path)}  {self._paint(visible(note), _FAINT)}"

    def _findings(self, rule: str, findings: Sequence[Finding]) -> Iterator[str]:
        for finding in findings[:_SHOWN]:
            severity = self._paint(f"{finding.severity.value:{_MARGIN - 4}}", _SEVERITIES[finding.severity])
            yield f"    {severity}{self._paint(rule, _BOLD)} {_where(finding.location)}".rstrip()
            yield from self._wrapped(f"saw: {finding.saw}")
        if len(findings) > _SHOWN:
            yield from self._wrapped(f"and {counted(len(findings) - _SHOWN, 'more place')}; --format json has all")
        if remedy := self._remedies.get(rule):
            yield from self._wrapped(f"fix: {remedy}")

    def _unchecked(self, unchecked: Unchecked) -> Iterator[str]:
        code = self._paint(f"{'unchecked':{_MARGIN - 4}}", _BLUE)
        yield f"    {code}{unchecked.code.value} {_where(unchecked.location)}".rstrip()
        yield from self._wrapped(f"{REASONS[unchecked.code]}: {unchecked.detail}")

    def _wrapped(self, text: str) -> Iterator[str]:
        margin = " " * _MARGIN
        text = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
        # Words longer than a line are cut into lines: a blob's name cannot push the rest off the screen.
        yield from textwrap.wrap(visible(text), self._width, initial_indent=margin, subsequent_indent=margin + "     ")

    def _paint(self, text: str, look: str) -> str:
        return f"\x1b[{look}m{text}\x1b[0m" if self._colour else text


def _where(location: Location) -> str:
    parts = [
        visible(location.member) if location.member is not None else "",
        f"at byte {location.offset}" if location.offset is not None else "",
        f"in line {location.line}" if location.line is not None else "",
        f"at {visible(location.pointer)}" if location.pointer is not None else "",
    ]
    return " ".join(part for part in parts if part)


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
