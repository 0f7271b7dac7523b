"""A checkpoint holds if the log and a quorum of witnesses signed it; inside a passport there is one text for it."""

from __future__ import annotations

from typing import Any

import pytest

from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified
from hauberk.ledger import checkpoint
from hauberk.ledger.checkpoint import Attested, Checkpoint, attest, strip
from hauberk.signature import note
from hauberk.signature.note import Note, NoteKind, NoteSignature, VerifierKey
from signers import SeedSigner, log_key, witness_key

LOG = SeedSigner("example.com/log")
A, B, C = (SeedSigner(f"example.com/{name}") for name in "abc")
STRANGER = SeedSigner("example.com/stranger")
HEAD = Checkpoint(LOG.name, 7, b"\x07" * 32)
BODY = HEAD.body()
LOG_LINE = note.sign_ed25519(BODY, LOG, LOG.name)
TIMES = {A: 300, B: 100, C: 200}
LINES = {signer: note.cosign(BODY, signer, signer.name, time) for signer, time in TIMES.items()}
STRANGE = note.cosign(BODY, STRANGER, STRANGER.name, 50)


def signed(*lines: NoteSignature) -> str:
    return Note(BODY, lines).format()


def held(
    note_text: str, *, quorum: int = 1, strict: bool = True, witnesses: tuple[SeedSigner, ...] = (A, B, C)
) -> Attested:
    keys = tuple(witness_key(signer) for signer in witnesses)
    return attest(note_text, log=log_key(LOG), witnesses=keys, quorum=quorum, strict=strict)


ALL = signed(LOG_LINE, LINES[A], LINES[B], LINES[C])


@pytest.mark.parametrize(("quorum", "time"), [(1, 100), (2, 200), (3, 300)])
def test_the_time_is_when_the_quorum_was_reached(quorum: int, time: int) -> None:
    assert held(ALL, quorum=quorum) == Attested(HEAD, time)


def test_a_checkpoint_is_three_lines_of_text() -> None:
    assert BODY == "example.com/log\n7\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"
    assert Checkpoint.parse(BODY) == HEAD


def test_the_log_signs_under_its_origin() -> None:
    assert checkpoint.sign(HEAD, LOG) == signed(LOG_LINE)


def test_too_few_witnesses_are_no_quorum() -> None:
    with pytest.raises(NotVerified, match="1 trusted witnesses cosigned the checkpoint of size 7, 2 are needed"):
        held(signed(LOG_LINE, LINES[A]), quorum=2)


def test_a_witness_counts_once() -> None:
    again = note.cosign(BODY, A, A.name, 301)
    for strict in (True, False):
        with pytest.raises(NotVerified, match="signed the checkpoint twice"):
            held(signed(LOG_LINE, LINES[A], again), quorum=2, strict=strict)


def test_the_logs_signature_is_needed() -> None:
    for strict in (True, False):
        with pytest.raises(NotVerified, match="has not signed"):
            held(signed(LINES[A], LINES[B]), strict=strict)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = log_key(SeedSigner("example.com/other"))
    with pytest.raises(NotVerified, match="is of the log"):
        attest(ALL, log=other, witnesses=(witness_key(A),), quorum=1, strict=False)


def test_a_strangers_line_is_ignored_by_all_but_passports() -> None:
    loud = signed(LOG_LINE, STRANGE, LINES[A])
    assert held(loud, strict=False).time == 300
    with pytest.raises(NotVerified, match="unknown keys"):
        held(loud)


def test_a_line_by_an_untrusted_kind_of_a_trusted_key_is_a_strangers() -> None:
    plain = note.sign_ed25519(BODY, A, A.name)
    assert held(signed(LOG_LINE, LINES[A], plain), strict=False).time == 300
    with pytest.raises(NotVerified, match="unknown keys"):
        held(signed(LOG_LINE, LINES[A], plain))


def test_a_trusted_key_whose_signature_does_not_hold_spoils_the_note() -> None:
    wrong = note.cosign(BODY.replace("7", "8"), B, B.name, 100)
    for strict in (True, False):
        with pytest.raises(NotVerified, match="does not hold"):
            held(signed(LOG_LINE, LINES[A], wrong), strict=strict)


@pytest.mark.parametrize(
    "lines",
    [(LINES[A], LOG_LINE), (LOG_LINE, LINES[B], LINES[A]), (LINES[A], LINES[B], LOG_LINE)],
)
def test_a_passport_holds_its_lines_in_one_order(lines: tuple[NoteSignature, ...]) -> None:
    assert held(signed(*lines), strict=False)
    with pytest.raises(NotVerified, match="order"):
        held(signed(*lines))


def test_stripping_leaves_what_a_passport_may_hold() -> None:
    loud = signed(STRANGE, LINES[C], LINES[A], LOG_LINE)
    keys = tuple(witness_key(signer) for signer in (A, B, C))
    assert strip(loud, log=log_key(LOG), witnesses=keys) == signed(LOG_LINE, LINES[A], LINES[C])


def test_every_flipped_bit_of_a_checkpoint_in_a_passport_is_refused() -> None:
    data = signed(LOG_LINE, LINES[A]).encode()
    accepted = []
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        if _holds(flipped.decode("utf-8", "surrogateescape")):
            accepted.append(bit)
    assert accepted == []


def test_every_truncation_of_a_checkpoint_is_refused() -> None:
    text = signed(LOG_LINE, LINES[A])
    assert [cut for cut in range(len(text)) if _holds(text[:cut])] == []


def _holds(text: str) -> bool:
    try:
        held(text)
    except HauberkError:
        return False
    return True


@pytest.mark.parametrize("quorum", [0, -1, 4])
def test_a_quorum_that_cannot_be_is_the_readers_mistake(quorum: int) -> None:
    with pytest.raises(Misconfigured, match="quorum"):
        held(ALL, quorum=quorum)


def test_one_key_under_two_names_is_the_readers_mistake() -> None:
    twin = VerifierKey("example.com/twin", NoteKind.COSIGNATURE_V1, A.public)
    with pytest.raises(Misconfigured, match="twice"):
        attest(ALL, log=log_key(LOG), witnesses=(witness_key(A), twin), quorum=2, strict=False)


def test_keys_of_the_wrong_kind_are_the_readers_mistake() -> None:
    for log, witness in ((witness_key(LOG), witness_key(A)), (log_key(LOG), log_key(A))):
        with pytest.raises(Misconfigured, match="kind"):
            attest(ALL, log=log, witnesses=(witness,), quorum=1, strict=False)


@pytest.mark.parametrize(
    "text",
    [
        "example.com/log\n7\n",
        BODY + "extension\n",
        BODY + "\n",
        BODY[:-1],
        BODY.replace("\n7\n", "\n07\n"),
        BODY.replace("\n7\n", "\n-7\n"),
        BODY.replace("\n7\n", "\n+7\n"),
        BODY.replace("\n7\n", "\n7 \n"),
        BODY.replace("\n7\n", "\n\u0667\n"),
        BODY.replace("\n7\n", "\n\n"),
        BODY.replace("\n7\n", "\n18446744073709551616\n"),
        BODY.replace("example.com/log", ""),
        BODY.replace("example.com/log", "a log"),
        BODY.replace("BwcH", "Bwc", 1),
        BODY.replace("Bwc=", "Bwd="),
        "example.com/log\n7\nBwcH\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


def test_the_largest_size_is_read() -> None:
    assert Checkpoint.parse(BODY.replace("\n7\n", "\n18446744073709551615\n")).size == 2**64 - 1


@pytest.mark.parametrize("size", [-1, 2**64, True, 1.0])
def test_a_size_that_is_no_count_is_refused(size: Any) -> None:
    with pytest.raises(Malformed):
        Checkpoint(LOG.name, size, b"r" * 32)


def test_a_root_of_another_length_is_refused() -> None:
    with pytest.raises(Malformed):
        Checkpoint(LOG.name, 1, b"r" * 31)
