"""Tar: one header and one file after the other, with extended headers that say what the plain ones cannot.

Readers differ where a size is given twice, where a link has data, and behind the end. What an archive would do when it
is unpacked is asked as well: links and names that lead out, devices. Members are stored, so each is a range of the
file. Sparse members are listed as unchecked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hauberk.errors import Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.archive import tar_headers as headers
from hauberk.formats.archive.oddity import (
    ArchiveDescription,
    Odd,
    Oddity,
    beneath_links,
    leads_out,
    link_leads_out,
    odd_names,
    printable,
)
from hauberk.formats.archive.tar_headers import BLOCK, Header
from hauberk.formats.contents import Part
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from hauberk.formats.contents import Room
    from hauberk.view import View

MOST_ODDITIES = 200
SEARCHED_BLOCKS = 1 << 12  # behind a broken header, for the next that is none
ZERO_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TarMember:
    """A member: its name, where its bytes lie, how many there are, and its type flag."""

    name: str
    start: int
    size: int
    kind: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TarDescription(ArchiveDescription):
    """A tar file."""

    members: tuple[TarMember, ...] = ()


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> TarDescription:
    """Return what a tar file holds. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return _Walk(view, limits).run()


@dataclass(slots=True)
class _Walk:
    """A walk from header to header."""

    view: View
    limits: Limits
    at: int = 0
    members: list[TarMember] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    ahead: dict[str, bytes] = field(default_factory=dict)  # what extended headers say of the next member
    always: dict[str, bytes] = field(default_factory=dict)  # and of all that follow
    names: dict[str, int] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # symbolic ones

    def run(self) -> TarDescription:
        """Take all members, then what is behind them."""
        while self.at < self.view.size:
            block = self.view.read_at(self.at, BLOCK)
            if not block.strip(b"\0"):
                break
            if len(self.names) > self.limits.max_parts:
                self.note(UncheckedCode.LIMIT, f"more than {self.limits.max_parts} members")
                break
            try:
                header = headers.read_header(block)
                self.take(header)
            except Malformed as error:
                self.note(UncheckedCode.MALFORMED, error.message)
                if not self.skip():
                    break
        else:
            if self.members or not self.unchecked:
                self.end_is_missing()
        self.behind()
        self.oddities += beneath_links(self.links, self.names)
        oddities = self.oddities[:MOST_ODDITIES]
        if len(self.oddities) > MOST_ODDITIES:
            oddities.append(Oddity(oddities[-1].kind, f"and {len(self.oddities) - MOST_ODDITIES} oddities more"))
        return TarDescription(
            unchecked=tuple(self.unchecked),
            parts=tuple(self.parts),
            oddities=tuple(oddities),
            members=tuple(self.members),
        )

    def note(self, code: UncheckedCode, detail: str) -> None:
        """List something as unchecked, at the present header."""
        self.unchecked.append(Unchecked(code, detail, Location(offset=self.at)))

    def odd(self, kind: Odd, saw: str, member: str | None = None) -> None:
        """List something odd, at the present header."""
        self.oddities.append(Oddity(kind, saw, self.at, None if member is None else printable(member)))

    def take(self, header: Header) -> None:
        """Take one header with what follows it, and go on behind."""
        data = self.at + BLOCK
        if header.kind in (headers.LONG_NAME, headers.LONG_LINK):
            key = "path" if header.kind == headers.LONG_NAME else "linkpath"
            self.ahead[key] = self.extended(data, header.size).partition(b"\0")[0]
            self.at = data + _padded(header.size)
        elif header.kind in (headers.EXTENDED, b"X", headers.GLOBAL_EXTENDED):
            into = self.always if header.kind == headers.GLOBAL_EXTENDED else self.ahead
            into.update(headers.read_extended(self.extended(data, header.size)))
            self.at = data + _padded(header.size)
        else:
            said, self.ahead = {**self.always, **self.ahead}, {}
            self.member(header, said, data)

    def extended(self, start: int, size: int) -> bytes:
        """Return the data of an extended header."""
        if size > headers.LONGEST_EXTENDED:
            raise Malformed(f"an extended header of {size} bytes")
        return self.view.read_at(start, size)

    def member(self, header: Header, said: dict[str, bytes], data: int) -> None:
        """Take one member, whose name, link and size extended headers may have given."""
        name = said["path"].decode("utf-8", "replace") if "path" in said else header.name
        link = said["linkpath"].decode("utf-8", "replace") if "linkpath" in said else header.link
        size = self.size(header, said, name)
        self.oddities += odd_names(name, self.at)
        if name != header.name and leads_out(header.name) and not leads_out(name):
            self.odd(Odd.ESCAPE, f"its plain header calls it {header.name!r}, which leads out", name)
        self.link(header.kind, name, link)
        kind = headers.FOLDER if header.kind in headers.REGULAR and name.endswith("/") else header.kind
        if kind != headers.FOLDER and name in self.names:
            self.odd(Odd.DUPLICATE, f"a second member of this name; the first is at byte {self.names[name]}", name)
        self.names.setdefault(name, self.at)
        self.members.append(TarMember(name, data, size, kind))
        is_sparse = kind == headers.SPARSE or any(key.startswith("GNU.sparse.") for key in said)
        if kind in (headers.HARD_LINK, headers.SYMBOLIC_LINK, headers.FOLDER, *headers.SPECIAL):
            self.at = self.behind_link(size, data, name)
            return
        if is_sparse:
            self.note(UncheckedCode.FORMAT_NOT_READ, f"{printable(name)}: a sparse file, stored in pieces")
            if header.is_extended:
                data = self.sparse_map(data)
        elif size:
            self.parts.append(self.part(name, data, size))
        if data + size > self.view.size:
            self.note(UncheckedCode.MALFORMED, f"{printable(name)} goes on behind the file's end")
        self.at = data + _padded(size)

    def size(self, header: Header, said: dict[str, bytes], name: str) -> int:
        """Return the size of a member; where it is given twice, both must be the same, or the header's too small."""
        if "size" not in said:
            return header.size
        if not said["size"].isdigit() or len(said["size"]) > 20:
            raise Malformed("an extended header with a size that is no number")
        size = int(said["size"])
        if size != header.size and not (size >= headers.MOST_OCTAL and header.size < headers.MOST_OCTAL):
            self.odd(Odd.TWO_READINGS, f"its size is {size} by one header and {header.size} by the other", name)
        return size

    def link(self, kind: bytes, name: str, target: str) -> None:
        """Look at where a link leads, and for files that are none."""
        if kind == headers.SYMBOLIC_LINK:
            self.links[name] = target
        if kind == headers.SYMBOLIC_LINK and link_leads_out(name, target):
            self.odd(Odd.ESCAPE, f"a symbolic link to {target!r}, out of the archive", name)
        elif kind == headers.HARD_LINK and leads_out(target):
            self.odd(Odd.ESCAPE, f"a hard link to {target!r}, out of the archive", name)
        elif kind in headers.SPECIAL:
            self.odd(Odd.ESCAPE, f"{headers.SPECIAL[kind]}, which acts when it is opened", name)

    def behind_link(self, size: int, data: int, name: str) -> int:
        """Return where the header behind a member without data is; some readers skip what its size says."""
        if not size:
            return data
        skipped = data + _padded(size)
        if not self.goes_on(skipped):
            return data
        self.odd(Odd.TWO_READINGS, f"it has no data and a size of {size} bytes, which some readers skip", name)
        self.parts.append(self.part(f"{name} (its data)", data, size))
        return data if headers.is_header(self.view.read_at(data, BLOCK)) else skipped

    def goes_on(self, at: int) -> bool:
        """Say whether a header or the end stands at an offset."""
        block = self.view.read_at(at, BLOCK)
        return headers.is_header(block) or (len(block) == BLOCK and not block.strip(b"\0"))

    def sparse_map(self, at: int) -> int:
        """Return where the data begins behind the further blocks of a sparse map."""
        while at < self.view.size:
            block = self.view.read_at(at, BLOCK)
            at += BLOCK
            if len(block) < BLOCK or not block[504]:
                break
        return at

    def part(self, name: str, start: int, size: int) -> Part:
        """Return a range of the file as a part."""
        size = max(0, min(size, self.view.size - start))
        return Part(printable(name), partial(_range, self.view, start, size), start)

    def skip(self) -> bool:
        """Go to the next header that holds, as some readers do; say whether there is one."""
        broken = self.at
        for _ in range(SEARCHED_BLOCKS):
            self.at += BLOCK
            if self.at >= self.view.size:
                break
            if headers.is_header(self.view.read_at(self.at, BLOCK)):
                saw = f"{self.at - broken} bytes that are no header, behind which some readers go on and others stop"
                self.odd(Odd.TWO_READINGS, saw)
                return True
        self.at = broken
        return False

    def end_is_missing(self) -> None:
        """Say that the two blocks of zeros are missing, unless a member that was cut off said so already."""
        if self.at == self.view.size and not self.unchecked:
            return  # two blocks of zeros are asked for; a file that ends behind its last member is whole to all readers
        if not self.unchecked:
            self.note(UncheckedCode.MALFORMED, "the archive ends in the middle of a member")

    def behind(self) -> None:
        """Look at what is behind the end: padding, or something that no reader of this archive sees."""
        at = self.at
        while at < self.view.size:
            piece = self.view.read_at(at, ZERO_BYTES)
            rest = piece.lstrip(b"\0")
            if rest:
                at += (len(piece) - len(rest)) // BLOCK * BLOCK
                break
            at += len(piece)
        if at == 0 or at >= self.view.size:
            return  # nothing was read at all, which is unchecked by now
        self.at = at
        size = self.view.size - at
        what = "another archive" if headers.is_header(self.view.read_at(at, BLOCK)) else "bytes"
        self.odd(Odd.FOREIGN, f"{what} behind the end of the archive, {size} bytes")
        self.parts.append(self.part("(behind the end)", at, size))


def _range(view: View, start: int, size: int, _: Room) -> View:
    return RangeView(view, start, size)


def _padded(size: int) -> int:
    return size + -size % BLOCK
