"""The tree agrees with the definitions of RFC 6962 section 2.1, written out naively, and its proofs compose."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.errors import NotVerified
from hauberk.ledger import merkle

LEAVES = st.lists(st.binary(max_size=3), min_size=1, max_size=70)


def model_root(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return hashlib.sha256(b"".join(b"\x00" + leaf for leaf in leaves)).digest()
    k = model_split(len(leaves))
    return hashlib.sha256(b"\x01" + model_root(leaves[:k]) + model_root(leaves[k:])).digest()


def model_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = model_split(len(leaves))
    if m < k:
        return [*model_path(m, leaves[:k]), model_root(leaves[k:])]
    return [*model_path(m - k, leaves[k:]), model_root(leaves[:k])]


def model_subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [model_root(leaves)]
    k = model_split(len(leaves))
    if m <= k:
        return [*model_subproof(m, leaves[:k], whole=whole), model_root(leaves[k:])]
    return [*model_subproof(m - k, leaves[k:], whole=False), model_root(leaves[:k])]


def model_split(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@settings(max_examples=60, deadline=None)
@given(LEAVES, st.data())
def test_root_and_proofs_are_those_of_the_definition(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    m = data.draw(st.integers(1, len(leaves)))
    assert merkle.root(hashes) == model_root(leaves)
    assert merkle.inclusion_proof(hashes, m - 1) == model_path(m - 1, leaves)
    assert merkle.consistency_proof(hashes, m) == model_subproof(m, leaves, whole=True)


@settings(max_examples=60, deadline=None)
@given(LEAVES, st.data())
def test_proofs_of_growth_compose(leaves: list[bytes], data: st.DataObject) -> None:
    tree = merkle.Tree([merkle.leaf_hash(leaf) for leaf in leaves])
    sizes = sorted(data.draw(st.lists(st.integers(1, tree.size), min_size=3, max_size=3)))
    for older, newer in ((0, 1), (1, 2), (0, 2)):
        proof = tree.consistency_proof(sizes[older], sizes[newer])
        merkle.verify_consistency(sizes[older], sizes[newer], tree.root(sizes[older]), tree.root(sizes[newer]), proof)


@settings(max_examples=80, deadline=None)
@given(LEAVES, st.data())
def test_a_flipped_bit_anywhere_in_a_proof_is_refused(leaves: list[bytes], data: st.DataObject) -> None:
    tree = merkle.Tree([merkle.leaf_hash(leaf) for leaf in leaves])
    index = data.draw(st.integers(0, tree.size - 1))
    whole = [merkle.leaf_hash(leaves[index]), *tree.inclusion_proof(index), tree.root()]
    which, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    number = int.from_bytes(whole[which], "big") ^ 1 << bit
    whole[which] = number.to_bytes(32, "big")
    with pytest.raises(NotVerified):
        merkle.verify_inclusion(whole[0], index, tree.size, whole[1:-1], whole[-1])


@settings(max_examples=80, deadline=None)
@given(LEAVES, LEAVES, st.data())
def test_a_list_is_consistent_only_with_what_it_continues(
    leaves: list[bytes], others: list[bytes], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, min(len(leaves), len(others))))
    older = merkle.Tree([merkle.leaf_hash(leaf) for leaf in leaves[:size]])
    newer = merkle.Tree([merkle.leaf_hash(leaf) for leaf in others])
    proof = newer.consistency_proof(size)
    if leaves[:size] == others[:size]:
        merkle.verify_consistency(size, newer.size, older.root(), newer.root(), proof)
    else:
        with pytest.raises(NotVerified):
            merkle.verify_consistency(size, newer.size, older.root(), newer.root(), proof)
