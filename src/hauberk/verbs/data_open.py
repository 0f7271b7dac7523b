"""Open what a manifest names, and nothing else: files whose bytes are verified while they are read."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from hauberk.dataset.manifest import decode
from hauberk.digest import Digest
from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import open_file, printable, read_file
from hauberk.edge.verified_file import VerifiedFile
from hauberk.errors import Malformed, NotVerified
from hauberk.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from hauberk.dataset.manifest import DataFile, Manifest
    from hauberk.edge.files import StrPath
    from hauberk.view import View


def read_manifest(path: StrPath) -> Manifest:
    """Return the manifest in a file; raise `Malformed` where it is none, or contradicts itself."""
    return read_hashed_manifest(path)[0]


def read_hashed_manifest(path: StrPath) -> tuple[Manifest, Digest]:
    """Return the manifest in a file and the digest of the bytes that it was read from; errors as `read_manifest`."""
    data = read_file(path, limit=DEFAULT_LIMITS.max_document_bytes)
    try:
        return decode(data), Digest("sha256", hashlib.sha256(data).hexdigest())
    except Malformed as error:
        hint = error.hint or "make it with `hauberk data manifest`"
        raise Malformed(f"{printable(path)}: {error.message}", hint) from None


def open_verified(path: StrPath, *, manifest: StrPath | Manifest) -> VerifiedFile:
    """Return a file of a data set as a readable binary file object that gives out no other bytes than the manifest's.

    Args:
        path: a file here, or an address that `hauberk scan` takes; its name must be that of a file of the manifest.
            Of an object whose version the manifest names, that version is read, also where there is a newer one.
        manifest: the manifest, or the path of one.

    Raises:
        NotVerified: the manifest has no such file, or not of this size; on reading, one of another digest.
        Unavailable: it cannot be read; on reading, it changed.
        Malformed: the manifest is none.
    """
    record = read_manifest(manifest) if isinstance(manifest, (str, os.PathLike)) else manifest
    wanted = _named(path, record)
    view = _opened(path, wanted)
    try:
        _require_size(view, wanted, printable(path))
        return VerifiedFile(view, wanted.sha256, printable(path))
    except BaseException:
        _close(view)
        raise


def read_verified(path: StrPath, *, manifest: StrPath | Manifest, columns: list[str] | None = None) -> Any:
    """Return a table of a data set as a `pyarrow.Table`, after its bytes were verified.

    Args:
        path: as for `open_verified`: a Parquet, Arrow, CSV or JSON-lines file. Cells of CSV are text.
        manifest: as for `open_verified`.
        columns: which to return, all by default.

    Raises:
        NotVerified, Unavailable, Malformed: as `open_verified`; or it is no table.
    """
    from hauberk.edge.extras import require_extra  # noqa: PLC0415 - an extra

    require_extra("data", "pyarrow", "numpy")
    from hauberk.verbs.data_table import table_of  # noqa: PLC0415

    record = read_manifest(manifest) if isinstance(manifest, (str, os.PathLike)) else manifest
    wanted = _named(path, record)
    with ExitStack() as stack:
        view = _opened(path, wanted)
        stack.callback(_close, view)
        _require_size(view, wanted, printable(path))
        return table_of(view, wanted, printable(path), columns)


def _named(path: StrPath, manifest: Manifest) -> DataFile:
    """Return the one file of a manifest that a path or an address names: by its address, or by the end of its path."""
    text = os.fspath(path)
    exact = [file for file in manifest.files if _is_at(file, text)]
    parts = _path_of(text).split("/")
    ends = [file for file in manifest.files if (own := file.path.split("/")) == parts[-len(own) :]]
    found = exact if len(exact) == 1 else ends
    if not found:
        raise NotVerified(
            f"the manifest {manifest.name} names no file {printable(text)}",
            f"it names {', '.join(printable(file.path) for file in manifest.files[:5])}",
        )
    # Of a/b.csv and b.csv, both of which a path may end in, the longer is meant.
    return max(found, key=lambda file: len(file.path))


def _is_at(file: DataFile, text: str) -> bool:
    """Return whether an address is that of a file, whatever version it names."""
    return file.address is not None and is_address(text) and _bare(file.address) == _bare(text)


def _bare(address: str) -> str:
    return unquote(address.partition("?")[0])


def _path_of(text: str) -> str:
    return _bare(text) if is_address(text) else text.replace(os.sep, "/")


def _opened(path: StrPath, wanted: DataFile) -> View:
    """Open a file; of an object that the manifest knows at this very address, the version that it names."""
    text = os.fspath(path)
    if not is_address(text):
        return open_file(path)
    from hauberk.verbs.data_remote import fetched  # noqa: PLC0415 - only for what lies elsewhere

    if wanted.version is None or wanted.address is None or not _is_at(wanted, text):
        return fetched(text, limit=wanted.size)
    if "?" in text and unquote(text) != unquote(wanted.address):
        raise NotVerified(
            f"{printable(text)} is another version than the manifest's, {printable(wanted.version)}",
            "leave the version out, or have this one approved",
        )
    return fetched(wanted.address, limit=wanted.size, version=wanted.version)


def _require_size(view: View, wanted: DataFile, name: str) -> None:
    if view.size != wanted.size:
        raise NotVerified(
            f"{name} has {view.size} bytes, the manifest says {wanted.size}",
            "it is not the file that was approved: get that one, or have this one approved",
        )


def _close(view: View) -> None:
    if hasattr(view, "close"):
        view.close()
