"""A range of the index shows every entry about a digest, or that there is none: nothing can be left out of it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, HauberkError, Malformed, NotVerified
from hauberk.ledger import index, merkle
from hauberk.ledger.index import Neighbour, Present, Range

LOW, MIDDLE, HIGH = (Digest("sha256", c * 64) for c in "28c")
BELOW, BETWEEN, ABOVE = (Digest("sha256", c * 64) for c in "05e")
SIZE = 40
INDEX = index.build([(LOW, 3), (LOW, 17), (MIDDLE, 5), (MIDDLE, 4), (MIDDLE, 39), (HIGH, 0)])
EMPTY = index.build([])


def about(digest: Digest, found: Range, *, made: index.Index = INDEX, size: int = SIZE) -> tuple[int, ...]:
    return found.verify(digest, made.count, made.root, size=size)


def test_a_leaf_is_the_digest_a_zero_and_the_entry() -> None:
    assert index.leaf(LOW, 258) == b"sha256:" + b"2" * 64 + b"\x00" + bytes(6) + b"\x01\x02"


def test_the_root_is_that_of_the_sorted_leaves() -> None:
    leaves = sorted(
        [*[index.leaf(LOW, n) for n in (3, 17)], *[index.leaf(MIDDLE, n) for n in (4, 5, 39)], index.leaf(HIGH, 0)]
    )
    assert INDEX.count == 6
    assert INDEX.root == merkle.root([merkle.leaf_hash(data) for data in leaves])


def test_a_pair_given_twice_is_one_leaf() -> None:
    assert index.build([(LOW, 3), (LOW, 3)]).count == 1


def test_an_index_of_nothing_is_the_hash_of_nothing() -> None:
    assert (EMPTY.count, EMPTY.root) == (0, merkle.EMPTY_ROOT)


@pytest.mark.parametrize(
    ("digest", "entries"),
    [(LOW, (3, 17)), (MIDDLE, (4, 5, 39)), (HIGH, (0,)), (BELOW, ()), (BETWEEN, ()), (ABOVE, ())],
)
def test_a_range_shows_exactly_the_entries_about_a_digest(digest: Digest, entries: tuple[int, ...]) -> None:
    assert about(digest, INDEX.range(digest)) == entries


def test_nothing_is_in_an_empty_index() -> None:
    assert about(LOW, EMPTY.range(LOW), made=EMPTY) == ()
    with pytest.raises(NotVerified, match="SHA-256 of nothing"):
        EMPTY.range(LOW).verify(LOW, 0, INDEX.root, size=SIZE)


def test_a_digest_whose_text_begins_another_is_its_own() -> None:
    short, long = Digest("x", "a" * 32), Digest("x", "a" * 34)
    made = index.build([(long, 1), (short, 2)])
    assert about(short, made.range(short), made=made) == (2,)
    assert about(long, made.range(long), made=made) == (1,)


@pytest.mark.parametrize("digest", [LOW, MIDDLE, HIGH, BELOW, BETWEEN, ABOVE])
def test_a_range_is_written_as_it_was_read(digest: Digest) -> None:
    found = INDEX.range(digest)
    assert Range.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_the_json_is_that_of_a_passport() -> None:
    assert INDEX.range(HIGH).to_json() == {
        "digest": str(HIGH),
        "leaves": [{"position": 5, "entry": 0, "proof": [_b64(part) for part in INDEX.range(HIGH).leaves[0].proof]}],
        "left": {
            "leaf": _b64(index.leaf(MIDDLE, 39)),
            "position": 4,
            "proof": [_b64(part) for part in INDEX.range(HIGH).left.proof],  # type: ignore[union-attr]
        },
        "right": None,
    }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def neighbour(place: int) -> Neighbour:
    found = INDEX.range(BETWEEN)
    tree = merkle.Tree([merkle.leaf_hash(data) for data in INDEX.leaves])
    assert found.left is not None
    return Neighbour(INDEX.leaves[place], place, tuple(tree.inclusion_proof(place)))


WHOLE = INDEX.range(MIDDLE)
NONE = INDEX.range(BETWEEN)


def test_leaving_out_an_entry_is_refused() -> None:
    for kept in (WHOLE.leaves[1:], WHOLE.leaves[:-1], (WHOLE.leaves[0], WHOLE.leaves[2]), ()):
        with pytest.raises(NotVerified):
            about(MIDDLE, replace(WHOLE, leaves=kept))


def test_leaving_out_an_entry_and_taking_it_for_a_neighbour_is_refused() -> None:
    with pytest.raises(NotVerified, match="right neighbour"):
        about(MIDDLE, replace(WHOLE, leaves=WHOLE.leaves[:2], right=neighbour(4)))
    with pytest.raises(NotVerified, match="left neighbour"):
        about(MIDDLE, replace(WHOLE, leaves=WHOLE.leaves[1:], left=neighbour(2)))


def test_leaving_out_a_neighbour_is_refused() -> None:
    for wrong in (replace(WHOLE, left=None), replace(WHOLE, right=None), replace(WHOLE, left=None, right=None)):
        with pytest.raises(NotVerified, match="does not show"):
            about(MIDDLE, wrong)


def test_absence_between_neighbours_that_are_not_adjacent_is_refused() -> None:
    for left, right in ((0, 2), (1, 3), (0, 5)):
        with pytest.raises(NotVerified, match="right neighbour"):
            about(BETWEEN, replace(NONE, left=neighbour(left), right=neighbour(right)))


def test_absence_beside_the_wrong_neighbours_is_refused() -> None:
    with pytest.raises(NotVerified):
        about(BETWEEN, replace(NONE, left=neighbour(4), right=neighbour(5)))
    with pytest.raises(NotVerified):
        about(BETWEEN, replace(NONE, left=neighbour(0), right=neighbour(1)))


def test_absence_of_what_is_there_is_refused() -> None:
    for left, right in ((1, 2), (2, 3), (4, 5)):
        with pytest.raises(NotVerified):
            about(MIDDLE, Range(MIDDLE, (), neighbour(left), neighbour(right)))


def test_absence_at_an_end_needs_the_last_leaf_at_that_end() -> None:
    with pytest.raises(NotVerified, match="does not show"):
        about(ABOVE, replace(INDEX.range(ABOVE), left=neighbour(4)))
    with pytest.raises(NotVerified, match="right neighbour"):
        about(BELOW, replace(INDEX.range(BELOW), right=neighbour(1)))


def test_a_range_that_shows_nothing_proves_nothing() -> None:
    with pytest.raises(NotVerified, match="proves nothing"):
        about(BETWEEN, Range(BETWEEN, (), None, None))


def test_absence_from_an_index_that_is_not_empty_is_not_shown_by_an_empty_one() -> None:
    with pytest.raises(NotVerified):
        about(LOW, EMPTY.range(LOW))
    with pytest.raises(NotVerified):
        about(BETWEEN, NONE, made=EMPTY)


def test_entries_in_another_order_or_twice_are_refused() -> None:
    for leaves in (WHOLE.leaves[::-1], (WHOLE.leaves[0], *WHOLE.leaves)):
        with pytest.raises(NotVerified, match="not increasing"):
            about(MIDDLE, replace(WHOLE, leaves=leaves))


def test_a_leaf_in_another_place_is_refused() -> None:
    first = WHOLE.leaves[0]
    for position in (0, 1, 3, 5, 6):
        with pytest.raises(NotVerified):
            about(MIDDLE, replace(WHOLE, leaves=(replace(first, position=position), *WHOLE.leaves[1:])))


def test_an_entry_that_the_log_does_not_have_is_refused() -> None:
    with pytest.raises(NotVerified, match="below 39"):
        about(MIDDLE, WHOLE, size=39)
    with pytest.raises(NotVerified, match="a neighbour names the entry 39"):
        about(HIGH, INDEX.range(HIGH), size=39)


def test_a_range_of_another_digest_is_refused() -> None:
    with pytest.raises(NotVerified, match="not of"):
        about(LOW, WHOLE)
    with pytest.raises(NotVerified):
        about(LOW, replace(WHOLE, digest=LOW))


def test_a_range_of_another_index_is_refused() -> None:
    other = index.build([(LOW, 3), (LOW, 17), (MIDDLE, 5), (MIDDLE, 4), (MIDDLE, 39), (HIGH, 1)])
    with pytest.raises(NotVerified):
        about(MIDDLE, WHOLE, made=other)


@pytest.mark.parametrize("count", [0, 5, 7, 2**63])
def test_a_count_that_is_not_the_index_s_is_refused(count: int) -> None:
    with pytest.raises(NotVerified):
        INDEX.range(HIGH).verify(HIGH, count, INDEX.root, size=SIZE)


@pytest.mark.parametrize(
    "leaf", [b"", b"\x00" + bytes(8), b"sha256:22\x00" + bytes(8), b"\xff" * 80, INDEX.leaves[1][:-1]]
)
def test_a_neighbour_that_is_no_leaf_is_refused(leaf: bytes) -> None:
    with pytest.raises((Malformed, NotVerified)):
        about(MIDDLE, replace(WHOLE, left=Neighbour(leaf, 1, neighbour(1).proof)))


@pytest.mark.parametrize("entry", [-1, 2**53])
def test_a_number_that_no_entry_has_is_refused(entry: int) -> None:
    with pytest.raises(Malformed):
        index.leaf(LOW, entry)


def test_the_largest_number_that_json_counts_is_read() -> None:
    assert index.leaf(LOW, 2**53 - 1).endswith((2**53 - 1).to_bytes(8, "big"))
    assert index.number_of(2**53 - 1, what="entry") == 2**53 - 1


@pytest.mark.parametrize(
    "change",
    [
        {"digest": 7},
        {"digest": "sha256"},
        {"leaves": None},
        {"leaves": {}},
        {"leaves": [[]]},
        {"leaves": [{"position": 2, "entry": 4}]},
        {"leaves": [{"position": True, "entry": 4, "proof": []}]},
        {"leaves": [{"position": 2.0, "entry": 4, "proof": []}]},
        {"leaves": [{"position": -1, "entry": 4, "proof": []}]},
        {"leaves": [{"position": 2, "entry": 2**53, "proof": []}]},
        {"leaves": [{"position": 2, "entry": "4", "proof": []}]},
        {"leaves": [{"position": 2, "entry": 4, "proof": None}]},
        {"leaves": [{"position": 2, "entry": 4, "proof": ["AAAA"]}]},
        {"leaves": [{"position": 2, "entry": 4, "proof": [7]}]},
        {"leaves": [{"position": 2, "entry": 4, "proof": [], "extra": 1}]},
        {"left": []},
        {"left": {}},
        {"left": {"leaf": 7, "position": 1, "proof": []}},
        {"left": {"leaf": "A", "position": 1, "proof": []}},
        {"left": {"leaf": "AAAA", "position": None, "proof": []}},
        {"right": False},
        {"extra": None},
    ],
)
def test_a_range_in_json_with_one_change_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Range.from_json(WHOLE.to_json() | change)


@pytest.mark.parametrize("value", [None, [], "range", {}])
def test_something_else_is_no_range(value: Any) -> None:
    with pytest.raises(Malformed):
        Range.from_json(value)


def test_a_proof_longer_than_that_of_any_tree_is_not_read() -> None:
    with pytest.raises(Exceeded):
        index.proof_of([_b64(bytes(32))] * 65)


def test_every_flipped_bit_of_a_ranges_values_is_refused() -> None:
    accepted = [name for name, changed in _flipped(WHOLE) if _holds(changed)]
    assert accepted == []


def _flipped(found: Range) -> list[tuple[str, Range]]:
    """Return the range with one bit of one proof, leaf or number changed, for all of them."""
    left = found.left
    assert left is not None
    made = [
        (f"left leaf {bit}", replace(found, left=replace(left, leaf=_flip(left.leaf, bit))))
        for bit in range(8 * len(left.leaf))
    ]
    for i, present in enumerate(found.leaves):
        rest = list(found.leaves)
        for bit in range(53):
            for change in ({"position": present.position ^ 1 << bit}, {"entry": present.entry ^ 1 << bit}):
                rest[i] = replace(present, **change)
                made.append((f"leaf {i} {change}", replace(found, leaves=tuple(rest))))
        for j, part in enumerate(present.proof):
            for bit in range(256):
                proof = (*present.proof[:j], _flip(part, bit), *present.proof[j + 1 :])
                rest[i] = Present(present.position, present.entry, proof)
                made.append((f"leaf {i} proof {j} {bit}", replace(found, leaves=tuple(rest))))
    return made


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _holds(found: Range) -> bool:
    try:
        about(MIDDLE, found)
    except HauberkError:
        return False
    return True


def test_ten_thousand_entries_are_indexed_at_once() -> None:
    digests = [sha256(str(i % 500).encode()) for i in range(10_000)]
    made = index.build((digest, i) for i, digest in enumerate(digests))
    assert made.range(digests[7]).verify(digests[7], made.count, made.root, size=10_000) == tuple(range(7, 10_000, 500))
