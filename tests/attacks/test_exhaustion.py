"""Small files that would take the process down which loads them, and the report of each stays small."""

from __future__ import annotations

import pickle
import random
import time

import pytest

from attack_streams import (
    FALSE,
    HEAD,
    NDARRAY,
    NONE,
    call,
    data,
    get,
    is_passed,
    name,
    number,
    objects_dtype,
    put,
    report_of,
    rules_broken,
    tuple_of,
)
from hauberk.checks.model.examine import examine
from hauberk.finding import UncheckedCode
from hauberk.formats import texts
from hauberk.formats.model.pickle.collisions import MODULUS, MOST_EXACT
from hauberk.limits import Limits
from hauberk.view import BytesView

MOST_FINDINGS = 1_000
DEQUE = name("collections", "deque")
EMPTY = call(name("numpy._core.multiarray", "_reconstruct"), NDARRAY, tuple_of(number(0)), data(b"b"))


def nested(first: bytes, wrap: bytes, times: int) -> bytes:
    """Wrap a value again and again: `wrap` finds the last one in the memo, and leaves the next one there."""
    return first + put(1) + b"0" + (wrap + put(1) + b"0") * times + get(1)


DEEP = {
    "tuples as a key": b"})" + b"\x85" * 20_000 + NONE + b"s",
    "slices": nested(NONE, name("builtins", "slice") + get(1) + b"\x85R", 6_000),
    "default dicts": nested(NONE, call(name("collections", "defaultdict")) + NONE + get(1) + b"s", 6_000),
    "deques": nested(NONE, call(DEQUE) + get(1) + b"a", 6_000),
    "deques from the outer end": call(DEQUE) + put(2) + (call(DEQUE) + put(3) + b"a0" + get(3)) * 6_000 + b"0" + get(2),
    "arrays of objects": objects_dtype()
    + put(9)
    + b"0"
    + nested(NONE, EMPTY + tuple_of(number(1), b"K\x01\x85", get(9), FALSE, b"]" + get(1) + b"a") + b"b", 3_000),
}
COPIES = {
    "bytes": data(bytes(1 << 19)) + b"\x85" + put(1) + b"0" + (name("builtins", "bytearray") + get(1) + b"R0") * 600,
    "a list": b"](" + NONE * 50_000 + b"e\x85" + put(1) + b"0" + (DEQUE + get(1) + b"R0") * 800,
}


@pytest.mark.parametrize("made", DEEP.values(), ids=DEEP)
def test_values_that_lie_too_deep_to_be_freed_are_found(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") == {"pickle-exhausts"}


@pytest.mark.parametrize("made", COPIES.values(), ids=COPIES)
def test_the_same_value_given_to_call_after_call_is_found(made: bytes) -> None:
    assert rules_broken(HEAD + made + NONE + b".") == {"pickle-exhausts"}


@pytest.mark.parametrize("protocol", range(6))
def test_integers_that_all_have_one_hash_are_found(protocol: int) -> None:
    alike = [k * MODULUS + 5 for k in range(1, 2_000)]
    assert len(set(map(hash, alike))) == 1
    for made in (set(alike), dict.fromkeys(alike), alike, [-one for one in alike], frozenset(alike)):
        assert rules_broken(pickle.dumps(made, protocol)) == {"pickle-exhausts"}


def test_integers_behind_many_others_that_all_have_one_hash_are_found() -> None:
    others = random.Random(1)
    flood = [others.getrandbits(100) for _ in range(MOST_EXACT + 1)]
    assert rules_broken(pickle.dumps(flood + [k * MODULUS for k in range(1, 2_000)], 4)) == {"pickle-exhausts"}


def test_long_integers_as_data_has_them_are_no_bomb() -> None:
    others = random.Random(1)
    keys = {others.getrandbits(128): None for _ in range(20_000)}
    again = [1 << 100, 3 << 90] * 5_000
    assert is_passed(pickle.dumps([keys, again, [(1 << 63) + k for k in range(5_000)]], 4))


def test_a_list_in_a_list_five_hundred_deep_is_no_bomb() -> None:
    assert is_passed(HEAD + b"]" * 500 + b"a" * 499 + b".")


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(b"".join(b"\x84" + code.to_bytes(4, "little") + b"0" for code in range(1, 20_000)), id="codes"),
        pytest.param(b"".join(f"cm{k}\nx\n0".encode() for k in range(20_000)), id="names"),
        pytest.param(b"".join(b"cos\nsystem\n" + number(k) + b"\x85R0" for k in range(20_000)), id="calls"),
        pytest.param(b"Px\n0" * 20_000, id="persistent ids"),
        pytest.param(b"NN\x930" * 20_000, id="names made while loading"),
        pytest.param(b"cos\nsystem\n" + b")R" * 20_000, id="results of results"),
        pytest.param((b"\x95" + (1 << 60).to_bytes(8, "little")) * 20_000, id="frames"),
    ],
)
def test_a_report_stays_short_whatever_the_stream_repeats(stream: bytes) -> None:
    report = report_of(HEAD + stream + NONE + b".")
    assert not is_passed(HEAD + stream + NONE + b".")
    assert len(report.findings) + len(report.unchecked) < MOST_FINDINGS


@pytest.mark.parametrize(
    "text",
    [
        b"x @ http://example.com\na" + b" " * 200_000 + "é\n".encode(),
        b"x @ http://example.com\n" + b" " * 200_000 + "é\n".encode(),
        b"{{ " + b"'\\" * 100_000,
        b'{{ x["' + b"\\'" * 100_000,
        b"\n" * 70_000 + b'node { op: "PyFunc" }',
        b'node { op : "' + b'\\"op:' * 50_000 + b" # op" * 50_000,
        b"node { } op :" + b" " * 300_000,
        b'node { op: "A" ' + b"a{" * 100_000 + b'"' * 100_001,
        b"<a xmlns:a='" + b"xalan" * 60_000 + b"XSL/Transform",
        b"<java " * 50_000 + b"java.beans.XMLDecoder",
    ],
    ids=(
        "spaces-behind-a-name",
        "spaces",
        "open-quotes",
        "open-quotes-escaped",
        "lines-before-a-graph",
        "quotes-in-a-graph",
        "spaces-in-a-graph",
        "messages-in-a-graph",
        "languages-of-a-sheet",
        "elements-of-java",
    ),
)
def test_no_text_takes_time_that_grows_with_its_square(text: bytes) -> None:
    began = time.process_time()
    texts.describe(BytesView(text))
    assert time.process_time() - began < 3


def test_a_graph_in_a_text_that_is_too_long_to_be_read_is_said() -> None:
    found = texts.describe(BytesView(b"#\n" * 9_000 + b'node { op: "PyFunc" }\n'), Limits(max_document_bytes=1 << 14))
    assert [note.code for note in found.unchecked] == [UncheckedCode.LIMIT]


def test_a_graph_far_behind_the_start_of_a_text_is_read() -> None:
    far = BytesView(b"# " + b"x" * 70_000 + b'\nnode { op: "PyFunc" }\n')
    assert {one.rule for one in examine(far, "graph.pbtxt").report.findings} == {"graph-runs-code"}
