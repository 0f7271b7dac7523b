"""Child processes: never a shell, never an inherited environment, never a process left behind.

Each child leads a session of its own. When it has ended, has run too long, or we are interrupted, what is left of its
process group is killed. Its command is a list of words, its environment exactly the mapping that was given, and of our
descriptors it gets the standard three and those that were named.
"""

from __future__ import annotations

import math
import os
import selectors
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from hauberk.edge.files import printable
from hauberk.errors import Exceeded, Misconfigured, NotVerified, Unavailable
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hauberk.edge.files import StrPath

_PIECE = 1 << 16
_KEPT_OUTPUT = 1 << 16
_KEPT_COMPLAINT = 1 << 12
_SECRET_BYTES = 4096  # PIPE_BUF on Linux: written at once, before the child reads


@dataclass(frozen=True, slots=True)
class Finished:
    """A child that ended by itself: its exit status (-N for signal N), how long it ran, the end of what it printed."""

    returncode: int
    seconds: float
    output: bytes = b""


def run(
    command: Sequence[str],
    *,
    cwd: StrPath,
    environment: Mapping[str, str],
    timeout_seconds: float,
    capture: bool = False,
    attend: Callable[[], float] | None = None,
) -> Finished:
    """Run a command to its end; what it prints goes to our standard error, or, with `capture`, into the answer.

    Args:
        command: the program and its arguments; the program is looked up on the PATH of `environment`.
        cwd: its working directory.
        environment: all of its environment.
        timeout_seconds: after that it is killed, with its process group.
        capture: keep the last 64 KiB of standard output and error together, print nothing.
        attend: as of `await_end`; what it raises ends the command too.

    Raises:
        Misconfigured: the command cannot be started.
        Unavailable: it ran longer than `timeout_seconds`.
    """
    begun = time.monotonic()
    output = _Kept(_KEPT_OUTPUT, cut=True)
    stdout, stderr = (subprocess.PIPE, subprocess.STDOUT) if capture else (2, None)
    with group(command, cwd=cwd, environment=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr) as it:
        try:
            if it.stdout is not None:
                _converse(it, b"", {it.stdout: output}, begun + timeout_seconds)
            await_end(it, max(0.0, begun + timeout_seconds - time.monotonic()), attend)
        except (subprocess.TimeoutExpired, TimeoutError):
            raise _timed_out(command, timeout_seconds) from None
    return Finished(it.returncode, time.monotonic() - begun, bytes(output.data))


def await_end(process: subprocess.Popen[bytes], seconds: float, attend: Callable[[], float] | None = None) -> int:
    """Return the exit status of a child; raise `subprocess.TimeoutExpired` if it runs longer than `seconds`.

    Args:
        process: the child.
        seconds: the most that it may take.
        attend: what is done meanwhile, at the start and then after as many seconds as it returns each time. It is done
            here and not in a thread, beside which no child could be forked safely.
    """
    deadline = time.monotonic() + seconds
    while True:
        pause = math.inf if attend is None else attend()
        try:
            return process.wait(max(0.0, min(pause, deadline - time.monotonic())))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline:
                raise


def exchange(
    command: Sequence[str],
    request: bytes,
    *,
    environment: Mapping[str, str],
    timeout_seconds: float,
    secret: bytes | None = None,
    limit: int = 1 << 20,
) -> bytes:
    """Start a command of ours, write the request to its standard input, return its standard output.

    Args:
        command: the program and its arguments.
        request: all that it reads; then its standard input ends.
        environment: all of its environment.
        timeout_seconds: after that it is killed, with its process group.
        secret: a passphrase, given through a pipe that HAUBERK_PASSPHRASE_FILE names: never an argument, never a file.
        limit: the most bytes of an answer.

    Raises:
        NotVerified: it ended with 1, which in the table of exits means that something did not hold; its words follow.
        Unavailable: it ended with anything else but 0, or ran longer than `timeout_seconds`.
        Exceeded: it answered with more than `limit` bytes.
        Misconfigured: it cannot be started, or the secret is too long.
    """
    deadline = time.monotonic() + timeout_seconds
    answer, complaint = _Kept(limit), _Kept(_KEPT_COMPLAINT, cut=True)
    pipe = subprocess.PIPE
    with _secret_pipe(secret) as (descriptors, named):
        environment = {**environment, **named}
        with group(command, environment=environment, stdin=pipe, stdout=pipe, stderr=pipe, pass_fds=descriptors) as it:
            assert it.stdout is not None
            assert it.stderr is not None
            try:
                _converse(it, request, {it.stdout: answer, it.stderr: complaint}, deadline)
                it.wait(max(0.0, deadline - time.monotonic()))
            except (subprocess.TimeoutExpired, TimeoutError):
                raise _timed_out(command, timeout_seconds) from None
    if it.returncode:
        said = printable(complaint.data.decode(errors="backslashreplace").strip()) or "nothing"
        kind = NotVerified if it.returncode == 1 else Unavailable
        raise kind(f"{printable(command[0])} ended with {it.returncode} and said: {said}")
    return bytes(answer.data)


@dataclass(slots=True)
class _Kept:
    """Output as it comes: the last `limit` bytes of it if `cut`, else all of it or `Exceeded`."""

    limit: int
    cut: bool = False
    data: bytearray = field(default_factory=bytearray)

    def add(self, piece: bytes) -> None:
        self.data += piece
        if len(self.data) > self.limit:
            if not self.cut:
                raise Exceeded(f"a child answered with more than {self.limit} bytes")
            del self.data[: -self.limit]


@contextmanager
def group(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    stdin: int,
    stdout: int,
    stderr: int | None,
    cwd: StrPath | None = None,
    pass_fds: tuple[int, ...] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a child; whatever ends the `with` ends its whole process group."""
    if isinstance(command, str) or not command:
        raise Misconfigured("a command is a list of words", 'write it as ["python", "train.py"]')
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; the words come from the caller's own project file
            list(command),
            cwd=cwd,
            env=dict(environment),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Misconfigured(f"{printable(command[0])} cannot be started: {reason}", "check the command") from None
    try:
        yield process
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


@contextmanager
def _secret_pipe(secret: bytes | None) -> Iterator[tuple[tuple[int, ...], dict[str, str]]]:
    """Yield the descriptor from which a child can read the secret once, and the variable that names it."""
    if secret is None:
        yield (), {}
        return
    if len(secret) > _SECRET_BYTES:
        raise Misconfigured(f"a passphrase has at most {_SECRET_BYTES} bytes")
    reader, writer = os.pipe()
    try:
        try:
            os.write(writer, secret)
        finally:
            os.close(writer)
        yield (reader,), {"HAUBERK_PASSPHRASE_FILE": f"/dev/fd/{reader}"}
    finally:
        os.close(reader)


def _converse(
    process: subprocess.Popen[bytes], request: bytes, sinks: Mapping[IO[bytes], _Kept], deadline: float
) -> None:
    """Write the request while reading every output to its end; raise `TimeoutError` at the deadline."""
    left = memoryview(request)
    with selectors.DefaultSelector() as waiting:
        for stream, kept in sinks.items():
            waiting.register(stream, selectors.EVENT_READ, kept)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            waiting.register(process.stdin, selectors.EVENT_WRITE)
        while waiting.get_map():
            ready = waiting.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.data is None:
                    left = _write_some(key.fd, left)
                    done = not left
                else:
                    piece = os.read(key.fd, _PIECE)
                    key.data.add(piece)
                    done = not piece
                if done:
                    waiting.unregister(key.fd)
                    if key.data is None and process.stdin is not None:
                        process.stdin.close()  # the child's end of file


def _write_some(descriptor: int, left: memoryview) -> memoryview:
    """Return what could not be written yet; nothing is left to do for a child that no longer reads."""
    try:
        return left[os.write(descriptor, left) :]
    except BlockingIOError:
        return left
    except BrokenPipeError:
        return left[:0]


def _timed_out(command: Sequence[str], timeout_seconds: float) -> Unavailable:
    return Unavailable(
        f"{printable(command[0])} did not end in {timeout_seconds:g} s, and was killed (timeout)",
        "see why it hangs, or allow it more time",
        refused_for=RefusedFor.OUT_OF_TIME,
    )
