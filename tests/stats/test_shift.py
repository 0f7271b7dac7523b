"""The tests on shift alarm as rarely as they say where nothing has changed, and see what has."""

import numpy as np
import pytest

from hauberk.stats.shift import homogeneity_chance, ks_chance, ks_distance, total_variation, upper_gamma

DRAWS = 4000
# The most alarms among so many draws that a rate which is kept gives with a chance of 1 in 10,000 (normal bound, 3.7).
ALLOWED = {rate: rate * DRAWS + 3.7 * (rate * (1 - rate) * DRAWS) ** 0.5 for rate in (0.05, 0.01)}


def grouped(values, edges):
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1).tolist()


def numbers(rng, size):
    return rng.normal(size=size)


def few_numbers(rng, size):
    return rng.poisson(3, size).astype(float)


@pytest.mark.parametrize("draw", [numbers, few_numbers])
@pytest.mark.parametrize(("n", "m"), [(30, 30), (100, 40), (300, 300), (1000, 200)])
def test_numbers_alarm_as_rarely_as_the_rate_says(draw, n, m):
    rng = np.random.default_rng(1)
    alarms = dict.fromkeys(ALLOWED, 0)
    for _ in range(DRAWS):
        before, after = draw(rng, n), draw(rng, m)
        edges = np.unique(np.quantile(before, np.linspace(0, 1, 64), method="lower"))
        chance = ks_chance(ks_distance(grouped(before, edges), grouped(after, edges)), n, m)
        for rate in alarms:
            alarms[rate] += chance < rate
    assert all(alarms[rate] <= ALLOWED[rate] for rate in alarms), alarms


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.25] * 4, [0.9, 0.05, 0.04, 0.01], [1 / 60] * 60])
@pytest.mark.parametrize(("n", "m"), [(40, 40), (300, 300), (1000, 200)])
def test_categories_alarm_as_rarely_as_the_rate_says(shares, n, m):
    rng = np.random.default_rng(2)
    alarms = dict.fromkeys(ALLOWED, 0)
    for _ in range(DRAWS):
        before, after = rng.multinomial(n, shares).tolist(), rng.multinomial(m, shares).tolist()
        for rate in alarms:
            alarms[rate] += homogeneity_chance(before, after) < rate
    assert all(alarms[rate] <= ALLOWED[rate] for rate in alarms), alarms


def test_what_has_moved_is_seen():
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=5000), rng.normal(0.15, size=5000)
    edges = np.quantile(before, np.linspace(0, 1, 1024))
    found = [grouped(values, edges) for values in (before, after)]
    assert ks_chance(ks_distance(*found), 5000, 5000) < 1e-6
    assert homogeneity_chance([500, 500], [600, 400]) < 1e-4


@pytest.mark.parametrize(
    ("a", "x", "wanted"),
    # chi-squared tables: 3.841 at 1 degree, 18.307 at 10, 124.342 at 100; and far tails
    [(0.5, 3.841459 / 2, 0.05), (5, 18.307038 / 2, 0.05), (50, 124.342113 / 2, 0.05), (1, 20, 2.061154e-9), (3, 0, 1)],
)
def test_the_gamma_function_is_that_of_the_tables(a, x, wanted):
    assert upper_gamma(a, x) == pytest.approx(wanted, rel=1e-5)


def test_kolmogorovs_distribution_is_that_of_the_table():
    assert ks_chance(1.358, 2, 2) == pytest.approx(0.05, abs=1e-3)  # n m / (n + m) is 1
    assert ks_chance(1.628, 2, 2) == pytest.approx(0.01, abs=1e-4)
    assert ks_chance(0.0, 10, 10) == 1.0


def test_a_distance_is_the_share_of_rows_that_would_have_to_move():
    assert total_variation([50, 50], [100, 0]) == 0.5
    assert ks_distance([1, 0, 0], [0, 0, 1]) == 1.0
    assert homogeneity_chance([10, 0], [20, 0]) == 1.0  # one value only: nothing to tell
