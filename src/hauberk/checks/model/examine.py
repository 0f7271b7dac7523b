"""Examine one view: what it is, what it would do, which rules that breaks, and what could not be looked at.

A view may hold others: each part of it is examined as a file of its own, down to the budgets in `Limits`, and all that
is found belongs to the outermost file. The scanner prints the report; the loader also needs the names that the machine
saw resolved, because it resolves no others. Both get them from here, so that what is scanned is what is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.callables.own import NO_ROWS, OwnRows
from hauberk.checks.model.asked import rules_about
from hauberk.checks.model.judged import known_by
from hauberk.checks.model.unpacked import Unpacked, in_memory
from hauberk.digest import sha256_view
from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Coverage, Location, Report, Unchecked, UncheckedCode
from hauberk.formats.archive import startup
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.formats.second_views import second_views
from hauberk.formats.sniff import UNKNOWN, sniff
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.rule import apply
from hauberk.symbol import Global, Use
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.checks.model.unpacked import Spool
    from hauberk.finding import Finding, RawFile
    from hauberk.formats.contents import Described, Part
    from hauberk.formats.sniff import Format
    from hauberk.rule import Rule
    from hauberk.view import View

INSIDE = "!"  # between the name of an archive and that of its member: outer.zip!inner.pkl


@dataclass(frozen=True, slots=True)
class Examined:
    """A report, and the names as the stream spells them that loading would resolve."""

    report: Report
    names: frozenset[tuple[str, str]]


def examine(
    view: View,
    path: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    rules: Iterable[Rule] | None = None,
    spool: Spool = in_memory,
    digest: bool = True,
    own: OwnRows = NO_ROWS,
) -> Examined:
    """Return what is in a view. Raises nothing for what the bytes are.

    Args:
        view: the bytes; they are hashed here, so that report and digest speak of the same ones.
        path: what the report calls them.
        limits: what is over them is unchecked.
        rules: which questions are asked; None asks all.
        spool: where unpacked bytes are kept while they are looked at.
        digest: whether all bytes are hashed. A report without a digest is about claimed bytes: no gate passes it.
        own: signed rows beside our own tables; only who reports may give any, never who loads.

    Raises:
        Unavailable: the view cannot be read.
    """
    identity = sha256_view(view) if digest else None
    look = _Look(limits, None if rules is None else tuple(rules), Unpacked(limits, spool, view.size), own)
    form, named = look.whole(view, path)
    coverage = (
        Coverage.INERT if form.inert and named == form.name else Coverage.PARTIAL if look.unchecked else Coverage.FULL
    )
    report = Report(
        path,
        identity,
        named,
        view.basis if digest else Basis.CLAIMED,
        coverage,
        tuple(look.findings),
        tuple(look.unchecked),
        view.size,
        raw_files=look.raw_files,
    )
    return Examined(report, frozenset(look.names))


class _Look:
    """One look into a file: what was found so far, and the budgets that are left."""

    def __init__(self, limits: Limits, rules: tuple[Rule, ...] | None, unpacked: Unpacked, own: OwnRows) -> None:
        self.findings: list[Finding] = []
        self.unchecked: list[Unchecked] = []
        self.names: set[tuple[str, str]] = set()
        self.raw_files: tuple[RawFile, ...] = ()
        self._limits = limits
        self._rules = rules
        self._unpacked = unpacked
        self._own = own
        self._opcodes = limits.max_part_opcodes
        self._spent = False

    def whole(self, view: View, path: str) -> tuple[Format, str]:
        """Look into the outermost view; return its format, and the name of it that is known best."""
        form = sniff(view)
        if form.describe is None:
            self._unread(form, None)
            self._beside(view, form, path, None, 0)
            return form, form.name
        described = form.describe(view, self._limits)
        self.raw_files = described.raw_files
        self._take(described, None, 0)
        self._beside(view, form, path, None, 0)
        return form, described.format or form.name

    def _part(self, part: Part, within: str | None, depth: int) -> None:
        member = part.name if within is None else f"{within}{INSIDE}{part.name}"
        view = self._opened(part, member, depth)
        form = None if view is None or part.reader else sniff(view)
        if view is not None and form is not None and (form.inert or form is UNKNOWN):
            self._unpacked.weigh(view)
        for seen in self._unpacked.noticed():
            self._take(seen, member, depth)
        if view is None:
            return
        reader = part.reader or (form and form.describe)
        if reader:
            self._take(reader(view, self._left()), member, depth)
        elif form:
            self._unread(form, member)
        if form:
            self._beside(view, form, part.name, member, depth)

    def _beside(self, view: View, form: Format, name: str, member: str | None, depth: int) -> None:
        """Look into what the bytes are besides, and whether their name makes Python run them."""
        self._take(second_views(view, form), member, depth)
        if (started := startup.describe(view, name)) is not None:
            self._take(started, member, depth)

    def _left(self) -> Limits:
        """Return the limits of a part: the instructions of all pickles in a file are counted together."""
        return replace(self._limits, max_pickle_opcodes=max(0, min(self._limits.max_pickle_opcodes, self._opcodes)))

    def _opened(self, part: Part, member: str, depth: int) -> View | None:
        """Return the bytes of a part, or None where they cannot be had; one that is too large hides no other."""
        try:
            self._unpacked.enter(depth)
            return part.open(self._unpacked)
        except Exceeded as error:
            self._note(UncheckedCode.LIMIT, error.message, member)
        except Malformed as error:
            self._note(UncheckedCode.MALFORMED, error.message, member)
        self._spent = self._unpacked.spent or len(self.unchecked) > self._limits.max_findings
        return None

    def _take(self, described: Described, member: str | None, depth: int) -> None:
        room = self._limits.max_findings - len(self.findings)
        rules = rules_about(described) if self._rules is None else self._rules
        found = apply(rules, known_by(described, self._own))
        if len(found) > room:
            self._note(UncheckedCode.LIMIT, f"more than {self._limits.max_findings} findings", member)
            self._spent = True
        self.findings += [replace(one, location=_inside(one.location, member)) for one in found[:room]]
        self.unchecked += [replace(one, location=_inside(one.location, member)) for one in described.unchecked]
        if isinstance(described, PickleDescription):
            self.names |= names_in(described)
            if depth:
                self._count(described.opcodes, member)
        for other in described.also:
            self._take(other, member, depth)
        for part in described.parts:
            if self._spent:
                break
            self._part(part, member, depth + 1)

    def _count(self, opcodes: int, member: str | None) -> None:
        """Count the instructions of a pickle that lies in another file; behind the last one nothing is looked at."""
        self._opcodes -= opcodes
        if self._opcodes <= 0:
            self._note(UncheckedCode.LIMIT, f"more than {self._limits.max_part_opcodes} instructions", member)
            self._spent = True

    def _unread(self, form: Format, member: str | None) -> None:
        if not form.inert:
            detail = "neither text nor of a format that is known here" if form is UNKNOWN else form.name
            self._note(UncheckedCode.FORMAT_NOT_READ, detail, member)

    def _note(self, code: UncheckedCode, detail: str, member: str | None) -> None:
        self.unchecked.append(Unchecked(code, detail, Location(member=member)))


def _inside(location: Location, member: str | None) -> Location:
    """Return the location as it is seen from the outermost file."""
    if member is None:
        return location
    return replace(location, member=member if location.member is None else f"{member}{INSIDE}{location.member}")


def names_in(description: PickleDescription) -> frozenset[tuple[str, str]]:
    """Return (module, name) of every import that a description lists, also as protocols 0 to 2 spell it."""
    resolved = {
        (effect.callable.module, effect.callable.name)
        for effect in description.effects
        if effect.use is Use.IMPORT and isinstance(effect.callable, Global)
    }
    return frozenset(resolved | {spelled for spelled, found in description.renamed if found in resolved})
