"""ONNX models: which operators their graphs use, and which files they name.

A model is one protobuf message. Its graph is walked with all graphs inside it (If, Loop, Scan), the functions that the
model brings along, and the graphs of its training. The bytes of tensors are located and never read. A field that no
version of the schema has is unchecked: whatever reads it is not an ONNX runtime that we know. Source: `onnx.proto`,
IR version 13; ONNX Runtime, "Custom operators" and "EP context".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded
from hauberk.finding import UncheckedCode
from hauberk.formats.model.graph import FAULTS, Gathered, GraphDescription, Operator
from hauberk.formats.wire.protobuf import BYTES, TELL_LIMITS, VARINT, Message, Wire, shape, unknown_in
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.wire.protobuf import Field, Shape
    from hauberk.view import View

MODEL: Final = shape(number="1 5", data="2 3 4 6 7 8 14 20 25 26")
GRAPH: Final = shape(data="1 2 5 10 11 12 13 14 15 16")
NODE: Final = shape(data="1 2 3 4 5 6 7 8 9 10")
ATTRIBUTE: Final = shape(number="3 20", numbers="8", single="2 7", data="1 4 5 6 9 10 11 13 14 15 21 22 23")
TENSOR: Final = shape(number="2 14", numbers="1 5 7 11", single="4", double="10", data="3 6 8 9 12 13 16")
SPARSE: Final = shape(numbers="3", data="1 2")
FUNCTION: Final = shape(number="2 3", data="1 4 5 6 7 8 9 10 11 12 13 14")
TRAINING: Final = shape(data="1 2 3 4")
ENTRY: Final = shape(data="1 2")

STANDARD_DOMAINS: Final = ("", "ai.onnx")
ENTRY_KEYS: Final = frozenset({"location", "offset", "length", "checksum", "basepath"})
_MOST_FIELDS_TO_TELL: Final = 512
_MOST_DETAILS: Final = 4
_LONGEST_NUMBER: Final = 20
_LONGEST_PRODUCER: Final = 64
_LONGEST_SHAPE: Final = 1 << 10
_LARGEST_FILE: Final = 1 << 50
_LARGEST_COUNT: Final = (1 << 63) - 1
# Bytes of an element, by the number of its type; those of less than a byte are not compared.
_WIDTHS: Final = {
    1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2, 17: 1, 18: 1,
    19: 1, 20: 1, 24: 1,
}  # fmt: skip


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what an ONNX model holds besides arithmetic. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    walk = _Walk(Gathered(limits))
    try:
        walk.model(Message(Wire(view, limits), 0, view.size))
    except FAULTS as error:
        walk.gathered.broken(error)
    walk.settle()
    return walk.gathered.whole()


def is_model(view: View) -> bool:
    """Say whether bytes are laid out as a model is, whatever the order of its fields.

    A model has a graph or functions, made of nodes that name their operator; what is broken behind them, or a field
    that the schema does not have, does not make it another format.
    """
    whole = Message(Wire(view, TELL_LIMITS), 0, view.size)
    return view.size > 0 and (_looks(whole, MODEL, {7: _is_graph, 25: _is_function}) or _breaks_off(whole))


def _breaks_off(message: Message) -> bool:
    """Say whether a version, and who wrote it, stand before something that goes on behind the end of the file."""
    seen: dict[int, Field] = {}
    try:
        for field in message:
            if unknown_in(MODEL, field) or len(seen) > 8:
                return False
            seen[field.number] = field
    except FAULTS as error:
        version, producer = seen.get(1), seen.get(2)
        if (
            "are left" not in error.message
            or version is None
            or producer is None
            or not 0 < version.value < 32
            or producer.kind != BYTES
        ):
            return False
        name = message.wire.read(producer, _LONGEST_PRODUCER)
        return bool(name) and name.isascii() and name.decode().isprintable()
    return False


def _is_graph(message: Message) -> bool:
    return _looks(message, GRAPH, {1: _is_node, 11: _is_named, 12: _is_named, 5: _is_tensor, 15: _is_sparse})


def _is_function(message: Message) -> bool:
    return _looks(message, FUNCTION, {7: _is_node})


def _is_node(message: Message) -> bool:
    return _looks(message, NODE, {4: lambda name: 0 < name.end - name.start < 256 and _plain(name)})


def _is_named(message: Message) -> bool:
    """A ValueInfoProto: a name, and a type that is a message."""
    return _looks(message, shape(data="1 2 3 4"), {2: lambda inner: inner.end >= inner.start})


def _is_tensor(message: Message) -> bool:
    return _looks(message, TENSOR, {8: lambda name: name.end > name.start})


def _is_sparse(message: Message) -> bool:
    return _looks(message, SPARSE, {1: _is_tensor})


def _plain(name: Message) -> bool:
    return name.wire.view.read_at(name.start, name.end - name.start).isascii()


def _looks(message: Message, known: Shape, telling: dict[int, Callable[[Message], bool]]) -> bool:
    """Say whether one of the telling fields is there and is what it should be, among the first fields."""
    strange = seen = 0
    try:
        for field in message:
            seen += 1
            if unknown_in(known, field):
                strange += 1
            elif field.number in telling and telling[field.number](message.inside(field)):
                return strange * 2 <= seen
            if seen >= _MOST_FIELDS_TO_TELL or strange > 8:
                return False
    except FAULTS:
        pass
    return False


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


@dataclass(slots=True)
class _Shape:
    """How many elements a tensor is said to have, and how many bytes of them are there."""

    count: int = 1
    kind: int = 0
    raw: int | None = None
    negative: bool = False

    def take(self, message: Message, field: Field) -> None:
        if field.number == 1:
            sizes = [field.value] if field.kind == VARINT else varints(message.wire.read(field, _LONGEST_SHAPE))
            for size in sizes:
                self.negative |= size > _LARGEST_COUNT
                self.count = min(self.count * size, _LARGEST_COUNT + 1)
        elif field.number == 2:
            self.kind = field.value
        elif field.number == 9:
            self.raw = field.end - field.start

    def contradicts(self, *, external: bool) -> str:
        """Return what is wrong with the shape; empty where it may be right."""
        if self.negative or self.count > _LARGEST_COUNT:
            return "a tensor with more elements than a 64-bit number counts, or less than none"
        wanted = self.count * _WIDTHS.get(self.kind, 0)
        if self.raw is not None and not external and self.kind in _WIDTHS and self.raw != wanted:
            return f"a tensor of {wanted} bytes by its shape, of which {self.raw} are there"
        return ""


def varints(data: bytes) -> list[int]:
    """Return the numbers of a packed field."""
    found, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(value)
            value = shift = 0
    return found


class _Walk:
    """One walk through a model."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self._functions: set[tuple[str, str]] = set()
        self._used: dict[tuple[str, str, str], int] = {}
        self._most = gathered.limits.max_graph_text_bytes

    def settle(self) -> None:
        """Keep every operator that was used and that the model does not itself define as a function."""
        try:
            for (domain, name, detail), offset in self._used.items():
                if (domain, name) not in self._functions:
                    self.gathered.operator(Operator("onnx", domain, name, offset, detail))
        except Exceeded as error:
            self.gathered.broken(error)

    def model(self, message: Message) -> None:
        """Walk a ModelProto."""
        for field in message:
            if self._unknown(MODEL, field, "ModelProto"):
                continue
            if field.number == 7:
                self._graph(message.inside(field))
            elif field.number == 20:
                self._training(message.inside(field))
            elif field.number == 25:
                self._function(message.inside(field))

    def _training(self, message: Message) -> None:
        for field in message:
            if not self._unknown(TRAINING, field, "TrainingInfoProto") and field.number in (1, 2):
                self._graph(message.inside(field))

    def _function(self, message: Message) -> None:
        name = domain = ""
        for field in message:
            if self._unknown(FUNCTION, field, "FunctionProto"):
                continue
            if field.number == 1:
                name = message.text(field, self._most)
            elif field.number == 10:
                domain = message.text(field, self._most)
            elif field.number == 7:
                self._node(message.inside(field))
            elif field.number == 11:
                self._attribute(message.inside(field))
        self._functions.add((domain, name))

    def _graph(self, message: Message) -> None:
        for field in message:
            if self._unknown(GRAPH, field, "GraphProto"):
                continue
            if field.number == 1:
                self._node(message.inside(field))
            elif field.number == 5:
                self._tensor(message.inside(field))
            elif field.number == 15:
                self._sparse(message.inside(field))

    def _node(self, message: Message) -> None:
        name = domain = ""
        attributes: list[tuple[str, str, int]] = []
        for field in message:
            if self._unknown(NODE, field, "NodeProto"):
                continue
            if field.number == 4:
                name = message.text(field, self._most)
            elif field.number == 7:
                domain = message.text(field, self._most)
            elif field.number == 5:
                attributes += self._attribute(message.inside(field))
        domain = "" if domain in STANDARD_DOMAINS else domain
        self._context(name, attributes)
        texts = [f"{key[:80]}={value[:80]!r}" for key, value, _ in attributes if domain or name == "PyOp"]
        detail = ", ".join(texts[:_MOST_DETAILS])
        if len(self._used) >= self.gathered.limits.max_graph_operators:
            raise Exceeded(f"more than {self.gathered.limits.max_graph_operators} operators that differ")
        self._used.setdefault((domain, name, detail), message.start)

    def _context(self, name: str, attributes: list[tuple[str, str, int]]) -> None:
        """An EPContext node holds a compiled graph, or with embed_mode=0 names the file that does."""
        if name != "EPContext":
            return
        if ("embed_mode", "0", 0) not in [(key, value, 0) for key, value, _ in attributes]:
            self.gathered.note(UncheckedCode.FORMAT_NOT_READ, "an EPContext node with a compiled graph")
            return
        for key, value, offset in attributes:
            if key == "ep_cache_context":
                self.gathered.file(value, "a compiled graph (EPContext)", offset)

    def _attribute(self, message: Message) -> list[tuple[str, str, int]]:
        """Walk an attribute; return its name with a short text or a number that it holds, for people and for paths."""
        name, texts = "", []
        for field in message:
            if self._unknown(ATTRIBUTE, field, "AttributeProto"):
                continue
            if field.number == 1:
                name = message.text(field, self._most)
            elif field.number in (4, 9):
                texts.append((message.text(field, self._most), field.start))
            elif field.number == 3:
                texts.append((str(field.value), field.start))
            else:
                self._inside(message, field)
        return [(name, text, offset) for text, offset in texts[:_MOST_DETAILS]]

    def _inside(self, message: Message, field: Field) -> None:
        if field.number in (5, 10):
            self._tensor(message.inside(field))
        elif field.number in (6, 11):
            self._graph(message.inside(field))
        elif field.number in (22, 23):
            self._sparse(message.inside(field))

    def _sparse(self, message: Message) -> None:
        for field in message:
            if not self._unknown(SPARSE, field, "SparseTensorProto") and field.number in (1, 2):
                self._tensor(message.inside(field))

    def _tensor(self, message: Message) -> None:
        entries: list[tuple[str, str, int]] = []
        external = False
        shape = _Shape()
        for field in message:
            if self._unknown(TENSOR, field, "TensorProto"):
                continue
            shape.take(message, field)
            if field.number == 14:
                external = field.value == 1
            elif field.number == 13:
                entries.append(self._entry(message.inside(field)))
        if saw := shape.contradicts(external=external):
            self.gathered.odd(saw, message.start)
        self._external(entries, external=external, offset=message.start)

    def _entry(self, message: Message) -> tuple[str, str, int]:
        key = value = ""
        for field in message:
            if self._unknown(ENTRY, field, "StringStringEntryProto"):
                continue
            if field.number == 1:
                key = message.text(field, self._most)
            else:
                value = message.text(field, self._most)
        return key, value, message.start

    def _external(self, entries: list[tuple[str, str, int]], *, external: bool, offset: int) -> None:
        """Keep where a tensor's bytes are said to be, and what is odd about how it is said."""
        if external and not any(key == "location" and value for key, value, _ in entries):
            self.gathered.odd("a tensor whose bytes are elsewhere, without a location", offset)
        said = {key: value for key, value, _ in entries}
        start, length = said.get("offset", "0"), said.get("length", "")
        if _is_size(start) and _is_size(length) and int(start) + int(length) > _LARGEST_FILE:
            self.gathered.odd(f"external data of {length} bytes from byte {start}, where no file ends", offset)
        if external and "location" in said and "basepath" not in said:
            whole = _is_size(start) and _is_size(length)
            self.gathered.raw(said["location"], int(start) + int(length) if whole else None)
        for key, value, at in entries:
            if key in ("location", "basepath"):
                self.gathered.file(value, "the bytes of a tensor", at)
            elif key in ("offset", "length") and not _is_size(value):
                self.gathered.odd(f"external data with {key} {value[:80]!r}, which is no size", at)
            elif key not in ENTRY_KEYS:
                self.gathered.odd(f"external data with {key[:80]!r}, which is no key of it", at)

    def _unknown(self, known: Shape, field: Field, message: str) -> bool:
        if not unknown_in(known, field):
            return False
        self.gathered.note(
            UncheckedCode.FORMAT_NOT_READ, f"field {field.number} of a {message}, which no schema has", field.at
        )
        return True
