"""Unpicklers that resolve the names which the scan reported, and no others.

Sources: pickle in the Python library reference, "Restricting Globals"; joblib's `NumpyArrayWrapper` for inline arrays.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from hauberk.enforce.loaders.attempt import opened
from hauberk.errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")


class Strict(pickle.Unpickler):
    """An unpickler that resolves the names it was given, and no others."""

    def __init__(self, file: io.BytesIO, names: frozenset[tuple[str, str]]) -> None:
        super().__init__(file)
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name stands for, or refuse it."""
        return resolve(super().find_class, self._names, module, name)

    def persistent_load(self, _: object) -> NoReturn:
        """Refuse: the machine reports such a pickle, so none gets here."""
        raise Refused("the pickle asks for a persistent object", "scan it again")


class _ArrayWrapper:
    """Stands where joblib's wrapper stood: BUILD fills it in, the array's bytes follow inline."""

    shape: tuple[int, ...]
    order: str
    dtype: Any
    numpy_array_alignment_bytes: int | None = None


class StrictJoblib(pickle._Unpickler):  # noqa: SLF001 - the C unpickler has no hook at BUILD, where arrays follow
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
        return resolve(super().find_class, self._names, module, name)

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
            return Strict(self._file, self._names).load()
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


def resolve(find: Callable[[str, str], Any], names: frozenset[tuple[str, str]], module: str, name: str) -> Any:
    """Return what a name stands for, or refuse it where it was not reported.

    Raises:
        Refused: the name is not among `names`.
        Unavailable: the package is not installed, or not in the version that has the name.
    """
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


def load_pickle(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Choose as the machine did: only a stream that names joblib's wrapper has arrays between its instructions."""
    unpickler = StrictJoblib if _WRAPPER in names else Strict
    return opened(lambda: unpickler(io.BytesIO(data), names).load())
