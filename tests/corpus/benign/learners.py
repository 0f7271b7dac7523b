"""Ordinary files of scikit-learn, joblib, XGBoost, LightGBM, CatBoost and skops: every estimator that fits, fitted."""

from __future__ import annotations

import io
import pathlib
import pickle
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHANCE = np.random.RandomState(0)
ROWS = np.abs(CHANCE.normal(size=(60, 4)))
CLASSES = np.arange(60) % 2
TARGET = ROWS[:, 0] * 2 + 1
COMPRESSIONS: tuple[Any, ...] = (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3))


def dumped(value: object, compress: Any = 0) -> bytes:
    out = io.BytesIO()
    joblib.dump(value, out, compress=compress)
    return out.getvalue()


def saved(save: Callable[[str], object], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, name)
        save(str(path))
        return path.read_bytes()


def fitted() -> Iterator[tuple[str, object]]:
    """Yield every estimator of scikit-learn that fits on a small table."""
    from sklearn.utils import all_estimators  # noqa: PLC0415

    for name, kind in all_estimators():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                estimator = _made(name, kind)
                yield name, estimator
        except Exception:  # noqa: BLE001 - what does not fit on a table of numbers is no ordinary file here
            continue


def _made(name: str, kind: type) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415

    inner = {"base_estimator": LogisticRegression(), "estimator": LogisticRegression()}
    try:
        estimator = kind()
    except TypeError:
        parameters = kind.__init__.__code__.co_varnames  # type: ignore[misc]
        if "estimators" in parameters:
            estimator = kind([("a", Ridge() if "Regressor" in name else LogisticRegression())])
        elif "transformers" in parameters:
            estimator = kind([("a", "passthrough", [0])])
        elif "steps" in parameters:
            estimator = kind([("a", LogisticRegression())])
        elif "param_grid" in parameters:
            estimator = kind(LogisticRegression(), {"C": [1.0]})
        else:
            estimator = kind(next(iter(inner.values())) if "Regressor" not in name else Ridge())
    target = (
        TARGET
        if getattr(estimator, "_estimator_type", "") == "regressor" or name.endswith(("Regressor", "Regression"))
        else CLASSES
    )
    try:
        estimator.fit(ROWS, target)
    except Exception:  # noqa: BLE001 - many targets are tried
        try:
            estimator.fit(ROWS, TARGET)
        except Exception:  # noqa: BLE001
            estimator.fit(ROWS, np.column_stack([CLASSES, 1 - CLASSES]))
    return estimator


def samples() -> Iterator[Sample]:
    """Yield them all."""
    for place, (name, estimator) in enumerate(fitted()):
        try:
            yield file("sklearn", f"{name}-pickle", "model.pkl", pickle.dumps(estimator, (4, 5, 2)[place % 3]))
            yield file(
                "sklearn",
                f"{name}-joblib",
                "model.joblib",
                dumped(estimator, COMPRESSIONS[place % 7] if place % 2 else 0),
            )
        except (TypeError, AttributeError, pickle.PicklingError):
            continue
    yield from _composed()
    yield from _joblib()
    for maker in (_xgboost, _lightgbm, _catboost, _skops):
        try:
            yield from maker()
        except ImportError:
            continue


def _composed() -> Iterator[Sample]:
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415
    from sklearn.decomposition import PCA  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.model_selection import GridSearchCV, KFold  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: PLC0415

    words = ["os system eval", "import subprocess exec", "good model card"] * 20
    values = {
        "pipeline": make_pipeline(StandardScaler(), PCA(2), LogisticRegression()).fit(ROWS, CLASSES),
        "union": make_union(StandardScaler(), PCA(2)).fit(ROWS),
        "columns": ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", OneHotEncoder(), [2])]).fit(
            np.round(ROWS)
        ),
        "grid": GridSearchCV(RandomForestClassifier(5), {"max_depth": [1, 2]}, cv=KFold(2)).fit(ROWS, CLASSES),
        "voting": VotingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))]).fit(ROWS, CLASSES),
        "stacking": StackingClassifier([("a", LogisticRegression()), ("b", RandomForestClassifier(3))], cv=2).fit(
            ROWS, CLASSES
        ),
        "text-pipeline": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(words, ([0, 1] * 30)),
        "list-of-models": [LogisticRegression().fit(ROWS, CLASSES), {"threshold": np.float64(0.5)}],
    }
    for name, value in values.items():
        yield file("sklearn", f"{name}-pickle", "model.pkl", pickle.dumps(value))
        yield file("sklearn", f"{name}-joblib", "model.joblib", dumped(value))


def _joblib() -> Iterator[Sample]:
    value = {"a": ROWS, "b": [CLASSES, TARGET.astype("f4")], "c": "text", "d": np.array(["x", None], dtype=object)}
    for compress in (*COMPRESSIONS, 1, 9, ("zlib", 5)):
        yield file(
            "joblib",
            f"dict-{compress if isinstance(compress, int) else compress[0]}",
            "data.joblib",
            dumped(value, compress),
        )
    yield file("joblib", "single-array", "x.joblib", dumped(ROWS))
    yield file("joblib", "big-array", "x.joblib", dumped(np.zeros((500, 500))))
    yield file("joblib", "fortran", "x.joblib", dumped(np.asfortranarray(ROWS)))
    yield file("joblib", "no-array", "x.joblib", dumped({"a": 1}))


def _xgboost() -> Iterator[Sample]:
    import xgboost as xgb  # noqa: PLC0415

    for name, model in {
        "classifier": xgb.XGBClassifier(n_estimators=3),
        "regressor": xgb.XGBRegressor(n_estimators=3),
        "forest": xgb.XGBRFClassifier(n_estimators=3),
        "linear": xgb.XGBRegressor(n_estimators=3, booster="gblinear"),
        "dart": xgb.XGBClassifier(n_estimators=3, booster="dart"),
    }.items():
        model.fit(ROWS, CLASSES)
        for suffix in ("json", "ubj"):
            yield file("xgboost", f"{name}-{suffix}", f"model.{suffix}", saved(model.save_model, f"model.{suffix}"))
        yield file("xgboost", f"{name}-pickle", "model.pkl", pickle.dumps(model))
        yield file("xgboost", f"{name}-joblib", "model.joblib", dumped(model))
        yield file("xgboost", f"{name}-booster-pickle", "model.pkl", pickle.dumps(model.get_booster()))
    ranker = xgb.XGBRanker(n_estimators=2).fit(ROWS, CLASSES, group=[30, 30])
    yield file("xgboost", "ranker-pickle", "model.pkl", pickle.dumps(ranker))
    yield file("xgboost", "raw-deprecated", "model.bin", bytes(model.get_booster().save_raw("ubj")))
    yield file("xgboost", "config", "config.json", model.get_booster().save_config().encode())
    out = saved(model.get_booster().dump_model, "dump.txt")
    yield file("xgboost", "dump", "dump.txt", out)


def _lightgbm() -> Iterator[Sample]:
    import lightgbm as lgb  # noqa: PLC0415

    for name, model in {
        "classifier": lgb.LGBMClassifier(n_estimators=3, verbose=-1),
        "regressor": lgb.LGBMRegressor(n_estimators=3, verbose=-1),
        "dart": lgb.LGBMClassifier(n_estimators=3, boosting_type="dart", verbose=-1),
    }.items():
        model.fit(ROWS, CLASSES)
        yield file("lightgbm", f"{name}-text", "model.txt", saved(model.booster_.save_model, "model.txt"))
        yield file("lightgbm", f"{name}-pickle", "model.pkl", pickle.dumps(model))
        yield file("lightgbm", f"{name}-joblib", "model.joblib", dumped(model))
        yield file("lightgbm", f"{name}-booster-pickle", "model.pkl", pickle.dumps(model.booster_))
        import json  # noqa: PLC0415

        yield file("lightgbm", f"{name}-json", "model.json", json.dumps(model.booster_.dump_model()).encode())
    ranker = lgb.LGBMRanker(n_estimators=2, verbose=-1).fit(ROWS, CLASSES, group=[30, 30])
    yield file("lightgbm", "ranker-text", "model.txt", saved(ranker.booster_.save_model, "model.txt"))


def _catboost() -> Iterator[Sample]:
    import catboost as cb  # noqa: PLC0415

    for name, model in {
        "classifier": cb.CatBoostClassifier(iterations=3, verbose=False, allow_writing_files=False, thread_count=1),
        "regressor": cb.CatBoostRegressor(iterations=3, verbose=False, allow_writing_files=False, thread_count=1),
    }.items():
        model.fit(ROWS, CLASSES)
        yield file("catboost", f"{name}-cbm", "model.cbm", saved(model.save_model, "model.cbm"))
        for suffix in ("json", "onnx", "cpp", "python"):
            try:
                yield file(
                    "catboost",
                    f"{name}-{suffix}",
                    f"model.{suffix.replace('python', 'py')}",
                    saved(lambda path, s=suffix, m=model: m.save_model(path, format=s), f"model.{suffix}"),
                )
            except Exception:  # noqa: BLE001 - an export that this release lacks
                continue
        yield file("catboost", f"{name}-pickle", "model.pkl", pickle.dumps(model))
        yield file("catboost", f"{name}-joblib", "model.joblib", dumped(model))


def _skops() -> Iterator[Sample]:
    import skops.io as sio  # noqa: PLC0415
    from sklearn.utils import all_estimators  # noqa: PLC0415

    wanted = {
        "LogisticRegression",
        "RandomForestClassifier",
        "GradientBoostingRegressor",
        "SVC",
        "KNeighborsClassifier",
        "StandardScaler",
        "PCA",
        "MLPClassifier",
        "DecisionTreeClassifier",
        "GaussianNB",
        "KMeans",
        "Ridge",
        "HistGradientBoostingClassifier",
        "IsolationForest",
        "OneHotEncoder",
    }
    for name, kind in all_estimators():
        if name in wanted:
            estimator = kind() if name != "PCA" else kind(2)
            yield file("skops", name, "model.skops", sio.dumps(estimator.fit(ROWS, CLASSES)))
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    yield file(
        "skops",
        "pipeline",
        "model.skops",
        sio.dumps(make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, CLASSES)),
    )
