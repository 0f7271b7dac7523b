"""RFC 6962 trees: known roots, published proofs, and the refusal of every proof that is not exactly right."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from hauberk.errors import Malformed, NotVerified
from hauberk.ledger import merkle
from vectors_folder import published

if TYPE_CHECKING:
    from pathlib import Path

LEAVES = [bytes([i]) * (i + 1) for i in range(13)]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]

# The leaves and roots with which Certificate Transparency implementations are compared since RFC 6962.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize("size", CT_ROOTS)
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle.root([merkle.leaf_hash(leaf) for leaf in CT_LEAVES[:size]]).hex() == CT_ROOTS[size]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 14))
def test_every_leaf_of_every_size_is_proven(size: int) -> None:
    tree = merkle.Tree(HASHES)
    for index in range(size):
        merkle.verify_inclusion(HASHES[index], index, size, tree.inclusion_proof(index, size), tree.root(size))


@pytest.mark.parametrize("size", range(1, 14))
def test_every_prefix_of_every_size_is_proven(size: int) -> None:
    tree = merkle.Tree(HASHES)
    for older in range(1, size + 1):
        proof = tree.consistency_proof(older, size)
        merkle.verify_consistency(older, size, tree.root(older), tree.root(size), proof)


def test_the_functions_over_a_list_agree_with_the_tree() -> None:
    tree = merkle.Tree(HASHES)
    assert merkle.root(HASHES) == tree.root()
    assert merkle.inclusion_proof(HASHES, 5) == tree.inclusion_proof(5)
    assert merkle.consistency_proof(HASHES, 5) == tree.consistency_proof(5)


@pytest.mark.parametrize("index", [-1, 13, 2**64])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(Malformed, match="no leaf"):
        merkle.inclusion_proof(HASHES, index)


@pytest.mark.parametrize("size1", [-1, 0, 14])
def test_no_proof_is_made_from_a_size_that_was_never_there(size1: int) -> None:
    with pytest.raises(Malformed, match="no consistency proof"):
        merkle.consistency_proof(HASHES, size1)


def test_a_tree_knows_no_root_beyond_its_size() -> None:
    with pytest.raises(Malformed, match="13 leaves, not 14"):
        merkle.Tree(HASHES).root(14)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 13])
def test_a_leaf_is_refused_at_any_other_place(size: int) -> None:
    tree = merkle.Tree(HASHES[:size])
    proof = tree.inclusion_proof(0)
    for index in [*range(1, size + 2), 2**63, 2**64 - 1]:
        with pytest.raises(NotVerified):
            merkle.verify_inclusion(HASHES[0], index, size, proof, tree.root())


def test_a_leaf_proof_is_refused_for_a_size_of_another_shape() -> None:
    tree = merkle.Tree(HASHES)
    proof = tree.inclusion_proof(6)
    for size in [*range(7, 9), 17, 26, 2**63, 2**64 - 1]:
        with pytest.raises(NotVerified):
            merkle.verify_inclusion(HASHES[6], 6, size, proof, tree.root())


@pytest.mark.parametrize("size", [0, -1, 2**64, True, 13.0, "13", None])
def test_a_size_that_is_no_64_bit_integer_is_refused(size: Any) -> None:
    proof = merkle.inclusion_proof(HASHES, 0)
    with pytest.raises(NotVerified):
        merkle.verify_inclusion(HASHES[0], 0, size, proof, merkle.root(HASHES))
    with pytest.raises(NotVerified):
        merkle.verify_consistency(size, 13, merkle.root(HASHES), merkle.root(HASHES), [])
    with pytest.raises(NotVerified):
        merkle.verify_consistency(1, size, HASHES[0], merkle.root(HASHES), merkle.consistency_proof(HASHES, 1))


@pytest.mark.parametrize("index", [-1, True, 0.0, None])
def test_an_index_that_is_no_64_bit_integer_is_refused(index: Any) -> None:
    with pytest.raises(NotVerified):
        merkle.verify_inclusion(HASHES[0], index, 1, [], HASHES[0])


@pytest.mark.parametrize("part", [b"", b"x" * 31, b"x" * 33, "x" * 32, None, 7])
def test_a_hash_of_the_wrong_shape_is_refused(part: Any) -> None:
    proof = merkle.inclusion_proof(HASHES, 0)
    with pytest.raises(NotVerified):
        merkle.verify_inclusion(HASHES[0], 0, 13, [part, *proof[1:]], merkle.root(HASHES))
    with pytest.raises(NotVerified):
        merkle.verify_inclusion(part, 0, 1, [], part)
    with pytest.raises(NotVerified):
        merkle.verify_consistency(4, 13, part, merkle.root(HASHES), merkle.consistency_proof(HASHES, 4))


@pytest.mark.parametrize("proof", ["", b"", 0, {}, iter(())])
def test_a_proof_that_is_no_list_is_refused(proof: Any) -> None:
    with pytest.raises(NotVerified, match="a proof is a list"):
        merkle.verify_inclusion(HASHES[0], 0, 1, proof, HASHES[0])


def test_a_missing_proof_is_the_empty_proof() -> None:
    merkle.verify_inclusion(HASHES[0], 0, 1, None, HASHES[0])
    merkle.verify_consistency(3, 3, b"root", b"root", None)
    with pytest.raises(NotVerified):
        merkle.verify_inclusion(HASHES[0], 0, 2, None, merkle.root(HASHES[:2]))


def test_nothing_is_consistent_with_the_empty_tree() -> None:
    for size2 in (0, 1, 13):
        with pytest.raises(NotVerified):
            merkle.verify_consistency(0, size2, merkle.EMPTY_ROOT, merkle.root(HASHES[:size2]), [])


def test_equal_sizes_compare_their_roots_as_opaque_bytes() -> None:
    merkle.verify_consistency(5, 5, b"any", b"any", [])
    merkle.verify_consistency(2**64 - 1, 2**64 - 1, b"", b"", [])
    with pytest.raises(NotVerified, match="forked"):
        merkle.verify_consistency(5, 5, b"any", b"other", [])
    with pytest.raises(NotVerified, match="not empty"):
        merkle.verify_consistency(5, 5, b"any", b"any", [HASHES[0]])


def test_two_absent_roots_are_not_equal_roots() -> None:
    with pytest.raises(NotVerified):
        merkle.verify_consistency(5, 5, None, None, [])  # type: ignore[arg-type]


def test_a_shrinking_log_is_refused() -> None:
    tree = merkle.Tree(HASHES)
    with pytest.raises(NotVerified, match="from size 8 to size 5"):
        merkle.verify_consistency(8, 5, tree.root(8), tree.root(5), tree.consistency_proof(5, 8))


@pytest.mark.parametrize("older", range(1, 13))
def test_a_consistency_proof_with_one_hash_more_or_less_is_refused(older: int) -> None:
    tree = merkle.Tree(HASHES)
    proof = tree.consistency_proof(older)
    for wrong in (proof[1:], proof[:-1], [*proof, HASHES[0]], [HASHES[0], *proof], [*proof, proof[-1]]):
        with pytest.raises(NotVerified):
            merkle.verify_consistency(older, 13, tree.root(older), tree.root(), wrong)


def test_a_rewritten_leaf_breaks_consistency() -> None:
    before, after = merkle.Tree(HASHES[:6]), merkle.Tree([merkle.leaf_hash(b"rewritten"), *HASHES[1:]])
    with pytest.raises(NotVerified, match="does not continue"):
        merkle.verify_consistency(6, 13, before.root(), after.root(), after.consistency_proof(6))


def test_the_largest_size_is_walked_in_64_steps() -> None:
    path, here = [HASHES[0]] * 64, HASHES[1]
    for _ in path:
        here = merkle.node_hash(here, HASHES[0])
    merkle.verify_inclusion(HASHES[1], 0, 2**64 - 1, path, here)
    with pytest.raises(NotVerified, match="too long"):
        merkle.verify_inclusion(HASHES[1], 0, 2**64 - 1, [*path, HASHES[0]], here)


def test_ten_thousand_leaves_have_all_their_proofs_at_once() -> None:
    hashes = [merkle.leaf_hash(str(i).encode()) for i in range(10_000)]
    tree = merkle.Tree(hashes)
    for index in range(0, 10_000, 7):
        merkle.verify_inclusion(hashes[index], index, 10_000, tree.inclusion_proof(index), tree.root())


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _proof(vector: dict[str, Any]) -> list[bytes | None]:
    return [_bytes(part) for part in vector.get("proof") or []]


def _vectors(kind: str) -> list[tuple[Path, dict[str, Any]]]:
    found = [(path, json.loads(path.read_bytes())) for path in sorted(published("ledger", kind).rglob("*.json"))]
    assert found
    return found


def _verdict(verify: Any, *arguments: Any) -> bool:
    try:
        verify(*arguments)
    except NotVerified:
        return False
    return True


def test_every_published_inclusion_proof_ends_as_its_publisher_says() -> None:
    wrong = [
        path.name
        for path, v in _vectors("inclusion")
        if _verdict(
            merkle.verify_inclusion,
            _bytes(v.get("leafHash")),
            v.get("leafIdx"),
            v.get("treeSize"),
            _proof(v),
            _bytes(v.get("root")),
        )
        is v["wantErr"]
    ]
    assert wrong == []


def test_every_published_consistency_proof_ends_as_its_publisher_says() -> None:
    wrong = [
        path.name
        for path, v in _vectors("consistency")
        if _verdict(
            merkle.verify_consistency,
            v.get("size1"),
            v.get("size2"),
            _bytes(v.get("root1")),
            _bytes(v.get("root2")),
            _proof(v),
        )
        is v["wantErr"]
    ]
    assert wrong == []
