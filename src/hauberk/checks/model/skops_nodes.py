"""What the nodes of a skops schema make, judged by the rules that hold for pickles.

skops asks which names a file may use, and then calls and fills what they name as the file says. A name that is safe in
a pickle with some arguments only is no safer here: a distribution executes a template of its state, `numpy.memmap`
writes over a file, a kept function is called later. Source: `skops/io/_general.py`, `_numpy.py`, `_sklearn.py`, 0.16.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hauberk.callables.arguments.ask import holds_conditional
from hauberk.callables.judge import judge
from hauberk.callables.judgement import Judgement, Tier
from hauberk.callables.table import row_of
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Symbol, Text, Unknown, Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST: Final = 64
_MOST_ITEMS: Final = 256  # of a container, as the pickle machine keeps them
_CONTAINERS: Final = {"ListNode": "list", "TupleNode": "tuple", "SetNode": "set"}
_PLAIN: Final = frozenset(
    {"builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.dict", "builtins.str"}
    | {"collections.OrderedDict", "collections.defaultdict", "sklearn.utils._bunch.Bunch"}
)
_NAMED: Final = frozenset({"TypeNode", "FunctionNode"})
_CALLED: Final = frozenset({"ConstructorFromReduceNode", "OperatorFuncNode"})
_REDUCED: Final = frozenset({"ReduceNode", "LossNode", "TreeNode", "SGDNode", "CFLossNode", "QuantileForestNode"})
_FILLED: Final = frozenset({"ObjectNode", "PartialNode", *_REDUCED})
_READ: Final = frozenset(  # arrays, generators and bytes, which these nodes read without asking a method of the file's
    {"NdArrayNode", "MaskedArrayNode", "RandomStateNode", "RandomGeneratorNode", "SparseMatrixNode", "DTypeNode",
     "BytesNode", "BytearrayNode", "SliceNode", "CachedNode", "JsonNode"}
)  # fmt: skip
_OFFSET: Final = 0
_EMPTY_MAKER: Final = "newObj"  # by which a pickle makes trees and metrics, whose state is then given whole
_ARRAY: Final = Global("numpy", "ndarray")
_EMPTY: Final = Global("numpy._core.multiarray", "_reconstruct")
_SCALAR: Final = Global("numpy._core.multiarray", "scalar")
_PARTIAL: Final = Global("functools", "partial")
_ZONE: Final = ("zoneinfo", "ZoneInfo")
_UNPICKLE_ZONE: Final = Global("zoneinfo", "ZoneInfo._unpickle")


class Nodes:
    """The nodes of one schema as symbols, each made once."""

    def __init__(self, places: Mapping[str, Any]) -> None:
        """Take the nodes by their `__id__`, to which other nodes refer."""
        self._places = places
        self._made: dict[int, Symbol] = {}

    def odd(self, node: Mapping[str, Any]) -> Judgement | None:
        """Return what is wrong with what a node does with a name that the tables hold, None where nothing is."""
        name = _name(node)
        if row_of(name) is None:
            return None
        for effect in self._effects(node, name):
            found = judge(effect)
            if found.tier is not Tier.SAFE:
                return Judgement(Tier.DANGEROUS, found.capability, str(name), found.why)
        if _keeps(node) and holds_conditional(name):
            why = "is kept, and nobody can ask for its arguments when it is called"
            return Judgement(Tier.DANGEROUS, None, str(name), why)
        return None

    def _effects(self, node: Mapping[str, Any], name: Global) -> Iterator[Effect]:
        loader, content, made = _loader(node), node.get("content"), self.symbol(node)
        if loader in _CALLED:
            yield _called(name, self.symbol(node.get("attrs" if loader == "OperatorFuncNode" else "content")))
        elif loader == "ObjectNode" and isinstance(made, Made):
            yield Effect(made.use, made.callable, made.arguments, _OFFSET)
        elif loader == "MethodNode":
            method = content.get("func") if isinstance(content, dict) else None
            yield Effect(Use.CALL, Global("builtins", "getattr"), (name, _constant(method)), _OFFSET)
        elif loader in _REDUCED and row_of(name):
            reduce = node.get("__reduce__")
            yield _called(name, self.symbol(reduce.get("args") if isinstance(reduce, dict) else None))
        elif (loader in _CONTAINERS or loader == "DictNode") and str(name) not in _PLAIN:
            yield Effect(Use.CALL, name, (Unknown("a container"),), _OFFSET)
        if loader in _FILLED and isinstance(made, Made) and made.state is not None and not _is_empty(made.state):
            yield Effect(Use.BUILD, made, (made.state,), _OFFSET)

    def symbol(self, node: Any, depth: int = _DEEPEST) -> Symbol:
        """Return what a node makes, as the pickle machine would show it."""
        if not isinstance(node, dict) or depth == 0:
            return Unknown("no node, or one that lies too deep")
        known = self._made.get(id(node))
        if known is None:
            self._made[id(node)] = Unknown("a node that refers to itself")
            known = self._made[id(node)] = self._symbol(node, _loader(node), depth - 1)
        return known

    def _symbol(self, node: Mapping[str, Any], loader: str, depth: int) -> Symbol:
        content, name = node.get("content"), _name(node)
        if loader == "JsonNode":
            return _json(content)
        if loader in _CONTAINERS:
            return self._items(_CONTAINERS[loader], content if isinstance(content, list) else [], depth)
        if loader == "DictNode":
            return self._dict(content, depth)
        if loader == "DefaultDictNode":
            return self.symbol(content.get("main") if isinstance(content, dict) else None, depth)
        if loader in _NAMED:
            return name
        if loader == "NdArrayNode":
            return self._array(node, name, depth)
        if loader in ("BytesNode", "BytearrayNode"):
            return Blob(0, _OFFSET)
        if loader == "CachedNode":
            return self.symbol(self._places.get(str(node.get("__id__"))), depth)
        if loader == "PartialNode" and isinstance(content, dict):
            parts = [content.get(part) for part in ("func", "args", "kwds", "namespace")]
            return Made(_PARTIAL, (), Use.CALL, _OFFSET, self._items("tuple", parts, depth))
        if loader in _REDUCED or loader == "ObjectNode":
            state = self.symbol(content, depth) if content is not None else None
            maker = Global(name.module, _EMPTY_MAKER)
            if state is not None and row_of(maker):
                return Made(maker, (name,), Use.CALL, _OFFSET, state)
            return Made(name, (), Use.NEW, _OFFSET, state)
        return Made(name, (), Use.CALL, _OFFSET) if loader in (*_CALLED, *_READ) else Unknown(f"a {loader[:32]}")

    def _items(self, kind: str, nodes: list[Any], depth: int) -> Items:
        items = [self.symbol(node, depth) for node in nodes[:_MOST_ITEMS]]
        return Items(kind, items, len(nodes) > _MOST_ITEMS, len(nodes))

    def _dict(self, content: Any, depth: int) -> Symbol:
        if not isinstance(content, dict):
            return Unknown("a dict without content")
        pairs = list(content.items())
        items = [one for key, node in pairs[:_MOST_ITEMS] for one in (Text(str(key)), self.symbol(node, depth))]
        return Items("dict", items, len(pairs) > _MOST_ITEMS, 2 * len(pairs))

    def _array(self, node: Mapping[str, Any], name: Global, depth: int) -> Symbol:
        """Return an array of numbers or, where its items are nodes, of objects; or a number of NumPy."""
        if node.get("type") == "json":
            content = node.get("content")
            held = self._items("list", content if isinstance(content, list) else [], depth)
            state = Items("tuple", [Number(1), Nothing(), Nothing(), Number(value=False), held])
            return Made(_EMPTY, (_ARRAY,), Use.CALL, _OFFSET, state)
        return Made(_EMPTY if name == _ARRAY else _SCALAR, (_ARRAY,), Use.CALL, _OFFSET)


def _name(node: Mapping[str, Any]) -> Global:
    return Global(str(node.get("__module__", "")), str(node.get("__class__", "")), _OFFSET)


def _keeps(node: Mapping[str, Any]) -> bool:
    """Say whether a node gives a name itself, or calls it with an array."""
    return _loader(node) in (*_NAMED, "NdArrayNode")


def _loader(node: Mapping[str, Any]) -> str:
    return str(node.get("__loader__"))


def _called(name: Global, given: Symbol) -> Effect:
    """Return the call of a name; of a time zone the one that a pickle has."""
    whole = isinstance(given, Items) and given.kind in ("tuple", "list") and not given.cut
    arguments = tuple(given.items) if whole and isinstance(given, Items) else (Unknown("arguments"),)
    return Effect(Use.CALL, _UNPICKLE_ZONE if (name.module, name.name) == _ZONE else name, arguments, _OFFSET)


def _is_empty(state: Symbol) -> bool:
    return isinstance(state, Nothing) or (isinstance(state, Items) and not state.items and not state.cut)


def _json(content: Any) -> Symbol:
    try:
        return _constant(json.loads(content) if isinstance(content, str) else content)
    except (ValueError, RecursionError):
        return Unknown("JSON that cannot be read")


def _constant(value: Any, depth: int = _DEEPEST) -> Symbol:
    if value is None:
        return Nothing()
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, int | float):
        return Number(value)
    if depth == 0 or not isinstance(value, list | dict):
        return Unknown("JSON that is nested too deep")
    if isinstance(value, list):
        items = [_constant(one, depth - 1) for one in value[:_MOST_ITEMS]]
        return Items("list", items, len(value) > _MOST_ITEMS, len(value))
    pairs = [one for key, held in list(value.items())[:_MOST_ITEMS] for one in (Text(key), _constant(held, depth - 1))]
    return Items("dict", pairs, len(value) > _MOST_ITEMS, 2 * len(value))
