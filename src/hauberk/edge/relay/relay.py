"""Carries bytes between a sandbox and the addresses that were named, as a program of its own; never imported.

    relay.py CONTROL [[["127.0.0.2", 5432], [[2, ["203.0.113.7", 5432]]]], ...]

Over the descriptor CONTROL come, once, the sockets that listen inside of the sandbox; who made them has let nothing
else run there before, and nothing more is read from there. A connection to the N-th leads to the N-th address, and no
byte of it is looked at. When standard input ends, so does this program, with one JSON document of what was carried:
`[{"connections": 1, "failed": 0, "turnedAway": 0, "sent": 120, "received": 4096, "said": ""}]`.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import struct
import sys
import time
from functools import partial
from typing import Any

MOST_OPEN = 64  # of all connections at once
BUFFER_BYTES = 1 << 16  # in each direction of each
CONNECT_SECONDS = 10
DRAIN_SECONDS = 1  # for what the command had sent when it ended
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
RESET = struct.pack("ii", 1, 0)


class Line:
    """One connection from inside, and the one outside that it leads to."""

    def __init__(self, told: dict[str, Any], inside: socket.socket, addresses: list[list[Any]]) -> None:
        self.told, self.inside, self.outside = told, inside, socket.socket()
        self.left = list(addresses)
        self.waits = {"inside": bytearray(), "outside": bytearray()}  # what is to be written there
        self.ended: set[str] = set()
        self.shut: set[str] = set()
        self.is_connected, self.due = False, 0.0
        inside.settimeout(0)

    def side(self, name: str) -> socket.socket:
        """Return the socket of a side."""
        return self.inside if name == "inside" else self.outside

    def connect(self) -> bool:
        """Begin to connect to the next address; return whether there is one."""
        while self.left:
            family, address = self.left.pop(0)
            self.outside.close()
            self.due = time.monotonic() + CONNECT_SECONDS
            try:
                self.outside = socket.socket(family, socket.SOCK_STREAM)
                self.outside.settimeout(0)
                self.outside.connect(tuple(address))
            except BlockingIOError:
                return True
            except OSError as error:
                self.told["said"] = error.strerror or "no connection"
                continue
            return True
        return False

    def wanted(self, name: str) -> int:
        """Return what is waited for on a side."""
        if not self.is_connected:
            return WRITE if name == "outside" else 0
        other = "outside" if name == "inside" else "inside"
        has_room = name not in self.ended and len(self.waits[other]) < BUFFER_BYTES
        return (READ if has_room else 0) | (WRITE if self.waits[name] else 0)

    def carry(self, name: str, mask: int) -> None:
        """Read and write what a side is ready for; raise `OSError` where it is gone."""
        other, here = "outside" if name == "inside" else "inside", self.side(name)
        if mask & READ and name not in self.ended and len(self.waits[other]) < BUFFER_BYTES:
            data = here.recv(BUFFER_BYTES - len(self.waits[other]))
            self.waits[other] += data
            self.told["received"] += len(data) if name == "outside" else 0
            if not data:
                self.ended.add(name)
        if mask & WRITE and self.waits[name]:
            count = here.send(self.waits[name])
            self.told["sent"] += count if name == "outside" else 0
            del self.waits[name][:count]
        for one, peer in (("inside", "outside"), ("outside", "inside")):
            if one in self.ended and not self.waits[peer] and peer not in self.shut:
                self.shut.add(peer)
                self.side(peer).shutdown(socket.SHUT_WR)

    def close(self, *, abruptly: bool) -> None:
        """Close both; abruptly, so that whoever is inside sees a broken connection and no end of data."""
        if abruptly:
            reset(self.inside)
        self.inside.close()
        self.outside.close()


def reset(one: socket.socket) -> None:
    """Close a connection so that its other end sees it broken."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    one.close()


class Relay:
    """All lines. Everything happens in one thread, and nothing waits anywhere but in `select`."""

    def __init__(self, control: socket.socket, led: list[Any]) -> None:
        self.control, self.led = control, led
        self.told: list[dict[str, Any]] = [
            {"connections": 0, "failed": 0, "turnedAway": 0, "sent": 0, "received": 0, "said": ""} for _ in led
        ]
        self.selector = selectors.DefaultSelector()
        self.lines: set[Line] = set()
        self.listening: list[socket.socket] = []
        self.end: float | None = None

    def serve(self) -> None:
        """Carry until standard input ends, and what was already sent for a moment longer."""
        self.selector.register(0, READ, self._stop)
        self.selector.register(self.control, READ, self._listen)
        while self.end is None or (self.lines and time.monotonic() < self.end):
            for key, mask in self.selector.select(self._patience()):
                key.data(mask)
            for line in [line for line in self.lines if not line.is_connected and time.monotonic() > line.due]:
                line.told["said"] = "no answer"
                self._connect(line)

    def _patience(self) -> float | None:
        due = [line.due for line in self.lines if not line.is_connected] + ([] if self.end is None else [self.end])
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _stop(self, _mask: int) -> None:
        self.selector.unregister(0)
        for index, one in enumerate(self.listening):
            while self._accept(one, index):
                pass
            self.selector.unregister(one)
            one.close()
        self.end = time.monotonic() + DRAIN_SECONDS

    def _listen(self, _mask: int) -> None:
        """Take the sockets that listen inside, all of them and only once, and say so."""
        _, numbers, _, _ = socket.recv_fds(self.control, 1, len(self.led))
        self.selector.unregister(self.control)
        sockets = [socket.socket(fileno=number) for number in numbers]
        with self.control:
            if [list(one.getsockname()) for one in sockets] != [place for place, _ in self.led]:
                return
            for index, one in enumerate(sockets):
                one.settimeout(0)
                self.selector.register(one, READ, partial(self._accept, one, index))
            self.listening = sockets
            self.control.sendall(b".")

    def _accept(self, listening: socket.socket, index: int, _mask: int = READ) -> bool:
        """Begin a line for one connection; return whether there was one."""
        try:
            inside, _ = listening.accept()
        except OSError:
            return False
        told = self.told[index]
        try:
            line = Line(told, inside, self.led[index][1])
        except OSError as error:  # no descriptor is left
            told["said"] = error.strerror or "no connection"
            told["connections"] += 1
            told["failed"] += 1
            reset(inside)
            return True
        if len(self.lines) >= MOST_OPEN:
            told["turnedAway"] += 1
            line.close(abruptly=True)
            return True
        told["connections"] += 1
        self.lines.add(line)
        self._connect(line)
        return True

    def _connect(self, line: Line) -> None:
        self._watch(line, "outside", 0)
        if line.connect():
            self._watch(line, "outside", WRITE)
        else:
            line.told["failed"] += 1
            self._drop(line, abruptly=True)

    def _advance(self, line: Line, name: str, mask: int) -> None:
        if line not in self.lines:
            return
        try:
            if not line.is_connected:
                error = line.outside.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    line.told["said"] = os.strerror(error)
                    self._connect(line)
                    return
                line.is_connected = True
            else:
                line.carry(name, mask)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(line, abruptly=True)
            return
        if line.shut >= {"inside", "outside"}:
            self._drop(line, abruptly=False)
            return
        for one in ("inside", "outside"):
            self._watch(line, one, line.wanted(one))

    def _watch(self, line: Line, name: str, mask: int) -> None:
        here = line.side(name)
        if here.fileno() < 0:  # it is closed, and nothing is waited for there
            return
        is_known = here.fileno() in self.selector.get_map()
        if mask and is_known:
            self.selector.modify(here, mask, partial(self._advance, line, name))
        elif mask:
            self.selector.register(here, mask, partial(self._advance, line, name))
        elif is_known:
            self.selector.unregister(here)

    def _drop(self, line: Line, *, abruptly: bool) -> None:
        for name in ("inside", "outside"):
            self._watch(line, name, 0)
        self.lines.discard(line)
        line.close(abruptly=abruptly)


def main() -> int:
    """Carry, and say what was carried."""
    relay = Relay(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2]))
    relay.serve()
    sys.stdout.write(json.dumps(relay.told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
