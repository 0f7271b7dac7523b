"""The audit: everything that the ledger says is computed again from its bytes, as `hauberk ledger verify` does.

Every leaf and envelope, every number and time, every index statement, every published checkpoint with its signatures.
What an audit of the ledger alone cannot see is a tail that was cut off together with the checkpoints over it, or a
history rewritten by somebody who holds the log's key and the witnesses': for that, give it what the witness remembers,
and a checkpoint that was kept elsewhere, such as one out of a passport.

A checkpoint that is missing proves nothing: publishing may have ended between the index statement and the checkpoint,
or between the witness's signature and ours. So that is a note, and no refusal.

    missing entry   rewritten entry   time set back   time ahead   wrong distance   lying index   lying table   fork
    dropped tail

A large log is shared out among processes in stretches; each index statement, which is over all entries before it, is a
task too. So the time grows with the entries, and with the publications times the entries.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from hauberk.errors import Exceeded, Malformed, NotVerified, Unavailable
from hauberk.ledger.authority import Authority, authority_at, size_in
from hauberk.ledger.entry import envelope_in
from hauberk.ledger.listed import Total
from hauberk.ledger.nodes import REBUILD, TAMPERED
from hauberk.ledger.replay import SKEW_SECONDS, check_index, check_not_ahead, check_order
from hauberk.ledger.share import Share
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.ledger.checkpoint import Attested
    from hauberk.ledger.index import Totals
    from hauberk.ledger.log import Log
    from hauberk.ledger.merkle import Hashes
    from hauberk.ledger.stretch import Stretch
    from hauberk.signature.note import VerifierKey
    from hauberk.statement import Envelope

_TRIES = 4
_AT_ONCE = 1000  # entries in memory
_KEEP = "keep both, the ledger and that note: one of them is not what it was"


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
    jobs: int = 1,
    former: Callable[[], Sequence[Authority]] = tuple,
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
        jobs: how many processes share the work where the log is large.
        former: returns the keys that these have replaced, oldest first; asked once the entries hold.

    Raises:
        NotVerified: the first thing that does not hold, by name.
        Unavailable: a blob or the database cannot be read, or others write meanwhile, each time.
        Malformed: `earlier` or `remembered` is not a checkpoint.
    """
    asked = _Asked(Authority(key, tuple(witness_keys), quorum), now, earlier, remembered, jobs, former)
    for _ in range(_TRIES):
        before = _state(log)
        try:
            return _audit(log, asked)
        except NotVerified:
            if _state(log) == before:
                raise
    raise Unavailable(
        "the ledger was written to during each audit, so that none of them is sure",
        "audit a copy: `hauberk ledger backup FILE`, then `hauberk ledger restore FILE --check-only`",
    )


def _state(log: Log) -> tuple[int, int, str | None]:
    """Return what of a log an honest writer changes: what is read before it and after it need not agree."""
    return log.size, log.listed, log.latest_checkpoint()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What `audit` was asked."""

    present: Authority
    now: int
    earlier: str | None
    remembered: str | None
    jobs: int
    former: Callable[[], Sequence[Authority]]


def _audit(log: Log, asked: _Asked) -> Audited:
    size = log.size
    share = Share(log, size, asked.jobs)
    stretches = share.stretches()
    _check_joints(stretches, until=asked.now + SKEW_SECONDS)
    named = sum((one.filed for one in stretches), Total(0, 0))
    is_filed = share.filed() == named and all(one.is_filed for one in stretches)
    if not is_filed:
        _check_once(log, size)
    indexes = [number for one in stretches for number in one.indexes]
    check_listed = partial(_check_listed, log, share.listed(), sum((one.listed for one in stretches), Total(0, 0)))
    totals = share.index_totals(indexes)
    try:
        authorities = (*asked.former(), asked.present)
        _check_indexes(log, indexes, totals, authorities)
    except NotVerified:
        check_listed()  # or is it the table of digests that lies?
        raise
    read, published = partial(_attest, authorities), log.filed_checkpoints()
    tree = log.tree()  # with what came meanwhile, if a checkpoint did
    attested = [_check_checkpoint(read, text, log, tree, "a published checkpoint") for _, text in published]
    sizes = [a.checkpoint.size for a in attested]
    if sizes != sorted(sizes):
        raise NotVerified("rollback: the published checkpoints are not in the order of their sizes", TAMPERED)
    for (filed, _), one in zip(published, sizes, strict=True):
        if filed != one:
            raise NotVerified(f"lying table: a checkpoint of {one} entries is filed as {filed!r:.40}", TAMPERED)
    if asked.earlier is not None:
        _check_checkpoint(read, asked.earlier, log, tree, "the earlier checkpoint")
    seen = 0
    if asked.remembered is not None:
        alone = partial(_attest, authorities, quorum=1)
        seen = _check_checkpoint(alone, asked.remembered, log, tree, "what the witness remembers").checkpoint.size
    check_listed()
    share.check_rows()
    if not is_filed:
        _raise_misfiled(log, size)
    covered = [one for one in attested if one.checkpoint.size <= size]  # what came meanwhile was not looked at
    return Audited(
        entries=size,
        indexes=len(indexes),
        checkpoints=len(covered),
        root=tree.root(size),
        published=covered[-1].checkpoint.size if covered else 0,
        time=covered[-1].time if covered else None,
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


def _check_joints(stretches: Sequence[Stretch], *, until: int) -> None:
    """Raise `NotVerified` where a stretch begins before the one ahead of it has ended, or the last entry is ahead."""
    last = 0
    for one in stretches:
        check_order(one.start, one.first, last)
        last = one.last
    check_not_ahead(last, until)


def _check_once(log: Log, size: int) -> None:
    """Raise `NotVerified` where two entries hold one envelope; eight bytes for each entry are held in memory."""
    marks = array("q", (hash(envelope_in(record)) for record in log.leaves(size)))
    ordered = sorted(marks)
    again = {mark for mark, behind in pairwise(ordered) if mark == behind}
    seen = set()
    for number in (number for number, mark in enumerate(marks) if mark in again):
        envelope = log.entry(number).envelope
        if envelope in seen:
            raise NotVerified(f"rewritten entry: number {number} repeats an envelope", TAMPERED)
        seen.add(envelope)


def _raise_misfiled(log: Log, size: int) -> NoReturn:
    """Raise `NotVerified` for the first entry that is not found by its envelope, by name if there is one."""
    for start in range(0, size, _AT_ONCE):
        number = log.misfiled(start, log.records(start, min(start + _AT_ONCE, size)))
        if number is not None:
            what = f"number {number} is filed under another envelope, or the database's index lacks it"
            break
    else:
        what = "the database's index has envelopes that no entry names, or is damaged"
    raise NotVerified(
        f"rewritten entry: {what}", f"{TAMPERED}; an index alone is made again by `hauberk ledger rebuild`"
    )


def _check_listed(log: Log, found: Total, expected: Total) -> None:
    """Raise `NotVerified` where the table of digests is not what the entries give."""
    size, listed = log.size, log.listed
    if listed > size:
        raise NotVerified(f"lying table: that of digests covers {listed} entries, the log has {size}", REBUILD)
    if found.count != expected.count:
        rows = f"{found.count} rows, the entries give {expected.count}"
        raise NotVerified(f"lying table: that of digests has {rows}", REBUILD)
    if found != expected:
        raise NotVerified("lying table: that of digests has other rows than the entries give", REBUILD)


def _check_indexes(
    log: Log, indexes: Sequence[int], totals: Sequence[Totals], authorities: Sequence[Authority]
) -> None:
    """Check every index statement against the entries before it."""
    tree = log.tree()
    for number, one in zip(indexes, totals, strict=True):
        envelope = dsse.decode_envelope(log.envelope(number))
        check_index(envelope, number, tree.root(number), one, log=_log_key(envelope, number, authorities))


def _log_key(envelope: Envelope, number: int, authorities: Sequence[Authority]) -> VerifierKey:
    """Return the log's key that may have signed an index: the one of that time, or one that it had before.

    A run that publishes while the key is replaced may leave an index by the old one; without a checkpoint, it is true
    and proves nothing.
    """
    *former, present = authorities
    last = authorities.index(authority_at(number + 1, former, present))
    signers = {signature.keyid for signature in envelope.signatures}
    keys = [one.log for one in authorities[: last + 1]]
    return next((key for key in keys if key.public.keyid in signers), keys[-1])


def _attest(authorities: Sequence[Authority], note_text: str, *, quorum: int | None = None) -> Attested:
    """Return what a note attests by the keys that counted at its size."""
    *former, present = authorities
    return authority_at(size_in(note_text), former, present).attest(note_text, quorum=quorum)


def _check_checkpoint(read: Callable[[str], Attested], note_text: str, log: Log, tree: Hashes, what: str) -> Attested:
    """Return a checkpoint that holds and that this log continues."""
    try:
        attested = read(note_text)
    except (Exceeded, Malformed, NotVerified) as error:
        raise type(error)(f"{what} does not hold: {error.message}", error.hint or _KEEP) from None
    size = attested.checkpoint.size
    if size > tree.size:
        raise NotVerified(f"dropped tail: {what} covers {size} entries, the log has {tree.size}", _KEEP)
    if tree.root(size) != attested.checkpoint.root:
        raise NotVerified(
            f"fork: {what} has another root over the first {size} entries",
            "the log was rewritten: keep both as evidence",
        )
    if size and log.entry(size - 1).time > attested.time:
        raise NotVerified(f"time ahead: entry {size - 1} claims a time after the witnesses saw it", _KEEP)
    return attested
