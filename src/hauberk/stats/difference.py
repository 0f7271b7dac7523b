"""What one tensor of a model became beside the same tensor of another: a few numbers, each with a name.

| measure | what it is | what would raise it |
|---|---|---|
| change | norm of the difference, by the norm of the reference | more training than was said |
| spectral | largest singular value by that of the reference, or the inverse if greater | a direction made strong |
| rank-one | share of the difference's energy in its first singular value | one rule written in: when this, then that |
| row | robust score of the longest row of the difference | one neuron, filter or class that was trained apart |
| column | the same of columns | one input or pixel that was made to matter |
| lean | robust score of a row's sum of the difference, without its sign | a class that was lifted as a whole |
| tail | kurtosis of the difference; 3 for normal numbers | few weights that changed much |

A row of a kernel is everything that makes one output channel. A vector has `change`, `row` and `tail` only. Both
arrays are scaled by their largest number first, so that no square overflows. Singular values come from the power
method, which never gives more than there is, and may give a little less.
"""

from __future__ import annotations

from typing import Any, Final

from hauberk.errors import Malformed
from hauberk.stats.numbers import numpy
from hauberk.stats.outliers import farthest_above, scores

MEASURES: Final = ("change", "spectral", "rank-one", "row", "column", "lean", "tail")
MOST_STEPS: Final = 100
ENOUGH: Final = 1e-5  # the power method stops where a step adds less than this part
GREATEST: Final = 1e6


def spectral_norm(matrix: Any) -> float:
    """Return the largest singular value of a matrix of finite numbers, by the power method from a fixed start."""
    np = numpy()
    if not matrix.size or not matrix.any():
        return 0.0
    vector = np.cos(np.arange(1, matrix.shape[1] + 1) ** 1.5) + 0.1
    found = 0.0
    for _ in range(MOST_STEPS):
        image = matrix @ (vector / np.linalg.norm(vector))
        vector = matrix.T @ image
        now = float(np.linalg.norm(image))
        if not vector.any() or now - found <= ENOUGH * now:
            return max(now, found)
        found = now
    return found


def measure(suspect: Any, reference: Any) -> dict[str, float]:
    """Return the measures of two arrays of one shape, by name; empty for arrays without elements.

    Raises:
        Malformed: the shapes differ, or a number is not finite.
    """
    np = numpy()
    if suspect.shape != reference.shape:
        raise Malformed(f"shapes {suspect.shape} and {reference.shape}")
    if not (np.isfinite(suspect).all() and np.isfinite(reference).all()):
        raise Malformed("a number that is not finite")
    if not suspect.size:
        return {}
    scale = max(float(np.abs(suspect).max()), float(np.abs(reference).max())) or 1.0
    one, other = suspect / scale, reference / scale
    difference = one - other
    size = float(np.linalg.norm(difference))
    if suspect.ndim < 2:
        flat = difference.ravel()
        return {"change": _ratio(size, other), "row": farthest_above(np.abs(flat))[0], "tail": kurtosis(flat)}
    rows = difference.reshape(difference.shape[0], -1)
    return {
        "change": _ratio(size, other),
        "spectral": _apart(one, other),
        "rank-one": (spectral_norm(rows) / size) ** 2 if size else 0.0,
        "row": farthest_above(np.linalg.norm(rows, axis=1))[0],
        "column": farthest_above(np.linalg.norm(rows, axis=0))[0],
        "lean": float(np.abs(scores(rows.sum(axis=1))).max()),
        "tail": kurtosis(rows),
    }


def kurtosis(values: Any) -> float:
    """Return the fourth moment by the square of the second; 0 where the numbers do not differ."""
    away = values - values.mean()
    largest = float(abs(away).max())
    if largest == 0.0:
        return 0.0
    away = away / largest
    return float((away**4).mean() / (away**2).mean() ** 2)


def _ratio(size: float, reference: Any) -> float:
    whole = float(numpy().linalg.norm(reference))
    return min(size / whole, GREATEST) if whole else (GREATEST if size else 0.0)


def _apart(one: Any, other: Any) -> float:
    first, second = (spectral_norm(each.reshape(each.shape[0], -1)) for each in (one, other))
    if first == second:
        return 1.0
    return min(max(first, second) / min(first, second), GREATEST) if min(first, second) else GREATEST
