"""What codes mean to a reader, and text made safe to show: names and facts come from hostile files."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from hauberk.view import UncheckedCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.finding import Location

_NARROWEST = 60
_COMMAND = re.compile("`[^`]*`")
_GLUE = "\0"  # in no text that was made visible

REASONS = {
    UncheckedCode.FORMAT_NOT_READ: "no reader for this format yet",
    UncheckedCode.MALFORMED: "not what its format says it is",
    UncheckedCode.LIMIT: "larger or deeper than the limit",
    UncheckedCode.NAME: "a name that no digest of a tree can hold",
    UncheckedCode.FILE_KIND: "not a regular file",
    UncheckedCode.SYMLINK: "a symbolic link, which is not followed",
    UncheckedCode.UNREADABLE: "cannot be read",
    UncheckedCode.CHANGED: "changed while it was read",
    UncheckedCode.MISSING_EXTRA: "needs a package that is not installed",
}


def visible(text: str) -> str:
    """Return text in which every character that does not print as itself is an escape; a space stays a space."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def sentences(lines: Iterable[str], *, width: int | None) -> str:
    """Return sentences, each on lines of its own: wrapped between words to a width, what follows a first line indented.

    Args:
        lines: the sentences; what comes from outside in them is escaped here.
        width: columns of a terminal; None leaves each on one line, for programs and for files.
    """
    shown = map(visible, lines)
    if width is None:
        return "\n".join(shown)
    return "\n".join(_wrapped(line, max(width, _NARROWEST)) for line in shown)


def _wrapped(line: str, width: int) -> str:
    """Return a sentence on several lines; a command in it stays on one, to be copied."""
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _GLUE), line)
    filled = textwrap.fill(whole, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return filled.replace(_GLUE, " ")


def place(location: Location) -> str:
    """Return where in a file something is, in words; empty where it is the file as a whole."""
    parts = [
        visible(location.member) if location.member is not None else "",
        f"at byte {location.offset}" if location.offset is not None else "",
        f"in line {location.line}" if location.line is not None else "",
        f"at {visible(location.pointer)}" if location.pointer is not None else "",
    ]
    return " ".join(part for part in parts if part)


def storable(text: str) -> str:
    """Return text that UTF-8 can hold: a byte of a name that is not UTF-8 becomes an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def counted(number: int, word: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
