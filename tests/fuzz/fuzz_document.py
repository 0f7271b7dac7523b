"""YAML that people write: refused with our error, or plain data that canonical JSON can hold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from hauberk.errors import Misconfigured
from hauberk.formats.document import decode, read_yaml
from hauberk.signature import jcs

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"


class Mode(StrEnum):
    """A choice."""

    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Gate:
    """A record inside a record."""

    mode: Mode
    hours: int
    floor: float | None = None
    groups: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Every type that is decoded."""

    schema: Literal["policy"]
    gates: dict[str, Gate]
    strict: bool = True


POLICY = b"""schema: policy
gates:
  load: {mode: warn, hours: 3, floor: 0.5, groups: [[a, b], [c]]}
  serve:
    mode: enforce
    hours: 1
    floor: ~
strict: false
"""


def seeds() -> list[bytes]:
    """Return every vector and a policy."""
    return [POLICY, *(path.read_bytes() for path in sorted((VECTORS / "document").rglob("*")) if path.is_file())]


def one_input(data: bytes) -> None:
    """Read the bytes, and decode what was read."""
    with suppress(Misconfigured):
        plain = read_yaml(data, what="fuzzed file")
        jcs.encode(plain)
        assert isinstance(decode(plain, Policy, what="fuzzed file"), Policy)
