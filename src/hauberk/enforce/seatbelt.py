"""A seat belt for other people's code: their calls that unpickle go through the same tables as a scan.

Inside of `with seat_belt():`, or after `fasten()` for the rest of the process, the common doors are guarded:
`pickle.load` and `loads`, `joblib.load`, `torch.load`, `numpy.load` with pickles, `pandas.read_pickle`, and the
`load_model` of Keras. What is to be opened is read into private memory once, examined there, and opened from there only
if it is clean and complete.

A seat belt is no wall. Code that is already running can take it off, keep a door that it imported before, or subclass
`pickle.Unpickler`. It helps honest code that opens what it should not; a gate in front of the process is what stops the
rest.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import io
import os
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hauberk.checks.model.examine import examine
from hauberk.edge.sources import read_file
from hauberk.errors import Refused
from hauberk.finding import Outcome
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    Door = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Guarded:
    """A door: the module and name that others call; whether its first argument is bytes; when it unpickles."""

    module: str
    name: str
    takes_bytes: bool = False
    when: str = ""


DOORS: Final = (
    _Guarded("pickle", "load"),
    _Guarded("pickle", "loads", takes_bytes=True),
    _Guarded("joblib", "load"),
    _Guarded("torch", "load"),
    _Guarded("numpy", "load", when="allow_pickle"),
    _Guarded("pandas", "read_pickle"),
    _Guarded("keras.saving", "load_model"),
    _Guarded("keras.models", "load_model"),
)
_inside = threading.local()
_held: list[tuple[ModuleType, str, Door]] = []
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
            for module in {door.module for door in DOORS} & sys.modules.keys():
                _guard(sys.modules[module])


def _loosen() -> None:
    global _worn  # noqa: PLW0603 - as above
    with _lock:
        _worn -= 1
        if not _worn:
            sys.meta_path.remove(_WATCH)
            while _held:
                module, name, door = _held.pop()
                setattr(module, name, door)


def _guard(module: ModuleType) -> None:
    with _lock:
        for door in DOORS:
            if door.module != module.__name__ or any(held[:2] == (module, door.name) for held in _held):
                continue
            original = getattr(module, door.name, None)
            if original is not None:
                _held.append((module, door.name, original))
                setattr(module, door.name, _wrapped(door, original))


def _wrapped(door: _Guarded, original: Door) -> Door:
    def guarded(source: Any, *arguments: Any, **keywords: Any) -> Any:
        if getattr(_inside, "is", False) or (door.when and not keywords.get(door.when)):
            return original(source, *arguments, **keywords)
        taken = _taken(source, takes_bytes=door.takes_bytes)
        _require_clean(taken.data, f"{door.module}.{door.name}")
        _inside.__dict__["is"] = True
        try:
            return taken.open_with(original, arguments, keywords)
        finally:
            _inside.__dict__["is"] = False

    guarded.__name__, guarded.__doc__ = door.name, original.__doc__
    return guarded


@dataclass(slots=True)
class _Taken:
    """The private copy of what is opened, and the file that it came from, where it was one."""

    data: bytes
    is_bytes: bool
    file: Any = None
    start: int = 0

    def open_with(self, original: Door, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call the door with the copy; leave the file where the door would have."""
        if self.is_bytes:
            return original(self.data, *arguments, **keywords)
        copy = io.BytesIO(self.data)
        found = original(copy, *arguments, **keywords)
        if self.file is not None:
            self.file.seek(self.start + copy.tell())
        return found


def _taken(source: Any, *, takes_bytes: bool) -> _Taken:
    if takes_bytes:
        return _Taken(bytes(source), is_bytes=True)
    if isinstance(source, str | os.PathLike):
        return _Taken(read_file(source, limit=DEFAULT_LIMITS.max_load_bytes), is_bytes=False)
    seekable = source.seekable()
    start = source.tell() if seekable else 0
    return _Taken(source.read(), is_bytes=False, file=source if seekable else None, start=start)


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
        if fullname not in {door.module for door in DOORS}:
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
