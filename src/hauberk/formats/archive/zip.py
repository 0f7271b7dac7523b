"""Zip: the directory at the end, the headers before the members, and every place where the two disagree.

Readers differ. Python and Java take the directory at the end, streaming readers take the headers in front; where the
directory lies, which of two ends counts, which of two members of one name is opened, whether a checksum or the bit for
encryption matters, is answered differently by each. So both are read and compared, and what is found in one view only
is examined as well. This module knows nothing of what the members mean; `formats/layouts.py` does.

What is read: the last 64 KiB, the directory, and one short range in front of each member. Source: PKWARE's
APPNOTE.TXT 6.3.10; `zipfile` of CPython 3.11 to 3.14; miniz 3, which PyTorch uses; libarchive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.archive.oddity import ArchiveDescription, Odd, Oddity, beneath_links, odd_names, printable
from hauberk.formats.archive.zip_ends import Place, find_places
from hauberk.formats.archive.zip_gaps import foreign
from hauberk.formats.archive.zip_members import Member, compare, locate, open_member
from hauberk.formats.archive.zip_records import FULL16, SIGNATURE, read_entry, unknown_extra
from hauberk.formats.contents import Part
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hauberk.formats.archive.zip_records import Header
    from hauberk.view import View

__all__ = [
    "Directory",
    "Member",
    "ZipDescription",
    "describe_directory",
    "every_member",
    "member_part",
    "open_member",
    "read_directory",
]

MOST_ODDITIES = 200  # of one archive; each is a finding, and the first ones say enough


@dataclass(frozen=True, slots=True)
class Directory:
    """What a zip file holds, and all that is odd about it.

    Attributes:
        members: in the order of the directory, folders included.
        oddities: what two readers would see differently, and what no reader should meet.
        unchecked: what could not be followed.
        extra: parts that are no member: hidden members, bytes that belong to none, a second directory.
    """

    members: tuple[Member, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    extra: tuple[Part, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all members that are no folders."""
        return tuple(member.name for member in self.members if not member.is_folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipDescription(ArchiveDescription):
    """A zip file; a layout's description adds its facts to this."""

    members: tuple[Member, ...] = ()


@dataclass(slots=True)
class _Found:
    members: list[Member] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    extra: list[Part] = field(default_factory=list)

    def note(self, code: UncheckedCode, detail: str, offset: int | None = None) -> None:
        self.unchecked.append(Unchecked(code, detail, Location(offset=offset)))

    def frozen(self) -> Directory:
        oddities = self.oddities[:MOST_ODDITIES]
        if len(self.oddities) > MOST_ODDITIES:
            oddities.append(Oddity(oddities[-1].kind, f"and {len(self.oddities) - MOST_ODDITIES} oddities more"))
        return Directory(tuple(self.members), tuple(oddities), tuple(self.unchecked), tuple(self.extra))


def read_directory(view: View, limits: Limits = DEFAULT_LIMITS) -> Directory:
    """Return the members of a zip file. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    found = _Found()
    places = find_places(view)
    if not places:
        found.note(UncheckedCode.MALFORMED, "there is no directory at the end: the file is cut off, or is no zip file")
        _account(view, found, ())
        return found.frozen()
    _read_place(view, places[0], found, limits)
    _account(view, found, places)
    for other in places[1:]:
        saw = f"a second directory at byte {other.start}, which other readers take for the only one"
        found.oddities.append(Oddity(Odd.TWO_READINGS, saw, other.end.at))
        found.extra.append(_second(view, other))
    return found.frozen()


def describe_directory(directory: Directory, parts: Iterable[Part], name: str = "") -> ZipDescription:
    """Return the description of a zip file of which these parts are examined; `name` is its format's, if it has one."""
    return ZipDescription(
        unchecked=directory.unchecked,
        parts=(*parts, *directory.extra),
        format=name,
        oddities=directory.oddities,
        members=directory.members,
    )


def member_part(view: View, member: Member) -> Part:
    """Return a member as a part, to be examined as a file of its own, unpacked when it is its turn."""
    return Part(printable(member.name), lambda room: open_member(view, member, room), member.start)


def every_member(view: View, directory: Directory) -> tuple[Part, ...]:
    """Return all members that are no folders as parts."""
    return tuple(member_part(view, member) for member in directory.members if not member.is_folder)


def _read_place(view: View, place: Place, found: _Found, limits: Limits) -> None:
    """Read the directory at one place, and compare it with the headers."""
    if place.end.lies:
        saw = f"the end of the directory and its zip64 record differ in {place.end.lies}"
        found.oddities.append(Oddity(Odd.TWO_READINGS, saw, place.end.at))
    headers = list(_entries(view, place, found, limits))
    for header in headers:
        _add_member(view, place, header, found)
    found.oddities += _duplicates(found.members)
    links = {member.name: "" for member in found.members if member.is_link}
    found.oddities += beneath_links(links, [member.name for member in found.members])


def _entries(view: View, place: Place, found: _Found, limits: Limits) -> Iterator[Header]:
    """Yield the entries of a directory, as far as its size and the limits go."""
    end = place.end
    if end.size > limits.max_directory_bytes:
        found.note(UncheckedCode.LIMIT, f"a directory of {end.size} bytes", place.start)
        return
    data = view.read_at(place.start, end.size)
    at, count = 0, 0
    while at < len(data):
        if data[at : at + 4] == SIGNATURE:
            break
        if count == limits.max_parts:
            found.note(UncheckedCode.LIMIT, f"more than {count} members", place.start + at)
            return
        try:
            header = read_entry(data, at)
        except Malformed as error:
            found.oddities.append(Oddity(Odd.TWO_READINGS, error.message, place.start + at))
            found.note(UncheckedCode.MALFORMED, error.message, place.start + at)
            break
        at, count = at + header.length, count + 1
        yield header
    if count not in (end.count, end.count & FULL16):
        saw = f"the directory has {count} entries in its {end.size} bytes, and {end.count} by its own count"
        found.oddities.append(Oddity(Odd.TWO_READINGS, saw, end.at))


def _add_member(view: View, place: Place, header: Header, found: _Found) -> None:
    member, local = locate(view, header, place.shift)
    if local is None:
        saw = f"the directory says that {printable(member.name)} is at byte {member.header}, where no member begins"
        found.oddities.append(Oddity(Odd.TWO_READINGS, saw, member.header, printable(member.name)))
        found.note(UncheckedCode.MALFORMED, saw, member.header)
        return
    found.members.append(member)
    found.oddities += odd_names(member.name, member.header)
    if header.is_device:
        saw = "a device, a pipe or a socket, which a program that unpacks it may make"
        found.oddities.append(Oddity(Odd.ESCAPE, saw, member.header, printable(member.name)))
    found.oddities += compare(header, local, member)
    for kind, data in dict.fromkeys((*unknown_extra(header), *unknown_extra(local))):
        found.extra.append(_extra_part(f"{printable(member.name)} (extra field {kind:04x})", data, member.header))
    if member.header + local.length + member.packed > view.size:
        found.note(UncheckedCode.MALFORMED, f"{printable(member.name)} goes on behind the file's end", member.header)


def _extra_part(name: str, data: bytes, offset: int) -> Part:
    return Part(name, lambda _: BytesView(data), offset)


def _duplicates(members: list[Member]) -> Iterator[Oddity]:
    first: dict[str, Member] = {}
    for member in members:
        twin = first.setdefault(member.name, member)
        if twin is not member and not (member.is_folder and not member.size):
            saw = f"a second member of this name; the first is at byte {twin.header}"
            yield Oddity(Odd.DUPLICATE, saw, member.header, printable(member.name))


def _account(view: View, found: _Found, places: Sequence[Place]) -> None:
    """Find bytes that belong to two members, or to none."""
    seen = foreign(view, found.members, places)
    found.oddities += seen.oddities
    found.unchecked += seen.unchecked
    found.extra += seen.parts


def _second(view: View, place: Place) -> Part:
    """Return a part whose reader sees the same bytes by another directory."""

    def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> ZipDescription:
        found = _Found()
        for header in _entries(view, place, found, limits):
            _add_member(view, place, header, found)
        directory = found.frozen()
        return describe_directory(directory, every_member(view, directory))

    return Part("(second directory)", lambda _: view, place.start, describe)
