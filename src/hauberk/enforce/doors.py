"""The doors that the seat belt guards, and every other name by which a process knows them.

`from pickle import load`, `torch.serialization.load` and `_pickle.loads` are names of the same functions. A guard goes
to all of them that a module holds at its top, and comes off all of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

ALWAYS: Final = "*"
_OURS: Final = "hauberk"


@dataclass(frozen=True, slots=True)
class Door:
    """A door: the module and name that others call it by.

    Attributes:
        takes_bytes: whether its first argument is the bytes themselves.
        when: the argument without which it unpickles nothing; empty: it always may.
        by_path: the argument with which it insists on a path, or `ALWAYS`; empty: any file does.
        is_class: whether it is a class whose `load` is the door.
    """

    module: str
    name: str
    takes_bytes: bool = False
    when: str = ""
    by_path: str = ""
    is_class: bool = False


DOORS: Final = (
    Door("pickle", "load"),
    Door("pickle", "loads", takes_bytes=True),
    Door("pickle", "_load"),
    Door("pickle", "_loads", takes_bytes=True),
    Door("pickle", "Unpickler", is_class=True),
    Door("dill", "load"),
    Door("dill", "loads", takes_bytes=True),
    Door("joblib", "load", by_path="mmap_mode"),
    Door("torch", "load", by_path="mmap"),
    Door("numpy", "load", when="allow_pickle", by_path="mmap_mode"),
    Door("pandas", "read_pickle", by_path=ALWAYS),  # tells from the name how a file is packed
    Door("keras.saving", "load_model", by_path=ALWAYS),
    Door("keras.models", "load_model", by_path=ALWAYS),
)
MODULES: Final = frozenset(door.module for door in DOORS)


@dataclass(frozen=True, slots=True)
class Held:
    """A name of a module that was made to mean a guard, and what it meant before."""

    names: dict[str, Any]
    name: str
    guard: Any
    original: Any

    def put_back(self) -> None:
        """Let the name mean what it meant, unless somebody else has changed it since."""
        if self.names.get(self.name) is self.guard:
            self.names[self.name] = self.original


def replace(original: Any, guard: Any) -> list[Held]:
    """Put a guard where any module but ours holds the original at its top; return what was held."""
    found = []
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if not isinstance(names, dict) or str(names.get("__name__", "")).partition(".")[0] == _OURS:
            continue
        for name, value in list(names.items()):
            if value is original:
                names[name] = guard
                found.append(Held(names, name, guard, original))
    return found


def guarded_class(original: Any, check: Callable[[Any], Any]) -> type:
    """Return a class like `pickle.Unpickler` that looks at what it is to load, where it is used itself.

    A class that derives from it decides itself what it loads, so that it stays as it was.

    Args:
        original: `pickle.Unpickler`.
        check: takes a file; returns a private copy of what is left in it that may be loaded, with a method `done`; None
            where nobody is to look.
    """

    class Unpickler(original):  # type: ignore[misc]
        __doc__ = original.__doc__

        def __init__(self, file: Any, *arguments: Any, **keywords: Any) -> None:
            self._relay = _Relay(file) if type(self) is Unpickler else None
            super().__init__(self._relay or file, *arguments, **keywords)

        def load(self) -> Any:
            if self._relay is None:
                return super().load()
            outer = self._relay.file
            taken = check(outer)
            if taken is None:
                return super().load()
            self._relay.file = taken
            try:
                return super().load()
            finally:
                self._relay.file = outer
                taken.done()

    Unpickler.__qualname__, Unpickler.__module__ = "Unpickler", original.__module__
    return Unpickler


class _Relay:
    """A file that reads from another one, which can be exchanged."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def read(self, size: int = -1) -> Any:
        """Return what the file of now reads."""
        return self.file.read(size)

    def readline(self) -> Any:
        """Return the line that the file of now reads."""
        return self.file.readline()
