"""A ledger's file that somebody made by hand, or a disk has spoilt: each is told by name, and nothing is read for ever."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from hauberk.edge import database as edge
from hauberk.errors import HauberkError, Malformed, NotVerified, Unavailable
from hauberk.ledger import envelopes, filed, schema, share
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.prove import prove
from hauberk.ledger.tile_folder import export
from ledger_world import MODEL, START, World, verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hauberk.ledger.log import Log


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("honest"))
    with world.create() as log:
        log.append_many([verified(f"a{number}", MODEL) for number in range(9)], START)
        world.publish(log, START)
        log.append_many([verified("tail", MODEL)], START)
    return world


@pytest.fixture
def world(honest: World, tmp_path: Path) -> World:
    shutil.copytree(honest.folder, tmp_path / "world")
    return World(tmp_path / "world")


@contextmanager
def by_hand(world: World) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA writable_schema = ON")
        yield database


def made(database: sqlite3.Connection, table: str) -> str:
    return str(database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0])


def claim(database: sqlite3.Connection, table: str, sql: str) -> None:
    """Let the file say that a table was made so, and look at it again."""
    database.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, table))
    (version,) = database.execute("PRAGMA schema_version").fetchone()
    database.execute(f"PRAGMA schema_version = {version + 1}")


def put(world: World, change: str) -> None:
    """Change something as if the tables took any type, and let them look as before."""
    table = change.split()[1]
    with by_hand(world) as database:
        before = made(database, table)
        loose = before.replace(" STRICT, WITHOUT", " WITHOUT").replace(" STRICT", "")
        claim(database, table, loose.replace(" NOT NULL", "").replace(" BLOB", "").replace("size INTEGER", "size"))
        database.execute(change)
        claim(database, table, before)


def remade(world: World, table: str, into: str, *, columns: str = "*") -> None:
    """Make a table again in another way."""
    with by_hand(world) as database:
        database.execute(into)
        database.execute(f"INSERT INTO other ({columns}) SELECT {columns} FROM {table}")
        database.execute(f"DROP TABLE {table}")
        database.execute(f"ALTER TABLE other RENAME TO {table}")


def audited(world: World, *, jobs: int = 1) -> Audited:
    with world.open(read_only=True) as log:
        return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START + 99, jobs=jobs)


def everything(world: World) -> list[HauberkError]:
    """Do all that is done with a ledger, and return what each thing was refused with."""

    def reading(log: Log) -> None:
        log.latest_checkpoint()
        log.entries_about(MODEL)

    refused = []
    for read_only, use in (
        (True, lambda log: audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START + 99)),
        (True, reading),
        (True, lambda log: prove(log, range(log.size))),
        (True, lambda log: export(log, world.folder / "tiles")),
        (True, lambda log: log.copy_to(world.folder / "copy")),
        (False, lambda log: log.append_many([verified("new"), verified("a0", MODEL)], START + 1)),
        (False, lambda log: world.publish(log, START + 2)),
        (False, lambda log: log.rebuild()),
    ):
        try:
            with world.open(read_only=read_only) as log:
                use(log)
        except HauberkError as error:
            refused.append(error)
    return refused


@pytest.mark.parametrize("value", ["NULL", "'abc'", "cast(x'ff61' AS TEXT)"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET record = {} WHERE number = 0",
        "UPDATE entries SET record = {} WHERE number = 10",
        "UPDATE entries SET envelope = {} WHERE number = 4",
        "UPDATE envelopes SET data = {} WHERE number = 4",
        "UPDATE nodes SET hash = {} WHERE position = 0",
        "UPDATE nodes SET hash = {} WHERE position = (SELECT max(position) FROM nodes)",
        "UPDATE checkpoints SET size = {}",
        "UPDATE checkpoints SET note = {}",
        "UPDATE listed SET size = {}",
    ],
)
def test_a_value_of_no_type_that_belongs_there_is_named(world: World, change: str, value: str) -> None:
    put(world, change.format(value))
    refused = everything(world)
    assert refused
    assert all(error.hint for error in refused)


def test_nothing_is_appended_beside_a_leaf_that_is_no_entry(world: World) -> None:
    with by_hand(world) as database:
        database.execute("UPDATE entries SET record = x'7b7d' WHERE number = 3")
    with world.open() as log, pytest.raises(NotVerified, match=r"^rewritten entry: number 3 is no entry: "):
        log.append_many([verified("a3", MODEL)], START)


def test_nothing_is_computed_again_of_a_leaf_that_is_no_entry(world: World) -> None:
    with by_hand(world) as database:
        database.execute("UPDATE entries SET record = x'7b7d' WHERE number = 3")
    with world.open() as log, pytest.raises(NotVerified, match=r"^rewritten entry: number 3 is no entry: "):
        log.rebuild()


def test_a_number_beyond_all_numbers_is_named(world: World) -> None:
    put(world, "UPDATE listed SET size = 9e999")
    assert len([error for error in everything(world) if "covers inf entries" in error.message]) == 3


@pytest.mark.parametrize(
    ("size", "seen"), [("'many'", "'many'"), ("x'00'", r"b'\\x00'"), ("9e999", "inf"), ("-1", "-1"), ("11", "11")]
)
def test_the_size_that_stands_beside_a_checkpoint_is_audited(
    world: World, monkeypatch: pytest.MonkeyPatch, size: str, seen: str
) -> None:
    """It is what a publication asks for a rollback."""
    put(world, f"UPDATE checkpoints SET size = {size}")
    monkeypatch.setattr(share, "STRETCH", 5)
    for jobs in (1, 2):
        with pytest.raises(NotVerified, match=f"^lying table: a checkpoint of 10 entries is filed as {seen}$"):
            audited(world, jobs=jobs)


@pytest.mark.parametrize("size", [-1, -100_000, -(2**63)])
def test_a_table_that_covers_less_than_nothing_is_no_endless_publishing(world: World, size: int) -> None:
    put(world, f"UPDATE listed SET size = {size}")
    with world.open() as log, pytest.raises(NotVerified, match=f"lying table: that of digests covers {size} entries"):
        world.publish(log, START + 1)
    with world.open() as log:
        log.rebuild()
        world.publish(log, START + 1)
    assert audited(world).published == 12


def test_a_table_that_is_out_of_order_is_not_read_for_ever(world: World) -> None:
    with by_hand(world) as database:
        before = made(database, "about")
        database.execute("CREATE TABLE other (leaf BLOB, PRIMARY KEY (leaf DESC)) STRICT, WITHOUT ROWID")
        database.execute("INSERT INTO other SELECT leaf FROM about")
        database.execute("DROP TABLE about")
        database.execute("UPDATE sqlite_master SET name = 'about', tbl_name = 'about' WHERE name = 'other'")
        claim(database, "about", before)
    with pytest.raises(NotVerified, match="lying table: that of digests is not in its order"):
        audited(world)


@pytest.mark.parametrize("at_once", [1, 2, 3, 4, 10_000])
@pytest.mark.parametrize("which", ["min", "max"])
def test_a_table_that_has_a_digest_twice_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, which: str, at_once: int
) -> None:
    monkeypatch.setattr(schema, "_LEAVES_AT_ONCE", at_once)
    with by_hand(world) as database:
        before = made(database, "about")
        database.execute("CREATE TABLE other (leaf BLOB, copy INTEGER, PRIMARY KEY (leaf, copy)) WITHOUT ROWID")
        database.execute("INSERT INTO other SELECT leaf, 0 FROM about")
        database.execute(f"INSERT INTO other SELECT {which}(leaf), 1 FROM about")
        database.execute("DROP TABLE about")
        database.execute("UPDATE sqlite_master SET name = 'about', tbl_name = 'about' WHERE name = 'other'")
        claim(database, "about", before)
    with pytest.raises(NotVerified, match="lying table: that of digests is not in its order"):
        audited(world)


def test_an_index_that_lacks_an_entry_is_found_and_made_again(world: World) -> None:
    with by_hand(world) as database:
        before = made(database, "entries")
        claim(database, "entries", before.replace(" UNIQUE", ""))
        hole = "CREATE INDEX hole ON entries (envelope) WHERE number <> 4"
        database.execute(
            "UPDATE sqlite_master SET name = 'hole', sql = ? WHERE name = 'sqlite_autoindex_entries_1'", (hole,)
        )
        claim(database, "entries", before.replace(" UNIQUE", ""))
    with by_hand(world) as database:
        database.execute("REINDEX hole")
        database.execute("UPDATE sqlite_master SET name = 'sqlite_autoindex_entries_1', sql = NULL WHERE name = 'hole'")
        claim(database, "entries", before)
    with pytest.raises(NotVerified, match="number 4 is filed under another envelope, or the database's index lacks it"):
        audited(world)
    with world.open() as log:
        with pytest.raises(Malformed, match="row 5 missing from index") as refused:
            log.copy_to(world.folder / "copy")
        assert "`hauberk ledger rebuild`" in refused.value.hint
        assert not list(world.folder.glob("*copy*")) + list(world.folder.glob(".*.part"))
        log.rebuild()
        assert log.append_many([verified("a4", MODEL)], START + 1) == [4]
    assert audited(world).entries == 11


@pytest.mark.parametrize(
    ("table", "into"),
    [
        (
            "entries",
            "CREATE TABLE other (number INTEGER PRIMARY KEY, record BLOB, envelope TEXT UNIQUE ON CONFLICT IGNORE) STRICT",
        ),
        (
            "entries",
            "CREATE TABLE other (number INTEGER PRIMARY KEY ON CONFLICT REPLACE, record BLOB, envelope TEXT) STRICT",
        ),
        ("envelopes", "CREATE TABLE other (number INTEGER PRIMARY KEY, data BLOB NOT NULL)"),
        (
            "envelopes",
            "CREATE TABLE other (number INTEGER PRIMARY KEY REFERENCES nodes ON DELETE CASCADE, data BLOB NOT NULL) STRICT",
        ),
        ("about", "CREATE TABLE other (leaf BLOB PRIMARY KEY) STRICT"),
        (
            "checkpoints",
            "CREATE TABLE other (sequence INTEGER PRIMARY KEY, size INTEGER, note TEXT, x INT AS (1)) STRICT",
        ),
    ],
)
def test_a_table_of_another_making_is_refused(world: World, table: str, into: str) -> None:
    columns = {"entries": "number, record, envelope", "envelopes": "number, data", "about": "leaf"}
    remade(world, table, into, columns=columns.get(table, "sequence, size, note"))
    for read_only in (True, False):
        with pytest.raises(NotVerified, match=f"has the table or index {table} of another making") as refused:
            world.open(read_only=read_only)
        assert "restore a copy" in refused.value.hint


@pytest.mark.parametrize(
    "command",
    [
        "CREATE INDEX quick ON entries (number, record, envelope)",
        "CREATE TABLE quick (x)",
        "CREATE VIRTUAL TABLE quick USING fts5 (x)",
    ],
)
def test_what_stands_beside_the_tables_is_refused(world: World, command: str) -> None:
    with by_hand(world) as database:
        database.execute(command)
    with pytest.raises(NotVerified, match="has the table or index quick"):
        world.open(read_only=True)


def test_what_analyze_leaves_is_no_table_of_another_making(world: World) -> None:
    with by_hand(world) as database:
        database.execute("ANALYZE")
    assert audited(world).entries == 11


def test_a_damaged_page_is_not_copied(world: World) -> None:
    with by_hand(world) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'envelopes'").fetchone()
        (last,) = database.execute("PRAGMA page_count").fetchone()
    file = world.log_folder / "ledger.sqlite"
    data = bytearray(file.read_bytes())
    data[4096 * (page - 1) + 8 : 4096 * (page - 1) + 12] = int(last + 9).to_bytes(4, "big")
    file.write_bytes(data)
    with world.open(read_only=True) as log, pytest.raises((Malformed, Unavailable)) as refused:
        log.copy_to(world.folder / "copy")
    assert "not an intact SQLite database" in refused.value.message
    assert not (world.folder / "copy").exists()


def test_a_file_that_was_cut_to_nothing_is_not_to_be_founded_again(world: World) -> None:
    (world.log_folder / "ledger.sqlite").write_bytes(b"")
    with pytest.raises(Malformed, match="is not a ledger") as refused:
        world.open()
    assert refused.value.hint.startswith("restore a copy")


def test_what_is_longer_than_a_document_is_not_read_into_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "_LONGEST_BYTES", 5000)
    with by_hand(world) as database:
        database.execute("UPDATE envelopes SET data = zeroblob(6000) WHERE number = 5")
    with world.open(read_only=True) as log:
        with pytest.raises(Unavailable, match="too big") as refused:
            log.envelope(5)
        assert log.envelope(4)
        assert "restore it from a copy" in refused.value.hint
    with pytest.raises(Unavailable, match="too big"):
        audited(world)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET record = {} WHERE number = 5",
        "UPDATE entries SET envelope = {} WHERE number = 5",
        "UPDATE nodes SET hash = {} WHERE position = 5",
        "UPDATE about SET leaf = {} WHERE leaf = (SELECT max(leaf) FROM about)",
        "UPDATE checkpoints SET note = {}",
    ],
)
@pytest.mark.parametrize("value", ["zeroblob(300000)", "cast(zeroblob(300000) AS TEXT)"])
def test_of_what_thousands_are_read_none_is_long(world: World, change: str, value: str) -> None:
    """A page that names itself as the next makes any length of a few bytes."""
    put(world, change.format(value))
    with pytest.raises((Unavailable, NotVerified), match=r"too big|of digests has 9 rows, the entries give 10"):
        audited(world)


def test_an_envelope_that_is_a_text_is_not_read_into_memory(world: World) -> None:
    """Its length is that up to its first zero, so that it seems to be short."""
    put(world, "UPDATE envelopes SET data = cast(zeroblob(300000) AS TEXT) WHERE number = 5")
    read = list[bytes]()
    with world.open(read_only=True) as log:
        log._database._connection.text_factory = read.append  # type: ignore[attr-defined]
        with pytest.raises(Unavailable, match="the envelope of entry 5 is missing"):
            list(log.each_envelope(0, log.size))
    assert read == []


@pytest.mark.parametrize("room", [1, 900, 2000])
def test_large_envelopes_are_audited_a_few_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    honest = audited(world)
    monkeypatch.setattr(envelopes, "_BYTES_AT_ONCE", room)
    with world.open(read_only=True) as log:
        sizes = [len(data) for data in log.envelopes(0, log.size)]
        parts = list(envelopes.portions(log._database, 0, log.size))
        assert [first for first, _ in parts[1:]] == [last for _, last in parts[:-1]]
        assert (parts[0][0], parts[-1][1]) == (0, 11)
        assert all(last == first + 1 or sum(sizes[first:last]) <= room for first, last in parts)
        assert list(log.each_envelope(3, 9)) == list(log.each_hashed(3, 9)) == log.envelopes(3, 9)
    assert audited(world) == honest


def index_of_envelopes(world: World, order: str, *rows: tuple[object, int], change: str = "") -> None:
    """Put another search tree in the place of the one by which envelopes are found: the same rows, and these.

    What is changed besides, the new tree does not know of.
    """
    with by_hand(world) as database:
        database.create_collation("PAIRS_TURNED", turned(database))
        database.execute(
            f"CREATE TABLE other (envelope TEXT, number INTEGER, PRIMARY KEY (envelope {order}, number)) WITHOUT ROWID"
        )
        database.execute("INSERT INTO other SELECT envelope, number FROM entries")
        database.executemany("INSERT INTO other VALUES (?, ?)", rows)
        database.execute(change)
        name = "sqlite_autoindex_entries_1"
        database.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'other') "
            "WHERE name = ?",
            (name,),
        )
        database.execute("DELETE FROM sqlite_master WHERE name = 'other'")
        claim(database, "entries", made(database, "entries"))


def turned(database: sqlite3.Connection) -> Callable[[str, str], int]:
    """Return an order of the envelopes in which the second is before the first, the fourth before the third."""
    rows = database.execute("SELECT envelope FROM entries ORDER BY envelope")
    place = {envelope: number ^ 1 for number, (envelope,) in enumerate(rows)}
    return lambda one, other: place[one] - place[other]


def test_another_index_with_the_same_envelopes_is_as_good(world: World) -> None:
    index_of_envelopes(world, "ASC")
    assert audited(world).entries == 11


def test_an_index_that_has_an_envelope_too_many_is_found(world: World) -> None:
    """Whoever appends that envelope would be told that the ledger has it."""
    index_of_envelopes(world, "ASC", ("sha256:" + "5" * 64, 4))
    with pytest.raises(NotVerified, match="the database's index has envelopes that no entry names") as refused:
        audited(world)
    assert "`hauberk ledger rebuild`" in refused.value.hint


@pytest.mark.parametrize("at_once", [1, 2, 3, 5, 10_000])
@pytest.mark.parametrize("number", [3, 9])
def test_an_index_that_has_an_envelope_twice_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int, at_once: int
) -> None:
    monkeypatch.setattr(filed, "_ROWS_AT_ONCE", at_once)
    with world.open() as log:
        envelope = str(log.entry(4).envelope)
    index_of_envelopes(world, "ASC", (envelope, number))
    with pytest.raises(NotVerified, match=r"is filed under another envelope|envelopes that no entry names"):
        audited(world)


@pytest.mark.parametrize("number", [0, 4, 10])
def test_an_entry_under_another_envelope_than_the_index_has_is_found(world: World, number: int) -> None:
    index_of_envelopes(world, "ASC", change=f"UPDATE entries SET envelope = 'sha256:4' WHERE number = {number}")
    with pytest.raises(NotVerified, match=f"^rewritten entry: number {number} is filed under another envelope, or "):
        audited(world)


@pytest.mark.parametrize("order", ["DESC", "COLLATE PAIRS_TURNED"])
def test_an_index_out_of_its_order_is_found(world: World, order: str) -> None:
    index_of_envelopes(world, order)
    with pytest.raises(NotVerified, match="is filed under another envelope, or the database's index lacks it"):
        audited(world)


@pytest.mark.parametrize("strange", [b"sha256", "\N{LATIN SMALL LETTER O WITH STROKE}"])
def test_what_is_no_digest_in_the_index_of_envelopes_is_found(world: World, strange: object) -> None:
    index_of_envelopes(world, "ASC", (strange, 4))
    with pytest.raises(NotVerified, match="the database's index has envelopes that no entry names"):
        audited(world)


def test_the_index_of_envelopes_is_what_answers_an_audit(world: World) -> None:
    """A plan that sorts the table instead would check nothing of the index."""
    asked = []
    with world.open(read_only=True) as log:
        size = log.size
        log._database._connection.set_trace_callback(asked.append)  # type: ignore[attr-defined]
        log.filed_total(size, b"key")
        log._database._connection.set_trace_callback(None)  # type: ignore[attr-defined]
        plans = [row[3] for one in asked for row in log._database.ask(f"EXPLAIN QUERY PLAN {one}")]
    assert [plan for plan in plans if plan.startswith("SEARCH")] == [
        "SEARCH one USING COVERING INDEX sqlite_autoindex_entries_1 (envelope>?)",
        "SEARCH other USING COVERING INDEX sqlite_autoindex_entries_1 (envelope=?)",
        "SEARCH there USING INTEGER PRIMARY KEY (rowid=?)",
    ] * len(asked)
    assert not any("SCAN" in plan or "TEMP" in plan for plan in plans)
    assert asked
