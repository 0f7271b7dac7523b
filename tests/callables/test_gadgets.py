"""Known gadgets: none is clean, in whatever way the stream brings them in."""

import pytest

from callables.gadgets import DANGEROUS, GADGETS, WHEN_CALLED
from callables.gadgets_by_technique import NEARLY, TECHNIQUES
from hauberk.callables.judge import judge
from hauberk.callables.judgement import Capability, Tier
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


BY_TECHNIQUE = [
    pytest.param(*entry.split(), capability, id=entry)
    for (_, capability), text in TECHNIQUES.items()
    for entry in text.replace("\n", ";").split(";")
    if entry and entry not in NEARLY
]


def test_there_are_many():
    assert len(GADGETS) > 170
    assert len(set(GADGETS)) == len(GADGETS)
    assert len(BY_TECHNIQUE) > 600
    assert {capability for _, capability in TECHNIQUES} == set(Capability)


@pytest.mark.parametrize(("module", "name", "capability"), BY_TECHNIQUE)
def test_a_gadget_is_known_for_what_it_does(module, name, capability):
    judgement = judge(Effect(Use.IMPORT, Global(module, name), (), 0))
    assert (judgement.tier, judgement.capability) == (Tier.DANGEROUS, capability)


def test_no_gadget_is_clean_when_it_is_called_or_given_a_state():
    clean = [
        (module, name, stream)
        for module, name, _ in (param.values for param in BY_TECHNIQUE)
        for stream in (b"(Vx\ntR.", b")\x81.", b")R}(Va\nVb\nub.", b"0.")
        if outcome(stack_global(module, name) + stream) is not Outcome.MALICIOUS
    ]
    assert clean == []


@pytest.mark.parametrize("entry", sorted(NEARLY))
def test_a_name_that_is_nearly_a_gadget_is_never_clean(entry):
    assert judge(Effect(Use.IMPORT, Global(*entry.split()), (), 0)).tier in (Tier.UNKNOWN, Tier.DANGEROUS)


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
