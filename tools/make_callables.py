"""Writes the tables of safe callables: `python tools/make_callables.py`; `--check` only says whether they are due.

Each table comes from recipes beside this file: real values, pickled as real programs do. A row's uses are those that
its states make, recorded while they are loaded; a name that the recipes list and no state uses is an error.
"""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
import warnings
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import recipes_joblib
import recipes_numpy
import recipes_scipy
import recipes_sklearn
import recipes_stdlib
from recording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from recording import Name, State

    Told = tuple[str, str, str]

TABLES = Path(__file__).parent.parent / "src" / "hauberk" / "callables" / "tables"
ORDER = ("import", "new", "call", "build", "extend")


@dataclass(frozen=True, slots=True)
class Source:
    """One table: its file, the package it speaks of, its states, and what is told of each name."""

    name: str
    title: str
    package: str
    states: Callable[[], Iterator[State]]
    told: Mapping[Name, Told] | None

    @property
    def version(self) -> str:
        """Return the installed release."""
        return importlib.metadata.version(self.package) if self.package != "python" else platform.python_version()


SOURCES = (
    Source("stdlib", "the standard library", "python", recipes_stdlib.states, recipes_stdlib.ROWS),
    Source("numpy", "NumPy", "numpy", recipes_numpy.states, recipes_numpy.ROWS),
    Source("scipy", "SciPy", "scipy", recipes_scipy.states, recipes_scipy.ROWS),
    Source("joblib", "joblib", "joblib", recipes_joblib.states, recipes_joblib.ROWS),
    Source("sklearn", "scikit-learn", "scikit-learn", recipes_sklearn.states, None),
)


def products() -> dict[Name, str]:
    """Return what a call of each name makes, as the recipes tell it."""
    told = {name: row[1] for source in SOURCES if source.told for name, row in source.told.items()}
    for full, row in recipes_sklearn.RULES.items():
        module, _, name = full.rpartition(".")
        told[module, name] = row[1]
    return told


def rows_of(source: Source, makes: Mapping[Name, str], known: frozenset[Name]) -> dict[Name, tuple[str, str, str, str]]:
    """Return the rows of a table: uses, rule, product, reason."""
    uses: dict[Name, set[str]] = defaultdict(set)
    for state in source.states():
        for module, name, use in record(state, makes):
            uses[module, name].add(use)
    told: dict[Name, Told] = dict(source.told or {})
    if source.told is None:
        for full in sorted(set(uses) - known):
            row = recipes_sklearn.describe(*full, uses[full])
            if row is not None:
                told[full] = row
    unproved, untold = set(told) - set(uses), set(uses) - set(told) - known
    if unproved or (untold and source.told is not None):
        raise SystemExit(f"{source.name}: no state uses {sorted(unproved)}, no recipe tells of {sorted(untold)}")
    return {name: (" ".join(use for use in ORDER if use in uses[name]), *told[name]) for name in sorted(told)}


def text_of(source: Source, rows: Mapping[Name, tuple[str, str, str, str]]) -> str:
    """Return a table as a Python module."""
    release = f"Python {source.version}" if source.package == "python" else f"{source.package} {source.version}"
    lines = [
        f'"""Safe callables of {source.title}. Made by tools/make_callables.py from {release}; do not edit."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, Final",
        "",
        "if TYPE_CHECKING:",
        "    from collections.abc import Mapping",
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
    makes = products()
    known: frozenset[Name] = frozenset().union(*(source.told for source in SOURCES if source.told))
    due = []
    for source in SOURCES:
        path = TABLES / f"{source.name}.py"
        rows = rows_of(source, makes, known)
        text = text_of(source, rows)
        if not path.exists() or path.read_text() != text:
            due.append(source.name)
            if "--check" not in sys.argv:
                path.write_text(text)
        print(f"{source.name}: {len(rows)} rows from {source.package} {source.version}")
    print(f"due: {', '.join(due) or 'none'}")
    if due and "--check" in sys.argv:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
