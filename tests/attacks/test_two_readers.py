"""Files that joblib reads in one way and another unpickler in another: what either would do is in the report."""

from __future__ import annotations

import io
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder

from attack_streams import (
    HEAD,
    NONE,
    WRAPPER,
    build,
    call,
    data,
    dict_of,
    get,
    is_passed,
    name,
    new,
    number,
    objects_dtype,
    partial,
    put,
    report_of,
    rules_broken,
    runs,
    text,
    tuple_of,
    wrapper_state,
)

PAYLOAD = runs() + b"."
HIDDEN = data(PAYLOAD)  # data to whoever reads it from its first byte, instructions to whoever begins behind the head
WORDS = text("posix") + put(0) + b"0" + text("system") + put(1) + b"0"


def dumped(value: Any, protocol: int = 4) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file, protocol=protocol)
    return file.getvalue()


@pytest.mark.parametrize(
    "wrapper",
    [
        pytest.param(call(name("copyreg", "__newobj__"), WRAPPER), id="by copyreg.__newobj__"),
        pytest.param(call(name("sklearn.neighbors._kd_tree", "newObj"), WRAPPER), id="by Cython's newObj"),
        pytest.param(call(name("copyreg", "_reconstructor"), WRAPPER), id="by half a reconstructor"),
        pytest.param(WRAPPER + b")}\x92", id="by NEWOBJ_EX"),
    ],
)
def test_a_wrapper_made_in_another_way_does_not_hide_where_joblib_goes_on(wrapper: bytes) -> None:
    assert not is_passed(HEAD + build(wrapper, wrapper_state(5)) + HIDDEN + b".")


def test_a_wrapper_that_is_built_twice_ends_what_can_be_followed() -> None:
    twice = new(WRAPPER) + put(1) + wrapper_state(0) + b"b0" + build(get(1), wrapper_state(5))
    assert not is_passed(HEAD + twice + HIDDEN + b".")


def test_array_bytes_that_pickle_would_run_are_found() -> None:
    stream = HEAD + build(new(WRAPPER), wrapper_state(len(PAYLOAD))) + PAYLOAD + b"."
    assert report_of(stream).format == "joblib"
    assert rules_broken(stream) == {"pickle-runs-process"}


def test_array_bytes_that_pickle_would_run_are_found_in_the_second_stream() -> None:
    assert "pickle-runs-process" in rules_broken(
        HEAD + b"N." + HEAD + build(new(WRAPPER), wrapper_state(len(PAYLOAD))) + PAYLOAD + b"."
    )


def test_padding_that_pickle_would_run_is_found() -> None:
    state = wrapper_state(0).removesuffix(b"u") + text("numpy_array_alignment_bytes") + number(16) + b"u"
    padding = b"N0" + PAYLOAD  # the first byte, N, is also the length of the padding: 78
    assert "pickle-runs-process" in rules_broken(
        HEAD + build(new(WRAPPER), state) + padding.ljust(1 + ord("N"), b".") + b"."
    )


def test_a_name_that_only_the_outer_memo_makes_dangerous_is_found() -> None:
    inner = (
        text("numpy") + b"\x940" + text("ndarray") + b"\x940" + get(0) + get(1) + b"\x93" + tuple_of(text("x")) + b"R."
    )
    stream = HEAD + WORDS + build(new(WRAPPER), wrapper_state(1, objects_dtype())) + inner + b"."
    assert "pickle-runs-process" in rules_broken(stream)


@pytest.mark.parametrize(
    "inner",
    [
        pytest.param(
            build(
                call(name("types", "SimpleNamespace")),
                dict_of(byteswap=partial(name("sklearn.metrics._scorer", "get_scorer"), text("called"))),
            ),
            id="a namespace with a function as byteswap",
        ),
        pytest.param(new(name("sklearn.frozen._frozen", "FrozenEstimator")), id="an estimator"),
    ],
)
def test_an_array_of_objects_that_is_something_else_is_not_passed(inner: bytes) -> None:
    assert not is_passed(HEAD + build(new(WRAPPER), wrapper_state(1, objects_dtype())) + HEAD + inner + b"." + b".")


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize(
    "value",
    [
        OneHotEncoder().fit(np.array([["a", "b"], ["c", "d"]], dtype=object)),
        {"a": np.array(["x", None], dtype=object), "b": np.arange(3.0)},
        {"time": [np.array(["x", None], dtype=object)]},
        [np.array([np.arange(3), {"a": 1}], dtype=object)],
    ],
    ids=["encoder", "dict", "key like a module", "array in an array"],
)
def test_ordinary_arrays_of_objects_are_no_second_reading(value: Any, protocol: int) -> None:
    assert is_passed(dumped(value, protocol))


def test_a_list_that_is_changed_by_index_has_no_known_length() -> None:
    grown = b"]Na" + b"".join(number(0) + NONE + b"s" for _ in range(8))
    assert not is_passed(HEAD + grown + b".")


@pytest.mark.parametrize("depth", [2_000, 40], ids=["deep", "twice as much each time"])
def test_a_result_of_results_has_no_text_that_is_asked_for(depth: int) -> None:
    made = name("os", "system") + put(1) + b"0"
    made += b"".join(get(k) + tuple_of(get(k), get(k)) + b"R" + put(k + 1) + b"0" for k in range(1, depth))
    assert not is_passed(HEAD + made + build(get(depth), b"}") + b".")
