"""Ordinary files of NumPy, pandas and SciPy."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

import numpy as np

from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def samples() -> Iterator[Sample]:
    """Yield arrays, frames and sparse matrices, pickled and in their own formats."""
    chance = np.random.default_rng(1)
    arrays = {
        "floats": chance.normal(size=(20, 3)), "float32": np.ones(5, "f4"), "half": np.ones(3, "f2"), "integers": np.arange(7), "bytes": np.arange(9, dtype="u1"), "booleans": np.array([True, False]),
        "complex": np.ones(3, "c16"), "text": np.array(["a", "bcd"]), "octets": np.array([b"a", b"bcd"]), "dates": np.array(["2026-01-01"], "M8[D]"), "spans": np.array([5], "m8[s]"), "zero": np.array(5.0), "empty": np.empty((0, 3)),
        "fortran": np.asfortranarray(np.ones((3, 4))), "big-endian": np.ones(3, ">f8"), "structured": np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]), "nested-structure": np.array([((1, 2), 3)], [("a", [("x", "i4"), ("y", "i4")]), ("b", "i4")]),
        "large": chance.normal(size=(300, 300)), "masked": np.ma.array([1, 2, 3], mask=[0, 1, 0]), "matrix": np.asmatrix(np.eye(2)), "records": np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    }  # fmt: skip
    for place, (name, array) in enumerate(arrays.items()):
        for protocol in ((2, 4), (3, 5), (0, 4))[place % 3]:
            yield file("numpy", f"{name}-pickle-{protocol}", "a.pkl", pickle.dumps(array, protocol))
        if type(array) is np.ndarray:
            out = io.BytesIO()
            np.save(out, array)
            yield file("numpy", f"{name}-npy", "a.npy", out.getvalue())
    for name, value in {
        "objects": np.array(["a", None, 1.5], dtype=object),
        "lists": np.array([[1, 2], [3]], dtype=object),
    }.items():
        yield file("numpy", f"{name}-pickle", "a.pkl", pickle.dumps(value))
        out = io.BytesIO()
        np.save(out, value, allow_pickle=True)
        yield file("numpy", f"{name}-npy", "a.npy", out.getvalue())
    for name, save in {"npz": np.savez, "npz-compressed": np.savez_compressed}.items():
        out = io.BytesIO()
        save(out, a=arrays["floats"], b=arrays["integers"], c=arrays["text"])
        yield file("numpy", name, "a.npz", out.getvalue())
    for name, value in {
        "dtype": np.dtype("f8"),
        "dtype-structured": np.dtype([("a", "i4")]),
        "scalar": np.float64(1.5),
        "scalar-32": np.float32(2),
        "scalar-integer": np.int64(3),
        "scalar-date": np.datetime64("2026-01-01"),
        "generator": np.random.default_rng(3),
        "random-state": np.random.RandomState(4),
        "seed-sequence": np.random.SeedSequence(1),
        "ufunc": np.add,
        "philox": np.random.Generator(np.random.Philox(1)),
        "types": [np.float32, np.int64],
        "polynomial": np.polynomial.Polynomial([1, 2, 3]),
        "decomposition": np.linalg.svd(np.eye(2)),
        "unique": np.unique_counts(np.arange(3)),
        "masked-record": np.ma.zeros(2, "i4,f8")[0],
        "characters": np.char.array(["a", "b"]),
        "functions": [np.allclose, np.interp, np.linalg.solve],
    }.items():
        yield file("numpy", f"{name}", "a.pkl", pickle.dumps(value))
    yield from _pandas()
    yield from _scipy()
    yield from _scipy_results()


def _pandas() -> Iterator[Sample]:
    try:
        import pandas as pd  # noqa: PLC0415
    except ImportError:
        return
    frame = pd.DataFrame(
        {
            "a": [1, 2, 3],
            "b": [0.5, None, 1.5],
            "c": ["x", "y", None],
            "d": pd.to_datetime(["2026-01-01"] * 3),
            "e": pd.Categorical(["u", "v", "u"]),
            "f": [True, False, True],
        }
    )
    values = {
        "frame": frame, "frame-of-numbers": frame[["a", "b"]], "series": frame["b"], "text-series": frame["c"], "index": frame.index, "multi-index": frame.set_index(["a", "c"]), "dates": pd.date_range("2026-01-01", periods=5), "dates-with-zone": pd.date_range("2026-01-01", periods=3, tz="UTC"),
        "periods": pd.period_range("2026-01", periods=3, freq="M"), "spans": pd.to_timedelta(["1D", "2h"]), "intervals": pd.interval_range(0, 3), "categories": frame["e"], "nullable": pd.array([1, None, 3], dtype="Int64"), "nullable-booleans": pd.array([True, None], dtype="boolean"), "strings": pd.array(["a", None], dtype="string"),
        "timestamp": pd.Timestamp("2026-01-01"), "timestamp-zone": pd.Timestamp("2026-01-01", tz="Europe/Berlin"), "span": pd.Timedelta("1D"), "period": pd.Period("2026-01"), "missing": pd.NaT, "na": pd.NA, "interval": pd.Interval(0, 1), "offset": pd.offsets.Day(2), "month-end": pd.offsets.MonthEnd(), "dtype": frame.dtypes, "sparse": pd.arrays.SparseArray([0, 0, 1]),
        "frame-of-objects": pd.DataFrame({"a": [[1], {"b": 2}]}), "empty": pd.DataFrame(), "range-index": pd.RangeIndex(5), "float-index": pd.Index([0.5, 1.5]), "named": pd.Series([1, 2], name="n", index=["x", "y"]),
    }  # fmt: skip
    for place, (name, value) in enumerate(values.items()):
        for protocol in ((4,), (5, 2), (4, 3))[place % 3]:
            yield file("pandas", f"{name}-{protocol}", "frame.pkl", pickle.dumps(value, protocol))
    for suffix in ("gz", "bz2", "xz", "zip"):
        import pathlib  # noqa: PLC0415
        import tempfile  # noqa: PLC0415

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, f"frame.pkl.{suffix}")
            frame.to_pickle(path)
            yield file("pandas", f"to-pickle-{suffix}", f"frame.pkl.{suffix}", path.read_bytes())
    yield file("pandas", "csv", "frame.csv", frame.to_csv().encode())
    yield file("pandas", "json", "frame.json", frame.to_json().encode())


def _scipy() -> Iterator[Sample]:
    try:
        from scipy import interpolate, optimize, sparse, spatial, stats  # noqa: PLC0415
        from scipy import io as scipy_io  # noqa: PLC0415
    except ImportError:
        return
    matrix = sparse.random(20, 20, 0.1, random_state=1)
    for kind in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        yield file("scipy", f"sparse-{kind}", "m.pkl", pickle.dumps(matrix.asformat(kind)))
    yield file("scipy", "sparse-array", "m.pkl", pickle.dumps(sparse.csr_array(np.eye(3))))
    out = io.BytesIO()
    sparse.save_npz(out, matrix.tocsr())
    yield file("scipy", "sparse-npz", "m.npz", out.getvalue())
    out = io.BytesIO()
    scipy_io.savemat(out, {"a": np.eye(3), "b": "text"})
    yield file("scipy", "matlab", "m.mat", out.getvalue())
    values = {
        "interpolator": interpolate.CubicSpline([0, 1, 2], [1, 2, 0]), "spline": interpolate.BSpline([0, 1, 2, 3], [1, 2], 1), "tree": spatial.KDTree(np.eye(4)), "c-tree": spatial.cKDTree(np.eye(4)), "frozen-normal": stats.norm(0, 1), "frozen-gamma": stats.gamma(2.0), "kernel-density": stats.gaussian_kde([1, 2, 3, 5.0]), "result": optimize.minimize(lambda x: float((x**2).sum()), [1.0, 2.0]), "rotation": spatial.transform.Rotation.from_euler("z", 90, degrees=True), "multivariate": stats.multivariate_normal([0, 0]), "pchip": interpolate.PchipInterpolator([0, 1, 2], [0, 1, 4]), "linear": interpolate.RegularGridInterpolator(([0, 1], [0, 1]), np.eye(2)), "t-test": stats.ttest_ind([1, 2, 3], [2, 3, 4]),
    }  # fmt: skip
    for name, value in values.items():
        try:
            yield file("scipy", name, "m.pkl", pickle.dumps(value))
        except (TypeError, AttributeError, pickle.PicklingError):
            continue


def _scipy_results() -> Iterator[Sample]:
    """Yield what people keep of SciPy beside matrices: results, hulls, rotations, interpolators, systems."""
    try:
        from scipy import interpolate, optimize, signal, sparse, spatial, stats  # noqa: PLC0415
        from scipy.spatial import transform  # noqa: PLC0415
    except ImportError:
        return
    x = np.linspace(0.0, 1.0, 12)
    points = np.random.default_rng(0).normal(size=(20, 2))
    kept = {
        "rotation": transform.Rotation.from_rotvec([[1.0, 0.0, 0.0]]), "hull": spatial.ConvexHull(points),
        "triangles": spatial.Delaunay(points), "dok": sparse.dok_matrix(np.eye(3)), "described": stats.describe(x),
        "regression": stats.linregress(x, x**2), "test": stats.mannwhitneyu(x, x**2), "system": signal.lti([1], [1, 1]),
        "minimum": optimize.minimize(np.linalg.norm, [1.0, 2.0]), "root": optimize.root_scalar(np.sin, bracket=[-1, 1]),
        "linear": interpolate.LinearNDInterpolator(points, x[:1].repeat(20)),
        "rbf": interpolate.RBFInterpolator(points, points),
    }  # fmt: skip
    for name, value in kept.items():
        for protocol in (0, 1, 4, 5):
            yield file("scipy", f"{name}-{protocol}", "kept.pkl", pickle.dumps(value, protocol))
