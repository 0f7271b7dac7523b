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

from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.stores import database_errors, make_folder, open_database
from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.ledger.add_checkpoint import Request, check_log, check_request
from hauberk.ledger.checkpoint import Attested, attest, check_keys
from hauberk.ledger.log import Log
from hauberk.ledger.rows import Rows
from hauberk.signature import note
from hauberk.signature.note import Note

if TYPE_CHECKING:
    import os
    import sqlite3

    from hauberk.signature.key import Signer
    from hauberk.signature.note import VerifierKey

APPLICATION_ID = 0x48424B57  # "HBKW", in the file's header: sqlite.org/fileformat.html section 1.3.14
VERSION = 1

_SCHEMA = (
    "CREATE TABLE heads (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
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
) -> bytes:
    """Answer one request: what `hauberk ledger witness` reads on standard input and writes on standard output.

    Args:
        request: the whole body.
        state: the witness's own directory, made where absent; without it the witness has no memory, so keep it.
        log_directory: the log's, which is only read.
        log: the log's key; its name is the origin.
        key: the witness's own, under whose name it signs.
        signer: the private half of `key`.
        now: the witness's clock, Unix seconds.

    Raises:
        NotVerified: the log is refused, by name; nothing was signed.
        Malformed, Exceeded: the request, or the stored head.
        Unavailable: the state or the log cannot be read, or a clock is wrong.
        Misconfigured: `signer` is not `key`, or the witness's key is the log's.
    """
    check_keys(log, (key,), 1)
    if signer.public != key.public:
        raise Misconfigured("the witness's private key does not belong to its verifier key", "name the other key file")
    asked = Request.decode(request)
    folder = Path(state)
    make_folder(folder)
    database = open_database(folder / "witness.sqlite", create=True)
    try:
        with database_errors(str(folder / "witness.sqlite")):
            # Comparing with the head and replacing it are one step, or two requests could both continue one head.
            database.execute("BEGIN IMMEDIATE")
            answer = _answer(database, asked, log_directory, log=log, key=key, signer=signer, now=now)
            database.execute("COMMIT")
    finally:
        database.close()  # what was not committed is undone
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


def _answer(
    database: sqlite3.Connection,
    asked: Request,
    log_directory: str | os.PathLike[str],
    *,
    log: VerifierKey,
    key: VerifierKey,
    signer: Signer,
    now: int,
) -> bytes:
    head = _read_head(database, log, key)
    checkpoint = check_request(asked, head, log=log)
    size = head.checkpoint.size if head else 0
    if checkpoint is None:
        return f"{size}\n".encode()
    if checkpoint.size == 0:
        raise NotVerified("wrong distance: an empty log has no index statement")
    with Log.open(log_directory, read_only=True) as source:
        envelopes = Rows(source.envelopes, min(size, checkpoint.size - 1), checkpoint.size)
        time = check_log(checkpoint, head, source.leaves(checkpoint.size), envelopes, log=log, now=now)
    body = checkpoint.body()
    line = note.cosign(body, signer, key.name, time)
    log_line = next(line for line in Note.parse(asked.checkpoint).signatures if line.is_by(log))
    stored = (checkpoint.origin, Note(body, (log_line, line)).format())
    database.execute("INSERT INTO heads VALUES (?, ?) ON CONFLICT (origin) DO UPDATE SET note = excluded.note", stored)
    return f"{line.format()}\n".encode()


def _read_head(database: sqlite3.Connection, log: VerifierKey, key: VerifierKey) -> Attested | None:
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
    return None if row is None else attest(str(row[0]), log=log, witnesses=(key,), quorum=1, strict=True)
