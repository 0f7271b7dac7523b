"""A detonation for people, and as one JSON document, `urn:hauberk:detonation:v1`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from hauberk.render.words import storable, visible

if TYPE_CHECKING:
    from hauberk.detonation import Detonation

SCHEMA: Final = "urn:hauberk:detonation:v1"
_MOST: Final = 200
_SHOWN: Final = 40


def document(seen: Detonation, *, version: str) -> str:
    """Return the JSON document, in ASCII only."""
    content = {
        "schema": SCHEMA,
        "tool": {"name": "hauberk", "version": version},
        "path": storable(seen.path),
        "digest": str(seen.digest),
        "openedAs": seen.form,
        "opened": seen.opened,
        "error": storable(seen.error),
        "acted": seen.acted,
        "acts": [{"kind": act.kind, "what": storable(act.what), "allowed": act.allowed} for act in seen.acts],
        "lookedUp": [storable(name) for name in seen.looked_up],
        "events": [storable(event) for event in seen.events[:_MOST]],
        "seconds": round(seen.seconds, 3),
    }
    return json.dumps(content, indent=2, allow_nan=False)


def text(seen: Detonation) -> str:
    """Return what happened, for people."""
    head = "acted" if seen.acted else "quiet" if seen.opened else "did not open"
    lines = [f"{head}  {visible(seen.path)}  opened as {seen.form}", f"  {seen.digest}"]
    if not seen.opened:
        lines.append(f"  it gave no model: {visible(seen.error) or 'it ended early'}")
    lines += [
        f"    {act.kind:<8} {visible(act.what)}{'' if act.allowed else '  (refused)'}" for act in seen.acts[:_SHOWN]
    ]
    if len(seen.acts) > _SHOWN:
        lines.append(f"    and {len(seen.acts) - _SHOWN} more")
    if seen.looked_up:
        lines.append(f"  looked up: {visible(', '.join(seen.looked_up[:_SHOWN]))}")
    if not seen.acted:
        lines.append("  What did nothing here may still wait for something; this is no pass.")
    return "\n".join(lines)


def is_document(data: bytes) -> bool:
    """Say whether bytes are an older answer of this kind."""
    return data.startswith((f'{{\n  "schema": "{SCHEMA}"'.encode(), b"acted  ", b"quiet  ", b"did not open  "))
