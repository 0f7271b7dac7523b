"""scikit-learn: every estimator fitted on a little data, and the helpers that such states hold.

The rows are what the states use, less what other tables have. A class is only taken if each method that loading could
call is one that was read and found harmless: the hooks below. What has another hook, or cannot be fitted here, is left
out and so is unknown to a scan.
"""

from __future__ import annotations

import inspect
import io
import pickle
import sys
import warnings
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np
import sklearn
from hooks import hooks
from recording import State
from sklearn import (
    ensemble,
    exceptions,
    gaussian_process,
    linear_model,
    metrics,
    model_selection,
    neighbors,
    pipeline,
    preprocessing,
)
from sklearn._loss import link, loss
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import kernels
from sklearn.impute import IterativeImputer
from sklearn.metrics import pairwise
from sklearn.model_selection import HalvingGridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import SVC
from sklearn.utils import Bunch, all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Methods that loading can call, read in the release that is named in the table's header.
READ = {
    "sklearn.base.BaseEstimator.__setstate__": "compares the version, warns, and updates __dict__",
    "sklearn.linear_model._passive_aggressive.PassiveAggressiveClassifier.__new__": "warns and makes an empty instance",
    "sklearn.linear_model._passive_aggressive.PassiveAggressiveRegressor.__new__": "warns and makes an empty instance",
    "sklearn.frozen._frozen.FrozenEstimator.__getattr__": "asks the estimator that it holds; pickle asks before",
    "sklearn.gaussian_process.kernels.Kernel.__eq__": "compares parameters; unhashable, so no key of a dict",
    "sklearn.gaussian_process.kernels.KernelOperator.__eq__": "compares the two kernels",
    "sklearn.gaussian_process.kernels.Exponentiation.__eq__": "compares kernel and exponent",
    "sklearn.gaussian_process.kernels.CompoundKernel.__eq__": "compares the kernels",
    "sklearn._loss.link.Interval.__eq__": "a dataclass: compares its fields",
    "sklearn.utils._metadata_requests.MetadataRequest.__getattr__": "merges requests under names of its own",
}
# Cython classes and others whose hooks do more: the rule that bounds their state, and what a call makes.
RULES: dict[str, tuple[str, str, str]] = {
    "sklearn.isotonic.IsotonicRegression": (
        "isotonic",
        "",
        "an estimator that interpolates two arrays",
    ),
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor": ("predictor", "", "arrays of one tree"),
    "sklearn.utils._bunch.Bunch": ("bunch", "", "a dict whose items are attributes"),
    "sklearn.tree._tree.Tree": ("tree", "", "arrays of one tree"),
    "sklearn.neighbors._kd_tree.KDTree": ("neighbours", "", "arrays of one tree"),
    "sklearn.neighbors._ball_tree.BallTree": ("neighbours", "", "arrays of one tree"),
    "sklearn.neighbors._kd_tree.KDTree32": ("neighbours", "", "arrays of one tree"),
    "sklearn.neighbors._ball_tree.BallTree32": ("neighbours", "", "arrays of one tree"),
    "sklearn.neighbors._kd_tree.newObj": ("new-object", "0", "an empty instance"),
    "sklearn.neighbors._ball_tree.newObj": ("new-object", "0", "an empty instance"),
    "sklearn._loss._loss.__pyx_unpickle_CyHalfMultinomialLoss": ("cython", "0", "a loss function without state"),
    "sklearn._loss._loss.CyHalfMultinomialLoss": ("", "", "a class of loss functions, named"),
    "sklearn.metrics._dist_metrics.newObj": ("new-object", "0", "an empty instance"),
}
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}
TOLD = {tuple(full.rsplit(".", 1)): row for full, row in RULES.items()}
# Not taken although a state may hold them: what they do later is the state's own choice.
LEFT_OUT = {
    "sklearn.metrics._dist_metrics.PyFuncDistance64": "calls any function",
    "sklearn.metrics._dist_metrics.PyFuncDistance32": "calls any function",
}
_FUNCTION_MODULES = (metrics, pairwise, preprocessing, sklearn.feature_selection, sklearn.covariance)
_ROWS, _COLUMNS = 30, 4
_PROTOCOLS = (0, 2, 5)


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use in these ways; None where it is left out."""
    full = f"{module}.{name}"
    if full in LEFT_OUT:
        return None
    if full in RULES:
        return RULES[full]
    thing = getattr(sys.modules[module], name)
    if module == "sklearn.metrics._dist_metrics":
        return ("metric", "", "a metric: a number and arrays")
    if not isinstance(thing, type):
        return None if taken != {"import"} else ("", "", "a function of arrays, named, not called")
    if issubclass(thing, tuple):
        return ("record", "", "a tuple with names")
    unread = [hook for hook in _hooks(thing) if hook not in READ]
    if unread:
        print(f"left out {full}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if issubclass(thing, Exception):
        return ("", "", "an error or a warning with what it says")
    if issubclass(thing, sklearn.base.BaseEstimator):
        return ("", "", "an estimator: its state fills __dict__")
    if "call" in taken:
        return ("", "", "a loss function made of constants")
    return ("", "", "a class without hooks: its state fills __dict__" if taken != {"import"} else "a class, named")


def _hooks(cls: type) -> list[str]:
    """Return the hooks that a class has, less those that Cython writes."""
    return [
        f"{base.__module__}.{base.__name__}.{hook}" for base, hook in hooks(cls) if not _is_made_by_cython(base, hook)
    ]


def _is_made_by_cython(base: type, hook: str) -> bool:
    """Every extension type has a `__new__` of its own; a loss's `__cinit__` takes numbers."""
    return (hook == "__new__" and not inspect.isroutine(getattr(base, "__init__", None))) or (
        hook == "__new__" and base.__module__ in ("sklearn._loss._loss", "sklearn.linear_model._sgd_fast")
    )


def states() -> Iterator[State]:
    """Yield pickles in the protocols that differ in how they make instances and arrays, and joblib files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.random.seed(0)  # noqa: NPY002 - estimators without a random_state of their own use this one
        for label, value in _values():
            for protocol in _PROTOCOLS:
                yield State(f"{label} in protocol {protocol}", pickle.dumps(value, protocol))
            file = io.BytesIO()
            joblib.dump(value, file)
            yield State(f"{label} by joblib", file.getvalue(), joblib=True)


def _values() -> Iterator[tuple[str, Any]]:
    for name, cls in all_estimators():
        if name == "FrozenEstimator":
            continue
        for number, estimator in enumerate(_construct_instances(cls)):
            yield f"{name} {number}", _fitted(estimator)
    for estimator in _more():
        yield type(estimator).__name__, _fitted(estimator)
    yield "helpers", list(_helpers())
    for function in _functions():
        yield function.__name__, function


def data(seed: int = 0) -> tuple[Any, Any]:
    """Return a few non-negative rows and two classes."""
    random = np.random.RandomState(seed)
    return np.abs(random.rand(_ROWS, _COLUMNS)), np.arange(_ROWS) % 2


def _fitted(estimator: Any) -> Any:
    """Fit an estimator to the first kind of data that it accepts; one that accepts none stays unfitted."""
    x, y = data()
    documents = ["a b c", "b c d"] * (_ROWS // 2)
    tries: list[Callable[[], Any]] = [
        lambda: estimator.fit(x, y),
        lambda: estimator.fit(x),
        lambda: estimator.fit(x, x[:, :2]),
        lambda: estimator.fit(x, np.c_[y, 1 - y]),
        lambda: estimator.fit(x @ x.T, y),
        lambda: estimator.fit(x, y + 1.0),
        lambda: estimator.fit([{"a": 1, "b": 2.0}, {"b": 1}]),
        lambda: estimator.fit(documents, y),
        lambda: estimator.fit(x[:, 0], y),
        lambda: estimator.fit(y),
    ]
    for attempt in tries:
        try:
            attempt()
        except (TypeError, ValueError, AttributeError, LookupError, np.linalg.LinAlgError):
            continue
        else:
            return estimator
    return estimator


def _more() -> Iterator[Any]:
    """Yield estimators with parameters that bring other helpers into their state."""
    logistic = linear_model.LogisticRegression()
    for name in ("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "huber",
                 "epsilon_insensitive", "squared_epsilon_insensitive"):  # fmt: skip
        yield linear_model.SGDClassifier(loss=name)
    for name in ("squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"):
        yield linear_model.SGDRegressor(loss=name)
    for name in ("log_loss", "exponential"):
        yield ensemble.GradientBoostingClassifier(loss=name, n_estimators=2)
    for name in ("squared_error", "absolute_error", "huber", "quantile"):
        yield ensemble.GradientBoostingRegressor(loss=name, n_estimators=2)
    for name in ("squared_error", "absolute_error", "gamma", "poisson"):
        yield ensemble.HistGradientBoostingRegressor(loss=name, max_iter=2)
    yield ensemble.HistGradientBoostingRegressor(loss="quantile", quantile=0.5, max_iter=2)
    yield ensemble.HistGradientBoostingClassifier(max_iter=2, early_stopping=True, categorical_features=[0])
    yield ensemble.HistGradientBoostingRegressor(max_iter=2, early_stopping=True, validation_fraction=None)
    for power in (0, 1, 1.5, 2, 3):
        yield linear_model.TweedieRegressor(power=power, link="log")
        yield linear_model.TweedieRegressor(power=power)
    for tree in ("kd_tree", "ball_tree", "brute"):
        for metric in ("euclidean", "manhattan", "chebyshev", "minkowski"):
            yield neighbors.KNeighborsClassifier(algorithm=tree, metric=metric, p=3)
        yield neighbors.KernelDensity(algorithm=tree if tree != "brute" else "auto")
    for splitter in _splitters():
        yield model_selection.GridSearchCV(clone(logistic), {"C": [1.0]}, cv=splitter)
    scorers = {"a": "accuracy", "b": "f1"}
    yield model_selection.GridSearchCV(clone(logistic), {"C": [1.0]}, scoring=scorers, refit="a")
    yield model_selection.RandomizedSearchCV(clone(logistic), {"C": [1.0, 2.0]}, n_iter=1, random_state=0)
    scaled = pipeline.make_pipeline(
        preprocessing.StandardScaler(), preprocessing.MinMaxScaler(), SVC(probability=False)
    )
    yield scaled
    yield model_selection.GridSearchCV(clone(scaled), {"svc__C": [1.0]})
    yield pipeline.make_union(preprocessing.StandardScaler(), preprocessing.RobustScaler())
    columns = [("a", preprocessing.StandardScaler(), [0, 1]), ("b", preprocessing.OneHotEncoder(), [2])]
    for remainder in ("drop", "passthrough", preprocessing.MinMaxScaler()):
        yield ColumnTransformer(columns, remainder=remainder)
    yield TransformedTargetRegressor(linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1)
    yield preprocessing.FunctionTransformer(np.log1p)
    yield preprocessing.FunctionTransformer()
    yield SelectKBest(sklearn.feature_selection.mutual_info_classif)
    yield ensemble.VotingClassifier([("a", clone(logistic)), ("b", linear_model.SGDClassifier())])
    yield ensemble.StackingClassifier([("a", clone(logistic))])
    yield sklearn.calibration.CalibratedClassifierCV(clone(logistic), method="isotonic")
    yield sklearn.calibration.CalibratedClassifierCV(clone(logistic), method="sigmoid", ensemble=False)
    yield sklearn.calibration.CalibratedClassifierCV(clone(logistic), method="temperature")
    yield sklearn.neural_network.MLPClassifier(solver="sgd", max_iter=2)
    yield sklearn.neural_network.MLPClassifier(solver="adam", max_iter=2, early_stopping=True)
    yield sklearn.neural_network.MLPRegressor(solver="lbfgs", max_iter=2)
    for kernel in _kernels():
        yield gaussian_process.GaussianProcessRegressor(kernel, optimizer=None)
    yield gaussian_process.GaussianProcessClassifier(optimizer=None)
    yield linear_model.Ridge(random_state=np.random.RandomState(0), solver="sag")
    yield FrozenEstimator(_fitted(clone(logistic)))
    yield sklearn.dummy.DummyClassifier(strategy="constant", constant=1)
    yield sklearn.impute.SimpleImputer()
    yield sklearn.impute.KNNImputer()
    yield IterativeImputer(max_iter=2)
    yield HalvingGridSearchCV(clone(logistic), {"C": [1.0, 2.0]}, min_resources=20)
    yield preprocessing.OneHotEncoder(dtype=np.float32, sparse_output=False)
    yield sklearn.cluster.Birch(n_clusters=sklearn.cluster.KMeans(2))
    yield sklearn.cluster.KMeans(2, algorithm="elkan")
    yield sklearn.svm.NuSVC(nu=0.3)
    yield sklearn.feature_extraction.text.TfidfVectorizer(ngram_range=(1, 2))


def _splitters() -> Iterator[Any]:
    groups = model_selection.GroupKFold(2), model_selection.LeaveOneGroupOut(), model_selection.LeavePGroupsOut(1)
    yield from groups
    yield from (model_selection.GroupShuffleSplit(2), model_selection.StratifiedGroupKFold(2))
    yield from (model_selection.KFold(2), model_selection.StratifiedKFold(2), model_selection.ShuffleSplit(2))
    yield from (model_selection.StratifiedShuffleSplit(2), model_selection.RepeatedKFold(n_splits=2, n_repeats=1))
    yield from (model_selection.RepeatedStratifiedKFold(n_splits=2, n_repeats=1), model_selection.TimeSeriesSplit(2))
    yield from (model_selection.LeaveOneOut(), model_selection.LeavePOut(1))
    yield model_selection.PredefinedSplit(np.arange(_ROWS) % 2)


def _kernels() -> Iterator[Any]:
    rbf, white = kernels.RBF(), kernels.WhiteKernel()
    yield from (rbf + white, rbf * kernels.ConstantKernel(), rbf**2, kernels.Matern(), kernels.RationalQuadratic())
    yield from (kernels.ExpSineSquared(), kernels.DotProduct(), kernels.PairwiseKernel())
    yield kernels.CompoundKernel([rbf, white])


def _helpers() -> Iterator[Any]:
    """Yield what users put beside or into an estimator."""
    yield Bunch(data=np.zeros(2), names=["a"])
    yield from (metrics.get_scorer(name) for name in metrics.get_scorer_names())
    yield metrics.make_scorer(metrics.fbeta_score, beta=2)
    yield from _splitters()
    yield from _kernels()
    yield make_column_selector(pattern="a")
    x, y = data()
    yield OneVsRestClassifier(linear_model.LogisticRegression()).fit(x, np.c_[y, np.ones(_ROWS, int)])
    yield model_selection.ParameterGrid({"a": [1]})
    yield model_selection.ParameterSampler({"a": [1]}, 1, random_state=0)
    yield from (exceptions.NotFittedError("said"), exceptions.ConvergenceWarning("said"))
    yield from (
        cls() for cls in (link.IdentityLink, link.LogLink, link.LogitLink, link.HalfLogitLink, link.MultinomialLogit)
    )
    yield from (cls() for cls in loss._LOSSES.values() if cls is not loss.HalfMultinomialLoss)  # noqa: SLF001
    yield loss.HalfMultinomialLoss(n_classes=3)
    for tree in (neighbors.KDTree, neighbors.BallTree, neighbors._kd_tree.KDTree32, neighbors._ball_tree.BallTree32):  # noqa: SLF001
        yield tree(np.zeros((3, 2)))
    for width in ("", "32"):
        maker = getattr(metrics._dist_metrics, f"DistanceMetric{width or '64'}")  # noqa: SLF001
        plain = ("euclidean", "manhattan", "chebyshev", "hamming", "canberra", "braycurtis", "jaccard", "dice",
                 "russellrao", "rogerstanimoto", "sokalsneath", "haversine")  # fmt: skip
        yield from (maker.get_metric(name) for name in plain)
        yield maker.get_metric("minkowski", p=3)
        yield maker.get_metric("seuclidean", V=np.ones(2))
        yield maker.get_metric("mahalanobis", V=np.eye(2))
    with sklearn.config_context(enable_metadata_routing=True):
        routed = linear_model.LogisticRegression().set_fit_request(sample_weight=True)
    yield routed


def _functions() -> Iterator[Any]:
    """Yield functions that estimators are given as parameters: of arrays, without files."""
    seen = set()
    for module in _FUNCTION_MODULES:
        for name in sorted(module.__all__ if hasattr(module, "__all__") else dir(module)):
            function = getattr(module, name)
            if inspect.isfunction(function) and function.__module__.startswith("sklearn.") and function not in seen:
                seen.add(function)
                if getattr(sys.modules[function.__module__], function.__name__, None) is function:
                    yield function
