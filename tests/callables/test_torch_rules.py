"""What PyTorch's functions may be given: storages as torch.save names them, and views that lie inside of them."""

import pytest

from hauberk.callables.judge import judge
from hauberk.callables.judgement import Tier
from hauberk.checks.model.examine import examine
from hauberk.finding import Outcome
from hauberk.formats.model.pickle.description import describe
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Text, Unknown, Use
from hauberk.view import BytesView

LOAD = Unknown("persistent_load")
ORDERED = Global("collections", "OrderedDict")
LINEAR = Global("torch.nn.modules.linear", "Linear")
SAFE = Tier.SAFE


def tuple_(*values):
    return Items("tuple", list(values), count=len(values))


def numbers(*values):
    return tuple_(*map(Number, values))


def dict_(**pairs):
    return Items("dict", [part for key, value in pairs.items() for part in (Text(key), value)], count=len(pairs))


def identity(kind="torch:FloatStorage", key="0", location="cpu", count=6, *rest):
    return tuple_(Text("storage"), Global(*kind.split(":")), Text(key), Text(location), Number(count), *rest)


def storage(count=6):
    return Made(LOAD, (identity(count=count),), Use.PERSISTENT, 0)


def hooks():
    return Made(ORDERED, (), Use.CALL, 0)


def asked(value, loader="torch"):
    return judge(Effect(Use.PERSISTENT, LOAD, (value,), 0), loader).tier


def call(name, *arguments):
    module, _, rest = name.rpartition(".")
    return judge(Effect(Use.CALL, Global(module, rest), arguments, 9), "torch").tier


def v2(storage_=None, offset=0, size=None, stride=None, hook=None):
    view = (Number(offset), size or numbers(2, 3), stride or numbers(3, 1))
    return (storage_ or storage(), *view, Number(0), hook or hooks())


def made(name, *arguments):
    module, _, rest = name.rpartition(".")
    return Made(Global(module, rest), arguments, Use.CALL, 0)


def tensor():
    return made("torch._utils._rebuild_tensor_v2", *v2())


def build(cls, **state):
    target = Made(Global(*cls.split(":")), (), Use.NEW, 0)
    target.state = dict_(**state)
    return judge(Effect(Use.BUILD, target, (target.state,), 9)).tier


class TestStorage:
    def test_is_safe_for_the_loader_that_knows_it(self):
        assert asked(identity()) is SAFE
        assert asked(identity(), loader="") is Tier.UNKNOWN

    @pytest.mark.parametrize(
        "value",
        [
            identity("torch:load"),
            identity("os:system"),
            identity("torch:MyStorage"),
            identity("torch.mine:FloatStorage"),
            identity(key="../../etc/passwd"),
            identity(key=""),
            identity(location="file:/etc/passwd"),
            identity(count=-1),
            identity(count=None),
            identity("torch:FloatStorage", "0", "cpu", 6, Text("view")),
            Items("tuple", [Text("storage")], cut=True),
            Items("list", identity().items),
            Text("storage"),
            tuple_(Text("module"), Global("mypackage", "Net"), Text("a.py"), Text("")),
        ],
    )
    def test_anything_else_is_unknown(self, value):
        assert asked(value) is Tier.UNKNOWN

    def test_old_files_name_views_and_classes_with_their_source(self):
        assert asked(identity("torch:FloatStorage", "0", "cuda:0", 6, Nothing())) is SAFE
        assert asked(identity("torch:FloatStorage", "0", "cpu", 6, tuple_(Text("1"), Number(0), Number(3)))) is SAFE
        assert asked(tuple_(Text("module"), LINEAR, Text("linear.py"), Text("class Linear"))) is SAFE

    def test_a_class_with_its_source_is_used_as_the_class(self):
        given = Made(LOAD, (tuple_(Text("module"), LINEAR, Nothing(), Nothing()),), Use.PERSISTENT, 0)
        assert judge(Effect(Use.NEW, given, (), 9), "torch").tier is SAFE
        assert judge(Effect(Use.NEW, given, (), 9)).tier is Tier.UNKNOWN
        model = Made(given, (), Use.NEW, 0)
        assert judge(Effect(Use.BUILD, model, (dict_(_modules=hooks()),), 9), "torch").tier is SAFE
        assert judge(Effect(Use.BUILD, model, (dict_(__setstate__=hooks()),), 9), "torch").tier is not SAFE


class TestTensor:
    def test_lies_in_its_storage(self):
        assert call("torch._utils._rebuild_tensor_v2", *v2()) is SAFE
        assert call("torch._utils._rebuild_tensor", *v2()[:4]) is SAFE
        assert call("torch._utils._rebuild_tensor_v2", *v2(size=numbers(0, 9), stride=numbers(9, 1))) is SAFE

    @pytest.mark.parametrize(
        "arguments",
        [
            v2(offset=1),
            v2(offset=-1),
            v2(size=numbers(10**12, 10**6)),
            v2(size=numbers(2, 4)),
            v2(stride=numbers(4, 1)),
            v2(stride=numbers(-1, 1)),
            v2(size=numbers(10**9, 10**9), stride=numbers(0, 0)),
            v2(size=numbers(2)),
            v2(size=Items("tuple", [], cut=True)),
            v2(size=Unknown("?")),
            v2(Text("storage")),
            v2(Made(Global("torch", "UntypedStorage"), (Number(10**12),), Use.CALL, 0)),
            v2(hook=Made(ORDERED, (Items("list", [LINEAR]),), Use.CALL, 0)),
            v2(hook=Made(ORDERED, (), Use.CALL, 0, changed=5)),
            v2(hook=LINEAR),
            (),
        ],
    )
    def test_is_not_made_of_anything_else(self, arguments):
        assert call("torch._utils._rebuild_tensor_v2", *arguments) is Tier.SAFE_WITH_ARGUMENTS

    def test_a_parameter_is_made_of_a_tensor(self):
        assert call("torch._utils._rebuild_parameter", tensor(), Number(1), hooks()) is SAFE
        with_state = "torch._utils._rebuild_parameter_with_state"
        assert call(with_state, tensor(), Number(1), hooks(), dict_(note=Number(1))) is SAFE
        for state in (dict_(data=tensor()), dict_(__class__=LINEAR), tuple_(dict_(), dict_()), Unknown("?")):
            assert call(with_state, tensor(), Number(1), hooks(), state) is Tier.SAFE_WITH_ARGUMENTS
        for data in (storage(), LINEAR, Made(Global("mypackage", "f"), (), Use.CALL, 0)):
            assert call("torch._utils._rebuild_parameter", data, Number(1), hooks()) is Tier.SAFE_WITH_ARGUMENTS

    def test_a_typed_tensor_calls_only_what_rebuilds_tensors(self):
        name, cls = "torch._tensor._rebuild_from_type_v2", Global("torch", "Tensor")
        rebuild = Global("torch._utils", "_rebuild_tensor_v2")
        assert call(name, rebuild, cls, tuple_(*v2()), dict_(note=Number(1))) is SAFE
        for function, kind, given in (
            (Global("os", "system"), cls, tuple_(Text("id"))),
            (Global("builtins", "getattr"), cls, tuple_(cls, Text("from_file"))),
            (rebuild, LINEAR, tuple_(*v2())),
            (rebuild, cls, tuple_(*v2(offset=9))),
        ):
            assert call(name, function, kind, given, dict_()) is Tier.SAFE_WITH_ARGUMENTS

    def test_a_tensor_of_small_integers_is_no_larger_than_its_storage(self):
        scheme = tuple_(Global("torch", "per_tensor_affine"), Number(0.1), Number(0))
        name = "torch._utils._rebuild_qtensor"
        arguments = v2()
        assert call(name, *arguments[:4], scheme, *arguments[4:]) is SAFE
        wide = v2(size=numbers(10**6, 10**6), stride=numbers(0, 0))
        assert call(name, *wide[:4], scheme, *wide[4:]) is Tier.SAFE_WITH_ARGUMENTS

    def test_a_sparse_tensor_comes_from_an_archive(self):
        layout = made("torch.serialization._get_layout", Text("torch.sparse_coo"))
        name = "torch._utils._rebuild_sparse_tensor"
        assert call(name, layout, tuple_(tensor(), tensor(), made("torch.Size", numbers(3, 3)), Number(0))) is SAFE
        loose = made("torch._utils._rebuild_tensor_v2", *v2(made("torch.storage._load_from_bytes", Blob(100, 50))))
        assert call(name, layout, tuple_(loose, loose, numbers(3, 3), Number(0))) is Tier.SAFE_WITH_ARGUMENTS


class TestPlainPickle:
    def test_the_storage_of_a_tensor_is_bytes_of_the_stream(self):
        load = "torch.storage._load_from_bytes"
        assert call(load, Blob(100, 50)) is SAFE
        latin1 = made("_codecs.encode", Text("b"), Text("latin1"))
        for given in ((latin1,), (Text("x"),), (), (Blob(1, 1), Blob(1, 1))):
            assert call(load, *given) is Tier.DANGEROUS
        loose = made(load, Blob(100, 50))
        assert call("torch._utils._rebuild_tensor_v2", *v2(loose)) is SAFE
        bomb = v2(loose, size=numbers(101), stride=numbers(1))
        assert call("torch._utils._rebuild_tensor_v2", *bomb) is Tier.SAFE_WITH_ARGUMENTS

    def test_the_storage_is_a_file_to_be_examined(self):
        inner = b"\x80\x02cos\nsystem\n(X\x02\x00\x00\x00idtR."
        outer = b"ctorch.storage\n_load_from_bytes\n(B" + len(inner).to_bytes(4, "little") + inner + b"tR."
        part = describe(BytesView(outer)).parts[0]
        view = part.open(None)
        assert (view.read_at(0, view.size), outer[part.offset :][: len(inner)]) == (inner, inner)
        assert examine(BytesView(outer), "x").report.outcome is Outcome.MALICIOUS


class TestModule:
    def test_may_have_an_empty_table_of_overloads_as_scripting_leaves_it(self):
        assert build("torch.nn.modules.linear:Linear", __overloads__=dict_()) is SAFE
        assert build("torch.nn.modules.linear:Linear", __overloads__=dict_(a=Number(1))) is Tier.SAFE_WITH_ARGUMENTS

    def test_takes_dicts_of_its_parts(self):
        assert build("torch.nn.modules.linear:Linear", _parameters=dict_(), _modules=hooks(), bias=Number(1)) is SAFE

    @pytest.mark.parametrize(
        "state",
        [
            {"_modules": Made(Global("types", "SimpleNamespace"), (), Use.CALL, 0)},
            {"_forward_hooks": LINEAR},
            {"_non_persistent_buffers_set": Made(Global("types", "SimpleNamespace"), (), Use.CALL, 0)},
            {"__setstate__": LINEAR},
            {"extend": LINEAR},
            {"head_dim": Text("a"), "num_heads": Number(10**12)},
        ],
    )
    def test_takes_nothing_else_where_methods_are_called(self, state):
        assert build("torch.nn.modules.linear:Linear", **state) is Tier.SAFE_WITH_ARGUMENTS

    @pytest.mark.parametrize(
        "state",
        [
            {"_all_weights": Items("list", [Items("list", [Number(1)])])},
            {"_flat_weights": Text("x")},
            {"num_layers": Number(10**9)},
        ],
    )
    def test_a_recurrent_one_makes_no_list_at_will(self, state):
        assert build("torch.nn.modules.rnn:LSTM", **state) is Tier.SAFE_WITH_ARGUMENTS

    def test_an_optimizer_holds_dicts(self):
        good = {"defaults": dict_(), "state": dict_(), "param_groups": Items("list", [dict_()])}
        assert build("torch.optim.adam:Adam", **good) is SAFE
        loose = Made(Global("types", "SimpleNamespace"), (), Use.CALL, 0)
        for change in ({"defaults": loose}, {"state": loose}, {"param_groups": Items("list", [loose])}):
            assert build("torch.optim.adam:Adam", **{**good, **change}) is Tier.SAFE_WITH_ARGUMENTS


class TestAttribute:
    def test_a_function_of_tensors_is_reached_by_its_name(self):
        functions = Global("torch._C", "_VariableFunctionsClass")
        assert call("builtins.getattr", functions, Text("relu")) is SAFE
        for cls, name in ((functions, "from_file"), (Global("torch", "Tensor"), "__class__"), (LINEAR, "forward")):
            assert call("builtins.getattr", cls, Text(name)) is Tier.DANGEROUS

    def test_what_is_reached_may_not_be_called(self):
        functions = Global("torch._C", "_VariableFunctionsClass")
        reached = Made(Global("builtins", "getattr"), (functions, Text("relu")), Use.CALL, 0)
        assert judge(Effect(Use.CALL, reached, (Number(1),), 9)).tier is Tier.SAFE_WITH_ARGUMENTS
