"""TFRecord files: one record behind the other, each with its length and two checksums.

A record is bytes for a program that knows what they are, mostly messages of numbers and texts. One that is a pickle, a
zip or another file by its first bytes is examined as such. Source: TensorFlow `core/lib/io/record_writer.cc`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.model.spans import part_of
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.contents import Part
    from hauberk.view import View

_FILE: Final = re.compile(rb"\x80[\x02-\x05][\x95\x8c(\[{\]}c)XK]|PK\x03\x04|\x7fELF|MZ|\x1f\x8b\x08|\x93NUMPY|<\?xml")
_HEAD_BYTES: Final = 12
_MOST_PARTS: Final = 64
_POLYNOMIAL: Final = 0x82F63B78
_MASK: Final = 0xA282EAD8


def is_records(view: View, head: bytes) -> bool:
    """Say whether a view begins with a length that its checksum fits."""
    return view.size >= _HEAD_BYTES + 4 and int.from_bytes(head[8:12], "little") == _masked(head[:8])


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return which records are files of their own. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    parts: list[Part] = []
    at = count = 0
    while at < view.size:
        head = view.read_at(at, _HEAD_BYTES + 8)
        size = int.from_bytes(head[:8], "little")
        count += 1
        if count > limits.max_message_fields:
            return _fault(UncheckedCode.LIMIT, f"more than {count - 1} records", at)
        if len(head) < _HEAD_BYTES or size > view.size - at - _HEAD_BYTES - 4:
            return _fault(UncheckedCode.MALFORMED, f"a record of {size} bytes that ends behind the file", at)
        if int.from_bytes(head[8:12], "little") != _masked(head[:8]):
            return _fault(UncheckedCode.MALFORMED, "a length that its checksum does not fit", at)
        start = at + _HEAD_BYTES
        if _FILE.match(head, _HEAD_BYTES) and len(parts) < _MOST_PARTS:
            parts.append(part_of(view, f"record {count}", start, start + size))
        at = start + size + 4
    return Described(parts=tuple(parts))


def _masked(data: bytes) -> int:
    """Return CRC-32C as the format keeps it: turned and moved, so that it is no checksum of itself."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def _fault(code: UncheckedCode, detail: str, offset: int) -> Described:
    return Described(unchecked=(Unchecked(code, detail, Location(offset=offset)),))
