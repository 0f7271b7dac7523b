"""The tensors of a model by name, whatever file they lie in. Nothing of the file is executed.

Of safetensors, each tensor is read when it is its turn. Of a pickle, a joblib file, an `.npz` or a PyTorch archive, the
file is read as a whole, within `max_load_bytes`.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.unpacked import Unpacked
from hauberk.digest import Digest
from hauberk.edge.sources import TOO_LONG_TO_LOAD, hash_view, open_file, printable, read_file
from hauberk.enforce.disarm.contents import open_inert
from hauberk.enforce.disarm.walk import walk
from hauberk.errors import HauberkError, Misconfigured, Unavailable
from hauberk.formats.archive.zip import open_member, read_directory
from hauberk.formats.model.numpy import read_header
from hauberk.formats.model.safetensors_places import Place, places
from hauberk.formats.sniff import sniff
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.edge.sources import FileView, StrPath
    from hauberk.limits import Limits
    from hauberk.view import View

_NPY: Final = {"<f2": "F16", "<f4": "F32", "<f8": "F64"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor that can be read: its type as safetensors names it, its shape, and a call that returns its bytes."""

    dtype: str
    shape: tuple[int, ...]
    read: Callable[[], bytes | memoryview]


@dataclass(frozen=True, slots=True)
class Tensors:
    """The tensors of a file by name, the digest of the file, and what is in it besides that is no tensor of numbers."""

    digest: Digest
    by_name: dict[str, Stored]
    left: dict[str, str]


@contextmanager
def open_tensors(path: StrPath, limits: Limits) -> Iterator[Tensors]:
    """Give the tensors of a model's file for as long as the block runs.

    Raises:
        Unavailable: the file cannot be read, is not understood, or changed while it was read.
        Misconfigured: its format holds no tensors that are read here.
        Exceeded: a file that is read as a whole, and is larger than the limits.
    """
    with open_file(path) as view:
        with _naming(path):
            kind = sniff(view).name
            yielded = _ranged(view, limits) if kind == "safetensors" else _whole(path, kind, limits)
        yield yielded
        view.check_unchanged()


@contextmanager
def _naming(path: StrPath) -> Iterator[None]:
    """Turn what a file is refused for into an answer that names it: it could not be compared."""
    try:
        yield
    except Misconfigured:
        raise Misconfigured(f"{printable(path)} holds no tensors that are read here", "see docs/weights.md") from None
    except HauberkError as error:
        raise Unavailable(f"{printable(path)}: {error.message}", error.hint) from None


def _ranged(view: FileView, limits: Limits) -> Tensors:
    def stored(place: Place) -> Stored:
        return Stored(place.dtype, place.shape, lambda: view.read_at(place.start, place.size))

    return Tensors(hash_view(view), {name: stored(place) for name, place in places(view, limits).items()}, {})


def _whole(path: StrPath, kind: str, limits: Limits) -> Tensors:
    data = read_file(path, limit=limits.max_load_bytes, hint=TOO_LONG_TO_LOAD)
    digest = Digest("sha256", hashlib.sha256(data).hexdigest())
    view = BytesView(data)
    if _is_npz(view, kind, limits):
        return Tensors(digest, *_arrays(view, limits))
    opened = open_inert(data, limits)
    contents = walk(opened.root, opened.storage)
    found = {name: _held(one.dtype, one.shape, one.data) for name, one in contents.tensors.items()}
    return Tensors(digest, found, contents.left)


def _held(dtype: str, shape: tuple[int, ...], data: bytes | memoryview) -> Stored:
    return Stored(dtype, shape, lambda: data)


def _is_npz(view: View, kind: str, limits: Limits) -> bool:
    names = read_directory(view, limits).names if kind in ("zip", "npz") else ()
    return bool(names) and all(name.endswith(".npy") for name in names)


def _arrays(view: View, limits: Limits) -> tuple[dict[str, Stored], dict[str, str]]:
    """Return the arrays of an `.npz` file, and those that are not read, with why."""
    directory = read_directory(view, limits)
    for note in directory.unchecked:
        raise Unavailable(note.detail, "see what `hauberk scan` says of it")
    for oddity in directory.oddities:
        raise Unavailable(oddity.saw, "see what `hauberk scan` says of it")
    room = Unpacked(limits)
    found: dict[str, Stored] = {}
    left: dict[str, str] = {}
    for member in directory.members:
        inner = open_member(view, member, room)
        header = read_header(inner)
        name = member.name.removesuffix(".npy")
        data = inner.read_at(header.end, inner.size)
        if header.code not in _NPY or (header.fortran and len(header.shape) > 1):
            left[name] = f"an array of {header.code or 'records'}, or one that lies in columns"
        elif len(data) != header.count * header.element.size:
            raise Unavailable(f"the array {name[:64]!r} has {len(data)} bytes", "get the file again")
        else:
            found[name] = _held(_NPY[header.code], header.shape, data)
    return found, left


def open_array(path: StrPath, most: int) -> Stored:
    """Return the one array of an `.npy` file of at most `most` bytes.

    Raises:
        Unavailable: it cannot be read, is larger, or is no array of floats in C order.
    """
    with _naming(path):
        view = BytesView(read_file(path, limit=most))
        header = read_header(view)
        data = view.read_at(header.end, view.size)
        if header.code not in _NPY or header.fortran or len(data) != header.count * header.element.size:
            raise Unavailable("not an array of floats in C order", "write it with numpy.save")
        return _held(_NPY[header.code], header.shape, data)
