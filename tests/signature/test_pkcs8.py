"""Private keys under a passphrase: what we write is what OpenSSL's readers open, and slow to try."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from hauberk.signature import base64, pkcs8

NOT_ENCRYPTED = serialization.NoEncryption()
SALT, IV = bytes(range(16)), bytes(range(16, 32))
KEYS = [ec.derive_private_key(1, ec.SECP256R1()), ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))]


def plain(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, NOT_ENCRYPTED)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("rounds", [1, 127, 128, 255, 256, 65535])
def test_a_key_reads_back_with_its_passphrase(key, rounds):
    pem = pkcs8.encrypt(plain(key), b"words \xff\x00", salt=SALT, iv=IV, rounds=rounds)
    assert plain(serialization.load_pem_private_key(pem, b"words \xff\x00")) == plain(key)


@pytest.mark.parametrize("passphrase", [b"word", b"words\n", b"", None])
def test_another_passphrase_opens_nothing(passphrase):
    pem = pkcs8.encrypt(plain(KEYS[0]), b"words", salt=SALT, iv=IV, rounds=1)
    with pytest.raises((ValueError, TypeError)):
        serialization.load_pem_private_key(pem, passphrase)


def decoded(pem: bytes) -> bytes:
    return base64.decode(b"".join(pem.splitlines()[1:-1]).decode())


def test_a_key_costs_600_000_rounds_to_try():
    an_integer_of_600_000 = bytes.fromhex("02030927c0")
    assert an_integer_of_600_000 in decoded(pkcs8.encrypt(plain(KEYS[1]), b"words", salt=SALT, iv=IV))


def test_the_key_is_not_in_the_file():
    der = decoded(pkcs8.encrypt(plain(KEYS[0]), b"words", salt=SALT, iv=IV, rounds=1))
    assert plain(KEYS[0])[36:68] not in der


def test_the_file_is_pem_of_64_columns():
    first, *lines, last = pkcs8.encrypt(plain(KEYS[0]), b"words", salt=SALT, iv=IV, rounds=1).split(b"\n")[:-1]
    assert (first, last) == (b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"-----END ENCRYPTED PRIVATE KEY-----")
    assert {len(line) for line in lines[:-1]} == {64}
