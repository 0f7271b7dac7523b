"""A symbolic link in the model's folder leads out of it.

Whoever opens the model by its name opens what the link names on this machine: `/etc/passwd` as the weights of an ONNX
model, a key as a tokenizer, the model of somebody else. What is signed, copied or served is then not what was looked
at, and it can change without the folder changing. Hauberk does not follow the link, so what lies there is unchecked. A
link that stays in the folder is unchecked only, and those of a Hugging Face cache into its own `blobs/` are read.

Example: `weights.bin` is a link to `../../../../etc/passwd`.

Fix: put the file itself into the folder (`cp -L`), if it is yours. If the folder came from elsewhere, do not load it.
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
    """Yield each link that leads out of the tree."""
    for path, seen in names.links:
        yield Sighting(Location(path=path), printable(f"{seen[:200]}, outside of the folder"))


RULE: Final = Rule(
    id="tree-links-out",
    title="a symbolic link leads out of the model's folder",
    severity=Severity.MEDIUM,
    remedy="Put the file itself into the folder, if it is yours; if the folder came from elsewhere, do not load it.",
    references=("CWE-59", "CWE-61", "CVE-2026-34447", "MITRE ATLAS AML.T0010"),
    reads=TreeNames,
    look=look,
    page=__doc__ or "",
)
