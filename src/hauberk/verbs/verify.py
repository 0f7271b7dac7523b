"""Verify a model against its OMS v1.0 bundle: which key, whether these files and no others, what is left out.

Whoever signed decides what the bundle covers, so that is taken from the bundle and from nowhere else. What lies in the
model and is not covered is a warning, or with `strict` a refusal: ignored paths that are there, and, for a bundle that
another program wrote, permission bits and empty directories, of which only our own `artefact` statement speaks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.edge.sources import TreeFile, hash_view, open_file, printable, read_file, read_tree, require_local
from hauberk.errors import Malformed, NotVerified
from hauberk.evidence.predicates import ARTEFACT
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import oms
from hauberk.verbs.sign import UNSIGNABLE, listed, place_inside, unsignable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.evidence.trust import Trust
    from hauberk.signature.key import PublicKey


@dataclass(frozen=True, slots=True)
class VerifiedModel:
    """A model whose files are those that a key signed.

    Attributes:
        digest: of exactly what the signature covers, as it was read: sha256 of a file, dirHash of a directory. It is
            the identity of the whole where `warnings` names nothing that is there and not covered.
        files: what the signature covers.
        root: the standard's root digest, for other tools; no identity.
        key: which of the keys signed.
        warnings: what is not covered, or weak, each a sentence.
    """

    digest: Digest
    files: tuple[TreeFile, ...]
    root: Digest
    key: PublicKey
    warnings: tuple[str, ...]


def verify(
    path: StrPath,
    signature: StrPath,
    *,
    keys: Sequence[PublicKey] = (),
    trust: Trust | None = None,
    strict: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> VerifiedModel:
    """Return what holds for a model and a bundle, if one of `keys`, or a key that `trust` grants, signed it.

    Args:
        path: the file or the directory.
        signature: the bundle.
        keys: the public keys that are trusted to sign this model; the bundle says which of them did.
        trust: its keys that may sign an artefact today are trusted as well; a bundle has no time of its own.
        strict: refuse what would otherwise be a warning.
        limits: of the bundle and of the directory.

    Raises:
        NotVerified: the signature does not hold, another key made it, or files are changed, missing or extra, each
            named; with `strict`, also something that is not covered.
        Malformed, Exceeded, Misconfigured: as `oms.open_bundle`.
        Unavailable: something cannot be read, or the bundle uses a method that is not read here.
    """
    require_local(path)
    data = read_file(signature, limit=limits.max_document_bytes)
    try:
        opened = oms.open_bundle(data, (*keys, *_granted(trust)), limits=limits)
    except Malformed as error:
        raise Malformed(
            f"{printable(signature)} is no signature of a model: {error.message}",
            error.hint or "name the file that `hauberk sign` wrote, or get it again: it may be cut or changed",
        ) from None
    manifest = opened.manifest
    uncovered: tuple[str, ...] = ()
    if os.path.isdir(path):  # noqa: PTH112 - a path, as given
        inside = place_inside(path, signature)
        files, digest = _match_tree(path, manifest, inside, limits)
        uncovered = _uncovered(path, manifest, inside)
    else:
        files, digest = _match_file(path, manifest)
    warnings = (*uncovered, *_weaknesses(opened))
    if strict and warnings:
        raise NotVerified(
            f"the signature of {printable(path)} holds, but does not cover all: {'; '.join(warnings)}",
            "without --strict these are warnings",
        )
    return VerifiedModel(digest, files, manifest.root, opened.key, warnings)


def _granted(trust: Trust | None) -> list[PublicKey]:
    now = clock.now()
    grants = [grant for grant in trust.grants if ARTEFACT.type in grant.predicates] if trust else []
    ids = {grant.signer for grant in grants if grant.not_before <= now <= grant.not_after}
    return [key for keyid, key in trust.keys.items() if keyid in ids] if trust else []


def _match_tree(
    path: StrPath, manifest: oms.Manifest, inside: str | None, limits: Limits
) -> tuple[tuple[TreeFile, ...], Digest]:
    tree = read_tree(path, limits=limits, exclude=manifest.ignore_paths | ({inside} if inside else set()))
    found = oms.compare(manifest, {file.path: file.sha256 for file in tree.files})
    unread = any(odd.code not in UNSIGNABLE for odd in tree.odd)
    _raise_difference(
        path,
        {
            "changed": found.changed,
            "missing": () if unread else found.missing,  # it may be among what could not be read
            "extra": found.extra,
            "not a file that can be signed": unsignable(tree),
        },
    )
    return tree.files, tree.digest  # the digest of a tree with something unread in it raises


def _match_file(path: StrPath, manifest: oms.Manifest) -> tuple[tuple[TreeFile, ...], Digest]:
    with open_file(path) as view:
        digest = hash_view(view)
        file = TreeFile(os.path.basename(os.fspath(path)), view.size, view.mode, digest.hex)  # noqa: PTH119
    named = manifest.resources[0].name
    name = oms.SINGLE_FILE if named == oms.SINGLE_FILE else file.path
    found = oms.compare(manifest, {name: digest.hex})
    _raise_difference(path, {"changed": found.changed, "missing": found.missing, "extra": found.extra})
    return (file,), digest


def _raise_difference(path: StrPath, parts: dict[str, tuple[str, ...]]) -> None:
    said = [f"{what}: {listed(names)}" for what, names in parts.items() if names]
    if said:
        raise NotVerified(
            f"{printable(path)} is not what was signed: {'; '.join(said)}",
            "get the model again from where it was signed, or have it signed again",
        )


def _uncovered(path: StrPath, manifest: oms.Manifest, inside: str | None) -> tuple[str, ...]:
    """Say what is in the directory and passed over: ignored paths that are there, the bundle itself."""
    there = [name for name in sorted(manifest.ignore_paths - {inside}) if os.path.lexists(os.path.join(path, name))]  # noqa: PTH118
    ignored = (f"not covered, because the signer ignored it: {listed(there)}",) if there else ()
    return (*ignored, "the bundle lies inside of the model, and does not cover itself") if inside else ignored


def _weaknesses(opened: oms.Opened) -> tuple[str, ...]:
    said = []
    if not opened.ours:
        said.append("the bundle was not written by Hauberk: permission bits and empty directories are not covered")
    if not opened.names_key:
        said.append("the bundle names no key by its hint, as those of OMS v1.0 do")
    return tuple(said)
