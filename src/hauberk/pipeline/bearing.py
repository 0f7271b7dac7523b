"""What people say at a gate: say it, have it signed by as many of them as the policy wants, append it.

Either a gate is to bear something for a while, or somebody decides about a model's risks, where a policy asks for that.

What is refused here would open nothing: the gate asks the same of the statement once it is in the ledger. It is said
early, while somebody still listens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.errors import Malformed, Misconfigured, Refused
from hauberk.evidence import cosigning
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import (
    BREAK_GLASS,
    BY_TYPE,
    EXCEPTION,
    GRANDFATHERING,
    REVOCATION,
    RISK_DECISION,
    result_of,
)
from hauberk.gate.standing import append
from hauberk.pipeline.bodies import core
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger
from hauberk.signature import dsse
from hauberk.statement import Named, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hauberk.evidence.cosigning import Draft
    from hauberk.evidence.predicates import Predicate
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.keyring import Keyring
    from hauberk.policy.policy import GatePolicy, Policy

_HOUR = 3600
_DAY = 24 * _HOUR
# What people decide says none of these.
_UNSAID: Mapping[str, object] = {"findings": [], "unchecked": [], "inputs": [], "policy": None}
_MEMBERS = {GRANDFATHERING.type: "grandfather", BREAK_GLASS.type: "break_glass"}


@dataclass(frozen=True, slots=True)
class Needed:
    """What the policy asks of a statement: how many people, who (None: whoever trust lets), and seconds at most."""

    at_least: int
    signers: tuple[str, ...] | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Appended:
    """What was appended: the statements, who signed them, and the checkpoint that shows them."""

    statements: tuple[Statement, ...]
    people: tuple[str, ...]
    published: Published
    development: bool


def of_digests(
    kind: Predicate, things: Iterable[Named], *, gate: str, owner: str, until: int, reason: str
) -> tuple[Statement, ...]:
    """Return a statement for each thing that one gate is to bear something about.

    Args:
        kind: `GRANDFATHERING` or `BREAK_GLASS`.
        things: each with one digest.
        gate: its name in the policy.
        owner: who answers for it.
        until: Unix seconds.
        reason: why, in one line.

    Raises:
        Misconfigured: owner or reason are none, or the end is past.
    """
    check_words(kind.name, owner, reason)
    if until <= clock.now():
        raise Misconfigured(f"{format_instant(until)} is past", f"a {kind.name} ends in the future")
    why = "emergency" if kind is BREAK_GLASS else "reason"
    body = {"gate": gate, "owner": owner, "until": format_instant(until), why: reason}
    return tuple(Statement((thing,), kind.type, body) for thing in things)


def of_risk(thing: Named, *, bears: bool, risk: str, owner: str, until: int, reason: str) -> Statement:
    """Return a decision about a model's risks: that they are borne until it ends, or that they are not.

    Args:
        thing: the model, with one digest.
        bears: whether they are.
        risk: which, in one line.
        owner: who answers for the decision.
        until: Unix seconds.
        reason: why, in one line.

    Raises:
        Misconfigured: risk, owner or reason are none, or the end is past.
    """
    check_words(RISK_DECISION.name, owner, reason)
    _check_line(RISK_DECISION.name, "a risk", risk, '--risk "recall under 0.9 for children"')
    now = clock.now()
    if until <= now:
        raise Misconfigured(f"{format_instant(until)} is past", f"a {RISK_DECISION.name} ends in the future")
    body = core(RISK_DECISION, None, now=now, result="pass" if bears else "fail")
    said = {"validUntil": format_instant(until), "owner": owner, "risk": risk, "reason": reason}
    return Statement((thing,), RISK_DECISION.type, body | said)


def check_words(what: str, owner: str, reason: str) -> None:
    """Raise `Misconfigured` unless both are one printable line."""
    _check_line(what, "an owner", owner, '--owner "Ada Lovelace"')
    _check_line(what, "a reason", reason, '--reason "it runs since spring"')


def _check_line(what: str, name: str, text: str, example: str) -> None:
    if not text.strip() or not text.isprintable():
        raise Misconfigured(
            f"a statement of the kind {what} needs {name}, one printable line, not {text!r:.80}", f"as in {example}"
        )


def draft(keys: Keyring, statements: Sequence[Statement], key: str | None) -> Draft:
    """Return the statements with one signature; by the approver's key of hauberk.yaml, or by `key`, a URI.

    Raises:
        Refused: the policy bears nothing of the kind, or not for so long, or does not name this person.
        NotVerified: trust does not let this key say it.
    """
    _check_asked(keys, statements)
    begun = cosigning.begin(statements, keys.signer_of(key))
    _check_people(keys, begun)
    return begun


def cosign(keys: Keyring, begun: Draft, key: str | None) -> Draft:
    """Return a draft with one more signature; errors as `draft`, and where this person has signed already."""
    _check_asked(keys, begun.statements)
    signed = cosigning.cosigned(begun, keys.signer_of(key), keys.project.read_trust(), now=clock.now())
    _check_people(keys, signed)
    return signed


def missing(keys: Keyring, begun: Draft) -> int:
    """Return how many people still have to sign."""
    policy, trust = keys.project.read_policy(), keys.project.read_trust()
    counted = (
        needed(policy, dsse.decode_statement(envelope.payload)).at_least
        - len(cosigning.people(envelope, trust, now=clock.now()))
        for envelope in begun.envelopes
    )
    return max((0, *counted))


def append_signed(keys: Keyring, begun: Draft) -> Appended:
    """Append statements that enough people have signed, and publish a checkpoint that shows them.

    Raises:
        Refused: too few people, people whom the policy does not name, a digest that is revoked; as `draft`.
        NotVerified: a signature that does not hold or is not granted, or a trust that has ended.
        Unavailable: not published; the statements are in the ledger then, and count once they are.
    """
    _check_asked(keys, begun.statements)
    _check_people(keys, begun)
    left = missing(keys, begun)
    if left:
        raise Refused(
            f"{left} more of the people whom the policy names must sign this",
            "have each sign the draft by `hauberk gate cosign`, then append it",
        )
    with open_ledger(keys.project) as log:
        book = Book(log, keys, None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        for statement in begun.statements:
            _check_not_revoked(book, statement)
        append(log, begun.envelopes, now=book.clock())
        people = sorted({name for e in begun.envelopes for name in cosigning.people(e, book.trust, now=book.clock())})
        return Appended(begun.statements, tuple(people), publish_all(keys.project, book), book.trust.development)


def needed(policy: Policy, statement: Statement) -> Needed:
    """Return what a policy asks of a statement; of an exception, which names no gate, the most that any gate asks.

    Raises:
        Refused: no such gate, not for this subject, or the gate bears nothing of the kind.
    """
    if statement.predicate_type == EXCEPTION.type:
        return _needed_of_exceptions(policy.gates.values())
    if statement.predicate_type == RISK_DECISION.type:
        return _needed_of_decision(policy, statement)
    name, member = statement.predicate["gate"], _MEMBERS[statement.predicate_type]
    for thing in statement.subjects:
        if not policy.covers(name, thing.label):
            raise Refused(
                f"the policy {policy.name} has no gate {name} for {thing.label}",
                f"name a gate that covers it: {', '.join(sorted(policy.gates))}",
            )
    found = _needed_at(policy.gates[name], statement.predicate_type)
    if found is None:
        raise Refused(
            f"the gate {name} bears no {BY_TYPE[statement.predicate_type].name}: its policy has no `{member}`",
            "write the member, and have the approver sign the policy",
        )
    return found


def _needed_at(gate: GatePolicy, kind: str) -> Needed | None:
    old, glass = gate.grandfather, gate.break_glass
    if kind == GRANDFATHERING.type:
        return None if old is None else Needed(old.at_least, old.signers, old.max_days * _DAY)
    return None if glass is None else Needed(glass.at_least, glass.signers, glass.max_hours * _HOUR)


def _needed_of_exceptions(gates: Iterable[GatePolicy]) -> Needed:
    terms = [gate.exceptions for gate in gates]
    named = [set(one.signers) for one in terms if one.signers is not None]
    days = [one.max_days for one in terms if one.max_days is not None]
    signers = tuple(sorted(set.intersection(*named))) if named else None
    return Needed(max((one.at_least for one in terms), default=1), signers, min(days) * _DAY if days else None)


def _needed_of_decision(policy: Policy, statement: Statement) -> Needed:
    """Return the most that any gate asks of a decision about this subject; one person is enough for a no."""
    label = statement.subjects[0].label
    asked = [
        wanted
        for name, gate in policy.gates.items()
        for wanted in gate.require
        if wanted.predicate == RISK_DECISION.name and wanted.on is None and policy.covers(name, label)
    ]
    if not asked:
        raise Refused(
            f"no gate of the policy {policy.name} asks for a {RISK_DECISION.name} about {label}",
            "write {predicate: risk-decision, signers: […], at_least: 2} under `require`, and have it signed",
        )
    most = max(wanted.at_least for wanted in asked) if result_of(statement) == "pass" else 1
    return Needed(most, tuple(sorted({name for wanted in asked for name in wanted.signers})), None)


def _check_asked(keys: Keyring, statements: Iterable[Statement]) -> None:
    """Raise `Refused` where the policy would not bear this, whoever signed it, or it says more than is shown."""
    policy, now = keys.project.read_policy(), clock.now()
    for statement in statements:
        body = statement.predicate
        if more := [name for name, empty in _UNSAID.items() if body.get(name, empty) != empty]:
            raise Refused(
                f"it also speaks of {', '.join(more)}, which nobody is shown who signs it", "draft another one"
            )
        most, until = needed(policy, statement).most, ends(statement)
        if until <= now:
            raise Refused(f"it ended at {format_instant(until)}", "draft another one")
        if most is not None and until - now > most:
            raise Refused(
                f"{format_instant(until)} is later than the policy allows: at most {_span(most)} from now",
                "name an earlier end",
            )


def _check_people(keys: Keyring, begun: Draft) -> None:
    """Raise unless every signature holds, is granted now, and is of somebody whom the policy names."""
    policy, trust = keys.project.read_policy(), keys.project.read_trust()
    for envelope in begun.envelopes:
        wanted = needed(policy, dsse.decode_statement(envelope.payload)).signers
        for name in cosigning.people(envelope, trust, now=clock.now()):
            if wanted is not None and name not in wanted:
                raise Refused(f"the policy does not let {name} sign this", f"it names {', '.join(wanted) or 'nobody'}")


def _check_not_revoked(book: Book, statement: Statement) -> None:
    """Say early what the gate would say: nothing opens for a digest that is revoked."""
    for thing in statement.subjects:
        for digest in thing.digests:
            for entry in book.log.entries_about(digest):
                said = dsse.decode_statement(dsse.decode_envelope(book.log.envelope(entry)).payload)
                if said.predicate_type == REVOCATION.type:
                    raise Refused(f"{digest} is revoked: no gate opens for it again", "make the model again")


def end_of(text: str) -> int:
    """Return the end of a day as Unix seconds, or an instant; raise `Misconfigured` for anything else."""
    try:
        return parse_instant(f"{text}T23:59:59Z" if len(text) == len("2026-12-31") else text)
    except Malformed:
        raise Misconfigured(f"{text!r:.60} is no day", "write it as 2026-12-31") from None


def ends(statement: Statement) -> int:
    """Return when what people have said ends, as Unix seconds."""
    member = "validUntil" if statement.predicate_type == RISK_DECISION.type else "until"
    return parse_instant(statement.predicate[member])


def _span(seconds: int) -> str:
    return f"{seconds // _DAY} days" if seconds > 3 * _DAY else f"{seconds // _HOUR} hours"
