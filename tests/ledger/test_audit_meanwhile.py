"""An audit of a ledger to which others write meanwhile: no alarm for who is honest, no word for what was not looked at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import NotVerified, Unavailable
from hauberk.ledger import share
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.log import Log
from ledger_world import MODEL, START, World, published_twice, verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A log with two publications: entries 0 to 2, an index; entries 4 and 5, an index."""
    return published_twice(tmp_path)


def audited(world: World) -> Audited:
    with world.open(read_only=True) as log:
        return audit(log, key=world.key, witness_keys=world.witness_keys, quorum=1, now=START + 100)


def change(world: World, command: str, *values: bytes) -> None:
    with closing(sqlite3.connect(world.log_folder / "ledger.sqlite")) as database, database:
        database.execute(command, values)


def meanwhile(monkeypatch: pytest.MonkeyPatch, part: str, what: Callable[[], object]) -> None:
    """Have something happen before a part of an audit."""
    before = getattr(share.Share, part)

    def happens(self: share.Share, *values: object) -> object:
        what()
        return before(self, *values)

    monkeypatch.setattr(share.Share, part, happens)


def published_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch, times: int, *, part: str = "listed"
) -> list[int]:
    """Have somebody append and publish while an audit is between its parts; return where each of these began."""
    began = list[int]()

    def publish() -> None:
        if len(began) < times:
            with world.open() as log:
                began.append(log.size)
                now = START + 4 + len(began)
                log.append_many([verified(f"meanwhile {now}", MODEL)], now)
                world.publish(log, now)

    meanwhile(monkeypatch, part, publish)
    return began


def test_who_writes_meanwhile_raises_no_alarm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert published_meanwhile(world, monkeypatch, 1) == []
    assert audited(world).entries == 9


def test_a_ledger_that_is_written_to_in_every_audit_is_not_called_honest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    published_meanwhile(world, monkeypatch, 1000)
    with pytest.raises(Unavailable, match="written to during each audit") as refused:
        audited(world)
    assert "backup" in refused.value.hint


def test_what_was_tampered_with_is_found_though_others_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    published_meanwhile(world, monkeypatch, 2)
    change(world, "UPDATE envelopes SET data = ? WHERE number = 0", b"{}")
    with pytest.raises(NotVerified, match="rewritten entry"):
        audited(world)


@pytest.mark.parametrize("part", ["index_totals", "check_rows"])
def test_what_came_meanwhile_is_not_said_to_be_audited(
    world: World, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    honest = audited(world)
    began = published_meanwhile(world, monkeypatch, 1000, part=part)
    assert audited(world) == honest
    assert began == [7]


def test_a_leaf_that_is_none_when_it_is_read_again_is_no_crash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def rewrite() -> None:
        change(world, "UPDATE entries SET record = zeroblob(200), envelope = 'another' WHERE number = 1")
        change(world, "UPDATE entries SET record = ? WHERE number = 4", b"\xff" * 200)

    meanwhile(monkeypatch, "filed", rewrite)
    with pytest.raises(NotVerified, match=r"^rewritten entry: number 1 "):
        audited(world)


@pytest.mark.parametrize("part", ["each_envelope", "misfiled"])
def test_an_entry_that_is_gone_when_more_is_read_of_it_is_no_crash(
    world: World, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    change(world, "UPDATE entries SET envelope = envelope || 'x' WHERE number = 1")
    read = getattr(Log, part)

    def gone(self: Log, *values: object) -> object:
        change(world, "UPDATE entries SET envelope = rtrim(envelope, 'x') WHERE number = 1")
        change(world, "DELETE FROM entries WHERE number = 6")
        return read(self, *values)

    monkeypatch.setattr(Log, part, gone)
    with pytest.raises(NotVerified, match=r"^dropped tail: a published checkpoint covers 7 entries, the log has 6"):
        audited(world)
