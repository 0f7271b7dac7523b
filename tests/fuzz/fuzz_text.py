"""Texts: nothing is raised, and reading twice gives the same."""

from __future__ import annotations

from pathlib import Path

from hauberk.checks.model.registry import RULES
from hauberk.formats.text import jinja, plain, python
from hauberk.rule import apply
from hauberk.view import BytesView

VECTORS = Path(__file__).parents[1] / "vectors"
FAMILIES = ("config-", "template-", "xml-", "requirements-", "notebook-")


def seeds() -> list[bytes]:
    """Return every vector of a text, and a source."""
    files = [path for path in sorted((VECTORS / "formats" / "text").rglob("*")) if path.is_file()]
    files += [path for path in sorted((VECTORS / "rules").rglob("*")) if path.parts[-3].startswith(FAMILIES)]
    source = b"import os as o\nfrom x import y\no.system(y(1), key=getattr(o, 'z'))\n__import__('a').b('c')\n"
    return [source, *(data for path in files if path.is_file() and len(data := path.read_bytes()) < 4096)]


def one_input(data: bytes) -> None:
    """Describe the bytes as every kind of text, and ask all rules."""
    for reader in (plain, jinja, python):
        described = reader.describe(BytesView(data))
        assert described == reader.describe(BytesView(data))
        apply(RULES, described)
