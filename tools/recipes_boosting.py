"""Boosted trees: XGBoost, LightGBM and CatBoost, each model and estimator after it was fitted."""

from __future__ import annotations

import io
import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any

import catboost
import joblib
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from hooks import hooks
from recording import State
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASES = ("xgboost-cpu", "lightgbm", "catboost")
READ = {
    "xgboost.core.Booster.__setstate__": "gives the bytes of the handle to the native parser, and fills __dict__",
    "xgboost.core.Booster.__del__": "frees the handle",
    "lightgbm.basic.Booster.__setstate__": "gives the text of the handle to the native parser, and fills __dict__",
    "lightgbm.basic.Booster.__del__": "frees network and handle; the rule keeps its method",
    "catboost.core._CatBoostBase.__setstate__": "gives the bytes of the model to the native parser, keeps parameters",
    "catboost.core._CatBoostBase.__eq__": "compares two models",
    "sklearn.base.BaseEstimator.__setstate__": "compares the version, warns, and updates __dict__",
}
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}
_RULES = {
    "xgboost.core.Booster": ("booster", "", "a model, which the native parser of XGBoost reads"),
    "lightgbm.basic.Booster": ("booster", "", "a model, which the native parser of LightGBM reads"),
}


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use; None where it is left out."""
    full = f"{module}.{name}"
    thing = getattr(sys.modules[module], name)
    unread = [f"{base.__module__}.{base.__name__}.{hook}" for base, hook in hooks(thing)]
    if not isinstance(thing, type) or (unread := [hook for hook in unread if hook not in READ]):
        print(f"left out {full} {taken}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if module == "catboost.core":
        return ("catboost", "", "a model, which the native parser of CatBoost reads")
    return _RULES.get(full, ("", "", "an estimator: its state fills __dict__"))


def states() -> Iterator[State]:
    """Yield pickles in every protocol, and joblib files."""
    warnings.simplefilter("ignore")
    for number, value in enumerate(_values()):
        label = f"{type(value).__name__} {number}"
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield State(f"{label} in protocol {protocol}", pickle.dumps(value, protocol))
        file = io.BytesIO()
        joblib.dump(value, file)
        yield State(f"{label} by joblib", file.getvalue(), joblib=True)


def _values() -> Iterator[Any]:
    random = np.random.RandomState(0)
    rows, two = random.rand(60, 4), np.arange(60) % 2
    named = pd.DataFrame(rows, columns=list("abcd"))
    groups = {"group": [60]}
    yield xgboost.train({"verbosity": 0}, xgboost.DMatrix(rows, two), 2)
    for cls in (xgboost.XGBClassifier, xgboost.XGBRegressor, xgboost.XGBRFClassifier, xgboost.XGBRFRegressor):
        yield cls(n_estimators=2)
        yield cls(n_estimators=2).fit(rows, two)
        yield cls(n_estimators=2).fit(named, two, eval_set=[(named, two)], verbose=False)
    yield xgboost.XGBRanker(n_estimators=2).fit(rows, two, **groups)
    yield make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=2)).fit(rows, two)
    quiet = {"verbose": -1}
    yield lightgbm.train(quiet, lightgbm.Dataset(rows, two), 2)
    for model in (lightgbm.LGBMClassifier, lightgbm.LGBMRegressor):
        yield model(n_estimators=2)
        yield model(n_estimators=2, **quiet).fit(rows, two)
        yield model(n_estimators=2, **quiet).fit(named, two, eval_set=[(named, two)])
    yield lightgbm.LGBMRanker(n_estimators=2, **quiet).fit(rows, two, **groups)
    yield make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(n_estimators=2, **quiet)).fit(rows, two)
    still = {"iterations": 2, "verbose": 0, "allow_writing_files": False}
    yield catboost.CatBoost(still).fit(rows, two)
    for boosted in (catboost.CatBoostClassifier, catboost.CatBoostRegressor):
        yield boosted(**still)
        yield boosted(**still).fit(rows, two)
        yield boosted(**still).fit(named, two, eval_set=(named, two))
    yield catboost.CatBoostRanker(loss_function="QueryRMSE", **still).fit(rows, two, group_id=[0] * 60)
    yield catboost.CatBoostClassifier(class_weights={0: 1.0, 1: 2.0}, **still).fit(rows, two)
