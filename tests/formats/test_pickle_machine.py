"""The pickle machine: its instruction set, what it remembers, and its bounds. Techniques are vectors of their own."""

from __future__ import annotations

import collections
import pickle
import pickletools

import pytest

from hauberk.errors import Malformed
from hauberk.finding import UncheckedCode
from hauberk.formats.model.pickle.constants import unescape
from hauberk.formats.model.pickle.description import describe
from hauberk.formats.model.pickle.instructions import INSTRUCTIONS
from hauberk.formats.model.pickle.loop import ACTS, CONSTANTS, STOP
from hauberk.formats.model.pickle.names import resolve
from hauberk.formats.model.pickle.opcodes import BY_CODE, OPCODES
from hauberk.formats.model.pickle.source import CHUNK_BYTES
from hauberk.limits import Limits
from hauberk.symbol import Blob, Global, Items, Made, Nothing, Number, Text, Unknown, Use
from hauberk.view import BytesView, RangeView

CALL = b"cos\nsystem\n"


def of(stream, **limits):
    return describe(BytesView(stream), Limits(**limits))


def arguments(stream):
    """Return the arguments of the only call in a stream."""
    (call,) = [effect for effect in of(stream).effects if effect.use is Use.CALL]
    return call.arguments


# The instruction set.


def test_every_instruction_of_cpython_is_in_the_table_under_its_name():
    assert {row.code: row.name for row in OPCODES} == {ord(op.code): op.name for op in pickletools.opcodes}


def test_every_instruction_is_run_by_the_loop_or_by_a_function():
    run = {code for code in range(256) if INSTRUCTIONS[code]} | CONSTANTS | ACTS.keys() | {STOP}
    assert run == set(BY_CODE)


# Constants, read again where they stand.


@pytest.mark.parametrize(
    ("instruction", "symbol"),
    [
        (b"N", Nothing()),
        (b"\x88", Number(value=True)),
        (b"\x89", Number(value=False)),
        (b"I01\n", Number(value=True)),
        (b"I-12\n", Number(-12)),
        (b"I0x10\n", Number(None)),
        (b"L12L\n", Number(12)),
        (b"F1.5\n", Number(1.5)),
        (b"Fnan\n", Number(None)),
        (b"K\xff", Number(255)),
        (b"M\x01\x02", Number(513)),
        (b"J\xfe\xff\xff\xff", Number(-2)),
        (b"\x8a\x01\xff", Number(-1)),
        (b"\x8a\x21" + bytes(33), Number(None)),
        (b"\x8b\x02\x00\x00\x00\x00\x01", Number(256)),
        (b"G\x3f\xf8\x00\x00\x00\x00\x00\x00", Number(1.5)),
        (b"G\x7f\xf0\x00\x00\x00\x00\x00\x00", Number(None)),
        (b"S'a\\x62\\143'\n", Text("abc")),
        (b"Va\\u00e9\n", Text("a\u00e9")),
        (b"U\x01a", Text("a")),
        (b"U\x01\xe9", Unknown("a Python 2 string in an encoding that the loader chooses")),
        (b"T\x01\x00\x00\x00a", Text("a")),
        (b"\x8c\x02\xc3\xa9", Text("\u00e9")),
        (b"\x8c\x03\xed\xa0\x80", Unknown("text with lone surrogates")),
        (b"X\x01\x00\x00\x00a", Text("a")),
        (b"C\x03abc", Blob(3, 13)),
        (b"B\x03\x00\x00\x00abc", Blob(3, 16)),
        (b"\x96\x03" + bytes(7) + b"abc", Blob(3, 20)),
    ],
)
def test_a_constant_is_shown_as_what_it_pushes(instruction, symbol):
    assert arguments(CALL + instruction + b"\x85R.") == (symbol,)


def test_a_constant_is_read_again_from_a_chunk_that_is_gone():
    filler = b"B" + (2 * CHUNK_BYTES).to_bytes(4, "little") + bytes(2 * CHUNK_BYTES) + b"0"
    assert arguments(CALL + b"\x8c\x03abcq\x00" + filler + b"\x85R.") == (Text("abc"),)


@pytest.mark.parametrize("shift", range(12))
def test_an_instruction_may_lie_across_two_chunks(shift):
    filler = b"N0" * ((CHUNK_BYTES - shift) // 2)
    assert arguments(filler + b"cos\nsystem\n\x8c\x02id\x85R.") == (Text("id"),)


def test_a_line_may_be_longer_than_a_chunk():
    long = of(b"c" + b"m" * (CHUNK_BYTES + 9) + b"\nname\n.")
    assert [effect.callable for effect in long.effects] == [Unknown("a name that is longer than is kept")]
    assert long.unchecked == ()


@pytest.mark.parametrize("quoted", [rb"'a\\b\'\"\a\b\f\n\r\t\v\x41\101\7'", b"'a\\\nb'", b'"\\377"', b"''"])
def test_a_python_2_string_is_unescaped_as_cpython_does(quoted):
    assert unescape(quoted) == pickle.loads(b"S" + quoted.replace(b"\\\n", b"") + b"\n.", encoding="bytes")


@pytest.mark.parametrize("quoted", [b"", b"'", b"abc", b"'a\"", rb"'\x4'", rb"'\xzz'", b"'a\\'"])
def test_a_python_2_string_that_cpython_refuses_is_refused(quoted):
    with pytest.raises(Malformed, match="STRING with"):
        unescape(quoted)


def test_an_unknown_escape_is_kept_as_it_is():
    assert unescape(rb"'\q'") == rb"\q"


# Values.


def test_containers_are_shown_with_what_is_in_them():
    (shown,) = arguments(CALL + b"(K\x01](K\x02K\x03e}\x8c\x01aNst\x85R.")
    numbers = Items("list", [Number(2), Number(3)], count=2, changed=20)
    assert shown == Items(
        "tuple", [Number(1), numbers, Items("dict", [Text("a"), Nothing()], count=2, changed=26)], count=3
    )


def test_a_container_that_was_shown_goes_on_growing():
    description = of(CALL + b"]q\x00\x85R0h\x00K\x07a.")
    assert description.effects[1].arguments[0].items == [Number(7)]
    assert description.effects[1].arguments[0].changed > description.effects[1].offset


def test_a_list_that_holds_itself_is_shown():
    (shown,) = arguments(CALL + b"]q\x00h\x00a\x85R.")
    assert shown.items[0] is shown


def test_a_call_of_a_result_names_the_call():
    effects = of(CALL + b")R)R.").effects
    assert isinstance(effects[2].callable, Made)
    assert effects[2].callable.callable == Global("os", "system", 0)


def test_state_is_kept_with_the_object_that_got_it():
    made = of(CALL + b")\x81}\x8c\x01aNsb.").effects[2].callable
    assert made.state.items == [Text("a"), Nothing()]


def test_a_second_state_makes_the_state_unknown():
    made = of(CALL + b")\x81}b}b.").effects[2].callable
    assert made.state == Unknown("a state that was given twice")


def test_keyword_arguments_come_last():
    assert of(CALL + b"N\x85}\x92.").effects[1].arguments == (Nothing(), Items("dict", [], count=0))


@pytest.mark.parametrize("given", [b"N", b"\x8c\x02ab", b"}", b"\x8f"])
def test_arguments_that_are_no_tuple_are_not_guessed(given):
    assert arguments(CALL + given + b"R.") == (Unknown("arguments that are not a tuple in the stream"),)


def test_names_of_python_2_are_resolved_below_protocol_3():
    assert resolve("__builtin__", "xrange", 2) == ("builtins", "range")
    assert resolve("__builtin__", "xrange", 3) == ("__builtin__", "xrange")
    assert resolve("copy_reg", "anything", 0) == ("copyreg", "anything")


def test_the_spelling_of_a_resolved_name_is_told():
    assert of(b"c__builtin__\nxrange\n.").renamed == ((("__builtin__", "xrange"), ("builtins", "range")),)


def test_an_import_is_listed_once_with_its_first_place():
    description = of(b"N0" + CALL + b"0" + CALL + b".")
    assert [(effect.use, effect.offset) for effect in description.effects] == [(Use.IMPORT, 2)]


def test_offsets_count_from_the_view_that_was_given():
    assert describe(RangeView(BytesView(b"junk" + CALL + b"."), 4, 12)).effects[0].offset == 0
    assert describe(BytesView(b"junk" + CALL + b"."), start=4).effects[0].offset == 4


# Streams.


def test_each_stream_has_its_place_and_its_protocol():
    streams = of(b"N.\x80\x04N.").streams
    assert [(stream.start, stream.stop, stream.protocol) for stream in streams] == [(0, 2, 0), (2, 6, 4)]


def test_each_stream_has_a_memo_of_its_own():
    assert of(b"Nq\x00.h\x00.").unchecked[0].location.offset == 4


def test_bytes_behind_the_last_stream_are_placed():
    assert of(b"N.\xff\xff").trailing == 2
    assert of(b"N.").trailing is None


def test_a_payload_behind_ten_megabytes_is_found():
    blob = b"B" + (10 << 20).to_bytes(4, "little") + bytes(10 << 20) + b"0"
    assert [effect.use for effect in of(blob + CALL + b")R.").effects] == [Use.IMPORT, Use.CALL]


# Bounds.


@pytest.mark.parametrize(
    ("stream", "limit"),
    [
        (b"N0" * 300_000 + b".", {"max_pickle_opcodes": 1000}),
        (b"N" * 300_000 + b".", {"max_pickle_stack": 1000}),
        (b"(" * 300_000 + b".", {"max_pickle_stack": 1000}),
        (b"N" + b"\x94" * 300_000 + b".", {"max_pickle_memo": 1000}),
        (CALL + b")R" * 2000 + b".", {"max_pickle_effects": 1000}),
        (b"N." * 20, {"max_pickle_streams": 10}),
    ],
)
def test_a_spent_budget_is_told_and_ends_the_description(stream, limit):
    assert [note.code for note in of(stream, **limit).unchecked] == [UncheckedCode.LIMIT]


def test_effects_before_a_spent_budget_are_kept():
    assert len(of(CALL + b")R" * 2000 + b".", max_pickle_effects=10).effects) == 10


def test_what_is_shown_beyond_the_budget_is_cut_and_told():
    description = of(CALL + b"(" + b"K\x01" * 200 + b"tR" + b"(" + b"K\x01" * 200 + b"tR.", max_pickle_kept_items=100)
    assert [note.code for note in description.unchecked] == [UncheckedCode.LIMIT]
    assert len(description.effects) == 3


def test_a_container_keeps_its_first_items_and_counts_all():
    (shown,) = arguments(CALL + b"](" + b"K\x01" * 1000 + b"e\x85R.")
    assert (len(shown.items), shown.cut, shown.count) == (256, True, 1000)


def test_one_large_tuple_in_many_calls_is_kept_once():
    stream = CALL + b"q\x00(" + b"K\x01" * 200 + b"tq\x010" + b"h\x00h\x01R0" * 50 + b"N."
    calls = [effect.arguments for effect in of(stream).effects if effect.use is Use.CALL]
    assert len({id(given) for given in calls}) == 1


def test_a_list_of_arguments_that_grew_is_spread_again():
    calls = [e.arguments for e in of(CALL + b"q\x00]q\x01R0h\x01K\x02a0h\x00h\x01R.").effects if e.use is Use.CALL]
    assert calls == [(), (Number(2),)]


def test_keywords_in_many_calls_are_paid_for():
    stream = CALL + b"q\x00(" + b"K\x01" * 200 + b"tq\x010" + b"h\x00h\x01}\x920" * 50 + b"N."
    description = of(stream, max_pickle_kept_items=2000)
    assert sum(len(effect.arguments) for effect in description.effects) < 3000
    assert [note.code for note in description.unchecked] == [UncheckedCode.LIMIT]


def test_long_text_is_cut():
    (shown,) = arguments(CALL + b"X" + (1 << 20).to_bytes(4, "little") + b"a" * (1 << 20) + b"\x85R.")
    assert shown == Text("a" * Limits().max_pickle_text_bytes, cut=True)


def test_a_billion_laughs_are_counted_and_not_laughed():
    laughs = b"](NNNNNNNNNNe\x94" + b"".join(b"](" + bytes([0x68, level]) * 10 + b"e\x94" for level in range(9))
    description = of(b"\x80\x04" + laughs + b".")
    assert description.largest > 10**9
    assert description.opcodes < 200


def test_tuples_of_tuples_saturate():
    assert of(b"N" + b"2\x86" * 200 + b".").largest == Limits().max_symbolic_size


def test_twice_the_instructions_are_twice_the_count():
    rows = b"](}\x8c\x01aK\x01s\x94e0"
    assert of(rows * 2000 + b"N.").opcodes - 2 == 2 * (of(rows * 1000 + b"N.").opcodes - 2)


def test_notes_of_one_view_are_bounded():
    assert len(of(b"I010\n0" * 1000 + b"N.").unchecked) == 64


def test_a_view_that_ends_early_ends_the_stream():
    class Shrinking(BytesView):
        @property
        def size(self):
            return 1 << 30

    assert describe(Shrinking(b"N0" * 10)).unchecked[0].detail == "there is no STOP"


def test_values_of_the_standard_library_are_described_completely():
    values = [collections.OrderedDict(a=1), collections.deque([1], 3), collections.Counter("ab"), {1, 2}, 1 << 4000]
    for protocol in range(6):
        description = of(pickle.dumps(values, protocol))
        assert description.unchecked == ()
        assert description.streams[0].stop is not None
