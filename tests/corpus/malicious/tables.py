"""GGUF, safetensors, skops and the formats whose data is a header and raw numbers."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

from corpus.malicious.containers import EVIL, QUIET
from corpus.packing import Member, gguf, gguf_text, plain_zip, safetensors, zipped
from corpus.sample import SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = {"static": "needs the reader that has the flaw"}
TEMPLATES = {
    "subclasses": "{% for x in ().__class__.__base__.__subclasses__() %}{% if 'warning' in x.__name__ %}{{ x()._module.__builtins__['__import__']('os').popen('id').read() }}{% endif %}{% endfor %}",
    "globals": "{{ cycler.__init__.__globals__.os.popen('touch hauberk-marker').read() }}",
    "joiner": "{{ joiner.__init__.__globals__['os'].system('touch hauberk-marker') }}",
    "attr-filter": "{{ ''|attr('__class__')|attr('__mro__') }}",
    "attr-built-from-parts": "{{ ''|attr('__cla' ~ 'ss__')|attr('__m' ~ 'ro__') }}",
    "hex-escapes": "{{ ''['\\x5f\\x5fclass\\x5f\\x5f']['\\x5f\\x5fmro\\x5f\\x5f'] }}",
    "lipsum": "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "namespace": "{{ namespace.__init__.__globals__.__builtins__.eval('1') }}",
    "self": "{{ self.__init__.__globals__.__builtins__.__import__('os').system('id') }}",
    "request": "{{ request.application.__globals__.__builtins__.__import__('os').popen('id').read() }}",
    "mro-index": "{% set x = [].__class__.__mro__[1].__subclasses__() %}{{ x[132].__init__.__globals__ }}",
    "format-string": "{{ '{0.__class__.__init__.__globals__}'.format(messages) }}",
    "import": "{% import '/etc/passwd' as x %}{{ x }}",
    "include": "{% include '/etc/passwd' %}",
    "map-attribute": "{{ [messages]|map(attribute='__class__')|list }}",
    "endless": "{% for a in range(999999999) %}{% for b in range(999999999) %}x{% endfor %}{% endfor %}",
    "hidden-in-a-long-template": "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}" * 40 + "{{ ''.__class__.__mro__[1].__subclasses__() }}",
}  # fmt: skip


def tensor(name: str, dimensions: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    return (
        gguf_text(name)
        + struct.pack("<I", len(dimensions))
        + b"".join(struct.pack("<Q", d) for d in dimensions)
        + struct.pack("<IQ", kind, offset)
    )


def samples() -> Iterator[Sample]:
    """Yield GGUF, safetensors, then skops."""
    base: dict[str, object] = {"general.architecture": "llama", "general.name": "x"}
    for name, template in TEMPLATES.items():
        yield file(
            "gguf-template",
            name,
            "model.gguf",
            gguf({**base, "tokenizer.chat_template": template}),
            "CVE-2024-34359",
            **STATIC,
        )
    yield file(
        "gguf-template",
        "other-key",
        "model.gguf",
        gguf({**base, "tokenizer.chat_template.tool_use": TEMPLATES["globals"]}),
        "CVE-2024-34359",
        **STATIC,
    )
    yield from _gguf(base)
    yield from _safetensors()
    yield from _skops()


def _gguf(base: dict[str, object]) -> Iterator[Sample]:
    good = tensor("a", (4,))
    rows = {
        "pair-count-overflow": gguf(base, pair_count=1 << 63),
        "pair-count-too-large": gguf(base, pair_count=1 << 20),
        "tensor-count-overflow": gguf(base, tensor_count=1 << 62),
        "text-length-overflow": gguf({**base, "x": struct.pack("<IQ", 8, (1 << 64) - 1) + b"x"}),
        "key-length-overflow": struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, (1 << 64) - 8) + b"x",
        "array-count-overflow": gguf({**base, "x": struct.pack("<IIQ", 9, 8, 1 << 61)}),
        "array-of-arrays-deep": gguf({**base, "x": struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 500 + struct.pack("<IQ", 4, 0)}),
        "dimension-product-overflow": gguf(base, good[:0] + tensor("a", (1 << 32, 1 << 32)) + bytes(64), 1),
        "dimension-count-overflow": gguf(base, gguf_text("a") + struct.pack("<I", 1 << 30) + bytes(64), 1),
        "tensor-beyond-the-end": gguf(base, tensor("a", (1 << 20,)) + bytes(64), 1),
        "offset-beyond-the-end": gguf(base, tensor("a", (4,), 0, 1 << 40) + bytes(64), 1),
        "offset-wraps": gguf(base, tensor("a", (4,), 0, (1 << 64) - 32) + bytes(64), 1),
        "tensors-overlap": gguf(base, tensor("a", (8,)) + tensor("b", (8,), 0, 0) + bytes(128), 2),
        "unknown-tensor-kind": gguf(base, tensor("a", (4,), 9999) + bytes(64), 1),
        "unknown-value-kind": gguf({**base, "x": struct.pack("<I", 77) + bytes(16)}),
        "alignment-zero": gguf({**base, "general.alignment": 0}, good + bytes(64), 1),
        "alignment-odd": gguf({**base, "general.alignment": 3}, good + bytes(64), 1),
        "duplicate-tensor-name": gguf(base, tensor("a", (4,)) + tensor("a", (4,), 0, 32) + bytes(128), 2),
        "pickle-behind": gguf(base) + bytes(16) + EVIL,
        "zip-behind": gguf(base) + plain_zip({"data.pkl": EVIL}),
        "elf-behind": gguf(base) + bytes(64) + b"\x7fELF\x02\x01\x01" + bytes(200),
        "cut": gguf(base)[:-3],
        "version-0": b"GGUF" + bytes(20),
        "big-endian": struct.pack(">4sIQQ", b"GGUF", 3, 0, 1 << 40),
    }  # fmt: skip
    for name, data in rows.items():
        reference = "CVE-2026-33298" if "product" in name else "CVE-2024-21802" if "overflow" in name else ""
        yield file("gguf-structure", name, "model.gguf", data, reference, **STATIC)


def _entry(start: int, end: int, shape: list[int] | None = None, dtype: str = "U8") -> dict[str, Any]:
    return {"dtype": dtype, "shape": [end - start] if shape is None else shape, "data_offsets": [start, end]}


def _safetensors() -> Iterator[Sample]:
    good = {"a": _entry(0, 8), "b": _entry(8, 16)}

    def made(header: dict[str, Any], data: bytes = bytes(16)) -> bytes:
        return safetensors(json.dumps(header).encode(), data)

    rows = {
        "overlap": made({"a": _entry(0, 8), "b": _entry(4, 16)}, bytes(16)),
        "overlap-inside": made({"a": _entry(0, 16), "b": _entry(4, 8)}),
        "hole": made({"a": _entry(0, 4), "b": _entry(8, 16)}),
        "hole-with-a-pickle": made({"a": _entry(0, 4), "b": _entry(4 + len(EVIL), 8 + len(EVIL))}, bytes(4) + EVIL + bytes(4)),
        "duplicate-key": safetensors(b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16]}}', bytes(16)),
        "trailing-pickle": made(good) + EVIL,
        "trailing-zip": made(good) + plain_zip({"data.pkl": EVIL}),
        "trailing-elf": made(good) + b"\x7fELF\x02\x01\x01" + bytes(200),
        "trailing-zeros": made(good) + bytes(9),
        "header-length-overflow": safetensors(b'{"a":{}}', length=1 << 63),
        "header-length-beyond": safetensors(b'{"a":{}}', length=4096),
        "header-length-huge": safetensors(b"{" + b" " * 100, length=100_000_001),
        "header-length-short": safetensors(json.dumps(good).encode(), bytes(16), length=20),
        "header-not-json": safetensors(b"{'a': 1}", bytes(16)),
        "header-deep": safetensors(b'{"a":' * 3000 + b"1" + b"}" * 3000),
        "header-not-an-object": safetensors(b"[1, 2]", bytes(16)),
        "header-starts-with-a-space": safetensors(b" " + json.dumps(good).encode(), bytes(16)),
        "offset-beyond": made({"a": _entry(0, 1 << 40)}),
        "offset-negative": made({"a": {"dtype": "U8", "shape": [8], "data_offsets": [-8, 0]}}),
        "offset-reversed": made({"a": {"dtype": "U8", "shape": [8], "data_offsets": [8, 0]}}),
        "shape-disagrees": made({"a": _entry(0, 16, [3])}),
        "shape-overflows": made({"a": _entry(0, 16, [1 << 32, 1 << 32, 1 << 32])}),
        "shape-negative": made({"a": _entry(0, 16, [-1, -16])}),
        "unknown-dtype": made({"a": _entry(0, 16, None, "OBJ")}),
        "not-utf8": safetensors(b'{"\xff\xfe":1}', bytes(16)),
        "cut": made(good)[:-4],
        "begins-a-pickle": b"\x80\x02" + bytes(6) + b'{"a":1}',
    }  # fmt: skip
    for name, data in rows.items():
        yield file("safetensors", name, "model.safetensors", data, **STATIC)


def _node(name: str, module: str, loader: str, **more: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, **more}


def _skops() -> Iterator[Sample]:
    tree: dict[str, tuple[dict[str, Any], str]] = {
        "untrusted-type": (_node("Evil", "evil.module", "ObjectNode", content=None), ""),
        "type-os-system": (_node("system", "os", "FunctionNode", content=None), ""),
        "function-of-posix": (_node("system", "posix", "FunctionNode", content={"module_path": "posix", "function": "system"}), ""),
        "function-node-mismatch": (_node("add", "numpy", "FunctionNode", content={"module_path": "os", "function": "system"}), "CVE-2025-54413"),
        "operator-func-node": (_node("methodcaller", "operator", "OperatorFuncNode", attrs=_node("tuple", "builtins", "TupleNode", content=[])), "CVE-2025-54412"),
        "operator-func-mismatch": (_node("add", "sklearn.base", "OperatorFuncNode", attrs=_node("tuple", "builtins", "TupleNode", content=[])), "CVE-2025-54412"),
        "operator-attrgetter": (_node("attrgetter", "operator", "OperatorFuncNode", attrs=_node("tuple", "builtins", "TupleNode", content=[])), "CVE-2025-54412"),
        "method-node": (_node("builtin_function", "builtins", "MethodNode", content={"func": "system", "obj": _node("Evil", "os", "ObjectNode", content=None)}), "CVE-2025-54413"),
        "method-node-mismatch": (_node("x", "numpy", "MethodNode", content={"func": "__reduce__", "obj": _node("LinearRegression", "sklearn.linear_model", "ObjectNode", content=None)}), "CVE-2025-54413"),
        "partial-of-system": (_node("partial", "functools", "PartialNode", content={"func": _node("system", "os", "FunctionNode", content=None), "args": None, "kwds": None, "namespace": None}), ""),
        "type-node": (_node("Popen", "subprocess", "TypeNode", content=None), ""),
        "reduce-node": (_node("Popen", "subprocess", "ReduceNode", reduce={"args": None}, content=None), ""),
        "object-with-an-evil-attribute": (_node("LinearRegression", "sklearn.linear_model._base", "ObjectNode", content=_node("dict", "builtins", "DictNode", key_types=None, content={"hook": _node("system", "os", "FunctionNode", content=None)})), ""),
        "unknown-loader": (_node("LinearRegression", "sklearn.linear_model._base", "EvilNode", content=None), ""),
        "cached-node-cycle": (_node("list", "builtins", "ListNode", content=[_node("list", "builtins", "CachedNode")]), ""),
        "sparse-file-traversal": (_node("csr_matrix", "scipy.sparse", "SparseMatrixNode", type="scipy", file="../../etc/x.npz"), "CWE-22"),
        "ndarray-of-objects": (_node("ndarray", "numpy", "NdArrayNode", type="numpy", file="evil.npy"), ""),
        "random-state": (_node("RandomState", "numpy.random", "RandomStateNode", content=_node("Evil", "evil", "ObjectNode", content=None)), ""),
        "tree-of-a-class": (_node("Evil", "evil", "TreeNode", reduce={"args": None}, content=None), ""),
    }  # fmt: skip
    from corpus.packing import npy  # noqa: PLC0415 - one sample needs it

    for name, (root, reference) in tree.items():
        schema = json.dumps({**root, "protocol": 2, "_skops_version": "0.11.0"}).encode()
        entries = {"schema.json": schema}
        if name == "ndarray-of-objects":
            entries["evil.npy"] = npy(EVIL)
        yield file("skops", name, "model.skops", plain_zip(entries), reference, **STATIC)
    good = json.dumps(
        {**_node("dict", "builtins", "DictNode", content={}), "protocol": 2, "_skops_version": "0.11.0"}
    ).encode()
    evil = json.dumps({**tree["type-os-system"][0], "protocol": 2, "_skops_version": "0.11.0"}).encode()
    rows = {
        "card-reads-a-pickle": plain_zip({"model.pkl": EVIL, "schema.json": good}),
        "schema-twice": zipped(Member("schema.json", good), Member("schema.json", evil)),
        "member-is-a-pickle": plain_zip({"schema.json": good, "0.npy": QUIET}),
        "schema-broken": plain_zip({"schema.json": b'{"__class__": "system"'}),
        "schema-duplicate-keys": plain_zip(
            {"schema.json": good[:-1] + b', "__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}'}
        ),
    }
    for name, data in rows.items():
        yield file(
            "skops", name, "model.skops", data, "CVE-2025-54886" if name == "card-reads-a-pickle" else "", **STATIC
        )


_ = SHELL
