"""Vectors of Keras configurations: a smallest model, and the same with one layer that is not only a layer."""

from __future__ import annotations

import json
from typing import Any

from vectors_graphs import IDENTITY, data, tf_saved
from vectors_hdf5 import file, text


def model(*layers: dict[str, Any]) -> bytes:
    """Return a configuration as Keras 3 writes it."""
    config = {"name": "m", "layers": list(layers)}
    return json.dumps({"module": "keras", "class_name": "Sequential", "config": config}).encode()


def old(*layers: dict[str, Any]) -> bytes:
    """Return a configuration as Keras 2 writes it."""
    return json.dumps({"class_name": "Sequential", "config": {"layers": list(layers)}, "keras_version": "2.4"}).encode()


def layer(name: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return a layer."""
    named = {"class_name": name, "config": config, "registered_name": None}
    return named if module is None else {"module": module, **named}


def function(module: str, name: str) -> dict[str, Any]:
    """Return a function as Keras 3 writes it."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


DENSE = layer("Dense", units=2, activation="relu")
CODE = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
LOADED = layer("Dense", units=2, kernel_initializer=function("keras.config", "enable_unsafe_deserialization"))
OLD_CODE = layer("Lambda", None, function=["4wEAAAA=", None, None], function_type="lambda")
OLD_SHAPE = layer("Lambda", None, function="relu", output_shape=["4wEAAAA="], output_shape_type="lambda")
TORCH = layer("TorchModuleWrapper") | {"config": {"module": "UEsDBA=="}}
WRITE = layer("TFOpLambda", None, function="io.write_file")

# A layer as Keras 2 keeps it in a SavedModel, without the words that tell a configuration elsewhere.
METADATA = json.dumps({"name": "l", "class_name": "Lambda", "config": OLD_CODE["config"]})
OWN = json.dumps({"name": "l", "class_name": "Attention2", "config": {}})


def saved(metadata: str) -> bytes:
    """Return a SavedModel with one object of Keras."""
    return tf_saved(IDENTITY, rest=data(7, data(1, data(4, data(1, "_tf_keras_layer"), data(3, metadata)))))


def beside(metadata: str) -> bytes:
    """Return a `keras_metadata.pb` of one layer."""
    return data(1, b"\x10\x01", data(3, "root.layer-0"), data(4, "_tf_keras_layer"), data(5, metadata))


RULES: dict[str, dict[str, dict[str, bytes]]] = {
    "keras-runs-code": {
        "fail": {
            "lambda.json": model(layer("Lambda", function=CODE)),
            "lambda-in-loss.json": model(layer("Dense", activation=CODE)),
            "keras-2.json": old(OLD_CODE),
            "model.h5": file(text("model_config", old(OLD_CODE))),
            "saved-model.pb": saved(METADATA),
            "keras-metadata.pb": beside(METADATA),
        },
        "pass": {
            "model.h5": file(text("model_config", old(layer("Dense", None)))),
            "own-layer-of-a-saved-model.pb": saved(OWN),
            "keras-metadata.pb": beside(OWN),
            "dense.json": model(DENSE),
            "relu.json": model(layer("Lambda", function=function("keras.ops", "relu"))),
        },
    },
    "keras-dangerous-name": {
        "fail": {
            "os-system.json": model(layer("Lambda", function=function("os", "system"))),
            "builtins-eval.json": model(layer("Lambda", function=function("builtins", "eval"))),
            "class-of-subprocess.json": model(layer("Popen", "subprocess")),
            "get-file.json": model(layer("Lambda", function=function("keras.utils", "get_file"))),
            "inner-get-file.json": model(layer("Lambda", function=function("keras.src.utils.file_utils", "get_file"))),
            "unsafe-switch.json": model(LOADED),
            "torch-module.json": model(TORCH),
            "saved-model.json": model(layer("TFSMLayer", filepath="/srv/other")),
            "write-file.json": old(WRITE),
        },
        "pass": {
            "sequential-in-sequential.json": model(json.loads(model(DENSE))),
            "dense.json": old(layer("Dense", None)),
        },
    },
    "keras-reads-file": {
        "fail": {
            "vocabulary.json": model(layer("StringLookup", vocabulary="/etc/passwd")),
            "text.json": old(layer("TextVectorization", None, vocabulary="https://evil.example/words")),
        },
        "pass": {"words.json": model(layer("StringLookup", vocabulary=["a", "b"]))},
    },
    "keras-unknown-name": {
        "fail": {
            "registered.json": model(layer("Attention2", "my_package.layers")),
            "custom.json": old(layer("Custom>Attention2", None)),
            "named-function.json": old(layer("Lambda", None, function="scale", function_type="function")),
            "not-exported.json": model(layer("Lambda", function=function("keras.src.utils.file_utils", "makedirs"))),
            "nameless-function.json": model(layer("Dense", activation={"class_name": "function", "config": {}})),
        },
        "pass": {
            "functional.json": model(layer("Functional", "keras.src.models.functional")),
            "loss.json": model(layer("Dense", loss=function("builtins", "binary_crossentropy"))),
            "another-use-of-the-words.json": b'{"class_name": "Table", "rows": [{"class_name": "Popen"}]}',
        },
    },
}
