"""What somebody does to a passport, with an editor, with another passport, or with somebody's key; all of it is found."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from gate.edits import edited, opened
from hauberk.digest import sha256
from hauberk.errors import HauberkError
from hauberk.evidence.predicates import MODEL_SCAN, POLICY, ROOT
from hauberk.evidence.trust import RootKeys
from hauberk.gate.decide import decide
from hauberk.gate.export import collect
from hauberk.gate.passport import Item, Passport, encode, verdict_json
from hauberk.gate.prove import prove, verify_passport
from hauberk.ledger import index as ledger_index
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.policy.evaluate import evaluate
from hauberk.signature import dsse
from hauberk.signature.note import Note
from hauberk.verdict import Answer
from hauberk.view import Basis
from simulator import DAY, HIGH, ORIGIN, START, TRAIN, Chain, format_instant, good_passport, keys, policy_data
from tamper.case import Cases

if TYPE_CHECKING:
    from collections.abc import Callable

PASSPORT = Cases()
case = PASSPORT.case
ROOT_ENTRY, POLICY_ENTRY, SCAN, EVALUATED, ARTEFACT = 0, 2, 9, 10, 11
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass
class Shown:
    """A good passport, to be tampered with, and what its reader has: `root.pub`, and the digest of his model."""

    chain: Chain = field(default_factory=lambda: good_passport()[0])
    data: bytes = field(default_factory=lambda: good_passport()[1])
    root: RootKeys | None = None
    now: int = START + 60

    def edit(self, change: Callable[[Any], object]) -> None:
        """Change the passport as plain data, and write it in its canonical form again."""
        self.data = edited(self.data, lambda whole: change(whole) and None)

    def take(self, chain: Chain) -> None:
        """Let another chain's exporter, who proves nothing first, give out its passport."""
        self.chain, self.data = chain, unproven(chain)


def heard(shown: Shown, found_by: str) -> str:
    """Return what a reader says of a passport: a refusal, a denial, or nothing."""
    try:
        answer = verify_passport(shown.data, root=shown.root or shown.chain.root_keys)
        verdict = answer.verdict
        if found_by == "gate":
            subject = replace(verdict.subject, digest=good_passport()[0].subject.digest)
            asked = {"evidence": answer.proven.evidence, "policy": answer.policy, "now": shown.now}
            verdict = decide(subject, gate="load", **asked)
    except HauberkError as error:
        return error.message
    if verdict.result is Answer.ALLOW:
        return ""
    return "denied: " + ", ".join(sorted({reason.rule for reason in verdict.reasons}))


def unproven(chain: Chain, **changes: Any) -> bytes:
    """Return what an exporter writes who checks nothing; with the verdict that fits, where there is one."""
    passport = replace(collect(chain.log, gate="load", subject=chain.subject), **changes)  # type: ignore[arg-type]
    return encode(replace(passport, verdict=fitting(chain, passport)))


def fitting(chain: Chain, passport: Passport) -> dict[str, Any]:
    try:
        proven = prove(passport, root=chain.root_keys)
    except HauberkError:
        return {"result": "allow", "at": format_instant(chain.now), "reasons": []}
    evidence, subject = proven.evidence, replace(passport.subject, basis=Basis.COMPUTED)
    assert proven.policy is not None
    return verdict_json(evaluate(subject, gate="load", evidence=evidence, policy=proven.policy, now=evidence.time))


def statement(whole: Any, entry: int) -> Any:
    return next(item for item in whole["statements"] if item["entry"] == entry)


def of_strangers() -> Any:
    return opened(Chain(keys=keys(1)).good().publish().passport())


def of_another_model() -> Any:
    return opened(Chain(files={"model.joblib": b"other weights"}).good().publish().passport())


def denied_chain(**changes: Any) -> Chain:
    chain = Chain().good()
    chain.scan(result="fail", findings=[HIGH], **changes)
    return chain


# each member


@case("passport verify", "schema is not one of")
def another_schema(shown: Shown) -> None:
    """The schema is another version's."""
    shown.edit(lambda whole: whole.update(schema="urn:hauberk:passport:v2"))


@case("passport verify", "0 approved policies cover deploy of model/tumour")
def another_gate(shown: Shown) -> None:
    """The passport is said to be for another gate."""
    shown.edit(lambda whole: whole.update(gate="deploy"))


@case("passport verify", "nothing in it leads to")
def another_subjects_name(shown: Shown) -> None:
    """The passport is said to be another model's, of the same bytes."""
    shown.edit(lambda whole: whole["subject"].update(name="other"))


@case("passport verify", "leaves out the range of a digest")
def another_subjects_digest(shown: Shown) -> None:
    """The passport is said to be of other bytes."""
    shown.edit(lambda whole: whole["subject"].update(digest=str(sha256(b"malware"))))


@case("passport verify", "nothing in it leads to")
def the_subject_is_an_ancestor(shown: Shown) -> None:
    """The passport is said to be of the data that the model was trained on."""
    shown.edit(lambda whole: whole["subject"].update(digest=str(TRAIN.digests[0])))


@case("gate", "denied: artefact.present, dataset-manifest.inputs, evaluation.present")
def another_models_bytes(shown: Shown) -> None:
    """A good passport of another model is shown with these bytes."""
    shown.chain = Chain(files={"model.joblib": b"other weights"}).good().publish()
    shown.data = shown.chain.passport()


@case("passport verify", "passport has the unknown member 'note'")
def a_member_more(shown: Shown) -> None:
    """A member is added that nobody reads."""
    shown.edit(lambda whole: whole.update(note="approved"))


@case("passport verify", "verdict")
def a_member_less(shown: Shown) -> None:
    """The verdict is left out."""
    shown.edit(lambda whole: whole.pop("verdict"))


# the text


@case("passport verify", "twice")
def a_member_written_twice(shown: Shown) -> None:
    """The gate stands twice: decoders that keep the last one would read another passport."""
    shown.data = shown.data.replace(b'"gate":', b'"gate":"deploy","gate":', 1)


@case("passport verify", "canonical")
def a_space(shown: Shown) -> None:
    """One space is put between two members."""
    shown.data = shown.data.replace(b',"gate"', b', "gate"', 1)


@case("passport verify", "canonical")
def an_escape(shown: Shown) -> None:
    """One letter is written as an escape."""
    shown.data = shown.data.replace(b'"gate":"load"', b'"gate":"\\u006coad"', 1)


@case("passport verify", "canonical")
def members_in_another_order(shown: Shown) -> None:
    """The last member is written first."""
    shown.data = (
        b'{"verdict":'
        + shown.data.partition(b',"verdict":')[2][:-1]
        + b","
        + shown.data.partition(b',"verdict":')[0][1:]
        + b"}"
    )


@case("passport verify", "not in canonical form")
def a_newline_behind_the_end(shown: Shown) -> None:
    """A newline is added."""
    shown.data += b"\n"


@case("passport verify", "JSON")
def cut_in_the_middle(shown: Shown) -> None:
    """The second half is missing."""
    shown.data = shown.data[: len(shown.data) // 2]


# root, trust and policy


@case("passport verify", "root version 1 is not the one that the root file names")
def a_chain_of_strangers(shown: Shown) -> None:
    """A good passport of strangers is shown to somebody who has our `root.pub`."""
    shown.root = shown.chain.root_keys
    shown.take(Chain(keys=keys(1)).good().publish())


@case("passport verify", "root version 1 is not the one that the root file names")
def a_root_of_strangers(shown: Shown) -> None:
    """The root statement is replaced by one of strangers."""
    shown.edit(lambda whole: statement(whole, ROOT_ENTRY).update(statement(of_strangers(), ROOT_ENTRY)))


@case("passport verify", "which the passport leaves out")
def a_downgraded_root(shown: Shown) -> None:
    """The first root and its trust are shown, though the log has the second root and a trust by that one."""
    chain = rotated()
    shown.take(chain)
    shown.data = unproven(chain, roots=(0,), trust=1)


@case("passport verify", "no trusted key has the id")
def a_trust_of_the_root_before(shown: Shown) -> None:
    """Both roots are shown, with the trust that the first one signed."""
    chain = rotated()
    shown.take(chain)
    shown.data = unproven(chain, trust=1)


@case("passport verify", "root version 2 stands where version 1 belongs")
def a_root_without_the_one_before(shown: Shown) -> None:
    """Only the second root is shown."""
    chain = rotated()
    shown.take(chain)
    shown.data = unproven(chain, roots=(12,))


@case("passport verify", "root version 1 is not the one that the root file names")
def a_root_below_the_readers_threshold(shown: Shown) -> None:
    """The root file wants two signatures, the chain's root is content with one."""
    shown.root = RootKeys(2, (shown.chain.keys["root"].public, shown.chain.keys["approver"].public))


@case("passport verify", "trust version 1 is not the newest")
def a_trust_that_was_replaced(shown: Shown) -> None:
    """The older trust is shown, by which a stolen key may still scan."""
    chain = Chain().good()
    chain.retrust(without=frozenset([("scanner", "model-scan")]))
    shown.take(chain.publish())
    shown.data = unproven(chain, trust=1)


@case("passport verify", "no trusted key has the id")
def a_trust_that_the_root_has_not_signed(shown: Shown) -> None:
    """The approver signs a trust of his own."""
    chain = Chain().good().publish()
    passport = collect(chain.log, gate="load", subject=chain.subject)  # type: ignore[arg-type]
    chain.retrust("approver")
    shown.chain = chain.publish()
    items = {n: item_of(chain, n) for n in (*passport.items, 13)}
    shown.data = encode(replace(passport, trust=13, items=items, verdict=fitting(chain, passport)))


@case("passport verify", "the passport names 1")
def a_policy_that_was_replaced(shown: Shown) -> None:
    """The older, milder policy is shown."""
    strict = policy_data() | {"version": 2}
    chain = Chain().good()
    chain.say("approver", POLICY.type, chain.realm, strict)
    shown.take(chain.publish())
    shown.data = unproven(chain, policies=(POLICY_ENTRY,))


@case("passport verify", "the passport names 1")
def an_unsigned_policy(shown: Shown) -> None:
    """A policy by somebody whom trust does not let sign one is named as the one that decides."""
    chain = Chain().good()
    lenient = policy_data(require=[{"predicate": "artefact", "signers": ["producer"]}], distinct_signers=[])
    chain.say("stranger", POLICY.type, chain.realm, lenient | {"version": 9})
    shown.take(chain.publish())
    shown.data = unproven(chain, policies=(12,))


@case("passport verify", "the passport names 0")
def no_policy(shown: Shown) -> None:
    """No policy is named."""
    shown.edit(lambda whole: whole.update(policies=[]))


# the checkpoint


@case("passport verify", "0 trusted witnesses cosigned")
def a_checkpoint_without_a_witness(shown: Shown) -> None:
    """The witness's line is taken out."""
    shown.edit(lambda whole: whole.update(checkpoint=lines(whole["checkpoint"], 1)))


@case("passport verify", "the log example.org/log has not signed the checkpoint")
def a_checkpoint_without_the_log(shown: Shown) -> None:
    """The log's line is taken out."""
    shown.edit(lambda whole: whole.update(checkpoint=lines(whole["checkpoint"], 0)))


@case("passport verify", "has lines of unknown keys")
def a_checkpoint_with_a_line_more(shown: Shown) -> None:
    """A line by an unknown key is added, which plain readers of the format ignore."""
    shown.edit(lambda whole: whole.update(checkpoint=with_a_stranger(whole["checkpoint"])))


@case("passport verify", "the signature by key")
def a_checkpoint_of_a_larger_tree(shown: Shown) -> None:
    """The size in the checkpoint is raised."""
    shown.edit(lambda whole: whole.update(checkpoint=whole["checkpoint"].replace("\n13\n", "\n14\n")))


@case("passport verify", "the signature by key")
def a_checkpoint_at_another_time(shown: Shown) -> None:
    """The witness's time is moved ahead, to make the passport look fresh."""
    shown.edit(lambda whole: whole.update(checkpoint=at_another_time(whole["checkpoint"], shown.chain.now + DAY)))


@case("passport verify", "does not lead to the root")
def a_checkpoint_from_the_chain_of_another_model(shown: Shown) -> None:
    """The checkpoint is that of another log of the same people."""
    shown.edit(lambda whole: whole.update(checkpoint=of_another_model()["checkpoint"]))


@case("passport verify", "the checkpoint is of the log example.org/elsewhere")
def a_checkpoint_of_another_origin(shown: Shown) -> None:
    """The checkpoint is of a log of another name, signed by the same keys."""
    note = shown.chain.cosigned(sign(Checkpoint("example.org/elsewhere", 13, b"r" * 32), shown.chain.keys["log"]))
    shown.edit(lambda whole: whole.update(checkpoint=note))


# inclusion


@case("passport verify", "does not lead to the root")
def proofs_swapped(shown: Shown) -> None:
    """Two statements change their proofs."""
    shown.edit(lambda whole: swap(whole, "proof"))


@case("passport verify", "commits another")
def envelopes_swapped(shown: Shown) -> None:
    """Two statements change their envelopes."""
    shown.edit(lambda whole: swap(whole, "envelope"))


@case("passport verify", "does not lead to the root")
def records_and_envelopes_swapped(shown: Shown) -> None:
    """Two statements change all but their numbers and proofs."""
    shown.edit(lambda whole: (swap(whole, "envelope"), swap(whole, "record")))


@case("passport verify", "proof")
def a_proof_cut(shown: Shown) -> None:
    """The last hash of a proof is left out."""
    shown.edit(lambda whole: statement(whole, SCAN)["proof"].pop())


@case("passport verify", "proof")
def a_proof_prolonged(shown: Shown) -> None:
    """The first hash of a proof stands twice."""
    shown.edit(lambda whole: statement(whole, SCAN)["proof"].insert(0, statement(whole, SCAN)["proof"][0]))


@case("passport verify", "does not lead to the root")
def a_time_moved(shown: Shown) -> None:
    """A record claims a later time, so that an old scan looks new."""
    shown.edit(lambda whole: statement(whole, SCAN)["record"].update(time=START + 11))


@case("passport verify", "lists other subjects than its statement")
def a_subject_hidden(shown: Shown) -> None:
    """A record no longer says that it is about the model."""
    shown.edit(lambda whole: statement(whole, SCAN)["record"].update(subjects=[str(sha256(b"other"))]))


# statements


@case("passport verify", "commits another")
def a_scan_of_another_chain(shown: Shown) -> None:
    """The scan is replaced by one of another model's chain, record and proof to match."""
    theirs = statement(of_another_model(), SCAN)
    shown.edit(lambda whole: statement(whole, SCAN).update(envelope=theirs["envelope"]))


@case("passport verify", "does not lead to the root")
def a_statement_of_another_chain(shown: Shown) -> None:
    """A whole statement is replaced by that of another model's chain."""
    theirs = statement(of_another_model(), SCAN)
    shown.edit(lambda whole: statement(whole, SCAN).update(theirs))


@case("passport verify", "does not lead to the root")
def all_statements_of_another_chain(shown: Shown) -> None:
    """All statements are replaced by those of another model's chain."""
    shown.edit(lambda whole: whole.update(statements=of_another_model()["statements"]))


@case("passport verify", "commits another")
def a_payload_edited(shown: Shown) -> None:
    """An evaluation's metric is edited, under its old signature."""
    shown.edit(lambda whole: statement(whole, EVALUATED)["envelope"].update(payload=better(whole)))


@case("passport verify", "commits another")
def a_signature_of_the_other_half(shown: Shown) -> None:
    """An ECDSA signature is replaced by the other one that holds for the same message."""
    shown.edit(lambda whole: high_s(statement(whole, EVALUATED)["envelope"]["signatures"][0]))


@case("passport verify", "no signature")
def a_statement_without_signatures(shown: Shown) -> None:
    """A statement's signatures are taken out."""
    shown.edit(lambda whole: statement(whole, SCAN)["envelope"].update(signatures=[]))


@case("passport verify", "base64")
def a_payload_encoded_differently(shown: Shown) -> None:
    """The same payload in another base64 text: the bits that no byte has are set."""
    shown.edit(lambda whole: loose_base64([item["envelope"] for item in whole["statements"]]))


@case("passport verify", "twice")
def a_payload_with_a_member_twice(shown: Shown) -> None:
    """A payload says its result twice."""
    shown.edit(lambda whole: twice(statement(whole, SCAN)["envelope"]))


@case("passport verify", "statements are not sorted and unique")
def statements_out_of_order(shown: Shown) -> None:
    """The last statement stands first."""
    shown.edit(lambda whole: whole["statements"].insert(0, whole["statements"].pop()))


@case("passport verify", "statements are not sorted and unique")
def a_statement_repeated(shown: Shown) -> None:
    """A statement stands twice."""
    shown.edit(lambda whole: whole["statements"].insert(0, whole["statements"][0]))


# completeness


@case("passport verify", "the index lists entry 9")
def a_statement_left_out(shown: Shown) -> None:
    """The scan is left out."""
    shown.edit(lambda whole: whole["statements"].remove(statement(whole, SCAN)))


@case("passport verify", "the index lists entry 12")
def a_failing_scan_left_out(shown: Shown) -> None:
    """A second scan, which failed, is left out."""
    shown.take(denied_chain().publish())
    shown.edit(lambda whole: whole["statements"].remove(statement(whole, 12)))


@case("passport verify", "the index lists entry 12")
def a_revocation_left_out(shown: Shown) -> None:
    """The model's revocation is left out."""
    shown.take(revoked().publish())
    shown.edit(lambda whole: whole["statements"].remove(statement(whole, 12)))


@case("passport verify", "is not the leaf right after it")
def a_revocation_left_out_with_its_leaf(shown: Shown) -> None:
    """The revocation is left out, and the leaf that names it."""
    shown.take(revoked().publish())
    shown.edit(lambda whole: (whole["statements"].remove(statement(whole, 12)), drop_leaf(whole, 12)))


@case("passport verify", "leaves out the range of a digest")
def a_range_left_out(shown: Shown) -> None:
    """The range of an ancestor is left out."""
    shown.edit(lambda whole: whole["index"]["ranges"].remove(range_of(whole, str(TRAIN.digests[0]))))


@case("passport verify", "nothing in it leads to")
def a_range_more(shown: Shown) -> None:
    """A true range of the index is added that has nothing to do with the model."""
    stray = shown.chain.index_tree().range(shown.chain.key_digest("stranger")).to_json()
    shown.edit(lambda whole: (whole["index"]["ranges"].append(stray), sort_ranges(whole)))


@case("passport verify", "does not show what stands before position")
def a_neighbour_made_up(shown: Shown) -> None:
    """A range's left neighbour is another leaf, so that the range looks whole."""
    shown.edit(lambda whole: range_of(whole, str(TRAIN.digests[0])).update(left=whole["index"]["ranges"][0]["left"]))


@case("passport verify", "the index of size 12 at entry 12 is not the last of 15")
def a_stale_index(shown: Shown) -> None:
    """The index of before a failing scan is shown, with its ranges, under a checkpoint that covers the scan."""
    chain = Chain().good().publish()
    chain.scan(result="fail")
    passport = collect(chain.publish().log, gate="load", subject=chain.subject)  # type: ignore[arg-type]
    before = ledger_index.of_entries(chain.log.entries()[:12])
    items = {n: item_of(chain, n) for n in (*passport.items, 12) if n <= 12}
    ranges = {digest: before.range(digest) for digest in passport.ranges}
    shown.data = encode(replace(passport, index=12, items=items, ranges=ranges, verdict=fitting(chain, passport)))


@case("passport verify", "the index of size")
def an_index_of_another_size(shown: Shown) -> None:
    """The log signs an index that claims another size."""
    shown.take(Chain().good().publish(size=11))


@case("passport verify", "of another tree than the checkpoint")
def an_index_of_another_tree(shown: Shown) -> None:
    """The log signs an index of another tree."""
    shown.take(Chain().good().publish(root="0" * 64))


@case("passport verify", "no trusted key has the id")
def an_index_by_somebody_else(shown: Shown) -> None:
    """The index is signed by the gate's key."""
    chain = Chain().good()
    logs = chain.keys["log"]
    chain.keys = chain.keys | {"log": chain.keys["gate"]}
    chain.publish()
    chain.keys = chain.keys | {"log": logs}
    chain.log.note = chain.cosigned(chain.checkpoint())
    shown.take(chain)


# verdict


@case("passport verify", "the passport's verdict is not the one")
def an_allow_for_a_deny(shown: Shown) -> None:
    """A denied model's passport says allow."""
    shown.take(denied_chain().publish())
    shown.edit(lambda whole: whole.update(verdict=opened(good_passport()[1])["verdict"]))


@case("passport verify", "the passport's verdict is not the one")
def a_verdict_made_fresh(shown: Shown) -> None:
    """The verdict says a later time than its evidence."""
    shown.edit(lambda whole: whole["verdict"].update(at=format_instant(START + DAY)))


@case("passport verify", "the passport's verdict is not the one")
def a_reason_left_out(shown: Shown) -> None:
    """One rule is left out of the verdict."""
    shown.edit(lambda whole: whole["verdict"]["reasons"].pop())


@case("passport verify", "the passport's verdict is not the one")
def a_reason_edited(shown: Shown) -> None:
    """What was seen is edited: a better metric."""
    shown.edit(lambda whole: whole["verdict"]["reasons"][-1].update(seen="1"))


# what the chain itself says


@case("passport verify", "denied: model-scan.high, model-scan.result")
def a_later_good_scan_over_a_failing_one(shown: Shown) -> None:
    """A failing scan is followed by a good one."""
    chain = denied_chain()
    chain.scan(validUntil=format_instant(START + 50 * DAY))
    shown.take(chain.publish())


@case("passport verify", "denied: model-scan.high, model-scan.result")
def an_exception_by_the_producer(shown: Shown) -> None:
    """The producer excuses a failing scan, which only the approver may."""
    chain = Chain().good()
    failed = chain.scan(result="fail", findings=[HIGH])
    chain.excuse(failed, role="producer")
    shown.take(chain.publish())


@case("passport verify", "denied: not-revoked")
def a_revoked_model(shown: Shown) -> None:
    """A revoked model is excused and scanned again."""
    chain = revoked()
    chain.scan(validUntil=format_instant(START + 50 * DAY))
    shown.take(chain.publish())


@case("passport verify", "on which this chain stands, is revoked by")
def a_revoked_root(shown: Shown) -> None:
    """The root's key is revoked."""
    chain = Chain().good()
    chain.revoke(chain.key_digest("root"))
    shown.take(chain.publish())


@case("passport verify", "denied: distinct-signers")
def a_scan_by_two(shown: Shown) -> None:
    """The producer signs the scan beside the scanner, where policy wants them apart."""
    chain = Chain()
    more = chain.grant("producer", MODEL_SCAN, "model/tumour")
    chain.trust_predicate = chain.make_trust() | {"grants": [*chain.make_trust()["grants"], more]}
    chain.found()
    chain.inputs()
    chain.provenance()
    chain.scan(("producer", "scanner"))
    chain.evaluation()
    chain.artefact()
    shown.take(chain.publish())


# time


@case("gate", "held as of")
def an_old_passport(shown: Shown) -> None:
    """A passport from before a revocation is shown a month later."""
    shown.now = START + 30 * DAY


@case("gate", "the clock says")
def a_passport_from_the_future(shown: Shown) -> None:
    """The reader's clock is an hour behind the witnesses."""
    shown.now = START - 3600


@case("passport verify", "the trust was valid until")
def a_trust_that_has_ended(shown: Shown) -> None:
    """The checkpoint is from after the trust's end."""
    chain = Chain(now=START + 201 * DAY).good()
    shown.take(chain.publish())


# hands


def item_of(chain: Chain, number: int) -> Item:
    """Return an entry of a log as a passport shows it, under the tree of now."""
    proof = tuple(chain.tree().inclusion_proof(number))
    return Item(number, chain.log.entry(number), proof, dsse.decode_envelope(chain.log.envelope(number)))


def rotated() -> Chain:
    """Return a chain whose root was replaced by a second version, signed by both."""
    chain = Chain().good()
    second = chain.make_root("approver", version=2)
    chain.say(("root", "approver"), ROOT.type, chain.realm, second)
    chain.retrust("approver", rootVersion=2)
    return chain.publish()


def revoked() -> Chain:
    chain = Chain().good()
    chain.revoke(chain.subject.digest)
    return chain


def lines(text: str, *kept: int) -> str:
    """Return a note without all signatures but those kept: 0 is the witness's, 1 the log's."""
    signed = Note.parse(text)
    return Note(signed.text, tuple(signed.signatures[1 - n] for n in kept)).format()


def with_a_stranger(text: str) -> str:
    signed = Note.parse(text)
    other = Note.parse(sign(Checkpoint(ORIGIN, 13, b"r" * 32), keys(0)["stranger"]))
    return Note(signed.text, (*signed.signatures, *other.signatures)).format()


def at_another_time(text: str, time: int) -> str:
    signed = Note.parse(text)
    by_log, cosigned = signed.signatures
    later = replace(cosigned, signature=time.to_bytes(8, "big") + cosigned.signature[8:])
    return Note(signed.text, (by_log, later)).format()


def swap(whole: Any, part: str) -> None:
    one, two = statement(whole, SCAN), statement(whole, ARTEFACT)
    one[part], two[part] = two[part], one[part]


def better(whole: Any) -> str:
    payload = base64.b64decode(statement(whole, EVALUATED)["envelope"]["payload"])
    assert b"0.97" in payload
    return base64.b64encode(payload.replace(b"0.97", b"0.99")).decode()


def high_s(signature: Any) -> None:
    r, s = decode_dss_signature(base64.b64decode(signature["sig"]))
    signature["sig"] = base64.b64encode(encode_dss_signature(r, P256_ORDER - s)).decode()


def loose_base64(envelopes: list[Any]) -> None:
    envelope = next(one for one in envelopes if one["payload"].endswith("="))
    text = envelope["payload"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    envelope["payload"] = body[:-1] + letters[letters.index(body[-1]) + 1] + text[len(body) :]


def twice(envelope: Any) -> None:
    payload = base64.b64decode(envelope["payload"])
    envelope["payload"] = base64.b64encode(payload.replace(b'"result":', b'"result":"fail","result":')).decode()


def range_of(whole: Any, digest: str) -> Any:
    return next(found for found in whole["index"]["ranges"] if found["digest"] == digest)


def drop_leaf(whole: Any, entry: int) -> None:
    for found in whole["index"]["ranges"]:
        found["leaves"] = [leaf for leaf in found["leaves"] if leaf["entry"] != entry]


def sort_ranges(whole: Any) -> None:
    whole["index"]["ranges"].sort(key=lambda found: found["digest"])
