"""TensorFlow Lite models: which operators they use beyond the built-in ones, and whether their buffers are there.

A model lists the operators that it uses; a custom one has a name, and one of TensorFlow's own ("Flex") has a node of a
TensorFlow graph in its options, which is what really runs. Labels and vocabularies come as a zip file behind the
model. Source: `schema.fbs` of TensorFlow 2.21; `tensorflow/lite/delegates/flex`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed
from hauberk.finding import UncheckedCode
from hauberk.formats import magics
from hauberk.formats.archive.zip_ends import archive_range
from hauberk.formats.contents import Part
from hauberk.formats.model.graph import FAULTS, Gathered, GraphDescription, Operator
from hauberk.formats.model.tensorflow.flow import PATHS
from hauberk.formats.model.tensorflow.graphs import Graphs
from hauberk.formats.wire.flatbuffer import FlatBuffer, Table, flex_texts
from hauberk.formats.wire.protobuf import Message, Wire
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from hauberk.view import View

MAGIC: Final = magics.TFLITE
CUSTOM: Final = 32
LAST_BUILTIN: Final = 1 << 10
OPERATOR_CODES, SUBGRAPHS, BUFFERS = 1, 2, 4
_LARGEST_OPTIONS: Final = 16 << 20


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what a TFLite model does besides arithmetic. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    walk = _Walk(view, limits)
    try:
        walk.model(FlatBuffer(view, limits).root())
    except FAULTS as error:
        walk.gathered.broken(error)
    walk.graphs.settle()
    return walk.gathered.whole(parts=walk.behind())


class _Walk:
    """One walk through a model."""

    def __init__(self, view: View, limits: Limits) -> None:
        self.gathered = Gathered(limits)
        self.graphs = Graphs(self.gathered)
        self._view = view
        self._limits = limits
        self._names: list[str | None] = []
        self._buffers: tuple[Table, ...] = ()

    def model(self, model: Table) -> None:
        """Walk a model: its operators, where they are used, and its buffers."""
        for code in model.tables(OPERATOR_CODES):
            self._code(code)
        self._buffers = tuple(model.tables(BUFFERS))
        for graph in model.tables(SUBGRAPHS):
            for operator in graph.tables(3):
                self._operator(operator, graph)
        for buffer in model.tables(BUFFERS):
            self._buffer(buffer)

    def behind(self) -> tuple[Part, ...]:
        """Return the zip file behind the model, where there is one."""
        found = archive_range(self._view)
        if found is None:
            return ()
        view = RangeView(self._view, found[0], found[1] - found[0])
        return (Part("associated files", lambda _room: view, found[0]),)

    def _code(self, code: Table) -> None:
        builtin = max(code.number(0, 1), code.number(3, 4))
        name = code.text(1, self._limits.max_graph_text_bytes)
        if builtin >= LAST_BUILTIN:
            self.gathered.note(UncheckedCode.FORMAT_NOT_READ, f"the built-in operator {builtin}", code.at)
        self._names.append(name if builtin == CUSTOM else None)
        if builtin == CUSTOM:
            self.gathered.operator(Operator("tflite", "", name, code.at))

    def _operator(self, operator: Table, graph: Table) -> None:
        index = operator.number(0, 4)
        if index >= len(self._names):
            raise Malformed(f"an operator of number {index}, of which there are {len(self._names)}")
        name = self._names[index]
        if name is not None and name.startswith("Flex"):
            self._flex(operator)
            self._path(name.removeprefix("Flex"), operator, graph)

    def _path(self, name: str, operator: Table, graph: Table) -> None:
        """Saving on a device is ordinary with a path from the caller; one that the model brings along is told."""
        if name not in PATHS:
            return
        start, count = operator.vector(1, 4)
        number = int.from_bytes(self._view.read_at(start, 4), "little") if count else None
        tensor = next((one for index, one in enumerate(graph.tables(0)) if index == number), None)
        if tensor is None:
            self.gathered.odd(f"{name} without the input that is its path", operator.at)
            return
        index = tensor.number(2, 4)
        _, size = self._buffers[index].vector(0) if index < len(self._buffers) else (0, 0)
        if size:
            self.gathered.odd(f"{name} with a path that the model brings along", operator.at)

    def _flex(self, operator: Table) -> None:
        """Look at the node of TensorFlow that an operator has in its options."""
        start, size = operator.vector(5)
        if not size:
            return
        if size > _LARGEST_OPTIONS:
            self.gathered.note(UncheckedCode.LIMIT, f"options of {size} bytes", start)
            return
        texts = flex_texts(self._view.read_at(start, size))
        if len(texts) < 2:
            raise Malformed("a node of TensorFlow that is not there")
        begin, end = texts[1]
        self.graphs.node(Message(Wire(self._view, self._limits), start + begin, start + end))

    def _buffer(self, buffer: Table) -> None:
        buffer.vector(0)
        offset, size = buffer.number(1, 8), buffer.number(2, 8)
        if offset > 1 and offset + size > self._view.size:
            self.gathered.note(UncheckedCode.MALFORMED, f"a buffer of {size} bytes beyond the file", buffer.at)
