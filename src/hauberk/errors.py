"""What can go wrong, and the next thing to do about it.

    HauberkError
    ├── Malformed       bytes that are not what they claim to be
    ├── Exceeded        a limit was reached before the end
    ├── NotVerified     a signature, proof or digest does not hold
    ├── Refused         a gate said no; carries the verdict
    ├── Unavailable     something that was needed could not be reached
    └── Misconfigured   a person's file, key or command line is wrong

Every error has a `message` (what was seen) and a `hint` (what to do next). The command line maps the
leaves to exit codes in one table, `hauberk.cli.exits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hauberk.refused_for import RefusedFor
    from hauberk.verdict import Verdict


class HauberkError(Exception):
    """The root of all errors that Hauberk raises on purpose; `refused_for` names one that is to be recorded."""

    def __init__(self, message: str, hint: str = "", *, refused_for: RefusedFor | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.refused_for = refused_for


class Malformed(HauberkError):  # noqa: N818 - the design's words: what is wrong, not that it is an error
    """The bytes are not what they claim to be."""


class Exceeded(HauberkError):  # noqa: N818
    """A named limit was reached; nothing can be said about the rest."""


class NotVerified(HauberkError):  # noqa: N818
    """A signature, a proof or a digest does not hold."""


class Refused(HauberkError):  # noqa: N818
    """A gate denied; `verdict` holds each reason, or is None where the permit itself did not fit."""

    def __init__(
        self, message: str, hint: str = "", verdict: Verdict | None = None, *, refused_for: RefusedFor | None = None
    ) -> None:
        super().__init__(message, hint, refused_for=refused_for)
        self.verdict = verdict


class Unavailable(HauberkError):  # noqa: N818
    """A file, ledger, key or service that was needed could not be reached, or was too old to use."""


class Misconfigured(HauberkError):  # noqa: N818
    """A file that a person wrote, a key that a person named, or a command line is wrong."""
