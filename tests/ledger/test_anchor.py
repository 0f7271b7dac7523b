"""A ledger that was rolled back or rewritten is found by what was anchored, whatever else somebody puts into the bucket."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fake_bucket import ACCESS, SECRET, FakeBucket, fake_bucket
from hauberk.edge import clock
from hauberk.edge.remote.bucket_write import Bucket
from hauberk.edge.remote.line import Patience
from hauberk.errors import NotVerified, Unavailable
from hauberk.ledger import anchor as anchoring
from hauberk.ledger.anchor import Anchored, Keys, anchor, check, newest
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.log import Log
from hauberk.limits import DEFAULT_LIMITS
from ledger_world import LOG, MODEL, START, World, verified
from s3_login import log_in
from signers import SeedSigner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PREFIX = "tumour/"
DAY = 86_400


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBucket]:
    with fake_bucket() as one:
        log_in(monkeypatch, one.url, ACCESS, SECRET)
        yield one


@pytest.fixture
def bucket(fake: FakeBucket) -> Iterator[Bucket]:
    with Bucket(fake.name, patience=Patience(retries=0)) as one:
        yield one


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def log(world: World) -> Iterator[Log]:
    with world.create() as opened:
        opened.append_many([verified("a", MODEL), verified("b")], START)
        world.publish(opened, START)
        yield opened


def keys(world: World) -> Keys:
    return Keys(world.key, world.witness_keys, 1)


def put(world: World, log: Log, bucket: Bucket) -> str:
    return anchor(log, bucket, PREFIX, keys=keys(world), until=clock.now() + DAY)


def found(world: World, bucket: Bucket) -> Anchored:
    return newest(bucket, PREFIX, keys=keys(world))


def grown(world: World, log: Log, name: str = "c") -> None:
    log.append_many([verified(name)], START + 1)
    world.publish(log, START + 1)


def test_the_newest_checkpoint_is_anchored_locked_and_found_again(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket
) -> None:
    key = put(world, log, bucket)
    assert key == f"{PREFIX}{10**16 - 1 - 3:016}-3-{START}.checkpoint"
    kept = fake.newest(key)
    assert (kept.data.decode(), kept.mode) == (log.latest_checkpoint(), "COMPLIANCE")
    there = found(world, bucket)
    assert (there.note, there.doubts) == (log.latest_checkpoint(), ())
    check(log, there)


def test_the_largest_is_found_first_and_the_ledger_that_goes_on_holds_it(
    world: World, log: Log, bucket: Bucket
) -> None:
    for name in "cdefghijkl":
        put(world, log, bucket)
        grown(world, log, name)
    put(world, log, bucket)
    grown(world, log, "later")
    there = found(world, bucket)
    assert there.attested is not None
    assert there.attested.checkpoint.size == 23
    check(log, there)


def test_anchoring_again_puts_nothing_and_lengthens_the_lock(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket
) -> None:
    key = put(world, log, bucket)
    until = clock.now() + 30 * DAY
    assert anchor(log, bucket, PREFIX, keys=keys(world), until=until) == key
    assert len(fake.objects[key]) == 1
    assert bucket.head(key).until == until  # type: ignore[union-attr]


def retentions(fake: FakeBucket) -> int:
    return sum(method == "PUT" and "retention" in path for method, path in fake.log)


@pytest.mark.parametrize("days", [0, -1])
def test_a_lock_that_is_long_enough_is_left_as_it_is(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket, days: int
) -> None:
    until = clock.now() + 9 * DAY
    key = anchor(log, bucket, PREFIX, keys=keys(world), until=until)
    assert anchor(log, bucket, PREFIX, keys=keys(world), until=until + days * DAY) == key
    assert retentions(fake) == 0
    assert bucket.head(key).until == until  # type: ignore[union-attr]


def test_a_lock_of_the_weaker_kind_is_made_the_stronger_one(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket
) -> None:
    key = put(world, log, bucket)
    fake.objects[key] = [replace(fake.newest(key), mode="GOVERNANCE")]
    anchor(log, bucket, PREFIX, keys=keys(world), until=clock.now() + DAY + 60)
    assert (retentions(fake), fake.newest(key).mode) == (1, "COMPLIANCE")


def test_what_the_store_says_is_there_and_does_not_show_is_refused(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket
) -> None:
    fake.objects[f"{PREFIX}{10**16 - 1 - 3:016}-3-{START}.checkpoint"] = []
    with pytest.raises(NotVerified, match="another object is there in the place of"):
        put(world, log, bucket)


def test_what_is_listed_and_not_given_is_unavailable(world: World, log: Log, bucket: Bucket, fake: FakeBucket) -> None:
    put(world, log, bucket)
    fake.meanwhile = fake.objects.clear
    with pytest.raises(Unavailable, match="is listed, and the store does not give it"):
        found(world, bucket)


def test_a_store_that_loses_it_at_once_is_found(world: World, log: Log, bucket: Bucket, fake: FakeBucket) -> None:
    asked: list[None] = []

    def lose() -> None:
        asked.append(None)
        if len(asked) == 2:  # after it was read back, and before its lock is asked for
            fake.objects.clear()

    fake.meanwhile = lose
    with pytest.raises(NotVerified, match="has not locked"):
        put(world, log, bucket)


def test_a_ledger_that_was_rolled_back_is_found(world: World, log: Log, bucket: Bucket, tmp_path: Path) -> None:
    log.copy_to(tmp_path / "old")
    grown(world, log)
    put(world, log, bucket)
    with Log.open_file(tmp_path / "old", read_only=True) as old:
        with pytest.raises(NotVerified, match="rollback: 5 entries are anchored, and the ledger has 3"):
            check(old, found(world, bucket))
        with pytest.raises(NotVerified, match="rollback"):
            put(world, old, bucket)


def test_a_ledger_that_was_rolled_back_and_went_on_is_found(
    world: World, log: Log, bucket: Bucket, tmp_path: Path
) -> None:
    log.copy_to(tmp_path / "old")
    grown(world, log)
    put(world, log, bucket)
    with Log.open_file(tmp_path / "old") as old:
        old.append_many([verified(name) for name in "xyz"], START + 2)
        with pytest.raises(NotVerified, match="fork: another history of 5 entries"):
            check(old, found(world, bucket))


def test_an_entry_that_was_changed_is_found_though_the_stored_tree_is_the_old_one(
    world: World, log: Log, bucket: Bucket
) -> None:
    put(world, log, bucket)
    changed = log.records(0, 1)[0].replace(b"1700000000", b"1600000000")
    database = sqlite3.connect(world.log_folder / "ledger.sqlite")
    with database:
        database.execute("UPDATE entries SET record = ? WHERE number = 0", (changed,))
    database.close()
    with pytest.raises(NotVerified, match="fork"):
        check(log, found(world, bucket))


def stranger(size: int, name: str = LOG.name) -> bytes:
    return sign(Checkpoint(name, size, b"r" * 32), SeedSigner("stranger" if name == LOG.name else name)).encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("0000000000000000-9999999999999999-0.checkpoint", b""),
        ("0000000000000000-9999999999999999-0.checkpoint", b"\xff"),
        ("0000000000000000-9999999999999999-0.checkpoint", stranger(9_999_999_999_999_999)),
        ("0000000000000000-9999999999999999-0.checkpoint", stranger(5)),
        ("9999999999999899-100-0.checkpoint", stranger(100)),
        ("9999999999999899-100-0.checkpoint", stranger(100, "example.com/other")),
        ("9999999999999899-101-0.checkpoint", stranger(101)),
        ("9999999999999899-100-0.checkpoint", b"x" * (DEFAULT_LIMITS.max_note_bytes + 1)),
        ("9999999999999899-100-0.checkpoint", stranger(100) + b"\xe2\x80\x94 x eHh4eHg=\n" * 100),
        ("../x", b"x"),
        ("0", b"x"),
    ],
)
def test_what_a_stranger_puts_there_hides_nothing_and_is_told(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket, name: str, data: bytes
) -> None:
    put(world, log, bucket)
    fake.add(PREFIX + name, data)
    there = found(world, bucket)
    assert there.note == log.latest_checkpoint()
    assert len(there.doubts) == 1
    check(log, there)


def test_a_true_checkpoint_under_the_key_of_a_larger_one_is_none(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket
) -> None:
    key = put(world, log, bucket)
    fake.add(f"{PREFIX}0000000000000000-9999999999999999-0.checkpoint", fake.newest(key).data)
    there = found(world, bucket)
    assert "not that of its key" in there.doubts[0]


def test_a_true_checkpoint_under_a_key_that_would_come_first_is_none(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket
) -> None:
    key = put(world, log, bucket)
    fake.add(f"{PREFIX}0000000000000000-3-{START}.checkpoint", fake.newest(key).data)
    fake.add(f"{PREFIX}0", fake.newest(key).data)
    assert [doubt.partition(": ")[2] for doubt in found(world, bucket).doubts] == [
        "not the key of an anchored checkpoint"
    ] * 2


def test_a_version_that_was_written_over_is_found(world: World, log: Log, bucket: Bucket, fake: FakeBucket) -> None:
    fake.add(put(world, log, bucket), b"written over")
    there = found(world, bucket)
    assert (there.note, len(there.doubts)) == (log.latest_checkpoint(), 1)


def test_a_bucket_that_is_filled_is_refused(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchoring, "MOST_LOOKED_AT", 3)
    put(world, log, bucket)
    for number in range(5):
        fake.add(f"{PREFIX}000000000000000{number}", b"x")
    with pytest.raises(Unavailable, match="are no checkpoints of this ledger"):
        found(world, bucket)


def test_the_last_one_that_is_looked_at_is_found(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchoring, "MOST_LOOKED_AT", 3)
    put(world, log, bucket)
    for number in range(3):
        fake.add(f"{PREFIX}000000000000000{number}", b"x")
    assert found(world, bucket).note == log.latest_checkpoint()


def test_many_are_listed_page_by_page(world: World, log: Log, bucket: Bucket, fake: FakeBucket) -> None:
    fake.page = 2
    put(world, log, bucket)
    for number in range(7):
        fake.add(f"{PREFIX}000000000000000{number}", b"x")
    there = found(world, bucket)
    assert (there.note, len(there.doubts)) == (log.latest_checkpoint(), 7)


@pytest.mark.parametrize(
    ("lie", "why"), [("endless", "does not end"), ("no list of versions", "does not list versions")]
)
def test_a_store_that_does_not_list_is_refused(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket, lie: str, why: str
) -> None:
    put(world, log, bucket)
    key = next(iter(fake.objects))
    fake.objects[key] = [replace(fake.objects[key][0], data=b"x")]
    fake.lies.add(lie)
    with pytest.raises(Unavailable, match=why):
        found(world, bucket)


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ("no lock", "has not locked .*: (no lock|the store)"),
        ("short lock", "has not locked .*: COMPLIANCE"),
        ("governance", "has not locked .*: GOVERNANCE"),
        ("rot", "other bytes"),
        ("cut", "other bytes"),
    ],
)
def test_a_store_that_does_not_keep_what_it_was_given_is_found(
    world: World, log: Log, bucket: Bucket, fake: FakeBucket, lie: str, why: str
) -> None:
    fake.lies.add(lie)
    with pytest.raises(NotVerified, match=why):
        put(world, log, bucket)


def test_another_object_in_its_place_is_refused(world: World, log: Log, bucket: Bucket, fake: FakeBucket) -> None:
    fake.add(f"{PREFIX}{10**16 - 1 - 3:016}-3-{START}.checkpoint", b"another")
    with pytest.raises(NotVerified, match="in the place of"):
        put(world, log, bucket)


def test_before_the_first_checkpoint_there_is_nothing_to_anchor(world: World, bucket: Bucket) -> None:
    with world.create() as log, pytest.raises(Unavailable, match="no checkpoint"):
        put(world, log, bucket)


def test_where_nothing_is_anchored_nothing_is_found(world: World, bucket: Bucket) -> None:
    assert found(world, bucket) == Anchored(None, None, ())


def test_a_checkpoint_that_trust_does_not_take_is_not_anchored(world: World, log: Log, bucket: Bucket) -> None:
    others = Keys(world.key, (*world.witness_keys,), 2)
    with pytest.raises(Exception, match="quorum"):
        anchor(log, bucket, PREFIX, keys=others, until=clock.now() + DAY)
