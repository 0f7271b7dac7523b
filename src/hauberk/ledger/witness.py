"""The witness: it sees each checkpoint of the log, and signs only those that continue what it signed before.

What a stolen log key cannot do without it: show two histories, take back an entry, or hide one from the index. The
witness keeps its own head (the last checkpoint that it signed), reads the log's entries for itself, and recomputes the
root at both sizes, the subjects of every new entry, and the index. Then it writes the new head to disk, and only then
gives out its cosignature.

The request is that of `hauberk.ledger.add_checkpoint`. The answer is the cosignature line; or, where `old` is not the
size of its head, that size and a newline (the standard's 409). Everything else is refused by an error, which a child
process says on its standard error. The state is one SQLite file; who deletes it deletes the witness's memory.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.edge.stores import database_errors, make_folder, open_database
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.ledger.add_checkpoint import Request, check_log, check_request, size_of, time_of
from hauberk.ledger.authority import size_in
from hauberk.ledger.checkpoint import Attested, Checkpoint, check_keys
from hauberk.ledger.log import Log
from hauberk.ledger.mirror import follow, forget
from hauberk.ledger.rows import Rows
from hauberk.signature import note
from hauberk.signature.note import Note

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Iterator, Sequence

    from hauberk.ledger.service_client import LedgerClient
    from hauberk.signature.key import Signer
    from hauberk.signature.note import VerifierKey

APPLICATION_ID = 0x48424B57  # "HBKW", in the file's header: sqlite.org/fileformat.html section 1.3.14
VERSION = 1

_SCHEMA = (
    "CREATE TABLE heads (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)

RESTORE: Final = "put a copy in its place: `hauberk ledger restore FILE`; a new one would be another history"


@dataclass(frozen=True, slots=True)
class Witness:
    """Who witnesses a log.

    Attributes:
        state: the witness's own directory, made where absent; without it the witness has no memory, so keep it.
        log: the log's key; its name is the origin.
        log_directory: the log's, which is only read, or a copy's; None for a witness that looks at proofs of
            consistency only, as the standard's do: it signs an index that hides an entry.
        key: the witness's own, under whose name it signs.
        signer: the private half of `key`.
        service: of the log, where `log_directory` is a copy that is brought up to date by it.
        former: keys that the witness had before, whose word in the state still counts.
    """

    state: Path
    log: VerifierKey
    log_directory: Path | None
    key: VerifierKey
    signer: Signer
    service: LedgerClient | None = None
    former: tuple[VerifierKey, ...] = ()

    def check_keys(self) -> None:
        """Raise `Misconfigured` where `signer` is not `key`, or the witness's key is the log's."""
        check_keys(self.log, (self.key,), 1)
        if self.signer.public != self.key.public:
            raise Misconfigured(
                "the witness's private key does not belong to its verifier key", "name the other key file"
            )

    @contextmanager
    def remembering(self) -> Iterator[Memory]:
        """Yield what the witness has signed last; what is kept inside is on disk after the block, or nothing is.

        Comparing with the head and replacing it are one step, or two requests could both continue one head.
        """
        make_folder(self.state)
        file = self.state / "witness.sqlite"
        database = open_database(file, create=True)
        try:
            with database_errors(str(file)):
                database.execute("BEGIN IMMEDIATE")
                yield Memory(database, _read_head(database, self.log, (self.key, *self.former)))
                database.execute("COMMIT")
        finally:
            database.close()  # what was not committed is undone

    def fetch(self, checkpoint: Checkpoint) -> None:
        """Bring the copy of the log, if that is what is read, up to a checkpoint that the log has signed.

        A copy that does not give its root is fetched anew: what was given before may have been wrong, and is a cache.

        Raises:
            Unavailable: the log's service is away, or has fewer entries.
            NotVerified, Malformed: what it gives is no log.
        """
        if self.service is None or self.log_directory is None:
            return
        try:
            follow(self.log_directory, self.service, until=checkpoint.size)
            with Log.open(self.log_directory, read_only=True) as copy:
                is_true = copy.tree().root(checkpoint.size) == checkpoint.root
        except (Malformed, NotVerified):  # an entry that does not fit behind what was given before
            is_true = False
        if not is_true:
            forget(self.log_directory)
            follow(self.log_directory, self.service, until=checkpoint.size)

    def examine(self, checkpoint: Checkpoint, head: Attested | None, now: int) -> int:
        """Return the time to cosign at, after the log's entries were read and all that it claims computed again."""
        if self.log_directory is None:
            return time_of(head, now)
        if checkpoint.size == 0:
            raise NotVerified("wrong distance: an empty log has no index statement")
        with Log.open(self.log_directory, read_only=True) as source:
            first = min(size_of(head), checkpoint.size - 1)
            envelopes = Rows(source.stored_envelopes, first, checkpoint.size, each=source.each_envelope)
            return check_log(checkpoint, head, source.leaves(checkpoint.size), envelopes, log=self.log, now=now)

    def cosign(self, memory: Memory, checkpoint: Checkpoint, signed: Note, time: int) -> bytes:
        """Keep a checkpoint as the new head, and return the line that cosigns it; give it out after the block only."""
        body = checkpoint.body()
        line = note.cosign(body, self.signer, self.key.name, time)
        log_line = next(line for line in signed.signatures if line.is_by(self.log))
        memory.keep(checkpoint.origin, Note(body, (log_line, line)).format())
        return f"{line.format()}\n".encode()


@dataclass(frozen=True, slots=True)
class Memory:
    """A witness's state while it is locked, and the head that it holds."""

    database: sqlite3.Connection
    head: Attested | None

    def keep(self, origin: str, note_text: str) -> None:
        """Replace the head."""
        self.database.execute(
            "INSERT INTO heads VALUES (?, ?) ON CONFLICT (origin) DO UPDATE SET note = excluded.note",
            (origin, note_text),
        )


def serve_once(
    request: bytes,
    *,
    state: str | os.PathLike[str],
    log_directory: str | os.PathLike[str],
    log: VerifierKey,
    key: VerifierKey,
    signer: Signer,
    now: int,
    former: tuple[VerifierKey, ...] = (),
) -> bytes:
    """Answer one request: what `hauberk ledger witness` reads on standard input and writes on standard output.

    Args:
        request: the whole body.
        state: as of `Witness`.
        log_directory: likewise.
        log: likewise.
        key: likewise.
        signer: likewise.
        now: the witness's clock, Unix seconds.
        former: as of `Witness`.

    Raises:
        NotVerified: the log is refused, by name; nothing was signed.
        Malformed, Exceeded: the request, or the stored head.
        Unavailable: the state or the log cannot be read, or a clock is wrong.
        Misconfigured: `signer` is not `key`, or the witness's key is the log's.
    """
    witness = Witness(Path(state), log, Path(log_directory), key, signer, former=former)
    witness.check_keys()
    asked = Request.decode(request)
    with witness.remembering() as memory:
        checkpoint = check_request(asked, memory.head, log=log)
        if checkpoint is None:
            answer = f"{size_of(memory.head)}\n".encode()
        else:
            time = witness.examine(checkpoint, memory.head, now)
            answer = witness.cosign(memory, checkpoint, Note.parse(asked.checkpoint), time)
    return answer


def read_head(state: str | os.PathLike[str], origin: str) -> str | None:
    """Return the note that a witness has signed last of a log, or None; whether it holds is for `attest` to say.

    Raises:
        Unavailable: the witness has no state there, or none that can be read.
        Malformed: its file is damaged.
    """
    file = Path(state) / "witness.sqlite"
    database = open_database(file, create=False, read_only=True)
    try:
        with database_errors(str(file)):
            if database.execute("PRAGMA schema_version").fetchone() == (0,):
                return None  # a first request that was refused
            row = database.execute("SELECT note FROM heads WHERE origin = ?", (origin,)).fetchone()
    finally:
        database.close()
    return None if row is None else str(row[0])


def seen_by(state: str | os.PathLike[str], origin: str) -> int:
    """Return how many entries of a log a witness has signed, as far as it has a state that can be read."""
    try:
        note = read_head(state, origin)
        return 0 if note is None else size_in(note)
    except HauberkError:
        return 0


def _read_head(database: sqlite3.Connection, log: VerifierKey, keys: Sequence[VerifierKey]) -> Attested | None:
    """Return what this witness has signed last of this log; its own signature is what makes the file believed."""
    if database.execute("PRAGMA schema_version").fetchone() == (0,):
        for line in _SCHEMA:
            database.execute(line)
    marks = (*database.execute("PRAGMA application_id").fetchone(), *database.execute("PRAGMA user_version").fetchone())
    if marks != (APPLICATION_ID, VERSION):
        raise Unavailable(
            f"the witness's state has the marks {marks}, this release writes {VERSION}", "upgrade hauberk"
        )
    row = database.execute("SELECT note FROM heads WHERE origin = ?", (log.name,)).fetchone()
    return None if row is None else _own_word(Note.parse(str(row[0])), log, keys)


def _own_word(signed: Note, log: VerifierKey, keys: Sequence[VerifierKey]) -> Attested:
    """Return what this witness has signed, by the key that it has or one that it had; the log's may be another too."""
    checkpoint = Checkpoint.parse(signed.text)
    if checkpoint.origin != log.name:
        raise NotVerified(f"the witness's state is of the log {checkpoint.origin}, not of {log.name}")
    own = [(line, key) for key in keys for line in signed.signatures if line.is_by(key)]
    if not own:
        raise NotVerified(
            "the witness's state is not signed by its key", "if the key was replaced, name the one of before: --former"
        )
    line, key = own[0]
    return Attested(checkpoint, note.verify_cosignature(signed.text, line, key))
