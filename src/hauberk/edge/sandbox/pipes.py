"""Starts the programs of a sandboxed run and holds the pipes between them; none stays open, whatever ends the run."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from hauberk.edge.sandbox.bubblewrap import program
from hauberk.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_RELAY_SECONDS: Final = 10  # what was printed is shown before ours, unless nobody takes it


@dataclass(frozen=True, slots=True)
class Pipe:
    """Both ends of a pipe."""

    reader: BinaryIO
    writer: BinaryIO


@contextmanager
def pipe() -> Iterator[Pipe]:
    """Yield a pipe whose ends are closed in the end; each may be closed before."""
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as read, os.fdopen(writer, "wb") as write:
        yield Pipe(read, write)


def started(words: list[str], **how: Any) -> subprocess.Popen[bytes]:
    """Start a program of ours in a session of its own.

    Args:
        words: the program and its arguments, which may be those of the person's own command.
        how: as `subprocess.Popen` takes it.

    Raises:
        Unavailable: it does not start.
    """
    try:
        return subprocess.Popen(words, env={"PATH": os.defpath}, start_new_session=True, **how)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its limits cannot be set"
        raise Unavailable(f"{Path(words[0]).name} cannot be started: {reason}", "no command was started") from None


@contextmanager
def relayed_output() -> Iterator[int]:
    """Yield a pipe to our standard error, which the command could read, or empty, were it given the file itself."""
    with pipe() as shown:
        relay = started([str(program("cat"))], stdin=shown.reader, stdout=2)
        shown.reader.close()
        try:
            yield shown.writer.fileno()
        finally:
            shown.writer.close()
            with suppress(subprocess.TimeoutExpired):
                relay.wait(_RELAY_SECONDS)
            relay.kill()
            relay.wait()
