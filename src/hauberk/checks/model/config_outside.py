"""The configuration names a file outside of its model.

MLflow opens what `model_path`, `python_model`, `data` and `code` of an `MLmodel` name, relative to the model, and skops
the `file` of an array in its archive. A path that is absolute, leads up or is an address makes a reader open another
file than those that were looked at here.

Example: `python_model: ../../other.pkl`, or `model_path: http://…`.

Fix: do not load it. Ask its producer for a model that is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.outside import why_outside
from hauberk.finding import Location, Severity
from hauberk.formats.text.json import walk
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATHS: Final = frozenset(
    {"model_path", "python_model", "data", "code", "model_data", "pickled_model", "model_code_path", "path"}
)

_SERVED: Final = frozenset({"handler", "serializedFile", "modelFile", "extraFiles", "requirementsFile", "configFile"})


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield the paths of flavours that lead out of the model."""
    document = text.document
    yield from _served(document)
    yield from _kept(document)
    yield from _modules(document)
    flavors = document.get("flavors") if isinstance(document, dict) else None
    for pointer, key, value in walk({"flavors": flavors}) if isinstance(flavors, dict) else ():
        if key in _PATHS and isinstance(value, str) and (why := why_outside(value)):
            yield Sighting(Location(pointer=f"{pointer}/{key}"), printable(f"{key} is {value[:200]}: {why}"))


def _kept(document: Any) -> Iterator[Sighting]:
    """Yield the members that nodes of skops name, where they are none of the archive."""
    if not isinstance(document, dict) or "_skops_version" not in document:
        return
    for pointer, key, value in walk(document):
        if key == "file" and isinstance(value, str) and (why := why_outside(value)):
            yield Sighting(Location(pointer=f"{pointer}/{key}"), printable(f"{key} is {value[:200]}: {why}"))


def _modules(document: Any) -> Iterator[Sighting]:
    """Yield the folders of modules that sentence-transformers joins to the model's own."""
    for index, row in enumerate(document if isinstance(document, list) else []):
        is_module = isinstance(row, dict) and {"idx", "type", "path"} <= row.keys()
        if is_module and isinstance(path := row["path"], str) and (why := why_outside(path)):
            yield Sighting(Location(pointer=f"/{index}/path"), printable(f"path is {path[:200]}: {why}"))


def _served(document: Any) -> Iterator[Sighting]:
    """Yield the files that TorchServe's manifest names outside of the archive."""
    model = document.get("model") if isinstance(document, dict) else None
    for key, value in model.items() if isinstance(model, dict) else ():
        names = value if isinstance(value, list) else str(value).split(",")
        for name in names if key in _SERVED else ():
            if isinstance(name, str) and (why := why_outside(name.rpartition(":")[0] or name) or why_outside(name)):
                yield Sighting(Location(pointer=f"/model/{key}"), printable(f"{key} is {name[:200]}: {why}"))


RULE: Final = Rule(
    id="config-outside-path",
    title="the configuration names a file outside of its model",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for a model that is whole.",
    references=("CWE-22", "CWE-829", "CVE-2023-6831", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
