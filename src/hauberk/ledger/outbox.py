"""Signed envelopes that wait for a ledger's service: kept durably, delivered in their order, dropped once they are in.

A statement in an outbox is in no ledger, and no gate counts it. Whoever signs it has it safe, that is all.

An envelope leaves the outbox only after the service has said which entry it is. Where that answer is lost, or this
process ends before it has dropped the envelope, it is sent again and keeps its entry, because a log takes an envelope
once: so each gets in exactly once. One that is refused stays, and all behind it wait: whoever signed them meant them in
this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from hauberk.digest import Digest, sha256
from hauberk.edge.files import printable
from hauberk.edge.stores import database_errors, make_folder, open_database, transaction
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable
from hauberk.ledger.service_client import MAX_BODY_BYTES, MOST_ENVELOPES
from hauberk.signature import dsse

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

APPLICATION_ID = 0x48424B4F  # "HBKO", in the file's header: sqlite.org/fileformat.html section 1.3.14
VERSION = 1
_TOO_LARGE: Final = 2**63  # for SQLite
DATABASE: Final = "outbox.sqlite"

_SCHEMA = (
    """CREATE TABLE waiting (
        number INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, envelope BLOB NOT NULL
    ) STRICT""",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope that waits: its number in the outbox, which none that came later has, and its canonical bytes."""

    number: int
    envelope: bytes

    @property
    def id(self) -> Digest:
        """Return the id of its statement."""
        return dsse.statement_id(dsse.decode_envelope(self.envelope).payload)


class Outbox:
    """An open outbox; it owns its connection. Use it in a `with` statement, in one thread."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        """Open the outbox of a directory, made where absent.

        Raises:
            Unavailable: it cannot be opened, or was written by a later release.
            Malformed: the file is no outbox.
        """
        folder = Path(directory)
        make_folder(folder)
        self._name = str(folder / DATABASE)
        self._database = open_database(folder / DATABASE, create=True)
        try:
            with transaction(self._database, self._name):
                self._check_format()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def __len__(self) -> int:
        with database_errors(self._name):
            return int(self._database.execute("SELECT count(*) FROM waiting").fetchone()[0])

    def add(self, envelopes: Sequence[bytes]) -> None:
        """Keep envelopes behind those that wait; all of them are on disk then. One that waits already keeps its place.

        Raises:
            Malformed: one that is no canonical envelope with a statement, which no service would take.
            Unavailable: the disk or the lock.
        """
        for envelope in envelopes:
            dsse.decode_statement(dsse.decode_envelope(envelope).payload)
        rows = [(str(sha256(envelope)), envelope) for envelope in envelopes]
        with transaction(self._database, self._name):
            self._database.executemany("INSERT OR IGNORE INTO waiting (digest, envelope) VALUES (?, ?)", rows)

    def waiting(self, most: int = -1) -> list[Waiting]:
        """Return what waits, the oldest first, at most so many; raise `Malformed` for what was not put there by us."""
        with database_errors(self._name):
            asked = "SELECT number, digest, envelope FROM waiting ORDER BY number LIMIT ?"
            return [self._checked(*row) for row in self._database.execute(asked, (most,))]

    def drop(self, number: int) -> Waiting:
        """Take one out that was not delivered, and return it, also where it was changed and is no envelope any more.

        Raises `Misconfigured` if there is none of that number.
        """
        with database_errors(self._name):
            asked = "SELECT CAST(envelope AS BLOB) FROM waiting WHERE number = ?"
            row = self._database.execute(asked, (number,)).fetchone() if 0 < number < _TOO_LARGE else None
        if row is None:
            raise Misconfigured(f"no envelope {number} waits", "see `hauberk ledger outbox`")
        gone = Waiting(number, row[0] or b"")
        self._forget([gone])
        return gone

    def deliver(self, append: Callable[[Sequence[bytes]], list[int]]) -> Iterator[tuple[Waiting, int]]:
        """Deliver what waits, the oldest first; yield each that is in the ledger, with its entry, once it is dropped.

        Args:
            append: appends envelopes and returns their entries, as `LedgerClient.append`.

        Raises:
            HauberkError: of `append`, where the first that waits is not taken; what came before it is delivered.
        """
        most = MOST_ENVELOPES
        while group := _group(self.waiting(most)):
            try:
                entries = append([one.envelope for one in group])
            except Unavailable:
                raise
            except HauberkError as error:
                if len(group) == 1:
                    raise type(error)(
                        f"envelope {group[0].number} of the outbox: {error.message}", error.hint
                    ) from None
                most = 1  # one of them is refused: which, is found one by one
                continue
            self._forget(group)
            yield from zip(group, entries, strict=True)

    def _checked(self, number: object, digest: object, envelope: object) -> Waiting:
        try:
            return _checked(number, digest, envelope)
        except Malformed as error:
            raise Malformed(
                f"envelope {number} in {printable(self._name)} is not what was put there: {error.message}",
                "see who else writes there; `hauberk ledger outbox --drop N` prints it and takes it out",
            ) from None

    def _forget(self, several: Sequence[Waiting]) -> None:
        with transaction(self._database, self._name):
            self._database.executemany("DELETE FROM waiting WHERE number = ?", [(one.number,) for one in several])

    def _check_format(self) -> None:
        if self._database.execute("PRAGMA schema_version").fetchone() == (0,):
            for line in _SCHEMA:
                self._database.execute(line)
        (mark,), (version,) = (
            self._database.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        if mark != APPLICATION_ID:
            raise Malformed(f"{self._name} is no outbox", "name another directory")
        others = "SELECT type FROM sqlite_master WHERE type IN ('trigger', 'view')"
        if found := self._database.execute(others).fetchone():  # a trigger could take out what is put in
            raise Malformed(f"{self._name} has a {found[0]}, which no outbox has", "find out who made it; use another")
        if version != VERSION:
            raise Unavailable(f"{self._name} has the format {version}, this release reads {VERSION}", "upgrade hauberk")


def _group(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Return the first of those that wait, as many as one request takes, and at least one."""
    size, group = 0, list[Waiting]()
    for one in waiting:
        size += len(one.envelope) + 1
        if group and size > MAX_BODY_BYTES:
            break
        group.append(one)
    return group


def _checked(number: object, digest: object, envelope: object) -> Waiting:
    """Return what waits, as it was put there; raise `Malformed` for another."""
    if type(number) is not int or type(envelope) is not bytes or str(sha256(envelope)) != digest:
        raise Malformed("its bytes are not those of its digest")
    dsse.decode_statement(dsse.decode_envelope(envelope).payload)
    return Waiting(number, envelope)
