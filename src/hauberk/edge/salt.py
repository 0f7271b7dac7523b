"""The salt of a data set's rows: 32 bytes in a file that only its owner reads, kept apart from the manifests."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge.files import open_file, printable, read_whole, unavailable, write_atomic
from hauberk.edge.stores import make_folder
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath

HEAD = b"hauberk-salt-1 "
_LINE = re.compile(HEAD + rb"([0-9a-f]{64})\n?")


def read_salt(path: StrPath) -> bytes:
    """Return the 32 bytes of a salt's file.

    Raises:
        Misconfigured: it is no salt, or others may read it.
        Unavailable: it cannot be read.
    """
    with open_file(path) as view:
        mode, data = view.mode, read_whole(view, 200, printable(path))
    if not (found := _LINE.fullmatch(data)):
        raise Misconfigured(f"{printable(path)} is no salt", "name the file that `hauberk data manifest` made")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(
            f"{printable(path)} can be read by others, who could then try out values of rows",
            f"chmod 600 {printable(path)}; if it was read, make a new one and new manifests",
        )
    return bytes.fromhex(found[1].decode())


def read_or_make_salt(path: StrPath) -> tuple[bytes, bool]:
    """Return the salt of a file, and whether it was made now because there was none."""
    if os.path.lexists(path):
        return read_salt(path), False
    salt = os.urandom(32)
    folder = Path(os.fspath(path)).parent
    try:
        make_folder(folder)
        write_atomic(path, HEAD + salt.hex().encode() + b"\n", mode=0o600)
    except OSError as error:
        raise unavailable(os.fspath(path), error) from None
    return salt, True


def draw(count: int) -> bytes:
    """Return bytes that nobody knows before."""
    return os.urandom(count)
