"""Paddle's parameters (`.pdiparams`): tensors one behind the other, each with its type and shape.

No loader executes the numbers, so they are not read; what belongs to no tensor is unchecked. Source:
`SerializeToStream` in `paddle/fluid/framework/dense_tensor_serialize.cc` of Paddle 3.3, and `framework.proto`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.formats.wire.protobuf import BYTES, TELL_LIMITS, VARINT, Message, Wire
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

_HEAD_BYTES: Final = 12  # version, number of levels
_LARGEST_DESCRIPTION: Final = 1 << 10
_MOST_LEVELS: Final = 16
_ELEMENT_BYTES: Final = {
    **dict.fromkeys((0, 20, 21, 32, 33), 1),
    **dict.fromkeys((1, 4, 22, 36), 2),
    **dict.fromkeys((2, 5, 37), 4),
    **dict.fromkeys((3, 6, 19, 23, 38), 8),
    24: 16,
}  # of the types in `framework.proto`


def is_parameters(view: View) -> bool:
    """Say whether a view begins with a tensor that fits into it."""
    try:
        return view.size > _HEAD_BYTES and _behind_tensor(view, 0, TELL_LIMITS) <= view.size
    except (Malformed, Exceeded):
        return False


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Return what of the file is no tensor. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    at = count = 0
    while at < view.size:
        count += 1
        if count > limits.max_tensors:
            return _fault(UncheckedCode.LIMIT, f"more than {limits.max_tensors} tensors", at)
        try:
            at = _behind_tensor(view, at, limits)
        except Malformed as error:
            return _fault(UncheckedCode.MALFORMED, error.message, at)
        except Exceeded as error:
            return _fault(UncheckedCode.LIMIT, error.message, at)
    return Described()


def _fault(code: UncheckedCode, detail: str, offset: int) -> Described:
    return Described(unchecked=(Unchecked(code, detail, Location(offset=offset)),))


def _behind_tensor(view: View, at: int, limits: Limits) -> int:
    """Return the offset behind the tensor that begins at an offset."""
    version, levels = _integer(view, at, 4), _integer(view, at + 4, 8)
    if version or levels > _MOST_LEVELS:
        raise Malformed(f"no tensor: version {version}, {levels} levels")
    at += _HEAD_BYTES
    for _ in range(levels):
        at += 8 + _integer(view, at, 8)
    version, size = _integer(view, at, 4), _integer(view, at + 4, 4)
    at += 8
    if version or not 0 < size <= _LARGEST_DESCRIPTION or at + size > view.size:
        raise Malformed(f"no tensor: version {version}, a description of {size} bytes")
    end = at + size + _size_of(Message(Wire(view, limits), at, at + size))
    if end > view.size:
        raise Malformed(f"a tensor that ends at byte {end} of {view.size}")
    return end


def _size_of(description: Message) -> int:
    """Return how many bytes a tensor has by its description."""
    kind, elements = -1, 1
    for field in description:
        if field.number == 1 and field.kind == VARINT:
            kind = field.value
        elif field.number == 2 and field.kind == VARINT:
            elements *= field.value
        elif field.number == 2 and field.kind == BYTES:
            raise Malformed("a shape that is packed, which Paddle does not write")
        else:
            raise Malformed(f"field {field.number} of a tensor's description, which no schema has")
    if kind not in _ELEMENT_BYTES:
        raise Malformed(f"a tensor of the type {kind}")
    return elements * _ELEMENT_BYTES[kind]


def _integer(view: View, at: int, size: int) -> int:
    data = view.read_at(at, size)
    if len(data) < size:
        raise Malformed(f"the file ends inside a tensor, at byte {view.size}")
    return int.from_bytes(data, "little")
