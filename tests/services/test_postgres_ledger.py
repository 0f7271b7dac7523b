"""A ledger on a real PostgreSQL: the contract of every store, one sequencer, a server that dies, and named refusals."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.cli.main import main
from hauberk.edge import postgres
from hauberk.edge.postgres_link import Link, LinkError
from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.admit import admit
from hauberk.ledger.log import Log
from ledger_world import MODEL, START, World, verified
from owners import found, make_owners
from projects import go, small_project, write_sources
from services.conftest import certificate
from services.ledger_server import PASSWORD
from store_contract import APPENDER, StoreContract, audited, child, published

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from services.ledger_server import LedgerServer

pytestmark = pytest.mark.services
NUMBERS = itertools.count()


def write_place(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "ledger.postgresql"
    place.write_text(text + "\n")
    place.chmod(0o600)


@pytest.fixture
def address(ledger_postgres: LedgerServer) -> str:
    """Return the address of a database in which new sessions have a schema of their own."""
    return ledger_postgres.empty(f"ledger{next(NUMBERS)}")


@pytest.fixture
def world(tmp_path: Path, address: str) -> World:
    world = World(tmp_path / "world")
    write_place(world.log_folder, address)
    return world


class TestPostgres(StoreContract):
    """The contract, on a server."""


def end_others(server: LedgerServer) -> None:
    server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hauberk'")


def test_nothing_acknowledged_is_lost_where_the_server_is_killed(world: World, ledger_postgres: LedgerServer) -> None:
    world.create().close()
    writer = subprocess.Popen(
        child(APPENDER, world.folder, "a", 100_000), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    said = [writer.stdout.readline() for _ in range(20)]
    ledger_postgres.kill()
    rest, error = writer.communicate(timeout=60)
    acknowledged = [int(number) for number in "".join([*said, rest]).split()]
    assert writer.returncode == 1
    assert "Unavailable: postgresql://127.0.0.1/postgres: " in error.splitlines()[-1]
    with pytest.raises(Unavailable, match="no connection to the server"):
        world.open()
    ledger_postgres.start()
    with world.open() as log:
        assert acknowledged == list(range(len(acknowledged)))
        assert log.size in (len(acknowledged), len(acknowledged) + 2)  # the last batch: whole or absent
        assert log.entry(acknowledged[-1]).id == verified(f"shared-{len(acknowledged) // 2 - 1}").id
        assert audited(world, log).entries == log.size
        again = len(acknowledged) // 2  # whether it entered or not
        assert log.append_many([verified(f"a-{again}"), verified(f"shared-{again}")], START) == [
            2 * again,
            2 * again + 1,
        ]


def test_a_writer_that_is_killed_leaves_the_lock_and_nothing_else(world: World) -> None:
    world.create().close()
    script = """
import os, signal, sys
from pathlib import Path
from hauberk.ledger.admit import admit
from ledger_world import MODEL, START, World, verified
with World(Path(sys.argv[1])).open() as log, log._database.writing():
    log._append([admit(verified("a"), START)])
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run(child(script, world.folder), check=False).returncode == -9
    with world.open() as log:
        assert log.append_many([verified("b")], START) == [0]
        assert log.size == 1


def test_a_connection_that_is_lost_in_a_write_has_written_nothing(world: World, ledger_postgres: LedgerServer) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        with pytest.raises(Unavailable, match="the connection was lost") as refused, log._database.writing():  # noqa: PT012
            log._append([admit(verified("b"), START)])
            end_others(ledger_postgres)
        assert "append it again" in refused.value.hint
        assert log.size == 1  # over a new connection
        assert log.append_many([verified("b")], START) == [1]


def test_a_connection_that_is_lost_between_writes_is_made_again(world: World, ledger_postgres: LedgerServer) -> None:
    with world.create() as log:
        end_others(ledger_postgres)
        with pytest.raises(Unavailable, match=r"the connection was lost|no connection"):
            log.append_many([verified("a")], START)
        assert log.append_many([verified("a")], START) == [0]


def test_no_write_goes_on_over_another_connection(world: World, ledger_postgres: LedgerServer) -> None:
    with world.create() as log:
        with pytest.raises(Unavailable, match=r"no connection|lost"), log._database.writing():  # noqa: PT012
            end_others(ledger_postgres)
            with pytest.raises(Unavailable):
                log._append([admit(verified("a"), START)])
            log._append([admit(verified("b"), START)])
        assert log.size == 0


def test_who_holds_the_lock_and_is_silent_loses_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_BEGIN", postgres._BEGIN.replace("'60s'", "'100ms'"))
    with world.create() as log:
        with pytest.raises(Unavailable, match="the write lock was lost"), log._database.writing():  # noqa: PT012
            log._append([admit(verified("a"), START)])
            time.sleep(0.5)
            log._append([admit(verified("b"), START)])
        assert log.size == 0


def test_a_lock_that_others_hold_for_long_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_BEGIN", postgres._BEGIN.replace("'10s'", "'100ms'"))
    with world.create() as log, world.open() as other:
        with other._database.writing(), pytest.raises(Unavailable, match="it is locked"):
            log.append_many([verified("a")], START)
        assert log.append_many([verified("a")], START) == [0]


def test_who_writes_past_the_lock_is_refused(world: World) -> None:
    with world.create() as log, world.open() as other:
        with pytest.raises(Unavailable, match="somebody appends without the lock"), log._database.writing():  # noqa: PT012
            size = log.size
            other._database.ask("INSERT INTO entries (number, record, envelope) VALUES (0, 'x', 'x')")
            log._insert([admit(verified("a"), START)], size)
        assert log.size == 1
        assert log._database.ask("SELECT count(*) FROM envelopes") == [(0,)]


def test_a_server_that_does_not_wait_for_its_disk_is_refused(world: World, ledger_postgres: LedgerServer) -> None:
    published(world, "a")
    ledger_postgres.query("ALTER SYSTEM SET fsync = off")
    ledger_postgres.query("SELECT pg_reload_conf()")
    try:
        wait_for(ledger_postgres, "SHOW fsync", "off")
        with pytest.raises(Unavailable, match="does not wait for its disk"):
            world.open()
        with world.open(read_only=True) as log:
            assert log.size == 2
    finally:
        ledger_postgres.query("ALTER SYSTEM RESET fsync")
        ledger_postgres.query("SELECT pg_reload_conf()")
        wait_for(ledger_postgres, "SHOW fsync", "on")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "CREATE TRIGGER forget BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "entries has the trigger forget",
        ),
        ("CREATE RULE forget AS ON INSERT TO envelopes DO INSTEAD NOTHING", "envelopes has rules"),
        ("ALTER TABLE entries RENAME TO other; CREATE VIEW entries AS SELECT * FROM other", "entries is no table"),
        ("ALTER TABLE checkpoints ENABLE ROW LEVEL SECURITY", "checkpoints hides rows"),
        ("ALTER TABLE nodes ADD CHECK (position < 9)", "nodes has the constraint nodes_position_check"),
        ("ALTER TABLE about ADD COLUMN x INT DEFAULT 1", "about has a value for the column x"),
        ("CREATE INDEX odd ON entries (md5(envelope))", "entries has an index that computes"),
        ("ALTER TABLE envelopes ADD FOREIGN KEY (number) REFERENCES entries ON DELETE CASCADE", "the trigger RI_"),
    ],
)
def test_what_acts_on_the_tables_is_refused(
    world: World, ledger_postgres: LedgerServer, change: str, said: str
) -> None:
    published(world, "a")
    ledger_postgres.query(change)
    for read_only in (True, False):
        with pytest.raises(NotVerified, match=said) as refused:
            world.open(read_only=read_only)
        assert refused.value.hint


def test_a_table_that_a_crash_would_empty_takes_nothing(world: World, ledger_postgres: LedgerServer) -> None:
    published(world, "a")
    ledger_postgres.query("ALTER TABLE entries SET UNLOGGED")
    with world.open(read_only=True) as log:
        assert audited(world, log).entries == 2
    with pytest.raises(Unavailable, match="entries is UNLOGGED") as refused:
        world.open()
    assert "SET LOGGED" in refused.value.hint


def test_an_index_of_the_owners_own_is_no_harm(world: World, ledger_postgres: LedgerServer) -> None:
    published(world, "a")
    ledger_postgres.query("CREATE INDEX quick ON entries (record)")
    with world.open() as log:
        assert log.append_many([verified("b")], START) == [2]


@pytest.mark.parametrize("change", ["DELETE FROM", "INSERT INTO hauberk_ledger SELECT * FROM"])
def test_marks_that_say_nothing_or_two_things_are_named(
    world: World, ledger_postgres: LedgerServer, change: str
) -> None:
    published(world, "a")
    ledger_postgres.query(f"{change} hauberk_ledger")
    with pytest.raises(Malformed, match="does not say of which format"):
        world.open()


def test_no_function_of_somebody_else_takes_the_place_of_the_lock(
    world: World, ledger_postgres: LedgerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_BEGIN", postgres._BEGIN.replace("'10s'", "'100ms'"))
    ledger_postgres.query("CREATE FUNCTION pg_advisory_xact_lock(integer) RETURNS void LANGUAGE sql AS 'SELECT NULL'")
    with world.create() as log, world.open() as other:
        with other._database.writing(), pytest.raises(Unavailable, match="it is locked"):
            log.append_many([verified("a")], START)
        assert log.append_many([verified("a")], START) == [0]


def test_a_reader_does_not_wait_for_ever_for_who_changes_a_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_SESSION", postgres._SESSION.replace("'10s'", "'100ms'"))
    published(world, "a")
    with world.open(read_only=True) as reader, world.open() as other:
        with other._database.writing():
            other._database.ask("LOCK TABLE entries")
            with pytest.raises(Unavailable, match="it is locked"):
                assert reader.size
        assert reader.size == 2


def test_a_role_that_writes_bytes_otherwise_reads_the_same(world: World, ledger_postgres: LedgerServer) -> None:
    published(world, "a")
    ledger_postgres.query("ALTER ROLE owner SET bytea_output = escape")
    try:
        with world.open() as log:
            assert audited(world, log).entries == 2
            assert log.append_many([verified("a", MODEL), verified("b")], START) == [0, 2]
    finally:
        ledger_postgres.query("ALTER ROLE owner RESET bytea_output")


@pytest.mark.parametrize("arrives", [True, False])
def test_a_commit_whose_answer_is_lost_is_asked_again_and_enters_once(
    world: World, monkeypatch: pytest.MonkeyPatch, *, arrives: bool
) -> None:
    with world.create() as log:
        log.append_many([verified("a")], START)
        real = Link.ask

        def cut(link: Link, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
            if query != "COMMIT":
                return real(link, query, values)
            if arrives:
                real(link, query, values)
            link.close()  # the answer, or the question, is lost on its way
            raise LinkError("network error")

        monkeypatch.setattr(Link, "ask", cut)
        with pytest.raises(Unavailable, match="no connection") as refused:
            log.append_many([verified("b"), verified("c")], START)
        assert "nothing enters twice" in refused.value.hint
        monkeypatch.setattr(Link, "ask", real)
        assert log.size == (3 if arrives else 1)
        assert log.append_many([verified("b"), verified("c")], START + 1) == [1, 2]
        assert audited(world, log).entries == log.size == 3


def test_what_no_standby_has_is_not_acknowledged(world: World, ledger_postgres: LedgerServer) -> None:
    world.create().close()
    set_standby(ledger_postgres, "absent")
    try:
        with world.open() as log, ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(lambda: append_in(world, "a"))
            asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            wait_for(ledger_postgres, asked, "1")
            ledger_postgres.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            with pytest.raises(
                Unavailable, match="not as safe as it should be: canceling wait for synchronous"
            ) as told:
                waiting.result(30)
            assert "standby" in told.value.hint
            assert log.size == 1
    finally:
        set_standby(ledger_postgres, "")
    with world.open() as log:
        assert log.append_many([verified("a")], START) == [0]


def append_in(world: World, name: str) -> list[int]:
    with world.open() as log:
        return log.append_many([verified(name)], START)


def set_standby(server: LedgerServer, name: str) -> None:
    server.query(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    server.query("SELECT pg_reload_conf()")
    wait_for(server, "SHOW synchronous_standby_names", name)


def wait_for(server: LedgerServer, question: str, answer: str) -> None:
    for _ in range(500):
        if server.query(question) == answer:
            return
        time.sleep(0.02)
    raise AssertionError(f"{question} never said {answer}")


def test_a_write_waits_for_the_disk_whatever_the_server_says(world: World, ledger_postgres: LedgerServer) -> None:
    ledger_postgres.query("ALTER ROLE owner SET synchronous_commit = off")
    try:
        with world.create() as log:
            assert log._database.ask("SHOW synchronous_commit") == [("off",)]
            with log._database.writing():
                assert log._database.ask("SHOW synchronous_commit") == [("on",)]
    finally:
        ledger_postgres.query("ALTER ROLE owner RESET synchronous_commit")


def test_a_user_that_may_only_read_is_named(world: World, ledger_postgres: LedgerServer, address: str) -> None:
    published(world, "a")
    schema = ledger_postgres.query("SHOW search_path")
    ledger_postgres.query(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    ledger_postgres.query(
        f"GRANT USAGE ON SCHEMA {schema} TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader"
    )
    write_place(world.log_folder, address.replace("owner", "reader"))
    with world.open() as log:
        assert audited(world, log).entries == 2
        with pytest.raises(Unavailable, match="not permitted"):
            log.append_many([verified("b")], START)
        assert log.size == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda address: address.replace("password-of", "password-not-of"), "the password is wrong"),
        (lambda address: address.replace("/postgres", "/nowhere"), 'database "nowhere" does not exist'),
        (lambda address: address.replace("127.0.0.1", "127.0.0.2"), "no connection to the server"),
    ],
)
def test_a_server_that_lets_nobody_in_is_named(world: World, address: str, change, said: str) -> None:
    write_place(world.log_folder, change(address))
    with pytest.raises(Unavailable, match=said) as refused:
        world.create()
    assert "password-of" not in str(refused.value)


@pytest.fixture
def authority(tmp_path: Path, ledger_postgres: LedgerServer) -> Iterator[Path]:
    """Let the server show a certificate for 127.0.0.1, of an authority that is returned."""
    signed_by = certificate(tmp_path)
    for name in ("server.pem", "server.key"):
        shown = ledger_postgres.folder / "data" / name
        shown.write_bytes((tmp_path / name).read_bytes())
        shown.chmod(0o600)
        if os.getuid() == 0:
            shutil.chown(shown, "postgres", "postgres")
    settings = {"ssl_cert_file": "'server.pem'", "ssl_key_file": "'server.key'", "ssl": "on"}
    try:
        for name, value in settings.items():
            ledger_postgres.query(f"ALTER SYSTEM SET {name} = {value}")
        ledger_postgres.query("SELECT pg_reload_conf()")
        wait_for(ledger_postgres, "SHOW ssl", "on")
        yield signed_by
    finally:
        for name in settings:
            ledger_postgres.query(f"ALTER SYSTEM RESET {name}")
        ledger_postgres.query("SELECT pg_reload_conf()")
        wait_for(ledger_postgres, "SHOW ssl", "off")


def test_a_server_shows_a_certificate_for_its_name(world: World, address: str, authority: Path) -> None:
    write_place(world.log_folder, f"{address}?sslrootcert={authority}")
    published(world, "a")
    with world.open() as log:
        used = "SELECT ssl, version LIKE 'TLSv1._' FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert log._database.ask(used) == [(True, True)]
        assert audited(world, log).entries == 2


@pytest.mark.parametrize(
    ("host", "parameters", "said"),
    [
        ("127.0.0.1", "sslmode=verify-full", "certificate verify failed"),  # of an authority that nobody knows here
        ("localhost", "sslrootcert={authority}", "Hostname mismatch"),
    ],
)
def test_a_server_that_shows_another_certificate_is_not_talked_to(
    world: World, address: str, authority: Path, host: str, parameters: str, said: str
) -> None:
    there = address.replace("127.0.0.1", host)
    write_place(world.log_folder, f"{there}?{parameters.format(authority=authority)}")
    with pytest.raises(Unavailable, match=said) as refused:
        world.create()
    assert "no connection to the server" in str(refused.value)


def test_a_server_that_shows_none_is_not_talked_to(world: World, address: str) -> None:
    write_place(world.log_folder, f"{address}?sslmode=verify-full")
    with pytest.raises(Unavailable, match="no connection to the server: Server refuses SSL"):
        world.create()


def test_rows_go_in_one_statement_and_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_ROWS_AT_ONCE", 3)
    monkeypatch.setattr(postgres, "_BYTES_AT_ONCE", 600)  # one entry, or a few hashes
    with world.create() as log:
        assert log.append_many([verified(name, MODEL) for name in "abcdefgh"], START) == list(range(8))
        world.publish(log, START)
        assert audited(world, log).entries == 9


def test_a_connection_that_was_interrupted_is_not_used_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.create() as log:
        link = log._database._connection

        def interrupt(_context: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(link._wire, "handle_messages", interrupt)
        with pytest.raises(KeyboardInterrupt):
            log.append_many([verified("a")], START)
        assert link.is_closed
        assert log.size == 0  # over a new connection, whose answers are its own
        assert log.append_many([verified("a")], START) == [0]


def test_the_address_may_come_from_the_environment(world: World, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_place(world.log_folder, "env:LEDGER")
    monkeypatch.setenv("LEDGER", address)
    published(world, "a")
    with world.open() as log:
        assert dict(log.environment) == {"LEDGER": address}
    write_place(
        world.log_folder, address.replace(address.split(":")[2].split("@", maxsplit=1)[0], "").replace(":@", "@")
    )
    with pytest.raises(Unavailable, match="no password supplied"):
        world.open()
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with world.open() as log:
        assert log.size == 2


def test_a_large_audit_is_shared_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from hauberk.ledger import share  # noqa: PLC0415
    from hauberk.ledger.audit import audit  # noqa: PLC0415

    published(world, *"abcdefg")
    monkeypatch.setattr(share, "STRETCH", 3)
    with world.open(read_only=True) as log:
        keys = {"key": world.key, "witness_keys": world.witness_keys, "quorum": 1, "now": START + 9}
        assert audit(log, **keys, jobs=2) == audit(log, **keys)


def test_a_ledger_moves_to_a_server_and_back(tmp_path: Path, world: World) -> None:
    file = World(tmp_path / "file")
    published(file, "a", "b")
    with file.open() as log:
        honest = audited(file, log)
        log.copy_into(world.log_folder)
        with pytest.raises(Misconfigured, match="is there already"):
            log.copy_into(world.log_folder)
    with world.open() as log:
        assert audited(file, log) == honest
        assert log.append_many([verified("c")], START + 1) == [3]
        log.copy_to(tmp_path / "copy")
    with Log.open_file(tmp_path / "copy") as log:
        assert audited(file, log).entries == 4


def test_a_project_lives_on_a_server(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "small"
    monkeypatch.setenv("OUR_LEDGER", address)  # which the witness, a process of its own, needs too
    write_place(folder / ".hauberk" / "ledger", "env:OUR_LEDGER")
    small_project(folder)
    assert go(folder).how["gate"] == "ran"
    for words in (["verify"], ["head"], ["backup", str(tmp_path / "copy")]):
        assert main(["ledger", *words, "--project", str(folder)]) == 0
    assert main(["ledger", "restore", str(tmp_path / "copy"), "--check-only", "--project", str(folder)]) == 0
    assert main(["gate", "load", str(folder / "model"), "--project", str(folder)]) == 0
    assert not (folder / ".hauberk" / "ledger" / "ledger.sqlite").exists()


def test_a_project_with_keys_of_its_owners_is_founded_on_a_server(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, owners = tmp_path / "small", make_owners(tmp_path / "owners", "alice", "bob")
    monkeypatch.setenv("OUR_LEDGER", address)
    write_sources(folder)
    write_place(folder / ".hauberk" / "ledger", "env:OUR_LEDGER")
    monkeypatch.chdir(folder)
    found(owners, folder, "alice", "bob")
    assert main(["init", "--signed", "signed-trust.json"]) == 0  # again: nothing is left to do
    assert main(["gate", "approve", "--key", str(owners / "approver.pem")]) == 0
    assert go(folder).how["gate"] == "ran"
    assert not (folder / ".hauberk" / "ledger" / "ledger.sqlite").exists()
