"""A Sigstore of one's own for tests: its authority, its two logs and its trusted root, and bundles that they vouch for.

Each step is what the real services do (Fulcio, a certificate log by RFC 6962, Rekor with an entry of kind dsse 0.0.1),
with keys of ours. The verifier is the `sigstore` library, which another program's authors wrote.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from authority import EMAIL, Made, key, root, usage
from hauberk.signature.dsse import pre_authentication_encoding
from hauberk.signature.oms_bundle import MEDIA_TYPE
from hauberk.statement import PAYLOAD_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

ISSUER = "https://accounts.example"
SIGNED = datetime(2026, 1, 1, 12, tzinfo=UTC)
CERTIFICATE_LOG, LOG, SIGNER = key(70), key(71), key(72)
AUTHORITY = root(key=key(73), begins=SIGNED - timedelta(days=9), ends=SIGNED + timedelta(days=9999))
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
        public = self.signer if isinstance(self.signer, ec.EllipticCurvePublicKey) else self.signer.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.by.certificate.subject)
            .public_key(public)
            .serial_number(7)
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([self.purpose]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
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
        verifier = certificate.public_bytes(serialization.Encoding.PEM)
        entry = logged(
            self.payload if self.logged is None else self.logged, verifier, signature, log=self.log, at=self.at
        )
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


class Services(ThreadingHTTPServer):
    """The services of the house on a port of this machine: who gets certificates, the log, and the issuer's address."""

    daemon_threads = True

    def __init__(self, email: str = EMAIL) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.email = email
        self.spoil = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def trust_config(self) -> dict[str, Any]:
        """Return what a signer is configured with: the services, and the trusted root."""
        service = {
            "url": self.url,
            "majorApiVersion": 1,
            "validFor": {"start": "2025-01-01T00:00:00Z"},
            "operator": "x",
        }
        names = ("caUrls", "oidcUrls", "rekorTlogUrls")
        return {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": trusted_root(),
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                **{name: [service] for name in names},
                "rekorTlogConfig": {"selector": "ANY"},
            },
        }


@contextmanager
def served() -> Iterator[Services]:
    """Run the services for as long as the block runs."""
    made = Services()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


class _Answers(BaseHTTPRequestHandler):
    server: Services

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer(200, {"authorization_endpoint": "https://a.example", "token_endpoint": "https://t.example"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == self.server.spoil:
            self._answer(500, {"code": 1, "message": "out of order"})
        elif self.path == "/api/v2/signingCert":
            self._answer(200, self._certificate(asked))
        elif self.path == "/api/v1/log/entries":
            self._answer(201, self._entry(asked))
        else:
            self._answer(404, {})

    def _certificate(self, asked: dict[str, Any]) -> dict[str, Any]:
        request = x509.load_pem_x509_csr(base64.b64decode(asked["certificateSigningRequest"]))
        now = datetime.now(UTC)
        wish = Wish(
            b"",
            (x509.RFC822Name(self.server.email),),
            signer=request.public_key(),
            begins=now - timedelta(minutes=1),
            ends=now + timedelta(minutes=9),
        )
        chain = [
            one.public_bytes(serialization.Encoding.PEM).decode() for one in (wish.certificate(), AUTHORITY.certificate)
        ]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}

    def _entry(self, asked: dict[str, Any]) -> dict[str, Any]:
        content = asked["spec"]["proposedContent"]
        envelope = json.loads(content["envelope"])
        payload, signature = (
            base64.b64decode(part) for part in (envelope["payload"], envelope["signatures"][0]["sig"])
        )
        entry = logged(payload, base64.b64decode(content["verifiers"][0]), signature, log=LOG, at=datetime.now(UTC))
        proof = entry["inclusionProof"]
        return {
            "7": {
                "body": entry["canonicalizedBody"],
                "integratedTime": int(entry["integratedTime"]),
                "logID": log_id(LOG).hex(),
                "logIndex": 0,
                "verification": {
                    "signedEntryTimestamp": entry["inclusionPromise"]["signedEntryTimestamp"],
                    "inclusionProof": {
                        "logIndex": 0,
                        "treeSize": 1,
                        "hashes": [],
                        "rootHash": base64.b64decode(proof["rootHash"]).hex(),
                        "checkpoint": proof["checkpoint"]["envelope"],
                    },
                },
            }
        }

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def token(email: str = EMAIL, issuer: str = ISSUER) -> str:
    """Return what an issuer says of a person; the house believes it unsigned."""
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": issuer, "sub": email, "email": email, "aud": "sigstore", "iat": now, "exp": now + 600}
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2ln"])


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


def logged(payload: bytes, verifier: bytes, signature: bytes, *, log: Any, at: datetime) -> dict[str, Any]:
    """Return the log's entry: the first of a log, with its inclusion proof, checkpoint and signed time."""
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
    line = f"\n— {_ORIGIN} {text(log_id(log)[:4] + signed(log, note.encode()))}\n"
    moment = int(at.timestamp())
    told = {"body": text(body), "integratedTime": moment, "logID": log_id(log).hex(), "logIndex": 0}
    return {
        "logIndex": "0",
        "logId": {"keyId": text(log_id(log))},
        "kindVersion": {"kind": "dsse", "version": "0.0.1"},
        "integratedTime": str(moment),
        "inclusionPromise": {"signedEntryTimestamp": text(signed(log, rfc8785.dumps(told)))},
        "inclusionProof": {
            "logIndex": "0",
            "rootHash": text(tree),
            "treeSize": "1",
            "hashes": [],
            "checkpoint": {"envelope": note + line},
        },
        "canonicalizedBody": text(body),
    }
