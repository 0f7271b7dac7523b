"""Models of LightGBM and XGBoost as text: whether their trees say the same thing everywhere.

Both loaders take the counts, the sizes and the indices of such a file as they stand, and reach through them into
memory. So a child that lies beyond its tree, a count unlike its list, a feature that the model does not have and a node
with two parents, on which a walk may never end, are contradictions. The texts can be long, so they are not parsed: each
list is found by its name, and the n-th list of each name belongs to the n-th tree, whatever their order. Sources:
LightGBM `src/io/gbdt_model_text.cpp`, `src/io/tree.cpp`; XGBoost `src/tree/tree_model.cc`, `src/gbm/gbtree_model.cc`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hauberk.formats.contents import Described
from hauberk.formats.model.spans import MOST_CONTRADICTIONS, Contradiction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LIGHTGBM: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?tree\r?\n(?=[^\0]*?^(?:version|num_class|max_feature_idx)=)", re.MULTILINE
)
XGBOOST: Final = re.compile(rb'"(?:trees|weights)"\s*:\s*\[')
_XGBOOST_TOO: Final = re.compile(rb'"(?:gbtree_model_param|learner_model_param)"\s*:')
_TREE: Final = re.compile(rb"^Tree=", re.MULTILINE)
_LINE: Final = re.compile(rb"^(\w+)=([^\r\n]*)", re.MULTILINE)
_LIST: Final = re.compile(
    rb'"(left_children|right_children|parents|split_indices|split_conditions|tree_info|iteration_indptr|categories|'
    rb'categories_nodes|categories_segments|categories_sizes|weights)"\s*:\s*\[([^\[\]{}"]*)\]'
)
_NUMBER: Final = re.compile(rb'"(num_nodes|num_trees|num_feature|num_class|num_target)"\s*:\s*"?(-?\d{1,20})"?')
_OF_LEAVES: Final = (b"leaf_value", b"leaf_weight", b"leaf_count")
_OF_NODES: Final = (b"split_feature", b"threshold", b"left_child", b"right_child", b"decision_type", b"split_gain")
_OF_TREES: Final = (b"right_children", b"parents", b"split_indices", b"split_conditions")
_NOBODY: Final = (1 << 31) - 1  # the parent of a root, and the feature of a node that was pruned


@dataclass(frozen=True, slots=True, kw_only=True)
class TreesDescription(Described):
    """Where the trees of a model contradict each other or the file, the first `MOST_CONTRADICTIONS`."""

    contradictions: tuple[Contradiction, ...] = ()


def read(data: bytes) -> TreesDescription | None:
    """Return what is wrong with the trees of a text, or None where it is no model of either program."""
    if LIGHTGBM.match(data):
        seen, name = _lightgbm(data), "lightgbm-text"
    elif XGBOOST.search(data) and _XGBOOST_TOO.search(data):
        seen, name = _xgboost(data), "xgboost-json"
    else:
        return None
    kept = [one for one, _ in zip(seen, range(MOST_CONTRADICTIONS), strict=False)]
    return replace(TreesDescription(contradictions=tuple(kept)), format=name)


def _lightgbm(data: bytes) -> Iterator[Contradiction]:
    places = [match.start() for match in _TREE.finditer(data)]
    first = places[0] if places else len(data)
    head = dict(_LINE.findall(data[:first]))
    features = _whole(head.get(b"max_feature_idx", b"0"))
    yield from _sizes(data, places, head.get(b"tree_sizes"))
    end = data.find(b"\nend of trees", places[-1] if places else 0)
    for start, stop in zip(places, [*places[1:], end if end > 0 else len(data)], strict=False):
        for saw in _leafwise(dict(_LINE.findall(data[start:stop])), features):
            yield Contradiction(start, saw)


def _sizes(data: bytes, places: list[int], said: bytes | None) -> Iterator[Contradiction]:
    """The loader jumps from tree to tree by these sizes, and does not look where it lands."""
    if said is None or b"\r\n" in data[:256]:
        return
    sizes = _numbers(said)
    if sizes is None or len(sizes) != len(places):
        count = "not numbers" if sizes is None else f"of {len(sizes)}"
        yield Contradiction(0, f"tree_sizes {count}, where {len(places)} trees are")
        return
    at = places[0] if places else 0
    for number, (place, size) in enumerate(zip(places, sizes, strict=True)):
        if at != place:
            yield Contradiction(place, f"by tree_sizes, tree {number} begins at byte {at}, and it begins at {place}")
            return
        at += size
    if places and not data[at : at + 16].lstrip().startswith(b"end of trees"):
        yield Contradiction(places[-1], f"by tree_sizes, the trees end at byte {at}, and they do not")


def _leafwise(lines: dict[bytes, bytes], features: int | None) -> Iterator[str]:
    """A tree of n leaves has n - 1 nodes; a child below zero is a leaf, counted from -1 down."""
    leaves = _whole(lines.get(b"num_leaves", b""))
    if leaves is None or leaves < 1:
        yield f"num_leaves is {_shown(lines.get(b'num_leaves', b''))}"
        return
    for name, count in (*((n, leaves) for n in _OF_LEAVES), *((n, leaves - 1) for n in _OF_NODES)):
        said = lines.get(name, b"").split()
        if (said or name in (b"leaf_value", b"left_child", b"right_child")) and len(said) != count:
            yield f"{len(said)} of {name.decode()}, where num_leaves={leaves} makes {count}"
    left, right = (_numbers(lines.get(name, b"")) for name in (b"left_child", b"right_child"))
    split = _numbers(lines.get(b"split_feature", b""))
    if left is None or right is None or split is None:
        yield "a child or a feature that is no whole number"
        return
    yield from _children([*left, *right], leaves - 1, lambda child: child < 0 and ~child < leaves)
    if features is not None and any(not 0 <= one <= features for one in split):
        yield f"split_feature {max(split, key=abs)}, where max_feature_idx is {features}"
    yield from _categories(lines)


def _categories(lines: dict[bytes, bytes]) -> Iterator[str]:
    count = _whole(lines.get(b"num_cat", b"0"))
    bounds = _numbers(lines.get(b"cat_boundaries", b"")) or []
    bits = lines.get(b"cat_threshold", b"").split()
    if count is None or count < 0:
        yield f"num_cat is {_shown(lines[b'num_cat'])}"
    elif count and (len(bounds) != count + 1 or bounds != sorted(bounds) or bounds[0] != 0 or bounds[-1] > len(bits)):
        yield f"num_cat={count} with {len(bounds)} boundaries and {len(bits)} thresholds"


def _children(children: Sequence[int], nodes: int, is_leaf: Callable[[int], bool]) -> Iterator[str]:
    """Each node but the first has one parent."""
    seen: set[int] = set()
    for child in children:
        if is_leaf(child):
            continue
        if not 0 < child < nodes:
            yield f"a child {child} in a tree of {nodes} nodes"
            return
        if child in seen:
            yield f"the node {child} has two parents"
            return
        seen.add(child)


def _xgboost(data: bytes) -> Iterator[Contradiction]:
    lists: dict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for match in _LIST.finditer(data):
        lists[match[1]].append((match.start(), match[2]))
    said: dict[bytes, list[int]] = defaultdict(list)
    for match in _NUMBER.finditer(data):
        said[match[1]].append(int(match[2]))
    trees = lists[b"left_children"]
    counts = {name: len(lists[name]) for name in _OF_TREES} | {b"num_nodes": len(said[b"num_nodes"])}
    for name, count in counts.items():
        if count != len(trees):
            yield Contradiction(0, f"{count} of {name.decode()}, where {len(trees)} of left_children are")
            return
    groups = max(1, *said[b"num_class"], *said[b"num_target"], 1)
    yield from _forest(said, lists, len(trees), groups)
    features = max(said[b"num_feature"], default=0)
    for number, (at, left) in enumerate(trees):
        columns = [left, *(lists[name][number][1] for name in _OF_TREES)]
        for saw in _depthwise(columns, said[b"num_nodes"][number], features):
            yield Contradiction(at, saw)
    yield from _sets(lists, said[b"num_nodes"])


def _forest(
    said: dict[bytes, list[int]], lists: dict[bytes, list[tuple[int, bytes]]], trees: int, groups: int
) -> Iterator[Contradiction]:
    for count in said[b"num_trees"]:
        if count != trees:
            yield Contradiction(0, f"num_trees is {count}, where {trees} trees are")
    for at, text in lists[b"tree_info"]:
        info = _numbers(text)
        if info is None or len(info) != trees or any(not 0 <= one < groups for one in info):
            yield Contradiction(at, f"tree_info that does not give {trees} trees one of {groups} outputs each")
    for at, text in lists[b"iteration_indptr"]:
        steps = _numbers(text)
        if steps is None or steps != sorted(steps) or (steps and (steps[0] != 0 or steps[-1] != trees)):
            yield Contradiction(at, f"iteration_indptr that does not lead from 0 to {trees} trees")
    for at, text in lists[b"weights"]:
        if any(count < 0 or count > text.count(b",") + 1 for count in said[b"num_feature"]):
            yield Contradiction(at, "fewer weights than features")


def _depthwise(columns: list[bytes], nodes: int, features: int) -> Iterator[str]:
    if any(len(column.split(b",")) != nodes for column in columns):
        yield f"num_nodes is {nodes}, and lists of {sorted({len(column.split(b',')) for column in columns})} are there"
        return
    left, right, parents, split = (_numbers(column) for column in columns[:4])
    if left is None or right is None or parents is None or split is None or not len(left) == len(right) == len(split):
        yield "a child, a parent or a feature that is no whole number"
        return
    if any((one == -1) != (two == -1) for one, two in zip(left, right, strict=False)):
        yield "a node with one child"
    yield from _children([*left, *right], nodes, lambda child: child == -1)
    if any(not (0 <= one < nodes or one in (_NOBODY, -1)) for one in parents):
        yield f"a parent beyond the {nodes} nodes"
    if any(one < 0 for one in split):
        yield "a feature below zero"
    if any(child != -1 and one >= features for one, child in zip(split, left, strict=False)):
        yield f"a split by a feature beyond the {features} of the model"


def _sets(lists: dict[bytes, list[tuple[int, bytes]]], nodes: list[int]) -> Iterator[Contradiction]:
    """Which categories go left: of a node, from a segment on, so many."""
    names = (b"categories", b"categories_nodes", b"categories_segments", b"categories_sizes")
    if any(lists[name] for name in names[1:]) and any(len(lists[name]) != len(nodes) for name in names):
        yield Contradiction(0, "lists of categories that not every tree has")
        return
    for *rows, count in zip(*(lists[name] for name in names), nodes, strict=False):
        values, owners, segments, sizes = (_numbers(text) for _, text in rows)
        if values is None or owners is None or segments is None or sizes is None:
            yield Contradiction(rows[0][0], "a category that is no whole number")
        elif not len(owners) == len(segments) == len(sizes) or any(
            not (0 <= owner < count and start >= 0 and size >= 0 and start + size <= len(values))
            for owner, start, size in zip(owners, segments, sizes, strict=False)
        ):
            yield Contradiction(rows[0][0], f"categories beyond the {len(values)} that are there")


def _numbers(text: bytes) -> list[int] | None:
    """Return whole numbers between blanks or commas, None where one is none."""
    try:
        return [int(word) for word in text.replace(b",", b" ").split()]
    except ValueError:
        return None


def _whole(text: bytes) -> int | None:
    return int(text) if re.fullmatch(rb"-?[0-9]{1,18}", text) else None


def _shown(text: bytes) -> str:
    return text[:40].decode("utf-8", "replace") or "not there"
