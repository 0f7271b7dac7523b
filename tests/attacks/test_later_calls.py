"""Safe names that keep a function, and call it with the stream's own arguments: while loading, or when they are used.

Each was a way once: `max` calls its `key`, and a text of one's own, a key of a dict, was exchanged for an object whose
comparison calls a method of the instance.
"""

from __future__ import annotations

import pytest

from attack_streams import (
    FALSE,
    HEAD,
    NONE,
    build,
    call,
    data,
    dict_of,
    get,
    is_passed,
    list_of,
    name,
    new,
    number,
    put,
    rules_broken,
    text,
    tuple_of,
)

BROKEN = {"pickle-unsafe-arguments", "pickle-runs-code", "pickle-deserialises"}
LOADS = name("torch.storage", "_load_from_bytes")
MAX = name("builtins", "max")
FILE = data(b"\x80\x04N.")
TRANSFORMER = name("sklearn.preprocessing._function_transformer", "FunctionTransformer")
INDEX = name("torch.distributed.checkpoint.metadata", "MetadataIndex")


def wrapped(function: bytes, *arguments: bytes, **keywords: bytes) -> bytes:
    made = call(name("functools", "partial"), function)
    return build(made, tuple_of(function, tuple_of(*arguments), dict_of(**keywords) if keywords else NONE, NONE))


def transformer(**state: bytes) -> bytes:
    return build(new(TRANSFORMER), dict_of(validate=FALSE, **state))


def swapped(first: bytes, second: bytes, other: bytes) -> bytes:
    """A key of a dict that is given another state, and a key that is compared with it."""
    held = first + put(9) + b"0"
    return held + b"}" + get(9) + NONE + b"s" + get(9) + second + b"b0" + other + NONE + b"s"


CALLED = wrapped(MAX, FILE, FILE, key=LOADS)
COMPARED = build(
    new(name("scipy.sparse._coo", "coo_matrix")),
    dict_of(tocsr=wrapped(name("sklearn.metrics._scorer", "get_scorer"), text("called")), coords=b")"),
)
PLACE = dict_of(fqn=text("a"), offset=NONE, index=NONE)
WAYS = {
    "max calls its key": CALLED,
    "a transformer calls max with a key": transformer(func=MAX, kw_args=dict_of(key=LOADS)),
    "a transformer loads what it is given": transformer(func=LOADS),
    "a transformer imports what it is given": transformer(func=name("numpy.core", "_ufunc_reconstruct")),
    "an argument is called by what is wrapped": wrapped(
        name("sklearn.metrics.pairwise", "_parallel_pairwise"),
        text("posix"),
        text("system"),
        name("numpy.core", "_ufunc_reconstruct"),
        number(1),
    ),
    "an ordered dict keeps the key": call(name("collections", "OrderedDict"), list_of(list_of(text("key"), LOADS))),
    "a dict that answers attributes keeps the key": new(name("sklearn.utils._bunch", "Bunch"))
    + text("key")
    + LOADS
    + b"s",
    "a transformer is given such a dict": transformer(
        func=MAX, kw_args=new(name("sklearn.utils._bunch", "Bunch")) + text("key") + LOADS + b"s"
    ),
    "a dict is filled after it was kept": transformer(func=MAX, kw_args=b"}" + put(8))
    + get(8)
    + text("key")
    + LOADS
    + b"s0",
    "a text that becomes an object is compared": swapped(
        build(new(name("collections", "UserString")), dict_of(data=number(5))), dict_of(data=COMPARED), number(5)
    ),
    "a place that becomes an object is compared": swapped(
        build(new(INDEX), PLACE), dict_of(fqn=COMPARED), build(new(INDEX), PLACE)
    ),
}


@pytest.mark.parametrize("made", WAYS.values(), ids=WAYS)
def test_no_function_waits_for_arguments_of_the_stream(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") & BROKEN
    assert not is_passed(HEAD + made + b".")


def test_functions_of_values_alone_may_wait() -> None:
    assert is_passed(HEAD + transformer(func=name("numpy", "log1p")) + b".")
    assert is_passed(HEAD + wrapped(name("builtins", "float"), number(1)) + b".")
    assert is_passed(HEAD + build(new(name("collections", "UserString")), dict_of(data=text("a"))) + b".")
    assert is_passed(HEAD + build(new(INDEX), PLACE) + b".")
