"""Our own source code as syntax trees, for the tests of its shape."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "hauberk"

VOCABULARY = (
    "errors",
    "digest",
    "detonation",
    "comparison",
    "limits",
    "view",
    "subject",
    "finding",
    "refused_for",
    "rule",
    "symbol",
    "statement",
    "verdict",
    "version",
)
PURE = (*VOCABULARY, "formats", "callables", "signature", "render", "stats", "evidence", "checks", "policy")


@dataclass(frozen=True)
class Module:
    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        """Return the dotted name under `hauberk`, without it."""
        return ".".join(self.path.relative_to(PACKAGE).with_suffix("").parts)

    @property
    def floor(self) -> str:
        return self.name.partition(".")[0]

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    def calls(self) -> list[tuple[str, int]]:
        """Return the last name of everything that is called, with its line."""
        names = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names.append((node.func.id, node.lineno))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                names.append((f".{node.func.attr}", node.lineno))
        return names


@cache
def modules() -> tuple[Module, ...]:
    return tuple(Module(path, ast.parse(path.read_bytes())) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def contracts() -> dict[str, dict]:
    """Return the import contracts of pyproject.toml by their id."""
    listed = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract for contract in listed}


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
