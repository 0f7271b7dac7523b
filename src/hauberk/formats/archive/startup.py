"""Files that Python runs each time it starts, once they are unpacked where it finds its packages.

Of a file `x.pth`, `site` runs each line that begins with `import`; `sitecustomize` and `usercustomize` it imports, if
they are there. What tells them is their name. A checkpoint of PyTorch may be called `.pth` too, and is no text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.formats.archive.oddity import ArchiveDescription, Odd, Oddity

if TYPE_CHECKING:
    from hauberk.view import View

_CUSTOM: Final = re.compile(
    r"(?:.*/)?(?:site|user)customize(?:\.(?:py[cwd]?|[\w.-]*so)|/__init__\.\w+)", re.IGNORECASE | re.DOTALL
)
_MOST: Final = 1 << 20
_LINE: Final = re.compile(rb"^import[ \t][^\r\n]{0,80}", re.MULTILINE)


def describe(view: View, name: str) -> ArchiveDescription | None:
    """Say whether a file is one that Python runs when it starts; None where it is not.

    Raises:
        Unavailable: the view cannot be read.
    """
    if _CUSTOM.fullmatch(name):
        return ArchiveDescription(
            oddities=(Oddity(Odd.STARTS, "Python imports a module of this name when it starts", 0),)
        )
    if not name.lower().endswith(".pth") or view.read_at(0, 2) in (b"PK", b"\x80\x02"):
        return None
    found = _LINE.search(view.read_at(0, _MOST).removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n"))
    if found is None:
        return None
    saw = f"Python runs the line {found[0].decode('utf-8', 'replace')!r} when it starts"
    return ArchiveDescription(oddities=(Oddity(Odd.STARTS, saw, 0),))
