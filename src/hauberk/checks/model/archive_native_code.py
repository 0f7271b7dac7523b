"""The archive brings machine code that is loaded into the process.

AOTInductor compiles a model to a shared library, and packs it into a `.pt2`; whoever loads the package loads the
library, and its constructors run before anything is asked. Nothing can tell from outside what a library does.

Example: `data/aotinductor/model/model.so` in a `.pt2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.torch.code import CodeDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_RELATED: Final = 8


def look(description: CodeDescription) -> Iterator[Sighting]:
    """Yield the first member with machine code, the others as related."""
    if description.natives:
        first, *others = description.natives
        related = tuple(Location(member=name) for name in others[:_MOST_RELATED])
        yield Sighting(Location(member=first), f"machine code that {description.runner} loads", related=related)


RULE: Final = Rule(
    id="archive-brings-machine-code",
    title="the archive brings machine code that is loaded into the process",
    severity=Severity.HIGH,
    remedy="Do not load it. Take the exported program, and compile it yourself.",
    references=("CWE-829", "CWE-114", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=CodeDescription,
    look=look,
    page=__doc__ or "",
)
