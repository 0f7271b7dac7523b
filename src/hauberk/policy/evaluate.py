"""The decision: every rule of a gate's policy is asked, and the gate opens only where each one holds.

Default deny. A rule yields one `Check`: whether it holds, and the reason with the evidence that was looked at, what it
said and what was wanted. Nothing here stops early, so that a person sees all that is missing at once. Adding a failing
statement, a revocation, or an unverified denial, or taking away a grant, can only turn checks from true to false.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.evidence.collection import concerned, made_from, signed_by
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import (
    BOUNDARY,
    BY_NAME,
    BY_TYPE,
    PROVENANCE,
    RISK_DECISION,
    begins,
    counts,
    judges,
    reached,
    result_of,
    says_pass,
)
from hauberk.policy.bearing import (
    borne,
    break_glass,
    excusable,
    excuse,
    grandfathered,
    resting,
    told,
    without_evidence,
)
from hauberk.policy.question import Check, Question
from hauberk.statement import Named, Verified
from hauberk.subject import in_scope
from hauberk.verdict import Answer, Reason, Verdict
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.collection import Evidence
    from hauberk.evidence.verify import Unverified
    from hauberk.policy.policy import Policy, Requirement
    from hauberk.statement import Json
    from hauberk.subject import Subject

_DAY = 86_400
NETWORK = "network"


def evaluate(
    subject: Subject,
    *,
    gate: str,
    evidence: Evidence,
    policy: Policy,
    now: int,
    current: Mapping[str, Digest] | None = None,
) -> Verdict:
    """Return the verdict of one gate on one subject.

    Args:
        subject: what wants to pass.
        gate: the gate's name in the policy.
        evidence: every statement about the subject and its ancestors.
        policy: what the gate needs.
        now: Unix seconds.
        current: digests of named inputs as they are today, where the caller knows them (a project on disk): a chain
            that was made from other bytes of the same name is denied.
    """
    wanted = policy.gates.get(gate)
    if wanted is None:
        reason = Reason("gate.known", None, gate, sorted(policy.gates))
        return Verdict(Answer.DENY, gate, subject, policy.digest, now, (reason,))
    question = Question(subject, gate, wanted, evidence, now, current or {})
    checks = list(_asked_all(question))
    denied = [check.reason for check in checks if not check.holds]
    reasons = tuple(denied or [check.reason for check in checks])
    answer = Answer.DENY if denied or not checks else Answer.ALLOW
    bears = told(checks) if answer is Answer.ALLOW else ()
    return Verdict(answer, gate, subject, policy.digest, now, reasons, wanted.mode, borne=bears)


def _asked_all(q: Question) -> Iterator[Check]:
    """Ask every rule; where people broke the glass, that bears whatever can be borne."""
    glass = break_glass(q)
    for rule, bearable in _RULES:
        for check in rule(q):
            yield borne(check, glass) if bearable and glass is not None and not check.holds else check


def _subject(q: Question) -> Iterator[Check]:
    in_its_scope = in_scope(q.subject.label, q.gate.subject)
    yield _check(in_its_scope, "subject.in-scope", None, q.subject.label, q.gate.subject)
    yield _check(q.subject.basis is Basis.COMPUTED, "subject.computed", None, str(q.subject.basis), "computed")


def _trust(q: Question) -> Iterator[Check]:
    until = q.evidence.trust.valid_until
    yield _check(q.now <= until, "trust.valid", None, format_instant(q.now), f"until {format_instant(until)}")


def _requirements(q: Question) -> Iterator[Check]:
    for wanted in q.gate.require:
        if wanted.on is None:
            yield from _required(q, wanted, q.thing, wanted.predicate)
            continue
        things = _made_of(q.evidence.said_of(q.thing), wanted.on.inputs)
        sure = [v for v in q.evidence.about(q.thing) if _stands(q, v, q.thing)]
        naming = [v for v in sure if _made_of([v], wanted.on.inputs) and not _decides(v)]
        rule, asked = f"{wanted.predicate}.inputs", f"an input of the kind {wanted.on.inputs}"
        if not naming:
            yield from grandfathered(q, _no(rule, None, "none", asked), q.evidence.said_of(q.thing), q.thing)
        elif (bearing := resting(q, naming, q.thing)) is not None:
            yield replace(_yes(rule, naming[-1].id, "excused", asked), bearing=bearing)
        for thing in things:
            yield from _required(q, wanted, thing, f"{thing.label} {wanted.predicate}")


def _required(q: Question, wanted: Requirement, thing: Named, rule: str) -> Iterator[Check]:
    kind = BY_NAME[wanted.predicate].type
    ever = [item for item in q.evidence.said_of(thing) if _asked(item, kind)]
    said = [item for item in ever if _unexpired(item, q.now)]
    held = [item for item in said if isinstance(item, Verified)]
    judged = [(item, excusable(q, check, thing)) for item in ever for check in _passes(wanted, item, rule)]
    helping = [v for v in held if _helps(q, wanted, v)]
    age = f", at most {wanted.max_age_days} days old" if wanted.max_age_days is not None else ""
    judge = f", judged by {wanted.judged_by:.19}…" if wanted.judged_by is not None else ""
    many = f"{wanted.at_least} of " if wanted.at_least > 1 else ""
    asked = f"by {many}{' or '.join(wanted.signers)}{age}{judge}"
    if helping:
        yield _yes(f"{rule}.present", helping[-1].id, _signed(q, helping[-1]), asked)
    else:
        seen = _signed(q, held[-1]) if held else "none"
        missing = _no(f"{rule}.present", held[-1].id if held else None, seen, asked)
        present = without_evidence(q, missing, against=not all(check.holds for _, check in judged))
        yield present
    yield from _unreadable(q, kind, thing, rule=rule)
    for item, check in judged:
        is_borne = check.bearing is not None
        if _unexpired(item, q.now):
            if not check.holds or is_borne or isinstance(item, Verified):
                yield check
        elif is_borne and not helping and present.holds:
            yield check  # it ran out, and would speak against what is grandfathered if it were not excused


def _unreadable(q: Question, kind: str, thing: Named, *, rule: str) -> Iterator[Check]:
    """What does not say that the thing passed denies also where this release cannot read the rest.

    So a newer release that writes down more than an older one knows does not hide from it what it found.
    """
    for item in q.evidence.said_of(thing):
        if isinstance(item, Verified) or item.shaped or item.statement.predicate_type != kind:
            continue
        if not says_pass(item.statement):
            wanted = "pass, in a statement that this release can read"
            yield excusable(q, _no(f"{rule}.readable", item.id, "unreadable, and no pass", wanted), thing)


def finds_fault(policy: Policy, item: Verified | Unverified) -> bool:
    """Say whether a gate of a policy that asks for such a statement would deny because of this one."""
    asked = [wanted for gate in policy.gates.values() for wanted in gate.require]
    mine = [wanted for wanted in asked if _asked(item, BY_NAME[wanted.predicate].type)]
    return any(not check.holds for wanted in mine for check in _passes(wanted, item, ""))


def _passes(wanted: Requirement, item: Verified | Unverified, rule: str) -> Iterator[Check]:
    result = result_of(item.statement)
    yield _check(result == "pass", f"{rule}.result", item.id, result, "pass")
    if wanted.ceilings is not None:
        seen = counts(item.statement)
        for name, most in sorted(wanted.ceilings.items()):
            yield _check(seen[name] <= most, f"{rule}.{name}", item.id, seen[name], {"max": most})
    for name, bound in sorted((wanted.metrics or {}).items()):
        value = item.statement.predicate["metrics"].get(name)
        limits: Json = {k: v for k, v in (("min", bound.min), ("max", bound.max)) if v is not None}
        holds = value is not None and (bound.min is None or value >= bound.min)
        holds = holds and (bound.max is None or value <= bound.max)
        yield _check(holds, f"{rule}.{name}", item.id, value, limits)
    yield from _derived(wanted, item, rule)


def _derived(wanted: Requirement, item: Verified | Unverified, rule: str) -> Iterator[Check]:
    """Ask how a derivation was made, and how alike it was measured to be; what was not measured does not hold."""
    body = item.statement.predicate
    if wanted.kinds is not None:
        yield _check(body["kind"] in wanted.kinds, f"{rule}.kind", item.id, body["kind"], list(wanted.kinds))
    asked = wanted.equivalence
    if asked is None:
        return
    measured = body["equivalence"]
    if asked.min_agreement is not None:
        seen = _number(measured.get("agreement"))
        holds = seen is not None and asked.min_agreement <= seen <= 1
        yield _check(holds, f"{rule}.agreement", item.id, seen, {"min": asked.min_agreement})
    if asked.max_difference is not None:
        seen = _number(measured.get("largestDifference"))
        holds = seen is not None and 0 <= seen <= asked.max_difference
        yield _check(holds, f"{rule}.difference", item.id, seen, {"max": asked.max_difference})
    if asked.on is not None:
        on = sorted(edge.label for edge in made_from(item) if _kind(edge) == "dataset")
        yield _check(asked.on in on, f"{rule}.on", item.id, ", ".join(on) or "no named data", asked.on)


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _inputs(q: Question) -> Iterator[Check]:
    """Each input of each statement has passing evidence of its own, or a boundary of a kind that the policy allows."""
    kinds = ", ".join(q.gate.boundaries) or "none"
    for thing in sorted({edge for item in q.evidence.ancestry(q.thing) for edge in made_from(item)}, key=_text):
        found = q.evidence.about(thing)
        grounds = [v for v in found if _grounds(v, thing, q.gate.boundaries) and _stands(q, v, thing)]
        if grounds:
            seen = ", ".join(sorted(set(map(_what, grounds))))
            closed = _yes(f"{thing.label}.input", grounds[-1].id, seen, "evidence or boundary")
            yield replace(closed, bearing=resting(q, grounds, thing))
        else:
            seen = ", ".join(sorted(set(map(_what, found)))) or "nothing"
            wanted = f"passing evidence, or a boundary of its own kind, which the policy allows: {kinds}"
            missing = _no(f"{thing.label}.input", found[-1].id if found else None, seen, wanted)
            yield from grandfathered(q, missing, q.evidence.said_of(thing), thing)


def _without_digest(q: Question) -> Iterator[Check]:
    """What a training could read from a server is no chain's beginning, unless the policy says so by `network`."""
    wanted = f"a policy whose boundaries name {NETWORK}, for what no digest covers"
    for address, item in sorted(
        {(a, i.id) for i in q.evidence.ancestry(q.thing) for a in reached(i.statement)}, key=str
    ):
        check = _check(NETWORK in q.gate.boundaries, f"{NETWORK}/{address}.input", item, "no digest", wanted)
        yield without_evidence(q, check, against=False)


def _not_revoked(q: Question) -> Iterator[Check]:
    digests = concerned(q.evidence.ancestry(q.thing), q.thing)
    revoked = sorted(q.evidence.revocations(digests), key=lambda found: (str(found[0]), str(found[1])))
    for digest, statement, why in revoked:
        yield _no("not-revoked", statement, f"{digest} is revoked: {why}", "no revocation")
    if not revoked:
        yield _yes("not-revoked", None, 0, {"max": 0})


def _distinct_signers(q: Question) -> Iterator[Check]:
    """The keys that filled the requirements naming one role fill none that names another of the group."""
    for group in q.gate.distinct_signers:
        used = {name: _keys_of(q, name) for name in group}
        shared = sorted({key for a in group for b in group if a < b for key in used[a] & used[b]})
        seen = f"key {shared[0][:16]}… signed for both" if shared else "different keys"
        yield _check(not shared, f"distinct-signers.{'+'.join(group)}", None, seen, "different keys")


def _current_inputs(q: Question) -> Iterator[Check]:
    """Where statements of a kind about a thing name inputs that are known today, a passing one names all as they are.

    The walk goes on through whatever is not stale, held or not: what an old statement was made from is history.
    """
    waiting, met = [q.thing], {q.thing}
    while waiting:
        by_kind: dict[str, list[Verified | Unverified]] = {}
        thing = waiting.pop()
        for item in q.evidence.said_of(thing):
            if any(edge.label in q.current for edge in made_from(item)):
                by_kind.setdefault(item.statement.predicate_type, []).append(item)
            if not _stale(q, item):
                fresh = [edge for edge in made_from(item) if edge not in met]
                met.update(fresh)
                waiting.extend(fresh)
        for kind, items in sorted(by_kind.items()):
            yield _current(q, thing, f"{BY_TYPE[kind].name}.current", items)


def _current(q: Question, thing: Named, rule: str, items: list[Verified | Unverified]) -> Check:
    fresh = [v for v in items if isinstance(v, Verified) and not _stale(q, v) and _stands(q, v, thing)]
    for item in sorted(fresh, key=lambda v: result_of(v.statement) != "pass"):
        found = _yes(rule, item.id, "current", "made from inputs of today")
        return replace(found, bearing=resting(q, [item], thing))
    changed = ", ".join(sorted({label for item in items for label in _stale(q, item)}))
    seen = f"{changed} changed since" if changed else "no passing statement that holds"
    return _no(rule, items[-1].id, seen, "made from inputs of today")


# Each rule, and whether people who break the glass may have it borne.
_RULES = (
    (_subject, False),
    (_trust, False),
    (_requirements, True),
    (_inputs, True),
    (_without_digest, True),
    (_not_revoked, False),
    (_distinct_signers, True),
    (_current_inputs, True),
)


def _check(holds: bool, rule: str, evidence: Digest | None, seen: Json, wanted: Json) -> Check:  # noqa: FBT001
    return Check(holds, Reason(rule, evidence, seen, wanted))


def _yes(rule: str, evidence: Digest | None, seen: Json, wanted: Json) -> Check:
    return Check(holds=True, reason=Reason(rule, evidence, seen, wanted))


def _no(rule: str, evidence: Digest | None, seen: Json, wanted: Json) -> Check:
    return Check(holds=False, reason=Reason(rule, evidence, seen, wanted))


def _asked(item: Verified | Unverified, kind: str) -> bool:
    return item.statement.predicate_type == kind and (isinstance(item, Verified) or item.shaped)


def _unexpired(item: Verified | Unverified, now: int) -> bool:
    """Say whether a check is still good; in a foreign predicate a member of that name may mean something else."""
    checks = BY_TYPE[item.statement.predicate_type].checks
    return not checks or now <= parse_instant(item.statement.predicate["validUntil"])


def _stands(q: Question, verified: Verified, thing: Named) -> bool:
    """Say whether a statement that holds is good news about a thing: not run out, and a pass, or excused."""
    passes = result_of(verified.statement) == "pass" or excuse(q, verified.id, thing) is not None
    return passes and _unexpired(verified, q.now)


def _made_of(items: Iterable[Verified | Unverified], kind: str) -> list[Named]:
    """Return the inputs of one kind that statements name, sorted."""
    return sorted({edge for item in items for edge in made_from(item) if _kind(edge) == kind}, key=_text)


def _helps(q: Question, wanted: Requirement, verified: Verified) -> bool:
    named = {q.evidence.trust.names[keyid] for keyid in verified.signers}
    age = q.now - verified.time
    return (
        age >= 0
        and (wanted.max_age_days is None or age <= wanted.max_age_days * _DAY)
        and len(named & set(wanted.signers)) >= wanted.at_least
        and (wanted.judged_by is None or wanted.judged_by in judges(verified.statement))
    )


def _keys_of(q: Question, name: str) -> set[str]:
    kinds = {BY_NAME[wanted.predicate].type for wanted in q.gate.require if name in wanted.signers}
    said = q.evidence.ancestry(q.thing)
    return {key for item in said if item.statement.predicate_type in kinds for key in signed_by(item)}


def _grounds(verified: Verified, thing: Named, boundaries: tuple[str, ...]) -> bool:
    kind = verified.statement.predicate_type
    if kind == BOUNDARY.type:
        return begins(verified.statement, thing, boundaries)
    return kind == PROVENANCE.type or (BY_TYPE[kind].checks and not _decides(verified))


def _decides(verified: Verified) -> bool:
    """Say whether somebody decides about a risk, which says nothing of what a thing comes from, or was made from."""
    return verified.statement.predicate_type == RISK_DECISION.type


def _what(verified: Verified) -> str:
    body = verified.statement.predicate
    kind = verified.statement.predicate_type
    return f"boundary {body['kind']}" if kind == BOUNDARY.type else BY_TYPE[kind].name


def _stale(q: Question, item: Verified | Unverified) -> set[str]:
    named = [edge for edge in made_from(item) if edge.label in q.current]
    return {edge.label for edge in named if edge.digests != (q.current[edge.label],)}


def _signed(q: Question, verified: Verified) -> str:
    names = ", ".join(q.evidence.trust.names[keyid] for keyid in verified.signers)
    return f"by {names}, {(q.now - verified.time) // _DAY} days old"


def _kind(thing: Named) -> str:
    return thing.label.partition("/")[0]


def _text(thing: Named) -> tuple[str, str]:
    return thing.label, ",".join(map(str, thing.digests))
