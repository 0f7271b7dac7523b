"""Keys for tests: Ed25519 signers made from a name, so that every run signs the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hauberk.signature.key import PublicKey
from hauberk.signature.note import NoteKind, VerifierKey


@dataclass(frozen=True)
class SeedSigner:
    """An Ed25519 key whose seed is the hash of a name."""

    name: str

    @property
    def public(self) -> PublicKey:
        return PublicKey.of(self._key().public_key())

    def sign(self, message: bytes) -> bytes:
        return self._key().sign(message)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.name.encode()).digest())


def log_key(signer: SeedSigner) -> VerifierKey:
    return VerifierKey(signer.name, NoteKind.ED25519, signer.public)


def witness_key(signer: SeedSigner) -> VerifierKey:
    return VerifierKey(signer.name, NoteKind.COSIGNATURE_V1, signer.public)
