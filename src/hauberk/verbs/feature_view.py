"""A feature view in its file: what it says, and by which digest statements name it."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hauberk.checks.features.document import Feature, View
from hauberk.digest import Digest, sha256
from hauberk.edge.sources import open_file, printable, read_file
from hauberk.errors import Misconfigured
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml
from hauberk.formats.table.feast import parse_registry
from hauberk.signature import jcs

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath
    from hauberk.formats.table.feast import FeastView


def read_view(path: StrPath) -> View:
    """Return a feature view, with what a registry of Feast says of it.

    Raises:
        Misconfigured: it is none, or the registry has none of that name, or one that cannot be followed.
        Malformed, Exceeded, Unavailable: the registry cannot be read.
    """
    what = printable(path)
    view = decode(read_yaml(read_file(path, limit=LARGEST_BYTES), what=what), View, what=what)
    return view if view.feast is None else _taken(view, folder_of(path))


def _taken(view: View, folder: Path) -> View:
    """Return a view completed from a registry."""
    if view.entity or view.time or view.ttl_hours is not None:
        raise Misconfigured("entity, time and ttl_hours are the registry's to say", "leave them out beside `feast`")
    registry, name = view.registry
    with open_file(folder / registry) as opened:
        known = parse_registry(opened)
    found = [one for one in known if one.name == name]
    if len(found) != 1:
        names = ", ".join(sorted(printable(one.name) for one in known))[:300] or "none"
        raise Misconfigured(f"the registry has {len(found)} views {name!r:.80}", f"it has: {names}")
    (theirs,) = found
    _check_followed(view, theirs)
    written = {feature.name: feature for feature in view.features}
    unknown = written.keys() - dict(theirs.features).keys()
    if unknown:
        raise Misconfigured(f"the registry's {name} has no feature {min(unknown)!r}", "see its features")
    features = tuple(written.get(column, Feature(column)) for column, _ in theirs.features)
    hours = theirs.ttl_seconds / 3600 or None
    age = view.max_age_hours if view.max_age_hours is not None or view.online is None else hours
    offline = view.offline or theirs.uri.removeprefix("file://")
    return replace(
        view,
        entity=theirs.keys[0],
        time=theirs.time,
        features=features,
        offline=offline,
        ttl_hours=hours,
        max_age_hours=age,
    )


def _check_followed(view: View, theirs: FeastView) -> None:
    """Raise `Misconfigured` for what cannot be compared, or would be compared wrongly."""
    name, (kind, place) = printable(theirs.name), view.store
    if len(theirs.keys) != 1:
        raise Misconfigured(f"the entity of {name} has {len(theirs.keys)} columns", "views of one column are read")
    if theirs.renames:
        raise Misconfigured(f"the source of {name} renames columns, which is not followed", "name them alike")
    if not theirs.time:
        raise Misconfigured(f"the source of {name} has no column of times", "give it a timestamp_field")
    if not view.offline and (not theirs.uri or "://" in theirs.uri.removeprefix("file://")):
        raise Misconfigured(f"the source of {name} is no file here", "name a copy of its table by `offline`")
    inside = place.partition("#")[2]
    is_table = kind == "feast-sqlite"
    is_theirs = inside.startswith(f"{theirs.project}_") if is_table else inside == theirs.project
    if kind.startswith("feast-") and not is_theirs:
        said = f"{name} is of the project {printable(theirs.project)}, and the store that is named is of another"
        raise Misconfigured(said, "see what stands behind # in `online`")
    odd = [column for column, kind in theirs.features if kind.isdigit() or kind == "bytes"]
    if odd:
        raise Misconfigured(f"the feature {printable(odd[0])} of {name} is neither number nor text")


def definition_digest(view: View) -> Digest:
    """Return the digest of a definition, which is the same however the file is laid out."""
    return sha256(jcs.encode(_said(asdict(view))))


def identity(view: View, training: Digest) -> Digest:
    """Return by which digest statements name a view: that of its definition together with its training rows.

    Whoever was trained on other rows was trained on something else, of which the answer about these says nothing.
    """
    return sha256(jcs.encode({"definition": str(definition_digest(view)), "training": str(training)}))


def training_of(view: View, path: StrPath) -> Path:
    """Return where the training rows of a view lie; raise `Misconfigured` where it names none."""
    if view.training is None:
        raise Misconfigured(
            f"{printable(path)} names no training rows, so it says nothing of a model",
            "add training: {path: …, time: …}",
        )
    return folder_of(path) / view.training.path


def folder_of(path: StrPath) -> Path:
    """Return the folder of a view's file, to which its paths are relative."""
    return Path(os.fspath(path)).parent


def _said(value: Any) -> Any:
    """Return plain data without the members that nobody wrote."""
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items() if one is not None}
    return value
