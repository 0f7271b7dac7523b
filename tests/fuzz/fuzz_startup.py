"""Files that Python runs when it starts: nothing is raised, and what is told of a file is one fact."""

from __future__ import annotations

from hauberk.formats.archive.startup import describe
from hauberk.view import BytesView

NAMES = ("x.pth", "lib/sitecustomize.py", "usercustomize/__init__.py", "x.txt")


def seeds() -> list[bytes]:
    """Return texts that Python would run, some with odd ends of lines, and what is no text."""
    return [b"import os\n", b"./lib\r\nimport\tsys; print(1)\r", b"\xef\xbb\xbfimport x", b"PK\x03\x04", b"\x80\x02."]


def one_input(data: bytes) -> None:
    """Ask about the bytes under each name."""
    for name in NAMES:
        found = describe(BytesView(data), name)
        assert found is None or len(found.oddities) == 1
