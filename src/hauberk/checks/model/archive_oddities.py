"""The oddities of an archive as sightings, for the rules that ask for one kind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.finding import Location
from hauberk.rule import Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.archive.oddity import ArchiveDescription, Odd


def sightings(description: ArchiveDescription, kind: Odd) -> Iterator[Sighting]:
    """Yield the oddities of one kind."""
    for odd in description.oddities:
        if odd.kind is kind:
            yield Sighting(Location(member=odd.member, offset=odd.offset), odd.saw)
