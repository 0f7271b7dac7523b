"""Files that ONNX, Keras, h5py, TensorFlow and Flax write here and now: ordinary ones are clean and complete.

All of them are in requirements/frameworks.in, TensorFlow on Linux only.
"""

from __future__ import annotations

import importlib
import inspect
import os
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.verbs.scan import scan
from hauberk.view import BytesView

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]  # of the frameworks, about themselves
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
APPLICATIONS = ("MobileNetV2", "ResNet50", "EfficientNetB0", "DenseNet121", "ConvNeXtTiny", "VGG16", "Xception")
SHAPES = ((4,), (4, 2), (8, 8, 3), (4, 4, 4, 2))
ARGUMENTS = ({}, {"units": 2}, {"filters": 2, "kernel_size": 2}, {"rate": 0.1}, {"size": 2}, {"factor": 0.1})


def complaints(data: bytes):
    seen = examine(BytesView(data), "it").report
    return [(one.rule, one.saw) for one in seen.findings], [one.detail for one in seen.unchecked]


def test_every_model_of_the_onnx_test_suite_is_clean_and_complete():
    onnx = pytest.importorskip("onnx")
    cases = importlib.import_module("onnx.backend.test.case.node").collect_testcases(None)
    models = [case.model.SerializeToString() for case in cases if case.model is not None]
    models += [path.read_bytes() for path in Path(onnx.__file__).parent.glob("backend/test/data/**/*.onnx")]
    assert len(models) > 1000
    assert [found for model in models if (found := complaints(model)) != ([], [])] == []


def layers(keras):
    """Yield a model around each layer of Keras that can be made with few arguments."""
    for name in dir(keras.layers):
        kind = getattr(keras.layers, name)
        if not inspect.isclass(kind) or name in ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"):
            continue
        for shape, arguments in ((shape, arguments) for shape in SHAPES for arguments in ARGUMENTS):
            try:
                start = keras.layers.Input(shape)
                yield name, keras.Model(start, kind(**arguments)(start))
            except Exception:  # noqa: BLE001 - this shape or these arguments do not fit the layer
                continue
            break


def test_a_model_of_each_layer_is_clean_and_complete_in_both_of_keras_s_formats(tmp_path):
    keras = pytest.importorskip("keras")
    bad, count = [], 0
    for name, model in layers(keras):
        for suffix in ("keras", "h5"):
            try:
                model.save(tmp_path / f"m.{suffix}")
            except TypeError:  # a layer that holds a module, which Keras itself cannot write
                continue
            count += 1
            bad += [(name, found) for found in [complaints((tmp_path / f"m.{suffix}").read_bytes())] if any(found)]
    assert bad == []
    assert count > 100


def test_applications_of_keras_are_clean_and_complete():
    keras = pytest.importorskip("keras")
    models = {name: getattr(keras.applications, name)(weights=None) for name in APPLICATIONS}
    found = {name: complaints(model.to_json().encode()) for name, model in models.items()}
    assert {name: one for name, one in found.items() if any(one)} == {}


def test_a_saved_model_is_clean_and_complete_with_its_variables_and_assets(tmp_path):
    tf = pytest.importorskip("tensorflow")
    words = tmp_path / "words.txt"
    words.write_text("a\nb\n")
    module = tf.Module()
    module.v = tf.Variable(tf.ones([3, 2]))
    start = tf.lookup.TextFileInitializer(str(words), tf.string, 0, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER)
    module.table = tf.lookup.StaticVocabularyTable(start, 1)
    signature = [tf.TensorSpec([None, 3]), tf.TensorSpec([None], tf.string)]
    module.f = tf.function(lambda x, k: (tf.matmul(x, module.v), module.table.lookup(k)), input_signature=signature)
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=module.f)
    seen = scan(tmp_path / "saved")
    assert seen.complete
    assert [report.findings for report in seen.reports if report.findings] == []
    assert len(seen.reports) == 5


def test_an_operator_that_writes_a_file_is_found_in_what_tensorflow_writes(tmp_path):
    tf = pytest.importorskip("tensorflow")
    module = tf.Module()
    module.f = tf.function(
        lambda x: (tf.io.write_file("/tmp/x", x), x)[1], input_signature=[tf.TensorSpec([], tf.string)]
    )
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures=None)
    found, _ = complaints((tmp_path / "saved" / "saved_model.pb").read_bytes())
    assert [rule for rule, _ in found] == ["graph-writes-file"]


def test_a_lambda_layer_is_found_in_both_of_keras_s_formats(tmp_path):
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Lambda(lambda x: x * 2)])
    for suffix in ("keras", "h5"):
        model.save(tmp_path / f"m.{suffix}")
        found, _ = complaints((tmp_path / f"m.{suffix}").read_bytes())
        assert [rule for rule, _ in found] == ["keras-runs-code"]


@pytest.mark.parametrize("version", ["earliest", "v108", "v110", "latest"])
@pytest.mark.parametrize("count", [3, 50, 3000])
def test_groups_of_every_version_and_size_are_read_to_the_end(tmp_path, version, count):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "it.h5", "w", libver=version) as file:
        group = file.create_group("g")
        for number in range(count):
            group.create_dataset(f"d{number}_{'x' * (number % 40)}", data=[1, 2, 3])
        for number in range(min(count, 200)):
            file.attrs[f"a{number}"] = "text " * number
        file["e"] = h5py.ExternalLink("other.h5", "/x")
    found, unchecked = complaints((tmp_path / "it.h5").read_bytes())
    assert ([rule for rule, _ in found], unchecked) == (["hdf5-external"], [])


def test_a_checkpoint_of_flax_is_clean_and_complete():
    serialization = pytest.importorskip("flax.serialization")
    import numpy as np

    tree = {"params": {"kernel": np.ones((3, 4), "f4")}, "step": 3, "c": 1 + 2j, "s": np.float32(2), "n": None}
    assert complaints(serialization.to_bytes(tree)) == ([], [])
