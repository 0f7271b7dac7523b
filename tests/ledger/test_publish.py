"""Publishing: an index over everything, a checkpoint right behind it, a quorum, and only then a new head."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import hauberk
from hauberk.digest import sha256
from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.ledger.checkpoint import attest, strip
from hauberk.ledger.index import of_entries
from hauberk.ledger.publish import publish
from hauberk.ledger.replay import INDEX_TYPE
from hauberk.signature import dsse, note
from hauberk.signature.note import Note
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner, log_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.ledger.log import Log
    from hauberk.ledger.publish import Published

SECOND = SeedSigner("example.com/a-second-witness")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    with world.create() as opened:
        opened.append_many([verified("a", MODEL), verified("b")], START)
        yield opened


def silent(request: bytes) -> bytes:
    raise Unavailable(f"no answer to {len(request)} bytes")


def test_the_checkpoint_ends_with_the_index_of_all_before_it(world: World, log: Log) -> None:
    published = world.publish(log, START + 1)
    assert published.attested.checkpoint.size == log.size == 3
    statement = dsse.decode_statement(dsse.decode_envelope(log.envelope(2)).payload)
    index = of_entries(log.entries(0, 2))
    assert statement.predicate_type == INDEX_TYPE
    assert statement.predicate == {
        "origin": LOG.name,
        "size": 2,
        "root": statement.digests[0].hex,
        "count": 2,
        "indexRoot": index.root.hex(),
    }
    assert statement.subjects[0].label == f"log/{LOG.name}"
    assert index.range(MODEL).verify(MODEL, index.count, index.root, size=2) == (0,)


def test_what_was_published_is_the_head_and_holds_for_a_stranger(world: World, log: Log) -> None:
    published = world.publish(log, START + 1)
    assert log.latest_checkpoint() == published.note
    attested = attest(published.note, log=world.key, witnesses=world.witness_keys, quorum=1, strict=True)
    assert attested == published.attested
    assert attested.time == START + 1


def test_an_empty_log_can_be_published(world: World) -> None:
    with world.create() as empty:
        assert world.publish(empty, START).attested.checkpoint.size == 1


def test_each_publication_continues_the_last(world: World, log: Log) -> None:
    sizes = []
    for i in range(5):
        log.append_many([verified(f"more-{i}-{j}") for j in range(i)], START + i)
        sizes.append(world.publish(log, START + i).attested.checkpoint.size)
    assert sizes == [3, 5, 8, 12, 17]
    assert len(log.checkpoints()) == 5


def test_publishing_nothing_new_renews_the_time_only(world: World, log: Log) -> None:
    first, second = world.publish(log, START + 1), world.publish(log, START + 100)
    assert second.attested.checkpoint == first.attested.checkpoint
    assert (first.attested.time, second.attested.time) == (START + 1, START + 100)
    assert log.size == 3


def test_without_a_quorum_nothing_is_the_head(world: World, log: Log) -> None:
    with pytest.raises(Unavailable, match="no answer"):
        world.publish(log, START, witnesses=[silent])
    assert log.latest_checkpoint() is None


def test_a_run_that_ended_before_its_checkpoint_is_repaired_by_the_next(world: World, log: Log) -> None:
    with pytest.raises(Unavailable):
        world.publish(log, START, witnesses=[silent])
    assert log.size == 3
    assert world.publish(log, START + 1).attested.checkpoint.size == 3
    assert log.size == 3


def test_a_run_that_ended_after_the_witness_had_signed_is_repaired_by_the_next(world: World, log: Log) -> None:
    def dies_then(request: bytes) -> bytes:
        world.witness(START)(request)
        raise Unavailable("the power failed")

    with pytest.raises(Unavailable, match="power"):
        world.publish(log, START, witnesses=[dies_then])
    log.append_many([verified("later")], START + 1)
    assert world.publish(log, START + 1).attested.checkpoint.size == 5


def test_entries_behind_an_index_get_an_index_of_their_own(world: World, log: Log) -> None:
    with pytest.raises(Unavailable):
        world.publish(log, START, witnesses=[silent])
    log.append_many([verified("behind")], START)
    assert world.publish(log, START).attested.checkpoint.size == 5


def test_the_quorum_is_reached_without_the_witness_that_is_away(world: World, log: Log) -> None:
    published = world.publish(log, START, witnesses=[silent, world.witness(START)], others=(SECOND,))
    assert published.refusals != ()
    assert len(Note.parse(published.note).signatures) == 2


def test_two_witnesses_stand_in_the_order_of_their_names(world: World, log: Log) -> None:
    both = [world.witness(START + 7), world.witness(START + 5, signer=SECOND)]
    published = world.publish(log, START, witnesses=both, others=(SECOND,), quorum=2)
    assert [line.name for line in Note.parse(published.note).signatures] == [LOG.name, SECOND.name, WITNESS.name]
    assert published.attested.time == START + 7


def test_one_witness_asked_twice_is_no_quorum_of_two(world: World, log: Log) -> None:
    twice = [world.witness(START), world.witness(START + 1)]
    with pytest.raises(Unavailable, match="1 trusted witnesses"):
        world.publish(log, START, witnesses=twice, others=(SECOND,), quorum=2)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"0\n", "fork: the witness has another history of 0 entries"),
        (b"99\n", "rollback: the witness has seen 99 entries, the log has 3"),
        (b"\xe2\x80\x94 a AAAAAAA=", "does not end in a newline"),
    ],
)
def test_what_a_witness_has_seen_otherwise_is_said(world: World, log: Log, answer: bytes, why: str) -> None:
    with pytest.raises(Unavailable, match=why):
        world.publish(log, START, witnesses=[lambda _: answer])


@pytest.mark.parametrize(
    "answer", [b"", b"\n", b"\xff\n", b"nonsense\n", b"12", "— a AAAAAAA=\n".encode(), b"0\n", b"99\n", b"1\n1\n"]
)
def test_a_witness_that_answers_nonsense_has_not_signed(world: World, log: Log, answer: bytes) -> None:
    with pytest.raises(Unavailable, match="not published"):
        world.publish(log, START, witnesses=[lambda _: answer])


def test_a_cosignature_of_another_checkpoint_is_not_taken(world: World, log: Log) -> None:
    old = Note.parse(world.publish(log, START).note).signatures[1]
    log.append_many([verified("c")], START)
    with pytest.raises(Unavailable, match="does not hold"):
        world.publish(log, START, witnesses=[lambda _: f"{old.format()}\n".encode()])


def test_a_log_key_that_is_not_the_logs_signs_nothing(world: World, log: Log) -> None:
    with pytest.raises(Misconfigured, match="private key"):
        publish(
            log,
            signer=SECOND,
            key=world.key,
            witnesses=[world.witness(START)],
            witness_keys=world.witness_keys,
            quorum=1,
            now=START,
        )
    assert log.size == 2


def test_a_check_that_fails_once_the_index_is_there_leaves_the_head_and_asks_no_witness(world: World, log: Log) -> None:
    asked: list[bytes] = []

    def witness(request: bytes) -> bytes:
        asked.append(request)
        return world.witness(START)(request)

    def other_keys_by_now() -> None:
        assert log.size == 3
        raise NotVerified("the trust has changed")

    def published(check: Callable[[], None]) -> Published:
        return publish(
            log,
            signer=LOG,
            key=world.key,
            witnesses=[witness],
            witness_keys=world.witness_keys,
            quorum=1,
            now=START,
            check=check,
        )

    with pytest.raises(NotVerified, match="the trust has changed"):
        published(other_keys_by_now)
    assert (asked, log.latest_checkpoint()) == ([], None)
    assert published(lambda: None).note == log.latest_checkpoint()


def test_a_log_that_is_its_own_witness_is_refused(world: World, log: Log) -> None:
    with pytest.raises(Misconfigured, match="one key stands twice"):
        world.publish(log, START, others=(LOG,))


def test_a_clock_behind_the_last_entry_publishes_nothing(world: World, log: Log) -> None:
    with pytest.raises(Unavailable, match="clock"):
        world.publish(log, START - 1)
    assert log.size == 2


def test_lines_of_strangers_are_stripped_for_export(world: World, log: Log) -> None:
    published = world.publish(log, START)
    stranger = SeedSigner("stranger")
    loud = published.note + "".join(
        f"{line.format()}\n" for line in Note.parse(world_line(published.note, stranger)).signatures[1:]
    )
    with pytest.raises(NotVerified, match="unknown keys"):
        attest(loud, log=world.key, witnesses=world.witness_keys, quorum=1, strict=True)
    assert strip(loud, log=world.key, witnesses=world.witness_keys) == published.note


def world_line(note_text: str, signer: SeedSigner) -> str:
    signed = Note.parse(note_text)
    return Note(signed.text, (signed.signatures[0], note.cosign(signed.text, signer, signer.name, 1))).format()


RACER = """
import sys
from ledger_world import START, World, verified
from pathlib import Path
log = World(Path(sys.argv[1])).open()
for i in range(25):
    log.append_many([verified(f"racer-{i}")], START)
"""


def test_no_append_slips_between_an_index_and_its_place(world: World, log: Log) -> None:
    paths = [str(Path(hauberk.__file__).parents[1]), str(Path(__file__).parents[1])]
    script = f"import sys; sys.path[:0] = {paths!r}\n{RACER}"
    racer = subprocess.Popen([sys.executable, "-c", script, str(world.folder)])
    while racer.poll() is None:
        world.publish(log, START)
    assert racer.returncode == 0
    sizes = [
        (number, statement.predicate["size"])
        for number in range(log.size)
        for statement in [dsse.decode_statement(dsse.decode_envelope(log.envelope(number)).payload)]
        if statement.predicate_type == INDEX_TYPE
    ]
    assert sizes == [(number, number) for number, _ in sizes]
    assert any(sha256(b"racer-24") in entry.digests for entry in log.entries())


def test_the_key_of_the_log_names_its_origin(world: World, log: Log) -> None:
    other = log_key(SeedSigner("example.com/elsewhere"))
    note_text = world.publish(log, START).note
    with pytest.raises(NotVerified, match=r"not of example\.com/elsewhere"):
        attest(note_text, log=other, witnesses=world.witness_keys, quorum=1, strict=True)
