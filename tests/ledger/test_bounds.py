"""The first and the last of what a ledger counts: lengths, sizes, and the ends of ranges."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from hauberk.digest import sha256
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger import index, merkle
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.admit import admitted_as
from hauberk.ledger.checkpoint import Checkpoint, check_keys
from hauberk.ledger.entry import Entry, envelope_in, subjects_in
from hauberk.limits import Limits
from hauberk.signature import base64, dsse
from ledger_world import LOG, MODEL, START, WITNESS, World, verified
from signers import SeedSigner, log_key, witness_key

# what comes in


def test_a_request_is_twice_as_long_as_a_note_at_most() -> None:
    asked = Request(0, (), "x" * 91).encode()
    assert Request.decode(asked, limits=Limits(max_note_bytes=len(asked) // 2)).checkpoint == "x" * 91
    with pytest.raises(Exceeded, match="the request is 99 bytes long, the limit is 98"):
        Request.decode(asked + b"x", limits=Limits(max_note_bytes=49))


def test_an_envelope_that_no_reader_takes_is_not_admitted() -> None:
    good = verified("a")
    with pytest.raises(Malformed, match="the envelope has no signature"):
        admitted_as(replace(good.envelope, signatures=()), good.statement, START)


def test_an_envelope_is_as_long_as_a_document_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    good = verified("a")
    size = len(dsse.encode_envelope(good.envelope))
    monkeypatch.setattr("hauberk.ledger.admit.DEFAULT_LIMITS", Limits(max_document_bytes=size))
    assert admitted_as(good.envelope, good.statement, START).entry.time == START
    monkeypatch.setattr("hauberk.ledger.admit.DEFAULT_LIMITS", Limits(max_document_bytes=size - 1))
    with pytest.raises(Exceeded, match=f"an envelope of {size} bytes; {size - 1} are allowed"):
        admitted_as(good.envelope, good.statement, START)


# the index


def test_a_neighbour_on_the_right_that_is_no_leaf_or_of_no_entry_is_refused() -> None:
    here, there = sorted([sha256(b"a"), sha256(b"b")], key=str)
    odd = index.Index([index.leaf(here, 0), b"sha256:~"])
    with pytest.raises(Malformed, match="a neighbour in a range is not a leaf of the index"):
        odd.range(here).verify(here, 2, odd.root, size=9)
    late = index.Index([index.leaf(here, 0), index.leaf(there, 50)])
    with pytest.raises(NotVerified, match="a neighbour names the entry 50, and the log had 50"):
        late.range(here).verify(here, 2, late.root, size=50)
    assert late.range(here).verify(here, 2, late.root, size=51) == (0,)


def test_a_gap_in_a_range_is_told_by_its_place() -> None:
    here, there = sorted([sha256(b"a"), sha256(b"b")], key=str)
    built = index.Index([*(index.leaf(here, number) for number in range(3)), index.leaf(there, 3)])
    whole = built.range(here)
    assert whole.right is not None
    gap = index.Range(here, (whole.leaves[0], whole.leaves[2]), None, replace(whole.right, position=2))
    with pytest.raises(NotVerified, match="has a gap at position 1"):
        gap.verify(here, 4, built.root, size=4)


@pytest.mark.parametrize("size", [0, 1, 2, 7, 64])
def test_the_totals_of_leaves_are_those_of_their_index(size: int) -> None:
    built = index.Index(sorted(index.leaf(sha256(b"%d" % number), number) for number in range(size)))
    assert index.Totals.of(built.leaves) == index.Totals(built.count, built.root)


def test_leaves_and_entries_give_one_index() -> None:
    entries = [Entry(sha256(b"%d" % n), sha256(b"i"), tuple(sorted({str(MODEL), str(sha256(b"%d" % (n % 2)))})), n)
               for n in range(5)]  # fmt: skip
    leaves = [leaf for n, entry in enumerate(entries) for leaf in index.leaves_of(n, entry.subjects)]
    built = index.of_entries(entries)
    assert sorted(leaves) == list(built.leaves)
    assert built.count == 10
    assert [leaf.entry for leaf in built.range(MODEL).leaves] == [0, 1, 2, 3, 4]


def test_a_proof_has_64_hashes_of_32_bytes_at_most() -> None:
    text = base64.encode(bytes(32))
    assert index.proof_of([text] * 64) == (bytes(32),) * 64
    with pytest.raises(Exceeded, match="a proof of 65 hashes"):
        index.proof_of([text] * 65)
    with pytest.raises(Malformed, match="a hash in a proof is 32 bytes long"):
        index.proof_of([text, base64.encode(bytes(31))])
    with pytest.raises(Malformed, match="a list of base64 texts"):
        index.proof_of([text, 1])


def test_a_neighbour_that_looks_like_a_leaf_and_names_no_digest_is_refused() -> None:
    here = sha256(b"a")
    odd = index.Index([b"aaa\x00" + bytes(8), index.leaf(here, 1)])
    with pytest.raises(Malformed, match="digest"):
        odd.range(here).verify(here, 2, odd.root, size=9)


# trees


@pytest.mark.parametrize("pieces", [1, 3, 4, 50])
def test_a_tree_that_grows_has_the_root_of_one_that_was_there(pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.ledger.merkle._BLOCK", 4)
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(50)]
    growing = merkle.Growing()
    assert (growing.size, growing.root) == (0, merkle.EMPTY_ROOT)
    for start in range(0, 50, pieces):
        growing.extend(hashes[start : start + pieces])
        end = min(50, start + pieces)
        assert (growing.size, growing.root) == (end, merkle.root(hashes[:end]))


def test_the_first_none_of_some_leaves_are_the_empty_tree() -> None:
    tree = merkle.Tree([merkle.leaf_hash(b"a")])
    assert tree.root(0) == merkle.EMPTY_ROOT
    with pytest.raises(Malformed, match="the list has 1 leaves, not 2"):
        tree.root(2)
    with pytest.raises(Malformed, match="the list has 1 leaves, not -1"):
        tree.root(-1)


def test_a_tree_has_as_many_leaves_as_64_bits_count() -> None:
    with pytest.raises(NotVerified, match="too short for the tree"):
        merkle.verify_inclusion(bytes(32), 0, 2**64 - 1, [], bytes(32))
    with pytest.raises(NotVerified, match="a size or index is an integer from 0 to"):
        merkle.verify_inclusion(bytes(32), 0, 2**64, [], bytes(32))


@pytest.mark.parametrize(
    ("sizes", "proof", "said"),
    [
        ((3, 7), [], "the consistency proof is empty"),
        ((3, 7), [bytes(32)] * 5, "the consistency proof is too long"),
        ((3, 7), [bytes(32)] * 3, "the consistency proof is too short"),
        ((4, 7), [], "the consistency proof is too short"),
        ((4, 8), [bytes(32)] * 2, "the consistency proof is too long"),
    ],
)
def test_a_consistency_proof_of_another_length_is_refused_by_that_name(
    sizes: tuple[int, int], proof: list[bytes], said: str
) -> None:
    with pytest.raises(NotVerified, match=f"^{said}$"):
        merkle.verify_consistency(*sizes, bytes(32), bytes(32), proof)


# entries, checkpoints, witnesses


def test_an_entry_may_be_of_the_first_second_and_as_long_as_a_tile_lets_it() -> None:
    entry = Entry(sha256(b"e"), sha256(b"i"), (str(MODEL),), 0)
    assert Entry.decode(entry.encode()) == entry
    with pytest.raises(Malformed):
        Entry(sha256(b"e"), sha256(b"i"), (str(MODEL),), -1)
    with pytest.raises(Malformed):
        Entry.decode(b" " * 65_535)
    with pytest.raises(Exceeded, match="65536 bytes long, the limit is 65535"):
        Entry.decode(b" " * 65_536)


def test_what_a_leaf_names_is_read_from_its_bytes() -> None:
    subjects = tuple(sorted([str(MODEL), str(sha256(b"b")), "dirHash:" + "0" * 64]))
    leaf = Entry(sha256(b"e"), sha256(b"i"), subjects, START).encode()
    assert tuple(subjects_in(leaf)) == subjects
    assert envelope_in(leaf) == str(sha256(b"e"))
    with pytest.raises(Malformed):
        subjects_in(b"{}")


def test_an_empty_log_has_a_checkpoint() -> None:
    checkpoint = Checkpoint(LOG.name, 0, merkle.EMPTY_ROOT)
    assert Checkpoint.parse(checkpoint.body()) == checkpoint
    with pytest.raises(Malformed):
        Checkpoint(LOG.name, -1, merkle.EMPTY_ROOT)


def test_one_key_of_the_wrong_kind_among_witnesses_is_wrong_trust() -> None:
    others = (witness_key(WITNESS), log_key(SeedSigner("example.com/other")))
    with pytest.raises(Misconfigured, match="each witness's of kind 0x04"):
        check_keys(log_key(LOG), others, 1)


def test_the_files_of_a_log_and_of_its_witness_say_whose_they_are(world: World) -> None:
    for file, mark in (("log/ledger.sqlite", 0x48424B4C), ("example.com-witness/witness.sqlite", 0x48424B57)):
        with closing(sqlite3.connect(world.folder / file)) as database:
            assert database.execute("PRAGMA application_id").fetchone() == (mark,)


def test_a_witness_does_not_sign_with_the_logs_key(world: World) -> None:
    with world.open() as log:
        log.append_many([verified("d")], START + 4)
        with pytest.raises(Unavailable, match="one key stands twice among the log and its witnesses"):
            world.publish(log, START + 5, witnesses=[world.witness(START + 5, signer=LOG)])


def test_a_tree_that_grows_by_uneven_pieces_keeps_whole_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hauberk.ledger.merkle._BLOCK", 4)
    hashes = [merkle.leaf_hash(b"%d" % number) for number in range(17)]
    growing = merkle.Growing()
    for start, end in ((0, 4), (4, 7), (7, 10), (10, 17)):
        growing.extend(hashes[start:end])
        assert growing.root == merkle.root(hashes[:end])
