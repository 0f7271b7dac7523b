"""How much is read of an online store, of whatever kind, and for how long."""

from __future__ import annotations

from typing import Final

MAX_ROWS: Final = 20_000_000
MAX_SECONDS: Final = 3600
MAX_BYTES: Final = 4 << 30  # that its values take in memory, `VALUE_BYTES` for each beside its own
