"""Arrays of NumPy, and the variables of MATLAB files."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from hauberk.enforce.loaders.attempt import imported, opened
from hauberk.enforce.loaders.strict import Strict
from hauberk.errors import Malformed


def load_npy(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return the array of an `.npy` file."""
    numpy = imported("numpy")
    return opened(lambda: _array(numpy, data, names))


def load_npz(data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return a dict of arrays: all are read now, where `numpy.load` reads each when it is asked for."""
    numpy = imported("numpy")
    return opened(lambda: _arrays(numpy, data, names))


def load_matlab(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return a dict of variables, as SciPy reads them; it builds arrays and calls nothing that a file names."""
    scipy = imported("scipy.io", "scipy")
    return opened(lambda: scipy.loadmat(io.BytesIO(data)))


def _array(numpy: Any, data: bytes, names: frozenset[tuple[str, str]]) -> object:
    """Return the array of an `.npy` file; objects in it are unpickled by the names that were reported."""
    form, file = numpy.lib.format, io.BytesIO(data)
    read_header = {1: form.read_array_header_1_0, 2: form.read_array_header_2_0}.get(form.read_magic(file)[0])
    shape, _, dtype = read_header(file) if read_header else (None, None, numpy.dtype("u1"))
    if not dtype.hasobject:
        return numpy.load(io.BytesIO(data), allow_pickle=False)
    found = Strict(file, names).load()
    if type(found) is not numpy.ndarray:
        raise Malformed("an array of objects that is no array")
    return found.reshape(shape)


def _arrays(numpy: Any, data: bytes, names: frozenset[tuple[str, str]]) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return {name.removesuffix(".npy"): _array(numpy, member, names) for name, member in members.items()}
