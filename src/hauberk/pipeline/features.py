"""The feature views of a project: by which digest statements name them, and whether they are about its own data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.edge.sources import digest_path
from hauberk.errors import Misconfigured
from hauberk.pipeline.project import FEATURE_VIEW
from hauberk.verbs.feature_view import identity, read_view, training_of

if TYPE_CHECKING:
    from hauberk.digest import Digest
    from hauberk.pipeline.project import Input, Project


def is_feature_view(thing: Input) -> bool:
    """Say whether an input is a feature view."""
    return thing.label.startswith(f"{FEATURE_VIEW}/")


def identity_of(project: Project, thing: Input) -> Digest:
    """Return the digest of a view of a project, which is of its definition and its training rows as they are now.

    Raises:
        Misconfigured: the file is no view, or one of another name, without training rows, or of rows that the training
            command does not read: the answer would be about something else than what the model was made from.
        Unavailable: something cannot be read.
    """
    path = project.at(thing.path)
    view = read_view(path)
    name = thing.label.removeprefix(f"{FEATURE_VIEW}/")
    if view.name != name:
        raise Misconfigured(f"{thing.path} is the feature view {view.name}, not {name}", "name it as it is named there")
    training = training_of(view, path).resolve()
    data = [one for one in project.inputs_of(project.file.train) if one.label.startswith("dataset/")]
    if not any(training.is_relative_to(project.at(one.path).resolve()) for one in data):
        raise Misconfigured(
            f"the training rows of {thing.path} are none of the data that train reads",
            "name them under data and in train.inputs, or take the view out",
        )
    return identity(view, digest_path(training))
