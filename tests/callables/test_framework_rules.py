"""What the names of SciPy, pandas, boosted trees, transformers and the standard library may be given."""

import pickle

import pytest
import scipy.stats

from hauberk.callables.judge import judge
from hauberk.callables.judgement import Tier
from hauberk.checks.model.examine import examine
from hauberk.finding import Outcome
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Text, Unknown, Use
from hauberk.view import BytesView

SAFE, UNSAFE = Tier.SAFE, Tier.SAFE_WITH_ARGUMENTS
LOG = Global("numpy", "log1p")
LOOSE = Made(Global("types", "SimpleNamespace"), (), Use.CALL, 0)
BAD = Global("os", "system")


def glob(name):
    return Global(*name.rsplit(".", 1))


def tuple_(*values):
    return Items("tuple", list(values), count=len(values))


def list_(*values):
    return Items("list", list(values), count=len(values))


def dict_(**pairs):
    return Items("dict", [part for key, value in pairs.items() for part in (Text(key), value)], count=len(pairs))


def call(name, *arguments):
    return judge(Effect(Use.CALL, glob(name), arguments, 9)).tier


def build(name, state):
    made = Made(glob(name), (), Use.NEW, 0, state)
    return judge(Effect(Use.BUILD, made, (state,), 9)).tier


class TestDistribution:
    NORM = pickle.dumps(scipy.stats.norm, 2)

    def outcome(self, old=b"", new=b""):
        assert old in self.NORM
        changed = self.NORM.replace(old, new)
        assert len(changed) == len(self.NORM)
        return examine(BytesView(changed), "x").report.outcome

    def test_has_the_template_that_scipy_writes(self):
        assert self.outcome() is Outcome.CLEAN

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"return (), loc, scale\n", b"return (), loc, scalf\n"),
            (b"def _parse_args(self,  loc=0, scale=1)", b"def _parse_args(self,  loc=f(),scal=1)"),
            (b"\ndef _parse_args(", b"\ndef _parse_argz("),
            (b"_argcheck_rvs( loc", b"_argcheck_rvz( loc"),
            (b"\ndef _parse_args_stats", b";def _parse_args_stats"),
        ],
    )
    def test_no_letter_of_it_may_differ(self, old, new):
        assert self.outcome(old, new) is Outcome.MALICIOUS

    @pytest.mark.parametrize("key", [b"_attach_methods", b"_attach_argpars", b"__setstate__xyz"])
    def test_no_attribute_takes_the_place_of_a_method(self, key):
        assert self.outcome(b"moment_type", key[:11]) is Outcome.MALICIOUS

    def test_a_function_for_each_item_is_a_plain_one(self):
        assert build("numpy.vectorize", dict_(pyfunc=LOG)) is SAFE
        for function in (BAD, Global("functools", "partial"), LOOSE, Made(LOG, (), Use.CALL, 0)):
            assert build("numpy.vectorize", dict_(pyfunc=function)) is Tier.DANGEROUS


class TestPandas:
    @pytest.mark.parametrize(
        "value", [LOOSE, BAD, LOG, Unknown("?"), Made(Global("functools", "partial"), (LOG,), Use.CALL, 0)]
    )
    def test_takes_values_and_nothing_else(self, value):
        assert call("pandas.core.indexes.base._new_Index", Global("pandas", "Index"), dict_(data=value)) is UNSAFE
        assert build("pandas.DataFrame", dict_(_mgr=value)) is UNSAFE

    @pytest.mark.parametrize("key", ["__class__", "_constructor", "copy_", "extend", "_set_axis"])
    def test_takes_no_attribute_that_real_files_do_not_have(self, key):
        assert build("pandas.DataFrame", dict_(**{key: Number(1)})) is UNSAFE
        assert build("pandas.arrays.DatetimeArray", tuple_(Nothing(), Nothing(), dict_(**{key: Number(1)}))) is UNSAFE

    @pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "Europe/../x", "europe/paris", "A" * 99, ""])
    def test_a_time_zone_is_a_name(self, name):
        assert call("zoneinfo.ZoneInfo._unpickle", Text(name), Number(1)) is not SAFE
        assert call("pytz._p", Text(name)) is UNSAFE
        assert call("pytz._p", Text("Europe/Paris"), Number(540), Number(0), Text("LMT")) is SAFE


class TestBoosting:
    BYTES = Made(Global("builtins", "bytearray"), (Blob(9, 0),), Use.CALL, 0)

    def test_a_model_is_bytes_or_text(self):
        assert build("xgboost.core.Booster", dict_(handle=self.BYTES)) is SAFE
        assert build("lightgbm.basic.Booster", dict_(_handle=Text("tree", cut=True), _network=Number(0))) is SAFE
        assert build("catboost.core.CatBoost", dict_(__model=Blob(9, 0), depth=Number(3))) is SAFE

    @pytest.mark.parametrize("value", [LOOSE, Number(140_000_000), LOG])
    def test_and_nothing_that_is_asked_for_its_methods(self, value):
        assert build("xgboost.core.Booster", dict_(handle=value)) is UNSAFE
        assert build("lightgbm.basic.Booster", dict_(handle=value)) is UNSAFE
        assert build("catboost.core.CatBoost", dict_(__model=value)) is UNSAFE
        assert build("catboost.core.CatBoost", dict_(_test_evals=list_(LOOSE))) is UNSAFE

    def test_no_method_that_its_end_calls(self):
        assert build("lightgbm.basic.Booster", dict_(_network=Number(1), free_network=LOG)) is UNSAFE


class TestTransformers:
    BERT = "transformers.models.bert.configuration_bert.BertConfig"

    @pytest.mark.parametrize("key", ["attribute_map", "SPECIAL_TOKENS_ATTRIBUTES", "to_json_string", "__setstate__"])
    def test_settings_do_not_say_how_attributes_are_looked_up(self, key):
        assert build(self.BERT, dict_(hidden_size=Number(8))) is SAFE
        assert build(self.BERT, dict_(**{key: dict_(__setstate__=Text("evil"))})) is UNSAFE

    def test_a_member_of_constants_is_found_by_its_value(self):
        assert call("transformers.trainer_utils.IntervalStrategy", Text("epoch")) is SAFE
        assert call("transformers.trainer_utils.IntervalStrategy", Text("A"), Text("b")) is UNSAFE
        assert call("http.HTTPStatus", LOOSE) is UNSAFE

    def test_results_hide_no_method(self):
        name = "transformers.tokenization_utils_base.BatchEncoding"
        assert build(name, dict_(data=dict_(input_ids=list_(Number(1))), encodings=Nothing())) is SAFE
        assert build(name, dict_(data=dict_(__array_interface__=dict_()), encodings=Nothing())) is UNSAFE
        assert build(name, dict_(data=LOOSE, encodings=Nothing())) is UNSAFE

    def test_a_tokenizer_is_described_in_bytes(self):
        assert build("tokenizers.Tokenizer", Blob(9, 0)) is SAFE
        assert build("tokenizers.Tokenizer", dict_(a=Number(1))) is UNSAFE


class TestPython:
    def test_a_cache_has_no_folder(self):
        assert build("joblib.memory.Memory", dict_(location=Nothing(), store_backend=Nothing())) is SAFE
        assert build("joblib.memory.Memory", dict_(location=Text("/tmp"))) is Tier.DANGEROUS

    def test_an_iterator_is_over_a_container(self):
        assert call("builtins.iter", list_(Number(1))) is SAFE
        for given in ((BAD, Number(1)), (LOOSE,), (LOG, Number(1))):
            assert call("builtins.iter", *given) is Tier.DANGEROUS

    def test_a_generator_has_all_of_its_numbers(self):
        held = Items("tuple", [Number(1)] * 256, cut=True, count=625)
        made = Made(Global("random", "Random"), (), Use.CALL, 0)
        for state, tier in (
            (tuple_(Number(3), held, Nothing()), SAFE),
            (tuple_(Number(3), list_(LOOSE), Nothing()), UNSAFE),
        ):
            assert judge(Effect(Use.BUILD, made, (state,), 9)).tier is tier

    def test_an_item_is_picked_by_constants(self):
        assert call("operator.itemgetter", Number(1)) is SAFE
        assert call("operator.itemgetter", LOOSE) is UNSAFE
        assert call("logging.getLogger", LOOSE) is UNSAFE


class TestNumbers:
    def test_a_record_of_the_system_holds_numbers(self):
        assert call("os.stat_result", tuple_(Number(1), Number(2)), dict_(st_atime=Number(1.5))) is SAFE

    @pytest.mark.parametrize("odd", [tuple_(LOOSE), LOOSE, tuple_(*[Number(1)] * 33)])
    def test_and_nothing_else(self, odd):
        assert call("os.stat_result", odd) is not SAFE

    def test_nor_in_its_dict(self):
        assert call("os.stat_result", tuple_(Number(1)), dict_(a=LOOSE)) is not SAFE


class TestIterator:
    def test_counts_over_a_container(self):
        assert call("builtins.enumerate", list_(Number(1)), Number(0)) is SAFE

    @pytest.mark.parametrize("given", [(LOOSE,), (list_(), LOOSE), (Global("os", "environ"),)])
    def test_and_over_nothing_else(self, given):
        assert call("builtins.enumerate", *given) is not SAFE

    def test_a_second_argument_is_a_sentinel_elsewhere(self):
        assert call("builtins.reversed", list_(), Number(0)) is not SAFE


PARTS_OF_GRAPH = {"graph": dict_(), "_node": dict_(), "_adj": dict_()}


class TestGraph:
    NAME = "networkx.classes.graph.Graph"

    def test_is_dicts_and_an_empty_cache(self):
        state = dict_(**PARTS_OF_GRAPH, __networkx_cache__=dict_())
        assert build(self.NAME, state) is SAFE

    @pytest.mark.parametrize("part", ["graph", "_node", "_adj", "_succ", "_pred", "__networkx_cache__"])
    @pytest.mark.parametrize("value", [LOOSE, BAD, Text("x"), list_(LOOSE)])
    def test_and_nothing_in_their_place(self, part, value):
        assert build(self.NAME, dict_(**{**PARTS_OF_GRAPH, part: value})) is UNSAFE

    def test_brings_no_cache(self):
        assert build(self.NAME, dict_(**PARTS_OF_GRAPH, __networkx_cache__=dict_(backends=LOOSE))) is UNSAFE

    @pytest.mark.parametrize("key", ["__setstate__", "extend", "__array_interface__"])
    def test_has_no_attribute_that_is_called(self, key):
        assert build(self.NAME, dict_(**PARTS_OF_GRAPH, **{key: LOOSE})) is UNSAFE

    def test_is_made_of_nothing(self):
        assert call(self.NAME, dict_(backend=Text("x"))) is UNSAFE
        assert build(self.NAME, Unknown("made elsewhere")) is UNSAFE
