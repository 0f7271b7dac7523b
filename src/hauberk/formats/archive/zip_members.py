"""The members of a zip file: where their bytes lie, what their two headers say differently, how they are unpacked."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.archive import extras, unpack
from hauberk.formats.archive.oddity import ArchiveDescription, Odd, Oddity, leads_out, link_leads_out, printable
from hauberk.formats.archive.streams import until_broken
from hauberk.formats.archive.zip_records import (
    DESCRIBED_BEHIND,
    ENCRYPTED,
    FULL32,
    LOCAL_BYTES,
    STRONG,
    read_local,
)
from hauberk.view import BytesView, RangeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.archive.unpack import Make
    from hauberk.formats.archive.zip_records import Header
    from hauberk.formats.contents import Room
    from hauberk.view import View

STORED, DEFLATED, BZIP2, LZMA, ZSTD, XZ = 0, 8, 12, 14, 93, 95
LONGEST_LINK = 1 << 12
MOST_EXTRA_BYTES = 2 * 0xFFFF
GUESS_BYTES = 256  # an alignment of 64 bytes, and a little more, is what writers put between header and data
CHECKED_BYTES = 1 << 20  # the checksum of a larger member that is stored is left alone: it says nothing that we need


class _NotReadError(Exception):
    """A way to pack that is not read here, or not without a package."""

    def __init__(self, note: Unchecked) -> None:
        super().__init__(note.detail)
        self.note = note


@dataclass(frozen=True, slots=True)
class Member:
    """A member, as the directory gives it; the offsets are of the view.

    Attributes:
        name: as a person reads it.
        header: offset of its header.
        start: offset of its first byte.
        packed: how many bytes there are.
        size: how many there are when they are unpacked.
        method: how they are packed; 0 for not at all.
        crc: of the unpacked bytes.
        flags: the general-purpose bits of both headers, joined.
        is_link: whether it is a symbolic link.
    """

    name: str
    header: int
    start: int
    packed: int
    size: int
    method: int
    crc: int
    flags: int = 0
    is_link: bool = False

    @property
    def is_folder(self) -> bool:
        """Return whether it is a folder, and has no bytes to be looked at."""
        return self.name.endswith("/") and not self.packed


def locate(view: View, entry: Header, shift: int) -> tuple[Member, Header | None]:
    """Return the member of an entry, and its own header, None where there is none."""
    at = (entry.offset or 0) + shift
    guess = LOCAL_BYTES + len(entry.name) + len(entry.extra) + GUESS_BYTES
    head = view.read_at(at, guess) if at >= 0 else b""
    local = read_local(head)
    if local is None and len(head) == guess:
        local = read_local(view.read_at(at, LOCAL_BYTES + MOST_EXTRA_BYTES))
    start = at + (local.length if local else 0)
    flags = entry.flags | (local.flags if local else 0)
    made = Member(
        entry.shown, at, start, entry.packed, entry.size, entry.method, entry.crc, flags, is_link=entry.is_link
    )
    return made, local


def compare(entry: Header, local: Header, member: Member) -> Iterator[Oddity]:
    """Yield what the directory and the member's own header say differently, so that readers of each see two files."""
    shown = printable(member.name)
    if entry.name != local.name:
        saw = f"the directory calls it {member.name!r}, its own header {local.shown!r}"
        yield Oddity(Odd.TWO_READINGS, saw, member.header, shown)
        if (why := leads_out(local.shown)) is not None:
            yield Oddity(Odd.ESCAPE, f"the name {local.shown!r}: {why}", member.header, shown)
    other = entry.unicode_path
    if other is not None and other != member.name and entry.name.isascii():
        yield Oddity(Odd.TWO_READINGS, f"an extra field calls it {other!r}", member.header, shown)
    if other is not None and (why := leads_out(other)) is not None:
        yield Oddity(Odd.ESCAPE, f"the name {other!r}: {why}", member.header, shown)
    facts = [("method", entry.method, local.method), ("encryption", entry.flags & 1, local.flags & 1)]
    late = local.flags & DESCRIBED_BEHIND
    for what, ours, its in (
        ("packed size", entry.packed, local.packed),
        ("size", entry.size, local.size),
        ("checksum", entry.crc, local.crc),
    ):
        if not (late and its in (0, FULL32)):
            facts.append((what, ours, its))
    for what, ours, its in facts:
        if ours != its:
            saw = f"the {what} is {ours} by the directory, {its} by its own header"
            yield Oddity(Odd.TWO_READINGS, saw, member.header, shown)
    if member.method == STORED and member.packed != member.size and not member.flags & ENCRYPTED:
        saw = f"it is not packed, and has {member.packed} bytes packed and {member.size} unpacked"
        yield Oddity(Odd.TWO_READINGS, saw, member.header, shown)


def open_member(view: View, member: Member, room: Room) -> View:
    """Return a view over the bytes of a member; what is odd about them is told to the room.

    Raises:
        Malformed: they cannot be unpacked.
        Exceeded: a budget is spent.
    """
    if member.flags & (ENCRYPTED | STRONG):
        detail = "encrypted; read as if it were not, because some loaders do not ask"
        room.notice(ArchiveDescription(unchecked=(Unchecked(UncheckedCode.FORMAT_NOT_READ, detail),)))
    held = RangeView(view, member.start, min(member.packed, max(0, view.size - member.start)))
    if member.method == STORED:
        plain: View = held
        if plain.size <= CHECKED_BYTES:
            _check(member, zlib.crc32(plain.read_at(0, plain.size)), plain.size, room)
        return _link(member, plain, room)
    end = unpack.End()
    try:
        pieces = _unpacked(view, member, end)
    except _NotReadError as error:
        room.notice(ArchiveDescription(unchecked=(error.note,)))
        return held  # as they are: a method that nobody has may be a lie, and some loaders do not ask
    plain = room.store(until_broken(pieces, room), member.packed)
    if end.at is None:
        return _link(member, plain, room)
    _check(member, end.crc, end.size, room)
    if end.at < member.start + member.packed:
        left = member.start + member.packed - end.at
        saw = f"{left} bytes behind the packed ones, which no reader unpacks"
        room.notice(ArchiveDescription(oddities=(Oddity(Odd.FOREIGN, saw),)))
    return _link(member, plain, room)


def _unpacked(view: View, member: Member, end: unpack.End) -> Iterator[bytes]:
    start, stop = member.start, min(member.start + member.packed, view.size)
    if member.method == LZMA:  # a version, and the length of the properties, come first
        head = view.read_at(start, 9)
        if len(head) < 9 or head[2:4] != b"\x05\x00":
            raise Malformed("an LZMA member without its properties")
        lzma = unpack.raw_lzma(head[4:9], member.size)
        return unpack.unpack(lzma, view, start + 9, stop, end, wanted=None if member.flags & 2 else member.size)
    make = extras.zstd() if member.method == ZSTD else _METHODS.get(member.method)
    if make is None:
        detail = f"packed by method {member.method}, which is not read here"
        note = Unchecked(UncheckedCode.FORMAT_NOT_READ, detail)
        raise _NotReadError(extras.missing("zstd") if member.method == ZSTD else note)
    return unpack.unpack(make, view, start, stop, end)


def _check(member: Member, crc: int, size: int, room: Room) -> None:
    """Compare what came out with what the directory promised."""
    kept = crc == member.crc and size == member.size
    if kept and member.flags & (ENCRYPTED | STRONG):
        saw = "it is marked as encrypted and is not: readers that ask refuse it, others load it"
        oddity = Oddity(Odd.FALSE_ENCRYPTION, saw)
    elif size != member.size and member.method != STORED:
        saw = f"it unpacks to {size} bytes, the directory says {member.size}"
        oddity = Oddity(Odd.TWO_READINGS, saw)
    elif crc != member.crc and not member.flags & (ENCRYPTED | STRONG):
        saw = f"its checksum is {crc:08x}, the directory says {member.crc:08x}"
        oddity = Oddity(Odd.CHECKSUM, saw)
    else:
        return
    room.notice(ArchiveDescription(oddities=(oddity,)))


def _link(member: Member, plain: View, room: Room) -> View:
    """Return the bytes of a member; those of a symbolic link are its target, which is looked at here."""
    if not member.is_link:
        return plain
    target = plain.read_at(0, LONGEST_LINK).decode("utf-8", "replace")
    if link_leads_out(member.name, target):
        saw = f"a symbolic link to {target!r}, out of the archive"
        room.notice(ArchiveDescription(oddities=(Oddity(Odd.ESCAPE, saw),)))
    return BytesView(b"") if plain.size <= LONGEST_LINK else plain


_METHODS: dict[int, Make] = {DEFLATED: unpack.deflate, BZIP2: unpack.bzip2, XZ: unpack.xz}
