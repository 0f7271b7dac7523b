"""A small network for images, from its weights and a list of layers: its answers, and how they follow the input.

Four layers are known, which is what a small classifier is made of; what each computes is fixed here, so that nothing of
the model's own code is needed. Numbers are float64. `backward` gives the slope by the input only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Misconfigured
from hauberk.stats.numbers import numpy

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Linear:
    """`x @ weight.T + bias`; the weight is (out, in)."""

    weight: Any
    bias: Any

    def forward(self, given: Any) -> tuple[Any, Any]:
        """Return the answer, and what `backward` needs of it."""
        if given.ndim != 2 or self.weight.ndim != 2 or given.shape[1] != self.weight.shape[1]:
            raise Misconfigured(f"a linear layer of {self.weight.shape} behind {given.shape[1:]}", "fix the layers")
        return given @ self.weight.T + self.bias, None

    def backward(self, slope: Any, _kept: Any) -> Any:
        """Return the slope by the input."""
        return slope @ self.weight


@dataclass(frozen=True, slots=True)
class Relu:
    """Zero for what is below zero."""

    def forward(self, given: Any) -> tuple[Any, Any]:
        """Return the answer, and what `backward` needs of it."""
        return given * (given > 0), given > 0

    def backward(self, slope: Any, kept: Any) -> Any:
        """Return the slope by the input."""
        return slope * kept


@dataclass(frozen=True, slots=True)
class Flatten:
    """All numbers of an image in one row."""

    def forward(self, given: Any) -> tuple[Any, Any]:
        """Return the answer, and what `backward` needs of it."""
        return given.reshape(len(given), -1), given.shape

    def backward(self, slope: Any, kept: Any) -> Any:
        """Return the slope by the input."""
        return slope.reshape(kept)


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution with a step of 1 and zeros around; the weight is (out, in, height, width)."""

    weight: Any
    bias: Any
    padding: int

    def forward(self, given: Any) -> tuple[Any, Any]:
        """Return the answer, and what `backward` needs of it."""
        np = numpy()
        around = self.padding
        if given.ndim != 4 or self.weight.ndim != 4 or given.shape[1] != self.weight.shape[1]:
            raise Misconfigured(f"a conv layer of {self.weight.shape} behind {given.shape[1:]}", "fix the layers")
        padded = np.pad(given, ((0, 0), (0, 0), (around, around), (around, around)))
        high, wide = (padded.shape[2 + at] - self.weight.shape[2 + at] + 1 for at in (0, 1))
        if high < 1 or wide < 1:
            raise Misconfigured("a conv layer that is larger than its image", "fix the layers")
        made = np.zeros((len(given), len(self.weight), high, wide)) + self.bias[:, None, None]
        for row, column in np.ndindex(*self.weight.shape[2:]):
            window = padded[:, :, row : row + high, column : column + wide]
            made += np.einsum("nihw,oi->nohw", window, self.weight[:, :, row, column], optimize=True)
        return made, padded.shape

    def backward(self, slope: Any, kept: Any) -> Any:
        """Return the slope by the input."""
        np = numpy()
        made = np.zeros(kept)
        high, wide = slope.shape[2:]
        for row, column in np.ndindex(*self.weight.shape[2:]):
            part = np.einsum("nohw,oi->nihw", slope, self.weight[:, :, row, column], optimize=True)
            made[:, :, row : row + high, column : column + wide] += part
        around = self.padding
        return made[:, :, around : kept[2] - around, around : kept[3] - around]


Layer = Linear | Relu | Flatten | Conv


def answer(layers: Sequence[Layer], images: Any) -> tuple[Any, list[Any]]:
    """Return the scores of each image by class, and what `slope_of` needs.

    Raises:
        Misconfigured: a layer does not fit the one before.
    """
    kept = []
    for layer in layers:
        images, one = layer.forward(images)
        kept.append(one)
    if images.ndim != 2 or images.shape[1] < 2:
        raise Misconfigured("the last layer does not give a number for each class", "name all of the layers")
    return images, kept


def slope_of(layers: Sequence[Layer], slope: Any, kept: Sequence[Any]) -> Any:
    """Return the slope by the images, from the slope by the scores."""
    for layer, one in zip(reversed(layers), reversed(kept), strict=True):
        slope = layer.backward(slope, one)
    return slope
