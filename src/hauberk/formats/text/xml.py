"""What stands before the root of an XML text: the document type, and the entities that it declares.

Entities are the part of XML that reads files, asks servers and grows without end (CWE-611, CWE-776). They can be
declared nowhere else, so nothing behind the root's first tag is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hauberk.formats.text.gadgets import IN_XML, WORDS

TELLING: Final = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<xi:include|http://www\.w3\.org/200[13]/XInclude|xmlns[^>]{0,64}&#|<\?xml-stylesheet|<PMML|"
    rb"XSL/Transform|java\.beans\.XMLDecoder|(?:[\"'<]|\bT\(\s{0,16})(?:" + WORDS + rb")|"
    rb"<\?xml[^>]{0,256}encoding\s*=\s*[\"'](?:[Uu][Tt][Ff]-?(?:7|16|32)|[Ee]|[Ii][Bb][Mm])"
)
_ENTITY: Final = re.compile(
    rb"<!ENTITY\s+(%\s+)?([^\s\"'>]{1,256})\s+(?:(SYSTEM|PUBLIC)\s+)?(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL
)
_DOCTYPE: Final = re.compile(
    rb"<!DOCTYPE\s+([^\s>\[]{1,256})\s*(?:(SYSTEM|PUBLIC)\s+(?:\"([^\"]*)\"|'([^']*)')"
    rb"(?:\s*(?:\"([^\"]*)\"|'([^']*)'))?)?"
)
_PUBLISHED: Final = re.compile(
    rb"https?://(?:[a-z0-9-]+\.)*(?:w3\.org|apple\.com|dmg\.org|oasis-open\.org|docbook\.org|eclipse\.org|apache\.org|hibernate\.org|springframework\.org|sun\.com|puppycrawl\.com|checkstyle\.org)/"
)
_ROOT: Final = re.compile(rb"<[A-Za-z_]")
_INCLUDE: Final = re.compile(rb"<(?:\w{1,64}:)?include\s[^>]{0,1024}href\s*=\s*[\"']([^\"']{0,512})")
_STYLE: Final = re.compile(rb"<\?xml-stylesheet\s[^>]{0,1024}href\s*=\s*[\"']([^\"']{0,512})")
_ENCODING: Final = re.compile(rb"<\?xml\s[^>]{0,256}encoding\s*=\s*[\"']([^\"']{1,64})")
_ORDINARY: Final = re.compile(rb"(?i:utf-?8|us-ascii|ascii|iso-8859-\d+|latin-?1|windows-125\d)")
_FUNCTION: Final = re.compile(rb"<Apply\s[^>]{0,512}function\s*=\s*[\"']([A-Za-z_]\w*(?:\.\w+)+)[\"']")
# A text that is a list of calls of Java; functions of a language and other files in a style sheet of XSLT.
_DECODED: Final = re.compile(rb"<java\s[^>]{0,512}class\s*=\s*[\"']java\.beans\.XMLDecoder")
_SHEET: Final = re.compile(
    rb"xmlns:[\w.-]{1,64}\s*=\s*[\"']((?:[^\"']{0,64}xalan[^\"']{0,16}[:/]|[^\"']{0,32}java[:/-]|java:|clitype:|"
    rb"urn:schemas-microsoft-com:xslt|http://php\.net/xsl|http://saxon\.sf\.net|https?://exslt\.org/(?:common|functions))"
    rb"[^\"']{0,256})[\"']|<xsl:import\s[^>]{0,512}href\s*=\s*[\"']([^\"']{0,512})|\b((?:unparsed-text|document)\(\s*['\"][^'\"]{1,256})"
)
_LONGEST: Final = 1 << 20
_MOST: Final = 256
_LONGEST_VALUE: Final = 512
_MOST_COUNTED: Final = 16


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
    """What acts before the root is read, and what the root's elements name.

    Attributes:
        doctype: the document type's name.
        entities: what it declares.
        includes: the files that XInclude would read, with their offsets.
        fetched: where the document type or a style sheet is fetched from.
        encoding: the declared encoding, where the bytes are read as another one; else empty.
        acts: classes that a reader of objects makes, and calls of a language in a style sheet, with their offsets.
        grown: how many bytes the entities make of the text, where they are used.
        functions: functions of PMML with dots in their names, which are classes of Java, with their offsets.
    """

    doctype: str
    entities: tuple[Entity, ...]
    includes: tuple[tuple[str, int], ...]
    fetched: tuple[str, ...] = ()
    encoding: str = ""
    functions: tuple[tuple[str, int], ...] = ()
    grown: int = 0
    acts: tuple[tuple[str, int], ...] = ()


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
    root = _ROOT.search(data)
    prolog = data[: root.start() if root else _LONGEST]
    fetched = [_text(found[1]) for found in _STYLE.finditer(prolog)]
    if doctype is not None and doctype[2] == b"SYSTEM" and (place := doctype[3] or doctype[4]):
        fetched.append(_text(place))
    if doctype is not None and doctype[2] == b"PUBLIC" and (place := doctype[5] or doctype[6]):
        fetched += [] if _PUBLISHED.match(place) else [_text(place)]
    encoding = _ENCODING.match(data.lstrip(b"\xef\xbb\xbf"))
    odd = _text(encoding[1]) if encoding and not _ORDINARY.fullmatch(encoding[1]) else ""
    functions = (
        [(_text(found[1]), found.start()) for found in _FUNCTION.finditer(data)] if b"<PMML" in data[:4096] else []
    )
    grown = sum(len(one.value) * data.count(f"&{one.name};".encode()) for one in entities[:_MOST_COUNTED])
    return Prolog(
        name,
        tuple(entities),
        includes[:_MOST],
        tuple(fetched[:_MOST]),
        odd,
        tuple(functions[:_MOST]),
        grown,
        _acts(data),
    )


def _acts(data: bytes) -> tuple[tuple[str, int], ...]:
    found = [(f"the class {_text(one[1])}", one.start(1)) for one in IN_XML.finditer(data)]
    if (decoded := _DECODED.search(data)) is not None:
        found.append(("calls that XMLDecoder makes while it reads", decoded.start()))
    if b"XSL/Transform" in data:
        found += [
            (f"a style sheet names {_text(one[1] or one[2] or one[3])}", one.start()) for one in _SHEET.finditer(data)
        ]
    return tuple(found[:_MOST])


def _text(data: bytes) -> str:
    return data[:_LONGEST_VALUE].decode("utf-8", "replace")
