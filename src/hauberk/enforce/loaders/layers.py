"""Keras, HDF5 and Flax.

Keras imports what a configuration names. The scan calls only names of Keras itself clean, and code in a Lambda layer
is a finding; the safe mode of Keras is on as well. Nothing is compiled: an optimizer and losses are names more.
"""

from __future__ import annotations

import io

from hauberk.enforce.loaders.attempt import imported, opened


def load_keras(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return the model of a `.keras` file."""
    keras = imported("keras.src.saving.saving_lib", "keras")
    return opened(lambda: keras.load_model(io.BytesIO(data), compile=False, safe_mode=True))


def load_hdf5(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return an `h5py.File` over the bytes; links to other files are findings of the scan."""
    h5py = imported("h5py")
    return opened(lambda: h5py.File(io.BytesIO(data), "r"))


def load_keras_hdf5(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return the model of an HDF5 file of Keras, or the `h5py.File` where it holds weights alone."""
    h5py = imported("h5py")

    def read() -> object:
        file = h5py.File(io.BytesIO(data), "r")
        if "model_config" not in file.attrs:
            return file
        legacy = imported("keras.src.legacy.saving.legacy_h5_format", "keras")
        return legacy.load_model_from_hdf5(file, compile=False, safe_mode=True)

    return opened(read)


def load_flax(data: bytes, _: frozenset[tuple[str, str]]) -> object:
    """Return a tree of arrays."""
    flax = imported("flax.serialization", "flax")
    return opened(lambda: flax.msgpack_restore(data))
