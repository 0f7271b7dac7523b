"""A rule: one question asked of one kind of description, with everything that its manual page needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Misconfigured
from hauberk.finding import Confidence, Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_REST = re.compile(r"and ([0-9]{1,18}) more, from here on")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fact that breaks the rule, and where it is."""

    location: Location
    saw: str
    confidence: Confidence = Confidence.CERTAIN
    related: tuple[Location, ...] = ()


def rest(location: Location, count: int) -> Sighting:
    """Return what a rule says of the places that it counted and did not list."""
    return Sighting(location, f"and {count} more, from here on")


def rested(saw: str) -> int:
    """Return how many places a finding stands for that are not listed; 0 for a place of its own."""
    found = _REST.fullmatch(saw)
    return int(found[1]) if found else 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's metadata beside its pure function; `page` is the manual page, `reads` the description type."""

    id: str
    title: str
    severity: Severity
    remedy: str
    references: tuple[str, ...]
    reads: type
    look: Callable[[Any], Iterator[Sighting]]
    page: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise Misconfigured(f"a rule's id is kebab-case words, not {self.id!r}")


def apply(rules: Iterable[Rule], description: object) -> tuple[Finding, ...]:
    """Return the findings of every rule that reads this type of description, in a fixed order."""
    found = [
        Finding(rule.id, rule.severity, seen.location, seen.saw, seen.confidence, seen.related)
        for rule in rules
        if isinstance(description, rule.reads)
        for seen in rule.look(description)
    ]
    return tuple(sorted(found, key=lambda f: (f.location.member or "", f.location.offset or 0, f.rule, f.saw)))
