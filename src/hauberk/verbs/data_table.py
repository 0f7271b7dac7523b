"""A verified table in memory: decoded from the descriptor whose bytes are hashed beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hauberk.edge.tables import KINDS, hashed, kind_of, open_table
from hauberk.errors import Malformed, NotVerified

if TYPE_CHECKING:
    from hauberk.dataset.manifest import DataFile
    from hauberk.view import View


def table_of(view: View, wanted: DataFile, name: str, columns: list[str] | None) -> Any:
    """Return the table in a view.

    Raises:
        NotVerified: its digest is not the wanted one.
        Malformed: it holds no table, or none of a column's name.
    """
    with hashed(view) as digest:
        try:
            found = _decoded(view, name, columns)
        except Malformed:
            _require(digest().hex, wanted, name)  # another file than the approved one is said to be that first
            raise
        _require(digest().hex, wanted, name)
        if hasattr(view, "check_unchanged"):
            view.check_unchanged()
    return found


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


def _require(found: str, wanted: DataFile, name: str) -> None:
    if found != wanted.sha256:
        raise NotVerified(
            f"{name} has the digest sha256:{found}, not sha256:{wanted.sha256}",
            "it is not the file that was approved: get that one, or have this one approved",
        )
