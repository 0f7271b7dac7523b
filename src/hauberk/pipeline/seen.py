"""The newest checkpoint that a reader has seen: a ledger, or a passport, that goes back behind it is refused.

.hauberk/seen-checkpoint      a C2SP note, replaced by each newer one that continues it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.lock import in_turn
from hauberk.edge.sources import read_file, write_atomic
from hauberk.errors import Malformed, NotVerified
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOCK_SECONDS = 10.0
_KEEP = "keep both as evidence, and ask who runs the ledger"


def see(place: Path, root_at: Callable[[int], bytes] | None, note: str) -> None:
    """Compare a checkpoint that was proven with the newest one that was seen, and remember it.

    Args:
        place: the file that remembers; absent before the first.
        root_at: returns the root over the first entries of the log whose checkpoint it is; None where there is a
            passport only: then a longer log is believed to continue it.
        note: the checkpoint.

    Raises:
        NotVerified: it is of another log, is behind what was seen, or of another history.
        Malformed: what is remembered is no checkpoint.
        Unavailable: it cannot be read or remembered.
    """
    now = _parsed(note)
    with in_turn(place.with_name(f"{place.name}.lock"), seconds=_LOCK_SECONDS):
        seen = _remembered(place) if place.exists() else None
        if seen is not None:
            _check_continues(seen, now, root_at)
        if seen != now:
            write_atomic(place, note.encode())


def _check_continues(seen: Checkpoint, now: Checkpoint, root_at: Callable[[int], bytes] | None) -> None:
    if now.origin != seen.origin:
        raise NotVerified(f"the ledger is {now.origin}, and {seen.origin} was read here before", _KEEP)
    if now.size < seen.size:
        raise NotVerified(
            f"rollback: the newest checkpoint covers {now.size} entries, and one of {seen.size} was seen here before",
            _KEEP,
        )
    believed = now.root if now.size == seen.size else seen.root
    if (believed if root_at is None else root_at(seen.size)) != seen.root:
        raise NotVerified(f"fork: the first {seen.size} entries of the ledger are not those that were seen here", _KEEP)


def _remembered(place: Path) -> Checkpoint:
    try:
        return _parsed(read_file(place, limit=DEFAULT_LIMITS.max_note_bytes).decode())
    except (UnicodeDecodeError, Malformed):
        raise Malformed(
            f"{place} is no checkpoint", "nothing is known of what was seen: find out who wrote it, then remove it"
        ) from None


def _parsed(note: str) -> Checkpoint:
    return Checkpoint.parse(Note.parse(note).text)
