"""Opens a model as its framework would. Runs only inside of the sandbox, as a program of its own; never imported.

    opener.py FORMAT PATH BYTES      prints one JSON document: whether it opened, and what Python's audit hook heard
    opener.py probe ADDRESS BYTES    prints what it could do that a sandbox must not allow

BYTES is the most that one file may hold. Two looks at names that do not exist mark, in the trace of system calls, where
opening begins and ends; the model can make the second one itself, and whoever reads the trace must not believe it.
"""

import contextlib
import importlib
import json
import os
import sys

BEGIN, END = "/hauberk-begins", "/hauberk-ends"
QUIET = ("object.__", "sys._getframe", "code.__new__", "builtins.id", "gc.", "cpython.run", "os.listdir")
MOST_EVENTS = 20_000
MOST_CHARACTERS = 300
MOST_FILES = 1024
CLONE = {"x86_64": 56, "aarch64": 220}  # the number of `clone`
NEW_USER = 0x10000011  # CLONE_NEWUSER and SIGCHLD
MOST_PROCESSES = 3  # bubblewrap's own, as the first of the namespace, and this one


def _pickle(path: str) -> object:
    import pickle

    with open(path, "rb") as file:
        return pickle.load(file)


def _joblib(path: str) -> object:
    import joblib

    return joblib.load(path)


def _numpy(path: str) -> object:
    import numpy as np

    return np.load(path, allow_pickle=True)


def _torch(path: str) -> object:
    import torch

    return torch.load(path, map_location="cpu", weights_only=False)


def _keras(path: str) -> object:
    import keras

    return keras.saving.load_model(path, safe_mode=False, compile=False)


def _torchscript(path: str) -> object:
    import torch

    return torch.jit.load(path, map_location="cpu")


def _skops(path: str) -> object:
    import skops.io

    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def _onnx(path: str) -> object:
    import onnxruntime

    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def _tensorflow(path: str) -> object:
    import tensorflow as tf

    return tf.saved_model.load(os.path.dirname(path))


def _tflite(path: str) -> object:
    import tensorflow as tf

    made = tf.lite.Interpreter(path)
    made.allocate_tensors()
    return made


def _xgboost(path: str) -> object:
    import xgboost

    return xgboost.Booster(model_file=path)


def _lightgbm(path: str) -> object:
    import lightgbm

    return lightgbm.Booster(model_file=path)


def _catboost(path: str) -> object:
    import catboost

    return catboost.CatBoost().load_model(path)


OPENERS = {
    "pickle": _pickle,
    "joblib": _joblib,
    "npy": _numpy,
    "torch": _torch,
    "torchscript": _torchscript,
    "keras": _keras,
    "skops": _skops,
    "onnx": _onnx,
    "tensorflow": _tensorflow,
    "tflite": _tflite,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
}
NEEDS = {name: name for name in OPENERS} | {
    "npy": "numpy",
    "torchscript": "torch",
    "onnx": "onnxruntime",
    "tflite": "tensorflow",
}


def _mark(name: str) -> None:
    with contextlib.suppress(OSError):
        os.stat(name)


def _shown(argument: object) -> object:
    """Return an argument as text without calling anything of it."""
    if type(argument) in (int, bool):
        return argument
    if isinstance(argument, str):
        return str.__str__(argument)[:MOST_CHARACTERS]
    return repr(argument[:MOST_CHARACTERS]) if type(argument) is bytes else type(argument).__name__


def limit(most: int) -> None:
    """Lower, for good, what this process and all that it starts may write and hold open."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, MOST_FILES))


def warm(form: str) -> None:
    """Let a framework look at the machine before anybody listens, where it does so at its first use."""
    if form == "skops":
        import sklearn  # noqa: F401 - joblib, which it imports, asks for a semaphore
    elif form in ("tensorflow", "tflite"):
        import tensorflow as tf

        tf.Variable(1.0).assign_add(1.0)
    elif form == "keras":
        import keras

        keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])


def main(form: str, path: str) -> None:
    """Open the model under an audit hook, and print what was heard."""
    answer = os.dup(1)
    os.dup2(2, 1)  # what the model prints is no answer
    try:
        importlib.import_module(NEEDS[form])
        warm(form)
    except ImportError as absent:
        _say(answer, {"opened": False, "missing": NEEDS[form], "error": f"{absent}", "events": []})
        return
    heard: list[list[object]] = []
    listening = [True]

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening[0] and not event.startswith(QUIET) and len(heard) < MOST_EVENTS:
            heard.append([event, *map(_shown, arguments)])

    sys.addaudithook(hear)
    _mark(BEGIN)
    error = ""
    opened = False
    try:
        model = OPENERS[form](path)
        opened = True
        del model
    except BaseException as failed:
        error = f"{type(failed).__name__}: {failed}"[:MOST_CHARACTERS]
    _mark(END)
    listening[0] = False
    _say(answer, {"opened": opened, "error": error, "events": heard})
    os._exit(0)  # what the model left behind has no say any more


def probe(address: str) -> None:
    """Print what can be done here that the sandbox is there to forbid."""
    able = [what for what, tried in PROBES if tried(address)]
    _say(1, {"able": able})


def _connects(address: str) -> bool:
    import socket

    host, port, _ = address.split(":", 2)
    with contextlib.suppress(OSError):
        socket.create_connection((host, int(port)), timeout=2).close()
        return True
    return False


def _reads(address: str) -> bool:
    return _opens(address.split(":", 2)[2], "rb")


def _writes(_: str) -> bool:
    folders = ("/", "/usr", "/dev", "/proc/sys/vm", "/model", os.path.dirname(sys.executable))
    return any(_opens(os.path.join(folder, "hauberk-was-here"), "wb") for folder in folders)


def _sets(_: str) -> bool:
    names = ("kernel/core_pattern", "kernel/modprobe", "vm/overcommit_memory", "vm/drop_caches")
    return any(_opens(f"/proc/sys/{name}", "r+b") for name in names)


def _opens(name: str, mode: str) -> bool:
    with contextlib.suppress(OSError):
        open(name, mode, buffering=0).close()
        return True
    return False


def _nests(_: str) -> bool:
    import ctypes
    import platform

    made = ctypes.CDLL(None).syscall(CLONE.get(platform.machine(), -1), NEW_USER, 0, 0, 0, 0)
    if made == 0:
        os._exit(0)
    return bool(made > 0)


def _leaves(_: str) -> bool:
    import socket

    with contextlib.suppress(OSError):
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
        return True
    return False


def _sees(_: str) -> bool:
    return sum(name.isdigit() for name in os.listdir("/proc")) > MOST_PROCESSES


PROBES = (
    ("reach a server of the host", _connects),
    ("read a file of the host", _reads),
    ("write to a folder of the system", _writes),
    ("set what the kernel does", _sets),
    ("see processes outside", _sees),
    ("make a namespace", _nests),
    ("make a socket to the machine's own host", _leaves),
)


def _say(descriptor: int, document: object) -> None:
    data = json.dumps(document).encode()
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    limit(int(sys.argv[3]))
    probe(sys.argv[2]) if sys.argv[1] == "probe" else main(sys.argv[1], sys.argv[2])
