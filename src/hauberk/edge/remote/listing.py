"""What lies at an address: its files by relative name, each with what the source says of it, and what is odd.

Names come from a server. One that is absolute, climbs with `..`, does not print, or stands twice is not read; it is
unchecked, so that no directory with such a name is ever complete.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from hauberk.edge.files import printable
from hauberk.edge.remote.ranges import RangedView
from hauberk.edge.walk import Odd
from hauberk.errors import Exceeded, Unavailable
from hauberk.finding import UncheckedCode
from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.digest import Digest
    from hauberk.edge.remote.client import Client
    from hauberk.edge.remote.stored import Stored

_MAX_NAME_BYTES = 1024
_MAX_PART_BYTES = 255  # NAME_MAX of Linux: a longer one could not be fetched
_MAX_EMPTY_PAGES = 1000  # stores give some where much was deleted
_MAX_TOKEN = 1 << 13


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a source.

    Attributes:
        name: relative, with `/`.
        size: in bytes, if the source says it.
        claimed: the digest that the source says it has.
        pinned: what marks the version, if the source knows one better than its server's tag.
        headers: of every request for it.
        tag: the ETag that the listing says it has.
        version: the id of the version that the URL names.
        listed: what the listing says of that version, where it says more than the answer with its bytes.
    """

    name: str
    url: str
    size: int | None = None
    claimed: Digest | None = None
    pinned: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    version: str = ""
    listed: Stored | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at an address. It holds the client: use it in a `with` statement.

    Attributes:
        address: with the revision that it was resolved to.
        is_tree: whether a directory was named, and not one file.
    """

    address: str
    files: tuple[RemoteFile, ...]
    odd: tuple[Odd, ...]
    client: Client
    is_tree: bool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def open(self, file: RemoteFile, *, limits: Limits = DEFAULT_LIMITS) -> RangedView:
        """Return a view over one of the files; nothing is asked before it is looked at."""
        return RangedView(self.client, file.url, size=file.size, headers=file.headers, limits=limits)

    def path_of(self, file: RemoteFile) -> str:
        """Return what a report calls one of the files."""
        return f"{self.address.rstrip('/')}/{file.name}" if self.is_tree else self.address


class Names:
    """Counts the names that a source lists, files and folders, and says when there are too many."""

    def __init__(self, limits: Limits) -> None:
        self.most = limits.max_tree_files
        self.is_cut = False
        self._left = self.most

    def take(self) -> bool:
        """Count one name; say whether it is still allowed. After a refusal the list is cut."""
        self._left -= 1
        self.is_cut = self.is_cut or self._left < 0
        return not self.is_cut

    @property
    def taken(self) -> int:
        """Return how many were counted."""
        return self.most - self._left


class Pages:
    """Follows a list of names from page to page, and says when it does not end."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._taken = names.taken
        self._empty = 0
        self._asked = {""}

    def follow(self, token: str) -> str:
        """Return the token by which a page that was read names the next one.

        Raises:
            Unavailable: it named a page before.
            Exceeded: too many pages had no names, or it is too long.
        """
        self._empty += self._taken == self._names.taken
        self._taken = self._names.taken
        if self._empty > _MAX_EMPTY_PAGES or len(token) > _MAX_TOKEN:
            raise Exceeded(f"the list of objects has more than {_MAX_EMPTY_PAGES} pages without one, or a long token")
        if token in self._asked:
            raise Unavailable(
                "the list of objects leads back to itself", "ask the store's owner: it lists without an end"
            )
        self._asked.add(token)
        return token


def sound(files: Iterable[RemoteFile], names: Names) -> tuple[tuple[RemoteFile, ...], tuple[Odd, ...]]:
    """Return the files whose names can be trusted, sorted by the bytes of their names, and what is odd."""
    listed = list(files)
    odd = [Odd("", UncheckedCode.LIMIT, f"more than {names.most} names")] if names.is_cut else []
    times = Counter(file.name for file in listed)
    good = []
    for file in listed:
        fault = name_fault(file.name) or ("listed twice" if times[file.name] > 1 else "")
        if fault:
            odd.append(Odd(printable(file.name)[:_MAX_NAME_BYTES], UncheckedCode.NAME, fault))
        else:
            good.append(file)
    return tuple(sorted(good, key=lambda file: file.name.encode())), tuple(dict.fromkeys(odd))


def name_fault(name: str) -> str:
    """Return what is wrong with a relative name, or nothing."""
    try:
        parts = [part.encode() for part in name.split("/")]
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    if not name.isprintable():
        return "a name with a control character"
    if "\\" in name:
        return "a backslash in the name, which some systems read as a folder"
    if any(part in (b"", b".", b"..") for part in parts):
        return "a name that is absolute or climbs"
    if len(name.encode()) > _MAX_NAME_BYTES or max(map(len, parts)) > _MAX_PART_BYTES:
        return "a name that is too long"
    return ""
