"""Write down that a run, or an approval, was refused: about the data that it was to be made from, and for what."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hauberk.edge import clock
from hauberk.errors import HauberkError
from hauberk.evidence.predicates import REFUSAL
from hauberk.gate.standing import append
from hauberk.pipeline.book import Book
from hauberk.pipeline.reading import open_ledger
from hauberk.signature import dsse
from hauberk.statement import Statement
from hauberk.verbs.tool import tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hauberk.pipeline.keyring import Keyring
    from hauberk.statement import Named

_MOST_CHARACTERS = 4096


def refusal(error: HauberkError, act: str, things: Sequence[Named], command: Sequence[str]) -> Statement:
    """Return the statement that something was refused.

    Args:
        error: why; its `refused_for` is set.
        act: `train` or `approve`.
        things: the data sets, with the digests that they should have or had.
        command: what was to be run; nothing for an approval.
    """
    assert error.refused_for is not None
    body: dict[str, Any] = {
        "act": act,
        "refusedFor": str(error.refused_for),
        "saw": error.message[:_MOST_CHARACTERS],
        "command": list(command),
        "tool": tool(),
    }
    return Statement(tuple(things), REFUSAL.type, body)


@contextmanager
def refusals_recorded(
    book: Book | Keyring,
    role: str,
    act: str,
    things: Sequence[Named],
    command: Sequence[str] = (),
    *,
    warn: Callable[[str], None],
) -> Iterator[None]:
    """Record a refusal that ends the block, and let it go on.

    Args:
        book: an open ledger; or the keys of a project, whose ledger is opened only then, since training may take days.
        role: who signs it.
        act: as of `refusal`, and so are these two.
        things: the data sets.
        command: what was to be run.
        warn: is told what keeps it from being recorded: the refusal itself matters more.
    """
    try:
        yield
    except HauberkError as error:
        if error.refused_for is not None and things:
            try:
                _record(book, role, refusal(error, act, things, command))
            except HauberkError as another:
                warn(f"this refusal could not be recorded: {another.message}")
        raise


def _record(book: Book | Keyring, role: str, statement: Statement) -> None:
    if isinstance(book, Book):
        append(book.log, [dsse.sign(statement, [book.keys.signer(role)])], now=book.clock())
        return
    with open_ledger(book.project) as log:
        _record(Book(log, book, None, clock.now), role, statement)
