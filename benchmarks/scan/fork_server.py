"""Runs a scanner's own command line on many files, importing it once: each file in a forked child with a time limit.

    python fork_server.py [--inside] MODULE:FUNCTION SECONDS ARGUMENT… < requests > answers

With `--inside` nothing is forked: for a scanner that keeps no state and ends at its own limits, ours.

The arguments are a command line in which `@` stands for the path; it is run once on a tiny pickle before anything
forks, so that what a scanner imports late is there.

Run by the scanner's own interpreter, with the standard library only. A request is one line of JSON, `{"id": …, "argv":
[…]}`; an answer is the same id with exit status, seconds, CPU seconds, peak memory and the tail of what was printed.
`exit` is null after a time-out, which is of CPU seconds, or of ten times as many on the clock: other work on the
machine is not the scanner's fault.
That a fork answers as a fresh process does is checked on a sample by `detection.py --check`.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

TAIL_BYTES = 6000


def main() -> None:
    """Answer each request."""
    inside = sys.argv[1] == "--inside"
    entry, seconds, *arguments = sys.argv[1 + inside :]
    module, _, function = entry.partition(":")
    limit = float(seconds)
    call = getattr(importlib.import_module(module), function)
    warm_up(call, arguments)
    for line in sys.stdin:
        request = json.loads(line)
        answer = run_inside(call, request["argv"], limit) if inside else run(call, request["argv"], limit)
        print(json.dumps({"id": request["id"], **answer}), flush=True)


def warm_up(call: object, arguments: list[str]) -> None:
    """Scan a tiny pickle in this process, silently; whatever comes of it is no answer."""
    kept = os.dup(1), os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tiny.pkl")
        path.write_bytes(pickle.dumps({"a": 1}))
        sys.argv = [str(path) if argument == "@" else argument for argument in arguments]
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
            _child(call, argv, printed.fileno(), limit)
        status, usage = _wait(child, began + 10 * limit)
        printed.seek(0, os.SEEK_END)
        printed.seek(max(0, printed.tell() - TAIL_BYTES))
        return {
            "exit": status,
            "seconds": round(time.monotonic() - began, 4),
            "cpu": round(usage.ru_utime + usage.ru_stime, 4),
            "mib": usage.ru_maxrss // 1024,
            "tail": printed.read().decode(errors="replace"),
        }


def run_inside(call: object, argv: list[str], limit: float) -> dict[str, object]:
    """Return what one command line did in this process; peak memory is that of the process so far."""
    kept = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        began, cpu = time.monotonic(), time.process_time()
        signal.signal(signal.SIGPROF, _late)
        signal.setitimer(signal.ITIMER_PROF, limit)
        try:
            status = _called(call, argv)
        except TimeoutError:
            status = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        os.close(kept[0])
        os.close(kept[1])
        printed.seek(0, os.SEEK_END)
        printed.seek(max(0, printed.tell() - TAIL_BYTES))
        tail = printed.read().decode(errors="replace")
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"exit": status, "seconds": round(seconds, 4), "cpu": round(cpu, 4), "mib": mib, "tail": tail}


def _late(_signal: int, _frame: object) -> None:
    raise TimeoutError


def _called(call: object, argv: list[str]) -> int:
    """Return the exit status of a call of a command line; a crash is 70, which no scanner means."""
    code: object = 0
    try:
        sys.argv = argv
        code = call()  # type: ignore[operator]
    except SystemExit as error:
        code = error.code
    except TimeoutError:
        raise
    except BaseException:  # noqa: BLE001 - a crash is an answer
        traceback.print_exc()
        code = 70
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


def _child(call: object, argv: list[str], out: int, limit: float) -> None:
    os.setpgid(0, 0)
    seconds = int(limit) + int(time.process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(0)
    code = _called(call, argv)
    os._exit(1 if code == 70 else code & 255)


def _wait(child: int, until: float) -> tuple[int | None, object]:
    pause = 0.001
    while True:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
            return None if code in (-signal.SIGXCPU, -signal.SIGKILL) else code, usage
        if time.monotonic() > until:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            _, _, usage = os.wait4(child, 0)
            return None, usage
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)


if __name__ == "__main__":
    main()
