"""A Sigstore of one's own for tests: its authority, its two logs and its trusted root, and bundles that they vouch for.

Each step is what the real services do (Fulcio, a certificate log by RFC 6962, Rekor with an entry of kind dsse 0.0.1),
with keys of ours. The verifier is the `sigstore` library, which another program's authors wrote.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from authority import EMAIL, Made, key, root, usage
from hauberk.signature.dsse import pre_authentication_encoding
from hauberk.signature.oms_bundle import MEDIA_TYPE
from hauberk.statement import PAYLOAD_TYPE

ISSUER = "https://accounts.example"
SIGNED = datetime(2026, 1, 1, 12, tzinfo=UTC)
CERTIFICATE_LOG, LOG, SIGNER = key(70), key(71), key(72)
AUTHORITY = root(key=key(73), begins=SIGNED - timedelta(days=9))
_OIDC_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_PROOFS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ORIGIN = "log.example"


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(private: Any) -> bytes:
    public = private.public_key() if hasattr(private, "public_key") else private
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def log_id(private: Any) -> bytes:
    return hashlib.sha256(spki(private)).digest()


def signed(private: Any, data: bytes) -> bytes:
    return private.sign(data, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True)
class Wish:
    """What is asked for; a good bundle unless changed.

    Attributes:
        at: when the log says that it took the entry.
        logged: the payload that the log's entry is about, if another.
    """

    payload: bytes
    names: tuple[x509.GeneralName, ...] = (x509.RFC822Name(EMAIL),)
    issuer: str = ISSUER
    signer: Any = field(default_factory=lambda: SIGNER)
    by: Made = field(default_factory=lambda: AUTHORITY)
    begins: datetime = SIGNED - timedelta(minutes=5)
    ends: datetime = SIGNED + timedelta(minutes=5)
    at: datetime = SIGNED
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING
    certificate_log: Any = field(default_factory=lambda: CERTIFICATE_LOG)
    log: Any = field(default_factory=lambda: LOG)
    logged: bytes | None = None

    def certificate(self) -> x509.Certificate:
        """Return the certificate with the proof of its log in it."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.by.certificate.subject)
            .public_key(self.signer.public_key())
            .serial_number(7)
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([self.purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.signer.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.by.key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName(self.names), critical=True)
            .add_extension(x509.UnrecognizedExtension(_OIDC_ISSUER, self.issuer.encode()), critical=False)
        )
        bare = builder.sign(self.by.key, hashes.SHA256()).tbs_certificate_bytes
        proofs = _proofs(self.certificate_log, self.by, bare, self.begins)
        return builder.add_extension(x509.UnrecognizedExtension(_PROOFS, proofs), critical=False).sign(
            self.by.key, hashes.SHA256()
        )

    def bundle(self) -> bytes:
        """Return the bundle, as JSON."""
        certificate = self.certificate()
        signature = signed(self.signer, pre_authentication_encoding(self.payload))
        entry = _entry(self, certificate, signature)
        der = certificate.public_bytes(serialization.Encoding.DER)
        return json.dumps(
            {
                "mediaType": MEDIA_TYPE,
                "verificationMaterial": {"certificate": {"rawBytes": text(der)}, "tlogEntries": [entry]},
                "dsseEnvelope": {
                    "payload": text(self.payload),
                    "payloadType": PAYLOAD_TYPE,
                    "signatures": [{"sig": text(signature)}],
                },
            }
        ).encode()


def trusted_root() -> dict[str, Any]:
    """Return the trusted root of this house."""

    def log(private: Any) -> dict[str, Any]:
        return {
            "baseUrl": "https://log.example",
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": text(spki(private)),
                "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                "validFor": {"start": "2025-01-01T00:00:00Z"},
            },
            "logId": {"keyId": text(log_id(private))},
        }

    authority = {
        "subject": {"organization": "example", "commonName": "root"},
        "uri": "https://authority.example",
        "certChain": {"certificates": [{"rawBytes": text(AUTHORITY.der)}]},
        "validFor": {"start": "2025-01-01T00:00:00Z"},
    }
    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [log(LOG)],
        "certificateAuthorities": [authority],
        "ctlogs": [log(CERTIFICATE_LOG)],
    }


def _proofs(private: Any, by: Made, bare: bytes, at: datetime) -> bytes:
    """Return the certificate log's promise for a certificate without it, as an extension holds it (RFC 6962, 3.2)."""
    moment = int(at.timestamp() * 1000)
    issuer = hashlib.sha256(spki(by.key)).digest()
    told = struct.pack("!BBQH", 0, 0, moment, 1) + issuer + len(bare).to_bytes(3, "big") + bare + b"\0\0"
    signature = signed(private, told)
    proof = b"\0" + log_id(private) + struct.pack("!QHBBH", moment, 0, 4, 3, len(signature)) + signature
    listed = struct.pack("!HH", len(proof) + 2, len(proof)) + proof
    assert len(listed) < 128
    return bytes([4, len(listed)]) + listed


def _entry(wish: Wish, certificate: x509.Certificate, signature: bytes) -> dict[str, Any]:
    """Return the log's entry: the first of a log, with its inclusion proof, checkpoint and signed time."""
    verifier = certificate.public_bytes(serialization.Encoding.PEM)
    payload = wish.payload if wish.logged is None else wish.logged
    body = rfc8785.dumps(
        {
            "apiVersion": "0.0.1",
            "kind": "dsse",
            "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
                "signatures": [{"signature": text(signature), "verifier": text(verifier)}],
            },
        }
    )
    tree = hashlib.sha256(b"\0" + body).digest()
    note = f"{_ORIGIN}\n1\n{text(tree)}\n"
    line = f"\n— {_ORIGIN} {text(log_id(wish.log)[:4] + signed(wish.log, note.encode()))}\n"
    moment = int(wish.at.timestamp())
    told = {"body": text(body), "integratedTime": moment, "logID": log_id(wish.log).hex(), "logIndex": 0}
    return {
        "logIndex": "0",
        "logId": {"keyId": text(log_id(wish.log))},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(moment),
        "inclusionPromise": {"signedEntryTimestamp": text(signed(wish.log, rfc8785.dumps(told)))},
        "inclusionProof": {
            "logIndex": "0",
            "rootHash": text(tree),
            "treeSize": "1",
            "hashes": [],
            "checkpoint": {"envelope": note + line},
        },
        "canonicalizedBody": text(body),
    }
