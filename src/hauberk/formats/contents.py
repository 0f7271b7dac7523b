"""What every reader returns: its facts, what it could not follow, and what lies inside, to be examined in turn.

A file can hold others: the members of an archive, a packed stream, a pickle in an array. A reader does not look into
them; it says where they are and how their bytes are had. So every format is read by one module, however deep it lies,
and one place counts how much is unpacked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hauberk.finding import RawFile, Unchecked
    from hauberk.view import View


class Room(Protocol):
    """Where unpacked bytes are kept, within the budgets of the whole file."""

    def store(self, chunks: Iterable[bytes], packed: int) -> View:
        """Take all chunks and return a view over them.

        Args:
            chunks: the unpacked bytes, in order; each should be no more than a few MiB.
            packed: how many bytes they were unpacked from, for the ratio.

        Where a budget of bytes or of the ratio is spent, the view ends there, and what is missing is unchecked.

        Raises:
            Malformed: whatever the chunks raise when they cannot be unpacked.
        """
        ...

    def notice(self, described: Described) -> None:
        """Take what was seen while a part was opened: its rules are asked, and what is unchecked is listed."""
        ...


class Reader(Protocol):
    """Describes a view of one format. Raises nothing for what the bytes are, only `Unavailable`."""

    def __call__(self, view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
        """Return what is in the view."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Something inside of a file that is examined as a file of its own.

    Attributes:
        name: what the container calls it; for people, it decides nothing.
        open: returns its bytes; raises `Malformed` or `Exceeded` where they cannot be had.
        offset: of its first byte in the container, where it has one.
        reader: how it is read, whatever its bytes look like, because a loader reads it so; None to tell by content.
    """

    name: str
    open: Callable[[Room], View]
    offset: int | None = None
    reader: Reader | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a reader says of a view, whatever the format; each format adds its facts.

    Attributes:
        unchecked: what could not be followed.
        parts: what lies inside.
        raw_files: which files beside this one are raw numbers, because this one says where each number is.
        format: a finer name than the one that the first bytes gave; empty where there is none.
        also: what other readers say of the same bytes, for the rules that ask those.
    """

    unchecked: tuple[Unchecked, ...] = ()
    parts: tuple[Part, ...] = ()
    raw_files: tuple[RawFile, ...] = ()
    format: str = ""
    also: tuple[Described, ...] = ()
