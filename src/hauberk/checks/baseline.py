"""Findings that somebody has accepted: by the file's digest, the rule and the place, with an owner and a last day.

A digest names bytes, so what is accepted is this finding in this file and no other: a file that changes, if only in
its weights, has to be looked at again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from hauberk.digest import Digest
from hauberk.errors import Malformed, Misconfigured
from hauberk.finding import Acceptance, Location
from hauberk.formats.document import decode
from hauberk.render.words import storable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.finding import Report, Scan

SCHEMA: Final = "urn:hauberk:scan-baseline:v1"
HEAD: Final = "# Findings that were accepted. Made by `hauberk scan --write-baseline`; check each, then commit it.\n"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a finding is."""

    member: str | None = None
    offset: int | None = None
    line: int | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding; `until` is the last day on which it is."""

    digest: str
    rule: str
    location: Place
    owner: str
    reason: str
    until: str

    def __post_init__(self) -> None:
        for name, text in (("owner", self.owner), ("reason", self.reason)):
            if not text.strip() or not text.isprintable():
                raise Misconfigured(f"{name} is {text!r:.80}", "write one line of words")
        day(self.until)
        try:
            Digest.parse(self.digest)
        except Malformed as error:
            raise Misconfigured(error.message, error.hint) from None

    @property
    def key(self) -> tuple[str, str, Place]:
        """Return what identifies a finding."""
        return self.digest, self.rule, self.location


@dataclass(frozen=True, slots=True)
class Document:
    """The baseline file, member by member."""

    schema: Literal["urn:hauberk:scan-baseline:v1"]
    accepted: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A scan with what is accepted marked; the entries that would apply and have expired; those that met nothing."""

    scan: Scan
    expired: tuple[Entry, ...]
    idle: tuple[Entry, ...]


def day(text: str) -> date:
    """Return the day that a text names; raise `Misconfigured` for anything but YYYY-MM-DD."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Misconfigured(f"not a day: {text!r:.40}", "write it as 2027-01-31")


def baseline_of(data: Any, *, what: str) -> tuple[Entry, ...]:
    """Return the entries that plain data describes.

    Raises:
        Misconfigured: an unknown member, a value of another type, or the same finding twice.
    """
    entries = decode(data, Document, what=what).accepted
    seen: set[tuple[str, str, Place]] = set()
    for number, entry in enumerate(entries):
        if entry.key in seen:
            raise Misconfigured(
                f"{what}: accepted[{number}]: the same finding for the second time", "remove one of them"
            )
        seen.add(entry.key)
    return entries


def accept(scan: Scan, entries: tuple[Entry, ...], *, today: date) -> Applied:
    """Return the scan with every finding marked that an entry accepts today."""
    by_key = {entry.key: entry for entry in entries}
    met: set[tuple[str, str, Place]] = set()
    reports = tuple(_accepted(report, by_key, today, met) for report in scan.reports)
    expired = tuple(entry for entry in entries if entry.key in met and day(entry.until) < today)
    return Applied(replace(scan, reports=reports), expired, tuple(e for e in entries if e.key not in met))


def written(scan: Scan, *, owner: str, reason: str, until: str) -> str:
    """Return a baseline with all findings of a scan: those that are accepted as they were, the others by `owner`.

    Raises:
        Misconfigured: there is a finding in a file without a digest, or an owner, reason or day that no entry can hold.
    """
    entries = [entry for report in scan.reports for entry in _entries(report, Acceptance(owner, reason, until))]
    unique = {entry.key: entry for entry in entries}
    return f"{HEAD}schema: {SCHEMA}\naccepted:" + ("".join(map(_lines, unique.values())) or " []\n")


def _accepted(
    report: Report, by_key: dict[tuple[str, str, Place], Entry], today: date, met: set[tuple[str, str, Place]]
) -> Report:
    if not report.findings or report.digest is None:
        return report
    findings = []
    for finding in report.findings:
        entry = by_key.get((str(report.digest), finding.rule, _place(finding.location)))
        if entry is not None:
            met.add(entry.key)
            if day(entry.until) >= today:
                accepted = Acceptance(entry.owner, entry.reason, entry.until)
                findings.append(replace(finding, accepted=accepted))
                continue
        findings.append(finding)
    return replace(report, findings=tuple(findings))


def _place(location: Location) -> Place:
    """Return a place as a file of text can hold it."""
    member, pointer = (None if text is None else storable(text) for text in (location.member, location.pointer))
    return Place(member, location.offset, location.line, pointer)


def _entries(report: Report, acceptance: Acceptance) -> Iterator[Entry]:
    if report.findings and report.digest is None:
        raise Misconfigured(
            f"{report.path!r:.200} has findings and no digest",
            "a finding is accepted by digest: scan without --no-digest",
        )
    for finding in report.findings:
        given = finding.accepted or acceptance
        place = _place(finding.location)
        yield Entry(str(report.digest), finding.rule, place, given.owner, given.reason, given.until)


def _lines(entry: Entry) -> str:
    """Return an entry as YAML."""
    place = entry.location
    known = (("member", place.member), ("offset", place.offset), ("line", place.line), ("pointer", place.pointer))
    location = ", ".join(f"{name}: {_scalar(value)}" for name, value in known if value is not None)
    return (
        f"\n  - digest: {entry.digest}\n    rule: {entry.rule}\n    location: {{{location}}}\n"
        f"    owner: {_scalar(entry.owner)}\n    reason: {_scalar(entry.reason)}\n    until: {entry.until}"
    )


def _scalar(value: str | int) -> str:
    """Return a number, or a text in double quotes with what does not print as escapes (YAML 1.2.2, 5.7)."""
    if isinstance(value, int):
        return str(value)
    plain = (char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08X}" for char in value)
    return f'"{"".join(plain)}"'
