"""No false alarm: good chains of all shapes are allowed, and their passports verify. A thousand of them: `make bench`."""

from __future__ import annotations

import pytest

from property.good_chains import answer, grow

SEEDS = range(30)
FEATURES = {
    "two roots",
    "rotated root",
    "a newer trust",
    "a newer policy",
    "rotated scanner",
    "derivation",
    "an excused scan",
    "an excused incomplete scan",
    "an older publication",
    "another model that fails",
    "something else revoked",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_chain_is_allowed(seed: int) -> None:
    assert answer(grow(seed)) == ""


def test_the_chains_have_all_shapes() -> None:
    grown = [grow(seed) for seed in range(12)]
    assert {what for one in grown for what in one.what} >= FEATURES
    assert len({one.chain.log.size for one in grown}) > 6


@pytest.mark.parametrize("seed", range(3))
def test_a_good_chain_with_one_statement_by_a_thief_is_not(seed: int) -> None:
    grown = grow(seed)
    grown.chain.scan(result="fail")
    grown.chain.publish()
    assert "model-scan.result: fail" in answer(grown)
