"""The table of loaders: each row is there, none is in both lists, and the page says the same."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hauberk.enforce.loaders.table import LOADERS, PACKED, WITHOUT
from hauberk.formats import layouts
from hauberk.formats.sniff import FORMATS

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

import make_loader_table as maker  # noqa: E402 - it is beside the package


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_each_row_names_a_function_that_is_there(name):
    row = LOADERS[name]
    assert callable(getattr(importlib.import_module(f"hauberk.enforce.loaders.{row.module}"), row.function))


def test_no_format_has_a_loader_and_a_reason_for_none():
    assert not set(LOADERS) & set(WITHOUT)
    assert not set(PACKED) & {*LOADERS, *WITHOUT}


def test_each_format_that_is_told_is_in_a_table():
    sources = (REPOSITORY / "src" / "hauberk" / "formats").rglob("*.py")
    finer = {name for source in sources for name in re.findall(r'format="([a-z0-9-]+)"', source.read_text())}
    told = {row.name for row in FORMATS} | finer | {row.name for row in layouts.LAYOUTS}
    assert told - {*LOADERS, *PACKED, *WITHOUT} == set()


def test_the_page_says_what_the_table_says():
    text = maker.PAGE.read_text()
    assert maker.page_with_table(text) == text, "run tools/make_loader_table.py"


def test_the_gate_imports_no_loader_before_it_opens_something():
    code = (
        "import hauberk.enforce.load, sys; print([n for n in sys.modules if n.startswith('hauberk.enforce.loaders.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=None)
    assert done.stdout.strip() == "['hauberk.enforce.loaders.table']"
