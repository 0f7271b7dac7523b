"""Verify a model against its OMS v1.0 bundle: which key, whether these files and no others, what is left out.

Whoever signed decides what the bundle covers, so that is taken from the bundle and from nowhere else. What lies in the
model and is not covered is a warning, or with `strict` a refusal: ignored paths that are there, and, for a bundle that
another program wrote, permission bits and empty directories, of which only our own `artefact` statement speaks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.digest import Digest
from hauberk.edge import clock
from hauberk.edge.hashing import HashedFile, Wanted, hash_one, hash_tree, identity, list_files
from hauberk.edge.sources import printable, read_file, require_local, require_whole
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import oms
from hauberk.verbs.sign import UNSIGNABLE, listed, place_inside, unlisted, unsignable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.edge.files import StrPath
    from hauberk.edge.hash_cache import HashCache
    from hauberk.edge.walk import Odd
    from hauberk.evidence.trust import Trust
    from hauberk.signature.certificate import Authority, Identity
    from hauberk.signature.key import PublicKey
    from hauberk.signature.keyless import Keyless

_NO_BUNDLE = "no program that signs models writes that: get the signature again"
_NOT_HASHED = "; names and sizes tell, no content was compared"


@dataclass(frozen=True, slots=True)
class VerifiedModel:
    """A model whose files are those that a key signed.

    Attributes:
        digest: of exactly what the signature covers, as it was read: sha256 of a file, dirHash of a directory. It is
            the identity of the whole where `warnings` names nothing that is there and not covered. None where it was
            not asked for, and the signature has no use for it.
        files: what was read: all that the signature covers, and empty files that one by shards does not.
        root: the standard's root digest, for other tools; no identity.
        key: which of the keys signed, or that of the certificate.
        warnings: what is not covered, or weak, each a sentence.
        identity: who signed, where a certificate says so.
        notes: what is said of the cache.
    """

    digest: Digest | None
    files: tuple[HashedFile, ...]
    root: Digest
    key: PublicKey
    warnings: tuple[str, ...]
    identity: Identity | None = None
    notes: tuple[str, ...] = ()


def verify(
    path: StrPath,
    signature: StrPath,
    *,
    keys: Sequence[PublicKey] = (),
    trust: Trust | None = None,
    authority: Authority | Keyless | None = None,
    strict: bool = False,
    read_older: bool = False,
    identify: bool = True,
    cache: StrPath | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> VerifiedModel:
    """Return what holds for a model and a bundle, if one of `keys`, or a key that `trust` grants, signed it.

    Args:
        path: the file or the directory.
        signature: the bundle.
        keys: the public keys that are trusted to sign this model; the bundle says which of them did.
        trust: its keys that may sign an artefact today are trusted as well; a bundle has no time of its own.
        authority: whose certificates are trusted, and for whom; none is by itself. For keyless bundles, which Sigstore.
        strict: refuse what would otherwise be a warning.
        read_older: read bundles of model_signing before 1.0, too.
        identify: compute the digest even where the signature needs others, which costs reading twice.
        cache: a file in which the digests of files are kept, so that those that the kernel knows to be unchanged are
            not read again; see `hauberk.edge.hash_cache` for what it is worth. Outside of the model.
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
        opened = oms.open_bundle(
            data, (*keys, *_granted(trust)), authority=authority, read_older=read_older, limits=limits
        )
    except Malformed as error:
        raise Malformed(
            f"{printable(signature)} is no signature of a model: {error.message}",
            error.hint or "name the file that `hauberk sign` wrote, or get it again: it may be cut or changed",
        ) from None
    except Exceeded as error:
        raise Exceeded(f"{printable(signature)}: {error.message}", error.hint or _NO_BUNDLE) from None
    manifest = opened.manifest
    kept = _cache(cache, path) if cache is not None else None
    wanted = Wanted(manifest.hashing, identify, kept)
    uncovered: tuple[str, ...] = ()
    if os.path.isdir(path):  # noqa: PTH112 - a path, as given
        inside = place_inside(path, signature)
        files = _match_tree(path, manifest, inside, wanted, limits)
        digest = identity(files)
        uncovered = _uncovered(path, manifest, files, inside)
    else:
        files = (_match_file(path, manifest, wanted),)
        digest = Digest("sha256", files[0].sha256) if files[0].sha256 is not None else None
    warnings = (*uncovered, *_weaknesses(opened))
    if strict and warnings:
        raise NotVerified(
            f"the signature of {printable(path)} holds, but does not cover all: {'; '.join(warnings)}",
            "without --strict these are warnings",
        )
    return VerifiedModel(digest, files, manifest.root, opened.key, warnings, opened.identity, _saved(kept))


def _cache(cache: StrPath, model: StrPath) -> HashCache:
    from hauberk.edge.hash_cache import HashCache  # noqa: PLC0415 - for few who verify

    for name in (os.fspath(cache), f"{os.fspath(cache)}.key"):
        if place_inside(model, name) is not None:
            raise Misconfigured(
                f"the cache {printable(name)} would lie inside of the model", "name a path outside of it"
            )
    return HashCache(cache)


def _saved(cache: HashCache | None) -> tuple[str, ...]:
    if cache is None:
        return ()
    cache.save()
    return (cache.note,) if cache.note else ()


def _granted(trust: Trust | None) -> list[PublicKey]:
    if trust is None:
        return []
    from hauberk.evidence.predicates import ARTEFACT  # noqa: PLC0415 - a tenth of the start-up time

    now = clock.now()
    grants = [grant for grant in trust.grants if ARTEFACT.type in grant.predicates]
    ids = {grant.signer for grant in grants if grant.not_before <= now <= grant.not_after}
    return [key for keyid, key in trust.keys.items() if keyid in ids]


def _match_tree(
    path: StrPath, manifest: oms.Manifest, inside: str | None, wanted: Wanted, limits: Limits
) -> tuple[HashedFile, ...]:
    """Return the files of a tree that is what was signed: first its names and sizes, which cost nothing to compare."""
    passed = manifest.ignore_paths | ({inside} if inside else set())
    files, odd = list_files(path, limits=limits, exclude=passed)
    _compare_tree(path, oms.compare_sizes(manifest, {file.path: file.size for file in files}), odd, _NOT_HASHED)
    hashed, unread = hash_tree(path, files, wanted)
    if not unread:
        _compare_tree(path, oms.compare(manifest, {file.path: file.digest for file in hashed if file.digest}), odd)
    require_whole((*odd, *unread))
    return tuple(hashed)


def _compare_tree(path: StrPath, found: oms.Difference, odd: list[Odd], hint: str = "") -> None:
    unread = any(one.code not in UNSIGNABLE for one in odd)
    _raise_difference(
        path,
        {
            "changed": found.changed,
            "missing": () if unread else found.missing,  # it may be among what could not be read
            "extra": found.extra,
            "not a file that can be signed": unsignable(odd),
        },
        hint,
    )


def _match_file(path: StrPath, manifest: oms.Manifest, wanted: Wanted) -> HashedFile:
    file = hash_one(path, wanted)
    name = oms.SINGLE_FILE if manifest.resources[0].name == oms.SINGLE_FILE else file.path
    found = oms.compare(manifest, {name: file.digest})
    _raise_difference(path, {"changed": found.changed, "missing": found.missing, "extra": found.extra})
    return file


def _raise_difference(path: StrPath, parts: dict[str, tuple[str, ...]], hint: str = "") -> None:
    said = [f"{what}: {listed(names)}" for what, names in parts.items() if names]
    if said:
        raise NotVerified(
            f"{printable(path)} is not what was signed: {'; '.join(said)}",
            f"get the model again from where it was signed, or have it signed again{hint}",
        )


def _uncovered(
    path: StrPath, manifest: oms.Manifest, files: tuple[HashedFile, ...], inside: str | None
) -> tuple[str, ...]:
    """Say what is in the directory and passed over: ignored paths that are there, empty files, the bundle itself."""
    there = [name for name in sorted(manifest.ignore_paths - {inside}) if os.path.lexists(os.path.join(path, name))]  # noqa: PTH118
    ignored: tuple[str, ...] = (f"not covered, because the signer ignored it: {listed(there)}",) if there else ()
    empty = unlisted(files, manifest)
    if empty:
        ignored += (f"not covered, because a signature by shards speaks of no empty file: {listed(empty)}",)
    return (*ignored, "the bundle lies inside of the model, and does not cover itself") if inside else ignored


def _weaknesses(opened: oms.Opened) -> tuple[str, ...]:
    said = []
    if not opened.ours:
        said.append("the bundle was not written by Hauberk: permission bits and empty directories are not covered")
    if opened.is_older:
        said.append("the bundle is of a version before 1.0, whose statement or signature is another than OMS v1.0 has")
    if not opened.names_key:
        said.append("the bundle names no key by its hint, as those of OMS v1.0 do")
    return tuple(said)
