"""Every way to tamper in the tables is found, and told in its words."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator import Chain
from tamper import passport_cases
from tamper.ledger_cases import LEDGER
from tamper.live import FINDERS, Live, build, copied, heard
from tamper.passport_cases import PASSPORT, Shown

if TYPE_CHECKING:
    from tamper.case import Case

GENERATOR = Path(__file__).parents[2] / "tools" / "make_tamper_page.py"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return build(tmp_path_factory.mktemp("good"), Chain().good())


@pytest.mark.parametrize("found_by", FINDERS)
def test_nobody_says_a_word_of_a_ledger_that_was_left_alone(good: Live, tmp_path: Path, found_by: str) -> None:
    live = copied(good, tmp_path / "copy")
    live.backup = live.database
    assert FINDERS[found_by](live) == ""


@pytest.mark.parametrize("case", LEDGER, ids=lambda case: case.name.replace(" ", "-"))
def test_a_ledger_that_was_tampered_with_is_found(good: Live, tmp_path: Path, case: Case) -> None:
    assert case.told in heard(copied(good, tmp_path / "copy"), case)


@pytest.mark.parametrize("found_by", ["passport verify", "gate"])
def test_nobody_says_a_word_of_a_passport_that_was_left_alone(found_by: str) -> None:
    assert passport_cases.heard(Shown(), found_by) == ""


@pytest.mark.parametrize("case", PASSPORT, ids=lambda case: case.name.replace(" ", "-"))
def test_a_passport_that_was_tampered_with_is_found(case: Case) -> None:
    shown = Shown()
    case.do(shown)
    assert case.told in passport_cases.heard(shown, case.found_by)


def test_each_case_has_a_name_of_its_own_and_says_how() -> None:
    for cases in (LEDGER, PASSPORT):
        assert len(cases) >= 60
        assert len({case.name for case in cases}) == len(cases)
        assert all(case.how.endswith(".") and case.told for case in cases)


def test_the_page_is_the_tables() -> None:
    spec = importlib.util.spec_from_file_location("make_tamper_page", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.PAGE.read_text() == generator.page().rstrip("\n") + "\n"
