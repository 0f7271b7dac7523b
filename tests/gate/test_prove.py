"""What a passport proves, refusal by refusal: each test lies in one way that the others do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gate.edits import edited, opened, replaced
from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.evidence.predicates import DATASET_MANIFEST, EXCEPTION, MODEL_SCAN, POLICY, ROOT, TRUST
from hauberk.evidence.trust import RootKeys, Trust, realm_of
from hauberk.evidence.verify import verify_roots
from hauberk.gate import passport as passports
from hauberk.gate.export import collect, export
from hauberk.gate.prove import closure, newest_policies, prove, verify_passport
from hauberk.ledger import index as ledger_index
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.policy.policy import Policy
from hauberk.signature import dsse, note
from hauberk.signature.note import Note, NoteKind, VerifierKey
from hauberk.statement import Named, Statement
from hauberk.subject import Subject
from hauberk.verdict import Answer
from simulator import (
    DAY,
    HIGH,
    ORIGIN,
    START,
    TRAIN,
    Chain,
    core,
    good_passport,
    keys,
    policy_data,
    resource,
)


def refuses(chain: Chain, message: str, data: bytes | None = None, **reader: Any) -> None:
    with pytest.raises(NotVerified, match=message):
        chain.verify(data, **reader)


def denied(chain: Chain) -> set[str]:
    verdict = chain.verify().verdict
    assert verdict.result is Answer.DENY
    return {reason.rule for reason in verdict.reasons}


def collected(chain: Chain, **changes: Any) -> passports.Passport:
    """Return what an honest exporter collects, with a dishonest change."""
    return replace(collect(chain.log, gate="load", subject=chain.subject), **changes)  # type: ignore[arg-type]


def bare(passport: passports.Passport) -> bytes:
    return passports.encode(replace(passport, verdict=opened(good_passport()[1])["verdict"]))


# what holds


def test_a_stranger_with_one_public_key_learns_the_verdict_and_its_time():
    chain, data = good_passport()
    answer = verify_passport(data, root=RootKeys.decode(chain.root_keys.encode()))
    assert answer.verdict.result is Answer.ALLOW
    assert answer.verdict.permit is None
    assert answer.proven.evidence.time == chain.now
    assert answer.proven.evidence.checkpoint_size == chain.log.size
    assert answer.proven.trust.development


def test_a_denial_has_a_passport_too():
    chain = Chain().good()
    chain.scan(result="fail")
    assert denied(chain.publish()) == {"model-scan.result"}


def test_the_root_may_have_turned_to_other_keys():
    chain = Chain().good()
    chain.say(("root", "stranger"), ROOT.type, chain.realm, chain.make_root("stranger", version=2))
    chain.retrust("stranger", rootVersion=2).publish()
    assert chain.verify().verdict.result is Answer.ALLOW


def test_the_log_and_the_scanner_may_have_other_keys_from_some_time_on():
    chain = Chain().good()
    chain.retrust(not_after={"scanner": chain.now}).publish()
    assert chain.verify().verdict.result is Answer.ALLOW


def test_unrelated_models_in_the_same_log_are_not_in_the_passport():
    chain = Chain().good()
    other = Named("model/other", (sha256(b"other"),))
    chain.say("scanner", MODEL_SCAN.type, other, core("fail", files=[]))
    chain.publish()
    assert str(other.digests[0]) not in str(opened(chain.passport())["statements"])
    assert chain.verify().verdict.result is Answer.ALLOW


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MODEL_SCAN.type, {"result": "pass"}),
        ("urn:hauberk:unknown:v1", {}),
        ("https://slsa.dev/provenance/v1", {"x": []}),
    ],
)
def test_a_statement_that_nobody_can_read_neither_helps_nor_stops_the_passport(kind: str, body: dict[str, Any]):
    chain = Chain().good()
    chain.say("gate", kind, chain.model, body)
    assert chain.publish().verify().verdict.result is Answer.ALLOW
    bare_chain = Chain().found()
    bare_chain.say("gate", kind, bare_chain.model, body)
    assert "model-scan.present" in denied(bare_chain.publish())


def test_development_is_said_of_a_chain_whose_root_or_trust_is_for_trying_out():
    chain, data = good_passport()
    assert chain.verify(data).proven.development
    assert chain.verify(data, trust=Trust.of(chain.make_trust(development=False))).proven.development
    earnest = Chain()
    earnest.root_predicate = earnest.make_root(development=False)
    earnest.realm = realm_of(earnest.root_predicate)
    assert earnest.good().publish().verify().proven.development
    earnest = Chain()
    earnest.root_predicate = earnest.make_root(development=False)
    earnest.realm = realm_of(earnest.root_predicate)
    earnest.trust_predicate = earnest.make_trust(development=False)
    assert not earnest.good().publish().verify().proven.development


# 1. the root


def test_another_realms_root_file_is_refused():
    chain, data = good_passport()
    refuses(chain, "not the one that the root file names", data, root=Chain(keys=keys(1)).root_keys)


def test_a_root_file_with_one_key_more_is_refused():
    chain, data = good_passport()
    more = RootKeys(1, (chain.keys["root"].public, chain.keys["stranger"].public))
    refuses(chain, "not the one that the root file names", data, root=more)


def test_without_root_and_trust_nothing_is_verified():
    with pytest.raises(Misconfigured, match="nothing to verify the passport with"):
        verify_passport(good_passport()[1], root=None)


def test_a_new_root_signed_by_the_new_keys_only_is_refused():
    chain = Chain().good()
    chain.say("stranger", ROOT.type, chain.realm, chain.make_root("stranger", version=2))
    chain.retrust("stranger", rootVersion=2).publish()
    with pytest.raises(NotVerified, match="has 0 signatures of root version 1"):
        chain.passport()


def test_a_newer_root_left_out_of_the_roots_is_refused():
    chain = Chain().good()
    chain.say("root", ROOT.type, chain.realm, chain.make_root(version=2))
    chain.publish()
    data = bare(collected_with_old_authorities(chain, roots=(0,), trust=1))
    refuses(chain, "the log holds another root, at entry 12", data)


def collected_with_old_authorities(chain: Chain, *, roots: tuple[int, ...], trust: int) -> passports.Passport:
    """Return the passport that a dishonest exporter makes, who points at older authorities than the newest."""
    log = chain.log
    index, tree = chain.index_tree(), chain.tree()
    logged = chain.logged()
    digests, met = closure(
        (chain.model, chain.realm),
        [chain.key_digest("log"), chain.key_digest("witness")],
        entries_of=lambda digest: [leaf.entry for leaf in index.range(digest).leaves],
        envelope_of=lambda entry: logged[entry].envelope,
    )
    items = {
        n: passports.Item(n, log.entry(n), tuple(tree.inclusion_proof(n)), logged[n].envelope)
        for n in (*sorted(met), chain.index)
    }
    return passports.Passport(
        gate="load",
        subject=chain.subject,
        roots=roots,
        trust=trust,
        policies=(2,),
        checkpoint=chain.log.note or "",
        index=chain.index,
        ranges={digest: index.range(digest) for digest in digests},
        items=items,
        verdict={},
    )


def test_a_root_that_ran_out_before_the_witnesses_signed_is_refused():
    chain = Chain().good()
    chain.now = START + 366 * DAY
    chain.publish()
    with pytest.raises(NotVerified, match="the root was valid until 2027-09-2"):
        chain.passport()


# 2. trust


def test_trust_that_ran_out_before_the_witnesses_signed_is_refused():
    chain = Chain().good()
    chain.now = START + 201 * DAY
    chain.publish()
    with pytest.raises(NotVerified, match="the trust was valid until"):
        chain.passport()


@pytest.mark.parametrize("role", ["approver", "gate", "log", "stranger"])
def test_trust_signed_by_another_key_is_refused(role: str):
    chain = Chain().good()
    chain.retrust(role).publish()
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        chain.passport()


def test_an_older_trust_is_refused_where_the_log_holds_a_newer():
    chain = Chain().good()
    chain.scan("scanner")
    chain.retrust(not_after={"scanner": START}).publish()
    refuses(
        chain,
        "trust version 1 is not the newest: entry 13 is",
        bare(collected_with_old_authorities(chain, roots=(0,), trust=1)),
    )


def test_a_trust_of_the_same_version_that_came_later_is_the_newest():
    chain = Chain().good()
    again = chain.make_trust(not_after={"scanner": START})
    chain.say("root", TRUST.type, chain.realm, again)
    chain.publish()
    refuses(chain, "is not the newest", bare(collected_with_old_authorities(chain, roots=(0,), trust=1)))
    assert "model-scan.present" in denied(chain)


def test_a_trust_that_nobody_can_read_ends_the_chain():
    chain = Chain().good()
    chain.say("root", TRUST.type, chain.realm, {"versions": 2})
    chain.publish()
    with pytest.raises(Malformed, match="trust lacks"):
        chain.verify(bare(collected_with_old_authorities(chain, roots=(0,), trust=1)))


def test_a_statement_that_is_no_trust_in_the_place_of_the_trust_is_refused():
    chain = Chain().good().publish()
    passport = collected(chain, trust=0)
    refuses(chain, "is not the trust of", bare(passport))


# 3. the checkpoint


def with_note(chain: Chain, text: str) -> bytes:
    return replaced(chain.passport(), ("checkpoint",), text)


def test_a_checkpoint_without_the_witness_is_refused():
    chain = Chain().good().publish()
    refuses(chain, "0 trusted witnesses cosigned", with_note(chain, chain.checkpoint()))


def test_a_checkpoint_without_the_log_is_refused():
    chain = Chain().good().publish()
    note = Note.parse(chain.log.note or "")
    refuses(
        chain, "has not signed the checkpoint", with_note(chain, replace(note, signatures=note.signatures[1:]).format())
    )


@pytest.mark.parametrize("role", ["log", "scanner", "root"])
def test_a_checkpoint_cosigned_by_somebody_else_is_refused(role: str):
    chain = Chain().good().publish()
    refuses(chain, "0 trusted witnesses cosigned", with_note(chain, chain.cosigned(chain.checkpoint(), role=role)))


def test_a_line_more_that_plain_readers_would_ignore_is_refused():
    chain = Chain().good().publish()
    more = chain.cosigned(chain.log.note or "", role="stranger")
    refuses(chain, "lines of unknown keys", with_note(chain, more))


def test_the_witness_twice_is_refused():
    chain = Chain().good().publish()
    refuses(chain, "signed the checkpoint twice", with_note(chain, chain.cosigned(chain.log.note or "")))


def test_another_time_under_the_witness_is_refused_or_changes_the_verdict():
    chain = Chain().good().publish()
    later = chain.cosigned(chain.checkpoint(), time=chain.now + 60)
    refuses(chain, "the passport's verdict is not the one", with_note(chain, later))
    earlier = chain.cosigned(chain.checkpoint(), time=chain.now - 60)
    refuses(chain, "after the witnesses' time", with_note(chain, earlier))


def test_a_checkpoint_of_another_log_is_refused():
    chain = Chain().good().publish()
    checkpoint = Checkpoint("example.org/other", chain.log.size, chain.tree().root())
    refuses(chain, "is of the log example.org/other", with_note(chain, sign(checkpoint, chain.keys["log"])))


def test_an_older_checkpoint_of_the_same_log_is_refused():
    chain = Chain().good().publish()
    old = chain.log.note or ""
    chain.scan(result="fail")
    chain.publish()
    refuses(chain, "is not in a log of 13|does not lead to the root|too long|too short", with_note(chain, old))


def test_a_passport_shows_exactly_the_quorum_of_witnesses():
    chain = Chain()
    vkeys = [vkey(chain, "witness", "example.org/witness"), vkey(chain, "stranger", "example.org/witness2")]
    chain.trust_predicate = chain.make_trust(witnesses={"quorum": 1, "vkeys": [key.format() for key in vkeys]})
    chain.good().publish()
    two = cosigned_by(chain, "stranger", vkeys[1])
    chain.log.note = two
    assert chain.verify().verdict.result is Answer.ALLOW
    assert opened(chain.passport())["checkpoint"].count("— ") == 2
    refuses(chain, "has 2 cosignatures, a passport shows exactly the quorum of 1", with_note(chain, two))


def test_one_witness_does_not_make_a_quorum_of_two():
    chain = Chain()
    vkeys = [vkey(chain, "witness", "example.org/witness"), vkey(chain, "stranger", "example.org/witness2")]
    chain.trust_predicate = chain.make_trust(witnesses={"quorum": 2, "vkeys": [key.format() for key in vkeys]})
    chain.good().publish()
    with pytest.raises(NotVerified, match="1 trusted witnesses cosigned the checkpoint of size 13, 2 are needed"):
        chain.passport()
    chain.log.note = cosigned_by(chain, "stranger", vkeys[1], time=chain.now + 5)
    assert chain.verify().proven.evidence.time == chain.now + 5


def vkey(chain: Chain, role: str, name: str) -> VerifierKey:
    return VerifierKey(name, NoteKind.COSIGNATURE_V1, chain.keys[role].public)


def cosigned_by(chain: Chain, role: str, key: VerifierKey, *, time: int | None = None) -> str:
    signed = Note.parse(chain.log.note or "")
    line = note.cosign(signed.text, chain.keys[role], key.name, chain.now if time is None else time)
    return replace(signed, signatures=(*signed.signatures, line)).format()


# 4. inclusion and times


def test_a_statement_that_is_not_in_the_log_is_refused():
    chain, data = good_passport()
    forged = Chain().good()
    forged.scan(findings=[HIGH])
    scan = next(n for n, item in enumerate(opened(data)["statements"]) if item["entry"] == 9)
    item = passports.Item(9, forged.log.entry(12), (), forged.logged()[12].envelope)
    value = opened(data)["statements"][scan] | {
        "record": item.record.to_json(),
        "envelope": opened(forged.log.envelope(12)),
    }
    refuses(chain, "leaf 9 of 13 does not lead to the root", replaced(data, ("statements", scan), value))


def test_a_time_set_back_in_the_log_is_refused():
    chain = Chain().good()
    chain.now -= 10
    chain.scan()
    chain.now += 20
    chain.publish()
    with pytest.raises(NotVerified, match="the time of entry 12 is before the entry ahead of it"):
        chain.passport()


def test_a_time_after_the_witness_is_refused():
    chain = Chain().good().publish()
    chain.log.note = chain.cosigned(chain.checkpoint(), time=chain.now - 1)
    with pytest.raises(NotVerified, match="or after the witnesses' time"):
        chain.passport()


def test_a_record_that_hides_a_subject_is_malformed():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.log.records[-1] = replace(chain.log.records[-1], subjects=(str(TRAIN.digests[0]),))
    chain.publish()
    with pytest.raises(Malformed, match="lists other subjects than its statement"):
        chain.verify(bare(collected(chain)))


# 5. signers


def test_a_signer_whose_grant_ended_before_does_not_count():
    chain = Chain().good()
    chain.retrust(not_after={"scanner": START}).publish()
    assert denied(chain) == {"model-scan.present"}


def test_a_policy_whose_approvers_grant_ended_before_is_no_policy():
    chain = Chain().good()
    chain.retrust(not_after={"approver": START}).publish()
    with pytest.raises(NotVerified, match="0 approved policies cover load of model/tumour"):
        chain.passport()


# 6. completeness


def test_a_failing_scan_left_out_with_its_range_is_refused():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    passport = collected(chain)
    refuses(chain, "lists entry 12 of .*, which the passport leaves out", bare(without_items(passport, 12)))


def without_items(passport: passports.Passport, *entries: int) -> passports.Passport:
    return replace(passport, items={n: item for n, item in passport.items.items() if n not in entries})


def without_leaf(passport: passports.Passport, digest: Digest, entry: int) -> passports.Passport:
    found = passport.ranges[digest]
    fewer = replace(found, leaves=tuple(leaf for leaf in found.leaves if leaf.entry != entry))
    return replace(passport, ranges={**passport.ranges, digest: fewer})


@pytest.mark.parametrize("entry", range(8, 13))
def test_a_statement_left_out_of_its_range_is_refused(entry: int):
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    passport = without_leaf(without_items(collected(chain), entry), chain.subject.digest, entry)
    refuses(chain, "not the leaf right|has a gap|does not show what stands", bare(passport))


def test_a_range_that_ends_early_before_its_true_right_neighbour_is_refused():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    passport = collected(chain)
    digest = chain.subject.digest
    found = without_leaf(passport, digest, 12).ranges[digest]
    assert found.right is not None
    lying = replace(found, right=replace(found.right, position=found.right.position - 1))
    data = bare(without_items(replace(passport, ranges={**passport.ranges, digest: lying}), 12))
    refuses(chain, "does not lead to the root|too long|too short", data)


def test_a_range_without_its_neighbours_is_refused():
    chain, data = good_passport()
    ranges = opened(data)["index"]["ranges"]
    for number, found in enumerate(ranges):
        for side in ("left", "right"):
            if found[side] is not None:
                refuses(
                    chain,
                    r"does not show what stands|is not the leaf right|is empty and proves nothing",
                    replaced(data, ("index", "ranges", number, side), None),
                )


@pytest.mark.parametrize("what", ["subject", "train", "realm", "producer", "scanner", "log"])
def test_a_range_left_out_is_refused(what: str):
    chain = Chain().good().publish()
    digests = {"subject": chain.subject.digest, "train": TRAIN.digests[0], "realm": chain.realm.digests[0]}
    digest = digests.get(what) or chain.key_digest(what)
    passport = collected(chain)
    data = bare(replace(passport, ranges={d: r for d, r in passport.ranges.items() if d != digest}))
    refuses(chain, "leaves out the range of a digest", data)


def test_a_revocation_of_a_key_cannot_be_left_out():
    chain = Chain().good()
    chain.revoke(chain.key_digest("producer"))
    chain.publish()
    assert denied(chain) == {"not-revoked"}
    refuses(chain, "which the passport leaves out", bare(without_items(collected(chain), 12)))


def test_a_statement_more_than_the_ranges_list_is_refused():
    chain = Chain().good()
    other = chain.say("scanner", MODEL_SCAN.type, Named("model/other", (sha256(b"other"),)), core(files=[]))
    chain.publish()
    passport = collected(chain)
    item = passports.Item(12, chain.log.entry(12), tuple(chain.tree().inclusion_proof(12)), other)
    refuses(chain, "that nothing in it leads to", bare(replace(passport, items={**passport.items, 12: item})))


def test_a_range_more_than_the_statements_lead_to_is_refused():
    chain = Chain().good().publish()
    passport = collected(chain)
    stray = chain.key_digest("stranger")
    more = {**passport.ranges, stray: chain.index_tree().range(stray)}
    refuses(chain, "that nothing in it leads to", bare(replace(passport, ranges=more)))


def test_an_index_of_a_shorter_log_is_refused():
    chain = Chain().good()
    chain.publish()
    old = chain.index
    chain.scan(result="fail")
    chain.log.note = chain.cosigned(chain.checkpoint())
    passport = good_passport()[1]
    data = replaced(passport, ("checkpoint",), chain.log.note)
    assert old == 12
    refuses(chain, "not the last of 14|too short|too long|does not lead", data)


@pytest.mark.parametrize(
    ("lies", "message"),
    [
        ({"size": 11}, "the index of size 11 at entry 12 is not the last of 13"),
        ({"size": 13}, "the index of size 13 at entry 12 is not the last of 13"),
        ({"root": "0" * 64}, "of another tree than the checkpoint"),
        ({"origin": "example.org/other"}, "of another log"),
        ({"count": 1}, "does not show what stands|no leaf|too long"),
        ({"indexRoot": "0" * 64}, "does not lead to the root"),
    ],
)
def test_an_index_that_contradicts_the_checkpoint_is_refused(lies: dict[str, Any], message: str):
    chain = Chain().good().publish(**lies)
    with pytest.raises(NotVerified, match=message):
        chain.passport()


def test_an_index_signed_by_another_key_than_the_logs_is_refused():
    chain = Chain().good()
    logs = chain.keys["log"]
    chain.keys = chain.keys | {"log": chain.keys["gate"]}
    chain.publish()
    chain.keys = chain.keys | {"log": logs}
    chain.log.note = chain.cosigned(chain.checkpoint())
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        chain.passport()


# 7. edges


def test_the_ancestors_of_ancestors_are_in_the_passport():
    chain = Chain().good()
    raw = Named("data/raw", (sha256(b"raw"),))
    chain.manifest(TRAIN, inputs=[resource(raw)])
    chain.publish()
    assert raw.digests[0] in collected(chain).ranges
    assert denied(chain) == {"data/raw.input"}


# 8. policy and verdict


def test_an_allow_in_place_of_a_deny_is_refused():
    chain = Chain().good()
    chain.scan(result="fail")
    chain.publish()
    refuses(
        chain,
        "the passport's verdict is not the one",
        replaced(chain.passport(), ("verdict",), opened(good_passport()[1])["verdict"]),
    )


@pytest.mark.parametrize("member", ["result", "at", "reasons"])
def test_each_member_of_the_verdict_is_computed_again(member: str):
    chain, data = good_passport()
    other = {"result": "deny", "at": "2026-01-01T00:00:00Z", "reasons": []}[member]
    refuses(chain, "the passport's verdict is not the one", replaced(data, ("verdict", member), other))


def test_another_gates_question_is_not_answered():
    chain, data = good_passport()
    refuses(chain, "0 approved policies cover deploy of model/tumour", replaced(data, ("gate",), "deploy"))


def test_the_answer_for_one_gate_is_no_answer_for_another_that_the_policy_knows():
    both = policy_data()
    both["gates"]["deploy"] = both["gates"]["load"] | {
        "require": [{"predicate": "model-scan", "signers": ["gate"]}],
        "distinct_signers": [],
    }
    chain = Chain().good(both).publish()
    assert chain.verify().verdict.gate == "load"
    refuses(chain, "verdict is not the one", replaced(chain.passport(), ("gate",), "deploy"))


def test_another_models_name_is_another_question():
    chain, data = good_passport()
    refuses(chain, "nothing in it leads to", replaced(data, ("subject", "name"), "other"))


def test_another_models_digest_is_another_question():
    chain, data = good_passport()
    refuses(chain, "leaves out the range", replaced(data, ("subject", "digest"), str(sha256(b"malware"))))


def test_another_digest_that_is_in_the_passport_is_another_question():
    chain, data = good_passport()
    refuses(
        chain,
        "that nothing in it leads to|verdict is not the one",
        replaced(data, ("subject", "digest"), str(TRAIN.digests[0])),
    )


def test_the_newest_policy_of_a_name_decides():
    strict = policy_data() | {"version": 2}
    strict["gates"]["load"]["require"][3]["metrics"]["recall"]["min"] = 0.99
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, strict)
    chain.publish()
    assert denied(chain) == {"evaluation.recall"}
    assert chain.verify().policy.version == 2
    refuses(chain, "the passport names 1", bare(collected(chain, policies=(2,))))


def test_a_lower_version_that_came_later_does_not_decide():
    chain = Chain().good(policy_data() | {"version": 2})
    lenient = policy_data(require=[{"predicate": "artefact", "signers": ["producer"]}], distinct_signers=[])
    chain.say("approver", POLICY.type, chain.realm, lenient)
    chain.publish()
    assert chain.verify().policy.version == 2


def test_of_two_policies_of_one_version_the_later_decides():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data(permit_valid_minutes=5))
    assert chain.publish().verify().policy.gates["load"].permit_valid_minutes == 5


def test_a_policy_signed_by_somebody_else_does_not_decide():
    lenient = policy_data(require=[{"predicate": "artefact", "signers": ["producer"]}], distinct_signers=[]) | {
        "version": 9
    }
    for role in ("producer", "gate", "log", "root", "stranger"):
        chain = Chain().good()
        chain.say(role, POLICY.type, chain.realm, lenient)
        assert chain.publish().verify().policy.version == 1


def test_a_policy_for_another_realm_does_not_decide():
    chain = Chain().good()
    chain.say("approver", POLICY.type, Named("realm/other", (sha256(b"other"),)), policy_data() | {"version": 9})
    assert chain.publish().verify().policy.version == 1


def test_two_policies_that_speak_of_the_same_gate_and_model_are_refused():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data(subject="model/*") | {"name": "all-models"})
    chain.publish()
    with pytest.raises(NotVerified, match="2 approved policies cover load of model/tumour"):
        chain.passport()
    refuses(chain, "2 approved policies cover", bare(collected(chain, policies=(2,))))


def test_a_name_that_only_looks_like_another_shadows_nothing():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data() | {"name": "tum\u043eur", "version": 9})
    chain.publish()
    with pytest.raises(NotVerified, match="the policy of entry 12 cannot be read"):
        chain.passport()


def test_a_policy_with_a_requirement_that_cannot_be_read_is_refused_by_name():
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, policy_data(require=[]) | {"version": 2})
    chain.publish()
    with pytest.raises(NotVerified, match="policy of entry 12 cannot be read"):
        chain.passport()


@pytest.mark.parametrize("role", ["root", "approver", "log"])
def test_a_revoked_authority_ends_the_chain(role: str):
    chain = Chain().good()
    chain.revoke(chain.key_digest(role))
    chain.publish()
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked by"):
        chain.passport()


def test_a_revoked_realm_ends_the_chain():
    chain = Chain().good()
    chain.revoke(chain.realm.digests[0])
    chain.publish()
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked by"):
        chain.passport()


# replay


def test_an_older_passport_says_what_held_then_and_nothing_of_the_revocation_since():
    chain = Chain().good().publish()
    before = chain.passport()
    chain.now += DAY
    chain.revoke(chain.subject.digest)
    chain.publish()
    assert denied(chain) == {"not-revoked"}
    old = chain.verify(before)
    assert old.verdict.result is Answer.ALLOW
    assert old.verdict.at < chain.now - DAY + 60


# the reader's own files


def test_the_readers_own_trust_decides_and_says_so():
    chain, data = good_passport()
    mine = chain.trust_without(("scanner", "model-scan"))
    answer = chain.verify(data, trust=mine)
    assert answer.verdict.result is Answer.DENY
    assert answer.notes == ("the passport's trust is ignored: yours decides",)


def test_the_readers_own_trust_needs_no_root_file():
    chain, data = good_passport()
    answer = verify_passport(data, root=None, trust=chain.trust)
    assert (answer.verdict.result, answer.notes) == (Answer.ALLOW, ())


def test_the_readers_own_policy_decides_and_says_so():
    chain, data = good_passport()
    mine = policy_data()
    mine["gates"]["load"]["require"][3]["metrics"]["recall"]["min"] = 0.99
    answer = chain.verify(data, policy=Policy.of(mine))
    assert answer.verdict.result is Answer.DENY
    assert answer.notes == ("the passport's policy is ignored: yours decides",)


def test_the_readers_own_policy_may_not_know_the_gate():
    chain, data = good_passport()
    other = policy_data()
    other["gates"] = {"deploy": other["gates"]["load"]}
    answer = chain.verify(data, policy=Policy.of(other))
    assert [reason.rule for reason in answer.verdict.reasons] == ["gate.known"]


def test_a_passport_of_a_stranger_under_the_readers_trust_is_refused():
    chain = Chain()
    theirs = Chain(keys=keys(1)).good().publish().passport()
    refuses(chain, "has not signed the checkpoint|not of", theirs, root=None, trust=chain.trust)


def test_a_policy_that_the_readers_trust_does_not_grant_is_none():
    chain, data = good_passport()
    mine = chain.trust_without(("approver", "policy"))
    with pytest.raises(NotVerified, match="no approved policy covers load of model/tumour under your trust"):
        chain.verify(data, trust=mine)


def test_another_log_in_the_readers_trust_is_refused():
    chain, data = good_passport()
    log = {"origin": ORIGIN, "vkey": VerifierKey(ORIGIN, NoteKind.ED25519, chain.keys["stranger"].public).format()}
    refuses(chain, "has not signed the checkpoint", data, trust=Trust.of(chain.make_trust(log=log)))


# A then B


def test_a_then_b_is_as_b_then_a_with_the_same_trust_policy_and_root():
    one = good_passport()[1]
    failing = Chain().good()
    failing.scan(result="fail")
    two = failing.publish().passport()
    chain = Chain()
    shared = {"root": chain.root_keys, "trust": chain.trust, "policy": chain.policy}
    forth = [verify_passport(data, **shared) for data in (one, two)]
    back = [verify_passport(data, **shared) for data in (two, one)]
    assert forth == back[::-1]
    assert [answer.verdict.result for answer in forth] == [Answer.ALLOW, Answer.DENY]


def test_a_refused_passport_leaves_nothing_behind():
    chain, data = good_passport()
    shared = {"root": chain.root_keys, "trust": chain.trust, "policy": chain.policy}
    before = verify_passport(data, **shared)
    with pytest.raises(HauberkError):
        verify_passport(data.replace(b"dirHash", b"dirhash"), **shared)
    assert verify_passport(data, **shared) == before


# bounds


def test_an_ancestry_without_end_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hauberk.gate.prove.MAX_CONCERNED", 50)
    chain = Chain().good()
    chain.provenance(dependencies=tuple(Named(f"data/{n}", (sha256(b"%d" % n),)) for n in range(50)))
    chain.publish()
    with pytest.raises(Exceeded, match="the subject's ancestry has more than 50 digests"):
        collected(chain)


def test_an_empty_index_proves_absence():
    built = ledger_index.build([])
    assert built.range(sha256(b"x")).verify(sha256(b"x"), 0, built.root, size=0) == ()


def test_what_is_exported_was_proven_first():
    chain = Chain().good().publish()
    with pytest.raises(NotVerified, match="not the one that the root file names"):
        export(collected(chain), root=Chain(keys=keys(1)).root_keys)


def test_proving_does_not_ask_the_subject_to_be_ours():
    chain = Chain().good().publish()
    proven = prove(collected(chain, subject=Subject("model", "tumour", chain.subject.digest)), root=chain.root_keys)
    assert proven.policy is not None
    assert proven.same_trust


def test_a_passport_is_the_same_bytes_each_time():
    chain, data = good_passport()
    assert edited(data, lambda _: None) == chain.passport() == data


def test_nobody_fills_the_passport_of_another_thing_with_the_same_digest():
    chain = Chain().good().publish()
    before = len(opened(chain.passport())["index"]["ranges"])
    twin = Named("dataset/twin", (chain.subject.digest,))
    inputs = tuple(Named(f"source/{n}", (sha256(b"%d" % n),)) for n in range(200))
    chain.say(
        "producer",
        DATASET_MANIFEST.type,
        twin,
        core(inputs=inputs, files=[{"path": "twin.csv", "size": 1, "sha256": twin.digests[0].hex}]),
    )
    chain.publish()
    data = chain.passport()
    assert chain.verify(data).verdict.result is Answer.ALLOW
    assert len(opened(data)["index"]["ranges"]) == before


def test_a_revoked_witness_key_ends_the_chain():
    chain = Chain().good()
    chain.revoke(chain.key_digest("witness"))
    chain.publish()
    with pytest.raises(NotVerified, match="on which this chain stands, is revoked"):
        chain.passport()


@pytest.mark.parametrize(("first", "second", "said"), [(True, False, True), (False, True, True), (False, False, False)])
def test_one_root_that_was_made_for_trying_things_out_is_enough_to_say_so(first: bool, second: bool, said: bool):
    chain = Chain()
    chain.root_predicate = chain.make_root(development=first)
    chain.realm = realm_of(chain.root_predicate)
    chain.good()
    chain.say(("root", "gate"), ROOT.type, chain.realm, chain.make_root("gate", version=2, development=second))
    chain.retrust("gate", rootVersion=2, development=False)
    assert chain.publish().verify().proven.development is said


def test_a_policy_about_another_realm_and_what_is_no_policy_about_ours_are_left_out():
    chain = Chain().good()
    other = policy_data() | {"version": 9}
    chain.say("approver", POLICY.type, Named("realm/other", (sha256(b"other"),)), other)
    chain.revoke(chain.realm.digests[0])
    about_ours = dsse.sign(Statement((chain.realm,), EXCEPTION.type, exception()), [chain.keys["approver"]])
    chain.put(about_ours)
    realm = verify_roots(chain.logged()[:1], anchor=None)
    held = chain.evidence(chain.trust_with(chain.grant("approver", POLICY, "realm/*"))).held
    assert sum(verified.statement.predicate_type == POLICY.type for verified in held) == 2
    assert {entry: policy.version for entry, policy in newest_policies(held, realm).items()} == {2: 1}


def exception() -> dict[str, Any]:
    return {"statement": "sha256:" + "0" * 64, "owner": "Ada", "until": "2030-01-01T00:00:00Z", "reason": "x"}


def test_an_entry_right_behind_the_checkpoint_is_refused_by_its_number():
    chain = Chain().good().publish()
    passport = collected(chain)
    items = {**passport.items, 13: replace(passport.items[3], entry=13)}
    with pytest.raises(NotVerified, match="entry 13 is not in a log of 13"):
        prove(replace(passport, items=items), root=chain.root_keys)
