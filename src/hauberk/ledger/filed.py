"""Which entry holds an envelope, by the column and the index that the database has for that: not believed either.

A log takes an envelope once, and asks this to know. So an entry that is filed under another envelope than it names, or
that the database's own index does not find, would let one in a second time.

To look each one up in the order of the log costs an audit more than to hash it. So the index is read once in its own
order, where what is looked up lies beside what is read, and compared with the entries as a total
(`hauberk.ledger.listed`). That it can be read does not say that it is found: a row made by hand may be one of another
order to who searches, or lie where only who searches comes. Only where they differ is an entry looked for, to name it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.errors import Malformed, NotVerified
from hauberk.ledger.entry import ENVELOPE, Entry, envelope_in, read_leaf
from hauberk.ledger.listed import Total
from hauberk.ledger.nodes import TAMPERED, marks
from hauberk.ledger.schema import are_ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.edge.database import Database

_AT_ONCE = 500  # values in one question
_ROWS_AT_ONCE = 10_000
# What the index has, in its order; what an append would find by that envelope; how the entry of that number is filed.
# The last is asked only behind the entries that are audited: a row there came meanwhile, or is in the index alone.
_ORDERED = """
    SELECT one.envelope, one.number,
           (SELECT other.number FROM entries AS other WHERE other.envelope = one.envelope) AS known,
           CASE WHEN one.number >= ? THEN (SELECT there.envelope FROM entries AS there WHERE there.number = one.number)
                ELSE one.envelope END AS named
    FROM entries AS one INDEXED BY sqlite_autoindex_entries_1 WHERE one.envelope > ? ORDER BY one.envelope LIMIT ?
"""
# As an append asks, for each entry in turn: `known` is another number, or none, where the index does not find it.
_FILED = """
    SELECT number, envelope, (SELECT other.number FROM entries AS other WHERE other.envelope = one.envelope) AS known
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


def named_total(start: int, records: Sequence[bytes], key: bytes) -> Total:
    """Return what the index should have of consecutive leaves from `start` on, as a total under a key."""
    return Total.over([record[ENVELOPE] + _number(number) for number, record in enumerate(records, start)], key)


def total(database: Database, size: int, key: bytes) -> Total | None:
    """Return what the index has of the first `size` entries, as a total under a key; None if it is not a right one."""
    try:
        return _total(database, size, key)
    except Malformed:  # damaged: an audit has worse to tell first, if there is
        return None


def _total(database: Database, size: int, key: bytes) -> Total | None:
    found, last = Total(0, 0), ""
    while rows := database.ask(_ORDERED, (size, last, _ROWS_AT_ONCE + 1)):  # one more: it could be the last again
        envelopes, numbers, known, named = zip(*rows, strict=True)
        if known != numbers or named != envelopes or not are_ordered([last, *envelopes]):
            return None  # or it would be read without an end
        counted = rows[:_ROWS_AT_ONCE]
        found += Total.over([one.encode() + _number(number) for one, number, *_ in counted if number < size], key)
        last = counted[-1][0]
    return found


def _number(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def misfiled(database: Database, start: int, records: Sequence[bytes]) -> int | None:
    """Return the first of consecutive leaves from `start` on that `known` would not find by the envelope it names."""
    found = {number: filed for number, *filed in database.ask(_FILED, (start, start + len(records)))}
    for number, record in enumerate(records, start):
        if found.get(number) != [envelope_in(record), number]:
            return number
    return None
