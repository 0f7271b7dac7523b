"""The total of a table under a key: the same for the same leaves in any order and any pieces, and for no others."""

from __future__ import annotations

import hashlib

import pytest

from hauberk.ledger.listed import KEY_BYTES, Total

KEY = bytes(range(KEY_BYTES))
LEAVES = [b"leaf %d" % number for number in range(40)]


def number(leaf: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(leaf, key=KEY, digest_size=16).digest(), "big")


def test_a_total_is_the_sum_of_each_leafs_number() -> None:
    assert Total.over([], KEY) == Total(0, 0)
    assert Total.over(LEAVES[:1], KEY) == Total(1, number(LEAVES[0]))
    assert Total.over(LEAVES, KEY) == Total(40, sum(map(number, LEAVES)) % 2**128)
    assert sum(map(number, LEAVES)) > 2**128


@pytest.mark.parametrize("cut", [0, 1, 20, 40])
def test_pieces_in_any_order_add_up_to_the_whole(cut: int) -> None:
    one, other = Total.over(LEAVES[:cut], KEY), Total.over(reversed(LEAVES[cut:]), KEY)
    assert one + other == other + one == Total.over(LEAVES, KEY)


@pytest.mark.parametrize(
    "leaves",
    [LEAVES[1:], [*LEAVES, LEAVES[0]], [*LEAVES[1:], LEAVES[1]], [*LEAVES[1:], LEAVES[0] + b"\0"]],
    ids=["one less", "one twice", "one in the place of another", "one a byte longer"],
)
def test_other_leaves_have_another_total(leaves: list[bytes]) -> None:
    assert Total.over(leaves, KEY) != Total.over(LEAVES, KEY)


def test_another_key_gives_another_total() -> None:
    assert Total.over(LEAVES, bytes(KEY_BYTES)).sum != Total.over(LEAVES, KEY).sum
