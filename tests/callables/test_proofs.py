"""Every safe row is proved: a real state that uses it was loaded, hashed, compared and dropped, and nothing was heard."""

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hauberk.callables.table import SOURCES

PROVE = Path(__file__).parents[2] / "tools" / "prove_callables.py"
NAMES = [source.__name__.rpartition(".")[2] for source in SOURCES]
PACKAGES = {"numpy": "numpy", "scipy": "scipy", "joblib": "joblib", "sklearn": "scikit-learn"}


@pytest.fixture(scope="module")
def proofs():
    """Run one process a table, all at once: an audit hook stays for the life of its process."""
    started = {
        name: subprocess.Popen([sys.executable, PROVE, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in NAMES
    }
    ended = {name: process.communicate(timeout=300) for name, process in started.items()}
    return {name: json.loads(out) if out else {"error": err.decode()} for name, (out, err) in ended.items()}


def uses(source):
    return {
        f"{module}:{name} {use}"
        for module, rows in source.ROWS.items()
        for name in rows
        for use in rows[name][0].split()
    }


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_every_use_of_every_row_is_proved(source, proofs):
    name = source.__name__.rpartition(".")[2]
    assert proofs[name].get("error") is None
    assert uses(source) - set(proofs[name]["proved"]) == set()


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_a_row_claims_no_less_than_its_states_use(source, proofs):
    name = source.__name__.rpartition(".")[2]
    rows = {f"{module}:{found}" for module, rows in source.ROWS.items() for found in rows}
    seen = {use for use in proofs[name]["proved"] if use.partition(" ")[0] in rows}
    assert seen - uses(source) == set()


@pytest.mark.parametrize("name", NAMES)
def test_loading_a_safe_state_opens_starts_and_runs_nothing(name, proofs):
    assert proofs[name]["heard"] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_state_loads_with_the_names_of_the_tables_alone(name, proofs):
    assert proofs[name]["left_out"] == []


@pytest.mark.parametrize(("name", "package"), PACKAGES.items())
def test_a_table_names_the_release_that_it_is_proved_against(name, package):
    source = SOURCES[NAMES.index(name)]
    assert f"{package} {importlib.metadata.version(package)};" in source.__doc__
