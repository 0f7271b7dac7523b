"""The Keras configuration holds byte code.

A Lambda layer can hold a Python function as marshalled byte code. Loading the model makes the function, and building
or calling the model runs it, with the rights of whoever loads. Keras 3 refuses it as long as safe mode is on; files in
the older HDF5 format, and loaders that switch safe mode off, run it.

Example: a `Lambda` layer whose function is `["4wEAAAAAAA…", null, null]`.
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
    return sightings(text, Kind.CODE)


RULE: Final = Rule(
    id="keras-runs-code",
    title="the Keras configuration holds byte code",
    severity=Severity.CRITICAL,
    remedy="Do not load it. Ask its producer for a model whose layers are classes.",
    references=("CWE-502", "CWE-94", "CVE-2024-3660", "CVE-2025-9905", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
