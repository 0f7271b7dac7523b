"""A log that is on another machine, as a pod has it: read from a copy of its own, appended to by the log's service.

The service is believed in nothing. Before each reading the copy is brought up to what the service says that the log
has, and the newest checkpoint must hold: by the keys that the log itself names under the reader's root, over the root
of the copy's entries, and not behind what was seen here before. So what the service can do is

    a split view, a rewritten entry   `fork`, `rewritten entry`: the entries do not give what log and witnesses signed
    an older ledger                   `rollback`: behind the newest checkpoint that was seen here
    entries kept back                 `withheld`, where it owns up to them; else the checkpoint grows old
    a checkpoint that grows old       the gate's policy says how old is too old
    a size that cannot be             `lying size`; an answer without an end is cut off

Entries behind the newest checkpoint are nobody's signed word yet. They can deny and cannot allow, so that a revocation
need not wait for a witness; where the next checkpoint shows that they were none of the log's, the copy is made anew.

The copy is a cache and may be deleted. Processes of one machine share it, one of them at a time brings it up to date.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.edge import clock
from hauberk.edge.files import unavailable
from hauberk.edge.lock import in_turn
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.ledger.admit import admit
from hauberk.ledger.authority import size_in
from hauberk.ledger.checkpoint import Checkpoint
from hauberk.ledger.log import Log
from hauberk.ledger.mirror import forget, pairs_in, replace
from hauberk.ledger.places import DATABASE, place_in
from hauberk.ledger.replay import check_order, read_both
from hauberk.ledger.service_client import MAX_BODY_BYTES, MOST_ENVELOPES
from hauberk.limits import DEFAULT_LIMITS
from hauberk.signature.note import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from hauberk.ledger.admit import Admitted
    from hauberk.ledger.checkpoint import Attested
    from hauberk.ledger.service_client import LedgerClient
    from hauberk.statement import Statement, Verified

COPY: Final = "copy"  # in the ledger's folder
NEW: Final = "copy.new"  # one that is made anew
LOCK: Final = "copy.lock"
MOST_AHEAD: Final = 1_000_000  # entries behind the newest checkpoint, which nobody has signed
MOST_AHEAD_BYTES: Final = 256 << 20  # of their envelopes: a gate has all of them in memory
_MOST_UNJUDGED_BYTES: Final = 8 << 30  # where the checkpoint is by keys that only what is fetched can tell
_TURN_SECONDS: Final = 60.0  # how long a reader waits for others that bring the copy up to date
_FETCH_SECONDS: Final = 600.0  # for all that is new, however little each answer holds
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,15}) entries\n")
_REMOVE: Final = "remove it: it is made again"
_PUBLISH: Final = "ask its owner to publish"
_OLD_KEYS: Final = "were the log's keys replaced? Get the newest trust file from its owner, or a backup as the copy"
_EVIDENCE: Final = "keep the copy and `.hauberk/seen-checkpoint` as evidence, and ask who runs the ledger"


@dataclass(frozen=True, slots=True)
class Served:
    """A log that a service has, and how a reader judges what it gives.

    Attributes:
        folder: the ledger's on this machine, which names the service; the copy lies in it.
        client: asks the service.
        is_signed: says whether a checkpoint holds by the keys that the reader knows already: then there is so much to
            fetch. Where keys were replaced it does not, and the copy tells.
        judge: returns what a checkpoint attests by the keys that the copy's own trust names, or raises.
        see: is given the tree's root at any size, and a checkpoint that holds; raises where it is behind one of before.
        heed: is given statements that the copy gains, before it has them, and again once it has: a refresh that fails
            later has learned of them all the same.
    """

    folder: Path
    client: LedgerClient
    is_signed: Callable[[str], bool]
    judge: Callable[[Log, str], Attested]
    see: Callable[[Callable[[int], bytes], str], None]
    heed: Callable[[Sequence[Statement]], None] = lambda _: None

    def open(self) -> ServedLog:
        """Bring the copy up to date and open it.

        Raises:
            Unavailable: the service is away, lets us not in, or keeps back what it says that it has.
            NotVerified, Malformed: what it gives is not the log.
            Exceeded: it says or sends more than can be.
        """
        with in_turn(self.folder / LOCK, seconds=_TURN_SECONDS):
            self._refresh()
            log = ServedLog.open(self.folder / COPY, read_only=True)
        log.served = self
        return log

    def refresh(self) -> None:
        """Bring the copy up to date, which whoever has it open sees; errors as `open`."""
        with in_turn(self.folder / LOCK, seconds=_TURN_SECONDS):
            self._refresh()

    def _refresh(self) -> None:
        place = self.folder / COPY
        _check_own(place)
        size, note = _size_of(self.client), _note_of(self.client)
        published = size_in(note)
        until, was_there = max(size, published), (place / DATABASE).exists()
        try:
            self._take(place, note, until)
        except (NotVerified, Malformed):
            if not was_there:
                raise
            self._take_anew(note, until)
        with Log.open(place) as copy:
            self.see(copy.tree().root, note)
            self._keep(copy, published, note)

    def _take_anew(self, note: str, until: int) -> None:
        """Fetch all again: what was given before, behind a checkpoint, may have been wrong.

        What does not hold takes no place: or whoever makes us throw a copy away has us forget the revocations in it.
        """
        new = self.folder / NEW
        forget(new)  # of somebody who was killed
        _check_own(new)
        try:
            self._take(new, note, until)
            with Log.open(new) as copy:
                self.see(copy.tree().root, note)
            replace(new, self.folder / COPY)
        finally:
            forget(new)

    def _take(self, place: Path, note: str, until: int) -> None:
        """Fetch what a copy lacks, and judge the checkpoint by it."""
        checkpoint = Checkpoint.parse(Note.parse(note).text)
        with _writable(place) as copy:
            kept = copy.latest_checkpoint()
            known = self.is_signed(note)
            signed = checkpoint.size if known else 0 if kept is None else size_in(kept)
            if until - signed > MOST_AHEAD:
                raise Exceeded(
                    f"lying size: the service says that the log has {until} entries, of which {signed} are signed",
                    _PUBLISH if known else _OLD_KEYS,
                )
            _fetch(copy, self, until, signed, MOST_AHEAD_BYTES if known else _MOST_UNJUDGED_BYTES)
            if copy.tree().root(checkpoint.size) != checkpoint.root:
                raise NotVerified(
                    f"fork: what the service gives for the first {checkpoint.size} entries has another root than its "
                    "checkpoint",
                    _EVIDENCE,
                )
            self.judge(copy, note)

    def _keep(self, copy: Log, size: int, note: str) -> None:
        """Keep a checkpoint in the copy, unless one that is as long and was witnessed no earlier is there."""
        kept = copy.latest_checkpoint()
        if kept == note:
            return
        if kept is None or size_in(kept) != size or self.judge(copy, kept).time < self.judge(copy, note).time:
            copy.add_checkpoint(size, note)


class ServedLog(Log):
    """A copy that was brought up to date when it was opened, and is again by each append; `Served.open` opens it."""

    served: Served

    def refresh(self) -> None:
        """Bring the copy up to date, which is seen here then.

        Raises:
            Unavailable: as of `Served.open`; or the copy was made anew, and the one that is open here is another one.
            HauberkError: as of `Served.open`.
        """
        self.served.refresh()
        with Log.open(self.served.folder / COPY, read_only=True) as now:
            size = now.size
            if self.size < size or self.tree().root(size) != now.tree().root(size):
                raise Unavailable("the copy of the ledger was made anew while it was read", "ask again")

    def append_many(self, statements: Sequence[Verified], now: int, *, size: int | None = None) -> list[int]:
        """Have the service append statements, and return their entries once they stand in the copy.

        The service itself looks at them under the newest trust while it appends, so nothing depends on `size`. Nor on
        `now`: the time of an entry is the service's.

        Raises:
            NotVerified: as of `Log.append_many`; or the service says that they are where something else is.
            Exceeded: more than one request takes.
            Unavailable: the service is away, or keeps back what it says that it appended: ask again.
            HauberkError: what it refuses them for.
        """
        del size
        envelopes = [admit(verified, now).data for verified in statements]
        if len(envelopes) > MOST_ENVELOPES or sum(map(len, envelopes)) + len(envelopes) > MAX_BODY_BYTES:
            raise Exceeded(f"{len(envelopes)} envelopes are more than the ledger's service takes at once", "send fewer")
        if not envelopes:
            return []
        numbers = self.served.client.append(envelopes)
        self.refresh()
        for number, envelope in zip(numbers, envelopes, strict=True):
            if not 0 <= number < self.size:
                raise Unavailable(f"withheld: the service does not show entry {number}, which it appended", "ask again")
            if self.envelope(number) != envelope:
                raise NotVerified(f"the service says that it appended entry {number}, which is another one", _EVIDENCE)
        return numbers


def _fetch(copy: Log, served: Served, until: int, signed: int, most: int) -> None:
    """Append to a copy what the service has up to an entry; each entry must be that of its envelope.

    Raises:
        Exceeded: more than `most` bytes of envelopes behind the first `signed` entries.
        Unavailable: the service gives less, or takes too long; what it gave stays in the copy.
    """
    ahead = sum(map(len, copy.each_envelope(signed, copy.size))) if signed < copy.size < until else 0
    begun = clock.stopwatch()
    while (size := copy.size) < until:
        if clock.stopwatch() - begun > _FETCH_SECONDS:
            raise Unavailable(
                f"for {_FETCH_SECONDS:g} s the service has been asked, and has given {size} of {until} entries",
                "ask again: that goes on where this has ended",
            )
        found = pairs_in(_read(served.client, f"/v1/log/{size}"))[: until - size]
        if not found:
            raise Unavailable(
                f"withheld: the service says that the log has {until} entries, and gives {size}", "ask again"
            )
        statements = _follow_on(found, size, copy.entry(size - 1).time if size else 0)
        ahead += sum(len(one.data) for one in found[max(0, signed - size) :])
        if ahead > most:
            raise Exceeded(f"{ahead} bytes behind the newest checkpoint, which nobody has signed", _PUBLISH)
        served.heed(statements)
        if copy.append_admitted(found) != list(range(size, size + len(found))):
            raise NotVerified("rewritten entry: the log holds one envelope twice", _EVIDENCE)
        served.heed(statements)


def _follow_on(found: Sequence[Admitted], size: int, before: int) -> list[Statement]:
    """Return the statements of entries from number `size` on, none of them from a time before that of the last."""
    statements = []
    for number, one in enumerate(found, size):
        check_order(number, one.entry.time, before)
        statements.append(read_both(number, one.entry, one.data)[1])
        before = one.entry.time
    return statements


def _check_own(folder: Path) -> None:
    """Raise `Misconfigured` where what is no copy of ours would be written to: behind a link, or on a server."""
    try:
        linked = folder.is_symlink() or (folder.is_dir() and any(path.is_symlink() for path in folder.iterdir()))
    except OSError as error:
        raise unavailable(str(folder), error) from None
    if linked:
        raise Misconfigured(f"{folder} is a link, or has one in it: what is fetched would be written there", _REMOVE)
    if place_in(folder).name != DATABASE:
        raise Misconfigured(f"{folder} names a server: what is fetched would be written there", _REMOVE)


@contextmanager
def _writable(folder: Path) -> Iterator[Log]:
    with Log.open(folder) if (folder / DATABASE).exists() else Log.create(folder) as copy:
        yield copy


def _size_of(client: LedgerClient) -> int:
    said = _read(client, "/healthz")
    found = _SIZE.fullmatch(said)
    if found is None:
        raise Unavailable("the service does not say how many entries the log has", "is it a ledger's service?")
    return int(found[1])


def _note_of(client: LedgerClient) -> str:
    data = _read(client, "/checkpoint")
    if len(data) > DEFAULT_LIMITS.max_note_bytes:
        raise Exceeded(f"a checkpoint of {len(data)} bytes; {DEFAULT_LIMITS.max_note_bytes} are allowed")
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("the service's checkpoint is no text", _EVIDENCE) from None


def _read(client: LedgerClient, path: str) -> bytes:
    """Return what the service answers; where it refuses, it is away for us: what it says of a ledger proves nothing."""
    try:
        return client.read(path)
    except (Malformed, Misconfigured, NotVerified, Refused) as error:
        raise _away(error) from None


def _away(error: HauberkError) -> Unavailable:
    return Unavailable(f"the ledger's service lets us not read: {error.message}", error.hint)
