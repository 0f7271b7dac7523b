"""Flax's checkpoints: a map in MessagePack whose arrays are extensions, each a message of shape, type and bytes.

Nothing in them is executed. Flax writes three types of extensions: an array, a complex number, a scalar of NumPy;
another one is decoded by whatever the program that loads has registered. Source: `flax/serialization.py`.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed
from hauberk.formats.model.graph import FAULTS, Gathered, GraphDescription
from hauberk.formats.model.spans import part_of
from hauberk.formats.wire.msgpack import MsgPack
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.contents import Part
    from hauberk.formats.wire.msgpack import Value
    from hauberk.view import View

ARRAY, COMPLEX, SCALAR = 1, 2, 3
_MOST_VALUES_TO_TELL: Final = 64
_ENDLESS: Final = (b"\xdf\xff\xff\xff\xff", b"\xdf\x7f\xff\xff\xff")  # a map of so many that nobody counted them
_LONGEST_NAME: Final = 256
_NAME: Final = re.compile(rb"[A-Za-z_][\w./ -]*", re.ASCII)


def is_checkpoint(view: View) -> bool:
    """Say whether a view begins as a map whose keys are texts, the first a name, with values behind it.

    A map that breaks off inside of its first values is one too: it is told from noise by the name.
    """
    if view.read_at(0, 5) in _ENDLESS:
        return True
    packed = MsgPack(view, DEFAULT_LIMITS)
    keys = 0
    try:
        for number, (depth, value) in enumerate(packed.values(0, view.size)):
            if not number and (value.kind != "map" or not value.holds):
                return False
            if depth == 1:
                keys += 1
                if keys % 2 and (value.kind != "text" or (keys == 1 and not _is_name(view, value))):
                    return False
            if value.kind == "extension":
                return keys > 0
            if number >= _MOST_VALUES_TO_TELL:
                break
    except FAULTS:
        return keys > 0
    return keys > 1


def _is_name(view: View, key: Value) -> bool:
    text = view.read_at(key.start, min(key.end - key.start, _LONGEST_NAME))
    return _NAME.fullmatch(text) is not None


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what is odd about a checkpoint, and what could not be read. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    gathered = Gathered(limits)
    packed = MsgPack(view, limits)
    end = 0
    parts: tuple[Part, ...] = ()
    try:
        for _, value in packed.values(0, view.size):
            end = value.end
            if value.kind == "extension":
                _extension(packed, value, gathered)
        if end != view.size:
            parts = (part_of(view, "behind the checkpoint", end, view.size),)
            raise Malformed(f"{view.size - end} bytes behind the checkpoint")
    except FAULTS as error:
        gathered.broken(error)
    return gathered.whole(parts=parts)


def _extension(packed: MsgPack, value: Value, gathered: Gathered) -> None:
    """An array and a scalar are (shape, type, bytes), a complex number is two numbers."""
    if value.extension not in (ARRAY, COMPLEX, SCALAR):
        gathered.odd(f"an extension of type {value.extension}, which Flax does not write", value.at)
        return
    kinds = [inner.kind for depth, inner in packed.values(value.start, value.end) if depth == 1]
    wanted = ["number", "number"] if value.extension == COMPLEX else ["list", "text", "bytes"]
    if kinds != wanted:
        gathered.odd(f"an extension of type {value.extension} that holds {', '.join(kinds[:8])}", value.at)
    elif value.extension != COMPLEX:
        _array(packed, value, gathered)


def _array(packed: MsgPack, value: Value, gathered: Gathered) -> None:
    """Compare the shape and the type of an array with its bytes."""
    inner = list(packed.values(value.start, value.end))
    sizes = [packed.whole(one) for depth, one in inner if depth == 2]
    kind = next(packed.text(one) for depth, one in inner if depth == 1 and one.kind == "text")
    there = next(one.end - one.start for depth, one in inner if depth == 1 and one.kind == "bytes")
    width = re.fullmatch(r"(?:float|int|uint|complex|bfloat)([0-9]{1,3})|(bool|float8_\w+|u?int[24])", kind)
    if width is None:
        gathered.odd(f"an array of the type {kind[:40]!r}, which is none of numbers", value.at)
    elif width[1] and (wanted := prod(sizes) * int(width[1]) // 8) != there and int(width[1]) >= 8:
        gathered.odd(f"an array of {wanted} bytes by its shape, of which {there} are there", value.at)
