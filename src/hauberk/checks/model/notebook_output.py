"""The notebook holds pages that act when it is shown.

Outputs and Markdown of a notebook may hold HTML, and what shows them runs it: a script that sends something to another
machine, a handler on an image that cannot load, a frame or a link that is script. Jupyter runs these of a notebook that
it trusts, other viewers of all. Plots bring scripts, too; those draw, and talk to nobody.

Example: `<img src=x onerror="fetch('http://…')">` in an output.

Fix: clear the outputs before you open it, or show it with a viewer that strips HTML.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.notebook_cells import cells, joined
from hauberk.checks.model.outside import why_outside
from hauberk.finding import Location, Severity
from hauberk.formats.text.json import walk
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 1 << 16  # a longer script is a library that draws
_TALKS: Final = (
    r"fetch\s*\(|XMLHttpRequest|sendBeacon|document\.cookie|new\s+WebSocket|IPython\.notebook\.kernel|Jupyter\.notebook"
)
_SCRIPT: Final = re.compile(rf"<script[^>]*>[^<]{{0,65536}}?(?:{_TALKS})", re.IGNORECASE)
_TALKING: Final = re.compile(_TALKS)
_HANDLER: Final = re.compile(
    r"<\w[^>]{0,1024}\son(?:error|load|mouseover|focus|begin|toggle)\s*=|<iframe[^>]{0,1024}src\s*=\s*[\"']?(?:http:|javascript:)|"
    r"(?:href|src)\s*=\s*[\"']?\s*javascript:|<meta[^>]{0,1024}http-equiv\s*=\s*[\"']?refresh|"
    r"<form[^>]{0,1024}\saction\s*=\s*[\"']?(?:https?:)?//|<(?:script|object|embed)[^>]{0,1024}\s(?:src|data)\s*=\s*[\"']?http:",
    re.IGNORECASE,
)
_INLINE: Final = re.compile(r"<script", re.IGNORECASE)
_MARKDOWN: Final = re.compile(r"\]\(\s*javascript:|<script", re.IGNORECASE)
_PICTURE: Final = "image/svg+xml"  # which draws without a script
_PAGES: Final = ("text/html", "html", "image/svg+xml", "text/markdown")
_MODULES: Final = frozenset({"model_module", "view_module", "_model_module", "_view_module"})
_SCRIPTS: Final = ("application/javascript", "text/javascript")


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield cells with markup that acts."""
    if text.format != "notebook":
        return
    for pointer, cell in cells(text.document):
        if cell.get("cell_type") == "markdown":
            source = joined(cell.get("source"))
            found = _MARKDOWN.search(source) or _HANDLER.search(source)
        elif cell.get("cell_type") == "raw":
            source = joined(cell.get("source"))
            found = _SCRIPT.search(source) or _HANDLER.search(source)
        else:
            found = _in_outputs(cell.get("outputs"))
        found = found or _in_attachments(cell.get("attachments"))
        if found:
            yield Sighting(Location(pointer=pointer), printable(f"a cell shows {found[0][:120]}"))
    metadata = text.document.get("metadata")
    widgets = metadata.get("widgets") if isinstance(metadata, dict) else None
    for pointer, key, value in walk({"widgets": widgets}):
        if key in _MODULES and isinstance(value, str) and why_outside(value):
            yield Sighting(Location(pointer=f"/metadata{pointer}"), printable(f"a widget's program is {value[:120]}"))
        elif isinstance(value, str) and (
            found := _SCRIPT.search(value[:_LONGEST]) or _HANDLER.search(value[:_LONGEST])
        ):
            yield Sighting(Location(pointer=f"/metadata{pointer}"), printable(f"a widget shows {found[0][:120]}"))


def _in_attachments(attachments: Any) -> re.Match[str] | None:
    """Look into the pictures of a cell that are pages: SVG, in base64 or as it is."""
    for files in attachments.values() if isinstance(attachments, dict) else ():
        for kind, content in files.items() if isinstance(files, dict) else ():
            shown = joined(content)[: 2 * _LONGEST]
            if kind in _PAGES and not shown.lstrip().startswith("<"):
                shown = (
                    base64.b64decode(shown + "==", altchars=b"-_").decode("utf-8", "replace") if shown.isascii() else ""
                )
            if kind in _PAGES and (found := _INLINE.search(shown) or _HANDLER.search(shown)):
                return found
    return None


def _in_outputs(outputs: Any) -> re.Match[str] | None:
    for output in outputs if isinstance(outputs, list) else []:
        data = output.get("data", output) if isinstance(output, dict) else {}
        for kind, content in data.items() if isinstance(data, dict) else ():
            shown = joined(content)
            if len(shown) > _LONGEST:
                continue
            if kind in _SCRIPTS and (found := _TALKING.search(shown)):
                return found
            if kind == _PICTURE and (found := _INLINE.search(shown)):
                return found
            if kind in _PAGES and (found := _SCRIPT.search(shown) or _HANDLER.search(shown)):
                return found
    return None


RULE: Final = Rule(
    id="notebook-shows-script",
    title="the notebook holds pages that act when it is shown",
    severity=Severity.MEDIUM,
    remedy="Clear its outputs before you open it.",
    references=("CWE-79", "CVE-2021-32797", "MITRE ATLAS AML.T0011", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
