"""A server that a test session starts on a free port of the loopback address, waits for, and ends by its process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PATIENCE_SECONDS = 60


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on; all are held until the last is found, so none is found twice."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def running(
    command: Sequence[str], *, folder: Path, ready: str, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the block ends.

    Args:
        command: the program and its arguments.
        folder: its working directory, where its output goes to `log`.
        ready: a URL; once anything answers there, the server is ready. With `tcp://`, once it can be connected to.
        environment: added to what it needs of ours.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**inherited, "HOME": str(folder), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _await(ready, process, folder / "log")
            yield
        finally:
            _end(process)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            _ask(url)
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise AssertionError(f"{process.args!r} does not answer at {url}:\n{log.read_text(errors='replace')[-3000:]}")


def _ask(url: str) -> None:
    if url.startswith("tcp://"):
        host, _, port = url.removeprefix("tcp://").partition(":")
        socket.create_connection((host, int(port)), timeout=2).close()
    else:
        urllib.request.urlopen(url, timeout=2).close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and what it started: all of them are in the session that it leads."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(2)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break
    process.wait()
