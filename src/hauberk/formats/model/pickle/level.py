"""One unpickler at work: its stack, its marks and its memo, in columns of numbers.

A value is a number (see `values`), so the stack is a column of numbers, and so are the marks and the memo: eight bytes
for each, where a list of Python's would take four times as much. The loop reads and writes the columns itself; before
it does, `make_room` has made them long enough for all instructions of the chunk, each of which adds one value, one
mark and one entry of the memo at most.

Picklers number the memo from 0 upwards, so a column holds nearly everything (`memo`); numbers that leave a gap wait in
`far` until the gap is closed. MEMOIZE files under the count of entries, not under the next free number (PEP 3154; both
of CPython's unpicklers), which is why PUT and MEMOIZE in one stream can overwrite one another.
"""

from __future__ import annotations

from array import array
from typing import NoReturn

from hauberk.errors import Malformed

EMPTY = array("q")


class Level:
    """One unpickler at work.

    Attributes:
        stack: the values; those below `top` are there.
        marks: the floors below the last; those below `marked` are there.
        floor: the height of the stack at the last mark, 0 where there is none: what lies below cannot be reached.
        memo: the values that are filed under 0 to `filed` - 1; `far` holds the rest.
        frame_end: offset of the end of the frame, 0 where there is none.
        protocol: what the last PROTO said.
    """

    def __init__(self) -> None:
        self.stack = self.marks = self.memo = EMPTY
        self.top = self.marked = self.floor = self.filed = 0
        self.far: dict[int, int] = {}
        self.frame_end = 0
        self.protocol = 0
        self._stack, self._marks, self._memo = array("q"), array("q"), array("q")

    def make_room(self, count: int) -> None:
        """Make the columns long enough for `count` more of each; nobody may look at one meanwhile."""
        if self.top + count > len(self.stack):
            self.stack = EMPTY  # compiled, an array that is looked at cannot grow
            self.stack = longer(self._stack, self.top + count)
        if self.marked + count > len(self.marks):
            self.marks = EMPTY
            self.marks = longer(self._marks, self.marked + count)
        if self.filed + count > len(self.memo):
            self.memo = EMPTY
            self.memo = longer(self._memo, self.filed + count)

    def push(self, value: int) -> None:
        """Push a value."""
        if self.top >= len(self.stack):
            self.make_room(1)
        self.stack[self.top] = value
        self.top += 1

    def peek(self) -> int:
        """Return the value on top; only those above the last mark can be reached."""
        if self.top <= self.floor:
            underflow()
        return self.stack[self.top - 1]

    def take(self, count: int) -> list[int]:
        """Pop values, and return them with the deepest first."""
        if self.top - count < self.floor:
            underflow()
        self.top -= count
        return [self.stack[index] for index in range(self.top, self.top + count)]

    def take_to_mark(self) -> list[int]:
        """Pop the last mark and all values above it, and return these."""
        if not self.marked:
            raise Malformed("there is no mark on the stack")
        items = self.take(self.top - self.floor)
        self.marked -= 1
        self.floor = self.marks[self.marked]
        return items

    def entries(self) -> int:
        """Return how many entries the memo has."""
        return self.filed + len(self.far)

    def get(self, key: int) -> int:
        """Return the value under a number; raise `Malformed` where there is none."""
        if 0 <= key < self.filed:
            return self.memo[key]
        if key in self.far:
            return self.far[key]
        raise Malformed(f"the memo has no entry {key}")

    def put(self, key: int, value: int) -> None:
        """File a value under a number, in place of what was there; raise `Malformed` for a negative one."""
        if key < 0:
            raise Malformed(f"a negative memo number, {key}")
        if key > self.filed:
            self.far[key] = value
        elif key < self.filed:
            self.memo[key] = value
        else:
            self._file(value)
            while self.far and self.filed in self.far:
                self._file(self.far.pop(self.filed))

    def _file(self, value: int) -> None:
        if self.filed >= len(self.memo):
            self.make_room(1)
        self.memo[self.filed] = value
        self.filed += 1


def longer(column: array[int], least: int) -> array[int]:
    """Return a column that was made at least so long, in place, with zeros; it grows by a sixteenth at least."""
    short = max(least - len(column), len(column) >> 4)
    if short > 0:
        column.frombytes(bytes(short * column.itemsize))
    return column


def underflow() -> NoReturn:
    """Raise `Malformed`: an instruction needs more values than there are."""
    raise Malformed("the stack has too few values")
