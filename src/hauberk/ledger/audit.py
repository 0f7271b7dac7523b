"""The audit: everything that the ledger says is computed again from its bytes, as `hauberk ledger verify` does.

Every leaf and envelope, every number and time, every index statement, every published checkpoint with its signatures.
What an audit of the ledger alone cannot see is a tail that was cut off together with the checkpoints over it, or a
history rewritten by somebody who holds the log's key and the witnesses': for that, give it what the witness remembers,
and a checkpoint that was kept elsewhere, such as one out of a passport.

A checkpoint that is missing proves nothing: publishing may have ended between the index statement and the checkpoint,
or between the witness's signature and ours. So that is a note, and no refusal.

    missing entry   rewritten entry   time set back   time ahead   wrong distance   lying index   fork   dropped tail
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.errors import Malformed, NotVerified
from hauberk.ledger import index, merkle
from hauberk.ledger.checkpoint import Attested, attest
from hauberk.ledger.replay import INDEX_TYPE, SKEW_SECONDS, check_index, read_entries, read_envelope
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.ledger.entry import Entry
    from hauberk.ledger.log import Log
    from hauberk.signature.note import VerifierKey


@dataclass(frozen=True, slots=True)
class Audited:
    """What was recomputed and found to be as the ledger says.

    Attributes:
        entries: in the log, each with its envelope.
        indexes: index statements, rebuilt.
        checkpoints: published ones, their signatures and roots.
        root: over all entries, 32 bytes.
        published: the size that the last checkpoint covers, or 0.
        time: when the last checkpoint was cosigned, Unix seconds, or None.
        notes: what may be innocent and a person should know, each a sentence.
    """

    entries: int
    indexes: int
    checkpoints: int
    root: bytes
    published: int
    time: int | None
    notes: tuple[str, ...] = ()


def audit(
    log: Log,
    *,
    key: VerifierKey,
    witness_keys: Sequence[VerifierKey],
    quorum: int,
    now: int,
    earlier: str | None = None,
    remembered: str | None = None,
) -> Audited:
    """Verify a whole log and return what was checked.

    Args:
        log: open, for reading is enough.
        key: the log's verifier key; its name is the origin.
        witness_keys: the trusted witnesses' keys.
        quorum: how many of them must have cosigned each checkpoint.
        now: Unix seconds; no entry may be later.
        earlier: a checkpoint's note that was kept elsewhere, which this log must continue.
        remembered: the note that one of these witnesses has signed last, which this log must continue too.

    Raises:
        NotVerified: the first thing that does not hold, by name.
        Unavailable: a blob or the database cannot be read.
        Malformed: `earlier` or `remembered` is not a checkpoint.
    """
    records = log.records()
    entries = read_entries(records, until=now + SKEW_SECONDS)
    tree = merkle.Tree([merkle.leaf_hash(record) for record in records])
    indexes = _check_envelopes(log, entries, tree, key)
    read = partial(attest, log=key, witnesses=witness_keys, quorum=quorum, strict=False)
    attested = [_check_checkpoint(read, text, tree, entries, "a published checkpoint") for text in log.checkpoints()]
    sizes = [a.checkpoint.size for a in attested]
    if sizes != sorted(sizes):
        raise NotVerified("rollback: the published checkpoints are not in the order of their sizes")
    if earlier is not None:
        _check_checkpoint(read, earlier, tree, entries, "the earlier checkpoint")
    seen = 0
    if remembered is not None:
        alone = partial(attest, log=key, witnesses=witness_keys, quorum=1, strict=False)
        seen = _check_checkpoint(alone, remembered, tree, entries, "what the witness remembers").checkpoint.size
    return Audited(
        entries=len(entries),
        indexes=len(indexes),
        checkpoints=len(attested),
        root=tree.root(),
        published=sizes[-1] if sizes else 0,
        time=attested[-1].time if attested else None,
        notes=tuple(_notes([number for number in indexes if number + 1 not in sizes], sizes, seen)),
    )


def _notes(uncovered: Sequence[int], sizes: Sequence[int], seen: int) -> Iterator[str]:
    if uncovered:
        which = ", ".join(map(str, uncovered[:5])) + (", …" if len(uncovered) > 5 else "")
        yield (
            f"no checkpoint belongs to the index statement of entry {which}: publishing was interrupted there, "
            "or the checkpoint was taken out"
        )
    newest = sizes[-1] if sizes else 0
    if seen > newest:
        yield (
            f"the witness has cosigned the first {seen} entries, the newest checkpoint here covers {newest}: "
            "publishing was interrupted, or the checkpoint was taken out"
        )


def _check_envelopes(log: Log, entries: Sequence[Entry], tree: merkle.Tree, key: VerifierKey) -> list[int]:
    """Check every envelope against its entry, every index against the entries before it; return where these are."""
    leaves: list[bytes] = []  # of the index over the entries so far, kept sorted
    indexes: list[int] = []
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        try:
            envelope = read_envelope(number, entry, log.envelope(number))
        except Malformed as error:
            raise NotVerified(f"rewritten entry: the envelope of number {number}: {error.message}") from None
        if str(entry.envelope) in seen:
            raise NotVerified(f"rewritten entry: number {number} repeats an envelope")
        seen.add(str(entry.envelope))
        if dsse.decode_statement(envelope.payload).predicate_type == INDEX_TYPE:
            check_index(envelope, number, tree.root(number), index.Index(leaves), log=key)
            indexes.append(number)
        for digest in entry.digests:
            bisect.insort(leaves, index.leaf(digest, number))
    return indexes


def _check_checkpoint(
    read: Callable[[str], Attested], note_text: str, tree: merkle.Tree, entries: Sequence[Entry], what: str
) -> Attested:
    """Return a checkpoint that holds and that this log continues."""
    try:
        attested = read(note_text)
    except NotVerified as error:
        raise NotVerified(f"{what} does not hold: {error.message}", error.hint) from None
    size = attested.checkpoint.size
    if size > tree.size:
        raise NotVerified(f"dropped tail: {what} covers {size} entries, the log has {tree.size}")
    if tree.root(size) != attested.checkpoint.root:
        raise NotVerified(
            f"fork: {what} has another root over the first {size} entries",
            "the log was rewritten: keep both as evidence",
        )
    if size and entries[size - 1].time > attested.time:
        raise NotVerified(f"time ahead: entry {size - 1} claims a time after the witnesses saw it")
    return attested
