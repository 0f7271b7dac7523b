"""Columns of two data sets profiled by many processes, a file at a time; the profiles are those of one process.

A process verifies the bytes of its file against the manifest. What it answers is checked against the hashes, which this
process has proven: how many rows the file has, and how many of them are in the sample.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from hauberk.dataset.manifest import encode
from hauberk.dataset.profile import SAMPLE_ROWS, Profiled, Profiler
from hauberk.digest import sha256
from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.ray_pool import RayPool
from hauberk.edge.remote.address import is_address
from hauberk.edge.remote.credentials import remote_environment
from hauberk.edge.sources import printable
from hauberk.errors import Unavailable
from hauberk.verbs import data_profile_wire as wire
from hauberk.verbs.data_profile_worker import begin
from hauberk.verbs.data_profiled import sampled_sources
from hauberk.verbs.data_rows_file import hashes_at
from hauberk.verbs.data_wire import FAULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.dataset.profile import Seen
    from hauberk.dataset.rows import Column
    from hauberk.edge.files import FileView
    from hauberk.verbs.data_pool import By
    from hauberk.verbs.data_rows_file import RowsFile
    from hauberk.verbs.data_side import Side

COMMAND: Final = (sys.executable, "-P", "-m", "hauberk.verbs.data_profile_worker")
_TIMEOUT_SECONDS: Final = 6 * 3600.0
_HEAD_BYTES: Final = 64 << 20
_CELL_BYTES: Final = 300  # more than what a value of the sample has in an answer: a text is shortened


@dataclass(frozen=True, slots=True)
class Proven:
    """A side, and its hashes, which were proven to be its manifest's: the file that is open, and its records."""

    path: str
    side: Side
    view: FileView
    records: RowsFile


def profiled_by(by: By, sides: tuple[Proven, Proven], common: Sequence[Column]) -> tuple[Profiled, Profiled]:
    """Return the profiles of both sides.

    Raises:
        NotVerified, Malformed, Unavailable: as of `Side.pieces`, for the first file at which there is something wrong.
        Unavailable: a process was lost twice at one file, or answered what cannot be.
        Misconfigured: the engine cannot be used.
    """
    tasks = [
        Task(json.dumps([which, number]).encode(), file.size)
        for which, one in enumerate(sides)
        for number, file in enumerate(one.side.tables)
    ]
    said = iter(_pool(by, sides, common).answers(tasks))
    older, newer = (_profiled(one, common, said) for one in sides)
    return older, newer


def _pool(by: By, sides: tuple[Proven, Proven], common: Sequence[Column]) -> Pool | RayPool:
    older, newer = (_at(by, one) for one in sides)
    greeting = wire.encode_sides((older, newer), tuple(common))
    if by.engine == "ray":
        return RayPool(begin, greeting)
    fetches = any(map(is_address, (*older.places, *newer.places)))
    environment = worker_environment() | (remote_environment() if fetches else {})
    limit = _HEAD_BYTES + 2 * SAMPLE_ROWS * _CELL_BYTES * len(common)
    return Pool(COMMAND, environment, greeting, by.jobs, _TIMEOUT_SECONDS, limit)


def _at(by: By, one: Proven) -> wire.SideAt:
    assert one.side.manifest.rows is not None
    places = [
        place if is_address(place) or by.engine != "ray" else os.path.abspath(place)  # noqa: PTH100 - as given
        for place in one.side.places
    ]
    hashes = hashes_at(one.path, one.side.manifest.rows, one.view)
    manifest = os.path.abspath(one.path)  # noqa: PTH100 - nodes have other working directories
    return wire.SideAt(manifest, sha256(encode(one.side.manifest)).hex, tuple(places), hashes)


def _profiled(one: Proven, common: Sequence[Column], said: Iterator[bytes | Lost]) -> Profiled:
    """Take as many answers as a side has files, in their order."""
    makers = [Profiler(column.name, column.type) for column in common]
    files = one.side.tables
    starts = list(accumulate((file.rows for file in files), initial=0))
    sources, before = sampled_sources(one.records, starts)
    for file, (first, last) in zip(files, pairwise(before), strict=True):
        seen = _heard(next(said), printable(file.path))
        if len(seen) != len(makers) or not all(
            maker.fits(column, file.rows, last - first) for maker, column in zip(makers, seen, strict=True)
        ):
            raise Unavailable(f"{printable(file.path)}: a process told of other rows than there are", "do it again")
        for maker, column in zip(makers, seen, strict=True):
            maker.take(column)
    return Profiled(tuple(maker.profile() for maker in makers), sources)


def _heard(said: bytes | Lost, name: str) -> list[Seen]:
    if isinstance(said, Lost):
        raise Unavailable(f"{name}: {said.why}", "look at what ended it, memory for one, and do it again")
    if said.startswith(FAULT):
        raise RuntimeError(said[len(FAULT) :].decode(errors="backslashreplace"))
    try:
        return wire.decode_seen(said)
    except wire.NoAnswer as error:
        raise Unavailable(f"{name}: the process that looked at it gave {error}", "do it again") from None
