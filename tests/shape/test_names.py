"""The names that other programs call, and the words that no name of ours uses."""

import json
import re
from pathlib import Path

import pytest

import hauberk
from hauberk.version import VERSION
from shape.sources import PACKAGE, modules

PUBLIC = json.loads(Path(__file__).with_name("public.golden.json").read_text())
VAGUE = {"manager", "helper", "helpers", "util", "utils", "common", "base", "core", "handler", "processor"}


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_the_public_names_are_the_golden_ones():
    assert sorted(hauberk.__all__) == PUBLIC["hauberk"]


def test_there_are_at_most_a_dozen_public_names():
    assert len(hauberk.__all__) <= 12


@pytest.mark.parametrize("name", hauberk.__all__)
def test_a_public_name_is_there_when_it_is_used(name):
    assert getattr(hauberk, name).__name__ == name


@pytest.mark.parametrize("name", hauberk.__all__)
def test_no_module_bears_a_public_name(name):
    assert not (PACKAGE / name).exists()
    assert not (PACKAGE / f"{name}.py").exists()


def test_a_name_that_is_not_public_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'scna'"):
        hauberk.scna  # noqa: B018 - the look-up is the test


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_names_say_what_a_thing_is(module):
    classes = [node.name for node in module.tree.body if hasattr(node, "bases")]
    vague = [name for name in [module.path.stem, *classes] if words(name) & VAGUE and name != "base64"]
    assert vague == []


def test_the_version_is_there_as_other_packages_have_it():
    assert hauberk.__version__ == VERSION
