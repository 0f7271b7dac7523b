"""The rows of a data set on their way into profiles of its columns, with the sample that its hashes pick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hauberk.dataset.profile import Profiler, chosen
from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hauberk.dataset.diff import Records
    from hauberk.dataset.rows import Column
    from hauberk.verbs.data_side import Piece, Side

_AT_ONCE = 1 << 18


def profilers(side: Side, records: Records, common: Sequence[Column], pieces: Iterable[Piece]) -> list[Profiler]:
    """Return a profiler of each column, after it took pieces of a side; errors as of `Side.pieces`."""
    makers = [Profiler(column.name, column.type) for column in common]
    try:
        for piece in pieces:
            hashes = records.read(piece.first, piece.first + piece.batch.num_rows)["hash"]
            picked = chosen(hashes[:, 0], piece.first, len(records))
            for maker, column in zip(makers, common, strict=True):
                maker.add(piece.batch.column(column.name), picked)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise Malformed(f"{side.manifest.name} holds a value that cannot be read: {error!s:.200}") from None
    return makers


def sampled_sources(records: Records, starts: Sequence[int] = ()) -> tuple[Any, list[int]]:
    """Return the number of the source of each row of the sample, None without sources; and sizes of the sample.

    Args:
        records: of all rows.
        starts: row numbers, ascending; the sizes are how many rows of the sample are before each.
    """
    if "source" not in records.fields and not starts:
        return None, []
    sources: list[Any] = [np.zeros(0, "u4")]
    numbers: list[Any] = [np.zeros(0, "i8")]
    for start in range(0, len(records), _AT_ONCE):
        read = records.read(start, min(start + _AT_ONCE, len(records)))
        picked = chosen(read["hash"][:, 0], start, len(records))
        numbers.append(start + picked)
        if "source" in records.fields:
            sources.append(read["source"][picked])
    before = np.searchsorted(np.concatenate(numbers), starts).tolist()
    return np.concatenate(sources) if "source" in records.fields else None, before
