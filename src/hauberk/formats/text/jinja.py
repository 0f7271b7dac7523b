"""Jinja templates, as chat templates are: which names, attributes and strings their code uses.

Text between the delimiters is code; the rest is text and says nothing. The code is cut into tokens as Jinja's lexer
does it, strings with their escapes resolved, and no further: what reaches beyond a template's variables is told by the
names. Source: Jinja 3.1 `lexer.py`; CVE-2024-34359.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

TELLING: Final = re.compile(rb"\{[{%]")
_BEGIN: Final = re.compile(r"\{([{%#])")
# A whole number in each base, or one with a fraction or an exponent.
_NUMBER: Final = (
    r"(?P<number>0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[0-9][0-9_]*(?:\.[0-9_]+)?(?:[eE][+-]?[0-9]+)?)"
)
_CODE: Final = re.compile(
    r"\s+|(?P<end>[-+]?[%}]\})|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<name>[^\W\d]\w*)|"
    rf"{_NUMBER}|(?P<operator>\*\*|//|==|!=|>=|<=|.)",
    re.DOTALL,
)
# Behind a quote that nothing closes: Jinja refuses the template, and to look for an end again and again takes long.
_UNCLOSED: Final = re.compile(
    r"\s+|(?P<end>[-+]?[%}]\})|(?P<string>(?!))|(?P<name>[^\W\d]\w*)|"
    rf"{_NUMBER}|(?P<operator>\*\*|//|==|!=|>=|<=|.)",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
_STATEMENT: Final = re.compile(r"\{%[-+]?\s*(for|if|set|macro|block|call|filter|with)\b")
_OTHER: Final = ("```", "#!", "<!", "<html", "# ", "{", "[")


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a template's code: `tag`, `name`, `attribute`, `filter`, `string`, `number` or `operator`.

    A tag is the word that a statement begins with.
    """

    kind: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Template(Described):
    """A template's tokens of code, in order."""

    tokens: tuple[Token, ...] = ()


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Template:
    """Return a template's code. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    if view.size > limits.max_template_bytes:
        note = Unchecked(UncheckedCode.LIMIT, f"a template of {view.size} bytes")
        return Template(format="jinja", unchecked=(note,))
    return read(view.read_at(0, view.size).decode("utf-8", "replace"))


def read(text: str) -> Template:
    """Return the code of a template; what follows an open delimiter is code to the end."""
    tokens: list[Token] = []
    at = 0
    while (begin := _BEGIN.search(text, at)) is not None:
        at = begin.end()
        if begin[1] == "#":
            end = text.find("#}", at)
            at = len(text) if end < 0 else end + 2
        else:
            at = _code(text, at, tokens, first="tag" if begin[1] == "%" else "name")
    return Template(format="jinja", tokens=tuple(tokens))


def read_file(data: bytes) -> Template | None:
    """Return the code of a text file, if it is a template and no prose that shows some."""
    if len(data) > DEFAULT_LIMITS.max_template_bytes:
        return None
    text = data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith(("{%", "{{", "{#")) or (_STATEMENT.search(text) and not _is_other(text)):
        return read(text)
    return None


def _is_other(text: str) -> bool:
    """Say whether a text is one of those that hold templates without being one."""
    return text.startswith(_OTHER) or "\n```" in text


def _code(text: str, at: int, tokens: list[Token], first: str) -> int:
    """Read tokens up to the closing delimiter; return the offset behind it."""
    before, words = "", _CODE
    while at < len(text):
        found = words.match(text, at)
        if found is None:
            return at + 1
        at = found.end()
        if found["end"]:
            return at
        if found.lastgroup is None:
            continue
        kind, seen = found.lastgroup, found[0]
        if seen in ("'", '"'):
            words = _UNCLOSED
        if kind == "name":
            kind = {".": "attribute", "|": "filter"}.get(before, first)
        if seen not in ("-", "+"):  # behind a delimiter they trim white space
            first = "name"
        tokens.append(Token(kind, unescape(seen[1:-1]) if kind == "string" else seen, found.start()))
        before = seen if kind == "operator" else ""
    return at


def unescape(text: str) -> str:
    """Return a string literal's value."""
    return _ESCAPE.sub(_one, text) if "\\" in text else text


def _one(match: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if match[group]:
            code = int(match[group], base)
            return chr(code) if code < 0x110000 else "\ufffd"
    return _SIMPLE.get(match[5], match[5])
