"""Signed statements: in-toto Statement v1 inside DSSE, before and after its signer is trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.digest import Digest

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

Json = Any  # a value that JSON can hold: None, bool, int, float, str, list, dict


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that a statement speaks of: `kind/name` and all of its digests, one an algorithm, sorted."""

    label: str
    digests: tuple[Digest, ...]

    def __post_init__(self) -> None:
        names = [digest.algorithm for digest in self.digests]
        if not names or names != sorted(set(names)):
            raise Malformed(f"{self.label}: digests must be present, sorted, and one of each algorithm")

    def matches(self, label: str, digest: Digest) -> bool:
        """Say whether this is that thing: the same label, and all digests listed are the one computed."""
        return self.label == label and self.digests == (digest,)


@dataclass(frozen=True, slots=True)
class Statement:
    """An in-toto Statement v1. `predicate` is read-only by agreement: nothing in Hauberk writes to it."""

    subjects: tuple[Named, ...]
    predicate_type: str
    predicate: Mapping[str, Json] = field(hash=False)

    def __post_init__(self) -> None:
        if not self.subjects:
            raise Malformed("a statement needs a subject")

    @property
    def digests(self) -> tuple[Digest, ...]:
        """Return every digest of every subject, sorted and unique: what the ledger's index lists."""
        return tuple(sorted({digest for subject in self.subjects for digest in subject.digests}, key=str))


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of an envelope: hex SHA-256 of the signer's DER SubjectPublicKeyInfo, and the raw signature."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DSSE envelope as it was read: the payload's bytes and its signatures, sorted by keyid and unique."""

    payload: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """A statement whose signers are trusted for this predicate, subject and log time. Made only by `evidence/`.

    Attributes:
        id: `sha256:` of the DSSE pre-authentication encoding.
        signers: the trusted keys that signed it, as keyids.
        time: the log's time of the first entry that has one of its signatures, Unix seconds; for a statement that is
            about to be logged, the time of admission.
        entry: its number in the log, or None before it is logged.
    """

    statement: Statement
    id: Digest
    envelope: Envelope
    signers: tuple[str, ...]
    time: int
    entry: int | None = None
