"""The newest checkpoint that was seen: what continues it replaces it, all else is refused and changes nothing."""

import pytest

from hauberk.digest import sha256
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.pipeline.seen import see
from simulator import keys

LEAVES = [sha256(b"%d" % number).raw for number in range(9)]


def roots(leaves):
    """Return what computes the root over the first leaves of a log."""
    return lambda size: merkle.root(leaves[:size])


def note(size, leaves=LEAVES, origin="example.org/log"):
    return sign(Checkpoint(origin, size, merkle.root(leaves[:size])), keys()["log"])


@pytest.fixture
def place(tmp_path):
    see(tmp_path / "seen", roots(LEAVES), note(5))
    return tmp_path / "seen"


@pytest.mark.parametrize("root_at", [roots(LEAVES), None])
def test_what_continues_it_replaces_it(place, root_at):
    for size in (5, 9):
        see(place, root_at, note(size))
        assert place.read_text() == note(size)


OTHER = [sha256(b"x").raw, *LEAVES[1:]]
WRONG = {
    "an older one": (roots(LEAVES), note(4), "rollback"),
    "an older one of a passport": (None, note(4), "rollback"),
    "another history": (roots(OTHER), note(9, OTHER), "fork"),
    "another history of the same size": (roots(OTHER), note(5, OTHER), "fork"),
    "another history of the same size in a passport": (None, note(5, OTHER), "fork"),
    "another log": (roots(LEAVES), note(9, origin="example.org/other"), "was read here before"),
    "another log in a passport": (None, note(9, origin="example.org/other"), "was read here before"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_refused_to_go_on_with(place, wrong):
    root_at, given, said = WRONG[wrong]
    with pytest.raises(NotVerified, match=said):
        see(place, root_at, given)
    assert place.read_text() == note(5)


@pytest.mark.parametrize("data", [b"", b"nothing", b"\xff", note(5).encode()[:40]])
def test_what_is_remembered_must_be_a_checkpoint(place, data):
    place.write_bytes(data)
    with pytest.raises(Malformed, match="is no checkpoint"):
        see(place, roots(LEAVES), note(9))
    assert place.read_bytes() == data


def test_a_place_that_takes_nothing_is_unavailable(tmp_path):
    with pytest.raises(Unavailable):
        see(tmp_path / "lost" / "seen", None, note(5))
