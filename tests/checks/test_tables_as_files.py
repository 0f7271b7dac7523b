"""A table of ours, written to a file and believed from there, judges as the one that is built in."""

import importlib.util

import pytest

from hauberk.callables.table import BUILT_IN
from hauberk.checks.model.examine import examine
from hauberk.checks.own_tables import merged, table_of
from hauberk.view import BytesView
from shape.sources import REPOSITORY

VECTORS = [path for path in sorted((REPOSITORY / "tests" / "vectors" / "rules").rglob("*")) if path.is_file()]
SMALL = [
    path for path in VECTORS if path.stat().st_size < 1 << 16 and path.suffix in (".pkl", ".joblib", ".npy", ".bin", "")
]


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_table", REPOSITORY / "tools" / "make_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def all_as_files(maker):
    return merged(table_of(maker.written(source).encode(), what=source) for source in BUILT_IN)


@pytest.mark.parametrize("source", BUILT_IN)
def test_every_row_comes_back(maker, source):
    table = table_of(maker.written(source).encode(), what=source)
    assert (table.used.source, table.replaces) == (source, source)
    assert table.rows == {module: dict(rows) for module, rows in BUILT_IN[source].items()}


@pytest.mark.parametrize("path", SMALL, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}-{path.name}")
def test_a_vector_is_judged_the_same(path, all_as_files):
    view = BytesView(path.read_bytes())
    assert examine(view, "m", own=all_as_files).report == examine(view, "m").report
