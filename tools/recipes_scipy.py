"""SciPy: sparse matrices, splines, and special functions, as far as fitted estimators hold them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
from recording import State
from scipy import interpolate, sparse, special

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
    ROWS["scipy.special._ufuncs", _name] = ("", "", "a function of arrays, named, not called")
ROWS["scipy._lib.array_api_compat.numpy._aliases", "asarray"] = ("", "", "a function of arrays, named, not called")


def states() -> Iterator[State]:
    """Yield pickles in every protocol and under older names."""
    for value in _values():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data = pickle.dumps(value, protocol)
            yield State(f"{type(value).__name__} in protocol {protocol}", data)
            if protocol == 2 and b"scipy.sparse._" in data and b"_matrix" in data:
                yield State(
                    f"{type(value).__name__} of older releases", data.replace(b"scipy.sparse._", b"scipy.sparse.")
                )
    for module, name in ROWS:
        if ROWS[module, name][2].endswith("named, not called"):
            yield State(f"{module}.{name}", f"c{module}\n{name}\n.".encode())


def _values() -> Iterator[Any]:
    for kind in _FORMATS:
        yield getattr(sparse, f"{kind}_matrix")(np.eye(2))
        yield getattr(sparse, f"{kind}_array")(np.eye(2))
    yield interpolate.BSpline(np.arange(6.0), np.arange(3.0), 2)
