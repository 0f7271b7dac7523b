"""What a pickle would do: the answer of the machine, for a whole view."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described, Part
from hauberk.formats.model.pickle.loop import run
from hauberk.formats.model.pickle.machine import Inline, Machine
from hauberk.formats.model.pickle.source import Source
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.symbol import Blob, Effect, Global, Use
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.contents import Room
    from hauberk.view import View

LOAD_FROM_BYTES = ("torch.storage", "_load_from_bytes")  # gives its one argument to `torch.load`


@dataclass(frozen=True, slots=True)
class Stream:
    """One pickle: the offset of its first byte, the offset behind its STOP (None if it has none), its protocol."""

    start: int
    stop: int | None
    protocol: int


@dataclass(frozen=True, slots=True)
class RawArray:
    """Array data that no unpickler executes: its first byte and its length."""

    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class PickleDescription(Described):
    """What loading would do.

    Attributes:
        streams: the pickles in the view, one behind the other.
        effects: what loading them would do, in the order of the instructions. A name that is imported again is listed
            once.
        arrays: array data between the instructions.
        renamed: pairs of names, (module, name) as spelled in the stream and as CPython 3 resolves it, where protocols
            0 to 2 make these differ.
        opcodes: how many instructions there are.
        largest: the number of values in the largest container, each counted as often as it is reached; a small file
            with a large number is an expansion bomb.
        deepest: how many values lie one inside the other, at most; freeing or hashing them takes stack for each.
        alike: how many long integers there are at most that Python hashes alike.
        trailing: offset of bytes behind the last stream that are not a pickle, or None.
        inline: offset behind the first BUILD after which a loader reads foreign bytes, None where there are none.
        beside: what an unpickler that takes the foreign bytes for instructions would do from there on.
        hidden: names that are put where the description does not show them: behind the first items of a large
            container, or into a container that is shown without its items.
        forgot: whether arguments of later effects are not kept, which is unchecked: they show as cut or unknown.
        loader: who answers persistent ids: `torch` where the pickle was found in a file of `torch.save`, by a reader
            that has the storages; empty where nobody is known to.
    """

    streams: tuple[Stream, ...] = ()
    effects: tuple[Effect, ...] = ()
    arrays: tuple[RawArray, ...] = ()
    renamed: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    opcodes: int = 0
    largest: int = 0
    deepest: int = 1
    alike: int = 0
    trailing: int | None = None
    hidden: tuple[Global, ...] = ()
    forgot: bool = False
    inline: int | None = None
    beside: tuple[Effect, ...] = ()
    loader: str = ""


def describe(
    view: View, limits: Limits = DEFAULT_LIMITS, *, start: int = 0, inline: Inline | None = None
) -> PickleDescription:
    """Return what loading the pickles in a view, from `start` on, would do. Nothing is loaded.

    Each stream has a memo of its own, as with `pickle.load` called again and again. Raises nothing for what the bytes
    are: what cannot be followed is listed as unchecked.

    Raises:
        Unavailable: the view cannot be read.
    """
    source = Source(view, start)
    machine = Machine(source, limits, inline)
    streams: list[Stream] = []
    trailing = None
    while True:
        begin, known = source.here, len(machine.effects)
        complete = run(machine)
        if not complete and streams and len(machine.effects) == known and source.peek(begin, 1) != b"\x80":
            machine.notes[-1] = _note(UncheckedCode.MALFORMED, "bytes behind the last pickle that are not one", begin)
            trailing = begin
            break
        streams.append(Stream(begin, source.here if complete else None, machine.level.protocol))
        if not complete or source.here >= source.size:
            break
        if len(streams) >= limits.max_pickle_streams:
            machine.notes.append(_note(UncheckedCode.LIMIT, f"more than {len(streams)} streams", source.here))
            break
    if machine.values.forgot:
        machine.notes.append(_note(UncheckedCode.LIMIT, "more arguments of calls than are kept", start))
    return PickleDescription(
        parts=tuple(_parts(view, machine.effects)),
        streams=tuple(streams),
        effects=tuple(machine.effects),
        unchecked=tuple(machine.notes),
        arrays=tuple(RawArray(p.start, p.size) for p in machine.payloads if not p.nested),
        renamed=tuple(sorted(machine.renamed.items())),
        opcodes=machine.opcodes,
        largest=machine.values.largest,
        deepest=machine.values.deepest,
        alike=machine.alike.most,
        trailing=trailing,
        hidden=tuple(_hidden(machine)),
        forgot=machine.values.forgot,
        inline=machine.inlined,
    )


def _parts(view: View, effects: list[Effect]) -> Iterator[Part]:
    """Yield the files of `torch.save` in a stream, each once: a plain pickle of a tensor holds its storage so."""
    seen: set[int] = set()
    for effect in effects:
        match effect:
            case Effect(use=Use.CALL, callable=Global() as called, arguments=(Blob(size=size, offset=start),)):
                if (called.module, called.name) == LOAD_FROM_BYTES and start not in seen:
                    seen.add(start)
                    yield Part(f"storage at {start}", partial(_inside, view, start, size), start)


def _hidden(machine: Machine) -> Iterator[Global]:
    """Yield the names that may be kept where nobody sees them."""
    for cell in machine.imports.values():
        name = machine.values.show(cell)
        if isinstance(name, Global) and machine.values.is_hidden(cell):
            yield name


def _inside(view: View, start: int, size: int, _: Room) -> View:
    return RangeView(view, start, size)


def _note(code: UncheckedCode, detail: str, offset: int) -> Unchecked:
    return Unchecked(code, detail, Location(offset=offset))
