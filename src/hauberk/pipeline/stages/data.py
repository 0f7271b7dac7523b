"""The stage `data`: what each data set holds. It runs nothing; data are an input."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hauberk.edge.sources import hash_view, open_file, read_tree
from hauberk.errors import NotVerified
from hauberk.evidence.predicates import DATASET_MANIFEST
from hauberk.pipeline.bodies import core, definition, is_of, short
from hauberk.pipeline.refusals import refusals_recorded
from hauberk.pipeline.workplace import How, Result
from hauberk.refused_for import RefusedFor
from hauberk.statement import Named
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.tool import own_interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.dataset.manifest import Manifest
    from hauberk.digest import Digest
    from hauberk.pipeline.project import Data
    from hauberk.pipeline.workplace import Workplace

NAME = "data"


def go(place: Workplace) -> Result:
    """Record a manifest of each data set that has none."""
    things = [_recorded(place, data) for data in place.project.file.data]
    how = How.RAN if any(fresh for _, fresh in things) else How.UNCHANGED
    return Result(how, ", ".join(f"{thing.label.partition('/')[2]} {short(thing.digests[0])}" for thing, _ in things))


def _recorded(place: Workplace, data: Data) -> tuple[Named, bool]:
    """Return a data set, and whether its manifest had to be recorded now."""
    stage = definition(NAME, data=_defined(data), interpreter=own_interpreter())
    digest, files = _read(place.project.at(data.path))
    if data.manifest is not None:
        manifest = read_manifest(place.project.at(data.manifest))
        named = (Named(f"dataset/{data.name}", (manifest.digest,)),)
        with refusals_recorded(place.book, "producer", "train", named, warn=place.listener.noticed):
            _require(manifest, data, digest)
    thing = Named(f"dataset/{data.name}", (digest,))
    if any(is_of(found, stage, ours=True) for found in place.book.about(thing, DATASET_MANIFEST)):
        return thing, False
    body = core(DATASET_MANIFEST, stage, now=place.book.clock()) | {"files": files}
    place.book.record("producer", DATASET_MANIFEST, thing, body)
    return thing, True


def _defined(data: Data) -> dict[str, Any]:
    """Return what defines the stage; a manifest that is not named does not, as before there were any."""
    return {name: value for name, value in asdict(data).items() if value is not None}


def _require(manifest: Manifest, data: Data, digest: Digest) -> None:
    """Raise `NotVerified` unless the data are those of their manifest."""
    if manifest.digest != digest:
        raise NotVerified(
            f"{data.path} is not the data set of {data.manifest}: {digest}, not {manifest.digest}",
            "run on the approved data, or make a manifest of these and have it approved",
            refused_for=RefusedFor.DATA_DIFFER,
        )


def _read(path: Path) -> tuple[Digest, list[dict[str, Any]]]:
    if path.is_dir():
        tree = read_tree(path)
        return tree.digest, [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in tree.files]
    with open_file(path) as view:
        digest = hash_view(view)
        return digest, [{"path": path.name, "size": view.size, "sha256": digest.hex}]
