"""What SciPy's functions give back and what its classes keep, for `recipes_scipy`: tests, fits, hulls, systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import integrate, interpolate, optimize, signal, sparse, spatial, stats
from scipy.cluster import hierarchy
from scipy.sparse import linalg
from scipy.spatial import transform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIELDS = "a dataclass compares its fields"
READ = {
    "LinearOperator.__new__": "compares two methods of the class, and warns",
    **dict.fromkeys(
        (f"{cls}.__new__" for cls in ("LinearTimeInvariant", "lti", "dlti")), "asks the class, not its arguments"
    ),
    **dict.fromkeys(
        (f"{cls}.__new__" for cls in ("StateSpace", "TransferFunction", "ZerosPolesGain")),
        "converts a system that it is given; the plain rule gives constants",
    ),
    "DisjointSet.add": "no row allows to extend one",
    **dict.fromkeys(
        (
            f"{cls}.__eq__"
            for cls in (
                "BarnardExactResult", "BoschlooExactResult", "SomersDResult", "DunnettResult", "PageTrendTestResult",
                "RelativeRiskResult", "BootstrapResult", "PermutationTestResult", "ECDFResult",
                "EmpiricalDistributionFunction",
            )
        ),
        _FIELDS,
    ),
}  # fmt: skip
# Named, not called. Those that call a function that they are given, as `cdist` does its metric, are not here.
_DISTANCES = (
    "braycurtis canberra chebyshev cityblock correlation cosine dice euclidean hamming jaccard jensenshannon "
    "mahalanobis minkowski rogerstanimoto russellrao seuclidean sqeuclidean yule"
)
UNNAMED = [
    *(("scipy.spatial.distance", name) for name in _DISTANCES.split()),
    *(
        ("scipy.stats._stats_py", name)
        for name in ("gmean", "hmean", "kurtosis", "mode", "rankdata", "skew", "trim_mean", "zscore")
    ),
    ("scipy.stats._entropy", "entropy"),
    ("scipy.special._logsumexp", "logsumexp"),
    ("scipy.special._logsumexp", "softmax"),
]
_X = np.linspace(0.0, 1.0, 12)
_Y = _X**2 + 0.1
_POINTS = np.random.default_rng(0).normal(size=(20, 4))
_TABLE = [[1, 2], [3, 4]]
_OF_ONE: tuple[Callable[[Any], Any], ...] = (
    stats.shapiro, stats.describe, stats.mode, stats.cumfreq, stats.relfreq, stats.jarque_bera, stats.ecdf,
)  # fmt: skip
_OF_MANY: tuple[Callable[[Any], Any], ...] = (stats.normaltest, stats.kurtosistest, stats.skewtest)
_OF_TWO: tuple[Callable[[Any, Any], Any], ...] = (
    stats.linregress, stats.pearsonr, stats.spearmanr, stats.kendalltau, stats.ks_2samp, stats.mannwhitneyu,
    stats.wilcoxon, stats.f_oneway, stats.kruskal, stats.levene, stats.bartlett, stats.tukey_hsd, stats.theilslopes,
    stats.siegelslopes, stats.binned_statistic, stats.ansari, stats.epps_singleton_2samp, stats.brunnermunzel,
    stats.mood, stats.cramervonmises_2samp,
)  # fmt: skip
_OF_TABLES: tuple[Callable[[Any], Any], ...] = (
    stats.chi2_contingency, stats.fisher_exact, stats.barnard_exact, stats.boschloo_exact, stats.somersd,
)  # fmt: skip


def results() -> Iterator[Any]:
    """Yield what tests and fits give back."""
    yield from (function(_X) for function in _OF_ONE)
    yield from (function(np.r_[_X, _X]) for function in _OF_MANY)
    yield from (function(_X, _Y) for function in _OF_TWO)
    yield from (function(_TABLE) for function in _OF_TABLES)
    yield from (stats.kstest(_X, "norm"), stats.chisquare([1, 2]), stats.friedmanchisquare(_X, _Y, _X))
    yield from (stats.cramervonmises(_X, "norm"), stats.binomtest(3, 10), stats.binned_statistic_2d(_X, _Y, _X))
    yield from (stats.bootstrap((_X,), np.mean, n_resamples=9), stats.combine_pvalues([0.1, 0.2]))
    yield from (stats.dunnett(_X, _Y, control=_X), stats.page_trend_test([[1, 2, 3], [2, 3, 4]]))
    yield from (stats.contingency.relative_risk(1, 2, 3, 4), stats.contingency.odds_ratio(_TABLE))
    yield from (stats.pointbiserialr(_X > 0.5, _X), stats.permutation_test((_X, _Y), _difference, n_resamples=9))
    yield optimize.root_scalar(np.sin, bracket=[-1, 1])
    for method in ("BFGS", "L-BFGS-B", "Nelder-Mead", "trust-constr", "SLSQP", "COBYLA"):
        yield optimize.minimize(_square, [1.0, 2.0], method=method)
    yield from (optimize.least_squares(np.negative, [1.0]), optimize.root(np.sin, [0.5]), optimize.linprog([1]))
    yield from (integrate.solve_ivp(_falls, (0, 1), [1.0]), integrate.solve_ivp(_falls, (0, 1), [1.0], "LSODA"))


def fitted() -> Iterator[Any]:
    """Yield what people keep: hulls, rotations, interpolators, systems, operators."""
    flat = _POINTS[:, :2]
    turned = transform.Rotation.from_rotvec(_POINTS[:3, :3])
    yield from (turned, turned[0], transform.Slerp([0, 1, 2], turned), transform.RotationSpline([0, 1, 2], turned))
    yield from (spatial.ConvexHull(flat), spatial.Delaunay(flat), spatial.Voronoi(flat), spatial.Rectangle([1], [0]))
    sides = np.array([[-1, 0.0, 0], [1, 0, -1], [0, -1, 0], [0, 1, -1]])
    yield spatial.HalfspaceIntersection(sides, np.array([0.5, 0.5]))
    yield from (sparse.dok_matrix(np.eye(2)), sparse.dok_array(np.eye(2)), hierarchy.DisjointSet([1, 2]))
    nd = (interpolate.LinearNDInterpolator, interpolate.CloughTocher2DInterpolator)
    yield from (made(flat, _POINTS[:, 2]) for made in (*nd, interpolate.RBFInterpolator))
    yield from (interpolate.BarycentricInterpolator(_X, _Y), interpolate.KroghInterpolator(_X[:4], _Y[:4]))
    yield from (interpolate.AAA(_X, _Y), interpolate.NdBSpline((np.arange(8.0),), np.arange(4.0), 3))
    yield interpolate.NdPPoly(np.ones((2, 3)), ([0, 1, 2, 3],))
    yield interpolate.SmoothBivariateSpline(*np.random.default_rng(0).normal(size=(3, 40)))
    yield from (optimize.LinearConstraint([[1]], 0, 1), optimize.BFGS(), optimize.SR1())
    yield optimize.NonlinearConstraint(np.sum, 0, 1)
    yield from (signal.lti([1], [1, 1]), signal.lti([1], [2], 1), signal.StateSpace(1, 1, 1, 1), signal.CZT(8))
    yield from (signal.dlti([1], [1, 1]), signal.dlti([1], [2], 1), signal.StateSpace(1, 1, 1, 1, dt=0.1))
    yield from (signal.ZoomFFT(8, 0.1), signal.ShortTimeFFT(np.ones(4), 2, 1.0))
    yield from (linalg.aslinearoperator(np.eye(2)), linalg.aslinearoperator(sparse.eye_array(2)))
    yield integrate.solve_ivp(_falls, (0, 1), [1.0], dense_output=True)


def _difference(one: Any, other: Any) -> Any:
    return np.mean(one) - np.mean(other)


def _square(x: Any) -> Any:
    return (x**2).sum()


def _falls(_: float, value: Any) -> Any:
    return -value
