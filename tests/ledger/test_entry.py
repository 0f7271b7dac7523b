"""An entry has one text, and nothing else is an entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, HauberkError, Malformed
from hauberk.ledger import merkle
from hauberk.ledger.entry import MAX_ENTRY_BYTES, Entry, claims_in
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TREE = "dirHash:" + "b" * 64
ENTRY = Entry(sha256(b"envelope"), sha256(b"id"), (TREE, str(sha256(b"file"))), 1_700_000_000)


def test_an_entry_is_canonical_json_with_its_names_in_order() -> None:
    assert (
        ENTRY.encode()
        == (
            f'{{"envelope":"{sha256(b"envelope")}","id":"{sha256(b"id")}",'
            f'"subjects":["{TREE}","{sha256(b"file")}"],"time":1700000000}}'
        ).encode()
    )


def test_an_entry_is_written_as_it_was_read() -> None:
    assert Entry.decode(ENTRY.encode()) == ENTRY
    assert Entry.from_json(ENTRY.to_json()) == ENTRY


def test_its_leaf_is_the_hash_of_its_bytes() -> None:
    assert ENTRY.leaf_hash == merkle.leaf_hash(ENTRY.encode())


def test_its_digests_are_its_subjects() -> None:
    assert ENTRY.digests == (Digest("dirHash", "b" * 64), sha256(b"file"))


def test_the_longest_entry_fits_into_a_tile() -> None:
    longest = tuple(sorted(f"{'a' * 32}:{i:0128x}" for i in range(64)))
    assert len(replace(ENTRY, subjects=longest, time=2**53 - 1).encode()) < MAX_ENTRY_BYTES


def test_more_subjects_than_an_entry_holds_are_refused() -> None:
    with pytest.raises(Exceeded, match="65 digests, the ledger takes 64"):
        replace(ENTRY, subjects=tuple(sorted(str(sha256(bytes([i]))) for i in range(65))))


def test_a_long_text_is_not_read() -> None:
    with pytest.raises(Exceeded):
        Entry.decode(b" " * (MAX_ENTRY_BYTES + 1))


CHANGES: list[dict[str, Any]] = [
    {"envelope": TREE},
    {"id": TREE},
    {"envelope": None},
    {"id": 7},
    {"subjects": []},
    {"subjects": [TREE, TREE]},
    {"subjects": [str(sha256(b"")), TREE]},
    {"subjects": TREE},
    {"subjects": [7]},
    {"subjects": ["file"]},
    {"subjects": [TREE.upper()]},
    {"time": -1},
    {"time": 2**53},
    {"time": 1.5},
    {"time": "1"},
    {"time": True},
    {"time": None},
    {"extra": 1},
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_record_with_one_change_is_no_entry(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Entry.from_json(ENTRY.to_json() | change)


@pytest.mark.parametrize("key", ["envelope", "id", "subjects", "time"])
def test_a_record_without_one_of_its_members_is_no_entry(key: str) -> None:
    with pytest.raises(Malformed):
        Entry.decode(jcs.encode({name: value for name, value in ENTRY.to_json().items() if name != key}))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"\xff", b" " + ENTRY.encode(), ENTRY.encode() + b"\n"])
def test_bytes_that_are_no_entry_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Entry.decode(data)


def test_every_flipped_bit_is_refused_or_gives_another_entry() -> None:
    same = []
    for bit in range(8 * len(ENTRY.encode())):
        flipped = bytearray(ENTRY.encode())
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read = Entry.decode(bytes(flipped))
        except HauberkError:
            continue
        if read.leaf_hash == ENTRY.leaf_hash or read.encode() != bytes(flipped):
            same.append(bit)
    assert same == []


def _said(read: Callable[[bytes], tuple[Sequence[str], int]], record: bytes) -> tuple[Any, ...]:
    """Return the subjects and the time that a reader gets, or the error that it raises."""
    try:
        subjects, time = read(record)
    except HauberkError as error:
        return type(error), error.message
    return tuple(subjects), time


def _whole(record: bytes) -> tuple[Sequence[str], int]:
    entry = Entry.decode(record)
    return entry.subjects, entry.time


LONG = tuple(sorted(str(sha256(bytes([number]))) for number in range(65)))


@pytest.mark.parametrize(
    "record",
    [
        ENTRY.encode(),
        replace(ENTRY, subjects=(TREE,)).encode(),
        replace(ENTRY, subjects=("sha3:" + "c" * 64,)).encode(),
        replace(ENTRY, subjects=LONG[:64], time=0).encode(),
        replace(ENTRY, time=10**15).encode(),
        *(jcs.encode_plain(ENTRY.to_json() | change) for change in CHANGES),
        jcs.encode(ENTRY.to_json() | {"subjects": list(LONG)}),
        ENTRY.encode().replace(b"1700000000", b"01"),
        ENTRY.encode().replace(b"1700000000", b"-0"),
        ENTRY.encode().replace(b"1700000000", "\u0661".encode()),
        ENTRY.encode() + b"\n",
        b" " * (MAX_ENTRY_BYTES + 1),
    ],
)
def test_the_quick_way_reads_what_the_whole_entry_says(record: bytes) -> None:
    assert _said(claims_in, record) == _said(_whole, record)


def test_the_quick_way_reads_every_flipped_bit_as_the_whole_entry_does() -> None:
    record = bytearray(ENTRY.encode())
    for bit in range(8 * len(record)):
        record[bit // 8] ^= 1 << bit % 8
        assert _said(claims_in, bytes(record)) == _said(_whole, bytes(record))
        record[bit // 8] ^= 1 << bit % 8


def test_subjects_of_which_one_is_out_of_order_are_refused() -> None:
    subjects = tuple(f"sha256:{digit * 64}" for digit in "bca")
    record = Entry(sha256(b"x"), sha256(b"y"), tuple(sorted(subjects)), 5).encode()
    for order in (subjects, (*subjects[:2], subjects[1])):
        moved = record.replace('","'.join(sorted(subjects)).encode(), '","'.join(order).encode())
        with pytest.raises(Malformed):
            claims_in(moved)
    assert claims_in(record) == (sorted(subjects), 5)
