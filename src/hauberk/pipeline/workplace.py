"""What every stage of a run works with, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hauberk.pipeline.book import Book
    from hauberk.pipeline.project import Project
    from hauberk.verdict import Verdict


class How(StrEnum):
    """How a stage ended."""

    RAN = "ran"
    UNCHANGED = "unchanged"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What a stage came to, in a few words; the gate's has its verdict."""

    how: How
    what: str
    verdict: Verdict | None = None


class Listener(Protocol):
    """Whoever is told how a run goes, while it goes."""

    def begun(self, stage: str, command: tuple[str, ...]) -> None:
        """A command of the project is about to run; what it prints goes to standard error."""
        ...

    def ended(self, stage: str, result: Result, seconds: float) -> None:
        """A stage has ended."""
        ...

    def noticed(self, text: str) -> None:
        """Something that a person should know."""
        ...


@dataclass(frozen=True, slots=True)
class Workplace:
    """A project, its ledger with the keys that write in it, and the listener."""

    project: Project
    book: Book
    listener: Listener
