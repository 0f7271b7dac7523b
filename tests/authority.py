"""A certificate authority for tests: a root, an authority under it, and leaves with one thing changed at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMAIL = "ml@bank.example"
NOTHING: dict[str, bool] = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def key(number: int, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, curve or ec.SECP256R1())


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def usage(**allowed: bool) -> x509.KeyUsage:
    return x509.KeyUsage(**(NOTHING | allowed))


@dataclass(frozen=True)
class Made:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def private(self) -> bytes:
        plain = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


@dataclass(frozen=True)
class Wish:
    """What a certificate should say; a leaf that may sign models unless changed."""

    subject: str = "signer"
    key: Any = field(default_factory=lambda: key(30))
    begins: datetime = NOW - timedelta(days=1)
    ends: datetime = NOW + timedelta(days=30)
    constraints: x509.BasicConstraints | None = field(default_factory=lambda: x509.BasicConstraints(False, None))
    usage: x509.KeyUsage | None = field(default_factory=lambda: usage(digital_signature=True))
    purposes: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.CODE_SIGNING,)
    names: tuple[x509.GeneralName, ...] = (x509.RFC822Name(EMAIL),)
    allowed: x509.NameConstraints | None = None
    hash: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)

    def made(self, by: Made | None) -> Made:
        issuer = by or Made(None, self.key)  # type: ignore[arg-type]
        subject = name(self.subject)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by.certificate.subject if by else subject)
            .public_key(self.key.public_key())
            .serial_number(1 + sum(map(ord, self.subject)))
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        )
        for extension, critical in (
            (self.constraints, True),
            (self.usage, True),
            (x509.ExtendedKeyUsage(self.purposes) if self.purposes else None, False),
            (x509.SubjectAlternativeName(self.names) if self.names else None, False),
            (self.allowed, True),
        ):
            if extension is not None:
                builder = builder.add_extension(extension, critical=critical)
        return Made(builder.sign(issuer.key, self.hash), self.key)


AUTHORITY = Wish(
    "authority",
    key(20),
    NOW - timedelta(days=100),
    NOW + timedelta(days=1000),
    x509.BasicConstraints(ca=True, path_length=0),
    usage(key_cert_sign=True, crl_sign=True),
    (),
    (),
)
ROOT = replace(AUTHORITY, subject="root", key=key(10), constraints=x509.BasicConstraints(ca=True, path_length=None))


def root(**changes: Any) -> Made:
    return replace(ROOT, **changes).made(None)


def authority(by: Made, **changes: Any) -> Made:
    return replace(AUTHORITY, **changes).made(by)


def leaf(by: Made, **changes: Any) -> Made:
    return replace(Wish(), **changes).made(by)
