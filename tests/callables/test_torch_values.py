"""What PyTorch's files may hold beside tensors and modules: layers to be made, generators, sequences, hooks."""

import pytest

from hauberk.callables.judge import judge
from hauberk.callables.judgement import Tier
from hauberk.checks.model.examine import examine
from hauberk.finding import Outcome
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Text, Unknown, Use
from hauberk.view import BytesView

SAFE, UNSAFE = Tier.SAFE, Tier.SAFE_WITH_ARGUMENTS
LOAD = Unknown("persistent_load")
NORM = Global("torch.nn.modules.normalization", "LayerNorm")
PARTIAL = Global("functools", "partial")
LOOSE = Made(Global("types", "SimpleNamespace"), (), Use.CALL, 0)


def glob(name):
    return Global(*name.rsplit(".", 1))


def tuple_(*values):
    return Items("tuple", list(values), count=len(values))


def dict_(**pairs):
    return Items("dict", [part for key, value in pairs.items() for part in (Text(key), value)], count=len(pairs))


def call(name, *arguments, use=Use.CALL):
    return judge(Effect(use, glob(name), arguments, 9), "torch").tier


def build(made, state):
    return judge(Effect(Use.BUILD, made, (state,), 9), "torch").tier


def tensor():
    identity = tuple_(Text("storage"), Global("torch", "FloatStorage"), Text("0"), Text("cpu"), Number(6))
    storage = Made(LOAD, (identity,), Use.PERSISTENT, 0)
    hooks = Made(Global("collections", "OrderedDict"), (), Use.CALL, 0)
    view = (storage, Number(0), tuple_(Number(6)), tuple_(Number(1)), Number(0), hooks)
    return Made(Global("torch._utils", "_rebuild_tensor_v2"), view, Use.CALL, 0)


def partial(function=NORM, given=(), keywords=None, namespace=None):
    made = Made(PARTIAL, (NORM,), Use.CALL, 0)
    return build(made, tuple_(function, tuple_(*given), keywords or dict_(), namespace or Nothing()))


class TestPartialOfALayer:
    def test_with_constants_by_name(self):
        assert call("functools.partial", NORM) is SAFE
        assert partial(keywords=dict_(eps=Number(1e-6), affine=Number(True))) is SAFE

    def test_by_the_persistent_id_of_an_old_file(self):
        layer = Made(LOAD, (tuple_(Text("module"), NORM, Nothing(), Nothing()),), Use.PERSISTENT, 0)
        assert call("functools.partial", layer) is SAFE
        assert partial(layer, keywords=dict_(eps=Number(1e-6))) is SAFE

    @pytest.mark.parametrize("value", [LOOSE, glob("os.system"), glob("numpy.log1p"), Blob(3, b"abc"), tuple_(LOOSE)])
    def test_with_nothing_but_constants(self, value):
        assert partial(given=[value]) is UNSAFE
        assert partial(keywords=dict_(eps=value)) is UNSAFE

    def test_not_with_attributes_that_are_called(self):
        assert partial(namespace=dict_(__setstate__=LOOSE)) is UNSAFE
        assert partial(keywords=Unknown("made elsewhere")) is UNSAFE

    @pytest.mark.parametrize(
        "name",
        [
            "torch.nn.modules.rnn.LSTM",  # would make as many weights as it is told
            "torchvision.models.resnet.ResNet",  # no layer of torch.nn
            "torch.optim.adam.Adam",
            "torch.storage._load_from_bytes",
            "torch._utils._rebuild_tensor_v2",
        ],
    )
    def test_of_a_layer_only(self, name):
        assert call("functools.partial", glob(name)) is UNSAFE
        assert partial(glob(name)) is UNSAFE

    def test_of_no_storage_that_is_asked_for(self):
        asked = Made(LOAD, (tuple_(Text("module"), glob("os.system"), Nothing(), Nothing()),), Use.PERSISTENT, 0)
        assert call("functools.partial", asked) is UNSAFE


class TestGenerator:
    MADE = Made(glob("torch._C.Generator"), (), Use.CALL, 0)

    def test_of_a_device_with_its_state(self):
        device = Made(glob("torch.device"), (Text("cpu"),), Use.CALL, 0)
        assert call("torch._C.Generator", device) is SAFE
        assert build(self.MADE, tuple_(Number(1), Nothing(), tensor())) is SAFE

    @pytest.mark.parametrize("state", [tuple_(Number(1), Nothing(), LOOSE), dict_(seed=Number(1)), tuple_(tensor())])
    def test_and_with_nothing_else(self, state):
        assert build(self.MADE, state) is UNSAFE
        assert call("torch._C.Generator", LOOSE) is UNSAFE


class TestSequence:
    NAME = "torch.nn.utils.rnn.PackedSequence"

    def test_of_tensors(self):
        assert call(self.NAME, tensor(), tensor(), Nothing(), Nothing(), use=Use.NEW) is SAFE
        assert call(self.NAME, tensor(), tensor(), tensor(), tensor(), use=Use.NEW) is SAFE

    @pytest.mark.parametrize("given", [(), (tensor(),), (LOOSE, tensor()), (tensor(), tensor(), LOOSE)])
    def test_and_of_nothing_that_is_asked_for_its_methods(self, given):
        assert call(self.NAME, *given, use=Use.NEW) is UNSAFE


class TestHook:
    MADE = Made(glob("torch.nn.modules.module._WrappedHook"), (), Use.NEW, 0)
    NORM = Made(glob("torch.nn.utils.spectral_norm.SpectralNormStateDictHook"), (), Use.NEW, 0)

    def test_of_the_spectral_norm(self):
        assert build(self.MADE, dict_(hook=self.NORM, with_module=Number(False))) is SAFE

    @pytest.mark.parametrize(
        "hook", [LOOSE, glob("numpy.log1p"), glob("os.system"), Made(PARTIAL, (NORM,), Use.CALL, 0)]
    )
    def test_and_no_other(self, hook):
        assert build(self.MADE, dict_(hook=hook, with_module=Number(False))) is UNSAFE

    def test_without_attributes_of_its_own(self):
        assert build(self.MADE, dict_(hook=self.NORM, with_module=Number(False), more=Nothing())) is UNSAFE
        assert build(self.MADE, dict_(with_module=Number(False))) is UNSAFE


def test_a_default_of_a_scaler_is_the_one_function():
    assert call("collections.defaultdict", glob("torch.amp.grad_scaler._refresh_per_optimizer_state")) is SAFE
    assert call("collections.defaultdict", glob("torch.nn.init.zeros_")) is UNSAFE


@pytest.mark.frameworks
def test_what_people_save_beside_models_is_clean():
    pytest.importorskip("torch")
    from corpus.benign import beside  # noqa: PLC0415

    for sample in beside.samples():
        (data,) = sample.files.values()
        report = examine(BytesView(data), sample.target).report
        assert (report.outcome, list(report.unchecked)) == (Outcome.CLEAN, []), sample.name
