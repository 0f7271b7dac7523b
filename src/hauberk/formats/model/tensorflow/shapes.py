"""The messages of TensorFlow's files as far as they are walked, and how each file is told from other protobuf.

Sources: `saved_model.proto`, `meta_graph.proto`, `graph.proto`, `function.proto`, `attr_value.proto`, `tensor.proto`,
`fingerprint.proto` of TensorFlow 2.21; `saved_metadata.proto` of Keras 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.formats.model.graph import FAULTS
from hauberk.formats.wire.protobuf import BYTES, TELL_LIMITS, Message, Wire, shape, unknown_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.wire.protobuf import Shape
    from hauberk.view import View

SAVED_MODEL: Final = shape(number="1", data="2")
META_GRAPH: Final = shape(data="1 2 3 4 5 6 7")
META_INFO: Final = shape(number="7", data="1 2 3 4 5 6 8")
GRAPH: Final = shape(number="3", data="1 2 4 5")
LIBRARY: Final = shape(data="1 2 3")
FUNCTION: Final = shape(data="1 3 4 5 6 7 8")
SIGNATURE: Final = shape(number="16 17 18 19 21", data="1 2 3 4 5 6 8 20")
ARGUMENT: Final = shape(number="3 16", data="1 2 4 5 6 7 17")
NODE: Final = shape(data="1 2 3 4 5 6 7")
ENTRY: Final = shape(data="1 2")
VALUE: Final = shape(number="3 5 6", single="4", data="1 2 7 8 9 10")
VALUES: Final = shape(numbers="3 5 6", single="4", data="2 7 8 9")
NAMED: Final = shape(data="1 2")
TENSOR: Final = shape(number="1 3", numbers="7 10 11 13 16 17", single="5 9", double="6 12", data="2 4 8 14 15 18")
ASSET: Final = shape(data="1 2")
TENSOR_INFO: Final = shape(number="2", data="1 3 4 5")
OBJECTS: Final = shape(data="1 2")
OBJECT: Final = shape(data="1 3 4 5 6 7 8 9 10 11 12 13 14 15 16")
USER_OBJECT: Final = shape(data="1 2 3")
FINGERPRINT: Final = shape(number="1 2 3 4 5", data="6 7")
METADATA: Final = shape(data="1")
METADATA_NODE: Final = shape(number="1 2", data="3 4 5 6")

_MOST_FIELDS_TO_TELL: Final = 512


def is_saved_model(view: View) -> bool:
    """Say whether bytes are laid out as `saved_model.pb`: a meta graph, and nothing that is not in one."""
    return _tell(view, SAVED_MODEL, {2: _is_meta_graph})


def is_meta_graph(view: View) -> bool:
    """Say whether bytes are laid out as a `.meta` file."""
    return _tell(view, META_GRAPH, {2: _is_graph})


def is_graph(view: View) -> bool:
    """Say whether bytes are laid out as a graph with a node or a function."""
    return _tell(view, GRAPH, {1: _is_node, 2: _is_library})


def is_fingerprint(view: View) -> bool:
    """Say whether bytes are a `fingerprint.pb`: checksums, and a version or an identifier."""
    if not 0 < view.size <= 1024:
        return False
    try:
        fields = list(Message(Wire(view, TELL_LIMITS), 0, view.size))
    except FAULTS:
        return False
    numbers = {field.number for field in fields}
    return not any(unknown_in(FINGERPRINT, field) for field in fields) and {1, 2, 3, 4} <= numbers


def is_keras_metadata(view: View) -> bool:
    """Say whether bytes are laid out as `keras_metadata.pb`: nodes with an identifier of Keras."""
    return _tell(view, METADATA, {1: lambda node: _has(node, METADATA_NODE, {4: _is_keras_identifier})})


def _is_keras_identifier(text: Message) -> bool:
    return text.wire.view.read_at(text.start, min(64, text.end - text.start)).startswith(b"_tf_keras")


def _is_meta_graph(message: Message) -> bool:
    return _has(message, META_GRAPH, {1: _is_meta_info, 2: _is_graph_or_empty})


def _is_meta_info(message: Message) -> bool:
    return _has(message, META_INFO, {2: lambda _: True, 4: _is_plain, 5: _is_plain})


def _is_graph_or_empty(message: Message) -> bool:
    return message.start == message.end or _is_graph(message)


def _is_graph(message: Message) -> bool:
    return _has(message, GRAPH, {1: _is_node, 2: _is_library})


def _is_library(message: Message) -> bool:
    return _has(message, LIBRARY, {1: lambda function: _has(function, FUNCTION, {1: _is_signature, 3: _is_node})})


def _is_signature(message: Message) -> bool:
    return _has(message, SIGNATURE, {1: _is_plain})


def _is_node(message: Message) -> bool:
    return _has(message, NODE, {2: _is_plain})


def _is_plain(text: Message) -> bool:
    length = text.end - text.start
    if not 0 < length <= 256:
        return False
    found = text.wire.view.read_at(text.start, length)
    return found.isascii() and found.decode("ascii").isprintable()


def _tell(view: View, known: Shape, telling: dict[int, Callable[[Message], bool]]) -> bool:
    return view.size > 0 and _has(Message(Wire(view, TELL_LIMITS), 0, view.size), known, telling)


def _has(message: Message, known: Shape, telling: dict[int, Callable[[Message], bool]]) -> bool:
    """Say whether a telling field is there and is what it should be, among the first fields, with few strange ones."""
    strange = seen = 0
    try:
        for field in message:
            seen += 1
            if unknown_in(known, field):
                strange += 1
            elif field.number in telling and field.kind == BYTES and telling[field.number](message.inside(field)):
                return strange * 2 <= seen
            if seen >= _MOST_FIELDS_TO_TELL or strange > 8:
                return False
    except FAULTS:
        pass
    return False
