"""Approve a data set: its bytes and rows are its manifest's, checks are run on these bytes, the outcome is signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.edge import clock
from hauberk.edge.sources import printable
from hauberk.errors import Misconfigured, NotVerified
from hauberk.evidence.predicates import DATA_CHECK, DATASET_MANIFEST
from hauberk.ledger.log import Log
from hauberk.pipeline.bodies import core, digest_json
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.refusals import refusals_recorded
from hauberk.refused_for import RefusedFor
from hauberk.render.report_json import finding_json, location_json
from hauberk.statement import Named
from hauberk.verbs.data_check import Checked, Other, check_data, read_checks
from hauberk.verbs.data_open import read_hashed_manifest
from hauberk.verbs.data_proof import hashing_again, require_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.dataset.manifest import Manifest
    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.finding import Unchecked
    from hauberk.pipeline.project import Project
    from hauberk.verbs.data_proof import SaltFiles

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Approval:
    """What is to be approved.

    Attributes:
        manifest: the manifest's file.
        places: where the data lie; none: where the manifest says.
        owner: who answers for the data, in one line.
        checks: `checks.yaml`.
        salts: files of the salts that the rows were hashed with.
        others: data sets that are compared with.
    """

    manifest: StrPath
    places: tuple[StrPath, ...]
    owner: str
    checks: StrPath
    salts: SaltFiles
    others: tuple[Other, ...] = ()


def approve(project: Project, wanted: Approval, *, warn: Callable[[str], None]) -> tuple[Named, Checked]:
    """Check the data of a manifest, and append what they are and what came of it; return both.

    The producer signs the manifest, unless the ledger has it; the approver signs the checks. A check that fails or
    could not be computed is recorded as that.

    Raises:
        NotVerified: files or rows are not those of the manifest, which is recorded as a refusal. Or trust has ended, or
            does not let the approver say this.
        Misconfigured: the owner is no line, the checks are none, or the salt is another.
        Refused: the project names no key of the approver or the producer.
        Unavailable: the data or the ledger cannot be read.
    """
    require_owner(wanted.owner)
    manifest, digest = read_hashed_manifest(wanted.manifest)
    checks, stage = read_checks(wanted.checks)
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        thing = Named(f"dataset/{manifest.name}", (manifest.digest,))
        with refusals_recorded(book, "approver", "approve", (thing,), warn=warn):
            places = wanted.places or manifest.places
            with hashing_again(manifest, wanted.salts) as rows:
                checked = check_data(checks, places, wanted.others, now=book.clock(), hashes=rows)
            _require(manifest, checked)
            require_rows(manifest, rows, checked.files)
        policy = {"name": checks.name, "digest": digest_json(stage)}
        book.keys.signer("approver")  # asked for before anything is written
        if not _is_recorded(book, thing, digest):
            book.record("producer", DATASET_MANIFEST, thing, _manifest_body(manifest, digest, book.clock()))
        body = core(
            DATA_CHECK,
            policy,
            now=book.clock(),
            result=checked.result,
            findings=[finding_json(found) for found in checked.findings],
            unchecked=[unchecked_json(found) for found in checked.unchecked],
        )
        book.record("approver", DATA_CHECK, thing, body | _members(wanted.owner, digest, checked))
    return thing, checked


def _require(manifest: Manifest, checked: Checked) -> None:
    """Raise `NotVerified` unless what was checked is what the manifest is about."""
    if checked.digest == manifest.digest:
        return
    was, now = ({file.path: file.sha256 for file in files} for files in (manifest.files, checked.files))
    changed = [printable(path) for path in was if path in now and now[path] != was[path]]
    said = [f"other bytes in {', '.join(changed[:_SHOWN])}"] if changed else []
    said += [f"{printable(path)} is gone" for path in was if path not in now][:_SHOWN]
    said += [f"{printable(path)} is new" for path in now if path not in was][:_SHOWN]
    raise NotVerified(
        f"the data are not those of the manifest {manifest.name}: {'; '.join(said) or 'other names of files'}",
        "get the data that the manifest is about, or make a manifest of these; nothing was approved",
        refused_for=RefusedFor.DATA_DIFFER,
    )


def _is_recorded(book: Book, thing: Named, digest: Digest) -> bool:
    found = book.about(thing, DATASET_MANIFEST)
    return any(verified.statement.predicate.get("manifest") == str(digest) for verified in found)


def _manifest_body(manifest: Manifest, digest: Digest, now: int) -> dict[str, Any]:
    files = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in manifest.files]
    root = {} if manifest.rows is None else {"rowsRoot": str(manifest.rows.root)}
    stage = {"name": "approve", "digest": digest_json(digest)}
    return core(DATASET_MANIFEST, stage, now=now) | {"files": files, "manifest": str(digest)} | root


def require_owner(owner: str) -> None:
    """Raise `Misconfigured` unless somebody is named, in one line."""
    if not owner.strip() or not owner.isprintable():
        raise Misconfigured("an approval needs an owner, one printable line", 'as in --owner "Ada Lovelace"')


def unchecked_json(found: Unchecked) -> dict[str, Any]:
    """Return what could not be looked at, as statements have it."""
    return {"code": str(found.code), "detail": found.detail, "location": location_json(found.location)}


def _members(owner: str, digest: Digest, checked: Checked) -> dict[str, Any]:
    return {
        "owner": owner,
        "manifest": str(digest),
        "rows": checked.rows,
        "checks": [{"check": one.check, "rule": one.rule, "result": one.result} for one in checked.answers],
        "references": [{"name": name, "digest": str(found)} for name, found in checked.others],
    }
