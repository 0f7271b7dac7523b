"""A seat belt for other people's code: their calls that unpickle go through the same tables as a scan.

Inside of `with seat_belt():`, or after `fasten()` for the rest of the process, the common doors are guarded:
`pickle.load`, `loads` and `Unpickler`, `joblib.load`, `torch.load`, `numpy.load` with pickles, `pandas.read_pickle`,
`dill.load`, and the `load_model` of Keras, by whatever name a module holds them. What is to be opened is read into
private memory once, examined there, and opened from there only if it is clean and complete.

A seat belt is no wall. Code that is already running can take it off, keep a door in a list or a class of its own, or
subclass `pickle.Unpickler`. It helps honest code that opens what it should not; a gate in front of the process is what
stops the rest.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import inspect
import io
import os
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.examine import examine
from hauberk.edge.private_copy import private_copy
from hauberk.edge.sources import read_file
from hauberk.enforce.doors import ALWAYS, DOORS, MODULES, Door, Held, guarded_class, replace
from hauberk.errors import Refused
from hauberk.finding import Outcome
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from inspect import BoundArguments
    from types import ModuleType

_inside = threading.local()
_held: list[Held] = []
_lock = threading.RLock()
_worn = 0


@contextmanager
def seat_belt() -> Iterator[None]:
    """Guard the doors inside of a `with` statement, in all threads of the process.

    Raises:
        Refused: by the guarded calls, for what is not clean and complete.
    """
    fasten()
    try:
        yield
    finally:
        _loosen()


def fasten() -> None:
    """Guard the doors until the process ends, also of modules that are imported later; for `sitecustomize`."""
    global _worn  # noqa: PLW0603 - one belt a process, counted under a lock
    with _lock:
        _worn += 1
        if _worn == 1:
            sys.meta_path.insert(0, _WATCH)
            for module in MODULES & sys.modules.keys():
                _guard(sys.modules[module])


def _loosen() -> None:
    global _worn  # noqa: PLW0603 - as above
    with _lock:
        _worn -= 1
        if not _worn:
            sys.meta_path.remove(_WATCH)
            while _held:
                _held.pop().put_back()


def _guard(module: ModuleType) -> None:
    with _lock:
        guards = {id(held.guard) for held in _held}
        for door in DOORS:
            original = getattr(module, door.name, None) if door.module == module.__name__ else None
            if original is not None and id(original) not in guards:
                _held.extend(replace(original, _guard_of(door, original)))


def _guard_of(door: Door, original: Any) -> Any:
    if door.is_class:
        name = f"{door.module}.{door.name}"
        return guarded_class(original, lambda file: _Loaded(file, name) if _worn and not _is_inside() else None)
    return _wrapped(door, original)


def _wrapped(door: Door, original: Callable[..., Any]) -> Callable[..., Any]:
    shape = inspect.signature(original)
    first = next(iter(shape.parameters))

    def guarded(*arguments: Any, **keywords: Any) -> Any:
        if not _worn or _is_inside():
            return original(*arguments, **keywords)
        given = shape.bind(*arguments, **keywords)
        if door.when and not given.arguments.get(door.when):
            return original(*arguments, **keywords)
        taken = _taken(given.arguments[first], takes_bytes=door.takes_bytes)
        _require_clean(taken.data, f"{door.module}.{door.name}")
        by_path = door.by_path == ALWAYS or bool(given.arguments.get(door.by_path))
        with _opening():
            return taken.open_with(original, given, first, by_path=by_path)

    guarded.__name__, guarded.__doc__ = door.name, original.__doc__
    return guarded


def _is_inside() -> bool:
    return getattr(_inside, "is", False)


@contextmanager
def _opening() -> Iterator[None]:
    """Let what was examined be opened by the doors behind the first, in this thread."""
    _inside.__dict__["is"] = True
    try:
        yield
    finally:
        _inside.__dict__["is"] = False


@dataclass(slots=True)
class _Taken:
    """The private copy of what is opened, and the file or path that it came from, where it was one."""

    data: bytes
    is_bytes: bool = False
    path: str = ""
    file: Any = None
    start: int = 0

    def open_with(self, original: Callable[..., Any], given: BoundArguments, first: str, *, by_path: bool) -> Any:
        """Call the door with the copy; leave the file where the door would have."""
        with ExitStack() as stack:
            copy: Any = self.data if self.is_bytes else io.BytesIO(self.data)
            if by_path and self.path:
                copy = stack.enter_context(private_copy(self.data, Path(self.path).name))
            given.arguments[first] = copy
            found = original(*given.args, **given.kwargs)
            if self.file is not None:
                self.file.seek(self.start + copy.tell())
            return found


class _Loaded(io.BytesIO):
    """What is left in a file, examined; `done` leaves the file where reading the copy has come to."""

    def __init__(self, file: Any, door: str) -> None:
        self._taken = _taken(file, takes_bytes=False)
        _require_clean(self._taken.data, door)
        super().__init__(self._taken.data)

    def done(self) -> None:
        """Leave the file where this copy was read to."""
        if self._taken.file is not None:
            self._taken.file.seek(self._taken.start + self.tell())


def _taken(source: Any, *, takes_bytes: bool) -> _Taken:
    most = DEFAULT_LIMITS.max_load_bytes
    if takes_bytes:
        return _Taken(bytes(source), is_bytes=True)
    if isinstance(source, str | os.PathLike):
        Path(source).stat()  # what is not there is told as the door would have told it
        return _Taken(read_file(source, limit=most), path=os.fsdecode(source))
    can_seek = getattr(source, "seekable", bool)()
    start = source.tell() if can_seek else 0
    data = source.read(most + 1)
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError("a file that is opened in binary mode is needed")
    if len(data) > most:
        raise Refused(f"a file of more than {most} bytes was to be opened", "see `hauberk scan`")
    return _Taken(bytes(data), file=source if can_seek else None, start=start)


def _require_clean(data: bytes, door: str) -> None:
    report = examine(BytesView(data), door).report
    if report.outcome is not Outcome.CLEAN:
        worst = report.findings[0]
        raise Refused(f"{door} was to open what is {report.outcome}: {worst.rule}: {worst.saw}", "see `hauberk scan`")
    if not report.complete:
        first = report.unchecked[0]
        raise Refused(
            f"{door} was to open what could not be checked: {first.code}: {first.detail}", "see `hauberk scan`"
        )


class _Watch(importlib.abc.MetaPathFinder):
    """Sees modules with doors being imported, and guards them once they are there."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that others find, with a loader that guards afterwards."""
        if fullname not in MODULES:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(fullname, path, target) if finder is not self else None
            if spec is not None and spec.loader is not None:
                spec.loader = _Guarding(spec.loader)
                return spec
        return None


class _Guarding(importlib.abc.Loader):
    """A loader that does what another one does, and guards the doors of what it has made."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Do what the other loader does."""
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        """Do what the other loader does, then guard."""
        self._loader.exec_module(module)
        _guard(module)


_WATCH: Final = _Watch()
