"""Sign a model: one OMS v1.0 bundle over a file, or over every file of a directory, written beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.sources import (
    TreeFile,
    check_output,
    hash_view,
    open_file,
    printable,
    read_tree,
    require_local,
    write_output,
)
from hauberk.errors import Misconfigured, Refused
from hauberk.finding import UncheckedCode
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import oms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.edge.sources import Tree
    from hauberk.signature.key import Signer

UNSIGNABLE = (UncheckedCode.NAME, UncheckedCode.FILE_KIND, UncheckedCode.SYMLINK)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed.

    Attributes:
        subject: the identity of all that was read: sha256 of a file, dirHash of a directory.
        files: every file that was read, in the order of the bytes of their paths.
        uncovered: the top-level names that the standard passes over and that are there: they are in the subject and
            not in the signature.
        root: the standard's root digest, for other tools; no identity.
        bundle: the bytes that were written.
    """

    subject: Digest
    files: tuple[TreeFile, ...]
    uncovered: tuple[str, ...]
    root: Digest
    bundle: bytes


def sign(path: StrPath, *, signer: Signer, signature_path: StrPath, limits: Limits = DEFAULT_LIMITS) -> Signed:
    """Sign a file or a directory; write the bundle to `signature_path`, over an older one and nothing else.

    Raises:
        Misconfigured: the signature's path is inside the model or is of a file that is no bundle, the model is an
            address or an empty directory, or the key is not EC P-256.
        Refused: a symbolic link, a FIFO or another name or file kind that no signature can speak of; each is named.
        Malformed: there is nothing in it but what the standard ignores.
        Unavailable: something cannot be read, changed meanwhile, or the bundle cannot be written.
        Exceeded: the directory is larger than the limits.
    """
    subject, files, is_tree = _read(path, signature_path, limits)
    name = os.path.basename(os.path.abspath(path)) or "model"  # noqa: PTH100, PTH119 - a path, as given
    if is_tree:
        manifest = oms.manifest_of(name, ((file.path, file.sha256) for file in files))
    else:
        manifest = oms.manifest_of(name, [(oms.SINGLE_FILE, subject.hex)])
    bundle = oms.sign(manifest, signer)
    write_output(signature_path, bundle, recognise=oms.is_bundle)
    tops = {file.path.split("/")[0] for file in files} if is_tree else set()
    return Signed(subject, files, tuple(sorted(tops & oms.STANDARD_IGNORES)), manifest.root, bundle)


def place_inside(model: StrPath, path: StrPath) -> str | None:
    """Return where in a model a path lies, relative to it and `.` for itself; None where it lies outside.

    Links are resolved in the model's path and in the path's directory, not in its last name: that is what is written.
    """
    folder, name = os.path.split(os.fspath(path))
    whole = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
    relative = os.path.relpath(whole, os.path.realpath(model))
    is_outside = relative == os.pardir or relative.startswith(os.pardir + os.sep)
    return None if is_outside else relative.replace(os.sep, "/")


def unsignable(tree: Tree) -> tuple[str, ...]:
    """Return each name of a tree that no signature can speak of, with what it is."""
    return tuple(f"{odd.path} ({odd.detail})" for odd in tree.odd if odd.code in UNSIGNABLE)


def listed(names: Sequence[str]) -> str:
    """Return names for people: escaped, and no more than a screen holds."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(printable(name) for name in names[:_SHOWN]) + more


def _read(path: StrPath, signature_path: StrPath, limits: Limits) -> tuple[Digest, tuple[TreeFile, ...], bool]:
    require_local(path)
    if place_inside(path, signature_path) is not None:
        raise Misconfigured(
            f"the signature {printable(signature_path)} would lie inside of what it signs",
            "name a path beside the model, such as model.sig next to model/",
        )
    check_output(signature_path, recognise=oms.is_bundle)
    if not os.path.isdir(path):  # noqa: PTH112 - a path, as given
        with open_file(path) as view:
            digest = hash_view(view)
            file = TreeFile(os.path.basename(os.fspath(path)), view.size, view.mode, digest.hex)  # noqa: PTH119
        return digest, (file,), False
    tree = read_tree(path, limits=limits)
    if not tree.files and not tree.odd:
        raise Misconfigured(f"there is no file in {printable(path)}", "name a file, or a directory that holds one")
    if found := unsignable(tree):
        raise Refused(
            f"{printable(path)} holds what cannot be signed: {listed(found)}",
            "remove each, or put a regular file in its place",
        )
    return tree.digest, tree.files, True
