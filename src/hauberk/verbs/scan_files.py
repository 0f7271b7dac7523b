"""The files that a person writes for a scan: a profile, a baseline of accepted findings."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.checks.baseline import baseline_of
from hauberk.checks.profile import PROFILES, Signed
from hauberk.checks.profile_file import profile_of
from hauberk.edge.sources import printable, read_file
from hauberk.errors import Misconfigured, Unavailable
from hauberk.formats.document import LARGEST_BYTES, read_yaml

if TYPE_CHECKING:
    from hauberk.checks.baseline import Entry
    from hauberk.checks.profile import Profile
    from hauberk.edge.files import StrPath


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


def _beside(folder: str, name: str) -> str:
    return os.path.join(folder, name)  # noqa: PTH118 - a path, as given
