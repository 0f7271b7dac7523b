"""A gate's answer, and the permit that an allowing answer carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from hauberk.errors import Refused

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.statement import Json
    from hauberk.subject import Subject


class Answer(StrEnum):
    """The two answers of a gate."""

    ALLOW = "allow"
    DENY = "deny"


class Mode(StrEnum):
    """What a denial does: a record, a warning, or a closed gate. A permit needs an `allow` in any."""

    OBSERVE = "observe"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule of the policy: the evidence that was looked at (a statement id), what it said, what was wanted."""

    rule: str
    evidence: Digest | None
    seen: Json
    wanted: Json


class Way(StrEnum):
    """By what kind of signed statement a gate bears what it would deny."""

    EXCEPTION = "exception"
    GRANDFATHERED = "grandfathered"
    BREAK_GLASS = "break-glass"


@dataclass(frozen=True, slots=True)
class Borne:
    """What a gate bears, by which signed statement: told at each use.

    Attributes:
        statement: its id.
        owner: who answers for it.
        signers: the names of the keys that signed it and may.
        until: Unix seconds; from the next second on, the gate denies.
        reason: why, in the words of those who signed.
        rules: what would have denied.
    """

    way: Way
    statement: Digest
    owner: str
    signers: tuple[str, ...]
    until: int
    reason: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Permit:
    """An allowing verdict for one digest at one gate. Made only by `gate/`; it cannot be copied to another process.

    Attributes:
        checkpoint_size: size of the ledger that was proven when it was decided.
        not_after: Unix seconds; past it the permit opens nothing.
    """

    gate: str
    subject: Subject
    policy: Digest
    checkpoint_size: int
    not_after: int

    def __reduce__(self) -> NoReturn:
        raise TypeError("a permit is never serialised: decide again where it is needed")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allow with every rule that held, or deny with every rule that did not.

    Attributes:
        borne: what holds only because somebody has signed that it is borne; the reasons say the same.
    """

    result: Answer
    gate: str
    subject: Subject
    policy: Digest
    at: int
    reasons: tuple[Reason, ...]
    mode: Mode = Mode.ENFORCE
    permit: Permit | None = field(default=None, compare=False)
    borne: tuple[Borne, ...] = field(default=(), compare=False)

    def require(self) -> Permit:
        """Return the permit, or raise `Refused` with the reasons."""
        if self.result is not Answer.ALLOW or self.permit is None:
            lines = "; ".join(
                f"{r.rule}: saw {r.seen}, wanted {limit_in_words(r.wanted) or r.wanted}" for r in self.reasons[:5]
            )
            raise Refused(
                f"{self.gate} of {self.subject.label} ({self.subject.digest}) is denied: {lines}",
                "see `hauberk gate` for every reason and its evidence",
                self,
            )
        return self.permit


def limit_in_words(value: Json) -> str:
    """Return what a rule wanted of a number in words, `at least 0.93`; empty for anything but limits."""
    if not isinstance(value, dict) or not value or not value.keys() <= {"min", "max"}:
        return ""
    parts = (("at least", value.get("min")), ("at most", value.get("max")))
    return " and ".join(f"{word} {number}" for word, number in parts if number is not None)
