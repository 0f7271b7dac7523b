"""Look for a trigger: the patch that moves all images to one class, and is smaller than it is for the other classes.

The network is built here, from the numbers in the model's file and a list of layers that a person wrote; nothing of
the model runs. Four kinds of layers are known: linear, relu, flatten and conv with a step of 1.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from hauberk.comparison import Inversion
from hauberk.edge.sources import printable, read_file
from hauberk.errors import Misconfigured, Unavailable
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.stats.inversion import LIMIT, indices, masks
from hauberk.stats.network import Conv, Flatten, Layer, Linear, Relu
from hauberk.stats.numbers import COMPUTED, numpy
from hauberk.stats.numbers import decode as numbers
from hauberk.verbs.weights_tensors import open_array, open_tensors

if TYPE_CHECKING:
    from hauberk.edge.sources import StrPath
    from hauberk.verbs.weights_tensors import Tensors

MOST_IMAGE_BYTES: Final = 64 << 20
FEWEST_IMAGES: Final = 10


@dataclass(frozen=True, slots=True)
class _Row:
    """One layer; the names are those of tensors in the model's file."""

    kind: Literal["linear", "relu", "flatten", "conv"]
    weight: str = ""
    bias: str = ""
    padding: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a person wrote: the shape of an image, between what a pixel lies, and the layers."""

    shape: tuple[int, ...]
    lowest: float
    highest: float
    layers: tuple[_Row, ...]


def invert_weights(model: StrPath, layers: StrPath, images: StrPath, *, limits: Limits = DEFAULT_LIMITS) -> Inversion:
    """Return how small a patch moves clean images to each class.

    Args:
        model: a file with the weights.
        layers: YAML or JSON that says what the network is made of.
        images: clean images, an `.npy` file of floats whose first axis counts them.
        limits: `max_load_bytes` is the most that is read of a file that is no safetensors file.

    Raises:
        Misconfigured: the list of layers does not fit the model or the images.
        Unavailable: a file cannot be read, or NumPy is not installed.
    """
    np = numpy()
    plan = decode(read_yaml(read_file(layers, limit=LARGEST_BYTES), what=printable(layers)), _Plan, what="layers")
    stored = open_array(images, MOST_IMAGE_BYTES)
    shown = numbers(stored.dtype, stored.shape, stored.read())
    if shown.shape[1:] != plan.shape or len(shown) < FEWEST_IMAGES or not plan.lowest < plan.highest:
        raise Misconfigured(
            f"images of {shown.shape}, where at least {FEWEST_IMAGES} of {plan.shape} are needed", "fix the layers"
        )
    if not (np.isfinite(shown).all() and shown.min() >= plan.lowest and shown.max() <= plan.highest):
        raise Misconfigured("a pixel outside of lowest and highest", "give the images as the model takes them")
    with open_tensors(model, limits) as tensors:
        network = [_layer(row, tensors) for row in plan.layers]
        digest = tensors.digest
    norms = masks(network, shown, lowest=plan.lowest, highest=plan.highest)
    return Inversion(os.fspath(model), digest, tuple(norms), indices(norms), LIMIT, len(shown))


def _layer(row: _Row, tensors: Tensors) -> Layer:
    if row.kind == "relu":
        return Relu()
    if row.kind == "flatten":
        return Flatten()
    weight, bias = _tensor(row.weight, tensors), _tensor(row.bias, tensors)
    if bias.shape != weight.shape[:1]:
        raise Misconfigured(f"a bias of {bias.shape} beside a weight of {weight.shape}", "fix the layers")
    if row.kind == "linear":
        return Linear(weight, bias)
    if not 0 <= row.padding <= max(weight.shape):
        raise Misconfigured(f"a padding of {row.padding}", "fix the layers")
    return Conv(weight, bias, row.padding)


def _tensor(name: str, tensors: Tensors) -> Any:
    found = tensors.by_name.get(name)
    if found is None or found.dtype not in COMPUTED:
        raise Misconfigured(f"the model has no tensor of floats that is named {name[:64]!r}", "fix the layers")
    made = numbers(found.dtype, found.shape, found.read())
    if not numpy().isfinite(made).all():
        raise Unavailable(f"the model holds NaN or infinity in {name[:64]!r}", "see `hauberk weights`")
    return made
