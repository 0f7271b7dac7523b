"""Read a pickle into inert objects: lists, dicts, texts, numbers, and stand-ins that remember and do nothing.

No name of the file is looked up. Where the pickle asks for `os.system`, it gets a class of ours that is called
`os.system`, keeps what it is called with, and gives that back; where it asks for a numpy array, it gets the same kind
of thing. CPython's unpickler in Python does the rest, and all that it can call are these stand-ins and the methods of
plain containers. What would hash or copy without end is refused by who calls this, from the machine's description.

Source: `pickle._Unpickler` of CPython 3.11; joblib's `NumpyArrayWrapper`, whose bytes stand inline.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any, ClassVar

from hauberk.enforce.disarm.element import wrapped_bytes
from hauberk.enforce.disarm.stand import Asked, Stand, is_name, named
from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

_JOBLIB = "joblib.numpy_pickle.NumpyArrayWrapper"


class _Inert(pickle._Unpickler):  # noqa: SLF001 - the one in C has no hook at BUILD, where joblib's arrays follow
    dispatch: ClassVar[dict[int, Callable[..., None]]] = dict(pickle._Unpickler.dispatch)  # noqa: SLF001

    def __init__(self, file: io.BytesIO, names: dict[str, type[Stand]]) -> None:
        super().__init__(file)
        self._file = file
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in of a name, one for each."""
        return self._stand(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        """Return what the pickle asks its loader for; an old file of PyTorch asks so for the names of its classes."""
        if isinstance(pid, tuple) and len(pid) > 1 and pid[0] == "module" and is_name(pid[1]):
            return pid[1]
        return Asked(pid)

    def get_extension(self, code: int) -> None:
        """Put the stand-in of whatever `copyreg` might hold."""
        self.append(self._stand(f"copyreg extension {code}"))  # type: ignore[attr-defined]

    def load_build(self) -> None:
        """Do what BUILD does; where it filled in joblib's wrapper, take the array's bytes."""
        super().load_build()  # type: ignore[misc]
        target = self.stack[-1]  # type: ignore[attr-defined]
        if isinstance(target, Stand) and target.of == _JOBLIB and isinstance(target.state, dict):
            self._take(target)

    dispatch[pickle.BUILD[0]] = load_build

    def _take(self, wrapper: Stand) -> None:
        state = wrapper.state
        size = wrapped_bytes(state)
        if size < 0:  # objects: a pickle of its own follows
            wrapper.arguments = (_Inert(self._file, self._names).load(),)
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self._file.read((self._file.read(1) or b"\0")[0])
        wrapper.raw = self._file.read(size)
        if len(wrapper.raw) != size:
            raise Malformed(f"an array of {size} bytes, where {len(wrapper.raw)} are left")

    def _stand(self, name: str) -> type[Stand]:
        if name not in self._names:
            self._names[name] = named(name)
        return self._names[name]


def read(data: bytes, *, at: int = 0, most: int = 1) -> tuple[list[Any], int]:
    """Return the objects of up to `most` pickles from an offset on, and the offset behind the last.

    Raises:
        Malformed: not a pickle that CPython would read to its end.
    """
    file = io.BytesIO(data)
    file.seek(at)
    names: dict[str, type[Stand]] = {}
    try:
        found = [_Inert(file, names).load() for _ in range(most)]
    except Malformed:
        raise
    except Exception as error:  # noqa: BLE001 - an unpickler raises whatever it meets, and all of it means one thing
        detail = f"the pickle breaks: {type(error).__name__}: {error}"[:200]
        raise Malformed(detail, "see what a scan says of it") from None
    return found, file.tell()
