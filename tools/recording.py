"""Loads a pickle for real and writes down which names it uses and how; the tables' rows and their proofs come from it.

`Recorder` is CPython's own Python unpickler with a witness at each instruction that imports, calls, builds or extends.
It refuses names outside of a given set. `Ear` hears audit events (PEP 578) while a pickle is loaded, its values hashed,
compared and dropped; the import of the modules that the pickle names is not heard, since what a module does when it is
imported is the module's, not the pickle's.
"""

from __future__ import annotations

import codecs
import gc
import importlib
import io
import pickle
import sys
import zipfile
import zoneinfo
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from joblib.numpy_pickle import NumpyUnpickler

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
from hauberk.callables.arguments.scipy import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    Name = tuple[str, str]

# Looking at an object without changing it, as the witness does, and making an array. Nothing else is quiet but what
# `_is_zone` and `_is_native` tell.
QUIET = frozenset({"builtins.id", "object.__getattr__", "array.__new__"})
# Names of releases that are gone, and what a loader takes for them: those of pandas.compat.pickle_compat.
RENAMED = {
    **dict.fromkeys(
        (("pandas.core.indexes.numeric", f"{kind}Index") for kind in ("Int64", "UInt64", "Float64")),
        ("pandas.core.indexes.base", "Index"),
    ),
    ("pandas.core.internals.blocks", "new_block"): ("pandas._libs.internals", "_unpickle_block"),
    ("pandas._libs.tslibs.nattype", "__nat_unpickle"): ("pandas._libs.tslibs.nattype", "_nat_unpickle"),
    ("pandas.core.arrays.sparse.dtype", "SparseDtype"): ("pandas.core.dtypes.dtypes", "SparseDtype"),
}
for _codec in ("raw-unicode-escape", "latin1", "ascii", "utf-8"):
    codecs.lookup(_codec)  # codecs are imported when they are first used, and that would be heard


@dataclass(frozen=True, slots=True)
class State:
    """A real pickle: what it is of, its bytes, and whether joblib or `torch.save` wrote it."""

    label: str
    data: bytes
    joblib: bool = False
    torch: bool = False


def _is_zone(event: str, arguments: tuple[object, ...]) -> bool:
    """Say whether a file of the system's time zones is opened, which is all that the name of a zone is for."""
    path = arguments[0] if event == "open" and arguments else None
    return isinstance(path, str) and (
        any(path.startswith(f"{place}/") for place in zoneinfo.TZPATH) or "/pytz/zoneinfo/" in path
    )


def _is_native(event: str, arguments: tuple[object, ...]) -> bool:
    """Say whether XGBoost hands the bytes of a model to its own parser."""
    if event == "ctypes.dlsym":
        return "/libxgboost." in repr(arguments[0]) and str(arguments[1]).startswith("XGBooster")
    return event in ("ctypes.cdata", "ctypes.cdata/buffer")


def _is_template(event: str, arguments: tuple[object, ...]) -> bool:
    """Say whether SciPy compiles the template of a distribution, which the rule compares letter by letter."""
    source = arguments[0] if event == "compile" else None
    return isinstance(source, bytes) and TEMPLATE.fullmatch(source.decode()) is not None


class Ear:
    """Collects audit events while it listens. An audit hook cannot be removed, so one a process is enough."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._listening = False
        self._compiled = False  # whether the last event was the compilation of a template that the tables allow
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._listening and event not in QUIET:
            self._listening = False  # describing the arguments may itself raise events
            template, self._compiled = self._compiled, _is_template(event, arguments)
            allowed = self._compiled or (template and event == "exec")
            if not allowed and not _is_zone(event, arguments) and not _is_native(event, arguments):
                self.heard.append(f"{event} {arguments!r}"[:200])
            self._listening = True

    @contextmanager
    def listening(self, *, on: bool = True) -> Iterator[None]:
        """Listen, or not, until the block ends."""
        before, self._listening = self._listening, on
        try:
            yield
        finally:
            self._listening = before


class Recorder:
    """The witness: mixed in before an unpickler that is written in Python."""

    def __init__(
        self, file: io.BytesIO, makes: Mapping[Name, str], closure: AbstractSet[Name] | None, ear: Ear | None
    ) -> None:
        if isinstance(self, NumpyUnpickler):
            super().__init__("", file, ensure_native_byte_order=False)  # type: ignore[call-arg]
        else:
            super().__init__(file)  # type: ignore[call-arg]
        self.seen: set[tuple[str, str, str]] = set()
        self.kept: list[object] = []
        self._makes, self._closure, self._ear = makes, closure, ear
        self._names: dict[int, Name] = {}
        self._made: dict[int, Name] = {}

    def find_class(self, module: str, name: str) -> object:
        """Resolve a name as CPython does, if the closure has it; the import itself is not heard."""
        if self.proto < 3:  # type: ignore[attr-defined]
            if (module, name) in NAME_MAPPING:
                module, name = NAME_MAPPING[module, name]
            else:
                module = IMPORT_MAPPING.get(module, module)
        if self._closure is not None and (module, name) not in self._closure:
            raise pickle.UnpicklingError(f"{module}.{name} is in no table")
        with self._ear.listening(on=False) if self._ear else nullcontext():
            found = self._found(*RENAMED.get((module, name), (module, name)))
        self.seen.add((module, name, "import"))
        self._names[id(found)] = (module, name)
        self.kept.append(found)
        return found

    def _found(self, module: str, name: str) -> object:
        found: object = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        return self._unheard(found) if (module, name) == ("torch.storage", "_load_from_bytes") else found

    def _unheard(self, load: Any) -> Callable[[bytes], object]:
        """Do not listen to how a file in bytes is loaded: it is examined by itself."""

        def quiet(data: bytes) -> object:
            with self._ear.listening(on=False) if self._ear else nullcontext():
                return load(data)

        return quiet

    def _saw(self, value: object, use: str) -> None:
        name = self._names.get(id(value)) or self._made.get(id(value))
        if name is None:
            raise pickle.UnpicklingError(f"{use} of {type(value)}, which no name in the stream made")
        self.seen.add((*name, use))

    def _product(self, function: object, arguments: tuple[object, ...]) -> None:
        value = self.stack[-1]  # type: ignore[attr-defined]
        name = self._names[id(function)]
        if name == ("builtins", "getattr"):
            self._reached(*arguments)
        makes = self._makes.get(name, "")
        if makes == "0":
            name = self._names[id(arguments[0])]
        elif makes:
            module, _, rest = makes.partition(":")
            name = (module, rest)
        self._made[id(value)] = name
        self.kept.append(value)

    def _reached(self, cls: object, attribute: str) -> None:
        """Take what `getattr` gave for the import of its dotted name."""
        if id(cls) in self._made:
            return  # a method of a value of the stream, which is kept and not called
        if id(cls) not in self._names:
            raise pickle.UnpicklingError(f"getattr of {type(cls)}, which is no name in the stream")
        module, name = self._names[id(cls)]
        dotted = (module, f"{name}.{attribute}")
        if self._closure is not None and dotted not in self._closure:
            raise pickle.UnpicklingError(f"{'.'.join(dotted)} is in no table")
        self.seen.add((*dotted, "import"))
        self._names[id(self.stack[-1])] = dotted  # type: ignore[attr-defined]


def _recording(base: type) -> type:
    """Return an unpickler with the witness at each instruction that does something."""
    dispatch: dict[int, Callable[[Any], None]] = dict(base.dispatch)  # type: ignore[attr-defined]

    def calling(opcode: bytes, use: str, depth: int) -> None:
        original = dispatch[opcode[0]]

        def load(self: Any) -> None:
            function, arguments = self.stack[-depth], self.stack[1 - depth]
            self._saw(function, use)
            original(self)
            self._product(function, arguments)

        dispatch[opcode[0]] = load

    def changing(opcode: bytes, use: str, target: Callable[[Any], object]) -> None:
        original = dispatch[opcode[0]]

        def load(self: Any) -> None:
            if type(target(self)) not in (list, dict, set):
                self._saw(target(self), use)
            original(self)
            if use == "build" and type(self.stack[-1]).__module__ == "numpy":
                self._made.setdefault(id(self.stack[-1]), ("numpy", "ndarray"))  # joblib put an array there
                self.kept.append(self.stack[-1])

        dispatch[opcode[0]] = load

    calling(pickle.REDUCE, "call", 2)
    calling(pickle.NEWOBJ, "new", 2)
    calling(pickle.NEWOBJ_EX, "new", 3)
    changing(pickle.BUILD, "build", lambda self: self.stack[-2])
    changing(pickle.APPEND, "extend", lambda self: self.stack[-2])
    changing(pickle.SETITEM, "extend", lambda self: self.stack[-3])
    for opcode in (pickle.APPENDS, pickle.SETITEMS, pickle.ADDITEMS):
        changing(opcode, "extend", lambda self: self.metastack[-1][-1])
    return type(f"Recording{base.__name__}", (Recorder, base), {"dispatch": dispatch})


class TorchUnpickler(pickle._Unpickler):  # type: ignore[name-defined,misc] # noqa: SLF001
    """Reads the pickle of a file by `torch.save`, and gives a storage for each of its persistent ids, as it does."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined] # noqa: SLF001

    def __init__(self, file: io.BytesIO) -> None:
        archive = zipfile.ZipFile(file)
        self.members = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
        self.storages: dict[str, object] = {}
        super().__init__(io.BytesIO(self.members["data.pkl"]))

    def persistent_load(self, identity: tuple[Any, ...]) -> object:
        """Return a storage."""
        ear = self._ear  # type: ignore[attr-defined]
        with ear.listening(on=False) if ear else nullcontext():
            return self._storage(*identity[1:4])

    def _storage(self, kind: Any, key: str, _location: str) -> object:
        import torch  # noqa: PLC0415 - only where it is installed

        if key not in self.storages:
            data = bytearray(self.members[f"data/{key}"])
            untyped = torch.frombuffer(data, dtype=torch.uint8).untyped_storage() if data else torch.UntypedStorage(0)
            dtype = torch.uint8 if kind is torch.UntypedStorage else kind.dtype
            self.storages[key] = torch.storage.TypedStorage(wrap_storage=untyped, dtype=dtype, _internal=True)
        return self.storages[key]


_PICKLE = _recording(pickle._Unpickler)  # type: ignore[attr-defined] # noqa: SLF001
_JOBLIB = _recording(NumpyUnpickler)
_TORCH = _recording(TorchUnpickler)


def record(
    state: State, makes: Mapping[Name, str], closure: AbstractSet[Name] | None = None, ear: Ear | None = None
) -> set[tuple[str, str, str]]:
    """Load a state and return each (module, name, use) that it made; with an ear, hash, compare and drop it as well."""
    recorder = (_TORCH if state.torch else _JOBLIB if state.joblib else _PICKLE)(
        io.BytesIO(state.data), makes, closure, ear
    )
    if ear is None:
        recorder.load()
        return recorder.seen
    with ear.listening():
        recorder.load()
        for value in recorder.kept:
            with suppress(TypeError, ValueError, AttributeError, RuntimeError):
                hash(value)
                bool(value == value)  # noqa: PLR0124
    seen = recorder.seen
    with ear.listening():
        del recorder
        gc.collect(0)
    return seen
