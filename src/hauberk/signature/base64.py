"""Canonical base64 (RFC 4648 section 4): padded, no white space, unused bits zero; one text for one value."""

from __future__ import annotations

import binascii

from hauberk.errors import Malformed


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
    # Strict reading leaves one thing open, the bits behind the last byte: the last letters are written again.
    if text and binascii.b2a_base64(data[(len(data) - 1) // 3 * 3 :], newline=False) != text[-4:]:
        raise Malformed(f"the {what} is not canonical base64")
    return data
