"""The file is not what its first bytes say it is.

It begins as a format of models does, and then breaks what the format promises: a length leads behind the end of the
file, a count is larger than what is there, a shape has other numbers than its array, something lies behind the end.
Readers in C turn such numbers into memory that is not theirs, and readers differ in what they make of the rest. A
download that was cut short looks the same; its length tells it apart. What lies behind the fault is unchecked as well.

Example: a GGUF key of 2^63 bytes; an array of shape (-1,); bytes behind the last value of an XGBoost model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Severity, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

# Their faults are those of people or of streams that run before they break; other rules speak of what is in them.
_OTHERS: Final = frozenset({"ArchiveDescription", "ScriptDescription", "SourceDescription", "TextDescription"})
_MOST: Final = 8


def look(description: Described) -> Iterator[Sighting]:
    """Yield each place where the format's promise is broken, of a pickle only where it is an array without one."""
    if getattr(description, "streams", ()) or any(cls.__name__ in _OTHERS for cls in type(description).__mro__):
        return
    broken = [note for note in description.unchecked if note.code is UncheckedCode.MALFORMED]
    for note in broken[:_MOST]:
        yield Sighting(note.location, printable(note.detail))


RULE: Final = Rule(
    id="file-malformed",
    title="the file is not what its first bytes say it is",
    severity=Severity.MEDIUM,
    remedy="Fetch it again and compare its digest. If it stays so, do not load it: ask its producer for a whole one.",
    references=("CWE-20", "CWE-190", "CWE-787", "CVE-2024-21802", "MITRE ATLAS AML.T0018"),
    reads=Described,
    look=look,
    page=__doc__ or "",
)
