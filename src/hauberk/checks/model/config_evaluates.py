"""The file of a model or of a data set holds Python that is evaluated, or a command.

ultralytics and yolov5 build a model from a YAML file: they evaluate its `activation`, and older releases the names of
its layers and their arguments as well. Of a data set they run `download` as Python, or by a shell. A layer is a name,
its arguments are constants, and the activation is a layer with constants; a call in their place is code. A script that
starts programs, runs text as code or opens connections is told here; any other that is not known is `config-script`.

Example: `activation: __import__("os").system("…")` beside `backbone` and `head`.

Fix: do not use the file. Ask its author for one without code.
"""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.callables.arguments.ultralytics import ACTIVATION, LAYER
from hauberk.checks.model.config_script import deeds, is_known, merged, script_of
from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS: Final = ("backbone", "head")
_NAME: Final = 2  # place of the name in a layer: where from, how many, what, arguments
_CODE: Final = re.compile(r"[(@`;]|:=|\blambda\b|\bimport\b")
# Functions, where a class should be named: those of Python, and those that ultralytics has beside its layers.
_FUNCTIONS: Final = frozenset(name for name in vars(builtins) if name[0] != name[0].upper() or name[0] == "_") | {
    "attempt_load_one_weight", "attempt_load_weights", "check_requirements", "load_checkpoint", "parse_model",
    "temporary_modules", "torch_load", "torch_safe_load", "yaml_load", "yaml_model_load",
}  # fmt: skip
_MOST: Final = 10_000  # layers of a part


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield what is evaluated of a model's plan, and what the script of a data set does."""
    yield from _plan(merged(text.document))
    script = script_of(text.document)
    for deed in deeds(script) if script and not is_known(text.document, script) else ():
        yield Sighting(Location(pointer="/download"), printable(deed))


def _plan(held: dict[str, Any]) -> Iterator[Sighting]:
    """Yield what of a model's plan is no name, constant or layer with constants."""
    if not all(isinstance(held.get(part), list) for part in _PARTS):
        return
    activation = held.get("activation")
    if activation is not None and not (isinstance(activation, str) and ACTIVATION.fullmatch(activation.strip())):
        yield Sighting(Location(pointer="/activation"), printable(f"its activation is {str(activation)[:120]}"))
    for part in _PARTS:
        for place, layer in enumerate(held[part][:_MOST]):
            if wrong := _odd_layer(layer):
                yield Sighting(Location(pointer=f"/{part}/{place}"), printable(f"a layer says {wrong[:120]}"))


def _odd_layer(layer: Any) -> str:
    """Return what of a layer would be evaluated as more than a name or a constant."""
    if not isinstance(layer, list) or len(layer) <= _NAME:
        return ""
    if isinstance(layer[_NAME], str) and _is_odd_name(layer[_NAME]):
        return layer[_NAME]
    given = layer[_NAME + 1] if len(layer) > _NAME + 1 else []
    texts = [layer[1], *(given if isinstance(given, list) else [given])]
    return next((one for one in texts if isinstance(one, str) and _CODE.search(one)), "")


def _is_odd_name(name: str) -> bool:
    """Say whether the name of a layer reaches elsewhere, or is a function; a class of one's own may be called so."""
    if LAYER.fullmatch(name):
        return False
    return name in _FUNCTIONS or not name.replace("_", "a").isalnum()


RULE: Final = Rule(
    id="config-evaluates",
    title="the file of a model or a data set holds code that is evaluated",
    severity=Severity.HIGH,
    remedy="Do not use the file. Ask its author for one without code.",
    references=("CWE-95", "CWE-78", "MITRE ATLAS AML.T0011", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
