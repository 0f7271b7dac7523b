"""Files of a data set, and row groups of large ones, hashed by many processes; the manifest is that of one process.

Each process writes the records of its rows into a file beside the output; here they are put one behind the other in the
order of the data, their sources numbered anew, and the tree is grown. So the work that is done alone is copying.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.dataset.manifest import DataFile
from hauberk.edge.files import unavailable
from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.ray_pool import RayPool
from hauberk.edge.remote.credentials import remote_environment
from hauberk.edge.sources import open_file, printable
from hauberk.edge.tables import KINDS, kind_of, row_group_sizes
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable
from hauberk.verbs.data_wire import FAULT, Asked, Hashed, decode_hashed, encode_asked, encode_how
from hauberk.verbs.data_worker import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.edge.files import FileView, StrPath
    from hauberk.verbs.data_found import FoundFile
    from hauberk.verbs.data_wire import How
    from hauberk.verbs.data_writer import RowWriter

COMMAND: Final = (sys.executable, "-P", "-m", "hauberk.verbs.data_worker")
# A Parquet file with more is asked for in pieces of about so many bytes, or rows: narrow ones cost more by the byte.
PIECE_BYTES: Final = 64 << 20
PIECE_ROWS: Final = 1 << 20
SMALL_BYTES: Final = 1 << 20  # a file that is no larger is one piece in any case
_TIMEOUT_SECONDS: Final = 6 * 3600.0
_COPIED_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class By:
    """Who hashes: `processes` of this machine, `jobs` at once, or the cluster of `ray`."""

    jobs: int
    engine: str = "processes"


def hash_files(
    found: Sequence[FoundFile],
    writer: RowWriter,
    pool: Pool | RayPool,
    output: StrPath,
    seen: Callable[[str, int], None],
) -> list[DataFile]:
    """Return the files of a data set, after their rows went to the writer in their order.

    Raises:
        Malformed, Unavailable, Exceeded: as one process would, for the first file at which there is something wrong.
        Unavailable: a process was lost at a file, twice.
        Misconfigured: the engine cannot be used.
    """
    with _folder(output) as folder:
        asked, wrong = _asked_all(found, folder)
        said = pool.answers([Task(encode_asked(one), _weight(one)) for one in asked])
        files: dict[str, DataFile] = {}
        for one, answer in zip(asked, said, strict=True):
            heard = _heard(answer, one)
            if heard.columns is not None:
                _take(writer, one, heard)
            was = files.get(one.name) or _file(one, heard)
            files[one.name] = replace(was, sha256=heard.sha256 or was.sha256, rows=was.rows + heard.count)
            seen(one.name, writer.tree.count)
        if wrong is not None:
            raise wrong
    return list(files.values())


def _asked_all(found: Sequence[FoundFile], folder: str) -> tuple[list[Asked], HauberkError | None]:
    """Return what is asked about all files up to the first that cannot be asked about, and why not."""
    asked: list[Asked] = []
    for file in found:
        try:
            asked += _asked(file, folder)
        except HauberkError as error:
            return asked, error
    return asked, None


@contextmanager
def _folder(output: StrPath) -> Iterator[str]:
    """Make a folder beside the output for what processes write, and remove it with all that they left."""
    path = Path(os.fspath(output))
    try:
        made = tempfile.mkdtemp(prefix=f"{path.name}.rows.", suffix=".parts", dir=path.parent)
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
    try:
        yield os.path.abspath(made)  # noqa: PTH100 - processes have the same working directory, nodes have not
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _file(asked: Asked, heard: Hashed) -> DataFile:
    """Return a file of which nothing is known but where it is."""
    kept = heard.kept
    if kept is None:
        return DataFile(asked.name, asked.size, "", asked.kind, 0)
    return DataFile(asked.name, kept.size, "", kept.kind, 0, kept.address, kept.version, kept.lock)


def _asked(file: FoundFile, folder: str) -> Iterator[Asked]:
    """Yield what is asked about a file, its rows in their order."""
    if file.there is not None:
        from hauberk.verbs.data_there import encode_there  # noqa: PLC0415 - only for what lies elsewhere

        told, size = encode_there(file.there), file.there.file.size or 0
        yield Asked(file.name, "", None, "", size, 0, _part(folder), digest=True, there=told)
        return
    root = os.path.abspath(file.where)  # noqa: PTH100 - as above
    with file.open_here() as view:
        kind = kind_of(view, file.name)
        size, changed = view.fingerprint[:2]
        pieces = _pieces(view, kind, printable(file.name))
    if kind not in KINDS or len(pieces) > 1:
        yield Asked(file.name, root, file.inside, kind, size, changed, None, digest=True)
    if kind not in KINDS:
        return
    for piece in pieces:
        yield Asked(file.name, root, file.inside, kind, size, changed, _part(folder), len(pieces) == 1, piece)


def _part(folder: str) -> str:
    return os.path.join(folder, os.urandom(8).hex())  # noqa: PTH118 - a path for another process


def _pieces(view: FileView, kind: str, name: str) -> list[tuple[int, int] | None]:
    """Return ranges of row groups of a large Parquet file, each about a piece's work; else None, for the whole."""
    if kind != "parquet" or view.size <= SMALL_BYTES:
        return [None]
    sizes = row_group_sizes(view, name)
    pieces: list[tuple[int, int] | None] = []
    start = weight = rows = 0
    for number, (size, many) in enumerate(sizes):
        weight, rows = weight + size, rows + many
        if weight >= PIECE_BYTES or rows >= PIECE_ROWS or number == len(sizes) - 1:
            pieces.append((start, number + 1))
            start, weight, rows = number + 1, 0, 0
    return pieces if len(pieces) > 1 else [None]


def _weight(asked: Asked) -> int:
    return asked.size if asked.groups is None else min(asked.size, PIECE_BYTES)


def pool_of(by: By, how: How, *, fetches: bool) -> Pool | RayPool:
    """Return who hashes, with our credentials where it fetches; a cluster has its own.

    Raises:
        Misconfigured: a cluster is to have salts of persons.
    """
    if by.engine != "ray":
        environment = worker_environment() | (remote_environment() if fetches else {})
        return Pool(COMMAND, environment, encode_how(how), by.jobs, _TIMEOUT_SECONDS)
    if how.person is not None:
        raise Misconfigured(
            "salts of persons are kept on one machine, and a cluster is many", "leave out --engine ray, or --person"
        )
    return RayPool(begin, encode_how(how))


def _heard(said: bytes | Lost, asked: Asked) -> Hashed:
    """Return what a process said; raise where it could not, or said what cannot be believed."""
    name = printable(asked.name)
    if isinstance(said, Lost):
        raise Unavailable(f"{name}: {said.why}", "look at what ended it, memory for one, and do it again")
    if said.startswith(FAULT):
        raise RuntimeError(said[len(FAULT) :].decode(errors="backslashreplace"))
    try:
        found = decode_hashed(said)
    except Malformed as error:
        raise Unavailable(f"{name}: the process that hashed it gave {error.message}", "do it again") from None
    if isinstance(found, HauberkError):
        raise found
    if not _is_of(found, asked):
        raise Unavailable(f"{name}: the process that hashed it answered something else", "do it again")
    return found


def _is_of(found: Hashed, asked: Asked) -> bool:
    """Return whether an answer has what was asked for."""
    if asked.there is not None:
        parts = (found.part is not None, found.columns is not None)
        return found.sha256 is not None and found.kept is not None and parts == ((found.kept.kind in KINDS),) * 2
    has = (found.sha256 is not None, found.part is not None, found.columns is not None, found.kept is not None)
    return has == (asked.digest, asked.part is not None, asked.part is not None, False)


def _take(writer: RowWriter, asked: Asked, found: Hashed) -> None:
    """Hand the records of a part to the writer, once they were proven to be those of the answer."""
    name = printable(asked.name)
    assert asked.part is not None
    assert found.columns is not None
    with open_file(asked.part) as view:
        if view.size != found.count * writer.record_bytes:
            raise Unavailable(f"{name}: {found.count} rows were hashed, and other records written", "do it again")
        writer.take(name, found, _read(view, writer.record_bytes))
    os.unlink(asked.part)  # noqa: PTH108 - a path of ours


def _read(view: FileView, record_bytes: int) -> Iterator[bytes]:
    step = _COPIED_ROWS * record_bytes
    for start in range(0, view.size, step):
        yield view.read_at(start, step)
