"""The storages that a pickle of PyTorch asks its loader for: raw numbers that lie beside the pickle.

A persistent id names one: `('storage', torch.FloatStorage, '0', 'cpu', 6)` is six floats under the key 0. What such an
id names, and is exactly as long as it says, is raw numbers that no loader executes. Source: `torch/serialization.py`,
`torch/package/package_importer.py`, `torch/csrc/jit/serialization/unpickler.cpp` of 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.symbol import Global, Items, Number, Text, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.model.pickle.description import PickleDescription

ELEMENT_BYTES: Final = {
    "Byte": 1, "Char": 1, "Bool": 1, "Untyped": 1, "QInt8": 1, "QUInt8": 1, "QUInt4x2": 1, "QUInt2x4": 1, "Short": 2,
    "Half": 2, "BFloat16": 2, "Int": 4, "Float": 4, "QInt32": 4, "Long": 8, "Double": 8, "ComplexFloat": 8,
    "ComplexDouble": 16,
}  # fmt: skip
_SUFFIX: Final = "Storage"
_MOST_ELEMENTS: Final = 1 << 60


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage that is asked for: its key, how many bytes it and its elements have, where the instruction stands."""

    key: str
    size: int
    element: int
    offset: int


def storages_of(description: PickleDescription) -> Iterator[Storage]:
    """Yield the storages that a pickle asks for; an id that is written in another way is judged, and names nothing."""
    for effect in description.effects:
        if effect.use is not Use.PERSISTENT or not effect.arguments:
            continue
        match effect.arguments[0]:
            case Items(items=[Text(value="storage"), Global() as kind, key, _, Number(value=int(count)), *_]):
                element = ELEMENT_BYTES.get(kind.name.removesuffix(_SUFFIX)) if kind.name.endswith(_SUFFIX) else None
                name = _key(key)
                if element and name and 0 <= count < _MOST_ELEMENTS:
                    yield Storage(name, count * element, element, effect.offset)


def name_keys(description: PickleDescription) -> None:
    """Turn keys that are numbers, as packages have them, into the texts that archives have, for who judges them."""
    for effect in description.effects:
        if effect.use is Use.PERSISTENT and effect.arguments and isinstance(effect.arguments[0], Items):
            items = effect.arguments[0].items
            if len(items) > 2 and isinstance(items[2], Number):
                items[2] = Text(_key(items[2]))


def _key(key: object) -> str:
    if isinstance(key, Text) and not key.cut:
        return key.value
    return str(key.value) if isinstance(key, Number) and isinstance(key.value, int) and 0 <= key.value < 1 << 40 else ""
