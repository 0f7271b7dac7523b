"""What a program was seen to do while it opened a model inside the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hauberk.digest import Digest


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a program did: `process`, `network`, `write`, `read` or `kernel`; what; whether it was let."""

    kind: str
    what: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Detonation:
    """What was seen.

    Attributes:
        path: what a person named.
        digest: of the bytes that were opened.
        form: as which format they were opened.
        opened: whether the framework gave a model back.
        error: what it raised instead, or why it ended early.
        acts: processes, network, files written, and files read that are no part of the framework; in order.
        looked_up: the names that pickle looked up.
        events: what Python's audit hook heard besides; written inside the sandbox, so the model may have forged it.
        seconds: how long it took.
    """

    path: str
    digest: Digest
    form: str
    opened: bool
    error: str
    acts: tuple[Act, ...]
    looked_up: tuple[str, ...]
    events: tuple[str, ...]
    seconds: float

    @property
    def acted(self) -> bool:
        """Return whether it did more than to make a model."""
        return bool(self.acts)
