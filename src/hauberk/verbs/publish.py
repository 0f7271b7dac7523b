"""Publish a model: its bytes go into a depot under their digests, and then what makes them a model that can be found.

Nothing there is ever written over. What is said about the model (its signature, its passport) goes beside it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.digest import Digest, sha256
from hauberk.edge.depot import Note
from hauberk.edge.remote.listing import name_fault
from hauberk.edge.sources import TreeFile, hash_view, open_file, open_in_tree, printable, read_file, read_tree
from hauberk.errors import Misconfigured, Refused
from hauberk.gate.passport import decode, is_passport
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import oms
from hauberk.verbs.sign import listed, place_inside, unsignable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.edge.depot import Depot
    from hauberk.edge.files import FileView, StrPath

ALONE = "model"  # what a single file is called where it needs a name and has none


@dataclass(frozen=True, slots=True)
class Beside:
    """Files about the model that go beside it."""

    signatures: tuple[StrPath, ...] = ()
    passports: tuple[StrPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: the digest by which it is found, how many files and notes went, and how many were there."""

    digest: Digest
    sent: int
    found: int
    notes: int


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was hashed: its digest, its files, and what opens each again."""

    digest: Digest
    files: tuple[TreeFile, ...]
    is_tree: bool
    open: Callable[[str], FileView]


def publish(
    path: StrPath,
    depot: Depot,
    *,
    beside: Beside = Beside(),
    limits: Limits = DEFAULT_LIMITS,
    seen: Callable[[str], None] = lambda _: None,
) -> Published:
    """Put a file or a directory into a depot.

    Args:
        path: of the model.
        depot: where it goes.
        beside: what goes beside it.
        limits: of what is read.
        seen: called with the path of each file before it is sent, for progress.

    Raises:
        Refused: something in it can have no digest or could not be pulled again, a passport is of another model, or the
            depot has other bytes under one of its names.
        Malformed, Misconfigured: an empty directory; a file beside it is no signature or no passport.
        Exceeded: the depot takes no tree of so many files.
        Unavailable: something cannot be read, changes meanwhile, or the depot does not take it.
    """
    model = read_model(path, limits)
    notes = read_notes(beside, model.digest, limits)
    for name in (*beside.signatures, *beside.passports):
        if model.is_tree and place_inside(path, name) is not None:
            raise Misconfigured(f"{printable(name)} lies inside of the model", "move it beside the model")
    depot.check_fits(model.digest, model.files)
    sent = 0
    for file in {file.sha256: file for file in model.files}.values():
        seen(file.path)
        with model.open(file.path) as view:
            sent += depot.put_blob(file.sha256, view)
            view.check_unchanged()
    if model.is_tree:
        depot.put_tree(model.digest, model.files)
    else:
        depot.put_file(model.digest, model.files[0])
    added = sum(depot.put_note(model.digest, note, data) for note, data in notes)
    return Published(model.digest, sent, len({file.sha256 for file in model.files}) - sent, added)


def read_model(path: StrPath, limits: Limits) -> Model:
    """Hash a model; raise `Refused` for what no digest can speak of, and for names that nobody could pull."""
    if not os.path.isdir(path):  # noqa: PTH112 - a path, as given
        with open_file(path) as view:
            name = os.path.basename(os.fspath(path))  # noqa: PTH119
            file = TreeFile(name if not name_fault(name) else ALONE, view.size, view.mode, hash_view(view).hex)
        return Model(Digest("sha256", file.sha256), (file,), is_tree=False, open=lambda _: open_file(path))
    tree = read_tree(path, limits=limits)
    if not tree.files and not tree.odd:
        raise Misconfigured(f"there is no file in {printable(path)}", "name a file, or a directory that holds one")
    faulty = [f"{file.path} ({fault})" for file in tree.files if (fault := name_fault(file.path))]
    if found := (*unsignable(tree.odd), *faulty):
        raise Refused(
            f"{printable(path)} holds what cannot be published: {listed(found)}",
            "remove or rename each, or put a regular file in its place",
        )
    return Model(tree.digest, tree.files, is_tree=True, open=lambda relative: open_in_tree(path, relative))


def read_notes(beside: Beside, digest: Digest, limits: Limits) -> Sequence[tuple[Note, bytes]]:
    """Return the notes that go beside a model of a digest."""
    found = []
    for path in beside.signatures:
        data = read_file(path, limit=limits.max_document_bytes)
        if not oms.is_bundle(data):
            raise Misconfigured(f"{printable(path)} is no signature", "name what `hauberk sign` wrote")
        found.append((Note("signature", sha256(data).hex), data))
    for path in beside.passports:
        data = read_file(path, limit=limits.max_document_bytes)
        if not is_passport(data):
            raise Misconfigured(f"{printable(path)} is no passport", "name what `hauberk passport export` wrote")
        if (other := decode(data).subject.digest) != digest:
            raise Refused(f"the passport {printable(path)} is of {other}, not of {digest}", "export it again")
        found.append((Note("passport", sha256(data).hex), data))
    return found
