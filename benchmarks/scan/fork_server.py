"""Runs a scanner's own command line on many files, importing it once: each file in a forked child with a time limit.

    python fork_server.py MODULE:FUNCTION SECONDS ARGUMENT… < requests > answers

The arguments are a command line in which `@` stands for the path; it is run once on a tiny pickle before anything forks, so
that what a scanner imports late is there.

Run by the scanner's own interpreter, with the standard library only. A request is one line of JSON: `{"id": …, "argv": […]}`; an answer
the same id with exit status, seconds, CPU seconds, peak memory and the tail of what was printed. `exit` is null after a time-out.
That a fork answers as a fresh process does is checked on a sample by `detection.py --check`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import signal
import sys
import tempfile
import time
import traceback

TAIL_BYTES = 6000


def main() -> None:
    """Answer each request."""
    module, _, function = sys.argv[1].partition(":")
    limit = float(sys.argv[2])
    call = getattr(importlib.import_module(module), function)
    warm_up(call, sys.argv[3:])
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **run(call, request["argv"], limit)}), flush=True)


def warm_up(call: object, arguments: list[str]) -> None:
    """Scan a tiny pickle in this process, silently; whatever comes of it is no answer."""
    kept = os.dup(1), os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tiny.pkl")
        with open(path, "wb") as file:
            file.write(pickle.dumps({"a": 1}))
        sys.argv = [path if argument == "@" else argument for argument in arguments]
        with contextlib.suppress(BaseException):
            call()  # type: ignore[operator]
    sys.stdout.flush()
    os.dup2(kept[0], 1)
    os.dup2(kept[1], 2)


def run(call: object, argv: list[str], limit: float) -> dict[str, object]:
    """Return what one command line did."""
    with tempfile.TemporaryFile() as printed:
        began = time.monotonic()
        child = os.fork()
        if not child:
            _child(call, argv, printed.fileno())
        status, usage = _wait(child, began + limit)
        printed.seek(0, os.SEEK_END)
        printed.seek(max(0, printed.tell() - TAIL_BYTES))
        return {
            "exit": status,
            "seconds": round(time.monotonic() - began, 4),
            "cpu": round(usage.ru_utime + usage.ru_stime, 4),
            "mib": usage.ru_maxrss // 1024,
            "tail": printed.read().decode(errors="replace"),
        }


def _child(call: object, argv: list[str], out: int) -> None:
    os.setpgid(0, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(0)
    code = 0
    try:
        sys.argv = argv
        code = call()  # type: ignore[operator]
    except SystemExit as error:
        code = error.code if error.code is not None else 0  # type: ignore[assignment]
    except BaseException:  # noqa: BLE001 - a crash is an answer
        traceback.print_exc()
        code = 1
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _wait(child: int, until: float) -> tuple[int | None, object]:
    pause = 0.001
    while True:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > until:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            _, _, usage = os.wait4(child, 0)
            return None, usage
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


if __name__ == "__main__":
    main()
