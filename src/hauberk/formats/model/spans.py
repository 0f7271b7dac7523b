"""Where the tensors of a file lie: ranges of raw numbers, which of them overlap, and what lies between and behind.

No loader executes raw numbers, so they are not read. That holds only for bytes that belong to exactly one tensor: what
lies in a hole or behind the last one was put there for another reader, and is examined as a file of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.formats.contents import Described, Part
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.view import View

MOST_CONTRADICTIONS = 64


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A place where a file says two things that cannot both be true, so that two readers may see two files."""

    offset: int
    seen: str


@dataclass(frozen=True, slots=True)
class Span:
    """One tensor's bytes, from `start` to `stop`, and the offset in the header where it is described."""

    start: int
    stop: int
    told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorsDescription(Described):
    """A file of named tensors.

    Attributes:
        tensors: how many there are.
        contradictions: where the file contradicts itself, the first `MOST_CONTRADICTIONS`.
        behind: offset of bytes behind the last tensor, None where there are none.
    """

    tensors: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    behind: int | None = None


def overlaps_and_holes(spans: Iterable[Span], start: int) -> tuple[list[Contradiction], list[tuple[int, int]], int]:
    """Return where spans overlap; the ranges from `start` on that none covers; and where the last one ends."""
    overlaps: list[Contradiction] = []
    holes: list[tuple[int, int]] = []
    end = start
    for span in sorted(spans, key=lambda one: (one.start, one.stop)):
        if span.start < end and span.start < span.stop and len(overlaps) < MOST_CONTRADICTIONS:
            overlaps.append(Contradiction(span.told, f"a tensor at byte {span.start} overlaps one that ends at {end}"))
        if span.start > end and len(holes) < MOST_CONTRADICTIONS:
            holes.append((end, span.start))
        end = max(end, span.stop)
    return overlaps, holes, end


def part_of(view: View, name: str, start: int, stop: int) -> Part:
    """Return a range of a view as a part to be examined."""
    return Part(name, lambda _room: RangeView(view, start, stop - start), start)
