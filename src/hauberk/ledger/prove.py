"""The proof of one entry as a value of its own: record, path and checkpoint, for whoever has the log's public keys.

{"entry":n,"record":{…},"proof":[b64…],"checkpoint":"<C2SP note>"}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Malformed, Unavailable
from hauberk.ledger import index, merkle
from hauberk.ledger.checkpoint import Attested, Checkpoint, attest
from hauberk.ledger.entry import Entry
from hauberk.signature import base64
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.ledger.log import Log
    from hauberk.signature.note import VerifierKey


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That an entry is in the log, at a checkpoint."""

    entry: int
    record: Entry
    proof: tuple[bytes, ...]
    checkpoint: str

    @classmethod
    def from_json(cls, value: Any) -> EntryProof:
        """Return the proof that plain data describes; raise `Malformed` for anything but the form of `to_json`."""
        if not isinstance(value, dict) or set(value) != {"entry", "record", "proof", "checkpoint"}:
            raise Malformed("a proof of an entry has entry, record, proof and checkpoint, and nothing else")
        if not isinstance(value["checkpoint"], str):
            raise Malformed("the checkpoint in a proof is a note in text")
        number = index.number_of(value["entry"], what="entry")
        return cls(number, Entry.from_json(value["record"]), index.proof_of(value["proof"]), value["checkpoint"])

    def to_json(self) -> dict[str, Any]:
        """Return the proof as plain data."""
        return {
            "entry": self.entry,
            "record": self.record.to_json(),
            "proof": [base64.encode(part) for part in self.proof],
            "checkpoint": self.checkpoint,
        }

    def verify(self, *, log: VerifierKey, witnesses: Sequence[VerifierKey], quorum: int) -> Attested:
        """Return what the checkpoint attests; raise as `attest` does, and `NotVerified` where the path ends wrong."""
        attested = attest(self.checkpoint, log=log, witnesses=witnesses, quorum=quorum, strict=False)
        checkpoint = attested.checkpoint
        merkle.verify_inclusion(self.record.leaf_hash, self.entry, checkpoint.size, self.proof, checkpoint.root)
        return attested


def prove(log: Log, numbers: Sequence[int]) -> list[EntryProof]:
    """Return the proofs of entries at the latest checkpoint.

    Raises:
        Unavailable: nothing was published yet, or not yet so far.
        NotVerified: the entries or the stored tree are not those of the checkpoint.
    """
    note_text, checkpoint = _published(log)
    size = checkpoint.size
    if any(not 0 <= number < size for number in numbers):
        raise Unavailable(f"the latest checkpoint covers the first {size} entries only", "run `hauberk run`")
    tree = log.tree()
    found = [EntryProof(n, log.entry(n), tuple(tree.inclusion_proof(n, size)), note_text) for n in numbers]
    for one in found:  # the stored tree is not believed
        merkle.verify_inclusion(one.record.leaf_hash, one.entry, size, one.proof, checkpoint.root)
    return found


def published_size(log: Log) -> int:
    """Return how many entries the latest checkpoint covers; raise `Unavailable` before the first."""
    return _published(log)[1].size


def _published(log: Log) -> tuple[str, Checkpoint]:
    note_text = log.latest_checkpoint()
    if note_text is None:
        raise Unavailable("the log has no checkpoint yet", "run `hauberk run`")
    return note_text, Checkpoint.parse(Note.parse(note_text).text)
