"""One base64 text for one value (RFC 4648 sections 3.5, 4 and 10)."""

from __future__ import annotations

import itertools

import pytest

from hauberk.errors import Malformed
from hauberk.signature import base64

# RFC 4648 section 10
VECTORS = [
    (b"", ""),
    (b"f", "Zg=="),
    (b"fo", "Zm8="),
    (b"foo", "Zm9v"),
    (b"foob", "Zm9vYg=="),
    (b"fooba", "Zm9vYmE="),
    (b"foobar", "Zm9vYmFy"),
]


@pytest.mark.parametrize(("data", "text"), VECTORS)
def test_the_vectors_of_the_rfc_hold_both_ways(data, text):
    assert base64.encode(data) == text
    assert base64.decode(text) == data


@pytest.mark.parametrize(
    "text",
    [
        "Zg",  # no padding
        "Zg=",  # half of it
        "Zg===",  # more than it
        "Zh==",  # unused bits are set
        "Zm9=",  # unused bits are set
        "Zm9v\n",
        " Zm9v",
        "Zm 9v",
        "Zm9v=",
        "Zm9vAAAA=",  # padding behind whole fours, whose last letter ends in zero bits
        "AAAA==",
        "AAAA===",
        "AAAA====",
        "=",
        "====",
        "-_-_",  # the URL alphabet
        "Zg==Zg==",  # two values
        "Zm9vé",
        "Zm9v\0",
    ],
)
def test_any_other_text_for_a_value_is_refused(text):
    with pytest.raises(Malformed):
        base64.decode(text)


def test_each_short_text_is_refused_or_what_is_written_for_its_value():
    for count in range(9):
        for letters in itertools.product("AQR=", repeat=count):
            text = "".join(letters)
            try:
                data = base64.decode(text)
            except Malformed:
                data = None
            assert data is None or base64.encode(data) == text
            assert data is not None or len(text) % 4 or "=" in text


def test_an_error_names_what_was_read():
    with pytest.raises(Malformed, match="payload is not"):
        base64.decode("?", what="payload")
