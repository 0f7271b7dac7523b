"""What the ledger says and what a run adds to it. Nothing else remembers that a stage was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hauberk.evidence.instant import parse_instant
from hauberk.evidence.predicates import BY_NAME
from hauberk.evidence.verify import Logged, sort_out
from hauberk.gate.standing import append, standing
from hauberk.signature import dsse
from hauberk.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.evidence.predicates import Predicate
    from hauberk.evidence.trust import Trust
    from hauberk.gate.standing import Standing
    from hauberk.ledger.log import Log
    from hauberk.pipeline.keyring import Keyring
    from hauberk.policy.policy import Policy
    from hauberk.statement import Named, Verified

_DAY = 86_400


class Book:
    """An open ledger and the keys that write in it, for one run; every statement is durable before the next step."""

    def __init__(self, log: Log, keys: Keyring, policy: Policy | None, clock: Callable[[], int]) -> None:
        """Take an open log; `policy` says for how long evidence of each kind is worth having."""
        self.log = log
        self.keys = keys
        self.clock = clock
        self._standing: tuple[int, Standing] | None = None
        self._max_ages = _max_ages(policy) if policy else {}

    @property
    def standing(self) -> Standing:
        """Return how the log stands now; it can only have changed where the log has grown."""
        size = self.log.size
        if self._standing is None or self._standing[0] != size:
            self._standing = (size, standing(self.log))
        return self._standing[1]

    @property
    def trust(self) -> Trust:
        """Return the newest trust."""
        return self.standing.trust

    def about(self, thing: Named, predicate: Predicate) -> list[Verified]:
        """Return what trust says today about exactly this thing, neither expired nor too old for the policy."""
        now, said = self.clock(), []
        for number in self.log.entries_about(thing.digests[0]):
            item = Logged(dsse.decode_envelope(self.log.envelope(number)), number, self.log.entry(number).time)
            statement = dsse.decode_statement(item.envelope.payload)
            if statement.predicate_type == predicate.type and thing in statement.subjects:
                said.append(item)
        held, _ = sort_out(said, self.trust)  # the rest never helps; what it hurts is the gate's to say
        return [verified for verified in held if self._holds_now(verified, predicate, now)]

    def record(self, role: str, predicate: Predicate, thing: Named, body: Mapping[str, Any]) -> None:
        """Sign a statement as a role and append it; errors as `Keyring.signer` and `gate.standing.append`."""
        statement = Statement((thing,), predicate.type, body)
        append(self.log, [dsse.sign(statement, [self.keys.signer(role)])], now=self.clock())

    def _holds_now(self, verified: Verified, predicate: Predicate, now: int) -> bool:
        until = verified.statement.predicate.get("validUntil")
        most = self._max_ages.get(predicate.type)
        return (until is None or now <= parse_instant(until)) and (most is None or now - verified.time <= most)


def _max_ages(policy: Policy) -> dict[str, int]:
    """Return the least age in seconds that any gate allows evidence of a type to have."""
    ages: dict[str, int] = {}
    for gate in policy.gates.values():
        for wanted in gate.require:
            if wanted.max_age_days is not None:
                kind = BY_NAME[wanted.predicate].type
                ages[kind] = min(wanted.max_age_days * _DAY, ages.get(kind, wanted.max_age_days * _DAY))
    return ages
