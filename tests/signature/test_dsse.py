"""DSSE envelopes over in-toto statements: one text for one envelope, and no bit of it can change."""

from __future__ import annotations

import json
import re

import pytest

from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified
from hauberk.limits import Limits
from hauberk.signature import dsse, jcs
from hauberk.statement import Envelope, Named, Signature, Statement
from producer import bit_flips, producer
from signers import SeedSigner

PRODUCER, SCANNER = producer(), SeedSigner("scanner")
KEYS = {signer.public.keyid: signer.public for signer in (PRODUCER, SCANNER)}
STATEMENT = Statement(
    (Named("model/tumour", (Digest("dirHash", "aa" * 32),)),), "urn:hauberk:model-scan:v1", {"result": "pass", "é": [1]}
)


def changed(where: str, value: object) -> dict[str, object]:
    """Return the envelope as plain data with one member set, or removed where `value` is `...`."""
    whole = dsse.envelope_json(dsse.sign(STATEMENT, [PRODUCER, SCANNER]))
    place: object = whole
    *steps, last = [int(step) if step.isdigit() else step for step in where.split(".")]
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole


def test_the_encoding_is_that_of_the_dsse_protocol():
    # DSSE protocol.md, test vectors
    encoded = dsse.pre_authentication_encoding(b"hello world", "http://example.com/HelloWorld")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_of_bytes_and_the_empty_payload_has_one():
    assert dsse.pre_authentication_encoding("é".encode(), "é") == "DSSEv1 2 é 2 é".encode()
    assert dsse.pre_authentication_encoding(b"", "") == b"DSSEv1 0  0 "


def test_the_identity_of_a_statement_is_of_its_encoding():
    assert dsse.statement_id(b"{}") == sha256(b"DSSEv1 28 application/vnd.in-toto+json 2 {}")


def test_a_signed_statement_reads_back():
    envelope = dsse.sign(STATEMENT, [SCANNER, PRODUCER])
    read = dsse.decode_envelope(dsse.encode_envelope(envelope))
    assert read == envelope
    assert dsse.decode_statement(read.payload) == STATEMENT
    assert dsse.verify(read, KEYS.get) == tuple(sorted(KEYS))


def test_the_order_of_signers_does_not_matter():
    one, two = SeedSigner("one"), SeedSigner("two")
    assert dsse.sign(STATEMENT, [one, two]) == dsse.sign(STATEMENT, [two, one])


@pytest.mark.parametrize("signers", [[SCANNER], [PRODUCER], [SCANNER, PRODUCER]], ids=["ed25519", "p256", "both"])
def test_every_bit_flip_of_an_envelope_is_refused(signers):
    statement = Statement((Named("model/m", (Digest("sha256", "aa" * 32),)),), "urn:x", {})
    data = dsse.encode_envelope(dsse.sign(statement, signers))
    for flipped in bit_flips(data):
        with pytest.raises(HauberkError) as caught:
            dsse.verify(dsse.decode_envelope(flipped), KEYS.get)
        assert caught.type in (Malformed, NotVerified)


def test_every_truncation_of_an_envelope_is_refused():
    data = dsse.encode_envelope(dsse.sign(STATEMENT, [SCANNER]))
    for length in range(len(data)):
        with pytest.raises(Malformed):
            dsse.decode_envelope(data[:length])


def test_an_unknown_key_is_refused_by_its_id():
    envelope = dsse.sign(STATEMENT, [SCANNER])
    with pytest.raises(NotVerified, match=SCANNER.public.keyid):
        dsse.verify(envelope, {PRODUCER.public.keyid: PRODUCER.public}.get)


def test_one_signature_that_does_not_hold_is_enough_to_refuse():
    envelope = dsse.sign(STATEMENT, [SCANNER, PRODUCER])
    other = dsse.sign(STATEMENT, [SeedSigner("other")]).signatures[0].sig
    mixed = [Signature(s.keyid, other if s.keyid == SCANNER.public.keyid else s.sig) for s in envelope.signatures]
    with pytest.raises(NotVerified, match="does not hold"):
        dsse.verify(Envelope(envelope.payload, tuple(mixed)), KEYS.get)


def test_signatures_under_each_others_keyid_are_refused():
    one, two = dsse.sign(STATEMENT, [SCANNER, PRODUCER]).signatures
    swapped = (Signature(one.keyid, two.sig), Signature(two.keyid, one.sig))
    with pytest.raises(NotVerified):
        dsse.verify(Envelope(dsse.encode_statement(STATEMENT), swapped), KEYS.get)


def test_a_signature_over_another_payload_type_is_refused():
    payload = dsse.encode_statement(STATEMENT)
    sig = SCANNER.sign(dsse.pre_authentication_encoding(payload, "text/plain"))
    with pytest.raises(NotVerified):
        dsse.verify(Envelope(payload, (Signature(SCANNER.public.keyid, sig),)), KEYS.get)


@pytest.mark.parametrize(
    ("where", "value", "says"),
    [
        ("payload", ..., "nothing else"),
        ("payload", 7, "payload"),
        ("payload", "e30", "base64"),
        ("payload", "e31=", "base64"),
        ("payloadType", "text/plain", "payload is not"),
        ("more", 1, "nothing else"),
        ("signatures", [], "no signature"),
        ("signatures", {}, "no signature"),
        ("signatures", [7], "keyid and sig"),
        ("signatures.0.keyid", ..., "keyid and sig"),
        ("signatures.0.keyid", "", "64 lowercase"),
        ("signatures.0.keyid", None, "64 lowercase"),
        ("signatures.0.keyid", "AA" * 32, "64 lowercase"),
        ("signatures.0.keyid", "ff" * 32, "not sorted"),
        ("signatures.0.sig", "", "signature"),
        ("signatures.0.sig", 7, "64 lowercase"),
        ("signatures.0.more", 1, "keyid and sig"),
    ],
)
def test_an_envelope_of_another_form_is_refused(where, value, says):
    data = jcs.encode(changed(where, value))
    with pytest.raises((Malformed, NotVerified), match=says):
        dsse.verify(dsse.decode_envelope(data), KEYS.get)
    try:
        envelope = dsse.decode_envelope(data)
    except Malformed as error:
        with pytest.raises(Malformed, match=re.escape(error.message)):
            dsse.decode_payload(data)
    else:
        assert dsse.decode_payload(data) == envelope.payload


def test_a_signature_twice_is_refused():
    whole = dsse.envelope_json(dsse.sign(STATEMENT, [SCANNER]))
    whole["signatures"] *= 2
    with pytest.raises(Malformed, match="unique"):
        dsse.decode_envelope(jcs.encode(whole))


def test_an_envelope_that_is_not_canonical_json_is_refused():
    whole = dsse.envelope_json(dsse.sign(STATEMENT, [SCANNER]))
    with pytest.raises(Malformed, match="canonical"):
        dsse.decode_envelope(json.dumps(whole).encode())


def test_a_key_twice_in_an_envelope_is_refused():
    data = dsse.encode_envelope(dsse.sign(STATEMENT, [SCANNER]))
    with pytest.raises(Malformed, match="twice"):
        dsse.decode_envelope(data.replace(b'{"payload":', b'{"payload":"e30=","payload":', 1))


def test_an_envelope_over_the_limit_is_exceeded():
    with pytest.raises(Exceeded):
        dsse.decode_envelope(b"x" * 11, limits=Limits(max_document_bytes=10))


VALID = json.loads(dsse.encode_statement(STATEMENT))
DIGEST = {"sha256": "aa" * 32}


@pytest.mark.parametrize(
    "change",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"more": 1},
        {"predicateType": 7},
        {"predicate": []},
        {"predicate": None},
        {"subject": {}},
        {"subject": []},
        {"subject": [{"name": "model/tumour"}]},
        {"subject": [{"name": "model/tumour", "digest": DIGEST, "uri": "x"}]},
        {"subject": [{"name": "tumour", "digest": DIGEST}]},
        {"subject": [{"name": "Model/tumour", "digest": DIGEST}]},
        {"subject": [{"name": "model/*", "digest": DIGEST}]},
        {"subject": [{"name": "model/a\nb", "digest": DIGEST}]},
        {"subject": [{"name": 7, "digest": DIGEST}]},
        {"subject": [{"name": "model/tumour", "digest": {}}]},
        {"subject": [{"name": "model/tumour", "digest": {"sha256": "AA" * 32}}]},
        {"subject": [{"name": "model/tumour", "digest": {"sha256": "aa" * 31}}]},
        {"subject": [{"name": "model/tumour", "digest": {"sha256": None}}]},
        {"subject": [{"name": "model/tumour", "digest": {"sha256": "aa" * 32, "x": "aa"}}]},
        {"subject": [{"name": "model/tumour", "digest": {"dirHash": "aa" * 32 + "\n"}}]},
        {"subject": [{"name": "model/tumour", "digest": "aa"}]},
        {"subject": ["model/tumour"]},
    ],
)
def test_a_statement_of_another_form_is_refused(change):
    payload = jcs.encode({**VALID, **change})
    for read in (dsse.decode_statement, dsse.decode_subjects):
        with pytest.raises(Malformed):
            read(payload)


@pytest.mark.parametrize(
    "subjects",
    [
        [("model/tumour", {"sha256": "aa" * 32})],
        [("model/tumour", {"sha256": "aa" * 32, "dirHash": "bb" * 32}), ("data/x", {"sha256": "aa" * 32})],
        [("data/ü", {"sha512": "ab" * 64, "rowMerkle": "00" * 32, "rfc6962": "01" * 32}), ("b/y", {"md5": "cd" * 16})],
    ],
)
def test_the_quick_way_reads_what_the_long_way_reads(subjects):
    payload = jcs.encode({**VALID, "subject": [{"name": name, "digest": digests} for name, digests in subjects]})
    read = dsse.decode_statement(payload)
    assert dsse.decode_subjects(payload) == (read.predicate_type, tuple(map(str, read.digests)))
    for signers in ([SCANNER], [SCANNER, PRODUCER]):
        envelope = dsse.sign(read, signers)
        assert dsse.decode_payload(dsse.encode_envelope(envelope)) == envelope.payload == payload


@pytest.mark.parametrize("member", sorted(VALID))
def test_a_statement_without_one_of_its_members_is_refused(member):
    payload = jcs.encode({name: value for name, value in VALID.items() if name != member})
    for read in (dsse.decode_statement, dsse.decode_subjects):
        with pytest.raises(Malformed, match="nothing else"):
            read(payload)


def test_a_statement_that_is_not_canonical_is_refused():
    for read in (dsse.decode_statement, dsse.decode_subjects):
        with pytest.raises(Malformed, match="canonical"):
            read(json.dumps(VALID).encode())


def test_what_is_checked_before_it_is_appended_is_what_is_read_afterwards():
    envelope = dsse.sign(STATEMENT, [PRODUCER, SCANNER])
    dsse.check_statement(STATEMENT, envelope.payload)
    dsse.check_envelope(envelope)
    assert dsse.decode_statement(envelope.payload) == STATEMENT
    assert dsse.decode_envelope(dsse.encode_envelope(envelope)) == envelope


DEEP: dict[str, object] = {}
for _ in range(70):
    DEEP = {"deeper": DEEP}


@pytest.mark.parametrize(
    "statement",
    [
        Statement((Named("tumour", STATEMENT.subjects[0].digests),), "urn:x", {}),
        Statement((Named("model/a\nb", STATEMENT.subjects[0].digests),), "urn:x", {}),
        Statement(STATEMENT.subjects, 7, {}),  # type: ignore[arg-type]
        Statement(STATEMENT.subjects, "urn:x", DEEP),
    ],
)
def test_a_statement_that_nobody_could_read_is_refused_before_it_is_appended(statement):
    payload = dsse.encode_statement(statement)
    for read in (lambda: dsse.check_statement(statement, payload), lambda: dsse.decode_statement(payload)):
        with pytest.raises((Malformed, Exceeded)):
            read()


@pytest.mark.parametrize("predicate", [{"result": True}, {"result": 1}, {"result": 1.5}, {"result": "1"}])
def test_a_statement_is_not_that_of_an_envelope_with_another_value(predicate):
    said = Statement(STATEMENT.subjects, "urn:x", predicate)
    other = Statement(STATEMENT.subjects, "urn:x", {"result": False})
    with pytest.raises(Malformed, match="not the encoding"):
        dsse.check_statement(other, dsse.encode_statement(said))


@pytest.mark.parametrize(
    "signatures",
    [
        (),
        (Signature("AB" * 32, b"s"),),
        (Signature("ab" * 31, b"s"),),
        (Signature("ab" * 32, b"s"), Signature("ab" * 32, b"t")),
        (Signature("bb" * 32, b"s"), Signature("ab" * 32, b"t")),
    ],
)
def test_an_envelope_that_nobody_could_read_is_refused_before_it_is_appended(signatures):
    envelope = Envelope(b"{}", signatures)
    with pytest.raises(Malformed):
        dsse.check_envelope(envelope)
    with pytest.raises(Malformed):
        dsse.decode_envelope(dsse.encode_envelope(envelope))


def test_every_changed_byte_of_an_envelope_with_one_signature_is_another_envelope_or_none():
    data = dsse.encode_envelope(dsse.sign(STATEMENT, [PRODUCER]))
    whole = dsse.decode_envelope(data)
    for flipped in bit_flips(data):
        try:
            read = dsse.decode_envelope(flipped)
        except (Malformed, Exceeded):
            continue
        assert read != whole
        assert dsse.encode_envelope(read) == flipped


def test_an_envelope_over_the_limit_is_refused_however_it_is_written():
    data = dsse.encode_envelope(dsse.sign(STATEMENT, [PRODUCER]))
    with pytest.raises(Exceeded):
        dsse.decode_envelope(data, limits=Limits(max_document_bytes=len(data) - 1))
