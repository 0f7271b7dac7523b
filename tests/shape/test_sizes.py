"""Sizes: a mirror, printed at the end of a run by conftest.py; only what nobody can read is refused."""

import pytest

from shape.sources import lines_of, modules

LONGEST_FUNCTION_LINES = 70


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_function_is_too_long_to_read(module):
    assert [f.name for f in module.functions if lines_of(f) > LONGEST_FUNCTION_LINES] == []
