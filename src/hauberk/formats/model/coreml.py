"""Core ML models: which layers and models are of a program's own, and which files they name.

Source: `Model.proto`, `NeuralNetwork.proto` and `MIL.proto` of coremltools 9.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import UncheckedCode
from hauberk.formats.model.graph import Gathered, GraphDescription, Operator
from hauberk.formats.model.message_walk import first_fields, walk
from hauberk.formats.wire.protobuf import BYTES, VARINT
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.formats.model.message_walk import Schema
    from hauberk.view import View

_KINDS: Final = frozenset(
    (
        *(200, 201, 202, 300, 301, 302, 303, 304, 400, 401, 402, 403, 404, 500, 501, 502, 555, 556, 560, 600, 601, 602),
        *(603, 604, 606, 607, 609, 610, 900, 2000, 2001, 2002, 2003, 2004, 2005, 2006, 3000),
    )
)
MODEL_PATH: Final = "@model_path/"
SCHEMA: Final[Schema] = {
    "Model": (
        frozenset({1, 2, 10}) | _KINDS,
        {
            200: "Wrapped",
            201: "Wrapped",
            202: "Pipeline",
            303: "NeuralNetwork",
            403: "NeuralNetwork",
            500: "NeuralNetwork",
            502: "Program",
            555: "Custom",
            556: "Linked",
            3000: "=opaque",
        },
    ),
    "Wrapped": (frozenset({1}), {1: "Pipeline"}),
    "Pipeline": (frozenset({1, 2}), {1: "Model"}),
    "NeuralNetwork": (None, {1: "Layer"}),
    "Layer": (None, {500: "Custom"}),
    "Custom": (frozenset({10, 20, 30, 40}), {10: "=custom"}),
    "Linked": (frozenset({1}), {1: "LinkedFile"}),
    "LinkedFile": (frozenset({1, 2}), {1: "Text", 2: "Text"}),
    "Text": (frozenset({1}), {1: "=file"}),
    "Program": (frozenset({1, 2, 3, 4}), {2: "FunctionEntry", 4: "ValueEntry"}),
    "FunctionEntry": (frozenset({1, 2}), {2: "Function"}),
    "Function": (frozenset({1, 2, 3, 4}), {3: "BlockEntry", 4: "ValueEntry"}),
    "BlockEntry": (frozenset({1, 2}), {2: "Block"}),
    "Block": (frozenset({1, 2, 3, 4}), {3: "Operation", 4: "ValueEntry"}),
    "Operation": (frozenset({1, 2, 3, 4, 5}), {1: "=operation", 2: "ArgumentEntry", 4: "Block", 5: "ValueEntry"}),
    "ArgumentEntry": (frozenset({1, 2}), {2: "Argument"}),
    "Argument": (frozenset({1}), {1: "Binding"}),
    "Binding": (frozenset({1, 2}), {2: "Value"}),
    "ValueEntry": (frozenset({1, 2}), {2: "Value"}),
    "Value": (frozenset({1, 2, 3, 5}), {5: "Blob"}),
    "Blob": (frozenset({1, 2}), {1: "=blob"}),
}


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> GraphDescription:
    """Return what a Core ML model does besides arithmetic. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    return walk(view, limits, SCHEMA, _act).whole()


def is_model(view: View) -> bool:
    """Say whether bytes are laid out as a Core ML model: a version, a description, and one kind of model."""
    seen = first_fields(view)
    kinds = [field for field in seen if field.number in _KINDS and field.kind == BYTES]
    version = any(field.number == 1 and field.kind == VARINT and 0 < field.value < 1000 for field in seen)
    return bool(kinds) and version and any(field.number == 2 and field.kind == BYTES for field in seen)


def _act(gathered: Gathered, action: str, text: str, offset: int) -> None:
    if action == "custom" or (action == "operation" and text.startswith("custom")):
        gathered.operator(Operator("coreml", "", text, offset))
    elif action == "file":
        gathered.file(text, "a linked model", offset)
        gathered.odd(f"a model that is linked from {text[:80]!r}, which lies elsewhere", offset)
    elif action == "blob":
        path = text.removeprefix(MODEL_PATH)
        gathered.file(path, "the bytes of a tensor", offset)
        gathered.raw(path, None)
    elif action == "opaque":
        gathered.note(UncheckedCode.FORMAT_NOT_READ, "a serialised model of Apple's own", offset)
