"""What the machine remembers of a value, and how it is shown to others.

A pickle of ten million numbers must not become ten million objects here. So a value is a number. A constant is the
*place* where it stands in the view, and is read again in the rare case that an effect needs it. Everything else, a
container or the result of an import or a call, is a *cell*: a negative number, `~cell`, whose facts stand in columns.

The items of containers are written one behind the other into a ring, `_log`, each container's behind the offset of the
last instruction that changed it. A container keeps its first `KEPT_A_CONTAINER` items and only counts the rest; when
the ring has come round, the oldest items are gone, and their containers are only counted too. What effects have shown
is kept for the report, up to `max_pickle_kept_items`; what comes after is shown as `Unknown`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded
from hauberk.formats.model.pickle.constants import read_constant
from hauberk.formats.model.pickle.level import EMPTY, longer
from hauberk.symbol import Items, Symbol, Text, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.formats.model.pickle.source import Source
    from hauberk.limits import Limits

CONSTANT, RESULT, TUPLE, LIST, DICT, SET, FROZENSET = range(-1, 6)
NAMES = ("", "tuple", "list", "dict", "set", "frozenset")
KEPT_A_CONTAINER = 256
LONGEST_NAME = 1024  # bytes of a name that is read although the room is spent
TEXT_BYTES_AN_ITEM = 64  # so many bytes of shown text count as one more item
FIRST_ITEMS = 1024  # of the ring, which grows up to its full length before it goes round
MOST_COUNTED = (1 << 31) - 1
_EXPONENTS = bytes((count - 1).bit_length() for count in range(1, KEPT_A_CONTAINER + 1))  # of the power above a count


class Values:
    """Makes cells and shows them. `largest` is the greatest size, `deepest` the greatest depth that any cell had.

    The columns hold, for each cell: its kind, and whether it was shown (8), put into another one (16), into a container
    behind the items that are kept (32), into a list, a dict or a set (64); the number of values inside, each counted as
    often as it is reached; how many lie one inside the other below it; how many items it has; where in the ring these
    are, 0 where nothing was written. `lost` says whether a container was shown without its items.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self.largest = 0
        self.deepest = 1
        self.forgot = self.lost = False
        self._source = source
        self._limits = limits
        self._room = limits.max_pickle_kept_items
        self._most = limits.max_symbolic_size
        self._constants: dict[int, Symbol] = {}
        self._symbols: dict[int, Symbol] = {}
        self._spread: dict[int, tuple[Symbol, ...]] = {}
        self._cells = self._cell_room = 0
        self._columns = (array("b"), array("q"), array("i"), array("i"), array("q"))
        self._kinds, self._sizes, self._depths, self._counts, self._starts = self._columns
        self._ring = max(FIRST_ITEMS, 1 << (limits.max_pickle_kept_items - 1).bit_length())
        self._end = 1
        self._items = array("q", bytes(8 * FIRST_ITEMS))
        self._log = self._items
        self._log_room = FIRST_ITEMS

    def container(self, kind: int, stack: array[int], start: int, stop: int) -> int:
        """Return a new container of the values between two heights of a stack."""
        cell = self._cells
        if cell == self._cell_room:
            self._make_room()
        self._cells = cell + 1
        self._kinds[cell] = kind
        if stop > start:
            self._grow(cell, stack, start, stop)
            self._counts[cell] = stop - start
            self._keep(cell, stack, start, stop, 0)
        return -1 - cell

    def extend(self, value: int, stack: array[int], start: int, stop: int, place: int) -> None:
        """Put values into a container, by the instruction at `place`; keys and values in turn for a dict."""
        cell = -1 - value
        self._grow(cell, stack, start, stop)
        before = self._counts[cell]
        self._counts[cell] = min(before + stop - start, MOST_COUNTED)
        if self._kinds[cell] & 8:
            self._extend_shown(cell, stack, start, stop, place)
        elif before:
            self._keep_more(cell, stack, start, stop, place)
        else:
            self._keep(cell, stack, start, stop, place)

    def kind(self, value: int) -> int:
        """Return the kind of a container, `RESULT` for what an import or a call gave, `CONSTANT`."""
        return CONSTANT if value >= 0 else self._kinds[-1 - value] & 7

    def tuple_of(self, values: Sequence[int]) -> int:
        """Return a new tuple."""
        return self.container(TUPLE, array("q", values), 0, len(values))

    def result(self, made: Symbol, values: Sequence[int] = ()) -> int:
        """Return the cell of an import or a call, as large as the values that went into it."""
        cell = -1 - self.container(RESULT, EMPTY, 0, 0)
        self._symbols[cell] = made
        self.largest = max(self.largest, 1)
        self.grow(-1 - cell, values)
        return -1 - cell

    def grow(self, value: int, values: Sequence[int]) -> None:
        """Count values into a cell's size.

        A cell that grows after it was put into others does not grow them: exact for tuples, which is what a hash
        visits during loading, and a lower bound for lists that are filled late.
        """
        if values:
            self._grow(-1 - value, array("q", values), 0, len(values))

    def grow_late(self, value: int, values: Sequence[int]) -> None:
        """Count values into an object that may be inside of others already: what it gains, all of them may gain.

        Picklers fill deques and arrays before they put them anywhere, so this is exact for files, and an upper bound
        for a chain that is made from its outer end.
        """
        cell = -1 - value
        before = self._depths[cell]
        self.grow(value, values)
        if self._kinds[cell] & 16:
            self.deepest += self._depths[cell] - before

    def is_hidden(self, value: int) -> bool:
        """Say whether a value may lie in a container that does not show it, as far as others have asked for any."""
        return bool(self._kinds[-1 - value] & (96 if self.lost else 32))

    def show(self, value: int) -> Symbol:
        """Return what others see of a value. A container that was shown goes on growing as the stream fills it."""
        if value >= 0:
            return self._constant(value)
        known = self._symbols.get(-1 - value)
        if known is not None:
            return known
        waiting = [self._open(-1 - value)]
        shown = waiting[0][0]
        while waiting:
            items, held = waiting.pop()
            for item in held:
                if item < 0 and -1 - item not in self._symbols:
                    waiting.append(self._open(-1 - item))
                    items.items.append(waiting[-1][0])
                else:
                    items.items.append(self.show(item))
        return shown

    def arguments(self, value: int, keywords: int | None = None) -> tuple[Symbol, ...]:
        """Return the arguments that values spread into: `f(*value, **keywords)`, the keywords as one dict, last.

        The same tuple spreads into the same object every time, so that a stream which calls with one large tuple again
        and again stays as small here as it is in the file.
        """
        shown = self.show(value)
        if value >= 0 or not isinstance(shown, Items) or shown.kind not in ("tuple", "list"):
            return (Unknown("arguments that are not a tuple in the stream"), *self._keywords(keywords))
        spread = self._spread.get(value)
        if spread is None:
            spread = (*shown.items, Unknown("more arguments than are kept")) if shown.cut else tuple(shown.items)
            self._spread[value] = spread
            self._room -= len(spread)
        if keywords is None:
            return spread
        self._room -= len(spread)
        if self._room < 0:
            self.forgot = True
            return (Unknown("arguments, after more of them than are kept"),)
        return (*spread, *self._keywords(keywords))

    def name(self, value: int) -> Symbol:
        """Return what others see of the name of an import: it is read even where no more arguments are kept."""
        if value >= 0 and self._room < 0 and value not in self._constants:
            return read_constant(self._source, value, longest=LONGEST_NAME)
        return self.show(value)

    def _make_room(self) -> None:
        if self._cells >= self._limits.max_pickle_cells:
            raise Exceeded(f"more than {self._limits.max_pickle_cells} containers and results")
        least = min(self._cells + (self._cells >> 4) + 64, self._limits.max_pickle_cells)
        self._kinds, self._sizes, self._depths = array("b"), EMPTY, array("i")  # compiled, an array that is looked
        self._counts, self._starts = self._depths, EMPTY  # at cannot grow
        kinds, sizes, depths, counts, starts = (longer(column, least) for column in self._columns)
        self._kinds, self._sizes, self._depths, self._counts, self._starts = kinds, sizes, depths, counts, starts
        self._cell_room = least

    def _grow(self, cell: int, stack: array[int], start: int, stop: int) -> None:
        size, depth = self._sizes[cell] + stop - start, self._depths[cell]
        put = 80 if self._kinds[cell] & 7 >= LIST else 16
        kept = start + KEPT_A_CONTAINER - self._counts[cell]
        for index in range(start, stop):
            value = stack[index]
            if value < 0:
                inner = -1 - value
                self._kinds[inner] |= put if index < kept else 48
                size = min(size + self._sizes[inner], self._most)
                if self._depths[inner] >= depth:
                    depth = self._depths[inner] + 1
                    self._depths[cell] = depth
        if depth >= self.deepest:
            self.deepest = depth + 1
        if size >= self.largest:
            size = min(size, self._most - 1)
            self.largest = size + 1
        self._sizes[cell] = size

    def _keep(self, cell: int, stack: array[int], start: int, stop: int, place: int) -> None:
        """Write the first items of a container behind the last entry of the ring."""
        if stop - start > KEPT_A_CONTAINER:
            stop = start + KEPT_A_CONTAINER
        at = self._entry(cell, 1 << _EXPONENTS[stop - start - 1])
        self._log[at] = place
        self._log[at + 1 : at + 1 + stop - start] = stack[start:stop]

    def _keep_more(self, cell: int, stack: array[int], start: int, stop: int, place: int) -> None:
        """Write further items of a container, where the first ones are still there."""
        ring, old = self._ring, self._starts[cell]
        if old < self._end - ring:
            return
        count = self._counts[cell]
        before = min(count - (stop - start), KEPT_A_CONTAINER)
        added = min(stop - start, KEPT_A_CONTAINER - before)
        room = 1 << _EXPONENTS[before - 1]
        at = old & (ring - 1)
        if before + added > room:
            first, at = at, self._entry(cell, 1 << _EXPONENTS[before + added - 1])
            for index in range(1, before + 1):  # forwards: where the two overlap, the new entry is the earlier one
                self._log[at + index] = self._log[first + index]
        self._log[at] = place
        if added:
            self._log[at + 1 + before : at + 1 + before + added] = stack[start : start + added]

    def _entry(self, cell: int, length: int) -> int:
        """Make an entry of so many items in the ring, the cell's own from here on, and return its index."""
        ring, at = self._ring, self._end & (self._ring - 1)
        if at + length + 1 > ring:
            self._end += ring - at
            at = 0
        while at + length + 1 > self._log_room:
            self._log = EMPTY  # compiled, an array that is looked at cannot grow
            self._log_room = min(2 * self._log_room, ring)
            self._log = longer(self._items, self._log_room)
        self._starts[cell] = self._end
        self._end += length + 1
        return at

    def _extend_shown(self, cell: int, stack: array[int], start: int, stop: int, place: int) -> None:
        symbol = self._symbols[cell]
        if isinstance(symbol, Items):
            before = max(0, symbol.count)
            kept = max(0, min(stop - start, KEPT_A_CONTAINER - before))
            symbol.items.extend([self.show(stack[index]) for index in range(start, start + kept)])
            symbol.count, symbol.changed = self._counts[cell], place
            symbol.cut = symbol.cut or symbol.count > KEPT_A_CONTAINER
            self._spread.pop(-1 - cell, None)

    def _keywords(self, keywords: int | None) -> tuple[Symbol, ...]:
        return () if keywords is None else (self.show(keywords),)

    def _open(self, cell: int) -> tuple[Items, list[int]]:
        """Return the symbol of a container that nobody has seen, still empty, and the values that belong into it."""
        count, start = self._counts[cell], self._starts[cell]
        held: list[int] = []
        changed = 0
        if start and start >= self._end - self._ring:
            at = start & (self._ring - 1)
            changed = self._log[at]
            held = [self._log[index] for index in range(at + 1, at + 1 + min(count, KEPT_A_CONTAINER))]
        elif count:
            changed = self._source.here  # when it changed last is gone with the items; this is no earlier
            self.lost = True
        self._room -= 1 + len(held)
        if self._room < 0:
            self.forgot, held = True, []
        items = Items(NAMES[self._kinds[cell] & 7], [], self._room < 0 or len(held) < count, count, changed)
        self._symbols[cell] = items
        self._kinds[cell] |= 8
        return items, held

    def _constant(self, place: int) -> Symbol:
        known = self._constants.get(place)
        if known is not None:
            return known
        if self._room < 0:
            self.forgot = True
            return Unknown("a constant, after more of them than are kept")
        shown = read_constant(self._source, place, longest=self._limits.max_pickle_text_bytes)
        self._room -= 1 + (len(shown.value) // TEXT_BYTES_AN_ITEM if isinstance(shown, Text) else 0)
        self._constants[place] = shown
        return shown
