"""The file is a program.

A model is data. A program, a library or a file that is both weights and a program runs as soon as somebody opens it
with a double click, marks it as executable or names it to a loader of libraries. Nothing here reads native code, so
nothing clears it.

Example: a llamafile, which is a program of several systems with weights behind it; a library in a compiled PyTorch
package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.executable import ExecutableDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: ExecutableDescription) -> Iterator[Sighting]:
    """Yield that it is one, and of which kind."""
    yield Sighting(Location(offset=0), description.kind)


RULE: Final = Rule(
    id="file-is-executable",
    title="the file is a program",
    severity=Severity.HIGH,
    remedy="Ask its producer for the weights alone. If you want the program, get it as you get other software.",
    references=("CWE-506", "CWE-829", "MITRE ATLAS AML.T0018", "MITRE ATLAS AML.T0011", "OWASP ML06:2023"),
    reads=ExecutableDescription,
    look=look,
    page=__doc__ or "",
)
