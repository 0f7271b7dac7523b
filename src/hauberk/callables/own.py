"""Rows that somebody else signed: a team's own classes, or a newer release of one of our tables.

They are asked after our own judgement and say more about exact names only. Nothing that is known to be dangerous is
ever made safe by them. Where they replace a table of ours, a name that only the old table held is unknown again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Judgement, Tier
from hauberk.symbol import Global, Made, Nothing, Use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.callables.table import Row
    from hauberk.symbol import Effect, Symbol

_CHANGES: Final = (Use.BUILD, Use.EXTEND)
_MOST_WRAPPED: Final = 4
_RECONSTRUCTOR: Final = "copyreg._reconstructor"


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Signed rows by module and name, and the names of our tables that they replace."""

    rows: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.rows or self.replaced)

    def row_of(self, name: Global) -> Row | None:
        """Return the row of exactly this name."""
        return self.rows.get(name.module, {}).get(name.name)

    def judged(self, effect: Effect, judgement: Judgement) -> Judgement:
        """Return what is known of an effect with these rows, given what is known without them."""
        if judgement.tier is Tier.DANGEROUS:
            return judgement
        name = self._target(effect)
        if name is None:
            return judgement
        cls = reconstructed(effect)
        if cls is not None and (row := self.row_of(cls)) and Use.NEW.value in row[0].split():
            return Judgement(Tier.SAFE, None, str(cls), row[3])
        row = self.row_of(name)
        if row is not None:
            return _by_row(name, effect, row, judgement)
        from hauberk.callables.table import BUILT_IN  # noqa: PLC0415 - most scans believe no rows but ours

        if any(name.name in BUILT_IN[table].get(name.module, {}) for table in self.replaced):
            why = "the newer table, which replaces ours, does not hold it"
            return Judgement(Tier.UNKNOWN, None, str(name), why)
        return judgement

    def _target(self, effect: Effect) -> Global | None:
        """Return the name that an effect is about: what is imported or called, or the class of what is changed."""
        if isinstance(effect.callable, Global):
            return None if effect.use in _CHANGES else effect.callable
        return self._product_of(effect.callable) if effect.use in _CHANGES else None

    def _product_of(self, made: Symbol) -> Global | None:
        """Return the class that a call makes an instance of, by these rows, else by ours."""
        from hauberk.callables.table import product_of  # noqa: PLC0415 - as above

        for _ in range(_MOST_WRAPPED):
            if not isinstance(made, Made) or not isinstance(made.callable, Global):
                return None
            row = self.row_of(made.callable)
            if row is None:
                return product_of(made)
            if row[2] != "0":
                module, _, name = row[2].partition(":")
                return Global(module, name) if name else made.callable
            first = made.arguments[0] if made.arguments else None
            if first is None or isinstance(first, Global):
                return first
            made = first
        return None


NO_ROWS: Final = OwnRows()


def reconstructed(effect: Effect) -> Global | None:
    """Return the class of which protocols 0 and 1 make an empty instance, by `_reconstructor(cls, object, None)`."""
    if effect.use is not Use.CALL or not isinstance(effect.callable, Global) or str(effect.callable) != _RECONSTRUCTOR:
        return None
    match effect.arguments:
        case (Global() as cls, Global(module="builtins", name="object"), Nothing()):
            return cls
    return None


def _by_row(name: Global, effect: Effect, row: Row, before: Judgement) -> Judgement:
    """Judge a use of a name by its row; a use that the row does not allow is no worse than it was without the row."""
    from hauberk.callables.arguments.registry import ARGUMENT_RULES, PLAIN_RULES  # noqa: PLC0415 - as above

    uses, rule, _, why = row
    if effect.use is Use.IMPORT:
        return Judgement(Tier.SAFE, None, str(name), why)
    if effect.use.value not in uses.split():
        wrong = f"is safe in files that only {uses.replace(' ', ', ')}; here: {effect.use.value}"
    else:
        wrong = (ARGUMENT_RULES[rule] if rule else PLAIN_RULES[effect.use])(effect)
    odd = Tier.UNKNOWN if before.tier is Tier.UNKNOWN else Tier.SAFE_WITH_ARGUMENTS
    return Judgement(odd if wrong else Tier.SAFE, None, str(name), wrong or why)
