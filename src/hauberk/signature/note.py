"""Signed notes: a text, and under it lines that sign it.

    example.com/log                                                      the text: lines, the last one ended
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
                                                                         an empty line: the last one of the note
    — example.com/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurm…          — name base64(key hash ‖ signature)

Two kinds of signature line are made and read here, both Ed25519 (RFC 8032); lines of other kinds are carried along:

    0x01  a plain signature of the text                                  the log's
    0x04  a cosignature/v1: `cosignature/v1`, `time N` and the text,     a witness's
          in which the line holds u64be(N) before the 64 bytes

A key is written `name+hash+key`: the name, 8 hex digits of the key hash, and base64(kind ‖ 32 bytes). The key hash is
the first 4 bytes of SHA-256(name ‖ LF ‖ kind ‖ 32 bytes), so that a name and a hash say which key and kind is meant.

Sources: C2SP signed-note v1.0.0, C2SP tlog-cosignature v1.0.0.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, Malformed, NotVerified
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import base64
from hauberk.signature.key import PublicKey

if TYPE_CHECKING:
    from hauberk.signature.key import Signer

KEY_HASH_BYTES = 4
COSIGNATURE_TIME_BYTES = 8  # before the signature, big-endian
MAX_TIME = 2**63 - 1  # tlog-cosignature: the timestamp must not exceed it

_DASH = "— "  # U+2014 and a space
_KEY_HASH = re.compile(r"[0-9a-f]{8}", re.ASCII)
_ED25519_KEY_BYTES = 32
_ED25519_SIGNATURE_BYTES = 64


class NoteKind(IntEnum):
    """The kinds of signature line that are made and verified, by their assigned byte."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named Ed25519 key for one kind of signature line."""

    name: str
    kind: NoteKind
    public: PublicKey

    def __post_init__(self) -> None:
        check_name(self.name)
        _ = self.raw  # refuses a key of another kind than Ed25519

    @property
    def raw(self) -> bytes:
        """Return the 32 bytes of the key."""
        return self.public.raw_ed25519

    @property
    def key_hash(self) -> bytes:
        """Return the 4 bytes that stand before a signature by this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:KEY_HASH_BYTES]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+hash+key`; raise `Malformed` unless it is exactly what `format` writes."""
        name, _, rest = text.partition("+")
        key_hash, _, encoded = rest.partition("+")
        if not _KEY_HASH.fullmatch(key_hash):
            raise Malformed(f"not a verifier key: {text!r:.120}", "it is written name+8 hex digits+base64")
        data = base64.decode(encoded, what="verifier key")
        if len(data) != 1 + _ED25519_KEY_BYTES or data[0] not in tuple(NoteKind):
            raise Malformed(f"the verifier key of {name!r:.80} is not an Ed25519 key", "its kind is 0x01 or 0x04")
        key = cls(name, NoteKind(data[0]), PublicKey.from_raw_ed25519(data[1:]))
        if key.key_hash.hex() != key_hash:
            raise Malformed(f"the verifier key of {name!r:.80} does not have the hash {key_hash}")
        return key

    def format(self) -> str:
        """Return `name+hash+key`."""
        return f"{self.name}+{self.key_hash.hex()}+{base64.encode(bytes([self.kind]) + self.raw)}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who says to have signed, and the bytes after the key hash."""

    name: str
    key_hash: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_hash) != KEY_HASH_BYTES or not self.signature:
            raise Malformed(f"the signature line of {self.name!r:.80} has no key hash or no signature")

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """Read one line without its newline; raise `Malformed` unless it is exactly what `format` writes."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise Malformed(f"not a signature line: {line!r:.120}", "it is written: em dash, name, base64")
        data = base64.decode(encoded, what=f"signature line of {name!r:.80}")
        return cls(name, data[:KEY_HASH_BYTES], data[KEY_HASH_BYTES:])

    def format(self) -> str:
        """Return the line without its newline."""
        return f"{_DASH}{self.name} {base64.encode(self.key_hash + self.signature)}"

    def is_by(self, key: VerifierKey) -> bool:
        """Say whether the line names this key; whether it holds is another question."""
        return self.name == key.name and self.key_hash == key.key_hash


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signature lines in their order."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not self.signatures:
            raise Malformed("the note is not signed")

    @classmethod
    def parse(cls, data: str, *, limits: Limits = DEFAULT_LIMITS) -> Note:
        """Read a note.

        Raises:
            Exceeded: longer than `max_note_bytes`, or more than `max_note_signatures` lines.
            Malformed: anything that `format` would write in another way, or would not write.
        """
        if len(data) > limits.max_note_bytes:  # each character is at least one byte
            raise Exceeded(f"the note is {len(data)} characters long, the limit is {limits.max_note_bytes} bytes")
        text, blank, lines = data.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise Malformed("not a signed note: no empty line before signature lines")
        if lines.count("\n") > limits.max_note_signatures:
            raise Exceeded(f"the note has more than {limits.max_note_signatures} signature lines")
        return cls(text + "\n", tuple(NoteSignature.parse(line) for line in lines[:-1].split("\n")))

    def format(self) -> str:
        """Return the note: text, empty line, signature lines."""
        return self.text + "\n" + "".join(f"{signature.format()}\n" for signature in self.signatures)


def check_name(name: str) -> None:
    """Raise `Malformed` unless `name` can name a key: not empty, no space of any kind, no plus, no control."""
    if not name or any(c.isspace() or c == "+" or c < " " for c in name) or not _is_utf8(name):
        raise Malformed(f"not a key name: {name!r:.80}", "no spaces and no plus, as in example.com/log")


def check_text(text: str) -> None:
    """Raise `Malformed` unless `text` can be signed: UTF-8, ended by a newline, no other control character."""
    if not text.endswith("\n") or any(c < " " and c != "\n" for c in text) or not _is_utf8(text):
        raise Malformed("the text of a note ends in a newline and holds no other control character")


def sign_ed25519(text: str, signer: Signer, name: str) -> NoteSignature:
    """Return the plain signature of a text (kind 0x01); raise `Malformed` for a text or name that no note holds."""
    check_text(text)
    key = VerifierKey(name, NoteKind.ED25519, signer.public)
    return NoteSignature(name, key.key_hash, signer.sign(text.encode()))


def cosign(text: str, signer: Signer, name: str, time: int) -> NoteSignature:
    """Return the cosignature/v1 of a text (kind 0x04) at `time`, Unix seconds."""
    check_text(text)
    key = VerifierKey(name, NoteKind.COSIGNATURE_V1, signer.public)
    if not 0 <= time <= MAX_TIME:
        raise Malformed(f"a cosignature's time is from 0 to 2^63 - 1, not {time}")
    signature = signer.sign(_cosigned(text, time))
    return NoteSignature(name, key.key_hash, time.to_bytes(COSIGNATURE_TIME_BYTES, "big") + signature)


def verify_ed25519(text: str, signature: NoteSignature, key: VerifierKey) -> None:
    """Raise `NotVerified` unless the line is this key's plain signature of the text."""
    _check_line(signature, key, NoteKind.ED25519, _ED25519_SIGNATURE_BYTES)
    key.public.verify(signature.signature, text.encode())


def verify_cosignature(text: str, signature: NoteSignature, key: VerifierKey) -> int:
    """Return the time of this key's cosignature/v1 of the text, Unix seconds, or raise `NotVerified`."""
    _check_line(signature, key, NoteKind.COSIGNATURE_V1, COSIGNATURE_TIME_BYTES + _ED25519_SIGNATURE_BYTES)
    time = int.from_bytes(signature.signature[:COSIGNATURE_TIME_BYTES], "big")
    if time > MAX_TIME:
        raise NotVerified(f"the cosignature of {key.name} is from after the end of time")
    key.public.verify(signature.signature[COSIGNATURE_TIME_BYTES:], _cosigned(text, time))
    return time


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _check_line(signature: NoteSignature, key: VerifierKey, kind: NoteKind, length: int) -> None:
    if key.kind != kind or not signature.is_by(key):
        raise NotVerified(f"the line of {signature.name!r:.80} is not by the key {key.format()}")
    if len(signature.signature) != length:
        raise NotVerified(f"the signature of {key.name} is {len(signature.signature)} bytes long, not {length}")


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)
