"""An index of envelopes that somebody wrote byte by byte: what it does not find could enter a second time."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Malformed, NotVerified
from hauberk.ledger import filed
from hauberk.ledger.audit import Audited, audit
from ledger_world import MODEL, START, World, verified

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = "is filed under another envelope, or the database's index lacks it"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("honest"))
    with world.create() as log:
        log.append_many([verified(f"a{number}", MODEL) for number in range(11)], START)
    return world


@pytest.fixture
def world(honest: World, tmp_path: Path) -> World:
    shutil.copytree(honest.folder, tmp_path / "world")
    return World(tmp_path / "world")


def audited(world: World) -> Audited:
    with world.open(read_only=True) as log:
        return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START + 99)


def rows_of_index(world: World) -> list[bytes]:
    """Return the rows of the index of envelopes as they lie in its only page, in its order."""
    data, start = page_of_index(world)
    count = int.from_bytes(data[start + 3 : start + 5], "big")
    places = [start + int.from_bytes(data[at : at + 2], "big") for at in range(start + 8, start + 8 + 2 * count, 2)]
    return [bytes(data[place + 1 : place + 1 + data[place]]) for place in places]


def put_index(world: World, rows: list[bytes]) -> None:
    """Put rows into that page as they are given (sqlite.org/fileformat.html section 1.6)."""
    data, start = page_of_index(world)
    place, places = 4096, b""
    for row in rows:
        place -= len(row) + 1
        data[start + place : start + place + len(row) + 1] = bytes([len(row)]) + row
        places += place.to_bytes(2, "big")
    head = b"\x0a\x00\x00" + len(rows).to_bytes(2, "big") + place.to_bytes(2, "big") + b"\x00"
    data[start : start + len(head) + len(places)] = head + places
    (world.log_folder / "ledger.sqlite").write_bytes(data)


def page_of_index(world: World) -> tuple[bytearray, int]:
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_entries_1'"
        (page,) = database.execute(query).fetchone()
    return bytearray((world.log_folder / "ledger.sqlite").read_bytes()), 4096 * (page - 1)


def row_of(envelope: bytes, number: int) -> bytes:
    """Return a row of an index as SQLite writes it: a text and a number of two bytes."""
    kind = 13 + 2 * len(envelope)
    kinds = bytes([kind >> 7 | 0x80, kind & 0x7F, 2] if kind > 0x7F else [kind, 2])
    return bytes([1 + len(kinds)]) + kinds + envelope + number.to_bytes(2, "big")


def refuse_index(world: World, said: str) -> None:
    """See that an audit refuses the index of envelopes, and that it can be made again."""
    with pytest.raises(NotVerified, match=said) as refused:
        audited(world)
    assert "`hauberk ledger rebuild`" in refused.value.hint
    with world.open() as log:
        log.rebuild()
    assert audited(world).entries == 11


def test_an_index_that_was_written_byte_by_byte_is_as_good(world: World) -> None:
    put_index(world, rows_of_index(world))
    assert audited(world).entries == 11


@pytest.mark.parametrize("number", [11, 999])
def test_an_index_that_finds_an_entry_that_is_not_there_is_found(world: World, number: int) -> None:
    """Whoever appends that envelope would be told that the database is damaged."""
    strange = row_of(b"sha256:" + b"5" * 64, number)
    put_index(world, sorted([*rows_of_index(world), strange], key=lambda row: row[4:]))
    refuse_index(world, "the database's index has envelopes that no entry names")


def test_statistics_do_not_keep_an_audit_from_reading_the_index(world: World) -> None:
    """By these, the table has one row, and the index many: to read the table would be quicker."""
    put_index(world, sorted([*rows_of_index(world), row_of(b"sha256:" + b"5" * 64, 4)], key=lambda row: row[4:]))
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite")) as database, database:
        database.execute("ANALYZE")
        database.execute("DELETE FROM sqlite_stat1")
        database.execute("INSERT INTO sqlite_stat1 VALUES ('entries', 'sqlite_autoindex_entries_1', '1000000 1000000')")
        database.execute("INSERT INTO sqlite_stat1 VALUES ('entries', NULL, '1 sz=1')")
    refuse_index(world, "the database's index has envelopes that no entry names")


def test_a_damaged_index_does_not_hide_what_is_worse(world: World) -> None:
    rows = rows_of_index(world)
    put_index(world, [*rows[:4], b"\x7f" + rows[4][1:], *rows[5:]])
    with pytest.raises(Malformed, match="not an intact SQLite database"):
        audited(world)
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite")) as database, database:
        database.execute("INSERT INTO envelopes VALUES (11, x'00')")
    with pytest.raises(NotVerified, match="envelopes has 12 rows, the entries give 11"):
        audited(world)


def test_an_index_that_finds_an_envelope_elsewhere_first_is_found(world: World) -> None:
    """Whoever appends that envelope would be told that the database is damaged."""
    rows = rows_of_index(world)
    put_index(world, [*rows[:4], row_of(rows[4][4:75], 999), *rows[4:]])
    refuse_index(world, ELSEWHERE)


def test_a_row_that_a_search_passes_by_is_found(world: World) -> None:
    """It has its length in two bytes, which a search takes for one and a number: less than all texts."""
    rows = rows_of_index(world)
    rows[4] = bytes([0x80, rows[4][0] + 1]) + rows[4][1:]
    put_index(world, rows)
    refuse_index(world, ELSEWHERE)


def test_a_row_that_leads_searches_astray_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies behind the last row of one question and ahead of the first one of the next, which begins with a search."""
    monkeypatch.setattr(filed, "_ROWS_AT_ONCE", 5)
    rows = rows_of_index(world)
    put_index(world, [*rows[:5], row_of(b"!", 4), *rows[5:]])
    refuse_index(world, ELSEWHERE)
