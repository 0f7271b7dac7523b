"""What a ledger tells a security operations centre: one decision, finding or change, in words that fit every format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.finding import Severity

MAX_TEXT: Final = 4096  # characters of what a statement says freely


class Kind(StrEnum):
    """What happened. `AUTHORITY` is a new root, trust or policy.

    `UNVERIFIED` stands for any of the others, said by somebody who may not say it.
    """

    VERDICT = "verdict"
    REFUSAL = "refusal"
    REVOCATION = "revocation"
    EXCEPTION = "exception"
    GRANDFATHERING = "grandfathering"
    BREAK_GLASS = "break-glass"
    RISK_DECISION = "risk-decision"
    PROMOTION = "promotion"
    AUTHORITY = "authority"
    FINDING = "finding"
    DEPLOYMENT = "deployment"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Source:
    """Where an event stands: the log's origin, the entry and the log's time of it, the statement and who signed it.

    Attributes:
        predicate: the name of the statement's predicate.
        signers: names in the trust file; of what is not verified, ids of keys.
    """

    log: str
    entry: int
    time: int
    statement: str
    predicate: str
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        part: its number among those of its entry, from 0.
        label: what it is about, `kind/name`, and its digest.
        good: whether it allows, or starts something; None where that is no question.
        title: one line for people.
        saw: what was seen, or why.
        rule: the rule that was broken, if one was.
        techniques: of MITRE ATLAS, as `AML.T0011.000`.
        facts: whatever else belongs to the kind, by name.
    """

    kind: Kind
    source: Source
    part: int
    label: str
    digest: str
    severity: Severity
    title: str
    saw: str = ""
    good: bool | None = None
    rule: str = ""
    confidence: str = ""
    remedy: str = ""
    techniques: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def uid(self) -> str:
        """Return the event's identity: the same whenever the same entry is told again."""
        return f"{self.source.log}#{self.source.entry}.{self.part}"


def short(text: str) -> str:
    """Return text of at most `MAX_TEXT` characters."""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
