"""What a Keras configuration would bring in, judged once for all rules that ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from hauberk.callables.judgement import Judgement, Tier
from hauberk.callables.keras import judge_keras, judge_tensorflow_function, judge_type_spec
from hauberk.callables.operators import judge_operator
from hauberk.checks.model.expression import printable
from hauberk.finding import Location
from hauberk.formats.model.keras_config import CONFIG, METADATA, describe_config, is_config
from hauberk.rule import Sighting, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.model.keras_config import KerasObject
    from hauberk.formats.text.plain import TextDescription

_LONGEST: Final = 120
_MOST: Final = 100
_LOOKUPS: Final = frozenset({"StringLookup", "IntegerLookup", "TextVectorization", "IndexLookup", "CategoryLookup"})
_LAMBDA_PARTS: Final = ("function", "output_shape", "mask")


class Kind(StrEnum):
    """What is wrong with an object."""

    CODE = "code"
    DANGEROUS = "dangerous"
    FILE = "file"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing that a configuration would do."""

    kind: Kind
    saw: str
    pointer: str


def sightings(text: TextDescription, kind: Kind) -> Iterator[Sighting]:
    """Report what a configuration would do of one kind, each thing once; above a hundred things the rest is counted."""
    seen: dict[str, str] = {}
    for one in judged(text):
        if one.kind is kind:
            seen.setdefault(one.saw, one.pointer)
    for number, (saw, pointer) in enumerate(seen.items()):
        if number == _MOST:
            yield rest(Location(pointer=pointer), len(seen) - _MOST)
            break
        yield Sighting(Location(pointer=pointer), printable(saw))


def judged(text: TextDescription) -> Iterator[Judged]:
    """Yield all that a configuration would do besides making Keras's own objects."""
    if text.format not in (CONFIG, METADATA) and not is_config(text.document):
        return
    for thing in describe_config(text.document).objects:
        for one in _object(thing):
            if one.kind is not Kind.UNKNOWN or text.format != METADATA:
                yield one


def _object(thing: KerasObject) -> Iterator[Judged]:
    name, config = thing.name, thing.config
    if name == "__lambda__":
        yield Judged(Kind.CODE, "a function as byte code (__lambda__)", thing.pointer)
    elif name == "__typespec__":
        module, spec = _text(config, "module") or thing.module or "", _text(config, "spec_name") or ""
        yield from _named(thing, judge_type_spec(thing.module or module, spec or name))
    elif name == "function":
        yield from _function(thing)
    elif name in ("TFOpLambda", "ClassMethod", "InstanceMethod", "TensorFlowOpLayer"):
        yield from _old_operator(thing)
    else:
        yield from _named(thing, judge_keras(thing.module, name))
    if not isinstance(config, dict):
        return
    if name == "Lambda":
        yield from _lambda(thing, config)
    vocabulary = config.get("vocabulary")
    if isinstance(vocabulary, str) and (name in _LOOKUPS or thing.module is None or "keras" in thing.module):
        yield Judged(Kind.FILE, f"{name} reads its vocabulary from {vocabulary[:_LONGEST]!r}", thing.pointer)


def _function(thing: KerasObject) -> Iterator[Judged]:
    """A function by its name; a configuration in the place of the name is not one that Keras writes."""
    if isinstance(thing.config, str):
        yield from _named(thing, judge_keras(thing.module, thing.config))
    else:
        yield Judged(Kind.UNKNOWN, "a function without a name", thing.pointer)


def _named(thing: KerasObject, judgement: Judgement) -> Iterator[Judged]:
    if judgement.tier is Tier.DANGEROUS:
        yield Judged(Kind.DANGEROUS, f"{judgement.name[:_LONGEST]}, which {judgement.why}", thing.pointer)
    elif judgement.tier is not Tier.SAFE:
        yield Judged(Kind.UNKNOWN, judgement.name[:_LONGEST], thing.pointer)


def _lambda(thing: KerasObject, config: dict[str, Any]) -> Iterator[Judged]:
    """A Lambda layer of Keras 2 holds marshalled code in a list, or the name of a function."""
    for part in _LAMBDA_PARTS:
        value, kind = config.get(part), config.get(f"{part}_type")
        if kind == "lambda" or (part == "function" and isinstance(value, list)):
            yield Judged(Kind.CODE, f"a Lambda layer with byte code as its {part}", thing.pointer)
        elif isinstance(value, str):
            module = config.get("module" if part == "function" else f"{part}_module")
            judgement = judge_keras(module if isinstance(module, str) else None, value)
            if judgement.tier is Tier.SAFE:
                judgement = Judgement(Tier.UNKNOWN, None, judgement.name, judgement.why)
            yield from _named(thing, judgement)


def _old_operator(thing: KerasObject) -> Iterator[Judged]:
    """An operation of TensorFlow that Keras 2 wrapped into a layer: it runs while the model is made."""
    for key in ("function", "cls_ref", "cls_symbol", "method"):
        value = _text(thing.config, key)
        if value and key != "method":
            yield from _named(thing, judge_tensorflow_function(value))
    node = thing.config.get("node_def") if isinstance(thing.config, dict) else None
    operator = _text(node, "op") if isinstance(node, dict) else _operator_in(node)
    if operator:
        yield from _named(thing, judge_operator("tensorflow", "", operator))
    elif node is not None:
        yield Judged(Kind.UNKNOWN, "an operation of TensorFlow that could not be read", thing.pointer)


def _operator_in(node: Any) -> str | None:
    """Return the operator of a node that stands there as text: JSON, or protobuf's text form."""
    if not isinstance(node, str):
        return None
    found = node.replace('"op"', "op").partition("op:")[2].strip()
    return found[1:].partition('"')[0] if found.startswith('"') else None


def _text(config: Any, key: str) -> str | None:
    value = config.get(key) if isinstance(config, dict) else None
    return value if isinstance(value, str) else None
