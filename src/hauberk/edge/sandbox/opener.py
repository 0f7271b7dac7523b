"""Opens a model as its framework would. Runs only inside of the sandbox, as a program of its own; never imported.

    opener.py FORMAT PATH      prints one JSON document: whether it opened, and what Python's audit hook heard
    opener.py probe ADDRESS    prints what it could do that a sandbox must not allow

Two looks at names that do not exist mark, in the trace of system calls, where opening begins and ends.
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


OPENERS = {"pickle": _pickle, "joblib": _joblib, "npy": _numpy, "torch": _torch, "keras": _keras}
NEEDS = {"joblib": "joblib", "npy": "numpy", "torch": "torch", "keras": "keras", "pickle": "pickle"}


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


def main(form: str, path: str) -> None:
    """Open the model under an audit hook, and print what was heard."""
    answer = os.dup(1)
    os.dup2(2, 1)  # what the model prints is no answer
    try:
        importlib.import_module(NEEDS[form])
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
    import socket
    import subprocess

    able = []
    host, port, secret = address.rsplit(":", 2)
    with contextlib.suppress(OSError):
        socket.create_connection((host, int(port)), timeout=2).close()
        able.append("reach a server of the host")
    with contextlib.suppress(OSError):
        open(secret, "rb").close()
        able.append("read a file of the host")
    for folder in ("/usr", os.path.dirname(sys.executable)):
        with contextlib.suppress(OSError):
            open(os.path.join(folder, "hauberk-was-here"), "wb").close()
            able.append(f"write to {folder}")
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(["unshare", "--user", "true"], check=True, capture_output=True)
        able.append("make a namespace")
    if sum(name.isdigit() for name in os.listdir("/proc")) > MOST_PROCESSES:
        able.append("see processes outside")
    _say(1, {"able": able})


def _say(descriptor: int, document: object) -> None:
    data = json.dumps(document).encode()
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    probe(sys.argv[2]) if sys.argv[1] == "probe" else main(sys.argv[1], sys.argv[2])
