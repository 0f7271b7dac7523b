"""Keys of configurations that name a class to import, beside those of Hydra, and which names are at home there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.formats.text.gadgets import NAME
from hauberk.formats.text.json import walk

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that a key asks for: how it is imported, which names are at home, whether an unknown one counts."""

    how: str
    name: str
    home: re.Pattern[str] | None = None
    unknown: bool = True


_TORCH: Final = re.compile(r"torch(?:\.[a-z_][a-z0-9_]*)*\.[A-Za-z]\w*", re.ASCII)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)
# Layers of sentence-transformers import the function between them by its name; "gelu" without a dot is no such name.
_ACTIVATIONS: Final = frozenset({"activation_function", "activation_fn", "sbert_ce_default_activation_function"})
# `jsonpickle.decode` imports what these name, and calls what `py/reduce` lists.
_JSONPICKLE: Final = frozenset({"py/object", "py/type", "py/function", "py/class"})
# `langchain_core.load` imports the class that `id` spells, and makes one of what stands beside it.
_LANGCHAIN: Final = re.compile(r"langchain(?:_(?!experimental)[a-z0-9]+)*(?:\.[a-z_][a-z0-9_]*)*\.[A-Z]\w*", re.ASCII)
# Where Jackson, fastjson, Json.NET and Spring take the class of an object from; `0`: the first item of a list.
_MADE_BY: Final = frozenset(
    {"@class", "@type", "@c", "$type", "_class", "class", "type", "java_class", "className", "0"}
)
# An operator of ATen by its full name, which is a function of torch without it.
_OPERATOR: Final = re.compile(r"torch\.ops\.aten\.(\w+)(?:\.\w+)?", re.ASCII)
_RUNS: Final = frozenset({"py/repr", "py/property"})


def asked(container: Any, key: str, value: Any) -> Iterator[Asked]:
    """Yield what a member of an object makes a program import."""
    if key == "id" and isinstance(container, dict) and container.get("lc") == 1:
        yield from _langchain(container, value)
    if not isinstance(value, str):
        return
    if key in _ACTIVATIONS and _DOTTED.fullmatch(value):
        yield Asked("sentence-transformers imports", value, _TORCH)
    elif key in _JSONPICKLE:
        yield Asked("jsonpickle imports", value)
    elif key in _RUNS:
        yield Asked("jsonpickle runs as code what is behind", "builtins.eval")
    elif key == "target" and isinstance(container, dict) and "inputs" in container and value.startswith("torch."):
        yield Asked("torch.export calls", _OPERATOR.sub(r"torch.\1", value), unknown=False)
    elif key == "class_path" and _DOTTED.fullmatch(value):
        yield Asked("jsonargparse imports", value, unknown=False)
    elif key == "target" and isinstance(container, dict) and "params" in container:
        yield Asked("instantiate_from_config imports", value, unknown=False)
    elif key == "class" and isinstance(container, dict) and "sparkVersion" in container:
        yield Asked("pyspark imports", f"{value}.load", unknown=False)


def _langchain(container: dict[str, Any], spelt: Any) -> Iterator[Asked]:
    if container.get("type") == "constructor" and isinstance(spelt, list):
        yield Asked("langchain imports", ".".join(str(part) for part in spelt[:16]), _LANGCHAIN)


def gadgets(document: Any) -> Iterator[tuple[str, str]]:
    """Yield (pointer, class) wherever a reader of Java or .NET objects would make one that runs something."""
    for pointer, key, value in walk(document):
        if key in _MADE_BY and isinstance(value, str) and (found := NAME.fullmatch(value)):
            yield f"{pointer}/{key}"[:256], found[1]
