"""Walks TensorFlow's graphs: every node of a graph and of the functions in its library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded
from hauberk.finding import UncheckedCode
from hauberk.formats.model.graph import FAULTS, Gathered, Operator
from hauberk.formats.model.tensorflow import shapes
from hauberk.formats.model.tensorflow.flow import CUT, DEFAULT_PATHS, PATHS, RESTORERS, WRITERS, Flow, Node, Scope
from hauberk.formats.wire.protobuf import unknown_in

if TYPE_CHECKING:
    from hauberk.formats.model.tensorflow.flow import Origin
    from hauberk.formats.wire.protobuf import Field, Message, Shape

_MOST_TEXTS: Final = 256
_MOST_DETAILS: Final = 3
_TEXT: Final = 7  # DT_STRING
# Attributes that are paths or addresses, and the values that are neither.
_TELLING: Final = frozenset({"debug_urls", "output_stream", "descriptor_source", "tb_dump_dir", "filename"})
_HARMLESS: Final = ("", "stdout", "stderr", "log(info)", "log(warning)", "log(error)", "local://")


class Graphs:
    """The graphs of one file, and what was met in them."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.assets: set[str] = set()
        self._scopes: dict[str, Scope] = {}
        self._nodes = 0
        self._most = gathered.limits.max_graph_text_bytes

    def graph(self, message: Message, number: int = 0) -> None:
        """Walk a GraphDef; `number` tells the graphs of one file apart."""
        scope = self._scopes.setdefault(f"\x00{number}", Scope())
        for field in message:
            if self.unknown(shapes.GRAPH, field, "GraphDef"):
                continue
            if field.number == 1:
                self._node(message.inside(field), scope)
            elif field.number == 2:
                self._library(message.inside(field))

    def node(self, message: Message) -> None:
        """Walk a NodeDef that stands alone."""
        self._node(message, self._scopes.setdefault(f"\x00{message.start}", Scope()))

    def settle(self) -> None:
        """Keep every operator that is no function of the file, with the constants that tell what it does."""
        self._fill_assets()
        flow = Flow(self._scopes)
        try:
            for name, scope in self._scopes.items():
                for node in scope.nodes.values():
                    self._use(flow, name, node)
        except FAULTS as error:
            self.gathered.broken(error)

    def _fill_assets(self) -> None:
        """The loader puts the path of an asset in the place of what its constant held where the model was made."""
        for name, scope in self._scopes.items():
            for asset in self.assets if name.startswith("\x00") else ():
                if asset in scope.nodes:
                    scope.nodes[asset] = scope.nodes[asset]._replace(texts=())

    def unknown(self, known: Shape, field: Field, message: str) -> bool:
        """Say whether a field is in no schema, and note it if so."""
        if not unknown_in(known, field):
            return False
        self.gathered.note(
            UncheckedCode.FORMAT_NOT_READ, f"field {field.number} of a {message}, which no schema has", field.at
        )
        return True

    def _use(self, flow: Flow, scope: str, node: Node) -> None:
        name = node.operator
        if name in self._scopes and name not in PATHS and name not in TALKING:
            return  # a function of the file, whose nodes are walked; no function may have an operator's name
        detail = ""
        if name in PATHS:
            wanted = tuple(node.inputs[index] for index in PATHS[name] if index < len(node.inputs))
            if len(wanted) < len(PATHS[name]):
                self.gathered.odd(f"{name} without the input that is its path", node.offset)
            self._path(flow.origin(scope, wanted), node)
        elif name in TALKING:
            detail = ", ".join(repr(text[:80]) for text in flow.origin(scope, node.inputs).texts[:_MOST_DETAILS])
        self.gathered.operator(Operator("tensorflow", "", name, node.offset, detail))
        for text in node.texts if name != "Const" else ():
            self.gathered.file(text, f"what {name} opens", node.offset)

    def _path(self, origin: Origin, node: Node) -> None:
        for text in origin.texts:
            self.gathered.file(text, f"what {node.operator} opens", node.offset)
        if node.operator in WRITERS and not origin.given and not DEFAULT_PATHS.intersection(origin.texts):
            named = f" ({origin.texts[0][:80]!r})" if origin.texts else ""
            self.gathered.odd(f"the path of {node.operator} is one that nobody gives it{named}", node.offset)
        for strange in origin.strange if node.operator not in RESTORERS else ():
            self.gathered.odd(f"the path of {node.operator} is made by {strange}", node.offset)
        if not origin.whole:
            self.gathered.note(UncheckedCode.LIMIT, f"the path of {node.operator} is made by too many nodes")

    def _library(self, message: Message) -> None:
        for field in message:
            if not self.unknown(shapes.LIBRARY, field, "FunctionDefLibrary") and field.number == 1:
                self._function(message.inside(field))

    def _function(self, message: Message) -> None:
        scope = Scope()
        name = ""
        for field in message:
            if self.unknown(shapes.FUNCTION, field, "FunctionDef"):
                continue
            if field.number == 1:
                name = self._signature(message.inside(field), scope)
            elif field.number == 3:
                self._node(message.inside(field), scope)
        if name in self._scopes:
            self.gathered.odd(f"two functions of the name {name[:80]!r}", message.start)
            name = f"{name}\x00{message.start}"
        self._scopes[name] = scope

    def _signature(self, message: Message, scope: Scope) -> str:
        name = ""
        for field in message:
            if self.unknown(shapes.SIGNATURE, field, "OpDef"):
                continue
            if field.number == 1:
                name = message.text(field, self._most)
            elif field.number == 2:
                self._argument(message.inside(field), scope)
        return name

    def _argument(self, message: Message, scope: Scope) -> None:
        for field in message:
            if self.unknown(shapes.ARGUMENT, field, "ArgDef"):
                continue
            if field.number == 1:
                scope.arguments.setdefault(message.text(field, self._most), len(scope.arguments))
            elif field.number in (5, 6):
                scope.ordered = False

    def _node(self, message: Message, scope: Scope) -> None:
        name = operator = ""
        inputs: list[str] = []
        texts: list[str] = []
        functions: list[str] = []
        for field in message:
            if self.unknown(shapes.NODE, field, "NodeDef"):
                continue
            if field.number == 1:
                name = message.text(field, self._most)
            elif field.number == 2:
                operator = message.text(field, self._most)
            elif field.number == 3:
                inputs.append(message.text(field, self._most))
            elif field.number == 5:
                self._attribute(message.inside(field), texts, functions)
        self._nodes += 1
        if self._nodes > self.gathered.limits.max_graph_nodes:
            raise Exceeded(f"more than {self.gathered.limits.max_graph_nodes} nodes")
        if name in scope.nodes:
            self.gathered.odd(f"two nodes of the name {name[:80]!r}", message.start)
            name = f"{name}\x00{message.start}"
        scope.nodes[name] = Node(operator, tuple(inputs), message.start, tuple(texts), tuple(functions))

    def _attribute(self, message: Message, texts: list[str], functions: list[str]) -> None:
        key = ""
        for field in message:
            if self.unknown(shapes.ENTRY, field, "NodeDef.AttrEntry"):
                continue
            if field.number == 1:
                key = message.text(field, self._most)
            else:
                self._value(message.inside(field), key, texts, functions)

    def _value(self, message: Message, key: str, texts: list[str], functions: list[str]) -> None:
        """Walk an AttrValue."""
        for field in message:
            if self.unknown(shapes.VALUE, field, "AttrValue"):
                continue
            if field.number == 1:
                self._values(message.inside(field), key, texts, functions)
            elif field.number == 2:
                self._text(message, field, key, texts)
            elif field.number == 8:
                self._tensor(message.inside(field), texts if key == "value" else [])
            elif field.number == 10:
                self._called(message.inside(field), functions)

    def _values(self, message: Message, key: str, texts: list[str], functions: list[str]) -> None:
        """Walk an AttrValue.ListValue."""
        for field in message:
            if self.unknown(shapes.VALUES, field, "AttrValue.ListValue"):
                continue
            if field.number == 2:
                self._text(message, field, key, texts)
            elif field.number == 9:
                self._called(message.inside(field), functions)

    def _text(self, message: Message, field: Field, key: str, texts: list[str]) -> None:
        if key in _TELLING and (text := message.text(field, self._most)) not in _HARMLESS:
            texts.append(text)

    def _called(self, message: Message, functions: list[str]) -> None:
        """Walk a NameAttrList: a function that is called, with attributes that may call others."""
        for field in message:
            if self.unknown(shapes.NAMED, field, "NameAttrList"):
                continue
            if field.number == 1:
                functions.append(message.text(field, self._most))
            else:
                self._attribute(message.inside(field), [], functions)

    def _tensor(self, message: Message, texts: list[str]) -> None:
        """Walk the value of a constant: its texts are kept, its numbers are not read."""
        kind = 0
        for field in message:
            if self.unknown(shapes.TENSOR, field, "TensorProto"):
                continue
            if field.number == 1:
                kind = field.value
            elif field.number == 4 and kind == _TEXT:
                texts += packed_texts(message.wire.read(field, self._most))
            elif field.number == 8:
                texts.append(message.text(field, self._most))
                if len(texts) > _MOST_TEXTS:
                    texts.append(CUT)
                    break


def packed_texts(data: bytes) -> list[str]:
    """Return the texts in `tensor_content`: the length of each as a varint, then all of them.

    Source: `EncodeStringList` of TensorFlow, `core/platform/tensor_coding.cc`.
    """
    sizes: list[int] = []
    at = value = shift = 0
    while at < len(data) and len(sizes) < _MOST_TEXTS:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            sizes.append(value)
            value = shift = 0
        if not shift and at + sum(sizes) >= len(data):
            break
    texts = []
    for size in sizes:
        texts.append(data[at : at + size].decode("utf-8", "backslashreplace"))
        at += size
    return texts


_TALKING: Final = """
    ReadFile WriteFile MatchingFiles PyFunc PyFuncStateless EagerPyFunc TextLineDataset TFRecordDataset RpcClient
    RpcServer CreateSummaryFileWriter SaveDataset SaveDatasetV2 LoadDataset SqlDataset FixedLengthRecordDatasetV2
    DataServiceDatasetV4 FileSystemSetConfiguration
"""
TALKING: Final = frozenset(_TALKING.split())
