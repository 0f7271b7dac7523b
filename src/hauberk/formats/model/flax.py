"""Flax's checkpoints: a map in MessagePack whose arrays are extensions, each a message of shape, type and bytes.

Nothing in them is executed. Flax writes three types of extensions: an array, a complex number, a scalar of NumPy;
another one is decoded by whatever the program that loads has registered. Source: `flax/serialization.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed
from hauberk.formats.model.graph import FAULTS, Gathered, GraphDescription
from hauberk.formats.wire.msgpack import MsgPack
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.wire.msgpack import Value
    from hauberk.view import View

ARRAY, COMPLEX, SCALAR = 1, 2, 3
_MOST_VALUES_TO_TELL: Final = 64


def is_checkpoint(view: View) -> bool:
    """Say whether a view begins as a map whose keys are texts, with an array or a text of some use among the first."""
    keys = 0
    try:
        for number, (depth, value) in enumerate(MsgPack(view, DEFAULT_LIMITS).values(0, view.size)):
            if not number and (value.kind != "map" or not value.holds):
                return False
            if depth == 1:
                keys += 1
                if keys % 2 and value.kind != "text":
                    return False
            if value.kind == "extension":
                return keys > 0
            if number >= _MOST_VALUES_TO_TELL:
                break
    except FAULTS:
        return False
    return False


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what is odd about a checkpoint, and what could not be read. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    gathered = Gathered(limits)
    packed = MsgPack(view, limits)
    end = 0
    try:
        for _, value in packed.values(0, view.size):
            end = value.end
            if value.kind == "extension":
                _extension(packed, value, gathered)
        if end != view.size:
            raise Malformed(f"{view.size - end} bytes behind the checkpoint")
    except FAULTS as error:
        gathered.broken(error)
    return gathered.whole()


def _extension(packed: MsgPack, value: Value, gathered: Gathered) -> None:
    """An array and a scalar are (shape, type, bytes), a complex number is two numbers."""
    if value.extension not in (ARRAY, COMPLEX, SCALAR):
        gathered.odd(f"an extension of type {value.extension}, which Flax does not write", value.at)
        return
    kinds = [inner.kind for depth, inner in packed.values(value.start, value.end) if depth == 1]
    wanted = ["number", "number"] if value.extension == COMPLEX else ["list", "text", "bytes"]
    if kinds != wanted:
        gathered.odd(f"an extension of type {value.extension} that holds {', '.join(kinds[:8])}", value.at)
