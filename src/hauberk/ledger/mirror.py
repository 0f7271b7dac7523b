"""A copy of a log that is on another machine, brought up to date by the log's service: what a witness elsewhere reads.

A copy is believed in nothing: whoever uses it compares its root with what the log has signed. It is a cache, and may be
thrown away.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.digest import sha256
from hauberk.edge.files import unavailable
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.ledger.admit import Admitted
from hauberk.ledger.entry import Entry
from hauberk.ledger.log import Log
from hauberk.ledger.places import is_there

if TYPE_CHECKING:
    import os

    from hauberk.ledger.service_client import LedgerClient

_MOST_LINES: Final = 20_000  # of one answer; ours gives 1,000 entries at most
_ASK: Final = "is it the ledger's service? Ask its owner, and keep what it gave"


def follow(folder: str | os.PathLike[str], client: LedgerClient, *, until: int) -> None:
    """Bring the copy in a folder, made where absent, up to `until` entries.

    Raises:
        Unavailable: the service is away, or has fewer entries.
        NotVerified, Malformed: what it gives are no entries with their envelopes, or one envelope twice.
    """
    place = Path(folder)
    with Log.open(place) if is_there(place) else Log.create(place) as copy:
        while (size := copy.size) < until:
            found = pairs_in(client.read(f"/v1/log/{size}"))[: until - size]
            if not found:
                raise Unavailable(f"the log's service has {size} entries, {until} are needed", "ask again")
            numbers = copy.append_admitted(found)
            if numbers != list(range(size, size + len(found))):
                raise NotVerified("rewritten entry: the log holds one envelope twice", _ASK)


def forget(folder: str | os.PathLike[str]) -> None:
    """Throw a copy away, so that it is fetched again."""
    shutil.rmtree(folder, ignore_errors=True)


def replace(new: Path, old: Path) -> None:
    """Let a copy take the place of another one, which is thrown away; raise `Unavailable` where it cannot."""
    forget(old)
    try:
        new.rename(old)
    except OSError as error:
        raise unavailable(str(old), error) from None


def pairs_in(body: bytes) -> list[Admitted]:
    """Return the entries of an answer, each with the envelope that it commits; errors as `follow`."""
    if body.count(b"\n") > _MOST_LINES:
        raise Malformed(f"the log's service answers with more than {_MOST_LINES} lines", _ASK)
    lines = body.split(b"\n")
    if lines.pop() != b"" or len(lines) % 2:
        raise Malformed("the log's service does not answer with entries, each with its envelope", _ASK)
    found = []
    for record, data in zip(lines[::2], lines[1::2], strict=True):
        entry = Entry.decode(record)
        if sha256(data) != entry.envelope:
            raise NotVerified("rewritten entry: an envelope has another digest than its entry says", _ASK)
        found.append(Admitted(entry, data))
    return found
