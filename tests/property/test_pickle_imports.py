"""The machine's promise: what CPython would import or call is among the effects, for every stream there is."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import functools
import io
import pickle
import random
import re
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from foreseen import foreseen, unforeseen
from hauberk.formats.model.joblib import describe as describe_joblib
from hauberk.formats.model.pickle.description import describe
from hauberk.view import BytesView
from recording_unpickler import UNPICKLERS, Event, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

MUTANTS, STREAMS = 3_000, 4_000
VALUES = [
    {"a": [1, -2, 2.5, None, True, 1 << 90], "b": (b"bytes", bytearray(b"array"), "t\u00e9xt", "x" * 300)},
    [dt.datetime(2026, 1, 1, tzinfo=dt.UTC), decimal.Decimal("1.5"), collections.OrderedDict(a=1), deque([1, 2])],
    [functools.partial(print, 1, end=""), {1, 2, 3}, frozenset([4]), complex(1, 2), range(3), slice(1)],
    [
        dt.timezone(dt.timedelta(hours=1)),
        decimal.Context(),
        collections.defaultdict(list, {1: [2]}),
        collections.Counter("aab"),
    ],
]
FRAGMENTS = [
    *(b"\x80" + bytes([protocol]) for protocol in range(6)),
    *(b"\x95" + size.to_bytes(8, "little") for size in (0, 1, 9, 4000)),
    *(b"\x8c" + bytes([len(word)]) + word for word in (b"os", b"system", b"posix", b"a.b", b"")),
    b"X\x02\x00\x00\x00os",
    b"\x8d\x02" + bytes(7) + b"os",
    b"Vo\\u0073\n",
    b"S'os'\n",
    b'S"\\x6fs"\n',
    b"U\x02os",
    b"T\x02\x00\x00\x00os",
    b"S'\xff'\n",
    b"cos\nsystem\n",
    b"c__builtin__\neval\n",
    b"ccopy_reg\n_reconstructor\n",
    b"c\n\n",
    b"c\xc3\xa9\nx\n",
    b"(ios\nsystem\n",
    b"ios\nsystem\n",
    b"cos\nsyste",
    *(bytes([code]) for code in b"(.012NRQabdelost)]}uh\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x97\x98"),
    *(b"\x93R", b"(", b"(", b")R", b"\x94", b"\x94", b"0"),
    *(b"q" + bytes([key]) for key in (0, 1, 5)),
    *(b"h" + bytes([key]) for key in (0, 1, 5)),
    b"r\x02\x00\x00\x00",
    b"j\x02\x00\x00\x00",
    b"p1\n",
    b"p 3 \n",
    b"g1\n",
    b"g0x1\n",
    b"I01\n",
    b"I010\n",
    b"I5\x00\n",
    b"L12L\n",
    b"F1.5\n",
    b"K\x01",
    b"M\x01\x00",
    b"J\xff\xff\xff\xff",
    b"G" + bytes(8),
    b"\x8a\x01\xff",
    b"\x8b\x01\x00\x00\x00\xff",
    b"C\x02os",
    b"B\x02\x00\x00\x00os",
    b"\x8e\x02" + bytes(7) + b"os",
    b"\x96\x02" + bytes(7) + b"os",
    b"Pid\n",
    b"\x82\x01",
    b"\x84\x00\x00\x00\x00",
    b"\xff",
]


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    with Recording() as running:
        yield running


def missed(stream: bytes, recording: Recording) -> list[Event]:
    return unforeseen(describe(BytesView(stream)), {e for one in UNPICKLERS for e in recording.events(stream, one)})


def mutants(seeds: list[bytes], count: int) -> Iterator[bytes]:
    """Return streams that are nearly those of picklers: bytes changed, doubled, cut out, spliced, cut off."""
    chance = random.Random(20260101)
    opcodes = b"".join(FRAGMENTS)
    for _ in range(count):
        stream = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 4)):
            at, length = chance.randrange(len(stream) + 1), chance.randrange(1, 12)
            other = chance.choice(seeds)
            start = chance.randrange(len(other))
            stream[at : at + chance.choice((0, 1, length))] = chance.choice(
                (
                    b"",
                    bytes([chance.choice(opcodes)]),
                    bytes([chance.randrange(256)]),
                    other[start : start + length * 4],
                    chance.choice(FRAGMENTS),
                )
            )
        yield bytes(stream[: chance.choice((None, None, chance.randrange(len(stream) + 1)))])


def test_every_import_and_call_of_mutated_pickles_is_an_effect(recording):
    seeds = [pickle.dumps(value, protocol) for value in VALUES for protocol in range(6)]
    assert [(s, u) for s in mutants(seeds, MUTANTS) if (u := missed(s, recording))] == []


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(b"".join))
@example(b"cos\nsystem!")
@example(b"K\x01(ecos\nsystem\n.")
@example(b"\x95" + (6).to_bytes(8, "little") + b"cjson.os\nsystem\n.")
@example(b"(ios\nsystem!")
@example(b"\x80\x04\x95" + (3).to_bytes(8, "little") + b"\x8c\x02\xffos\x8c\x06system\x93.")
@example(b"\x80\x04\x8c\x02os\x8c\x06system\x93.\x80\x02cos\nsystem\n.")
def test_every_import_and_call_of_any_instructions_is_an_effect(recording, stream):
    assert missed(stream, recording) == []


def test_every_import_of_mutated_joblib_files_is_an_effect_or_the_file_is_not_complete(recording):
    arrays = {"f": np.arange(6.0).reshape(2, 3), "o": np.array([{"a": 1}, None], dtype=object)}
    seeds = []
    for protocol in (1, 2, 4, 5):
        file = io.BytesIO()
        joblib.dump({**arrays, "t": dt.date(2026, 1, 1)}, file, protocol=protocol)
        seeds.append(file.getvalue())
    for stream in mutants(seeds, MUTANTS // 4):
        description = describe_joblib(BytesView(stream))
        imports = {event for event in recording.events(stream, "j") if event[0] == "import"}
        assert imports <= foreseen(description) or description.unchecked


def test_every_import_and_call_of_generated_streams_is_an_effect():
    """Run a bounded part of `make fuzz`: every instruction of every protocol, in any order, and pickles of many kinds."""
    program = Path(__file__).parents[1] / "fuzz" / "differential.py"
    command = [sys.executable, str(program), "--streams", str(STREAMS), "--jobs", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    imports, calls = (int(found) for found in re.search(r"(\d+) imports and (\d+) calls", done.stdout).groups())
    assert imports > STREAMS // 2
    assert calls > STREAMS // 4
