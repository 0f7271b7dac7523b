"""Public keys and signers: few kinds, one identity, one signature encoding each.

A key's identity (`keyid`) is the hex SHA-256 of its DER SubjectPublicKeyInfo, which must be the canonical DER that
`cryptography` writes: an EC point in compressed form would give one key two identities.
ECDSA signatures are DER with low S (the other half of each pair is refused, so a signature has one text); the hash goes
with the curve. Statements are signed by Ed25519 and EC P-256, which is what trust files name; models by all of NIST's
curves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hauberk.errors import Malformed, NotVerified


class KeyKind(StrEnum):
    """The kinds of key that sign."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"
    ECDSA_P521 = "ecdsa-p521"


STATEMENT_KINDS = frozenset({KeyKind.ED25519, KeyKind.ECDSA_P256})  # those that roots and trust files name


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of FIPS 186-5 (SP 800-186), its order, and the hash that goes with it in OMS v1.0 and in Sigstore."""

    curve: ec.EllipticCurve
    order: int
    hash: hashes.HashAlgorithm


CURVES = {
    KeyKind.ECDSA_P256: Curve(
        ec.SECP256R1(), 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551, hashes.SHA256()
    ),
    KeyKind.ECDSA_P384: Curve(
        ec.SECP384R1(),
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        hashes.SHA384(),
    ),
    KeyKind.ECDSA_P521: Curve(
        ec.SECP521R1(),
        0x01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409,
        hashes.SHA512(),
    ),
}


class Signer(Protocol):
    """Something that holds a private key; it states its kind and never gives the key out."""

    @property
    def public(self) -> PublicKey:
        """Return the public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message: 64 bytes for Ed25519, DER with low S for ECDSA over the curve's hash."""
        ...


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, by its DER SubjectPublicKeyInfo."""

    kind: KeyKind
    spki: bytes

    def __post_init__(self) -> None:
        _load(self)

    @property
    def keyid(self) -> str:
        """Return the hex SHA-256 of the DER SubjectPublicKeyInfo."""
        return hashlib.sha256(self.spki).hexdigest()

    @property
    def pem(self) -> bytes:
        """Return the PEM SubjectPublicKeyInfo, as `cryptography` and OpenSSL write it."""
        return _load(self).public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    @property
    def raw_ed25519(self) -> bytes:
        """Return the 32 bytes of an Ed25519 key (RFC 8032); raise `Malformed` for another kind."""
        key = _load(self)
        if not isinstance(key, ed25519.Ed25519PublicKey):
            raise Malformed(f"an Ed25519 key is needed here, this is {self.kind}", "`hauberk key new NAME` makes one")
        return key.public_bytes_raw()

    @classmethod
    def from_spki(cls, spki: bytes) -> PublicKey:
        """Read a DER SubjectPublicKeyInfo of a kind that signs; raise `Malformed` for anything else."""
        return cls(_kind_of(_parse(spki)), spki)

    @classmethod
    def from_pem(cls, pem: bytes) -> PublicKey:
        """Read a PEM public key of a kind that signs; raise `Malformed` for anything else."""
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Malformed(f"not a PEM public key: {error}", "it begins with -----BEGIN PUBLIC KEY-----") from None
        return cls.of(key)

    @classmethod
    def of(cls, key: object) -> PublicKey:
        """Wrap a `cryptography` public key; raise `Malformed` for a kind that signs nothing here."""
        kind = _kind_of(key)
        assert isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
        return cls(kind, key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))

    @classmethod
    def from_raw_ed25519(cls, raw: bytes) -> PublicKey:
        """Wrap the 32 bytes of an Ed25519 public key (RFC 8032)."""
        try:
            return cls.of(ed25519.Ed25519PublicKey.from_public_bytes(raw))
        except ValueError as error:
            raise Malformed(f"not an Ed25519 public key: {error}") from None

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `NotVerified` unless `signature` is the one encoding of a signature of `message` by this key."""
        key = _load(self)
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, message)
            else:
                _check_low_s(signature, self.kind)
                key.verify(signature, message, ec.ECDSA(CURVES[self.kind].hash))
        except InvalidSignature:
            raise NotVerified(f"the signature by key {self.keyid[:16]}… does not hold") from None


def low_s(signature: bytes, kind: KeyKind = KeyKind.ECDSA_P256) -> bytes:
    """Return the DER ECDSA signature by a key of this kind, with the smaller of the two values of S."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, CURVES[kind].order - s))


def _check_low_s(signature: bytes, kind: KeyKind) -> None:
    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        raise NotVerified("the ECDSA signature is not DER") from None
    if s > CURVES[kind].order // 2 or encode_dss_signature(r, s) != signature:
        raise NotVerified("the ECDSA signature is not in its low-S DER form")


def _parse(spki: bytes) -> object:
    try:
        return serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed(f"not a DER SubjectPublicKeyInfo: {error}") from None


def _kind_of(key: object) -> KeyKind:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return KeyKind.ED25519
    if isinstance(key, ec.EllipticCurvePublicKey):
        for kind, curve in CURVES.items():
            if key.curve.name == curve.curve.name:
                return kind
    raise Malformed(
        f"a key of kind {type(key).__name__} signs nothing here", "use Ed25519, or EC P-256 for the producer"
    )


@lru_cache(maxsize=4096)  # a pure function of its argument; one chain has few keys and many signatures
def _load(public: PublicKey) -> ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey:
    key = _parse(public.spki)
    kind = _kind_of(key)
    assert isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
    written = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if kind != public.kind or written != public.spki:
        raise Malformed("the SubjectPublicKeyInfo is not in its canonical DER form, or is of another kind")
    return key
