"""The rows and columns of the matrix of formats against techniques, and why a cell holds no rule.

What a rule finds in which format is not written here: `make_matrix.py` reads it from the vectors and from what each
rule reads. Here stand only the names, the technique of each rule, and reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

from hauberk.formats import executable, media
from hauberk.formats.archive.oddity import ArchiveDescription
from hauberk.formats.layouts import LAYOUTS
from hauberk.formats.model.graph import GraphDescription
from hauberk.formats.model.pickle.description import PickleDescription
from hauberk.formats.sniff import FORMATS, NOT_READ

COLUMNS = {
    "pickle": "Code execution by pickle",
    "acts": "Operators, layers and functions that act",
    "names": "Imports by name in configuration",
    "templates": "Templates",
    "native": "Native code and source code",
    "archive": "Archive disagreements",
    "traversal": "Traversal and links",
    "outside": "External files and addresses",
    "contradiction": "Overlaps, overflow, contradiction",
    "bombs": "Bombs",
    "polyglot": "Polyglots and appended data",
    "unreadable": "Encrypted or unreadable",
    "nested": "Nested content",
}
TECHNIQUE = {  # of each rule that is not known by its first word
    "pickle-exhausts": "bombs",
    "pickle-trailing-data": "polyglot",
    "archive-brings-machine-code": "native",
    "archive-brings-source": "native",
    "archive-bomb": "bombs",
    "archive-escapes": "traversal",
    "archive-odd-name": "traversal",
    "archive-foreign-bytes": "polyglot",
    "archive-starts-code": "traversal",
    "xml-runs-code": "acts",
    "archive-overlapping-members": "contradiction",
    "archive-false-encryption": "unreadable",
    "source-acts": "native",
    "file-malformed": "contradiction",
    "file-breaks-its-format": "contradiction",
    "trees-contradict-themselves": "contradiction",
    "config-runs-command": "acts",
    "config-evaluates": "acts",
    "config-script": "acts",
    "file-is-executable": "native",
    "file-two-formats": "polyglot",
    "config-outside-path": "outside",
    "keras-reads-file": "outside",
    "keras-runs-code": "acts",
    "graph-reads-file": "outside",
    "graph-writes-file": "outside",
    "graph-opens-network": "outside",
    "graph-reaches-outside": "outside",
    "graph-odd-entry": "contradiction",
    "gguf-trailing-data": "polyglot",
    "index-leads-out": "traversal",
    "hdf5-external": "outside",
    "requirements-source": "outside",
    "xml-entities": "outside",
    "yaml-aliases": "bombs",
    "pmml-calls-class": "acts",
    "torch-storage-mismatch": "contradiction",
    "safetensors-inconsistent": "contradiction",
    "gguf-inconsistent": "contradiction",
    "torchscript-reaches-out": "acts",
    "tree-case-fold-twins": "contradiction",
    "tree-links-out": "outside",
    "tree-beyond-file": "contradiction",
}
FIRST_WORD = {
    "pickle": "pickle",
    "archive": "archive",
    "graph": "acts",
    "rds": "acts",
    "notebook": "acts",
    "keras": "names",
    "config": "names",
    "template": "templates",
    "source": "native",
    "torchscript": "acts",
}


@dataclass(frozen=True, slots=True)
class Row:
    """Formats that are alike to a scan: their names, a group, which real files were read, what they are made of.

    Attributes:
        names: of formats, as a report says them; the first names the row.
        group: which reasons hold.
        files: which files of which programs were read, or that none were.
        reads: what descriptions a file of it always yields, also of a member that it cannot lack.
        also: rules that hold for it although no vector of exactly this name stands there.
    """

    names: tuple[str, ...]
    group: str
    files: str
    reads: tuple[type, ...] = ()
    also: tuple[str, ...] = ()


PUBLISHED = "From its published format; no file of the framework was read"
BY_NAME = "Known by name only, unchecked: "
_CONFIG_IN_TEXT = ("template-reaches-python", "template-hides-names")
_TORCH = (PickleDescription, ArchiveDescription)
_CODE = ("archive-brings-source", "archive-brings-machine-code", "source-acts")

ROWS: tuple[Row, ...] = (
    Row(
        ("pickle", "joblib"),
        "pickle",
        "CPython 3.11, NumPy 2.4, SciPy 1.17, pandas 3.1, scikit-learn 1.9, joblib 1.6, XGBoost 3.2, LightGBM 4.7, "
        "CatBoost 1.2, transformers 5.24, OmegaConf 2.4, Paddle 3.3",
        (PickleDescription,),
    ),
    Row(("pytorch-legacy",), "pickle", "PyTorch 2.13", (PickleDescription,), ("torch-storage-mismatch",)),
    Row(("npy",), "npy", "NumPy 2.4", (PickleDescription,)),
    Row(("npz",), "torch", "NumPy 2.4, SciPy 1.17 (sparse)", _TORCH),
    Row(
        ("pytorch-zip", "pytorch-distributed"),
        "torch",
        "PyTorch 2.13, transformers 5.24, PyTorch Lightning 2.6, PEFT 0.21",
        _TORCH,
        ("torch-storage-mismatch", *_CODE),
    ),
    Row(
        ("torchscript",),
        "torch",
        "PyTorch 2.13",
        _TORCH,
        ("torch-storage-mismatch", "torchscript-reaches-out", *_CODE),
    ),
    Row(("torch-package",), "torch", "PyTorch 2.13", _TORCH, ("torch-storage-mismatch", *_CODE)),
    Row(("pytorch-exported",), "torch", "PyTorch 2.13 (`.pt2`; machine code of AOTInductor by vector)", _TORCH, _CODE),
    Row(("torchserve",), "torch", "torch-model-archiver 0.12; the tar by vector", _TORCH, _CODE),
    Row(("torchscript-mobile",), "flat", "PyTorch 2.13", (), ("torchscript-reaches-out",)),
    Row(("executorch", "executorch-data"), "flat", "ExecuTorch 1.4 and 1.5, XNNPACK's backend among them"),
    Row(("safetensors",), "tensors", "safetensors 0.8"),
    Row(("gguf",), "tensors", "gguf 0.19; llama.cpp's own converter was not run"),
    Row(("onnx",), "graph", "ONNX 1.23 (its whole test suite), PyTorch 2.13, skl2onnx 1.20, ONNX Runtime 1.32"),
    Row(
        ("tensorflow-saved-model", "tensorflow-graph", "tensorflow-meta-graph", "tensorflow-text"),
        "graph",
        "TensorFlow 2.21",
        (GraphDescription,),
        ("keras-runs-code",),
    ),
    Row(("keras-metadata",), "keras", "TensorFlow 2.21 with Keras's metadata by vector", (), ("keras-dangerous-name",)),
    Row(("tflite",), "graph", "TensorFlow 2.21", (GraphDescription,)),
    Row(("coreml",), "graph", "coremltools 9.0"),
    Row(("openvino-ir",), "graph", "OpenVINO 2026.4"),
    Row(("paddle-program", "paddle-ir"), "graph", "Paddle 2.6 (operators) and 3.3", (GraphDescription,)),
    Row(("paddle-parameters",), "data", "Paddle 3.3"),
    Row(("tensorflow-checkpoint-index",), "data", "TensorFlow 2.21"),
    Row(("tensorflow-fingerprint",), "data", "TensorFlow 2.21"),
    Row(("flax-msgpack",), "data", "Flax 0.12"),
    Row(("sentencepiece",), "data", "SentencePiece 0.2"),
    Row(("ubjson", "xgboost-ubjson"), "data", "XGBoost 3.2"),
    Row(("catboost",), "data", "CatBoost 1.2"),
    Row(
        ("keras-hdf5", "hdf5", "hdf5-user-block"),
        "hdf5",
        "Keras 3.15, h5py 3.14, pandas' PyTables by vector",
        (),
        ("keras-dangerous-name", "keras-unknown-name", "keras-reads-file"),
    ),
    Row(
        ("keras-zip",),
        "keras-zip",
        "Keras 3.15",
        (ArchiveDescription,),
        (
            "keras-runs-code",
            "keras-dangerous-name",
            "keras-unknown-name",
            "keras-reads-file",
            "hdf5-external",
            *_CONFIG_IN_TEXT,
        ),
    ),
    Row(
        ("json", "skops-schema", "keras-config", "keras-layer", "xgboost-json"),
        "config",
        "Hugging Face repositories, Keras 3.15 (`model.to_json`), XGBoost 3.2, CatBoost 1.2, skops 0.16",
        (),
        _CONFIG_IN_TEXT,
    ),
    Row(
        ("yaml",),
        "config",
        "MLflow 3.17, conda, Hydra 1.3 with OmegaConf; NeMo's from its published form",
    ),
    Row(("requirements",), "installs", "MLflow's, pip's published form"),
    Row(("jinja",), "template", "Chat templates of public repositories, written again for the tests"),
    Row(("xml",), "xml", "sklearn2pmml 0.133 and Nyoka 5.5 (PMML 4.4)"),
    Row(("notebook",), "notebook", "Written after nbformat 3 and 4; Jupyter itself was not run"),
    Row(("python",), "source", "Source inside `torch.package` of PyTorch 2.13", (), ("source-acts",)),
    Row(("text-latin-1", "text-utf-16"), "text", "Texts in Latin-1, and in UTF-16 with a byte order mark"),
    Row(("lightgbm-text",), "text", "LightGBM 4.7"),
    Row(("tfrecord",), "data", "TensorFlow 2.21"),
    Row(("matlab",), "data", "SciPy 1.17 (MATLAB 5)"),
    Row(("tiff",), "media", "Pillow 12"),
    Row(("text",), "text", "LightGBM 4.7 and CatBoost 1.2 (models as text), READMEs, tables"),
    Row(("rds",), "rds", "R 4.2, with its own packages; `serialize.c` of R 4.4"),
    Row(
        ("zip",),
        "archive",
        "Info-ZIP, `jar`, CPython 3.11",
        (ArchiveDescription,),
        ("source-acts",),
    ),
    Row(("tar",), "archive", "GNU tar (v7, pax), CPython 3.11; NeMo's `.nemo` by vector", (ArchiveDescription,)),
    Row(("7z",), "archive", "py7zr 1.1", (), ("archive-foreign-bytes",)),
    Row(
        ("gzip", "bzip2", "xz", "lzma", "zlib", "zstd", "lz4", "joblib-zfile"),
        "packed",
        "CPython 3.11, joblib 1.6, `lz4` and `zstd`; `ZF` of old joblib from its source",
        (),
        ("archive-foreign-bytes",),
    ),
    Row(
        tuple(kind.name for kind in executable.KINDS),
        "native",
        "First bytes by vector; no reader, hence no more",
    ),
    Row(tuple(one.name for one in media.MEDIA), "media", "PNG, Parquet, Feather, Arrow of pyarrow; others by vector"),
    Row(
        ("xgboost-binary",),
        "by name",
        BY_NAME + "XGBoost 3 neither writes nor reads it any more; save an older model again as UBJSON",
    ),
    Row(
        ("onnxruntime-flat",),
        "by name",
        BY_NAME + "ONNX Runtime's own serialisation, which it also builds from the ONNX file beside it",
    ),
    Row(
        tuple(name for name, _ in NOT_READ if name not in ("rar", "cab")),
        "by name",
        BY_NAME + "these hold programs of a device or an engine, in a form that is not published; MXNet is retired",
    ),
    Row(("rar", "cab", "cpio"), "by name", BY_NAME + "no loader of models opens them"),
    Row(
        ("directory",),
        "tree",
        "Trees as git, the Hugging Face cache and MLflow lay them out",
        (),
        ("tree-case-fold-twins", "tree-links-out", "tree-beyond-file"),
    ),
    Row(("unknown",), "by name", "Torch7 `.t7` and all other bytes: neither text nor a format that is told. Unchecked"),
)

_NO_CODE = "not possible: no loader of this format unpickles, and bytes that could begin a pickle are tried"
_NAMES_ONLY = "unchecked: nothing of the format is read, and the file is `format-not-read`"
_INSIDE = "inside: each member is examined as what it is"

REASONS: dict[str, str] = {  # where neither a rule nor a row of EXCEPTIONS speaks
    "pickle": _NO_CODE,
    "acts": "not possible: the format has no operators, layers or functions that a loader calls",
    "names": "not possible: nothing in it names a class or module that a loader imports",
    "templates": "not possible: the format holds no template",
    "native": "not possible: no machine code and no source; a program is `file-is-executable`",
    "archive": "not possible: no archive. A zip file at its end is found, and read as one",
    "traversal": "not possible: nothing is unpacked from it, and it names no file",
    "outside": "not possible: the format names no other file and no address",
    "contradiction": "unchecked `malformed`: what is not as the format says it is, is told and never clean",
    "bombs": "unchecked `limit`: lengths, counts and depths are asked before anything is kept",
    "polyglot": "`file-two-formats`; other bytes behind the end are unchecked `malformed`",
    "unreadable": "unchecked `malformed` or `unreadable`; the format knows no encryption",
    "nested": "not possible: numbers and names, and nothing that is a file of its own",
}
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("pickle", "acts"): "not possible: a pickle calls names; these are the first column",
    ("pickle", "names"): "not possible: a pickle imports names; these are the first column",
    ("pickle", "outside"): "not possible: a pickle reaches files by calling; `pickle-reads-file`, `pickle-writes-file` "
    "and `pickle-opens-network` are in the first column",
    (
        "pickle",
        "native",
    ): "not judged: code in bytes that nothing calls is data; what would call it is the first column",
    ("pickle", "contradiction"): "unchecked `malformed`: an unpickler that breaks; what came before is examined",
    ("pickle", "nested"): "inside: a pickle in a pickle is `pickle-deserialises`, arrays are skipped to the byte, "
    "what follows the last stream is examined as a file",
    ("npy", "nested"): "inside: an array of objects is a pickle, and is examined as one",
    ("torch", "acts"): "not possible: the archive names no operators; TorchScript, which does, is another row",
    ("torch", "names"): _INSIDE,
    ("torch", "templates"): _INSIDE,
    ("torch", "outside"): "not possible: its pickles reach files only by calling, see the first column",
    ("torch", "native"): _INSIDE + ": a program is `file-is-executable`",
    ("torch", "nested"): _INSIDE + ", unless a storage of exactly its size asks for it as raw numbers",
    (
        "flat",
        "acts",
    ): "not judged: no list of operators that act; a backend's blob is `format-not-read`",
    ("flat", "native"): "unchecked: a backend's blob in `executorch` is `format-not-read`, save that of XNNPACK",
    ("flat", "nested"): "unchecked: the blob of a backend is `format-not-read`; segments are read in place",
    ("tensors", "nested"): "inside: bytes that belong to no tensor are examined as a file of their own",
    ("tensors", "outside"): "not possible: shards are named by an index beside it, which is `index-leads-out`",
    ("tensors", "bombs"): "unchecked `limit`: the header's length, tensors and depth are asked first",
    ("graph", "templates"): "not judged: tokenizers in a graph's constants are data; no runtime renders them",
    ("graph", "native"): "not judged: libraries of custom operators lie outside of the file; the operator is told",
    ("graph", "traversal"): "not possible: nothing is unpacked; paths of external data are the column of these",
    ("graph", "names"): "not possible: operators come by name from the runtime; one of no runtime is told",
    (
        "graph",
        "bombs",
    ): "unchecked `limit`: messages, nodes and depth are counted; what a graph computes is not",
    ("graph", "nested"): "inside: constants that a path is made of are read; other fields of no schema are unchecked",
    ("graph", "polyglot"): "`file-two-formats`; fields and bytes of no schema are unchecked",
    ("graph", "outside"): "not possible in this release's schema: its weights are a file of a fixed name beside it",
    (
        "graph",
        "contradiction",
    ): "unchecked `malformed` or `format-not-read`: a field of no schema, a wrong length",
    ("keras", "nested"): "inside: the configuration of each layer",
    (
        "keras",
        "outside",
    ): "not possible: a list of layers; what reads a file is in the model's own",
    ("keras", "templates"): "not possible: metadata of layers",
    (
        "data",
        "traversal",
    ): "not possible: data files are named after the index; others are unchecked",
    ("data", "outside"): "not possible: as before; what a vocabulary or a tree names is no file",
    ("hdf5", "pickle"): "not judged: pickles of PyTables in attributes are read, those in packed chunks are not",
    ("hdf5", "templates"): "not possible: no loader renders what is in it",
    ("hdf5", "native"): "not judged: a filter plug-in that a data set asks for lies outside of the file",
    ("hdf5", "traversal"): "not possible: nothing is unpacked; links into other files are under external files",
    ("hdf5", "nested"): "not judged: chunks that are packed are numbers to every loader, and are not read",
    ("keras-zip", "pickle"): _INSIDE + "; Keras loads none of them as a pickle",
    ("keras-zip", "native"): _INSIDE,
    ("keras-zip", "nested"): _INSIDE,
    ("config", "pickle"): _NO_CODE,
    (
        "config",
        "native",
    ): "not judged: code that it names is `config-remote-code`; the code itself is not judged",
    ("config", "contradiction"): "unchecked `malformed`: a key that stands twice",
    ("config", "templates"): "not judged: a template is looked for in JSON, and in a file of its own",
    ("config", "traversal"): "not possible: nothing is unpacked; known paths are under external files",
    ("config", "bombs"): "unchecked `limit`: bytes, depth and values; aliases are walked once",
    ("config", "polyglot"): "`file-two-formats`; text behind the document is unchecked `malformed`",
    ("config", "nested"): "not possible: strings in it are data, save templates and names",
    ("installs", "native"): "not judged: what an installer would fetch and build is not fetched",
    ("installs", "names"): "not possible: packages are named, not classes; typing errors in names are not looked for",
    ("template", "bombs"): "not judged: a loop without end is not told; `limit` for the length of the text",
    ("xml", "bombs"): "`xml-entities`: entities in entities; `limit` for bytes",
    ("xml", "names"): "not possible: names of classes are `pmml-calls-class`",
    ("notebook", "native"): "not judged: cells are read for what hides and what runs a shell, not judged as programs",
    ("notebook", "templates"): "not possible: what a viewer shows is `notebook-shows-script`",
    ("notebook", "nested"): "not judged: attachments and outputs are shown, not loaded; scripts in them are told",
    (
        "notebook",
        "outside",
    ): "not judged: ordinary cells may read and fetch; a scan does not judge them",
    ("source", "names"): "not possible: imports of source are under native and source code",
    ("source", "outside"): "not judged: `source-acts` tells connections and processes, not every file that is read",
    ("source", "acts"): "not possible: what source does is under native and source code",
    ("text", "native"): "not judged: a script beside a model is inert text; no loader of data runs it",
    ("text", "names"): "not possible: the models in it hold numbers and names of features",
    ("rds", "native"): "not possible: byte code of R is `rds-brings-code`",
    ("rds", "outside"): "not judged: a call in a promise is told by what it calls; a path in data is data",
    (
        "rds",
        "names",
    ): "not possible: a class is an attribute; what runs is a promise or a binding",
    ("rds", "templates"): "not possible: R renders nothing",
    ("rds", "nested"): "inside: each object in it; raw vectors are data",
    ("archive", "pickle"): _INSIDE + ", with all rules of pickles",
    ("archive", "acts"): _INSIDE,
    ("archive", "names"): _INSIDE + "; skops, NeMo, Hugging Face and MLflow folders are such archives",
    ("archive", "templates"): _INSIDE,
    ("archive", "native"): _INSIDE + ": a program is `file-is-executable`",
    ("archive", "outside"): _INSIDE,
    (
        "archive",
        "contradiction",
    ): "not possible: members stand one behind the other; the rest is archive disagreements",
    ("archive", "nested"): _INSIDE + ", sixteen deep",
    ("packed", "archive"): "not possible: one stream, or several in a row that all readers join",
    ("packed", "pickle"): "inside: what is unpacked is examined as what it is",
    ("packed", "contradiction"): "unchecked `malformed`: a checksum or a length that does not hold",
    ("packed", "nested"): "inside: what is unpacked is examined as what it is",
    ("native", "unreadable"): "not possible: each is a finding, whatever is in it",
    ("native", "nested"): "not judged: nothing in native code could be cleared; a zip behind it is examined",
    ("native", "polyglot"): "inside: a zip behind a program is examined; the program is told anyway",
    ("media", "nested"): "inside: private chunks of a PNG, and what stands behind the end, are examined",
    ("media", "outside"): "not judged: links in a PDF and the like are a viewer's; no loader of models follows them",
    ("media", "acts"): "not judged: scripts of a PDF are a viewer's; no loader of models runs them",
    ("media", "polyglot"): "`file-two-formats`; bytes behind the end are examined as a file of their own",
}
for _column in set(COLUMNS) - {"contradiction", "outside"}:
    EXCEPTIONS["tree", _column] = "inside: each file is examined as what it is"
EXCEPTIONS["tree", "archive"] = "not possible: a file system has one reading"
EXCEPTIONS["tree", "traversal"] = "unchecked `symlink`, `name` and `file-kind`: not followed, not opened"
EXCEPTIONS["tree", "bombs"] = "unchecked `limit`: files and depth are counted"
EXCEPTIONS["tree", "unreadable"] = "unchecked `unreadable` or `changed`"
for _group in ("archive", "torch", "keras-zip"):
    EXCEPTIONS[_group, "bombs"] = "unchecked `limit`: members, depth, bytes and ratio are counted while it is unpacked"
    EXCEPTIONS[_group, "unreadable"] = (
        "unchecked `format-not-read`: what is encrypted or packed in a way that is not read, by name"
    )
EXCEPTIONS["packed", "bombs"] = "unchecked `limit`: bytes and ratio are counted while it is unpacked"
EXCEPTIONS["packed", "unreadable"] = "unchecked `malformed` where it breaks"
for _column in ("acts", "names", "templates", "native", "outside"):
    EXCEPTIONS["packed", _column] = "inside: what is unpacked is examined as what it is"
for _column in COLUMNS:
    EXCEPTIONS["by name", _column] = _NAMES_ONLY
EXCEPTIONS["by name", "polyglot"] = "`file-two-formats`: a zip at its end and a pickle that it could be are examined"

TOLD = frozenset(row.name for row in FORMATS) | frozenset(row.name for row in LAYOUTS) | {"unknown"}
