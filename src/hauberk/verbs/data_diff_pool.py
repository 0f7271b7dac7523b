"""Hashes of rows compared by many processes, or a cluster; what they find is what one process finds.

First each range of rows is asked for: the leaves of its blocks, from which the trees are grown and the files proven to
be those of the manifests, and how many of its rows stand elsewhere in the other set. Then each part of all hashes is
asked for. No process holds more than a part. All that stood elsewhere must come back in some part: how many rows, and
the sums of their hashes, so that no process read other hashes than those that were proven.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hauberk.dataset.diff import PART_ROWS, Tally, changes_of, parts_of
from hauberk.dataset.rows import BLOCK_ROWS
from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.ray_pool import RayPool, connected
from hauberk.edge.sources import printable
from hauberk.errors import Malformed, Unavailable
from hauberk.ledger import merkle
from hauberk.verbs import data_diff_wire as wire
from hauberk.verbs.data_diff_worker import begin
from hauberk.verbs.data_rows_file import HashesAt, RowsFile, hashes_at, open_unproven, require_proven
from hauberk.verbs.data_wire import FAULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.dataset.diff import Changes
    from hauberk.dataset.manifest import Rows
    from hauberk.edge.files import StrPath
    from hauberk.verbs.data_pool import By

COMMAND: Final = (sys.executable, "-P", "-m", "hauberk.verbs.data_diff_worker")
RANGE_ROWS: Final = BLOCK_ROWS << 9  # of each side; some 40 MB of records
_TIMEOUT_SECONDS: Final = 6 * 3600.0
_HEAD_BYTES: Final = 1 << 20  # more than what an answer holds beside numbers of rows
_NUMBER_BYTES: Final = 8


@contextmanager
def compared_by(
    by: By, older: tuple[StrPath, Rows], newer: tuple[StrPath, Rows]
) -> Iterator[tuple[RowsFile, RowsFile, Changes]]:
    """Open the files of hashes of two manifests, proven, and give them and what changed.

    Raises:
        NotVerified: a file of hashes is not the one that its manifest is about.
        Unavailable: a file changed meanwhile, also inside the block, a process was lost twice at one piece of work, or
            it answered what cannot be.
        Misconfigured: the engine cannot be used.
    """
    with open_unproven(*older) as one, open_unproven(*newer) as other:
        run = _Run(by, [hashes_at(*older, one), hashes_at(*newer, other)])
        with connected() if by.engine == "ray" else nullcontext():
            removed, new = run.parts(run.proven((older, newer)))
        first, second = RowsFile(one, older[1]), RowsFile(other, newer[1])
        yield first, second, changes_of(first, second, removed, new)
        one.check_unchanged()
        other.check_unchanged()


class _Run:
    """One comparison: whom to ask, and about which files."""

    def __init__(self, by: By, files: list[HashesAt]) -> None:
        self._by = by
        self._files = files
        self._counts = files[0].count, files[1].count

    def proven(self, sides: Sequence[tuple[StrPath, Rows]]) -> tuple[Tally, Tally]:
        """Prove both files, and return what of each side stands elsewhere in the other."""
        starts = range(0, max(self._counts), RANGE_ROWS)
        tasks = [Task(wire.encode_asked("digest", side), self._files[side].size) for side in (0, 1)]
        weight = RANGE_ROWS * sum(file.record_bytes for file in self._files)
        tasks += [Task(wire.encode_asked("range", start, start + RANGE_ROWS), weight) for start in starts]
        said = self._asked(tasks, _HEAD_BYTES)
        digests = [_decoded(wire.decode_digest, one) for one in said[:2]]
        ranges = [_decoded(wire.decode_ranged, one) for one in said[2:]]
        for side, (path, rows) in enumerate(sides):
            tree = merkle.root([leaf for one in ranges for leaf in one.leaves[side]]).hex()
            require_proven(path, rows, digests[side], tree)
        older, newer = (reduce(add, (one.elsewhere[side] for one in ranges), Tally()) for side in (0, 1))
        return older, newer

    def parts(self, elsewhere: tuple[Tally, Tally]) -> tuple[list[Any], list[Any]]:
        """Return the numbers of the rows that each side has alone, of each part of all hashes."""
        many = sum(tally.rows for tally in elsewhere)
        removed, new = [np.zeros(0, "i8")], [np.zeros(0, "i8")]
        if not many:
            return removed, new
        size = sum(file.size for file in self._files)
        tasks = [Task(wire.encode_asked("part", *part), size) for part in parts_of(many, PART_ROWS)]
        found = [
            _decoded(lambda one: wire.decode_part(one, self._counts), said)
            for said in self._asked(tasks, _HEAD_BYTES + many * _NUMBER_BYTES)
        ]
        for told, tally in (([one.older for one in found], elsewhere[0]), ([one.newer for one in found], elsewhere[1])):
            if reduce(add, told, Tally()) != tally:
                raise Unavailable("processes compared other rows than there are", "let nobody write to the hashes")
        removed += [one.removed for one in found]
        new += [one.new for one in found]
        if any(len(np.unique(whole)) != len(whole) for whole in map(np.concatenate, (removed, new))):
            raise Unavailable("two processes told of one row", "do it again")
        return removed, new

    def _asked(self, tasks: list[Task], limit: int) -> list[bytes]:
        greeting = wire.encode_sides(self._files[0], self._files[1])
        pool = (
            RayPool(begin, greeting)
            if self._by.engine == "ray"
            else Pool(COMMAND, worker_environment(), greeting, self._by.jobs, _TIMEOUT_SECONDS, limit)
        )
        return [_heard(said) for said in pool.answers(tasks)]


def _heard(said: bytes | Lost) -> bytes:
    if isinstance(said, Lost):
        raise Unavailable(f"hashes of rows: {said.why}", "look at what ended it, memory for one, and do it again")
    if said.startswith(FAULT):
        raise RuntimeError(said[len(FAULT) :].decode(errors="backslashreplace"))
    return said


def _decoded(decode: Any, said: bytes) -> Any:
    try:
        return decode(said)
    except Malformed as error:
        what = printable(error.message)
        raise Unavailable(f"a process that compared hashes of rows gave {what}", "do it again") from None
