"""The inputs of a training run, looked at before its command starts, and compared with what they are at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hauberk.edge.marks import marks
from hauberk.errors import HauberkError, NotVerified
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hauberk.digest import Digest
    from hauberk.edge.marks import Marks


@dataclass(frozen=True, slots=True)
class Watched:
    """An input as it was before the command started.

    Attributes:
        label: its name in statements.
        path: where it lies.
        digest: what it had.
        again: returns the digest that it has now.
        marks: which file it was and when it was last changed, as of now where nothing else is given.
    """

    label: str
    path: Path
    digest: Digest
    again: Callable[[], Digest]
    marks: Marks = field(init=False)

    def __post_init__(self) -> None:
        """Mark it."""
        object.__setattr__(self, "marks", marks(self.path))

    @property
    def differs(self) -> bool:
        """Return whether it has another digest now; what is gone, or cannot be read any more, has."""
        try:
            return self.again() != self.digest
        except HauberkError:
            return True


def require_untouched(inputs: Iterable[Watched]) -> None:
    """Raise `NotVerified` where an input changed, was removed or was written to since it was looked at."""
    inputs = tuple(inputs)
    changed = [one.label for one in inputs if one.differs]
    touched = [one.label for one in inputs if marks(one.path) != one.marks]
    if changed or touched:
        raise NotVerified(
            f"{', '.join(changed or touched)} changed while the command ran{'' if changed else ', and was put back'}",
            "no model was recorded: run it again",
            refused_for=RefusedFor.INPUT_CHANGED,
        )
