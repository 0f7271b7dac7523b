"""Strict and canonical JSON: what is read is small enough, and what is canonical is its own encoding."""

from hauberk.limits import Limits
from hauberk.signature import jcs

LIMITS = Limits(max_document_bytes=1 << 16, max_document_depth=24)


def seeds() -> list[bytes]:
    return [
        jcs.encode({"a": [1, 2.5, -0.0, 1e21, True, None], "ä€": '\u2028\\"', "nested": {"b": [[[]]]}}),
        b'{"twice": 1, "twice": 2}',
        b'[1e999, NaN, "\\ud800"]',
        b"[" * 30 + b"]" * 30,
    ]


def one_input(data: bytes) -> None:
    value = jcs.decode(data, limits=LIMITS)
    encoded = jcs.encode(value)
    assert jcs.encode(jcs.decode_canonical(encoded)) == encoded
