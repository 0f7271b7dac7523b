"""The matrix of formats against techniques is what its generator makes, and leaves nothing out."""

import sys

import pytest

from docs.pages import REPOSITORY
from hauberk.checks.model.registry import RULES

sys.path.insert(0, str(REPOSITORY / "tools"))

import make_matrix as made
import matrix_rows as rows


def test_the_page_is_what_its_script_makes():
    assert made.PAGE.read_text() == made.page()


def test_every_format_that_is_told_has_one_row():
    names = [name for row in rows.ROWS for name in row.names]
    assert sorted(names) == sorted(set(names))
    assert set(names) >= rows.TOLD | set(made.broken())


def test_every_rule_reports_something_somewhere():
    assert {rule for row in rows.ROWS for rule in made.rules_of(row)} == {rule.id for rule in RULES}


@pytest.mark.parametrize("column", rows.COLUMNS)
def test_no_cell_is_empty(column):
    assert [row.names[0] for row in rows.ROWS if not made.cell(row, column).strip()] == []


def test_every_row_says_whose_files_were_read():
    assert [row.names[0] for row in rows.ROWS if not row.files] == []


def test_no_reason_stands_without_a_cell():
    said = {(row.group, column): made.cell(row, column) for row in rows.ROWS for column in rows.COLUMNS}
    for row in rows.ROWS:
        said |= {(row.group, c): said[row.group, c] + made.cell(row, c) for c in rows.COLUMNS}
    assert [where for where, reason in rows.EXCEPTIONS.items() if reason not in said[where]] == []
