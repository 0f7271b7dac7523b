"""Tensors of a model, verified while they are loaded: each file is read once, and what was hashed is what is used.

The permit is for the digest of a tree, which binds the path and the SHA-256 of every file in it. So a list of them with
that digest needs nobody's word: it is the tree that the permit is for. Whatever is read is compared with the list when
it is read, and a file that changed since is refused then, whoever changed it and when.

At the begin: the names of all files are compared; the index, and each file that holds no tensors of it, is read,
compared and examined; of a shard its header is examined, so that what is wrong with the tree is known before anything
is opened. When a tensor is first asked for, its file is copied into private memory and hashed on the way, and from that
memory examined again, as what was seen at the begin may have been another file. Tensors are arrays over that memory.
"""

from __future__ import annotations

import hashlib
import os
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.examine import Examined, examine
from hauberk.checks.model.tree import judge_tree
from hauberk.digest import Digest, dir_hash
from hauberk.edge import clock
from hauberk.edge.files import read_whole
from hauberk.edge.hashing import Wanted, hash_tree, list_files
from hauberk.edge.private import Private, copy_private, is_free
from hauberk.edge.sources import open_file, open_in_tree, printable, require_whole
from hauberk.enforce.allowed import check_clean, check_permit
from hauberk.enforce.loaders.tensors import array_over
from hauberk.errors import HauberkError, Refused
from hauberk.formats.model.safetensors_index import SUFFIX, decode_index
from hauberk.formats.model.safetensors_places import Place, places
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    import mmap

    from hauberk.edge.sources import FileView, StrPath
    from hauberk.verdict import Permit

FORMAT: Final = "safetensors"
_CHANGED: Final = "the files changed since the verdict: scan, sign and decide again"
_SHOWN: Final = 3


def load_tensors(
    path: StrPath,
    *,
    permit: Permit,
    entry: str,
    files: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Mapping[str, Any]:
    """Return the tensors of an entry: of a file a dict of arrays, of an index a `Checkpoint`, which reads when asked.

    Args:
        path: the directory.
        permit: for the gate `load` and the digest of the tree.
        entry: the file, or the index.
        files: the SHA-256 of each file by its path, as an `artefact` statement has them. Without, all are hashed first.
        limits: `max_load_bytes` is the most of one file of tensors.

    Raises:
        Refused: the permit does not fit, a file is not that of the permit or not clean, or index and shards differ.
        Malformed: the index is none.
        Exceeded, Unavailable: as `hauberk.load`.
    """
    listed = _hashed(path, limits) if files is None else dict(files)
    check_permit(permit, dir_hash(listed.items()), clock.now())
    if entry not in listed:
        raise Refused(f"{printable(entry)} is no file of the model", "name one that is")
    tree = _Tree(path, listed, permit, limits)
    index = tree.checked(entry) if entry.endswith(SUFFIX) else None
    if index is None:
        tree.check({entry}, {})
        return _arrays(*tree.copied(entry))
    shard_of = _shards(entry, index, listed, limits)
    tree.check(set(shard_of.values()), {entry: index})
    return Checkpoint(tree, shard_of)


def load_tensor_file(path: StrPath, *, permit: Permit, limits: Limits = DEFAULT_LIMITS) -> dict[str, Any]:
    """Return the arrays of a model that is one file of tensors, by name; arguments and errors as `load_tensors`."""
    name = os.path.basename(os.fspath(path))  # noqa: PTH119 - a path, as given
    with open_file(path) as view:
        copy = copy_private(view, limits.max_load_bytes, printable(name))
    check_permit(permit, Digest("sha256", copy.sha256), clock.now())
    return _arrays(copy, _places(copy, name, limits))


class Checkpoint(Mapping[str, Any]):
    """The tensors of several files by their names, as NumPy arrays that cannot be written.

    The file of a tensor is read and verified when it is first asked for. It stays in memory as long as one of its
    arrays is held, and the file that was asked for last stays in any case; one that is needed again is read and
    verified again. Names are in the order of the files, so that going through all of them reads each once.

    Asking for a tensor raises `Refused` where its file is not that of the permit, is not clean, or holds other tensors
    than the index says, and where the permit ended, also if the file is in memory; arrays that were given out before
    stay. `Exceeded` and `Unavailable` as `hauberk.load`. Threads may ask at once: each file is read by the first of
    them.
    """

    def __init__(self, tree: _Tree, shard_of: Mapping[str, str]) -> None:
        order = {path: number for number, path in enumerate(sorted(set(shard_of.values()), key=str.encode))}
        self._shard_of = dict(sorted(shard_of.items(), key=lambda item: order[item[1]]))
        self._tree = tree
        self._locks = {path: threading.Lock() for path in order}
        self._places: dict[str, dict[str, Place]] = {}
        self._memories = _Memories()

    def __getitem__(self, name: str) -> Any:
        path = self._shard_of[name]
        self._tree.check_permit()
        with self._locks[path]:
            view = self._memories.view(path) or self._loaded(path)
        return array_over(view, self._places[path][name], name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shard_of)

    def __len__(self) -> int:
        return len(self._shard_of)

    def __contains__(self, name: object) -> bool:
        return name in self._shard_of  # that of `Mapping` would read the file

    def __repr__(self) -> str:
        return f"<Checkpoint of {len(self._shard_of)} tensors in {len(self._locks)} files>"

    def _loaded(self, path: str) -> memoryview:
        """Read a file, and return its bytes."""
        copy, there = self._tree.copied(path, self._memories.spare())
        self._check_index(path, there)
        self._places[path] = there
        return self._memories.keep(path, copy.memory)

    def _check_index(self, path: str, there: Mapping[str, Place]) -> None:
        """Refuse a file that does not hold exactly what the index says: two readers would see two models."""
        said = {name for name, shard in self._shard_of.items() if shard == path}
        if differs := sorted(said ^ there.keys()):
            shown = ", ".join(repr(name[:64]) for name in differs[:_SHOWN])
            raise Refused(
                f"{printable(path)} holds other tensors than the index says: {shown}",
                "write both again with the program that wrote them",
            )


class _Memories:
    """The memory of each file that somebody looks at, and the last one, which is used again when nobody does.

    Memory is written over only if at one moment there is no view of it, and none can be made any more.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: dict[str, weakref.ref[mmap.mmap]] = {}
        self._last: mmap.mmap | None = None

    def view(self, path: str) -> memoryview | None:
        """Return the bytes of a file that cannot be written, if its memory is still there."""
        with self._guard:
            held = self._held.get(path)
            memory = held() if held is not None else None
            if memory is None:
                return None
            self._last = memory
            return memoryview(memory).toreadonly()

    def keep(self, path: str, memory: mmap.mmap) -> memoryview:
        """Take the memory of a file, and return its bytes as `view` does."""
        with self._guard:
            self._held[path] = weakref.ref(memory)
            self._last = memory
            return memoryview(memory).toreadonly()

    def spare(self) -> mmap.mmap | None:
        """Let go of the last memory; return it if it may be written over."""
        with self._guard:
            memory, self._last = self._last, None
            if memory is None or not is_free(memory):
                return None
            self._held = {path: held for path, held in self._held.items() if held() is not memory}
            return memory


@dataclass(frozen=True, slots=True)
class _Tree:
    """A directory and the digests that its files must have."""

    path: StrPath
    listed: Mapping[str, str]
    permit: Permit
    limits: Limits

    def check_permit(self) -> None:
        """Refuse where the permit has ended."""
        check_permit(self.permit, self.permit.subject.digest, clock.now())

    def checked(self, name: str) -> bytes:
        """Return a file that is read as a whole, after it was compared."""
        with self._opened(name) as view:
            data = read_whole(view, self.limits.max_document_bytes, printable(name))
        self._compare(name, hashlib.sha256(data).hexdigest())
        return data

    def check(self, shards: set[str], known: Mapping[str, bytes]) -> None:
        """Refuse the tree unless it has the files of the list and no others, and each is clean and complete.

        Args:
            shards: whose contents are compared when they are copied.
            known: what was read already.
        """
        there, odd = list_files(self.path, limits=self.limits)
        require_whole(odd)
        if differs := sorted({file.path for file in there} ^ self.listed.keys()):
            shown = ", ".join(printable(name) for name in differs[:_SHOWN])
            raise Refused(f"the permit is for a tree with other files than there are now: {shown}", _CHANGED)
        examined = {file.path: self._examined(file.path, shards, known) for file in there}
        judged = judge_tree({name: found.report for name, found in examined.items()})
        for name, report in judged.items():
            check_clean(name, report)

    def copied(self, path: str, spare: mmap.mmap | None = None) -> tuple[Private, dict[str, Place]]:
        """Return a private copy of a file of tensors, if it is that of the permit and clean, and their places."""
        self.check_permit()
        with self._opened(path) as view:
            copy = copy_private(view, self.limits.max_load_bytes, printable(path), spare=spare)
        self._compare(path, copy.sha256)
        return copy, _places(copy, path, self.limits)

    def _examined(self, name: str, shards: set[str], known: Mapping[str, bytes]) -> Examined:
        if name in known:
            return examine(BytesView(known[name]), name, limits=self.limits, digest=False)
        with self._opened(name) as view:
            found = examine(view, name, limits=self.limits, digest=name not in shards)
            view.check_unchanged()
        if found.report.digest is not None:
            self._compare(name, found.report.digest.hex)
        return found

    def _opened(self, name: str) -> FileView:
        try:
            return open_in_tree(self.path, name)
        except HauberkError as error:
            raise Refused(f"{error.message}: it is not what the permit is for", _CHANGED) from None

    def _compare(self, name: str, sha256: str) -> None:
        if sha256 != self.listed[name]:
            raise Refused(
                f"the permit is for {printable(name)} with sha256:{self.listed[name]}, what is there now is "
                f"sha256:{sha256}",
                _CHANGED,
            )


def _places(copy: Private, name: str, limits: Limits) -> dict[str, Place]:
    """Return where the tensors of a private copy lie; raise `Refused` unless it is clean and complete."""
    inside = BytesView(copy.data.toreadonly())
    found = examine(inside, name, limits=limits, digest=False)  # it was hashed when it was copied
    check_clean(name, found.report)
    if found.report.format != FORMAT or found.names:
        raise Refused(f"{printable(name)} is {found.report.format}, not {FORMAT}", "name the file of the tensors")
    return places(inside, limits)


def _arrays(copy: Private, found: Mapping[str, Place]) -> dict[str, Any]:
    return {name: array_over(copy.data, place, name) for name, place in found.items()}


def _hashed(path: StrPath, limits: Limits) -> dict[str, str]:
    there, odd = list_files(path, limits=limits)
    require_whole(odd)
    files, odd = hash_tree(path, there, Wanted())
    require_whole(odd)
    return {file.path: file.digest for file in files}


def _shards(entry: str, index: bytes, listed: Mapping[str, str], limits: Limits) -> dict[str, str]:
    """Return the path in the tree of each tensor's file; the index names them from its own folder."""
    folder, slash, _ = entry.rpartition("/")
    found = {name: f"{folder}{slash}{file}" for name, file in decode_index(index, limits).items()}
    for path in sorted(set(found.values())):
        if path not in listed or not path.endswith(f".{FORMAT}"):
            raise Refused(
                f"{printable(entry)} names {printable(path)}, which is no file of tensors of this model",
                "write the index again with the program that wrote the model",
            )
    return found
