"""Keras configurations: the classes and functions that a model is rebuilt from.

A configuration is JSON: `config.json` in a `.keras` file, the attribute `model_config` of an `.h5` file, the metadata
of layers in a SavedModel, or a text of its own. Each object in it names its class, and in Keras 3 its module. Source:
`keras/src/saving/serialization_lib.py`, `keras/src/legacy/saving/` of Keras 3.15; Keras 2.15.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hauberk.formats.text import plain
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.text.plain import TextDescription
    from hauberk.view import View

CONFIG: Final = "keras-config"
METADATA: Final = "keras-layer"  # of a layer in a SavedModel: a class that is not known is revived without its code
_ROOTS: Final = frozenset({"Sequential", "Functional", "Model", "TFOpLambda", "SlicingOpLambda"})
_SIGNS: Final = frozenset({"registered_name", "keras_version", "build_config", "compile_config", "module"})
_LONGEST_POINTER: Final = 256


@dataclass(frozen=True, slots=True)
class KerasObject:
    """An object of a configuration: the names of its class, what it is made with, and where it stands."""

    module: str | None
    name: str
    config: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class KerasConfig:
    """Every object of a configuration, and the containers that hold each."""

    objects: tuple[KerasObject, ...]


def describe_text(view: View, limits: Limits = DEFAULT_LIMITS) -> TextDescription:
    """Return the text of a configuration that stands where Keras looks for one. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return replace(plain.describe(view, limits), format=CONFIG)


def describe_metadata(view: View, limits: Limits = DEFAULT_LIMITS) -> TextDescription:
    """Return the text of a layer's metadata in a SavedModel; as `describe_text`."""
    return replace(plain.describe(view, limits), format=METADATA)


def is_config(document: Any) -> bool:
    """Say whether a document is a configuration of Keras, and not another use of the same words."""
    if not isinstance(document, dict) or not isinstance(document.get("class_name"), str):
        return False
    module = document.get("module")
    known = isinstance(module, str) and module.partition(".")[0].startswith("keras")
    return known or document["class_name"] in _ROOTS or ("config" in document and bool(_SIGNS & document.keys()))


def describe_config(document: Any) -> KerasConfig:
    """Return the objects of a configuration, the outer ones first. Nothing in it is looked up or made."""
    found: list[KerasObject] = []
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            name, module = value.get("class_name"), value.get("module")
            if isinstance(name, str):
                found.append(
                    KerasObject(module if isinstance(module, str) else None, name, value.get("config"), pointer)
                )
            inner = list(value.items())
        elif isinstance(value, list):
            inner = [(str(index), item) for index, item in enumerate(value)]
        else:
            continue
        below = [(f"{pointer}/{key}"[:_LONGEST_POINTER], item) for key, item in inner if isinstance(item, dict | list)]
        waiting += reversed(below)
    return KerasConfig(tuple(found))
