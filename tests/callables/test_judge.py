"""One effect, one judgement: the tier, the capability, the name that it really is."""

import pytest

from hauberk.callables.judge import judge, judge_name
from hauberk.callables.judgement import Capability, Tier
from hauberk.symbol import Effect, Global, Items, Made, Nothing, Number, Text, Unknown, Use

ESTIMATOR = Global("sklearn.linear_model._base", "LinearRegression")
PARTIAL = Global("functools", "partial")


def judged(name, use=Use.IMPORT, *arguments):
    module, _, rest = name.partition(":")
    return judge(Effect(use, Global(module, rest), arguments, 0))


def empty(cls):
    return Made(cls, (), Use.NEW, 0)


@pytest.mark.parametrize("name", ["numpy:ndarray", "datetime:date", "functools:partial", "sklearn.svm._classes:SVC"])
def test_a_name_of_the_tables_may_be_imported(name):
    assert judged(name).tier is Tier.SAFE


@pytest.mark.parametrize("name", ["mypackage:Net", "sklearn.svm:SVC", "numpy.random:rand", "os_:system", "Os:system"])
def test_a_name_of_no_table_is_unknown(name):
    judgement = judged(name)
    assert judgement.tier is Tier.UNKNOWN
    assert judgement.capability is None


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("os:system", Capability.PROCESS),
        ("posix:system", Capability.PROCESS),
        ("os:remove", Capability.FILE_DELETE),
        ("builtins:eval", Capability.CODE),
        ("importlib.machinery:SourceFileLoader", Capability.IMPORT),
        ("socket:socket", Capability.NETWORK),
        ("linecache:getlines", Capability.FILE_READ),
        ("builtins:open", Capability.FILE_WRITE),
        ("_pickle:loads", Capability.DESERIALISE),
        ("sys:modules", Capability.REGISTRY_TAMPERING),
        ("time:sleep", Capability.DENIAL),
    ],
)
def test_a_dangerous_name_says_what_it_can_do(name, capability):
    judgement = judged(name)
    assert (judgement.tier, judgement.capability) == (Tier.DANGEROUS, capability)
    assert judgement.why


@pytest.mark.parametrize(
    ("name", "really"),
    [
        ("torch:os.system", "os.system"),
        ("joblib.numpy_pickle:os.system", "os.system"),
        ("a.b:c.d.subprocess.Popen", "subprocess.Popen"),
        ("logging:os.path.os.popen", "os.path.os.popen"),
    ],
)
def test_a_name_reached_through_others_is_called_what_it_is(name, really):
    judgement = judged(name)
    assert (judgement.tier, judgement.name) == (Tier.DANGEROUS, really)


@pytest.mark.parametrize(
    "name",
    [
        "mypackage:thing.attribute",
        "numpy:core.anything",
        "sklearn.base:clone.__globals__",
        "sklearn.svm._classes:SVC.__init__.__globals__",
        "datetime:date.__class__",
        "a:.b",
        "a:b.",
    ],
)
def test_a_dotted_name_from_no_class_of_the_tables_is_dangerous(name):
    assert judged(name).tier is Tier.DANGEROUS


def test_a_method_of_a_safe_class_is_unknown():
    assert judged("datetime:date.today").tier is Tier.UNKNOWN


def test_a_module_under_another_name_is_the_module():
    assert (judged("mypackage.tools:subprocess").name, judged("mypackage:os").tier) == ("subprocess", Tier.DANGEROUS)


@pytest.mark.parametrize("name", ["a:" + "b" * 100_000, "torch:" + "nn." * 10_000 + "os.system", "a." * 10_000 + ":b"])
def test_a_very_long_name_is_dangerous_and_not_taken_apart(name):
    before = judge_name.cache_info().currsize
    judgement = judged(name)
    assert (judgement.tier, len(judgement.name) < 2000) == (Tier.DANGEROUS, True)
    assert judge_name.cache_info().currsize == before


@pytest.mark.parametrize("use", [Use.CALL, Use.NEW, Use.BUILD, Use.EXTEND])
def test_a_name_that_is_only_named_in_real_files_may_do_nothing_else(use):
    target = empty(Global("numpy", "log1p")) if use in (Use.BUILD, Use.EXTEND) else Global("numpy", "log1p")
    assert judge(Effect(use, target, (Items("dict", []),), 0)).tier is not Tier.SAFE


def test_an_estimator_is_made_empty_and_then_given_its_state():
    state = Items("dict", [Text("n_jobs"), Nothing()])
    assert judge(Effect(Use.NEW, ESTIMATOR, (), 0)).tier is Tier.SAFE
    assert judge(Effect(Use.BUILD, empty(ESTIMATOR), (state,), 0)).tier is Tier.SAFE


def test_an_estimator_is_not_called():
    assert judge(Effect(Use.CALL, ESTIMATOR, (), 0)).tier is Tier.SAFE_WITH_ARGUMENTS


@pytest.mark.parametrize("use", [Use.BUILD, Use.EXTEND])
@pytest.mark.parametrize("target", [ESTIMATOR, Global("copyreg", "_reconstructor"), Global("mypackage", "f")])
def test_changing_an_imported_thing_itself_is_tampering(use, target):
    judgement = judge(Effect(use, target, (Items("dict", []),), 0))
    assert (judgement.tier, judgement.capability) == (Tier.DANGEROUS, Capability.REGISTRY_TAMPERING)


@pytest.mark.parametrize(
    "target", [empty(PARTIAL), Made(empty(PARTIAL), (), Use.CALL, 0), Unknown("?"), Number(1), Text("os")]
)
def test_calling_what_the_stream_made_is_unknown(target):
    assert judge(Effect(Use.CALL, target, (), 0)).tier is Tier.UNKNOWN


@pytest.mark.parametrize("target", [empty(Global("mypackage", "Net")), Unknown("?"), Items("list", [])])
def test_changing_a_value_of_no_known_class_is_unknown(target):
    assert judge(Effect(Use.BUILD, target, (Items("dict", []),), 0)).tier is Tier.UNKNOWN


def test_a_state_is_judged_by_the_class_that_a_constructor_was_given():
    made = Made(Global("copyreg", "_reconstructor"), (ESTIMATOR, Global("builtins", "object"), Nothing()), Use.CALL, 0)
    good = judge(Effect(Use.BUILD, made, (Items("dict", [Text("a"), Number(1)]),), 0))
    bad = judge(Effect(Use.BUILD, made, (Items("dict", [Text("__class__"), ESTIMATOR]),), 0))
    assert (good.tier, good.name) == (Tier.SAFE, str(ESTIMATOR))
    assert bad.tier is Tier.SAFE_WITH_ARGUMENTS


def test_constructors_around_constructors_end():
    made = Global("copyreg", "__newobj__")
    for _ in range(1000):
        made = Made(Global("copyreg", "__newobj__"), (made,), Use.CALL, 0)
    assert judge(Effect(Use.BUILD, made, (Items("dict", []),), 0)).tier is Tier.UNKNOWN


def test_a_persistent_id_is_unknown():
    assert judge(Effect(Use.PERSISTENT, Unknown("hook"), (Text("7"),), 0)).tier is Tier.UNKNOWN


def test_arguments_that_make_a_safe_name_a_known_bad_one_are_dangerous():
    assert judged("builtins:type", Use.CALL, Text("A"), Items("tuple", []), Items("dict", [])).tier is Tier.DANGEROUS
    assert judged("_codecs:encode", Use.CALL, Text("x"), Text("rot13")).capability is Capability.CODE
