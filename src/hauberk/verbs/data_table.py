"""A verified table in memory: decoded from the bytes that were hashed, and from no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hauberk.edge.tables import KINDS, kind_of, open_table
from hauberk.edge.verified_view import VerifiedView
from hauberk.errors import Malformed

if TYPE_CHECKING:
    from hauberk.dataset.manifest import DataFile
    from hauberk.view import View


def table_of(view: View, wanted: DataFile, name: str, columns: list[str] | None) -> Any:
    """Return the table in a view.

    Raises:
        NotVerified: its digest is not the wanted one.
        Malformed: it holds no table, or none of a column's name.
    """
    checked = VerifiedView(view, wanted.sha256, name)
    checked.verify()  # another file than the approved one is said to be that first
    return _decoded(checked, name, columns)


def _decoded(view: View, name: str, columns: list[str] | None) -> Any:
    kind = kind_of(view, name)
    if kind not in KINDS:
        raise Malformed(f"{name} holds no table", "open it with `open_verified`")
    with open_table(view, kind, name) as table:
        missing = [column for column in columns or () if column not in table.names]
        if missing:
            raise Malformed(f"{name} has no column {missing[0]!r}", f"its columns are {', '.join(table.names):.300}")
        schema = pa.schema(list(zip(table.names, table.types, strict=True)))
        kept = schema.names if columns is None else columns
        batches = [batch.select(kept) for batch in table.batches()]
    return pa.Table.from_batches(batches, pa.schema([schema.field(column) for column in kept]))
