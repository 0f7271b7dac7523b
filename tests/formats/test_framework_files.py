"""Files that frameworks wrote: read to the end, and nothing is found in them.

The small ones lie in `tests/vectors/frameworks`: PyTorch 2.13, skl2onnx 1.20, ONNX 1.23, ONNX Runtime 1.32, TensorFlow
2.21, Keras 3.15, h5py 3.14, coremltools 9.0, OpenVINO 2026.4, SentencePiece 0.2, Flax 0.12 and
Paddle 3.3 wrote them. Where a framework is installed, what it ships for its own tests is read too.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

FOLDER = Path(__file__).parents[1] / "vectors" / "frameworks"
FORMATS = {
    "coremltools-program.mlmodel": "coreml",
    "coremltools.mlmodel": "coreml",
    "flax.msgpack": "flax-msgpack",
    "h5py-dense-groups.h5": "hdf5",
    "h5py-old-groups.h5": "hdf5",
    "keras.h5": "keras-hdf5",
    "keras.json": "json",
    "keras.keras": "keras-zip",
    "keras.weights.h5": "hdf5",
    "onnx-external-data.onnx": "onnx",
    "onnxruntime-optimised.onnx": "onnx",
    "openvino.xml": "openvino-ir",
    "paddle.json": "paddle-ir",
    "paddle.pdiparams": "paddle-parameters",
    "paddle.pdmodel": "paddle-program",
    "paddle.pdparams": "pickle",
    "sentencepiece.model": "sentencepiece",
    "skl2onnx.onnx": "onnx",
    "tensorflow-1.meta": "tensorflow-meta-graph",
    "tensorflow-checkpoint.index": "tensorflow-checkpoint-index",
    "tensorflow-fingerprint.pb": "tensorflow-fingerprint",
    "tensorflow-frozen-graph.pb": "tensorflow-graph",
    "tensorflow-saved-model.pb": "tensorflow-saved-model",
    "tensorflow-flex.tflite": "tflite",
    "tensorflow.tflite": "tflite",
    "torch.onnx": "onnx",
}


# A message of protobuf may end behind any of its fields, and text anywhere.
WITHOUT_AN_END = (".json", "fingerprint.pb", "frozen-graph.pb", "sentencepiece.model")


def report(data: bytes):
    return examine(BytesView(data), "it").report


def test_each_file_has_its_format_written_down():
    assert sorted(FORMATS) == sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_a_framework_wrote_is_read_and_clean(name):
    seen = report((FOLDER / name).read_bytes())
    assert (seen.format, seen.findings, seen.unchecked) == (FORMATS[name], (), ())


@pytest.mark.parametrize("name", [name for name in FORMATS if not name.endswith(WITHOUT_AN_END)])
def test_a_file_that_is_cut_short_is_never_complete(name):
    data = (FOLDER / name).read_bytes()
    assert [cut for cut in range(96, len(data), len(data) // 17) if report(data[:cut]).complete] == []


@pytest.mark.frameworks
def test_the_models_that_onnx_ships_are_read_and_clean():
    found = importlib.util.find_spec("onnx")
    assert found is not None
    models = sorted(Path(found.origin).parent.glob("backend/test/data/**/*.onnx"))
    seen = [report(path.read_bytes()) for path in models]
    assert [one for one in seen if one.format != "onnx" or one.findings or one.unchecked] == []
    assert len(seen) > 100
