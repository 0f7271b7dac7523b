"""The pickle machine: runs every instruction, and makes nothing but symbols.

CPython's unpickler has a stack, marks that remember heights of the stack, and a memo. So has this machine; but where
CPython would import a name or call what it imported, this one writes down an `Effect` and pushes a symbol of the
result. An effect is recorded when its instruction is met. What pops the result, ends the stream early or breaks it
afterwards comes too late, for CPython and for us.

Two rules decide every doubt. Where CPython's two unpicklers (C and Python) disagree, the machine goes on in the way
that sees more, and notes that they disagree. Where CPython would stop for sure, the machine stops and notes the place.
A stream with a note is never complete. Each instruction takes constant time and memory, whatever was built before it.

This file is the machine at rest: its parts, and what instructions do to them. `instructions` holds the instructions,
`loop` runs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.model.pickle.collisions import Collisions
from hauberk.formats.model.pickle.level import Level
from hauberk.formats.model.pickle.values import Values
from hauberk.symbol import Effect, Made, Symbol, Unknown, Use

if TYPE_CHECKING:
    from hauberk.formats.model.pickle.source import Source
    from hauberk.limits import Limits
    from hauberk.view import View

MOST_NOTES = 64
UNSEEN = Unknown("names that only some unpicklers see, after a broken frame")


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes inside a stream that are not instructions: an array, or (`nested`) a pickle of its own."""

    start: int
    size: int
    nested: bool = False


class Inline(Protocol):
    """Says whether a loader reads foreign bytes after BUILD has given an object its state."""

    def __call__(self, wrapper: Made, here: int, view: View) -> Payload | None:
        """Return what follows at offset `here`, or None; raise `Malformed` where that cannot be told."""
        ...


class Machine:
    """What the streams of one view do, one after the other; it adds up.

    Attributes:
        effects: what loading would do, in order; an import of a name that was imported before is not repeated.
        notes: why the streams could not be followed to the end, and where.
        payloads: foreign bytes that were skipped.
        inlined: offset behind the first BUILD that they follow, None where there are none.
        renamed: names as they are spelled in the stream, and as CPython 3 resolves them, where these differ.
        imports: the cells of the names that were imported.
        opcodes: how many instructions were run.
        values: what is remembered of values.
        alike: how many long integers have one hash.
        level: the unpickler at work; `outer` are those that wait for it.
        place: offset of the instruction that the next note is about.
    """

    def __init__(self, source: Source, limits: Limits, inline: Inline | None = None) -> None:
        self.effects: list[Effect] = []
        self.notes: list[Unchecked] = []
        self.payloads: list[Payload] = []
        self.inlined: int | None = None
        self.renamed: dict[tuple[str, str], tuple[str, str]] = {}
        self.imports: dict[tuple[str, str], int] = {}
        self.opcodes = 0
        self.values = Values(source, limits)
        self.alike = Collisions()
        self.source = source
        self.limits = limits
        self.inline = inline
        self.outer: list[Level] = []
        self.level = Level()
        self.place = source.here
        self._disagreed = False

    def note(self, detail: str, code: UncheckedCode = UncheckedCode.MALFORMED) -> None:
        """Write down that something was not followed."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Unchecked(code, detail, Location(offset=min(self.place, self.source.size))))

    def effect(self, use: Use, target: Symbol, arguments: tuple[Symbol, ...], place: int) -> None:
        """Write down what loading would do; raise `Exceeded` where that is too much."""
        if len(self.effects) >= self.limits.max_pickle_effects:
            raise Exceeded(f"more than {self.limits.max_pickle_effects} effects")
        self.effects.append(Effect(use, target, arguments, place))

    def turn(self) -> None:
        """Bring the next bytes to the source; refuse where there are none, or where something has grown too large."""
        source, level, limits = self.source, self.level, self.limits
        here = source.here
        self.leave_frame()
        if here >= source.size:
            raise Malformed("the stream ends inside an instruction" if here > source.size else "there is no STOP")
        if source.at >= source.edge:
            for count, limit, what in (
                (self.opcodes, limits.max_pickle_opcodes, "instructions"),
                (level.top, limits.max_pickle_stack, "values on the stack"),
                (level.marked, limits.max_pickle_stack, "marks on the stack"),
                (level.entries(), limits.max_pickle_memo, "values in the memo"),
            ):
                if count > limit:
                    raise Exceeded(f"more than {limit} {what}")
            source.turn()
        level.make_room(source.edge - source.at)

    def edge(self) -> int:
        """Return the index up to which instructions may be read without asking: the chunk's edge or the frame's end."""
        edge, end = self.source.edge, self.level.frame_end
        return min(edge, end - self.source.base) if end else edge

    def leave_frame(self) -> None:
        """Forget a frame that has ended; say so if it ended inside an instruction."""
        here, end = self.source.here, self.level.frame_end
        if 0 < end <= here:
            if end < here:
                self.disagree("an instruction crosses the end of its frame")
            self.level.frame_end = 0

    def disagree(self, detail: str) -> None:
        """Note that CPython's unpicklers see different instructions from here on.

        Where an argument crosses the end of a frame, the one in Python refuses; the one in C reads on if it was given
        bytes, and if it was given a file throws away what was left of the frame: with `cjson.` at the end of a frame
        and `os` behind it, it imports `os`. The machine reads on; for all that it does not see stands one effect.
        """
        self.note(f"{detail}: unpicklers disagree what follows")
        if not self._disagreed:
            self.effects.append(Effect(Use.IMPORT, UNSEEN, (), self.place))
        self._disagreed = True
