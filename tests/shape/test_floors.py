"""The house: which folders there are, who imports whom, and what an `__init__` holds."""

import ast
import re
import subprocess
import sys

import pytest

from shape.sources import PACKAGE, PURE, REPOSITORY, contracts, modules

FOLDERS = sorted({module.path.parent for module in modules()} - {PACKAGE})
TOP_FOLDERS = sorted(folder.name for folder in FOLDERS if folder.parent == PACKAGE)


def floors_of_the_contract() -> set[str]:
    return {name for layer in contracts()["floors"]["layers"] for name in re.findall(r"\w+", layer)}


def test_the_import_contracts_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as main; main()",
        "--no-cache",
        "--no-logo",
    ]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", TOP_FOLDERS)
def test_a_folder_has_its_floor(folder):
    assert folder in floors_of_the_contract()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PACKAGE).as_posix())
def test_a_folder_is_made_with_its_first_file(folder):
    assert (folder / "__init__.py").is_file()
    assert [path for path in folder.rglob("*.py") if path.name != "__init__.py"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PACKAGE).as_posix())
def test_an_init_holds_its_docstring_and_nothing_else(folder):
    body = ast.parse((folder / "__init__.py").read_text()).body
    assert len(body) == 1
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)
    assert isinstance(body[0].value.value, str)


@pytest.mark.parametrize("floor", sorted({module.floor for module in modules()} & set(PURE)))
def test_a_pure_floor_is_under_the_contract_of_purity(floor):
    assert f"hauberk.{floor}" in contracts()["pure"]["source_modules"]


def test_every_module_of_the_first_floor_is_vocabulary():
    files = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__", "data"}  # `data` is a door
    assert files <= set(PURE)
