"""The index of a sharded model names files outside of the model.

A model in many files has an index, `model.safetensors.index.json` or `pytorch_model.bin.index.json`, that says in which
file each tensor lies. Loaders join the name to the model's folder and open what is there. A name that leads up, is
absolute or is an address makes them open a file of somebody's choice, which may be a pickle that nobody scanned.

Example: `"weight_map": {"w": "../../upload.bin"}`.

Fix: do not load it. Ask its producer for an index of its own files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.archive.oddity import leads_out
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY: Final = "weight_map"
ITEMS: Final = "itemInfoEntries"
_MOST: Final = 8


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield files outside of the model, the first few."""
    yield from _package(text)
    listed = text.document.get(KEY) if isinstance(text.document, dict) else None
    if not isinstance(listed, dict):
        return
    names = dict.fromkeys(name for name in listed.values() if isinstance(name, str))
    odd = [(name, why) for name in names if (why := _why(name)) is not None]
    for name, why in odd[:_MOST]:
        yield Sighting(Location(pointer=f"/{KEY}"), printable(f"names the file {name[:120]!r}: {why}"))
    if len(odd) > _MOST:
        yield rest(Location(pointer=f"/{KEY}"), len(odd) - _MOST)


def _package(text: TextDescription) -> Iterator[Sighting]:
    """Yield the paths of a Core ML package's manifest that lead out of its folder."""
    items = text.document.get(ITEMS) if isinstance(text.document, dict) else None
    for key, item in items.items() if isinstance(items, dict) else ():
        path = item.get("path") if isinstance(item, dict) else None
        if isinstance(path, str) and (why := _why(path)) is not None:
            yield Sighting(Location(pointer=f"/{ITEMS}/{key[:64]}"), printable(f"names the file {path[:120]!r}: {why}"))


def _why(name: str) -> str | None:
    return "it is an address" if "://" in name else leads_out(name)


RULE: Final = Rule(
    id="index-leads-out",
    title="the index of a sharded model names files outside of the model",
    severity=Severity.HIGH,
    remedy="Do not load it. Ask its producer for an index of its own files.",
    references=("CWE-22", "CWE-73", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
