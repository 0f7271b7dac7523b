"""What is asked of a gate's rules, and what one of them answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hauberk.statement import Named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.collection import Evidence
    from hauberk.policy.policy import GatePolicy
    from hauberk.statement import Verified
    from hauberk.subject import Subject
    from hauberk.verdict import Reason, Way


@dataclass(frozen=True, slots=True)
class Bearing:
    """A signed statement by which a gate bears something, and the names of those who signed it and may."""

    way: Way
    statement: Verified
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's answer; `bearing` says why it holds, where it would not hold by itself."""

    holds: bool
    reason: Reason
    bearing: Bearing | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a rule may look at."""

    subject: Subject
    name: str
    gate: GatePolicy
    evidence: Evidence
    now: int
    current: Mapping[str, Digest] = field(default_factory=dict)

    @property
    def thing(self) -> Named:
        """Return the subject as statements name it."""
        return Named(self.subject.label, (self.subject.digest,))
