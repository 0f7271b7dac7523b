"""The XML file declares entities that read files, ask servers or grow without end.

A PMML model or an OpenVINO graph needs no document type. A declaration `<!ENTITY x SYSTEM "file:///…">` makes a parser
that resolves it read a file into the document (XXE); entities made of entities make a small file fill the memory
("billion laughs"); XInclude reads other files by an element; a document type or a style sheet elsewhere is fetched; an
encoding in which other bytes mean `<` hides all of these from who reads UTF-8.

Example: `<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>`.

Fix: do not parse it with a parser that resolves entities. Ask for a file without a document type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_GROWN: Final = 1 << 20
_REFERENCE: Final = re.compile(r"[&%][^;\s&]{1,256};")


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield entities that are fetched or made of others, and includes."""
    if text.prolog is None:
        return
    for entity in text.prolog.entities:
        place = Location(offset=entity.offset)
        if entity.external:
            yield Sighting(place, printable(f"the entity {entity.name} is fetched from {entity.value}"))
        elif entity.parameter or _REFERENCE.search(entity.value):
            yield Sighting(place, printable(f"the entity {entity.name} is made of others"))
    for place_of in text.prolog.fetched:
        yield Sighting(Location(offset=0), printable(f"the document type or a style sheet is fetched from {place_of}"))
    if text.prolog.grown > _MOST_GROWN:
        yield Sighting(Location(offset=0), f"its entities make {text.prolog.grown} bytes of it")
    if text.prolog.encoding:
        yield Sighting(
            Location(offset=0), printable(f"it says that its encoding is {text.prolog.encoding}, which hides the rest")
        )
    for target, offset in text.prolog.includes:
        yield Sighting(Location(offset=offset), printable(f"XInclude reads {target}"))


RULE: Final = Rule(
    id="xml-entities",
    title="the XML file declares entities that act",
    severity=Severity.HIGH,
    remedy="Ask for a file without a document type; parse XML with entities switched off.",
    references=("CWE-611", "CWE-776", "CWE-827", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
