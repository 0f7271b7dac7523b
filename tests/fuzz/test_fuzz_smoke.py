"""Each fuzz target, on a short run of mutations that is the same every time; `make fuzz` runs them in earnest."""

import pytest

from fuzz.driver import feed, inputs, load, names

INPUTS = 250


@pytest.mark.parametrize("name", names())
def test_a_parser_raises_nothing_but_our_errors(name):
    target = load(name)
    seeds = target.seeds()
    assert seeds
    for data in inputs(name, seeds, INPUTS):
        feed(target, data)


def test_mutations_are_the_same_in_every_run():
    seeds = [b"one seed", b"another"]
    assert list(inputs("a name", seeds, 50)) == list(inputs("a name", seeds, 50))
    assert list(inputs("a name", seeds, 50)) != list(inputs("other name", seeds, 50))
