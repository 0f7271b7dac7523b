"""The file is not what its first bytes say it is.

It begins as a format of models does, and then breaks what the format promises: a length leads behind the end of the
file, a count is larger than anything, a shape has other numbers than its array, something lies behind the end. Readers
in C turn such numbers into memory that is not theirs, and readers differ in what they make of the rest. What lies
behind the fault is unchecked as well. A file that merely ends too early, as a download that was cut short does, is
unchecked and not reported here.

Example: a GGUF key of 2^63 bytes; an array of shape (-1,); bytes behind the last value of an XGBoost model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Severity, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.rule import Rule, Sighting, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

# Their faults are those of people or of streams that run before they break; other rules speak of what is in them.
_OTHERS: Final = frozenset({"ArchiveDescription", "ScriptDescription", "SourceDescription", "TextDescription"})
_MOST: Final = 8
_LARGEST_FILE: Final = 1 << 40
# Numbers of which all bits are set, or all but the sign: no writer counted to them.
_NO_COUNTS: Final = frozenset((1 << bits) - 1 for bits in (31, 32, 63, 64))
_CUT: Final = re.compile(
    r"cut (?:short|off)|does not end within|ends? (?:inside|early|in the middle)|"
    r"(?P<wanted>[0-9]+) (?:bytes|values|elements|items)\b.* where (?P<left>[0-9]+) .*(?:left|follow)"
)


def look(description: Described) -> Iterator[Sighting]:
    """Yield each place where the format's promise is broken, of a pickle only where it is an array without one."""
    if getattr(description, "streams", ()) or any(cls.__name__ in _OTHERS for cls in type(description).__mro__):
        return
    malformed = (note for note in description.unchecked if note.code is UncheckedCode.MALFORMED)
    broken = [note for note in malformed if not _is_cut(note.detail)]
    for note in broken[:_MOST]:
        yield Sighting(note.location, printable(note.detail))
    if len(broken) > _MOST:
        yield rest(broken[_MOST].location, len(broken) - _MOST)


def _is_cut(detail: str) -> bool:
    """Say whether a fault is that the file ends before what it promises, by no more than a file could be longer."""
    found = _CUT.search(detail)
    if found is None:
        return False
    if found["wanted"] is None:
        return True
    wanted = int(found["wanted"])
    return int(found["left"]) < wanted < _LARGEST_FILE and wanted not in _NO_COUNTS


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
