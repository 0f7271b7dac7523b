"""Which constants a path in a TensorFlow graph can be made of.

Saving and restoring are in every SavedModel, with a path that comes from whoever saves. What matters is whether the
graph brings the path along, so an input is followed backwards through nodes, into called functions, and out of a
function to its callers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# Where these operators take a path: the numbers of their inputs. All of them are ordinary with a path from outside.
PATHS: Final = {
    "SaveV2": (0,),
    "Save": (0,),
    "SaveSlices": (0,),
    "MergeV2Checkpoints": (0, 1),
    "RestoreV2": (0,),
    "Restore": (0,),
    "RestoreSlice": (0,),
    "LoadAndRemapMatrix": (0,),
    "GenerateVocabRemapping": (0, 1),
    "InitializeTableFromTextFile": (1,),
    "InitializeTableFromTextFileV2": (1,),
    "CacheDataset": (1,),
    "CacheDatasetV2": (1,),
}
# Restoring old models splits and reduces paths in many ways, and what is restored has to be a checkpoint.
RESTORERS: Final = frozenset({"RestoreV2", "Restore", "RestoreSlice"})
DEFAULT_PATHS: Final = frozenset({"model", ""})  # of a saver of TensorFlow before 1.1; of a cache in memory
WRITERS: Final = frozenset({"SaveV2", "Save", "SaveSlices", "MergeV2Checkpoints", "CacheDataset", "CacheDatasetV2"})
# What a saver that TensorFlow wrote makes its path with.
_ORDINARY: Final = """
    Const Placeholder PlaceholderWithDefault PlaceholderV2 Identity IdentityN StringJoin Select SelectV2 ShardedFilename
    Pack ConcatV2 Reshape ExpandDims StaticRegexFullMatch PartitionedCall StatefulPartitionedCall AddV2 Add If
    StatelessIf Case StatelessCase While StatelessWhile Switch Merge Enter Exit NextIteration VarHandleOp ReadVariableOp
    HashTableV2 MutableHashTableV2 NoOp ShardedFilespec StridedSlice LookupTableExportV2 MutableDenseHashTableV2
"""
ORDINARY: Final = frozenset(_ORDINARY.split())
_MOST_STEPS: Final = 20_000
_MOST_STEPS_OF_A_FILE: Final = 1_000_000
CUT: Final = "\x00and more"  # stands for the texts of a constant that were not kept


class Node(NamedTuple):
    """What is kept of a node: a tuple, because graphs have hundreds of thousands."""

    operator: str
    inputs: tuple[str, ...]
    offset: int
    texts: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(slots=True)
class Scope:
    """The nodes of a graph or of a function by their names, and a function's arguments in their order.

    `ordered` is whether each argument is one input of a call.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    arguments: dict[str, int] = field(default_factory=dict)
    ordered: bool = True


@dataclass(slots=True)
class Origin:
    """What an input can be made of: constants, and operators that are not ordinary for a path.

    `given` is whether whoever runs the graph gives a part of it.
    """

    texts: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    whole: bool = True
    given: bool = False


class Flow:
    """All scopes of one file: the graph under an empty name, each function under its own."""

    def __init__(self, scopes: dict[str, Scope]) -> None:
        self._scopes = scopes
        self._left = _MOST_STEPS_OF_A_FILE
        self._callers: dict[str, list[tuple[str, Node]]] = {}
        for name, scope in scopes.items():
            for node in scope.nodes.values():
                for called in node.functions:
                    self._callers.setdefault(called, []).append((name, node))

    def origin(self, scope: str, inputs: tuple[str, ...]) -> Origin:
        """Return what inputs of a node of a scope can be made of."""
        found = Origin()
        waiting = deque((scope, one) for one in inputs)
        seen: set[tuple[str, str]] = set()
        while waiting and self._left >= 0:
            within, name = waiting.popleft()
            name = name.partition(":")[0]
            if name.startswith("^") or (within, name) in seen:
                continue
            seen.add((within, name))
            node = self._scopes[within].nodes.get(name)
            more = self._behind(within, name, found) if node is None else self._before(within, node, found)
            self._left -= 1 + len(more)
            if len(seen) > _MOST_STEPS or self._left < 0:
                found.whole = False
                break
            waiting.extend(more)
        found.whole &= self._left >= 0
        return found

    def _before(self, within: str, node: Node, found: Origin) -> list[tuple[str, str]]:
        """Return what a node is made of, and note what it is."""
        found.texts += [text for text in node.texts[: _MOST_STEPS - len(found.texts)] if text != CUT]
        found.whole &= CUT not in node.texts
        found.given |= node.operator.startswith("Placeholder")
        if node.operator not in ORDINARY and node.operator not in found.strange:
            found.strange.append(node.operator)
        called = [name for name in node.functions if name in self._scopes and name not in found.called]
        found.called.update(called)
        inner = [(name, one) for name in called for one in self._scopes[name].nodes]
        return [*((within, one) for one in node.inputs), *inner]

    def _behind(self, within: str, name: str, found: Origin) -> list[tuple[str, str]]:
        """Return what the callers of a function give for its argument."""
        scope = self._scopes[within]
        index = scope.arguments.get(name)
        if index is None:
            return []
        calls = self._callers.get(within, ())
        found.given |= not calls
        if not scope.ordered:
            return [(caller, one) for caller, node in calls for one in node.inputs]
        return [(caller, node.inputs[index]) for caller, node in calls if index < len(node.inputs)]
