"""A place that keeps data sets: what is asked of it before and after, and how things are put into it.

`Bucket` is one in S3, `GoogleBucket` one in Google Cloud Storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.edge.remote.address import Kind
    from hauberk.edge.remote.stored import Stored
    from hauberk.view import View


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a bucket is set to: what was seen, and whether it holds, None where the store does not answer."""

    saw: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How an object is kept: locked until Unix seconds; encrypted by an algorithm or a key that is asked for."""

    until: int
    encryption: str = ""


class Store(Protocol):
    """One bucket, and what lets us in.

    Attributes:
        name: of the bucket.
        kind: of the address that names it.
        strictest: the mode of a lock that nobody shortens or removes.
    """

    name: str
    kind: Kind
    strictest: str

    def settings(self) -> Mapping[str, Setting]:
        """Return what the bucket is set to: `versioning`, `object-lock`, `private`, `encryption`."""
        ...

    def head(self, key: str, version: str = "") -> Stored | None:
        """Return what the store says of an object, or of one version of it; None where there is none."""
        ...

    def lock_of(self, key: str, version: str) -> tuple[str, int] | str:
        """Return mode and end of a version's lock, empty for none, or why the store does not answer."""
        ...

    def is_open(self, key: str = "", version: str = "") -> bool | None:
        """Return whether the store gives an object, or the list of all, without credentials; None: it has none."""
        ...

    def put(self, key: str, view: View, sha256: str, keeping: Keeping) -> str | None:
        """Make an object, and return its version; None where there is one of this key already."""
        ...

    def lengthen(self, key: str, version: str, until: int) -> None:
        """Lock a version in the strictest mode until a later instant."""
        ...
