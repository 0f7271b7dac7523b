"""OpenVINO's models: an XML file that lists layers, and a `.bin` file with the numbers of the constants.

Layers of OpenVINO's operator sets are arithmetic; a layer of another set comes from a library that somebody loads. The
XML is also examined as text, so entities are told there. Source: OpenVINO 2026, "Intermediate Representation".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from hauberk.finding import UncheckedCode
from hauberk.formats.contents import Part
from hauberk.formats.model.graph import FAULTS, Gathered, GraphDescription, Operator
from hauberk.formats.text import plain
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

_HEAD_BYTES: Final = 4096
_SIZE: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_CHUNK_BYTES: Final = 1 << 20
_NET: Final = re.compile(rb"(?:<\?xml[^>]{0,200}\?>\s*|<!--.{0,1000}?-->\s*){0,8}<net\s", re.DOTALL)
_OWN: Final = re.compile(r"opset[0-9]{1,2}|experimental|ie_internal_opset|gpu_opset|util", re.ASCII)


class _RefusedError(Exception):
    """A document type, which no exporter writes and whose entities could be anything."""


def is_model(view: View) -> bool:
    """Say whether a text begins as a model does."""
    return _NET.match(view.read_at(0, _HEAD_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")) is not None


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return which layers of a model are not OpenVINO's own. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    walk = _Walk(limits)
    try:
        walk.read(view)
    except FAULTS as error:
        walk.gathered.broken(error)
    except (expat.ExpatError, _RefusedError) as error:
        walk.gathered.note(UncheckedCode.MALFORMED, f"not the XML of a model: {str(error)[:80]}")
    text = Part("as text", lambda _room: view, 0, plain.describe)
    return walk.gathered.whole(parts=(text,))


class _Walk:
    """One pass over the elements; nothing of the tree is kept."""

    def __init__(self, limits: Limits) -> None:
        self.gathered = Gathered(limits)
        self._depth = 0
        self._deepest = limits.max_document_depth
        self._parser = expat.ParserCreate()
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse

    def read(self, view: View) -> None:
        """Feed the whole view to the parser."""
        for at in range(0, view.size, _CHUNK_BYTES):
            self._parser.Parse(view.read_at(at, _CHUNK_BYTES), False)  # noqa: FBT003 - expat takes no names
        self._parser.Parse(b"", True)  # noqa: FBT003

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._deepest:
            raise _RefusedError("elements that are nested too deep")
        if name == "layer":
            kind, own = attributes.get("type", ""), attributes.get("version", "opset1")
            if not _OWN.fullmatch(own):
                self.gathered.operator(Operator("openvino", own[:160], kind[:160], self._parser.CurrentByteIndex))
        elif name == "data" and "offset" in attributes and "size" in attributes:
            start, size = attributes["offset"], attributes["size"]
            if _SIZE.fullmatch(start) and _SIZE.fullmatch(size):
                self.gathered.raw("*.bin", int(start) + int(size))
            else:
                saw = f"numbers of {size[:40]!r} bytes from byte {start[:40]!r}, which is no place in a file"
                self.gathered.odd(saw, self._parser.CurrentByteIndex)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _refuse(self, *_declaration: object) -> None:
        raise _RefusedError("a document type")
