"""The audit of a ledger and of its copies, at the ends of what it compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hauberk.errors import NotVerified
from hauberk.ledger.audit import Audited, audit
from hauberk.ledger.backup import check_copy, restore
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.witness import read_head
from hauberk.signature import note
from hauberk.signature.note import Note
from ledger.two_publications import NOW, change
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner

if TYPE_CHECKING:
    from pathlib import Path


def audited(world: World, *, now: int = NOW, remembered: str | None = None) -> Audited:
    with world.open(read_only=True) as log:
        how = {"key": world.key, "witness_keys": world.witness_keys, "quorum": 1}
        return audit(log, now=now, remembered=remembered, **how)  # type: ignore[arg-type]


def memory(world: World) -> str:
    return read_head(world.folder / WITNESS.name.replace("/", "-"), world.key.name) or ""


def with_a_stranger(text: str) -> str:
    """Return a note with one more line, of a key that nobody trusts."""
    stranger = SeedSigner("example.com/stranger")
    return Note(Note.parse(text).text, (*Note.parse(text).signatures, note.sign_ed25519("x\n", stranger, "s"))).format()


# the audit


def test_a_checkpoint_with_a_line_by_a_stranger_is_one(world: World) -> None:
    with world.open(read_only=True) as log:
        text = with_a_stranger(log.latest_checkpoint() or "")
    change(world, "UPDATE checkpoints SET note = ? WHERE size = 5", text)
    assert audited(world, remembered=with_a_stranger(memory(world))).published == 5


@pytest.mark.parametrize(("publications", "named"), [(5, "1, 3, 5, 7, 9: "), (6, "1, 3, 5, 7, 9, …: ")])
def test_of_many_checkpoints_that_are_missing_five_are_named(tmp_path: Path, publications: int, named: str) -> None:
    world = World(tmp_path)
    with world.create() as log:
        for number in range(publications):
            log.append_many([verified(str(number))], START)
            world.publish(log, START)
    change(world, "DELETE FROM checkpoints")
    of_all, of_the_witness = audited(world, remembered=memory(world)).notes
    assert f"of entry {named}" in of_all
    assert f"the first {2 * publications} entries, the newest checkpoint here covers 0:" in of_the_witness


def test_a_log_that_began_with_the_clock_of_unix_is_honest(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.create() as log:
        log.append_many([verified("a")], 0)
    assert audited(world, now=0).entries == 1


def test_a_checkpoint_cosigned_between_its_last_two_entries_is_found(world: World) -> None:
    with world.open(read_only=True) as log:
        assert [log.entry(number).time - START for number in (3, 4)] == [2, 3]
        checkpoint = Checkpoint(LOG.name, 5, log.tree().root(5))
    body = Note.parse(sign(checkpoint, LOG))
    line = note.cosign(body.text, WITNESS, WITNESS.name, START + 2)
    change(world, "UPDATE checkpoints SET note = ? WHERE size = 5", Note(body.text, (*body.signatures, line)).format())
    with pytest.raises(NotVerified, match="time ahead: entry 4 claims"):
        audited(world)


# copies


def checked(world: World, file: Path, remembered: str | None = None) -> int:
    how = {"key": world.key, "witness_keys": world.witness_keys, "quorum": 1, "now": NOW}
    return check_copy(file, remembered=remembered, **how).behind  # type: ignore[arg-type]


def test_a_copy_is_only_read(world: World, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    with world.open() as log:
        log.copy_to(copy)
    before = copy.read_bytes()
    assert checked(world, copy) == 0
    restore(copy, tmp_path / "elsewhere")
    assert copy.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy"]
    assert (tmp_path / "elsewhere" / "ledger.sqlite").read_bytes()[18:20] == b"\x02\x02"  # has a write-ahead log again


def test_a_copy_of_nothing_is_not_behind_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.create().close()
    assert checked(world, world.log_folder / "ledger.sqlite") == 0


def test_a_copy_of_another_history_of_the_same_length_is_a_fork(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    with other.create() as log:
        log.append_many([verified("x", MODEL), verified("b")], START)
        other.publish(log, START + 1)
        log.append_many([verified("c")], START + 2)
        other.publish(log, START + 3)
        log.copy_to(tmp_path / "copy")
    assert checked(other, tmp_path / "copy", memory(other)) == 0
    with pytest.raises(NotVerified, match="fork: what the witness remembers"):
        checked(world, tmp_path / "copy", memory(world))
