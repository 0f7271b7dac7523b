"""Rules for the standard library's functions and value types."""

from __future__ import annotations

import re
from typing import Final

from hauberk.callables.arguments.ask import (
    first_unlike,
    holds_conditional,
    is_bytes,
    is_named,
    is_unconditional,
    odd_items,
    odd_keys,
    unlike,
)
from hauberk.callables.arguments.plain import attributes, scalars
from hauberk.callables.arguments.scipy import is_entropy
from hauberk.callables.arguments.sklearn import is_bunch, odd_bunch_items
from hauberk.callables.arguments.torch_values import is_layer
from hauberk.callables.table import allows, called, row_of
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Use

_FRACTION: Final = re.compile(r"-?\d{1,4000}(/\d{1,4000})?", re.ASCII)
_MOST_PATTERN: Final = 4096
_SLOW_ESCAPE: Final = re.compile(r"\\[NuU]")
_MOST_FIELDS: Final = 16  # of a time, for all platforms
_RANDOM_NUMBERS: Final = 625  # of a Mersenne twister, with its position
_MOST_RECORDED: Final = 32  # numbers of a record of the system
_DEBUG: Final = 128  # re.DEBUG
_ENUMERATE: Final = Global("builtins", "enumerate")
_ORDERED: Final = Global("collections", "OrderedDict")


def values(effect: Effect) -> str:
    """Constants, plain containers, and instances of safe value types."""
    if effect.use is Use.BUILD:
        return attributes(effect)
    for argument in effect.arguments:
        if isinstance(argument, Text | Number | Blob | Nothing | Items):
            continue
        if isinstance(argument, Made) and (is_bytes(argument) or allows(argument.callable, "call")):
            continue
        return unlike(argument, "takes constants, plain containers and value types")
    return ""


def containers(effect: Effect) -> str:
    """A plain container, whose length is the stream's own; a number here would be a size to allocate."""
    if any(map(holds_conditional, effect.arguments)):
        return "keeps a function that is not safe with every argument"
    if effect.use is not Use.CALL:
        return attributes(effect) if effect.use is Use.BUILD else ""
    for argument in effect.arguments[:1]:
        if not isinstance(argument, Items) and not is_bytes(argument):
            return unlike(argument, "takes a plain container")
    if is_named(effect.callable, _ORDERED) and not _are_pairs(effect.arguments):
        return "takes pairs, and would iterate over anything else"
    return first_unlike(effect.arguments[1:], (Number, Nothing), "takes constants after the container")


def _are_pairs(arguments: tuple[Symbol, ...]) -> bool:
    held = arguments[0] if arguments else Items("dict", [])
    if not isinstance(held, Items) or held.kind == "dict":
        return True
    return not held.cut and all(isinstance(item, Items) for item in held.items)


def struct_time(effect: Effect) -> str:
    """A tuple of a few numbers and a dict of the others; any other sequence would be written out as a list."""
    match effect.arguments:
        case (Items(kind="tuple" | "list", items=items, cut=False), *rest) if len(items) <= _MOST_FIELDS:
            return first_unlike(tuple(rest), (Items,), "takes a dict after the tuple")
    return "takes a tuple of a few numbers"


def latin1(effect: Effect) -> str:
    """`_codecs.encode(text, 'latin1')`: how pickle writes bytes before protocol 3. Any other codec is code."""
    match effect.arguments:
        case (Text(), Text(value="latin1", cut=False)):
            return ""
    return "only encodes text as latin1"


def reconstructor(effect: Effect) -> str:
    """`copyreg._reconstructor(cls, object, None)`, or the same on `dict` with plain contents."""
    match effect.arguments:
        case (Global() as cls, Global(module="builtins", name="object"), Nothing()) if allows(cls, "new"):
            return ""
        case (Global() as cls, Global(module="builtins", name="dict"), Items(kind="dict") as held) if is_bunch(cls):
            return odd_bunch_items(held)
        case (Global() as cls, Global(module="builtins", name="tuple"), Items(kind="tuple") as held):
            if _has_rule(cls, "record"):
                return "keeps a function that is not safe with every argument" if holds_conditional(held) else ""
        case (Global() as cls, Global(module="builtins", name="dict"), Items(kind="dict") as held):
            if _has_rule(cls, "keyed-matrix"):
                return "keeps a function that is not safe with every argument" if holds_conditional(held) else ""
    return "only makes empty instances of classes that the tables hold"


def _has_rule(cls: Global, rule: str) -> bool:
    row = row_of(cls)
    return row is not None and row[1] == rule


def newobj(effect: Effect) -> str:
    """`copyreg.__newobj__(cls)`: the same as NEWOBJ."""
    match effect.arguments:
        case (Global() as cls,) if allows(cls, "new"):
            return ""
    return "only makes empty instances of classes that the tables hold"


def getattr_(effect: Effect) -> str:
    """A method or member that the tables hold by its dotted name, as `torch._C._VariableFunctionsClass.relu`."""
    match effect.arguments:
        case (Global() as cls, Text(value=name, cut=False)) if allows(
            Global(cls.module, f"{cls.name}.{name}"), "import"
        ):
            return ""
        case (Made(), Text()) if is_entropy(Made(effect.callable, effect.arguments, effect.use, 0)):
            return ""
    return "reaches an attribute that is not in the tables"


def none_type(effect: Effect) -> str:
    """`type(None)`; with three arguments it would make a class."""
    match effect.arguments:
        case (Nothing(),):
            return ""
    return "only gives the type of None"


def fraction(effect: Effect) -> str:
    """Digits: an exponent such as `1e999999999` would be written out."""
    match effect.arguments:
        case (Text(value=text, cut=False),) if _FRACTION.fullmatch(text):
            return ""
        case (Number(value=int()), Number(value=int())):
            return ""
    return "takes two numbers, or digits"


def user_string(effect: Effect) -> str:
    """A text, which is hashed and compared; an object here would be asked for its methods."""
    return odd_items(effect.arguments[0], {"data": (Text,)}) if effect.use is Use.BUILD else scalars(effect)


def uuid(effect: Effect) -> str:
    """BUILD reads `int` and `is_safe` from a dict."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    return odd_items(effect.arguments[0], {"int": (Number,), "is_safe": (Number, Nothing)})


def default_factory(effect: Effect) -> str:
    """A built-in type or nothing: the factory is called by the first look-up that misses."""
    if effect.use is not Use.CALL:
        return containers(effect)
    match effect.arguments:
        case () | (Nothing(),):
            return ""
        case (Global(module="builtins", name="list" | "dict" | "set" | "tuple" | "int" | "float" | "str" | "bool"),):
            return ""
        case (Global(module="collections", name="OrderedDict" | "deque" | "Counter"),):
            return ""
        case (Global(module="torch.amp.grad_scaler", name="_refresh_per_optimizer_state"),):
            return ""
    return "takes a built-in type that makes empty values"


def partial(effect: Effect) -> str:
    """A function that the tables hold without conditions, since nobody could ask them when it is called.

    Or a layer of PyTorch with constants by name, as `partial(LayerNorm, eps=1e-6)`: it can make a layer and no more.
    """
    if effect.use is Use.CALL:
        sole = effect.arguments[0] if len(effect.arguments) == 1 else None
        known = sole is not None and (is_unconditional(sole) or is_layer(sole))
        return "" if known else "wraps a function that is not shown safe"
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[function, Items(kind="tuple") as given, keywords, namespace]),):
            if is_layer(function):
                return odd_keys(namespace) or _odd_settings(given, keywords)
            if not is_unconditional(function) or holds_conditional(given):
                return "wraps a function that is not shown safe"
            return odd_keys(keywords) or odd_keys(namespace)
    return "takes a function, a tuple, a dict and attributes"


def _odd_settings(given: Items, keywords: Symbol) -> str:
    """Say which argument of a layer is more than a constant."""
    if given.cut or not isinstance(keywords, Items) or keywords.kind != "dict" or keywords.cut:
        return "gives a layer arguments that cannot be seen"
    if all(isinstance(one, Number | Text | Nothing) for one in (*given.items, *keywords.items)):
        return odd_keys(keywords)
    return "gives a layer more than constants"


def array_array(effect: Effect) -> str:
    """`array.array` as its own pickles make it: its class, a type code, a format, bytes."""
    match effect.arguments:
        case (Global(module="array", name="array"), Text(), Number(), data) if is_bytes(data):
            return ""
        case (Text(), Items(kind="list")):
            return ""
    return "takes a type code and a list or bytes"


def pattern(effect: Effect) -> str:
    """A short pattern and flags. Ranges of letters beyond ASCII are walked through one by one where case is ignored."""
    match effect.arguments:
        case (Text(value=text, cut=False), Number(value=int() as flags)) if len(text) <= _MOST_PATTERN:
            if not text.isascii() or _SLOW_ESCAPE.search(text):
                return "takes a pattern of ASCII only"
            return "prints while it compiles" if flags & _DEBUG else ""
    return f"takes a pattern of at most {_MOST_PATTERN} characters and flags"


def buffer(effect: Effect) -> str:
    """`io.BytesIO` and `io.StringIO`: contents, position and no attributes."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[held, *rest]),) if isinstance(held, Text) or is_bytes(held):
            return first_unlike(tuple(rest), (Text, Number, Nothing), "takes contents, a position and no attributes")
    return "takes contents, a position and no attributes"


def random_state(effect: Effect) -> str:
    """`random.Random()`, and its state: a version, as many numbers as the generator has, a number or nothing."""
    if effect.use is not Use.BUILD:
        return "" if not effect.arguments else "is made without arguments"
    match effect.arguments:
        case (Items(kind="tuple", items=[Number(), Items(kind="tuple", items=held, count=count), last]),):
            fits = count == _RANDOM_NUMBERS and all(isinstance(one, Number) for one in held)
            return "" if fits and isinstance(last, Number | Nothing) else "takes the numbers of a generator"
    return "takes the whole state of a generator"


def pair_of_numbers(effect: Effect) -> str:
    """Two numbers in slots."""
    if effect.use is not Use.BUILD:
        return scalars(effect)
    match effect.arguments:
        case (Items(kind="tuple", cut=False, items=[Number(), Number()]),):
            return ""
    return "takes two numbers"


def numbers(effect: Effect) -> str:
    """A tuple of a few numbers, and a dict of others, as the records of the system are made."""
    match effect.arguments:
        case (Items(kind="tuple", items=items, cut=False), *rest) if len(items) <= _MOST_RECORDED:
            held = [one for part in rest if isinstance(part, Items) and not part.cut for one in part.items]
            fits = all(isinstance(part, Items) and part.kind == "dict" and not part.cut for part in rest)
            if fits and all(isinstance(one, Number | Text | Nothing) for one in (*items, *held)):
                return ""
    return "takes numbers"


def iterator(effect: Effect) -> str:
    """An iterator over a plain container, and its place; with two arguments it would call the first."""
    if effect.use is Use.BUILD:
        return first_unlike(effect.arguments, (Number,), "takes a place")
    match effect.arguments:
        case (held, *rest) if _is_walked(held) and (not rest or is_named(effect.callable, _ENUMERATE)):
            return first_unlike(tuple(rest), (Number,), "takes a plain container and a number")
    return "takes a plain container"


def _is_walked(held: Symbol) -> bool:
    """Say whether a symbol is a container of the stream, a range, or an iterator over one."""
    return isinstance(held, Items) or called(held, "builtins.range", "builtins.iter")
