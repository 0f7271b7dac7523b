"""What a ledger promises on whatever store it is: run on a SQLite file and, where it is, on a PostgreSQL.

A module that imports this class as a test gives it the fixture `world`: a place for a ledger that is not there yet.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hauberk
from hauberk.digest import sha256
from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.admit import admit
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.log import Log
from hauberk.ledger.merkle import leaf_hash, verify_inclusion
from hauberk.signature import dsse
from ledger_world import LOG, MODEL, START, World, statement, verified

if TYPE_CHECKING:
    from collections.abc import Sequence

APPENDER = """
import sys
from pathlib import Path
from ledger_world import START, World, verified
with World(Path(sys.argv[1])).open() as log:
    for i in range(int(sys.argv[3])):
        print(*log.append_many([verified(f"{sys.argv[2]}-{i}"), verified(f"shared-{i}")], START), flush=True)
"""


def child(script: str, *arguments: object) -> Sequence[str]:
    paths = [str(Path(hauberk.__file__).parents[1]), str(Path(__file__).parent)]
    return [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{script}", *map(str, arguments)]


def audited(world: World, log: Log, *, now: int = START + 99) -> Audited:
    return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=now)


def published(world: World, *names: str) -> None:
    with world.create() as log:
        log.append_many([verified(name, MODEL) for name in names], START)
        world.publish(log, START)


class StoreContract:
    def test_what_was_appended_is_read_by_everybody(self, world: World) -> None:
        with world.create() as log, world.open(read_only=True) as other:
            assert log.append_many([verified("a", MODEL), verified("b")], START) == [0, 1]
            assert other.size == log.size == 2
            assert other.envelopes(0, 2) == [
                dsse.encode_envelope(verified(n, *d).envelope) for n, d in (("a", [MODEL]), ("b", []))
            ]
            assert [entry.time for entry in other.entries()] == [START, START]
            assert other.entries_about(MODEL) == [0]
            assert other.entries_about(sha256(b"other")) == []

    def test_an_envelope_that_is_there_keeps_its_number(self, world: World) -> None:
        with world.create() as log:
            log.append_many([verified("a"), verified("b")], START)
            assert log.append_many([verified("b"), verified("c"), verified("c"), verified("a")], START + 5) == [
                1,
                2,
                2,
                0,
            ]
            assert log.size == 3

    def test_a_batch_is_whole_or_absent(self, world: World) -> None:
        with world.create() as log:
            log.append_many([verified("a"), verified("b")], START)
            with pytest.raises(Unavailable, match="the clock says"):
                log.append_many([verified("c"), verified("d")], START - 1)
            with pytest.raises(NotVerified, match="stopped"), log._database.writing():  # noqa: PT012
                log._append([admit(verified("c"), START)])
                assert log.size == 3
                raise NotVerified("stopped")
            assert log.size == 2
            assert log.append_many([verified("e")], START) == [2]
            assert audited(world, log).entries == 3

    def test_trust_that_somebody_outran_appends_nothing(self, world: World) -> None:
        with world.create() as log:
            assert log.append_many([verified("a")], START, size=0) == [0]
            assert log.append_many([verified("b")], START, size=0) == []
            assert log.size == 1

    def test_who_only_reads_appends_nothing(self, world: World) -> None:
        published(world, "a")
        with world.open(read_only=True) as log:
            for change in (lambda: log.append_many([verified("b")], START), log.rebuild):
                with pytest.raises(Unavailable, match=r"readonly|can only be read"):
                    change()
            assert log.size == 2

    def test_a_ledger_is_made_once(self, world: World) -> None:
        published(world, "a")
        with pytest.raises(Misconfigured, match="is there already"):
            world.create()
        with world.open() as log:
            assert log.size == 2

    def test_what_is_no_ledger_is_not_opened(self, world: World) -> None:
        with pytest.raises((Unavailable, Malformed)):
            world.open()

    def test_a_later_format_is_refused_by_name(self, world: World) -> None:
        published(world, "a")
        with world.open() as log, log._database.writing():
            application, _ = log._database.marks()
            log._database.make([], (application, 9))
        with pytest.raises(Unavailable, match="has the format 9, this release reads up to 2"):
            world.open()

    def test_published_audited_and_proven(self, world: World) -> None:
        with world.create() as log:
            for name in "abc":
                log.append_many([verified(f"{name}{number}", MODEL) for number in range(5)], START)
                world.publish(log, START)
            assert log.entries_about(MODEL) == [*range(5), *range(6, 11), *range(12, 17)]
            found = audited(world, log)
            assert (found.entries, found.indexes, found.checkpoints, found.published) == (18, 3, 3, 18)
            tree = log.tree()
            for number, record in enumerate(log.records()):
                verify_inclusion(leaf_hash(record), number, 18, tree.inclusion_proof(number), found.root)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("DELETE FROM entries WHERE number = 1", "missing entry: number 1"),
            ("UPDATE entries SET number = 7 WHERE number = 3", "missing entry"),
            (
                "UPDATE entries SET record = (SELECT record FROM entries WHERE number = 2) WHERE number = 1",
                "rewritten entry",
            ),
            (
                "UPDATE envelopes SET data = (SELECT data FROM envelopes WHERE number = 2) WHERE number = 1",
                "rewritten entry",
            ),
            ("DELETE FROM nodes WHERE position = 2", "lying table"),
            ("UPDATE nodes SET hash = (SELECT hash FROM nodes WHERE position = 0) WHERE position = 1", "lying table"),
            ("DELETE FROM about WHERE leaf = (SELECT leaf FROM about ORDER BY leaf LIMIT 1)", "lying table"),
            ("UPDATE listed SET size = 2", "lying table"),
            ("DELETE FROM entries WHERE number = 3", "dropped tail|lying table|missing entry"),
            ("UPDATE checkpoints SET note = (SELECT note || 'x' FROM checkpoints)", "does not hold|signature"),
        ],
    )
    def test_what_was_changed_is_found(self, world: World, change: str, said: str) -> None:
        published(world, "a", "b", "c")
        with world.open() as log:
            with log._database.writing():
                log._database.ask(change)
            with pytest.raises((NotVerified, Malformed), match=said):
                audited(world, log)

    def test_what_is_computed_is_computed_again(self, world: World) -> None:
        published(world, "a", "b")
        with world.open() as log:
            honest = audited(world, log)
            with log._database.writing():
                log._database.ask("DELETE FROM nodes")
                log._database.ask("DELETE FROM about")
            log.rebuild()
            assert audited(world, log) == honest

    def test_a_missing_envelope_is_unavailable(self, world: World) -> None:
        published(world, "a", "b")
        with world.open() as log:
            with log._database.writing():
                log._database.ask("DELETE FROM envelopes WHERE number = 1")
            with pytest.raises(Unavailable, match="the envelope of entry 1 is missing"):
                log.envelope(1)

    def test_an_entry_under_another_envelope_is_refused(self, world: World) -> None:
        published(world, "a", "b")
        with world.open() as log:
            envelope = str(admit(verified("c"), START).entry.envelope)
            with log._database.writing():
                log._database.ask("UPDATE entries SET envelope = ? WHERE number = 0", (envelope,))
            with pytest.raises(NotVerified, match="number 0 is filed under another envelope"):
                log.append_many([verified("c")], START)
            assert log.size == 3

    def test_a_false_statement_does_not_enter(self, world: World) -> None:
        with world.create() as log:
            wrong = replace(verified("a"), statement=statement("b"))
            with pytest.raises(NotVerified, match="is not the one in its envelope"):
                log.append_many([verified("c"), wrong], START)
            assert log.size == 0

    def test_a_checkpoint_over_fewer_entries_is_not_kept(self, world: World) -> None:
        published(world, "a", "b")
        with world.open() as log:
            with pytest.raises(NotVerified, match="rollback"):
                log.add_checkpoint(1, "one")
            assert len(log.checkpoints()) == 1

    def test_what_is_computed_from_all_is_computed_while_nobody_appends(self, world: World) -> None:
        with world.create() as log:
            log.append_many([verified("a"), verified("b")], START)
            seen = []

            def make(leaves: Sequence[bytes]) -> object:
                seen.append(len(leaves))
                return dsse.sign(statement("index"), [LOG])

            assert log.append_computed(make, START) == 2
            assert seen == [2]

    def test_a_copy_is_a_ledger_of_its_own(self, world: World, tmp_path: Path) -> None:
        published(world, "a", "b")
        with world.open() as log:
            log.append_many([verified("c")], START + 1)
            honest = audited(world, log)
            log.copy_to(tmp_path / "copy")
            with pytest.raises(Misconfigured, match="is there already"):
                log.copy_to(tmp_path / "copy")
        with Log.open_file(tmp_path / "copy", read_only=True) as copy:
            assert audited(world, copy) == honest
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]

    def test_two_processes_append_at_once(self, world: World) -> None:
        world.create().close()
        children = [
            subprocess.Popen(child(APPENDER, world.folder, name, 20), stdout=subprocess.PIPE, text=True)
            for name in "ab"
        ]
        printed = [one.communicate(timeout=120)[0].split() for one in children]
        assert [one.returncode for one in children] == [0, 0]
        own = [int(number) for numbers in printed for number in numbers[::2]]
        shared = {tuple(map(int, numbers[1::2])) for numbers in printed}
        assert len(shared) == 1  # an envelope that both bring has one number
        with world.open() as log:
            assert sorted([*own, *next(iter(shared))]) == list(range(60)) == list(range(log.size))
            assert audited(world, log).entries == 60
