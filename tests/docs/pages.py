"""The pages of the documentation, and the commands in them with the output that they promise.

A block that is fenced as `console` is a promise: lines that begin with `$ ` are commands, the lines under each are what it
prints, on either stream. `…` stands for anything within a line.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
PAGES = (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")))

_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


class Promise(NamedTuple):
    """A command and the lines that it prints."""

    command: str
    printed: list[str]


def promises(page: Path) -> list[Promise]:
    """Return the commands of a page in their order."""
    found: list[Promise] = []
    for block in _CONSOLE.findall(page.read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Promise(line[2:], []))
            else:
                found[-1].printed.append(line)
    return found


def links(page: Path) -> list[str]:
    """Return what a page links to in this repository."""
    return [target for target in _LINK.findall(page.read_text()) if "://" not in target]


def keeps(promised: str, printed: str) -> bool:
    """Say whether a printed line is the promised one."""
    pattern = ".*".join(re.escape(part) for part in promised.split("…"))
    return re.fullmatch(pattern, printed) is not None
