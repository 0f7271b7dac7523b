"""The readers of the sniffing table, each imported when the first file of its format is met.

Most scans meet a few formats. A module with its records and expressions costs a millisecond, and there are sixty of
them: without this page a tiny file would wait for all.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from hauberk.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hauberk.formats.contents import Described, Reader
    from hauberk.formats.model.graph_files import GraphFile
    from hauberk.view import View

# The rows of `formats.model.graph_files`, in its order.
GRAPHS: Final = (
    "onnx",
    "coreml",
    "tensorflow-meta-graph",
    "tensorflow-saved-model",
    "tensorflow-graph",
    "paddle-program",
    "paddle-parameters",
    "sentencepiece",
    "openvino-ir",
    "keras-metadata",
    "tensorflow-checkpoint-index",
    "tensorflow-fingerprint",
    "flax-msgpack",
    "hdf5-user-block",
)


def npy(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read an array of NumPy."""
    from hauberk.formats.model import numpy

    return numpy.describe(view, limits)


def zip_file(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a zip file by the layout of its members."""
    from hauberk.formats import layouts

    return layouts.describe(view, limits)


def sevenzip(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a 7z archive."""
    from hauberk.formats.archive import sevenzip

    return sevenzip.describe(view, limits)


def tar(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a tar archive."""
    from hauberk.formats.model.torch import served

    return served.describe_tar(view, limits)


def hdf5(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read an HDF5 file."""
    from hauberk.formats.model import hdf5

    return hdf5.describe(view, limits)


def gguf(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a GGUF file."""
    from hauberk.formats.model import gguf

    return gguf.describe(view, limits)


def catboost(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a model of CatBoost."""
    from hauberk.formats.model import catboost

    return catboost.describe(view, limits)


def rds(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read objects of R."""
    from hauberk.formats.model import rds

    return rds.describe(view, limits)


def ubjson(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read UBJSON, as XGBoost writes it."""
    from hauberk.formats.model import ubjson

    return ubjson.describe(view, limits)


def tflite(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a TensorFlow Lite model."""
    from hauberk.formats.model import tflite

    return tflite.describe(view, limits)


def safetensors(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a safetensors file."""
    from hauberk.formats.model import safetensors

    return safetensors.describe(view, limits)


def executorch(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read an ExecuTorch program."""
    from hauberk.formats.model.torch import flat

    return flat.describe_executorch(view, limits)


def executorch_data(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read the tensors of an ExecuTorch program that lie in a file of their own."""
    from hauberk.formats.model.torch import flat

    return flat.describe_executorch_data(view, limits)


def mobile(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read TorchScript for phones."""
    from hauberk.formats.model.torch import flat

    return flat.describe_mobile(view, limits)


def legacy(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a checkpoint of PyTorch before 1.6."""
    from hauberk.formats.model.torch import legacy

    return legacy.describe(view, limits)


def text(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a text."""
    from hauberk.formats import texts

    return texts.describe(view, limits)


def xgboost_binary(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read XGBoost's old binary format."""
    from hauberk.formats.model import xgboost_binary

    return xgboost_binary.describe(view, limits)


def matlab(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read arrays of MATLAB."""
    from hauberk.formats.model import matlab

    return matlab.describe(view, limits)


def records(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read records of TensorFlow."""
    from hauberk.formats.model import records

    return records.describe(view, limits)


def tiff(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a TIFF picture."""
    from hauberk.formats import tiff

    return tiff.describe(view, limits)


def wide(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a text in UTF-16."""
    from hauberk.formats import encoded

    return encoded.describe_wide(view, limits)


def latin(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
    """Read a text in Latin-1."""
    from hauberk.formats import encoded

    return encoded.describe_latin(view, limits)


def is_records(view: View, head: bytes) -> bool:
    """Say whether a view begins as records of TensorFlow do."""
    from hauberk.formats.model import records

    return records.is_records(view, head)


def is_wide(view: View, head: bytes) -> bool:
    """Say whether a view is text in UTF-16."""
    from hauberk.formats import encoded

    return encoded.is_wide(view, head)


def is_latin(view: View, head: bytes) -> bool:
    """Say whether a view is text in Latin-1."""
    from hauberk.formats import encoded

    return encoded.is_latin(view, head)


def packed(name: str) -> Reader:
    """Return the reader of a packed stream."""

    def describe(view: View, limits: Limits = DEFAULT_LIMITS) -> Described:
        from hauberk.formats.archive import streams

        return streams.describe(view, limits, packing=streams.PACKINGS[name])

    return describe


def graph(name: str) -> Reader:
    """Return the reader of a file with a computation graph."""
    return lambda view, limits=DEFAULT_LIMITS: _graphs()[name].describe(view, limits)


def is_graph(name: str) -> Callable[[View, bytes], bool]:
    """Return what tells a file with a computation graph."""

    def fits(view: View, head: bytes) -> bool:
        return _graphs()[name].fits(view, head)

    return fits


@cache
def _graphs() -> Mapping[str, GraphFile]:
    from hauberk.formats.model.graph_files import GRAPH_FILES

    return {row.name: row for row in GRAPH_FILES}
