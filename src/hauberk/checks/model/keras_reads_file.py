"""The Keras configuration names a file that is read when the model is loaded.

A lookup layer can be made with the path of its vocabulary instead of the words. Keras opens the path, on this machine
or at an address, and the lines of the file become part of the model. Keras 3 itself writes the words.

Example: `"vocabulary": "/etc/passwd"` of a `StringLookup` layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.keras_judged import Kind, sightings
from hauberk.finding import Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.rule import Sighting


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield each of them once."""
    return sightings(text, Kind.FILE)


RULE: Final = Rule(
    id="keras-reads-file",
    title="the Keras configuration names a file that is read when the model is loaded",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a model that holds its vocabulary.",
    references=("CWE-73", "CVE-2025-12058", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
