"""What a gate bears, and what it would have closed, in sentences that nobody should overlook."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hauberk.render.words import counted, visible
from hauberk.verdict import Answer, Mode, Way

if TYPE_CHECKING:
    from hauberk.verdict import Borne, Verdict

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_WORDS = {
    Way.EXCEPTION: "an exception",
    Way.GRANDFATHERED: "grandfathered",
    Way.BREAK_GLASS: "BREAK-GLASS",
}


def borne_lines(verdict: Verdict, *, now: int) -> tuple[str, ...]:
    """Return a sentence for each statement by which a gate bears something: which gate, by whom, how long, why."""
    where = f"{visible(verdict.gate)} of {visible(verdict.subject.label)}"
    return tuple(f"{where}: {_sentence(borne, now)}" for borne in verdict.borne)


def would_be_closed(verdict: Verdict) -> tuple[str, ...]:
    """Return the sentence that a gate warns with where it would be closed; nothing where it does not only warn."""
    if verdict.result is Answer.ALLOW or verdict.mode is not Mode.WARN:
        return ()
    rules = ", ".join(visible(reason.rule) for reason in verdict.reasons)
    return (f"the gate {visible(verdict.gate)} would be closed for {visible(verdict.subject.label)}: {rules}",)


def left(until: int, now: int) -> str:
    """Return how much time is left, in the largest unit of which there is one, rounded down."""
    seconds = until - now
    if seconds < 0:
        return "ended"
    for size, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            return f"{counted(seconds // size, name)} left"
    return "less than a minute left"


def _sentence(borne: Borne, now: int) -> str:
    until = datetime.fromtimestamp(borne.until, UTC).strftime("%Y-%m-%d %H:%M UTC")
    by = " and ".join(map(visible, borne.signers))
    rules = counted(len(borne.rules), "rule")
    return (
        f"{_WORDS[borne.way]} until {until} ({left(borne.until, now)}) bears {rules}; "
        f"{visible(borne.owner)} answers for it, signed by {by}: {visible(borne.reason)}"
    )
