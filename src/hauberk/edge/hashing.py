"""Hashes the files of a model as an OMS bundle lists them: whole or in shards, many at a time.

Large files are read by as many threads as there are processors: `pread` and the hash functions let the others run. A
small one is hashed where it is found, which costs less than to hand it over. A file must not change from before its
first byte was read until after its last.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from hauberk.digest import Digest, dir_hash
from hauberk.edge.extras import require_extra
from hauberk.edge.files import open_file
from hauberk.edge.walk import Descent, Odd, list_tree, unread_code
from hauberk.errors import Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature.manifest import WHOLE_FILES, Hashing, HashType
from hauberk.view import UncheckedCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future, ThreadPoolExecutor
    from typing import Self

    from hauberk.edge.files import FileView, StrPath
    from hauberk.edge.hash_cache import HashCache, State

_PIECE = 1 << 20
_SMALL = 1 << 20  # what is larger goes to a thread
_WAITING = 64  # files that are open at a time


class Hasher(Protocol):
    """What `hashlib` makes."""

    def update(self, data: memoryview, /) -> object:
        """Hash more bytes."""
        ...

    def hexdigest(self) -> str:
        """Return the digest."""
        ...


class Listed(NamedTuple):
    """A regular file of a tree, seen and not opened."""

    path: str
    size: int
    seen: os.stat_result


class HashedFile(NamedTuple):
    """A file that was read.

    Attributes:
        path: relative, with `/`.
        size: in bytes.
        mode: its permission bits.
        digest: the hex digests of its spans, one after the other.
        sha256: of all of it, where it was asked for.
    """

    path: str
    size: int
    mode: int
    digest: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is computed of each file: the digests of a manifest, and the SHA-256 that identifies it everywhere else."""

    hashing: Hashing = WHOLE_FILES
    identify: bool = True
    cache: HashCache | None = None


def list_files(
    path: StrPath, *, limits: Limits = DEFAULT_LIMITS, exclude: frozenset[str] = frozenset()
) -> tuple[list[Listed], list[Odd]]:
    """Return the files of a tree in the order of a walk, and what is odd in it; arguments as `walk_tree`."""
    files: list[Listed] = []
    odd: list[Odd] = []
    for found in list_tree(path, limits=limits, exclude=exclude):
        if isinstance(found, Odd):
            odd.append(found)
        else:
            files.append(Listed(found[0], found[1].st_size, found[1]))
    return files, odd


def hash_tree(path: StrPath, files: Iterable[Listed], wanted: Wanted) -> tuple[list[HashedFile], list[Odd]]:
    """Return the hashes of files of a tree, and those that could not be read or changed meanwhile."""
    with Descent(path) as descent, _Crew(wanted) as crew:
        for file in files:
            if crew.recall(file.path, file.seen, f"{os.fspath(path)}/{file.path}"):
                continue
            found = descent.open(file.path)
            if isinstance(found, Odd):
                crew.odd.append(found)
            elif found.size != file.size:
                found.close()
                crew.odd.append(Odd(file.path, UncheckedCode.CHANGED, "its size changed meanwhile"))
            else:
                crew.take(file.path, found)
        return crew.finish()


def hash_one(path: StrPath, wanted: Wanted) -> HashedFile:
    """Return the hashes of one file that a person named; raise `Unavailable` as `open_file` and where it changed."""
    name = os.path.basename(os.fspath(path))  # noqa: PTH119 - a path, as given
    with _Crew(wanted, strict=True) as crew:
        view = open_file(path)
        if crew.recall(name, view.seen, path):
            view.close()
        else:
            crew.take(name, view)
        return crew.finish()[0][0]


def identity(files: Iterable[HashedFile]) -> Digest | None:
    """Return the dirHash of files, or None where their SHA-256 was not asked for."""
    pairs = [(file.path, file.sha256) for file in files]
    known = [(path, digest) for path, digest in pairs if digest is not None]
    return dir_hash(known) if len(known) == len(pairs) else None


def processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _hasher(hash_type: HashType) -> Callable[..., Hasher]:
    """Return what makes a hasher; raise `Unavailable` where its package is not installed."""
    if hash_type is HashType.SHA256:
        return hashlib.sha256
    if hash_type is HashType.BLAKE2B:
        return hashlib.blake2b
    require_extra("blake3", "blake3")
    from blake3 import blake3  # noqa: PLC0415 - an extra

    return blake3


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file whose hashing was handed out; the view is closed when all of it is there."""

    path: str
    view: FileView
    states: tuple[State, ...]
    spans: tuple[Future[str], ...]
    whole: Future[str] | None


class _Crew:
    """Hashes files as they come; `strict` raises what is wrong with one, instead of listing it as odd."""

    def __init__(self, wanted: Wanted, *, strict: bool = False) -> None:
        self._wanted = wanted
        self._strict = strict
        self._make = _hasher(wanted.hashing.hash_type)
        self._apart = wanted.identify and not wanted.hashing.identifies
        self._pool: ThreadPoolExecutor | None = None
        self._begun: deque[_Begun] = deque()
        self._files: list[HashedFile] = []
        self.odd: list[Odd] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for begun in self._begun:
            begun.view.close()

    def recall(self, path: str, seen: os.stat_result, whole_path: StrPath) -> bool:
        """Take a file's digests from the cache, if there is one and all of them are there."""
        cache = self._wanted.cache
        return cache is not None and self._found(path, seen, cache, cache.state(seen, os.fspath(whole_path)))

    def _found(self, path: str, seen: os.stat_result, cache: HashCache, state: State | None) -> bool:
        """Take the digests that are kept under a state of a file, if all of them are there."""
        if state is None:
            return False
        hashing = self._wanted.hashing
        spans = [cache.find(state, start, end, hashing.hash_type) for start, end in hashing.spans(state.size)]
        whole = cache.find(state, 0, state.size, HashType.SHA256) if self._apart else None
        if None in spans or (self._apart and whole is None):
            return False
        cache.hits += 1
        digest = "".join(span for span in spans if span is not None)
        sha256 = digest if hashing.identifies else whole
        self._files.append(HashedFile(path, state.size, stat.S_IMODE(seen.st_mode), digest, sha256))
        return True

    def take(self, path: str, view: FileView) -> None:
        """Hash an open file now, or let it be hashed; it is closed here."""
        cache = self._wanted.cache
        if cache is not None and self._found(path, view.seen, cache, cache.sealed(view)):
            view.close()
            return
        if view.size > _SMALL:
            self._begin(path, view)
            return
        states = cache.settle(view) if cache is not None else ()
        with view:
            try:
                data = view.read_at(0, view.size)
                view.check_unchanged()
            except Unavailable as error:
                self._fail(path, view, error)
                return
        hashing = self._wanted.hashing
        if hashing.shard_size is None:
            digest = self._make(data).hexdigest()
        else:
            digest = "".join(self._make(data[start:end]).hexdigest() for start, end in hashing.spans(len(data)))
        self._keep(path, view, states, digest, hashlib.sha256(data).hexdigest() if self._apart else None)

    def finish(self) -> tuple[list[HashedFile], list[Odd]]:
        """Wait for all that was begun; return the files in the order of the bytes of their paths."""
        while self._begun:
            self._end_first()
        return sorted(self._files, key=lambda file: file.path.encode()), self.odd

    def _begin(self, path: str, view: FileView) -> None:
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - it loads `logging`, for large files only

            self._pool = ThreadPoolExecutor(processors())
        submit = self._pool.submit
        cache = self._wanted.cache
        states = cache.settle(view) if cache is not None else ()
        spans = tuple(
            submit(_hash_span, view, self._make, start, end) for start, end in self._wanted.hashing.spans(view.size)
        )
        whole = submit(_hash_span, view, hashlib.sha256, 0, view.size) if self._apart else None
        self._begun.append(_Begun(path, view, states, spans, whole))
        if len(self._begun) >= _WAITING:
            self._end_first()

    def _end_first(self) -> None:
        begun = self._begun[0]
        try:
            digest = "".join(span.result() for span in begun.spans)
            whole = begun.whole.result() if begun.whole is not None else None
            begun.view.check_unchanged()
        except Unavailable as error:
            self._fail(begun.path, begun.view, error)
        else:
            self._keep(begun.path, begun.view, begun.states, digest, whole)
        self._begun.popleft().view.close()

    def _keep(self, path: str, view: FileView, states: tuple[State, ...], digest: str, sha256: str | None) -> None:
        cache, hashing = self._wanted.cache, self._wanted.hashing
        if cache is not None and states:
            digits = hashing.hash_type.digits
            for number, (start, end) in enumerate(hashing.spans(view.size)):
                cache.keep(states, start, end, hashing.hash_type, digest[digits * number : digits * (number + 1)])
            if sha256 is not None:
                cache.keep(states, 0, view.size, HashType.SHA256, sha256)
        if self._wanted.hashing.identifies:
            sha256 = digest
        self._files.append(HashedFile(path, view.size, view.mode, digest, sha256))

    def _fail(self, path: str, view: FileView, error: Unavailable) -> None:
        if self._strict:
            raise error
        self.odd.append(Odd(path, unread_code(view), error.message))


def _hash_span(view: FileView, make: Callable[[], Hasher], start: int, end: int) -> str:
    """Return the digest of a run of bytes; read into memory that is used again, which is half of the cost."""
    hasher = make()
    room = memoryview(bytearray(min(_PIECE, end - start)))
    for offset in range(start, end, _PIECE):
        count = view.read_into(room[: min(_PIECE, end - offset)], offset)
        hasher.update(room[:count])
    return hasher.hexdigest()
