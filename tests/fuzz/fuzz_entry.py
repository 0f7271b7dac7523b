"""Entries and proofs of entries: one text each, our errors only."""

from __future__ import annotations

from contextlib import suppress

from hauberk.digest import sha256
from hauberk.errors import HauberkError
from hauberk.ledger.entry import MAX_ENTRY_BYTES, MAX_SUBJECTS, Entry
from hauberk.ledger.prove import EntryProof
from hauberk.signature import jcs

ENTRY = Entry(sha256(b"e"), sha256(b"i"), ("dirHash:" + "b" * 64, str(sha256(b"s"))), 1_700_000_000)


def seeds() -> list[bytes]:
    """Return an entry and the proof of one."""
    return [ENTRY.encode(), jcs.encode(EntryProof(1, ENTRY, (bytes(32), bytes(32)), "note\n").to_json())]


def one_input(data: bytes) -> None:
    """Read the bytes as both; what is read is written as it was, within its limits."""
    with suppress(HauberkError):
        entry = Entry.decode(data)
        assert entry.encode() == data
        assert len(data) <= MAX_ENTRY_BYTES
        assert len(entry.subjects) <= MAX_SUBJECTS
    with suppress(HauberkError):
        value = jcs.decode_canonical(data)
        assert jcs.encode(EntryProof.from_json(value).to_json()) == data
