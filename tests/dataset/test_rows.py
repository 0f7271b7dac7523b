"""The tree over rows: its root, its proofs, and what they refuse."""

import hashlib
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hauberk.dataset.rows import (
    BLOCK_ROWS,
    KEY,
    Column,
    RowHasher,
    RowTree,
    commitment,
    inclusion_proof,
    root_digest,
    verify_row,
)
from hauberk.errors import Malformed, NotVerified
from hauberk.formats.table.encoding import encode
from hauberk.ledger import merkle

COLUMNS = (Column("n", "int"),)
SALT = bytes(range(32))


def hashes(count, salt=None):
    return RowHasher(salt).hashes(encode([pa.array(range(count))], count))


def tree_of(data, cuts=()):
    tree = RowTree()
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=False):
        tree.add(data[start:end])
    return tree


def test_a_row_is_hashed_as_written_down():
    encoded = b"i" + (5).to_bytes(8, "little")
    wanted = hashlib.sha256(b"hauberk row 1\0\0\0" + SALT + bytes(16) + encoded).digest()
    assert RowHasher(SALT).hashes(encode([pa.array([5])], 1)) == wanted
    assert RowHasher(SALT, KEY).hashes(encode([pa.array([5])], 1)) != wanted


def test_the_tree_is_that_of_rfc_6962_over_blocks():
    data = hashes(BLOCK_ROWS + 3)
    cut = BLOCK_ROWS * 32
    assert tree_of(data).blocks() == [merkle.leaf_hash(data[:cut]), merkle.leaf_hash(data[cut:])]


@given(st.lists(st.integers(0, 3000 * 32 // 32), max_size=5))
def test_the_root_does_not_depend_on_the_batches(cuts):
    data = hashes(3000)
    assert tree_of(data, sorted(cut * 32 for cut in cuts)).root(COLUMNS, None) == tree_of(data).root(COLUMNS, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d[32:] + d[:32],
        lambda d: d[32:],
        lambda d: d + d[:32],
        lambda d: bytes([d[0] ^ 1]) + d[1:],
        lambda d: b"",
    ],
    ids=["re-ordered", "shorter", "longer", "one bit", "empty"],
)
def test_other_rows_have_another_root(change):
    data = hashes(2500)
    assert tree_of(change(data)).root(COLUMNS, None) != tree_of(data).root(COLUMNS, None)


def test_the_root_binds_columns_count_and_salt():
    tree = merkle.root(tree_of(hashes(5)).blocks())
    roots = {
        root_digest(tree, 5, COLUMNS, None),
        root_digest(tree, 5, (Column("m", "int"),), None),
        root_digest(tree, 5, (Column("n", "float"),), None),
        root_digest(tree, 6, COLUMNS, None),
        root_digest(tree, 5, COLUMNS, commitment(SALT)),
    }
    assert len(roots) == 5


def test_without_the_salt_a_value_cannot_be_tried_out():
    assert hashes(3, SALT) != hashes(3)
    assert SALT.hex() not in str(commitment(SALT))


@pytest.mark.parametrize("count", [1, BLOCK_ROWS, BLOCK_ROWS + 1, 5 * BLOCK_ROWS - 1])
def test_every_row_can_be_proved(count):
    data = hashes(count)
    blocks = tree_of(data).blocks()
    for row in {0, count // 2, count - 1}:
        start = row // BLOCK_ROWS * BLOCK_ROWS * 32
        proof = inclusion_proof(row, data[start : start + BLOCK_ROWS * 32], blocks)
        verify_row(data[row * 32 : row * 32 + 32], proof, count, merkle.root(blocks))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: replace(p, row=p.row + 1),
        lambda p: replace(p, row=p.row + BLOCK_ROWS),
        lambda p: replace(p, row=-1),
        lambda p: replace(p, block=p.block[:-1]),
        lambda p: replace(p, block=(*p.block, bytes(32))),
        lambda p: replace(p, block=(p.block[0] + b"x", *p.block[1:])),
        lambda p: replace(p, block=(*p.block[:-1], bytes(32))),
        lambda p: replace(p, proof=p.proof[:-1]),
        lambda p: replace(p, proof=(*p.proof, bytes(32))),
    ],
)
def test_a_proof_that_was_changed_proves_nothing(change):
    data = hashes(2 * BLOCK_ROWS)
    blocks = tree_of(data).blocks()
    proof = inclusion_proof(7, data[: BLOCK_ROWS * 32], blocks)
    with pytest.raises(NotVerified):
        verify_row(data[7 * 32 : 8 * 32], change(proof), 2 * BLOCK_ROWS, merkle.root(blocks))


def test_a_salt_of_another_length_is_refused():
    with pytest.raises(Malformed, match="32 bytes"):
        RowHasher(b"short")
