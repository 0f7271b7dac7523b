"""What an OMS bundle says of a model: each file, or each shard of a file, with its digest, and how the list was made.

A shard is a run of a file's bytes: all of a file's shards have the one size of the manifest, but the last, which may be
shorter. A file of no bytes has no shard, so a manifest by shards does not speak of it.

Each entry of a list by files may say its file's `size`: ours do. It is a member that other readers pass over; it lets a
reader name most files that changed before it has hashed anything.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hauberk.digest import Digest
from hauberk.errors import Malformed
from hauberk.signature.members import seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STANDARD_IGNORES = frozenset({".git", ".gitattributes", ".github", ".gitignore"})  # at the top of the tree only
SINGLE_FILE = "."
DEFAULT_SHARD_BYTES = 1_000_000_000  # OMS v1.0

_NOT_NORMAL = re.compile(r"(?:^|/)\.{0,2}(?:/|\Z)|\0")
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)


class HashType(StrEnum):
    """The hashes of OMS v1.0, by the names that it gives them; blake2b has 64 bytes."""

    SHA256 = "sha256"
    BLAKE2B = "blake2b"
    BLAKE3 = "blake3"

    @property
    def digits(self) -> int:
        """Return how many hex digits a digest has."""
        return 128 if self is HashType.BLAKE2B else 64


@dataclass(frozen=True, slots=True)
class Hashing:
    """How the digests of a manifest are made: with which hash, and of shards of so many bytes or of whole files."""

    hash_type: HashType = HashType.SHA256
    shard_size: int | None = None

    def __post_init__(self) -> None:
        if self.shard_size is not None and self.shard_size < 1:
            raise Malformed(f"a shard of {self.shard_size} bytes holds nothing")

    @property
    def identifies(self) -> bool:
        """Return whether a file's digest is the one that identifies it everywhere else: SHA-256 of all of it."""
        return self == Hashing()

    @property
    def algorithm(self) -> str:
        """Return how an entry names the hash: of a shard, with the size, as the standard's first program has it."""
        return str(self.hash_type) if self.shard_size is None else f"{self.hash_type}-sharded-{self.shard_size}"

    def spans(self, size: int) -> list[tuple[int, int]]:
        """Return the runs of bytes that are hashed of a file of `size` bytes; none of an empty one in shards."""
        if self.shard_size is None:
            return [(0, size)]
        return [(start, min(start + self.shard_size, size)) for start in range(0, size, self.shard_size)]


WHOLE_FILES = Hashing()  # with SHA-256


@dataclass(frozen=True, slots=True)
class Resource:
    """A file that is signed, or a shard of one: its path relative to the model, with `/`, and its hex digest.

    Attributes:
        span: where the shard begins and ends; None for a file.
        size: of the file, where the bundle says it; a shard needs none.
    """

    name: str
    digest: str
    span: tuple[int, int] | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        if self.name != SINGLE_FILE:
            check_path(self.name)
        if not _HEX.fullmatch(self.digest):
            raise Malformed(f"the digest of {self.name!r} is not lowercase hex digits")

    @property
    def listed(self) -> str:
        """Return the name as a bundle lists it."""
        return self.name if self.span is None else f"{self.name}:{self.span[0]}:{self.span[1]}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says: a name for people, the files in the order of the list, and what was passed over.

    Attributes:
        ignore_paths: relative paths that are not covered, each with everything below it.
        allow_symlinks: whether the signer followed links. We never do: in a tree without links it changes nothing.
        hashing: how the digests were made.
    """

    name: str
    resources: tuple[Resource, ...]
    ignore_paths: frozenset[str] = STANDARD_IGNORES
    allow_symlinks: bool = False
    hashing: Hashing = WHOLE_FILES

    def __post_init__(self) -> None:
        if not self.resources:
            raise Malformed("a model has at least one file", "sign a directory that holds one outside of .git")
        _check_digests(self.resources, self.hashing)
        _check_order(self.resources)
        names = list(dict.fromkeys(resource.name for resource in self.resources))
        if SINGLE_FILE in names and len(names) > 1:
            raise Malformed("the name . is for the only file of a model")
        if self.hashing.shard_size is not None:
            _check_shards(self.resources, self.hashing.shard_size)
        for path in sorted(self.ignore_paths):
            check_path(path)
        for name in names:
            if self.ignores(name):
                raise Malformed(f"the file {name!r} is both listed and ignored")

    @property
    def root(self) -> Digest:
        """Return the standard's root: SHA-256 over the raw digests in the order of the list, whatever their hash."""
        whole = hashlib.sha256(b"".join(bytes.fromhex(resource.digest) for resource in self.resources))
        return Digest("sha256", whole.hexdigest())

    @property
    def digests(self) -> dict[str, str]:
        """Return the digest of each file, by path; of a file in shards, those of its shards one after the other."""
        found: dict[str, list[str]] = {}
        for resource in sorted(self.resources, key=lambda resource: resource.span or (0, 0)):
            found.setdefault(resource.name, []).append(resource.digest)
        return {name: "".join(digests) for name, digests in found.items()}

    @property
    def sizes(self) -> dict[str, int | None]:
        """Return the size of each file, by path; None where the bundle does not say."""
        found: dict[str, int | None] = {}
        for resource in self.resources:
            end = resource.span[1] if resource.span else resource.size
            found[resource.name] = max(end, found.get(resource.name) or 0) if end is not None else None
        return found

    def ignores(self, path: str) -> bool:
        """Say whether a relative path is an ignored one, or lies below one."""
        return _lies_in(path, self.ignore_paths)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a model is not what was signed, as paths in the order of their code points."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)


def manifest_of(
    name: str,
    files: Iterable[tuple[str, str] | Resource],
    *,
    ignore: Iterable[str] = (),
    hashing: Hashing = WHOLE_FILES,
) -> Manifest:
    """Return what we sign: pairs of path and digest, or resources, in any order, without what is ignored.

    Args:
        name: for people.
        files: what was found.
        ignore: relative paths that are passed over beside those of the standard, each with everything below it.
        hashing: how the digests were made.

    Raises:
        Malformed: no file is left, a path twice, or a path that the standard has no form for.
    """
    ignored = STANDARD_IGNORES | frozenset(ignore)
    found = [one if isinstance(one, Resource) else Resource(*one) for one in files]
    kept = [one for one in found if not _lies_in(one.name, ignored)]
    order = sorted(kept, key=lambda one: (one.name, one.span or (0, 0)))
    return Manifest(name, tuple(order), ignored, hashing=hashing)


def compare(manifest: Manifest, files: Mapping[str, str]) -> Difference:
    """Return how files (path to digest, as `Manifest.digests`), less the ignored ones, differ from what was signed."""
    return _difference(manifest, manifest.digests, files)


def compare_sizes(manifest: Manifest, sizes: Mapping[str, int]) -> Difference:
    """Return what of a difference the names and sizes of files already tell."""
    signed = {path: sizes.get(path) if size is None else size for path, size in manifest.sizes.items()}
    if manifest.hashing.shard_size is not None:
        sizes = {path: size for path, size in sizes.items() if size or path in signed}
    return _difference(manifest, signed, sizes)


def check_path(path: str) -> None:
    """Raise `Malformed` unless `path` is relative, normal and UTF-8."""
    if _NOT_NORMAL.search(path):
        raise Malformed(f"{seen(path)} is not a normal path inside of a model")
    if path.isascii():
        return
    try:
        path.encode()
    except UnicodeEncodeError:
        raise Malformed(f"the path {seen(path)} is not UTF-8", "rename the file") from None


def _difference(
    manifest: Manifest, signed: Mapping[str, str | int | None], files: Mapping[str, str] | Mapping[str, int]
) -> Difference:
    found = {path: seen for path, seen in files.items() if not manifest.ignores(path)}
    return Difference(
        changed=tuple(sorted(path for path in signed.keys() & found.keys() if signed[path] != found[path])),
        missing=tuple(sorted(signed.keys() - found.keys())),
        extra=tuple(sorted(found.keys() - signed.keys())),
    )


def _lies_in(path: str, ignored: frozenset[str]) -> bool:
    end = path.find("/")
    while end >= 0:
        if path[:end] in ignored:
            return True
        end = path.find("/", end + 1)
    return path in ignored


def _check_digests(resources: tuple[Resource, ...], hashing: Hashing) -> None:
    for resource in resources:
        if len(resource.digest) != hashing.hash_type.digits:
            digits = hashing.hash_type.digits
            raise Malformed(f"the digest of {resource.listed!r} is not {digits} lowercase hex digits")
        if (resource.span is None) != (hashing.shard_size is None):
            raise Malformed(f"{resource.listed!r} is a shard in a list of files, or a file in a list of shards")


def _check_order(resources: tuple[Resource, ...]) -> None:
    """Raise `Malformed` for anything twice, or in none of the orders that writers use."""
    keys = [(resource.name, resource.span or (0, 0)) for resource in resources]
    if len(set(keys)) != len(keys):
        raise Malformed("a file is listed twice")
    if keys == sorted(keys):
        return
    by_parts = [(name.split("/"), span) for name, span in keys]
    listed = [resource.listed for resource in resources]
    if by_parts != sorted(by_parts) and listed != sorted(listed):
        raise Malformed("the files are not in the order of their names")


def _check_shards(resources: tuple[Resource, ...], shard_size: int) -> None:
    """Raise `Malformed` unless the shards of each file are all of it, from its first byte to some last one."""
    files: dict[str, list[tuple[int, int]]] = {}
    for resource in resources:
        assert resource.span is not None
        files.setdefault(resource.name, []).append(resource.span)
    for name, spans in files.items():
        size = max(end for _, end in spans)
        if len(spans) != -(-size // shard_size) or sorted(spans) != Hashing(shard_size=shard_size).spans(size):
            raise Malformed(f"the shards of {name!r} are not all of a file")
