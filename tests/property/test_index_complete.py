"""A range of the index says exactly what the entries say, and no range that leaves something out is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hauberk.digest import Digest
from hauberk.errors import NotVerified
from hauberk.ledger import index, merkle
from hauberk.ledger.index import Neighbour, Present, Range

DIGESTS = [Digest("sha256", f"{n:064x}") for n in range(6)] + [Digest("dirHash", f"{n:064x}") for n in range(2)]
PAIRS = st.sets(st.tuples(st.sampled_from(DIGESTS), st.integers(0, 20)), max_size=24)
SIZE = 21


@settings(max_examples=80, deadline=None)
@given(PAIRS, st.sampled_from(DIGESTS))
def test_a_range_verifies_to_the_entries_of_the_model(pairs: set[tuple[Digest, int]], digest: Digest) -> None:
    made = index.build(pairs)
    model = tuple(sorted(entry for of, entry in pairs if of == digest))
    found = Range.from_json(made.range(digest).to_json())
    assert found.verify(digest, made.count, made.root, size=SIZE) == model


@settings(max_examples=150, deadline=None)
@given(PAIRS, st.sampled_from(DIGESTS), st.data())
def test_no_honest_pieces_make_a_range_of_fewer_entries(
    pairs: set[tuple[Digest, int]], digest: Digest, data: st.DataObject
) -> None:
    made = index.build(pairs)
    tree = merkle.Tree([merkle.leaf_hash(leaf) for leaf in made.leaves])
    whole = made.range(digest)
    assume(whole.leaves)
    kept = data.draw(st.sets(st.sampled_from(range(len(whole.leaves))), max_size=len(whole.leaves) - 1))
    places = st.none() | st.sampled_from(range(made.count))

    def neighbour(place: int | None) -> Neighbour | None:
        return None if place is None else Neighbour(made.leaves[place], place, tuple(tree.inclusion_proof(place)))

    forged = Range(
        digest,
        tuple(whole.leaves[i] for i in sorted(kept)),
        neighbour(data.draw(places)),
        neighbour(data.draw(places)),
    )
    with pytest.raises(NotVerified):
        forged.verify(digest, made.count, made.root, size=SIZE)


@settings(max_examples=80, deadline=None)
@given(PAIRS, st.sampled_from(DIGESTS), st.data())
def test_no_leaf_of_another_digest_passes_for_one_of_this(
    pairs: set[tuple[Digest, int]], digest: Digest, data: st.DataObject
) -> None:
    made = index.build(pairs)
    tree = merkle.Tree([merkle.leaf_hash(leaf) for leaf in made.leaves])
    others = [place for place, leaf in enumerate(made.leaves) if not leaf.startswith(str(digest).encode())]
    assume(others)
    place = data.draw(st.sampled_from(others))
    entry = int.from_bytes(made.leaves[place][-8:], "big")
    strange = Present(place, entry, tuple(tree.inclusion_proof(place)))
    whole = made.range(digest)
    leaves = tuple(sorted((*whole.leaves, strange), key=lambda present: present.position))
    with pytest.raises(NotVerified):
        replace(whole, leaves=leaves).verify(digest, made.count, made.root, size=SIZE)
