"""Arithmetic: against NumPy's own, and against slopes that are measured."""

import numpy as np
import pytest

from hauberk.errors import Malformed, Misconfigured
from hauberk.stats.difference import measure, spectral_norm
from hauberk.stats.network import Conv, Flatten, Linear, Relu, answer, slope_of
from hauberk.stats.numbers import decode
from hauberk.stats.outliers import FARTHEST, scores

DRAW = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (40, 7), (30, 30)])
def test_the_spectral_norm_is_that_of_numpy(shape):
    matrix = DRAW.normal(size=shape)
    assert spectral_norm(matrix) == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-2)


def test_nothing_has_no_spectral_norm():
    assert spectral_norm(np.zeros((3, 4))) == 0.0
    assert spectral_norm(np.zeros((0, 4))) == 0.0


def test_one_number_among_equal_ones_is_as_far_as_can_be():
    assert scores([1.0, 1.0, 1.0, 1.0, 2.0])[-1] == FARTHEST


def test_of_three_numbers_none_is_far():
    assert not scores([0.0, 0.0, 9.0]).any()


def test_the_largest_numbers_overflow_nothing():
    large = np.full((5, 5), 1e308)
    assert all(np.isfinite(value) for value in measure(large, -large).values())


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(wrong):
    with pytest.raises(Malformed, match="not finite"):
        measure(np.full((2, 2), wrong), np.ones((2, 2)))


def test_shapes_that_differ_are_refused():
    with pytest.raises(Malformed, match="shapes"):
        measure(np.ones((2, 3)), np.ones((3, 2)))


def test_bytes_that_are_too_few_are_refused():
    with pytest.raises(Malformed, match="that has 3"):
        decode("BF16", (2,), b"abc")


def test_bfloat16_is_the_upper_half_of_a_float():
    assert decode("BF16", (2,), b"\x80\x3f\x00\xc0").tolist() == [1.0, -2.0]


def test_the_slope_is_the_one_that_is_measured():
    layers = [
        Conv(DRAW.normal(size=(3, 2, 3, 3)), DRAW.normal(size=3), 1), Relu(), Flatten(),
        Linear(DRAW.normal(size=(4, 3 * 5 * 6)), DRAW.normal(size=4)),
    ]  # fmt: skip
    images = DRAW.normal(size=(2, 2, 5, 6))
    given, kept = answer(layers, images)
    way = DRAW.normal(size=given.shape)
    found = slope_of(layers, way, kept)
    for at in [(0, 0, 0, 0), (1, 1, 4, 5), (0, 1, 2, 3)]:
        moved = images.copy()
        moved[at] += 1e-6
        measured = ((answer(layers, moved)[0] - given) * way).sum() / 1e-6
        assert found[at] == pytest.approx(measured, rel=1e-3)


@pytest.mark.parametrize(
    "layers",
    [[], [Relu()], [Linear(np.ones((4, 9)), np.ones(4))], [Conv(np.ones((1, 2, 9, 9)), np.ones(1), 0)]],
    ids=["none", "no classes", "linear", "conv"],
)
def test_layers_that_do_not_fit_are_refused(layers):
    with pytest.raises(Misconfigured):
        answer(layers, np.ones((2, 2, 5, 6)))
