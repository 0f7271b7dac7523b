"""TorchScript as it lies in an archive: source in a language of its own, compiled by the loader.

It looks like Python, and knows no import and no object that is not a tensor, a number, a text or a container of these;
what it can do is what the operators do that it names. A method `__setstate__` runs while the archive is loaded, any
other when the model is used. So the names are read, as they stand outside of strings and comments, and a rule says
which of them do more than compute. `getattr` with a text is how the language spells a name that is no word.

Source: `torch/csrc/jit/frontend/lexer.h`, `torch/csrc/jit/serialization/python_print.cpp` of PyTorch 2.13.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from hauberk.view import View

MOST_NAMES: Final = 200_000
_GAP: Final = r"(?:[ \t\r\n\f]|\\\r?\n|\#[^\n]*+(?:\n|\Z))*+"
_TOKEN: Final = re.compile(
    rf"""(?P<comment>\#[^\n]*+)|
    (?P<string>[a-zA-Z]?(?:\"{{3}}(?:[^\"\\]|\\.|\"(?!\"\"))*+\"{{3}}|'{{3}}(?:[^'\\]|\\.|'(?!''))*+'{{3}}|
        \"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'))|
    (?P<name>(?:\.{_GAP})?+[^\W\d]\w*+(?:{_GAP}\.{_GAP}[^\W\d]\w*+)*+)|
    (?P<number>\d[\w.]*+)|(?P<space>\s++)|(?P<mark>[^\"'])""",
    re.DOTALL | re.VERBOSE,
)
_CALLED: Final = re.compile(rf"{_GAP}\(")
_OPERATOR: Final = re.compile(rb"(?:X(.{4})|\x8c(.))(?=[a-zA-Z0-9_]{1,64}::)", re.DOTALL)
_LONGEST_OPERATOR: Final = 256
_PIECE_BYTES: Final = 1 << 20
_WORD: Final = re.compile(r"[^\W\d]\w*+")
_COMMENT: Final = re.compile(r"\#[^\n]*+")


@dataclass(frozen=True, slots=True)
class Named:
    """A dotted name or a text in a source, and the offset of its first character."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class ScriptDescription(Described):
    """The names in a TorchScript source, each where it is met first.

    Attributes:
        names: those that are dotted, as they are spelled, or called; what follows another expression begins with a dot.
        texts: short strings, in a source that looks up attributes by them.
    """

    names: tuple[Named, ...] = ()
    texts: tuple[Named, ...] = ()


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> ScriptDescription:
    """Return the names in a source. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    if view.size > limits.max_document_bytes:
        return ScriptDescription(unchecked=(Unchecked(UncheckedCode.LIMIT, f"TorchScript of {view.size} bytes"),))
    try:
        text = view.read_at(0, view.size).decode()
    except UnicodeDecodeError:
        return ScriptDescription(unchecked=(Unchecked(UncheckedCode.MALFORMED, "TorchScript that is not UTF-8"),))
    return read(text)


def describe_bytecode(view: View, limits: Limits = DEFAULT_LIMITS) -> ScriptDescription:
    """Return the operators that compiled functions for phones name: `aten::relu` as `aten.relu`.

    They are texts of a pickle, which its loader takes from one place each, so they stand in the bytes as they are.

    Raises:
        Unavailable: the view cannot be read.
    """
    names: dict[str, int] = {}
    for start in range(0, view.size, _PIECE_BYTES):
        piece = view.read_at(start, _PIECE_BYTES + 2 * _LONGEST_OPERATOR)
        for match in _OPERATOR.finditer(piece):
            length = int.from_bytes(match[1] or match[2], "little")
            if length <= _LONGEST_OPERATOR:
                name = piece[match.end() : match.end() + length].decode(errors="replace").replace("::", ".")
                names.setdefault(name, start + match.start())
        if len(names) > min(MOST_NAMES, limits.max_findings):
            return _cut(names, {}, Unchecked(UncheckedCode.LIMIT, f"more than {len(names)} operators", _place(start)))
    return _cut(names, {})


def read(text: str) -> ScriptDescription:
    """Return the names in a source."""
    names: dict[str, int] = {}
    texts: dict[str, int] = {}
    at, before = 0, "="
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return _cut(names, texts, Unchecked(UncheckedCode.MALFORMED, "a string that does not end", _place(at)))
        if token.lastgroup == "name" and ("." in token[0] or _CALLED.match(text, token.end())):
            names.setdefault(("^" if before == "=^" else "") + _spelled(token[0]), at)
        elif token.lastgroup == "string" and len(token[0]) < 64:
            texts.setdefault(token[0].strip("\"'"), at)
        if len(names) > MOST_NAMES or len(texts) > MOST_NAMES:
            return _cut(names, texts, Unchecked(UncheckedCode.LIMIT, f"more than {MOST_NAMES} names", _place(at)))
        before = _before(token, before)
        at = token.end()
    return _cut(names, texts)


def _before(token: re.Match[str], before: str) -> str:
    """Return `=` where an expression begins behind a token, `=^` behind the mark of a Python call, else nothing."""
    if token.lastgroup in ("space", "comment"):
        return "=" if "\n" in token[0] and before != "=^" else before
    if token[0] == "^":
        return "=^" if before == "=" else ""
    return "=" if token[0] in "=([{,:;" or token[0] == "return" else ""


def _spelled(text: str) -> str:
    """Return a dotted name without what may stand between its parts."""
    words = _WORD.findall(_COMMENT.sub("", text))
    return ("." if text.startswith(".") else "") + ".".join(words)


def _cut(names: dict[str, int], texts: dict[str, int], *notes: Unchecked) -> ScriptDescription:
    looks_up = any(name.rpartition(".")[2] == "getattr" for name in names)
    return ScriptDescription(
        unchecked=notes,
        format="torchscript-source",
        names=tuple(Named(name, offset) for name, offset in names.items()),
        texts=tuple(Named(text, offset) for text, offset in texts.items()) if looks_up else (),
    )


def _place(offset: int) -> Location:
    return Location(offset=offset)
