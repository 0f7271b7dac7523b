"""The archive brings Python source that is run when it is loaded or served.

A file of `torch.package` holds the modules that its classes are from, and loading one of them runs its module.
TorchServe runs the handler that a `.mar` brings. Both are made for that, and nothing about it is hidden: who loads the
file runs a program of somebody else. The source is read for what is plainly dangerous; what it does beyond that, only a
person can say who reads it.

Example: `model/mymodule.py` in a package; `handler.py` in a `.mar`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.torch.code import CodeDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_RELATED: Final = 8


def look(description: CodeDescription) -> Iterator[Sighting]:
    """Yield the first member with source, the others as related."""
    if description.sources:
        first, *others = description.sources
        count = f"{len(description.sources)} members with" if others else "a member with"
        related = tuple(Location(member=name) for name in others[:_MOST_RELATED])
        yield Sighting(Location(member=first), f"{count} Python source that {description.runner} runs", related=related)


RULE: Final = Rule(
    id="archive-brings-source",
    title="the archive brings Python source that is run",
    severity=Severity.MEDIUM,
    remedy="Read the source, or take the weights alone and the code from where you take other code.",
    references=("CWE-829", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=CodeDescription,
    look=look,
    page=__doc__ or "",
)
