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
    """The relative paths of the files of a tree, in the order of their bytes, and its links that lead out.

    `links` has for each of those its path and what it is.
    """

    paths: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


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
