"""Sign a model: one OMS v1.0 bundle over a file, or over every file of a directory, written beside it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.digest import Digest
from hauberk.edge.files import unavailable
from hauberk.edge.hashing import HashedFile, Wanted, hash_one, hash_tree, identity, list_files
from hauberk.edge.sources import check_output, printable, require_local, require_whole, write_output
from hauberk.errors import Exceeded, Misconfigured, Refused
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import oms
from hauberk.view import UncheckedCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hauberk.edge.files import StrPath
    from hauberk.edge.keyless import KeylessSigner
    from hauberk.edge.walk import Odd
    from hauberk.signature.key import Signer

UNSIGNABLE = (UncheckedCode.NAME, UncheckedCode.FILE_KIND, UncheckedCode.SYMLINK)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed.

    Attributes:
        subject: the identity of all that was read: sha256 of a file, dirHash of a directory; None where it was not
            asked for, and the signature has no use for it.
        files: every file that was read, in the order of the bytes of their paths.
        uncovered: what is there and not in the signature: names that the standard passes over, which are in the
            subject; what the caller passes over; empty files under a signature by shards.
        root: the standard's root digest, for other tools; no identity.
        bundle: the bytes that were written.
        signer: whose key signed; keyless, who, and who vouches for them.
    """

    subject: Digest | None
    files: tuple[HashedFile, ...]
    uncovered: tuple[str, ...]
    root: Digest
    bundle: bytes
    signer: Mapping[str, str]


def sign(
    path: StrPath,
    *,
    signer: Signer | KeylessSigner,
    signature_path: StrPath,
    chain: tuple[bytes, ...] = (),
    hashing: oms.Hashing = oms.WHOLE_FILES,
    ignore: Iterable[str] = (),
    identify: bool = True,
    limits: Limits = DEFAULT_LIMITS,
) -> Signed:
    """Sign a file or a directory; write the bundle to `signature_path`, over an older one and nothing else.

    Args:
        path: the file or the directory.
        signer: whose key signs; or whose identity, which asks the services of a Sigstore.
        signature_path: where the bundle is written, outside of the model.
        chain: DER certificates, that of the signer's key first; then the bundle names them, and not the key.
        hashing: with which hash, and of whole files or of shards.
        ignore: paths in the model that are neither read nor covered, each with everything below it.
        identify: compute the identity even where the signature needs other digests, which costs reading twice.
        limits: of the directory.

    Raises:
        Misconfigured: the signature's path is inside the model or is of a file that is no bundle, the model is an
            address or an empty directory, the key is not on a curve that signs models, or the certificate is of
            another; or an ignored path is none.
        Refused: a symbolic link, a FIFO or another name or file kind that no signature can speak of; each is named.
        Malformed: there is nothing in it but what is ignored.
        Unavailable: something cannot be read, changed meanwhile, or the bundle cannot be written.
        Exceeded: the directory is larger than the limits, or has more shards.
    """
    passed = _normal(ignore)
    _require_place(path, signature_path)
    wanted = Wanted(hashing, identify)
    is_tree = os.path.isdir(path)  # noqa: PTH112 - a path, as given
    if is_tree:
        files = _read_tree(path, wanted, passed, limits)
        subject = identity(files)
    else:
        files = (hash_one(path, wanted),)
        subject = Digest("sha256", files[0].sha256) if files[0].sha256 is not None else None
    name = os.path.basename(os.path.abspath(path)) or "model"  # noqa: PTH100, PTH119 - a path, as given
    resources = [one for file in files for one in _resources(file, hashing, is_tree=is_tree)]
    if len(resources) > limits.max_tree_files:
        raise Exceeded(f"there are {len(resources)} shards, the limit is {limits.max_tree_files}", "make them larger")
    manifest = oms.manifest_of(name, resources, ignore=passed, hashing=hashing)
    bundle, by = _signed(manifest, signer, chain)
    write_output(signature_path, bundle, recognise=oms.is_bundle)
    return Signed(subject, files, _uncovered(path, files, manifest) if is_tree else (), manifest.root, bundle, by)


def place_inside(model: StrPath, path: StrPath) -> str | None:
    """Return where in a model a path lies, relative to it and `.` for itself; None where it lies outside.

    Links are resolved in the model's path and in the path's directory, not in its last name: that is what is written.
    """
    folder, name = os.path.split(os.fspath(path))
    try:
        whole = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
        relative = os.path.relpath(whole, os.path.realpath(model))
    except ValueError as error:  # a NUL in the model's path or in this one
        raise unavailable(os.fspath(model if "\0" in os.fspath(model) else path), error) from None
    is_outside = relative == os.pardir or relative.startswith(os.pardir + os.sep)
    return None if is_outside else relative.replace(os.sep, "/")


def unsignable(found: Iterable[Odd]) -> tuple[str, ...]:
    """Return each name of a tree that no signature can speak of, with what it is."""
    return tuple(f"{odd.path} ({odd.detail})" for odd in found if odd.code in UNSIGNABLE)


def listed(names: Sequence[str]) -> str:
    """Return names for people: escaped, and no more than a screen holds."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(printable(name) for name in names[:_SHOWN]) + more


def unlisted(files: Iterable[HashedFile], manifest: oms.Manifest) -> tuple[str, ...]:
    """Return the empty files of which a manifest by shards does not speak."""
    return tuple(file.path for file in files if not file.digest and not manifest.ignores(file.path))


def _signed(
    manifest: oms.Manifest, signer: Signer | KeylessSigner, chain: tuple[bytes, ...]
) -> tuple[bytes, dict[str, str]]:
    """Return the bundle, and who signed it."""
    if not hasattr(signer, "seal"):  # its class is not imported where a key signs, which most do
        return oms.sign(manifest, signer, chain=chain), {"key": signer.public.keyid}
    if chain:
        raise Misconfigured("a keyless signature has a certificate of its own", "leave the certificate away")
    sealed = signer.seal(oms.encode_payload(manifest))
    return sealed.bundle, {"signer": str(sealed.holder.identity), "issuer": sealed.issuer}


def _normal(ignore: Iterable[str]) -> frozenset[str]:
    """Return paths as a bundle names them; a slash at the end of a directory is none of its name."""
    paths = frozenset(path.rstrip("/") for path in ignore)
    for path in paths:
        if any(part in ("", ".", "..") for part in path.split("/")):
            raise Misconfigured(f"{printable(path)} is no path in the model", "write it relative to the model")
    return paths


def _require_place(path: StrPath, signature_path: StrPath) -> None:
    require_local(path)
    if place_inside(path, signature_path) is not None:
        raise Misconfigured(
            f"the signature {printable(signature_path)} would lie inside of what it signs",
            "name a path beside the model, such as model.sig next to model/",
        )
    check_output(signature_path, recognise=oms.is_bundle)


def _read_tree(path: StrPath, wanted: Wanted, passed: frozenset[str], limits: Limits) -> tuple[HashedFile, ...]:
    listed_files, odd = list_files(path, limits=limits, exclude=passed)
    if not listed_files and not odd:
        raise Misconfigured(f"there is no file in {printable(path)}", "name a file, or a directory that holds one")
    if found := unsignable(odd):
        raise Refused(
            f"{printable(path)} holds what cannot be signed: {listed(found)}",
            "remove each, or put a regular file in its place",
        )
    require_whole(odd)
    files, odd = hash_tree(path, listed_files, wanted)
    require_whole(odd)
    return tuple(files)


def _resources(file: HashedFile, hashing: oms.Hashing, *, is_tree: bool) -> list[oms.Resource]:
    name = file.path if is_tree else oms.SINGLE_FILE
    if hashing.shard_size is None:
        return [oms.Resource(name, file.digest, size=file.size)]
    digits = hashing.hash_type.digits
    spans = hashing.spans(file.size)
    return [
        oms.Resource(name, file.digest[digits * number : digits * (number + 1)], span)
        for number, span in enumerate(spans)
    ]


def _uncovered(path: StrPath, files: tuple[HashedFile, ...], manifest: oms.Manifest) -> tuple[str, ...]:
    there = [name for name in manifest.ignore_paths if os.path.lexists(os.path.join(path, name))]  # noqa: PTH118
    return tuple(sorted((*there, *unlisted(files, manifest))))
