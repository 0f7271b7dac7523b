"""ONNX, TensorFlow and TFLite: graphs whose operators reach files, code and the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.malicious.containers import EVIL
from corpus.malicious.flat import tflite_model
from corpus.packing import plain_zip, proto
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = {"static": "needs the framework's own loader"}
PATHS = {
    "parents": "../../../etc/passwd", "absolute": "/etc/passwd", "parents-inside": "a/../../secret", "backslashes": "..\\..\\secret",
    "drive": "C:\\secret", "current-then-parents": "./../x", "double-slash": "//host/share", "url": "http://host.invalid/w",
    "file-url": "file:///etc/passwd", "nul": "w.bin\0/../../x", "home": "~/.ssh/id_rsa", "proc": "/proc/self/mem", "empty": "",
    "trailing-parent": "a/..",
}  # fmt: skip


def onnx_tensor(name: str, location: str, **more: str) -> bytes:
    entries = [proto((1, "location"), (2, location)), *(proto((1, key), (2, value)) for key, value in more.items())]
    return proto((1, 4), (2, 1), *((13, entry) for entry in entries), (8, name), (14, 1))


def onnx(nodes: list[bytes], tensors: list[bytes], *more: tuple[int, bytes]) -> bytes:
    value = proto((1, "x"), (2, proto((1, proto((1, 1), (2, proto((1, proto((1, 4))))))))))
    graph = proto(
        *((1, node) for node in nodes), (2, "g"), *((5, tensor) for tensor in tensors), (11, value), (12, value)
    )
    return proto((1, 8), (2, "pytorch"), (3, "2.0"), (7, graph), (8, proto((1, ""), (2, 17))), *more)


def node(kind: str, domain: str = "", *attributes: bytes) -> bytes:
    return proto(
        (1, "x"),
        (1, "w"),
        (2, "x"),
        (3, kind),
        (4, kind),
        *((5, a) for a in attributes),
        *(((7, domain),) if domain else ()),
    )


def samples() -> Iterator[Sample]:
    """Yield the graphs."""
    yield from _onnx()
    yield from _tensorflow()
    yield from _tflite()


def _onnx() -> Iterator[Sample]:
    yield from _onnx_external()
    yield from _onnx_links()
    yield from _onnx_operators()
    yield from _onnx_structure()


def _onnx_external() -> Iterator[Sample]:
    for name, path in PATHS.items():
        data = onnx([node("Add")], [onnx_tensor("w", path)])
        yield file("onnx-external", name, "model.onnx", data, "CVE-2024-27318", **STATIC)
    inside = onnx_tensor("w", "../../etc/passwd")
    attribute = proto((1, "value"), (5, inside), (20, 4))
    yield file(
        "onnx-external",
        "in-an-attribute",
        "model.onnx",
        onnx([node("Constant", "", attribute)], []),
        "CVE-2026-27489",
        **STATIC,
    )
    sub = proto((1, node("Add")), (2, "s"), (5, inside))
    yield file(
        "onnx-external",
        "in-a-subgraph",
        "model.onnx",
        onnx([node("If", "", proto((1, "then_branch"), (6, sub), (20, 5)))], []),
        "CVE-2026-27489",
        **STATIC,
    )
    function = proto((1, "f"), (7, node("Constant", "", attribute)), (10, "local"))
    yield file(
        "onnx-external",
        "in-a-function",
        "model.onnx",
        onnx([node("f", "local")], [], (25, function)),
        "CVE-2026-27489",
        **STATIC,
    )
    sparse = proto((1, inside), (2, inside), (3, 4))
    yield file(
        "onnx-external",
        "in-a-sparse-tensor",
        "model.onnx",
        onnx([node("Add")], [])[:0] + proto((1, 8), (2, "x"), (7, proto((2, "g"), (15, sparse)))),
        "CVE-2026-27489",
        **STATIC,
    )
    training = proto((1, proto((2, "t"), (5, inside))))
    yield file(
        "onnx-external",
        "in-training-info",
        "model.onnx",
        onnx([node("Add")], [], (20, training)),
        "CVE-2026-27489",
        **STATIC,
    )


def _onnx_links() -> Iterator[Sample]:
    for name, links in {"symlink": "/etc/passwd", "symlink-parents": "../../../../etc/passwd"}.items():
        yield Sample(
            "onnx-external",
            name,
            {"model.onnx": onnx([node("Add")], [onnx_tensor("w", "weights.bin")])},
            "CVE-2026-34447",
            links={"weights.bin": links},
            **STATIC,
        )
    yield file(
        "onnx-external",
        "offset-huge",
        "model.onnx",
        onnx([node("Add")], [onnx_tensor("w", "../w", offset=str(1 << 62), length="-1")]),
        "CVE-2022-25882",
        **STATIC,
    )


def _onnx_operators() -> Iterator[Sample]:
    for kind, domain in (
        ("PyOp", "ai.onnx.contrib"),
        ("PythonOp", "com.microsoft"),
        ("PyOp", "pyopmulti_1"),
        ("Evil", "com.evil"),
        ("ExternalCustomOp", "ai.onnx.contrib"),
        ("ATen", "org.pytorch.aten"),
        ("TorchScript", "com.microsoft.torch"),
        ("BertTokenizer", "custom.ops"),
    ):
        yield file(
            "onnx-operator",
            f"{kind}-{domain}",
            "model.onnx",
            onnx([node(kind, domain)], [], (8, proto((1, domain), (2, 1)))),
            **STATIC,
        )
    hidden = proto((1, node("PyOp", "ai.onnx.contrib")), (2, "s"))
    yield file(
        "onnx-operator",
        "in-a-subgraph",
        "model.onnx",
        onnx([node("Loop", "", proto((1, "body"), (6, hidden), (20, 5)))], []),
        **STATIC,
    )
    yield file(
        "onnx-operator",
        "in-a-function",
        "model.onnx",
        onnx([node("f", "local")], [], (25, proto((1, "f"), (7, node("PyOp", "ai.onnx.contrib")), (10, "local")))),
        **STATIC,
    )


def _onnx_structure() -> Iterator[Sample]:
    yield file(
        "onnx-structure", "metadata-holds-a-pickle-behind", "model.onnx", onnx([node("Add")], []) + EVIL, **STATIC
    )
    yield file(
        "onnx-structure", "zip-behind", "model.onnx", onnx([node("Add")], []) + plain_zip({"data.pkl": EVIL}), **STATIC
    )
    yield file("onnx-structure", "cut", "model.onnx", onnx([node("Add")], [])[:-7], **STATIC)
    yield file(
        "onnx-structure",
        "length-overflow",
        "model.onnx",
        b"\x08\x08\x12\x07pytorch\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(8),
        **STATIC,
    )
    yield file("onnx-structure", "subgraphs-without-end", "model.onnx", _deep(), **STATIC)
    yield file(
        "onnx-structure",
        "dimensions-overflow",
        "model.onnx",
        onnx([node("Add")], [proto((1, 1 << 62), (1, 1 << 62), (2, 1), (8, "w"), (9, b"1234"))]),
        **STATIC,
    )


def _deep() -> bytes:
    graph = proto((2, "g"))
    for _ in range(300):
        graph = proto((1, node("If", "", proto((1, "then_branch"), (6, graph), (20, 5)))), (2, "g"))
    return proto((1, 8), (2, "pytorch"), (7, graph))


OPERATORS = ("ReadFile", "WriteFile", "PyFunc", "PyFuncStateless", "EagerPyFunc", "Save", "SaveV2", "SaveSlices", "MatchingFiles", "PrintV2", "DebugIdentityV3", "SaveDataset", "SaveDatasetV2", "LoadDataset", "TFRecordDataset", "TextLineReader", "FixedLengthRecordDataset", "WholeFileReaderV2", "LookupTableImport", "InitializeTableFromTextFileV2", "CustomEvilOp", "RpcCall", "MergeV2Checkpoints", "ShardedFilename", "WriteAudioSummary", "CreateSummaryFileWriter", "OneShotIterator", "GeneratorDataset", "TPUExecute", "XlaLaunch", "StatsAggregatorSetSummaryWriter", "LMDBReader", "SqlDataset", "IO>FileRead", "AudioSpectrogramEvil")  # fmt: skip
HARMLESS = {
    "ShardedFilename",
    "XlaLaunch",
    "OneShotIterator",
    "GeneratorDataset",
    "TPUExecute",
    "AudioSpectrogramEvil",
    "RpcCall",
}


def tf_node(name: str, kind: str, *inputs: str) -> bytes:
    return proto((1, name), (2, kind), *((3, i) for i in inputs), (5, proto((1, "dtype"), (2, proto((6, 7))))))


def graph_def(*nodes: bytes, library: bytes = b"") -> bytes:
    return proto(*((1, n) for n in nodes), *(((2, library),) if library else ()), (4, proto((1, 1482))))


def saved_model(graph: bytes) -> bytes:
    meta = proto((1, proto((4, "serve"), (5, "2.21.0"))), (2, graph))
    return proto((1, 1), (2, meta))


def _tensorflow() -> Iterator[Sample]:
    yield from _operators_in_graphs()
    yield from _forms_of_graphs()


def _operators_in_graphs() -> Iterator[Sample]:
    const = tf_node("c", "Const")
    for kind in OPERATORS:
        if kind in HARMLESS:
            continue
        graph = graph_def(const, tf_node("x", kind, "c"))
        files = {
            "saved_model.pb": saved_model(graph),
            "fingerprint.pb": proto((1, 1)),
            "variables/variables.index": b"\0" * 48,
        }
        yield Sample("saved-model", kind.replace(">", "-"), files, **STATIC)
    for kind in ("ReadFile", "WriteFile", "PyFunc", "EagerPyFunc"):
        evil = tf_node("x", kind, "c")
        yield file("saved-model", f"file-{kind}", "saved_model.pb", saved_model(graph_def(const, evil)), **STATIC)
        yield file("graph-def", f"frozen-{kind}", "frozen.pb", graph_def(const, evil), **STATIC)
        function = proto((1, proto((1, "f"))), (3, evil))
        yield file(
            "graph-def", f"in-a-function-{kind}", "frozen.pb", graph_def(const, library=proto((1, function))), **STATIC
        )
        yield file(
            "saved-model",
            f"in-a-function-{kind}",
            "saved_model.pb",
            saved_model(graph_def(const, library=proto((1, function)))),
            **STATIC,
        )
        yield file(
            "saved-model",
            f"second-meta-graph-{kind}",
            "saved_model.pb",
            saved_model(graph_def(const)) + proto((2, proto((2, graph_def(evil))))),
            **STATIC,
        )


def _forms_of_graphs() -> Iterator[Sample]:
    const = tf_node("c", "Const")
    text = 'node { name: "x" op: "WriteFile" input: "a" input: "b" }\nversions { producer: 1482 }\n'
    yield file("graph-def", "text", "graph.pbtxt", text.encode(), **STATIC)
    yield Sample(
        "saved-model",
        "text",
        {"saved_model.pbtxt": f"saved_model_schema_version: 1\nmeta_graphs {{ graph_def {{ {text} }} }}\n".encode()},
        **STATIC,
    )
    yield Sample(
        "saved-model",
        "assets-run",
        {"saved_model.pb": saved_model(graph_def(const)), "assets/vocabulary.txt": EVIL},
        **STATIC,
    )
    yield Sample(
        "saved-model",
        "keras-metadata-lambda",
        {
            "saved_model.pb": saved_model(graph_def(const)),
            "keras_metadata.pb": proto(
                (
                    1,
                    proto(
                        (1, 1),
                        (3, "root"),
                        (4, "_tf_keras_layer"),
                        (
                            5,
                            '{"class_name": "Lambda", "config": {"function": {"class_name": "__tuple__", "items": ["4wEAAAA=\\n", null, null]}, "function_type": "lambda"}}',
                        ),
                    ),
                )
            ),
        },
        **STATIC,
    )
    asset = proto((1, proto((1, proto((4, "serve"))))), (6, proto((2, "../../../etc/passwd"))))
    yield file(
        "saved-model",
        "asset-traversal",
        "saved_model.pb",
        proto(
            (1, 1),
            (
                2,
                proto(
                    (1, proto((4, "serve"))),
                    (2, graph_def(const)),
                    (6, proto((1, proto((1, "a"))), (2, "../../../etc/passwd"))),
                ),
            ),
        )
        + asset[:0],
        **STATIC,
    )


def _tflite() -> Iterator[Sample]:
    for name, codes in {
        "flex-write-file": [(32, "FlexWriteFile")], "flex-read-file": [(32, "FlexReadFile")], "flex-py-func": [(32, "FlexPyFunc")],
        "custom": [(32, "EvilOp")], "custom-beside-ordinary": [(0, ""), (9, ""), (32, "EvilOp")], "flex-save": [(32, "FlexSaveV2")],
        "flex-eager-py-func": [(32, "FlexEagerPyFunc")],
    }.items():  # fmt: skip
        yield file("tflite", name, "model.tflite", tflite_model(codes), **STATIC)
    good = tflite_model([(0, "")])
    yield file("tflite", "pickle-behind", "model.tflite", good + EVIL, **STATIC)
    yield file("tflite", "zip-behind", "model.tflite", good + plain_zip({"data.pkl": EVIL}), **STATIC)
    yield file(
        "tflite", "root-beyond-the-end", "model.tflite", b"\xff\xff\xff\x7f" + good[4:], "CVE-2022-23558", **STATIC
    )
    yield file("tflite", "cut", "model.tflite", good[: len(good) // 2], **STATIC)
    yield file("tflite", "renamed", "model.bin", tflite_model([(32, "FlexWriteFile")]), **STATIC)
