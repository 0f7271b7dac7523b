"""The Keras configuration names something that does more than compute.

A configuration names the class or function of each layer. Releases of Keras have looked up any module there, and
functions of Keras itself that fetch addresses, read files or load other models. The name here is one of those: which
release loads the file decides whether it is called.

Example: `{"module": "os", "class_name": "function", "config": "system"}`, or `keras.utils.get_file`.
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
    return sightings(text, Kind.DANGEROUS)


RULE: Final = Rule(
    id="keras-dangerous-name",
    title="the Keras configuration names something that does more than compute",
    severity=Severity.CRITICAL,
    remedy="Do not load it. Ask its producer how the name came in.",
    references=(
        "CWE-470",
        "CWE-502",
        "CVE-2025-1550",
        "CVE-2025-8747",
        "CVE-2025-9906",
        "CVE-2025-12060",
        "CVE-2025-49655",
        "MITRE ATLAS AML.T0011.000",
        "OWASP ML06:2023",
    ),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
