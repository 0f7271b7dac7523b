"""Two files of a directory differ only in the case or the composition of their letters.

On one file system they are two files, on another the second overwrites the first. What was signed and scanned on
Linux is then not what is loaded on macOS or Windows.

Example: `Model.joblib` beside `model.joblib`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class TreeNames:
    """What files of a tree are to each other.

    Attributes:
        paths: the relative paths of the files, in the order of their bytes.
        links: the path of each symbolic link that leads out, and what it is.
        beyond: the path of each file that says of another one more than that has, and what it says.
    """

    paths: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()
    beyond: tuple[tuple[str, str], ...] = ()


def look(names: TreeNames) -> Iterator[Sighting]:
    """Yield each file whose path another one comes before and folds to."""
    first: dict[str, str] = {}
    for path in names.paths:
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())
        twin = first.setdefault(key, path)
        if twin != path:
            yield Sighting(Location(path=path), f"folds to the same name as {twin!r}", related=(Location(path=twin),))


RULE: Final = Rule(
    id="tree-case-fold-twins",
    title="two files differ only in the case or composition of their letters",
    severity=Severity.LOW,
    remedy="Rename one of them.",
    references=("CWE-178",),
    reads=TreeNames,
    look=look,
    page=__doc__ or "",
)
