"""Leaves as they are read again: what is no entry is named, and the quick way takes nothing that the long way refuses."""

from __future__ import annotations

import pytest

from hauberk.errors import NotVerified
from hauberk.ledger import index, merkle
from hauberk.ledger.entry import MAX_TIME, Entry, read_leaf
from hauberk.ledger.replay import Replay, check_index, entry_for, index_statement, leads_to
from hauberk.signature import dsse
from hauberk.statement import Envelope
from ledger_world import LOG, START, verified
from signers import SeedSigner, log_key

ONE = verified("a")
DATA = dsse.encode_envelope(ONE.envelope)
PAYLOAD = ONE.envelope.payload


def leaf(time: int) -> bytes:
    return entry_for(DATA, ONE.envelope, ONE.statement, START).encode().replace(b"%d}" % START, b"%d}" % time)


def quickly(record: bytes) -> int | None:
    return leads_to(record, DATA, PAYLOAD, tuple(map(str, ONE.statement.digests)))


@pytest.mark.parametrize("time", [0, 1, START, 10**15 - 1])
def test_a_leaf_is_that_of_its_envelope_at_any_time(time: int) -> None:
    assert quickly(leaf(time)) == Entry.decode(leaf(time)).time == time


@pytest.mark.parametrize("time", [MAX_TIME + 1, 10**16 - 1])
def test_a_time_that_no_entry_has_is_not_taken(time: int) -> None:
    assert quickly(leaf(time)) is None


@pytest.mark.parametrize("change", [(b"}", b" }"), (b'"time":', b'"time": '), (b"sha256:", b"sha512:")])
def test_a_leaf_in_another_writing_is_not_taken(change: tuple[bytes, bytes]) -> None:
    assert quickly(leaf(START).replace(*change)) is None


@pytest.mark.parametrize("record", [b"{}", b"", leaf(START) + b" "])
def test_what_is_no_entry_is_named_by_its_number(record: bytes) -> None:
    with pytest.raises(NotVerified, match=r"^rewritten entry: number 1 is no entry: "):
        Replay().read([leaf(START), record], until=2)
    with pytest.raises(NotVerified, match=r"^rewritten entry: number 7 is no entry: "):
        read_leaf(7, record, Entry.decode)


def test_a_log_may_begin_with_the_clock_of_unix_and_never_goes_back() -> None:
    replay = Replay()
    replay.read([leaf(0), leaf(0), leaf(5)], until=3)
    assert (replay.size, replay.time) == (3, 5)
    with pytest.raises(NotVerified, match=r"^time set back: entry 3 claims 4, after one of 5$"):
        replay.read([leaf(0), leaf(0), leaf(5), leaf(4)], until=4)


def test_an_index_is_the_logs_by_its_signature_and_by_no_other() -> None:
    totals = index.of_entries([])
    said = index_statement(LOG.name, 0, merkle.EMPTY_ROOT, totals)
    signed, asked = dsse.sign(said, [LOG]), {"log": log_key(LOG)}
    assert check_index(signed, 0, merkle.EMPTY_ROOT, totals, **asked) is None
    with pytest.raises(NotVerified, match=r"^lying index: entry 0 is not signed by the log alone$"):
        check_index(Envelope(signed.payload, ()), 0, merkle.EMPTY_ROOT, totals, **asked)
    with pytest.raises(NotVerified):
        check_index(dsse.sign(said, [LOG, SeedSigner("x")]), 0, merkle.EMPTY_ROOT, totals, **asked)
