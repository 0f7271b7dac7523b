"""Safe callables of boosted trees. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("xgboost-cpu 3.2.0", "lightgbm 4.7.0", "catboost 1.2.10")

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "catboost.core": {
        "CatBoost": ("import new build", "catboost", "", "a model, which the native parser of CatBoost reads"),
        "CatBoostClassifier": (
            "import new build",
            "catboost",
            "",
            "a model, which the native parser of CatBoost reads",
        ),
        "CatBoostRanker": ("import new build", "catboost", "", "a model, which the native parser of CatBoost reads"),
        "CatBoostRegressor": ("import new build", "catboost", "", "a model, which the native parser of CatBoost reads"),
    },
    "lightgbm.basic": {
        "Booster": ("import new build", "booster", "", "a model, which the native parser of LightGBM reads"),
    },
    "lightgbm.sklearn": {
        "LGBMClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LGBMRanker": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "LGBMRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
    "xgboost.core": {
        "Booster": ("import new build", "booster", "", "a model, which the native parser of XGBoost reads"),
    },
    "xgboost.sklearn": {
        "XGBClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "XGBRFClassifier": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "XGBRFRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "XGBRanker": ("import new build", "", "", "an estimator: its state fills __dict__"),
        "XGBRegressor": ("import new build", "", "", "an estimator: its state fills __dict__"),
    },
}
