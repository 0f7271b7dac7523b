"""What the thief of each key can and cannot do, deed by deed: the table at the end is what `docs/` tells people.

Every thief here has one key and his own exporter; all others are honest. A deed ends in one of these ways:

    allowed     a stranger who has root.pub verifies the passport, and it allows: this is what the key is worth
    denied      the passport verifies and denies, by this rule
    refused     no passport of it verifies
    kept out    an honest log does not append it
    unwitnessed an honest witness does not sign it, so no passport of it verifies
    too late    the passport verifies as of T, and the gate finds it too old
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import sha256
from hauberk.errors import HauberkError, NotVerified, Unavailable
from hauberk.evidence.predicates import (
    BREAK_GLASS,
    EVALUATION,
    EXCEPTION,
    GRANDFATHERING,
    MODEL_SCAN,
    POLICY,
    PROVENANCE,
    ROOT,
    SUMMARY,
    TRUST,
)
from hauberk.evidence.trust import RootKeys, Trust
from hauberk.evidence.verify import Logged, admit_root, admit_trust, verify, verify_roots
from hauberk.gate.decide import decide
from hauberk.gate.export import collect, export
from hauberk.gate.passport import decode, encode, verdict_json
from hauberk.gate.prove import prove, verify_passport
from hauberk.ledger import index as ledger_index
from hauberk.ledger.checkpoint import Checkpoint, attest
from hauberk.ledger.witness import check_log
from hauberk.policy.evaluate import evaluate
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.signature.note import Note
from hauberk.statement import Envelope
from hauberk.verdict import Answer
from hauberk.view import Basis
from simulator import DAY, START, TRAIN, Chain, core, format_instant, keys, policy_data

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.ledger.checkpoint import Attested
    from hauberk.statement import Named

MALWARE = {"model.joblib": b"os.system", "README.md": b"a model"}


# how a deed ends


def shown(chain: Chain, **reader: Any) -> str:
    """Publish as an honest log and witness do, and return what a stranger makes of the passport."""
    try:
        chain.publish()
        return answered(chain, chain.passport(), **reader)
    except NotVerified as error:
        return f"refused: {error.message}"


def answered(chain: Chain, data: bytes, **reader: Any) -> str:
    """Return what a stranger makes of a passport."""
    try:
        verdict = verify_passport(data, **({"root": chain.root_keys} | reader)).verdict
    except HauberkError as error:
        return f"refused: {error.message}"
    if verdict.result is Answer.ALLOW:
        return "allowed"
    return "denied: " + ", ".join(sorted({reason.rule for reason in verdict.reasons}))


def offered(chain: Chain, role: str, predicate: Any, body: dict[str, Any], thing: Named | None = None) -> str:
    """Return what an honest log says to a statement."""
    item = Logged(chain.say(role, predicate.type, thing or chain.model, body, log=False), None, chain.now)
    try:
        if predicate is ROOT:
            admit_root(item, chain.logged()[:1])
        elif predicate is TRUST:
            admit_trust(item, verify_roots(chain.logged()[:1], anchor=None))
        else:
            verify(item, chain.trust)
    except NotVerified as error:
        return f"kept out: {error.message}"
    return "let in"


def witnessed(chain: Chain, *, seen: Attested | None = None, now: int | None = None) -> str:
    """Return what an honest witness, who has `seen` the log before, says to the log as it is."""
    size = chain.log.size
    since = seen.checkpoint.size if seen else 0
    try:
        check_log(
            Checkpoint.parse(Note.parse(chain.log.note or "").text),
            seen,
            [entry.encode() for entry in chain.log.entries()],
            chain.log.envelopes[min(since, size - 1) :],
            log=chain.log_key,
            now=chain.now if now is None else now,
        )
    except NotVerified as error:
        return f"unwitnessed: {error.message}"
    return "witnessed"


def seen_by_the_witness(chain: Chain) -> Attested:
    """Publish, and return what the witness remembers of it."""
    note, trust = chain.publish().log.note or "", chain.trust
    return attest(note, log=trust.log, witnesses=trust.witnesses, quorum=trust.quorum, strict=True)


def reexported(chain: Chain, data: bytes, note: str) -> bytes:
    """Return a passport under another checkpoint note, with the verdict that fits it: what any exporter can do."""
    passport = replace(decode(data), checkpoint=note)
    proven = prove(passport, root=chain.root_keys)
    subject = replace(passport.subject, basis=Basis.COMPUTED)
    assert proven.policy is not None
    verdict = evaluate(subject, gate="load", evidence=proven.evidence, policy=proven.policy, now=proven.evidence.time)
    return encode(replace(passport, verdict=verdict_json(verdict)))


def own_model(chain: Chain) -> Chain:
    chain.files = dict(MALWARE)
    return chain


# the producer's key: he can invent how a model came to be


def invents_a_history_for_his_own_model(chain: Chain) -> str:
    own_model(chain)
    chain.provenance()
    chain.evaluation(recall=1)
    chain.artefact()
    return shown(chain)


def invents_a_history_for_a_model_that_the_scanner_finds_clean(chain: Chain) -> str:
    own_model(chain)
    chain.provenance()
    chain.evaluation(recall=1)
    chain.artefact()
    chain.scan()
    return shown(chain)


def invents_a_dataset(chain: Chain) -> str:
    chain.manifest(TRAIN, files=[{"path": "poisoned.csv", "size": 1, "sha256": "0" * 64}])
    return shown(chain)


def claims_a_better_metric_after_a_bad_one(chain: Chain) -> str:
    chain.evaluation(recall=0.5)
    chain.evaluation(recall=0.99)
    return shown(chain)


def scans_his_own_model(chain: Chain) -> str:
    return offered(own_model(chain), "producer", MODEL_SCAN, core(files=[]))


def excuses_a_failing_scan(chain: Chain) -> str:
    body = {"statement": str(sha256(b"scan")), "owner": "x", "until": format_instant(START + DAY), "reason": "x"}
    return offered(chain, "producer", EXCEPTION, body)


def writes_a_policy(chain: Chain) -> str:
    return offered(chain, "producer", POLICY, policy_data() | {"version": 9}, chain.realm)


def goes_on_after_the_root_ended_his_grant(chain: Chain) -> str:
    ended = chain.now
    own_model(chain)
    chain.now += DAY
    chain.provenance()
    chain.evaluation(recall=1)
    chain.artefact()
    chain.scan()
    chain.retrust(not_after={"producer": ended})
    return shown(chain)


# the scanner's key: he can say clean, and he can say no


def calls_a_model_clean_that_nobody_else_scanned(chain: Chain) -> str:
    own_model(chain)
    chain.provenance()  # by the honest producer, who was given a bad model to build on
    chain.evaluation()
    chain.artefact()
    chain.scan()
    return shown(chain)


def calls_a_model_clean_that_was_found_bad(chain: Chain) -> str:
    chain.scan(result="fail")
    chain.scan()
    return shown(chain)


def calls_his_own_model_clean(chain: Chain) -> str:
    own_model(chain)
    chain.scan()
    return shown(chain)


def calls_a_good_model_bad(chain: Chain) -> str:
    chain.scan(result="fail")
    return shown(chain)


def produces_a_model(chain: Chain) -> str:
    return offered(own_model(chain), "scanner", PROVENANCE, honest_body(chain, PROVENANCE))


def honest_body(chain: Chain, predicate: Any) -> dict[str, Any]:
    for item in chain.logged():
        value = json.loads(item.envelope.payload)
        if value["predicateType"] == predicate.type:
            return dict(value["predicate"])
    raise AssertionError(predicate.name)


def takes_back_a_revocation(chain: Chain) -> str:
    chain.revoke(chain.subject.digest)
    chain.scan()
    return shown(chain)


def measures_a_model(chain: Chain) -> str:
    return offered(chain, "scanner", EVALUATION, honest_body(chain, EVALUATION))


# the log's key: he orders, dates and hides, as far as the witness lets him


def appends_statements_of_nobody_known(chain: Chain) -> str:
    own_model(chain)
    for say in (chain.provenance, chain.evaluation, chain.artefact, chain.scan):
        say("stranger")
    return shown(chain)


def appends_a_failing_scan_of_nobody_known(chain: Chain) -> str:
    chain.scan("stranger", result="fail")
    return shown(chain)


def leaves_a_failing_scan_out_of_the_index(chain: Chain) -> str:
    chain.scan(result="fail")
    chain.publish(leave_out=frozenset({chain.log.size - 1}))
    return witnessed(chain)


def hides_a_subject_of_an_entry(chain: Chain) -> str:
    chain.scan(result="fail")
    chain.log.records[-1] = replace(chain.log.records[-1], subjects=(str(TRAIN.digests[0]),))
    chain.publish()
    return witnessed(chain)


def shows_a_passport_without_the_witness(chain: Chain) -> str:
    chain.publish()
    data = chain.passport()
    chain.scan(result="fail")
    chain.publish(leave_out=frozenset({chain.log.size - 1}))
    return answered(chain, replace_note(data, chain.checkpoint()))


def replace_note(data: bytes, note: str) -> bytes:
    return encode(replace(decode(data), checkpoint=note))


def rewrites_what_was_witnessed(chain: Chain) -> str:
    seen = seen_by_the_witness(chain)
    chain.log.records[9] = replace(chain.log.records[9], time=chain.log.records[8].time)
    chain.scan()
    chain.publish()
    return witnessed(chain, seen=seen)


def takes_back_what_was_witnessed(chain: Chain) -> str:
    chain.scan(result="fail")
    seen = seen_by_the_witness(chain)
    del chain.log.records[12:], chain.log.envelopes[12:]
    chain.scan()
    chain.evaluation()
    chain.publish()
    return witnessed(chain, seen=seen)


def dates_a_statement_before_the_one_ahead(chain: Chain) -> str:
    chain.now -= 60
    chain.scan()
    chain.now += 60
    chain.publish()
    return witnessed(chain)


def dates_a_statement_into_the_future(chain: Chain) -> str:
    now = chain.now
    chain.now += DAY
    chain.scan()
    chain.publish()
    return witnessed(chain, now=now)


def dates_a_scan_of_the_stolen_scanner_before_the_theft(chain: Chain) -> str:
    return dated_back(chain, witnessed_since=False)


def dates_a_scan_of_the_stolen_scanner_before_what_was_witnessed(chain: Chain) -> str:
    return dated_back(chain, witnessed_since=True)


def dated_back(chain: Chain, *, witnessed_since: bool) -> str:
    """Two keys: a scan made a day after the theft is logged as if before; the log's last entry is the limit."""
    own_model(chain)
    chain.provenance()
    chain.evaluation()
    chain.artefact()
    theft = chain.now + 60
    if witnessed_since:
        chain.now += DAY
        chain.publish()
    chain.scan()
    chain.now += DAY
    chain.retrust(not_after={"scanner": theft})
    return shown(chain)


def withholds_a_revocation_for_an_hour(chain: Chain) -> str:
    return aged(chain, 3_600)


def withholds_a_revocation_for_eight_days(chain: Chain) -> str:
    return aged(chain, 8 * DAY)


def aged(chain: Chain, seconds: int) -> str:
    """Show the passport from before a revocation so much later, at a gate."""
    answer = verify_passport(chain.publish().passport(), root=chain.root_keys)
    try:
        decide(
            chain.subject,
            gate="load",
            evidence=answer.proven.evidence,
            policy=answer.policy,
            now=chain.now + seconds,
        ).require()
    except Unavailable as error:
        return f"too late: {error.message}"
    return "allowed"


def signs_an_index_and_its_cosignature_with_one_key(chain: Chain) -> str:
    witnesses = {"quorum": 1, "vkeys": [replace(chain.witness_key, public=chain.keys["log"].public).format()]}
    try:
        Trust.of(chain.make_trust(witnesses=witnesses))
    except HauberkError as error:
        return f"refused: {error.message}"
    return "allowed"


# the witness's key: alone he can make old look new; with the log's key, anything look complete


def cosigns_a_checkpoint_of_his_own(chain: Chain) -> str:
    data = chain.publish().passport()
    own = Checkpoint(chain.log_key.name, chain.log.size, b"\x00" * 32).body()
    return answered(
        chain, replace_note(data, chain.cosigned(replace(Note.parse(chain.checkpoint()), text=own).format()))
    )


def makes_an_old_checkpoint_look_new(chain: Chain) -> str:
    data, before = chain.publish().passport(), chain.checkpoint()
    chain.revoke(chain.subject.digest)
    return answered(chain, reexported(chain, data, chain.cosigned(before, time=chain.now + 20 * DAY)))


def with_the_logs_key_leaves_a_failing_scan_out(chain: Chain) -> str:
    chain.scan(result="fail")
    hidden = chain.log.size - 1
    chain.publish(leave_out=frozenset({hidden}))
    return answered(chain, passport_of_a_lying_index(chain, hidden))


def passport_of_a_lying_index(chain: Chain, hidden: int) -> bytes:
    entries = chain.log.entries()[:-1]
    lying = ledger_index.build((d, n) for n, entry in enumerate(entries) if n != hidden for d in entry.digests)
    passport = collect(chain.log, gate="load", subject=chain.subject)  # type: ignore[arg-type]
    items = {n: item for n, item in passport.items.items() if n != hidden}
    ranges = {digest: lying.range(digest) for digest in passport.ranges}
    data, *_ = export(replace(passport, items=items, ranges=ranges), root=chain.root_keys)
    return data


# the gate's key: his word is for people, and no gate asks for it


def says_that_a_denied_model_was_allowed(chain: Chain) -> str:
    chain.scan(result="fail")
    body = {
        "verifier": {"id": "urn:hauberk:gate:load"},
        "timeVerified": format_instant(chain.now),
        "resourceUri": "urn:hauberk:model:tumour",
        "policy": {"digest": {"sha256": chain.policy.digest.hex}},
        "verificationResult": "PASSED",
        "verifiedLevels": [],
    }
    chain.trust_predicate["grants"].append(chain.grant("gate", SUMMARY, "model/tumour"))
    chain.say("root", TRUST.type, chain.realm, chain.trust_predicate | {"version": 2})
    chain.say("gate", SUMMARY.type, chain.model, body)
    return shown(chain)


def scans_as_the_gate(chain: Chain) -> str:
    return offered(own_model(chain), "gate", MODEL_SCAN, core(files=[]))


# the approver's key: he decides what is asked


def asks_for_no_scan_any_more(chain: Chain) -> str:
    chain.say("approver", POLICY.type, chain.realm, without_a_scan())
    chain.scan(result="fail")
    return shown(chain)


def asks_for_no_scan_of_a_reader_with_a_policy(chain: Chain) -> str:
    chain.say("approver", POLICY.type, chain.realm, without_a_scan())
    chain.scan(result="fail")
    return shown(chain, policy=Policy.of(policy_data()))


def without_a_scan() -> dict[str, Any]:
    less = policy_data(distinct_signers=[])
    del less["gates"]["load"]["require"][2]
    return less | {"version": 2}


def asks_for_what_he_can_sign_himself(chain: Chain) -> str:
    own_model(chain)
    own = policy_data(require=[{"predicate": "exception", "signers": ["approver"]}], distinct_signers=[])
    chain.say("approver", POLICY.type, chain.realm, own | {"version": 2})
    chain.excuse(chain.scan())
    return shown(chain)


def asks_for_next_to_nothing_of_his_own_model(chain: Chain) -> str:
    own_model(chain)
    least = policy_data(require=[{"predicate": "artefact", "signers": ["producer", "approver"]}], distinct_signers=[])
    chain.say("approver", POLICY.type, chain.realm, least | {"version": 2})
    chain.artefact("approver")
    return shown(chain)


def lets_a_failing_scan_pass(chain: Chain) -> str:
    chain.excuse(chain.scan(result="fail"))
    return shown(chain)


def calls_his_own_model_an_old_one(chain: Chain) -> str:
    own_model(chain).bear(GRANDFATHERING, "approver", until=chain.now + 3600)
    return shown(chain)


def asks_for_nothing_of_old_models_and_has_one(chain: Chain) -> str:
    """The root let him grandfather, which no default does: the reason is this."""
    own_model(chain)
    own = policy_data(grandfather={"signers": ["approver"], "max_days": 9})
    chain.say("approver", POLICY.type, chain.realm, own | {"version": 2})
    chain.bear(GRANDFATHERING, "approver", until=chain.now + 3600)
    return shown(chain)


def asks_for_nothing_of_old_models_without_a_grant(chain: Chain) -> str:
    chain.retrust(without=frozenset({("approver", GRANDFATHERING.name)}))
    return asks_for_nothing_of_old_models_and_has_one(chain)


def breaks_the_glass_alone(chain: Chain) -> str:
    own_model(chain)
    own = policy_data(break_glass={"signers": ["approver", "security"], "max_hours": 9})
    chain.say("approver", POLICY.type, chain.realm, own | {"version": 2})
    chain.bear(BREAK_GLASS, "approver", until=chain.now + 3600)
    return shown(chain)


def makes_an_old_scan_look_new(chain: Chain) -> str:
    """Append the scan again with a signature of his own beside the scanner's: the statement is the same."""
    old = dsse.decode_envelope(next(data for data in chain.log.envelopes if _kind_of(data) == MODEL_SCAN.type))
    chain.now += 31 * DAY
    (more,) = dsse.sign(dsse.decode_statement(old.payload), [chain.keys["gate"]]).signatures
    chain.put(Envelope(old.payload, tuple(sorted((*old.signatures, more), key=lambda one: one.keyid))))
    return shown(chain)


def _kind_of(data: bytes) -> str:
    return dsse.decode_statement(dsse.decode_envelope(data).payload).predicate_type


def lets_a_revoked_model_pass(chain: Chain) -> str:
    chain.excuse(chain.revoke(chain.subject.digest))
    return shown(chain)


def revokes_what_is_good(chain: Chain) -> str:
    chain.revoke(chain.subject.digest)
    return shown(chain)


def trusts_a_key_of_his_own(chain: Chain) -> str:
    return offered(chain, "approver", TRUST, chain.make_trust(version=2), chain.realm)


# the root's key: whom he trusts is trusted


def trusts_keys_of_his_own(chain: Chain) -> str:
    return thiefs_realm(chain)


def trusts_keys_of_his_own_at_a_reader_with_a_trust_file(chain: Chain) -> str:
    return thiefs_realm(chain, trust=chain.trust)


def thiefs_realm(chain: Chain, **reader: Any) -> str:
    """A log of his own, with witness, from the same root key."""
    own = Chain(keys=keys(7) | {"root": chain.keys["root"]}, files=dict(MALWARE)).good().publish()
    return answered(chain, own.passport(), **reader)


def is_one_of_two_roots(chain: Chain) -> str:
    anchor = RootKeys(2, (chain.keys["root"].public, chain.keys["stranger"].public))
    return thiefs_realm(chain, root=anchor)


TABLE: tuple[tuple[str, Any, str], ...] = (
    ("producer", invents_a_history_for_a_model_that_the_scanner_finds_clean, "allowed"),
    ("producer", invents_a_dataset, "allowed"),
    ("producer", invents_a_history_for_his_own_model, "denied: model-scan.present"),
    ("producer", claims_a_better_metric_after_a_bad_one, "denied: evaluation.recall"),
    ("producer", scans_his_own_model, "kept out: producer may not sign model-scan"),
    ("producer", excuses_a_failing_scan, "kept out: producer may not sign exception"),
    ("producer", writes_a_policy, "kept out: producer may not sign policy"),
    ("producer", goes_on_after_the_root_ended_his_grant, "denied: artefact.present"),
    ("scanner", calls_a_model_clean_that_nobody_else_scanned, "allowed"),
    ("scanner", calls_a_good_model_bad, "denied: model-scan.result"),
    ("scanner", calls_a_model_clean_that_was_found_bad, "denied: model-scan.result"),
    ("scanner", calls_his_own_model_clean, "denied: artefact.present"),
    ("scanner", produces_a_model, "kept out: scanner may not sign slsa-provenance"),
    ("scanner", measures_a_model, "kept out: scanner may not sign evaluation"),
    ("scanner", takes_back_a_revocation, "denied: not-revoked"),
    ("log and scanner", dates_a_scan_of_the_stolen_scanner_before_the_theft, "allowed"),
    ("log and scanner", dates_a_scan_of_the_stolen_scanner_before_what_was_witnessed, "denied: model-scan.present"),
    ("log", withholds_a_revocation_for_an_hour, "allowed"),
    ("log", withholds_a_revocation_for_eight_days, "too late: held as of"),
    ("log", appends_a_failing_scan_of_nobody_known, "denied: model-scan.result"),
    ("log", appends_statements_of_nobody_known, "denied: artefact.present"),
    ("log", leaves_a_failing_scan_out_of_the_index, "unwitnessed: lying index"),
    ("log", hides_a_subject_of_an_entry, "unwitnessed: rewritten entry"),
    ("log", rewrites_what_was_witnessed, "unwitnessed: rewritten entry"),
    ("log", takes_back_what_was_witnessed, "unwitnessed: rewritten entry"),
    ("log", dates_a_statement_before_the_one_ahead, "unwitnessed: time set back"),
    ("log", dates_a_statement_into_the_future, "unwitnessed: time ahead"),
    ("log", shows_a_passport_without_the_witness, "refused: 0 trusted witnesses cosigned"),
    ("log", signs_an_index_and_its_cosignature_with_one_key, "refused: the log is listed as its own witness"),
    ("witness", makes_an_old_checkpoint_look_new, "allowed"),
    ("witness", cosigns_a_checkpoint_of_his_own, "refused: the signature by key"),
    ("witness and log", with_the_logs_key_leaves_a_failing_scan_out, "allowed"),
    ("gate", says_that_a_denied_model_was_allowed, "denied: model-scan.result"),
    ("gate", makes_an_old_scan_look_new, "denied: model-scan.present"),
    ("gate", scans_as_the_gate, "kept out: gate may not sign model-scan"),
    ("approver", asks_for_no_scan_any_more, "allowed"),
    ("approver", asks_for_no_scan_of_a_reader_with_a_policy, "denied: model-scan.result"),
    ("approver", asks_for_what_he_can_sign_himself, "refused: the policy of entry 12 cannot be read"),
    ("approver", asks_for_next_to_nothing_of_his_own_model, "denied: artefact.present"),
    ("approver", lets_a_failing_scan_pass, "allowed"),
    ("approver", calls_his_own_model_an_old_one, "denied: artefact.present"),
    ("approver", asks_for_nothing_of_old_models_and_has_one, "allowed"),
    ("approver", asks_for_nothing_of_old_models_without_a_grant, "denied: artefact.present"),
    ("approver", breaks_the_glass_alone, "denied: artefact.present"),
    ("approver", revokes_what_is_good, "denied: not-revoked"),
    ("approver", lets_a_revoked_model_pass, "denied: not-revoked"),
    ("approver", trusts_a_key_of_his_own, "kept out: no trusted key has the id"),
    ("root", trusts_keys_of_his_own, "allowed"),
    ("root", trusts_keys_of_his_own_at_a_reader_with_a_trust_file, "refused: the log example.org/log has not signed"),
    ("one root of two", is_one_of_two_roots, "refused: root version 1 is not the one"),
)


@pytest.mark.parametrize(
    ("thief", "deed", "end"), TABLE, ids=[f"{thief.replace(' ', '-')}-{deed.__name__}" for thief, deed, _ in TABLE]
)
def test_a_thief_of_one_key_gets_so_far(thief: str, deed: Callable[[Chain], str], end: str):
    assert deed(Chain().good()).startswith(end), thief


def test_every_key_has_its_thief_and_most_deeds_fail():
    assert {thief for thief, _, _ in TABLE} >= {"producer", "scanner", "log", "witness", "gate", "approver", "root"}
    assert sum(end == "allowed" for _, _, end in TABLE) * 2 < len(TABLE)


def test_the_honest_chain_of_these_tests_is_allowed_and_witnessed():
    chain = Chain().good().publish()
    assert answered(chain, chain.passport()) == "allowed"
    assert witnessed(chain) == "witnessed"
    assert offered(chain, "scanner", MODEL_SCAN, core(files=[])) == "let in"
