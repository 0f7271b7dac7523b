"""Every bundle of tests/vectors/oms gets its answer, from the file on disk to the verb."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hauberk import errors
from hauberk.edge.keys import read_public_key
from hauberk.verbs.verify import verify

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "vectors" / "oms"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
PASS = [name for name, row in EXPECTED.items() if row["error"] is None]
OWN = ("pass/own-form.sig", "pass/own-form-with-sizes.sig", "pass/hash-blake2b.sig", "pass/hash-blake3.sig")
FAIL = [name for name, row in EXPECTED.items() if row["error"] is not None]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_oms_vectors", ROOT / "tools" / "make_oms_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", PASS)
def test_a_good_bundle_verifies(name):
    verified = verify(FOLDER / "model", FOLDER / name, keys=[read_public_key(FOLDER / "key.pub")])
    assert verified.key == read_public_key(FOLDER / "key.pub")
    assert "config.json" in {file.path for file in verified.files} or "ignores" in name


@pytest.mark.parametrize("name", FAIL)
def test_a_bad_bundle_is_refused_for_what_is_wrong_with_it(name):
    expected = EXPECTED[name]
    with pytest.raises(errors.HauberkError) as caught:
        verify(FOLDER / "model", FOLDER / name, keys=[read_public_key(FOLDER / "key.pub")])
    assert type(caught.value) is getattr(errors, expected["error"])
    assert expected["says"] in caught.value.message


@pytest.mark.parametrize("name", [name for name in PASS if name not in OWN])
def test_strict_refuses_every_bundle_but_one_in_our_own_form(name):
    with pytest.raises(errors.NotVerified, match="does not cover all"):
        verify(FOLDER / "model", FOLDER / name, keys=[read_public_key(FOLDER / "key.pub")], strict=True)


@pytest.mark.parametrize("name", OWN)
def test_strict_accepts_our_own_form(name):
    assert (
        verify(FOLDER / "model", FOLDER / name, keys=[read_public_key(FOLDER / "key.pub")], strict=True).warnings == ()
    )


def test_the_folder_holds_what_the_generator_makes_and_nothing_else(tmp_path):
    generator().write(tmp_path / "oms")
    made = {p.relative_to(tmp_path / "oms"): p.read_bytes() for p in (tmp_path / "oms").rglob("*") if p.is_file()}
    kept = {p.relative_to(FOLDER): p.read_bytes() for p in FOLDER.rglob("*") if p.is_file()}
    assert kept == made
