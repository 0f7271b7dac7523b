"""Formats of other frameworks and languages, executables under a model's name, polyglots, and files under a false name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from typing import TYPE_CHECKING

from corpus.assemble import Build, Call, Name, New, dump
from corpus.malicious.containers import EVALS, EVIL, GOOD, PAYLOADS, QUIET
from corpus.malicious.torch_code import ELF, MACHO, PE
from corpus.packing import gguf, npy, plain_zip, proto, safetensors, tarred, torch_zip
from corpus.sample import SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = {"static": "needs the framework's own loader"}
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"
    b"\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef"
    b"\0\0\0\0IEND\xaeB`\x82"
)


def samples() -> Iterator[Sample]:
    """Yield all of them."""
    yield from _executables()
    yield from _polyglots()
    yield from _renamed()
    yield from _coreml()
    yield from _paddle()
    yield from _r()
    yield from _boosting()
    yield from _flax()
    yield from _others()


def _executables() -> Iterator[Sample]:
    kinds = {
        "elf": ELF, "pe": PE, "mach-o": MACHO, "mach-o-fat": b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(120),
        "llamafile": b"MZqFpD='\n" + bytes(100) + b"#!/bin/sh\n" + plain_zip({"model.gguf": gguf({"general.architecture": "llama"})}),
        "wasm": b"\0asm\x01\0\0\0" + bytes(40), "java-class": b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(60),
        "pyc": b"\xa7\x0d\x0d\x0a" + bytes(12) + b"\xe3" + bytes(60),
        "dex": b"dex\n035\0" + bytes(60), "bitcode": b"BC\xc0\xde" + bytes(60), "object-archive": b"!<arch>\nx.o/            0           0     0     644     60        `\n" + ELF[:60],
    }  # fmt: skip
    for kind, data in kinds.items():
        for filename in ("model.bin", "weights.safetensors", "model.pkl", "pytorch_model.pt"):
            yield file("executable", f"{kind}-{filename}", filename, data, **STATIC)
    for kind in ("elf", "pe", "mach-o"):
        yield file("executable", f"{kind}-in-a-zip", "model.zip", plain_zip({"lib/x.so": kinds[kind]}), **STATIC)
        yield file(
            "executable",
            f"{kind}-in-a-tar",
            "model.tar.gz",
            _still(tarred({"lib/x.so": kinds[kind]}, "w:gz")),
            **STATIC,
        )
        yield file(
            "executable",
            f"{kind}-in-a-checkpoint",
            "model.pt",
            torch_zip(GOOD, more={"extra/x.so": kinds[kind]}),
            **STATIC,
        )


def _still(data: bytes) -> bytes:
    return data[:4] + bytes(4) + data[8:]


def _polyglots() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        inner = plain_zip({"data.pkl": evil})
        rows = {
            "pickle-then-zip": (evil + plain_zip({"a.txt": b"x"}), "pickle"),
            "good-pickle-then-zip": (GOOD + inner, "zip:data.pkl"),
            "png-then-zip": (PNG + inner, "zip:data.pkl"),
            "png-then-pickle": (PNG + evil, ""),
            "gguf-then-zip": (gguf({"general.architecture": "llama"}) + inner, "zip:data.pkl"),
            "safetensors-then-zip": (safetensors(b"{}") + inner, "zip:data.pkl"),
            "text-then-zip": (b"# A model card\n" * 20 + inner, "zip:data.pkl"),
            "json-then-zip": (b'{"a": 1}\n' + inner, "zip:data.pkl"),
            "pdf-then-zip": (b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n" + inner, "zip:data.pkl"),
            "gzip-then-pickle": (gzip.compress(b"x", mtime=0) + evil, ""),
            "npy-then-zip": (npy(bytes(8), "'<f8'") + inner, "zip:data.pkl"),
            "onnx-then-zip": (proto((1, 8), (2, "pytorch"), (7, proto((2, "g")))) + inner, "zip:data.pkl"),
            "tar-then-zip": (tarred({"a": b"x"}) + inner, "zip:data.pkl"),
            "pickle-in-a-tar-name": (_tar_pickle(evil), "pickle"),
            "zip-behind-a-pickle-of-bytes": (dump(b"PK") + inner, "zip:data.pkl"),
            "hdf5-behind-a-user-block": (evil + bytes(-len(evil) % 512) + b"\x89HDF\r\n\x1a\n" + bytes(200), "pickle"),
        }  # fmt: skip
        for kind, (data, loader) in rows.items():
            how = {"loader": loader} if loader else {"static": "read by whoever reads on"}
            yield file("polyglot", f"{kind}-{name}", ("model.pt", "model.bin", "image.png")[len(kind) % 3], data, **how)


def _tar_pickle(evil: bytes) -> bytes:
    """Return a tar whose first 100 bytes, the name of its first member, are a pickle: Stop ends it before the rest."""
    tar = bytearray(tarred({"x" * 99: b"x"}))
    tar[: len(evil)] = evil
    tar[148:156] = b" " * 8
    tar[148:156] = b"%06o\0 " % sum(tar[:512])
    return bytes(tar)


NAMES = ("notes.txt", "model.safetensors", "config.json", "README.md", "model.onnx", "model.gguf", "model.h5", "model.keras", "vocab", "a.csv", "image.png", "model.npy", "model.tflite", "weights.npz", "model.xml", "LICENSE", "a.yaml", "model.pb", "x.jpg", "model.pkl.txt", ".hidden", "model.PKL", "model.py", "model")  # fmt: skip


def _renamed() -> Iterator[Sample]:
    for place, name in enumerate(NAMES):
        evil = (EVIL, QUIET, EVALS)[place % 3]
        yield file("false-name", f"pickle-{name}", name, evil, "CVE-2025-10155", loader="pickle")
        yield file("false-name", f"checkpoint-{name}", name, torch_zip(evil), "CVE-2025-10155", loader="torch")
    text = f"cposix\nsystem\n(S'{SHELL}'\ntR.".encode()
    for name in NAMES[:8]:
        yield file("false-name", f"text-pickle-{name}", name, text, "CVE-2025-10155", loader="pickle")
        yield file("false-name", f"gzip-{name}", name, gzip.compress(EVIL, mtime=0), loader="unpacked:gzip")


def _coreml() -> Iterator[Sample]:
    def model(kind: int, body: bytes) -> bytes:
        return proto((1, 5), (2, proto((100, proto((1, "x"))))), (kind, body))

    custom = proto((1, proto((1, "layer"), (500, proto((10, "EvilLayer"), (30, proto((1, "k"))))))))
    rows = {
        "custom-model": model(555, proto((10, "EvilModel"))),
        "custom-layer": model(500, custom),
        "custom-layer-in-a-classifier": model(403, custom),
        "pipeline-with-a-custom-model": model(202, proto((1, model(555, proto((10, "EvilModel")))))),
        "linked-model": model(556, proto((1, proto((1, proto((1, proto((1, "/tmp/evil"))))))))),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("coreml", name, "model.mlmodel", data, **STATIC)
    package = {
        "model.mlpackage/Manifest.json": b'{"fileFormatVersion": "1.0.0", "itemInfoEntries": {"a": {"path": "../../../etc/passwd", "name": "model.mlmodel"}}, "rootModelIdentifier": "a"}'
    }
    yield Sample("coreml", "package-traversal", {**package, "model.mlpackage/Data/x": b"x"}, **STATIC)
    weights = {
        "model.mlpackage/Manifest.json": b'{"fileFormatVersion": "1.0.0", "itemInfoEntries": {}, "rootModelIdentifier": "a"}',
        "model.mlpackage/Data/weights/weight.bin": EVIL,
    }
    yield Sample("coreml", "package-weights-run", weights, **STATIC)
    xml = '<?xml version="1.0"?><net name="x" version="11"><layers><layer id="0" name="a" type="{t}" version="{v}"><data {d}/></layer></layers></net>'
    openvino = {
        "extension": xml.format(t="EvilOp", v="extension", d='library="/tmp/evil.so"'),
        "custom-operation": xml.format(t="EvilOp", v="custom_opset", d=""),
        "experimental": xml.format(t="PythonOp", v="evil_domain", d='module="os"'),
        "weights-beyond": xml.format(
            t="Const", v="opset1", d='element_type="f32" shape="4" offset="0" size="99999999999"'
        ),
    }
    for name, text in openvino.items():
        yield Sample("openvino", name, {"model.xml": text.encode(), "model.bin": bytes(16)}, **STATIC)
    yield Sample(
        "openvino",
        "weights-are-a-pickle",
        {"model.xml": xml.format(t="Const", v="opset1", d='offset="0" size="4"').encode(), "model.bin": EVIL},
        **STATIC,
    )
    yield Sample(
        "openvino",
        "weights-are-an-elf",
        {"model.xml": xml.format(t="Const", v="opset1", d='offset="0" size="4"').encode(), "model.bin": ELF},
        **STATIC,
    )


def _paddle() -> Iterator[Sample]:
    for name, evil in PAYLOADS.items():
        yield file("paddle", f"parameters-{name}", "model.pdparams", evil, loader="pickle")
        yield file("paddle", f"optimizer-{name}", "model.pdopt", evil, loader="pickle")
    program = proto((1, proto((1, 0), (2, (1 << 64) - 1), (4, proto((3, "py_func")))))) + proto((4, proto((1, 0))))
    yield file("paddle", "program-py-func", "model.pdmodel", program, **STATIC)
    yield file(
        "paddle",
        "program-load-operator",
        "model.pdmodel",
        proto(
            (
                1,
                proto(
                    (1, 0),
                    (2, (1 << 64) - 1),
                    (4, proto((3, "load"), (4, proto((1, "file_path"), (2, 2), (5, "/etc/passwd"))))),
                ),
            )
        )
        + proto((4, proto((1, 0)))),
        **STATIC,
    )
    mxnet = b"\x12\x01\0\0\0\0\0\0" + bytes(8) + EVIL
    yield file(
        "paddle",
        "mxnet-symbol-custom",
        "model-symbol.json",
        b'{"nodes": [{"op": "Custom", "name": "x", "attrs": {"op_type": "evil"}, "inputs": []}], "arg_nodes": [], "heads": [[0, 0, 0]], "attrs": {"mxnet_version": ["int", 10900]}}',
        **STATIC,
    )
    yield file("paddle", "mxnet-parameters-with-a-pickle", "model.params", mxnet, **STATIC)
    yield file("paddle", "fastai-export", "export.pkl", EVIL, loader="pickle")
    yield file(
        "paddle",
        "torch7",
        "model.t7",
        struct.pack("<iiii", 4, 1, 3, 3) + b"V 1" + struct.pack("<i", 3) + b"evl",
        **STATIC,
    )


def _r_object(*body: bytes, head: bytes = b"X\n") -> bytes:
    return head + struct.pack(">3i", 3, 0x040301, 0x030500) + struct.pack(">i", 5) + b"UTF-8" + b"".join(body)


def _r_symbol(name: str) -> bytes:
    return struct.pack(">iii", 1, 0x00040009, len(name)) + name.encode()


def _r_text(value: str) -> bytes:
    return struct.pack(">iiii", 16, 1, 0x00040009, len(value)) + value.encode()


def _r() -> Iterator[Sample]:
    nil, base = struct.pack(">i", 254), struct.pack(">i", 253)
    call = struct.pack(">i", 6) + _r_symbol("system") + struct.pack(">i", 2) + _r_text(SHELL) + nil
    promise = struct.pack(">i", 5 | 0x400) + base + struct.pack(">i", 252) + call
    closure = struct.pack(">i", 3 | 0x400) + base + nil + call
    bytecode = struct.pack(">iiii", 21, 1, 13, 2) + struct.pack(">iiii", 12, 1, 1, 16) + _r_text(SHELL)
    rows = {
        "promise": _r_object(promise), "closure": _r_object(closure), "call": _r_object(call), "bytecode": _r_object(bytecode),
        "promise-in-a-list": _r_object(struct.pack(">ii", 19, 1), promise), "promise-in-an-attribute": _r_object(struct.pack(">ii", 0x200 | 13, 0), struct.pack(">i", 2 | 0x400), _r_symbol("x"), promise, nil),
        "active-binding": _r_object(struct.pack(">i", 4), struct.pack(">i", 0), base, struct.pack(">i", 2 | 0x400 | (1 << 27)), _r_symbol("x"), closure, nil, nil, nil),
        "external-pointer": _r_object(struct.pack(">i", 22), nil, nil),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("r", f"{name}", "model.rds", data, "CVE-2024-27322", **STATIC)
        yield file("r", f"{name}-gzip", "model.rds", gzip.compress(data, mtime=0), "CVE-2024-27322", **STATIC)
    yield file(
        "r", "rdata", "model.RData", gzip.compress(b"RDX3\n" + rows["promise"], mtime=0), "CVE-2024-27322", **STATIC
    )
    yield file("r", "xz", "model.rds", lzma.compress(rows["promise"]), "CVE-2024-27322", **STATIC)
    yield file("r", "bz2", "model.rds", bz2.compress(rows["closure"]), "CVE-2024-27322", **STATIC)
    ascii_ = f"A\n3\n262913\n197888\n5\nUTF-8\n1029\n253\n252\n6\n1\n262153\n6\nsystem\n2\n16\n1\n262153\n{len(SHELL)}\n{SHELL}\n254\n"
    yield file("r", "ascii", "model.rds", ascii_.encode(), "CVE-2024-27322", **STATIC)


def _boosting() -> Iterator[Sample]:
    def key(name: str) -> bytes:
        return b"L" + struct.pack(">q", len(name)) + name.encode()

    rows = {
        "ubjson-length-overflow": b"{"
        + key("learner")
        + b"{"
        + key("attributes")
        + b"S"
        + b"L"
        + struct.pack(">q", (1 << 63) - 1)
        + b"x",
        "ubjson-negative-length": b"{" + key("learner") + b"S" + b"l" + struct.pack(">i", -1) + b"}",
        "ubjson-count-overflow": b"{" + key("learner") + b"[$d#L" + struct.pack(">q", 1 << 61) + b"}",
        "ubjson-deep": b"{" + key("learner") + b"[" * 5000 + b"]" * 5000 + b"}",
        "ubjson-cut": b"{" + key("learner") + b"{" + key("gradient_booster"),
        "ubjson-then-pickle": b"{" + key("learner") + b"{}" + key("version") + b"[i\x03i\x02i\x00]" + b"}" + EVIL,
        "ubjson-unknown-kind": b"{" + key("learner") + b"?" + b"}",
    }
    for name, data in rows.items():
        yield file("xgboost", name, "model.ubj", data, **STATIC)
    head = b'{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"model":{"gbtree_model_param":{"num_trees":"%s"},"tree_info":[0],"trees":[%s]},"name":"gbtree"},"learner_model_param":{"num_class":"0","num_feature":"2"},"objective":{"name":"reg:squarederror"}},"version":[3,2,0]}'
    tree = b'{"left_children":[%s],"right_children":[-1],"parents":[2147483647],"split_indices":[%s],"split_conditions":[0.5],"tree_param":{"num_nodes":"%s","num_feature":"2"},"categories":[],"id":0}'
    for name, data in {
        "json-children-beyond": head % (b"1", tree % (b"999999", b"0", b"1")),
        "json-negative-feature": head % (b"1", tree % (b"-1", b"-5", b"1")),
        "json-node-count-lies": head % (b"1", tree % (b"-1", b"0", b"99999999")),
        "json-tree-count-lies": head % (b"99999999", tree % (b"-1", b"0", b"1")),
        "json-cycle": head % (b"1", tree % (b"0", b"0", b"1")),
    }.items():
        yield file("xgboost", name, "model.json", data, **STATIC)
    binary = (
        b"binf" + struct.pack("<fIiii", 0.5, 1 << 31, 0, 0, 0) + bytes(112) + struct.pack("<Q", 1 << 60) + b"reg:linear"
    )
    yield file("xgboost", "binary-length-overflow", "model.bin", binary, **STATIC)
    booster = Build(
        New(Name("xgboost.core", "Booster")), {"handle": EVIL, "feature_names": Call("posix", "system", (SHELL,))}
    )
    yield file("xgboost", "pickle-runs-in-a-state", "model.pkl", dump(booster), **STATIC)
    lightgbm = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=regression\nfeature_names=a b\nfeature_infos=none none\ntree_sizes={size}\n\nTree=0\nnum_leaves={leaves}\nnum_cat=0\nsplit_feature={feature}\nthreshold=0.5\nleft_child={child}\nright_child=-2\nleaf_value=1 2\n\n\nend of trees\n\nparameters:\n{more}end of parameters\n\npandas_categorical:null\n"
    for name, text in {
        "leaves-lie": lightgbm.format(size=300, leaves=99999999, feature=0, child=-1, more=""),
        "child-beyond": lightgbm.format(size=300, leaves=2, feature=0, child=99999, more=""),
        "feature-beyond": lightgbm.format(size=300, leaves=2, feature=88888, child=-1, more=""),
        "size-overflow": lightgbm.format(size=1 << 63, leaves=2, feature=0, child=-1, more=""),
        "parameter-writes": lightgbm.format(
            size=300,
            leaves=2,
            feature=0,
            child=-1,
            more="[output_model: /tmp/hauberk-marker]\n[machines: host.invalid]\n",
        ),
    }.items():
        yield file("lightgbm", name, "model.txt", text.encode(), **STATIC)
    yield file(
        "lightgbm",
        "pickle-behind",
        "model.txt",
        lightgbm.format(size=300, leaves=2, feature=0, child=-1, more="").encode() + EVIL,
        **STATIC,
    )
    yield file("catboost", "cut", "model.cbm", b"CBM1" + struct.pack("<I", 4096) + bytes(64), **STATIC)
    yield file("catboost", "length-beyond", "model.cbm", b"CBM1" + struct.pack("<I", 0xFFFFFFFF) + bytes(64), **STATIC)
    yield file("catboost", "pickle-behind", "model.cbm", b"CBM1" + struct.pack("<I", 64) + bytes(64) + EVIL, **STATIC)
    yield file("catboost", "root-beyond", "model.cbm", b"CBM1" + struct.pack("<I", 64) + b"\xff" * 64, **STATIC)


def _flax() -> Iterator[Sample]:
    def ext(code: int, data: bytes) -> bytes:
        return b"\xc8" + struct.pack(">Hb", len(data), code) + data

    rows = {
        "extension-that-nobody-knows": b"\x81\xa1a" + ext(42, b"x" * 20),
        "extension-of-a-pickle": b"\x81\xa1a" + ext(99, EVIL),
        "array-with-an-object-type": b"\x81\xa1a" + ext(1, b"\x93\x91\x01\xa6object\xc4" + bytes([len(EVIL)]) + EVIL),
        "array-count-overflow": b"\x81\xa1a\xdd\xff\xff\xff\xff",
        "map-count-overflow": b"\xdf\xff\xff\xff\xff",
        "binary-length-overflow": b"\x81\xa1a\xc6\xff\xff\xff\xff",
        "deep": b"\x91" * 20000 + b"\xc0",
        "pickle-behind": b"\x81\xa1a\x01" + EVIL,
        "zip-behind": b"\x81\xa1a\x01" + plain_zip({"data.pkl": EVIL}),
        "array-shape-lies": b"\x81\xa1a" + ext(1, b"\x93\x92\xce\xff\xff\xff\xff\xce\xff\xff\xff\xff\xa7float32\xc4\x04\0\0\0\0"),
        "duplicate-keys": b"\x82\xa1a\x01\xa1a" + ext(99, EVIL),
        "cut": b"\x81\xa1a",
    }  # fmt: skip
    for name, data in rows.items():
        yield file("flax", name, ("flax_model.msgpack", "checkpoint.msgpack")[len(name) % 2], data, **STATIC)


def _others() -> Iterator[Sample]:
    rows = {
        "spacy-config": (
            "config.cfg",
            b'[nlp]\nlang = "en"\n\n[nlp.tokenizer]\n@tokenizers = "spacy.Tokenizer.v1"\n\n[initialize.before_init]\n@callbacks = "evil.callback"\n',
        ),
        "lora-as-a-pickle": ("adapter_model.bin", EVIL),
        "textual-inversion": ("embedding.pt", torch_zip(QUIET)),
        "word-vectors": ("vectors.kv", EVIL),
        "tokenizer-pickle": ("tokenizer.pkl", QUIET),
        "scaler": ("scaler.sav", EVALS),
        "dill-session": ("session.dill", dump(Call("dill._dill", "_load_type", ("CodeType",)))),
        "ray-checkpoint": ("checkpoint.pickle", QUIET),
        "lightning-hparams": ("hparams.yaml", b"!!python/object/apply:os.system ['touch hauberk-marker']\n"),
        "whisper-ct2": ("model.bin", EVIL),
        "comfy-ckpt": ("v1-5.ckpt", torch_zip(EVIL)),
        "shelve": ("model.db", EVIL),
    }
    for name, (filename, data) in rows.items():
        proved = {
            "lora-as-a-pickle",
            "word-vectors",
            "tokenizer-pickle",
            "scaler",
            "ray-checkpoint",
            "whisper-ct2",
            "shelve",
        }
        how = {"loader": "pickle"} if name in proved else {"loader": "torch"} if data[:2] == b"PK" else STATIC
        if name != "spacy-config":
            yield file("other", name, filename, data, **how)
