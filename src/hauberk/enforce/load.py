"""Open a model: the only place where Hauberk deserialises anything.

The bytes are copied once into private memory. That copy is hashed (the permit must be for this digest), described by
the machine and judged, and then given to an unpickler that resolves no name which the machine did not report and the
tables did not call safe. Nothing between the three steps reads the file again, so a file swapped in between changes
nothing.

`load` opens if and only if the format has a loader, the outcome of every file is clean and complete, and the permit
fits.
Sources: pickle in the Python library reference, "Restricting Globals"; joblib's `NumpyArrayWrapper` for inline arrays.
"""

from __future__ import annotations

import importlib
import io
import json
import pickle
import zipfile
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from hauberk.checks.model.examine import Examined, examine
from hauberk.checks.model.unpacked import Unpacked
from hauberk.edge import clock
from hauberk.edge.sources import Snapshot, snapshot
from hauberk.errors import Exceeded, Malformed, Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.finding import Outcome
from hauberk.formats.archive import streams
from hauberk.formats.sniff import sniff
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.view import BytesView

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from hauberk.formats.archive.streams import Packing
    from hauberk.verdict import Permit

GATE = "load"
_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_TORCH_RENAMED = {"torch.tensor": "torch._tensor"}  # torch/serialization.py, load_module_mapping
_NUMPY_TYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "F16": "<f2", "U32": "<u4", "I32": "<i4",
    "F32": "<f4", "U64": "<u8", "I64": "<i8", "F64": "<f8", "C64": "<c8",
}  # fmt: skip


def load(
    path: str | os.PathLike[str],
    *,
    permit: Permit,
    entry: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> object:
    """Return the object that a model's entry holds.

    Args:
        path: the model: a directory, or a single file.
        permit: for the gate `load` and the digest of exactly these bytes; see `Verdict.require`.
        entry: the file in the directory that is opened; where only one file has a loader it need not be given.
        limits: `max_load_bytes` is the most that is copied.

    Raises:
        Refused: the permit is for another gate or digest or has ended, or what is in the files may not be opened.
        Exceeded: more than `max_load_bytes`.
        Unavailable: a file cannot be read, or a library that the model needs is not installed.
    """
    return load_snapshot(snapshot(path, limits=limits), permit=permit, entry=entry, limits=limits)


def load_snapshot(
    copy: Snapshot, *, permit: Permit, entry: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> object:
    """Return the object that the entry of a private copy holds; see `load`."""
    _check_permit(permit, copy, clock.now())
    examined = {name: examine(BytesView(data), name, limits=limits) for name, data in copy.files.items()}
    for name, found in examined.items():
        _check_clean(name, found)
    chosen = _choose(examined, entry)
    found = examined[chosen]
    return _LOADERS[found.report.format](copy.files[chosen], found.names)


def _check_permit(permit: Permit | None, copy: Snapshot, now: int) -> None:
    if permit is None:  # the `permit` of a verdict that denies
        raise Refused("there is no permit", "pass `verdict.require()`, which says why there is none")
    if permit.gate != GATE:
        raise Refused(f"the permit is for the gate {permit.gate}, not for {GATE}", "ask the gate `load`")
    if permit.subject.digest != copy.digest:
        raise Refused(
            f"the permit is for {permit.subject.digest}, what is there now is {copy.digest}",
            "the files changed since the verdict: scan, sign and decide again",
        )
    if now > permit.not_after:
        raise Refused(f"the permit ended at {format_instant(permit.not_after)}", "ask the gate again")


def _check_clean(name: str, found: Examined) -> None:
    report = found.report
    if report.outcome is not Outcome.CLEAN:
        worst = report.findings[0]
        raise Refused(f"{name} is {report.outcome}: {worst.rule}: {worst.saw}", f"see `hauberk scan` for {name}")
    if not report.complete:
        first = report.unchecked[0]
        raise Refused(f"{name} could not be checked: {first.code}: {first.detail}", f"see `hauberk scan` for {name}")


def _choose(examined: Mapping[str, Examined], entry: str | None) -> str:
    loadable = sorted(name for name, found in examined.items() if found.report.format in _LOADERS)
    if entry is None and len(loadable) == 1:
        return loadable[0]
    if entry in loadable:
        return entry
    formats = ", ".join(sorted(_LOADERS))
    if entry is not None:
        raise Refused(f"{entry} is not a file with a loader in this model", f"there are loaders for {formats}")
    seen = ", ".join(loadable) or "none"
    raise Refused(
        f"which file to open? Files with a loader: {seen}", f"give entry=...; there are loaders for {formats}"
    )


class _Strict(pickle.Unpickler):
    """An unpickler that resolves the names it was given, and no others."""

    def __init__(self, file: io.BytesIO, names: frozenset[tuple[str, str]]) -> None:
        super().__init__(file)
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for, or refuse it."""
        return _resolve(super().find_class, self._names, module, name)

    def persistent_load(self, _: object) -> NoReturn:
        """Refuse: the machine reports such a pickle, so none gets here."""
        raise Refused("the pickle asks for a persistent object", "scan it again")


class _ArrayWrapper:
    """Stands where joblib's wrapper stood: BUILD fills it in, the array's bytes follow inline."""

    shape: tuple[int, ...]
    order: str
    dtype: Any
    numpy_array_alignment_bytes: int | None = None


class _StrictJoblib(pickle._Unpickler):  # noqa: SLF001 - the C unpickler has no hook at BUILD, where arrays follow
    """The strict unpickler for joblib's files: the same names, and array bytes read where they stand."""

    dispatch: ClassVar[dict[int, Callable[..., None]]] = dict(pickle._Unpickler.dispatch)  # noqa: SLF001

    def __init__(self, file: io.BytesIO, names: frozenset[tuple[str, str]]) -> None:
        super().__init__(file)
        self._file = file
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for, or refuse it."""
        if (module, name) == _WRAPPER and _WRAPPER in self._names:
            return _ArrayWrapper
        return _resolve(super().find_class, self._names, module, name)

    def persistent_load(self, _: object) -> NoReturn:
        """Refuse: the machine reports such a pickle, so none gets here."""
        raise Refused("the pickle asks for a persistent object", "scan it again")

    def load_build(self) -> None:
        """Do what BUILD does; where it filled in a wrapper, put the array in its place."""
        super().load_build()  # type: ignore[misc]
        stack = self.stack  # type: ignore[attr-defined]
        if isinstance(stack[-1], _ArrayWrapper):
            stack[-1] = self._array(stack[-1])

    dispatch[pickle.BUILD[0]] = load_build

    def _array(self, wrapper: _ArrayWrapper) -> object:
        import numpy as np  # noqa: PLC0415 - only models with arrays need it

        if wrapper.dtype.hasobject:  # a plain pickle, as for joblib and the machine: no arrays inside of it
            return _Strict(self._file, self._names).load()
        if wrapper.numpy_array_alignment_bytes is not None:
            self._file.read(self._file.read(1)[0])
        count = 1
        for length in wrapper.shape:
            count *= int(length)
        data = self._file.read(count * wrapper.dtype.itemsize)
        flat = np.frombuffer(
            bytearray(data), dtype=wrapper.dtype, count=count
        )  # a bytearray, so that it can be written
        return flat.reshape(wrapper.shape[::-1]).transpose() if wrapper.order == "F" else flat.reshape(wrapper.shape)


def _resolve(find: Callable[[str, str], Any], names: frozenset[tuple[str, str]], module: str, name: str) -> Any:
    if (module, name) not in names:
        raise Refused(f"the pickle asks for {module}.{name}, which was not reported when it was scanned")
    try:
        return find(module, name)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise Unavailable(f"the model needs {package}, which is not installed", f"pip install {package}") from None
    except AttributeError:
        raise Unavailable(
            f"the installed {module} has no {name}", "install the versions of the model's lock file"
        ) from None


def _load_pickle(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Choose as the machine did: only a stream that names joblib's wrapper has arrays between its instructions."""
    unpickler = _StrictJoblib if _WRAPPER in names else _Strict
    return _opened(lambda: unpickler(io.BytesIO(data), names).load())


def _load_numpy(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    numpy = _imported("numpy")
    return _opened(lambda: _array(numpy, data, names))


def _array(numpy: Any, data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return the array of an `.npy` file; objects in it are unpickled by the names that were reported."""
    form, file = numpy.lib.format, io.BytesIO(data)
    read_header = {1: form.read_array_header_1_0, 2: form.read_array_header_2_0}.get(form.read_magic(file)[0])
    shape, _, dtype = read_header(file) if read_header else (None, None, numpy.dtype("u1"))
    if not dtype.hasobject:
        return numpy.load(io.BytesIO(data), allow_pickle=False)
    found = _Strict(file, names).load()
    if type(found) is not numpy.ndarray:
        raise Malformed("an array of objects that is no array")
    return found.reshape(shape)


class _TorchPickle:
    """What `torch.load` takes in the place of the module `pickle`: an unpickler that resolves the names given here.

    It derives a class from `Unpickler`, with hooks of its own for storages, and calls `load` for the parts of old files
    that have none. Names that PyTorch maps to newer ones before it asks are given as both.
    """

    def __init__(self, names: frozenset[tuple[str, str]]) -> None:
        known = names | {(_TORCH_RENAMED.get(module, module), name) for module, name in names}

        class Unpickler(pickle.Unpickler):
            def find_class(self, module: str, name: str) -> Any:
                return _resolve(super().find_class, known, module, name)

        self.Unpickler = Unpickler
        self.__name__ = __name__  # which PyTorch compares with that of a package it knows

    def load(self, file: io.BytesIO, **options: Any) -> object:
        """Return what the next pickle of a file holds."""
        return self.Unpickler(file, **options).load()


def _load_torch(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Let PyTorch put its tensors together, on the CPU, with no name but those that were reported."""
    torch = _imported("torch")
    return _opened(
        lambda: torch.load(
            io.BytesIO(data), map_location="cpu", pickle_module=_TorchPickle(names), weights_only=False, mmap=False
        )
    )


def _load_safetensors(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return a dict of NumPy arrays; what was examined covers the file exactly, so offsets are taken as they are."""
    if names:
        raise Refused("the file holds a pickle as well", "scan it again")
    numpy = _imported("numpy")
    start = 8 + int.from_bytes(data[:8], "little")
    arrays = {}
    for name, tensor in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        if tensor["dtype"] not in _NUMPY_TYPES:
            raise Unavailable(
                f"NumPy has no type {tensor['dtype']}, which the tensor {name!r} has", "open it with safetensors.torch"
            )
        begin, end = tensor["data_offsets"]
        flat = numpy.frombuffer(bytearray(data[start + begin : start + end]), dtype=_NUMPY_TYPES[tensor["dtype"]])
        arrays[name] = flat.reshape(tensor["shape"])
    return arrays


def _imported(package: str) -> Any:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError:
        raise Unavailable(f"the model needs {package}, which is not installed", f"pip install {package}") from None


def _load_npz(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return a dict of arrays: all are read now, where `numpy.load` reads each when it is asked for."""
    numpy = _imported("numpy")
    return _opened(lambda: _arrays(numpy, data, names))


def _arrays(numpy: Any, data: bytes, names: frozenset[tuple[str, str]]) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return {name.removesuffix(".npy"): _array(numpy, member, names) for name, member in members.items()}


def _load_packed(packing: Packing, data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Unpack as the scan did, and load what is inside, as joblib does."""
    room = Unpacked(replace(DEFAULT_LIMITS, max_unpacked_bytes=DEFAULT_LIMITS.max_load_bytes))
    view = streams.unpacked(BytesView(data), packing, room)
    if room.noticed():
        raise Exceeded(f"more than {DEFAULT_LIMITS.max_load_bytes} bytes when it is unpacked", "unpack it first")
    inner = sniff(view).name
    if inner not in ("pickle", "joblib"):
        raise Refused(f"what is packed with {packing.name} is {inner}, for which there is no loader", "unpack it first")
    return _load_pickle(view.read_at(0, view.size), names)


def _opened(read: Callable[[], object]) -> object:
    """Run a loader; whatever the classes of other people raise while they are rebuilt is one error of ours."""
    try:
        return read()
    except (Refused, Unavailable):
        raise
    except Exception as error:
        raise Malformed(
            f"the model cannot be rebuilt: {type(error).__name__}: {error}",
            "install the versions of the model's lock file",
        ) from error


_LOADERS: Mapping[str, Callable[[bytes, frozenset[tuple[str, str]]], object]] = {
    "pickle": _load_pickle,
    "joblib": _load_pickle,
    "npy": _load_numpy,
    "pytorch-zip": _load_torch,
    "pytorch-legacy": _load_torch,
    "safetensors": _load_safetensors,
    "npz": _load_npz,
    **{name: partial(_load_packed, streams.PACKINGS[name]) for name in ("zlib", "gzip", "bzip2", "xz", "lzma", "lz4")},
}
