"""The inputs of a project as they are on disk now: what its evidence must have been made from to count today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.sources import digest_path
from hauberk.pipeline.features import identity_of, is_feature_view
from hauberk.statement import Named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.digest import Digest
    from hauberk.pipeline.project import Input, Project


def current_inputs(project: Project) -> dict[str, Digest]:
    """Return the digest of every data set, feature view, script and lock file that hauberk.yaml names, by its label.

    Raises:
        Unavailable: one of them is not there or cannot be read.
        Malformed, Exceeded: as `Tree.digest`, for data that are a directory.
        Misconfigured: as `identity_of`, for a feature view.
    """
    file = project.file
    stages = (*project.inputs_of(file.train), *project.inputs_of(file.evaluate))
    return digests_of(project, (*project.datasets, *stages, project.environment))


def digests_of(project: Project, things: Iterable[Input]) -> dict[str, Digest]:
    """Return the digest of each input as it is now, by its label; errors as `current_inputs`."""
    return {thing.label: digest_of(project, thing) for thing in things}


def digest_of(project: Project, thing: Input) -> Digest:
    """Return the digest of an input as it is now; errors as `current_inputs`."""
    return identity_of(project, thing) if is_feature_view(thing) else digest_path(project.at(thing.path))


def named(digests: dict[str, Digest]) -> tuple[Named, ...]:
    """Return things as statements name them."""
    return tuple(Named(label, (digest,)) for label, digest in digests.items())
