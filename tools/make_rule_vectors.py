"""Writes the vectors of the rules: `python tools/make_rule_vectors.py` fills `tests/vectors/rules/<id>/{pass,fail}`.

A fail vector is a smallest pickle that breaks one rule; a pass vector is the same with the one change that makes it
harmless. They are written instruction by instruction and never loaded, here or anywhere. Vectors of rules on file names
are the names, one a line. A family of formats has its vectors in a module of its own: `RULES` of `vectors_<family>.py`.
"""

from __future__ import annotations

import importlib
import pickle
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

FOLDER = Path(__file__).parent.parent / "tests" / "vectors" / "rules"

SAFE_CALL = b"cdatetime\ndate\n(I2026\nI1\nI2\ntR."
OBJECT_TYPE = b"cnumpy\ndtype\n(VO8\nI00\nI01\ntR(I3\nV|\nNNNI-1\nI-1\nI63\ntb"
FLOAT_TYPE = b"cnumpy\ndtype\n(Vf8\nI00\nI01\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb"
EMPTY_ARRAY = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntc_codecs\nencode\n(Vb\nVlatin1\ntRtR"
ESTIMATOR = b"\x80\x02csklearn.linear_model._base\nLinearRegression\n)\x81"
ISOTONIC = b"\x80\x02csklearn.isotonic\nIsotonicRegression\n)\x81"
DISTRIBUTION = b"\x80\x02cscipy.stats._continuous_distns\nnorm_gen\n)\x81"


def call(module: str, name: str, *texts: str) -> bytes:
    """Return a pickle that calls a name with texts."""
    return f"c{module}\n{name}\n(".encode() + b"".join(f"V{text}\n".encode() for text in texts) + b"tR."


def stack_global(module: str, name: str, rest: bytes = b".") -> bytes:
    """Return a pickle of protocol 4 that imports a name, dotted or not."""
    return (
        b"\x80\x04" + b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name)) + b"\x93" + rest
    )


def record_type(flags: int) -> bytes:
    """Return a structure with one object field and these flags."""
    fields = b"(Va\nt(dVa\n(" + OBJECT_TYPE + b"I0\nts"
    return b"cnumpy\ndtype\n(VV8\nI00\nI01\ntR(I3\nV|\nN" + fields + b"I8\nI1\nI%d\ntb" % flags


def bomb(depth: int) -> bytes:
    """Return tuples of two references to the tuple before, as a key of a dict."""
    return b"\x80\x02}(I1\n" + b"".join(b"q\x01h\x01\x86" for _ in range(depth)) + b"Nu."


VECTORS: dict[str, dict[str, dict[str, bytes]]] = {
    "pickle-runs-process": {
        "fail": {
            "os-system.pkl": call("os", "system", "echo hi"),
            "posix-by-its-own-name.pkl": call("posix", "system", "echo hi"),
            "python-2-name.pkl": call("commands", "getoutput", "echo hi"),
            "inst.pkl": b"(Vecho hi\nios\nsystem\n.",
            "obj.pkl": b"(cos\nsystem\nVecho hi\no.",
            "popped.pkl": call("os", "system", "echo hi")[:-1] + b"0N.",
            "no-stop.pkl": call("os", "system", "echo hi")[:-1],
            "imported-only.pkl": b"csubprocess\nPopen\n.",
            "second-stream.pkl": b"N." + call("os", "system", "echo hi"),
            "reached-through-torch.pkl": stack_global("torch", "os.system", b"(Vecho hi\ntR."),
            "reached-through-joblib.pkl": stack_global("joblib.numpy_pickle", "os.system", b"(Vecho hi\ntR."),
        },
        "pass": {"a-date.pkl": SAFE_CALL, "the-words-in-a-text.pkl": b"Vos.system('echo hi')\n."},
    },
    "pickle-runs-code": {
        "fail": {
            "eval.pkl": call("builtins", "eval", "1+1"),
            "eval-of-python-2.pkl": call("__builtin__", "eval", "1+1"),
            "other-codec.pkl": call("_codecs", "encode", "text", "rot13"),
            "class-from-dict.pkl": b"cbuiltins\ntype\n(VNew\n)}tR.",
            "getattr.pkl": b"cbuiltins\ngetattr\n(cdatetime\ndate\nVtoday\ntR.",
        },
        "pass": {
            "latin1.pkl": call("_codecs", "encode", "text", "latin1"),
            "type-of-none.pkl": b"cbuiltins\ntype\n(NtR.",
        },
    },
    "pickle-imports-module": {
        "fail": {
            "import-module.pkl": call("importlib", "import_module", "antigravity"),
            "dunder-import.pkl": call("builtins", "__import__", "antigravity"),
            "resolve-name.pkl": call("pkgutil", "resolve_name", "antigravity"),
            "through-another-name.pkl": stack_global("sklearn.base", "clone.__globals__"),
        },
        "pass": {"a-class.pkl": stack_global("sklearn.linear_model._base", "LinearRegression")},
    },
    "pickle-opens-network": {
        "fail": {
            "urlopen.pkl": call("urllib.request", "urlopen", "http://example.invalid/"),
            "python-2-name.pkl": call("urllib2", "urlopen", "http://example.invalid/"),
            "socket.pkl": b"csocket\nsocket\n)R.",
        },
        "pass": {"an-address.pkl": b"cipaddress\nIPv4Address\n(I167772161\ntR."},
    },
    "pickle-reads-file": {
        "fail": {
            "getlines.pkl": call("linecache", "getlines", "/etc/hostname"),
            "read-text.pkl": stack_global("pathlib", "Path.read_text"),
            "old-joblib-wrapper.pkl": b"cjoblib.numpy_pickle_compat\nNDArrayWrapper\n.",
        },
        "pass": {"a-path.pkl": call("pathlib", "PurePosixPath", "/etc/hostname")},
    },
    "pickle-writes-file": {
        "fail": {
            "open.pkl": call("builtins", "open", "new", "w"),
            "write-text.pkl": stack_global("pathlib", "Path.write_text"),
            "file-io.pkl": call("_io", "FileIO", "new", "w"),
        },
        "pass": {"bytes-in-memory.pkl": b"\x80\x02c_io\nBytesIO\n)\x81."},
    },
    "pickle-deletes-file": {
        "fail": {"rmtree.pkl": call("shutil", "rmtree", "nowhere"), "remove.pkl": call("os", "remove", "nowhere")},
        "pass": {"a-path.pkl": call("pathlib", "PurePosixPath", "nowhere")},
    },
    "pickle-deserialises": {
        "fail": {
            "marshal.pkl": call("marshal", "loads", "N"),
            "pickle-in-pickle.pkl": call("_pickle", "loads", "N."),
            "numpy-load.pkl": call("numpy", "load", "a.npy"),
            "joblib-load.pkl": call("joblib", "load", "a.joblib"),
        },
        "pass": {"bytes.pkl": b"C\x02N.."},
    },
    "pickle-tampers-registry": {
        "fail": {
            "add-extension.pkl": call("copyreg", "add_extension", "a", "b", "7"),
            "sys-modules.pkl": b"csys\nmodules\n.",
            "state-of-a-class.pkl": b"cdatetime\ndate\n}b.",
            "state-of-a-function.pkl": b"ccopyreg\n_reconstructor\n(N}Vx\nNstb.",
        },
        "pass": {"state-of-an-instance.pkl": ESTIMATOR + b"(dVn_jobs\nNsb."},
    },
    "pickle-exhausts": {
        "fail": {
            "sleep.pkl": b"ctime\nsleep\n(I9\ntR.",
            "exit.pkl": b"csys\nexit\n)R.",
            "bomb.pkl": bomb(40),
            "endless.pkl": b"citertools\ncount\n)R.",
            "one-hash.pkl": pickle.dumps({k * ((1 << 61) - 1) for k in range(1, 1100)}, 4),
        },
        "pass": {"a-few-references.pkl": bomb(4), "long-keys.pkl": pickle.dumps({3**k: k for k in range(40, 140)}, 4)},
    },
    "pickle-unsafe-arguments": {
        "fail": {
            "call-by-next-state.pkl": ESTIMATOR + b"(dV__setstate__\nNsb.",
            "call-by-append.pkl": ESTIMATOR + b"(dVextend\nNsb.",
            "version-with-methods.pkl": ESTIMATOR + b"(dV_sklearn_version\n" + ESTIMATOR[2:] + b"sb.",
            "state-shorter-than-the-class.pkl": b"csklearn.metrics._dist_metrics\nnewObj\n"
            b"(csklearn.metrics._dist_metrics\nEuclideanDistance64\ntR)b.",
            "memory-by-address.pkl": ESTIMATOR + b"(dV__array_interface__\n(dsb.",
            "forged-pointers.pkl": record_type(16) + b".",
            "structure-without-its-flag.pkl": record_type(32) + b".",
            "time-without-a-unit.pkl": b"cnumpy\ndtype\n(VM8\nI00\nI01\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb.",
            "list-shorter-than-shape.pkl": EMPTY_ARRAY + b"(I1\n(I1000\nt" + OBJECT_TYPE + b"I00\n(ltb.",
            "object-scalar.pkl": b"cnumpy._core.multiarray\nscalar\n(" + OBJECT_TYPE + b"Vx\ntR.",
            "constructor-of-choice.pkl": b"cnumpy.random._pickle\n__generator_ctor\n(Vx\ncbuiltins\nset\ntR.",
            "array-function-by-name.pkl": call("numpy.core", "_ufunc_reconstruct", "mymodule", "f"),
            "memory-by-number.pkl": b"cbuiltins\nbytearray\n(I1000000000000\ntR.",
            "fraction-written-out.pkl": call("fractions", "Fraction", "1e999999999"),
            "factory-of-choice.pkl": b"ccollections\ndefaultdict\n(ccollections\ndefaultdict\ntR.",
            "instance-by-call.pkl": b"csklearn.linear_model._base\nLinearRegression\n)R.",
            "template-that-is-executed.pkl": DISTRIBUTION + b"}V_parse_arg_template\nV1\nsb.",
            "tensor-behind-its-storage.pkl": b"ctorch._utils\n_rebuild_meta_tensor_no_storage\n(Vx\ntR.",
            "rebuilt-by-own-method.pkl": ISOTONIC + b"(dV_build_f\ncbuiltins\nset\nsb.",
        },
        "pass": {
            "estimator.pkl": ESTIMATOR + b"(dVfit_intercept\nI01\nsb.",
            "honest-structure.pkl": record_type(27) + b".",
            "list-as-long-as-shape.pkl": EMPTY_ARRAY + b"(I1\n(I1\nt" + OBJECT_TYPE + b"I00\n(lNatb.",
            "scalar.pkl": b"cnumpy._core.multiarray\nscalar\n(" + FLOAT_TYPE + b"C\x08\0\0\0\0\0\0\0\0tR.",
            "array-function-by-name.pkl": call("numpy.core", "_ufunc_reconstruct", "numpy", "log1p"),
            "partial.pkl": b"cfunctools\npartial\n(cnumpy\nlog1p\ntR.",
            "factory.pkl": b"ccollections\ndefaultdict\n(cbuiltins\nlist\ntR.",
        },
    },
    "pickle-unknown-callable": {
        "fail": {
            "own-class.pkl": b"\x80\x02cmymodule\nNet\n)\x81.",
            "own-function.pkl": b"cmymodule\nactivation\n.",
            "result-of-a-result.pkl": b"cfunctools\npartial\n(cnumpy\nlog1p\ntR)R.",
            "method-of-a-safe-class.pkl": stack_global("sklearn.linear_model._base", "LinearRegression.fit"),
            "called-constant.pkl": b"I1\n)R.",
        },
        "pass": {"known-class.pkl": b"\x80\x02csklearn.linear_model._base\nLinearRegression\n)\x81."},
    },
    "pickle-extension-code": {
        "fail": {
            "ext1.pkl": b"\x80\x02\x82\x07.",
            "ext2.pkl": b"\x80\x02\x83\x07\x01.",
            "ext4-called.pkl": b"\x80\x02\x84\x07\0\x01\0)R.",
        },
        "pass": {"a-number.pkl": b"\x80\x02K\x07."},
    },
    "pickle-dynamic-global": {
        "fail": {
            "name-by-call.pkl": b"\x80\x04c_codecs\nencode\n(Vos\nVlatin1\ntRVsystem\n\x93.",
            "name-by-number.pkl": b"\x80\x04I1\nVsystem\n\x93.",
        },
        "pass": {"name-from-the-memo.pkl": b"\x80\x04\x8c\x08datetime\x94\x8c\x04date\x940\x30h\x00h\x01\x93."},
    },
    "pickle-persistent-id": {
        "fail": {"persid.pkl": b"P7\n.", "binpersid.pkl": b"(Vstorage\nI0\ntQ."},
        "pass": {"the-same-as-a-tuple.pkl": b"(Vstorage\nI0\nt."},
    },
    "pickle-trailing-data": {
        "fail": {"script.pkl": b"\x80\x02N.#!/bin/sh\n", "zeros.pkl": b"\x80\x02N." + bytes(64)},
        "pass": {"two-pickles.pkl": b"\x80\x02N.\x80\x02N."},
    },
    "tree-case-fold-twins": {
        "fail": {"case.names": b"Model.joblib\nmodel.joblib\n", "accents.names": "\u00e9.pkl\ne\u0301.pkl\n".encode()},
        "pass": {"different.names": b"model.joblib\nmodels/model.joblib\n"},
    },
    # A line with an arrow is a link that leads out of the tree.
    "tree-links-out": {
        "fail": {
            "key.names": b"model.onnx\nweights.bin -> a symbolic link to ../../../../etc/passwd\n",
            "alone.names": b"model.pt -> a symbolic link to /srv/models/other.pt\n",
        },
        "pass": {"file.names": b"model.onnx\nweights.bin\n"},
    },
    # A line with a sign is a file that says more of another one than that has.
    "tree-beyond-file": {
        "fail": {"openvino.names": b"model.xml > 4096 bytes in model.bin, which has 64\nmodel.bin\n"},
        "pass": {"openvino.names": b"model.xml\nmodel.bin\n"},
    },
}

for _module in sorted(Path(__file__).parent.glob("vectors_*.py")):
    VECTORS.update(getattr(importlib.import_module(_module.stem), "RULES", {}))


def main() -> None:
    """Write every vector, and remove what is none."""
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    for rule, kinds in VECTORS.items():
        for kind, files in kinds.items():
            folder = FOLDER / rule / kind
            folder.mkdir(parents=True)
            for name, data in files.items():
                (folder / name).write_bytes(data)
    print(f"{sum(1 for path in FOLDER.rglob('*') if path.is_file())} vectors of {len(VECTORS)} rules", file=sys.stderr)


if __name__ == "__main__":
    main()
