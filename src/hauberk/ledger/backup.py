"""Backups of a ledger: one file, as the ledger was at a moment, and what has to hold before it is put back.

A ledger that is put back as it was some time ago is, to everybody who saw more of it, a rollback: its witness signs
nothing of it any more, and it is right. So a copy is put back only where the witness has signed nothing behind it, or
where somebody has said in so many words that entries are lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.files import is_taken
from hauberk.edge.stores import make_folder
from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.audit import audit
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.ledger.log import Log
from hauberk.ledger.places import DATABASE
from hauberk.signature.note import Note

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from hauberk.ledger.audit import Audited
    from hauberk.ledger.authority import Authority
    from hauberk.signature.note import VerifierKey


@dataclass(frozen=True, slots=True)
class Compared:
    """A copy that holds, and how it stands to the ledger or to what a witness remembers.

    Attributes:
        audited: what the copy holds.
        behind: how many entries it lacks of those that the witness has signed, or that the ledger has.
    """

    audited: Audited
    behind: int


def check_copy(
    file: str | os.PathLike[str],
    *,
    key: VerifierKey,
    witness_keys: Sequence[VerifierKey],
    quorum: int,
    now: int,
    remembered: str | None = None,
    live: Log | None = None,
    jobs: int = 1,
    former: Callable[[Log], Sequence[Authority]] = lambda _: (),
) -> Compared:
    """Audit a copy as a ledger of its own, and compare it with what came after it.

    Args:
        file: the copy.
        key: as of `audit`, and so the arguments up to `now`, `jobs`, and the errors.
        witness_keys: the trusted witnesses' keys.
        quorum: how many of them must have cosigned each checkpoint.
        now: Unix seconds.
        remembered: the note that the witness has signed last; the copy must continue it, unless it is older than that.
        live: the ledger, whose first entries the copy must have.
        jobs: how many processes share the work.
        former: returns the keys that these have replaced, as the copy tells of them.

    Raises:
        NotVerified: fork: the copy and the ledger have different entries.
    """
    size = 0 if remembered is None else Checkpoint.parse(Note.parse(remembered).text).size
    with _opened(file) as copy:
        seen = remembered if size <= copy.size else None  # what it has signed since is no word on this copy
        audited = audit(
            copy,
            key=key,
            witness_keys=witness_keys,
            quorum=quorum,
            now=now,
            remembered=seen,
            jobs=jobs,
            former=partial(former, copy),
        )
        if live is not None:
            _check_one_history(copy, live)
            size = max(size, live.size)
    return Compared(audited, max(0, size - audited.entries))


def _opened(file: str | os.PathLike[str]) -> Log:
    try:
        return Log.open_file(file, read_only=True)
    except Malformed as error:
        raise Malformed(error.message, "name a file that `hauberk ledger backup` made, or another copy") from None


def _check_one_history(copy: Log, live: Log) -> None:
    common = min(copy.size, live.size)
    if copy.tree().root(common) != live.tree().root(common):
        raise NotVerified(
            f"fork: the copy and the ledger have different entries among the first {common}", "keep both as evidence"
        )


def restore(file: str | os.PathLike[str], directory: str | os.PathLike[str]) -> None:
    """Put a copy, which was checked, in the place of a ledger that is gone.

    Raises:
        Misconfigured: there is a ledger in that place.
        Unavailable: the disk does not take it.
    """
    folder = Path(directory)
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"):
        if is_taken(folder / name):
            raise Misconfigured(
                f"{folder / name} is there",
                f"move {folder} aside, and keep it: restoring replaces nothing",
            )
    make_folder(folder)
    with _opened(file) as copy:
        copy.copy_into(folder)
    try:
        Log.open(folder).close()  # it can be written, and has its write-ahead log again
    except Unavailable as error:
        raise Unavailable(f"the copy is in place, and cannot be written yet: {error.message}", error.hint) from None
