"""A run: the six stages in their order, each skipped where its evidence stands, each durable before the next begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.edge import clock
from hauberk.edge.lock import only_one
from hauberk.edge.stores import make_folder
from hauberk.errors import HauberkError, NotVerified, Unavailable
from hauberk.ledger.witness import RESTORE, seen_by
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended, ends_soon
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.outage import alarmed
from hauberk.pipeline.project import STATE
from hauberk.pipeline.reading import open_ledger
from hauberk.pipeline.stages import data, evaluate, gate, scan, sign, train
from hauberk.pipeline.workplace import How, Result, Workplace

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.ledger.log import Log
    from hauberk.pipeline.project import Project
    from hauberk.pipeline.workplace import Listener
    from hauberk.policy.policy import Policy
    from hauberk.verdict import Verdict

STAGES: Final[tuple[tuple[str, Callable[[Workplace], Result]], ...]] = (
    (data.NAME, data.go),
    (train.NAME, train.go),
    (scan.NAME, scan.go),
    (evaluate.NAME, evaluate.go),
    (sign.NAME, sign.go),
    (gate.NAME, gate.go),
)


def run(project: Project, listener: Listener) -> Verdict:
    """Go through the stages and return the gate's verdict, which may be a denial.

    Args:
        project: whose `hauberk.yaml` says what to do.
        listener: is told how it goes.

    Raises:
        HauberkError: of the first stage that failed; what was done before it stays done.
    """
    policy = project.read_policy()  # before hours of training: a policy that cannot be read stops a run at once
    make_folder(project.folder / STATE)
    with only_one(project.folder / STATE / "run.lock"), _ledger(project, policy, listener) as log:
        book = Book(log, Keyring(project, listener.noticed), policy, clock.now)
        _check_trust(project, book, listener)
        place = Workplace(project, book, listener)
        verdict = None
        for name, stage in STAGES:
            verdict = _timed(place, name, stage).verdict
    assert verdict is not None  # the last stage is the gate
    return verdict


def _ledger(project: Project, policy: Policy, listener: Listener) -> Log:
    with alarmed(project, policy, project.gate, warn=listener.noticed):
        if not project.ledger.is_dir():
            if size := _seen(project):
                raise Unavailable(f"the ledger is gone: its witness has signed {size} entries", RESTORE)
            raise Unavailable("the project has no ledger yet", "run `hauberk init`")
        return open_ledger(project)


def _seen(project: Project) -> int:
    """Return how many entries of the project's log its own witness has signed; of a project without a trust, none."""
    try:
        return seen_by(project.witness, project.read_trust().log.name)
    except HauberkError:
        return 0


def _timed(place: Workplace, name: str, stage: Callable[[Workplace], Result]) -> Result:
    begun = clock.stopwatch()
    try:
        result = stage(place)
    except HauberkError as error:
        place.listener.ended(name, Result(How.FAILED, error.message), clock.stopwatch() - begun)
        raise
    place.listener.ended(name, result, clock.stopwatch() - begun)
    return result


def _check_trust(project: Project, book: Book, listener: Listener) -> None:
    """What this run signs is for the readers of the project's own trust file, so that must be the ledger's newest."""
    root, now = book.standing.realm.newest, book.clock()
    check_not_ended(root, book.trust, now=now)
    for line in ends_soon(root, book.trust, now=now):
        listener.noticed(line)
    if project.read_trust().digest != book.trust.digest:
        raise NotVerified(
            f"{project.file.trust} is not the newest trust in the ledger",
            "put back the signed trust file, or have the root sign this one",
        )
