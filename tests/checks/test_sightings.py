"""How findings are grouped: one a name and expression, never more than a hundred a rule, never in silence."""

import pickle
from collections import OrderedDict

import pytest

from hauberk.checks.model.judged import MOST_SIGHTINGS
from hauberk.checks.model.registry import RULES
from hauberk.checks.model.tree_case_fold_twins import TreeNames
from hauberk.finding import Location, Severity
from hauberk.formats.model.pickle.description import PickleDescription, Stream, describe
from hauberk.limits import Limits
from hauberk.rule import apply
from hauberk.symbol import Effect, Global, Made, Text, Use
from hauberk.view import BytesView

CALL = b"cos\nsystem\n(Vecho hi\ntR"


def seen(data):
    return apply(RULES, describe(BytesView(data)))


def test_a_call_speaks_for_its_import():
    (finding,) = seen(CALL + b".")
    assert finding.saw == "os.system('echo hi')"
    assert finding.severity is Severity.CRITICAL
    assert finding.location == Location(offset=len(CALL) - 1)


def test_the_same_call_again_is_related():
    (finding,) = seen(CALL + CALL + b"0.")
    assert finding.related == (Location(offset=2 * len(CALL) - 1),)


def test_another_argument_is_another_finding():
    assert [f.saw for f in seen(CALL + b"0cos\nsystem\n(Vls\ntR.")] == ["os.system('echo hi')", "os.system('ls')"]


def test_a_name_that_is_reached_through_another_is_called_what_it_is():
    (finding,) = seen(b"\x80\x04\x8c\x05torch\x8c\x0cnn.os.system\x93.")
    assert finding.saw == "imports torch.nn.os.system"
    assert finding.rule == "pickle-runs-process"


def test_a_module_under_another_name_is_called_what_it_is():
    (finding,) = seen(b"cmypackage.tools\nsubprocess\n.")
    assert finding.rule == "pickle-runs-process"


def test_more_than_a_hundred_are_counted():
    many = b"".join(b"cos\nsystem\n(V%d\ntR0" % number for number in range(300)) + b"N."
    found = seen(many)
    assert len(found) == MOST_SIGHTINGS + 1
    assert "and 200 more, from here on" in [finding.saw for finding in found]


def test_a_result_of_what_is_reported_is_not_reported_again():
    data = b"cbuiltins\ngetattr\n(cos\nsystem\nVx\ntR(tR."
    assert {finding.rule for finding in seen(data)} == {"pickle-runs-code", "pickle-runs-process"}


FEW = Limits(max_pickle_kept_items=64)


def test_what_was_forgotten_is_unchecked_and_no_finding():
    several = [OrderedDict({str(number): number}) for number in range(40)]
    described = describe(BytesView(pickle.dumps(several, 2)), FEW)
    assert described.forgot
    assert described.unchecked
    assert apply(RULES, described) == ()


def test_a_dangerous_name_is_found_whatever_was_forgotten():
    many = pickle.dumps([OrderedDict({str(number): number}) for number in range(40)], 2)[:-1]
    for call in (CALL, b"\x8c\x02os\x8c\x06system\x93)R"):
        found = apply(RULES, describe(BytesView(many + call + b"."), FEW))
        assert [finding.rule for finding in found] == ["pickle-runs-process"]


def test_a_long_way_to_the_origin_ends():
    symbol = Global("mymodule", "f")
    for _ in range(10_000):
        symbol = Made(symbol, (), Use.CALL, 0)
    effects = (Effect(Use.CALL, symbol, (Text("x"),), 3),)
    (finding,) = apply(RULES, PickleDescription((Stream(0, 4, 2),), effects))
    assert finding.rule == "pickle-unknown-callable"


@pytest.mark.parametrize("paths", [("a", "b"), ("a/b", "a.b"), (), ("ä", "a")])
def test_different_names_are_no_twins(paths):
    assert apply(RULES, TreeNames(paths)) == ()


def test_twins_name_each_other():
    (finding,) = apply(RULES, TreeNames(("A/x", "a/x")))
    assert (finding.location, finding.related) == (Location(path="a/x"), (Location(path="A/x"),))
    assert finding.severity is Severity.LOW


def test_an_attribute_in_a_reason_is_printable():
    data = b"\x80\x02cuuid\nUUID\n)\x81}Vx\\u202ey\nNsb."
    (finding,) = seen(data)
    assert finding.rule == "pickle-unsafe-arguments"
    assert finding.saw.isprintable()


def test_more_names_that_are_made_than_are_listed_are_counted():
    made = b"\x8c\x02aa\x8c\x07literal\x93(tR"  # the result of a call in the place of a module's name
    found = seen(b"\x80\x04" + (made + b"\x8c\x01x\x930") * 130 + b"N.")
    told = [finding.saw for finding in found if finding.rule == "pickle-dynamic-global"]
    assert len(told) == 101
    assert "and 30 more, from here on" in told
