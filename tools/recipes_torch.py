"""PyTorch: storages, data types, what rebuilds tensors, modules, optimizers, schedules, functions of tensors."""

from __future__ import annotations

import inspect
import io
import pickle
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from hooks import hooks
from recipes_torch_values import READ as OF_VALUES
from recipes_torch_values import ROWS as VALUES
from recipes_torch_values import values
from recording import State
from torch import nn, optim
from torch.distributed import checkpoint
from torch.nn.utils import prune
from torch.optim import lr_scheduler, swa_utils

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWN_DICT = "adds attributes that older files lack"
_STEPS = "adds settings that older files lack, and makes tensors of numbers"
READ = {
    "torch.nn.modules.module.Module.__setstate__": _OWN_DICT,
    "torch.nn.modules.module.Module.__getattr__": "asks its dicts of parameters, buffers and modules",
    "torch.nn.modules.module.Module.__setattr__": "puts parameters and modules into their dicts",
    "torch.nn.modules.module.Module.__delattr__": "takes parameters and modules out of their dicts",
    "torch.nn.modules.pooling.AvgPool3d.__setstate__": _OWN_DICT,
    "torch.nn.modules.conv._ConvNd.__setstate__": _OWN_DICT,
    "torch.nn.modules.rnn.RNNBase.__setstate__": "makes lists of weights; the rule `recurrent` bounds them",
    "torch.nn.modules.rnn.RNNBase.__setattr__": "keeps the list of weights; the rule `recurrent` makes it a list",
    "torch.nn.modules.activation.LogSoftmax.__setstate__": _OWN_DICT,
    "torch.nn.modules.activation.Softmax.__setstate__": _OWN_DICT,
    "torch.nn.modules.activation.Softmin.__setstate__": _OWN_DICT,
    "torch.nn.modules.activation.MultiheadAttention.__setstate__": _OWN_DICT,
    "torch.nn.modules.transformer.TransformerDecoderLayer.__setstate__": _OWN_DICT,
    "torch.nn.modules.transformer.TransformerEncoderLayer.__setstate__": _OWN_DICT,
    "torch.nn.modules.upsampling.Upsample.__setstate__": _OWN_DICT,
    "torch.nn.modules.linear_cross_entropy_options.LinearCrossEntropyOptions.__setstate__": "a frozen dataclass",
    "torch.nn.modules.linear_cross_entropy_options.LinearCrossEntropyOptions.__setattr__": "a frozen dataclass",
    "torch.nn.modules.linear_cross_entropy_options.LinearCrossEntropyOptions.__delattr__": "a frozen dataclass",
    "torch.nn.modules.linear_cross_entropy_options.LinearCrossEntropyOptions.__eq__": "a dataclass compares fields",
    "torch.nn.modules.linear_cross_entropy_options.LinearCrossEntropyOptions.__hash__": "a dataclass hashes fields",
    **dict.fromkeys(
        (
            f"torch.nn.modules.container.{cls}.{hook}"
            for cls in ("ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential")
            for hook in ("__setitem__", "append", "extend")
        ),
        "no row allows to extend a module",
    ),
    **dict.fromkeys(
        ("torch.nn.modules.container.Container.__new__", "torch.nn.modules.loss.NLLLoss2d.__new__"),
        "warns that the name is deprecated, and makes an empty instance",
    ),
    "torch.torch_version.TorchVersion.__eq__": "compares versions; it is a text, whose hash no stream foresees",
    "torch.optim.optimizer.Optimizer.__setstate__": "wraps the class's own step; the rule `optimizer` makes dicts sure",
    **dict.fromkeys(
        (
            f"torch.optim.{place}.__setstate__"
            for place in ("asgd.ASGD", "adadelta.Adadelta", "_adafactor.Adafactor", "Adafactor", "adagrad.Adagrad",
                          "adam.Adam", "adamw.AdamW", "adamax.Adamax", "nadam.NAdam", "radam.RAdam", "rprop.Rprop",
                          "rmsprop.RMSprop", "sgd.SGD")
        ),
        _STEPS,
    ),
}  # fmt: skip
_METADATA = "torch.distributed.checkpoint.metadata"
READ.update(
    {f"{_METADATA}.{cls}.__eq__": "a dataclass: compares its fields"
     for cls in ("BytesStorageMetadata", "ChunkStorageMetadata", "Metadata", "MetadataIndex", "StorageMeta",
                 "TensorProperties", "TensorStorageMetadata")}
    | {f"{_METADATA}.MetadataIndex.{hook}": "a frozen dataclass" for hook in ("__setattr__", "__delattr__", "__hash__")}
    | {"torch.distributed.checkpoint.filesystem._StorageInfo.__eq__": "a dataclass: compares its fields"}
)  # fmt: skip
READ.update(OF_VALUES)
_REBUILT = "torch:Tensor"
_STORAGES = [
    (module, name)
    for module in ("torch", "torch.cuda", "torch.storage")
    for name in dir(sys.modules[module])
    if name.endswith("Storage") and not name.startswith("_") and isinstance(getattr(sys.modules[module], name), type)
]
_DTYPES = sorted({str(one).partition(".")[2] for one in vars(torch).values() if isinstance(one, torch.dtype)})
_SCHEMES = ["per_tensor_affine", "per_tensor_symmetric", "per_channel_affine", "per_channel_symmetric",
            "per_channel_affine_float_qparams"]  # fmt: skip
_TENSOR_TYPES = [
    name for name in dir(torch) if name.endswith("Tensor") and name not in ("Tensor", "ScriptObject", "TensorType")
]
# Of tensors and numbers, without files and without callables.
_FUNCTIONS = ["abs", "acos", "add", "argmax", "argmin", "asin", "atan", "bmm", "cat", "ceil", "celu", "celu_", "clamp",
              "clip", "conv1d", "conv2d", "conv3d", "cos", "cosh", "cumsum", "div", "dot", "eq", "erf", "exp", "expm1",
              "flatten", "floor", "ge", "gt", "isnan", "layer_norm", "le", "log", "log10", "log1p", "log2", "logsumexp",
              "lt", "matmul", "max", "maximum", "mean", "median", "min", "minimum", "mm", "mul", "ne", "neg", "norm",
              "permute", "pow", "prelu", "prod", "reciprocal", "relu", "relu_", "reshape", "round", "rrelu", "rsqrt",
              "selu", "sigmoid", "sign", "sin", "sinh", "softmax", "log_softmax", "sqrt", "square", "squeeze", "stack",
              "std", "sub", "sum", "tan", "tanh", "transpose", "unsqueeze", "var", "where"]  # fmt: skip
_CALLERS = frozenset(  # of torch.nn.functional: they call what they are given, or hand it on to what does
    {"triplet_margin_with_distance_loss", "handle_torch_function", "boolean_dispatch", "has_torch_function",
     "has_torch_function_unary", "has_torch_function_variadic", "assert_int_or_pair", "scaled_grouped_mm",
     "scaled_mm", "grouped_mm"}
)  # fmt: skip

ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("torch", "Size"): ("size", "", "a tuple of numbers"),
    ("torch", "device"): ("", "", "the name of a device"),
    ("torch", "Tensor"): ("", "", "the class of tensors, named"),
    ("torch._C", "_VariableFunctionsClass"): ("", "", "the class of torch's functions, named"),
    ("torch._tensor", "_rebuild_from_type_v2"): ("tensor-of-type", _REBUILT, "a tensor with attributes"),
    ("torch._utils", "_rebuild_tensor"): ("tensor", _REBUILT, "a tensor over a storage of the file"),
    ("torch._utils", "_rebuild_tensor_v2"): ("tensor", _REBUILT, "a tensor over a storage of the file"),
    ("torch._utils", "_rebuild_tensor_v3"): ("tensor", _REBUILT, "a tensor over a storage of the file"),
    ("torch._utils", "_rebuild_parameter"): ("parameter", _REBUILT, "a tensor that is trained"),
    ("torch._utils", "_rebuild_parameter_with_state"): ("parameter", _REBUILT, "a tensor that is trained"),
    ("torch._utils", "_rebuild_qtensor"): ("quantised-tensor", _REBUILT, "a tensor of small integers"),
    ("torch._utils", "_rebuild_sparse_tensor"): ("sparse-tensor", _REBUILT, "a sparse tensor"),
    ("torch._utils", "_rebuild_meta_tensor_no_storage"): ("meta-tensor", _REBUILT, "a tensor without contents"),
    ("torch.storage", "_load_from_bytes"): ("file-in-bytes", "", "a file of torch.save in bytes, examined by itself"),
    (_METADATA, "TensorProperties"): ("properties", "", "what a tensor is like"),
    (_METADATA, "MetadataIndex"): ("index", "", "where a tensor lies"),
    (_METADATA, "_MEM_FORMAT_ENCODING"): ("enum", "", "a member of a list of constants"),
    ("torch.nn.parameter", "Parameter"): ("", "", "the class of parameters, named"),
    ("torch.nn.parameter", "Buffer"): ("", "", "the class of buffers, named"),
    ("torch.serialization", "_get_layout"): ("", "", "a layout of tensors by its name"),
}
ROWS.update(dict.fromkeys(_STORAGES, ("", "", "a class of storages, named")))
ROWS.update({("torch", name): ("", "", "a data type of tensors, named") for name in _DTYPES})
ROWS.update({("torch", name): ("", "", "a class of tensors, named") for name in _TENSOR_TYPES})
ROWS.update({("torch", name): ("", "", "a scheme of small integers, named") for name in _SCHEMES})
ROWS.update(
    {("torch._C", f"_VariableFunctionsClass.{name}"): ("", "", "a function of tensors, named, not called")
     for name in _FUNCTIONS}
)  # fmt: skip
ROWS.update(VALUES)


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use in these ways; None where it is left out."""
    full = f"{module}.{name}"
    if not module.startswith("torch"):
        print(f"left out {full}", file=sys.stderr)
        return None
    thing = getattr(sys.modules[module], name)
    if not isinstance(thing, type):
        return None if taken != {"import"} else ("", "", "a function of tensors, named, not called")
    unread = [f"{base.__module__}.{base.__name__}.{hook}" for base, hook in hooks(thing)]
    if unread := [hook for hook in unread if hook not in READ]:
        print(f"left out {full}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if issubclass(thing, nn.RNNBase):
        return ("recurrent", "", "a module of layers that follow each other")
    if issubclass(thing, nn.Module):
        return ("module", "", "a module: its state fills __dict__")
    if issubclass(thing, optim.Optimizer):
        return ("optimizer", "", "an optimizer: its state fills __dict__")
    return ("", "", "a class without hooks: its state fills __dict__")


def states() -> Iterator[State]:
    """Yield files of `torch.save`, plain pickles where there is no tensor, and names."""
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    for label, value in (*_values(), *_modules(), *_training(), *values()):
        yield saved(label, value)
    for module, name in ROWS:
        if ROWS[module, name][2].endswith(("named", "named, not called")):
            path = name.split(".")
            text = (
                f"c{module}\n{name}\n."
                if len(path) == 1
                else f"cbuiltins\ngetattr\n(c{module}\n{path[0]}\nV{path[1]}\ntR."
            )
            yield State(f"{module}.{name}", text.encode())
    for function in _functions():
        yield State(function.__name__, pickle.dumps(function, 2))
    for protocol in (3, 4, 5):
        for value in (torch.ones(3), nn.Linear(2, 2), {"weights": nn.Parameter(torch.ones(2))}):
            yield State(f"{type(value).__name__}, plain, in protocol {protocol}", pickle.dumps(value, protocol))
    yield State("a distributed checkpoint", _metadata())
    yield State("a tensor of the oldest kind", _oldest(), torch=True)


def saved(label: str, value: Any, protocol: int = 2) -> State:
    """Return a value as `torch.save` writes it."""
    file = io.BytesIO()
    torch.save(value, file, pickle_protocol=protocol)
    return State(label, file.getvalue(), torch=True)


def _metadata() -> bytes:
    """Return what stands beside the parts of a distributed checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save({"a": torch.ones(3), "b": {"step": 1, "names": [1, 2]}}, checkpoint_id=folder)
        return Path(folder, ".metadata").read_bytes()


def _oldest() -> bytes:
    """Return a file with a tensor as the first releases made it, without flag and hooks."""
    import zipfile  # noqa: PLC0415 - for this only

    old = io.BytesIO(saved("", torch.ones(3)).data)
    new = io.BytesIO()
    stream = (b"\x80\x02ctorch._utils\n_rebuild_tensor\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
              b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x03tQK\x00K\x03\x85K\x01\x85tR.")  # fmt: skip
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        for name in source.namelist():
            target.writestr(name, stream if name.endswith("data.pkl") else source.read(name))
    return new.getvalue()


def _values() -> Iterator[tuple[str, Any]]:
    """Yield tensors of every kind that the rules let pass, and what stands beside them in files."""
    plain = torch.arange(6.0).reshape(2, 3)
    for dtype in _DTYPES:
        made = getattr(torch, dtype)
        if dtype[0] != "q":
            try:
                saved(dtype, torch.zeros(2, dtype=made))
            except (RuntimeError, NotImplementedError, TypeError, KeyError):
                continue  # a type that torch.save does not write
            yield dtype, torch.zeros(2, dtype=made)
    yield from (("a view", plain.t()[1:]), ("a scalar", torch.tensor(1)), ("empty", torch.zeros(0, 3)))
    yield from (("expanded", torch.ones(1).expand(4, 5)), ("conjugate", torch.zeros(2, dtype=torch.complex64).conj()))
    noted = torch.ones(2)
    noted.note = "kept"
    learned = nn.Parameter(plain.clone())
    learned.is_quiet = True
    yield from (("a tensor with a note", noted), ("a parameter", nn.Parameter(plain)), ("a parameter, noted", learned))
    yield from (("a buffer", nn.Buffer(plain)), ("meta", torch.zeros(3, device="meta")))
    for layout in ("to_sparse", "to_sparse_csr", "to_sparse_csc"):
        yield layout, getattr(torch.eye(3), layout)()
    yield "bsr", torch.eye(4).to_sparse_bsr((2, 2))
    yield "quantised", torch.quantize_per_tensor(plain, 0.1, 0, torch.qint8)
    yield "quantised 32", torch.quantize_per_tensor(plain, 0.1, 0, torch.qint32)
    yield "quantised unsigned", torch.quantize_per_tensor(plain, 0.1, 0, torch.quint8)
    channels = torch.ones(2), torch.zeros(2, dtype=torch.int64)
    yield "quantised by channel", torch.quantize_per_channel(plain, *channels, 0, torch.qint8)
    yield "words", {"size": torch.Size([1, 2]), "device": torch.device("cpu"), "cuda": torch.device("cuda", 0)}
    yield "layout", torch.strided
    yield "version", torch.__version__
    yield "a storage", torch.ones(2).untyped_storage()


# Arguments of classes that the first tries of `_made` do not suit.
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "AdaptiveLogSoftmaxWithLoss": (8, 4, [2]), "Bilinear": (2, 2, 2), "GroupNorm": (2, 4), "MultiheadAttention": (4, 2),
    "Transformer": (4, 2, 1, 1, 8), "TransformerEncoderLayer": (4, 2, 8), "TransformerDecoderLayer": (4, 2, 8),
    "Fold": (2, 2), "Threshold": (0.1, 2.0), "FractionalMaxPool2d": (2, 2), "FractionalMaxPool3d": (2, 2),
    "PixelShuffle": (2,), "Unflatten": (1, (1, 2)), "EmbeddingBag": (3, 2), "LPPool1d": (1, 2), "LPPool2d": (1, 2),
    "LPPool3d": (1, 2), "RNNBase": ("GRU", 2, 2), "ModuleList": ([nn.Linear(1, 1)],), "Sequential": (nn.Linear(1, 1),),
    "ModuleDict": ({"a": nn.Linear(1, 1)},), "ParameterList": ([nn.Parameter(torch.ones(1))],),
    "ParameterDict": ({"a": nn.Parameter(torch.ones(1))},), "ZeroPad1d": (1,), "TripletMarginWithDistanceLoss": (),
    "FractionalMaxPool": (2,),
}  # fmt: skip
_TRIES: tuple[tuple[Any, ...], ...] = ((), (2,), (2, 2), (2, 2, 2), ((2, 2),))


def _modules() -> Iterator[tuple[str, Any]]:
    layer = nn.TransformerEncoderLayer(4, 2, 8), nn.TransformerDecoderLayer(4, 2, 8)
    more = {"TransformerEncoder": (layer[0], 1), "TransformerDecoder": (layer[1], 1)}
    for cls in _classes(nn):
        made = _made(cls, more.get(cls.__name__))
        if made is not None:
            yield cls.__name__, made
    from torch.ao.nn.quantizable.modules import activation  # noqa: PLC0415, F401 - it must be importable, no more

    yield "half", nn.Linear(2, 2).half().eval()
    yield "gelu layer", nn.TransformerEncoderLayer(4, 2, 8, activation=F.gelu)
    for bias in (True, False):
        yield "lstm", nn.LSTM(2, 2, 2, bidirectional=True, bias=bias, proj_size=1)
    yield "weight norm", nn.utils.weight_norm(nn.Linear(2, 2))
    for pruned in ("l1_unstructured", "random_unstructured"):
        layer_pruned = nn.Linear(2, 2)
        getattr(prune, pruned)(layer_pruned, "weight", 0.5)
        yield pruned, layer_pruned
    yield "averaged", swa_utils.AveragedModel(nn.Linear(2, 2))
    yield "data", torch.utils.data.TensorDataset(torch.ones(2, 1))
    yield "part of data", torch.utils.data.Subset(torch.utils.data.TensorDataset(torch.ones(2, 1)), [0])
    yield "normal", torch.distributions.Normal(0.0, 1.0)
    yield "categorical", torch.distributions.Categorical(torch.ones(2) / 2)


def _classes(module: Any) -> list[type]:
    found = {one for one in vars(module).values() if inspect.isclass(one) and issubclass(one, nn.Module)}
    found |= {one for one in vars(module.modules).values() if inspect.isclass(one) and issubclass(one, nn.Module)}
    found |= {nn.modules.linear.NonDynamicallyQuantizableLinear, nn.modules.batchnorm._NormBase}  # noqa: SLF001
    lazy = nn.modules.lazy.LazyModuleMixin  # holds bound methods until it has seen data, and is another class then
    return sorted((cls for cls in found if not issubclass(cls, lazy)), key=lambda cls: cls.__name__)


def _made(cls: type, arguments: tuple[Any, ...] | None) -> Any:
    arguments = arguments or _ARGUMENTS.get(cls.__name__)
    for given in (arguments,) if arguments is not None else _TRIES:
        try:
            return cls(*given)
        except (TypeError, ValueError, AttributeError, NotImplementedError, RuntimeError):
            continue
    print(f"not made: {cls.__name__}", file=sys.stderr)
    return None


def _training() -> Iterator[tuple[str, Any]]:
    """Yield optimizers after a step, and schedules."""
    for name in dir(optim):
        cls = getattr(optim, name)
        if not inspect.isclass(cls) or not issubclass(cls, optim.Optimizer) or cls is optim.Optimizer:
            continue
        model = nn.Embedding(3, 2, sparse=True) if name == "SparseAdam" else nn.Linear(2, 2, bias=name != "Muon")
        chosen = cls(model.parameters(), lr=0.1)
        loss = model(torch.tensor([1]) if name == "SparseAdam" else torch.ones(1, 2)).sum()
        loss.backward()
        chosen.step(*((loss.detach,) if name == "LBFGS" else ()))
        yield name, chosen
        yield f"{name} as a dict", {"model": model.state_dict(), "optimizer": chosen.state_dict(), "epoch": 1}
    sgd = optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1)
    for schedule in (
        lr_scheduler.StepLR(sgd, 3), lr_scheduler.MultiStepLR(sgd, [1]), lr_scheduler.ExponentialLR(sgd, 0.9),
        lr_scheduler.ConstantLR(sgd), lr_scheduler.LinearLR(sgd), lr_scheduler.PolynomialLR(sgd),
        lr_scheduler.CosineAnnealingLR(sgd, 3), lr_scheduler.CosineAnnealingWarmRestarts(sgd, 3),
        lr_scheduler.ReduceLROnPlateau(sgd), lr_scheduler.OneCycleLR(sgd, 0.1, 10),
        lr_scheduler.SequentialLR(sgd, [lr_scheduler.ConstantLR(sgd), lr_scheduler.StepLR(sgd, 3)], [2]),
    ):  # fmt: skip
        yield f"{type(schedule).__name__} as a dict", schedule.state_dict()
        try:
            pickle.dumps(schedule)
        except (AttributeError, TypeError, pickle.PicklingError):
            continue
        yield type(schedule).__name__, schedule


def _functions() -> Iterator[Any]:
    """Yield functions of torch.nn.functional that are pickled by their name."""
    for name in sorted(vars(F)):
        function = vars(F)[name]
        if name.startswith("_") or name in _CALLERS or not callable(function) or inspect.isclass(function):
            continue
        try:
            data = pickle.dumps(function, 2)
        except (AttributeError, TypeError, pickle.PicklingError):
            continue
        if b"ctorch.nn.functional\n" in data or b"ctorch._C._nn\n" in data:
            yield function
