"""Plain data that was read from JSON, taken apart strictly: each member of the type and name that was agreed."""

from __future__ import annotations

from typing import Any

from hauberk.errors import Malformed


def members(value: Any, what: str, *, needs: set[str] | None = None, may: set[str] | None = None) -> dict[str, Any]:
    """Return a JSON object; raise `Malformed` for anything else.

    Where members are named, it has those that it needs, and no others than it may have.
    """
    if not isinstance(value, dict):
        raise Malformed(f"the {what} is not an object")
    if needs is None and may is None:
        return value
    needs, may = needs or set(), may or set()
    if absent := needs - value.keys():
        raise Malformed(f"the {what} has no {min(absent)}")
    if unknown := value.keys() - needs - may:
        raise Malformed(f"the {what} has a member that is not read here: {seen(min(unknown))}")
    return value


def sequence(value: Any, what: str) -> list[Any]:
    """Return a JSON array; raise `Malformed` for anything else."""
    if not isinstance(value, list):
        raise Malformed(f"{what} is not a list")
    return value


def text(value: Any, what: str) -> str:
    """Return a JSON string; raise `Malformed` for anything else."""
    if not isinstance(value, str):
        raise Malformed(f"the {what} is not a string")
    return value


def seen(value: Any) -> str:
    """Return what was seen, cut and escaped so that it can be shown."""
    shown = ascii(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
