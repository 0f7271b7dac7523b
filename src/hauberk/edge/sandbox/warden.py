"""Runs the command of a training run inside of the sandbox, as a program of its own; never imported.

    warden.py DESCRIPTOR CONTROL PLACES COMMAND...

PLACES is nothing, or addresses such as `127.0.0.2:5432,127.0.0.3:443`. This program listens there, hands what listens
over to the relay outside through the descriptor CONTROL, and keeps nothing of it, so that the command finds nothing
that it could take over; then it gives up the capability for ports below 1024 with which it was started.

When the command has ended, what it left running is counted, and one JSON document goes to the descriptor, which the
command does not have: `{"status": 0, "left": ["sleep 1000"], "mark": [5, 81]}`. The mark are the descriptors of calls
that were made just before and must fail: a trace without them is not whole. The namespace of processes ends with this
program, and so does everything in it.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import time

GRACE_SECONDS = 1.0  # a pool's workers end a moment after the process that started them
PR_SET_DUMPABLE = 4
MARKS = 3
MOST_NAMED, MOST_CHARACTERS = 20, 200
BACKLOG = 64
CAPABILITIES_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3


def main() -> int:
    """Run the command, report, and end well."""
    report = int(sys.argv[1])
    os.set_inheritable(report, False)
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):  # else `/proc` gives our descriptors to what runs as the same user
        raise OSError(ctypes.get_errno(), "cannot hide")
    if sys.argv[3]:
        try:
            _open(int(sys.argv[2]), sys.argv[3].split(","))
        except OSError as error:
            os.write(report, json.dumps({"status": None, "closed": str(error), "left": []}).encode())
            return 127
    try:
        process = subprocess.Popen(sys.argv[4:])
    except OSError as error:
        os.write(report, json.dumps({"status": None, "error": error.strerror, "left": []}).encode())
        return 127
    status = process.wait()
    left = _others()
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = _others()
    mark = [int.from_bytes(os.urandom(4)) >> 1 for _ in range(MARKS)]
    for number in mark:  # in registers, where the watcher can read it although we are hidden
        library.openat(number, None, os.O_RDONLY)
    os.write(report, json.dumps({"status": status, "left": left[:MOST_NAMED], "mark": mark}).encode())
    return 0


def _open(control: int, places: list[str]) -> None:
    """Listen at each place, hand all of it over, and be without capabilities from then on."""
    listening = []
    for place in places:
        host, _, port = place.rpartition(":")
        one = socket.socket()
        listening.append(one)
        one.bind((host, int(port)))
        one.listen(BACKLOG)
    with socket.socket(fileno=control) as handing:
        socket.send_fds(handing, [b"."], [one.fileno() for one in listening])
        if not handing.recv(1):
            raise OSError("the relay does not take it")
    for one in listening:
        one.close()
    head, none = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0), (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(head, none):
        raise OSError(ctypes.get_errno(), "capabilities could not be given up")


def _others() -> list[str]:
    """Return the command lines of all processes but this one and the first of the namespace."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) not in (1, os.getpid()):
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    words = file.read(4096).replace(b"\0", b" ").strip()
                with open(f"/proc/{name}/stat", "rb") as file:
                    state = file.read(4096).rpartition(b")")[2].split()[0]
            except OSError:
                continue
            if state not in (b"Z", b"X") or _threads(name) > 1:
                found.append(words.decode(errors="replace")[:MOST_CHARACTERS] or f"process {name}")
    return found


def _threads(process: str) -> int:
    """Return how many threads a process has; one whose first thread has ended looks as if it had itself."""
    try:
        return len(os.listdir(f"/proc/{process}/task"))
    except OSError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
