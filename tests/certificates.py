"""An authority for tests and certificates that it has signed, each with its key in a file beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path


def write_certificates(folder: Path, *names: str) -> None:
    """Write `ca.pem`, and `NAME.pem` with `NAME.key` for each name, all of them for localhost."""
    authority, issuer = ec.generate_private_key(ec.SECP256R1()), _name("an authority for tests")
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    _write(folder / "ca.pem", _signed(issuer, authority, issuer, authority, is_authority))
    here = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        no_authority = x509.BasicConstraints(ca=False, path_length=None)
        _write(folder / f"{name}.pem", _signed(_name(name), key, issuer, authority, no_authority, here))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def _signed(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    authority: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    for extension in extensions:
        built = built.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return built.sign(authority, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
