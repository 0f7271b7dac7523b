"""Signed notes: what other programs have signed verifies here, and one note has one text."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified
from hauberk.limits import Limits
from hauberk.signature import note
from hauberk.signature.base64 import decode, encode
from hauberk.signature.key import PublicKey
from hauberk.signature.note import Note, NoteKind, NoteSignature, VerifierKey
from signers import SeedSigner, log_key, witness_key

# The example of Go's golang.org/x/mod/sumdb/note documentation.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

# Keys that public witnesses have published for their cosignatures.
WITNESS_KEYS = (
    "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/GhUhJ/G",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
)

# A checkpoint of a public Certificate Transparency log (staging) with the cosignature of the first of these witnesses.
PUBLIC_CHECKPOINT = (
    "coachandhorses2026h1.staging.certificate.transparency.goog\n"
    "185550722\n"
    "YXAM0VmnrfvLaBCOOYSJhCaE5F10oGBOo+hkbDa1kng=\n"
    "\n"
    "— coachandhorses2026h1.staging.certificate.transparency.goog "
    "MpXgsHy8ZwxXnO+WjtVrPxAzL49Rs1gWTkNVNeEa//5peAzaocRCB3qt3EaibjzY5GILLtGgBP7dBhgcSHy+JQh0OAc=\n"
    "— witness.navigli.sunlight.geomys.org "
    "o+AP4gAAAABqb7DzNrGFRJnQ9vrJ8xpnwZytnr/ZYczDIsvwvouiSjwOjn7a72ccxBk+lKnZ7dKqkYKER1s/KxLTaVwQD7lJZTC/CQ==\n"
)

TEXT = "example.com/log\n1\nAAAA\n"
LOG, WITNESS = SeedSigner("example.com/log"), SeedSigner("example.com/witness")
LOG_LINE = note.sign_ed25519(TEXT, LOG, LOG.name)
WITNESS_LINE = note.cosign(TEXT, WITNESS, WITNESS.name, 1_700_000_000)


def test_a_note_signed_by_go_verifies() -> None:
    signed = Note.parse(GO_NOTE)
    note.verify_ed25519(signed.text, signed.signatures[0], VerifierKey.parse(GO_KEY))


def test_a_cosignature_of_a_public_witness_verifies_and_tells_its_time() -> None:
    signed = Note.parse(PUBLIC_CHECKPOINT)
    key = VerifierKey.parse(WITNESS_KEYS[0])
    assert note.verify_cosignature(signed.text, signed.signatures[1], key) == 1_785_704_691


@pytest.mark.parametrize("text", [GO_KEY, *WITNESS_KEYS])
def test_a_published_key_is_written_as_it_was_read(text: str) -> None:
    assert VerifierKey.parse(text).format() == text


@pytest.mark.parametrize("text", [GO_NOTE, PUBLIC_CHECKPOINT])
def test_a_published_note_is_written_as_it_was_read(text: str) -> None:
    assert Note.parse(text).format() == text


def test_our_signatures_verify_under_our_keys() -> None:
    note.verify_ed25519(TEXT, LOG_LINE, log_key(LOG))
    assert note.verify_cosignature(TEXT, WITNESS_LINE, witness_key(WITNESS)) == 1_700_000_000


def test_one_key_has_two_hashes_for_its_two_kinds() -> None:
    assert log_key(LOG).key_hash != VerifierKey(LOG.name, NoteKind.COSIGNATURE_V1, LOG.public).key_hash


def test_only_the_last_empty_line_parts_text_and_signatures() -> None:
    signed = Note("first\n\nsecond\n", (LOG_LINE,))
    assert Note.parse(signed.format()) == signed


@pytest.mark.parametrize("cut", range(len(GO_KEY)))
def test_no_part_of_a_key_is_a_key(cut: int) -> None:
    for part in (GO_KEY[:cut], GO_KEY[cut + 1 :]):
        with pytest.raises(Malformed):
            VerifierKey.parse(part)


@pytest.mark.parametrize("at", range(len(GO_KEY)))
def test_a_key_with_one_character_changed_is_no_key(at: int) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(GO_KEY[:at] + chr(ord(GO_KEY[at]) + 1) + GO_KEY[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long, hash to match
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # an unknown kind, hash to match
        GO_KEY.upper(),
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY + "\n",
        "",
    ],
)
def test_a_key_that_is_not_exactly_right_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


def test_an_ecdsa_key_is_no_note_key() -> None:
    public = PublicKey.of(generate_private_key(SECP256R1()).public_key())
    with pytest.raises(Malformed, match="Ed25519 key is needed"):
        VerifierKey("example.com/log", NoteKind.ED25519, public)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\u00a0b", "a\u2028b", "a\x00b", "a\ud800"])
def test_a_name_with_a_space_a_plus_or_a_control_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match="not a key name"):
        VerifierKey(name, NoteKind.ED25519, LOG.public)
    with pytest.raises(Malformed, match="not a key name"):
        NoteSignature(name, b"hash", b"signature")


@pytest.mark.parametrize("text", ["", "no newline", "tab\t\n", "bell\x07\n", "return\r\n", "\ud800\n"])
def test_a_text_that_no_note_holds_is_not_signed(text: str) -> None:
    with pytest.raises(Malformed, match="text of a note"):
        note.sign_ed25519(text, LOG, LOG.name)
    with pytest.raises(Malformed, match="text of a note"):
        note.cosign(text, WITNESS, WITNESS.name, 1)


@pytest.mark.parametrize(
    "change",
    [
        ("\n\n— ", "\n— "),  # no empty line
        ("\n\n— ", "\n\n- "),  # a hyphen for the dash
        ("\n\n— ", "\n\n—"),  # no space after it
        ("\n\n— ", "\n\n—  "),  # two
        ("log ", "log  "),
        ("—", "\u2013"),
        ("example", "exam\x01ple"),
        ("example", "exam\rple"),
    ],
)
def test_a_note_with_one_change_in_its_form_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(Malformed):
        Note.parse(Note(TEXT, (LOG_LINE,)).format().replace(*change))


@pytest.mark.parametrize("tail", ["", "\n", "x", "— ", "— a\n", "— a b\n", "— a AAAAAA==\n", "— a AAAAAAB\n", " \n"])
def test_nothing_but_signature_lines_follows_the_text(tail: str) -> None:
    whole = Note(TEXT, (LOG_LINE,)).format()
    with pytest.raises(Malformed):
        Note.parse((whole if tail else whole[:-1]) + tail)


def test_a_signature_in_another_base64_text_is_refused() -> None:
    line = LOG_LINE.format()
    assert line.endswith("=")
    spare = line[:-2] + chr(ord(line[-2]) + 1) + "="
    with pytest.raises(Malformed, match="canonical"):
        NoteSignature.parse(spare)
    with pytest.raises(Malformed):
        NoteSignature.parse(line.rstrip("="))


def test_a_note_without_a_signature_is_none() -> None:
    with pytest.raises(Malformed, match="not signed"):
        Note(TEXT, ())


def test_a_note_has_a_length_and_a_number_of_lines() -> None:
    whole = Note(TEXT, (LOG_LINE, WITNESS_LINE)).format()
    with pytest.raises(Exceeded, match="characters long"):
        Note.parse(whole, limits=Limits(max_note_bytes=100))
    with pytest.raises(Exceeded, match="more than 1 signature"):
        Note.parse(whole, limits=Limits(max_note_signatures=1))


def test_sixteen_signatures_are_read_as_the_standard_demands() -> None:
    assert len(Note.parse(Note(TEXT, (LOG_LINE,) * 16).format()).signatures) == 16


def test_a_signature_of_another_text_does_not_hold() -> None:
    with pytest.raises(NotVerified):
        note.verify_ed25519(TEXT + "more\n", LOG_LINE, log_key(LOG))
    with pytest.raises(NotVerified):
        note.verify_cosignature(TEXT + "more\n", WITNESS_LINE, witness_key(WITNESS))


def test_a_plain_signature_is_no_cosignature_and_the_reverse() -> None:
    with pytest.raises(NotVerified, match="not by the key"):
        note.verify_cosignature(TEXT, LOG_LINE, log_key(LOG))
    with pytest.raises(NotVerified, match="not by the key"):
        note.verify_ed25519(TEXT, WITNESS_LINE, witness_key(WITNESS))


def test_a_plain_signature_over_a_cosigned_message_is_no_cosignature() -> None:
    message = f"cosignature/v1\ntime 5\n{TEXT}"
    key = VerifierKey(LOG.name, NoteKind.COSIGNATURE_V1, LOG.public)
    forged = NoteSignature(LOG.name, key.key_hash, LOG.sign(message.encode()))
    with pytest.raises(NotVerified, match="64 bytes long, not 72"):
        note.verify_cosignature(TEXT, forged, key)


def test_the_time_of_a_cosignature_is_signed() -> None:
    later = (1_700_000_001).to_bytes(8, "big") + WITNESS_LINE.signature[8:]
    with pytest.raises(NotVerified):
        note.verify_cosignature(TEXT, NoteSignature(WITNESS.name, WITNESS_LINE.key_hash, later), witness_key(WITNESS))


def test_a_time_past_the_end_is_refused_by_reader_and_signer() -> None:
    late = (2**63).to_bytes(8, "big") + WITNESS_LINE.signature[8:]
    with pytest.raises(NotVerified, match="end of time"):
        note.verify_cosignature(TEXT, NoteSignature(WITNESS.name, WITNESS_LINE.key_hash, late), witness_key(WITNESS))
    for time in (-1, 2**63):
        with pytest.raises(Malformed):
            note.cosign(TEXT, WITNESS, WITNESS.name, time)


def test_every_flipped_bit_of_a_signature_line_is_refused() -> None:
    data = LOG_LINE.format().encode()
    accepted = []
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        if _holds(bytes(flipped)):
            accepted.append(bit)
    assert accepted == []


def _holds(line: bytes) -> bool:
    try:
        note.verify_ed25519(TEXT, NoteSignature.parse(line.decode("utf-8", "surrogateescape")), log_key(LOG))
    except HauberkError:
        return False
    return True


@pytest.mark.parametrize("signature", [b"", b"x" * 63, b"x" * 65])
def test_a_signature_of_another_length_does_not_hold(signature: bytes) -> None:
    line: Any = encode(log_key(LOG).key_hash + signature)
    assert decode(line)
    with pytest.raises((NotVerified, Malformed)):
        note.verify_ed25519(TEXT, NoteSignature.parse(f"— {LOG.name} {line}"), log_key(LOG))
