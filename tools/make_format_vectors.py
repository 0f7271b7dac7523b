"""Make tests/vectors/formats: for each parser small files that it reads to the end, and files that it must not.

Each file is a minimal valid one with one change. This imports nothing of ours: the bytes are written out by hand.

    python tools/make_format_vectors.py        # writes the folder again; the same bytes every time

`expected.json` says for each file why it is there, what loading it would do (`import os.system`, `call os.system`), and
for a failing one a part of what is said about it. A family of formats has its vectors in a module of its own,
`vectors_<family>.py`: `FORMATS`, rows of `Vector`, and `READERS`, which module reads the files of each parser.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from vector import Vector

FOLDER = Path(__file__).parents[1] / "tests" / "vectors" / "formats"


def short(text: bytes) -> bytes:
    """Return SHORT_BINUNICODE."""
    return b"\x8c" + bytes([len(text)]) + text


def frame(size: int) -> bytes:
    """Return FRAME."""
    return b"\x95" + size.to_bytes(8, "little")


SYSTEM = ("import os.system", "call os.system")
IMPORT = ("import os.system",)
P2, P4 = b"\x80\x02", b"\x80\x04"
OS_SYSTEM = short(b"os") + short(b"system") + b"\x93"
RUN = short(b"id") + b"\x85R"

PICKLES = (
    Vector("pickle", "none", P4 + b"N.", "the least that a pickler writes"),
    Vector("pickle", "protocol-0", b"N.", "no PROTO at all"),
    Vector("pickle", "framed", P4 + frame(2) + b"N.", "the frame that picklers of protocol 4 write"),
    Vector("pickle", "global", P2 + b"cos\nsystem\n.", "GLOBAL imports, though nothing is called", IMPORT),
    Vector("pickle", "reduce", P2 + b"cos\nsystem\nX\x02\x00\x00\x00id\x85R.", "the classic", SYSTEM),
    Vector("pickle", "inst", b"(S'id'\nios\nsystem\n.", "INST imports and calls in one", SYSTEM),
    Vector("pickle", "obj", b"(cos\nsystem\nS'id'\no.", "OBJ calls the first value above the mark", SYSTEM),
    Vector("pickle", "obj-popped", b"N(cos\nsystem\nS'id'\no0.", "what was called is popped and never seen", SYSTEM),
    Vector("pickle", "newobj", P2 + b"cos\nsystem\n)\x81.", "NEWOBJ", ("import os.system", "new os.system")),
    Vector("pickle", "newobj-ex", P4 + OS_SYSTEM + b")}\x92.", "NEWOBJ_EX", ("import os.system", "new os.system")),
    Vector("pickle", "stack-global", P4 + OS_SYSTEM + RUN + b".", "a name from two strings", SYSTEM),
    Vector(
        "pickle",
        "stack-global-memo",
        P4 + short(b"os") + b"\x940" + short(b"system") + b"\x940h\x00h\x01\x93" + RUN + b".",
        "names fetched from the memo",
        SYSTEM,
    ),
    Vector(
        "pickle",
        "stack-global-dup",
        P4 + short(b"os") + b"2\x93.",
        "one string, doubled, is module and name",
        ("import os.os",),
    ),
    Vector(
        "pickle",
        "stack-global-escapes",
        P4 + b"V\\u006fs\nS'\\x73ystem'\n\x93" + RUN + b".",
        "names in UNICODE and STRING, with escapes",
        SYSTEM,
    ),
    Vector(
        "pickle",
        "stack-global-long-lengths",
        P4 + b"\x8d\x02" + bytes(7) + b"os" + b"X\x06\x00\x00\x00system\x93" + RUN + b".",
        "a name in BINUNICODE8",
        SYSTEM,
    ),
    Vector(
        "pickle",
        "stack-global-byte-strings",
        P4 + b"U\x02osT\x06\x00\x00\x00system\x93" + RUN + b".",
        "names in the strings of Python 2",
        SYSTEM,
    ),
    Vector(
        "pickle",
        "memo-overwritten",
        P4 + short(b"os") + b"\x94" + short(b"posix") + b"q\x00" + short(b"system") + b"h\x002\x93" + b".",
        "PUT overwrites what MEMOIZE filed",
        ("import posix.posix",),
    ),
    Vector(
        "pickle",
        "memoize-counts",
        P4 + short(b"a") + b"q\x05" + short(b"os") + b"\x94h\x01h\x01\x93.",
        "MEMOIZE files under the count of entries, not behind the highest",
        ("import os.os",),
    ),
    Vector("pickle", "mark-popped", P4 + b"(0" + OS_SYSTEM + RUN + b".", "POP takes a mark that lies on top", SYSTEM),
    Vector("pickle", "pop-mark", P4 + b"(KKKK1" + OS_SYSTEM + b".", "POP_MARK drops all above the mark", IMPORT),
    Vector(
        "pickle", "python-2-names", b"c__builtin__\neval\n.", "names of Python 2 are mapped", ("import builtins.eval",)
    ),
    Vector(
        "pickle",
        "python-2-names-protocol-4",
        P4 + b"c__builtin__\neval\n.",
        "from protocol 3 on they are not",
        ("import __builtin__.eval",),
    ),
    Vector(
        "pickle", "two-streams", P4 + b"N." + P4 + OS_SYSTEM + RUN + b".", "a payload behind the first STOP", SYSTEM
    ),
    Vector(
        "pickle", "wrong-protocol", b"\x80\x00" + OS_SYSTEM + RUN + b".", "PROTO promises less than it uses", SYSTEM
    ),
    Vector(
        "pickle",
        "dotted",
        P4 + short(b"torch") + short(b"os.system") + b"\x93.",
        "os by way of torch",
        ("import torch.os.system",),
    ),
    Vector("pickle", "slots", P4 + OS_SYSTEM + b"N}\x86b.", "BUILD with state for slots", (*IMPORT, "build os.system")),
    Vector("pickle", "extension", P2 + b"\x82\x01.", "what copyreg registered under 1", ("import ?",)),
    Vector("pickle", "persistent", b"Pid\n.", "the loader's own hook is asked", ("persistent ?",)),
    Vector("pickle", "binary-persistent", P2 + b"K\x01Q.", "the same, with any value", ("persistent ?",)),
    Vector(
        "pickle", "setstate", P2 + b"cos\nsystem\n}b.", "BUILD changes what was imported", (*IMPORT, "build os.system")
    ),
    Vector(
        "pickle",
        "append-to-import",
        b"csys\npath\nS'x'\na.",
        "a list that exists",
        ("import sys.path", "extend sys.path"),
    ),
    Vector("pickle", "out-of-band", b"\x80\x05\x97\x98.", "a buffer that the loader brings"),
    Vector("pickle", "cycle", P4 + b"]\x94h\x00a" + OS_SYSTEM + b"0.", "a list that holds itself", IMPORT),
    Vector("pickle", "no-stop", P4 + OS_SYSTEM + RUN, "what was called was called", SYSTEM, "there is no STOP"),
    Vector(
        "pickle", "bad-opcode", P4 + OS_SYSTEM + RUN + b"\xff.", "the same", SYSTEM, "byte ff is not an instruction"
    ),
    Vector("pickle", "underflow", P4 + OS_SYSTEM + RUN + b"R.", "the same", SYSTEM, "too few values"),
    Vector("pickle", "no-mark", P4 + OS_SYSTEM + RUN + b"t.", "the same", SYSTEM, "no mark"),
    Vector(
        "pickle",
        "below-mark",
        P4 + OS_SYSTEM + b"(R.",
        "what is below a mark is out of reach",
        IMPORT,
        "too few values",
    ),
    Vector("pickle", "empty-memo", P4 + OS_SYSTEM + RUN + b"h\x07.", "the same", SYSTEM, "no entry 7"),
    Vector("pickle", "bad-utf8", P4 + OS_SYSTEM + RUN + short(b"\xff") + b".", "the same", SYSTEM, "not UTF-8"),
    Vector(
        "pickle",
        "huge-length",
        P4 + OS_SYSTEM + RUN + b"\x8e" + b"\xff" * 8 + b".",
        "a length that no file has",
        SYSTEM,
        "BINBYTES8 of 18446744073709551615 bytes",
    ),
    Vector("pickle", "negative-length", P2 + b"T\xff\xff\xff\xff.", "BINSTRING is signed", (), "BINSTRING of -1 bytes"),
    Vector(
        "pickle", "truncated-number", P2 + b"J\x01\x00", "the argument is cut off", (), "ends inside an instruction"
    ),
    Vector("pickle", "protocol-6", b"\x80\x06" + OS_SYSTEM + b".", "nobody knows it", (), "protocol 6"),
    Vector(
        "pickle",
        "name-without-newline",
        b"cos\nsystem!",
        "at the end of a file CPython takes any byte for the newline",
        IMPORT,
        "there is no STOP",
    ),
    Vector("pickle", "trailing-bytes", P4 + b"N.\x00\x00", "bytes behind STOP", (), "behind the last pickle"),
    Vector(
        "pickle",
        "second-stream-broken",
        P4 + b"N." + OS_SYSTEM + RUN + b"\xff",
        "what runs in the second stream runs",
        SYSTEM,
        "byte ff is not an instruction",
    ),
    Vector(
        "pickle",
        "frame-crossed",
        P4 + frame(6) + b"cjson.os\nsystem\n.",
        "the C unpickler, reading a file, imports os, for it throws `json.` away",
        ("import json.os.system", "import ?"),
        "crosses the end of its frame",
    ),
    Vector(
        "pickle",
        "frame-too-long",
        P4 + frame(99) + OS_SYSTEM + b".",
        "the unpickler in Python goes on",
        IMPORT,
        "a frame of 99 bytes",
    ),
    Vector(
        "pickle", "frame-in-frame", P4 + frame(11) + frame(2) + b"N.", "only C goes on", (), "begins inside another"
    ),
    Vector(
        "pickle", "frame-after-stop", P4 + frame(3) + b"N.N.", "a stream, or not", ("import ?",), "goes on after STOP"
    ),
    Vector("pickle", "odd-dict", b"(Nd.", "a key without a value", (), "a key without a value"),
    Vector("pickle", "unquoted-string", b"Sid\n.", "STRING wants quotes", (), "STRING without quotes"),
    Vector("pickle", "broken-escape", b"V\\u00\n.", "an escape that ends early", (), "UNICODE with a broken escape"),
    Vector("pickle", "octal-number", b"I010\n.", "eight to C, an error to Python", (), "not every unpickler"),
    Vector("pickle", "extension-0", P2 + b"\x82\x00.", "code 0 is forbidden", (), "extension code 0"),
    Vector("pickle", "fill-a-number", b"I1\nNa.", "a number has no append", (), "a constant is filled"),
    Vector("pickle", "negative-memo", b"Np-1\n.", "no unpickler files under -1", (), "negative memo number"),
)


def npy(header: bytes, body: bytes, version: int = 1) -> bytes:
    """Return an .npy file with a padded header."""
    width = 2 if version == 1 else 4
    padded = header + b" " * (-(len(header) + 9 + width) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(padded).to_bytes(width, "little") + padded + body


HEADER = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }"
OBJECTS = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
FIELDS = b"{'descr': [('a', '<f8'), ('b', '|S3', (2,))], 'fortran_order': False, 'shape': (1,), }"

ARRAYS = (
    Vector("numpy", "floats", npy(HEADER, bytes(16)), "the minimal array"),
    Vector("numpy", "version-2", npy(HEADER, bytes(16), 2), "a header of four length bytes"),
    Vector("numpy", "version-3", npy(HEADER, bytes(16), 3), "a header in UTF-8"),
    Vector("numpy", "python-2", npy(HEADER.replace(b"2,", b"2L,"), bytes(16)), "long numbers, as Python 2 wrote them"),
    Vector("numpy", "scalar", npy(HEADER.replace(b"(2,)", b"()"), bytes(8)), "no dimension, one element"),
    Vector("numpy", "empty", npy(HEADER.replace(b"(2,)", b"(0, 9)"), b""), "no element"),
    Vector("numpy", "fields", npy(FIELDS, bytes(14)), "a structure with a field of several elements"),
    Vector("numpy", "objects", npy(OBJECTS, P4 + OS_SYSTEM + RUN + b"."), "the array is a pickle", SYSTEM),
    Vector("numpy", "too-short", npy(HEADER, bytes(15)), "one byte less", (), "an array of 16 bytes, where 15"),
    Vector("numpy", "too-long", npy(HEADER, bytes(17)), "one byte more", (), "an array of 16 bytes, where 17"),
    Vector("numpy", "version-9", npy(HEADER, bytes(16), 9), "an unknown version", (), "version 1.0, 2.0 or 3.0"),
    Vector("numpy", "header-cut", npy(HEADER, b"")[:60], "the header ends early", (), "an .npy header of"),
    Vector("numpy", "call", npy(b"__import__('os')", b""), "not a literal", (), "not a plain literal"),
    Vector("numpy", "no-comma", npy(HEADER.replace(b"8', ", b"8' "), bytes(16)), "no comma", (), "a comma missing"),
    Vector("numpy", "two-values", npy(HEADER + b" 1", bytes(16)), "one more value", (), "something behind its literal"),
    Vector("numpy", "two-shapes", npy(HEADER[:-1] + b"'shape': (2,)}", bytes(16)), "a key twice", (), "a key twice"),
    Vector("numpy", "one-more-key", npy(HEADER[:-1] + b"'x': 1}", bytes(16)), "another key", (), "without exactly"),
    Vector("numpy", "list-shape", npy(HEADER.replace(b"(2,)", b"[2]"), bytes(16)), "a list", (), "not a tuple"),
    Vector(
        "numpy", "negative", npy(HEADER.replace(b"2,", b"-2,"), bytes(16)), "less than nothing", (), "whole numbers"
    ),
    Vector(
        "numpy", "bool-size", npy(HEADER.replace(b"2,", b"True,"), bytes(8)), "True is no size", (), "whole numbers"
    ),
    Vector("numpy", "overflow", npy(HEADER.replace(b"2,", b"9" * 18 + b",100"), b""), "too many", (), "whole numbers"),
    Vector("numpy", "bad-type", npy(HEADER.replace(b"<f8", b"<f7"), bytes(14)), "f7", (), "not a NumPy type"),
    Vector("numpy", "objects-broken", npy(OBJECTS, P4 + OS_SYSTEM), "no STOP", IMPORT, "there is no STOP"),
)

DTYPE = (
    b"cnumpy\ndtype\nX\x02\x00\x00\x00f8K\x00K\x01\x87R"
    b"(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
)
OBJECT = DTYPE.replace(b"f8", b"O8").replace(b"K\x00tb", b"K?tb")
DTYPE_EFFECTS = ("import numpy.dtype", "call numpy.dtype", "build numpy.dtype()")
WRAPPED = (
    "import joblib.numpy_pickle.NumpyArrayWrapper",
    "new joblib.numpy_pickle.NumpyArrayWrapper",
    "import numpy.ndarray",
)
BUILT = "build joblib.numpy_pickle.NumpyArrayWrapper()"
ALL = (*WRAPPED, *DTYPE_EFFECTS, BUILT)


def text(value: bytes) -> bytes:
    """Return BINUNICODE."""
    return b"X" + len(value).to_bytes(4, "little") + value


def joblib(dtype: bytes = DTYPE, shape: bytes = b"K\x02\x85", *, more: bytes = b"", after: bytes = b"") -> bytes:
    """Return a pickle of one wrapped array, and what follows its BUILD."""
    return (
        b"\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("
        + text(b"subclass")
        + b"cnumpy\nndarray\n"
        + text(b"shape")
        + shape
        + text(b"order")
        + text(b"C")
        + text(b"dtype")
        + dtype
        + text(b"allow_mmap")
        + b"\x88"
        + more
        + b"ub"
        + after
    )


ALIGNED = text(b"numpy_array_alignment_bytes") + b"K\x10"
UNALIGNED = text(b"numpy_array_alignment_bytes") + b"N"
OPCODES = b"cos\nsystem\n)R..."  # 16 bytes that would be instructions, if they were not array data

JOBLIBS = (
    Vector("joblib", "floats", joblib(after=OPCODES + b"."), "16 bytes that look like instructions", ALL),
    Vector(
        "joblib", "padded", joblib(more=ALIGNED, after=b"\x03\xff\xff\xff" + OPCODES + b"."), "padding of three", ALL
    ),
    Vector("joblib", "no-padding", joblib(more=ALIGNED, after=b"\x00" + OPCODES + b"."), "padding of none", ALL),
    Vector("joblib", "unaligned", joblib(more=UNALIGNED, after=OPCODES + b"."), "alignment None: no length byte", ALL),
    Vector("joblib", "behind-array", joblib(after=bytes(16) + b"0cos\nsystem\n."), "it goes on", (*ALL, *IMPORT)),
    Vector(
        "joblib", "objects", joblib(OBJECT, after=P4 + OS_SYSTEM + RUN + b"0N.."), "a pickle inside", (*ALL, *SYSTEM)
    ),
    Vector(
        "joblib",
        "objects-own-memo",
        joblib(OBJECT, after=P4 + short(b"os") + b"\x94h\x00\x93..").replace(b"\x80\x03", b"\x80\x03Nq\x000"),
        "the pickle inside an array has a memo of its own",
        (*ALL, "import os.os"),
    ),
    Vector(
        "joblib",
        "objects-with-a-wrapper",
        joblib(OBJECT, after=joblib(after=b"0X\x05\x00\x00\x00seen!N0N0.") + b"."),
        "a wrapper inside an array of objects reads no array: what follows are instructions",
        (*ALL, "new joblib.numpy_pickle.NumpyArrayWrapper", *DTYPE_EFFECTS[1:], BUILT),
    ),
    Vector("joblib", "too-short", joblib(after=bytes(15)), "one byte less", ALL, "an array of 16 bytes, where 15"),
    Vector("joblib", "stop-missing", joblib(after=bytes(16)), "no STOP", ALL, "there is no STOP"),
    Vector(
        "joblib", "objects-broken", joblib(OBJECT, after=P4 + OS_SYSTEM), "no STOP", (*ALL, *IMPORT), "there is no STOP"
    ),
    Vector("joblib", "unknown-type", joblib(DTYPE.replace(b"f8", b"f7"), after=OPCODES), "f7", ALL, "not a NumPy type"),
    Vector(
        "joblib",
        "false-flags",
        joblib(DTYPE.replace(b"K\x00tb", b"K?tb"), after=OPCODES),
        "floats whose state says that they are objects",
        ALL,
        "contradicts its state",
    ),
    Vector(
        "joblib",
        "type-built-twice",
        joblib(DTYPE + b"(K\x03tb", after=OPCODES),
        "a second state for the type",
        (*ALL[:-1], "build numpy.dtype()", BUILT),
        "not a plain tuple",
    ),
    Vector("joblib", "shape-in-a-list", joblib(shape=b"]K\x02a", after=OPCODES), "a list", ALL, "not a plain tuple"),
    Vector("joblib", "shape-of-text", joblib(shape=b"U\x012\x85", after=OPCODES), "a string", ALL, "whole numbers"),
    Vector("joblib", "one-more", joblib(more=text(b"read") + b"N", after=OPCODES), "`read`", ALL, "other attributes"),
    Vector(
        "joblib",
        "attribute-missing",
        joblib(after=OPCODES).replace(text(b"allow_mmap") + b"\x88", b""),
        "no `allow_mmap`",
        ALL,
        "other attributes",
    ),
    Vector(
        "joblib",
        "built-twice",
        joblib(after=bytes(16) + b"0h\x00}b.").replace(b"Wrapper\n)\x81", b"Wrapper\n)\x81q\x00"),
        "the wrapper is fetched from the memo and built again",
        (*ALL, BUILT),
        "not made as joblib makes it",
    ),
    Vector(
        "joblib",
        "array-file",
        P2 + b"cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}b.",
        "an array in another file, as old joblib wrote",
        (
            "import joblib.numpy_pickle.NDArrayWrapper",
            "new joblib.numpy_pickle.NDArrayWrapper",
            "build joblib.numpy_pickle.NDArrayWrapper()",
        ),
        "a file of its own",
    ),
    Vector(
        "joblib",
        "inside-frame",
        joblib(after=OPCODES + b".").replace(b"\x80\x03", b"\x80\x04" + frame(len(joblib()) + 3)),
        "the frame goes on behind BUILD, so readers disagree where the array is",
        ALL,
        "inside a frame",
    ),
)

DOCUMENT = b"name: tumour\nversion: 1\n"
DOCUMENTS = (
    Vector("document", "map", DOCUMENT, "the minimal map"),
    Vector(
        "document", "words", DOCUMENT + b"answer: no\nday: 2026-01-01\n", "words that YAML 1.1 reads as something else"
    ),
    Vector("document", "json", b'{"name": "tumour", "list": [1, 2.5, true, null]}', "JSON is YAML"),
    Vector("document", "same-key", DOCUMENT + b"name: other\n", "a key twice", (), "for the second time"),
    Vector("document", "alias", DOCUMENT + b"copy: *name\n", "an alias", (), "the alias *name"),
    Vector("document", "anchor", DOCUMENT + b"copy: &name x\n", "an anchor", (), "the anchor &name"),
    Vector("document", "tag", DOCUMENT + b"copy: !!python/name:os.system x\n", "a tag", (), "the tag"),
    Vector("document", "two-documents", DOCUMENT + b"---\nname: other\n", "two documents", (), "a second document"),
    Vector("document", "directive", b"%YAML 1.1\n---\n" + DOCUMENT, "a directive", (), "a directive"),
    Vector("document", "number-key", DOCUMENT + b"1: x\n", "a key that is a number", (), "not a string"),
    Vector("document", "octal", DOCUMENT + b"mode: 0644\n", "octal in YAML 1.1, decimal in 1.2", (), "octal to some"),
    Vector("document", "infinite", DOCUMENT + b"max: .inf\n", "no finite number", (), "no finite number"),
    Vector("document", "beyond-double", DOCUMENT + b"max: 1e999\n", "beyond a double", (), "beyond the range"),
    Vector(
        "document", "beyond-integers", DOCUMENT + b"max: 9007199254740993\n", "not kept exactly", (), "a number beyond"
    ),
    Vector("document", "deep", b"a: " + b"[" * 64 + b"]" * 64, "too deep", (), "nested deeper"),
    Vector("document", "empty", b"# nothing\n", "no document at all", (), "empty"),
    Vector("document", "not-utf8", DOCUMENT + b"word: \xff\n", "a byte that is not UTF-8", (), "not UTF-8"),
    Vector("document", "control", DOCUMENT + b"word: \x00\n", "a control character", (), "not YAML"),
    Vector("document", "open-list", DOCUMENT + b"list: [1, 2\n", "a list without its end", (), "line 4"),
    Vector("document", "surrogate", DOCUMENT + b'word: "\\ud800"\n', "half a character", (), "surrogate"),
)

FAMILIES = [importlib.import_module(path.stem) for path in sorted(Path(__file__).parent.glob("vectors_*.py"))]
VECTORS = (
    *PICKLES,
    *JOBLIBS,
    *ARRAYS,
    *DOCUMENTS,
    *(vector for family in FAMILIES for vector in getattr(family, "FORMATS", ())),
)
READERS = {
    "pickle": "hauberk.formats.model.pickle.description",
    "joblib": "hauberk.formats.model.joblib",
    "numpy": "hauberk.formats.model.numpy",
} | {parser: module for family in FAMILIES for parser, module in getattr(family, "READERS", {}).items()}


def expected() -> str:
    """Return the text of expected.json."""
    rows = {v.path: {"why": v.why, "effects": list(v.effects), "says": v.says} for v in VECTORS}
    return json.dumps(rows, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the folder anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for vector in VECTORS:
        path = FOLDER / vector.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(vector.data)
    (FOLDER / "expected.json").write_text(expected())
    print(f"{len(VECTORS)} vectors in {FOLDER}")


if __name__ == "__main__":
    main()
