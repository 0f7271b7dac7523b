"""The outside of an OMS bundle: a Sigstore bundle in JSON, around one DSSE envelope. Nothing here is verified.

A bundle says who signed in one of four ways: it names a key by `publicKey.hint`; or, before model-signing 1.1, it
holds the key itself; or it holds a chain of certificates, the signer's first; or, keyless, it holds one certificate of
Sigstore's own authority, with an entry in its log, which `keyless` verifies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hauberk.errors import Malformed, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64, jcs
from hauberk.signature.key import KeyKind
from hauberk.signature.members import members, seen, sequence, text
from hauberk.statement import PAYLOAD_TYPE

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
RESIGN = "ask the signer for a bundle that is signed with an EC key or with a certificate"

MAX_CHAIN = 8
# Sigstore's names for the keys that sign models. Versions before 1.0 used SHA-256 on every curve.
_KEY_DETAILS = {
    "PKIX_ECDSA_P256_SHA_256": KeyKind.ECDSA_P256,
    "PKIX_ECDSA_P384_SHA_384": KeyKind.ECDSA_P384,
    "PKIX_ECDSA_P384_SHA_256": KeyKind.ECDSA_P384,
    "PKIX_ECDSA_P521_SHA_512": KeyKind.ECDSA_P521,
    "PKIX_ECDSA_P521_SHA_256": KeyKind.ECDSA_P521,
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it was read, with nothing verified.

    Attributes:
        payload: the bytes that were signed.
        signature: DER.
        hint: how the bundle names a key, or None.
        raw_key: the key that the bundle holds, or None.
        kind: of the key, where the bundle says it.
        chain: DER certificates, the signer's first; none where it was signed with a key, or keyless.
        certificate: DER, where it was signed keyless.
    """

    payload: bytes
    signature: bytes
    hint: str | None = None
    raw_key: bytes | None = None
    kind: KeyKind | None = None
    chain: tuple[bytes, ...] = ()
    certificate: bytes | None = None


def decode_bundle(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Bundle:
    """Read the JSON of a bundle. Nothing is verified.

    Raises:
        Malformed: it is no bundle of a model.
        Exceeded: larger or deeper than the limits.
        Unavailable: it is signed in a way that is not read here.
    """
    bundle = members(jcs.decode(data, what="bundle", limits=limits), "bundle")
    if bundle.get("mediaType") != MEDIA_TYPE:
        raise Malformed(f"the bundle's mediaType is {seen(bundle.get('mediaType'))}, not {MEDIA_TYPE}")
    members(bundle, "bundle", needs={"mediaType", "verificationMaterial", "dsseEnvelope"})
    what = "dsseEnvelope"
    envelope = members(bundle[what], what, needs={"payload", "payloadType", "signatures"})
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise Malformed(f"the envelope's payload is {seen(envelope['payloadType'])}, not {PAYLOAD_TYPE}")
    signatures = sequence(envelope["signatures"], "signatures")
    if len(signatures) != 1:
        raise Malformed(f"the envelope has {len(signatures)} signatures, a bundle has one")
    signature = members(signatures[0], "signature", needs={"sig"}, may={"keyid"})
    if signature.get("keyid") not in (None, ""):
        raise Malformed("the signature names its key in keyid; a bundle names it in publicKey.hint")
    return _signed_by(
        bundle["verificationMaterial"],
        base64.decode(text(envelope["payload"], "payload"), what="payload"),
        base64.decode(text(signature["sig"], "sig"), what="signature"),
    )


def encode_bundle(payload: bytes, signature: bytes, *, hint: str = "", chain: tuple[bytes, ...] = ()) -> bytes:
    """Return the bundle in canonical JSON: with a chain of DER certificates, or with a key's hint."""
    certificates = {"certificates": [{"rawBytes": base64.encode(der)} for der in chain]}
    by = {"x509CertificateChain": certificates} if chain else {"publicKey": {"hint": hint}}
    return jcs.encode_plain(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": by | {"tlogEntries": []},
            "dsseEnvelope": {
                "payload": base64.encode(payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": base64.encode(signature), "keyid": ""}],
            },
        }
    )


def _signed_by(value: Any, payload: bytes, signature: bytes) -> Bundle:
    material = members(value, "verificationMaterial")
    if "certificate" in material:
        may = {"timestampVerificationData"}
        members(material, "verificationMaterial", needs={"certificate", "tlogEntries"}, may=may)
        raw = members(material["certificate"], "certificate", needs={"rawBytes"})["rawBytes"]
        der = base64.decode(text(raw, "rawBytes"), what="certificate")
        return Bundle(payload, signature, certificate=der)
    by = "x509CertificateChain" if "x509CertificateChain" in material else "publicKey"
    members(material, "verificationMaterial", needs={by}, may={"tlogEntries"})
    if material.get("tlogEntries") not in (None, []):
        raise Malformed("a bundle that is signed with a key or a chain has no tlogEntries")
    if by == "x509CertificateChain":
        return Bundle(payload, signature, chain=_chain(material[by]))
    key = members(material[by], by, may={"hint", "rawBytes", "keyDetails"})
    details, hint, raw = key.get("keyDetails"), key.get("hint"), key.get("rawBytes")
    if details is not None and (not isinstance(details, str) or details not in _KEY_DETAILS):
        raise Unavailable(f"the bundle is signed with a key of kind {seen(details)}, which signs no models", RESIGN)
    return Bundle(
        payload,
        signature,
        text(hint, "hint") if hint not in (None, "") else None,
        base64.decode(text(raw, "rawBytes"), what="rawBytes") if raw is not None else None,
        _KEY_DETAILS[details] if details is not None else None,
    )


def _chain(value: Any) -> tuple[bytes, ...]:
    listed = sequence(members(value, "x509CertificateChain", needs={"certificates"})["certificates"], "certificates")
    if not 1 <= len(listed) <= MAX_CHAIN:
        raise Malformed(f"the bundle has {len(listed)} certificates, 1 to {MAX_CHAIN} are read")
    each = [members(one, "certificate", needs={"rawBytes"})["rawBytes"] for one in listed]
    return tuple(base64.decode(text(raw, "rawBytes"), what="certificate") for raw in each)
