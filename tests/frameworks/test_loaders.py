"""Files that frameworks write here and now: what is clean and complete opens with the values it was saved with.

pip install xgboost lightgbm catboost onnx onnxruntime keras h5py flax skops gguf ml_dtypes; pytest -m frameworks
"""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from frameworks.test_torch_files import permit_for
from hauberk.checks.model.examine import examine
from hauberk.enforce.load import load
from hauberk.errors import Refused
from hauberk.finding import Outcome
from hauberk.view import BytesView

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]  # of the frameworks, about themselves

ROWS = np.random.default_rng(0).normal(size=(40, 3)).astype("f4")
TARGET = (ROWS[:, 0] > 0).astype("i4")


def opened(path):
    """Open a file that must be clean and complete, and the same file packed."""
    found = examine(BytesView(path.read_bytes()), "model").report
    assert (found.outcome, found.complete) == (Outcome.CLEAN, True), (found.findings, found.unchecked)
    packed = path.with_name("packed.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    load(packed, permit=permit_for(packed))
    return load(path, permit=permit_for(path))


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_xgboost(tmp_path, ending):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.train({"max_depth": 2}, xgboost.DMatrix(ROWS, TARGET), 3)
    model.save_model(tmp_path / f"m.{ending}")
    found = opened(tmp_path / f"m.{ending}")
    assert np.array_equal(found.predict(xgboost.DMatrix(ROWS)), model.predict(xgboost.DMatrix(ROWS)))


def test_lightgbm(tmp_path):
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.train({"verbose": -1, "min_data_in_leaf": 2}, lightgbm.Dataset(ROWS, TARGET), 3)
    model.save_model(tmp_path / "m.txt")
    assert np.array_equal(opened(tmp_path / "m.txt").predict(ROWS), model.predict(ROWS))


def test_catboost(tmp_path):
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostRegressor(iterations=3, verbose=0, allow_writing_files=False).fit(ROWS, TARGET)
    model.save_model(str(tmp_path / "m.cbm"))
    assert np.allclose(opened(tmp_path / "m.cbm").predict(ROWS), model.predict(ROWS))


def onnx_model():
    onnx = pytest.importorskip("onnx")
    make = onnx.helper
    weight = onnx.numpy_helper.from_array(np.eye(3, dtype="f4") * 2, "w")
    ends = [make.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 3]) for name in "xy"]
    graph = make.make_graph([make.make_node("MatMul", ["x", "w"], ["y"])], "g", ends[:1], ends[1:], [weight])
    return make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=9)


def test_onnx(tmp_path):
    (tmp_path / "m.onnx").write_bytes(onnx_model().SerializeToString())
    pytest.importorskip("onnxruntime")
    assert np.allclose(opened(tmp_path / "m.onnx").run(None, {"x": ROWS})[0], ROWS * 2)


@pytest.fixture
def apart(tmp_path):
    """A graph whose weights lie in another file of its folder."""
    onnx = pytest.importorskip("onnx")
    folder = tmp_path / "model"
    folder.mkdir()
    onnx.save(onnx_model(), folder / "m.onnx", save_as_external_data=True, location="m.data", size_threshold=0)
    return folder


def test_onnx_opens_with_the_weights_of_its_folder(apart):
    pytest.importorskip("onnxruntime")
    assert np.allclose(load(apart, permit=permit_for(apart)).run(None, {"x": ROWS})[0], ROWS * 2)


def test_onnx_without_the_file_of_its_weights_is_refused(apart):
    with pytest.raises(Refused, match=r"m\.data"):
        load(apart / "m.onnx", permit=permit_for(apart / "m.onnx"))


def test_onnx_that_points_behind_the_end_of_its_weights_is_refused_as_the_scan_says(apart):
    (apart / "m.data").write_bytes(b"")
    with pytest.raises(Refused, match="tree-beyond-file"):
        load(apart, permit=permit_for(apart))


def test_onnx_with_an_operator_that_runs_python_stays_closed(tmp_path):
    model = onnx_model()
    model.graph.node[0].op_type, model.graph.node[0].domain = "PyOp", "ai.onnx.contrib"
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(Refused):
        load(tmp_path / "m.onnx", permit=permit_for(tmp_path / "m.onnx"))


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_keras(tmp_path, ending):
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
    model.save(tmp_path / f"m.{ending}")
    assert np.allclose(opened(tmp_path / f"m.{ending}").predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))


def test_keras_with_code_stays_closed(tmp_path):
    keras = pytest.importorskip("keras")
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x * 2)]).save(tmp_path / "m.keras")
    with pytest.raises(Refused):
        load(tmp_path / "m.keras", permit=permit_for(tmp_path / "m.keras"))


def test_hdf5(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["x"] = ROWS
    assert np.array_equal(opened(tmp_path / "d.h5")["x"][:], ROWS)


def test_hdf5_with_a_link_to_another_file_stays_closed(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["x"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(Refused):
        load(tmp_path / "d.h5", permit=permit_for(tmp_path / "d.h5"))


def test_flax(tmp_path):
    flax = pytest.importorskip("flax.serialization")
    (tmp_path / "m.msgpack").write_bytes(flax.msgpack_serialize({"params": {"w": ROWS}}))
    assert np.array_equal(opened(tmp_path / "m.msgpack")["params"]["w"], ROWS)


def test_skops(tmp_path):
    skops, ensemble = pytest.importorskip("skops.io"), pytest.importorskip("sklearn.ensemble")
    model = ensemble.RandomForestClassifier(3, random_state=0).fit(ROWS, TARGET)
    skops.dump(model, tmp_path / "m.skops")
    assert np.array_equal(opened(tmp_path / "m.skops").predict(ROWS), model.predict(ROWS))


def test_gguf(tmp_path):
    gguf = pytest.importorskip("gguf")
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.add_tensor("w", ROWS)
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()
    assert np.array_equal(opened(tmp_path / "m.gguf").tensors[0].data, ROWS)


def test_matlab(tmp_path):
    scipy = pytest.importorskip("scipy.io")
    scipy.savemat(tmp_path / "m.mat", {"x": ROWS})
    assert np.array_equal(opened(tmp_path / "m.mat")["x"], ROWS)


def test_tflite(tmp_path):
    tensorflow = pytest.importorskip("tensorflow")
    double = tensorflow.function(lambda x: x * 2, input_signature=[tensorflow.TensorSpec((40, 3), "float32")])
    converter = tensorflow.lite.TFLiteConverter.from_concrete_functions([double.get_concrete_function()])
    (tmp_path / "m.tflite").write_bytes(converter.convert())
    found = opened(tmp_path / "m.tflite")
    found.allocate_tensors()
    found.set_tensor(found.get_input_details()[0]["index"], ROWS)
    found.invoke()
    assert np.allclose(found.get_tensor(found.get_output_details()[0]["index"]), ROWS * 2)


def test_torchscript(tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.jit.script(torch.nn.Linear(3, 2))
    model.save(tmp_path / "m.pt")
    rows = torch.from_numpy(ROWS)
    assert torch.equal(opened(tmp_path / "m.pt")(rows), model(rows))


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_safetensors_of_small_floats(tmp_path, dtype):
    torch, safetensors = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    pytest.importorskip("ml_dtypes")
    tensor = torch.from_numpy(ROWS).to(getattr(torch, dtype))
    safetensors.save_file({"w": tensor}, tmp_path / "w.safetensors")
    assert np.array_equal(opened(tmp_path / "w.safetensors")["w"].astype("f4"), tensor.float().numpy())


def test_text_is_data_and_has_no_loader(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"a": 1}))
    with pytest.raises(Refused, match="no loader for text"):
        load(tmp_path / "a.json", permit=permit_for(tmp_path / "a.json"))
