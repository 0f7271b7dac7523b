"""Ordinary files of packages that need an environment of their own: OpenVINO, CoreML, Arrow, timm, MLflow."""

from __future__ import annotations

import io
import pathlib
import pickle
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def tree(root: pathlib.Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def samples() -> Iterator[Sample]:
    """Yield what can be made here."""
    for maker in (_arrow, _arrow_in_pandas, _timm, _openvino, _coreml, _mlflow):
        try:
            yield from maker()
        except ImportError:
            continue


def _arrow() -> Iterator[Sample]:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import feather, parquet  # noqa: PLC0415

    table = pa.table({"a": [1, 2, 3], "b": ["os.system", "x", None]})
    for name, codec in {"snappy": "snappy", "zstd": "zstd", "none": "none"}.items():
        out = io.BytesIO()
        parquet.write_table(table, out, compression=codec)
        yield file("arrow", f"parquet-{name}", "data.parquet", out.getvalue())
    out = io.BytesIO()
    feather.write_feather(table, out)
    yield file("arrow", "feather", "data.feather", out.getvalue())


def _arrow_in_pandas() -> Iterator[Sample]:
    import pandas as pd  # noqa: PLC0415
    import pyarrow  # noqa: F401, PLC0415 - with which pandas keeps text in it

    frame = pd.DataFrame({"a": [1, 2, None], "b": ["os.system", "x", None], "c": [True, False, True]})
    kinds = {"texts": frame, "arrow": frame.convert_dtypes(dtype_backend="pyarrow"), "by-text": frame.set_index("b")}
    for protocol in range(6):
        for name, value in kinds.items():
            yield file("pandas", f"{name}-of-arrow-{protocol}", "frame.pkl", pickle.dumps(value, protocol))


def _timm() -> Iterator[Sample]:
    try:
        import timm  # noqa: PLC0415
        import torch  # noqa: PLC0415
    except RuntimeError:  # torchvision without its operators
        return
    for name in ("resnet18", "vit_tiny_patch16_224", "mobilenetv3_small_050", "convnext_atto"):
        out = io.BytesIO()
        torch.save(timm.create_model(name, num_classes=2), out)
        yield file("timm", name, "model.pt", out.getvalue())


def _openvino() -> Iterator[Sample]:
    import openvino as ov  # noqa: PLC0415
    from openvino import opset13 as ops  # noqa: PLC0415

    x = ops.parameter([1, 3], np.float32, name="x")
    dense = ops.matmul(x, ops.constant(np.ones((3, 2), "f4")), False, False)
    loop = ops.relu(ops.add(dense, ops.constant(np.zeros(2, "f4"))))
    for name, result in {"dense": dense, "relu": loop}.items():
        model = ov.Model([result], [x], name)
        with tempfile.TemporaryDirectory() as folder:
            ov.save_model(model, str(pathlib.Path(folder, "model.xml")))
            files = tree(pathlib.Path(folder))
        yield Sample("openvino", name, files)
        yield file("openvino", f"{name}-xml-alone", "model.xml", files["model.xml"])


def _coreml() -> Iterator[Sample]:
    import coremltools as ct  # noqa: PLC0415
    from coremltools.models import datatypes  # noqa: PLC0415
    from coremltools.models.neural_network import NeuralNetworkBuilder  # noqa: PLC0415

    builder = NeuralNetworkBuilder([("x", datatypes.Array(3))], [("y", datatypes.Array(2))])
    builder.add_inner_product("ip", np.ones((2, 3)), np.zeros(2), 3, 2, True, "x", "y")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.mlmodel")
        ct.utils.save_spec(builder.spec, str(path))
        yield file("coreml", "network", "model.mlmodel", path.read_bytes())
        from coremltools.converters.mil.mil import Builder as mb  # noqa: N813, PLC0415

        @mb.program(input_specs=[mb.TensorSpec(shape=(1, 3))])
        def program(x: object) -> object:
            return mb.relu(x=x)

        package = pathlib.Path(folder, "p", "model.mlpackage")
        ct.convert(program, convert_to="mlprogram").save(str(package))
        yield Sample("coreml", "package", tree(package.parent))


def _mlflow() -> Iterator[Sample]:
    import mlflow.pyfunc  # noqa: PLC0415
    from mlflow.models import Model  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        model = Model(artifact_path="model", run_id=None)
        mlflow.pyfunc.add_to_model(
            model,
            loader_module="mlflow.sklearn",
            model_path="model.pkl",
            conda_env="conda.yaml",
            python_env="python_env.yaml",
        )
        model.save(str(pathlib.Path(folder, "MLmodel")))
        yield Sample(
            "mlflow",
            "written-by-mlflow",
            {
                **tree(pathlib.Path(folder)),
                "requirements.txt": b"mlflow\n",
                "conda.yaml": b"name: x\nchannels:\n- conda-forge\ndependencies:\n- python=3.11\n",
            },
        )
