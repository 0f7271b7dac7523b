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

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import index, merkle
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Attested, Checkpoint, attest, check_keys, parse_size, sign
from hauberk.ledger.entry import Entry
from hauberk.ledger.replay import INDEX_TYPE, check_index, index_statement
from hauberk.signature import dsse, note
from hauberk.signature.note import Note, NoteSignature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.ledger.log import Log
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


def publish(
    log: Log,
    *,
    signer: Signer,
    key: VerifierKey,
    witnesses: Sequence[Witness],
    witness_keys: Sequence[VerifierKey],
    quorum: int,
    now: int,
) -> Published:
    """Publish a checkpoint over all entries and return it; it is stored, and durable, then.

    Args:
        log: open for writing.
        signer: the log's private key.
        key: the log's verifier key; its name is the origin.
        witnesses: each takes the body of a request (see `hauberk.ledger.add_checkpoint`) and returns the answer.
        witness_keys: the trusted witnesses' keys.
        quorum: how many of them must sign.
        now: Unix seconds, the time of the index statement's entry.

    Raises:
        Unavailable: fewer witnesses than the quorum have signed: nothing was stored, and the message holds what each
            said. Also the disk, the lock, or a clock behind the last entry.
        Misconfigured: `signer` is not `key`, or the quorum cannot be reached.
    """
    check_keys(key, witness_keys, quorum)
    if signer.public != key.public:
        raise Misconfigured("the log's private key does not belong to its verifier key", "name the other key file")
    size = _index_entry(log, signer, key, now) + 1
    tree = merkle.Tree(log.leaf_hashes(size))
    signed = sign(Checkpoint(key.name, size, tree.root()), signer)
    latest = log.latest_checkpoint()
    old = min(size, Checkpoint.parse(Note.parse(latest).text).size) if latest else 0
    whole, refusals = _gather(signed, old, tree, witnesses, witness_keys)
    try:
        attested = attest(whole, log=key, witnesses=witness_keys, quorum=quorum, strict=True)
    except NotVerified as error:
        said = "; ".join(refusals) or error.message
        raise Unavailable(f"the checkpoint is not published: {said}", "nothing is lost: publish again") from None
    if attested.time < log.entry(size - 1).time:
        raise Unavailable("the witnesses' clocks are behind the log's last entry", "correct the clocks; publish again")
    log.add_checkpoint(size, whole)
    return Published(whole, attested, refusals)


def _gather(
    signed: str, old: int, tree: merkle.Tree, witnesses: Sequence[Witness], keys: Sequence[VerifierKey]
) -> tuple[str, tuple[str, ...]]:
    """Return the note with the lines of all witnesses that have signed, in order, and what the others said."""
    lines: dict[tuple[str, bytes], NoteSignature] = {}
    refusals = []
    for witness in witnesses:
        try:
            lines |= {(line.name, line.key_hash): line for line in _ask(witness, signed, old, tree, keys)}
        except HauberkError as error:  # whether it matters that one witness refuses is for the quorum to say
            refusals.append(error.message)
    by_log = Note.parse(signed)
    return Note(by_log.text, (*by_log.signatures, *(lines[which] for which in sorted(lines)))).format(), tuple(refusals)


def _index_entry(log: Log, signer: Signer, key: VerifierKey, now: int) -> int:
    """Return the number of an index statement over all entries before it, appending it unless it is there."""
    size = log.size
    if size and _is_index(log, size - 1, key):
        return size - 1

    def make(records: list[bytes]) -> Envelope:
        root = merkle.root([merkle.leaf_hash(record) for record in records])
        built = index.of_entries(Entry.decode(record) for record in records)
        return dsse.sign(index_statement(key.name, len(records), root, built), [signer])

    return log.append_computed(make, now)


def _is_index(log: Log, number: int, key: VerifierKey) -> bool:
    """Say whether an entry is the true index, signed by this key, of those before it."""
    envelope = dsse.decode_envelope(log.envelope(number))
    if dsse.decode_statement(envelope.payload).predicate_type != INDEX_TYPE:
        return False
    root, built = merkle.root(log.leaf_hashes(number)), index.of_entries(log.entries(0, number))
    try:
        check_index(envelope, number, root, built, log=key)
    except NotVerified:
        return False
    return True


def _ask(
    witness: Witness, signed: str, old: int, tree: merkle.Tree, keys: Sequence[VerifierKey]
) -> list[NoteSignature]:
    """Return the lines by which trusted witnesses have cosigned; ask a second time where the first size was wrong."""
    answer = _decode(witness(_request(signed, old, tree)))
    if answer[:1].isdigit():
        size = parse_size(answer.removesuffix("\n"), what="witness's size")
        if size == old:
            raise NotVerified(f"fork: the witness has another history of {size} entries")
        if size > tree.size:
            raise NotVerified(f"rollback: the witness has seen {size} entries, the log has {tree.size}")
        answer = _decode(witness(_request(signed, size, tree)))
    if not answer.endswith("\n"):
        raise Malformed("the witness's answer does not end in a newline")
    body = Note.parse(signed).text
    lines = [NoteSignature.parse(line) for line in answer[:-1].split("\n")]
    return [line for line in lines for key in keys if line.is_by(key) and _holds(body, line, key)]


def _request(signed: str, old: int, tree: merkle.Tree) -> bytes:
    proof = tuple(tree.consistency_proof(old)) if old else ()
    return Request(old, proof, signed).encode()


def _decode(answer: bytes) -> str:
    try:
        return answer.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("the witness's answer is not UTF-8") from None


def _holds(body: str, line: NoteSignature, key: VerifierKey) -> bool:
    note.verify_cosignature(body, line, key)
    return True
