"""Files that R wrote (`tools/write_r_files.R`): ordinary objects are clean to the end, and each of the others is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hauberk.checks.model.examine import examine
from hauberk.view import BytesView

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import vectors_rds as made

FOLDER = Path(__file__).parents[1] / "vectors" / "written" / "r"
ORDINARY = sorted(path.name for path in (FOLDER / "ordinary").iterdir())
ACTS = sorted(path.name for path in (FOLDER / "acts").iterdir())


def report(*parts: str):
    return examine(BytesView(FOLDER.joinpath(*parts).read_bytes()), "it").report


def test_there_are_files_of_both_kinds():
    assert len(ORDINARY) > 40
    assert len(ACTS) > 15


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_object_is_clean_and_complete(name):
    seen = report("ordinary", name)
    assert (seen.findings, seen.unchecked) == ((), ())


@pytest.mark.parametrize("name", ACTS)
def test_an_object_that_reaches_out_is_told(name):
    seen = report("acts", name)
    assert ({one.rule for one in seen.findings}, seen.unchecked) == ({"rds-brings-code"}, ())


def test_a_hundred_other_acts_do_not_hide_a_promise():
    many = made.word(19) + made.word(202) + made.CODE * 201 + made.promise(made.word(made.UNBOUND))
    seen = examine(BytesView(made.HEAD + many), "it").report
    assert {one.rule for one in seen.findings} == {"rds-brings-code", "rds-runs-when-touched"}
