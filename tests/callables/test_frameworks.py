"""Ordinary states of each framework: not one finding. The states are those of the recipes, and models as people save."""

import importlib
import io
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from hauberk.checks.model.registry import RULES
from hauberk.formats.model.joblib import describe as describe_joblib
from hauberk.formats.model.pickle.description import describe
from hauberk.rule import apply
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
# vision last: transformers and ultralytics would use its torchvision if it was imported before them
FRAMEWORKS = ("torch", "pandas", "boosting", "omegaconf", "imblearn", "transformers", "ultralytics", "vision")


def findings(state):
    """Return what the rules say of a state; of a file of torch.save, of its pickle, as its reader would give it."""
    if state.torch:
        archive = zipfile.ZipFile(io.BytesIO(state.data))
        data = next(archive.read(name) for name in archive.namelist() if name.endswith("/data.pkl"))
        described = replace(describe(BytesView(data)), loader="torch")
    else:
        described = (describe_joblib if state.joblib else describe)(BytesView(state.data))
    return [(found.rule, found.saw) for found in apply(RULES, described)], described.unchecked


@pytest.mark.frameworks
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_ordinary_state_is_clean(name):
    recipes = importlib.import_module(f"recipes_{name}")
    seen = {state.label: findings(state) for state in recipes.states()}
    assert {label: found for label, found in seen.items() if found != ([], ())} == {}
    assert len(seen) > 15
