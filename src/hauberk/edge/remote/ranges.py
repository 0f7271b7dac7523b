"""A view over a file on another machine: it reads the ranges that somebody looks at, and remembers which they were.

Every range is asked for with the pin that came with the first one (RFC 9110 13.1.1, `If-Match`), and its answer must
bear that pin and that size. What was read once and is asked for again must be the same bytes. A server whose answers
bear neither a tag nor a date is not read in parts, because nothing says that two parts are of one file.

Bytes are the source's word (`claimed`) until the whole file has come, in order, and was hashed here.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hauberk.digest import Digest
from hauberk.edge.remote.hosts import shown
from hauberk.edge.remote.marks import Marks
from hauberk.errors import Exceeded, Unavailable
from hauberk.finding import Reading, UncheckedCode
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message

    from hauberk.edge.remote.client import Answer, Client
    from hauberk.edge.remote.hosts import Closeness

_PARTIAL = frozenset({200, 206, 412, 416})
_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)
_NO_RANGE = re.compile(r"bytes \*/(\d{1,19})", re.ASCII)
_EDGE_BYTES = 64 << 10  # read at once where a file begins and where it ends: magic numbers, an archive's directory
_MIN_PAGE = 1 << 9  # the header before a member of a zip file is some hundred bytes long
_MAX_PAGES = 1 << 22  # of one file: bounds what is remembered of it, at eight bytes a page
_MAX_AHEAD_BYTES = 1 << 20
_SHOWN_SPANS = 100
_UNRANGED_HINT = "this server gives no parts of a file: fetch it with `hauberk intake`, or name one that does"


@dataclass(frozen=True, slots=True)
class Pin:
    """What marks the bytes of one version: a strong tag, or a weak one or a date, which the answers must repeat."""

    tag: str
    date: str

    @classmethod
    def of(cls, headers: Message) -> Pin:
        """Return the pin that an answer bears."""
        return cls(headers.get("ETag", "").strip(), headers.get("Last-Modified", "").strip())

    @property
    def condition(self) -> dict[str, str]:
        """Return the header that makes a server refuse for any other version; weak tags never match (RFC 9110)."""
        return {"If-Match": self.tag} if self.tag.startswith('"') else {}

    def __bool__(self) -> bool:
        return bool(self.tag or self.date)

    def __str__(self) -> str:
        return f"ETag {self.tag}" if self.tag else f"Last-Modified {self.date}"


class RangedView:
    """A file on a server. The client is its owner's, and stays open."""

    def __init__(
        self,
        client: Client,
        url: str,
        *,
        size: int | None = None,
        headers: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Make a view; nothing is asked before its size or its bytes are.

        Args:
            client: asks.
            url: of the file.
            size: that a listing says; another one is a file that changed.
            headers: of every request.
            limits: of what is read and kept.
        """
        self.trouble = UncheckedCode.UNREADABLE
        self._client, self._url, self._limits = client, url, limits
        self._headers = dict(headers or {})
        self._shown = shown(url)
        self._via: tuple[str, Closeness] | None = None
        self._pin = Pin("", "")
        self._whole: bytes | None = None
        self._pages: OrderedDict[int, bytes] = OrderedDict()
        self._marks = Marks()
        self._hash, self._hashed = hashlib.sha256(), 0
        self._left = limits.max_remote_read_bytes
        self._next, self._ahead, self._has_tail = -1, 1, False
        self._size, self._page = -1, _MIN_PAGE
        self._listed = size

    @property
    def size(self) -> int:
        """Return the number of bytes; the first time, the server is asked for it, and errors are as of `read_at`."""
        if self._size < 0:
            self._begin()
        return self._size

    @property
    def basis(self) -> Basis:
        """Return `claimed` until every byte was read and hashed here."""
        return Basis.CLAIMED if self.digest is None else Basis.COMPUTED

    @property
    def digest(self) -> Digest | None:
        """Return the SHA-256 of the whole file, if all of it came by in order."""
        is_whole = self._size >= 0 and self._hashed * self._page >= self._size
        return Digest("sha256", self._hash.hexdigest()) if is_whole else None

    @property
    def pin(self) -> Pin:
        """Return what marks this version of the file."""
        return self._pin

    @property
    def can_range(self) -> bool:
        """Return whether the server gives parts; otherwise all of the file is here."""
        return self._whole is None

    def reading(self, pinned: str = "") -> Reading:
        """Return how much was read, and what was not."""
        unread = () if self._whole is not None else tuple(self._unread())
        length = sum(stop - start for start, stop in unread)
        spans = tuple((start, stop - start) for start, stop in unread[:_SHOWN_SPANS])
        return Reading(pinned or str(self._pin), self._size - length, spans, len(unread))

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from `offset`, `length` of them or as many as there are.

        Raises:
            Unavailable: the server does not give them, or not those of the version that was seen first; `trouble`
                says which.
        """
        stop = min(offset + length, self.size)
        if offset >= stop or length <= 0:
            return b""
        if self._whole is not None:
            return self._whole[offset:stop]
        got = bytearray()
        page = offset // self._page
        while (at := page * self._page) < stop:
            if page in self._pages:
                self._pages.move_to_end(page)
            data = self._pages.get(page) or self._load(page, stop)
            got += data[max(0, offset - at) : stop - at]
            page += 1
        return bytes(got)

    def _begin(self) -> None:
        """Ask for the first bytes, which tell size and pin."""
        first = self._ask(0, min(_EDGE_BYTES, self._limits.max_remote_unranged_bytes))
        if self._listed is not None and self._listed != self._size:
            raise self._changed(f"is {self._size} bytes long, where its listing says {self._listed}")
        while self._page * _MAX_PAGES < self._size:
            self._page *= 2
        if self._whole is None:
            self._keep_first(first)

    def _load(self, page: int, stop: int) -> bytes:
        """Fetch a page, and with it what is about to be asked for; return it."""
        last = -(-stop // self._page)
        self._ahead = min(self._ahead * 2, _MAX_AHEAD_BYTES // self._page or 1) if page == self._next else 1
        first, last = page, min(max(last, page + self._ahead), page + max(1, _MAX_AHEAD_BYTES // self._page))
        last = next((known for known in range(page + 1, last) if known in self._pages), last)
        if (page + 1) * self._page > self._size - _EDGE_BYTES and page != self._next and not self._has_tail:
            first = min(page, max(0, self._size - _EDGE_BYTES) // self._page)
            last, self._has_tail = -(-self._size // self._page), True
            last = min(last, first + max(1, _MAX_AHEAD_BYTES // self._page))
        data = self._ask(first * self._page, min(last * self._page, self._size))
        self._next = last
        self._keep(first, data)
        if page not in self._pages:  # the cache holds less than one answer
            return data[(page - first) * self._page :][: self._page]
        return self._pages[page]

    def _keep_first(self, data: bytes) -> None:
        """Keep what came with the size, cut to whole pages."""
        whole = len(data) if len(data) == self._size else len(data) // self._page * self._page
        self._keep(0, data[:whole])
        self._next = -(-whole // self._page)

    def _keep(self, first: int, data: bytes) -> None:
        for number, at in enumerate(range(0, len(data), self._page), start=first):
            piece = data[at : at + self._page]
            if not self._marks.put(number, piece):
                raise self._changed("gave other bytes for a range that was read before")
            self._pages[number] = piece
            self._pages.move_to_end(number)
            while self._hashed in self._pages:
                self._hash.update(self._pages[self._hashed])
                self._hashed += 1
        while len(self._pages) > 1 and len(self._pages) * self._page > self._limits.max_remote_cache_bytes:
            self._pages.popitem(last=False)

    def _unread(self) -> Iterator[tuple[int, int]]:
        end = 0
        for first, last in self._marks.runs():
            if first * self._page > end:
                yield end, first * self._page
            end = min(last * self._page, self._size)
        if end < self._size:
            yield end, self._size

    def _ask(self, start: int, stop: int) -> bytes:
        """Return the bytes of a range, in as many answers as it takes; the first tells what the file is."""
        got = bytearray()
        while not got or (start + len(got) < stop and self._whole is None):
            piece = self._client.patiently(partial(self._once, start + len(got), stop))
            got += piece
            self._left -= len(piece)
            stop = min(stop, self._size)
            if self._left < 0:
                raise self._error(UncheckedCode.LIMIT, f"{self._limits.max_remote_read_bytes} bytes of it were read")
            if not piece:
                break
        return bytes(got)

    def _once(self, start: int, stop: int) -> bytes:
        headers = {**self._headers, "Range": f"bytes={start}-{stop - 1}", **self._pin.condition}
        url, within = self._via or (self._url, None)
        try:
            answer = self._client.open(url, headers=headers, accept=_PARTIAL, within=within)
        except Unavailable:
            if self._via is None:
                raise
            self._via = None  # where the redirect led is open for a while only
            answer = self._client.open(self._url, headers=headers, accept=_PARTIAL)
        with answer:
            self._via = None if answer.url == self._url else (answer.url, answer.within)
            if answer.status == 206:
                return self._part(answer, start, stop)
            if answer.status == 200:
                return self._all(answer)
            if answer.status == 416 and self._size < 0 and _NO_RANGE.fullmatch(_content_range(answer)):
                return self._nothing(answer)
            raise self._changed(f"is not the file that it was ({answer.status})")

    def _part(self, answer: Answer, start: int, stop: int) -> bytes:
        found = _RANGE.fullmatch(_content_range(answer))
        if found is None or answer.headers.get_content_type() == "multipart/byteranges":
            raise self._error(UncheckedCode.UNREADABLE, "answers with a range that it does not name")
        begin, end, size = (int(digits) for digits in found.groups())
        if begin != start or not start <= end < min(stop, size) or (answer.length not in (None, end - begin + 1)):
            raise self._error(UncheckedCode.UNREADABLE, f"answers with the range {begin}-{end}/{size}, unasked")
        self._settle(answer, size)
        with suppress(Exceeded):
            data = answer.read(end - begin + 1)
            if len(data) == end - begin + 1:
                return data
        raise self._error(UncheckedCode.UNREADABLE, "answers with more or fewer bytes than it says")

    def _all(self, answer: Answer) -> bytes:
        """Take a whole file from a server that gives no parts, if it is small; what is longer is not begun."""
        if self._size >= 0 and self._whole is None:
            raise self._changed("gave parts and now gives none")
        limit = self._limits.max_remote_unranged_bytes
        if answer.length is not None and answer.length > limit:
            raise self._error(
                UncheckedCode.LIMIT, f"is {answer.length} bytes long and not given in parts", _UNRANGED_HINT
            )
        try:
            data = answer.read(limit)
        except Exceeded:
            said = f"is over {limit} bytes long and not given in parts"
            raise self._error(UncheckedCode.LIMIT, said, _UNRANGED_HINT) from None
        self._take_whole(answer, data)
        return data

    def _nothing(self, answer: Answer) -> bytes:
        """Take an empty file: no range of it can be had."""
        if _content_range(answer) != "bytes */0":
            raise self._error(UncheckedCode.UNREADABLE, "refuses its own first bytes")
        self._take_whole(answer, b"")
        return b""

    def _take_whole(self, answer: Answer, data: bytes) -> None:
        self._pin, self._size, self._whole = Pin.of(answer.headers), len(data), data
        self._hash.update(data)
        self._hashed = len(data)  # pages of more than a byte: at least as many as there are

    def _settle(self, answer: Answer, size: int) -> None:
        """Take size and pin from the first answer; hold every later one against them."""
        pin = Pin.of(answer.headers)
        if self._size < 0:
            if not pin and answer.length != size:
                raise self._error(
                    UncheckedCode.UNREADABLE,
                    "bears neither a tag nor a date, so nothing says that two parts are of one file",
                    "fetch it with `hauberk intake`",
                )
            self._pin, self._size = pin, size
        elif pin != self._pin or size != self._size:
            raise self._changed("changed while it was read")

    def _changed(self, what: str) -> Unavailable:
        return self._error(UncheckedCode.CHANGED, what, "let its writer finish, then try again")

    def _error(self, code: UncheckedCode, what: str, hint: str = "") -> Unavailable:
        """Return the error to raise, and remember why."""
        self.trouble = code
        return Unavailable(f"{self._shown} {what}", hint)


def _content_range(answer: Answer) -> str:
    return answer.headers.get("Content-Range", "").strip()
