"""A model says that its numbers lie behind the end of the file that holds them.

Some models keep their numbers in a file of their own and say at which offset each tensor begins and how long it is: an
OpenVINO model in the `.bin` file beside it, an ONNX model in its external data, the index of a TensorFlow checkpoint in
its shards. Where that is more than the file has, a reader that maps the file and trusts the numbers reads memory that
is not the model's, and the weights that it serves are whatever lay there. One of the two files is cut short, or
belongs to another model, or the numbers were changed.

Example: `<data offset="0" size="1000000"/>` in `model.xml`, where `model.bin` has 64 bytes.

Fix: fetch both files again from the same place, and compare their digests with the producer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.tree_case_fold_twins import TreeNames
from hauberk.finding import Location, Severity
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(names: TreeNames) -> Iterator[Sighting]:
    """Yield each file that says more of another one than that has."""
    for path, seen in names.beyond:
        yield Sighting(Location(path=path), printable(seen[:400]))


RULE: Final = Rule(
    id="tree-beyond-file",
    title="the model's numbers lie behind the end of the file that holds them",
    severity=Severity.MEDIUM,
    remedy="Fetch both files again, and compare their digests. If it stays so, do not load the model.",
    references=("CWE-125", "CWE-20", "MITRE ATLAS AML.T0018"),
    reads=TreeNames,
    look=look,
    page=__doc__ or "",
)
