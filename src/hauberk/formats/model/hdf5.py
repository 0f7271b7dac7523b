"""HDF5 files: their objects are walked, what they name elsewhere is told, and texts that a program acts on are parts.

Keras keeps a model's configuration in attributes of the root and its weights in datasets. The numbers of datasets are
where the file says; no loader executes them, and they are not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.formats.contents import Described, Part
from hauberk.formats.model import keras_config
from hauberk.formats.model.pickle import description
from hauberk.formats.model.pickle.opcodes import BY_CODE
from hauberk.formats.wire import hdf5, hdf5_dense
from hauberk.formats.wire.hdf5 import Attribute, Cursor, Hdf5, HeaderMessage, Link
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import RangeView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.view import View

CONFIGURATIONS: Final = frozenset({"model_config", "training_config", "layer_config", "config"})
VIRTUAL: Final = 3
_MOST_ELSEWHERE: Final = 1000


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something that an HDF5 file takes from another file: how, which, and where it says so."""

    how: str
    path: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdf5Description(Described):
    """What an HDF5 file names elsewhere."""

    elsewhere: tuple[Elsewhere, ...] = ()


def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Hdf5Description:
    """Return what an HDF5 file names elsewhere, with its texts that programs act on. Raises nothing for the bytes.

    Raises:
        Unavailable: the view cannot be read.
    """
    walk = _Walk(view)
    try:
        walk.file(Hdf5(view, limits))
    except (Malformed, Exceeded) as error:
        walk.broken(error, None)
    return Hdf5Description(
        unchecked=tuple(walk.unchecked),
        parts=tuple(walk.parts),
        format="keras-hdf5" if walk.keras else "hdf5",
        elsewhere=tuple(walk.elsewhere),
    )


class _Walk:
    """One walk through a file."""

    def __init__(self, view: View) -> None:
        self.unchecked: list[Unchecked] = []
        self.parts: list[Part] = []
        self.elsewhere: list[Elsewhere] = []
        self.keras = False
        self._view = view

    def file(self, file: Hdf5) -> None:
        """Walk every object that can be reached from the root."""
        start = hdf5.superblock_at(self._view) or 0
        if start:
            self._user_block(start)
        if file.end > self._view.size:
            self._note(
                UncheckedCode.MALFORMED, f"a file of {file.end} bytes, of which {self._view.size} are here", None
            )
        elif file.end < self._view.size:
            behind = RangeView(self._view, max(0, file.end), self._view.size - max(0, file.end))
            self.parts.append(Part("behind the end", lambda _room: behind, behind.start))
        if file.driver:
            self._note(UncheckedCode.FORMAT_NOT_READ, "a file driver that spreads the file over others", None)
        waiting, done = [("/", file.root)], {file.root}
        while waiting:
            path, address = waiting.pop()
            try:
                for link in self._object(file, path, address):
                    if link.address not in done:
                        done.add(link.address)
                        waiting.append((f"{path}{link.name}/"[-256:], link.address))
            except Malformed as error:
                at = file.base + address
                self.broken(error, at if at < self._view.size else None)

    def _user_block(self, length: int) -> None:
        """Before the superblock anything may stand: nothing, as a rule, or the words that MATLAB writes there."""
        head = self._view.read_at(0, min(length, 1 << 20))
        if head.strip(b"\x00") and not (length == 512 and head.startswith(b"MATLAB 7.3 MAT-file")):
            block = RangeView(self._view, 0, length)
            self.parts.append(Part("user block", lambda _room: block, 0))

    def broken(self, error: Malformed | Exceeded, offset: int | None) -> None:
        """Note why something could not be followed."""
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
        self._note(code, error.message, offset)

    def _note(self, code: UncheckedCode, detail: str, offset: int | None) -> None:
        if len(self.unchecked) < _MOST_ELSEWHERE:
            self.unchecked.append(Unchecked(code, detail, Location(offset=offset)))

    def _object(self, file: Hdf5, path: str, address: int) -> list[Link]:
        """Look at one object; return its hard links."""
        links: list[Link] = []
        attributes: list[Attribute] = []
        for message in file.messages(address):
            if message.kind in _ACTED_ON and message.flags & hdf5.SHARED:
                self._note(UncheckedCode.FORMAT_NOT_READ, "a message of HDF5 that is shared", message.offset)
            elif message.kind == hdf5.SYMBOL_TABLE:
                links += file.symbols(message)
            elif message.kind == hdf5.LINK:
                links.append(file.link(message.body, message.offset))
            elif message.kind == hdf5.LINK_INFO:
                links += [file.link(body, at) for body, at in self._dense(file, message, 8)]
            elif message.kind == hdf5.ATTRIBUTE:
                attributes.append(file.attribute(message.body, message.offset))
            elif message.kind == hdf5.ATTRIBUTE_INFO:
                attributes += [file.attribute(body, at) for body, at in self._dense(file, message, 2)]
            elif message.kind in (hdf5.EXTERNAL_FILES, hdf5.LAYOUT):
                self._dataset(file, message)
        self._attributes(path, attributes)
        for link in links:
            if link.kind == hdf5.EXTERNAL:
                self._apart(f"the link {path}{link.name}", link.target, link.offset)
            elif link.kind not in (hdf5.HARD, hdf5.SOFT):
                self._note(UncheckedCode.FORMAT_NOT_READ, f"a link of kind {link.kind}", link.offset)
        return [link for link in links if link.kind == hdf5.HARD]

    def _dense(self, file: Hdf5, message: HeaderMessage, index_size: int) -> Iterator[tuple[bytes, int]]:
        """Yield the messages that a link info or an attribute info says are in a heap."""
        body = Cursor(message.body, 1)
        flags = body.number(1)
        body.take(index_size if flags & 1 else 0)
        heap, tree = body.number(file.wide), body.number(file.wide)
        if heap != file.undefined:
            yield from hdf5_dense.dense(file, heap, tree)

    def _dataset(self, file: Hdf5, message: HeaderMessage) -> None:
        if message.kind == hdf5.EXTERNAL_FILES:
            for name in file.external_files(message):
                self._apart("the data of a dataset", name, message.offset)
        elif len(message.body) > 1 and message.body[0] >= VIRTUAL and message.body[1] == VIRTUAL:
            self._apart("the data of a virtual dataset", "other files", message.offset)

    def _apart(self, how: str, path: str, offset: int) -> None:
        if len(self.elsewhere) < _MOST_ELSEWHERE:
            self.elsewhere.append(Elsewhere(how, path, offset))

    def _attributes(self, path: str, attributes: list[Attribute]) -> None:
        """Make parts of what a program acts on: Keras's configurations, and the pickles that PyTables keeps."""
        for attribute in attributes:
            if attribute.name in CONFIGURATIONS and path == "/":
                self.keras |= attribute.name == "model_config"
                if attribute.size is None:
                    self._note(UncheckedCode.MALFORMED, f"{attribute.name} that is no text", attribute.start)
            if attribute.size is None:
                continue
            start, size = attribute.start, attribute.size
            last = self._view.read_at(start + max(0, size - 8), min(8, size)).rstrip(b"\x00")
            if attribute.name in CONFIGURATIONS and size:
                size = self._length(start, size)
                self._part(path + attribute.name, start, size, text=True)
            elif last.endswith(b".") and self._view.read_at(start, 1)[0] in BY_CODE:
                self._part(path + attribute.name, start, size, text=False)
        names = {attribute.name for attribute in attributes}
        if "PSEUDOATOM" in names:
            self._note(UncheckedCode.FORMAT_NOT_READ, f"{path[:128]} is an array of pickled objects (PyTables)", None)

    def _length(self, start: int, size: int) -> int:
        """Return the length of a text of fixed width without what fills it."""
        return len(self._view.read_at(start, size).rstrip(b"\x00 ")) if size <= _LONGEST_TEXT else size

    def _part(self, name: str, start: int, size: int, *, text: bool) -> None:
        view = RangeView(self._view, start, size)
        reader = keras_config.describe_text if text else None
        if text or description.describe(view).effects:
            self.parts.append(Part(name, lambda _room: view, start, reader))


_LONGEST_TEXT: Final = 64 << 20
_ACTED_ON: Final = frozenset(
    {
        hdf5.SYMBOL_TABLE,
        hdf5.LINK,
        hdf5.LINK_INFO,
        hdf5.ATTRIBUTE,
        hdf5.ATTRIBUTE_INFO,
        hdf5.EXTERNAL_FILES,
        hdf5.LAYOUT,
    }
)
