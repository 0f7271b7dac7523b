"""Canonical base64 (RFC 4648 section 4): padded, no white space, unused bits zero; one text for one value."""

from __future__ import annotations

import binascii

from hauberk.errors import Malformed

_ONE_BYTE = b"AQgw"  # the letters whose last four bits are zero
_TWO_BYTES = b"AEIMQUYcgkosw048"  # whose last two are


def encode(data: bytes) -> str:
    """Return padded standard base64."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode(text: str, *, what: str = "value") -> bytes:
    """Return the bytes; raise `Malformed` unless `text` is exactly what `encode` gives for them."""
    try:
        return decode_ascii(text.encode("ascii"), what=what)
    except UnicodeEncodeError as error:
        raise Malformed(f"the {what} is not base64: {error}") from None


def decode_ascii(text: bytes, *, what: str = "value") -> bytes:
    """Return the bytes, as `decode` does, of a text in ASCII."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise Malformed(f"the {what} is not base64: {error}") from None
    # Strict reading leaves two things open (RFC 4648 section 3.5): padding behind whole fours of letters, any of which
    # CPython takes, and the bits of the last letter behind the last byte.
    if text.endswith(b"="):
        letter, right = (text[-3:-2], _ONE_BYTE) if text.endswith(b"==") else (text[-2:-1], _TWO_BYTES)
        if len(text) % 4 or letter not in right:
            raise Malformed(f"the {what} is not canonical base64")
    return data
