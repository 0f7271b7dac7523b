"""Archives that PyTorch reads by the names of their members: torch.save, TorchScript, torch.package.

Each is a zip whose members lie in one folder. `torch.save` has `data.pkl` and a storage for each key under `data/`.
TorchScript has more pickles, and source in its own language under `code/`; `torch.load` takes an archive for one as
soon as it holds `constants.pkl`. A package has pickles anywhere, storages under `.data/`, and Python source that is run
when something is loaded from it. The pickles are read with the loader that answers their persistent ids; a member that
is exactly the storage that one of them asks for is raw numbers; everything else is examined by its content.

Source: `torch/serialization.py`, `torch/package/`, `caffe2/serialize/inline_container.cc` of PyTorch 2.13. The reader
in C++ finds members whatever the case of their letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.formats.archive.oddity import printable
from hauberk.formats.archive.zip import ZipDescription, describe_directory, every_member, member_part, open_member
from hauberk.formats.model.pickle import description as pickle
from hauberk.formats.model.torch import script
from hauberk.formats.model.torch.code import CodeDescription
from hauberk.formats.model.torch.storages import name_keys, storages_of
from hauberk.formats.text import python
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hauberk.formats.archive.zip import Directory, Member
    from hauberk.formats.contents import Described, Part, Reader
    from hauberk.formats.model.pickle.description import PickleDescription
    from hauberk.view import View

TORCH: Final = "torch"
TORCHSCRIPT: Final = "torchscript"
MOST_MISMATCHES: Final = 64
EARLY_BYTES: Final = 64 << 20  # of packed members that are read before it is their turn, all together
MOST_LISTS: Final = 8
LISTED_BYTES: Final = 4 << 20
KEPT_OPCODES: Final = 1 << 20  # of all pickles together; what is over it is read again when it is its turn
_SAVED: Final = re.compile(r"[^/]+/data\.pkl", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"[^/]+/constants\.pkl", re.IGNORECASE)
_PACKAGE: Final = re.compile(r"[^/]+/\.data/extern_modules", re.IGNORECASE)
_OLD_SCRIPT: Final = re.compile(r"[^/]+/model\.json", re.IGNORECASE)
_CODE: Final = re.compile(r"[^/]+/code/.+\.py", re.IGNORECASE | re.DOTALL)
_MODULES: Final = re.compile(rb'"main_?module"|\\u', re.IGNORECASE)
_AT_ROOT: Final = re.compile(r"[^/]+/[^/]+\.pkl", re.IGNORECASE)
_ANYWHERE: Final = re.compile(r".*\.pkl", re.IGNORECASE | re.DOTALL)
_UNSAVED: Final = "traced_inputs"  # written without its storages, and read by nobody


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A storage that a pickle asks for and the archive does not have like that."""

    member: str
    offset: int
    saw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchDescription(CodeDescription):
    """An archive of PyTorch; `mismatches` are storages that are missing, or of another size, the first of them."""

    mismatches: tuple[Mismatch, ...] = ()


def is_torch(names: tuple[str, ...]) -> bool:
    """Say whether the names of members are those of an archive that PyTorch reads."""
    if any(mark.fullmatch(name) for name in names for mark in (_SAVED, _SCRIPT, _PACKAGE)):
        return True
    return any(map(_OLD_SCRIPT.fullmatch, names)) and any(map(_CODE.fullmatch, names))


def describe(directory: Directory, view: View, limits: Limits) -> ZipDescription:
    """Return what an archive of PyTorch holds. Raises nothing for what the bytes are.

    Raises:
        Unavailable: the view cannot be read.
    """
    names = directory.names
    package = any(map(_PACKAGE.fullmatch, names))
    scripted = any(map(_SCRIPT.fullmatch, names)) or _is_old_script(directory, view)
    if not (package or scripted or any(map(_SAVED.fullmatch, names))):
        return describe_directory(directory, every_member(view, directory))
    archive = _Archive(directory, view, limits, package=package, scripted=scripted)
    archive.read_pickles()
    parts = tuple(archive.parts())
    return TorchDescription(
        unchecked=directory.unchecked,
        parts=(*parts, *directory.extra),
        format="torch-package" if package else "torchscript" if scripted else "pytorch-zip",
        oddities=directory.oddities,
        members=directory.members,
        mismatches=tuple(archive.mismatches),
        sources=tuple(archive.sources),
    )


def _is_old_script(directory: Directory, view: View) -> bool:
    """Say whether an archive is TorchScript from before 1.4, which lists its modules in `model.json`."""
    room = _Room(EARLY_BYTES)
    found = [member for member in directory.members if _OLD_SCRIPT.fullmatch(member.name)]
    for member in found[:MOST_LISTS]:
        try:
            listed = open_member(view, member, room)
        except (Malformed, Exceeded):
            continue
        if _MODULES.search(listed.read_at(0, LISTED_BYTES)):
            return True
    return False


@dataclass(slots=True)
class _Archive:
    """One archive, and what its pickles ask for: the size of each storage by the name of its member."""

    directory: Directory
    view: View
    limits: Limits
    package: bool
    scripted: bool
    readers: dict[int, Reader] = field(default_factory=dict)
    storages: dict[str, int] = field(default_factory=dict)
    mismatches: list[Mismatch] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    room: _Room = field(default_factory=lambda: _Room(EARLY_BYTES))

    def read_pickles(self) -> None:
        """Read the pickles that a loader reads, for the storages that they name."""
        by_name: dict[str, Member] = {}
        for member in self.directory.members:
            by_name.setdefault(member.name, member)
        wanted = _ANYWHERE if self.package else _AT_ROOT if self.scripted else _SAVED
        kept, left = KEPT_OPCODES, self.limits.max_pickle_opcodes
        for place, member in enumerate(self.directory.members):
            if not wanted.fullmatch(member.name):
                continue
            self.readers[place] = self._read
            described = self._early(member, left) if left > 0 else None
            if described is not None:
                self._ask(member, described, by_name)
                left -= described.opcodes
                if described.opcodes <= kept:
                    kept -= described.opcodes
                    self.readers[place] = _Kept(described)

    def parts(self) -> Iterator[Part]:
        """Yield what is examined: all but folders and storages, the pickles as their loader reads them."""
        for place, member in enumerate(self.directory.members):
            if member.is_folder or self._is_storage(member):
                continue
            part = member_part(self.view, member)
            readers = [self.readers[place]] if place in self.readers else []
            for reader in (*readers, *self._source_readers(member.name)):
                yield replace(part, reader=reader)
                part = replace(part, name=f"{part.name} (again)")
            if part.name == printable(member.name):
                yield part

    def _source_readers(self, name: str) -> Iterator[Reader]:
        """Yield the readers of a member with code: source, as whoever runs it reads it, or compiled functions."""
        within = name.partition("/")[2].lower()
        if self.scripted and within == "bytecode.pkl":
            yield script.describe_bytecode
        if self.scripted and within.startswith("code/"):
            if within.endswith(".debug_pkl"):
                yield self._read
            elif within.endswith(".py"):
                yield script.describe
        if self.package and within.endswith(".py") and not within.startswith(".data/"):
            self.sources.append(printable(name))
            yield python.describe

    def _is_storage(self, member: Member) -> bool:
        return self.storages.get(member.name) == member.size and not member.is_link and not member.flags & 1

    def _read(self, view: View, limits: Limits = DEFAULT_LIMITS) -> PickleDescription:
        loader = TORCHSCRIPT if self.scripted and not self.package else TORCH
        described = replace(pickle.describe(view, limits), loader=loader)
        if self.package:
            name_keys(described)
        return described

    def _early(self, member: Member, opcodes: int) -> PickleDescription | None:
        """Read a pickle before it is its turn; None where it cannot be had, which is told when it is."""
        limits = replace(self.limits, max_pickle_opcodes=opcodes)
        try:
            return self._read(open_member(self.view, member, self.room), limits)
        except (Malformed, Exceeded):
            return None

    def _ask(self, member: Member, described: PickleDescription, by_name: dict[str, Member]) -> None:
        root, _, within = member.name.partition("/")
        stem = within[: -len(".pkl")]
        for storage in storages_of(described):
            places = (f"{stem}/{storage.key}", f"constants/{storage.key}", f".data/{storage.key}.storage")
            name = next((name for place in places if (name := f"{root}/{place}") in by_name), None)
            if stem == _UNSAVED:
                self.storages.setdefault(f"{root}/{places[0]}", 0)
            elif name is None:
                self._differs(member, storage.offset, f"asks for the storage {storage.key!r}, which is not there")
            elif by_name[name].size != storage.size:
                saw = f"asks for {storage.size} bytes of {name!r}, which has {by_name[name].size}"
                self._differs(member, storage.offset, saw)
            else:
                self.storages[name] = storage.size

    def _differs(self, member: Member, offset: int, saw: str) -> None:
        if len(self.mismatches) < MOST_MISMATCHES:
            self.mismatches.append(Mismatch(printable(member.name), offset, printable(saw)))


@dataclass(frozen=True, slots=True)
class _Kept:
    """The reader of a pickle that was read already."""

    described: PickleDescription

    def __call__(self, view: View, limits: Limits = DEFAULT_LIMITS) -> PickleDescription:  # noqa: ARG002
        return self.described


@dataclass(slots=True)
class _Room:
    """Room for `left` bytes of what is read before it is its turn; what is noticed then is noticed again later."""

    left: int

    def store(self, chunks: Iterable[bytes], packed: int) -> View:
        kept = bytearray()
        for chunk in chunks:
            kept += chunk
            self.left -= len(chunk)
            if self.left < 0:
                raise Exceeded(f"{packed} bytes unpack to more than there is room for")
        return BytesView(bytes(kept))

    def notice(self, described: Described) -> None:
        """Leave it for later."""
