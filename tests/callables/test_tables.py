"""What the tables hold, and what they may never hold."""

import ast
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import Counter
from pathlib import Path

import pytest

from hauberk.callables.arguments.registry import ARGUMENT_RULES
from hauberk.callables.dangerous import MODULES, NAMES, SAME_AS
from hauberk.callables.table import SOURCES, row_of
from hauberk.symbol import Global, Use

ROWS = [(module, name, row) for source in SOURCES for module, rows in source.ROWS.items() for name, row in rows.items()]
PATHS = [Path(source.__file__) for source in SOURCES]
RECIPES = sorted((Path(__file__).parents[2] / "tools").glob("recipes_*.py"))


def names_told(node):
    """Return the keys `(module, name)` of a dict that is written out."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return [
        key for key in keys if isinstance(key, ast.Tuple) and all(isinstance(part, ast.Constant) for part in key.elts)
    ]


def test_there_are_rows():
    assert len(ROWS) > 1200


def test_no_module_is_in_two_tables():
    modules = [module for source in SOURCES for module in source.ROWS]
    assert len(modules) == len(set(modules))


def test_every_row_says_uses_that_there_are():
    known = {use.value for use in Use} - {"persistent"}
    assert [name for _, name, row in ROWS if not row[0] or set(row[0].split()) - known] == []


def test_every_row_has_a_reason():
    assert [name for _, name, row in ROWS if len(row[3]) < 6] == []


def test_every_rule_that_a_row_names_is_there_and_every_rule_is_used():
    assert {row[1] for _, _, row in ROWS} - {""} == set(ARGUMENT_RULES)


def test_a_dotted_row_is_a_member_of_a_class_with_a_row_and_named():
    dotted = [(module, name, row) for module, name, row in ROWS if "." in name]
    assert [name for module, name, _ in dotted if row_of(Global(module, name.partition(".")[0])) is None] == []
    assert {name for _, name, row in dotted if row[0] != "import"} == {"ZoneInfo._unpickle"}


def test_no_row_is_a_name_of_python_2():
    # With protocol 2 such a name would resolve to something else than the row was proved for.
    assert [name for name in ROWS if name[:2] in NAME_MAPPING or name[0] in IMPORT_MAPPING] == []


def test_a_name_that_is_safe_and_known_bad_has_a_rule_or_is_only_named():
    both = [row for row in ROWS if row[1] in NAMES.get(SAME_AS.get(row[0], row[0]), {})]
    assert {name: row[1] or row[0] for _, name, row in both} == {
        "encode": "latin1",
        "getattr": "getattr",
        "_load_from_bytes": "file-in-bytes",
        "Memory": "memory",
        "iter": "iterator",
        "max": "import",
        "min": "import",
        "vectorize": "vectorize",
        "type": "none-type",
        "memmap": "import",
    }


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_table_is_literals_and_nothing_else(path):
    rows = ast.parse(path.read_text()).body[-1]
    assert ast.literal_eval(rows.value)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_no_recipe_tells_of_a_name_twice(path):
    # The second would win, whatever rule the first asks for.
    told = [ast.unparse(key) for node in ast.walk(ast.parse(path.read_text())) for key in names_told(node)]
    assert [name for name, times in Counter(told).items() if times > 1] == []


@pytest.mark.parametrize("table", [MODULES, *NAMES.values()], ids=["modules", *NAMES])
def test_a_condemned_name_says_why(table):
    assert [name for name, (_, why) in table.items() if len(why) < 5] == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("numpy", "load"),
        ("numpy.random", "set_state"),
        ("sklearn.datasets._openml", "fetch_openml"),
        ("builtins", "open"),
    ],
)
def test_nothing_is_safe_because_its_package_is(module, name):
    assert row_of(Global(module, name)) is None


@pytest.mark.parametrize("module", ["numpy.", ".numpy", "numpy ", "Numpy", "numpy\0", "numpy.dtype", ""])
def test_a_module_that_is_nearly_the_same_is_another(module):
    assert row_of(Global(module, "dtype")) is None
