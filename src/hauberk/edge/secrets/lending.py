"""Lends the credentials of a file for as long as a block runs, and takes them back however it ends."""

from __future__ import annotations

import resource
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from hauberk.edge.secrets.bao import Server
from hauberk.edge.secrets.leases import Leases
from hauberk.edge.secrets.stopping import Stopping
from hauberk.errors import HauberkError, Unavailable
from hauberk.refused_for import RefusedFor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hauberk.edge.secrets.redaction import Redactor
    from hauberk.edge.secrets.written import Written

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Lent:
    """What a command gets, and what is called while it runs: it returns after how many seconds to call again."""

    values: Mapping[str, str]
    attend: Callable[[], float] | None


@contextmanager
def lent(written: Written, hide: Redactor) -> Iterator[Lent]:
    """Log in, lease, yield, and revoke, whatever ends the block.

    Raises:
        Unavailable: the server does not let us in, is sealed or away; or a lease could not be revoked, which the
            message names, after what ended the block if that failed too.
        Refused: a lease is too long, none at all, or did not last as long as the block.
        Misconfigured: a login that could not be given back.
    """
    document = written.document
    ca = None if document.ca is None else written.folder / document.ca
    leases = Leases(Server(document.server, ca=ca, namespace=document.namespace), hide)
    failed: tuple[str, ...] = ()
    with Stopping() as stopping, _without_dumps():
        try:
            try:
                with stopping.held():
                    leases.log_in(written)
                    values = {name: value for secret in document.secrets for name, value in leases.take(secret).items()}
                yield Lent(values, lambda: _held(stopping, leases.attend))
                _held(stopping, leases.require_alive)
            finally:
                stopping.close()
                failed += leases.give_back()
        except BaseException as error:
            stopping.close()
            failed += leases.give_back()  # where a signal came between the two lines above
            if failed:
                raise _not_revoked(document.server, failed, error) from None
            raise
    if failed:
        raise _not_revoked(document.server, failed, None)


@contextmanager
def _without_dumps() -> Iterator[None]:
    """Let no memory of ours, or of the command, which inherits this, be written to a file when a signal ends it."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def _held(stopping: Stopping, ask: Callable[[], T]) -> T:
    """Return what is asked of the server; a signal meanwhile is told after, so that no caught error is taken for it."""
    with stopping.held():
        return ask()


def _not_revoked(server: str, failed: tuple[str, ...], error: BaseException | None) -> Unavailable:
    before = "; no model was recorded"
    if isinstance(error, HauberkError):
        before = f"; before that, {error.message}"
    elif error is not None:
        before = f"; before that, {type(error).__name__}"
    return Unavailable(
        f"NOT REVOKED at {server}: {'; '.join(failed)}{before}",
        "revoke it by hand, with `bao lease revoke ID`; until then, or until it ends by itself, the credential works",
        refused_for=RefusedFor.NOT_REVOKED,
    )
