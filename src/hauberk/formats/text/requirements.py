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
    rf"\s*(?:#.*|-{{1,2}}[a-z][a-z-]*(?:[ =].*)?|{_NAME}\s*(?:(?:[=<>!~]=?=?|@|;|\(|--hash|\\).*)?|"
    rf"(?:git|hg|svn|bzr)\+.*|https?://.*|file:.*|\.{{0,2}}/.*)?\s*",
    re.ASCII,
)
_SOURCE: Final = re.compile(
    rf"\s*(?:(?P<option>--index-url|-i|--extra-index-url|--find-links|-f|--trusted-host|"
    r"--requirement|-r|--constraint|-c)[ =]\s*(?P<place>\S+)|"
    rf"(?:-e\s+|--editable[ =]\s*)?(?:{_NAME}\s*@\s*)?(?P<url>(?:(?:git|hg|svn|bzr)\+[a-z+]+|https?|file|ftp)://\S+|git\+\S+))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A line that names a place to fetch from: the option it is an argument of (or nothing), the place, the line."""

    option: str
    place: str
    line: int


def read(data: bytes) -> tuple[Requirement, ...]:
    """Return the lines that name a place, if all of the text is a list of requirements; else nothing."""
    if len(data) > _LONGEST or (b"://" not in data and b"git+" not in data and b"-host" not in data):
        return ()
    lines = data.decode("utf-8", "replace").splitlines()
    return of_lines(lines) if all(_LINE.fullmatch(line) for line in lines) else ()


def of_lines(lines: list[str]) -> tuple[Requirement, ...]:
    """Return the lines that name a place to fetch from."""
    found = ((number, _SOURCE.match(line)) for number, line in enumerate(lines, 1))
    return tuple(
        Requirement(match["option"] or "", (match["place"] or match["url"])[:512], number)
        for number, match in found
        if match is not None
    )
