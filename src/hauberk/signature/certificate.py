"""Certificates that sign models: a chain to a root that the reader named, for a purpose, at a time, by somebody.

`cryptography` walks the path (RFC 5280 section 6: signatures, validity, basic constraints, path length, name
constraints, critical extensions, no SHA-1). What it leaves to the caller is here, and nothing of it has a default:

| what                  | answer                                                                             |
|-----------------------|------------------------------------------------------------------------------------|
| roots                 | those that the reader gives; never those of the web, of which anybody gets a leaf  |
| time                  | the one that the reader trusts, for each certificate of the path                   |
| purpose               | the leaf has extendedKeyUsage codeSigning, and keyUsage digitalSignature; an       |
|                       | authority that has an extendedKeyUsage has that one, or any                        |
| the leaf              | is no authority, and is not itself a root                                          |
| identity              | the reader's, letter by letter, in the leaf                                        |
| key                   | EC P-256, P-384 or P-521, as OMS v1.0 has it                                       |

Whether a certificate was revoked is not asked: nothing here speaks to a network. Short-lived certificates, or a new
root, are the way out.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.signature.key import PublicKey
from hauberk.signature.oms_bundle import MAX_CHAIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography.x509.verification import Policy

_MAX_CERTIFICATE_BYTES = 64 << 10
_UNREADABLE = (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_NEXT = "ask the signer for a certificate that holds, or name the root and identity that you mean"
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----", re.ASCII)


class IdentityKind(StrEnum):
    """Where in a certificate an identity stands."""

    EMAIL = "email"  # subjectAltName rfc822Name
    URI = "uri"  # subjectAltName uniformResourceIdentifier, such as a SPIFFE id
    DNS = "dns"  # subjectAltName dNSName
    SUBJECT = "subject"  # the distinguished name, as RFC 4514 writes it


_NAMES: dict[IdentityKind, type[x509.RFC822Name | x509.UniformResourceIdentifier | x509.DNSName]] = {
    IdentityKind.EMAIL: x509.RFC822Name,
    IdentityKind.URI: x509.UniformResourceIdentifier,
    IdentityKind.DNS: x509.DNSName,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who must have signed: a kind of name, and the name, letter by letter."""

    kind: IdentityKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Read `email:…`, `uri:…`, `dns:…` or `subject:…`; raise `Misconfigured` for anything else."""
        kind, _, name = text.partition(":")
        if kind not in set(IdentityKind) or not name or "*" in name:
            kinds = ", ".join(f"{kind}:…" for kind in IdentityKind)
            raise Misconfigured(f"{text!r} is no identity", f"write one of {kinds}; there are no patterns")
        return cls(IdentityKind(kind), name)


@dataclass(frozen=True, slots=True)
class Authority:
    """What a reader trusts: whose certificates, at what time, and who must have signed.

    Attributes:
        roots: DER certificates.
        identities: one of them must be in the leaf.
        at: the time at which the whole path must be valid.
    """

    roots: tuple[bytes, ...]
    identities: tuple[Identity, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a key, as a path to a trusted root says."""

    key: PublicKey
    identity: Identity


def read_certificates(pem: bytes, what: str) -> tuple[bytes, ...]:
    """Return the certificates of a PEM file as DER, in its order; raise `Misconfigured` where there are none."""
    try:
        found = tuple(_der(_load(base64.b64decode(block))) for block in _PEM.findall(pem))
    except (ValueError, Malformed) as error:
        raise Misconfigured(f"{what} holds a certificate that cannot be read: {error}") from None
    return found or _no_certificate(what)


def key_of(certificate: bytes) -> PublicKey:
    """Return the key of a DER certificate; raise `Malformed` where it is none, or its key signs no models."""
    return PublicKey.of(_public(_load(certificate)))


def bears(certificate: bytes, identity: Identity) -> bool:
    """Say whether a DER certificate is of an identity, letter by letter."""
    return _bears(_load(certificate), identity)


def identities_of(certificate: bytes) -> tuple[Identity, ...]:
    """Return the identities among the alternative names of a DER certificate."""
    names = _alternative(_load(certificate))
    if names is None:
        return ()
    return tuple(Identity(kind, str(name)) for kind, of in _NAMES.items() for name in names.get_values_for_type(of))


def verify_chain(chain: Sequence[bytes], authority: Authority) -> Holder:
    """Return who holds the key of the first certificate of a chain.

    Args:
        chain: DER certificates, the leaf first; what follows is only used to find a path.
        authority: what is trusted.

    Raises:
        Malformed: not certificates, or more than `MAX_CHAIN`, or the path has an extension that cannot be read.
        NotVerified: there is no path to a root that is good for this, or it is of somebody else.
        Misconfigured: no root or no identity was given, or a root is no certificate.
    """
    if not authority.roots or not authority.identities:
        raise Misconfigured(
            "a certificate is verified with a root and an identity",
            "no root is trusted, and no name, unless you say so",
        )
    if not 1 <= len(chain) <= MAX_CHAIN:
        raise Malformed(f"the bundle has {len(chain)} certificates, 1 to {MAX_CHAIN} are read")
    leaf, *others = [_load(der) for der in chain]
    roots = [_load(der) for der in authority.roots]
    if leaf in roots:
        raise NotVerified("the certificate that signed is itself a root", _NEXT)
    path = _walk(leaf, others, roots, authority.at)
    identity = next((one for one in authority.identities if _bears(leaf, one)), None)
    if identity is None:
        wanted = ", ".join(str(one) for one in authority.identities)
        raise NotVerified(f"the certificate is of {_said(leaf)}, not of {wanted}", _NEXT)
    if identity.kind is IdentityKind.SUBJECT and any(_constrains(one) for one in path):
        raise NotVerified("an authority in the path is limited to some names, and a subject is none of them", _NEXT)
    return Holder(PublicKey.of(_public(leaf)), identity)


def _walk(
    leaf: x509.Certificate, others: list[x509.Certificate], roots: list[x509.Certificate], at: datetime
) -> list[x509.Certificate]:
    verifier = (
        PolicyBuilder()
        .store(Store(roots))
        .time(at.astimezone(UTC).replace(tzinfo=None))  # it takes a naive UTC time
        .max_chain_depth(MAX_CHAIN)
        .extension_policies(ca_policy=_authority_policy(), ee_policy=_leaf_policy())
        .build_client_verifier()
    )
    for one in (leaf, *others):
        _require_valid(one, at)
    try:
        path = verifier.verify(leaf, others).chain
    except (VerificationError, *_UNREADABLE) as error:
        raise NotVerified(f"the certificate leads to no trusted root: {_reason(error)}", _NEXT) from None
    for one in path:
        _require_valid(one, at)
    return path


def _authority_policy() -> ExtensionPolicy:
    usage = x509.ExtendedKeyUsage
    return ExtensionPolicy.webpki_defaults_ca().may_be_present(usage, Criticality.AGNOSTIC, _certifies_signers)


def _leaf_policy() -> ExtensionPolicy:
    return (
        ExtensionPolicy.webpki_defaults_ee()
        .may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _no_authority)
        .require_present(x509.KeyUsage, Criticality.AGNOSTIC, _signs)
        .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _signs_code)
    )


def _no_authority(_: Policy, __: x509.Certificate, found: x509.BasicConstraints | None) -> None:
    if found is not None and found.ca:
        raise ValueError("it is an authority's, and no signer's")


def _signs(_: Policy, __: x509.Certificate, found: x509.KeyUsage) -> None:
    if not found.digital_signature or found.key_cert_sign:
        raise ValueError("its key is not for signatures only")


def _signs_code(_: Policy, __: x509.Certificate, found: x509.ExtendedKeyUsage) -> None:
    if ExtendedKeyUsageOID.CODE_SIGNING not in found:
        raise ValueError("its key is not for signing code")


def _certifies_signers(_: Policy, __: x509.Certificate, found: x509.ExtendedKeyUsage | None) -> None:
    if found is not None and not {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & {
        *found
    }:
        raise ValueError("an authority in the path is not for certificates that sign code")


def _require_valid(certificate: x509.Certificate, at: datetime) -> None:
    """Raise `NotVerified` where a certificate is not valid at a time: said by name, which the path's error is not."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= at <= ends:
        when = f"from {begins:%Y-%m-%dT%H:%M:%SZ} to {ends:%Y-%m-%dT%H:%M:%SZ}"
        raise NotVerified(f"the certificate of {_said(certificate)} is valid {when}, not at {at:%Y-%m-%dT%H:%M:%SZ}")


def _bears(leaf: x509.Certificate, identity: Identity) -> bool:
    if identity.kind is IdentityKind.SUBJECT:
        return bool(leaf.subject.rfc4514_string() == identity.name)
    names = _alternative(leaf)
    return names is not None and identity.name in names.get_values_for_type(_NAMES[identity.kind])


def _constrains(certificate: x509.Certificate) -> bool:
    return any(isinstance(extension.value, x509.NameConstraints) for extension in _extensions(certificate))


def _alternative(leaf: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return _extensions(leaf).get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def _extensions(certificate: x509.Certificate) -> x509.Extensions:
    """Return all extensions; raise `Malformed` where one cannot be read, also one that no path needs."""
    try:
        return certificate.extensions
    except _UNREADABLE as error:
        raise Malformed(f"an extension of the certificate cannot be read: {_reason(error)}", _NEXT) from None


def _said(certificate: x509.Certificate) -> str:
    """Return who a certificate says that it is of, for people."""
    try:
        names = _alternative(certificate)
        found = [
            f"{kind}:{name}" for kind, of in _NAMES.items() for name in (names.get_values_for_type(of) if names else [])
        ]
        return ascii(", ".join((*found, f"subject:{certificate.subject.rfc4514_string()}")))[1:-1][:240]
    except (ValueError, Malformed):
        return "somebody whose names cannot be read"


def _reason(error: Exception) -> str:
    text = str(error).removeprefix("validation failed: ")
    return text.split(" (encountered processing")[0][:240] or type(error).__name__


def _public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed(f"the certificate's key cannot be read: {error}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Malformed("the certificate's key is not on an elliptic curve, and signs no models")
    return key


def _load(der: bytes) -> x509.Certificate:
    if len(der) > _MAX_CERTIFICATE_BYTES:
        raise Malformed(f"a certificate is {len(der)} bytes long, {_MAX_CERTIFICATE_BYTES} are read")
    try:
        with catch_warnings():
            simplefilter("error", CryptographyDeprecationWarning)  # what RFC 5280 forbids and it still reads
            certificate = x509.load_der_x509_certificate(der)
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, CryptographyDeprecationWarning) as error:
        raise Malformed(f"not a certificate: {error}") from None
    if not der.endswith(b"\0" + certificate.signature):  # a string of bits that are all bytes (X.690 section 8.6)
        raise Malformed("the certificate's signature is not in its one form")
    return certificate


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _no_certificate(what: str) -> tuple[bytes, ...]:
    raise Misconfigured(f"{what} holds no PEM certificate", "it begins with -----BEGIN CERTIFICATE-----")
