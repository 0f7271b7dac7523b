"""Every byte of a zip file belongs to one member, to the directory or to its end; the others are told here.

Bytes in front, between members or behind the end are read by something else, or by readers that walk the file from its
front: a member that stands there with its header and has no entry in the directory is hidden from everybody who asks
the directory. Zeros are padding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.archive.oddity import Odd, Oddity, odd_names, printable
from hauberk.formats.archive.zip_members import Member, open_member
from hauberk.formats.archive.zip_records import (
    DESCRIBED_BEHIND,
    DESCRIPTOR,
    END_BYTES,
    FULL16,
    LOCAL,
    LOCAL_BYTES,
    read_local,
)
from hauberk.formats.contents import Part
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hauberk.formats.archive.zip_ends import Place
    from hauberk.formats.archive.zip_records import Header
    from hauberk.formats.contents import Room
    from hauberk.view import View

SEARCH_BYTES = 1 << 16
ZERO_CHUNK_BYTES = 1 << 20
MOST_PADDING_BYTES = 16 << 20  # more zeros than that are no padding
MOST_HIDDEN = 100
MOST_GAPS = 100


@dataclass(slots=True)
class Gaps:
    """What belongs to nobody or to two."""

    oddities: list[Oddity] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def foreign(view: View, members: Iterable[Member], places: Sequence[Place]) -> Gaps:
    """Return what is odd about the bytes of a zip file, given its members and its directories, the chosen one first."""
    seen = Gaps()
    if not places:
        _hidden(view, 0, view.size, seen, told=False)
        return seen
    cursor, owner = 0, None
    for start, stop, member in sorted(_spans(view, members, places), key=lambda span: span[:2]):
        if owner is not None and cursor < start and owner.flags & DESCRIBED_BEHIND:
            cursor += _descriptor_bytes(view, cursor, owner)
        if cursor < start:
            _gap(view, cursor, start, seen)
        elif cursor > start and (member is not None or start == places[0].start):
            name = printable(member.name) if member else None
            saw = f"it begins {cursor - start} bytes before another ends"
            seen.oddities.append(Oddity(Odd.OVERLAP, saw, start, name))
        if stop > cursor:
            cursor, owner = stop, member
    if cursor < view.size:
        _gap(view, cursor, view.size, seen)
    if places[0].end.stop > view.size:
        seen.unchecked.append(_note("the comment of the archive is cut off", places[0].end.at))
    _comment(view, places[0], seen)
    return seen


def _spans(view: View, members: Iterable[Member], places: Sequence[Place]) -> Iterator[tuple[int, int, Member | None]]:
    """Yield what belongs to somebody: members, directories and their ends, as far as the comment of the chosen one."""
    for one in members:
        yield one.header, one.start + one.packed, one
    for place in places:
        yield place.start, place.start + place.end.size, None
        stop = place.end.stop if place is places[0] else place.end.at + END_BYTES
        yield place.end.begins, min(stop, view.size), None


def _descriptor_bytes(view: View, at: int, member: Member) -> int:
    """Return the length of the record behind a member that repeats its checksum and sizes; 0 if there is none."""
    data = view.read_at(at, 24)
    for mark in (DESCRIPTOR, b""):
        for width in (4, 8):
            sizes = (member.packed.to_bytes(8, "little")[:width], member.size.to_bytes(8, "little")[:width])
            if data.startswith(mark + member.crc.to_bytes(4, "little") + b"".join(sizes)):
                return len(mark) + 4 + 2 * width
    return 0


def _gap(view: View, start: int, stop: int, seen: Gaps) -> None:
    """Tell of bytes that belong to nobody, and make them a part."""
    if _is_zero(view, start, stop):
        return
    if len(seen.oddities) >= MOST_GAPS:
        seen.unchecked.append(_note("more such places than are looked at", start, UncheckedCode.LIMIT))
        return
    at = view.read_at(start, min(SEARCH_BYTES, stop - start)).find(LOCAL)
    if at >= 0 and read_local(view.read_at(start + at, LOCAL_BYTES + FULL16)) is not None:
        _hidden(view, start + at, stop, seen, told=True)
        stop = start + at
    if start < stop:
        where = "in front of the archive" if start == 0 else "behind it" if stop == view.size else "in it"
        saw = f"{stop - start} bytes {where} that belong to no member"
        seen.oddities.append(Oddity(Odd.FOREIGN, saw, start))
        seen.parts.append(_range(f"(bytes {start} to {stop})", view, start, stop))


def _hidden(view: View, at: int, stop: int, seen: Gaps, *, told: bool) -> None:
    """Walk members from header to header, as a reader does that never asks the directory."""
    for _ in range(MOST_HIDDEN):
        local = read_local(view.read_at(at, min(LOCAL_BYTES + 2 * FULL16, stop - at)))
        if local is None:
            break
        member = _walked(local, at, stop)
        if told:
            name = printable(member.name)
            saw = "it stands in the file and not in the directory"
            seen.oddities += [Oddity(Odd.HIDDEN, saw, at, name), *odd_names(member.name, at)]
        seen.parts.append(Part(printable(member.name), partial(_open, view, member), member.start))
        at = member.start + member.packed
        at += _descriptor_bytes(view, at, member)
    if at < stop and (at > 0 or not told) and not _is_zero(view, at, stop):
        seen.unchecked.append(_note(f"{stop - at} bytes that belong to no member", at))


def _walked(local: Header, at: int, stop: int) -> Member:
    start = at + local.length
    unknown = local.flags & DESCRIBED_BEHIND and not local.packed
    packed = stop - start if unknown else min(local.packed, stop - start)
    return Member(local.shown, at, start, packed, local.size, local.method, local.crc, local.flags)


def _open(view: View, member: Member, room: Room) -> View:
    return open_member(view, member, room)


def _comment(view: View, place: Place, seen: Gaps) -> None:
    start = place.end.at + END_BYTES
    if start < min(place.end.stop, view.size):
        seen.parts.append(_range("(comment)", view, start, min(place.end.stop, view.size)))


def _range(name: str, view: View, start: int, stop: int) -> Part:
    return Part(name, lambda _: RangeView(view, start, stop - start), start)


def _is_zero(view: View, start: int, stop: int) -> bool:
    if stop - start > MOST_PADDING_BYTES:
        return False
    for at in range(start, stop, ZERO_CHUNK_BYTES):
        piece = view.read_at(at, min(ZERO_CHUNK_BYTES, stop - at))
        if piece.count(0) != len(piece):
            return False
    return True


def _note(detail: str, offset: int, code: UncheckedCode = UncheckedCode.MALFORMED) -> Unchecked:
    return Unchecked(code, detail, Location(offset=offset))
