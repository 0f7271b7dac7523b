"""Which format is opened by which loader, which has none and why, and whether there is one for a file.

A loader's module, and the package that it calls, are imported when a file is opened with it.
"""

from __future__ import annotations

import importlib
import io
import zipfile
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hauberk.checks.model.examine import examine
from hauberk.checks.model.unpacked import Unpacked
from hauberk.errors import Exceeded, Malformed, Unavailable
from hauberk.finding import Outcome
from hauberk.formats.archive import streams
from hauberk.limits import DEFAULT_LIMITS
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.checks.model.examine import Examined

_HOME: Final = "hauberk.enforce.loaders"
PACKED: Final = ("zlib", "gzip", "bzip2", "xz", "lzma", "lz4", "zstd")
SKOPS: Final = "skops"
_ALONE: Final[Mapping[str, bytes]] = MappingProxyType({})
_ROOM: Final = replace(DEFAULT_LIMITS, max_unpacked_bytes=DEFAULT_LIMITS.max_load_bytes)


@dataclass(frozen=True, slots=True)
class Loader:
    """A function of a module in this folder, the package that it needs, and what it returns.

    Attributes:
        beside: whether it is given the files of the folder as well.
    """

    module: str
    function: str
    package: str
    returns: str
    beside: bool = False


LOADERS: Final[dict[str, Loader]] = {
    "pickle": Loader("strict", "load_pickle", "", "the object"),
    "joblib": Loader("strict", "load_pickle", "numpy", "the object"),
    "npy": Loader("arrays", "load_npy", "numpy", "the array"),
    "npz": Loader("arrays", "load_npz", "numpy", "a dict of arrays"),
    "matlab": Loader("arrays", "load_matlab", "scipy", "a dict of variables"),
    "pytorch-zip": Loader("pytorch", "load_torch", "torch", "the object, on the CPU"),
    "pytorch-legacy": Loader("pytorch", "load_torch", "torch", "the object, on the CPU"),
    "torchscript": Loader("pytorch", "load_script", "torch", "a `ScriptModule`, on the CPU"),
    "safetensors": Loader("tensors", "load_safetensors", "numpy, ml_dtypes", "a dict of arrays"),
    "gguf": Loader("gguf", "load_gguf", "gguf", "a `GGUFReader` (on Linux)"),
    "xgboost-json": Loader("trees", "load_xgboost", "xgboost", "a `Booster`"),
    "xgboost-ubjson": Loader("trees", "load_xgboost", "xgboost", "a `Booster`"),
    "lightgbm-text": Loader("trees", "load_lightgbm", "lightgbm", "a `Booster`"),
    "catboost": Loader("trees", "load_catboost", "catboost", "a `CatBoost`"),
    "onnx": Loader(
        "graphs", "load_onnx", "onnxruntime, or onnx", "an `InferenceSession`, or the `ModelProto`", beside=True
    ),
    "tflite": Loader("graphs", "load_tflite", "ai-edge-litert, or tensorflow", "an `Interpreter`"),
    "keras-zip": Loader("layers", "load_keras", "keras", "the model, not compiled"),
    "keras-hdf5": Loader(
        "layers", "load_keras_hdf5", "keras, h5py", "the model, not compiled; weights: an `h5py.File`"
    ),
    "hdf5": Loader("layers", "load_hdf5", "h5py", "an `h5py.File`"),
    "flax-msgpack": Loader("layers", "load_flax", "flax", "a tree of arrays"),
    SKOPS: Loader("skops_files", "load_skops", "skops", "the object"),
}
_DATA: Final = "data or text, and no model: open it with the program that it is for"
_FOLDER: Final = "one file of several that are opened together, by a path"
_ARCHIVE: Final = "an archive of several files: unpack it, and open the one that you want"
_PROGRAM: Final = "a program: never clean"
_UNREAD: Final = "known by name and not read: never complete"
_GRAPH: Final = "TensorFlow imports it into a graph that you make"
_PATH: Final = "its runtime opens it by a path, or on a device"
_WITHOUT: Final = (
    (_DATA, "text text-utf-16 text-latin-1 json yaml xml notebook jinja requirements python torchscript-source"),
    (_DATA, "arrow feather parquet sqlite tfrecord rds ubjson pdf font woff"),
    (_DATA, "png jpeg gif bmp webp tiff wav avi flac mp3 mp4 ogg"),
    (_FOLDER, "tensorflow-saved-model tensorflow-checkpoint-index tensorflow-fingerprint keras-metadata openvino-ir"),
    (_FOLDER, "pytorch-distributed mxnet-symbol paddle-program paddle-ir paddle-parameters"),
    (_ARCHIVE, "zip tar 7z ar torchserve"),
    (_PROGRAM, "elf pe mach-o mach-o-fat wasm dex pyc bitcode llamafile"),
    (_UNREAD, "rar cab cpio mxnet-params rknn tensorrt-engine tensorrt-engine-old onnxruntime-flat"),
    (_GRAPH, "tensorflow-graph tensorflow-text tensorflow-meta-graph"),
    (_PATH, "coreml executorch executorch-data sentencepiece torchscript-mobile"),
    ("it holds source code that is run to open it", "torch-package"),
    ("PyTorch unpickles parts of it by rules of its own, which take no list of names", "pytorch-exported"),
    ("joblib before 0.10 wrote it, with arrays in files beside it", "joblib-zfile"),
    ("XGBoost no longer reads it: save it as JSON or UBJSON", "xgboost-binary"),
    ("other bytes stand before the model", "hdf5-user-block"),
    ("not known: never complete", "unknown"),
)
WITHOUT: Final[dict[str, str]] = {name: why for why, names in _WITHOUT for name in names.split()}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that has a loader: the bytes that it gets, and the names that were reported in them."""

    loader: Loader
    data: bytes
    names: frozenset[tuple[str, str]]
    beside: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def load(self) -> object:
        """Open it."""
        module = importlib.import_module(f"{_HOME}.{self.loader.module}")
        more = (self.beside,) if self.loader.beside else ()
        found: object = getattr(module, self.loader.function)(self.data, self.names, *more)
        return found


def entry_of(data: bytes, found: Examined, beside: Mapping[str, bytes] = _ALONE) -> Entry | None:
    """Return what opens a file that was examined, or None where nothing does; one that is packed opens as its inside.

    Args:
        data: the file.
        found: what was examined.
        beside: the files of its folder, which are clean and complete too, by their paths from there.

    Raises:
        Exceeded: more than `max_load_bytes` when it is unpacked.
    """
    if found.report.format not in PACKED:
        return _entry(data, found, beside)
    room = Unpacked(_ROOM)
    try:
        view = streams.unpacked(BytesView(data), streams.PACKINGS[found.report.format], room)
    except (Malformed, Unavailable):
        return None
    if room.noticed():
        raise Exceeded(f"more than {_ROOM.max_unpacked_bytes} bytes when it is unpacked", "unpack it first")
    inside = view.read_at(0, view.size)
    within = examine(BytesView(inside), "inside", limits=_ROOM)
    clean = within.report.outcome is Outcome.CLEAN and within.report.complete
    return _entry(inside, within, _ALONE) if clean else None


def _entry(data: bytes, found: Examined, beside: Mapping[str, bytes]) -> Entry | None:
    name = SKOPS if found.report.format == "zip" and _is_skops(data) else found.report.format
    loader = LOADERS.get(name)
    return None if loader is None else Entry(loader, data, found.names, beside)


def _is_skops(data: bytes) -> bool:
    """Say whether a zip file, which the scan read as its readers do, has the member that skops reads first."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "schema.json" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
