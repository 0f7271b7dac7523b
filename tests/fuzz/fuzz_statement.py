"""Statements of granted signers with any content: nothing but our errors from admission to the verdict, and no allow.

The input is the JSON `[predicate type, label of the subject, predicate]`; it is signed here, by somebody who may.
"""

import functools

from hauberk.errors import HauberkError
from hauberk.evidence.collection import Evidence
from hauberk.evidence.predicates import MODEL_SCAN, PREDICATES, check
from hauberk.evidence.trust import Trust
from hauberk.evidence.verify import Logged, sort_out
from hauberk.gate.passport import REASON, verdict_json
from hauberk.policy.evaluate import evaluate
from hauberk.signature import dsse, jcs
from hauberk.statement import Named, Statement
from hauberk.verdict import Answer
from property.chains import NOW, body_of
from simulator import HOLDOUT, TRAIN, Chain, named

KINDS = [kind for kind in PREDICATES if kind.name not in ("root", "trust", "index")]


@functools.cache
def denied_chain() -> tuple[Chain, Trust, tuple[Logged, ...]]:
    """Return a chain that one failing scan denies, under a trust that lets the producer say everything."""
    chain = Chain().good()
    chain.scan(result="fail")
    trust = chain.trust_with(*(chain.grant("producer", kind, scope) for kind in KINDS for scope in ("model/*", "x/*")))
    return chain, trust, tuple(chain.logged())


def seeds() -> list[bytes]:
    chain, _, _ = denied_chain()
    bodies = {kind.name: body_of(kind, chain.model, "pass", (TRAIN, HOLDOUT, named("x/y", b"z"))) for kind in KINDS}
    return [jcs.encode([kind.type, "model/tumour", bodies[kind.name]]) for kind in KINDS]


def one_input(data: bytes) -> None:
    value = jcs.decode(data)
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], dict):
        return
    kind, label, body = value
    chain, trust, logged = denied_chain()
    if not isinstance(kind, str) or not isinstance(label, str) or kind == "urn:hauberk:exception:v1":
        return
    envelope = dsse.sign(Statement((Named(label, chain.model.digests),), kind, body), [chain.keys["producer"]])
    dsse.decode_statement(envelope.payload)
    more = Logged(envelope, len(logged), chain.now)
    evidence = Evidence(*sort_out([*logged, more], trust), trust, NOW, len(logged) + 1)
    try:
        verdict = evaluate(chain.subject, gate="load", evidence=evidence, policy=chain.policy, now=NOW)
        written = jcs.encode(verdict_json(verdict))
    except HauberkError as error:  # what was let in must never keep a gate from answering
        raise AssertionError(error.message) from error
    for reason in jcs.decode(written)["reasons"]:
        REASON.check(reason, "reason")
    assert verdict.result is Answer.DENY
    assert any(reason.rule.startswith(MODEL_SCAN.name) for reason in verdict.reasons)
    check(Statement((Named(label, chain.model.digests),), kind, body))
