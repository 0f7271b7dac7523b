"""Leaves or envelopes of a log as a sequence, for those who go through more of them than memory should hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AT_ONCE = 1000


class Rows(Sequence[bytes]):
    """Consecutive leaves or envelopes, read as they are asked for; a slice is one question."""

    def __init__(
        self,
        read: Callable[[int, int], list[bytes]],
        start: int,
        end: int,
        *,
        each: Callable[[int, int], Iterator[bytes]] | None = None,
    ) -> None:
        """Take what reads from one number up to another, as `Log.records` does, and what yields them if they are long.

        That is `Log.each_envelope`; without it, a thousand are in memory while all are gone through.
        """
        self._read, self._each = read, each
        self._numbers = range(start, end)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> bytes: ...

    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...

    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        if isinstance(place, slice):
            numbers = self._numbers[place]
            return self._read(numbers.start, max(numbers.start, numbers.stop))
        number = self._numbers[place]
        return self._read(number, number + 1)[0]

    def __iter__(self) -> Iterator[bytes]:
        if self._each is not None:
            yield from self._each(self._numbers.start, self._numbers.stop)
            return
        for start in range(0, len(self), _AT_ONCE):
            yield from self[start : start + _AT_ONCE]
