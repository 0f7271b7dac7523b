"""Checkpoints in a bucket whose objects nobody deletes: what a ledger has published once, it cannot have unpublished.

    <prefix><9999999999999999 - size, 16 digits>-<size>-<time>.checkpoint      the note, locked in COMPLIANCE

A bucket is listed in the order of its keys, so the largest comes first. A delete marker hides an object from readers
and deletes nothing: here versions are listed. Who may write to the bucket can add notes and take none away, so a note
counts by its signatures: one that the log and a quorum of witnesses have signed, and that the ledger does not contain,
says that the ledger was rolled back or rewritten. One that others have signed says nothing, and is told of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.digest import sha256
from hauberk.edge.files import printable
from hauberk.edge.remote.store import Keeping
from hauberk.edge.remote.stored import COMPLIANCE
from hauberk.errors import Exceeded, Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.authority import Authority, authority_at, size_in
from hauberk.ledger.checkpoint import Attested, Checkpoint
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.note import Note
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.edge.remote.bucket_write import Bucket
    from hauberk.ledger.log import Log
    from hauberk.signature.note import VerifierKey

MOST_LOOKED_AT: Final = 1000  # objects that are no true checkpoint, before the first that is one
_LARGEST: Final = 10**16 - 1
_NAME: Final = re.compile(r"([0-9]{16})-(0|[1-9][0-9]{0,15})-(0|[1-9][0-9]{0,14})\.checkpoint")
_AT_ONCE: Final = 1000  # entries in memory
_EVIDENCE: Final = "keep the ledger as it is, and look for a copy that holds what was anchored"


@dataclass(frozen=True, slots=True)
class Keys:
    """By whose signatures an anchored checkpoint counts."""

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    former: tuple[Authority, ...] = ()

    def attest(self, note: str) -> Attested:
        """Return what a note attests by the keys of its time; errors as of `hauberk.ledger.checkpoint.attest`."""
        present = Authority(self.log, self.witnesses, self.quorum)
        return authority_at(size_in(note), self.former, present).attest(note)


@dataclass(frozen=True, slots=True)
class Anchored:
    """What is anchored: the newest true checkpoint, if there is one, and what else was met before it.

    Attributes:
        note: that checkpoint as it was signed.
        doubts: objects in its place that say more, or nothing, and that these keys have not signed.
    """

    note: str | None
    attested: Attested | None
    doubts: tuple[str, ...]


def anchor(log: Log, bucket: Bucket, prefix: str, *, keys: Keys, until: int) -> str:
    """Put the newest checkpoint into a bucket, locked, and return its key.

    Args:
        log: open for reading; one that lacks what is anchored already is refused.
        bucket: with versions and object lock.
        prefix: of the keys.
        keys: that must have signed the checkpoint.
        until: Unix seconds until which nobody can delete it.

    Raises:
        NotVerified: the ledger was rolled back or rewritten, or the store has something else than it was given, or not
            under this lock.
        Unavailable: nothing is published yet, or the store does not answer.
    """
    note = log.latest_checkpoint()
    if note is None:
        raise Unavailable("the ledger has no checkpoint yet", "run `hauberk run`")
    attested = keys.attest(note)
    check(log, newest(bucket, prefix, keys=keys))
    key, data = f"{prefix}{_name(attested)}", note.encode()
    version = bucket.put(key, BytesView(data), sha256(data).hex, Keeping(until))
    if version is None:  # somebody was faster, or an answer was lost
        there = bucket.head(key)
        version = there.version if there else ""
        if there is None or bucket.read(key, version, limit=DEFAULT_LIMITS.max_note_bytes) != data:
            raise NotVerified(f"another object is there in the place of {key}", "anchor under another prefix")
        if there.mode != COMPLIANCE or there.until < until:
            bucket.lengthen(key, version, until)
    _prove(bucket, key, version, data, until)
    return key


def newest(bucket: Bucket, prefix: str, *, keys: Keys) -> Anchored:
    """Return the newest checkpoint under a prefix that these keys have signed, hidden ones among them.

    Raises `Unavailable` where the store does not answer, or so many other objects stand before it that it is not found.
    """
    doubts: list[str] = []
    for key, version in bucket.versions(prefix):
        if len(doubts) > MOST_LOOKED_AT:
            raise Unavailable(
                f"more than {MOST_LOOKED_AT} objects under {printable(prefix)} are no checkpoints of this ledger",
                "somebody fills the bucket: see who writes there",
            )
        try:
            note = _read(bucket, key, version, prefix)
            return Anchored(note, keys.attest(note), tuple(doubts))
        except (NotVerified, Malformed, Exceeded) as error:
            doubts.append(f"{printable(key)}: {error.message}")
    return Anchored(None, None, tuple(doubts))


def check(log: Log, anchored: Anchored) -> None:
    """Raise `NotVerified` where a ledger lacks what was anchored; its root is computed from its entries."""
    if anchored.attested is None:
        return
    there = anchored.attested.checkpoint
    size = log.size
    if size < there.size:
        raise NotVerified(f"rollback: {there.size} entries are anchored, and the ledger has {size}", _EVIDENCE)
    whole = merkle.Growing()
    for start in range(0, there.size, _AT_ONCE):
        whole.extend(map(merkle.leaf_hash, log.records(start, min(start + _AT_ONCE, there.size))))
    if whole.root != there.root:
        raise NotVerified(f"fork: another history of {there.size} entries is anchored", _EVIDENCE)


def _name(attested: Attested) -> str:
    size = attested.checkpoint.size
    return f"{_LARGEST - size:016}-{size}-{attested.time}.checkpoint"


def _read(bucket: Bucket, key: str, version: str, prefix: str) -> str:
    """Return the note of an object whose key says its size; raise `NotVerified` or `Malformed` for anything else."""
    found = _NAME.fullmatch(key.removeprefix(prefix))
    if found is None or int(found[1]) + int(found[2]) != _LARGEST:
        raise Malformed("not the key of an anchored checkpoint")
    data = bucket.read(key, version, limit=DEFAULT_LIMITS.max_note_bytes)
    if data is None:
        raise Unavailable(f"{printable(key)} is listed, and the store does not give it", "ask the store's owner why")
    try:
        note = data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("it is not text") from None
    if Checkpoint.parse(Note.parse(note).text).size != int(found[2]):
        raise NotVerified("its size is not that of its key")
    return note


def _prove(bucket: Bucket, key: str, version: str, data: bytes, until: int) -> None:
    if bucket.read(key, version, limit=DEFAULT_LIMITS.max_note_bytes) != data:
        raise NotVerified(f"the store has other bytes at {key} than it was given", "do not rely on this store")
    stored = bucket.head(key, version)
    lock = (stored.mode, stored.until) if stored and stored.mode else bucket.lock_of(key, version)
    mode, end = (lock, 0) if isinstance(lock, str) else lock
    if mode != COMPLIANCE or end < until:
        raise NotVerified(
            f"the store has not locked {key} as it was asked: {printable(mode) or 'no lock'}",
            "make the bucket with object lock, and see that nothing shortens it",
        )
