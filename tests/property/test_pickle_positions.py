"""Where instructions lie: the machine and pickletools see the same ones, in every value that pickle can write."""

from __future__ import annotations

import datetime as dt
import decimal
import pickle
import pickletools
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.formats.model.pickle.description import describe
from hauberk.symbol import Use
from hauberk.view import BytesView

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(codec="utf-8")),
    st.binary(),
    st.binary().map(bytearray),
    st.complex_numbers(),
    st.dates(),
    st.decimals(allow_nan=False),
    st.builds(uuid.UUID, int=st.integers(0, 2**128 - 1)),
    st.just(dt.UTC),
    st.just(decimal.ROUND_UP),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(st.text(max_size=3), inner), st.sets(st.integers())
    ),
    max_leaves=20,
)
EFFECTS = {
    "REDUCE": Use.CALL,
    "OBJ": Use.CALL,
    "INST": Use.CALL,
    "NEWOBJ": Use.NEW,
    "NEWOBJ_EX": Use.NEW,
    "BUILD": Use.BUILD,
}


@settings(max_examples=150, deadline=None)
@given(VALUES, st.integers(0, 5))
def test_the_instructions_of_a_value_are_all_found_in_their_places(value, protocol):
    data = pickle.dumps(value, protocol)
    description = describe(BytesView(data))
    seen = [(op.name, place) for op, _, place in pickletools.genops(data)]
    assert description.unchecked == ()
    assert description.opcodes == len(seen)
    assert [(s.start, s.stop) for s in description.streams] == [(0, len(data))]
    wanted = [(EFFECTS[name], place) for name, place in seen if name in EFFECTS]
    assert [(e.use, e.offset) for e in description.effects if e.use in EFFECTS.values()] == wanted
    imports = {place for name, place in seen if name in ("GLOBAL", "STACK_GLOBAL", "INST")}
    assert {e.offset for e in description.effects if e.use is Use.IMPORT} <= imports


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(0, 5), st.data())
def test_effects_before_a_cut_are_those_of_the_whole(value, protocol, data):
    whole = pickle.dumps(value, protocol)
    cut = data.draw(st.integers(0, len(whole) - 1))
    before = [(e.use, e.offset) for e in describe(BytesView(whole)).effects]
    after = describe(BytesView(whole[:cut]))
    assert [(e.use, e.offset) for e in after.effects if e.offset in {offset for _, offset in before}] == before[
        : len(after.effects)
    ]
    assert after.unchecked != ()
