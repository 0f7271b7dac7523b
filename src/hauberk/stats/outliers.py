"""How far the farthest of many numbers lies from the rest, told so that it does not move the rest with it.

The middle is the median, the spread the median of the distances from it (MAD), scaled by 1.4826 to a standard
deviation of normal numbers. Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993.
"""

from __future__ import annotations

from typing import Any, Final

from hauberk.stats.numbers import numpy

TO_DEVIATION: Final = 1.4826
FARTHEST: Final = 1e6  # told where the rest does not differ at all
FEWEST: Final = 4  # of fewer numbers none is far from the rest
_SPREAD: Final = 1e-9  # of the middle; less is rounding


def scores(values: Any) -> Any:
    """Return for each number its distance from the median in robust deviations, signed; zeros below `FEWEST`."""
    np = numpy()
    flat = np.asarray(values, dtype=np.float64).ravel()
    if flat.size < FEWEST:
        return np.zeros_like(flat)
    middle = np.median(flat)
    away = flat - middle
    spread = max(float(np.median(np.abs(away))) * TO_DEVIATION, abs(float(middle)) * _SPREAD)
    if spread == 0.0:
        return np.sign(away) * FARTHEST
    return np.clip(away / spread, -FARTHEST, FARTHEST)


def farthest_above(values: Any) -> tuple[float, int]:
    """Return the greatest score and where it is; (0.0, 0) for too few numbers."""
    found = scores(values)
    if not found.size:
        return 0.0, 0
    at = int(found.argmax())
    return float(found[at]), at
