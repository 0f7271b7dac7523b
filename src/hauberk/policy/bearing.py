"""What a gate bears for a while, because people whom the policy names have signed it: three ways, each one narrow.

An exception bears one statement that does not pass. Grandfathering bears what is missing about one digest at one gate,
and nothing that speaks against it. Breaking the glass bears everything about one digest at one gate but a revocation,
a trust that has ended and a subject that is another. Whatever is borne is borne up to a second, by statements of people
whom the policy names, and is told in the verdict.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from hauberk.evidence.instant import parse_instant
from hauberk.evidence.predicates import BREAK_GLASS, GRANDFATHERING, is_recorded_answer, result_of
from hauberk.policy.question import Bearing, Check
from hauberk.statement import Verified
from hauberk.verdict import Borne, Reason, Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.evidence.predicates import Predicate
    from hauberk.evidence.verify import Unverified
    from hauberk.policy.policy import BreakGlass, Exceptions, Grandfather
    from hauberk.policy.question import Question
    from hauberk.statement import Named

_HOUR = 3600
_DAY = 24 * _HOUR


def excuse(q: Question, statement: Digest, thing: Named) -> Bearing | None:
    """Return an exception for a statement that has not ended and is itself about the thing.

    So a grant for exceptions about one model excuses nothing about another.
    """
    terms = q.gate.exceptions
    most = None if terms.max_days is None else terms.max_days * _DAY
    found = (v for v in q.evidence.exceptions_for(statement) if thing in v.statement.subjects)
    return next(_counting(q, found, Way.EXCEPTION, terms, most), None)


def grandfathering(q: Question) -> Bearing | None:
    """Return a statement that lets the subject pass this gate without evidence; of several, the first in the log."""
    terms = q.gate.grandfather
    if terms is None:
        return None
    return next(_counting(q, _about(q, GRANDFATHERING), Way.GRANDFATHERED, terms, terms.max_days * _DAY), None)


def break_glass(q: Question) -> Bearing | None:
    """Return a statement of several people that opens this gate for the subject; of several, the first in the log."""
    terms = q.gate.break_glass
    if terms is None:
        return None
    return next(_counting(q, _about(q, BREAK_GLASS), Way.BREAK_GLASS, terms, terms.max_hours * _HOUR), None)


def without_evidence(q: Question, check: Check, *, against: bool) -> Check:
    """Return the check, or one that holds where the subject is grandfathered.

    Args:
        q: the question.
        check: says whether evidence is there.
        against: something was ever said about the thing that does not pass and is not excused, be it expired.
    """
    found = None if check.holds or against else grandfathering(q)
    return check if found is None else borne(check, found)


def grandfathered(q: Question, check: Check, items: Iterable[Verified | Unverified], thing: Named) -> Iterator[Check]:
    """Yield the check, or, where the subject is grandfathered, one that holds, and what is excused for that.

    A recorded answer of a gate speaks for and against nothing: what the gate denied for is asked here by itself.

    Args:
        q: the question.
        check: says whether evidence is there.
        items: all that was ever said about the thing, held or not.
        thing: what the evidence is about.
    """
    rule = f"{check.reason.rule}.result"
    judged = [
        excusable(q, Check(result == "pass", Reason(rule, item.id, result, "pass")), thing)
        for item in items
        if (isinstance(item, Verified) or item.shaped) and not is_recorded_answer(item.statement)
        for result in (result_of(item.statement),)
    ]
    found = without_evidence(q, check, against=not all(one.holds for one in judged))
    yield found
    if found.holds:
        yield from (one for one in judged if one.bearing is not None)


def excusable(q: Question, check: Check, thing: Named) -> Check:
    """Return the check, or one that holds where a signed exception lets this statement about this thing pass."""
    excused = None if check.holds or check.reason.evidence is None else excuse(q, check.reason.evidence, thing)
    return check if excused is None else borne(check, excused)


def resting(q: Question, grounds: Sequence[Verified], thing: Named) -> Bearing | None:
    """Return what bears that one of these statements is good news; None where one of them is that by itself."""
    if any(result_of(verified.statement) == "pass" for verified in grounds):
        return None
    return excuse(q, grounds[-1].id, thing)


def borne(check: Check, bearing: Bearing) -> Check:
    """Return a check that holds because of a statement that bears it, and says so."""
    body, way = bearing.statement.statement.predicate, bearing.way
    who = " and ".join(bearing.signers) if way is Way.BREAK_GLASS else body["owner"]
    reason = check.reason
    wanted = f"{way} by {who} until {body['until']}"
    said = Reason(f"{reason.rule}.{way}", bearing.statement.id, reason.seen, wanted)
    return Check(holds=True, reason=said, bearing=bearing)


def told(checks: Iterable[Check]) -> tuple[Borne, ...]:
    """Return what the checks bear, one record for each statement, in the order of the ways and the log."""
    bearing = [(check.bearing, check.reason.rule) for check in checks if check.bearing is not None]
    return tuple(_told(bearing))


def _told(bearing: list[tuple[Bearing, str]]) -> Iterator[Borne]:
    def order(found: tuple[Bearing, str]) -> tuple[str, int, str]:
        return found[0].way, found[0].statement.entry or 0, str(found[0].statement.id)

    for _, group in groupby(sorted(bearing, key=order), key=order):
        listed = list(group)
        way, verified, signers = listed[0][0].way, listed[0][0].statement, listed[0][0].signers
        body = verified.statement.predicate
        rules = tuple(rule.removesuffix(f".{way}") for _, rule in listed)
        until = parse_instant(body["until"])
        why = body["emergency" if way is Way.BREAK_GLASS else "reason"]
        yield Borne(way, verified.id, body["owner"], signers, until, why, rules)


def _about(q: Question, kind: Predicate) -> Iterator[Verified]:
    """Yield the statements of a kind about exactly this subject at exactly this gate."""
    for verified in q.evidence.about(q.thing):
        if verified.statement.predicate_type == kind.type and verified.statement.predicate["gate"] == q.name:
            yield verified


def _counting(
    q: Question,
    found: Iterable[Verified],
    way: Way,
    terms: Exceptions | Grandfather | BreakGlass,
    most: int | None,
) -> Iterator[Bearing]:
    """Yield those that count: begun, not ended, not longer than `most` seconds, and signed by enough people.

    A person is a name in the trust: two keys of one name are one person.
    """
    for verified in found:
        until = parse_instant(verified.statement.predicate["until"])
        names = {q.evidence.trust.names[keyid] for keyid in verified.signers}
        if terms.signers is not None:
            names &= set(terms.signers)
        in_time = verified.time <= q.now <= until and (most is None or until - verified.time <= most)
        if in_time and len(names) >= terms.at_least:
            yield Bearing(way, verified, tuple(sorted(names)))
