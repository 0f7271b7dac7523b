"""Publishing: the log says what it holds, the witnesses say that they have seen it, and only then is it the head.

1. an index statement over all N entries is signed and appended as entry N, while nobody else can append
2. a checkpoint of exactly N + 1 entries is signed by the log
3. each witness is asked, with a proof from the checkpoint that it signed last
4. the note with the lines of a quorum is verified as any reader would, and stored

A run that ends between these steps leaves an index statement without a checkpoint. The next one finds it: where the
last entry is the true index of those before it, it is used again and not appended twice. In the same way publishing
without new entries renews the cosignatures, and with them the time to which evidence is known to be complete.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Attested, Checkpoint, attest, check_keys, parse_size, sign
from hauberk.ledger.nodes import REBUILD
from hauberk.ledger.replay import INDEX_TYPE, Replay, check_index, index_statement
from hauberk.signature import dsse, note
from hauberk.signature.note import Note, NoteSignature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.ledger.log import Log
    from hauberk.ledger.merkle import Hashes
    from hauberk.signature.key import Signer
    from hauberk.signature.note import VerifierKey
    from hauberk.statement import Envelope

    Witness = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Published:
    """A stored checkpoint: the note, what it attests, and what the witnesses that did not sign it said."""

    note: str
    attested: Attested
    refusals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    """What witnesses are asked to sign: the checkpoint that the log has signed, its size, and the tree for proofs.

    Attributes:
        time: of the last entry, before which no witness can have seen it.
    """

    signed: str
    size: int
    tree: Hashes
    time: int


def publish(
    log: Log,
    *,
    signer: Signer,
    key: VerifierKey,
    witnesses: Sequence[Witness],
    witness_keys: Sequence[VerifierKey],
    quorum: int,
    now: int,
    check: Callable[[], None] = lambda: None,
) -> Published:
    """Publish a checkpoint over all entries and return it; it is stored, and durable, then.

    Args:
        log: open for writing.
        signer: the log's private key.
        key: the log's verifier key; its name is the origin.
        witnesses: each takes the body of a request (see `hauberk.ledger.add_checkpoint`) and returns the answer;
            several are asked at once, each in a thread of its own.
        witness_keys: the trusted witnesses' keys.
        quorum: how many of them must sign.
        now: Unix seconds, the time of the index statement's entry.
        check: raises where an entry before the index names other keys than these; asked once it is there.

    Raises:
        Unavailable: fewer witnesses than the quorum have signed: nothing was stored, and the message holds what each
            said. Also the disk, the lock, or a clock behind the last entry.
        Misconfigured: `signer` is not `key`, or the quorum cannot be reached.
    """
    check_keys(key, witness_keys, quorum)
    if signer.public != key.public:
        raise Misconfigured("the log's private key does not belong to its verifier key", "name the other key file")
    replay = _with_index(log, signer, key, now)
    check()
    size, tree = replay.size, log.tree()
    if tree.root(size) != replay.root:
        raise NotVerified("lying table: the stored tree is not that of the entries", REBUILD)
    signed = sign(Checkpoint(key.name, size, replay.root), signer)
    latest = log.latest_checkpoint()
    old = min(size, Checkpoint.parse(Note.parse(latest).text).size) if latest else 0
    whole, refusals = _gather(_Head(signed, size, tree, replay.time), old, witnesses, witness_keys)
    try:
        attested = attest(whole, log=key, witnesses=witness_keys, quorum=quorum, strict=True)
    except NotVerified as error:
        said = "; ".join(refusals) or error.message
        raise Unavailable(f"the checkpoint is not published: {said}", "nothing is lost: publish again") from None
    if attested.time < replay.time:
        raise Unavailable("the witnesses' clocks are behind the log's last entry", "correct the clocks; publish again")
    log.add_checkpoint(size, whole)
    return Published(whole, attested, refusals)


def _gather(
    head: _Head, old: int, witnesses: Sequence[Witness], keys: Sequence[VerifierKey]
) -> tuple[str, tuple[str, ...]]:
    """Return the note with the lines of all witnesses that have signed, in order, and what the others said."""
    first = _ask([(witness, _request(head, old)) for witness in witnesses])
    next_request = [_ask_again(head, old, answer) for answer in first]
    again = [(one, asked) for one, asked in zip(witnesses, next_request, strict=True) if isinstance(asked, bytes)]
    second = iter(_ask(again))
    lines: dict[tuple[str, bytes], NoteSignature] = {}
    refusals = []
    for answer, asked in zip(first, next_request, strict=True):
        try:
            found = _lines(head, next(second) if isinstance(asked, bytes) else asked or answer, keys)
        except HauberkError as error:  # whether it matters that one witness refuses is for the quorum to say
            refusals.append(error.message)
        else:
            lines |= {(line.name, line.key_hash): line for line in found}
    by_log = Note.parse(head.signed)
    return Note(by_log.text, (*by_log.signatures, *(lines[which] for which in sorted(lines)))).format(), tuple(refusals)


def _ask(asked: Sequence[tuple[Witness, bytes]]) -> list[bytes | HauberkError]:
    """Return each witness's answer to its request, or why there is none; nobody waits for another's time-out."""

    def one(witness: Witness, request: bytes) -> bytes | HauberkError:
        try:
            return witness(request)
        except HauberkError as error:
            return error

    if len(asked) < 2:
        return [one(witness, request) for witness, request in asked]
    with ThreadPoolExecutor(len(asked), "witness") as pool:
        return list(pool.map(lambda pair: one(*pair), asked))


def _with_index(log: Log, signer: Signer, key: VerifierKey, now: int) -> Replay:
    """Return the replay of a log whose last entry is the index over all before it, appending that unless it is there.

    All is read before the write lock is taken, and what was appended meanwhile while it is held.
    """
    size, replay = log.size, Replay()
    replay.read(log.leaves(), until=max(size - 1, 0))
    if not size or not _is_index(log, replay, key):

        def make(leaves: Sequence[bytes]) -> Envelope:
            replay.read(leaves, until=len(leaves))
            return dsse.sign(index_statement(key.name, replay.size, replay.root, replay.totals()), [signer])

        replay.read(log.leaves(), until=size)
        size = log.append_computed(make, now) + 1
    replay.read(log.leaves(), until=size)
    return replay


def _is_index(log: Log, replay: Replay, key: VerifierKey) -> bool:
    """Say whether the entry behind those that were read is the true index of these, signed by this key."""
    envelope = dsse.decode_envelope(log.envelope(replay.size))
    if dsse.decode_statement(envelope.payload).predicate_type != INDEX_TYPE:
        return False
    try:
        check_index(envelope, replay.size, replay.root, replay.totals(), log=key)
    except NotVerified:
        return False
    return True


def _ask_again(head: _Head, old: int, answer: bytes | HauberkError) -> bytes | HauberkError | None:
    """Return a request from the size that a witness has named, why there can be none, or None where it named none."""
    if isinstance(answer, HauberkError) or not answer[:1].isdigit():
        return None
    try:
        seen = parse_size(_decode(answer).removesuffix("\n"), what="witness's size")
    except HauberkError as error:
        return error
    if seen == old:
        return NotVerified(f"fork: the witness has another history of {seen} entries")
    if seen > head.size:
        return NotVerified(f"rollback: the witness has seen {seen} entries, the log has {head.size}")
    return _request(head, seen)


def _lines(head: _Head, answer: bytes | HauberkError, keys: Sequence[VerifierKey]) -> list[NoteSignature]:
    """Return the lines of an answer by which trusted witnesses have cosigned; raise what the answer is instead."""
    if isinstance(answer, HauberkError):
        raise answer
    text = _decode(answer)
    if text[:1].isdigit():
        raise NotVerified("the witness has another size each time that it is asked")
    if not text.endswith("\n"):
        raise Malformed("the witness's answer does not end in a newline")
    body = Note.parse(head.signed).text
    lines = [NoteSignature.parse(line) for line in text[:-1].split("\n")]
    return [line for line in lines for key in keys if line.is_by(key) and _holds(head, body, line, key)]


def _request(head: _Head, old: int) -> bytes:
    proof = tuple(head.tree.consistency_proof(old, head.size)) if old else ()
    return Request(old, proof, head.signed).encode()


def _decode(answer: bytes) -> str:
    try:
        return answer.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("the witness's answer is not UTF-8") from None


def _holds(head: _Head, body: str, line: NoteSignature, key: VerifierKey) -> bool:
    if note.verify_cosignature(body, line, key) < head.time:
        raise NotVerified(f"the clock of the witness {key.name} is behind the log's last entry")
    return True
