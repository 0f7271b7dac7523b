"""safetensors: a length, a JSON header that names tensors and their ranges, and the raw numbers.

Nothing in the format is executed. What can be wrong with a file is that it holds more than its tensors, or that two
readers see two files: ranges that overlap or leave holes, a name twice, bytes behind the end. The reference reader
refuses each of these; others, written in an afternoon, do not. So each is a contradiction, and what lies where no
tensor is gets examined as a file of its own.

Source: the format's README and `safetensors/src/tensor.rs`, 0.8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.json_tokens import JsonTokens
from hauberk.formats.model.spans import (
    MOST_CONTRADICTIONS,
    Contradiction,
    Span,
    TensorsDescription,
    overlaps_and_holes,
    part_of,
)
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

LENGTH_BYTES = 8
LONGEST_HEADER = 100_000_000  # MAX_HEADER_SIZE of the reference reader
MOST_DIMENSIONS = 64
METADATA = "__metadata__"
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
    "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
    "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip
_DEEPEST = 32
# What a type that a later release has may be called: whether it has a sign or a fraction, how many bits, which kind.
_A_TYPE = re.compile(r"B?[A-Z]{1,2}[0-9]{1,3}(?:_[A-Z0-9]{1,16}){0,2}|BOOL", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetensorsDescription(TensorsDescription):
    """What a safetensors file holds."""


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> SafetensorsDescription:
    """Return what a safetensors file holds; only its header is read. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    length = int.from_bytes(view.read_at(0, LENGTH_BYTES), "little")
    start = LENGTH_BYTES + length
    if length > LONGEST_HEADER or start > view.size:
        return _unread(UncheckedCode.MALFORMED, f"a header of {length} bytes")
    if length > limits.max_document_bytes:
        return _unread(UncheckedCode.LIMIT, f"a header of {length} bytes, where {limits.max_document_bytes} are read")
    header = _Header(start, view.size, limits.max_tensors)
    try:
        header.read(JsonTokens(view.read_at(LENGTH_BYTES, length), "a header"))
    except Malformed as error:
        return _unread(UncheckedCode.MALFORMED, error.message)
    except Exceeded as error:
        return _unread(UncheckedCode.LIMIT, error.message)
    return _laid_out(view, header)


def _laid_out(view: View, header: _Header) -> SafetensorsDescription:
    overlaps, holes, end = overlaps_and_holes(header.spans, header.start)
    seen = [*header.contradictions, *overlaps]
    seen += [Contradiction(start, f"{stop - start} bytes that belong to no tensor") for start, stop in holes]
    parts = [part_of(view, "between tensors", start, stop) for start, stop in holes]
    behind = end if end < view.size else None
    if behind is not None:
        seen.append(Contradiction(behind, f"{view.size - behind} bytes behind the last tensor"))
        parts.append(part_of(view, "behind the last tensor", behind, view.size))
    return SafetensorsDescription(
        tensors=len(header.spans),
        contradictions=tuple(seen[:MOST_CONTRADICTIONS]),
        behind=behind,
        parts=tuple(parts),
        unchecked=tuple(header.notes),
    )


@dataclass(slots=True)
class _Header:
    """What was read of a header whose tensors begin at `start`, in a file of `size` bytes."""

    start: int
    size: int
    most: int
    spans: list[Span] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    notes: list[Unchecked] = field(default_factory=list)

    def read(self, tokens: JsonTokens) -> None:
        names: set[str] = set()
        if tokens.next() != b"{" or tokens.at:
            raise Malformed("a header that does not begin with {")
        for name in tokens.members():
            told = LENGTH_BYTES + tokens.at
            if name in names:
                self.contradict(told, f"the name {_short(name)} for the second time")
            names.add(name)
            if len(names) > self.most:
                raise Exceeded(f"more than {self.most} tensors")
            if name == METADATA:
                self._metadata(tokens)
            else:
                self._tensor(tokens, name, told)
        tokens.end()

    def contradict(self, told: int, seen: str) -> None:
        if len(self.contradictions) < MOST_CONTRADICTIONS:
            self.contradictions.append(Contradiction(told, seen))

    def _metadata(self, tokens: JsonTokens) -> None:
        keys: set[str] = set()
        for key in tokens.members():
            told = LENGTH_BYTES + tokens.at
            if key in keys:
                self.contradict(told, f"the key {_short(key)} of the metadata for the second time")
            keys.add(key)
            if len(keys) > self.most:
                raise Exceeded(f"more than {self.most} keys in the metadata")
            if tokens.next() != b'"':
                self.contradict(told, f"metadata {_short(key)} that is not a string")
            tokens.skip(_DEEPEST)

    def _tensor(self, tokens: JsonTokens, name: str, told: int) -> None:
        dtype, shape, span = "", None, None
        for key in tokens.members():
            if key == "dtype" and not dtype:
                dtype = tokens.string(64)
            elif key == "shape" and shape is None:
                shape = _numbers(tokens, MOST_DIMENSIONS)
            elif key == "data_offsets" and span is None:
                span = _numbers(tokens, 2)
            else:
                self.contradict(told, f"the tensor {_short(name)} has {_short(key)} once too often, or none is known")
                tokens.skip(_DEEPEST)
        if not dtype or shape is None or span is None or len(span) != 2:
            raise Malformed(f"the tensor {_short(name)} without dtype, shape and two data_offsets")
        self._place(Span(self.start + span[0], self.start + span[1], told), name, dtype, prod(shape))

    def _place(self, span: Span, name: str, dtype: str, count: int) -> None:
        self.spans.append(span)
        if not span.start <= span.stop <= self.size:
            self.contradict(
                span.told, f"the tensor {_short(name)} ends before it begins, or behind the end of the file"
            )
            self.spans.pop()
        elif dtype not in BITS and _A_TYPE.fullmatch(dtype):
            self._unknown(span.told, dtype)
        elif dtype not in BITS:
            self.contradict(span.told, f"the tensor {_short(name)} is of {_short(dtype)}, which is no type of numbers")
        elif count * BITS[dtype] != 8 * (span.stop - span.start):
            size = span.stop - span.start
            self.contradict(span.told, f"the tensor {_short(name)} of {count} {dtype} has {size} bytes")

    def _unknown(self, told: int, dtype: str) -> None:
        if not self.notes:
            seen = f"a tensor of a type that is not known here: {_short(dtype)}"
            self.notes.append(Unchecked(UncheckedCode.FORMAT_NOT_READ, seen, Location(offset=told)))


def _numbers(tokens: JsonTokens, most: int) -> list[int]:
    numbers: list[int] = []
    for _ in tokens.items():
        if len(numbers) >= most:
            raise tokens.wrong(f"more than {most} numbers")
        numbers.append(tokens.whole())
    return numbers


def _short(text: str) -> str:
    return repr(text if len(text) <= 64 else text[:63] + "…")


def _unread(code: UncheckedCode, detail: str) -> SafetensorsDescription:
    return SafetensorsDescription(unchecked=(Unchecked(code, detail, Location(offset=0)),))
