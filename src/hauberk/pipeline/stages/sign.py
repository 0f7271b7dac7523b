"""The stage `sign`: the producer's signature over the model, and a statement of what that signature does not cover."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, sha256
from hauberk.edge.sources import TreeFile, read_file, read_tree
from hauberk.errors import HauberkError, Unavailable
from hauberk.evidence.predicates import ARTEFACT
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.bodies import core, definition, is_of
from hauberk.pipeline.workplace import How, Result
from hauberk.statement import Named
from hauberk.verbs.sign import sign
from hauberk.verbs.tool import own_interpreter
from hauberk.verbs.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.pipeline.project import Project
    from hauberk.pipeline.workplace import Workplace
    from hauberk.statement import Verified

NAME = "sign"


def go(place: Workplace) -> Result:
    """Sign the model, unless its bundle is on disk, verifies, and is the one that a statement names."""
    project = place.project
    tree = read_tree(project.at(project.file.model.path))
    model = Named(project.label, (tree.digest,))
    model_file, signature = project.file.model, project.file.sign.signature
    stage = definition(NAME, sign=asdict(project.file.sign), model=asdict(model_file), interpreter=own_interpreter())
    files = _files(tree.files)
    for found in place.book.about(model, ARTEFACT):
        body = found.statement.predicate
        if is_of(found, stage, ours=True) and body["files"] == files and _bundle_holds(place, found):
            return Result(How.UNCHANGED, signature)
    signed = sign(
        project.at(model_file.path), signer=place.book.keys.signer("producer"), signature_path=project.at(signature)
    )
    if signed.subject != model.digests[0]:
        raise Unavailable("the model changed while it was signed", "let its writer finish, then run again")
    if signed.uncovered:
        place.listener.noticed(f"{signature} does not cover what its standard ignores: {', '.join(signed.uncovered)}")
    more = {
        "files": files,
        "entry": model_file.entry,
        "omsRoot": signed.root.hex,
        "bundle": str(sha256(signed.bundle)),
    }
    place.book.record("producer", ARTEFACT, model, core(ARTEFACT, stage, now=place.book.clock()) | more)
    return Result(How.RAN, signature)


def _files(files: Iterable[TreeFile]) -> list[dict[str, Any]]:
    return [{"path": file.path, "size": file.size, "mode": f"{file.mode:04o}", "sha256": file.sha256} for file in files]


def _bundle_holds(place: Workplace, found: Verified) -> bool:
    """Say whether the bundle on disk is the recorded one, and verifies under the key that signed the record."""
    project: Project = place.project
    path = project.at(project.file.sign.signature)
    keys = [key for keyid in found.signers if (key := place.book.trust.key_of(keyid)) is not None]
    try:
        is_recorded = sha256(read_file(path, limit=DEFAULT_LIMITS.max_document_bytes)) == Digest.parse(
            found.statement.predicate["bundle"]
        )
        return is_recorded and bool(verify(project.at(project.file.model.path), path, keys=keys).files)
    except HauberkError:
        return False  # it is signed again
