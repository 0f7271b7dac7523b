"""A feature view in its file: what it says, and by which digest statements name it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hauberk.checks.features.document import View
from hauberk.digest import Digest, sha256
from hauberk.edge.sources import digest_path, printable, read_file
from hauberk.errors import Misconfigured
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml
from hauberk.signature import jcs

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath


def read_view(path: StrPath) -> View:
    """Return a feature view; raise `Misconfigured` where it is none."""
    what = printable(path)
    return decode(read_yaml(read_file(path, limit=LARGEST_BYTES), what=what), View, what=what)


def definition_digest(view: View) -> Digest:
    """Return the digest of a definition, which is the same however the file is laid out."""
    return sha256(jcs.encode(_said(asdict(view))))


def identity(view: View, training: Digest) -> Digest:
    """Return by which digest statements name a view: that of its definition together with its training rows.

    Whoever was trained on other rows was trained on something else, of which the answer about these says nothing.
    """
    return sha256(jcs.encode({"definition": str(definition_digest(view)), "training": str(training)}))


def identify(path: StrPath) -> Digest:
    """Return the identity of the view in a file, with its training rows as they are now.

    Raises:
        Misconfigured: it is no view, or one without training rows.
        Unavailable: something cannot be read.
    """
    view = read_view(path)
    return identity(view, digest_path(training_of(view, path)))


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
