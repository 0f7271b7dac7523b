"""Ordinary files of Keras and TensorFlow: both generations of Keras, SavedModel, frozen graphs, TFLite."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from typing import TYPE_CHECKING, Any

from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def samples() -> Iterator[Sample]:
    """Yield them all."""
    import h5py  # noqa: PLC0415
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        for name, model in _models(keras).items():
            for suffix in ("keras", "h5"):
                path = pathlib.Path(folder, f"{name}.{suffix}")
                try:
                    model.save(str(path))
                except Exception:  # noqa: BLE001 - what this release does not save so
                    continue
                yield file("keras", f"{name}-{suffix}", f"model.{suffix}", path.read_bytes())
            path = pathlib.Path(folder, f"{name}.weights.h5")
            model.save_weights(str(path))
            yield file("keras", f"{name}-weights", "model.weights.h5", path.read_bytes())
            yield file("keras", f"{name}-json", "model.json", model.to_json().encode())
        path = pathlib.Path(folder, "data.h5")
        with h5py.File(path, "w") as store:
            store["x"] = np.ones((10, 3))
            store["g/y"] = np.arange(5)
            store.attrs["note"] = "data, os.system"
            store["text"] = "hello"
            store["link"] = h5py.SoftLink("/x")
        yield file("hdf5", "data", "data.h5", path.read_bytes())
        with h5py.File(path, "w", libver="latest") as store:
            store.create_dataset("x", data=np.ones((100, 30)), compression="gzip", chunks=True)
        yield file("hdf5", "latest-compressed", "data.h5", path.read_bytes())
        try:
            yield from _saved(folder, keras)
        except ImportError:
            return


def _models(keras: Any) -> dict[str, Any]:
    layers = keras.layers
    inputs = keras.Input((8,))
    left, right = layers.Dense(4, activation="relu")(inputs), layers.Dense(4, activation="gelu")(inputs)
    compiled = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(1)])
    compiled.compile("adam", "mse", metrics=["mae"])
    words = layers.TextVectorization(max_tokens=20)
    words.adapt(["os system eval", "a model card"])
    look = layers.StringLookup(vocabulary=["a", "b"])
    return {
        "dense": compiled,
        "functional": keras.Model(inputs, layers.Concatenate()([left, right])),
        "cnn": keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.1), layers.Dense(2, activation="softmax")]),
        "lstm": keras.Sequential([keras.Input((5, 3)), layers.LSTM(4, return_sequences=True), layers.Bidirectional(layers.GRU(2)), layers.Dense(1)]),
        "embedding": keras.Sequential([keras.Input((4,)), layers.Embedding(10, 3), layers.GlobalAveragePooling1D(), layers.Dense(1, kernel_regularizer="l2", kernel_initializer="he_normal")]),
        "attention": keras.Sequential([keras.Input((4, 8)), layers.LayerNormalization(), layers.Dense(8), layers.TimeDistributed(layers.Dense(2))]),
        "vectorised": keras.Sequential([keras.Input((1,), dtype="string"), words]),
        "lookup": keras.Sequential([keras.Input((1,), dtype="string"), look]),
        "normalised": keras.Sequential([keras.Input((3,)), layers.Rescaling(0.1), layers.Normalization(mean=0.0, variance=1.0), layers.Dense(1)]),
    }  # fmt: skip


def _tree(root: pathlib.Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def _saved(folder: str, keras: Any) -> Iterator[Sample]:
    import tensorflow as tf  # noqa: PLC0415

    class Adder(tf.Module):
        def __init__(self) -> None:
            self.weight = tf.Variable([1.0, 2.0])

        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
        def __call__(self, x: Any) -> Any:
            return tf.nn.relu(x * self.weight)

    class Looping(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.int32)])
        def run(self, n: Any) -> Any:
            return tf.while_loop(lambda i: i < n, lambda i: [i + 1], [tf.constant(0)])

    module = Adder()
    for name, value in {"adder": module, "looping": Looping()}.items():
        path = pathlib.Path(folder, f"saved-{name}")
        tf.saved_model.save(value, str(path))
        yield Sample("saved-model", name, _tree(path))
    for name, model in _models(keras).items():
        if name in ("dense", "cnn", "functional"):
            path = pathlib.Path(folder, f"export-{name}")
            model.export(str(path), verbose=False)
            yield Sample("saved-model", f"keras-{name}", _tree(path))
    concrete = module.__call__.get_concrete_function()
    yield file("graph-def", "frozen", "frozen.pb", concrete.graph.as_graph_def().SerializeToString())
    yield file("graph-def", "text", "graph.pbtxt", str(concrete.graph.as_graph_def()).encode())
    checkpoint = tf.train.Checkpoint(w=module.weight)
    path = pathlib.Path(folder, "checkpoints")
    path.mkdir()
    checkpoint.write(str(path / "ckpt"))
    yield Sample("tensorflow", "checkpoint", _tree(path))
    records = pathlib.Path(folder, "x.tfrecord")
    with tf.io.TFRecordWriter(str(records)) as writer:
        writer.write(b"abc")
    yield file("tensorflow", "records", "x.tfrecord", records.read_bytes())
    for name, model in _models(keras).items():
        if name in ("dense", "cnn", "functional"):
            try:
                yield file("tflite", name, "model.tflite", tf.lite.TFLiteConverter.from_keras_model(model).convert())
            except Exception:  # noqa: BLE001 - a converter that this build lacks
                continue


_ = json
