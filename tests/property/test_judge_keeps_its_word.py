"""What is called clean does nothing when it is loaded: nearly real pickles, judged, and the clean ones loaded for real.

The pickles are loaded in a process of their own, by CPython's unpickler, under an audit hook that must hear nothing, and
the process must live: the mutants that NumPy would have crashed on have become rules.
"""

import random
import struct
import subprocess
import sys
import warnings
from itertools import islice
from pathlib import Path

import pytest

from hauberk.checks.model.registry import RULES
from hauberk.formats.model.pickle.description import describe
from hauberk.rule import apply
from hauberk.view import BytesView
from property.mutants import Mutants

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))

import recipes_numpy  # noqa: E402 - a script, not a package
import recipes_scipy  # noqa: E402
import recipes_sklearn  # noqa: E402
import recipes_stdlib  # noqa: E402

MUTANTS = 8000


def is_clean(data):
    description = describe(BytesView(data))
    return not description.unchecked and not apply(RULES, description)


@pytest.fixture(scope="module")
def clean():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recipes = (recipes_stdlib, recipes_numpy, recipes_scipy)
        seeds = [state.data for one in recipes for state in one.states() if " " in state.label]
        seeds += [state.data for state in islice(recipes_sklearn.states(), 100) if not state.joblib]
    mutants = Mutants(seeds, random.Random(20261123))
    return [data for data in (mutants.one() for _ in range(MUTANTS)) if is_clean(data)]


@pytest.fixture(scope="module")
def loaded(clean):
    given = b"".join(struct.pack(">I", len(data)) + data for data in clean)
    command = [sys.executable, HERE / "load_under_ear.py"]
    return (
        subprocess.run(command, input=given, capture_output=True, timeout=120, check=False).stdout.decode().split("\n")
    )


def test_many_mutants_are_clean(clean):
    assert len(clean) > MUTANTS // 10


def test_no_clean_pickle_ends_the_process(loaded):
    assert loaded[-2] == "ended", f"the last one was {loaded[-2]}"


def test_no_clean_pickle_is_heard(loaded):
    assert [line for line in loaded if line.startswith("heard")] == []
