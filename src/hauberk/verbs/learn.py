"""Learn: what trusted files use that no table holds, as a proposal for a person to read and sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.checks.model.learning import LEARNING, learnt
from hauberk.verbs.scan import scan

if TYPE_CHECKING:
    from hauberk.checks.model.learning import Learnt
    from hauberk.edge.files import StrPath
    from hauberk.finding import Scan


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt, and the scan that it was learnt from, which says what could not be looked at."""

    learnt: Learnt
    scan: Scan


def learn(*paths: StrPath) -> Lesson:
    """Return what files, or all files of directories, use and no table holds; errors as of `scan`."""
    seen = scan(*paths, rules=(LEARNING,))
    return Lesson(learnt(seen), seen)
