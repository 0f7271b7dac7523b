"""Credentials of a training run: lent while the command runs, and looked for in everything that it left behind."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.edge.files import unavailable
from hauberk.edge.secrets.lending import Lent, lent
from hauberk.edge.secrets.stopping import Stopping
from hauberk.edge.sources import printable
from hauberk.errors import Misconfigured, Refused
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from hauberk.edge.secrets.redaction import Redactor
    from hauberk.edge.secrets.written import Written


def require_orderly(lender: Written, taken: Iterable[str]) -> None:
    """Say what is wrong with an order for credentials while nothing was done yet.

    Raises:
        Misconfigured: a credential would become a variable that the command gets from elsewhere.
        Misconfigured, Unavailable: what lets us in is not there.
    """
    twice = sorted({*taken} & {*lender.document.variables})
    if twice:
        raise Misconfigured(f"{', '.join(twice)} is passed on and leased too", "keep one of the two")
    lender.require_login()


@contextmanager
def borrowed(lender: Written | None, hide: Redactor) -> Iterator[Lent]:
    """Yield what the lender lends, which is hidden from now on, or nothing where there is none; errors as of `lent`."""
    if lender is None:
        with Stopping():  # a signal ends the command too, and leaves nothing of the run behind
            yield Lent({}, None)
        return
    with lent(lender, hide) as loan:
        yield loan


def require_unwritten(output: Path, hide: Redactor, documents: Iterable[object]) -> None:
    """Raise `Refused` where anything below the output, its name, or what is to be recorded holds a credential.

    Raises:
        Unavailable: what cannot be read cannot be searched.
    """
    if not hide:
        return
    for path in sorted(output.rglob("*")):
        name = printable(path.relative_to(output))
        try:
            found = hide.named_in(path.relative_to(output).as_posix()) or _held(path, hide)
        except OSError as error:
            raise unavailable(name, error) from None
        if found:
            raise Refused(
                f"the command wrote the credential {found} in {name}",
                "no model was recorded: remove the output, and have the command keep it out of files and names",
                refused_for=RefusedFor.CREDENTIAL_WRITTEN,
            )
    for document in documents:
        if found := hide.named_in(json.dumps(document, ensure_ascii=False)):
            raise Refused(
                f"the credential {found} would be recorded",
                "have the command keep it out of names",
                refused_for=RefusedFor.CREDENTIAL_WRITTEN,
            )


def _held(path: Path, hide: Redactor) -> str:
    """Return the name of a credential that a file holds, or the target of a link, which a message would show."""
    if path.is_symlink():
        return hide.named_in(str(path.readlink()))
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hide.found_in(file)
