"""Detonate: open a model inside the sandbox as its framework would, and tell what it did.

What a scan says of a file is read from the file; this is seen. The two answer different questions: a file that did
nothing today may wait for a date, a host name or a graphics card, so a quiet detonation is no pass, and no gate takes
it for one. A file that acted has shown what it is.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from hauberk.detonation import Detonation
from hauberk.edge.clock import stopwatch
from hauberk.edge.sandbox.bubblewrap import HOME, Budget, open_sealed
from hauberk.edge.sandbox.seccomp import DENIED, UNCOUNTED
from hauberk.edge.sources import snapshot
from hauberk.errors import Misconfigured, Unavailable
from hauberk.formats import trace
from hauberk.formats.sniff import sniff
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.edge.sources import Snapshot, StrPath

_NEEDS: Final = {
    "pickle": "pickle", "joblib": "joblib", "npy": "numpy", "torch": "torch", "torchscript": "torch", "keras": "keras",
    "skops": "skops", "onnx": "onnxruntime", "tensorflow": "tensorflow", "tflite": "tensorflow",
    "xgboost": "xgboost", "lightgbm": "lightgbm", "catboost": "catboost",
}  # fmt: skip
FORMS: Final = tuple(_NEEDS)
# A format as it is told from the bytes, by its beginning, and who opens it.
_OPENED_AS: Final = (
    ("pytorch", "torch"),
    ("torchscript", "torchscript"),
    ("keras", "keras"),
    ("hdf5", "keras"),
    ("onnx", "onnx"),
    ("tensorflow-saved-model", "tensorflow"),
    ("tflite", "tflite"),
    ("xgboost", "xgboost"),
    ("lightgbm", "lightgbm"),
    ("catboost", "catboost"),
    ("npy", "npy"),
    ("npz", "npy"),
    ("joblib", "joblib"),
    ("pickle", "pickle"),
    ("gzip", "joblib"),
    ("zlib", "joblib"),
    ("bzip2", "joblib"),
    ("xz", "joblib"),
    ("lzma", "joblib"),
    ("zip", "torch"),
)
_ORDINARY: Final = ("import", "pickle.find_class", "open", "compile", "exec", "marshal.loads")
_MOST_CHARACTERS: Final = 400
_MARKS: Final = ("/hauberk-begins", "/hauberk-ends")
_SYSTEM: Final = (
    "/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/etc/ld.so.cache/", "/etc/nsswitch.conf/", "/model/",
    "/hauberk-opener.py/",
    "/dev/null/", "/dev/urandom/", "/dev/tty/", "/proc/meminfo/", "/proc/cpuinfo/", "/proc/stat/",
    "/proc/filesystems/", "/sys/devices/system/", "/sys/fs/cgroup/", "/etc/localtime/",
    *(f"/proc/self/{name}/" for name in ("maps", "status", "stat", "statm", "cgroup", "mountinfo", "auxv", "cmdline")),
    f"{HOME}/",
)  # fmt: skip


def detonate(
    path: StrPath,
    *,
    form: str | None = None,
    entry: str | None = None,
    budget: Budget | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Detonation:
    """Open a model inside the sandbox, and return what it did. Nothing of it runs outside.

    Args:
        path: a file, or a directory with `entry`.
        form: one of `FORMS`; None tells it from the bytes.
        entry: the file of the directory that is opened.
        budget: what it may use.
        limits: `max_load_bytes` is the most that is copied into the sandbox.

    Raises:
        Unavailable: there is no sandbox here, or it is not tight; or the framework is not installed.
        Misconfigured: nobody opens such a format, or `entry` is missing.
        Exceeded, Malformed: as for `snapshot`.
    """
    copy = snapshot(path, limits=limits)
    chosen = _chosen(copy, entry)
    form = form or _form_of(copy.files[chosen], chosen)
    begun = stopwatch()
    ran = open_sealed(copy.files, chosen, form, budget or Budget())
    known = (*_SYSTEM, *(f"{prefix}/" for prefix in (sys.prefix, sys.base_prefix)))
    seen = trace.read(ran.trace, begin=_MARKS[0], end=_MARKS[1], known=known, kernel=frozenset((*DENIED, *UNCOUNTED)))
    answer = ran.answer or {}
    if not seen.begun and answer.get("missing"):  # what comes later was written by the model
        raise Unavailable(f"opening it as {form} needs {_NEEDS[form]}", f"pip install {_NEEDS[form]}")
    if not seen.begun:
        raise Unavailable(f"the model was not opened: {ran.early or 'the sandbox ended before'}", "run it again")
    told = answer.get("events")
    events = [event for event in (told if isinstance(told, list) else ()) if isinstance(event, list) and event]
    return Detonation(
        os.fspath(path),
        copy.digest,
        form,
        opened=answer.get("opened") is True and not ran.early,
        error=(ran.early or str(answer.get("error", "")))[:_MOST_CHARACTERS],
        acts=seen.acts,
        looked_up=_looked_up(events),
        events=tuple(dict.fromkeys(_told(event) for event in events if event[0] not in _ORDINARY)),
        seconds=stopwatch() - begun,
    )


def _chosen(copy: Snapshot, entry: str | None) -> str:
    names = sorted(copy.files)
    if entry is None and len(names) == 1:
        return names[0]
    if entry is None or entry not in copy.files:
        raise Misconfigured(
            "which file to open?" if entry is None else f"there is no {entry}",
            f"--entry, one of: {', '.join(names[:20])}",
        )
    return entry


def _form_of(data: bytes, name: str) -> str:
    view = BytesView(data)
    row = sniff(view)
    found = row.describe(view).format if row.describe else ""
    for told in (found, row.name):
        for begin, form in _OPENED_AS:
            if told.startswith(begin):
                return form
    raise Misconfigured(f"{name} is {row.name}, which no framework here opens", f"name one: --as {'|'.join(FORMS)}")


def _looked_up(events: list[list[object]]) -> tuple[str, ...]:
    names = [f"{event[1]}.{event[2]}" for event in events if event[0] == "pickle.find_class" and len(event) > 2]
    return tuple(dict.fromkeys(name[:_MOST_CHARACTERS] for name in names))


def _told(event: list[object]) -> str:
    return f"{event[0]}({', '.join(map(str, event[1:]))})"[:_MOST_CHARACTERS]
