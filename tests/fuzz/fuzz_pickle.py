"""Pickles: nothing is raised, and what is said keeps to the bytes and the limits."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.formats.model.pickle.description import PickleDescription, describe
from hauberk.limits import Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from hauberk.symbol import Symbol

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"
LIMITS = Limits(max_pickle_effects=500, max_pickle_kept_items=2000, max_pickle_streams=20, max_pickle_text_bytes=64)


def seeds() -> list[bytes]:
    """Return every vector, and some values in every protocol."""
    values = [{"a": [1, 2.5, None], "b": (b"c", {1}, 1 << 70)}, complex(1, 2), [[[[]]], range(3)]]
    dumped = [pickle.dumps(value, protocol) for value in values for protocol in range(6)]
    return dumped + [path.read_bytes() for path in sorted((VECTORS / "pickle").rglob("*")) if path.is_file()]


def one_input(data: bytes) -> None:
    """Describe the bytes."""
    check(describe(BytesView(data), LIMITS), data)


def check(description: PickleDescription, data: bytes) -> None:
    """Hold a description to the bytes that it is of."""
    assert len(description.effects) <= LIMITS.max_pickle_effects + 1
    assert description.opcodes <= 2 * len(data) + 1
    assert all(0 <= effect.offset < max(1, len(data)) for effect in description.effects)
    assert all(0 <= (note.location.offset or 0) <= len(data) for note in description.unchecked)
    stops = [stream.stop for stream in description.streams]
    assert (None in stops[-1:] or description.trailing is not None) <= bool(description.unchecked)
    assert None not in stops[:-1]
    assert _symbols(description) <= 4 * LIMITS.max_pickle_kept_items


def _symbols(description: PickleDescription) -> int:
    """Return how many symbols the effects hold in all, each once."""
    seen: dict[int, Symbol] = {}
    waiting: list[Symbol] = []
    for effect in description.effects:
        waiting += [effect.callable, *effect.arguments]
    while waiting:
        symbol = waiting.pop()
        if id(symbol) not in seen:
            seen[id(symbol)] = symbol
            waiting += getattr(symbol, "items", [])
            waiting += getattr(symbol, "arguments", ())
            state = getattr(symbol, "state", None)
            waiting += [] if state is None else [state]
    return len(seen)
