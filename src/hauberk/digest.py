"""Digests: the identity of bytes, and of trees of files.

A digest in text is `<algorithm>:<lowercase hex>`. `sha256` identifies a file, `dirHash` a tree (in-toto's
definition of the Go `dirhash` h1 rule, in hex), `rfc6962` the root of a Merkle tree. The set of algorithms is
open: a digest of an algorithm that we do not know compares, but is never computed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hauberk.view import View

_PIECE = 1 << 20
_LINE = re.compile(rb"([0-9a-f]{64})  (.+)", re.DOTALL)
_TEXT = re.compile(r"([a-zA-Z][a-zA-Z0-9_]{0,31}):([0-9a-f]{32,128})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """An algorithm's name and the lowercase hex of its output."""

    algorithm: str
    hex: str

    def __post_init__(self) -> None:
        if not _TEXT.fullmatch(f"{self.algorithm}:{self.hex}") or len(self.hex) % 2:
            raise Malformed(f"not a digest: {self.algorithm!r}:{self.hex!r}", "write it as sha256:<64 hex digits>")
        if self.algorithm in ("sha256", "dirHash", "rfc6962") and len(self.hex) != 64:
            raise Malformed(f"a {self.algorithm} digest has 64 hex digits, this one {len(self.hex)}")

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"

    @property
    def raw(self) -> bytes:
        """Return the digest's bytes."""
        return bytes.fromhex(self.hex)

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `<algorithm>:<hex>`; raise `Malformed` for anything else."""
        if not _TEXT.fullmatch(text):
            raise Malformed(f"not a digest: {text[:160]!r}", "write it as sha256:<64 hex digits>")
        algorithm, _, digits = text.partition(":")
        return cls(algorithm, digits)


def sha256(data: bytes) -> Digest:
    """Return the SHA-256 of bytes (FIPS 180-4)."""
    return Digest("sha256", hashlib.sha256(data).hexdigest())


def sha256_view(view: View) -> Digest:
    """Return the SHA-256 of a view, in constant memory; raise `Unavailable` where it cannot be read."""
    whole = hashlib.sha256()
    for offset in range(0, view.size, _PIECE):
        whole.update(view.read_at(offset, min(_PIECE, view.size - offset)))
    return Digest("sha256", whole.hexdigest())


def dir_hash(files: Iterable[tuple[str, str]]) -> Digest:
    """Return the dirHash of a tree: the SHA-256 of its listing; arguments and errors as of `tree_listing`."""
    return Digest("dirHash", hashlib.sha256(tree_listing(files)).hexdigest())


def tree_listing(files: Iterable[tuple[str, str]]) -> bytes:
    r"""Return the lines whose SHA-256 is the dirHash of a tree.

    Each regular file gives one line: its lowercase hex SHA-256, two spaces, its relative path with `/`, LF. Lines are
    ordered by the bytes of the whole path. Source: in-toto digest set `dirHash`; Go `golang.org/x/mod/sumdb/dirhash`
    Hash1, which also refuses newlines in names.

    Args:
        files: pairs of relative path and hex SHA-256 of the content, in any order.

    Raises:
        Malformed: no file at all, a path twice, a newline in a path, or one that is not valid UTF-8.
    """
    lines: dict[bytes, str] = {}
    for path, content in files:
        if "\n" in path:
            raise Malformed(f"a newline in the file name {path!r}", "rename the file")
        try:
            key = path.encode()
        except UnicodeEncodeError:
            raise Malformed(f"the file name {path!r} is not UTF-8", "rename the file") from None
        if key in lines:
            raise Malformed(f"the path {path!r} occurs twice")
        lines[key] = content
    if not lines:
        raise Malformed("an empty tree has no digest", "name a directory that holds at least one file")
    return b"".join(lines[key].encode() + b"  " + key + b"\n" for key in sorted(lines))


def parse_listing(data: bytes) -> tuple[tuple[str, str], ...]:
    """Return pairs of relative path and hex SHA-256; raise `Malformed` unless this is what `tree_listing` gives."""
    found = []
    for line in data.split(b"\n"):
        parsed = _LINE.fullmatch(line)
        if parsed is not None:
            found.append((parsed[2].decode(errors="replace"), parsed[1].decode()))
    if tree_listing(found) != data:
        raise Malformed("not the listing of a tree: its lines are not digests and paths in their order")
    return tuple(found)
