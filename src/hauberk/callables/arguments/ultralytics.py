"""The rule for the plan of an ultralytics model, from which the model is built again when it is trained.

`parse_model` (ultralytics/nn/tasks.py, 8.3) evaluates the activation as Python, and calls whatever its module holds
under the name of a layer, such as the function that downloads and loads a checkpoint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.symbol import Items, Nothing, Text

if TYPE_CHECKING:
    from hauberk.symbol import Symbol

ACTIVATION: Final = re.compile(r"(torch\.)?nn\.[A-Z][A-Za-z0-9]{0,31}\([A-Za-z0-9_=, .-]{0,64}\)", re.ASCII)
LAYER: Final = re.compile(r"((torch\.)?nn\.|torchvision\.ops\.)?(?:[A-Z][A-Za-z0-9_]{0,63}|v10Detect)", re.ASCII)
_LAYERS: Final = ("backbone", "head")
_NAME: Final = 2  # place of the name in a layer: where from, how many, what, arguments


def odd_plan(plan: Symbol) -> str:
    """Say what a plan would run beside making layers."""
    if isinstance(plan, Text | Nothing):
        return ""
    if not isinstance(plan, Items) or plan.kind != "dict" or plan.cut:
        return "holds its plan in something else than a dict"
    for key, value in zip(plan.items[::2], plan.items[1::2], strict=False):
        name = key.value if isinstance(key, Text) else ""
        if name == "activation" and not isinstance(value, Nothing) and not _fits(ACTIVATION, value):
            return "holds an activation that is no layer of torch.nn, and is evaluated when the model is trained"
        if name in _LAYERS and not (isinstance(value, Items) and not value.cut and all(map(_is_layer, value.items))):
            return f"holds something else than layers in the {name} of its plan"
    return ""


def _is_layer(layer: Symbol) -> bool:
    return isinstance(layer, Items) and len(layer.items) > _NAME and _fits(LAYER, layer.items[_NAME])


def _fits(pattern: re.Pattern[str], value: Symbol) -> bool:
    return isinstance(value, Text) and not value.cut and pattern.fullmatch(value.value) is not None
