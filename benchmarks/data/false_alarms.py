"""How often the tests on shift alarm where nothing has changed: the numbers of docs/data-checks.md.

python benchmarks/data/false_alarms.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from hauberk.stats.shift import homogeneity_chance, ks_chance, ks_distance

DRAWS = 20_000
RATES = (0.05, 0.01)
SIZES = ((40, 40), (300, 300), (1000, 200))
NUMBERS = {
    "normal": lambda rng, size: rng.normal(size=size),
    "whole (Poisson, 3)": lambda rng, size: rng.poisson(3, size).astype(float),
}
SHARES = {"2 even": [0.5, 0.5], "4 even": [0.25] * 4, "4 skewed": [0.9, 0.05, 0.04, 0.01], "60 even": [1 / 60] * 60}


def main() -> None:
    """Print the share of pairs that alarm, for each shape, size and rate."""
    for name, draw in NUMBERS.items():
        for n, m in SIZES:
            rng = np.random.default_rng(11)
            told(name, n, m, [of_numbers(draw(rng, n), draw(rng, m)) for _ in range(DRAWS)])
    for name, shares in SHARES.items():
        for n, m in SIZES:
            rng = np.random.default_rng(11)
            pairs = ((rng.multinomial(n, shares).tolist(), rng.multinomial(m, shares).tolist()) for _ in range(DRAWS))
            told(name, n, m, [homogeneity_chance(*pair) for pair in pairs])


def of_numbers(before: np.ndarray, after: np.ndarray) -> float:
    """Return the chance of two samples, in groups between quantiles of the first."""
    edges = np.unique(np.quantile(before, np.linspace(0, 1, 1024), method="lower"))
    groups = [np.bincount(np.searchsorted(edges, x), minlength=len(edges) + 1).tolist() for x in (before, after)]
    return ks_chance(ks_distance(*groups), len(before), len(after))


def told(name: str, n: int, m: int, chances: list[float]) -> None:
    """Print a line."""
    seen = "  ".join(f"{np.mean([chance < rate for chance in chances]):.4f} at {rate}" for rate in RATES)
    print(f"{name:<20} {n:>5} and {m:>5}: {seen}")


if __name__ == "__main__":
    main()
