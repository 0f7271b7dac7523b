"""Credentials of a training run: lent while the command runs, and looked for in everything that it left behind."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

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
    """Raise `Refused` where the output, the name of a file in it, or what is to be recorded holds a credential."""
    if not hide:
        return
    for path in sorted(path for path in output.rglob("*") if path.is_file() and not path.is_symlink()):
        with path.open("rb") as file:
            found = hide.found_in(file)
        if found:
            raise Refused(
                f"the command wrote the credential {found} in {printable(path.relative_to(output))}",
                "no model was recorded: remove the output, and have the command keep it out of files",
                refused_for=RefusedFor.CREDENTIAL_WRITTEN,
            )
    for document in documents:
        if found := hide.named_in(json.dumps(document, ensure_ascii=False)):
            raise Refused(
                f"the credential {found} would be recorded",
                "have the command keep it out of names",
                refused_for=RefusedFor.CREDENTIAL_WRITTEN,
            )
