"""The effects of a pickle that are not safe, judged once for all rules, and how a rule reports them."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Judgement, Tier
from hauberk.callables.own import NO_ROWS, OwnRows
from hauberk.checks.model.expression import expression, printable
from hauberk.finding import Location
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.rule import Sighting, rest
from hauberk.symbol import Effect, Global, Items, Made, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hauberk.formats.contents import Described
    from hauberk.symbol import Symbol

    Judged = tuple[Effect, Judgement]

MOST_SIGHTINGS: Final = 100
_MOST_RELATED: Final = 8
_LONGEST_WAY: Final = 64
_DEEPEST: Final = 2
_TELLING: Final = ((Use.CALL, Use.NEW), (Use.BUILD, Use.EXTEND), (Use.IMPORT, Use.PERSISTENT))


def unsafe(description: PickleDescription) -> tuple[Judged, ...]:
    """Return each effect that is not safe with its judgement, in the order of the stream.

    A dozen rules ask about the same description one after the other, so the last answer is kept. It is kept for the
    description itself, not for one that is equal, which would cost more than judging.
    """
    return _unsafe(_Same(description))


@dataclass(frozen=True, slots=True)
class KnownPickle(PickleDescription):
    """A description that is judged with rows beside our own."""

    own: OwnRows = NO_ROWS


def known_by(described: Described, own: OwnRows) -> Described:
    """Return a description such that every rule judges it with these rows too."""
    if not own or not isinstance(described, PickleDescription):
        return described
    return KnownPickle(**{fact.name: getattr(described, fact.name) for fact in fields(PickleDescription)}, own=own)


def sightings(found: Iterable[Judged], *, why: bool = False) -> Iterator[Sighting]:
    """Report judged effects: for each name what it is called with, or, where it is never called, what else is done.

    The same expression is reported once, with its other places as related. After `MOST_SIGHTINGS` expressions the rest
    is counted and not written out: a hostile stream can have a million.
    """
    by_name: dict[str, list[Judged]] = defaultdict(list)
    for effect, judgement in found:
        by_name[judgement.name].append((effect, judgement))
    places: dict[str, list[int]] = {}
    others: list[int] = []
    for pairs in by_name.values():
        for effect, judgement in _most_telling(pairs):
            saw = _saw(effect, judgement, why=why) if len(places) < MOST_SIGHTINGS else ""
            if saw:
                places.setdefault(saw, []).append(effect.offset)
            else:
                others.append(effect.offset)
    for saw, offsets in places.items():
        related = tuple(Location(offset=offset) for offset in offsets[1 : 1 + _MOST_RELATED])
        yield Sighting(Location(offset=offsets[0]), saw, related=related)
    if others:
        yield rest(Location(offset=others[0]), len(others))


def is_seen(description: PickleDescription, effect: Effect) -> bool:
    """Say whether all of an effect can be seen; if not, it is unchecked already, and no fact about the file."""
    return not description.forgot or not any(
        _is_forgotten(one, _DEEPEST) for one in (effect.callable, *effect.arguments)
    )


def origin(symbol: Symbol) -> Symbol:
    """Return what a result goes back to: the callable of the innermost call, as far as a bounded way leads there."""
    for _ in range(_LONGEST_WAY):
        if not isinstance(symbol, Made):
            break
        symbol = symbol.callable
    return symbol


def _most_telling(pairs: list[Judged]) -> list[Judged]:
    telling = next(uses for uses in _TELLING if any(effect.use in uses for effect, _ in pairs))
    return [pair for pair in pairs if pair[0].use in telling]


def _is_forgotten(symbol: Symbol, deepest: int) -> bool:
    if isinstance(symbol, Items):
        inner: Iterable[Symbol] = symbol.items
        if symbol.cut and not symbol.items:
            return True
    elif isinstance(symbol, Made):
        inner = (*symbol.arguments, symbol.state or symbol.callable)
    else:
        return isinstance(symbol, Unknown)
    return deepest > 0 and any(_is_forgotten(one, deepest - 1) for one in inner)


def _saw(effect: Effect, judgement: Judgement, *, why: bool) -> str:
    text = expression(effect)
    name = judgement.name if judgement.name.isprintable() and len(judgement.name) <= len(text) else ""
    if name and judgement.tier is Tier.DANGEROUS and name not in text:
        text = f"{text}, which is {name}"
    return f"{text}: {printable(judgement.why)}" if why else text


class _Same:
    """A description, equal to itself only."""

    __slots__ = ("description",)

    def __init__(self, description: PickleDescription) -> None:
        self.description = description

    def __hash__(self) -> int:
        return id(self.description)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.description is self.description


@lru_cache(maxsize=1)
def _unsafe(same: _Same) -> tuple[Judged, ...]:
    judged = _judged(same.description, same.description.effects)
    found = tuple((effect, judgement) for effect, judgement in judged if judgement.tier is not Tier.SAFE)
    return (*found, *_hidden(same.description), *_beside(same.description))


def _judged(description: PickleDescription, effects: tuple[Effect, ...]) -> Iterator[Judged]:
    if not effects:
        return
    from hauberk.callables.judge import judge  # noqa: PLC0415 - 2,000 rows, which no pickle of plain data needs

    own = description.own if isinstance(description, KnownPickle) else NO_ROWS
    for effect in effects:
        judgement = judge(effect, description.loader)
        yield effect, own.judged(effect, judgement) if own else judgement


def _hidden(description: PickleDescription) -> Iterator[Judged]:
    """Yield the names that must not be kept, where a container keeps them whose items are not all shown."""
    if not description.hidden:
        return
    from hauberk.callables.arguments.ask import holds_conditional  # noqa: PLC0415 - as above

    why = "is kept in a large container, to be called with arguments that nobody can see"
    for name in filter(holds_conditional, description.hidden):
        yield Effect(Use.IMPORT, name, (), name.offset), Judgement(Tier.SAFE_WITH_ARGUMENTS, None, str(name), why)


def _beside(description: PickleDescription) -> Iterator[Judged]:
    """Yield what is not safe where an unpickler takes foreign bytes for instructions.

    Ordinary arrays make such an unpickler break: by bytes that are no instruction, or by a name that is put together
    from texts which are none. So an unknown name counts only where its module is one of the standard library, and a
    use of a safe name only before anything unknown was looked up or called.
    """
    lost = False
    for effect, judgement in _judged(description, description.beside):
        if judgement.tier is Tier.DANGEROUS or (judgement.tier is Tier.SAFE_WITH_ARGUMENTS and not lost):
            yield effect, judgement
        elif judgement.tier is Tier.UNKNOWN:
            lost = True
            if isinstance(effect.callable, Global) and _is_standard(effect.callable):
                yield effect, judgement


def _is_standard(name: Global) -> bool:
    return name.module.partition(".")[0] in sys.stdlib_module_names
