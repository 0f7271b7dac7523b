"""Checkpoints: the log's signed word on its size and root, and the witnesses' word on when they saw it.

A checkpoint is a signed note of exactly three lines: origin, size, root. The log signs with the origin as its name;
each witness adds a cosignature with a time. Extension lines, which the standard allows and nobody can audit, are
refused. Sources: C2SP tlog-checkpoint v1.0.0, C2SP tlog-cosignature v1.0.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.ledger.merkle import HASH_BYTES, MAX_SIZE
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64, note
from hauberk.signature.note import Note, NoteKind, NoteSignature, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.signature.key import Signer

_SIZE = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, its number of entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        note.check_name(self.origin)  # the standard's advice for origins, which lets the origin name the key
        if type(self.size) is not int or not 0 <= self.size <= MAX_SIZE:
            raise Malformed(f"a checkpoint's size is from 0 to 2^64 - 1, not {self.size!r:.80}")
        if len(self.root) != HASH_BYTES:
            raise Malformed(f"a checkpoint's root is {HASH_BYTES} bytes long, not {len(self.root)}")

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint's note; raise `Malformed` unless it is exactly what `body` writes."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise Malformed("a checkpoint has three lines: origin, size, root", "extension lines are refused")
        size = parse_size(lines[1], what="checkpoint's size")
        return cls(lines[0], size, base64.decode(lines[2], what="checkpoint's root"))

    def body(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.encode(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Attested:
    """A checkpoint whose signatures hold, and the time at which the quorum was reached, Unix seconds."""

    checkpoint: Checkpoint
    time: int


def parse_size(text: str, *, what: str) -> int:
    """Return a decimal number of at most 2^64 - 1 without leading zeros; raise `Malformed` for any other text."""
    if not _SIZE.fullmatch(text) or int(text) > MAX_SIZE:
        raise Malformed(f"the {what} is not a decimal number: {text!r:.40}")
    return int(text)


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """Return a checkpoint as a note that the log has signed, under the origin as its name."""
    body = checkpoint.body()
    return Note(body, (note.sign_ed25519(body, signer, checkpoint.origin),)).format()


def attest(
    note_text: str,
    *,
    log: VerifierKey,
    witnesses: Sequence[VerifierKey],
    quorum: int,
    strict: bool,
    limits: Limits = DEFAULT_LIMITS,
) -> Attested:
    """Return the checkpoint in a note and the time at which its quorum was reached: the q-th smallest of their times.

    Args:
        note_text: the note as it was read.
        log: the log's key; its name is the origin.
        witnesses: the trusted witnesses' keys.
        quorum: how many distinct witnesses must have cosigned, at least 1.
        strict: as inside a passport: the lines are the log's, then the witnesses' by name, each once, and no other.
            Otherwise lines of unknown keys are ignored, as the standard wants.
        limits: of the note's length and lines.

    Raises:
        Exceeded: the note is longer than a limit.
        Malformed: not a note, or not a checkpoint.
        NotVerified: another log's, a signature of a trusted key that does not hold or stands twice, too few witnesses,
            or, if strict, any line too many or out of its order.
        Misconfigured: the quorum cannot be reached, or two trusted keys are one.
    """
    check_keys(log, witnesses, quorum)
    signed = Note.parse(note_text, limits=limits)
    checkpoint = Checkpoint.parse(signed.text)
    if checkpoint.origin != log.name:
        raise NotVerified(
            f"the checkpoint is of the log {checkpoint.origin}, not of {log.name}", "name one of this log"
        )
    log_line, *lines = _trusted_lines(signed, log, witnesses)
    note.verify_ed25519(signed.text, log_line, log)
    times = sorted(note.verify_cosignature(signed.text, line, _key_of(line, witnesses)) for line in lines)
    if len(times) < quorum:
        raise NotVerified(
            f"{len(times)} trusted witnesses cosigned the checkpoint of size {checkpoint.size}, {quorum} are needed",
            "publish again when the witnesses can be reached",
        )
    if strict and signed.signatures != (log_line, *lines):
        raise NotVerified("the checkpoint has lines of unknown keys, or its lines are not in their order")
    return Attested(checkpoint, times[quorum - 1])


def strip(note_text: str, *, log: VerifierKey, witnesses: Sequence[VerifierKey]) -> str:
    """Return the note with the lines of trusted keys only, in the order that `attest` wants if strict.

    Raises `NotVerified` for a note without the log's line; nothing is said about whether signatures hold.
    """
    signed = Note.parse(note_text)
    return Note(signed.text, tuple(_trusted_lines(signed, log, witnesses))).format()


def check_keys(log: VerifierKey, witnesses: Sequence[VerifierKey], quorum: int) -> None:
    """Raise `Misconfigured` unless the quorum can be reached, by keys that are all different and of the right kinds.

    A cosignature does not cover its signer's name, so one key under two names would count as two witnesses.
    """
    if log.kind is not NoteKind.ED25519 or any(w.kind is not NoteKind.COSIGNATURE_V1 for w in witnesses):
        raise Misconfigured("the log's key is of kind 0x01 and each witness's of kind 0x04", "correct the trust file")
    if len({key.raw for key in (log, *witnesses)}) != 1 + len(witnesses):
        raise Misconfigured("one key stands twice among the log and its witnesses", "correct the trust file")
    if not 1 <= quorum <= len(witnesses):
        raise Misconfigured(f"{len(witnesses)} witnesses cannot make a quorum of {quorum}", "correct the trust file")


def _trusted_lines(signed: Note, log: VerifierKey, witnesses: Sequence[VerifierKey]) -> list[NoteSignature]:
    """Return the log's line and then those of the witnesses by name, each once, or raise `NotVerified`."""
    lines = [line for line in signed.signatures if line.is_by(log)]
    if not lines:
        raise NotVerified(
            f"the log {log.name} has not signed the checkpoint", "is it of this log, and its key of today?"
        )
    cosigned = [line for line in signed.signatures if any(line.is_by(key) for key in witnesses)]
    lines += sorted(cosigned, key=lambda line: (line.name, line.key_hash))
    if len({(line.name, line.key_hash) for line in lines}) != len(lines):
        raise NotVerified("a trusted key has signed the checkpoint twice", "get it again from where it was published")
    return lines


def _key_of(line: NoteSignature, witnesses: Sequence[VerifierKey]) -> VerifierKey:
    return next(key for key in witnesses if line.is_by(key))
