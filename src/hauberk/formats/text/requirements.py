"""A list of requirements as pip reads it: which lines make it fetch from somewhere else than its index.

A text is such a list if every line of it could be a line of one. Source: pip's documentation, "Requirements File
Format"; PEP 508.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 1 << 20
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[A-Za-z0-9._, -]*\])?"
_LINE: Final = re.compile(
    rf"(?:#.*|-{{1,2}}[a-z][a-z-]*(?:[ =].*)?|-[ifrce]\S.*|"
    rf"[\"']?{_NAME}[\"']?\s*(?:(?:[=<>!~]=?=?|@|;|\(|--?[a-z]|#|\\).*)?|"
    r"(?i:git|hg|svn|bzr)\+.*|(?i:https?|ftp)://.*|(?i:file):.*|\$\{[A-Z0-9_]+\}.*|\.{0,2}/.*)?",
    re.ASCII,
)
# pip's parser takes any beginning of an option's name that is no other's, and a short one with its value behind it.
_OPTION: Final = re.compile(
    r"(?:^|(?<=\s))(?P<option>(?:--(?:i|ex|f|t|requirem|cons)[a-z-]*[ =]|-[ifrc](?:[ =]|(?=\S)))\s*)"
    r"(?P<place>[^\s-]\S*)",
    re.ASCII,
)
_SOURCE: Final = re.compile(
    rf"\s*(?:-e\s*|--ed[a-z]*[ =]\s*)?[\"']?(?:{_NAME}[\"']?\s*@\s*)?"
    r"(?P<url>(?:(?:git|hg|svn|bzr)\+[a-z+]+|https?|file|ftp)://\S+|git\+\S+)",
    re.ASCII | re.IGNORECASE,
)
_COOKIE_UTF_7: Final = re.compile(rb"(?:[^\n]*\n)?#[^\n]*coding[:=]\s*utf[-_]?7", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line that names a place to fetch from: the option it is an argument of (or nothing), the place, the line."""

    option: str
    place: str
    line: int


def read(data: bytes) -> tuple[Requirement, ...]:
    """Return the lines that name a place, if all of the text is a list of requirements; else nothing."""
    if len(data) > _LONGEST or (b"://" not in data and b"git+" not in data.lower() and b"-host" not in data):
        return ()
    encoding = "utf-7" if _COOKIE_UTF_7.match(data) else "utf-8-sig"  # as pip does
    lines = _joined(data.decode(encoding, "replace").splitlines())
    return of_lines(lines) if all(_LINE.fullmatch(line.strip()) for line in lines) else ()


def of_lines(lines: list[str]) -> tuple[Requirement, ...]:
    """Return the lines that name a place to fetch from."""
    found: list[Requirement] = []
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("-") or " -" in line:  # pip takes options behind a requirement for its own
            options = _OPTION.finditer(line.partition(" #")[0])
            found += (Requirement(one["option"].strip(" ="), one["place"][:512], number) for one in options)
        if (match := _SOURCE.match(line)) is not None:
            found.append(Requirement("", match["url"][:512], number))
    return tuple(found)


def _joined(lines: list[str]) -> list[str]:
    """Return as many lines, those that end with a backslash with their next ones in the place of the first."""
    found: list[str] = []
    open_at: int | None = None
    for line in lines:
        is_comment = line.lstrip().startswith("#")
        goes_on = line.endswith("\\") and not is_comment
        piece = line.strip("\\") if goes_on else line
        if open_at is None:
            found.append(piece)
        else:
            found[open_at] += f" {piece}" if is_comment else piece
            found.append("")
        open_at = (len(found) - 1 if open_at is None else open_at) if goes_on else None
    return found
