"""Python source that somebody else wrote: what it calls, by the names that its imports give.

The source is parsed and never compiled or run. A call is told by its dotted name once the aliases of import statements
are resolved, also through `__import__`, `importlib.import_module` and `getattr` with constants. What is put together
while the program runs is not told; that it calls `eval` or `exec` on it is.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

_IMPORTS: Final = ("__import__", "builtins.__import__", "importlib.import_module", "importlib.__import__")
_MAGIC: Final = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)
_MOST_CALLS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the dotted name, its constant texts, the names of calls inside its arguments, the line."""

    name: str
    texts: tuple[str, ...]
    inner: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class SourceDescription(Described):
    """What a Python source calls and imports.

    Attributes:
        calls: each call.
        imports: the names that its imports give, in full.
        names: every dotted name that it uses, called or not, with the line where it stands first.
    """

    calls: tuple[Call, ...] = ()
    imports: tuple[str, ...] = ()
    names: tuple[tuple[str, int], ...] = ()


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> SourceDescription:
    """Return what Python source calls. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    if view.size > limits.max_source_bytes:
        return SourceDescription(unchecked=(Unchecked(UncheckedCode.LIMIT, f"source code of {view.size} bytes"),))
    return read(view.read_at(0, view.size).decode("utf-8", "replace"))


def read(text: str) -> SourceDescription:
    """Return what Python source calls; the lines of notebooks that are for a shell are left out."""
    try:
        tree = ast.parse(_MAGIC.sub("", text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        note = Unchecked(UncheckedCode.MALFORMED, f"not Python source: {type(error).__name__}")
        return SourceDescription(format="python", unchecked=(note,))
    names: dict[str, str] = {}
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    used: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Name) and (name := _name(node, names)):
            used.setdefault(name, node.lineno)
    calls = [_call(node, names) for node in nodes if isinstance(node, ast.Call)]
    return SourceDescription(
        format="python",
        calls=tuple(call for call in calls if call.name)[:_MOST_CALLS],
        imports=tuple(sorted(set(names.values()))),
        names=tuple(used.items())[:_MOST_CALLS],
    )


def _call(node: ast.Call, names: dict[str, str]) -> Call:
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    texts = tuple(
        one.value if isinstance(one.value, str) else one.value.decode("latin-1")
        for argument in arguments
        for one in ast.walk(argument)
        if isinstance(one, ast.Constant) and isinstance(one.value, str | bytes)
    )
    inner = tuple(
        _name(one.func, names) for argument in arguments for one in ast.walk(argument) if isinstance(one, ast.Call)
    )
    return Call(_name(node.func, names), texts[:64], inner[:64], node.lineno)


def _name(node: ast.expr, names: dict[str, str]) -> str:
    """Return the dotted name that an expression stands for, or nothing."""
    tail: list[str] = []
    while isinstance(node, ast.Attribute):
        tail.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        head = names.get(node.id, node.id)
    elif isinstance(node, ast.Call):
        head = _through(node, names)
    else:
        return ""
    return ".".join([head, *reversed(tail)]) if head else ""


def _through(node: ast.Call, names: dict[str, str]) -> str:
    """Return what `__import__("os")` or `getattr(os, "system")` stands for."""
    called = _name(node.func, names) if isinstance(node.func, ast.Name | ast.Attribute) else ""
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if called in _IMPORTS and texts:
        return texts[0]
    if called == "getattr" and len(node.args) > 1 and texts:
        owner = _name(node.args[0], names)
        return f"{owner}.{texts[0]}" if owner else ""
    return ""
