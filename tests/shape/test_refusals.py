"""Nearly half of the tests of what decides expect a no."""

import importlib.util
import sys

import pytest

from shape.sources import REPOSITORY

LEAST_PERCENT = 45


@pytest.fixture(scope="module")
def counter():
    spec = importlib.util.spec_from_file_location("refusals", REPOSITORY / "tools" / "refusals.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("folder", ["policy", "gate", "evidence", "ledger"])
def test_of_the_tests_of_what_decides_many_are_refusals(counter, folder):
    found = counter.count(folder)
    assert found.tests > 50
    assert found.share >= LEAST_PERCENT


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("with pytest.raises(NotVerified): verify(b'')", True),
        ("with pytest.raises((Malformed, Unavailable), match='x'): verify(b'')", True),
        ("assert ask().result is Answer.DENY", True),
        ("assert main(['ledger', 'verify']) == 1", True),
        ("denied(1)", True),
        ("through(1)", True),
        ("assert main(['ledger', 'verify']) == 0", False),
        ("with pytest.raises(KeyError): {}[1]", False),
        ("assert ask().result is Answer.ALLOW", False),
        ("allowed(1)", False),
    ],
)
def test_a_refusal_is_known_by_what_it_expects(counter, body, refusal):
    helpers = "def denied(x): assert x is Answer.DENY\ndef through(x): denied(x)\ndef allowed(x): pass\n"
    assert counter.refusals(f"{helpers}def test_it():\n    {body}\n") == {"test_it": refusal}
