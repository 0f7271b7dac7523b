"""A scan for a person at a terminal: a line for each file, under it what was found and what to do about it."""

from __future__ import annotations

import textwrap
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from hauberk.finding import Coverage, Outcome, Report, Severity, Unchecked
from hauberk.render.words import REASONS, counted, place, visible
from hauberk.rule import rested
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hauberk.finding import Finding, Scan, Scanned, TableUsed
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
_ORDER = (_LOOKS[Outcome.MALICIOUS], _LOOKS[Outcome.SUSPICIOUS], _UNCHECKED, _LOOKS[Outcome.CLEAN])
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
            for line in page.heading(subject.path, _identity(subject))
        ),
        *(page.believed(used) for used in scan.tables),
        *(
            line
            for seen in sorted(_all(scan), key=_rank)
            for line in (page.report(seen) if isinstance(seen, Report) else page.unread(seen))
        ),
        "",
        *page.summary(scan),
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

    def believed(self, used: TableUsed) -> str:
        note = f"callables/{used.source} {used.release}"
        return f"{self._paint('believed', _BOLD)} {visible(note)}  {self._paint(str(used.digest), _FAINT)}"

    def report(self, report: Report) -> Iterator[str]:
        note = f"{report.format}, inert" if report.coverage is Coverage.INERT else report.format
        if report.reading is not None:
            note += f", {report.basis.value}, {_size(report.reading.bytes)} of {_size(report.size)} read"
        yield self._line(_look(report), report.path, note)
        worst_first = sorted(report.findings, key=lambda finding: (_RANKS[finding.severity], finding.rule))
        for rule, findings in groupby(worst_first, key=lambda finding: finding.rule):
            yield from self._findings(rule, list(findings))
        for unchecked in report.unchecked:
            yield from self._unchecked(unchecked)

    def unread(self, unread: Unchecked) -> Iterator[str]:
        yield self._line(_UNCHECKED, unread.location.path or "", "not read")
        yield from self._unchecked(unread)

    def summary(self, scan: Scan) -> Iterator[str]:
        files = len(scan.reports) + len(scan.unread)
        size = _size(sum(report.size for report in scan.reports))
        looks = Counter(_look(seen) for seen in _all(scan))
        parts = [(f"{looks[look]:,} {look[1]}", look[2]) for look in _ORDER if looks[look]]
        if torn := sum(_look(report) is not _UNCHECKED and not report.complete for report in scan.reports):
            parts.append((f"{torn:,} with findings not checked in full", _BLUE))
        if accepted := sum(finding.accepted is not None for report in scan.reports for finding in report.findings):
            parts.append((f"{counted(accepted, 'finding')} accepted", _BLUE))
        line = f"{self._paint(counted(files, 'file'), _BOLD)}, {size}, {scan.seconds:.2f} s:"
        taken = len(f"{counted(files, 'file')}, {size}, {scan.seconds:.2f} s:")
        for number, (text, colour) in enumerate(parts or [("nothing to read", "")], start=1):
            comma = "," if number < len(parts) else ""
            if taken + 1 + len(text) + len(comma) > self._width:
                yield line
                line, taken = " ", 1
            line += f" {self._paint(text, colour)}{comma}"
            taken += 1 + len(text) + len(comma)
        yield line

    def _line(self, look: tuple[str, str, str], path: str, note: str) -> str:
        icon, word, colour = look
        return f"{self._paint(f'{icon} {word:{_WORD}}', colour)} {visible(path)}  {self._paint(visible(note), _FAINT)}"

    def _findings(self, rule: str, findings: Sequence[Finding]) -> Iterator[str]:
        told = [finding for finding in findings if not rested(finding.saw)]
        for finding in told[:_SHOWN]:
            severity = self._paint(f"{finding.severity.value:{_MARGIN - 4}}", _SEVERITIES[finding.severity])
            yield f"    {severity}{self._paint(rule, _BOLD)} {place(finding.location)}".rstrip()
            yield from self._wrapped(f"saw: {finding.saw}")
            if finding.accepted is not None:
                yield from self._wrapped(str(finding.accepted))
        if more := _more(len(told), sum(rested(finding.saw) for finding in findings)):
            yield from self._wrapped(more)
        if remedy := self._remedies.get(rule):
            yield from self._wrapped(f"fix: {remedy}")

    def _unchecked(self, unchecked: Unchecked) -> Iterator[str]:
        code = self._paint(f"{'unchecked':{_MARGIN - 4}}", _BLUE)
        yield f"    {code}{unchecked.code.value} {place(unchecked.location)}".rstrip()
        yield from self._wrapped(f"{REASONS[unchecked.code]}: {unchecked.detail}", hang=0)

    def _wrapped(self, text: str, *, hang: int = 5) -> Iterator[str]:
        margin = " " * _MARGIN
        text = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
        # Words longer than a line are cut into lines: a blob's name cannot push the rest off the screen.
        yield from textwrap.wrap(
            visible(text), self._width, initial_indent=margin, subsequent_indent=margin + " " * hang
        )

    def _paint(self, text: str, look: str) -> str:
        return f"\x1b[{look}m{text}\x1b[0m" if self._colour and look else text


def _more(told: int, counted_only: int) -> str:
    """Say how many places of a rule are not shown, and whether another form lists them all; a rule lists a hundred."""
    hidden = max(0, told - _SHOWN) + counted_only
    if not hidden:
        return ""
    listed = f"has the first {told:,}, the rest is only counted" if counted_only else "has all"
    return f"and {counted(hidden, 'more place')}; --format json {listed}"


def _identity(subject: Scanned) -> str:
    if subject.digest is None:
        return f"no digest: not all of it {'was' if subject.basis is Basis.CLAIMED else 'could be'} read"
    return f"{subject.digest}{', claimed' if subject.basis is Basis.CLAIMED else ''}"


def _all(scan: Scan) -> tuple[Report | Unchecked, ...]:
    return (*scan.reports, *scan.unread)


def _look(seen: Report | Unchecked) -> tuple[str, str, str]:
    if isinstance(seen, Unchecked) or (seen.outcome is Outcome.CLEAN and not seen.complete):
        return _UNCHECKED
    return _LOOKS[seen.outcome]


def _rank(seen: Report | Unchecked) -> int:
    """Return where a file stands on the page: the worst first, else as they were scanned."""
    return _ORDER.index(_look(seen))


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
