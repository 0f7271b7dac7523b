"""Signed notes, verifier keys, checkpoints and requests to a witness: one text each, our errors only."""

from __future__ import annotations

from contextlib import suppress

from hauberk.errors import HauberkError
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.signature.note import Note, VerifierKey

NOTE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def seeds() -> list[bytes]:
    """Return a note, a verifier key and a request."""
    return [
        NOTE.encode(),
        b"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        b"old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\n" + NOTE.encode(),
    ]


def one_input(data: bytes) -> None:
    """Read the bytes as each of them; what is read is written as it was."""
    with suppress(HauberkError):
        assert Request.decode(data).encode() == data
    text = data.decode("utf-8", "surrogateescape")
    with suppress(HauberkError):
        assert VerifierKey.parse(text).format() == text
    with suppress(HauberkError):
        note = Note.parse(text)
        assert note.format() == text
        assert Checkpoint.parse(note.text).body() == note.text
