"""Writes the tables of safe callables: `python tools/make_callables.py`; `--check` only says whether they are due.

Each table comes from recipes beside this file: real values, pickled as real programs do. A row's uses are those that
its states make, recorded while they are loaded; a name that the recipes list and no state uses is an error. Names of
sources may be given; a source whose framework is not installed is left as it is, and this is said.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import pickle
import platform
import subprocess
import sys
import warnings
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from recording import record

from hauberk.callables.table import SOURCES as TABLES_NOW

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from recording import Name

    Told = tuple[str, str, str]
    Rows = dict[Name, tuple[str, str, str, str]]

TABLES = Path(__file__).parent.parent / "src" / "hauberk" / "callables" / "tables"
ORDER = ("import", "new", "call", "build", "extend")


@dataclass(frozen=True)
class Source:
    """One table: its file, what it speaks of, and the package whose release is named in it.

    Its recipes have `states()`, and `ROWS`, what is told of each name. Those of frameworks with hundreds of classes
    have `describe(module, name, uses)` too, which tells of a name that only the states use, or says None.
    """

    name: str
    title: str
    package: str

    @property
    def releases(self) -> tuple[str, ...]:
        """Return the installed releases, each with its name; a build's own suffix is left out."""
        if self.package == "python":
            return (f"Python {platform.python_version()}",)
        return tuple(f"{name} {importlib.metadata.version(name).partition('+')[0]}" for name in self.package.split())

    @property
    def is_installed(self) -> bool:
        """Say whether the package is there."""
        try:
            return bool(self.releases)
        except importlib.metadata.PackageNotFoundError:
            return False

    @cached_property
    def recipes(self) -> ModuleType:
        """Return the recipes of the table."""
        return importlib.import_module(f"recipes_{self.name}")


SOURCES = (
    Source("stdlib", "the standard library", "python"),
    Source("numpy", "NumPy", "numpy"),
    Source("scipy", "SciPy", "scipy"),
    Source("joblib", "joblib", "joblib"),
    Source("sklearn", "scikit-learn", "scikit-learn"),
    Source("torch", "PyTorch", "torch"),
    Source("pandas", "pandas, with Arrow", "pandas pyarrow"),
    Source("boosting", "boosted trees", "xgboost-cpu lightgbm catboost"),
    Source("ultralytics", "ultralytics", "ultralytics"),
    Source("imblearn", "imbalanced-learn", "imbalanced-learn"),
    Source("networkx", "networkx", "networkx"),
    Source("omegaconf", "OmegaConf", "omegaconf"),
    Source("transformers", "Hugging Face transformers and tokenizers", "transformers tokenizers"),
    # last: transformers and ultralytics would use its torchvision if it was imported before them
    Source("vision", "torchvision and timm", "torchvision timm"),
)


def rows_now() -> dict[str, Rows]:
    """Return the rows of each table as it is."""
    return {
        table.__name__.rpartition(".")[2]: {(m, n): row for m, rows in table.ROWS.items() for n, row in rows.items()}
        for table in TABLES_NOW
    }


def rows_of(source: Source, makes: Mapping[Name, str], others: frozenset[Name]) -> Rows:
    """Return the rows of a table: uses, rule, product, reason."""
    uses: dict[Name, set[str]] = defaultdict(set)
    for state in source.recipes.states():
        try:
            seen = record(state, makes)
        except pickle.UnpicklingError as error:
            raise SystemExit(f"{source.name}: {state.label}: {error}") from error
        for module, name, use in seen:
            uses[module, name].add(use)
    told: dict[Name, Told] = dict(source.recipes.ROWS)
    describe = getattr(source.recipes, "describe", None)
    for full in sorted(set(uses) - set(told) - others) if describe else ():
        row = describe(*full, uses[full])
        if row is not None:
            told[full] = row
    unproved, untold = set(told) - set(uses), set(uses) - set(told) - others
    if unproved or (untold and not describe):
        raise SystemExit(f"{source.name}: no state uses {sorted(unproved)}, no recipe tells of {sorted(untold)}")
    return {name: (" ".join(use for use in ORDER if use in uses[name]), *told[name]) for name in sorted(told)}


def text_of(source: Source, rows: Mapping[Name, tuple[str, str, str, str]]) -> str:
    """Return a table as a Python module."""
    lines = [
        f'"""Safe callables of {source.title}. Made by tools/make_callables.py; do not edit."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, Final",
        "",
        "if TYPE_CHECKING:",
        "    from collections.abc import Mapping",
        "",
        f"RELEASES: Final = {source.releases!r}",
        "",
        "ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {",
    ]
    modules: dict[str, list[str]] = defaultdict(list)
    for (module, name), row in rows.items():
        cells = ", ".join(f'"{cell}"' for cell in row)
        modules[module].append(f'        "{name}": ({cells}),')
    for module, texts in modules.items():
        lines += [f'    "{module}": {{', *texts, "    },"]
    lines += ["}", ""]
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", f"{source.name}.py", "-"]
    return subprocess.run(ruff, input="\n".join(lines), text=True, capture_output=True, check=True).stdout


def main() -> None:
    """Write what differs; with `--check`, fail instead."""
    warnings.simplefilter("ignore")
    asked = {argument for argument in sys.argv[1:] if not argument.startswith("-")}
    sources = [source for source in SOURCES if source.is_installed and (not asked or source.name in asked)]
    now = rows_now()
    makes = {name: row[2] for rows in now.values() for name, row in rows.items()}
    for source in sources:
        makes.update(
            {name: row[1] for name, row in (source.recipes.ROWS | getattr(source.recipes, "TOLD", {})).items()}
        )
    due = []
    for source in sources:
        others = frozenset(name for other, rows in now.items() if other != source.name for name in rows)
        path = TABLES / f"{source.name}.py"
        rows = rows_of(source, makes, others)
        text = text_of(source, rows)
        if not path.exists() or path.read_text() != text:
            due.append(source.name)
            if "--check" not in sys.argv:
                path.write_text(text)
        print(f"{source.name}: {len(rows)} rows from {', '.join(source.releases)}")
    left = [source.name for source in SOURCES if source not in sources]
    print(f"left as they are: {', '.join(left) or 'none'}")
    print(f"due: {', '.join(due) or 'none'}")
    if due and "--check" in sys.argv:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
