"""Private keys under a passphrase: EncryptedPrivateKeyInfo with PBES2, as OpenSSL and every PKCS #8 reader knows it.

`cryptography` writes this form with 2,048 rounds of PBKDF2, which a graphics card tries by the million a second, and
offers no way to ask for more. So the thirty lines of DER are here; reading stays with `cryptography`.

Source: RFC 5958 section 3 (EncryptedPrivateKeyInfo), RFC 8018 section 6.2 and appendix A (PBES2, PBKDF2, AES-CBC).
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from hauberk.signature import base64

# OWASP's figure for PBKDF2-HMAC-SHA-256 (Password Storage Cheat Sheet, 2023): a quarter of a second on one core. PBKDF2
# and not scrypt, because OpenSSL refuses to read a key whose scrypt needs more than 32 MiB.
ROUNDS = 600_000
SALT_BYTES = 16
IV_BYTES = 16

_SEQUENCE, _INTEGER, _OCTETS, _NULL = 0x30, 0x02, 0x04, b"\x05\x00"
_PBES2 = bytes.fromhex("06092a864886f70d01050d")  # 1.2.840.113549.1.5.13
_PBKDF2 = bytes.fromhex("06092a864886f70d01050c")  # 1.2.840.113549.1.5.12
_HMAC_SHA256 = bytes.fromhex("06082a864886f70d0209")  # 1.2.840.113549.2.9
_AES256_CBC = bytes.fromhex("060960864801650304012a")  # 2.16.840.1.101.3.4.1.42


def encrypt(private_key_info: bytes, passphrase: bytes, *, salt: bytes, iv: bytes, rounds: int = ROUNDS) -> bytes:
    """Return the PEM of a DER PrivateKeyInfo under a passphrase.

    Args:
        private_key_info: the key, DER (RFC 5958 section 2).
        passphrase: any bytes but none; they are used as they are.
        salt: `SALT_BYTES` random bytes, new for each key.
        iv: `IV_BYTES` random bytes, new for each key.
        rounds: of PBKDF2.
    """
    key = hashlib.pbkdf2_hmac("sha256", passphrase, salt, rounds, 32)
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    secret = encryptor.update(padder.update(private_key_info) + padder.finalize()) + encryptor.finalize()
    derivation = _der(
        _SEQUENCE,
        _der(_OCTETS, salt),
        _der(_INTEGER, rounds.to_bytes(rounds.bit_length() // 8 + 1)),
        _der(_SEQUENCE, _HMAC_SHA256, _NULL),
    )
    scheme = _der(_SEQUENCE, _der(_SEQUENCE, _PBKDF2, derivation), _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, iv)))
    return _pem(_der(_SEQUENCE, _der(_SEQUENCE, _PBES2, scheme), _der(_OCTETS, secret)))


def _der(tag: int, *parts: bytes) -> bytes:
    """Return a DER element; its length in the shortest form (X.690 section 10.1)."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


def _pem(der: bytes) -> bytes:
    text = base64.encode(der).encode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    label = b"ENCRYPTED PRIVATE KEY"
    return b"\n".join((b"-----BEGIN %s-----" % label, *lines, b"-----END %s-----" % label, b""))
