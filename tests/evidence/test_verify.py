"""From an envelope to a verified statement: which key, for what, about what, and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hauberk.digest import Digest
from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.evidence.predicates import INDEX, MODEL_SCAN, ROOT, TRUST
from hauberk.evidence.trust import Trust
from hauberk.evidence.verify import Logged, sort_out, verify, verify_index
from hauberk.signature import dsse
from hauberk.signature.key import low_s
from hauberk.statement import Envelope, Named, Signature
from simulator import DAY, HIGH, ORIGIN, SCRIPT, START, Chain, core, named

NOON = START + DAY


def scan(chain: Chain, role: Any = "scanner", *, time: int = NOON, **changes: Any) -> Logged:
    thing = changes.pop("thing", chain.model)
    return Logged(chain.say(role, MODEL_SCAN.type, thing, core(files=[]) | changes, log=False), 7, time)


def resigned(item: Logged, *signatures: Signature) -> Logged:
    return replace(item, envelope=Envelope(item.envelope.payload, tuple(sorted(signatures, key=lambda s: s.keyid))))


# what holds


def test_a_granted_key_makes_a_statement_hold():
    chain = Chain()
    verified = verify(scan(chain), chain.trust)
    assert verified.signers == (chain.keys["scanner"].public.keyid,)
    assert (verified.time, verified.entry) == (NOON, 7)
    assert verified.id == dsse.statement_id(verified.envelope.payload)


def test_of_two_signers_the_one_with_the_grant_counts():
    chain = Chain()
    assert verify(scan(chain, ("producer", "scanner")), chain.trust).signers == (chain.keys["scanner"].public.keyid,)


@pytest.mark.parametrize("time", [START - DAY, START + 300 * DAY])
def test_a_grant_holds_from_its_first_second_to_its_last(time: int):
    chain = Chain()
    assert verify(scan(chain, time=time), chain.trust).time == time


def test_a_key_that_was_replaced_still_holds_for_what_was_logged_before():
    chain = Chain()
    stolen = Trust.of(chain.make_trust(not_after={"scanner": NOON}))
    assert verify(scan(chain, time=NOON), stolen)
    with pytest.raises(NotVerified, match="scanner may not sign model-scan"):
        verify(scan(chain, time=NOON + 1), stolen)


# what does not


@pytest.mark.parametrize("time", [START - DAY - 1, START + 300 * DAY + 1, 0])
def test_a_statement_outside_of_its_grants_time_is_refused(time: int):
    chain = Chain()
    with pytest.raises(NotVerified, match="may not sign model-scan about model/tumour at that time"):
        verify(scan(chain, time=time), chain.trust)


@pytest.mark.parametrize("role", ["producer", "approver", "gate"])
def test_a_key_of_another_role_is_refused(role: str):
    chain = Chain()
    with pytest.raises(NotVerified, match=f"{role} may not sign model-scan"):
        verify(scan(chain, role), chain.trust)


@pytest.mark.parametrize("role", ["stranger", "root", "log", "witness"])
def test_a_key_that_trust_does_not_list_is_refused(role: str):
    chain = Chain()
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        verify(scan(chain, role), chain.trust)


def test_a_stranger_beside_a_granted_key_spoils_the_envelope():
    chain = Chain()
    with pytest.raises(NotVerified, match="no trusted key has the id"):
        verify(scan(chain, ("scanner", "stranger")), chain.trust)


def test_a_false_signature_beside_a_good_one_spoils_the_envelope():
    chain = Chain()
    both = scan(chain, ("producer", "scanner"))
    good = {s.keyid: s for s in both.envelope.signatures}
    scanner, producer = (chain.keys[role].public.keyid for role in ("scanner", "producer"))
    other = scan(chain, "producer", findings=[HIGH]).envelope.signatures[0]
    with pytest.raises(NotVerified, match="the signature by key"):
        verify(resigned(both, good[scanner], replace(other, keyid=producer)), chain.trust)


def test_one_of_two_signatures_may_be_left_out_and_the_statement_keeps_its_id():
    chain = Chain()
    both = scan(chain, ("producer", "scanner"))
    good = {s.keyid: s for s in both.envelope.signatures}
    alone = verify(resigned(both, good[chain.keys["scanner"].public.keyid]), chain.trust)
    assert alone.id == verify(both, chain.trust).id


def test_a_signature_under_the_id_of_another_key_is_refused():
    chain = Chain()
    item = scan(chain, "producer")
    moved = replace(item.envelope.signatures[0], keyid=chain.keys["scanner"].public.keyid)
    with pytest.raises(NotVerified, match="the signature by key"):
        verify(resigned(item, moved), chain.trust)


def test_a_signature_of_another_statement_is_refused():
    chain = Chain()
    item, other = scan(chain), scan(chain, findings=[HIGH])
    with pytest.raises(NotVerified, match="the signature by key"):
        verify(resigned(item, *other.envelope.signatures), chain.trust)


def test_a_subject_swapped_under_a_signature_is_refused():
    chain = Chain()
    item, other = scan(chain), scan(chain, thing=named("model/tumour", b"malware"))
    with pytest.raises(NotVerified, match="the signature by key"):
        verify(replace(item, envelope=replace(item.envelope, payload=other.envelope.payload)), chain.trust)


@pytest.mark.parametrize("label", ["model/other", "model/tumour2", "model/Tumour", "dataset/tumour", "models/tumour"])
def test_a_subject_outside_of_the_grant_is_refused(label: str):
    chain = Chain()
    with pytest.raises(NotVerified, match=f"about {label}"):
        verify(scan(chain, thing=named(label, b"x")), chain.trust)


def test_one_subject_outside_of_the_grant_spoils_the_statement():
    chain = Chain()
    with pytest.raises(NotVerified, match="scanner may not sign"):
        verify(scan(chain, thing=(chain.model, named("model/other", b"x"))), chain.trust)


def test_two_keys_with_half_a_grant_each_do_not_make_one():
    chain = Chain()
    trust = chain.trust_with(chain.grant("gate", MODEL_SCAN, "model/other"))
    with pytest.raises(NotVerified, match="may not sign"):
        verify(scan(chain, ("gate", "scanner"), thing=(chain.model, named("model/other", b"x"))), trust)


@pytest.mark.parametrize("predicate", [ROOT, TRUST, INDEX])
def test_no_grant_lets_a_key_sign_root_trust_or_index(predicate: Any):
    chain = Chain()
    body = {ROOT.name: chain.root_predicate, TRUST.name: chain.trust_predicate, INDEX.name: _index()}
    trust = chain.trust_with(chain.grant("gate", predicate, "model/*"))
    item = Logged(chain.say("gate", predicate.type, chain.model, body[predicate.name], log=False), 0, NOON)
    with pytest.raises(NotVerified, match=f"no grant lets a key sign a statement of the kind {predicate.name}"):
        verify(item, trust)


def test_an_unknown_predicate_is_refused():
    chain = Chain()
    with pytest.raises(Malformed, match="no predicate of the type 'urn:hauberk:model-scan:v2'"):
        verify(
            Logged(chain.say("scanner", "urn:hauberk:model-scan:v2", chain.model, {}, log=False), 0, NOON), chain.trust
        )


def test_the_second_ecdsa_signature_of_the_same_statement_is_refused():
    chain = Chain()
    item = Logged(chain.artefact(), 0, NOON)
    (good,) = item.envelope.signatures
    assert low_s(good.sig) == good.sig
    with pytest.raises(NotVerified, match="low-S"):
        verify(resigned(item, replace(good, sig=high_s(good.sig))), chain.trust)


def high_s(signature: bytes) -> bytes:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, order - s)


# every bit


@pytest.mark.parametrize("role", ["producer", "scanner"])
def test_every_flipped_bit_of_an_envelope_is_refused(role: str):
    chain = Chain()
    good = chain.boundary(SCRIPT, "source") if role == "producer" else scan(chain).envelope
    data = dsse.encode_envelope(good)
    assert len(data) < 16_384
    accepted = [position for position in range(len(data) * 8) if _holds(_flipped(data, position), chain.trust)]
    assert accepted == []


def test_every_truncation_of_an_envelope_is_refused():
    chain = Chain()
    data = dsse.encode_envelope(scan(chain).envelope)
    assert [length for length in range(len(data)) if _holds(data[:length], chain.trust)] == []


def _flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position // 8] ^= 1 << position % 8
    return bytes(changed)


def _holds(data: bytes, trust: Trust) -> bool:
    try:
        verify(Logged(dsse.decode_envelope(data), 0, NOON), trust)
    except HauberkError:
        return False
    return True


# the index, signed by the log


def test_an_index_is_signed_by_the_log_and_nobody_else():
    chain = Chain().good().publish()
    last = chain.logged()[-1]
    assert verify_index(last, chain.trust).entry == chain.index
    for roles in (("log", "gate"), ("gate",)):
        forged = Logged(chain.say(roles, INDEX.type, _log(), _index(), log=False), 0, NOON)
        with pytest.raises(NotVerified, match="no trusted key"):
            verify_index(forged, chain.trust)


def test_another_statement_by_the_log_is_no_index():
    chain = Chain()
    with pytest.raises(NotVerified, match="the statement is not an index"):
        verify_index(scan(chain, "log"), chain.trust)


def _log() -> Named:
    return Named(f"log/{ORIGIN}", (Digest("rfc6962", "0" * 64),))


def _index() -> dict[str, Any]:
    return {"origin": ORIGIN, "size": 1, "root": "0" * 64, "count": 0, "indexRoot": "0" * 64}


# sorting out


def test_what_holds_and_what_does_not_are_kept_apart_and_authorities_are_neither():
    chain = Chain().good()
    chain.scan("stranger", result="fail")
    held, rest = sort_out(chain.logged(), chain.trust)
    assert {v.statement.predicate_type for v in held}.isdisjoint({ROOT.type, TRUST.type, INDEX.type})
    (other,) = rest
    assert other.why.startswith("no trusted key has the id")
    assert other.signers == (chain.keys["stranger"].public.keyid,)
    assert other.shaped


def test_a_malformed_predicate_is_kept_and_never_asked():
    chain = Chain()
    chain.say("scanner", MODEL_SCAN.type, chain.model, {"result": "pass"})
    held, (rest,) = sort_out(chain.logged(), chain.trust)
    assert held == ()
    assert not rest.shaped
    assert rest.edges == ()
    assert "lacks" in rest.why


def test_a_payload_that_is_no_statement_is_an_error_and_never_left_out():
    chain = Chain()
    with pytest.raises(Malformed, match="statement"):
        sort_out([replace(scan(chain), envelope=Envelope(b"{}", scan(chain).envelope.signatures))], chain.trust)


def test_a_then_b_is_as_b_then_a():
    chain, other = Chain().good(), Chain(files={"m": b"x"}).good()
    trust = chain.trust
    first = [sort_out(chain.logged(), trust), sort_out(other.logged(), trust)]
    second = [sort_out(other.logged(), trust), sort_out(chain.logged(), trust)]
    assert first == second[::-1]
    assert Trust.of(chain.trust_predicate) == trust
