"""What an archive does that an ordinary one does not: two readings, things hidden in it, names that lead out of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from hauberk.formats.contents import Described

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DRIVE = re.compile(r"[A-Za-z]:")
_DEEPEST = 64  # folders in a name
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Odd(StrEnum):
    """The kinds of oddity, one rule each."""

    TWO_READINGS = "two-readings"
    HIDDEN = "hidden"
    DUPLICATE = "duplicate"
    OVERLAP = "overlap"
    ESCAPE = "escape"
    NAME = "name"
    FOREIGN = "foreign"
    CHECKSUM = "checksum"
    FALSE_ENCRYPTION = "false-encryption"
    BOMB = "bomb"
    STARTS = "starts"


class Oddity(NamedTuple):
    """One of them: its kind, the fact, where it is, and in which member if it is about one."""

    kind: Odd
    saw: str
    offset: int | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveDescription(Described):
    """What an archive holds, with what is odd about it."""

    oddities: tuple[Oddity, ...] = ()


def odd_names(name: str, offset: int | None) -> Iterator[Oddity]:
    """Yield what is odd about a member's name, whichever system unpacks it."""
    if (why := leads_out(name)) is not None:
        yield Oddity(Odd.ESCAPE, f"the name {_short(name)}: {why}", offset, printable(name))
    elif "\0" in name:
        saw = f"the name {_short(name)} ends at its NUL for one reader and goes on for another"
        yield Oddity(Odd.TWO_READINGS, saw, offset, printable(name))
    elif _CONTROL.search(name) or "\\" in name or not name:
        saw = f"the name {_short(name)} has a backslash or a character that does not print"
        yield Oddity(Odd.NAME, saw if name else "a member without a name", offset, printable(name))


def leads_out(name: str) -> str | None:
    """Say why a name leads out of the folder that an archive is unpacked into; None if it stays inside.

    Dots and slashes of other widths are plain ones to a system that converts names, as Windows does for old programs.
    """
    if not name.isascii() and (plain := unicodedata.normalize("NFKC", name)).isascii() and leads_out(plain):
        return "it leads up, or is absolute, where its characters are converted"
    parts = name.replace("\\", "/").split("/")
    if ".." in parts:
        return "it leads up"
    if name[:1] in ("/", "\\") or _DRIVE.match(name):
        return "it is absolute"
    return None


def link_leads_out(name: str, target: str) -> bool:
    """Say whether a symbolic link at `name` points out of the folder that the archive is unpacked into."""
    if target[:1] in ("/", "\\") or _DRIVE.match(target):
        return True
    depth = len([part for part in name.split("/")[:-1] if part not in ("", ".")])
    for part in target.replace("\\", "/").split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            return True
    return False


def beneath_links(links: dict[str, str], names: Iterable[str]) -> Iterator[Oddity]:
    """Yield names that lead through a symbolic link of the same archive, and links that lead up through another one.

    What each of them says stays inside; one behind the other they leave: `a` is `.`, `a/b` is `..`, and then `a/b/c`.
    No program that packs a folder goes through its links.
    """
    known = {path for name in links for path in [*_prefixes(name.split("/"))][-1:]}
    for name in names if known else ():
        if not known.isdisjoint(_prefixes(name.split("/")[:-1])):
            saw = f"the name {_short(name)} leads through a symbolic link of this archive"
            yield Oddity(Odd.ESCAPE, saw, None, printable(name))
    for name, target in links.items():
        parts = [*name.split("/")[:-1], *target.split("/")][:_DEEPEST]
        last = max((index for index, part in enumerate(parts) if part == ".."), default=0)
        if not known.isdisjoint(_prefixes(parts[:last])):
            saw = f"a symbolic link to {_short(target)}, which leads up through another link"
            yield Oddity(Odd.ESCAPE, saw, None, printable(name))


def _prefixes(parts: list[str]) -> Iterator[str]:
    """Yield each folder on a path, as a reader of words alone has it: `x/..` is nothing, and neither is `.`."""
    kept: list[str] = []
    for part in parts[:_DEEPEST]:
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
        yield "/".join(kept)


def printable(text: str) -> str:
    """Return a name with all that does not print escaped."""
    return text if text.isprintable() else repr(text)[1:-1]


def _short(name: str) -> str:
    return repr(name if len(name) <= 120 else name[:119] + "\u2026")
