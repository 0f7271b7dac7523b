"""Laws of the judgement, for effects of any shape."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hauberk.callables.dangerous import MODULES, NAMES
from hauberk.callables.judge import judge
from hauberk.callables.judgement import Judgement, Tier
from hauberk.callables.table import SOURCES, row_of
from hauberk.checks.model.expression import LONGEST, expression
from hauberk.symbol import Blob, Effect, Global, Items, Made, Nothing, Number, Registered, Text, Unknown, Use

ROWS = [(module, name) for source in SOURCES for module, rows in source.ROWS.items() for name in rows]
BAD = [(module, name) for module, names in NAMES.items() for name in names] + [(module, "any") for module in MODULES]

words = st.sampled_from(["a", "extend", "__setstate__", "latin1", "f8", "O8", "V8", "<", "x" * 300, "\u202e"])
names = st.sampled_from([*ROWS, *BAD, ("mypackage", "Net"), ("torch", "os.system")]).map(lambda pair: Global(*pair))
leaves = st.one_of(
    words.map(Text),
    st.builds(Blob, st.integers(0, 9), st.just(0)),
    st.one_of(st.integers(-2, 99), st.booleans(), st.floats(allow_nan=False)).map(Number),
    st.just(Nothing()),
    st.builds(Unknown, words),
    st.builds(Registered, st.integers(1, 9)),
    names,
)


def _more(inner):
    few = st.lists(inner, max_size=5)
    kinds = st.sampled_from(["tuple", "list", "dict", "set", "frozenset"])
    made = st.builds(Made, inner, few.map(tuple), st.sampled_from([Use.CALL, Use.NEW]), st.just(0), st.none() | inner)
    return made | st.builds(Items, kinds, few, st.booleans(), st.integers(-1, 5))


symbols = st.recursive(leaves, _more, max_leaves=12)
effects = st.builds(
    lambda use, target, arguments: Effect(use, target, arguments or (Nothing(),), 7),
    st.sampled_from(list(Use)),
    names | symbols,
    st.lists(symbols, max_size=4).map(tuple),
)


@settings(max_examples=300, deadline=None)
@given(effects)
def test_every_effect_has_a_judgement_and_an_expression(effect):
    assert isinstance(judge(effect), Judgement)
    assert len(expression(effect)) <= LONGEST
    assert expression(effect).isprintable()


@settings(max_examples=200, deadline=None)
@given(effects)
def test_only_what_the_tables_hold_is_ever_safe(effect):
    judgement = judge(effect)
    if judgement.tier is Tier.SAFE:
        assert judgement.name in {f"{module}.{name}" for module, name in ROWS}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ROWS), st.sampled_from(["module", "name"]), st.text(min_size=1, max_size=3), st.booleans())
def test_a_name_that_is_longer_than_a_row_is_not_that_row(row, part, more, front):
    module, name = row
    other = {"module": module, "name": name}
    other[part] = more + other[part] if front else other[part] + more
    if (other["module"], other["name"]) not in ROWS:
        assert judge(Effect(Use.IMPORT, Global(other["module"], other["name"]), (), 0)).tier is not Tier.SAFE


@settings(max_examples=300, deadline=None)
@example(("numpy.random._pickle", "__bit_generator_ctor"), "__setstate__", Text("a"))
@given(
    st.sampled_from(ROWS),
    st.sampled_from(["__setstate__", "__class__", "extend", "append", "add", "__array__"]),
    symbols,
)
def test_no_class_takes_an_attribute_that_is_called(row, key, value):
    if isinstance(value, Number) and not key.startswith("__"):
        return  # a number under the name of a method is a flag of real modules, and cannot be called
    made = Made(Global(*row), (), Use.NEW, 0)
    for state in (
        Items("dict", [Text(key), value], count=2),
        Items("dict", [Text("a"), Nothing(), Text(key), value], count=4),
    ):
        made.state = state
        assert judge(Effect(Use.BUILD, made, (state,), 7)).tier is not Tier.SAFE


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(BAD), st.sampled_from([Use.IMPORT, Use.CALL, Use.NEW]), st.lists(symbols, max_size=3).map(tuple))
def test_no_arguments_make_a_dangerous_name_safe(name, use, arguments):
    if row_of(Global(*name)) is None:
        assert judge(Effect(use, Global(*name), arguments, 0)).tier is Tier.DANGEROUS


@settings(max_examples=200, deadline=None)
@given(symbols, st.lists(symbols, max_size=3).map(tuple))
def test_nothing_that_the_stream_made_may_be_called(target, arguments):
    if not isinstance(target, Global):
        assert judge(Effect(Use.CALL, target, arguments, 0)).tier is Tier.UNKNOWN
