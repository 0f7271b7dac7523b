"""The files that a person names or writes: policy, trust, root. What is wrong with one is a wrong configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hauberk.edge.sources import printable, read_file
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.trust import RootKeys, decode_trust
from hauberk.formats.document import read_yaml
from hauberk.policy.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.edge.files import StrPath
    from hauberk.evidence.trust import Trust

MAX_FILE_BYTES = 1 << 20
_NEWEST = "name the trust that the root signed; in a project, take this away, and `hauberk init` writes it again"

T = TypeVar("T")


def read_policy(path: StrPath) -> Policy:
    """Return the policy as it is written, approved or not.

    Raises:
        Misconfigured: it is no policy.
        Unavailable, Exceeded: it cannot be read, or is longer than `MAX_FILE_BYTES`.
    """
    return Policy.of(read_yaml(read_file(path, limit=MAX_FILE_BYTES), what=printable(path)))


def read_trust(path: StrPath) -> Trust:
    """Return the trust in a file, signed or not; errors as of `read_policy`."""
    return _read(path, decode_trust, _NEWEST)


def read_root(path: StrPath) -> RootKeys:
    """Return the public keys of a root; errors as of `read_policy`."""
    return _read(path, RootKeys.decode, "name the root.pub that the root's owner gave out")


def _read(path: StrPath, decode: Callable[[bytes], T], hint: str) -> T:
    try:
        return decode(read_file(path, limit=MAX_FILE_BYTES))
    except Malformed as error:
        raise Misconfigured(f"{printable(path)}: {error.message}", error.hint or hint) from None
