"""GGUF: the format of llama.cpp. Metadata, then descriptions of tensors, then their raw numbers.

Nothing in the file is code but the chat template, a Jinja text that a program renders: each one is examined as a text
of its own. What else can be wrong are the numbers from which C programs compute sizes and offsets: a count that is
larger than the file, a product of dimensions that runs over, a tensor that ends behind the end. All arithmetic here is
exact, and all that does not fit into the file is a contradiction.

Versions 1 to 3, in both byte orders. Source: the GGUF specification (ggml, docs/gguf.md), `ggml/src/gguf.cpp`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Final, Literal

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats import magics
from hauberk.formats.contents import Part
from hauberk.formats.model.gguf_types import ARRAY, BLOCKS, STRING, VALUE_BYTES, WHOLE
from hauberk.formats.model.spans import (
    MOST_CONTRADICTIONS,
    Contradiction,
    Span,
    TensorsDescription,
    overlaps_and_holes,
    part_of,
)
from hauberk.formats.text import jinja
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from hauberk.view import View

MAGIC: Final = magics.GGUF
VERSIONS: Final = (1, 2, 3)
ALIGNMENT_KEY: Final = "general.alignment"
ALIGNMENT: Final = 32
LARGEST_ALIGNMENT: Final = 1 << 20
LONGEST_KEY: Final = (1 << 16) - 1
LONGEST_TENSOR_NAME: Final = 1 << 10
MOST_DIMENSIONS: Final = 4
LARGEST_COUNT: Final = (1 << 63) - 1
MOST_TEMPLATES: Final = 64
TEMPLATES: Final = "tokenizer.chat_template"  # and tokenizer.chat_template.<name>
_DEEPEST: Final = 4
_WINDOW_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufDescription(TensorsDescription):
    """What a GGUF file holds."""

    version: int = 0


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GgufDescription:
    """Return what a GGUF file holds; the tensors are not read. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    file = _File(view, limits)
    try:
        file.read()
    except Malformed as error:
        file.notes.append(Unchecked(UncheckedCode.MALFORMED, error.message, Location(offset=file.at)))
    except Exceeded as error:
        file.notes.append(Unchecked(UncheckedCode.LIMIT, error.message, Location(offset=file.at)))
    else:
        file.lay_out()
    return GgufDescription(
        version=file.version,
        tensors=len(file.spans),
        contradictions=tuple(file.contradictions[:MOST_CONTRADICTIONS]),
        behind=file.behind,
        parts=tuple(file.parts),
        unchecked=tuple(file.notes),
    )


@dataclass(slots=True)
class _File:
    """A GGUF file, read from its start to its first tensor."""

    view: View
    limits: Limits
    at: int = 0
    version: int = 0
    order: Literal["little", "big"] = "little"
    alignment: int = ALIGNMENT
    spans: list[Span] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    notes: list[Unchecked] = field(default_factory=list)
    behind: int | None = None
    data: bytes = b""  # a window on the view, and where it begins
    start: int = 0

    def read(self) -> None:
        if self._bytes(4) != MAGIC:
            raise Malformed("not a GGUF file")
        version = int.from_bytes(self._bytes(4), "little")
        if version and not version & 0xFFFF:  # as llama.cpp tells it
            self.order, version = "big", int.from_bytes(version.to_bytes(4, "little"), "big")
        self.version = version
        if version not in VERSIONS:
            raise Malformed(f"GGUF of version {version}")
        tensors, pairs = self._length(), self._length()
        if tensors * (self._width + 16) + pairs * (self._width + 5) > self.view.size - self.at:
            raise Malformed(f"{tensors} tensors and {pairs} keys, where {self.view.size - self.at} bytes are left")
        for count, what in ((tensors, "tensors"), (pairs, "keys")):
            if count > self.limits.max_tensors:
                raise Exceeded(f"{count} {what}, where {self.limits.max_tensors} are read")
        self._metadata(pairs)
        self._tensors(tensors)

    def contradict(self, told: int, seen: str) -> None:
        if len(self.contradictions) < MOST_CONTRADICTIONS:
            self.contradictions.append(Contradiction(told, seen))

    def lay_out(self) -> None:
        """Compare the ranges of the tensors with each other and with the file; see to what lies between and behind."""
        start = self._aligned(self.at)
        spans = [Span(start + one.start, start + one.stop, one.told) for one in self.spans]
        spans = [one for one in spans if self._fits(one)]
        overlaps, holes, end = overlaps_and_holes(spans, min(start, self.view.size))
        self.contradictions += overlaps
        for begin, stop in holes:
            if stop - begin >= self.alignment:
                self.parts.append(part_of(self.view, "between tensors", begin, stop))
        if self.view.size > self._aligned(end):
            self.behind = None if self.contradictions else end  # what belongs to no tensor can only be told without any
            self.parts.append(part_of(self.view, "behind the last tensor", end, self.view.size))

    def _fits(self, span: Span) -> bool:
        fits = span.stop <= self.view.size
        if not fits:
            self.contradict(span.told, f"a tensor ends at byte {span.stop} of a file of {self.view.size}")
        return fits

    def _metadata(self, pairs: int) -> None:
        keys: set[bytes] = set()
        for _ in range(pairs):
            told = self.at
            key = self._text(LONGEST_KEY)
            if key in keys:
                self.contradict(told, f"the key {_shown(key)} for the second time")
            keys.add(key)
            kind = self._number(4)
            if key == ALIGNMENT_KEY.encode():
                self._set_alignment(kind)
            elif key.startswith(TEMPLATES.encode()):
                self._template(key, kind)
            else:
                self._skip(kind, _DEEPEST)

    def _set_alignment(self, kind: int) -> None:
        told = self.at
        if kind not in WHOLE:
            raise Malformed("an alignment that is not a whole number")
        value = self._number(VALUE_BYTES[kind])
        if not 0 < value <= LARGEST_ALIGNMENT or value & (value - 1):
            raise Malformed(f"an alignment of {value}, at byte {told}")
        self.alignment = value

    def _template(self, key: bytes, kind: int) -> None:
        """Keep a template's place as a part; the list of their names is a list like any other."""
        if kind != STRING:
            self._skip(kind, _DEEPEST)
            return
        length = self._length()
        start = self._leap(length)
        if len(self.parts) >= MOST_TEMPLATES:
            raise Exceeded(f"more than {MOST_TEMPLATES} chat templates")
        self.parts.append(Part(_shown(key), lambda _room: RangeView(self.view, start, length), start, jinja.describe))

    def _skip(self, kind: int, deepest: int) -> None:
        """Step over a value; the items of an array are counted against the file before they are walked."""
        if kind in VALUE_BYTES:
            self._leap(VALUE_BYTES[kind])
        elif kind == STRING:
            self._leap(self._length())
        elif kind == ARRAY and deepest:
            inner, count = self._number(4), self._length()
            if inner in VALUE_BYTES:
                self._leap(count * VALUE_BYTES[inner])
            elif inner == STRING:
                self._skip_strings(count)
            elif inner != ARRAY:
                raise Malformed(f"an array of type {inner}, which is none")
            else:
                self._require(count * 12)  # a type and a length for each
                for _ in range(count):
                    self._skip(inner, deepest - 1)
        else:
            raise Malformed(f"a value of type {kind}, or nested deeper than {_DEEPEST}")

    def _skip_strings(self, count: int) -> None:
        """Step over strings without a call for each of the hundred thousand that a tokenizer has."""
        width, order = self._width, self.order
        self._require(count * width)
        at = self.at
        while count:
            self._fill(at, min(_WINDOW_BYTES, self.view.size - at))
            data, base, edge = self.data, self.start, len(self.data) - width
            here = at - base
            before = count
            while count and here <= edge:
                here += width + int.from_bytes(data[here : here + width], order)
                count -= 1
            at = base + here
            if at > self.view.size or before == count:
                raise Malformed("a list of strings that ends behind the end of the file")
        self.at = at

    def _tensors(self, count: int) -> None:
        names: set[bytes] = set()
        for _ in range(count):
            told = self.at
            name = self._text(LONGEST_TENSOR_NAME)
            if name in names:
                self.contradict(told, f"the tensor {_shown(name)} for the second time")
            names.add(name)
            dimensions = self._number(4)
            if dimensions > MOST_DIMENSIONS:
                raise Malformed(
                    f"the tensor {_shown(name)} of {dimensions} dimensions, where {MOST_DIMENSIONS} are most"
                )
            shape = [self._number(self._width) for _ in range(dimensions)]
            kind = self._number(4)
            offset = self._number(8)
            self._place(told, _shown(name), shape, kind, offset)

    def _place(self, told: int, name: str, shape: list[int], kind: int, offset: int) -> None:
        if kind not in BLOCKS:
            raise Malformed(f"the tensor {name} of type {kind}, which is not known here")
        elements, size = BLOCKS[kind]
        count = prod(shape)
        if max(shape, default=0) > LARGEST_COUNT or count > LARGEST_COUNT or count // elements * size > LARGEST_COUNT:
            self.contradict(told, f"the tensor {name} has more elements than a 64-bit number counts")
        elif (shape[0] if shape else 1) % elements:
            self.contradict(told, f"the tensor {name} has rows that are no whole blocks of {elements}")
        else:
            if offset % self.alignment:
                self.contradict(told, f"the tensor {name} begins at {offset}, no multiple of {self.alignment}")
            self.spans.append(Span(offset, offset + count // elements * size, told))

    def _aligned(self, offset: int) -> int:
        return -(-offset // self.alignment) * self.alignment

    @property
    def _width(self) -> int:
        return 4 if self.version == 1 else 8

    def _length(self) -> int:
        return self._number(self._width)

    def _number(self, width: int) -> int:
        return int.from_bytes(self._bytes(width), self.order)

    def _text(self, longest: int) -> bytes:
        length = self._length()
        if length > longest:
            raise Malformed(f"a name of {length} bytes")
        return self._bytes(length)

    def _leap(self, length: int) -> int:
        self._require(length)
        self.at += length
        return self.at - length

    def _require(self, length: int) -> None:
        if length > self.view.size - self.at:
            raise Malformed(f"{length} bytes, where {self.view.size - self.at} are left")

    def _bytes(self, length: int) -> bytes:
        self._require(length)
        begin = self.at - self.start
        if begin < 0 or begin + length > len(self.data):
            self._fill(self.at, max(length, min(_WINDOW_BYTES, self.view.size - self.at)))
            begin = 0
        self.at += length
        return self.data[begin : begin + length]

    def _fill(self, at: int, length: int) -> None:
        self.data, self.start = self.view.read_at(at, length), at


def _shown(name: bytes) -> str:
    text = name[:64].decode(errors="replace")
    return text if text.isprintable() else repr(text)[1:-1]
