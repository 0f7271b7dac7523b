"""Approve a feature view: it is checked, and what came of it is signed, for these training rows and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hauberk.edge import clock
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DATA_CHECK
from hauberk.pipeline.approval import require_owner, unchecked_json
from hauberk.pipeline.bodies import core, digest_json
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import FEATURE_VIEW
from hauberk.pipeline.reading import open_ledger
from hauberk.render.report_json import finding_json
from hauberk.statement import Named
from hauberk.verbs.data_features import check_view
from hauberk.verbs.feature_view import identity, read_view, training_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.files import StrPath
    from hauberk.pipeline.project import Project
    from hauberk.verbs.data_features import CheckedView


_ONLINE_DAYS = 7  # what an online store says today is no news next month, good or bad
_DAY = 86_400


def approve_view(
    project: Project, path: StrPath, owner: str, *, warn: Callable[[str], None]
) -> tuple[Named, CheckedView]:
    """Check a feature view, append what came of it, signed by the approver, and return both.

    The answer is good, or bad, for a year; one about an online store for a week.

    Raises:
        Misconfigured: the file is no view, or one without training rows; or the owner is no line.
        NotVerified: trust has ended, or does not let the approver say this.
        Refused: the project names no key of the approver.
        Malformed, Exceeded, Unavailable: as `check_view`; nothing is recorded then.
    """
    require_owner(owner)
    training_of(read_view(path), path)
    with open_ledger(project) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        book.keys.signer("approver")  # asked for before anything is read
        checked = check_view(path, now=book.clock())
        training = checked.source("training")
        assert training is not None
        thing = Named(f"{FEATURE_VIEW}/{checked.view.name}", (identity(checked.view, training.digest),))
        body = core(
            DATA_CHECK,
            {"name": checked.view.name, "digest": digest_json(checked.digest)},
            now=book.clock(),
            result=checked.result,
            findings=[finding_json(found) for found in checked.findings],
            unchecked=[unchecked_json(found) for found in checked.unchecked],
        )
        if checked.source("online") is not None:
            body["validUntil"] = format_instant(book.clock() + _ONLINE_DAYS * _DAY)
        book.record("approver", DATA_CHECK, thing, body | _members(owner, checked, training.rows))
    return thing, checked


def _members(owner: str, checked: CheckedView, rows: int) -> dict[str, Any]:
    """Return what a check of data has beyond the core; of a view, the definition is what was written down."""
    return {
        "owner": owner,
        "manifest": str(checked.digest),
        "rows": rows,
        "checks": [{"check": rule, "rule": rule, "result": result} for rule, result in checked.answers],
        "references": [{"name": source.part, "digest": str(source.digest)} for source in checked.sources],
    }
