"""Arrow believes the length of an array; one that is longer than its buffers reads memory that the stream does not hold."""

from __future__ import annotations

import pytest

from attack_streams import (
    HEAD,
    NONE,
    build,
    call,
    data,
    dict_of,
    list_of,
    name,
    new,
    number,
    rules_broken,
    text,
    tuple_of,
)

UNSAFE = {"pickle-unsafe-arguments"}
RESTORE = name("pyarrow.lib", "_restore_array")
COLUMN = name("pandas.arrays", "ArrowStringArray")
EMPTY = list_of()


def kind(alias: str) -> bytes:
    return call(name("pyarrow.lib", "type_for_alias"), text(alias))


def buffer(contents: bytes) -> bytes:
    return call(name("pyarrow.lib", "py_buffer"), data(contents))


def restored(alias: str, length: int, *buffers: bytes, offset: int = 0, parts: bytes = EMPTY) -> bytes:
    place = (kind(alias), number(length), number(0), number(offset))
    return call(RESTORE, tuple_of(*place, list_of(*buffers), parts, NONE))


EMPTY_BUFFER = call(name("pyarrow.lib", "py_buffer"), call(name("builtins", "bytearray")))  # of protocols before 5
TEXTS = restored("large_string", 2, NONE, buffer(bytes(24)), buffer(b"ab"))
ORDINARY = {
    "texts": TEXTS,
    "numbers": restored("int64", 2, NONE, buffer(bytes(16))),
    "numbers of which some are missing": restored("double", 2, buffer(b"\1"), buffer(bytes(16))),
    "no texts in buffers without bytes": restored("large_string", 0, NONE, buffer(bytes(8)), EMPTY_BUFFER),
    "no texts": restored("string", 0, NONE, NONE, NONE),
    "a column": build(new(COLUMN), dict_of(_pa_array=TEXTS)),
}
WAYS = {
    "texts that begin in a buffer without bytes": restored("string", 1, NONE, EMPTY_BUFFER, buffer(b"a")),
    "more texts than offsets": restored("large_string", 3, NONE, buffer(bytes(24)), buffer(b"ab")),
    "more numbers than bytes": restored("int64", 3, NONE, buffer(bytes(16))),
    "an offset behind the numbers": restored("int64", 1, NONE, buffer(bytes(16)), offset=2),
    "an offset before the numbers": restored("int64", 1, NONE, buffer(bytes(16)), offset=-1),
    "fewer than none": restored("int64", -1, NONE, buffer(bytes(16))),
    "a map of what is missing that is too short": restored("int64", 9, buffer(b"\1"), buffer(bytes(72))),
    "no numbers at all": restored("int64", 1, NONE, NONE),
    "a buffer that is none": restored("int64", 1, NONE, text("x")),
    "no buffer for texts": restored("string", 1, NONE, buffer(bytes(8))),
    "parts of another length": restored("int64", 1, NONE, buffer(bytes(8)), parts=list_of(TEXTS)),
    "a type of pointers": restored("string_view", 1, NONE, buffer(bytes(16)), buffer(bytes(16))),
    "a column over something else": build(new(COLUMN), dict_of(_pa_array=text("x"))),
    "a column with a second array": build(new(COLUMN), dict_of(_pa_array=TEXTS, _data=text("x"))),
    "a column without": build(new(COLUMN), dict_of(_dtype=NONE)),
}


@pytest.mark.parametrize("made", ORDINARY.values(), ids=ORDINARY)
def test_arrays_that_fit_their_buffers_are_clean(made: bytes) -> None:
    assert not rules_broken(HEAD + made + b".")


@pytest.mark.parametrize("made", WAYS.values(), ids=WAYS)
def test_no_array_is_longer_than_its_buffers(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") >= UNSAFE
