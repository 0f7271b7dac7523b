"""ultralytics: the smallest model of each family that it brings, as its trainer saves them."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import tempfile
import warnings
from typing import TYPE_CHECKING
from unittest import mock

os.environ.setdefault("YOLO_CONFIG_DIR", tempfile.gettempdir())  # it writes its settings when it is imported
os.environ.setdefault("YOLO_OFFLINE", "true")

import torch
from hooks import hooks
from recipes_torch import READ as OF_TORCH
from recipes_torch import saved
from torch import nn

_save, _version = torch.save, importlib.metadata.version
# Of torchvision it asks the version and no more; the wheel itself does not load beside a torch without CUDA.
with mock.patch("importlib.metadata.version", lambda name: "0.28.0" if name == "torchvision" else _version(name)):
    import ultralytics
    from ultralytics.nn import tasks
    from ultralytics.utils import IterableSimpleNamespace
torch.save = _save  # which it replaces by one of its own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording import State

READ = {
    **OF_TORCH,
    "ultralytics.nn.modules.block.AAttn.__setstate__": "multiplies two numbers",
}
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("ultralytics.utils", "IterableSimpleNamespace"): ("", "", "attributes and nothing else"),
}
_DETECT = tasks.DetectionModel
# The smallest of each family, and the class that its head asks for.
_CONFIGURATIONS = {
    **dict.fromkeys(("yolov5n", "yolov8n", "yolov8n-ghost", "yolov9t", "yolov10n"), _DETECT),
    **dict.fromkeys(("yolo11n", "yolo12n", "yolo26n"), _DETECT),
    **dict.fromkeys(("yolov8n-seg", "yolo26n-seg"), tasks.SegmentationModel),
    **dict.fromkeys(("yolov8n-pose", "yolo26n-pose"), tasks.PoseModel),
    **dict.fromkeys(("yolov8n-obb", "yolo26n-obb"), tasks.OBBModel),
    "yolo11n-cls": tasks.ClassificationModel,
    "yolov8n-rtdetr": tasks.RTDETRDetectionModel,
    **dict.fromkeys(("yolov8n-world", "yolov8n-worldv2"), tasks.WorldModel),
}  # fmt: skip


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use; None where it is left out."""
    thing = getattr(sys.modules[module], name)
    unread = [f"{base.__module__}.{base.__name__}.{hook}" for base, hook in hooks(thing)]
    unread = [hook for hook in unread if hook not in READ]
    if not module.startswith("ultralytics.") or not isinstance(thing, type) or unread:
        print(f"left out {module}.{name} {taken}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if issubclass(thing, nn.Module):
        return ("module", "", "a module: its state fills __dict__")
    return ("", "", "a class without hooks: its state fills __dict__")


def states() -> Iterator[State]:
    """Yield checkpoints as the trainer writes them."""
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    ultralytics.utils.LOGGER.setLevel("ERROR")
    yield saved("settings", IterableSimpleNamespace(epochs=3))
    for name, kind in _CONFIGURATIONS.items():
        model = kind(f"{name}.yaml", verbose=False).half()
        checkpoint = {"date": "2026-01-01", "version": ultralytics.__version__, "model": model, "ema": None,
                      "optimizer": None, "train_args": {"epochs": 3}, "epoch": -1}  # fmt: skip
        yield saved(name, checkpoint)
