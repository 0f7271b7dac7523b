"""Canonical JSON, one law: each value has one text, and each text that is read is the text of its value."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from hauberk.errors import Malformed
from hauberk.signature import base64, jcs

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
NUMBERS |= st.floats(1e-7, 1e-3) | st.floats(-1e3, 1e3) | st.floats(1e15, 1e22)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)

NUMERALS = ["0", "-0", "01", "1.0", "1e5", "-7", "9007199254740991", "9007199254740992", "12345678901234567890"]
NUMERALS += [
    "0.5",
    "-0.1",
    "0.97",
    "0.970",
    ".5",
    "0.0001",
    "0.00001",
    "1e-5",
    "0.000001",
    "1e-7",
    "5e-1",
    "2.0",
    "-0.0",
]
NUMERALS += ["0.30000000000000004", "0.300000000000000041", "4503599627370496.5", "9007199254740993.5", "1e21", "1e400"]
STRINGS = [r'"a"', r'"\u0061"', r'"é"', r'"\u00e9"', r'"😀"', r'"\ud83d\ude00"', r'"\ud800"', r'"\n"', r'"\u000a"']
STRINGS += [r'"/"', r'"\/"', '"\x7f"', '":1234567890123456"']


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_a_value_reads_back_from_its_text(value):
    assert jcs.decode_canonical(jcs.encode(value)) == value


@settings(max_examples=200, deadline=None)
@given(VALUES)
def test_the_text_is_that_of_the_reference_library_and_json_reads_it(value):
    assert jcs.encode(value) == rfc8785.dumps(value)
    assert json.loads(jcs.encode(value), parse_int=float) == value


@settings(max_examples=200, deadline=None)
@given(VALUES, st.sampled_from([{"indent": 1}, {"separators": (", ", ":")}, {"ensure_ascii": True}]))
def test_another_text_of_a_value_is_refused(value, how):
    other = json.dumps(value, **how).encode()
    assert jcs.encode(jcs.decode(other)) == jcs.encode(value)
    if other != jcs.encode(value):
        with pytest.raises(Malformed):
            jcs.decode_canonical(other)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=64))
def test_base64_reads_back(data):
    assert base64.decode(base64.encode(data)) == data


@settings(max_examples=200, deadline=None)
@given(st.text("ABab01+/=\n -_", max_size=16))
def test_base64_has_one_text_for_a_value(text):
    try:
        data = base64.decode(text)
    except Malformed:
        return
    assert base64.encode(data) == text


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.sampled_from([*NUMERALS, *STRINGS, "true", "null", "NaN", "Infinity", "1 ", " null"]),
        lambda inner: (
            st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
            | st.lists(st.tuples(st.sampled_from(["a", "b", "ｱ", "😀", "a"]), inner), max_size=3).map(
                lambda pairs: "{" + ",".join(f'"{key}":{item}' for key, item in pairs) + "}"
            )
        ),
        max_leaves=6,
    )
)
def test_a_text_is_canonical_if_the_reference_library_writes_it_for_its_value(text):
    data = text.encode()
    try:
        wanted = rfc8785.dumps(jcs.decode(data)) == data
    except (Malformed, rfc8785.CanonicalizationError, UnicodeError):
        wanted = False
    try:
        value = jcs.decode_canonical(data)
    except Malformed:
        assert not wanted
    else:
        assert wanted
        assert json.dumps(value) == json.dumps(jcs.decode(data))
