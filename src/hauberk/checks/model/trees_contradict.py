"""The trees of a model contradict each other or the file.

LightGBM and XGBoost load a model as text and take its counts, sizes and indices as they stand: they jump by the sizes,
allocate by the counts, and follow the children of a node through memory. A child beyond its tree reads memory of the
process, a node with two parents can make a walk that never ends, a tree of an output that the model does not have
writes where it should not. No trainer makes such a file.

Example: `left_child=99999` in a tree of two leaves; `"num_trees": "99999999"` with one tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.model.boosting_text import TreesDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(description: TreesDescription) -> Iterator[Sighting]:
    """Yield each contradiction."""
    for one in description.contradictions:
        yield Sighting(Location(offset=one.offset), one.seen)


RULE: Final = Rule(
    id="trees-contradict-themselves",
    title="the trees of the model contradict themselves",
    severity=Severity.HIGH,
    remedy="Do not load it. Train or save the model again where it came from.",
    references=("CWE-125", "CWE-787", "CWE-835", "MITRE ATLAS AML.T0018"),
    reads=TreesDescription,
    look=look,
    page=__doc__ or "",
)
