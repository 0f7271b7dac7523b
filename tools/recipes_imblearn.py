"""imbalanced-learn: every sampler, balanced ensemble and pipeline, fitted."""

from __future__ import annotations

import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any

import imblearn.pipeline
import numpy as np
import sklearn.base
from hooks import hooks
from imblearn import combine, ensemble, over_sampling, under_sampling
from recording import State
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from collections.abc import Iterator

READ = frozenset({"BaseEstimator.__setstate__"})  # warns of another version, and fills __dict__
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}
_X = np.abs(np.random.RandomState(0).normal(size=(80, 4)))
_Y = (_X[:, 0] > 0.9).astype(int)


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use; None where it is left out."""
    thing = getattr(sys.modules[module], name)
    if not module.startswith("imblearn.") or not isinstance(thing, type):
        print(f"left out {module}.{name} {taken}", file=sys.stderr)
        return None
    unread = {f"{base.__name__}.{hook}" for base, hook in hooks(thing)} - READ
    if unread or not issubclass(thing, sklearn.base.BaseEstimator):
        print(f"left out {module}.{name} {taken}: {sorted(unread)} was not read", file=sys.stderr)
        return None
    return ("", "", "an estimator: its state fills __dict__")


def states() -> Iterator[State]:
    """Yield estimators in every protocol."""
    warnings.simplefilter("ignore")
    for value in _values():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield State(f"{type(value).__name__} in protocol {protocol}", pickle.dumps(value, protocol))


def _values() -> Iterator[Any]:
    for package in (over_sampling, under_sampling, combine):
        for name in package.__all__:
            if name in ("SMOTEN", "SMOTENC"):
                continue  # which ask for columns of categories
            sampler = getattr(package, name)()
            try:
                sampler.fit_resample(_X, _Y)
            except (RuntimeError, ValueError) as error:
                print(f"not fitted: {name}: {error}", file=sys.stderr)
            yield sampler
    yield over_sampling.SMOTEN().fit(_X.round(), _Y)
    yield over_sampling.SMOTENC([0]).fit(np.c_[_Y, _X], _Y)
    for name in ensemble.__all__:
        yield getattr(ensemble, name)(n_estimators=2).fit(_X, _Y)
    yield imblearn.pipeline.make_pipeline(StandardScaler(), over_sampling.SMOTE(), LogisticRegression()).fit(_X, _Y)
