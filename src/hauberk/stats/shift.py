"""Are two samples of one distribution? Tests on counts of the same groups, at a rate of false alarms that is kept.

Kolmogorov and Smirnov's distance over any thresholds is at most the one over all, so on groups the test alarms at most
as often as its rate says, however the groups were chosen and whatever ties there are.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_EXPECTED = 5  # Cochran, 1954: fewer in a cell are put together
_TERMS = 101


def ks_distance(before: Sequence[int], after: Sequence[int]) -> float:
    """Return the greatest distance of the cumulated shares of groups that have an order."""
    n, m = sum(before), sum(after)
    pairs = zip(accumulate(before), accumulate(after), strict=True)
    return max((abs(a / n - b / m) for a, b in pairs), default=0.0)


def ks_chance(distance: float, n: int, m: int) -> float:
    """Return how likely a distance of at least this is, by Kolmogorov's distribution, where nothing has changed."""
    x = distance * math.sqrt(n * m / (n + m))
    if x < 0.2:  # the series is 1 there, to 12 digits
        return 1.0
    series = sum((-1.0) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, _TERMS))
    return min(1.0, max(0.0, 2 * series))


def total_variation(before: Sequence[int], after: Sequence[int]) -> float:
    """Return half of the sum of the differences of all shares: the share of rows that would have to move."""
    n, m = sum(before), sum(after)
    return sum(abs(a / n - b / m) for a, b in zip(before, after, strict=True)) / 2


def homogeneity_chance(before: Sequence[int], after: Sequence[int]) -> float:
    """Return how likely counts that differ as much are, by the chi-squared test of homogeneity (Pearson).

    Of two cells the steps between counts are too coarse for the curve: Yates' half keeps the rate there.
    """
    cells = _filled(before, after)
    if len(cells) < 2:
        return 1.0
    n, m = sum(a for a, _ in cells), sum(b for _, b in cells)
    half = 0.5 if len(cells) == 2 else 0.0
    statistic = 0.0
    for a, b in cells:
        wanted = (a + b) * n / (n + m)
        away = max(0.0, abs(a - wanted) - half) ** 2  # as far as of the other sample, whose cell is what is left
        statistic += away / wanted + away / ((a + b) * m / (n + m))
    return upper_gamma((len(cells) - 1) / 2, statistic / 2)


def _filled(before: Sequence[int], after: Sequence[int]) -> list[tuple[int, int]]:
    """Return the cells of a table, those of too few rows in one."""
    n, m = sum(before), sum(after)
    least = LEAST_EXPECTED * (n + m) / min(n, m)
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if a + b]
    kept = sorted((pair for pair in pairs if sum(pair) >= least), key=sum)
    rest = [pair for pair in pairs if sum(pair) < least]
    if rest:
        together = (sum(a for a, _ in rest), sum(b for _, b in rest))
        if sum(together) < least and kept:
            smallest = kept.pop(0)
            together = (together[0] + smallest[0], together[1] + smallest[1])
        kept.append(together)
    return kept


def upper_gamma(a: float, x: float) -> float:
    """Return the regularised upper incomplete gamma function Q(a, x) (DLMF 8.11.4, and 8.9.2 by Lentz)."""
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - total * scale)
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for i in range(1, 10_000):
        an = -i * (i - a)
        b += 2
        d = 1 / (an * d + b or 1e-300)
        c = b + an / c or 1e-300
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return min(1.0, scale * h)
