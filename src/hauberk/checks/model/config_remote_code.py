"""The repository brings code that loading runs.

`auto_map` in a Hugging Face configuration (and `custom_pipelines`, `custom_generate`, a module of its own in the
`model_index.json` of diffusers, `model_code_path` in an `MLmodel`) names a Python file of the repository.
`transformers` imports it once somebody passes `trust_remote_code=True`, which the model's page then asks for; a
configuration that holds `trust_remote_code: true` itself asks in their place.

`attn_implementation` may name a repository of kernels, which is fetched and run without being asked for.

Example: `"auto_map": {"AutoModel": "modeling_custom.CustomModel"}`.

Fix: use a model whose architecture is in the library, or read the named file as you would read any program that you
are about to run, and pin the revision that you read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.diffusers_modules import DIFFUSERS_MODULES
from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.text.json import walk
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


# Where transformers takes attention kernels from: a name of its own, or a repository of a hub, whose code it loads.
_KERNELS: Final = frozenset({"attn_implementation", "_attn_implementation", "_attn_implementation_internal"})
_REPOSITORY: Final = re.compile(r"(?:[\w|]+\|)?[\w.-]+/[\w.-]+(?:@[\w.-]+)?(?::[\w.-]+)?", re.ASCII)


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield the keys that make a loader import code beside the model."""
    if text.document is None:
        return
    for pointer, key, value in walk(text.document):
        place = Location(pointer=f"{pointer}/{key}")
        if key in ("auto_map", "custom_pipelines", "custom_generate", "model_code_path") and value:
            yield Sighting(place, printable(f"{key} names {', '.join(_names(value)) or 'code'}"))
        elif key == "trust_remote_code" and _is_on(value):
            yield Sighting(place, "trust_remote_code is on")
        elif key in _KERNELS and isinstance(value, str) and _REPOSITORY.fullmatch(value):
            yield Sighting(place, printable(f"{key} names code of the repository {value[:120]}"))
    yield from _diffusers(text.document)


def _is_on(value: Any) -> bool:
    """Say whether a program, or the YAML reader before it, takes a value for true."""
    return value == 1 or (isinstance(value, str) and value.lower() in ("true", "yes", "on", "y", "1"))


def _diffusers(document: Any) -> Iterator[Sighting]:
    """Yield the modules of a pipeline of diffusers that are neither its own nor those of a library that it knows."""
    if not isinstance(document, dict) or "_class_name" not in document:
        return
    for key, value in document.items():
        match value:
            case [str() as module, str() as name] if module not in DIFFUSERS_MODULES:
                yield Sighting(Location(pointer=f"/{key}"), printable(f"{key} names {module}.{name}"[:200]))


def _names(value: Any) -> list[str]:
    found = [item for _, _, item in walk({"": value}) if isinstance(item, str)]
    return [name[:80] for name in found[:4]]


RULE: Final = Rule(
    id="config-remote-code",
    title="the repository brings code that loading runs",
    severity=Severity.MEDIUM,
    remedy="Read the named code before you trust it, and pin the revision that you read.",
    references=("CWE-829", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
