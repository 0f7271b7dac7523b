"""What a person wants of a scan: which findings make it fail, which limits it keeps, what is accepted already.

A profile changes what is reported as a failure, and nothing else: findings, outcomes and evidence are the same under
any profile, and so is what `hauberk.load` opens. How a profile is written is `hauberk.checks.profile_file`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hauberk.finding import Outcome, Severity
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.finding import Scan

UNCHECKED: Final = "unchecked"
CEILINGS: Final = (*map(str, Severity), UNCHECKED)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed file of rows for the tables of callables, and the public key whose signature it must bear."""

    file: str
    key: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How findings become a failure.

    Attributes:
        name: for people.
        ceilings: how many findings of a severity, or how many things unchecked, still pass. A severity that is not
            listed never fails; anything unchecked that does not fail makes the scan incomplete all the same.
        report_only: rules whose findings are told and never counted.
        limits: what is over them is unchecked.
        baseline: the file of accepted findings, as it was written; None where there is none.
        tables: signed files of rows, as they were written.
    """

    name: str
    ceilings: Mapping[str, int]
    report_only: frozenset[str] = frozenset()
    limits: Limits = DEFAULT_LIMITS
    baseline: str | None = None
    tables: tuple[Signed, ...] = ()

    def fails(self, scan: Scan) -> bool:
        """Say whether a scan holds more of anything than its ceiling; what is accepted is not counted."""
        seen = Counter(
            finding.severity.value
            for report in scan.reports
            for finding in report.findings
            if finding.accepted is None and finding.rule not in self.report_only
        )
        seen[UNCHECKED] = len(scan.unread) + sum(len(report.unchecked) for report in scan.reports)
        return any(seen[name] > most for name, most in self.ceilings.items())


def _ceilings(*names: str) -> Mapping[str, int]:
    return MappingProxyType(dict.fromkeys(names, 0))


# Nothing is too small to fail: a name that nobody knows, a note of low severity, a format that is not read.
STRICT: Final = Profile("strict", _ceilings(*CEILINGS))
# What is malicious or suspicious fails; what could not be looked at makes the scan incomplete.
STANDARD: Final = Profile("standard", _ceilings("critical", "high", "medium"))
# Everything is told, nothing fails.
AUDIT: Final = Profile("audit", _ceilings())
PROFILES: Final = MappingProxyType({profile.name: profile for profile in (STRICT, STANDARD, AUDIT)})
_BY_OUTCOME: Final = {
    Outcome.MALICIOUS: Profile("malicious", _ceilings("critical", "high")),
    Outcome.SUSPICIOUS: STANDARD,
}


def failing_on(least: Outcome) -> Profile:
    """Return the profile that fails where the outcome is at or over `least`."""
    return _BY_OUTCOME[least]
