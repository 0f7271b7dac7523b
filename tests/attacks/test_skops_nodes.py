"""skops files of safe names only, whose loader runs code, writes over files or keeps what does so later.

Each was a way once: the names were asked, and what the nodes do with them was not.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from attack_streams import is_passed, rules_broken

Node = dict[str, Any]
TEMPLATE = "\nimport os\ndef _parse_args(self, loc=0):\n    return (), loc, 1\n"


def node(loader: str, dotted: str, **more: Any) -> Node:
    module, _, name = dotted.rpartition(".")
    return {"__class__": name, "__module__": module, "__loader__": loader, **more}


def constant(value: Any) -> Node:
    return node("JsonNode", "builtins.str", content=json.dumps(value), is_json=True)


def several(*items: Node, kind: str = "Tuple") -> Node:
    return node(f"{kind}Node", f"builtins.{kind.lower()}", content=list(items))


def mapping(**items: Node) -> Node:
    keys = several(*[node("TypeNode", "builtins.str") for _ in items], kind="List")
    return node("DictNode", "builtins.dict", content=items, key_types=keys)


def instance(dotted: str, **state: Node) -> Node:
    return node("ObjectNode", dotted, content=mapping(**state))


def transformer(function: Node) -> Node:
    return instance("sklearn.preprocessing._function_transformer.FunctionTransformer", func=function)


def array_of(*items: Node) -> Node:
    return node("NdArrayNode", "numpy.ndarray", type="json", shape=several(constant(len(items))), content=list(items))


def file_of(root: Node) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("schema.json", json.dumps(dict(root, protocol=2, _skops_version="0.16.0")))
    return made.getvalue()


LOADS = node("FunctionNode", "torch.storage._load_from_bytes")
PATH = (constant("/tmp/victim"), constant("uint8"), constant("w+"), constant(0), several(constant(4)))
WAYS = {
    "a class writes over a file": node("ConstructorFromReduceNode", "numpy.memmap", content=several(*PATH)),
    "a function loads what it is given": node("ConstructorFromReduceNode", "torch.storage._load_from_bytes"),
    "a function reaches an attribute": node(
        "ConstructorFromReduceNode", "builtins.getattr", content=several(constant("a"), constant("__class__"))
    ),
    "a distribution executes its template": instance(
        "scipy.stats._continuous_distns.norm_gen", _parse_arg_template=constant(TEMPLATE)
    ),
    "a transformer loads what it is given": transformer(LOADS),
    "a transformer maps a file": transformer(node("TypeNode", "numpy.memmap")),
    "a part of a function is kept": node(
        "PartialNode",
        "functools.partial",
        content={"func": LOADS, "args": several(), "kwds": mapping(), "namespace": constant(None)},
    ),
    "a method writes a file": transformer(
        node("MethodNode", "numpy.ndarray", content={"func": "tofile", "obj": array_of(constant(1))})
    ),
    "a vectorizer opens what it is given": instance(
        "sklearn.feature_extraction.text.CountVectorizer", input=constant("filename")
    ),
    "an array is given to a class": node("NdArrayNode", "numpy.memmap", type="numpy", file="a.npy"),
    "keys are given to a class": node(
        "DictNode",
        "builtins.dict",
        content={"/tmp/victim": constant(1)},
        key_types=several(node("TypeNode", "numpy.memmap"), kind="List"),
    ),
    "items are given to a class": node("ListNode", "lightgbm.basic.Booster", content=[constant("model.txt")]),
    "a tree has no state": node("ObjectNode", "sklearn.neighbors._kd_tree.KDTree"),
    "a function lies in a node that another refers to": several(
        dict(mapping(_parse_arg_template=constant(TEMPLATE)), __id__=1),
        node(
            "ObjectNode",
            "scipy.stats._continuous_distns.norm_gen",
            content=node("CachedNode", "builtins.dict", __id__=1),
        ),
    ),
}


@pytest.mark.parametrize("root", WAYS.values(), ids=WAYS)
def test_no_node_does_what_a_pickle_may_not(root: Node) -> None:
    assert rules_broken(file_of(root)) == {"config-dangerous-callable"}


def test_nodes_that_refer_to_what_they_lie_in_are_told_at_once() -> None:
    again = [node("CachedNode", "builtins.list", __id__=1) for _ in range(64)]
    assert not is_passed(file_of(dict(several(*again, kind="List"), __id__=1)))


@pytest.mark.parametrize("odd", [[], {}, 5, None, "x", [[]], {"a": 5}, {"main": 5, "func": []}], ids=repr)
@pytest.mark.parametrize("part", ["__loader__", "content", "__reduce__", "__class__", "__id__", "attrs"])
def test_parts_of_a_wrong_kind_break_nothing(part: str, odd: object) -> None:
    for loader in ("ObjectNode", "DictNode", "DefaultDictNode", "PartialNode", "MethodNode", "LossNode", "NdArrayNode"):
        broken = dict(node(loader, "sklearn.pipeline.Pipeline", content={}), **{part: odd})
        told = rules_broken(file_of(several(broken, node("CachedNode", "builtins.dict", __id__=odd))))
        assert told <= {"config-dangerous-callable", "config-unknown-callable", "file-malformed"}, told


def test_nodes_that_real_files_have_pass() -> None:
    assert is_passed(file_of(transformer(node("FunctionNode", "numpy.log1p"))))
    assert is_passed(file_of(instance("sklearn.feature_extraction.text.CountVectorizer", input=constant("content"))))
    assert is_passed(file_of(array_of(constant(1), constant(None), constant("a"))))
    assert is_passed(file_of(node("ConstructorFromReduceNode", "zoneinfo.ZoneInfo", content=several(constant("UTC")))))
