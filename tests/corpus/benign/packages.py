"""Ordinary files of packages for one purpose each: Paddle, Hydra, PMML, and more of Core ML, OpenVINO and MLflow."""

from __future__ import annotations

import pathlib
import tempfile
from typing import TYPE_CHECKING, Any

from corpus.benign.extra import tree
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def samples() -> Iterator[Sample]:
    """Yield what can be made here."""
    for maker in (_paddle, _hydra, _pmml, _pmml_of_nyoka, _openvino, _coreml, _mlflow):
        try:
            yield from maker()
        except ImportError:
            continue


def _paddle() -> Iterator[Sample]:
    import paddle  # noqa: PLC0415
    from paddle import nn  # noqa: PLC0415
    from paddle.static import InputSpec  # noqa: PLC0415

    conv = nn.Sequential(nn.Conv2D(1, 2, 3), nn.BatchNorm2D(2), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3))
    optimizer = paddle.optimizer.AdamW(0.1, parameters=conv.parameters())
    conv(paddle.ones([1, 1, 8, 8])).sum().backward()
    optimizer.step()
    shapes = {
        "conv": (conv, InputSpec([None, 1, 8, 8], "float32", "x")),
        "attention": (nn.TransformerEncoderLayer(8, 2, 16), InputSpec([None, 5, 8], "float32", "x")),
        "embedding": (nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2)), InputSpec([None, 5], "int64", "x")),
    }
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        paddle.save(optimizer.state_dict(), str(place / "state/model.pdopt"))
        paddle.save({"step": 3, "tensor": paddle.ones([3])}, str(place / "state/model.pdtensor"))
        for protocol in (2, 3, 4):
            paddle.save(conv.state_dict(), str(place / f"state/p{protocol}.pdparams"), protocol=protocol)
        for path in sorted((place / "state").iterdir()):
            yield file("paddle", f"state-{path.name}", path.name, path.read_bytes())
        for name, (model, shape) in shapes.items():
            model.eval()
            paddle.jit.save(model, str(place / name / "model"), input_spec=[shape])
            yield Sample("paddle", f"program-{name}", tree(place / name))
        yield Sample("paddle", "program-old", _old_program(paddle, place / "old"))


def _old_program(paddle: Any, place: pathlib.Path) -> dict[str, bytes]:
    from paddle.pir_utils import OldIrGuard  # noqa: PLC0415

    static = paddle.static
    paddle.enable_static()
    with OldIrGuard():
        program, start = static.Program(), static.Program()
        with static.program_guard(program, start):
            x = static.data("x", [None, 1, 8, 8])
            y = static.nn.fc(static.nn.batch_norm(static.nn.conv2d(x, 2, 3)), 3, activation="softmax")
            runner = static.Executor()
            runner.run(start)
            static.save_inference_model(str(place / "model"), [x], [y], runner)
            static.save(program, str(place / "trained"))
    paddle.disable_static()
    return tree(place)


HYDRA = {
    "train": "defaults:\n  - _self_\n  - model: resnet\n  - optimizer: adam\nseed: 12\nhydra:\n  run:\n    dir: logs/${now:%Y-%m-%d}\n",
    "model/resnet": "_target_: torchvision.models.resnet18\nnum_classes: 10\nweights: null\n",
    "model/mlp": "_target_: torch.nn.Sequential\n_args_:\n  - _target_: torch.nn.Linear\n    in_features: 3\n    out_features: 2\n  - _target_: torch.nn.ReLU\n",
    "optimizer/adam": "_target_: torch.optim.Adam\n_partial_: true\nlr: 0.001\nweight_decay: 0.0\n",
    "optimizer/sgd": "_target_: torch.optim.SGD\n_partial_: true\nlr: 0.1\nmomentum: 0.9\n",
    "scheduler/plateau": "_target_: torch.optim.lr_scheduler.ReduceLROnPlateau\n_partial_: true\nmode: min\nfactor: 0.1\n",
    "trainer/default": "_target_: pytorch_lightning.Trainer\nmax_epochs: 10\naccelerator: cpu\ndefault_root_dir: ${paths.output_dir}\n",
    "trainer/new": "_target_: lightning.pytorch.trainer.Trainer\nmin_epochs: 1\ndevices: 1\n",
    "callbacks/checkpoint": "model_checkpoint:\n  _target_: lightning.pytorch.callbacks.ModelCheckpoint\n  monitor: val/acc\nearly_stopping:\n  _target_: lightning.pytorch.callbacks.EarlyStopping\n  monitor: val/acc\n",
    "logger/csv": "csv:\n  _target_: lightning.pytorch.loggers.csv_logs.CSVLogger\n  save_dir: ${paths.output_dir}\n",
    "data/loader": "_target_: torch.utils.data.DataLoader\nbatch_size: 32\n",
    "estimator/forest": "_target_: sklearn.ensemble.RandomForestClassifier\nn_estimators: 100\n",
}  # fmt: skip


def _hydra() -> Iterator[Sample]:
    """Yield configurations as Hydra's own documentation and templates have them, read and written by OmegaConf."""
    from omegaconf import OmegaConf  # noqa: PLC0415

    for name, text in HYDRA.items():
        written = OmegaConf.to_yaml(OmegaConf.create(text))
        yield file("hydra", name.replace("/", "-"), "config.yaml", written.encode())
    yield Sample("hydra", "folder", {f"conf/{name}.yaml": text.encode() for name, text in HYDRA.items()})


def _estimators() -> dict[str, Any]:
    from sklearn.datasets import load_iris  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.linear_model import LinearRegression, LogisticRegression  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    rows, kinds = load_iris(return_X_y=True)
    return {
        "tree": (DecisionTreeClassifier(max_depth=3), rows, kinds),
        "forest": (RandomForestClassifier(3, max_depth=3), rows, kinds),
        "linear": (LinearRegression(), rows, kinds),
        "logistic": (LogisticRegression(max_iter=500), StandardScaler().fit_transform(rows), kinds),
    }


def _pmml() -> Iterator[Sample]:
    from sklearn2pmml import sklearn2pmml  # noqa: PLC0415
    from sklearn2pmml.pipeline import PMMLPipeline  # noqa: PLC0415

    for name, (estimator, rows, kinds) in _estimators().items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "model.pmml")
            sklearn2pmml(PMMLPipeline([("estimator", estimator)]).fit(rows, kinds), str(path))
            yield file("pmml", f"sklearn2pmml-{name}", "model.pmml", path.read_bytes())


def _pmml_of_nyoka() -> Iterator[Sample]:
    from nyoka import skl_to_pmml  # noqa: PLC0415
    from sklearn.pipeline import Pipeline  # noqa: PLC0415

    names = ["a", "b", "c", "d"]
    for name, (estimator, rows, kinds) in _estimators().items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "model.pmml")
            skl_to_pmml(Pipeline([("estimator", estimator)]).fit(rows, kinds), names, "kind", str(path))
            yield file("pmml", f"nyoka-{name}", "model.pmml", path.read_bytes())


def _openvino() -> Iterator[Sample]:
    """Yield networks of PyTorch and ONNX as OpenVINO converts them, with weights of half size and of full size."""
    import openvino as ov  # noqa: PLC0415
    import torch  # noqa: PLC0415

    from corpus.benign.torch_family import models  # noqa: PLC0415

    for name, (model, arguments) in models().items():
        converted = ov.convert_model(torch.export.export(model, arguments))
        for half in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                ov.save_model(converted, str(pathlib.Path(folder, "model.xml")), compress_to_fp16=half)
                yield Sample("openvino", f"torch-{name}-{'half' if half else 'full'}", tree(pathlib.Path(folder)))


def _coreml() -> Iterator[Sample]:
    """Yield an ML program of many operations in both of its forms, and one with two functions."""
    import coremltools as ct  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from coremltools.converters.mil.mil import Builder as mb  # noqa: N813, PLC0415

    @mb.program(input_specs=[mb.TensorSpec(shape=(1, 1, 8, 8))])
    def program(x: Any) -> Any:
        weights = np.random.default_rng(1).normal(size=(2, 1, 3, 3)).astype("f4")
        x = mb.relu(x=mb.conv(x=x, weight=weights))
        x = mb.softmax(x=mb.reduce_mean(x=x, axes=[2, 3], keep_dims=False), axis=-1)
        return mb.linear(x=x, weight=np.ones((4, 2), "f4"), bias=np.zeros(4, "f4"))

    for form in ("mlprogram", "neuralnetwork"):
        with tempfile.TemporaryDirectory() as folder:
            suffix = "mlpackage" if form == "mlprogram" else "mlmodel"
            ct.convert(program, convert_to=form).save(str(pathlib.Path(folder, f"model.{suffix}")))
            yield Sample("coreml", f"converted-{form}", tree(pathlib.Path(folder)))


def _mlflow() -> Iterator[Sample]:
    """Yield folders that MLflow writes, of each flavour whose package is there, with a signature and an example."""
    import mlflow  # noqa: PLC0415
    from mlflow.models import infer_signature  # noqa: PLC0415

    for name, (estimator, rows, kinds) in _estimators().items():
        estimator.fit(rows, kinds)
        signature = infer_signature(rows, estimator.predict(rows))
        for form in ("cloudpickle", "pickle", "skops"):
            yield from _saved(mlflow, f"sklearn-{name}-{form}", "sklearn", estimator,
                              signature=signature, input_example=rows[:2], serialization_format=form)  # fmt: skip
    yield from _boosted(mlflow)
    from corpus.benign.torch_family import models  # noqa: PLC0415

    model, (example,) = models()["linear"]
    for form in ("pickle", "pt2"):
        more = {"pip_requirements": ["torch"], "input_example": example.numpy(), "serialization_format": form}
        yield from _saved(mlflow, f"pytorch-{form}", "pytorch", model, **more)


def _boosted(mlflow: Any) -> Iterator[Sample]:
    import importlib  # noqa: PLC0415

    rows, kinds = _estimators()["tree"][1:]
    classes = {"xgboost": "XGBClassifier", "lightgbm": "LGBMClassifier", "catboost": "CatBoostClassifier"}
    for package, name in classes.items():
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        quiet = {"verbose": 0} if package != "xgboost" else {}
        model = getattr(module, name)(n_estimators=3, **quiet).fit(rows, kinds)
        yield from _saved(mlflow, package, package, model)
    onnx = importlib.import_module("skl2onnx").to_onnx(_estimators()["tree"][0].fit(rows, kinds), rows[:1])
    yield from _saved(mlflow, "onnx", "onnx", onnx)


def _saved(mlflow: Any, name: str, flavour: str, model: Any, **more: Any) -> Iterator[Sample]:
    """Yield the folder of one model, or nothing where this release of MLflow does not save it so."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            getattr(mlflow, flavour).save_model(model, str(pathlib.Path(folder, "model")), **more)
        except Exception as error:  # noqa: BLE001 - the flavour's own package may be absent or too new
            print(f"mlflow {name}: {type(error).__name__}: {error}")
            return
        yield Sample("mlflow", name, tree(pathlib.Path(folder, "model")))
