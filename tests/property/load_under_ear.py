"""A process of its own: loads the pickles on standard input under an audit hook, and prints which were heard.

Input: for each pickle four bytes of length, big-endian, and the pickle. A line is printed before each is loaded, so the
parent knows which one ended the process.
"""

import resource
import signal
import struct
import sys
import warnings
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from recording import Ear, State, record

from hauberk.callables.table import SOURCES

MAKES = {(m, n): row[2] for source in SOURCES for m, rows in source.ROWS.items() for n, row in rows.items()}
SECONDS_EACH = 5


def main() -> None:
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    ear, data, number = Ear(), sys.stdin.buffer.read(), 0
    while data:
        (size,) = struct.unpack(">I", data[:4])
        pickled, data = data[4 : 4 + size], data[4 + size :]
        _say("loading", number)
        signal.alarm(SECONDS_EACH)
        with suppress(Exception):  # a mutant that does not load is a fine mutant
            record(State("a mutant", pickled), MAKES, MAKES.keys(), ear)
        for event in ear.heard:
            _say("heard", number, event)
        ear.heard.clear()
        number += 1
    _say("ended")


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
