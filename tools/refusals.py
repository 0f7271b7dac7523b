"""How many of the tests of the deciding folders are refusals: one good thing, one change, and a no that is expected.

python tools/refusals.py        # prints the share of each folder, and of all of them

A test is a refusal if it, or a function of its module that it calls, does one of these:

    pytest.raises(one of our errors)        except one of our errors: what is then compared is the refusal
    Answer.DENY                             a verdict that is expected to deny
    main([…]) == 1, 2 or 3                  a command that is expected to exit so

Counted are functions, not the cases of their tables: one test with a hundred forged members is one refusal.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
FOLDERS = ("policy", "gate", "evidence", "ledger")
ERRORS = {
    "HauberkError", "Malformed", "Exceeded", "Unavailable", "NotVerified", "Refused", "Misconfigured",
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """The tests of some folder."""

    tests: int
    refusals: int

    @property
    def share(self) -> float:
        """Return the percentage of refusals."""
        return 100 * self.refusals / max(1, self.tests)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.tests + other.tests, self.refusals + other.refusals)


def count(folder: str) -> Counted:
    """Return how many tests a folder of tests has, and how many of them are refusals."""
    return sum((_count(path) for path in sorted((TESTS / folder).glob("test_*.py"))), Counted(0, 0))


def refusals(source: str) -> dict[str, bool]:
    """Return the names of a module's tests, and whether each is a refusal."""
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    refusing = {name for name, node in functions.items() if any(map(_refuses, ast.walk(node)))}
    while more := {name for name, node in functions.items() if _names(node) & refusing} - refusing:
        refusing |= more
    return {name: name in refusing for name in functions if name.startswith("test_")}


def _count(path: Path) -> Counted:
    found = refusals(path.read_text())
    return Counted(len(found), sum(found.values()))


def _names(function: ast.FunctionDef) -> set[str]:
    """Return what a function calls by a plain name."""
    return {
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def _refuses(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name("pytest"), attr="raises"), args=[raised, *_]):
            return _is_ours(raised)
        case ast.ExceptHandler(type=ast.expr() as caught):
            return _is_ours(caught)
        case ast.Attribute(value=ast.Name("Answer"), attr="DENY"):
            return True
        case ast.Compare(
            left=ast.Call(func=ast.Name("main")), ops=[ast.Eq()], comparators=[ast.Constant(value=int(code))]
        ):
            return code != 0
    return False


def _is_ours(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id in ERRORS for part in ast.walk(node))


def main() -> None:
    """Print the shares."""
    counted = {folder: count(folder) for folder in FOLDERS}
    for folder, found in (*counted.items(), ("all", sum(counted.values(), Counted(0, 0)))):
        print(f"{folder:8}  {found.tests:4} tests  {found.refusals:4} refusals  {found.share:.0f} %")


if __name__ == "__main__":
    main()
