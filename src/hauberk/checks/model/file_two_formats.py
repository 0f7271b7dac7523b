"""The file is two formats at once.

Which of them is opened depends on the program: one goes by the first bytes, another looks for the directory of a zip
file at the end, a third unpickles whatever it is given. What a scanner sees is then not what a loader sees. Both are
examined.

Example: weights of safetensors with a PyTorch checkpoint behind them; a file that begins like GGUF, which is a number
to an unpickler, and goes on as a pickle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.second_views import SecondDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: SecondDescription) -> Iterator[Sighting]:
    """Yield that a file is something else as well."""
    if description.second:
        saw = f"{description.first} by its first bytes, and a {description.second} as well"
        yield Sighting(Location(offset=description.offset), saw)


RULE: Final = Rule(
    id="file-two-formats",
    title="the file is two formats at once",
    severity=Severity.MEDIUM,
    remedy="Ask its producer for a file that is one thing. Do not open it with a program that goes by other signs.",
    references=("CWE-436", "CWE-646", "MITRE ATLAS AML.T0018", "OWASP ML06:2023"),
    reads=SecondDescription,
    look=look,
    page=__doc__ or "",
)
