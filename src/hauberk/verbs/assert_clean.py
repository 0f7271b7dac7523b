"""An assertion for tests: a file or folder is clean, and all of it was looked at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hauberk.checks.model.registry import RULES
from hauberk.checks.profile import PROFILES
from hauberk.render import text
from hauberk.verbs.scan import scan

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath
    from hauberk.finding import Scan

_WIDTH = 100


def assert_clean(*paths: StrPath, profile: StrPath = "standard") -> Scan:
    """Return the scan of files or folders; where `hauberk scan` would not end with 0, raise `AssertionError`.

    Args:
        paths: as for `scan`.
        profile: what fails: `strict`, `standard`, `audit`, or a file, whose baseline and tables are not read here.
    """
    __tracebackhide__ = True  # of pytest: the line of the test is what a reader wants
    wanted = PROFILES.get(os.fspath(profile))
    if wanted is None:
        from hauberk.verbs.scan_files import read_profile  # noqa: PLC0415 - most tests read no YAML

        wanted = read_profile(profile)
    seen = scan(*paths, limits=wanted.limits)
    if wanted.fails(seen) or not seen.complete:
        raise AssertionError(f"not clean\n{text.render(seen, rules=RULES, colour=False, width=_WIDTH)}")
    return seen
