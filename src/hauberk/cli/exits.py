"""What each way of ending means to the program that called: the one table from errors to exit codes."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.checks.profile import Profile
    from hauberk.finding import Scan


class Exit(IntEnum):
    """The exit codes. Nothing else leaves the program, but for 130 when a person presses Ctrl-C."""

    CLEAN = 0  # clean, or allowed
    FOUND = 1  # findings at or over the threshold, not verified, or denied
    USAGE = 2  # wrong usage or configuration
    UNCHECKED = 3  # could not check: something is unchecked or unavailable, and nothing made it 1
    FAULT = 4  # our own fault
    INTERRUPTED = 130  # 128 + SIGINT, as shells say it


EXITS: Mapping[type[HauberkError], Exit] = {
    Malformed: Exit.FOUND,  # of a signed object; a scanned file becomes unchecked before it gets here
    Exceeded: Exit.UNCHECKED,
    NotVerified: Exit.FOUND,
    Refused: Exit.FOUND,
    Unavailable: Exit.UNCHECKED,
    Misconfigured: Exit.USAGE,
}


def exit_of_error(error: HauberkError) -> Exit:
    """Return the exit code of an error that was raised on purpose; one that is no leaf of the table is our fault."""
    return EXITS.get(type(error), Exit.FAULT)


def exit_of_scan(scan: Scan, profile: Profile) -> Exit:
    """Return the exit code of a scan: 1 for what the profile fails, else 3 for anything unchecked, else 0."""
    if profile.fails(scan):
        return Exit.FOUND
    return Exit.CLEAN if scan.complete else Exit.UNCHECKED
