"""How fast the pickle machine reads: a list of records, and `pickletools.genops` of the standard library beside it."""

from __future__ import annotations

import pickle
import pickletools
import random
import time
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

from row import Row, show

from hauberk.formats.model.pickle.description import describe
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDS, ROUNDS = 40_000, 5


def make_pickle() -> bytes:
    """Return a pickle of small records, the same in every run: many instructions, no array data."""
    chance = random.Random(1)
    records = [
        {"name": f"feature {number}", "weights": [chance.random() for _ in range(8)]} for number in range(RECORDS)
    ]
    return pickle.dumps(records, protocol=4)


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measure() -> list[Row]:
    """Return the rows of this benchmark."""
    data = make_pickle()
    runs = [
        (seconds(lambda: describe(BytesView(data))), seconds(lambda: deque(pickletools.genops(data), maxlen=0)))
        for _ in range(ROUNDS)
    ]
    ours, peer = (len(data) / 1e6 / median(column) for column in zip(*runs, strict=True))
    what = f"pickle machine, {len(data) / 1e6:.1f} MB of records"
    return [Row(what, ours, "MB/s", "pickle_machine", peer=f"pickletools.genops: {peer:.3g} MB/s")]


if __name__ == "__main__":
    show(measure())
