"""Whose signatures make a checkpoint: the log's key, the witnesses' and their quorum, and which of them counted when.

Keys are replaced: a trust in the log names others than the one before. A checkpoint that does not cover that trust is
judged by the keys of before, every later one by the new keys: what was published stays verifiable, and a key that was
replaced publishes nothing more. What a trust is, and whether it holds, is for the floors above to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.ledger.checkpoint import Attested, Checkpoint, attest
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.signature.note import VerifierKey


@dataclass(frozen=True, slots=True)
class Authority:
    """Who attests a log, or once attested it.

    Attributes:
        log: the log's key; its name is the origin.
        witnesses: the trusted witnesses' keys.
        quorum: how many of them must cosign.
        until: the entry by which others took their place; None for those of now.
    """

    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    until: int | None = None

    def attest(self, note_text: str, *, quorum: int | None = None) -> Attested:
        """Return what a note attests by these keys, lines of others ignored; errors as of `checkpoint.attest`."""
        least = self.quorum if quorum is None else quorum
        return attest(note_text, log=self.log, witnesses=self.witnesses, quorum=least, strict=False)


def authority_at(size: int, former: Sequence[Authority], present: Authority) -> Authority:
    """Return who attests a size: the first of the former whose end it does not cover, or who does now."""
    return next((one for one in former if one.until is not None and size <= one.until), present)


def size_in(note_text: str) -> int:
    """Return the size that the checkpoint in a note claims; raise `Malformed` for no checkpoint."""
    return Checkpoint.parse(Note.parse(note_text).text).size
