"""What the machine remembers of a value, and how it is shown to others.

A pickle of ten million numbers must not become ten million objects here. So a constant is remembered as the *place*
where it stands in the view, a plain int, and is read again in the rare case that an effect needs it. Everything else
is a `Cell`: a container with its first items, or the symbol of an import or a call.

Three bounds keep a hostile stream small. A container keeps its first `KEPT_A_CONTAINER` items and only counts the rest.
Containers that no effect has shown are forgotten (their items, not themselves) once enough newer ones exist. What
effects have shown is kept for the report, up to `max_pickle_kept_items`; what comes after is shown as `Unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from hauberk.formats.model.pickle.constants import read_constant
from hauberk.symbol import Items, Symbol, Text, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.formats.model.pickle.source import Source
    from hauberk.limits import Limits

KEPT_A_CONTAINER = 256
LONGEST_NAME = 1024  # bytes of a name that is read although the room is spent
ITEMS_A_CELL = 4  # an empty container takes the memory of so many items
TEXT_BYTES_AN_ITEM = 64  # so many bytes of shown text count as one more item


@dataclass(slots=True, eq=False)
class Cell:
    """A value that is not a constant.

    Attributes:
        size: the number of values in it, each counted as often as it is reached: what a copy or a hash would visit.
        kind: of a container: tuple, list, set, frozenset, dict; empty for the result of an import or a call.
        held: of a container that was not shown yet: its first items.
        count: of a container: how many items it has, kept or not.
        cut: whether these are more than are kept.
        changed: offset of the last instruction that changed it, 0 where none did.
        symbol: what others see; None for a container that was not shown yet.
        spread: a tuple's or list's items as the arguments of a call, once one was made with them.
        depth: how many values lie one inside the other, down to the deepest; 1 where there are only constants.
        inside: whether it was put into another cell.
    """

    size: int
    kind: str = ""
    held: list[Value] = field(default_factory=list)
    count: int = 0
    cut: bool = False
    changed: int = 0
    symbol: Symbol | None = None
    spread: tuple[Symbol, ...] | None = None
    depth: int = 1
    inside: bool = False


Value: TypeAlias = "int | Cell"


class Values:
    """Makes cells and shows them. `largest` is the greatest size, `deepest` the greatest depth that any cell had."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.largest = 0
        self.deepest = 1
        self.forgot = False
        self._source = source
        self._limits = limits
        self._room = limits.max_pickle_kept_items
        self._constants: dict[int, Symbol] = {}
        self._old: list[Cell] = []
        self._young: list[Cell] = []
        self._young_items = 0
        self._flood = limits.max_pickle_kept_items // 2

    def container(self, kind: str, items: list[Value]) -> Cell:
        """Return a new container; the list of its items is the container's own from here on."""
        count = len(items)
        cut = count > KEPT_A_CONTAINER
        cell = Cell(1, kind, items[:KEPT_A_CONTAINER] if cut else items, count, cut)
        if count:
            self.grow(cell, items)
        self._young.append(cell)
        self._young_items += ITEMS_A_CELL + len(cell.held)
        if self._young_items > self._flood:
            self._forget()
        return cell

    def extend(self, cell: Cell, items: list[Value], place: int) -> None:
        """Put items into a container, by the instruction at `place`; keys and values in turn for a dict."""
        self.grow(cell, items)
        before = cell.count
        cell.count = count = before + len(items)
        cell.changed = place
        symbol = cell.symbol
        if count > KEPT_A_CONTAINER:
            items = items[: max(0, KEPT_A_CONTAINER - before)]
        if isinstance(symbol, Items):
            symbol.items.extend([self.show(item) for item in items])
            symbol.count, symbol.changed, cell.spread = count, place, None
            symbol.cut = symbol.cut or count > KEPT_A_CONTAINER
        elif not before:
            cell.held, cell.cut = items, count > KEPT_A_CONTAINER
            self._young_items += len(items)
        elif not cell.cut:
            cell.held.extend(items)
            cell.cut = count > KEPT_A_CONTAINER
            self._young_items += len(items)

    def result(self, made: Symbol, values: Sequence[Value] = ()) -> Cell:
        """Return the cell of an import or a call, as large as the values that went into it."""
        cell = Cell(1, symbol=made)
        self.grow(cell, values)
        return cell

    def grow(self, cell: Cell, items: Sequence[Value]) -> None:
        """Count values into a cell's size.

        A cell that grows after it was put into others does not grow them: exact for tuples, which is what a hash
        visits during loading, and a lower bound for lists that are filled late.
        """
        size, depth = cell.size + len(items), cell.depth
        if Cell in map(type, items):  # most containers of large pickles hold constants only
            for item in items:
                if type(item) is Cell:
                    item.inside = True
                    size += item.size - 1
                    if item.depth >= depth:
                        depth = item.depth + 1
        if depth > cell.depth:
            cell.depth = depth
            self.deepest = max(self.deepest, depth)
        if size > self.largest:
            self.largest = size = min(size, self._limits.max_symbolic_size)
        cell.size = size

    def grow_late(self, cell: Cell, items: Sequence[Value]) -> None:
        """Count values into an object that may be inside of others already: what it gains, all of them may gain.

        Picklers fill deques and arrays before they put them anywhere, so this is exact for files, and an upper bound
        for a chain that is made from its outer end.
        """
        before = cell.depth
        self.grow(cell, items)
        if cell.inside:
            self.deepest += cell.depth - before

    def show(self, value: Value) -> Symbol:
        """Return what others see of a value. A container that was shown goes on growing as the stream fills it."""
        if isinstance(value, int):
            return self._constant(value)
        if value.symbol is not None:
            return value.symbol
        shown = self._open(value)
        waiting = [value]
        while waiting:
            cell = waiting.pop()
            held, cell.held = cell.held, []
            items = cell.symbol
            assert isinstance(items, Items)
            for item in held:
                if isinstance(item, Cell) and item.symbol is None:
                    waiting.append(item)
                    items.items.append(self._open(item))
                else:
                    items.items.append(self.show(item))
        return shown

    def arguments(self, value: Value, keywords: Value | None = None) -> tuple[Symbol, ...]:
        """Return the arguments that values spread into: `f(*value, **keywords)`, the keywords as one dict, last.

        The same tuple spreads into the same object every time, so that a stream which calls with one large tuple again
        and again stays as small here as it is in the file.
        """
        shown = self.show(value)
        if isinstance(value, int) or not isinstance(shown, Items) or shown.kind not in ("tuple", "list"):
            return (Unknown("arguments that are not a tuple in the stream"), *self._keywords(keywords))
        if value.spread is None:
            value.spread = (*shown.items, Unknown("more arguments than are kept")) if shown.cut else tuple(shown.items)
            self._room -= len(value.spread)
        if keywords is None:
            return value.spread
        self._room -= len(value.spread)
        if self._room < 0:
            self.forgot = True
            return (Unknown("arguments, after more of them than are kept"),)
        return (*value.spread, *self._keywords(keywords))

    def name(self, value: Value) -> Symbol:
        """Return what others see of the name of an import: it is read even where no more arguments are kept."""
        if isinstance(value, int) and self._room < 0 and value not in self._constants:
            return read_constant(self._source, value, longest=LONGEST_NAME)
        return self.show(value)

    def _keywords(self, keywords: Value | None) -> tuple[Symbol, ...]:
        return () if keywords is None else (self.show(keywords),)

    def _open(self, cell: Cell) -> Items:
        self._room -= 1 + len(cell.held)
        if self._room < 0:
            self.forgot, cell.held, cell.cut = True, [], True
        items = Items(cell.kind, [], cell.cut, cell.count, cell.changed)
        cell.symbol = items
        return items

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

    def _forget(self) -> None:
        for cell in self._old:
            if cell.symbol is None and cell.held:
                cell.held, cell.cut = [], True
        self._old, self._young, self._young_items = self._young, [], 0
