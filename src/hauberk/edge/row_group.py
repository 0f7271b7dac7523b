"""How many rows of a row group of Parquet fit into memory at once.

How long rows are, the file says, and it may lie. It does not say how long the values in its dictionaries are: one of
256 KiB that stands there once may be that of a million rows. So the dictionaries are read first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator


_LISTED: Final = 64  # texts in the lists of one row


def with_dictionaries(file: Any, again: Any) -> Any:
    """Open a Parquet file again so that its texts come as dictionaries; None where it has no texts.

    Args:
        file: the open `pyarrow.parquet.ParquetFile`.
        again: a second Arrow file over the same bytes.
    """
    columns = [file.schema.column(number) for number in range(len(file.schema))]
    paths = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    return pq.ParquetFile(again, read_dictionary=paths, buffer_size=1 << 16, pre_buffer=False) if paths else None


def room_for(group: Any, kept: Any, number: int, room: int) -> int:
    """Return how many rows of a row group take at most `room` bytes once they are decoded, one at least.

    A row whose lists hold more than `_LISTED` texts may take more; Arrow itself puts at most 2 GiB into an array. What
    the file says of each column is not asked: Arrow ends the process where that is damaged.

    Args:
        group: its metadata.
        kept: the file, as of `with_dictionaries`.
        number: of the row group.
        room: bytes.
    """
    long = group.total_byte_size // max(1, group.num_rows)
    long += sum(_shown(kept, number)) if kept is not None and group.num_rows else 0
    return max(1, room // max(1, int(long)))


def _shown(kept: Any, number: int) -> Iterator[int]:
    """Yield for each column with texts how long they may be in one row."""
    names = [field.name for field in kept.schema_arrow if "dictionary<" in str(field.type)]
    for batch in kept.iter_batches(1, [number], names):
        for column in batch.columns:
            yield _longest(column) * (_LISTED if "list<" in str(column.type) or "map<" in str(column.type) else 1)
        return


def _longest(column: Any) -> int:
    """Return how long the longest texts of all dictionaries in a column are, added up."""
    of = pa.types
    if of.is_dictionary(column.type):
        values = column.dictionary
        is_text = of.is_string(values.type) or of.is_binary(values.type)
        is_text = is_text or of.is_large_string(values.type) or of.is_large_binary(values.type)
        return int(pc.max(pc.binary_length(values)).as_py() or 0) if is_text else 0
    if of.is_struct(column.type):
        return sum(_longest(column.field(number)) for number in range(column.type.num_fields))
    if of.is_map(column.type):
        return _longest(column.keys) + _longest(column.items)
    return _longest(column.values) if of.is_nested(column.type) and not of.is_union(column.type) else 0
