"""SciPy: sparse matrices, splines, and special functions, as far as fitted estimators hold them."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from hooks import hooks
from recipes_scipy_results import READ, UNNAMED, fitted, results
from recording import State
from scipy import interpolate, optimize, sparse, special, stats
from scipy.cluster import hierarchy

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMATS = ("bsr", "coo", "csc", "csr", "dia", "lil")
_SPECIAL = tuple(
    sorted(name for name in dir(special) if name != "digamma" and isinstance(getattr(special, name), np.ufunc))
)

ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    (f"scipy.sparse._{kind}", f"{kind}_{shape}"): ("", "", "a sparse matrix: arrays in attributes")
    for kind in _FORMATS
    for shape in ("matrix", "array")
}
for _kind in _FORMATS:
    ROWS[f"scipy.sparse.{_kind}", f"{_kind}_matrix"] = ("", "", "a sparse matrix, as older releases name it")
ROWS["scipy.interpolate._bsplines", "BSpline"] = ("", "", "knots and coefficients in attributes")
for _name in _SPECIAL:
    if hasattr(special._special_ufuncs, _name):  # noqa: SLF001
        ROWS["scipy.special._special_ufuncs", _name] = ("", "", "a function of arrays, named, not called")
for _name in _SPECIAL:
    ROWS["scipy.special._ufuncs", _name] = ("", "", "a function of arrays, named, not called")
_CONTINUOUS, _DISCRETE = "scipy.stats._continuous_distns", "scipy.stats._discrete_distns"
_GENERATED: list[Any] = []
for _name in sorted(vars(stats)):
    _made = getattr(stats, _name)
    if isinstance(_made, stats.rv_continuous | stats.rv_discrete) and _name not in ("rv_continuous", "rv_discrete"):
        _GENERATED.append(_made)
        ROWS[type(_made).__module__, type(_made).__name__] = (
            "distribution",
            "",
            "a distribution, with SciPy's template",
        )
for _name in ("rv_continuous_frozen", "rv_discrete_frozen"):
    ROWS["scipy.stats._distn_infrastructure", _name] = ("", "", "a distribution with its parameters")
ROWS[_CONTINUOUS, "rv_histogram"] = ("distribution", "", "a distribution, with SciPy's template")
ROWS["scipy.stats._kde", "gaussian_kde"] = ("", "", "a density: arrays in attributes")
_MULTIVARIATE = {
    "dirichlet": ([1.0, 2.0],),
    "dirichlet_multinomial": ([1.0, 2.0], 3),
    "invwishart": (3, np.eye(2)),
    "matrix_normal": ([[0.0]], [[1.0]], [[1.0]]),
    "multivariate_normal": ([0], [[1]]),
    "multivariate_t": ([0.0], [[1.0]], 3),
    "vonmises_fisher": ([1.0, 0.0], 2.0),
    "wishart": (3, np.eye(2)),
}
for _name in _MULTIVARIATE:
    ROWS["scipy.stats._multivariate", f"{_name}_frozen"] = ("", "", "a distribution: arrays in attributes")
    ROWS["scipy.stats._multivariate", f"{_name}_gen"] = ("documented", "", "a distribution: arrays in attributes")
ROWS["scipy.stats._multivariate", "_PSD"] = ("", "", "a matrix: arrays in attributes")
ROWS["scipy.stats._covariance", "CovViaPSD"] = ("", "", "a matrix: arrays in attributes")
for _name in ("CubicSpline", "PchipInterpolator", "Akima1DInterpolator", "CubicHermiteSpline"):
    ROWS["scipy.interpolate._cubic", _name] = ("polynomial", "", "a piecewise polynomial: arrays in slots")
for _name in ("PPoly", "BPoly"):
    ROWS["scipy.interpolate._interpolate", _name] = ("polynomial", "", "a piecewise polynomial: arrays in slots")
for _name in ("InterpolatedUnivariateSpline", "LSQUnivariateSpline", "RectBivariateSpline"):
    ROWS["scipy.interpolate._fitpack2", _name] = ("", "", "a spline: arrays in attributes")
ROWS["scipy.interpolate._rgi", "RegularGridInterpolator"] = ("", "", "values on a grid: arrays in attributes")
ROWS["scipy.interpolate._interpolate", "interp1d"] = ("line", "", "values on a line: arrays in attributes")
_CALLS = ("_call_linear_np", "_call_linear", "_call_nearest", "_call_previousnext", "_call_spline")
for _name in _CALLS:
    ROWS["scipy.interpolate._interpolate", f"interp1d.{_name}"] = ("", "", "a method of arrays, named, not called")
ROWS["scipy.optimize._constraints", "Bounds"] = ("", "", "two arrays")
ROWS["scipy.optimize._optimize", "OptimizeResult"] = ("bunch", "", "a dict that answers attributes from its items")
ROWS["scipy.cluster.hierarchy", "ClusterNode"] = ("", "", "a tree of numbers")
ROWS["scipy.spatial.transform._rotation", "Rotation"] = ("rotation", "", "rotations: an array and a flag")
ROWS["scipy.interpolate._rbfinterp", "RBFInterpolator"] = ("two-tuples", "", "an interpolator: arrays and numbers")
for _name in ("ConvexHull", "Delaunay", "HalfspaceIntersection", "Voronoi"):
    ROWS["scipy.spatial._qhull", _name] = ("qhull", "", "a hull: arrays in attributes")
for _name in ("dok_matrix", "dok_array"):
    ROWS["scipy.sparse._dok", _name] = ("keyed-matrix", "", "a sparse matrix: a dict by place")
ROWS.update(dict.fromkeys(UNNAMED, ("", "", "a function of arrays, by its name")))
ROWS["scipy._lib.array_api_compat.numpy._aliases", "asarray"] = ("", "", "a function of arrays, named, not called")


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that only the states use; None where it is left out."""
    thing = getattr(sys.modules[module], name, None)
    if not module.startswith("scipy.") or not isinstance(thing, type):
        print(f"left out {module}.{name} {taken}", file=sys.stderr)
        return None
    if issubclass(thing, tuple):
        return ("record", "", "a result: a tuple with names")
    if issubclass(thing, optimize.OptimizeResult) or "_RichResult" in map(_called, thing.__mro__):
        return ("bunch", "", "a dict that answers attributes from its items")
    unread = [f"{_called(base)}.{hook}" for base, hook in hooks(thing)]
    if unread := [hook for hook in unread if hook not in READ]:
        print(f"left out {module}.{name} {taken}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    return ("", "", "a class without hooks: its state fills __dict__")


def _called(cls: type) -> str:
    return cls.__name__


def states() -> Iterator[State]:
    """Yield pickles in every protocol and under older names."""
    for value in (*results(), *fitted()):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            if protocol in (2, 3) and hasattr(type(value), "_extra_fields"):
                continue  # there a call of what the stream made, which is not followed
            with suppress(TypeError if protocol < 2 else ()):  # slots, which these protocols cannot hold
                yield State(f"{type(value).__name__} in protocol {protocol}", pickle.dumps(value, protocol))
    for module, name in UNNAMED:
        yield State(f"{module}.{name}", f"c{module}\n{name}\n.".encode())
    for value in _values():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            if protocol < 2 and hasattr(type(value), "__slots__"):
                continue  # slots, which these protocols cannot hold
            data = pickle.dumps(value, protocol)
            yield State(f"{type(value).__name__} in protocol {protocol}", data)
            if protocol == 2 and b"scipy.sparse._" in data and b"_matrix" in data:
                yield State(
                    f"{type(value).__name__} of older releases", data.replace(b"scipy.sparse._", b"scipy.sparse.")
                )
    for module, name in ROWS:
        if ROWS[module, name][2].endswith("named, not called"):
            path = name.split(".")
            text = f"c{module}\n{name}\n."
            if len(path) > 1:
                text = f"cbuiltins\ngetattr\n(c{module}\n{path[0]}\nV{path[1]}\ntR."
            yield State(f"{module}.{name}", text.encode())


def _values() -> Iterator[Any]:
    yield from _GENERATED
    x = np.linspace(0.0, 1.0, 9)
    y = x**2
    yield from (stats.norm(0, 1), stats.randint(1, 4), stats.loguniform(1e-3, 1), stats.uniform(), stats.poisson(3))
    yield from (stats.rv_histogram(np.histogram(y)), stats.gaussian_kde(y))
    yield from (getattr(stats, name)(*given) for name, given in _MULTIVARIATE.items())
    yield from (
        interpolate.CubicSpline(x, y),
        interpolate.PchipInterpolator(x, y),
        interpolate.PPoly(np.ones((2, 8)), x),
    )
    yield interpolate.CubicHermiteSpline(x, y, y)
    yield from (interpolate.Akima1DInterpolator(x, y), interpolate.BPoly(np.ones((2, 8)), x))
    yield from (interpolate.UnivariateSpline(x, y), interpolate.InterpolatedUnivariateSpline(x, y))
    yield interpolate.UnivariateSpline(x, y, s=10)
    yield from (interpolate.RectBivariateSpline(x, x, np.outer(x, x)), interpolate.RegularGridInterpolator((x,), y))
    for kind in ("linear", "nearest", "previous", "cubic", "zero", 3):
        yield interpolate.interp1d(x, y, kind)
        yield interpolate.interp1d(x, y[:, None], kind, axis=0)
    yield from (optimize.Bounds(0, 1), optimize.OptimizeResult(x=y, success=True))
    yield hierarchy.to_tree(hierarchy.linkage(np.c_[x, y]))
    for kind in _FORMATS:
        yield getattr(sparse, f"{kind}_matrix")(np.eye(2))
        yield getattr(sparse, f"{kind}_array")(np.eye(2))
    yield interpolate.BSpline(np.arange(6.0), np.arange(3.0), 2)
