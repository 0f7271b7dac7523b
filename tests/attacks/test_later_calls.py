"""Safe names that keep a function, and call it with the stream's own arguments: while loading, or when they are used.

Each was a way once: `max` calls its `key`, and a text of one's own, a key of a dict, was exchanged for an object whose
comparison calls a method of the instance.
"""

from __future__ import annotations

import pickle

import pytest

from attack_streams import (
    FALSE,
    HEAD,
    NDARRAY,
    NONE,
    TRUE,
    array,
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
    objects_dtype,
    plain_dtype,
    put,
    rules_broken,
    text,
    tuple_of,
    wrapper_state,
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


def sequence(*parts: bytes) -> bytes:
    """A module that gives its input to one part after the other; whatever lies there is called."""
    empty = dict.fromkeys(("_parameters", "_buffers", "_forward_hooks", "_forward_pre_hooks"), b"}")
    modules = b"}(" + b"".join(text(str(place)) + part for place, part in enumerate(parts)) + b"u"
    state = dict_of(training=FALSE, **empty, _modules=modules)
    return build(new(name("torch.nn.modules.container", "Sequential")), state)


def constant(value: bytes) -> tuple[bytes, bytes]:
    """Two functions of values alone, which turn any input into a constant."""
    picked = call(name("operator", "itemgetter"), number(0))
    return wrapped(name("numpy", "where"), TRUE, array((1,), objects_dtype(), list_of(value))), picked


def old_file(value: bytes) -> bytes:
    """A file of `torch.save` from before the zip: three pickles, the value, and the list of its storages."""
    facts = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    head = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, facts))
    return head + b"\x80\x02" + value + b"." + pickle.dumps([], 2)


CALLED = wrapped(MAX, FILE, FILE, key=LOADS)
COMPARED = build(
    new(name("scipy.sparse._coo", "coo_matrix")),
    dict_of(tocsr=wrapped(name("sklearn.metrics._scorer", "get_scorer"), text("called")), coords=b")"),
)
PLACE = dict_of(fqn=text("a"), offset=NONE, index=NONE)
PARSED = """
def _parse_args(self, a,  loc=0, scale=1):
    return (a, ), loc, scale

def _parse_args_rvs(self, a,  loc=0, scale=1, size=None):
    return self._argcheck_rvs(a,  loc, scale, size=size)

def _parse_args_stats(self, a,  loc=0, scale=1, moments='mv'):
    return (a, ), loc, scale, moments
"""
VECTORIZER = name("sklearn.feature_extraction.text", "CountVectorizer")
DETECTION = name("ultralytics.nn.tasks", "DetectionModel")
FILENAME = "filename".encode("utf-32-le")
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
    "a distribution keeps a function": build(
        new(name("scipy.stats._continuous_distns", "gamma_gen")),
        dict_of(vecentropy=LOADS, _parse_arg_template=text(PARSED)),
    ),
    "a function for each item is another one": build(
        new(name("numpy", "vectorize")), dict_of(pyfunc=name("numpy", "log1p"), _ufunc=dict_of(a=LOADS))
    ),
    "an array of objects keeps a function": array((1,), objects_dtype(), list_of(LOADS)),
    "the part of a sequence that large containers do not show": sequence(
        *[new(name("torch.nn.modules.linear", "Identity"))] * 256, *constant(FILE), LOADS
    ),
    "a class maps a file, which it makes or writes over": transformer(
        func=name("numpy", "memmap"), kw_args=dict_of(mode=text("w+"), shape=tuple_of(number(4)))
    ),
    "a class reads a model from a file": transformer(
        func=name("lightgbm.basic", "Booster"), kw_args=dict_of(model_file=text("/etc/passwd"))
    ),
    "a class reads settings from a file": transformer(
        func=name("transformers.tokenization_utils_tokenizers", "TokenizersBackend"),
        kw_args=dict_of(tokenizer_file=text("/etc/passwd")),
    ),
    "a text that becomes an object is compared": swapped(
        build(new(name("collections", "UserString")), dict_of(data=number(5))), dict_of(data=COMPARED), number(5)
    ),
    "a place that becomes an object is compared": swapped(
        build(new(INDEX), PLACE), dict_of(fqn=COMPARED), build(new(INDEX), PLACE)
    ),
}

SETTINGS = {
    "a vectorizer opens what it is given": (VECTORIZER, dict_of(input=text("filename"))),
    "a vectorizer opens what it is given, told by a text of NumPy": (
        VECTORIZER,
        dict_of(input=call(name("numpy._core.multiarray", "scalar"), plain_dtype("U8", "<", 32, 4, 8), data(FILENAME))),
    ),
    "a pipeline keeps pickles in a folder, and loads them": (
        name("sklearn.pipeline", "Pipeline"),
        dict_of(memory=text("/tmp/folder")),
    ),
    "a notebook shows what an instance gives it": (
        name("argparse", "Namespace"),
        dict_of(_repr_html_=wrapped(name("builtins", "str.strip"), text("<script>"))),
    ),
    "a notebook runs what an instance gives it": (
        name("argparse", "Namespace"),
        dict_of(_repr_javascript_=wrapped(name("builtins", "str.strip"), text("alert(1)"))),
    ),
}
PLANS = {
    "an activation is evaluated": dict_of(activation=text("__import__('os').system('id')")),
    "a layer is a function that loads": dict_of(
        backbone=list_of(list_of(number(-1), number(1), text("torch_safe_load"), list_of(text("http://a/b.pt"))))
    ),
    "a plan that cannot be seen": call(name("collections", "OrderedDict")),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_plan_of_a_model_runs_code_when_it_is_built_again(plan: bytes) -> None:
    state = dict_of(training=FALSE, _modules=b"}", yaml=plan)
    assert rules_broken(HEAD + build(new(DETECTION), state) + b".") == {"pickle-unsafe-arguments"}


@pytest.mark.parametrize("layer", ["nn.Upsample", "v10Detect"])
def test_a_plan_of_layers_passes(layer: str) -> None:
    layers = list_of(list_of(number(-1), number(1), text(layer), list_of(NONE, number(2), text("nearest"))))
    plan = dict_of(nc=number(80), activation=text("nn.LeakyReLU(0.1, inplace=True)"), head=layers)
    assert is_passed(HEAD + build(new(DETECTION), dict_of(training=FALSE, _modules=b"}", yaml=plan)) + b".")


@pytest.mark.parametrize(("cls", "state"), SETTINGS.values(), ids=SETTINGS)
def test_no_setting_opens_files_or_shows_what_the_stream_brings(cls: bytes, state: bytes) -> None:
    assert rules_broken(HEAD + build(new(cls), state) + b".") == {"pickle-unsafe-arguments"}


def test_ordinary_settings_of_the_same_names_pass() -> None:
    assert is_passed(HEAD + build(new(VECTORIZER), dict_of(input=text("content"))) + b".")
    assert is_passed(HEAD + build(new(name("sklearn.pipeline", "Pipeline")), dict_of(memory=NONE)) + b".")


@pytest.mark.parametrize("made", WAYS.values(), ids=WAYS)
def test_no_function_waits_for_arguments_of_the_stream(made: bytes) -> None:
    assert rules_broken(HEAD + made + b".") & BROKEN
    assert not is_passed(HEAD + made + b".")


def test_a_function_in_a_dict_whose_items_are_forgotten_is_told() -> None:
    hidden = b"}" + put(7) + text("0") + LOADS + b"s0"
    flood = b"NN\x860" * 400_000  # so many containers that the first one's items are not kept
    module = build(new(name("torch.nn.modules.container", "Sequential")), dict_of(training=FALSE, _modules=get(7)))
    assert rules_broken(HEAD + hidden + flood + module + b".") == {"pickle-unsafe-arguments"}


@pytest.mark.parametrize("function", [LOADS, name("numpy", "memmap")])
def test_no_function_comes_from_the_loader_of_an_old_file(function: bytes) -> None:
    asked = tuple_of(text("module"), function, NONE, NONE) + b"Q"
    assert not is_passed(old_file(transformer(func=asked)))


def test_a_class_comes_from_the_loader_of_an_old_file() -> None:
    asked = tuple_of(text("module"), name("torch.nn.modules.linear", "Identity"), NONE, NONE) + b"Q"
    assert is_passed(old_file(asked))


def test_an_old_wrapper_of_a_mapped_array_is_what_joblib_writes() -> None:
    wrapper = new(name("joblib.numpy_pickle", "NumpyArrayWrapper"))
    state = wrapper_state(1).replace(NDARRAY, name("numpy", "memmap"))
    assert is_passed(HEAD + build(wrapper, state) + bytes(1) + b".")


def test_functions_of_values_alone_may_wait() -> None:
    assert is_passed(HEAD + transformer(func=name("numpy", "log1p")) + b".")
    assert is_passed(HEAD + wrapped(name("builtins", "float"), number(1)) + b".")
    assert is_passed(HEAD + build(new(name("collections", "UserString")), dict_of(data=text("a"))) + b".")
    assert is_passed(HEAD + build(new(INDEX), PLACE) + b".")
