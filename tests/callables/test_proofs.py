"""Every safe row is proved: a real state that uses it was loaded, hashed, compared and dropped, and nothing was heard."""

import importlib.metadata
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hauberk.callables.table import SOURCES

PROVE = Path(__file__).parents[2] / "tools" / "prove_callables.py"
PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "joblib": "joblib",
    "sklearn": "scikit-learn",
    "torch": "torch",
    "pandas": "pandas pyarrow",
    "ultralytics": "ultralytics",
    "imblearn": "imbalanced-learn",
    "vision": "torchvision timm",
    "boosting": "xgboost-cpu lightgbm catboost",
    "networkx": "networkx",
    "omegaconf": "omegaconf",
    "transformers": "transformers tokenizers",
}
HERE = ("stdlib", "numpy", "scipy", "joblib", "sklearn")  # what requirements/dev.lock installs
BY_NAME = {source.__name__.rpartition(".")[2]: source for source in SOURCES}
NAMES = [
    pytest.param(name, marks=() if name in HERE else pytest.mark.frameworks, id=name)
    for name in BY_NAME
]  # fmt: skip


@pytest.fixture(autouse=True)
def _installed(request):
    """Skip, and say so, where a table is proved against a package that this environment lacks."""
    for package in PACKAGES.get(request.node.callspec.params["name"], "").split():
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pytest.skip(f"{package} is not installed here: what needs it is not proved")


@pytest.fixture(scope="module")
def proofs(request):
    """Run one process a table, two at once: an audit hook stays for the life of its process."""
    asked = {item.callspec.params["name"] for item in request.session.items if "proofs" in item.fixturenames}

    def prove(name):
        done = subprocess.run([sys.executable, PROVE, name], capture_output=True, text=True, timeout=600, check=False)
        return json.loads(done.stdout) if done.stdout else {"error": done.stderr}

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(sorted(asked), pool.map(prove, sorted(asked)), strict=True))


def uses(source):
    return {
        f"{module}:{name} {use}"
        for module, rows in source.ROWS.items()
        for name in rows
        for use in rows[name][0].split()
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_use_of_every_row_is_proved(name, proofs):
    source = BY_NAME[name]
    assert proofs[name].get("error") is None
    assert uses(source) - set(proofs[name]["proved"]) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_claims_no_less_than_its_states_use(name, proofs):
    source = BY_NAME[name]
    rows = {f"{module}:{found}" for module, rows in source.ROWS.items() for found in rows}
    seen = {use for use in proofs[name]["proved"] if use.partition(" ")[0] in rows}
    assert seen - uses(source) == set()


@pytest.mark.parametrize("name", NAMES)
def test_loading_a_safe_state_opens_starts_and_runs_nothing(name, proofs):
    assert proofs[name]["heard"] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_state_loads_with_the_names_of_the_tables_alone(name, proofs):
    assert proofs[name]["left_out"] == []


@pytest.mark.parametrize("name", [name for name in NAMES if name.values[0] in PACKAGES])
def test_a_table_names_the_release_that_it_is_proved_against(name):
    versions = {package: importlib.metadata.version(package).partition("+")[0] for package in PACKAGES[name].split()}
    releases = [f"{package} {version}" for package, version in versions.items()]
    assert list(BY_NAME[name].RELEASES) == releases
