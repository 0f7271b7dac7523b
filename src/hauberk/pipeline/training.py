"""What `hauberk train` adds to a project's ledger: boundaries of the scripts, the provenance, the test's result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.evidence.predicates import BOUNDARY, PROVENANCE, TEST_RESULT
from hauberk.pipeline.admitting import GATE, admit
from hauberk.pipeline.book import Book
from hauberk.pipeline.boundaries import REASONS
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.origin import origin_of
from hauberk.pipeline.outage import alarmed, forgetting
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hauberk.digest import Digest
    from hauberk.evidence.predicates import Predicate
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.project import Project
    from hauberk.statement import Named, Statement
    from hauberk.verbs.train import Trained


def record_statement(
    project: Project, role: str, predicate: Predicate, statement: Statement, *, warn: Callable[[str], None]
) -> Published:
    """Sign a statement as a role, append it, and return the checkpoint that shows it.

    Errors as `record_training` and `publish_all`: what could not be published is in the ledger then.
    """
    with open_ledger(project) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        book.record(role, predicate, statement.subjects[0], statement.predicate)
        return publish_all(project, book)


def admission(keys: Keyring, *, warn: Callable[[str], None]) -> Callable[[Iterable[Named]], Digest | None]:
    """Return what asks the project's gate `train` about data sets, and for the producer's key; see `admit`."""
    project = keys.project

    def ask(datasets: Iterable[Named]) -> Digest | None:
        with alarmed(project, project.read_policy(), GATE, warn=warn), open_ledger(project) as log:
            book = Book(log, keys, None, clock.now)
            check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
            keys.signer("producer")  # before hours of training: without the key nothing could be said of it
            with forgetting(project):
                return admit(project, book, datasets, has_manifests=True, warn=warn)

    return ask


def record_training(keys: Keyring, trained: Trained) -> None:
    """Sign as the producer what a training run came to, and append it.

    Args:
        keys: of the project in whose ledger it is recorded.
        trained: what came of the run.

    Raises:
        Refused, NotVerified: the project names no producer's key, trust does not let it say this, or it has ended.
        Unavailable: the project has no ledger.
    """
    with open_ledger(keys.project) as log:
        book = Book(log, keys, None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        for thing in trained.things:
            kind, _, path = thing.label.partition("/")
            if kind in REASONS and not book.about(thing, BOUNDARY):
                body = {"kind": kind, "origin": origin_of(Path.cwd(), path, thing.digests[0]), "reason": REASONS[kind]}
                book.record("producer", BOUNDARY, thing, body)
        book.record("producer", PROVENANCE, trained.model, trained.provenance)
        if trained.test_result is not None:
            book.record("producer", TEST_RESULT, trained.model, trained.test_result)
