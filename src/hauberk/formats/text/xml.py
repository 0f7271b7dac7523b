"""What stands before the root of an XML text: the document type, and the entities that it declares.

Entities are the part of XML that reads files, asks servers and grows without end (CWE-611, CWE-776). They can be
declared nowhere else, so nothing behind the root's first tag is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

TELLING: Final = re.compile(rb"<!DOCTYPE|<!ENTITY|<xi:include|http://www\.w3\.org/2001/XInclude")
_ENTITY: Final = re.compile(
    rb"<!ENTITY\s+(%\s+)?([^\s\"'>]{1,256})\s+(?:(SYSTEM|PUBLIC)\s+)?(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL
)
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\s+([^\s>\[]{1,256})\s*(?:(SYSTEM|PUBLIC)\s+(?:\"([^\"]*)\"|'([^']*)'))?")
_ROOT: Final = re.compile(rb"<[A-Za-z_]")
_INCLUDE: Final = re.compile(rb"<\w{1,64}:include\s[^>]{0,1024}href\s*=\s*[\"']([^\"']{0,512})")
_LONGEST: Final = 1 << 20
_MOST: Final = 256


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity: its name, whether it is a parameter entity, what it stands for or where it is fetched from."""

    name: str
    parameter: bool
    external: bool
    value: str
    offset: int


@dataclass(frozen=True, slots=True)
class Prolog:
    """The document type's name, its entities, and the files that XInclude would read."""

    doctype: str
    entities: tuple[Entity, ...]
    includes: tuple[tuple[str, int], ...]


def read(data: bytes) -> Prolog:
    """Return what the prolog of an XML text declares."""
    doctype = _DOCTYPE.search(data, 0, _LONGEST)
    name = _text(doctype[1]) if doctype else ""
    entities: list[Entity] = []
    if doctype is not None:
        for found in _ENTITY.finditer(data, doctype.start(), min(len(data), doctype.start() + _LONGEST)):
            value = found[4] if found[4] is not None else found[5]
            entities.append(
                Entity(_text(found[2]), found[1] is not None, found[3] is not None, _text(value), found.start())
            )
            if len(entities) >= _MOST:
                break
    includes = tuple((_text(found[1]), found.start()) for found in _INCLUDE.finditer(data))
    return Prolog(name, tuple(entities), includes[:_MOST])


def _text(data: bytes) -> str:
    return data[:512].decode("utf-8", "replace")
