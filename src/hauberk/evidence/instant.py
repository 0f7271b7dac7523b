"""Instants in text: RFC 3339, UTC, whole seconds, one spelling (`2026-11-23T17:00:00Z`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hauberk.errors import Malformed

_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


def format_instant(seconds: int) -> str:
    """Return Unix seconds as text; raise `Malformed` outside of the years 1 to 9999."""
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"
    except (OverflowError, ValueError, OSError):
        raise Malformed(f"{seconds} is not an instant that RFC 3339 can write") from None


def parse_instant(text: str) -> int:
    """Return the Unix seconds of an instant; raise `Malformed` for another spelling or an impossible date."""
    if not _TEXT.fullmatch(text):
        raise Malformed(f"not an instant: {text!r}", "write it as 2026-11-23T17:00:00Z")
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        raise Malformed(f"no such instant: {text}", "write it as 2026-11-23T17:00:00Z") from None
