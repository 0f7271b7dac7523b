"""Which entry holds an envelope, by the column and the index that the database has for that: not believed either.

A log takes an envelope once, and asks this to know. So an entry that is filed under another envelope than it names, or
that the database's own index does not find, would let one in a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import NotVerified
from hauberk.ledger.entry import Entry, envelope_in, read_leaf
from hauberk.ledger.nodes import TAMPERED, marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.edge.database import Database

_AT_ONCE = 500  # values in one question
# As an append asks, for each entry in turn: `known` is another number, or none, where the index does not find it.
_FILED = """
    SELECT envelope, (SELECT other.number FROM entries AS other WHERE other.envelope = one.envelope) AS known
    FROM entries AS one WHERE number >= ? AND number < ? ORDER BY number
"""


def known(database: Database, envelopes: Sequence[str]) -> dict[str, int]:
    """Return the entries that hold some of these envelopes already."""
    found: dict[str, int] = {}
    for start in range(0, len(envelopes), _AT_ONCE):
        asked = envelopes[start : start + _AT_ONCE]
        query = f"SELECT number, record, envelope FROM entries WHERE envelope IN {marks(len(asked))}"  # noqa: S608
        for number, record, envelope in database.ask(query, asked):
            if not isinstance(record, bytes) or str(read_leaf(number, record, Entry.decode).envelope) != envelope:
                raise NotVerified(f"rewritten entry: number {number} is filed under another envelope", TAMPERED)
            found[envelope] = number
    return found


def misfiled(database: Database, start: int, records: Sequence[bytes]) -> int | None:
    """Return the first of consecutive leaves from `start` on that `known` would not find by the envelope it names."""
    rows = database.ask(_FILED, (start, start + len(records)))
    for number, (record, row) in enumerate(zip(records, rows, strict=True), start):
        if row != (envelope_in(record), number):
            return number
    return None
