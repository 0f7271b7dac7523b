"""The mutants of a module: each is its source with one small thing changed that a test should notice.

    ==  !=  <  <=  >  >=  in  not in  is  is not     the other, or the neighbour
    and  or  not                                     the other; without `not`
    if  while  … if … else  [… for … if …]           the opposite, where the question is none of the above
    a number, True, False                            one more; the other
    +  -  *  //  %  <<  >>  &  |  ^  and  +=          another
    return x                                         return None
    raise                                            nothing is raised
    f(x) as a statement, x += 1                      not done
    continue  break                                  the other
    min  max  any  all                               the other

Left alone: annotations, docstrings, decorators, `field(…)`, `if TYPE_CHECKING`, `assert` (these narrow types for mypy:
no check relies on one), and text: what a message says is asked by the tests of its page, not by this.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

_COMPARED = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr, ast.Div: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params"}
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_ANSWERED = (ast.Compare, ast.BoolOp, ast.UnaryOp)


@dataclass(frozen=True)
class Mutant:
    """One change: `place` is the dotted name of the function around it, empty for the module itself.

    `again` counts the same change in the same place; so a name stays the same while lines move.
    """

    module: str
    line: int
    place: str
    before: str
    after: str
    number: int
    again: int = 0

    @property
    def name(self) -> str:
        """Return what the mutant is called in lists."""
        return f"{self.module}::{self.place}: {self.before} → {self.after}" + (f" #{self.again}" if self.again else "")


class Module:
    """A module's tree, in which one mutant at a time is made and unmade.

    Its `units` are its functions, its methods, and what stands outside of these in each class and in the module
    itself: by their names, the digest of what each says, without docstrings and comments.
    """

    def __init__(self, name: str, source: str, file: str) -> None:
        """Parse a module; `file` is the name in its code objects."""
        self._tree = ast.parse(source)
        self._file = file
        self.name = name
        self.units = {unit: hashlib.sha256(text.encode()).hexdigest()[:16] for unit, text in _units(self._tree)}
        self._sites: list[_Site] = []
        self.mutants: list[Mutant] = []
        counted = Counter[tuple[str, str, str]]()
        for site in _sites(self._tree, ""):
            same = (site.place, _text(site.old), _text(site.new))
            self.mutants.append(Mutant(name, site.line, *same, len(self._sites), counted[same]))
            counted[same] += 1
            self._sites.append(site)

    def unit_of(self, mutant: Mutant) -> str:
        """Return the unit that a mutant changes."""
        outer, _, rest = mutant.place.partition(".")
        inner = f"{outer}.{rest.partition('.')[0]}"
        return inner if inner in self.units else outer

    def compile(self, number: int) -> CodeType:
        """Return the code of the module with one change."""
        site = self._sites[number]
        site.put(ast.fix_missing_locations(ast.copy_location(site.new, site.old)))
        try:
            return compile(self._tree, self._file, "exec", dont_inherit=True)
        finally:
            site.put(site.old)


@dataclass(frozen=True)
class _Site:
    parent: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST
    place: str

    @property
    def line(self) -> int:
        return int(getattr(self.old, "lineno", 0))

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _units(tree: ast.Module) -> Iterator[tuple[str, str]]:
    yield "", _said(tree.body)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, _said(node.body) + "".join(map(ast.unparse, (*node.decorator_list, *node.bases)))
            yield from ((f"{node.name}.{one.name}", _text_of(one)) for one in node.body if isinstance(one, _FUNCTION))
        elif isinstance(node, _FUNCTION):
            yield node.name, _text_of(node)


def _said(body: list[ast.stmt]) -> str:
    """Return what stands in a body outside of functions and classes."""
    left_out = (*_FUNCTION, ast.ClassDef, ast.Import, ast.ImportFrom)
    return "\n".join(ast.unparse(node) for node in body if not isinstance(node, left_out) and not _is_text(node))


def _text_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    text = ast.unparse(function)
    first = function.body[0]
    return text.replace(ast.unparse(first), "", 1) if _is_text(first) else text


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _sites(node: ast.AST, place: str) -> Iterator[_Site]:
    for field, index, child in _children(node):
        inside = place
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{place}.{child.name}".lstrip(".")
        for new in _changes(child, asked=_is_asked(node, field)):
            yield _Site(node, field, index, child, new, place)
        if not _is_left_alone(child):
            yield from _sites(child, inside)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if field in _LEFT_ALONE:
            continue
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            yield from ((field, index, item) for index, item in enumerate(value) if isinstance(item, ast.AST))


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.Call):  # of a record: whether it shows and compares a member
        return isinstance(node.func, ast.Name) and node.func.id == "field"
    return isinstance(node, ast.Assert)


def _is_asked(parent: ast.AST, field: str) -> bool:
    """Say whether a node is the question of a branch."""
    return field == "test" or (isinstance(parent, ast.comprehension) and field == "ifs")


def _changes(node: ast.AST, *, asked: bool) -> Iterator[ast.AST]:
    if asked and not isinstance(node, _ANSWERED) and not (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING"):
        yield ast.UnaryOp(ast.Not(), node)
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                ops = [*node.ops[:place], _COMPARED[type(operator)](), *node.ops[place + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float()):
            yield ast.Constant(node.value + 1)
        case ast.BinOp() if type(node.op) in _COMPUTED:
            yield ast.BinOp(node.left, _COMPUTED[type(node.op)](), node.right)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            yield ast.Call(ast.Name(_CALLED[name], ast.Load()), node.args, node.keywords)
        case _:
            yield from _changes_of_statement(node)


def _changes_of_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.AugAssign() if type(node.op) in _COMPUTED:
            yield ast.AugAssign(node.target, _COMPUTED[type(node.op)](), node.value)
            yield ast.Pass()
        case ast.Return(value=ast.expr()) if not _is_none(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= 160 else f"{text[:150]} …"
