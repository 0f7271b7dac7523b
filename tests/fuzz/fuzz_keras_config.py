"""Keras configurations: whatever JSON says, nothing is raised, by the reader and by the rules."""

from __future__ import annotations

import json
from pathlib import Path

from hauberk.checks.model.keras_judged import judged
from hauberk.formats.model.keras_config import describe_config, is_config
from hauberk.formats.text.plain import TextDescription

RULES = Path(__file__).parents[1] / "vectors" / "rules"


def seeds() -> list[bytes]:
    """Return every vector."""
    return [path.read_bytes() for path in sorted(RULES.glob("keras-*/*/*.json"))]


def one_input(data: bytes) -> None:
    """Judge the configuration."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    is_config(document)
    describe_config(document)
    list(judged(TextDescription(document=document)))
