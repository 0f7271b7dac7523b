"""Canonical JSON: the examples of RFC 8785, and what lenient readers let pass."""

from __future__ import annotations

import json
import re
import struct
from contextlib import suppress

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hauberk.errors import Exceeded, Malformed
from hauberk.limits import Limits
from hauberk.signature import jcs

# RFC 8785 appendix B: the bits of a double, and its text
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]
# RFC 8785 section 3.2.3: the order is that of UTF-16 code units
UNSORTED = '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}'
SORTED = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_a_number_is_written_as_appendix_b_says(bits, text):
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs.encode(value).decode() == text


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_a_number_of_appendix_b_reads_back_from_its_text(bits, text):
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs.decode_canonical(text.encode()) == value


@pytest.mark.parametrize("text", [b"9007199254740991", b"-9007199254740991", b"0"])
def test_a_whole_number_stays_one_where_each_has_its_own_double(text):
    assert isinstance(jcs.decode_canonical(text), int)


@pytest.mark.parametrize("text", [b"9007199254740993", b"-9007199254740993", b"1" * 5000])
def test_a_whole_number_without_a_double_of_its_own_is_not_canonical(text):
    with pytest.raises(Malformed):
        jcs.decode_canonical(text)


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_a_number_that_json_cannot_hold_is_not_written(bits):
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(Malformed):
        jcs.encode(value)


def test_the_example_of_section_3_2_2_is_written_as_it_says():
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert jcs.encode(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_members_are_ordered_by_utf_16_code_units():
    assert list(json.loads(jcs.encode(jcs.decode(UNSORTED.encode()))).values()) == SORTED


@pytest.mark.parametrize("value", [{1: 2}, {"a"}, b"bytes", 2**53 + 1, "\ud800", object()])
def test_a_value_that_is_not_plain_data_is_refused(value):
    with pytest.raises(Malformed):
        jcs.encode(value)


def test_a_value_without_end_of_depth_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(Malformed):
        jcs.encode(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b'{"a":1,}',
        b"[1,]",
        b"'a'",
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"0x1",
        b"nul",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b'{"a":1}{',
        b"1 2",
        b'"\t"',
        b'"\\x"',
        b'"\\ud8"',
        b"\xef\xbb\xbf1",
        b"\xff",
        b"/* */ 1",
        b'{"a":1,"a":1}',
        b'{"b":{"a":1,"\\u0061":2}}',
        b"{1:2}",
    ],
)
def test_what_is_not_strict_json_is_refused(data):
    with pytest.raises(Malformed):
        jcs.decode(data)


def test_the_error_for_a_duplicate_names_the_key():
    with pytest.raises(Malformed, match="'sig' occurs twice"):
        jcs.decode(b'{"sig":1,"sig":2}')


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b"1.0",
        b"1e0",
        b"-0",
        b"1E30",
        b"100000000000000000000000",
        b'"\\u0061"',
        b'"\\/"',
        b'"\\u000A"',
        b'"\xc3\xa9\\u00e9"',
        b'"\\ud83d\\ude00"',
    ],
)
def test_json_that_is_not_its_own_canonical_form_is_refused(data):
    jcs.decode(data)
    with pytest.raises(Malformed, match="canonical"):
        jcs.decode_canonical(data)


@pytest.mark.parametrize("data", [b'"\\ud800"', b'{"\\udc00":1}'])
def test_half_of_a_character_has_no_canonical_form(data):
    with pytest.raises(Malformed):
        jcs.decode_canonical(data)


def test_depth_is_counted_outside_of_strings_only():
    limits = Limits(max_document_depth=3)
    assert jcs.decode(b'[[["[[[\\"[[["]]]', limits=limits) == [[['[[["[[[']]]
    with pytest.raises(Exceeded, match="deeper than 3"):
        jcs.decode(b"[[[[]]]]", limits=limits)


@given(st.text('"[]{}a\\,', max_size=60), st.booleans())
def test_depth_is_that_of_the_brackets_outside_of_strings(text, is_plain):
    data = (text.replace("\\", "") if is_plain else text).encode()
    deepest = depth = 0
    for bracket in re.sub(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', b"", data, flags=re.DOTALL):
        depth += {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}.get(bracket, 0)
        deepest = max(depth, deepest)
    if deepest > 2:
        with pytest.raises(Exceeded, match="deeper"):
            jcs.decode(data, limits=Limits(max_document_depth=2))
    else:
        with suppress(Malformed):
            jcs.decode(data, limits=Limits(max_document_depth=2))


def test_depth_is_not_breadth():
    assert len(jcs.decode(b"[" + b"[]," * 500 + b"[]]", limits=Limits(max_document_depth=2))) == 501


def test_a_document_that_is_too_long_is_not_parsed():
    with pytest.raises(Exceeded, match="5 bytes"):
        jcs.decode(b"nul!!", limits=Limits(max_document_bytes=4))


@pytest.mark.parametrize("data", [b"[" * 1_000_000, b'["' * 500_000, b'{"a":' * 200_000])
def test_a_million_brackets_are_refused_before_a_recursive_reader_sees_them(data):
    with pytest.raises(Exceeded):
        jcs.decode(data)


@pytest.mark.parametrize("value", [{"ä": [1, 2.5, None, True], "a": {"\U0001f600": "é\n"}}, [], "", 0, -1, 1e21])
def test_what_is_written_is_what_the_reference_library_writes_and_json_reads(value):
    assert jcs.encode(value) == rfc8785.dumps(value)
    assert json.loads(jcs.encode(value)) == value == jcs.decode_canonical(jcs.encode(value))


@pytest.mark.parametrize("text", [b'["' + b'\\"' * 500_000, b"[" * 65 + b'"' + b'\\"' * 500_000, b'{"a' * 200_000])
def test_a_long_string_that_nothing_closes_is_refused_at_once(text):
    with pytest.raises((Malformed, Exceeded)):
        jcs.decode(text)


class _Text(str):
    __slots__ = ()


@pytest.mark.parametrize("value", [{1: "a"}, {None: "a"}, {True: 1}, {"a": {2: 3}}, {(1,): 1}, b"a", {1}, object(), 1j])
def test_a_value_that_only_the_standard_library_would_write_is_refused(value):
    with pytest.raises(Malformed):
        jcs.encode(value)


def test_a_value_that_holds_itself_is_refused():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(Malformed):
        jcs.encode(endless)
    with pytest.raises(Malformed):
        jcs.encode({"a": endless})


def test_keys_beyond_the_basic_plane_are_sorted_by_utf_16():
    # RFC 8785 section 3.2.3: U+1F600 is D83D DE00, which sorts before U+FF71
    assert jcs.encode({"\uff71": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\uff71":1}'.encode()
    with pytest.raises(Malformed, match="canonical"):
        jcs.decode_canonical('{"\uff71":1,"\U0001f600":2}'.encode())


def test_a_string_of_another_class_is_a_string():
    assert jcs.encode({_Text("b"): _Text("x"), "a": 1}) == b'{"a":1,"b":"x"}'


def test_a_value_deeper_than_the_fast_writer_goes_is_written_all_the_same():
    value: list = []
    for _ in range(300):
        value = [value]
    assert jcs.encode(value) == b"[" * 301 + b"]" * 301
