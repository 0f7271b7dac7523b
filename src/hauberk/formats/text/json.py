"""JSON as somebody else wrote it: read within budgets, where it holds a word that a program would act on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.finding import Unchecked, UncheckedCode
from hauberk.formats.text.gadgets import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.limits import Limits

# Keys that make a program import, render, decode or run something; an ASCII letter as an escape could hide each.
TELLING: Final = re.compile(
    rb'"(?:auto_map|custom_pipelines|custom_generate|_class_name|op_type|trust_remote_code|_?attn_implementation(?:_internal)?|py/(?:object|reduce|type|function|module|repr|property|class)|activation_f(?:n|unction)|sbert_ce_default_activation_function|sparkVersion|chat_templates?|'
    rb"parent_library|_target_|class_name|__class__|__module__|loader_module|nbformat|python_function|weight_map|"
    rb'itemInfoEntries|arg_nodes|base_code|lc|template_format)"|\\u00[2-7][0-9a-fA-F]|'
    rb'"target"\s{0,8}:\s{0,8}"torch\.(?!ops\.(?!aten\.(?:from_file|save|load))|_?sym_)|'
    rb'"L?(?:' + WORDS + rb")"
)
# Words that stand in most JSON, and tell something in manifests, which are short.
_TELLING_IN_MANIFESTS: Final = re.compile(rb'"(?:type|handler|serializedFile|modelFile)"')
_LONGEST_MANIFEST: Final = 1 << 18
_MOST_REPEATED: Final = 8


@dataclass(frozen=True, slots=True)
class Read:
    """A document, the keys that occur twice in one object, or why it could not be read; `spent`: by a budget."""

    document: Any = None
    repeated: tuple[str, ...] = ()
    fault: Unchecked | None = None
    spent: bool = False


def tells(data: bytes) -> bool:
    """Say whether a JSON text has a word that a program would act on."""
    if TELLING.search(data):
        return True
    return len(data) <= _LONGEST_MANIFEST and _TELLING_IN_MANIFESTS.search(data) is not None


def read(data: bytes, limits: Limits) -> Read:
    """Return the document of a JSON text. Of keys that occur twice the last one counts, as for most readers."""
    values = data.count(b",") + data.count(b"[") + data.count(b"{")
    if values > limits.max_document_values:
        return _spent(f"JSON of {values} values, where {limits.max_document_values} are read")
    repeated: dict[str, None] = {}

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items) and len(repeated) < _MOST_REPEATED:
            seen: set[str] = set()
            repeated.update((key[:40], None) for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return found

    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=pairs, parse_int=_integer)
    except RecursionError:
        return _spent("JSON that is nested too deep")
    except ValueError as error:
        return Read(fault=Unchecked(UncheckedCode.MALFORMED, f"not JSON: {str(error)[:80]}"))
    return Read(document, tuple(repeated))


def kind_of(document: Any) -> str:
    """Return the finer name of a JSON document's format."""
    if isinstance(document, dict):
        if isinstance(document.get("nbformat"), int) and isinstance(
            document.get("cells", document.get("worksheets")), list
        ):
            return "notebook"
        if "protocol" in document and "__loader__" in document:
            return "skops-schema"
    return "json"


def walk(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield (pointer of the container, key, value) of every member of objects, and index and item of lists.

    Iterative, and each container once: YAML's aliases can make a small document endless.
    """
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))
        inner: list[tuple[str, Any]] = []
        if isinstance(value, dict):
            for key, item in value.items():
                yield pointer, str(key), item
                if isinstance(item, dict | list):
                    inner.append((f"{pointer}/{_escaped(str(key))}"[:256], item))
        else:
            for index, item in enumerate(value):
                yield pointer, str(index), item
                if isinstance(item, dict | list):
                    inner.append((f"{pointer}/{index}"[:256], item))
        waiting += reversed(inner)


def _escaped(key: str) -> str:
    return key[:64].replace("~", "~0").replace("/", "~1")


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= 40 else float("inf")


def _spent(detail: str) -> Read:
    return Read(fault=Unchecked(UncheckedCode.LIMIT, detail), spent=True)
