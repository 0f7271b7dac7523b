"""DSSE envelopes over in-toto statements: one text for one envelope, both ways.

Source: DSSE v1.0.2 (protocol and envelope), in-toto Attestation Framework v1 (Statement).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, sha256
from hauberk.errors import Malformed, NotVerified
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64, jcs
from hauberk.statement import PAYLOAD_TYPE, STATEMENT_TYPE, Envelope, Named, Signature, Statement
from hauberk.subject import check_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hauberk.signature.key import PublicKey, Signer

# How an envelope with one signature is written, as most are: what is around the payload, in which nothing is escaped.
_BEFORE = b'{"payload":"'
_WRITTEN = b'{"payload":"%s","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"%s","sig":"%s"}]}'
_ONE_SIGNATURE = re.compile(
    rb',"payloadType":"application/vnd\.in-toto\+json",'
    rb'"signatures":\[\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/=]*)"\}\]\}'
)
_STATEMENT, _NAMED = ["_type", "predicate", "predicateType", "subject"], ["digest", "name"]  # keys, as they are sorted
_COMMON_DIGEST = re.compile(r"(?:sha256|dirHash|rfc6962):[0-9a-f]{64}", re.ASCII)
_KEYID = re.compile(r"[0-9a-f]{64}", re.ASCII)


def pre_authentication_encoding(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Return the bytes that a DSSE signature covers; lengths are ASCII decimals of bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def statement_id(payload: bytes) -> Digest:
    """Return the identity of a statement: SHA-256 of the pre-authentication encoding, never of the envelope."""
    return sha256(pre_authentication_encoding(payload))


def sign(statement: Statement, signers: Iterable[Signer]) -> Envelope:
    """Return the envelope of a statement, signed by each signer."""
    payload = encode_statement(statement)
    message = pre_authentication_encoding(payload)
    signatures = [Signature(signer.public.keyid, signer.sign(message)) for signer in signers]
    return Envelope(payload, tuple(sorted(signatures, key=lambda s: s.keyid)))


def verify(envelope: Envelope, key_of: Callable[[str], PublicKey | None]) -> tuple[str, ...]:
    """Return the keyids of an envelope after every listed signature has been verified.

    Args:
        envelope: what was read.
        key_of: finds a public key by keyid.

    Raises:
        NotVerified: a keyid that `key_of` does not know, or a signature that does not hold.
    """
    message = pre_authentication_encoding(envelope.payload)
    for signature in envelope.signatures:
        key = key_of(signature.keyid)
        if key is None:
            raise NotVerified(f"no trusted key has the id {signature.keyid}")
        key.verify(signature.sig, message)
    return tuple(signature.keyid for signature in envelope.signatures)


def encode_envelope(envelope: Envelope) -> bytes:
    """Return the canonical JSON of an envelope."""
    if len(envelope.signatures) == 1 and _KEYID.fullmatch(envelope.signatures[0].keyid):
        (one,) = envelope.signatures
        return _WRITTEN % (
            base64.encode(envelope.payload).encode(),
            one.keyid.encode(),
            base64.encode(one.sig).encode(),
        )
    return jcs.encode(envelope_json(envelope))


def envelope_json(envelope: Envelope) -> dict[str, Any]:
    """Return an envelope as plain data."""
    return {
        "payload": base64.encode(envelope.payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": s.keyid, "sig": base64.encode(s.sig)} for s in envelope.signatures],
    }


def decode_envelope(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Envelope:
    """Read an envelope; raise `Malformed` unless `data` is exactly its canonical encoding."""
    if parts := _one_signature(data, limits):
        payload, keyid, sig = parts
        return Envelope(payload, (Signature(keyid, sig),))
    return envelope_of(jcs.decode_canonical(data, what="envelope", limits=limits))


def decode_payload(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the payload of an envelope that `decode_envelope` reads; errors as that."""
    parts = _one_signature(data, limits)
    return parts[0] if parts else decode_envelope(data, limits=limits).payload


def _one_signature(data: bytes, limits: Limits) -> tuple[bytes, str, bytes] | None:
    """Return payload, keyid and signature of an envelope with one signature; None for what is to be read otherwise."""
    end = data.find(b'"', len(_BEFORE))
    signed = _ONE_SIGNATURE.fullmatch(data, end + 1)
    if not (signed and data.startswith(_BEFORE) and len(data) <= limits.max_document_bytes):
        return None
    sig = base64.decode_ascii(signed[2], what="signature")
    return base64.decode_ascii(data[len(_BEFORE) : end], what="envelope's payload"), signed[1].decode("ascii"), sig


def envelope_of(value: Any) -> Envelope:
    """Return the envelope that plain data describes; raise `Malformed` for anything but the form of `envelope_json`."""
    if not isinstance(value, dict) or set(value) != {"payload", "payloadType", "signatures"}:
        raise Malformed("a DSSE envelope has payload, payloadType and signatures, and nothing else")
    listed = value["signatures"]
    if value["payloadType"] != PAYLOAD_TYPE or not isinstance(value["payload"], str):
        raise Malformed(f"the envelope's payload is not {PAYLOAD_TYPE}")
    if not isinstance(listed, list) or not listed:
        raise Malformed("the envelope has no signature")
    signatures = tuple(_signature_of(entry) for entry in listed)
    keyids = [signature.keyid for signature in signatures]
    if keyids != sorted(set(keyids)):
        raise Malformed("the envelope's signatures are not sorted and unique by keyid")
    return Envelope(base64.decode(value["payload"], what="envelope's payload"), signatures)


def encode_statement(statement: Statement) -> bytes:
    """Return the canonical JSON of a statement."""
    subjects = [named_json(s) for s in statement.subjects]
    return jcs.encode(
        {
            "_type": STATEMENT_TYPE,
            "subject": subjects,
            "predicateType": statement.predicate_type,
            "predicate": dict(statement.predicate),
        }
    )


def decode_statement(payload: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Statement:
    """Read a statement of ours; raise `Malformed` unless `payload` is exactly its canonical encoding."""
    value = _statement_value(payload, limits)
    return Statement(tuple(named_of(s) for s in value["subject"]), value["predicateType"], value["predicate"])


def decode_subjects(payload: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[str, tuple[str, ...]]:
    """Return the type of the predicate, and every digest that a statement speaks of, sorted and unique, as texts.

    What `decode_statement` refuses is refused. Digests of the common kinds are not made into values on the way.
    """
    value = _statement_value(payload, limits)
    texts: set[str] = set()
    for one in value["subject"]:
        if type(one) is not dict or list(one) != _NAMED or type(one["digest"]) is not dict or not one["digest"]:
            texts.update(map(str, named_of(one).digests))  # which says what is wrong with it
            continue
        check_label(one["name"] if type(one["name"]) is str else "")
        for algorithm, digits in one["digest"].items():
            text = f"{algorithm}:{digits}"
            if type(digits) is not str or not _COMMON_DIGEST.fullmatch(text):
                text = str(Digest(algorithm, digits if type(digits) is str else ""))
            texts.add(text)
    if not texts:
        raise Malformed("a statement needs a subject")
    return value["predicateType"], tuple(sorted(texts))


def _statement_value(payload: bytes, limits: Limits) -> Any:
    """Return what a statement's payload says, as plain data whose subjects are not looked at."""
    value = jcs.decode_canonical(payload, what="statement", limits=limits)
    if not isinstance(value, dict) or list(value) != _STATEMENT:
        raise Malformed("a statement has _type, subject, predicateType and predicate, and nothing else")
    if value["_type"] != STATEMENT_TYPE:
        raise Malformed(f"the statement's type is not {STATEMENT_TYPE}")
    if not isinstance(value["predicateType"], str) or not isinstance(value["predicate"], dict):
        raise Malformed("the statement's predicateType is not a string, or its predicate not an object")
    if not isinstance(value["subject"], list):
        raise Malformed("the statement's subject is not a list")
    return value


def check_statement(statement: Statement, payload: bytes, *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raise `Malformed` unless `payload` is the encoding of a statement, and one that `decode_statement` reads.

    Encoding and comparing says so without reading the payload again: what is the canonical encoding of plain values is
    read as these values, and what is left to ask is what an encoder does not (labels, length, depth).
    """
    if encode_statement(statement) != payload:
        raise Malformed("the payload is not the encoding of this statement")
    if type(statement.predicate_type) is not str:
        raise Malformed("the statement's predicateType is not a string")
    jcs.check_size(payload, what="statement", limits=limits)
    for named in statement.subjects:
        check_label(named.label)


def check_envelope(envelope: Envelope) -> None:
    """Raise `Malformed` unless an envelope's encoding is one that `decode_envelope` reads."""
    keyids = [signature.keyid for signature in envelope.signatures]
    if not keyids:
        raise Malformed("the envelope has no signature")
    if not all(_KEYID.fullmatch(keyid) for keyid in keyids):
        raise Malformed("a keyid is 64 lowercase hex digits")
    if keyids != sorted(set(keyids)):
        raise Malformed("the envelope's signatures are not sorted and unique by keyid")


def named_of(value: Any) -> Named:
    """Return the thing that `{"name": kind/name, "digest": {algorithm: hex}}` names; raise `Malformed` otherwise."""
    if not isinstance(value, dict) or set(value) != {"name", "digest"}:
        raise Malformed("a subject has a name and a digest, and nothing else")
    check_label(value["name"] if isinstance(value["name"], str) else "")
    return Named(value["name"], digest_set(value["digest"]))


def digest_set(value: Any) -> tuple[Digest, ...]:
    """Return the digests of an in-toto digest set, sorted; raise `Malformed` for an empty or untyped one."""
    if not isinstance(value, dict) or not value:
        raise Malformed("a digest set is an object with at least one digest")
    return tuple(sorted(Digest(name, text if isinstance(text, str) else "") for name, text in value.items()))


def named_json(named: Named) -> Mapping[str, Any]:
    """Return a named thing as plain data: its label and its digest set."""
    return {"name": named.label, "digest": {d.algorithm: d.hex for d in named.digests}}


def _signature_of(value: Any) -> Signature:
    if not isinstance(value, dict) or set(value) != {"keyid", "sig"}:
        raise Malformed("a signature has keyid and sig, and nothing else")
    keyid, sig = value["keyid"], value["sig"]
    if not isinstance(keyid, str) or not _KEYID.fullmatch(keyid) or not isinstance(sig, str):
        raise Malformed("a keyid is 64 lowercase hex digits")
    return Signature(keyid, base64.decode(sig, what="signature"))
