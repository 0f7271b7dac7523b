"""Replaying a log from its bytes: what the witness does before it signs, and the audit whenever it is asked.

Pure: records, envelopes and keys in; entries out, or the first thing that does not hold, by name. The names are

    missing entry      rewritten entry      time set back      time ahead      wrong distance      lying index
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hauberk.digest import Digest, sha256
from hauberk.errors import HauberkError, NotVerified
from hauberk.ledger.entry import MAX_ENTRY_BYTES, MAX_SUBJECTS, Entry, claims_in, read_leaf
from hauberk.ledger.index import Totals, leaves_of
from hauberk.ledger.merkle import Growing, leaf_hash
from hauberk.signature import dsse
from hauberk.statement import Named, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.ledger.index import Index
    from hauberk.signature.note import VerifierKey
    from hauberk.statement import Envelope

INDEX_TYPE = "urn:hauberk:index:v1"
_TIME_DIGITS = 15  # fewer than MAX_TIME has
_AT_ONCE = 1000  # entries in memory
SKEW_SECONDS = 5  # how far the log's clock may run ahead of a witness's; the cosignature is then dated by the log's

_EVIDENCE = "keep the ledger as it is: it is evidence; restore a copy that verifies"


class Replay:
    """A pass over a log's leaves from number 0 on: what they give up to any point, with little of them in memory."""

    def __init__(self) -> None:
        """Begin before the first leaf."""
        self._tree = Growing()
        self._leaves: list[bytes] = []
        self.time = 0  # of the last entry so far

    @property
    def size(self) -> int:
        """Return how many leaves were read."""
        return self._tree.size

    @property
    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        return self._tree.root

    def totals(self) -> Totals:
        """Return the totals of the index over the entries so far."""
        self._leaves.sort()
        return Totals.of(self._leaves)

    def read(self, records: Sequence[bytes], *, until: int) -> None:
        """Read all leaves of a log up to number `until`, from where this is.

        Raises `NotVerified` for a leaf that is no entry, or that sets the time back.
        """
        while self.size < until:
            start = self.size
            block = records[start : min(start + _AT_ONCE, until)]
            for number, record in enumerate(block, start):
                subjects, time = read_leaf(number, record, claims_in)
                check_order(number, time, self.time)
                self._leaves += leaves_of(number, subjects)
                self.time = time
            self._tree.extend(map(leaf_hash, block))


def check_order(number: int, time: int, before: int) -> None:
    """Raise `NotVerified` where an entry claims a time before that of the entry ahead of it."""
    if time < before:
        raise NotVerified(f"time set back: entry {number} claims {time}, after one of {before}", _EVIDENCE)


def check_not_ahead(last: int, until: int) -> None:
    """Raise `NotVerified` where the last entry claims a time that is later than it can be."""
    if last > until:
        raise NotVerified(f"time ahead: the last entry claims {last}, and it is {until}", "correct the log's clock")


def read_both(number: int, entry: Entry, data: bytes) -> tuple[Envelope, Statement]:
    """Return the envelope that an entry commits and its statement.

    Raises `NotVerified` unless digest, id and subjects in the entry are those of the envelope. An entry that hides
    a subject would be missing from the index, so this is not the log's word but recomputed.
    """
    if sha256(data) != entry.envelope:
        raise NotVerified(f"rewritten entry: the envelope of number {number} has another digest", _EVIDENCE)
    try:
        envelope = dsse.decode_envelope(data)
        statement = dsse.decode_statement(envelope.payload)
    except HauberkError as error:
        raise NotVerified(f"rewritten entry: number {number} holds no statement: {error.message}", _EVIDENCE) from None
    if entry.id != dsse.statement_id(envelope.payload) or entry.subjects != subjects_of(statement):
        raise NotVerified(f"rewritten entry: number {number} has another id or subjects than its statement", _EVIDENCE)
    return envelope, statement


def check_entry(number: int, record: bytes, data: bytes) -> None:
    """Raise `NotVerified` unless a leaf is that of an envelope: what `read_both` asks of what is read from it."""
    try:
        payload = dsse.decode_payload(data)
        time = leads_to(record, data, payload, dsse.decode_subjects(payload)[1])
    except HauberkError:
        time = None
    if time is None:  # the long way says what is wrong, if anything is
        read_both(number, read_leaf(number, record, Entry.decode), data)


def subjects_of(statement: Statement) -> tuple[str, ...]:
    """Return what an entry has for subjects: the digests that a statement speaks of."""
    return tuple(map(str, statement.digests))


def leads_to(record: bytes, data: bytes, payload: bytes, subjects: Sequence[str]) -> int | None:
    """Return the time that a leaf claims, if it is exactly the leaf of the envelope `data`; else None.

    The quick way: the leaf is written and compared, not read. What is not as it should be goes the long way, which says
    what it is.
    """
    _, _, digits = record.rpartition(b',"time":')
    time = digits.removesuffix(b"}").decode("ascii", "replace")
    if not (time.isdecimal() and len(time) <= _TIME_DIGITS and len(subjects) <= MAX_SUBJECTS):
        return None
    digest, about = hashlib.sha256(data).hexdigest(), '","'.join(subjects)
    named = hashlib.sha256(dsse.pre_authentication_encoding(payload)).hexdigest()
    text = f'{{"envelope":"sha256:{digest}","id":"sha256:{named}","subjects":["{about}"],"time":{int(time)}}}'
    return int(time) if text.encode("ascii") == record and len(record) <= MAX_ENTRY_BYTES else None


def entry_for(data: bytes, envelope: Envelope, statement: Statement, time: int) -> Entry:
    """Return the entry that commits an envelope, whose canonical encoding is `data`.

    Raises `Exceeded` for more subjects than an entry holds.
    """
    return Entry(sha256(data), dsse.statement_id(envelope.payload), subjects_of(statement), time)


def index_statement(origin: str, size: int, root: bytes, index: Index | Totals) -> Statement:
    """Return the log's claim about its first `size` entries: the root over them, and their index."""
    tree = Digest("rfc6962", root.hex())
    return Statement(
        (Named(f"log/{origin}", (tree,)),),
        INDEX_TYPE,
        {
            "origin": origin,
            "size": size,
            "root": root.hex(),
            "count": index.count,
            "indexRoot": index.root.hex(),
        },
    )


def check_index(envelope: Envelope, size: int, root: bytes, index: Index | Totals, *, log: VerifierKey) -> None:
    """Raise `NotVerified` unless an envelope is entry `size` and the log's true claim about the entries before it.

    Args:
        envelope: entry number `size`.
        size: how many entries are before it.
        root: over these, recomputed.
        index: of these, rebuilt.
        log: the key that must have signed, whose name is the origin.
    """
    statement = dsse.decode_statement(envelope.payload)
    if statement.predicate_type != INDEX_TYPE:
        raise NotVerified(f"wrong distance: entry {size} is no index statement", "publish again")
    if statement.predicate.get("size") != size:
        raise NotVerified(f"wrong distance: the index statement of entry {size} is over another size", _EVIDENCE)
    if dsse.encode_statement(index_statement(log.name, size, root, index)) != envelope.payload:
        raise NotVerified(f"lying index: entry {size} is not what the entries before it give", _EVIDENCE)
    if dsse.verify(envelope, {log.public.keyid: log.public}.get) != (log.public.keyid,):
        raise NotVerified(f"lying index: entry {size} is not signed by the log alone", _EVIDENCE)
