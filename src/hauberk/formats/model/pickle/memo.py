"""The memo: values that were put aside under a number.

Picklers number from 0 upwards, so a list holds nearly everything (`near`); numbers that leave a gap wait in `far` until
the gap is closed. MEMOIZE files under the count of entries, not under the next free number (PEP 3154; both of
CPython's unpicklers), which is why PUT and MEMOIZE in one stream can overwrite one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from hauberk.formats.model.pickle.values import Value


class Memo:
    """A map from numbers to values; `near` holds 0 to len(near)-1, `far` the rest."""

    __slots__ = ("far", "near")

    def __init__(self) -> None:
        self.near: list[Value] = []
        self.far: dict[int, Value] = {}

    def __len__(self) -> int:
        return len(self.near) + len(self.far)

    def get(self, key: int) -> Value:
        """Return the value under a number; raise `Malformed` where there is none."""
        if 0 <= key < len(self.near):
            return self.near[key]
        if key in self.far:
            return self.far[key]
        raise Malformed(f"the memo has no entry {key}")

    def put(self, key: int, value: Value) -> None:
        """File a value under a number, in place of what was there; raise `Malformed` for a negative one."""
        near = self.near
        if key < 0:
            raise Malformed(f"a negative memo number, {key}")
        if key < len(near):
            near[key] = value
        elif key > len(near):
            self.far[key] = value
        else:
            near.append(value)
            while self.far and len(near) in self.far:
                near.append(self.far.pop(len(near)))

    def memoize(self, value: Value) -> None:
        """File a value under the number of entries that there are."""
        self.put(len(self), value)
