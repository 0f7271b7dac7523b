"""Pickles that begin somewhere inside of other bytes, for a program that reads on from there, or that unpacks them.

Loaders with a header of their own seek behind it and unpickle; so do those that read one array after the other from one
file. In bytes of no known format every beginning of a pickle is tried, near the start and at the end. Behind a format
that is known, only one that ends with the file is looked for: a pickle among raw numbers that nobody reads is none.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

from hauberk.formats.archive import unpack
from hauberk.formats.archive.streams import until_broken
from hauberk.formats.contents import Part
from hauberk.formats.model import joblib
from hauberk.formats.sniff import acts_as_pickle
from hauberk.view import BytesView, RangeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.contents import Room
    from hauberk.view import View

_PROTOCOL: Final = re.compile(rb"\x80[\x02-\x05](?=[\x95\x8c\x8d(\[{\]}c)XUTVSINFGJKMLBC])")
_BLANK: Final = b"\0 \t\r\n"
_HEAD_BYTES: Final = 4 << 20
_TAIL_BYTES: Final = 1 << 16
_MOST_TRIED: Final = 64
_RAW_BYTES: Final = 1 << 16
_NO_BLOCK: Final = 6  # RFC 1951, 3.2.3: both bits of a block's type set is an error


def anywhere(view: View) -> tuple[Part, ...]:
    """Return the first pickle that does something in bytes of no known format.

    Raises:
        Unavailable: the view cannot be read.
    """
    return _first(view, _beginnings(view)) or _deflated(view)


def at_the_end(view: View) -> tuple[Part, ...]:
    """Return a pickle that does something and ends with the file.

    Raises:
        Unavailable: the view cannot be read.
    """
    if not view.size or view.read_at(view.size - 1, 1) != b".":
        return ()
    return _first(view, _in_tail(view))


def _first(view: View, places: Iterator[int]) -> tuple[Part, ...]:
    for at, _ in zip(places, range(_MOST_TRIED), strict=False):
        inside = RangeView(view, at, view.size - at)
        if acts_as_pickle(inside):
            return (Part("(pickle inside)", lambda _room, inside=inside: inside, at, joblib.describe),)  # type: ignore[misc]
    return ()


def _deflated(view: View) -> tuple[Part, ...]:
    """Return what raw DEFLATE, which has no head, unpacks to, where that is a pickle that does something.

    A head of zlib with a small window is tried so too: its two bytes begin many texts.
    """
    start = 2 if _is_small_zlib(view.read_at(0, 2)) else 0
    head = view.read_at(start, _RAW_BYTES)
    if not head or head[0] & _NO_BLOCK == _NO_BLOCK:
        return ()
    try:
        plain = zlib.decompressobj(-15).decompress(head, _RAW_BYTES)
    except zlib.error:
        return ()
    if not acts_as_pickle(BytesView(plain)):
        return ()

    def inflated(room: Room) -> View:
        pieces = unpack.unpack(unpack.deflate, view, start, view.size, unpack.End())
        return room.store(until_broken(pieces, room), view.size)

    return (Part("(as deflate)", inflated, start),)


def _is_small_zlib(head: bytes) -> bool:
    """RFC 1950, 2.2: method 8 with a window below 32 KiB, and the check bits."""
    return len(head) == 2 and head[0] & 15 == 8 and head[0] < 0x78 and int.from_bytes(head, "big") % 31 == 0


def _beginnings(view: View) -> Iterator[int]:
    head = view.read_at(0, _HEAD_BYTES)
    first = len(head) - len(head.lstrip(_BLANK))
    if 0 < first < len(head):
        yield first
    yield from (match.start() for match in _PROTOCOL.finditer(head))
    if view.size > len(head):
        yield from _in_tail(view)


def _in_tail(view: View) -> Iterator[int]:
    base = max(1, view.size - _TAIL_BYTES)
    yield from (base + match.start() for match in _PROTOCOL.finditer(view.read_at(base, view.size - base)))
