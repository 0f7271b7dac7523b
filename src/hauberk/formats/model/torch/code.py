"""An archive that brings code along, which whoever loads it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.formats.archive.zip import ZipDescription

if TYPE_CHECKING:
    from hauberk.formats.archive.zip import Directory
    from hauberk.formats.contents import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeDescription(ZipDescription):
    """An archive with code in it.

    Attributes:
        sources: members with Python source that is run.
        natives: members with machine code that is loaded into the process, or source that is compiled to it.
        runner: who runs them.
    """

    sources: tuple[str, ...] = ()
    natives: tuple[str, ...] = ()
    runner: str = "its loader"


def with_code(  # noqa: PLR0917 - the facts of an archive
    directory: Directory,
    parts: tuple[Part, ...],
    name: str,
    sources: tuple[str, ...],
    natives: tuple[str, ...],
    runner: str,
) -> CodeDescription:
    """Return the description of an archive that brings code along."""
    return CodeDescription(
        unchecked=directory.unchecked,
        parts=(*parts, *directory.extra),
        format=name,
        oddities=directory.oddities,
        members=directory.members,
        sources=sources,
        natives=natives,
        runner=runner,
    )
