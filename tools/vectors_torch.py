"""The vectors of the rules on tensors and PyTorch's files; `make_rule_vectors.py` writes them beside its own.

Each is a smallest valid file with one change. Nothing of ours and no framework is imported: the bytes are written out.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from vector import Vector


def safetensors(header: dict[str, Any] | str, data: bytes) -> bytes:
    """Return a safetensors file."""
    text = header if isinstance(header, str) else json.dumps(header, separators=(",", ":"))
    return len(text).to_bytes(8, "little") + text.encode() + data


def tensor(start: int, stop: int, dtype: str = "U8") -> dict[str, Any]:
    """Return the description of a flat tensor of bytes."""
    return {"dtype": dtype, "shape": [stop - start], "data_offsets": [start, stop]}


TWO = {"a": tensor(0, 4), "b": tensor(4, 8)}
ZIP_END = b"PK\x05\x06" + bytes(18)

SAFETENSORS: dict[str, dict[str, bytes]] = {
    "fail": {
        "overlap.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(3, 8)}, bytes(8)),
        "hole.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(5, 8)}, bytes(4) + b"x" + bytes(3)),
        "behind-the-end.safetensors": safetensors({"a": tensor(0, 4), "b": tensor(4, 9)}, bytes(8)),
        "backwards.safetensors": safetensors(
            {"a": tensor(0, 8), "b": {**tensor(0, 8), "data_offsets": [8, 0]}}, bytes(8)
        ),
        "trailing.safetensors": safetensors(TWO, bytes(8) + b"#!/bin/sh\n"),
        "same-name.safetensors": safetensors(
            '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
            bytes(8),
        ),
        "same-name-escaped.safetensors": safetensors(
            '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},'
            '"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
            bytes(8),
        ),
        "shape-twice.safetensors": safetensors(
            '{"a":{"dtype":"U8","shape":[4],"shape":[8],"data_offsets":[0,4]}}', bytes(4)
        ),
        "wrong-size.safetensors": safetensors({"a": {**tensor(0, 8, "F32"), "shape": [3]}}, bytes(8)),
        "metadata-twice.safetensors": safetensors(
            '{"__metadata__":{"a":"1","a":"2"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', bytes(4)
        ),
        "metadata-of-numbers.safetensors": safetensors({"__metadata__": {"a": 1}, "a": tensor(0, 4)}, bytes(4)),
    },
    "pass": {
        "two.safetensors": safetensors(TWO, bytes(8)),
        "metadata.safetensors": safetensors({"__metadata__": {"format": "pt"}, **TWO}, bytes(8)),
        "padded.safetensors": safetensors(json.dumps(TWO) + "   ", bytes(8)),
        "empty-tensor.safetensors": safetensors({"a": tensor(0, 0), "b": tensor(0, 8)}, bytes(8)),
    },
}


def text(value: str, width: int = 8) -> bytes:
    """Return a string of GGUF."""
    return len(value).to_bytes(width, "little") + value.encode()


def key(name: str, kind: int, value: bytes) -> bytes:
    """Return a pair of GGUF's metadata."""
    return text(name) + kind.to_bytes(4, "little") + value


def row(name: str, offset: int, *shape: int, kind: int = 0) -> bytes:
    """Return the description of a tensor."""
    sizes = b"".join(size.to_bytes(8, "little") for size in shape)
    return (
        text(name)
        + len(shape).to_bytes(4, "little")
        + sizes
        + kind.to_bytes(4, "little")
        + offset.to_bytes(8, "little")
    )


def gguf(keys: tuple[bytes, ...], rows: tuple[bytes, ...], data: bytes) -> bytes:
    """Return a GGUF file of version 3."""
    head = b"GGUF\x03\0\0\0" + len(rows).to_bytes(8, "little") + len(keys).to_bytes(8, "little")
    head += b"".join(keys) + b"".join(rows)
    return head + bytes(-len(head) % 32) + data


WORDS = key("tokens", 9, b"\x08\0\0\0\x02" + bytes(7) + text("a") + text("b"))
LISTS = key("a", 9, b"\x09\0\0\0\x01" + bytes(7) + b"\0\0\0\0\x02" + bytes(7) + b"xy")
NAME = key("general.name", 8, text("tiny"))
FLOATS = row("w", 0, 8)

GGUF: dict[str, dict[str, bytes]] = {
    "fail": {
        "elements-overflow.gguf": gguf((NAME,), (row("w", 0, 1 << 62, 4),), bytes(32)),
        "behind-the-end.gguf": gguf((NAME,), (row("w", 0, 9),), bytes(32)),
        "offset-behind-the-end.gguf": gguf((NAME,), (row("w", 1 << 40, 8),), bytes(0)),
        "negative-dimension.gguf": gguf((NAME,), (row("w", 0, (1 << 64) - 1),), bytes(0)),
        "overlap.gguf": gguf((NAME,), (FLOATS, row("v", 0, 8)), bytes(32)),
        "no-whole-blocks.gguf": gguf((NAME,), (row("w", 0, 33, kind=2),), bytes(0)),
        "off-the-alignment.gguf": gguf((NAME,), (row("w", 4, 7),), bytes(32)),
        "same-tensor.gguf": gguf((NAME,), (FLOATS, row("w", 32, 8)), bytes(64)),
        "same-key.gguf": gguf((NAME, NAME), (FLOATS,), bytes(32)),
    },
    "pass": {
        "one.gguf": gguf((NAME,), (FLOATS,), bytes(32)),
        "two.gguf": gguf((NAME,), (FLOATS, row("v", 32, 8)), bytes(64)),
        "quantised.gguf": gguf((NAME,), (row("w", 0, 64, kind=2),), bytes(36) + bytes(28)),
        "tokens.gguf": gguf(
            (key("tokens", 9, b"\x08\0\0\0\x02" + bytes(7) + text("a") + text("b")),), (FLOATS,), bytes(32)
        ),
    },
}


def archive(members: dict[str, bytes]) -> bytes:
    """Return a zip that packs nothing, with members in this order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in members.items():
            made.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def string(value: str) -> bytes:
    """Return BINUNICODE."""
    return b"X" + len(value).to_bytes(4, "little") + value.encode()


def storage(count: int = 2, key: str = "0", kind: bytes = b"FloatStorage", rest: bytes = b"") -> bytes:
    """Return the instructions that ask for a storage."""
    name = b"ctorch\n" + kind + b"\n"
    return (
        b"(" + string("storage") + name + string(key) + string("cpu") + b"J%s%stQ" % (count.to_bytes(4, "little"), rest)
    )


def tensor_over(asked: bytes) -> bytes:
    """Return the instructions that rebuild a tensor of two elements over a storage."""
    view = b"K\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + asked + view


def saved(pickle: bytes, **storages: bytes) -> bytes:
    """Return what `torch.save` writes: a pickle, and its storages as `data_0` and so on."""
    members = {f"archive/{name.replace('_', '/')}": data for name, data in storages.items()}
    return archive({"archive/data.pkl": pickle, **members, "archive/version": b"3\n"})


TENSOR = b"\x80\x02" + tensor_over(storage()) + b"."
LONGER = b"\x80\x02" + tensor_over(storage(4)) + b"."
DOUBLES = b"\x80\x02" + tensor_over(storage(kind=b"DoubleStorage")) + b"."
TWICE = b"\x80\x02" + tensor_over(storage()) + tensor_over(storage(3)) + b"\x86."
SCRIPT_CODE = """class Net(Module):
  __parameters__ = []
  __buffers__ = []
  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
    %s
    return x
"""


def scripted(line: str) -> bytes:
    """Return a TorchScript archive with one line in its method."""
    return archive(
        {
            "archive/data.pkl": b"\x80\x02c__torch__\nNet\n)\x81}b.",
            "archive/code/__torch__.py": (SCRIPT_CODE % line).encode(),
            "archive/constants.pkl": b"\x80\x02).",
            "archive/version": b"3\n",
        }
    )


def package(source: str) -> bytes:
    """Return a file of torch.package with one module."""
    return archive({"archive/.data/extern_modules": b"torch\n", "archive/mymodule.py": source.encode()})


def served(source: str) -> bytes:
    """Return an archive for TorchServe with one handler."""
    return archive({"MAR-INF/MANIFEST.json": b'{"model": {"handler": "handler.py"}}', "handler.py": source.encode()})


def exported(members: dict[str, bytes]) -> bytes:
    """Return an exported program."""
    return archive({"archive/archive_format": b"pt2", "archive/models/model.json": b"{}", **members})


ARCHIVES: dict[str, dict[str, dict[str, bytes]]] = {
    "torch-storage-mismatch": {
        "fail": {
            "longer-than-the-member.pt": saved(LONGER, data_0=bytes(8)),
            "shorter-than-the-member.pt": saved(TENSOR, data_0=bytes(12)),
            "no-such-member.pt": saved(TENSOR),
            "of-another-type.pt": saved(DOUBLES, data_0=bytes(8)),
            "twice-and-different.pt": saved(TWICE, data_0=bytes(8)),
        },
        "pass": {"tensor.pt": saved(TENSOR, data_0=bytes(8))},
    },
    "torchscript-reaches-out": {
        "fail": {
            "save.pt": scripted('torch.save(x, "out")'),
            "from-file.pt": scripted('y = torch.from_file("in", False, 3)'),
            "with-a-gap.pt": scripted('torch . \\\n save(x, "out")'),
            "in-brackets.pt": scripted('(torch).save(x, "out")'),
            "by-another-name.pt": scripted('t = torch\n    t.save(x, "out")'),
            "getattr.pt": scripted('getattr(torch, "save")(x, "out")'),
            "read-file.pt": scripted('y = ops.image.read_file("in")'),
            "rpc.pt": scripted('rpc = rpc_async("worker", f, )'),
            "store.pt": scripted('s = __torch__.torch.classes.dist_c10d.TCPStore("host", 1)'),
        },
        "pass": {
            "relu.pt": scripted("x = torch.relu(x)"),
            "in-a-text.pt": scripted('print("torch.save(x)")'),
            "in-a-comment.pt": scripted("pass  # torch.save(x)"),
            "getattr.pt": scripted('y = getattr(self, "0")'),
        },
    },
    "archive-brings-source": {
        "fail": {
            "package.pt": package("import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n"),
            "handler.mar": served("def handle(data, context):\n    return data\n"),
        },
        "pass": {
            "no-module.pt": archive({"archive/.data/extern_modules": b"torch\n", "archive/a.txt": b"text"}),
            "handler-of-the-server.mar": archive({"MAR-INF/MANIFEST.json": b'{"model": {"handler": "text"}}'}),
        },
    },
    "archive-brings-machine-code": {
        "fail": {"kernel.pt2": exported({"archive/data/aotinductor/model/kernel.ptx": b".version 8.0\n"})},
        "pass": {"program.pt2": exported({})},
    },
    "index-leads-out": {
        "fail": {
            "up.json": json.dumps({"weight_map": {"w": "../../upload.bin"}}).encode(),
            "absolute.json": json.dumps({"weight_map": {"w": "/home/ada/upload.bin"}}).encode(),
            "address.json": json.dumps({"weight_map": {"w": "https://example.invalid/model.bin"}}).encode(),
            "escaped.json": b'{"weight\\u005fmap": {"w": "..\\u002fupload.bin"}}',
        },
        "pass": {
            "plain.json": json.dumps(
                {"metadata": {"total_size": 8}, "weight_map": {"w": "model-00001-of-00002.safetensors"}}
            ).encode(),
            "within.json": json.dumps({"weight_map": {"w": "text_encoder/model.safetensors"}}).encode(),
        },
    },
    # Such a source is in an archive that brings source, which is a fact of its own: these break that rule as well.
    "source-acts": {
        "fail": {
            "system.pt": package("import os\nos.system('id')\n"),
            "aliased.pt": package("import os as o\no.system('id')\n"),
            "handed-on.pt": package("from os import system as s\nlist(map(s, ['id']))\n"),
            "imported-by-name.pt": package("__import__('subprocess').run(['id'])\n"),
            "every-name.pt": package("from os import *\nsystem('id')\n"),
            "eval.mar": served("def handle(data, context):\n    return eval(data)\n"),
            "socket.mar": served("import socket\ns = socket.create_connection(('example.invalid', 1))\n"),
        },
        "pass": {"in-a-text.pt": archive({"archive/.data/extern_modules": b"", "archive/a.txt": b"os.system('id')"})},
    },
}


MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
OLD_HEAD = MAGIC + b"\x80\x02M\xe9\x03." + b"\x80\x02}" + string("little_endian") + b"\x88s."
OLD_TENSOR = b"\x80\x02" + tensor_over(storage(rest=b"N")) + b"."
OLD_KEYS = b"\x80\x02]q\x00" + string("0") + b"q\x01a."
FLOATS_2 = (2).to_bytes(8, "little") + bytes(8)
OLD = OLD_HEAD + OLD_TENSOR + OLD_KEYS + FLOATS_2
OLD_EFFECTS = (
    "import torch._utils._rebuild_tensor_v2",
    "import torch.FloatStorage",
    "persistent ?",
    "import collections.OrderedDict",
    "call collections.OrderedDict",
    "call torch._utils._rebuild_tensor_v2",
)
NO_KEY = OLD_KEYS.replace(string("0") + b"q\x01a", b"")
OTHER_KEY = OLD_KEYS.replace(string("0"), string("1"))

_OLDER = (
    Vector("torch-legacy", "tensor", OLD, "one tensor", OLD_EFFECTS),
    Vector("torch-legacy", "behind", OLD + b"x", "a byte behind the storages, which is examined", OLD_EFFECTS),
    Vector(
        "torch-legacy", "keys-of-python-2", OLD.replace(OLD_KEYS, b"\x80\x02]U\x010a."), "short strings", OLD_EFFECTS
    ),
    Vector("torch-legacy", "cut", OLD[:-1], "one byte less", OLD_EFFECTS, "and 7 left"),
    Vector(
        "torch-legacy", "other-count", OLD.replace(FLOATS_2, b"\x01" + FLOATS_2[1:]), "1", OLD_EFFECTS, "of 4 bytes"
    ),
    Vector("torch-legacy", "no-key", OLD.replace(OLD_KEYS, NO_KEY), "no key", OLD_EFFECTS, "no storage"),
    Vector("torch-legacy", "other-key", OLD.replace(OLD_KEYS, OTHER_KEY), "1", OLD_EFFECTS, "does not ask for"),
    Vector(
        "torch-legacy", "keys-by-number", OLD.replace(OLD_KEYS, b"\x80\x02]K\x00a."), "0", OLD_EFFECTS, "plain list"
    ),
    Vector("torch-legacy", "four-pickles", OLD_HEAD + OLD_TENSOR, "no keys", OLD_EFFECTS),
)


RULES: dict[str, dict[str, dict[str, bytes]]] = {
    "safetensors-inconsistent": SAFETENSORS,
    "gguf-inconsistent": GGUF,
    **ARCHIVES,
    "gguf-trailing-data": {
        "fail": {"script.gguf": gguf((NAME,), (FLOATS,), bytes(32) + b"#!/bin/sh\necho hi\n")},
        "pass": {"padded.gguf": gguf((NAME,), (row("w", 0, 1),), bytes(32))},
    },
}

ONE = safetensors({"a": tensor(0, 4)}, bytes(4))
NO_SHAPE = safetensors({"a": {"dtype": "U8", "data_offsets": [0, 4]}}, bytes(4))

# parser, name, bytes, why, what is said of it where it is not read to the end
_ROWS = (
    ("safetensors", "one", ONE, "one tensor", ""),
    ("safetensors", "none", safetensors("{}", b""), "no tensor at all", ""),
    ("safetensors", "scalar", safetensors({"a": {**tensor(0, 4, "F32"), "shape": []}}, bytes(4)), "no dimension", ""),
    ("safetensors", "half-bytes", safetensors({"a": {**tensor(0, 1, "F4"), "shape": [2]}}, b"x"), "two of 4 bits", ""),
    ("safetensors", "header-too-long", b"\xff" + ONE[1:], "longer than the file", "a header of"),
    ("safetensors", "header-huge", (1 << 63).to_bytes(8, "little") + b"{", "a length of 2**63", "a header of"),
    ("safetensors", "begins-with-space", safetensors(" {}", b""), "white space before the brace", "does not begin"),
    ("safetensors", "unknown-type", safetensors({"a": tensor(0, 4, "X8")}, bytes(4)), "X8", "not known here"),
    ("safetensors", "no-shape", NO_SHAPE, "", "without dtype"),
    ("safetensors", "negative", safetensors({"a": {**tensor(0, 4), "shape": [-4]}}, bytes(4)), "-4", "whole number"),
    ("safetensors", "fraction", safetensors({"a": {**tensor(0, 4), "shape": [4.0]}}, bytes(4)), "4.0", "whole number"),
    ("safetensors", "one-offset", safetensors({"a": {**tensor(0, 4), "data_offsets": [0]}}, bytes(4)), "", "two data"),
    ("safetensors", "not-utf8", ONE.replace(b'"a"', b'"\xff"'), "a name that is no text", "not UTF-8"),
    ("safetensors", "half-surrogate", safetensors('{"\\ud800":{}}', b""), "half a character", "not UTF-8"),
    ("safetensors", "comma", safetensors('{"a":{},}', b""), "a comma too many", "without dtype"),
    ("safetensors", "behind-the-value", safetensors("{}{}", b""), "two values", "behind the value"),
    ("safetensors", "deep", safetensors('{"__metadata__":{"a":%s}}' % ("[" * 99), b""), "99 lists", "nested deeper"),
    ("gguf", "one", gguf((NAME,), (FLOATS,), bytes(32)), "one tensor", ""),
    ("gguf", "no-tensor", gguf((NAME,), (), b""), "a vocabulary has none", ""),
    ("gguf", "version-1", b"GGUF\x01\0\0\0\0\0\0\0\x01\0\0\0" + text("a", 4) + b"\x08\0\0\0" + text("b", 4) + bytes(3),
     "lengths of 32 bits", ""),
    ("gguf", "big-endian", b"GGUF\0\0\0\x03" + bytes(15) + b"\x01" + bytes(7) + b"\x01a\0\0\0\x00x" + bytes(18),
     "the other byte order", ""),
    ("gguf", "nested-lists", gguf((LISTS,), (), b""),
     "a list in a list", ""),
    ("gguf", "version-4", b"GGUF\x04" + bytes(19), "not known", "version 4"),
    ("gguf", "cut", gguf((NAME,), (FLOATS,), b"")[:60], "cut inside the metadata", "are left"),
    ("gguf", "count-huge", b"GGUF\x03\0\0\0" + b"\xff" * 16, "2**64 tensors", "are left"),
    ("gguf", "string-huge", gguf((key("a", 8, b"\xff" * 8),), (), b""), "a string of 2**64", "are left"),
    ("gguf", "list-huge", gguf((key("a", 9, b"\x08\0\0\0" + b"\xff" * 8),), (), b""), "2**64 strings", "are left"),
    ("gguf", "list-of-long-string", gguf((key("a", 9, b"\x08\0\0\0\x01" + bytes(7) + b"\xff" * 8),), (), b""),
     "its one string is longer than the file", "behind the end"),
    ("gguf", "deep", gguf((key("a", 9, (b"\x09\0\0\0\x01" + bytes(7)) * 9),), (), b""), "nine lists", "nested deeper"),
    ("gguf", "unknown-value", gguf((key("a", 13, b""),), (), b""), "a value of type 13", "of type 13"),
    ("gguf", "alignment-odd", gguf((key("general.alignment", 4, b"\x03\0\0\0"),), (), b""), "3", "an alignment of 3"),
    ("gguf", "alignment-text", gguf((key("general.alignment", 8, text("32")),), (), b""), "text", "whole number"),
    ("gguf", "five-dimensions", gguf((NAME,), (row("w", 0, 1, 1, 1, 1, 1),), bytes(4)), "five", "of 5 dimensions"),
    ("gguf", "unknown-type", gguf((NAME,), (row("w", 0, 8, kind=99),), bytes(32)), "type 99", "of type 99"),
)  # fmt: skip
FORMATS = (*(Vector(parser, name, data, why, says=says) for parser, name, data, why, says in _ROWS), *_OLDER)
READERS = {
    "safetensors": "hauberk.formats.model.safetensors",
    "gguf": "hauberk.formats.model.gguf",
    "torch-legacy": "hauberk.formats.model.torch.legacy",
}
