"""Approve a data set: its bytes and rows are its manifest's, checks are run on these bytes, the outcome is signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.edge import clock
from hauberk.edge.sources import printable
from hauberk.errors import Misconfigured, NotVerified
from hauberk.evidence.predicates import DATA_CHECK, DATASET_MANIFEST
from hauberk.pipeline.bodies import core, digest_json
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.reading import open_ledger
from hauberk.pipeline.refusals import refusals_recorded
from hauberk.refused_for import RefusedFor
from hauberk.render.report_json import finding_json, location_json
from hauberk.statement import Named
from hauberk.verbs.data_check import Checked, Other, check_data, read_checks
from hauberk.verbs.data_open import read_hashed_manifest
from hauberk.verbs.data_proof import hashing_again, require_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.checks.data.document import Document
    from hauberk.dataset.manifest import Manifest
    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.finding import Finding, Unchecked
    from hauberk.pipeline.project import Project
    from hauberk.verbs.data_proof import SaltFiles
    from hauberk.verbs.data_rows import Rows
    from hauberk.verbs.data_suite import Judged

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Approval:
    """What is to be approved.

    Attributes:
        manifest: the manifest's file.
        places: where the data lie; none: where the manifest says.
        owner: who answers for the data, in one line.
        checks: `checks.yaml`; may be left out where there are suites.
        salts: files of the salts that the rows were hashed with.
        others: data sets that are compared with.
        suites: of pandera and Great Expectations, which these programs run.
    """

    manifest: StrPath
    places: tuple[StrPath, ...]
    owner: str
    checks: StrPath | None
    salts: SaltFiles
    others: tuple[Other, ...] = ()
    suites: tuple[StrPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the checks of ours and of the suites of other programs.

    Attributes:
        checks: name and digest of ours.
    """

    checked: Checked
    judged: tuple[Judged, ...] = ()
    checks: tuple[str, Digest] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return all findings."""
        return (*self.checked.findings, *(found for one in self.judged for found in one.findings))

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """Return all that could not be computed."""
        return (*self.checked.unchecked, *(found for one in self.judged for found in one.unchecked))

    @property
    def result(self) -> str:
        """Return `fail` where there is a finding, else `incomplete` where anything is unchecked, else `pass`."""
        return "fail" if self.findings else "incomplete" if self.unchecked else "pass"


def approve(project: Project, wanted: Approval, *, warn: Callable[[str], None]) -> tuple[Named, Outcome]:
    """Check the data of a manifest, and append what they are and what came of it; return both.

    The producer signs the manifest, unless the ledger has it; the approver signs the checks. A check that fails or
    could not be computed is recorded as that.

    Raises:
        NotVerified: files or rows are not those of the manifest, which is recorded as a refusal. Or trust has ended, or
            does not let the approver say this.
        Misconfigured: the owner is no line, the checks or a suite are none, a suite asks for what is not run, or the
            salt is another.
        Refused: the project names no key of the approver or the producer.
        Unavailable: the data or the ledger cannot be read, or what a suite is for is not installed.
    """
    require_owner(wanted.owner)
    if wanted.checks is None and not wanted.suites:
        raise Misconfigured("an approval needs checks", "--checks checks.yaml, or --suite suite.json")
    manifest, digest = read_hashed_manifest(wanted.manifest)
    checks = None if wanted.checks is None else read_checks(wanted.checks)
    with open_ledger(project) as log:
        book = Book(log, Keyring(project, warn), None, clock.now)
        check_not_ended(book.standing.realm.newest, book.trust, now=book.clock())
        thing = Named(f"dataset/{manifest.name}", (manifest.digest,))
        with refusals_recorded(book, "approver", "approve", (thing,), warn=warn):
            found = _examined(manifest, checks, wanted, now=book.clock(), warn=warn)
        book.keys.signer("approver")  # asked for before anything is written
        if not _is_recorded(book, thing, digest):
            book.record("producer", DATASET_MANIFEST, thing, _manifest_body(manifest, digest, book.clock()))
        body = core(
            DATA_CHECK,
            None if checks is None else {"name": checks[0].name, "digest": digest_json(checks[1])},
            now=book.clock(),
            result=found.result,
            findings=[finding_json(one) for one in found.findings],
            unchecked=[unchecked_json(one) for one in found.unchecked],
        )
        book.record("approver", DATA_CHECK, thing, body | _members(wanted.owner, digest, found))
    return thing, found


def _examined(
    manifest: Manifest,
    checks: tuple[Document, Digest] | None,
    wanted: Approval,
    *,
    now: int,
    warn: Callable[[str], None],
) -> Outcome:
    """Run the checks and the suites over the same rows; raise `NotVerified` unless they are the manifest's."""
    named = None if checks is None else (checks[0].name, checks[1])
    if not wanted.suites:
        return Outcome(_checked(manifest, checks, wanted, now=now), (), named)
    from hauberk.edge.sandbox.suites import walls_missing  # noqa: PLC0415 - only where there are suites
    from hauberk.verbs.data_suite import open_suite, rehearsal  # noqa: PLC0415

    suites = tuple(map(open_suite, wanted.suites))
    if why := walls_missing():
        warn(f"suites run without a sandbox, with limits of time and memory only: {why}")
    with rehearsal() as rehearsed:
        checked = _checked(manifest, checks, wanted, now=now, also=rehearsed.add)
        unread = [one.detail for one in checked.unchecked if one.location.path]
        return Outcome(checked, rehearsed.judge(suites, unread=unread[0] if unread else ""), named)


def _checked(
    manifest: Manifest,
    checks: tuple[Document, Digest] | None,
    wanted: Approval,
    *,
    now: int,
    also: Callable[[Rows], None] = lambda _: None,
) -> Checked:
    """Run the checks over the rows; raise `NotVerified` unless files and rows are the manifest's."""
    asked, places = None if checks is None else checks[0], wanted.places or manifest.places
    with hashing_again(manifest, wanted.salts) as rows:
        checked = check_data(asked, places, wanted.others, now=now, hashes=rows, also=also)
    _require(manifest, checked)
    require_rows(manifest, rows, checked.files)
    return checked


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


def _members(owner: str, digest: Digest, found: Outcome) -> dict[str, Any]:
    checked = found.checked
    answers = [{"check": one.check, "rule": one.rule, "result": one.result} for one in checked.answers]
    answers += [{"check": one.check, "rule": "data-suite", "result": one.result} for one in found.judged]
    body = {
        "owner": owner,
        "manifest": str(digest),
        "rows": checked.rows,
        "checks": answers,
        "references": [{"name": name, "digest": str(other)} for name, other in checked.others],
    }
    return body | ({"suites": list(map(_suite, found.judged))} if found.judged else {})


def _suite(one: Judged) -> dict[str, Any]:
    """Return what is signed of a suite: which it is, what judged, and what this said of each thing that it asks."""
    told = one.told
    return {
        "name": one.suite.runs.name,
        "digest": str(one.suite.digest),
        "tool": {"name": one.suite.runs.tool, "version": told.version, "pandas": told.pandas},
        "sandbox": told.sealed,
        "result": one.result,
        "expectations": [
            {"expectation": each.expectation, "result": each.result, "saw": each.saw} for each in one.expected
        ],
    }
