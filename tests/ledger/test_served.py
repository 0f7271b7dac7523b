"""How much a reader takes from a ledger's service: up to each bound and no more, and nothing through a link."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import mirror, served
from hauberk.ledger.admit import admit
from hauberk.ledger.authority import Authority
from hauberk.ledger.log import Log
from hauberk.ledger.served import COPY, NEW, Served
from hauberk.ledger.service_client import MOST_ENVELOPES
from hauberk.limits import DEFAULT_LIMITS
from hauberk.serve.ledger import _read
from hauberk.signature import dsse
from hauberk.signature.note import Note
from ledger_world import MODEL, START, WITNESS, verified
from signers import witness_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger_world import World

    Way = Callable[[Served], tuple[Served, int]]

PUBLISHED = 5  # entries of `world`


class Service:
    """A log's service without a network; a test says what it gives in the place of what the log has."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.gives: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.numbers: list[int] = []
        self.taken: list[Sequence[bytes]] = []

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        with self.world.open(read_only=True) as log:
            return self.gives.get(path) or _read(log, path).body

    def append(self, envelopes: Sequence[bytes]) -> list[int]:
        self.taken.append(envelopes)
        return self.numbers


@pytest.fixture
def service(world: World) -> Service:
    return Service(world)


@pytest.fixture
def reader(world: World, service: Service, tmp_path: Path) -> Served:
    """Return a reader who has fetched nothing yet, has the log's keys, and remembers no checkpoint."""
    (tmp_path / "pod").mkdir()
    authority = Authority(world.key, world.witness_keys, 1)
    return Served(
        tmp_path / "pod",
        service,  # type: ignore[arg-type]
        is_signed=lambda _: True,
        judge=lambda _, note: authority.attest(note),
        see=lambda _, note: None,
    )


@pytest.fixture
def copy(reader: Served) -> Iterator[Log]:
    """Open a copy that has all of the log."""
    with reader.open() as log:
        yield log


def fetch(reader: Served) -> int:
    """Bring the copy up to date, and return how many entries it has."""
    with reader.open() as log:
        return log.size


def add(world: World, *names: str) -> None:
    """Append to the log what nobody has signed yet."""
    with world.open() as log:
        log.append_many([verified(name) for name in names], START + 4)


def knows_no_keys(reader: Served) -> Served:
    """Return the reader as one whose trust file is from before the log's keys were replaced."""
    return Served(reader.folder, reader.client, lambda _: False, reader.judge, reader.see)


def refuses(reader: Served, kind: type[HauberkError], why: str) -> None:
    with pytest.raises(kind, match=why):
        fetch(reader)


# how many entries that nobody has signed


def by_its_keys(reader: Served) -> tuple[Served, int]:
    return reader, 2


def without_its_keys(reader: Served) -> tuple[Served, int]:
    return knows_no_keys(reader), PUBLISHED + 2


def by_the_checkpoint_before(reader: Served) -> tuple[Served, int]:
    assert fetch(reader) == PUBLISHED
    return knows_no_keys(reader), 2


WAYS = pytest.mark.parametrize("way", [by_its_keys, without_its_keys, by_the_checkpoint_before])


@WAYS
def test_as_many_entries_as_may_be_unsigned_are_taken(
    world: World, reader: Served, monkeypatch: pytest.MonkeyPatch, way: Way
):
    one, unsigned = way(reader)
    add(world, "d", "e")
    monkeypatch.setattr(served, "MOST_AHEAD", unsigned)
    assert fetch(one) == PUBLISHED + 2


@WAYS
def test_one_entry_more_than_may_be_unsigned_is_a_lying_size_and_nothing_is_fetched(
    world: World,
    service: Service,
    reader: Served,
    monkeypatch: pytest.MonkeyPatch,
    way: Way,
):
    one, unsigned = way(reader)
    add(world, "d", "e")
    service.asked.clear()
    monkeypatch.setattr(served, "MOST_AHEAD", unsigned - 1)
    refuses(one, Exceeded, f"lying size: the service says that the log has {PUBLISHED + 2} entries")
    assert service.asked == ["/healthz", "/checkpoint"]


@pytest.mark.parametrize(("way", "hint"), [(by_its_keys, "publish"), (without_its_keys, "newest trust file .* backup")])
def test_who_may_have_old_keys_is_told_where_new_ones_are(
    world: World, reader: Served, monkeypatch: pytest.MonkeyPatch, way: Way, hint: str
):
    one, unsigned = way(reader)
    add(world, "d", "e")
    monkeypatch.setattr(served, "MOST_AHEAD", unsigned - 1)
    with pytest.raises(Exceeded) as refused:
        fetch(one)
    assert re.search(hint, refused.value.hint)


def test_a_backup_spares_who_has_old_keys_what_would_be_unsigned(
    world: World, reader: Served, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(served, "MOST_AHEAD", PUBLISHED - 1)
    refuses(knows_no_keys(reader), Exceeded, "lying size")
    with world.open(read_only=True) as log:
        shutil.rmtree(reader.folder / served.COPY)
        (reader.folder / served.COPY).mkdir()
        log.copy_to(reader.folder / served.COPY / "ledger.sqlite")
    assert fetch(knows_no_keys(reader)) == PUBLISHED


def test_what_is_behind_the_size_that_the_service_says_is_left_for_the_next_time(
    world: World, service: Service, reader: Served
):
    assert fetch(reader) == PUBLISHED
    add(world, "d", "e", "f")
    service.gives["/healthz"] = b"%d entries\n" % (PUBLISHED + 1)
    assert fetch(reader) == PUBLISHED + 1
    service.gives.clear()
    assert fetch(reader) == PUBLISHED + 3


# how many bytes that nobody has signed


def unsigned_bytes(world: World) -> int:
    with world.open(read_only=True) as log:
        return sum(map(len, log.envelopes(PUBLISHED, log.size)))


@pytest.mark.parametrize("has_copy", [True, False])
def test_as_many_bytes_as_may_be_unsigned_are_taken(
    world: World, reader: Served, monkeypatch: pytest.MonkeyPatch, has_copy: bool
):
    assert not has_copy or fetch(reader) == PUBLISHED
    add(world, "d", "e")
    monkeypatch.setattr(served, "MOST_AHEAD_BYTES", unsigned_bytes(world))
    assert fetch(reader) == PUBLISHED + 2


@pytest.mark.parametrize("has_copy", [True, False])
def test_one_byte_more_than_may_be_unsigned_is_refused_and_nothing_of_that_answer_kept(
    world: World, reader: Served, monkeypatch: pytest.MonkeyPatch, has_copy: bool
):
    assert not has_copy or fetch(reader) == PUBLISHED
    add(world, "d", "e")
    most = unsigned_bytes(world) - 1
    monkeypatch.setattr(served, "MOST_AHEAD_BYTES", most)
    refuses(reader, Exceeded, f"{most + 1} bytes behind the newest checkpoint, which nobody has signed")
    with Log.open(reader.folder / served.COPY, read_only=True) as copy:
        assert copy.size == (PUBLISHED if has_copy else 0)


# the checkpoint


def filled(note: str, size: int) -> bytes:
    """Return a note that has so many bytes by one more signature; who does not know its name ignores it."""
    room = size - len(note.encode()) - len("—  \n".encode())
    name = "x" * (room % 4 or 4)
    signature = b64encode(bytes((room - len(name)) // 4 * 3)).decode()
    return f"{note}— {name} {signature}\n".encode()


def note_of(world: World) -> str:
    with world.open(read_only=True) as log:
        note = log.latest_checkpoint()
    assert note is not None
    return note


def test_a_checkpoint_may_be_as_long_as_a_note(world: World, service: Service, reader: Served):
    longest = filled(note_of(world), DEFAULT_LIMITS.max_note_bytes)
    assert len(longest) == DEFAULT_LIMITS.max_note_bytes
    service.gives["/checkpoint"] = longest
    with reader.open() as copy:
        assert copy.latest_checkpoint() == longest.decode()


def test_a_checkpoint_that_is_longer_than_a_note_is_refused(world: World, service: Service, reader: Served):
    size = DEFAULT_LIMITS.max_note_bytes + 1
    service.gives["/checkpoint"] = filled(note_of(world), size)
    refuses(reader, Exceeded, f"a checkpoint of {size} bytes; {size - 1} are allowed")


def test_another_word_of_the_same_time_on_the_same_size_takes_no_place(world: World, service: Service, reader: Served):
    assert fetch(reader) == PUBLISHED
    service.gives["/checkpoint"] = filled(note_of(world), 1000)
    with reader.open() as copy:
        assert copy.checkpoints() == [note_of(world)]


def test_a_copy_that_knows_a_longer_checkpoint_refuses_a_shorter_one_though_nothing_else_remembers(
    world: World, service: Service, reader: Served
):
    before = note_of(world)
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        world.publish(log, START + 5)
    fetch(reader)
    service.gives["/checkpoint"] = before.encode()
    refuses(reader, NotVerified, "rollback")


def test_what_does_not_hold_when_nothing_was_fetched_before_is_fetched_once_and_kept(
    world: World, service: Service, reader: Served
):
    note = Note.parse(note_of(world))
    witness = witness_key(WITNESS).name
    alone = Note(note.text, tuple(one for one in note.signatures if one.name != witness))
    service.gives["/checkpoint"] = alone.format().encode()
    refuses(reader, NotVerified, "0 trusted witnesses cosigned")
    assert service.asked == ["/healthz", "/checkpoint", "/v1/log/0"]
    with Log.open(reader.folder / served.COPY, read_only=True) as copy:
        assert (copy.size, copy.latest_checkpoint()) == (PUBLISHED, None)


# where it is written


def test_an_empty_folder_in_the_copy_s_place_is_filled(reader: Served):
    (reader.folder / served.COPY).mkdir()
    assert fetch(reader) == PUBLISHED


@pytest.mark.parametrize("name", ["ledger.sqlite-wal", "ledger.sqlite-shm", "blobs"])
def test_one_link_among_the_files_of_a_copy_is_refused(reader: Served, tmp_path: Path, name: str):
    assert fetch(reader) == PUBLISHED
    (reader.folder / served.COPY / name).unlink(missing_ok=True)
    (reader.folder / served.COPY / name).symlink_to(tmp_path / "elsewhere")
    refuses(reader, Misconfigured, "is a link, or has one in it")
    assert not (tmp_path / "elsewhere").exists()


def test_a_copy_whose_folder_cannot_be_read_is_away(reader: Served, monkeypatch: pytest.MonkeyPatch):
    assert fetch(reader) == PUBLISHED

    def refuse(_: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    refuses(reader, Unavailable, "Permission denied")


# what the service is to append


def test_nothing_is_appended_without_a_question(service: Service, copy: Log):
    assert copy.append_many([], START) == []
    assert service.taken == []


def test_what_is_there_already_keeps_its_entry_and_be_it_the_first(service: Service, copy: Log):
    service.numbers = [0]
    assert copy.append_many([verified("a", MODEL)], START) == [0]


@pytest.mark.parametrize("number", [-1, PUBLISHED, PUBLISHED + 1])
def test_an_entry_that_the_copy_does_not_have_after_it_was_acknowledged_is_kept_back(
    service: Service, copy: Log, number: int
):
    service.numbers = [number]
    with pytest.raises(Unavailable, match=f"withheld: the service does not show entry {number}, which it appended"):
        copy.append_many([verified("d")], START)


def test_as_many_envelopes_as_a_request_takes_are_sent_in_one(service: Service, copy: Log):
    service.numbers = [0] * MOST_ENVELOPES
    assert copy.append_many([verified("a", MODEL)] * MOST_ENVELOPES, START) == service.numbers
    assert [len(one) for one in service.taken] == [MOST_ENVELOPES]


def test_one_envelope_more_than_a_request_takes_is_refused_before_it_is_sent(service: Service, copy: Log):
    with pytest.raises(Exceeded, match=f"{MOST_ENVELOPES + 1} envelopes are more than"):
        copy.append_many([verified("a", MODEL)] * (MOST_ENVELOPES + 1), START)
    assert service.taken == []


def body_of(*names: str) -> int:
    """Return how many bytes a request with these has: each envelope is a line."""
    return sum(len(dsse.encode_envelope(verified(name).envelope)) + 1 for name in names)


def test_as_many_bytes_as_a_request_takes_are_sent(service: Service, copy: Log, monkeypatch: pytest.MonkeyPatch):
    service.numbers = [1, 3]
    monkeypatch.setattr(served, "MAX_BODY_BYTES", body_of("b", "c"))
    assert copy.append_many([verified("b"), verified("c")], START) == [1, 3]


def test_one_byte_more_than_a_request_takes_is_refused_before_it_is_sent(
    service: Service, copy: Log, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(served, "MAX_BODY_BYTES", body_of("b", "c") - 1)
    with pytest.raises(Exceeded, match="2 envelopes are more than the ledger's service takes at once"):
        copy.append_many([verified("b"), verified("c")], START)
    assert service.taken == []


# what does not hold, and a copy that is made anew


def pair(name: str) -> bytes:
    """Return what a service says of an entry and its envelope."""
    one = admit(verified(name), START + 4)
    return one.entry.encode() + b"\n" + one.data + b"\n"


@pytest.fixture
def deceived(world: World, service: Service, reader: Served) -> Served:
    """Return a reader who was given an entry that is none of the log's, behind the checkpoint; another one came."""
    size = fetch(reader)
    service.gives = {"/healthz": b"%d entries\n" % (size + 1), f"/v1/log/{size}": pair("none of the log's")}
    assert fetch(reader) == size + 1
    service.gives = {}
    with world.open() as log:
        log.append_many([verified("the log's")], START + 4)
        world.publish(log, START + 5)
    return reader


def test_a_copy_that_does_not_hold_is_replaced(world: World, deceived: Served) -> None:
    with deceived.open() as copy, world.open() as log:
        assert copy.records() == log.records()
        assert copy.envelopes(0, copy.size) == log.envelopes(0, log.size)
    assert not (deceived.folder / NEW).exists()


def test_a_copy_is_not_replaced_by_one_that_goes_against_what_was_seen(deceived: Served) -> None:
    def refuse(_: object, note: str) -> None:
        raise NotVerified("fork: seen otherwise")

    with Log.open(deceived.folder / COPY) as copy:
        before = copy.records()
    refuses(replace(deceived, see=refuse), NotVerified, "fork: seen otherwise")
    with Log.open(deceived.folder / COPY) as copy:
        assert copy.records()[: len(before)] == before
    assert not (deceived.folder / NEW).exists()


def test_a_new_copy_that_cannot_take_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="old"):
        mirror.replace(tmp_path / "absent", tmp_path / "old")


def test_as_many_lines_as_an_answer_has_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "_MOST_LINES", 4)
    assert len(mirror.pairs_in(pair("a") + pair("b"))) == 2
    with pytest.raises(Malformed, match="more than 4 lines"):
        mirror.pairs_in(pair("a") + pair("b") + pair("c"))
