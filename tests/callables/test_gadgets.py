"""Known gadgets: none is clean, in whatever way the stream brings them in."""

import pytest

from callables.gadgets import DANGEROUS, GADGETS, WHEN_CALLED
from hauberk.callables.judge import judge
from hauberk.callables.judgement import Tier
from hauberk.checks.model.registry import RULES
from hauberk.finding import Outcome, worst
from hauberk.formats.model.pickle.description import describe
from hauberk.rule import apply
from hauberk.symbol import Effect, Global, Use
from hauberk.view import BytesView

IDS = [".".join(gadget) for gadget in GADGETS]


def outcome(data):
    return worst(apply(RULES, describe(BytesView(data))))


def stack_global(module, name):
    return b"\x80\x04" + b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name)) + b"\x93"


def test_there_are_many():
    assert len(GADGETS) > 170
    assert len(set(GADGETS)) == len(GADGETS)


@pytest.mark.parametrize(("module", "name"), GADGETS, ids=IDS)
def test_a_gadget_is_not_clean_when_it_is_imported(module, name):
    assert outcome(f"c{module}\n{name}\n.".encode()) is not Outcome.CLEAN


@pytest.mark.parametrize(("module", "name"), [*GADGETS, *WHEN_CALLED])
def test_a_gadget_is_not_clean_when_it_is_called(module, name):
    assert outcome(stack_global(module, name) + b"(Vx\ntR.") is not Outcome.CLEAN


@pytest.mark.parametrize(("module", "name"), GADGETS, ids=IDS)
def test_a_gadget_is_not_clean_when_it_is_wrapped(module, name):
    assert outcome(b"cfunctools\npartial\n(" + stack_global(module, name) + b"tR.") is Outcome.MALICIOUS


@pytest.mark.parametrize(("module", "name"), DANGEROUS, ids=[".".join(gadget) for gadget in DANGEROUS])
def test_an_advisory_is_dangerous_and_not_only_unknown(module, name):
    known = judge(Effect(Use.IMPORT, Global(module, name), (), 0)).tier is Tier.DANGEROUS
    assert known
