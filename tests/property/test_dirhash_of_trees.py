"""dirHash speaks of names and contents: all of them, and of nothing else."""

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.digest import dir_hash
from hauberk.edge.sources import digest_path, read_tree, snapshot
from hauberk.errors import Malformed

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0\n"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..") and len(name.encode()) < 100
)
# A directory of files, each at a path of one or two names whose first letters keep files and directories apart.
FILES = st.dictionaries(
    st.one_of(NAMES.map(lambda name: f"f{name}"), st.tuples(NAMES, NAMES).map(lambda pair: f"d{pair[0]}/f{pair[1]}")),
    st.binary(max_size=40),
    min_size=1,
    max_size=6,
)
TREES = settings(max_examples=40, deadline=None)


@contextmanager
def written(files):
    with tempfile.TemporaryDirectory() as root:
        for path, content in files.items():
            target = Path(root, path)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        yield root


def by_definition(files):
    """The Go dirhash h1 rule, said in shell: sha256sum of every file, sorted by name, hashed again."""
    lines = {path.encode(): hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return hashlib.sha256(b"".join(lines[path].encode() + b"  " + path + b"\n" for path in sorted(lines))).hexdigest()


@TREES
@given(FILES)
def test_a_tree_on_disk_has_the_digest_of_the_definition(files):
    with written(files) as root:
        assert digest_path(root).hex == by_definition(files)


@TREES
@given(FILES)
def test_a_snapshot_and_a_walk_agree(files):
    with written(files) as root:
        copy = snapshot(root)
        assert dict(copy.files) == files
        assert copy.digest == digest_path(root)


@TREES
@given(FILES)
def test_files_come_sorted_by_the_bytes_of_their_paths(files):
    with written(files) as root:
        assert [os.fsencode(file.path) for file in read_tree(root).files] == sorted(map(os.fsencode, files))


HASHES = st.binary(max_size=3).map(lambda content: hashlib.sha256(content).hexdigest())
PAIRS = st.dictionaries(NAMES, HASHES, min_size=1, max_size=8)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_in_which_files_are_met_does_not_matter(pairs, random):
    shuffled = list(pairs.items())
    random.shuffle(shuffled)
    assert dir_hash(shuffled) == dir_hash(pairs.items())


@given(PAIRS, PAIRS)
def test_trees_that_differ_in_a_name_or_a_content_have_different_digests(one, other):
    assert (dir_hash(one.items()) == dir_hash(other.items())) == (one == other)


@given(PAIRS)
def test_a_path_that_occurs_twice_is_refused(pairs):
    with pytest.raises(Malformed, match="occurs twice"):
        dir_hash([*pairs.items(), next(iter(pairs.items()))])


@given(PAIRS, NAMES, NAMES)
def test_a_newline_in_a_path_is_refused(pairs, before, after):
    with pytest.raises(Malformed, match="newline"):
        dir_hash([*pairs.items(), (f"{before}\n{after}", "0" * 64)])
