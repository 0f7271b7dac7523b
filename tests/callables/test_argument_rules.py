"""What safe names may be given. Each refusal is a way in which a stream of safe names could do harm."""

import pytest

from hauberk.callables.judge import judge
from hauberk.callables.judgement import Tier
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Text, Unknown, Use

ESTIMATOR = Global("sklearn.linear_model._base", "LinearRegression")
NDARRAY, OBJECT = Global("numpy", "ndarray"), Global("builtins", "object")
LAYER_NORM = Global("torch.nn.modules.normalization", "LayerNorm")
LATIN1 = Made(Global("_codecs", "encode"), (Text("b"), Text("latin1")), Use.CALL, 0)
SAFE, UNSAFE = Tier.SAFE, Tier.SAFE_WITH_ARGUMENTS


def glob(name):
    module, _, rest = name.rpartition(".")
    return Global(module, rest)


def items(kind, *values, **extra):
    return Items(kind, list(values), **{"count": len(values), **extra})


def tuple_(*values):
    return items("tuple", *values)


def numbers(*values):
    return tuple_(*(Number(value) for value in values))


def dict_(**pairs):
    return items("dict", *(part for key, value in pairs.items() for part in (Text(key), value)))


def call(name, *arguments):
    return judge(Effect(Use.CALL, glob(name), arguments, 100)).tier


def build(made, state):
    made.state = state
    return judge(Effect(Use.BUILD, made, (state,), 100)).tier


def new(name):
    return Made(glob(name), (), Use.NEW, 0)


def dtype(code, *state, offset=50):
    made = Made(Global("numpy", "dtype"), (Text(code), Number(value=False), Number(value=True)), Use.CALL, 0)
    if state:
        made.state, made.changed = tuple_(*state), offset
    return made


def structure(flags, *fields, size=8, code="V8"):
    names = tuple_(*(Text(name) for name, _, _ in fields))
    table = items("dict", *(part for name, kind, at in fields for part in (Text(name), tuple_(kind, Number(at)))))
    state = (Number(3), Text("|"), Nothing(), names, table, Number(size), Number(1), Number(flags))
    return dtype(code, *state)


def plain(code="f8", flags=0):
    return dtype(code, *simple(flags))


def simple(flags=0, size=-1):
    return Number(3), Text("<"), Nothing(), Nothing(), Nothing(), Number(size), Number(4), Number(flags)


def array():
    return Made(glob("numpy._core.multiarray._reconstruct"), (NDARRAY, numbers(0), Blob(1, 0)), Use.CALL, 0)


class TestState:
    @pytest.mark.parametrize(
        "key",
        [
            "__setstate__",
            "__class__",
            "__dict__",
            "__array_interface__",
            "__array__",
            "__reduce__",
            "append",
            "extend",
            "add",
        ],
    )
    def test_no_attribute_may_be_one_that_is_called(self, key):
        assert build(new(str(ESTIMATOR)), dict_(**{key: Nothing()})) is UNSAFE

    @pytest.mark.parametrize(
        "key",
        [Number(1), Text("a", cut=True), LATIN1, Unknown("text with lone surrogates"), Made(OBJECT, (), Use.CALL, 0)],
    )
    def test_no_key_may_be_hidden(self, key):
        assert build(new(str(ESTIMATOR)), items("dict", key, Nothing())) is UNSAFE

    @pytest.mark.parametrize(
        "state",
        [
            items("dict", cut=True),
            items("list"),
            Text("x"),
            Unknown("?"),
            Made(glob("collections.OrderedDict"), (), Use.CALL, 0),
            Made(glob("sklearn.utils._bunch.Bunch"), (), Use.NEW, 0),
        ],
    )
    def test_a_state_must_be_a_dict_that_can_be_seen(self, state):
        assert build(new(str(ESTIMATOR)), state) is UNSAFE

    def test_a_version_is_text(self):
        assert build(new(str(ESTIMATOR)), dict_(_sklearn_version=Text("1.7.0"))) is SAFE
        assert build(new(str(ESTIMATOR)), dict_(_sklearn_version=new(str(ESTIMATOR)))) is UNSAFE

    def test_a_pair_of_states_would_run_the_setters_of_properties(self):
        assert build(new(str(ESTIMATOR)), tuple_(Nothing(), dict_(depth=Number(3)))) is UNSAFE
        assert build(new(str(ESTIMATOR)), tuple_(dict_(depth=Number(3)), Nothing())) is UNSAFE


class TestPython:
    def test_bytes_of_old_protocols(self):
        assert call("_codecs.encode", Text("x", cut=True), Text("latin1")) is SAFE

    @pytest.mark.parametrize("codec", ["Latin1", "latin-1", "utf-8", "zip", "rot13"])
    def test_no_other_codec(self, codec):
        assert call("_codecs.encode", Text("x"), Text(codec)) is Tier.DANGEROUS

    def test_empty_instances_of_old_protocols(self):
        assert call("copyreg._reconstructor", ESTIMATOR, OBJECT, Nothing()) is SAFE

    @pytest.mark.parametrize(
        "arguments",
        [
            (glob("os.stat_result"), OBJECT, Nothing()),
            (glob("mypackage.Net"), OBJECT, Nothing()),
            (ESTIMATOR, glob("subprocess.Popen"), Text("id")),
            (ESTIMATOR, glob("builtins.dict"), dict_(a=Nothing())),
            (glob("sklearn.utils._bunch.Bunch"), glob("builtins.dict"), dict_(extend=Nothing())),
            (ESTIMATOR, OBJECT),
            (),
        ],
    )
    def test_no_other_class_or_base(self, arguments):
        assert call("copyreg._reconstructor", *arguments) is UNSAFE

    @pytest.mark.parametrize(
        "arguments", [(), (glob("mypackage.Net"),), (ESTIMATOR, Text("x")), (glob("numpy.log1p"),)]
    )
    def test_newobj_only_of_known_classes(self, arguments):
        assert call("copyreg.__newobj__", *arguments) is UNSAFE

    def test_partial_of_a_plain_function(self):
        assert call("functools.partial", glob("numpy.log1p")) is SAFE
        whole = tuple_(glob("numpy.log1p"), tuple_(), dict_(), Nothing())
        assert build(Made(glob("functools.partial"), (glob("numpy.log1p"),), Use.CALL, 0), whole) is SAFE

    def test_partial_of_a_layer_that_normalises(self):
        made = Made(glob("functools.partial"), (LAYER_NORM,), Use.CALL, 0)
        assert call("functools.partial", LAYER_NORM) is SAFE
        assert build(made, tuple_(LAYER_NORM, tuple_(), dict_(eps=Number(1e-6)), Nothing())) is SAFE

    @pytest.mark.parametrize(
        "function",
        [
            "os.system",
            "mypackage.f",
            "functools.partial",
            "numpy._core.multiarray.scalar",
            "copyreg._reconstructor",
            "torch.nn.modules.linear.Linear",
            "torch.nn.modules.normalization.Net",
        ],
    )
    def test_no_partial_of_what_is_not_plain(self, function):
        assert call("functools.partial", glob(function)) is UNSAFE
        made = Made(glob("functools.partial"), (glob("numpy.log1p"),), Use.CALL, 0)
        assert build(made, tuple_(glob(function), tuple_(), dict_(), Nothing())) is UNSAFE

    def test_no_partial_with_attributes_that_are_called(self):
        made = Made(glob("functools.partial"), (glob("numpy.log1p"),), Use.CALL, 0)
        assert build(made, tuple_(glob("numpy.log1p"), tuple_(), dict_(), dict_(__setstate__=OBJECT))) is UNSAFE

    @pytest.mark.parametrize("factory", ["builtins.list", "builtins.int", "collections.OrderedDict"])
    def test_a_default_of_a_built_in_type(self, factory):
        assert call("collections.defaultdict", glob(factory)) is SAFE

    @pytest.mark.parametrize("factory", [glob("os.getcwd"), glob("numpy.log1p"), new("functools.partial"), Text("x")])
    def test_no_other_default(self, factory):
        assert call("collections.defaultdict", factory) is UNSAFE

    @pytest.mark.parametrize("name", ["bytearray", "bytes", "set", "frozenset"])
    def test_no_container_by_its_size(self, name):
        assert call(f"builtins.{name}", Number(10**12)) is UNSAFE

    @pytest.mark.parametrize("made", [new("mypackage.Endless"), new(str(ESTIMATOR)), Unknown("?")])
    def test_no_container_by_the_iterator_of_an_object(self, made):
        assert call("builtins.set", made) is UNSAFE
        assert call("collections.deque", made) is UNSAFE

    @pytest.mark.parametrize("text", ["1e999999999", "0x10", "1/0x", "1" * 5000, "\u0661"])
    def test_no_fraction_that_would_be_written_out(self, text):
        assert call("fractions.Fraction", Text(text)) is UNSAFE

    def test_no_pattern_of_any_length(self):
        assert call("re._compile", Text("a+"), Number(32)) is SAFE
        assert call("re._compile", Text("a" * 5000), Number(32)) is UNSAFE
        assert call("re._compile", Text("a", cut=True), Number(32)) is UNSAFE
        assert call("re._compile", Text("a"), Number(128)) is UNSAFE

    def test_no_uuid_with_more_than_a_number(self):
        made = new("uuid.UUID")
        assert build(made, dict_(int=Number(5))) is SAFE
        assert build(made, dict_(int=new(str(ESTIMATOR)))) is UNSAFE
        assert build(made, dict_(bytes=Number(5))) is UNSAFE


class TestDataTypes:
    @pytest.mark.parametrize("code", ["f8", "O8", "U10", "V16", "M8"])
    def test_a_code_with_a_copy(self, code):
        assert call("numpy.dtype", Text(code), Number(value=False), Number(value=True)) is SAFE

    @pytest.mark.parametrize(
        "arguments",
        [
            (Text("i4,O"), Number(value=False), Number(value=True)),
            (Text("f8"), Number(value=False), Number(value=False)),
            (Text("f8"),),
            (glob("mypackage.Type"), Number(value=False), Number(value=True)),
            (items("list"), Number(value=False), Number(value=True)),
        ],
    )
    def test_nothing_else(self, arguments):
        assert call("numpy.dtype", *arguments) is UNSAFE

    def test_a_state_that_agrees(self):
        assert build(dtype("f8"), tuple_(*simple())) is SAFE
        assert build(dtype("O8"), tuple_(*simple(63))) is SAFE
        assert build(dtype("U10"), tuple_(*simple(8, 40))) is SAFE
        kind = structure(16, ("a", plain("i4"), 0), ("b", plain("i4"), 4))
        assert build(kind, kind.state) is SAFE
        kind = structure(27, ("a", plain("O8", 63), 0))
        assert build(kind, kind.state) is SAFE

    @pytest.mark.parametrize(
        "kind",
        [
            dtype("O8", *simple(0)),
            dtype("f8", *simple(63)),
            dtype("U10", *simple(8, 4)),
            dtype("S3", *simple(0, 300)),
            dtype("f8", *simple()[:5]),
            structure(16, ("a", plain("O8", 63), 0)),
            structure(27, ("a", plain("i8"), 0)),
            structure(16, ("a", plain("i8"), 4)),
            structure(16, ("a", plain("i8"), -1)),
            structure(16, ("a", plain("S300"), 0)),
            structure(16, ("a", plain("i8"), 0), size=800),
            structure(16, ("a", structure(27, ("b", plain("O8", 63), 0)), 0)),
            structure(16, ("a", new("mypackage.Type"), 0)),
            structure(16, ("a", plain("i8"), 0), code="f8"),
            structure(32, ("a", plain("i8"), 0)),
            structure(0, ("a", plain("i8"), 0)),
        ],
        ids=range(16),
    )
    def test_no_state_that_does_not(self, kind):
        assert build(kind, kind.state) is UNSAFE

    def test_no_number_over_a_pointer(self):
        objects = plain("O8", 63)
        kind = structure(27, ("a", objects, 0), ("b", plain("i8"), 0))
        assert build(kind, kind.state) is UNSAFE
        kind = structure(27, ("a", objects, 0), ("b", plain("i8"), 8), size=16, code="V16")
        assert build(kind, kind.state) is SAFE

    def test_numbers_may_share_bytes(self):
        kind = structure(16, ("a", plain("i8"), 0), ("b", plain("i4"), 4))
        assert build(kind, kind.state) is SAFE

    @pytest.mark.parametrize("unit", [(), (Nothing(),), (tuple_(Nothing(), tuple_(Blob(2, 0), Number(1))),)])
    def test_no_time_without_a_unit(self, unit):
        version = Number(4 if unit else 3)
        kind = dtype("M8", version, *simple()[1:], *unit)
        assert build(kind, kind.state) is UNSAFE

    def test_a_time_with_a_unit(self):
        unit = tuple_(Nothing(), tuple_(Blob(2, 0), Number(1), Number(1), Number(1)))
        kind = dtype("M8", Number(4), *simple()[1:], unit)
        assert build(kind, kind.state) is SAFE

    def test_no_field_that_is_changed_after_it_was_used(self):
        kind = structure(16, ("a", plain("i8"), 0))
        kind.state.items[4].items[1].items[0].changed = 200
        assert build(kind, kind.state) is UNSAFE
        kind = structure(16, ("a", plain("i8"), 0))
        kind.state.items[4].changed = 200
        assert build(kind, kind.state) is UNSAFE

    def test_no_second_state(self):
        kind = dtype("f8", *simple())
        kind.state = Unknown("a state that was given twice")
        assert judge(Effect(Use.BUILD, kind, (tuple_(*simple()),), 100)).tier is UNSAFE

    def test_types_in_types_do_not_multiply(self):
        kind = plain("i8")
        for _ in range(100):
            kind = structure(16, *[(str(number), kind, 0) for number in range(100)])
        assert build(kind, kind.state) is SAFE


class TestArrays:
    def test_bytes_of_numbers_and_lists_of_objects(self):
        assert build(array(), tuple_(Number(1), numbers(1), plain(), Number(value=False), Blob(8, 0))) is SAFE
        objects = tuple_(
            Number(1), numbers(2, 1), plain("O8", 63), Number(value=False), items("list", Text("a"), Nothing())
        )
        assert build(array(), objects) is SAFE

    @pytest.mark.parametrize(
        "contents",
        [
            items("list", Nothing()),
            items("list", *[Nothing()] * 3),
            items("list", count=-1),
            items("list", Nothing(), Nothing(), changed=200),
            Blob(16, 0),
            tuple_(Nothing(), Nothing()),
        ],
    )
    def test_no_list_that_is_not_as_long_as_the_shape(self, contents):
        state = tuple_(Number(1), numbers(2), plain("O8", 63), Number(value=False), contents)
        assert build(array(), state) is UNSAFE

    @pytest.mark.parametrize(
        "shape", [numbers(-1), items("list", Number(1)), numbers(1.5), numbers(*[1] * 65), Number(3)]
    )
    def test_no_odd_shape(self, shape):
        assert build(array(), tuple_(Number(1), shape, plain(), Number(value=False), Blob(8, 0))) is UNSAFE

    def test_no_type_that_changes_after_it_was_used(self):
        kind = plain()
        kind.changed = 200
        assert build(array(), tuple_(Number(1), numbers(1), kind, Number(value=False), Blob(8, 0))) is UNSAFE

    @pytest.mark.parametrize(
        "arguments",
        [
            (glob("mypackage.Array"), numbers(0), Blob(1, 0)),
            (NDARRAY, numbers(10**12), Blob(1, 0)),
            (NDARRAY, numbers(0, 0), Blob(1, 0)),
            (glob("numpy.memmap"), numbers(0), Blob(1, 0)),
        ],
    )
    def test_only_empty_arrays_are_reconstructed(self, arguments):
        assert call("numpy._core.multiarray._reconstruct", *arguments) is UNSAFE

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            (plain("O8", 63), Blob(8, 0)),
            (plain(), Text("x")),
            (new("mypackage.T"), Blob(8, 0)),
            (Text("f8"), Blob(8, 0)),
        ],
    )
    def test_no_scalar_of_objects(self, kind, data):
        assert call("numpy._core.multiarray.scalar", kind, data) is UNSAFE
        assert call("numpy._core.numeric._frombuffer", data, kind, numbers(1), Text("C")) is UNSAFE

    def test_no_array_function_by_any_name(self):
        assert call("numpy.core._ufunc_reconstruct", Text("numpy"), Text("log1p")) is SAFE
        assert call("numpy.core._ufunc_reconstruct", Text("os"), Text("system")) is UNSAFE
        assert call("numpy.core._ufunc_reconstruct", Text("numpy"), Text("ndarray")) is UNSAFE


class TestRandom:
    CTOR = "numpy.random._pickle.__generator_ctor"
    BITS = glob("numpy.random._pickle.__bit_generator_ctor")

    def test_the_generators_of_numpy(self):
        made = Made(self.BITS, (glob("numpy.random._pcg64.PCG64"),), Use.CALL, 0)
        assert call(self.CTOR, made) is SAFE
        assert call(self.CTOR, Text("MT19937"), self.BITS) is SAFE

    @pytest.mark.parametrize("second", [glob("os.system"), glob("builtins.set"), new("functools.partial")])
    def test_no_constructor_of_choice(self, second):
        assert call(self.CTOR, Text("id"), second) is UNSAFE

    @pytest.mark.parametrize("first", [glob("mypackage.Generator"), new("mypackage.Generator"), glob("numpy.ndarray")])
    def test_no_generator_of_choice(self, first):
        assert call(self.CTOR, first) is UNSAFE
        assert call(str(self.BITS), first) is UNSAFE


class TestScikitLearn:
    def test_a_wrapper_as_joblib_writes_it(self):
        assert build(new("joblib.numpy_pickle.NumpyArrayWrapper"), self.wrapper()) is SAFE

    @pytest.mark.parametrize(
        "change",
        [
            {"subclass": glob("mypackage.Array")},
            {"shape": Number(3)},
            {"dtype": new("sklearn.utils._bunch.Bunch")},
            {"read": glob("builtins.set")},
            {"order": ESTIMATOR},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_no_other_wrapper(self, change):
        assert build(new("joblib.numpy_pickle.NumpyArrayWrapper"), self.wrapper(**change)) is UNSAFE

    def test_no_second_value_behind_a_good_one(self):
        state = self.wrapper()
        state.items += [Text("subclass"), glob("mypackage.Array")]
        assert build(new("joblib.numpy_pickle.NumpyArrayWrapper"), state) is UNSAFE

    def test_no_method_of_a_class_that_calls_its_own(self):
        made = new("sklearn.isotonic.IsotonicRegression")
        assert build(made, dict_(_build_f=OBJECT)) is UNSAFE
        assert build(made, dict_(X_thresholds_=new("mypackage.X"))) is UNSAFE
        assert build(made, dict_(X_thresholds_=array(), y_thresholds_=array())) is SAFE

    def test_no_nodes_with_methods_of_their_own(self):
        made = new("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor")
        assert build(made, dict_(nodes=new(str(ESTIMATOR)))) is UNSAFE
        assert build(made, dict_(nodes=array())) is SAFE

    @pytest.mark.parametrize("key", [Text("extend"), Text("__array_interface__"), Number(1), LATIN1])
    def test_no_item_of_a_bunch_that_would_hide_a_method(self, key):
        bunch = new("sklearn.utils._bunch.Bunch")
        assert judge(Effect(Use.EXTEND, bunch, (Text("data"), array()), 0)).tier is SAFE
        assert judge(Effect(Use.EXTEND, bunch, (Text("data"), array(), key, OBJECT), 0)).tier is UNSAFE

    def made(self, module, cls):
        return Made(Global(module, "newObj"), (Global(module, cls),), Use.CALL, 0)

    def test_a_metric_is_set_with_its_whole_state(self):
        metric = self.made("sklearn.metrics._dist_metrics", "EuclideanDistance64")
        assert build(metric, tuple_(Number(2.0), array(), array())) is SAFE

    def test_no_state_is_shorter_than_the_class(self):
        metric = self.made("sklearn.metrics._dist_metrics", "EuclideanDistance64")
        tree = self.made("sklearn.neighbors._kd_tree", "KDTree")
        whole = [*[array()] * 4, *[Number(1)] * 7, metric, Nothing()]
        assert build(tree, tuple_(*whole)) is SAFE
        for length in range(len(whole)):
            assert build(tree, tuple_(*whole[:length])) is UNSAFE
            assert build(metric, tuple_(*[array()] * length)) is UNSAFE

    @pytest.mark.parametrize("cls", ["subprocess.Popen", "mypackage.Net", "numpy.log1p"])
    def test_no_instance_of_choice(self, cls):
        assert call("sklearn.neighbors._kd_tree.newObj", glob(cls)) is UNSAFE

    @staticmethod
    def wrapper(**change):
        state = {
            "subclass": NDARRAY,
            "shape": numbers(3),
            "order": Text("C"),
            "dtype": plain(),
            "allow_mmap": Number(value=True),
            "numpy_array_alignment_bytes": Number(16),
        }
        return dict_(**{**state, **change})


class TestRecordsWithAMask:
    MAKE = "numpy.ma.core._mareconstruct"

    @pytest.mark.parametrize("name", ["numpy.ma.core.mvoid", "numpy.ma.MaskedArray"])
    def test_are_made_empty(self, name):
        assert call(self.MAKE, glob(name), NDARRAY, numbers(0), Text("b")) is SAFE

    @pytest.mark.parametrize("name", ["mypackage.mvoid", "numpy.memmap", "numpy.ma.core.MaskedConstant"])
    def test_of_no_other_class(self, name):
        assert call(self.MAKE, glob(name), NDARRAY, numbers(0), Text("b")) is UNSAFE


def test_no_function_that_makes_as_many_numbers_as_it_is_told():
    for name in ("zeros", "ones", "full", "arange", "linspace", "eye", "zeros_like", "tile", "repeat", "pad"):
        assert judge(Effect(Use.IMPORT, Global("numpy", name), (), 9)).tier is Tier.UNKNOWN, name
