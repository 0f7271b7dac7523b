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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hauberk.dataset.manifest import DataFile
from hauberk.edge.files import unavailable
from hauberk.edge.pool import Lost, Pool, Task, worker_environment
from hauberk.edge.ray_pool import RayPool
from hauberk.edge.sources import open_file, printable
from hauberk.edge.tables import KINDS, kind_of, row_group_bytes
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable
from hauberk.verbs.data_wire import FAULT, Asked, Hashed, decode_hashed, encode_asked, encode_how
from hauberk.verbs.data_worker import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.edge.files import FileView, StrPath
    from hauberk.verbs.data_places import DataPlace
    from hauberk.verbs.data_wire import How
    from hauberk.verbs.data_writer import RowWriter

COMMAND: Final = (sys.executable, "-P", "-m", "hauberk.verbs.data_worker")
PIECE_BYTES: Final = 64 << 20  # a Parquet file that is larger is asked for in pieces of about so many bytes
_TIMEOUT_SECONDS: Final = 6 * 3600.0
_COPIED_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class By:
    """Who hashes: `processes` of this machine, `jobs` at once, or the cluster of `ray`."""

    jobs: int
    engine: str = "processes"


def hash_files(
    places: Sequence[DataPlace],
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
        asked = [one for place in places for one in _asked(place, folder)]
        said = pool.answers([Task(encode_asked(one), _weight(one)) for one in asked])
        files: dict[str, DataFile] = {}
        for one, answer in zip(asked, said, strict=True):
            found = _heard(answer, one)
            if found.columns is not None:
                _take(writer, one, found)
            was = files.get(one.name) or DataFile(one.name, one.size, "", one.kind, 0)
            files[one.name] = DataFile(one.name, one.size, found.sha256 or was.sha256, one.kind, was.rows + found.count)
            seen(one.name, writer.tree.count)
    return list(files.values())


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


def _asked(place: DataPlace, folder: str) -> Iterator[Asked]:
    """Yield what is asked about a file, its rows in their order."""
    root = os.path.abspath(place.root)  # noqa: PTH100 - as above
    with place.open() as view:
        kind = kind_of(view, place.name)
        size, changed = view.fingerprint[:2]
        pieces = _pieces(view, kind, printable(place.name))
    if kind not in KINDS or len(pieces) > 1:
        yield Asked(place.name, root, place.relative, kind, size, changed, None, digest=True)
    if kind not in KINDS:
        return
    for piece in pieces:
        part = os.path.join(folder, os.urandom(8).hex())  # noqa: PTH118 - a path for another process
        yield Asked(place.name, root, place.relative, kind, size, changed, part, len(pieces) == 1, piece)


def _pieces(view: FileView, kind: str, name: str) -> list[tuple[int, int] | None]:
    """Return ranges of row groups of a large Parquet file, each of about `PIECE_BYTES`; else None, for the whole."""
    if kind != "parquet" or view.size <= PIECE_BYTES:
        return [None]
    sizes = row_group_bytes(view, name)
    pieces: list[tuple[int, int] | None] = []
    start = weight = 0
    for number, size in enumerate(sizes):
        weight += size
        if weight >= PIECE_BYTES or number == len(sizes) - 1:
            pieces.append((start, number + 1))
            start, weight = number + 1, 0
    return pieces if len(pieces) > 1 else [None]


def _weight(asked: Asked) -> int:
    return asked.size if asked.groups is None else PIECE_BYTES


def pool_of(by: By, how: How) -> Pool | RayPool:
    """Return who hashes; raise `Misconfigured` for a cluster and salts of persons."""
    if by.engine != "ray":
        return Pool(COMMAND, worker_environment(), encode_how(how), by.jobs, _TIMEOUT_SECONDS)
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
    if (found.sha256 is not None, found.part is not None) != (asked.digest, asked.part is not None):
        raise Unavailable(f"{name}: the process that hashed it answered something else", "do it again")
    return found


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
