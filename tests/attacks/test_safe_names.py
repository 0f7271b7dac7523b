"""Streams of safe names only, that make loading call something, read past an end, or never return.

Each was a way once: the scan passed it, and CPython, NumPy and scikit-learn did what the comment or the name says.
"""

from __future__ import annotations

import struct

import pytest

from attack_streams import (
    FALSE,
    HEAD,
    NONE,
    array,
    build,
    call,
    data,
    dict_of,
    dtype,
    get,
    is_passed,
    list_of,
    name,
    new,
    number,
    objects_dtype,
    partial,
    plain_dtype,
    put,
    rules_broken,
    text,
    tuple_of,
)

UNSAFE = {"pickle-unsafe-arguments"}
CALLED = partial(name("sklearn.metrics._scorer", "get_scorer"), text("called while loading"))
LOGISTIC = name("sklearn.linear_model._logistic", "LogisticRegression")
TALKATIVE = build(new(LOGISTIC), dict_of(get_params=CALLED))  # its repr calls get_params
SPARSE = build(new(name("scipy.sparse._coo", "coo_matrix")), dict_of(tocsr=CALLED))  # comparing it calls tocsr
TEXTS = plain_dtype("U5", size=20, alignment=4, flags=8)
OBJECTS = array((1,), objects_dtype(), list_of(TALKATIVE))
HUGE = number(1 << 4096)


def record(*fields: tuple[str, bytes, int], size: int, flags: int) -> bytes:
    names = tuple_of(*(text(field) for field, _, _ in fields))
    places = dict_of(**{field: tuple_of(kind, number(place)) for field, kind, place in fields})
    made = call(name("numpy", "dtype"), text(f"V{size}"), FALSE, b"\x88")
    return build(made, tuple_of(number(3), text("|"), NONE, names, places, number(size), number(1), number(flags)))


def masked(kind: bytes, contents: bytes, fill: bytes) -> bytes:
    cls = name("numpy.ma", "MaskedArray")
    empty = call(
        name("numpy.ma.core", "_mareconstruct"), cls, name("numpy", "ndarray"), tuple_of(number(0)), data(b"b")
    )
    return build(empty, tuple_of(number(1), tuple_of(number(1)), kind, FALSE, contents, data(b"\0"), fill))


def isotonic(x: bytes, y: bytes) -> bytes:
    return build(new(name("sklearn.isotonic", "IsotonicRegression")), dict_of(X_thresholds_=x, y_thresholds_=y))


CALLS = {
    "an ordered dict iterates over what should be a pair": call(
        name("collections", "OrderedDict"),
        list_of(
            build(
                new(name("sklearn.model_selection._search", "ParameterGrid")),
                dict_of(param_grid=list_of(build(call(name("types", "SimpleNamespace")), dict_of(items=CALLED)))),
            )
        ),
    ),
    "a text field takes the repr of an estimator": array(
        (1,), record(("a", objects_dtype(), 0), ("b", TEXTS, 8), size=28, flags=27), list_of(tuple_of(NONE, TALKATIVE))
    ),
    "a fill value is converted to text": masked(TEXTS, data(bytes(20)), array((), objects_dtype(), list_of(TALKATIVE))),
    "a setter of a property calls a method of the instance": build(
        new(name("scipy.sparse._csr", "csr_matrix")),
        tuple_of(dict_of(reshape=CALLED), dict_of(shape=tuple_of(number(1)))),
    ),
    "a version is compared": build(new(LOGISTIC), dict_of(_sklearn_version=SPARSE)),
    "thresholds are sorted": isotonic(
        array((2,), objects_dtype(), list_of(SPARSE, SPARSE)), array((2,), objects_dtype(), list_of(SPARSE, SPARSE))
    ),
    "the classes of a tree are compared": call(
        name("sklearn.tree._tree", "Tree"), number(1), array((1,), objects_dtype(), list_of(SPARSE)), number(1)
    ),
    "the nodes of a tree are converted": build(
        new(name("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor")), dict_of(nodes=OBJECTS)
    ),
    "the state of a generator is compared": build(
        call(name("numpy.random._pickle", "__bit_generator_ctor"), text("MT19937")),
        dict_of(bit_generator=array((1,), objects_dtype(), list_of(SPARSE))),
    ),
}
MEMORY = {
    "a scalar without bytes is as long as its type says": call(
        name("numpy._core.multiarray", "scalar"), dtype("V999999999")
    ),
    "an array of nothing has more elements than any loop ends over": array((1 << 62,), dtype("V0"), data(b"")),
    "an array of empty texts has so many": array((1 << 40,), plain_dtype("S0", "|", 0, 1, 0), data(b"")),
    "a time is a list of all numbers of a range": call(
        name("time", "struct_time"), call(name("builtins", "range"), number(1 << 40))
    ),
    "a masked array makes a fill value of its own": masked(
        plain_dtype("U99999999", size=399999996, alignment=4, flags=8), data(b""), NONE
    ),
    "an array is given a second state": build(
        put(1).join((array((1,), plain_dtype("f8"), data(bytes(8))), b"")),
        tuple_of(number(1), tuple_of(number(1)), plain_dtype("f8"), FALSE, data(bytes(8))),
    ),
    "a class of another module is made without its constructor": call(
        name("sklearn.neighbors._kd_tree", "newObj"), name("numpy.random.mtrand", "RandomState")
    ),
}
TIME = {
    "range divides huge numbers": call(name("builtins", "range"), number(0), HUGE, HUGE),
    "decimal converts a huge number": call(name("decimal", "Decimal"), HUGE),
    "fraction reduces huge numbers": call(name("fractions", "Fraction"), HUGE, HUGE),
    "a pattern walks through all letters": call(name("re", "_compile"), text("[\x01-\uffff]" * 500), number(2)),
    "a pattern walks through all letters by escapes": call(
        name("re", "_compile"), text(r"[\u0001-\uffff]" * 200), number(2)
    ),
}


@pytest.mark.parametrize("made", CALLS.values(), ids=CALLS)
def test_no_method_of_an_instance_is_called_while_loading(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") == UNSAFE


@pytest.mark.parametrize("made", MEMORY.values(), ids=MEMORY)
def test_no_memory_is_taken_or_freed_that_the_stream_does_not_hold(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") == UNSAFE


@pytest.mark.parametrize("made", TIME.values(), ids=TIME)
def test_no_short_stream_computes_for_long(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") == UNSAFE


def test_a_file_of_an_array_of_nothing_is_never_complete() -> None:
    header = b"{'descr': '|V0', 'fortran_order': False, 'shape': (4611686018427387904,), }\n"
    assert not is_passed(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header)


def test_a_list_is_as_long_as_its_items_and_no_longer() -> None:
    short = b"]" + put(1) + NONE + b"a"
    padded = b"".join(get(1) + number(0) + NONE + b"s0" for _ in range(8))
    stream = HEAD + short + b"0" + padded + array((17,), objects_dtype(), get(1)) + b"."
    assert not is_passed(stream)


def test_fields_that_share_bytes_with_an_object_make_pointers_of_numbers() -> None:
    shared = record(("a", objects_dtype(), 0), ("b", plain_dtype("i8"), 0), size=8, flags=27)
    assert rules_broken(HEAD + array((1,), shared, list_of(tuple_of(NONE, number(1)))) + b".") == UNSAFE


def test_a_record_of_constants_is_what_files_hold() -> None:
    kind = record(("a", objects_dtype(), 0), ("b", plain_dtype("i8"), 8), size=16, flags=27)
    assert not rules_broken(HEAD + array((1,), kind, list_of(tuple_of(text("x"), number(1)))) + b".")


def test_flags_that_deny_objects_do_not_hide_them() -> None:
    kind = record(("a", objects_dtype(), 0), size=8, flags=16)
    assert rules_broken(HEAD + array((1,), kind, data(struct.pack("<Q", 0x41))) + b".") == UNSAFE
