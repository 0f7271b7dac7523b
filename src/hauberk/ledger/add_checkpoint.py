"""What a log asks of a witness, and everything that has to hold before the witness signs.

    old 20852014                                      the size of the witness's head, 0 if it has none
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=      the consistency proof, lowest hash first
                                                      an empty line
    example.com/log …                                 the checkpoint, a signed note

Pure: `hauberk.ledger.witness` reads the log and keeps the head. Refusals are by name:

    unknown log   rollback   fork   rewritten entry   wrong distance   lying index   time set back   time ahead

Source of the request: C2SP tlog-witness, add-checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import Attested, Checkpoint, parse_size
from hauberk.ledger.replay import SKEW_SECONDS, Replay, check_entry, check_index, check_not_ahead
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64, dsse, note
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.signature.note import VerifierKey

_AT_ONCE = 1000  # leaves in memory
MAX_PROOF_LINES = 63  # C2SP tlog-witness, add-checkpoint

_EVIDENCE = "the witness signs nothing more of this log until a person has looked: keep both checkpoints"


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks: the size that it believes the witness to have, the proof from there, the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str

    @classmethod
    def decode(cls, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Request:
        """Read a request; raise `Malformed` unless it is exactly what `encode` writes, `Exceeded` past a limit."""
        if len(data) > 2 * limits.max_note_bytes:
            raise Exceeded(f"the request is {len(data)} bytes long, the limit is {2 * limits.max_note_bytes}")
        try:
            head, blank, checkpoint = data.decode("utf-8", "strict").partition("\n\n")
        except UnicodeDecodeError:
            raise Malformed("the request is not UTF-8") from None
        first, *proof = head.split("\n")
        if not blank or not first.startswith("old "):
            raise Malformed("not a request to a witness: it begins with `old SIZE`, proof lines and an empty line")
        if len(proof) > MAX_PROOF_LINES:
            raise Malformed(f"the request has {len(proof)} proof lines, the most are {MAX_PROOF_LINES}")
        hashes = tuple(base64.decode(line, what="proof line") for line in proof)
        return cls(parse_size(first.removeprefix("old "), what="old size"), hashes, checkpoint)

    def encode(self) -> bytes:
        """Return the request's body."""
        lines = [f"old {self.old}", *(base64.encode(part) for part in self.proof)]
        return ("".join(f"{line}\n" for line in lines) + "\n" + self.checkpoint).encode()


def check_request(request: Request, head: Attested | None, *, log: VerifierKey) -> Checkpoint | None:
    """Return the checkpoint that is asked about, or None where the log must ask again, from the size of our head.

    Raises:
        Malformed: not a checkpoint.
        NotVerified: unknown log, a signature that is not the log's, a rollback, a fork, a proof that does not hold.
    """
    signed, checkpoint = read_checkpoint(request)
    if checkpoint.origin != log.name:
        raise unknown_log(checkpoint.origin, f"this witness sees {log.name}")
    check_signed(signed, log=log)
    if request.old != size_of(head):
        return None
    check_continues(request, checkpoint, head)
    return checkpoint


def read_checkpoint(request: Request) -> tuple[Note, Checkpoint]:
    """Return the note that is asked about and the checkpoint in it, of which nothing holds yet."""
    signed = Note.parse(request.checkpoint)
    return signed, Checkpoint.parse(signed.text)


def unknown_log(origin: str, hint: str) -> NotVerified:
    """Return the refusal of a log that this witness does not see: anybody can cause one, so it is short."""
    return NotVerified(f"unknown log: {origin:.200}", hint)


def check_signed(signed: Note, *, log: VerifierKey) -> None:
    """Raise `NotVerified` unless the log has signed the note; lines of other keys are ignored."""
    lines = [line for line in signed.signatures if line.is_by(log)]
    if not lines:
        raise NotVerified(f"unknown log: the checkpoint is not signed by {log.format()}")
    for line in lines:
        note.verify_ed25519(signed.text, line, log)


def size_of(head: Attested | None) -> int:
    """Return the size that a witness has signed last, 0 before the first."""
    return head.checkpoint.size if head else 0


def check_continues(request: Request, checkpoint: Checkpoint, head: Attested | None) -> None:
    """Raise `NotVerified` unless the checkpoint continues the head, from whose size the proof must be."""
    size = size_of(head)
    if checkpoint.size < size:
        raise NotVerified(f"rollback: from {size} entries to {checkpoint.size}", _EVIDENCE)
    if not size and request.proof:
        raise NotVerified("a proof from size 0 is empty")
    if not checkpoint.size and checkpoint.root != merkle.EMPTY_ROOT:
        raise NotVerified("a log without entries has the root of the empty tree")
    if head and size:
        try:
            merkle.verify_consistency(size, checkpoint.size, head.checkpoint.root, checkpoint.root, request.proof)
        except NotVerified as error:
            raise NotVerified(f"fork: {error.message}", _EVIDENCE) from None


def time_of(head: Attested | None, now: int, *, least: int = 0) -> int:
    """Return the time to cosign at: now, or that of the head or `least`, where these are a little ahead of us.

    Raises `Unavailable` where the clock is behind an earlier cosignature.
    """
    before = head.time if head else 0
    if before > now + SKEW_SECONDS:
        raise Unavailable(f"the clock says {now}, and this witness has signed at {before}", "correct the clock")
    return max(now, before, least)


def check_log(
    checkpoint: Checkpoint,
    head: Attested | None,
    records: Sequence[bytes],
    envelopes: Sequence[bytes],
    *,
    log: VerifierKey,
    now: int,
) -> int:
    """Return the time to cosign at, after everything that the log claims was recomputed from its entries.

    Args:
        checkpoint: what the log has signed.
        head: what this witness has signed before, if anything.
        records: the first `checkpoint.size` leaves.
        envelopes: those of the entries that are new since the head, at least the last one's.
        log: the log's key.
        now: the witness's clock, Unix seconds; no entry and no cosignature may be more than `SKEW_SECONDS` later.

    Raises:
        NotVerified: anything that the log claims and its entries do not give.
        Unavailable: the clock is behind an earlier cosignature.
    """
    size = checkpoint.size
    replay, roots = Replay(), dict[int, bytes]()
    last, seen = size - 1, size_of(head)
    for stop in sorted({seen, last, size}):
        replay.read(records, until=stop)
        roots[stop] = replay.root
        if stop == last:
            totals = replay.totals()
    check_not_ahead(replay.time, now + SKEW_SECONDS)
    if head and roots[seen] != head.checkpoint.root:
        raise NotVerified(f"rewritten entry: among the first {seen}, already witnessed", _EVIDENCE)
    if roots[size] != checkpoint.root:
        raise NotVerified(f"rewritten entry: the log's {size} entries do not give the root that it signed", _EVIDENCE)
    first = size - len(envelopes)
    for number, (record, data) in enumerate(zip(_from(first, records), envelopes, strict=True), first):
        check_entry(number, record, data)
    check_index(dsse.decode_envelope(data), last, roots[last], totals, log=log)
    return time_of(head, now, least=replay.time)


def _from(start: int, records: Sequence[bytes]) -> Iterator[bytes]:
    for place in range(start, len(records), _AT_ONCE):
        yield from records[place : place + _AT_ONCE]
