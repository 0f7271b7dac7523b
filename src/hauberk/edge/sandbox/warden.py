"""Runs the command of a training run inside of the sandbox, as a program of its own; never imported.

    warden.py DESCRIPTOR COMMAND...

When the command has ended, what it left running is counted, and one JSON document goes to the descriptor, which the
command does not have: `{"status": 0, "left": ["sleep 1000"]}`. The namespace of processes ends with this program, and
so does everything in it.
"""

import json
import os
import subprocess
import sys
import time

GRACE_SECONDS = 1.0  # a pool's workers end a moment after the process that started them
MOST_NAMED, MOST_CHARACTERS = 20, 200


def main() -> int:
    """Run the command, report, and end as it did."""
    report = int(sys.argv[1])
    os.set_inheritable(report, False)
    try:
        process = subprocess.Popen(sys.argv[2:])
    except OSError as error:
        os.write(report, json.dumps({"status": None, "error": error.strerror, "left": []}).encode())
        return 127
    status = process.wait()
    left = _others()
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = _others()
    os.write(report, json.dumps({"status": status, "left": left[:MOST_NAMED]}).encode())
    return 0


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
            if state not in (b"Z", b"X"):
                found.append(words.decode(errors="replace")[:MOST_CHARACTERS] or f"process {name}")
    return found


if __name__ == "__main__":
    sys.exit(main())
