"""The smallest patch that moves all images to one class: a class with a backdoor needs a smaller one than the others.

For each class a mask (how much of a pixel is replaced) and a pattern (by what) are made by gradient descent, so that
images with the patch belong to the class and the mask is small; how much smallness weighs is raised while nearly all
images obey, and lowered while they do not. The index of a class is how many robust deviations its mask lies below the
median of all. Source: Wang and others, Neural Cleanse, IEEE S&P 2019; the optimiser is Adam with its usual constants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hauberk.stats.network import answer, slope_of
from hauberk.stats.numbers import numpy
from hauberk.stats.outliers import scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.stats.network import Layer

LIMIT: Final = 2.0  # of the paper
STEPS: Final = 300
OBEY: Final = 0.95  # of the images
_RATE, _FIRST, _SECOND, _TINY = 0.1, 0.9, 0.999, 1e-8
_WEIGHT, _RAISED = 1e-3, 1.05


def masks(layers: Sequence[Layer], images: Any, *, lowest: float, highest: float) -> list[float | None]:
    """Return for each class the L1 norm of its smallest mask, None where no patch moved enough images.

    Args:
        layers: of the network.
        images: clean ones, the first axis counts them.
        lowest: of a pixel.
        highest: of a pixel.
    """
    classes = answer(layers, images[:1])[0].shape[1]
    return [_smallest(layers, images, target, lowest, highest) for target in range(classes)]


def indices(norms: Sequence[float | None]) -> tuple[float, ...]:
    """Return for each class how far its mask lies below the median, in robust deviations; 0 for all others."""
    known = [norm for norm in norms if norm is not None]
    found = iter(scores(known).tolist())
    return tuple(0.0 if norm is None else max(0.0, -next(found)) for norm in norms)


def _smallest(layers: Sequence[Layer], images: Any, target: int, lowest: float, highest: float) -> float | None:
    np = numpy()
    shape = images.shape[1:]
    pixels = shape[-2:] if len(shape) == 3 else shape  # one mask for all channels
    state = [np.full(pixels, -1.0), np.zeros(shape)]
    moments = [(np.zeros_like(one), np.zeros_like(one)) for one in state]
    weight, best = _WEIGHT, None
    for step in range(1, STEPS + 1):
        mask, pattern = (1 / (1 + np.exp(-one)) for one in state)
        bright = lowest + pattern * (highest - lowest)
        given, kept = answer(layers, images * (1 - mask) + bright * mask)
        obeyed = float((given.argmax(axis=1) == target).mean())
        if obeyed >= OBEY and (best is None or mask.sum() < best):
            best = float(mask.sum())
        weight *= _RAISED if obeyed >= OBEY else 1 / _RAISED
        slope = slope_of(layers, _cross_entropy(given, target), kept)
        by_mask = (slope * (bright - images)).sum(axis=0)
        if by_mask.shape != pixels:
            by_mask = by_mask.sum(axis=0)
        slopes = [
            (by_mask + weight) * mask * (1 - mask),
            (slope * mask).sum(axis=0) * (highest - lowest) * pattern * (1 - pattern),
        ]
        for at, by in enumerate(slopes):
            one, two = moments[at]
            moments[at] = (_FIRST * one + (1 - _FIRST) * by, _SECOND * two + (1 - _SECOND) * by**2)
            first, second = moments[at][0] / (1 - _FIRST**step), moments[at][1] / (1 - _SECOND**step)
            state[at] = np.clip(state[at] - _RATE * first / (np.sqrt(second) + _TINY), -30, 30)
    return best


def _cross_entropy(given: Any, target: int) -> Any:
    """Return the slope of the mean cross-entropy by the scores."""
    np = numpy()
    odds = np.exp(given - given.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    odds[:, target] -= 1
    return odds / len(given)
