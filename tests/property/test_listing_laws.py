"""The listing of a tree is one text for one tree, both ways, and its SHA-256 is the dirHash."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from hauberk.digest import dir_hash, parse_listing, tree_listing
from hauberk.errors import Malformed

HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=20)
TREES = st.dictionaries(PATHS, HEX, min_size=1, max_size=8)
LINES = st.lists(
    st.tuples(HEX | st.text(max_size=4), st.sampled_from([b"  ", b" ", b""]), PATHS | st.just("\xff\n")), max_size=4
).map(lambda lines: b"".join(a.encode() + b + c.encode("latin-1", "ignore") + b"\n" for a, b, c in lines))


@given(TREES)
def test_a_tree_is_read_as_it_was_written(tree):
    written = tree_listing(tree.items())
    assert dict(parse_listing(written)) == tree
    assert dir_hash(tree.items()).hex == hashlib.sha256(written).hexdigest()


@given(LINES | st.binary(max_size=200))
def test_what_is_read_is_what_would_be_written(data):
    try:
        found = parse_listing(data)
    except Malformed:
        return
    assert tree_listing(found) == data
