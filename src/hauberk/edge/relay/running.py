"""Starts the relay of a run, and ends it with the run: its standard input is open for exactly as long as we want it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hauberk.errors import Unavailable
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.edge.relay.address import Way

_PROGRAM: Final = Path(__file__).with_name("relay.py")
_PATIENCE_SECONDS: Final = 10
_MEMBERS: Final = ("connections", "failed", "turnedAway", "sent", "received", "said")


@dataclass(frozen=True, slots=True)
class Carried:
    """What went one way: how many connections, how many of them failed or were too many, bytes out and in.

    Attributes:
        said: why the last one failed.
    """

    way: Way
    connections: int
    failed: int
    turned_away: int
    sent: int
    received: int
    said: str


class Relay:
    """A relay that runs.

    Attributes:
        control: the descriptor for the program inside that makes the sockets; none where nothing is reached.
    """

    def __init__(self, ways: Sequence[Way], process: subprocess.Popen[bytes] | None, control: tuple[int, ...]) -> None:
        self.control = control
        self._ways, self._process = tuple(ways), process

    def end(self) -> tuple[Carried, ...]:
        """End the relay and return what it carried; raise `Unavailable` where it does not tell."""
        if self._process is None:
            return ()
        try:
            told, _ = self._process.communicate(timeout=_PATIENCE_SECONDS)
            numbers = _decoded(told, len(self._ways))
        except subprocess.TimeoutExpired:
            numbers = None
        if numbers is None:
            raise Unavailable(
                "the relay of --reach did not tell what it carried",
                "no model was recorded: run it again",
                refused_for=RefusedFor.NO_REPORT,
            )
        return tuple(
            Carried(way, *(one[name] for name in _MEMBERS)) for way, one in zip(self._ways, numbers, strict=True)
        )


@contextmanager
def relayed(ways: Sequence[Way]) -> Iterator[Relay]:
    """Yield a relay to these addresses, and to no others; whatever ends the block ends it with all connections.

    Raises:
        Unavailable: it cannot be started.
    """
    if not ways:
        yield Relay((), None, ())
        return
    with ExitStack() as held:
        try:
            ours, theirs = map(held.enter_context, socket.socketpair())
            process = _started(ways, theirs)
        except OSError as error:
            raise Unavailable(
                f"the relay of --reach cannot be started: {error.strerror}", "nothing was started"
            ) from None
        theirs.close()
        try:
            yield Relay(ways, process, (ours.fileno(),))
        finally:
            _end(process)


def _started(ways: Sequence[Way], control: socket.socket) -> subprocess.Popen[bytes]:
    led = [[[way.inside, way.destination.port], way.addresses] for way in ways]
    words = [sys.executable, "-I", "-S", "-B", str(_PROGRAM), str(control.fileno()), json.dumps(led)]
    return subprocess.Popen(  # noqa: S603 - words of ours, and addresses
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": os.defpath},
        pass_fds=(control.fileno(),), start_new_session=True,
    )  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _decoded(told: bytes, count: int) -> list[dict[str, Any]] | None:
    try:
        document = json.loads(told)
    except ValueError:
        return None
    return document if isinstance(document, list) and len(document) == count else None
