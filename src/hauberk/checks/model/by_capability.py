"""One rule for each capability, from a table: what the rules of pickles and those of graphs have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.callables.judgement import Capability
    from hauberk.finding import Severity
    from hauberk.rule import Sighting


@dataclass(frozen=True, slots=True)
class Row:
    """What differs from rule to rule."""

    id: str
    capability: Capability
    severity: Severity
    title: str
    why: str
    example: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """What the rules of one kind of description share; `about` is the docstring that explains them."""

    reads: type
    looking_for: Callable[[Capability], Callable[[Any], Iterator[Sighting]]]
    remedy: str
    about: str

    def rule(self, row: Row, references: tuple[str, ...]) -> Rule:
        """Return the rule of a row; its page is the row's reason and example, and what is said of all of them."""
        explained = self.about.partition("\n\n")[2]
        return Rule(
            id=row.id,
            title=row.title,
            severity=row.severity,
            remedy=self.remedy,
            references=references,
            reads=self.reads,
            look=self.looking_for(row.capability),
            page=f"{row.title}.\n\n{row.why}\n\nExample: `{row.example}`.\n\n{explained}",
        )
