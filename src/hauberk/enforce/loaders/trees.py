"""Boosted trees: numbers and names of columns, which the native readers of their frameworks build from bytes.

Nothing in these files names a callable.
"""

from __future__ import annotations

from hauberk.enforce.loaders.attempt import imported, opened


def load_xgboost(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return an `xgboost.Booster` of JSON or UBJSON."""
    xgboost = imported("xgboost")

    def read() -> object:
        booster = xgboost.Booster()
        booster.load_model(bytearray(data))
        return booster

    return opened(read)


def load_lightgbm(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return a `lightgbm.Booster`."""
    lightgbm = imported("lightgbm")
    return opened(lambda: lightgbm.Booster(model_str=data.decode("utf-8")))


def load_catboost(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return a `catboost.CatBoost`."""
    catboost = imported("catboost")
    return opened(lambda: catboost.CatBoost().load_model(blob=data))
