"""Plain data is taken apart strictly: a wrong type, an absent and an unknown member are each named."""

from __future__ import annotations

import pytest

from hauberk.errors import Malformed
from hauberk.signature.members import members, seen, sequence, text


def test_an_object_with_what_it_needs_and_may_have_is_returned():
    value = {"a": 1, "b": 2}
    assert members(value, "thing", needs={"a"}, may={"b", "c"}) is value


def test_an_object_whose_members_are_open_is_returned():
    assert members({"x": 1}, "thing") == {"x": 1}


def test_an_absent_member_is_named():
    with pytest.raises(Malformed, match="the thing has no a"):
        members({}, "thing", needs={"b", "a"})


@pytest.mark.parametrize("needs", [set(), {"a"}])
def test_an_unknown_member_is_named(needs):
    with pytest.raises(Malformed, match="'x'"):
        members({"a": 1, "x": 1}, "thing", needs=needs, may={"a"})


@pytest.mark.parametrize("value", [None, 1, b"a", True, 1.5])
@pytest.mark.parametrize(("read", "wanted"), [(members, "an object"), (sequence, "a list"), (text, "a string")])
def test_another_type_is_refused(value, read, wanted):
    with pytest.raises(Malformed, match=f"thing is not {wanted}"):
        read(value, "thing")


def test_what_was_seen_is_short_and_printable():
    assert seen("\x1b[2K") == "'\\x1b[2K'"
    assert len(seen("x" * 1000)) == 80
