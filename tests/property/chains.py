"""Chains at random: what may be said by whom about what, good and bad, for the tests of the laws."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from hauberk.evidence.collection import Evidence
from hauberk.evidence.deployments import Place
from hauberk.evidence.predicates import (
    ARTEFACT,
    BOUNDARY,
    BREAK_GLASS,
    BY_NAME,
    DATA_CHECK,
    DATASET_MANIFEST,
    DEPLOYMENT,
    DERIVATION,
    EVALUATION,
    EXCEPTION,
    GRANDFATHERING,
    MODEL_SCAN,
    POLICY,
    PROMOTION,
    PROVENANCE,
    REFUSAL,
    REVOCATION,
    RISK_DECISION,
    SUMMARY,
    TEST_RESULT,
    Predicate,
)
from hauberk.evidence.trust import Trust
from hauberk.evidence.verify import Logged, sort_out
from hauberk.policy.evaluate import evaluate
from hauberk.policy.policy import Policy
from hauberk.signature import dsse, jcs
from hauberk.statement import Envelope, Named, Statement
from simulator import (
    DAY,
    HIGH,
    HOLDOUT,
    LOCK,
    MEASURE,
    SCRIPT,
    START,
    TRAIN,
    UNREAD,
    Chain,
    core,
    format_instant,
    named,
    policy_data,
    resource,
)

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.verdict import Verdict

CHAIN = Chain()
PLACE = Place("production", "scoring")
MODEL = CHAIN.model
BASE, RAW, NEW = named("model/base", b"base"), named("data/raw", b"raw"), named("source/train.py", b"fit(better)")
THINGS = (MODEL, TRAIN, HOLDOUT, SCRIPT, MEASURE, LOCK, BASE, RAW, NEW)
SIGNERS = ("producer", "scanner", "approver", "security", "gate")
CHECKS = (ARTEFACT, DATASET_MANIFEST, MODEL_SCAN, EVALUATION)
BEARING = (GRANDFATHERING, BREAK_GLASS)
KINDS = (*CHECKS, PROVENANCE, BOUNDARY, REVOCATION, EXCEPTION, *BEARING, RISK_DECISION, POLICY, SUMMARY)
CLAIMS = [kind.name for kind in (*CHECKS, PROVENANCE, BOUNDARY)]
NOW = START + 10 * DAY


@dataclass(frozen=True)
class Said:
    """One thing said: by whom, of which kind, about what; `body` is JSON, `of` the earlier statement that it names."""

    roles: tuple[str, ...]
    kind: str
    thing: Named
    body: bytes
    of: int | None = None
    at: int = START


@dataclass(frozen=True)
class Grants:
    """What trust lets each role say; a grant is (role, predicate)."""

    held: frozenset[tuple[str, str]]
    not_after: tuple[tuple[str, int], ...] = ()

    def trust(self) -> Trust:
        return _trust(self)


@lru_cache(maxsize=4096)
def _trust(grants: Grants) -> Trust:
    ends = dict(grants.not_after)
    rows = [
        {
            "signer": CHAIN.keys[role].public.keyid,
            "predicates": [BY_NAME[name].type],
            "subjects": ["model/*", "dataset/*", "source/*", "environment/*", "data/*", "digest/*", "realm/*"],
            "notBefore": format_instant(START - DAY),
            "notAfter": format_instant(ends.get(role, START + 300 * DAY)),
        }
        for role, name in sorted(grants.held)
    ]
    return Trust.of(CHAIN.make_trust() | {"grants": rows})


@lru_cache(maxsize=1 << 16)
def _signed(roles: tuple[str, ...], kind: str, thing: Named, body: bytes) -> Envelope:
    return dsse.sign(Statement((thing,), kind, jcs.decode(body)), [CHAIN.keys[role] for role in sorted(set(roles))])


def envelopes(said: list[Said]) -> list[Logged]:
    """Return what was said, signed and in the order of the log."""
    made: list[Envelope] = []
    for item in said:
        body = item.body
        if item.of is not None and made:
            named_statement = str(dsse.statement_id(made[item.of % len(made)].payload))
            body = jcs.encode(jcs.decode(body) | {"statement": named_statement})
        made.append(_signed(item.roles, item.kind, item.thing, body))
    return [Logged(envelope, n, said[n].at) for n, envelope in enumerate(made)]


@lru_cache(maxsize=1 << 16)
def _sorted(item: Logged, grants: Grants) -> Any:
    return sort_out([item], grants.trust())


def evidence(said: list[Said], grants: Grants) -> Evidence:
    """Return what a log of these statements proves; what one statement is does not hang on the others."""
    sorted_out = [_sorted(item, grants) for item in envelopes(said)]
    held = tuple(verified for found, _ in sorted_out for verified in found)
    rest = tuple(unverified for _, found in sorted_out for unverified in found)
    return Evidence(held, rest, grants.trust(), NOW, len(said) + 1)


def ask(said: list[Said], grants: Grants, question: dict[str, Any]) -> Verdict:
    """Return the gate's verdict on the model."""
    return evaluate(CHAIN.subject, gate="load", evidence=evidence(said, grants), **question)


# what is said


def body_of(kind: Predicate, thing: Named, result: str, inputs: tuple[Named, ...], **members: Any) -> dict[str, Any]:
    """Return the body of a statement of any kind; members that its kind does not have are left out."""
    if kind.checks:
        own = {
            ARTEFACT.name: _artefact(thing),
            DATASET_MANIFEST.name: {"files": [{"path": "a", "size": 1, "sha256": "0" * 64}]},
            DATA_CHECK.name: {
                "owner": "Ada",
                "manifest": "sha256:" + "0" * 64,
                "rows": 1,
                "checks": [{"check": "nulls[0]", "rule": "data-null", "result": "pass"}],
            },
            DERIVATION.name: {"kind": "conversion", "equivalence": {"claim": "predictions"}},
            MODEL_SCAN.name: {"files": []},
            RISK_DECISION.name: {"owner": "Ada", "risk": "x", "reason": "x"},
            EVALUATION.name: {"metrics": {"recall": members.pop("recall", 0.97)}, "dataset": resource(HOLDOUT)},
        }[kind.name]
        members.pop("recall", None)
        return core(result, inputs=inputs) | own | members
    if kind is PROVENANCE:
        return {
            "buildDefinition": {
                "buildType": "x",
                "externalParameters": {},
                "resolvedDependencies": [resource(made) for made in inputs],
            },
            "runDetails": {"builder": {"id": "x"}},
        }
    return copy.deepcopy(
        {
            BOUNDARY.name: {"kind": thing.label.partition("/")[0], "origin": "x", "reason": "x"},
            REVOCATION.name: {"reason": "stolen"},
            DEPLOYMENT.name: {
                "place": PLACE.to_json(),
                "runs": resource(thing),
                "state": "started",
                "at": format_instant(START),
                "by": "x",
            },
            PROMOTION.name: {
                "name": thing.label,
                "from": None,
                "to": "production",
                "digest": str(thing.digests[0]),
                "previous": None,
                "policy": "sha256:" + "0" * 64,
            },
            REFUSAL.name: {"act": "train", "refusedFor": "network", "saw": "x", "command": [], "tool": core()["tool"]},
            EXCEPTION.name: {
                "statement": "sha256:" + "0" * 64,
                "owner": "Ada",
                "until": format_instant(START + 50 * DAY),
                "reason": "x",
            },
            **{
                kind.name: {
                    "gate": "load",
                    "owner": "Ada",
                    "until": format_instant(START + (11 if kind is BREAK_GLASS else 50) * DAY),
                    "emergency" if kind is BREAK_GLASS else "reason": "x",
                }
                for kind in BEARING
            },
            POLICY.name: policy_data(),
            SUMMARY.name: {
                "verifier": {"id": "x"},
                "timeVerified": format_instant(START),
                "resourceUri": "x",
                "policy": {"digest": {"sha256": "0" * 64}},
                "verificationResult": "PASSED" if result == "pass" else "FAILED",
                "verifiedLevels": [],
            },
            TEST_RESULT.name: {
                "result": {"pass": "PASSED", "incomplete": "WARNED"}.get(result, "FAILED"),
                "configuration": [{"digest": {"sha256": "0" * 64}}],
            },
        }[kind.name]
    )


def _artefact(thing: Named) -> dict[str, Any]:
    good = next(item for item in good_says() if item.kind == ARTEFACT.type) if thing == MODEL else None
    files = jcs.decode(good.body)["files"] if good else [_file(thing)]
    return {"files": files, "entry": None, "omsRoot": "0" * 64, "bundle": "sha256:" + "0" * 64}


def _file(thing: Named) -> dict[str, Any]:
    return {"path": "a", "size": 1, "sha256": thing.digests[0].hex, "mode": "0644"}


@lru_cache(maxsize=1)
def good_says() -> tuple[Said, ...]:
    """Return what is said in a good chain, without root, trust and policy."""
    chain = Chain().good()
    said = []
    roles = {CHAIN.keys[role].public.keyid: role for role in SIGNERS}
    for item in chain.logged()[3:]:
        statement = dsse.decode_statement(item.envelope.payload)
        signers = tuple(roles[s.keyid] for s in item.envelope.signatures)
        body = jcs.encode(dict(statement.predicate))
        said.append(Said(signers, statement.predicate_type, statement.subjects[0], body))
    return tuple(said)


FULL = Grants(
    frozenset(
        [("producer", kind.name) for kind in (ARTEFACT, PROVENANCE, EVALUATION, DATASET_MANIFEST, BOUNDARY)]
        + [("scanner", MODEL_SCAN.name)]
        + [("approver", kind.name) for kind in (POLICY, REVOCATION, EXCEPTION, *BEARING)]
        + [("security", kind.name) for kind in (EXCEPTION, *BEARING)]
        + [("gate", SUMMARY.name)]
    )
)

things = st.sampled_from(THINGS)
inputs = st.lists(st.sampled_from((TRAIN, HOLDOUT, SCRIPT, MEASURE, LOCK) * 3 + THINGS), max_size=4, unique=True).map(
    tuple
)
anybody = st.lists(st.sampled_from((*SIGNERS, "stranger")), min_size=1, max_size=2).map(tuple)
results = st.sampled_from(["pass", "fail", "incomplete"])
times = st.sampled_from([START, START + DAY, NOW - 1, NOW, NOW + 1])
flaws = st.sampled_from(
    [
        {},
        {},
        {"findings": [HIGH]},
        {"unchecked": [UNREAD]},
        {"validUntil": format_instant(START)},
        {"recall": 0.5},
        {"recall": 0.99},
        {"spare": 1},
    ]
)


@st.composite
def says(
    draw: st.DrawFn,
    *,
    roles: st.SearchStrategy[tuple[str, ...]] = anybody,
    kinds: tuple[Predicate, ...] = KINDS,
    result: st.SearchStrategy[str] = results,
) -> Said:
    """Anything that anybody may say."""
    kind = draw(st.sampled_from(kinds))
    thing = draw(st.one_of(st.just(MODEL), things))
    flaw = draw(flaws) if kind.checks else {}
    body = body_of(kind, thing, draw(result), draw(inputs), **flaw)
    signers = draw(roles)
    of = draw(st.integers(0, 30)) if kind is EXCEPTION else None
    return Said(tuple(signers), kind.type, thing, jcs.encode(body), of, draw(times))


@st.composite
def chains(draw: st.DrawFn) -> list[Said]:
    """A good chain with one or two flaws: most are denied, and for few reasons, so that little would open the gate."""
    said = list(good_says())
    for _ in range(draw(st.integers(0, 2))):
        flaw = draw(st.sampled_from(FLAWS))
        said = flaw(draw, said)
    return said


def _without_one(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    taken = draw(st.integers(0, len(said) - 1))
    return said[:taken] + said[taken + 1 :]


def _one_worse(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    number = draw(st.integers(0, len(said) - 1))
    return [*said[:number], worse(draw, said[number]), *said[number + 1 :]]


def _one_worse_besides(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    other = worse(draw, draw(st.sampled_from(said)))
    return [*said, replace(other, roles=(draw(st.sampled_from((*other.roles, *SIGNERS))),))]


@st.composite
def second_opinions(draw: st.DrawFn, said: list[Said], role: str) -> tuple[list[Said], tuple[str, str]]:
    """A chain in which another role also speaks, beside somebody or with him, and the grant that lets it."""
    number = draw(st.integers(0, len(said) - 1))
    item = said[number]
    if draw(st.booleans()):
        both = replace(item, roles=tuple(sorted({*item.roles, role})))
        told = [*said[:number], both, *said[number + 1 :]]
    else:
        told = [*said, replace(worse(draw, item), roles=(role,))]
    if draw(st.integers(0, 2)) == 0:
        told.append(_revocation(CHAIN.key_digest(role)))
    return told, (role, name_of(item))


def name_of(item: Said) -> str:
    return next(kind.name for kind in KINDS if kind.type == item.kind)


def _revocation(digest: Digest) -> Said:
    return Said(("approver",), REVOCATION.type, Named(f"digest/{digest}", (digest,)), b'{"reason":"x"}')


def _one_revoked(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    keys = st.sampled_from(SIGNERS).map(CHAIN.key_digest)
    return [*said, _revocation(draw(st.one_of(keys, things.map(lambda thing: thing.digests[0]))))]


def _one_by_two(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    number = draw(st.integers(0, len(said) - 1))
    both = tuple(sorted({*said[number].roles, draw(st.sampled_from(SIGNERS))}))
    return [*said[:number], replace(said[number], roles=both), *said[number + 1 :]]


def _one_by_another(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    return [*said, replace(draw(st.sampled_from(said)), roles=(draw(st.sampled_from(SIGNERS)),))]


def _other_inputs(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    """Make the model from other things than those that it was made from."""
    made = []
    for item in said:
        if item.kind == PROVENANCE.type:
            made.append(replace(item, body=jcs.encode(body_of(PROVENANCE, MODEL, "pass", draw(inputs)))))
        elif item.kind == EVALUATION.type:
            made.append(replace(item, body=jcs.encode(body_of(EVALUATION, MODEL, "pass", draw(inputs)))))
        else:
            made.append(item)
    return made


def _borne(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    """Let something be missing, and let it be borne, if the policy has a member for it."""
    kind = draw(st.sampled_from(BEARING))
    roles = draw(st.sampled_from([("approver",), ("approver", "security")]))
    body = jcs.encode(body_of(kind, MODEL, "pass", ()))
    return [*_without_one(draw, said), Said(roles, kind.type, MODEL, body, None, draw(times))]


def _anything_more(draw: st.DrawFn, said: list[Said]) -> list[Said]:
    return said + draw(st.lists(says(), min_size=1, max_size=3))


FLAWS = (
    _without_one,
    _one_worse,
    _one_worse_besides,
    _one_revoked,
    _one_by_two,
    _one_by_another,
    _other_inputs,
    _borne,
    _anything_more,
)


def worse(draw: st.DrawFn, item: Said) -> Said:
    """Return a statement with a finding, something unchecked, a failing result or a lower metric, where it can have it."""
    body = jcs.decode(item.body)
    if "findings" in body:
        body |= draw(
            st.sampled_from(
                [
                    {"findings": [*body["findings"], HIGH]},
                    {"unchecked": [*body["unchecked"], UNREAD]},
                    {"result": "fail"},
                    {"result": "incomplete"},
                ]
            )
        )
    return Said(item.roles, item.kind, item.thing, jcs.encode(body), item.of, item.at)


@st.composite
def grants(draw: st.DrawFn) -> Grants:
    """The full grants, with a few more or fewer."""
    more = draw(st.lists(st.tuples(st.sampled_from(SIGNERS), st.sampled_from(CLAIMS)), max_size=8))
    fewer = draw(st.lists(st.sampled_from(sorted(FULL.held)), max_size=1))
    return Grants((FULL.held | set(more)) - set(fewer))


_OLD = {"grandfather": {"signers": ["approver", "security"], "max_days": 60}}
_GLASS = {"break_glass": {"signers": ["approver", "security"], "max_hours": 48}}
_TWO = {"exceptions": {"at_least": 2, "signers": ["approver", "security"]}}
TERMS: list[dict[str, Any]] = [{}, _OLD, _GLASS, _OLD | _GLASS | _TWO]  # what a policy bears


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """A policy, a time, and what the caller knows of today's inputs."""
    data = policy_data()
    gate = data["gates"]["load"]
    gate["require"] = [wanted for wanted in gate["require"] if draw(st.integers(0, 3))] or gate["require"]
    gate["boundaries"] = draw(st.sampled_from([["source", "environment"], ["source", "environment", "data", "model"]]))
    gate |= draw(st.sampled_from(TERMS))
    signers = {name for wanted in gate["require"] for name in wanted["signers"]}
    gate["distinct_signers"] = [["producer", "scanner"]] if {"producer", "scanner"} <= signers else []
    pinned = draw(st.lists(st.sampled_from((TRAIN, HOLDOUT, SCRIPT, LOCK, NEW, RAW)), max_size=3))
    current: dict[str, Digest] = {thing.label: thing.digests[0] for thing in pinned}
    return {"policy": Policy.of(data), "now": NOW, "current": current}
