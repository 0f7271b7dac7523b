"""What was found, what could not be looked at, and what follows from both for one subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.view import Basis
from hauberk.view import UncheckedCode as UncheckedCode  # noqa: PLC0414 - one of the words of a report

if TYPE_CHECKING:
    from hauberk.digest import Digest


class Severity(StrEnum):
    """How bad a finding is; the order of the members is from worst to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Confidence(StrEnum):
    """How sure the rule is of what it saw."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Outcome(StrEnum):
    """The worst that was found in a scanned file, apart from whether everything was looked at."""

    MALICIOUS = "malicious"
    SUSPICIOUS = "suspicious"
    CLEAN = "clean"


class Coverage(StrEnum):
    """How much of a file was understood: all of it, some of it, or nothing of a text, which no loader of data runs."""

    FULL = "full"
    PARTIAL = "partial"
    INERT = "inert"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """Where in a subject: the file's path in a tree, the member of an archive, a byte offset, a line, a pointer."""

    path: str | None = None
    member: str | None = None
    offset: int | None = None
    line: int | None = None
    pointer: str | None = None


NOWHERE = Location()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody's word that a finding is known and borne: who, why, and the last day (ISO 8601) on which it holds."""

    owner: str
    reason: str
    until: str

    def __str__(self) -> str:
        return f"accepted by {self.owner} until {self.until}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken at one location; `saw` is the fact, never advice (that is the rule's).

    `accepted` is a person's answer to it. The finding stays what it is, and so does the outcome of its file; only who
    counts findings for an exit code leaves it out.
    """

    rule: str
    severity: Severity
    location: Location
    saw: str
    confidence: Confidence = Confidence.CERTAIN
    related: tuple[Location, ...] = ()
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that could not be looked at: the kind of reason, and what was seen."""

    code: UncheckedCode
    detail: str
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Reading:
    """How much was read of bytes that lie elsewhere.

    Attributes:
        pinned: what marks the version that was read: a commit, a digest, a server's tag.
        bytes: how many different ones were read.
        unread: offset and length of the first ranges that were not, in their order.
        spans: how many such ranges there are in all.
    """

    pinned: str
    bytes: int
    unread: tuple[tuple[int, int], ...] = ()
    spans: int = 0


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file that another one says is raw numbers: its name beside that one, and its size where it is said.

    A `*` in the name stands for the other one's own name, without its last extension.
    """

    name: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, unchecked and coverage of one subject, known by the digest of the bytes that were read.

    A report without a digest is of bytes that were not all hashed; its basis is `claimed`.
    """

    path: str
    digest: Digest | None
    format: str
    basis: Basis = Basis.COMPUTED
    coverage: Coverage = Coverage.FULL
    findings: tuple[Finding, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    size: int = field(default=0, compare=False)
    reading: Reading | None = None
    raw_files: tuple[RawFile, ...] = field(default=(), compare=False)

    @property
    def outcome(self) -> Outcome:
        """Return the worst of the findings: malicious for critical or high, suspicious for medium, else clean."""
        return worst(self.findings)

    @property
    def complete(self) -> bool:
        """Return whether nothing was left unchecked."""
        return not self.unchecked

    def join(self, other: Report) -> Report:
        """Return both reports as one; raise `Malformed` if they speak of different bytes (law 1)."""
        if self.digest is None or self.digest != other.digest:
            raise Malformed(f"reports of {self.digest} and {other.digest} cannot be joined")
        return Report(
            path=self.path,
            digest=self.digest,
            format=self.format,
            basis=Basis.CLAIMED if Basis.CLAIMED in (self.basis, other.basis) else Basis.COMPUTED,
            coverage=self.coverage if self.coverage == other.coverage else Coverage.PARTIAL,
            findings=(*self.findings, *(f for f in other.findings if f not in self.findings)),
            unchecked=(*self.unchecked, *(u for u in other.unchecked if u not in self.unchecked)),
            size=self.size,
            raw_files=self.raw_files or other.raw_files,
        )


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a person named for a scan, as one subject: a file (sha256) or a directory (dirHash).

    Attributes:
        digest: None for a directory with anything that dirHash cannot speak of, which no statement can then name.
    """

    path: str
    digest: Digest | None
    basis: Basis = Basis.COMPUTED


@dataclass(frozen=True, slots=True)
class TableUsed:
    """A table of callables beside our own that a scan believed: whose, which release, and the digest of its file."""

    source: str
    release: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Scan:
    """Everything that one scan saw.

    Attributes:
        subjects: what was named.
        reports: one for each file that was read.
        unread: one for each name that could not be read, and so has no digest and no report.
        seconds: how long it took.
        tables: what was believed beside our own tables.
    """

    subjects: tuple[Scanned, ...]
    reports: tuple[Report, ...]
    unread: tuple[Unchecked, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    tables: tuple[TableUsed, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Return the worst outcome of all files."""
        return worst(tuple(finding for report in self.reports for finding in report.findings))

    @property
    def complete(self) -> bool:
        """Return whether every name was read, and nothing in any file was left unchecked."""
        return not self.unread and all(report.complete for report in self.reports)


def worst(findings: tuple[Finding, ...]) -> Outcome:
    """Return the outcome that a set of findings amounts to."""
    seen = {finding.severity for finding in findings}
    if seen & {Severity.CRITICAL, Severity.HIGH}:
        return Outcome.MALICIOUS
    return Outcome.SUSPICIOUS if Severity.MEDIUM in seen else Outcome.CLEAN
