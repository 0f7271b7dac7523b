"""Writes the small files of frameworks in `tests/vectors/frameworks` again: `python tools/write_graph_files.py keras`.

Each group needs its framework in the environment that runs this; `make` installs none of them. What a group writes is
an ordinary file: the tests hold that it is read to its end and that nothing is found in it.
"""

from __future__ import annotations

import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

FOLDER = Path(__file__).parent.parent / "tests" / "vectors" / "frameworks"


def keras() -> None:
    """Write one model in each of Keras's forms."""
    keras = importlib.import_module("keras")
    layers = keras.layers
    model = keras.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.save(FOLDER / "keras.h5")
    model.save(FOLDER / "keras.keras")
    model.save_weights(FOLDER / "keras.weights.h5")
    (FOLDER / "keras.json").write_text(model.to_json())


def h5py() -> None:
    """Write groups as the library did first, and as it does for many members."""
    h5py = importlib.import_module("h5py")
    with h5py.File(FOLDER / "h5py-dense-groups.h5", "w", libver="latest") as file:
        for number in range(40):
            file[f"d{number:02}"] = h5py.SoftLink("/x")
        for number in range(12):
            file.attrs[f"a{number}"] = f"text {number}"
    with h5py.File(FOLDER / "h5py-old-groups.h5", "w") as file:
        for number in range(5):
            file.create_group(f"g{number}/h")
        file.attrs["a"] = "text"
        file["g1/h/data"] = [0, 1, 2, 3]


def tensorflow() -> None:
    """Write a SavedModel with its checkpoint, and what TensorFlow 1 and Lite write."""
    tf: Any = importlib.import_module("tensorflow")
    place = Path(tempfile.mkdtemp())
    module = tf.Module()
    module.v = tf.Variable([1.0, 2.0])
    module.f = tf.function(lambda x: x * module.v, input_signature=[tf.TensorSpec([2])])
    tf.saved_model.save(module, str(place / "saved"))
    shutil.copy(place / "saved/saved_model.pb", FOLDER / "tensorflow-saved-model.pb")
    shutil.copy(place / "saved/fingerprint.pb", FOLDER / "tensorflow-fingerprint.pb")
    shutil.copy(place / "saved/variables/variables.index", FOLDER / "tensorflow-checkpoint.index")
    _tensorflow_1(tf.compat.v1, place)
    shutil.copy(place / "checkpoint/model.meta", FOLDER / "tensorflow-1.meta")
    lite = tf.lite.TFLiteConverter.from_saved_model(str(place / "saved")).convert()
    (FOLDER / "tensorflow.tflite").write_bytes(lite)


def _tensorflow_1(tf: Any, place: Path) -> None:
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        weights = tf.get_variable("w", [3, 2])
        y = tf.nn.softmax(tf.matmul(x, weights), name="y")
        tf.train.AdamOptimizer().minimize(tf.reduce_mean(y))
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(place / "checkpoint/model"))
        frozen = tf.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
    (FOLDER / "tensorflow-frozen-graph.pb").write_bytes(frozen.SerializeToString())


def onnx() -> None:
    """Write models by PyTorch and skl2onnx, with data in another file, and as ONNX Runtime optimises them."""
    torch: Any = importlib.import_module("torch")
    onnx = importlib.import_module("onnx")
    runtime: Any = importlib.import_module("onnxruntime")
    path = str(FOLDER / "torch.onnx")
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 5))
    torch.onnx.export(model.eval(), (torch.zeros(1, 3, 8, 8),), path, dynamo=False)
    outside = str(FOLDER / "onnx-external-data.onnx")
    onnx.save(onnx.load(path), outside, save_as_external_data=True, location="w.data", size_threshold=0)
    (FOLDER / "w.data").unlink()
    options = runtime.SessionOptions()
    options.optimized_model_filepath = str(FOLDER / "onnxruntime-optimised.onnx")
    runtime.InferenceSession(path, options)


def flax() -> None:
    """Write a checkpoint of one array."""
    serialization = importlib.import_module("flax.serialization")
    numpy = importlib.import_module("numpy")
    tree = {"params": {"Dense_0": {"kernel": numpy.ones((3, 4), "f4")}}}
    (FOLDER / "flax.msgpack").write_bytes(serialization.msgpack_serialize(tree))


def paddle() -> None:
    """Write a program in Paddle's older and newer form, its parameters, and a state with tensors."""
    paddle: Any = importlib.import_module("paddle")
    place = Path(tempfile.mkdtemp())
    state = {"step": 3, "weights": paddle.ones([3]), "by layer": [paddle.zeros([1])]}
    paddle.save(state, str(FOLDER / "paddle.pdparams"))
    paddle.enable_static()
    _paddle_program(paddle, place / "new")
    stack = "paddle.base.framework.traceback.extract_stack"  # whose paths the older form keeps
    with importlib.import_module("paddle.pir_utils").OldIrGuard(), mock.patch(stack, list):
        _paddle_program(paddle, place / "old")
    shutil.copy(place / "new.json", FOLDER / "paddle.json")
    shutil.copy(place / "new.pdiparams", FOLDER / "paddle.pdiparams")
    shutil.copy(place / "old.pdmodel", FOLDER / "paddle.pdmodel")


def _paddle_program(paddle: Any, path: Path) -> None:
    static = paddle.static
    program, start = static.Program(), static.Program()
    with static.program_guard(program, start):
        x = static.data("x", [None, 4])
        y = static.nn.fc(x, 3)
        runner = static.Executor()
        runner.run(start)
        static.save_inference_model(str(path), [x], [y], runner)


GROUPS = {group.__name__: group for group in (keras, h5py, tensorflow, onnx, flax, paddle)}


def main() -> None:
    """Write the groups that are named, or all."""
    for name in sys.argv[1:] or GROUPS:
        GROUPS[name]()
        print(f"{name}: written")


if __name__ == "__main__":
    main()
