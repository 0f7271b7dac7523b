"""The Keras configuration names something that is not Keras's own.

The class or function comes from the program that loads the model, or from a module that older releases of Keras import
for it. What it does is not in the file. That is how models with layers of their own are made; the names that Keras
exports are in a table made from Keras, so each other one is told.

Example: `"class_name": "Attention2", "registered_name": "my_package>Attention2"`; a
`Lambda` layer with the name of a function.
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
    return sightings(text, Kind.UNKNOWN)


RULE: Final = Rule(
    id="keras-unknown-name",
    title="the Keras configuration names something that is not Keras's own",
    severity=Severity.MEDIUM,
    remedy="Read the code behind the name before you load the model with it.",
    references=("CWE-470", "CVE-2025-1550", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
