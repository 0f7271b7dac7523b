"""Values of SciPy whose state is converted, taken apart, or closed when they are dropped."""

from __future__ import annotations

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
    list_of,
    name,
    new,
    number,
    objects_dtype,
    partial,
    plain_dtype,
    rules_broken,
    text,
    tuple_of,
)

UNSAFE = {"pickle-unsafe-arguments"}
CALLED = partial(name("sklearn.metrics._scorer", "get_scorer"), text("called while loading"))
LOADS = name("torch.storage", "_load_from_bytes")
NUMBERS = array((1,), plain_dtype("f8"), data(bytes(8)))
LOOSE = build(call(name("types", "SimpleNamespace")), dict_of(__iter__=CALLED))
ROTATION = name("scipy.spatial.transform._rotation", "Rotation")
RBF = name("scipy.interpolate._rbfinterp", "RBFInterpolator")
HULL = name("scipy.spatial._qhull", "ConvexHull")
RESULT = name("scipy.stats._stats_py", "DescribeResult")
PLACES = name("scipy.sparse._dok", "dok_matrix")
WAYS = {
    "a rotation of objects is converted": build(
        new(ROTATION), tuple_of(array((1,), objects_dtype(), list_of(LOOSE)), FALSE)
    ),
    "a rotation of something else is converted": build(new(ROTATION), tuple_of(LOOSE, FALSE)),
    "a rotation has attributes": build(new(ROTATION), dict_of(_quat=NUMBERS)),
    "a state is taken apart": build(new(RBF), LOOSE),
    "half of a state is taken apart": build(new(RBF), tuple_of(tuple_of(), LOOSE)),
    "a hull is closed": build(new(HULL), dict_of(close=CALLED)),
    "what a hull holds is closed": build(new(HULL), dict_of(_qhull=build(call(name("types", "SimpleNamespace")),
                                                                          dict_of(close=CALLED)))),
    "a result keeps a function": new(RESULT)[: -len(b")\x81")] + tuple_of(LOADS) + b"\x81",
    "a tuple with names keeps a function": call(
        name("copyreg", "_reconstructor"), RESULT, name("builtins", "tuple"), tuple_of(LOADS)
    ),
    "a matrix by place keeps a function": call(
        name("copyreg", "_reconstructor"), PLACES, name("builtins", "dict"), dict_of(a=LOADS)
    ),
    "a tuple is made of a class of another kind": call(
        name("copyreg", "_reconstructor"), ROTATION, name("builtins", "tuple"), tuple_of(number(1))
    ),
    "a dict is made of a class of another kind": call(
        name("copyreg", "_reconstructor"), ROTATION, name("builtins", "dict"), dict_of(a=NONE)
    ),
    "a dict of results hides a method": call(
        name("copyreg", "_reconstructor"), name("scipy.optimize._optimize", "OptimizeResult"), name("builtins", "dict"),
        dict_of(__setstate__=CALLED),
    ),
}  # fmt: skip
ORDINARY = {
    "a rotation": build(new(ROTATION), tuple_of(NUMBERS, FALSE)),
    "an interpolator": build(new(RBF), tuple_of(tuple_of(NUMBERS), tuple_of(NUMBERS))),
    "a hull": build(new(HULL), dict_of(_qhull=NONE, simplices=NUMBERS)),
    "a result": call(name("copyreg", "_reconstructor"), RESULT, name("builtins", "tuple"), tuple_of(NUMBERS)),
    "a matrix by place": build(
        call(name("copyreg", "_reconstructor"), PLACES, name("builtins", "dict"), dict_of(a=number(1))),
        dict_of(_shape=tuple_of(number(1), number(1))),
    ),
}


@pytest.mark.parametrize("made", WAYS.values(), ids=WAYS)
def test_no_state_is_asked_for_a_method(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") >= UNSAFE


@pytest.mark.parametrize("made", ORDINARY.values(), ids=ORDINARY)
def test_what_scipy_writes_is_clean(made: bytes) -> None:
    assert not rules_broken(HEAD + made + b".")
