"""Every way to tamper in the tables is found, and told in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator import Chain
from tamper.ledger_cases import LEDGER
from tamper.live import FINDERS, Live, build, copied, heard

if TYPE_CHECKING:
    from pathlib import Path

    from tamper.case import Case


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return build(tmp_path_factory.mktemp("good"), Chain().good())


@pytest.mark.parametrize("found_by", FINDERS)
def test_nobody_says_a_word_of_a_ledger_that_was_left_alone(good: Live, tmp_path: Path, found_by: str) -> None:
    if found_by != "ledger restore":
        assert FINDERS[found_by](copied(good, tmp_path / "copy")) == ""


@pytest.mark.parametrize("case", LEDGER, ids=lambda case: case.name.replace(" ", "-"))
def test_a_ledger_that_was_tampered_with_is_found(good: Live, tmp_path: Path, case: Case) -> None:
    assert case.told in heard(copied(good, tmp_path / "copy"), case)
