"""What in a template's code leads out of it: found once for the rules on templates, wherever the template stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.template_sizes import large
from hauberk.finding import Location
from hauberk.formats.text import jinja
from hauberk.formats.text.jinja import Template
from hauberk.formats.text.json import walk
from hauberk.formats.text.plain import TextDescription

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.formats.contents import Described
    from hauberk.formats.text.jinja import Token

    Reach = tuple[Location, str, bool]

_DUNDER: Final = re.compile(r"_{2}[a-z]\w*?_{2}")
_LEFT: Final = re.compile(r"__[a-z]+")
_RIGHT: Final = re.compile(r"[a-z]+__")
_HALF: Final = re.compile(r"_{2}\w*|\w*[a-z]_{2}")
# A field of a format, or an attribute's path for the filters that take one, that leads to a name of Python's own.
_FIELD: Final = re.compile(r"\{[^{}]{0,64}__[a-z]\w*__|(?:^|\.)__[a-z]\w*__\.|\.__[a-z]\w*__$")
_INSIDE: Final = re.compile(r"__[a-z]\w*?__")
# Such a name in two halves that code adds, as a format without its underscores, or as what stands between them.
_FRONT: Final = re.compile(r"(?<![a-z0-9])__[a-z]{1,16}$")
_BACK: Final = re.compile(r"[a-z]{1,16}__(?![a-z0-9])")
_PERCENT_NAME: Final = re.compile(r"(?:%[cs]){1,2}[a-z]{4,16}(?:%[cs]){1,2}")
_WITHOUT_UNDERSCORES: Final = frozenset(
    {"class", "base", "bases", "mro", "init", "globals", "builtins", "subclasses", "import", "getattribute"}
)
_ACTING: Final = frozenset({"popen", "system", "eval", "exec", "subclasses", "mro", "check_output", "import_module"})
_TAGS: Final = frozenset({"include", "import", "extends", "from"})
_PRIVATE: Final = frozenset({"_TemplateReference__context", "func_globals", "gi_frame", "f_globals", "cr_frame"})
_TAKES_NAMES: Final = frozenset({"attribute", "selectattr", "rejectattr", "groupby"})
_KEYS: Final = frozenset({"chat_template", "chat_templates", "template"})


def reaches(described: Described) -> Iterator[Reach]:
    """Yield (place, what the code says, whether that is certain to lead out) of every template in a description."""
    if isinstance(described, Template):
        yield from _reaches(described, None)
    elif isinstance(described, TextDescription):
        if described.template is not None:
            yield from _reaches(described.template, None)
        for pointer, text in _texts(described):
            yield from _reaches(jinja.read(text), pointer)


def _texts(described: TextDescription) -> Iterator[tuple[str, str]]:
    """Yield the templates of a configuration: `chat_template`, as a text or as a list of {name, template}."""
    if described.document is None:
        return
    for pointer, key, value in (("", "", described.document), *walk(described.document)):
        if isinstance(value, dict) and value.get("template_format") == "jinja2":
            yield f"{pointer}/{key}/template"[:256], str(value.get("template"))
        if isinstance(value, str) and (key == "chat_template" or (key in _KEYS and "chat_template" in pointer)):
            yield f"{pointer}/{key}", value
        elif key in _KEYS and isinstance(value, dict):
            yield from (
                (f"{pointer}/{key}/{name}"[:256], text) for name, text in value.items() if isinstance(text, str)
            )


def _reaches(template: Template, pointer: str | None) -> Iterator[Reach]:
    tokens = template.tokens
    hides = any(token.kind == "filter" and token.text == "attr" for token in tokens) or _in_halves(tokens)
    for index in large(tokens):
        yield Location(offset=tokens[index].offset, pointer=pointer), f"{tokens[index].text[:80]} of so many", False
    ends = any(token.kind == "string" and _BACK.match(token.text) for token in tokens)
    for index, token in enumerate(tokens):
        place = Location(offset=token.offset, pointer=pointer)
        if _leads_out(tokens, index):
            yield place, token.text, True
        elif (token.kind == "string" and _FIELD.search(token.text)) or _is_looked_up(tokens, index):
            yield place, token.text[:80], True
        elif token.kind == "string" and hides and _HALF.fullmatch(token.text):
            yield place, token.text, True
        elif _is_put_together(tokens, index, ends=ends):
            yield place, token.text[:80], False
        elif token.kind == "filter" and token.text == "attr":
            yield place, "|attr", False
        elif token.kind == "tag" and token.text in _TAGS:
            yield place, token.text, False


def _in_halves(tokens: tuple[Token, ...]) -> bool:
    """Say whether one text begins the name of an attribute of Python, and another one ends it."""
    texts = [token.text for token in tokens if token.kind == "string"]
    return any(_LEFT.fullmatch(text) for text in texts) and any(_RIGHT.fullmatch(text) for text in texts)


def _leads_out(tokens: tuple[Token, ...], index: int) -> bool:
    token = tokens[index]
    if token.kind in ("attribute", "name", "filter") and (_DUNDER.fullmatch(token.text) or token.text in _PRIVATE):
        return True
    if token.kind == "string":
        return _DUNDER.fullmatch(token.text) is not None and (_is_subscript(tokens, index) or _names_one(tokens))
    return token.kind == "attribute" and token.text in _ACTING and _text(tokens, index + 1) == "("


def _names_one(tokens: tuple[Token, ...]) -> bool:
    """Say whether a template takes the name of an attribute as a value somewhere: `map(attribute=…)` and the like."""
    return any(token.kind in ("name", "filter") and token.text in _TAKES_NAMES for token in tokens)


def _is_looked_up(tokens: tuple[Token, ...], index: int) -> bool:
    """Say whether a string with a name of Python's own in it is an attribute or a key, once code has worked on it."""
    token = tokens[index]
    if token.kind != "string" or not (found := _INSIDE.search(token.text.lower())):
        return False
    before, after = _text(tokens, index - 1), _text(tokens, index + 1)
    if before == "=":
        return index > 1 and tokens[index - 2].text == "attribute"
    return token.text.strip().lower() == found[0] and (after in ("|", ".", ":") or before in ("[", "~", "+"))


def _is_put_together(tokens: tuple[Token, ...], index: int, *, ends: bool) -> bool:
    """Say whether a string is the front half of a name of Python's own, or what stands between underscores."""
    token = tokens[index]
    if token.kind != "string":
        return False
    before, after = _text(tokens, index - 1), _text(tokens, index + 1)
    if _PERCENT_NAME.search(token.text):
        return after in ("%", "|")
    if token.text in _WITHOUT_UNDERSCORES:
        return before in ("~", "+") and after in ("~", "+")
    return ends and _FRONT.search(token.text) is not None


def _is_subscript(tokens: tuple[Token, ...], index: int) -> bool:
    before = _text(tokens, index - 1)
    return before in ("[", "(", "~", "+", ",") or _text(tokens, index + 1) in ("]", "~", "+")


def _text(tokens: tuple[Token, ...], index: int) -> str:
    return tokens[index].text if 0 <= index < len(tokens) and tokens[index].kind == "operator" else ""
