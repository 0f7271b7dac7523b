"""TensorFlow's SavedModels, meta graphs and graphs: what their nodes do, and which files they name.

`saved_model.pb` holds meta graphs; a meta graph holds a graph, the assets that are opened when it is loaded, and the
objects that the graph was made from, whose Keras metadata is a configuration that Keras rebuilds. A `.meta` file is one
meta graph, a frozen `.pb` is a graph alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.formats.contents import Part
from hauberk.formats.model import keras_config
from hauberk.formats.model.graph import FAULTS, Gathered, GraphDescription
from hauberk.formats.model.tensorflow import shapes
from hauberk.formats.model.tensorflow.graphs import Graphs
from hauberk.formats.wire.protobuf import Message, Wire
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.formats.wire.protobuf import Field
    from hauberk.view import View


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what a `saved_model.pb` does besides arithmetic. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return _described(view, limits, _Walk.saved_model)


def describe_meta_graph(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what a `.meta` file does; as `describe`."""
    return _described(view, limits, _Walk.meta_graph)


def describe_graph(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what a graph does; as `describe`."""
    return _described(view, limits, _Walk.graph)


def describe_keras_metadata(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return the configurations in a `keras_metadata.pb`; as `describe`."""
    return _described(view, limits, _Walk.keras_metadata)


def describe_fingerprint(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return nothing but what could not be read of a `fingerprint.pb`, which holds checksums; as `describe`."""
    return _described(view, limits, _Walk.fingerprint)


def _described(view: View, limits: Limits, walk: Callable[[_Walk, Message], None]) -> GraphDescription:
    walked = _Walk(view, limits)
    try:
        walk(walked, Message(Wire(view, limits), 0, view.size))
    except FAULTS as error:
        walked.gathered.broken(error)
    walked.graphs.settle()
    return walked.gathered.whole(parts=tuple(walked.parts))


class _Walk:
    """One walk through a file."""

    def __init__(self, view: View, limits: Limits) -> None:
        self.gathered = Gathered(limits)
        self.graphs = Graphs(self.gathered)
        self.parts: list[Part] = []
        self._view = view
        self._most = limits.max_graph_text_bytes
        self._number = 0

    def saved_model(self, message: Message) -> None:
        """Walk a SavedModel."""
        for field in message:
            if not self.graphs.unknown(shapes.SAVED_MODEL, field, "SavedModel") and field.number == 2:
                self.meta_graph(message.inside(field))

    def meta_graph(self, message: Message) -> None:
        """Walk a MetaGraphDef."""
        for field in message:
            if self.graphs.unknown(shapes.META_GRAPH, field, "MetaGraphDef"):
                continue
            inner = message.inside(field)
            if field.number == 2:
                self.graph(inner)
            elif field.number == 6:
                self._asset(inner)
            elif field.number == 7:
                self._objects(inner)

    def graph(self, message: Message) -> None:
        """Walk a GraphDef."""
        self._number += 1
        self.graphs.graph(message, self._number)

    def fingerprint(self, message: Message) -> None:
        """Walk a FingerprintDef."""
        for field in message:
            self.graphs.unknown(shapes.FINGERPRINT, field, "FingerprintDef")

    def keras_metadata(self, message: Message) -> None:
        """Walk a SavedMetadata: the metadata of each node is a configuration in JSON."""
        for field in message:
            if self.graphs.unknown(shapes.METADATA, field, "SavedMetadata"):
                continue
            for inner in message.inside(field):
                if not self.graphs.unknown(shapes.METADATA_NODE, inner, "SavedMetadata.SavedObject"):
                    self._metadata(inner, 5)

    def _metadata(self, field: Field, number: int) -> None:
        if field.number == number and field.end > field.start:
            view = RangeView(self._view, field.start, field.end - field.start)
            self.parts.append(Part("metadata", lambda _room: view, field.start, keras_config.describe_metadata))

    def _asset(self, message: Message) -> None:
        """An asset has a tensor, which the loader fills with the path, and a name in the folder `assets`."""
        for field in message:
            if self.graphs.unknown(shapes.ASSET, field, "AssetFileDef"):
                continue
            if field.number == 2:
                self.gathered.file(message.text(field, self._most), "an asset", field.start)
                continue
            inner = message.inside(field)
            for one in inner:
                if not self.graphs.unknown(shapes.TENSOR_INFO, one, "TensorInfo") and one.number == 1:
                    self.graphs.assets.add(inner.text(one, self._most).partition(":")[0])

    def _objects(self, message: Message) -> None:
        for field in message:
            if self.graphs.unknown(shapes.OBJECTS, field, "SavedObjectGraph") or field.number != 1:
                continue
            node = message.inside(field)
            for inner in node:
                if not self.graphs.unknown(shapes.OBJECT, inner, "SavedObject") and inner.number == 4:
                    for one in node.inside(inner):
                        if not self.graphs.unknown(shapes.USER_OBJECT, one, "SavedUserObject"):
                            self._metadata(one, 3)
