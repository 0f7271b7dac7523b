"""Where a ledger's database is: a SQLite file in its folder, or a server that a file in its folder names.

A file may name a ledger's service instead (`hauberk.ledger.served`): then there is no ledger on this machine, only a
copy, and who needs the ledger itself is told so here.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.edge.database import SqliteDatabase
from hauberk.edge.extras import require_extra
from hauberk.edge.files import is_taken
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    import os

    from hauberk.edge.database import Database

DATABASE: Final = "ledger.sqlite"
SERVER: Final = "ledger.postgresql"
SERVICE: Final = "ledger.service"


def place_in(directory: str | os.PathLike[str]) -> Path:
    """Return the path by which the database in a ledger's folder is opened, there or not.

    A link to nothing counts as what it is called: where the server's name is not mounted, no file takes its place.

    Raises:
        Misconfigured: there are a file and the name of a server: one of them would be another history.
        Unavailable: the folder hides what is in it.
    """
    file, server = Path(directory) / DATABASE, Path(directory) / SERVER
    if is_taken(Path(directory) / SERVICE):
        _check_alone(directory)
        raise Misconfigured(
            f"{Path(directory) / SERVICE} is there: the ledger is on another machine, and this needs the ledger itself",
            "run it where `hauberk ledger serve` runs",
        )
    if not is_taken(server):
        return file
    if is_taken(file):
        raise Misconfigured(
            f"{directory} has {DATABASE} and {SERVER}: two ledgers", "move the one that is not the ledger out of it"
        )
    return server


def service_in(directory: str | os.PathLike[str]) -> Path | None:
    """Return the file in a ledger's folder that names the ledger's service, if there is one; errors as `place_in`."""
    path = Path(directory) / SERVICE
    if not is_taken(path):
        return None
    _check_alone(directory)
    return path


def _check_alone(directory: str | os.PathLike[str]) -> None:
    for other in (DATABASE, SERVER):
        if is_taken(Path(directory) / other):
            raise Misconfigured(
                f"{directory} has {other} and {SERVICE}: two ledgers", "move the one that is not the ledger out of it"
            )


def open_place(path: str | os.PathLike[str], *, create: bool = False, read_only: bool = False) -> Database:
    """Open the database of a path that `place_in` has returned; errors as that database's.

    Args:
        path: a SQLite file, or a file that names a server.
        create: make the file if it is absent; a server is there.
        read_only: nothing can be written through it.
    """
    if Path(path).name != SERVER:
        return SqliteDatabase(path, create=create, read_only=read_only)
    require_extra("postgres", "pg8000")
    from hauberk.edge.postgres import PostgresDatabase  # noqa: PLC0415 - an extra

    return PostgresDatabase(path, read_only=read_only)


def is_there(directory: str | os.PathLike[str]) -> bool:
    """Say whether a ledger's folder has its database; a server is asked, errors as `open_place`."""
    place = place_in(directory)
    if place.name == DATABASE:
        return is_taken(place)
    with closing(open_place(place, read_only=True)) as database:
        return not database.is_empty()
