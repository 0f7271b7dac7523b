"""The files that a person writes for a scan: a profile, accepted findings, tables of callables."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.checks.baseline import baseline_of
from hauberk.checks.own_tables import SUFFIX, approve, check_approved, is_approval, table_of
from hauberk.checks.profile import PROFILES, Signed
from hauberk.checks.profile_file import profile_of
from hauberk.edge.sources import printable, read_file, write_output
from hauberk.errors import Misconfigured, Unavailable
from hauberk.formats.document import LARGEST_BYTES, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.checks.baseline import Entry
    from hauberk.checks.own_tables import OwnTable
    from hauberk.checks.profile import Profile
    from hauberk.edge.files import StrPath
    from hauberk.signature.key import PublicKey, Signer

_LONGEST_SIGNATURE = 64 << 10


def read_profile(path: StrPath) -> Profile:
    """Return a profile that a person wrote, the paths in it made relative to where we are.

    Raises:
        Misconfigured: it is no profile, or there is none of that name.
        Unavailable, Exceeded: it cannot be read, or is too long.
    """
    try:
        data = read_file(path, limit=LARGEST_BYTES)
    except Unavailable as error:
        if os.path.lexists(path):
            raise
        hint = f"one of {', '.join(PROFILES)}, or a file"
        raise Misconfigured(f"there is no profile {printable(path)}", hint) from error
    profile = profile_of(read_yaml(data, what=printable(path)), what=printable(path))
    folder = os.path.dirname(os.fspath(path))  # noqa: PTH120 - a path, as given
    return replace(
        profile,
        baseline=None if profile.baseline is None else _beside(folder, profile.baseline),
        tables=tuple(Signed(_beside(folder, one.file), _beside(folder, one.key)) for one in profile.tables),
    )


def read_baseline(path: StrPath) -> tuple[Entry, ...]:
    """Return the accepted findings in a file; errors as of `read_profile`."""
    what = printable(path)
    return baseline_of(read_yaml(read_file(path, limit=LARGEST_BYTES), what=what), what=what)


def read_table(path: StrPath, keys: Iterable[PublicKey]) -> OwnTable:
    """Return the table in a file whose signature, beside it, is of one of these keys.

    Raises:
        Misconfigured: it is no table.
        NotVerified, Malformed: none of the keys signed it.
        Unavailable, Exceeded: it or its signature cannot be read.
    """
    table = table_of(read_file(path, limit=LARGEST_BYTES), what=printable(path))
    check_approved(table, read_file(f"{os.fspath(path)}{SUFFIX}", limit=_LONGEST_SIGNATURE), keys)
    return table


def approve_table(path: StrPath, signer: Signer) -> OwnTable:
    """Sign a table, and write the signature beside it; errors as of `read_profile`, and of `write_output`."""
    table = table_of(read_file(path, limit=LARGEST_BYTES), what=printable(path))
    write_output(f"{os.fspath(path)}{SUFFIX}", approve(table, signer), recognise=is_approval, inputs=(path,))
    return table


def _beside(folder: str, name: str) -> str:
    return os.path.join(folder, name)  # noqa: PTH118 - a path, as given
