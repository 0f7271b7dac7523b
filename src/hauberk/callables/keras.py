"""Names in a Keras configuration: which are Keras's own, and what the others would bring in.

A configuration names the class or function of each layer by module and name. Keras looks the name up among what it
exports and what a program has registered; older releases import whatever module is named. The names that Keras exports
are in a table that is made from Keras itself. Sources: `keras/src/saving/serialization_lib.py` of Keras 3.0 to 3.15;
CVE-2025-1550, CVE-2025-8747, CVE-2025-9906, CVE-2025-12058.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.callables.judge import judge_name
from hauberk.callables.judgement import Capability, Judgement, Tier
from hauberk.callables.operators import judge_operator
from hauberk.callables.tables import keras_names

if TYPE_CHECKING:
    from collections.abc import Mapping

READ: Final = Capability.FILE_READ
WRITE: Final = Capability.FILE_WRITE
NETWORK: Final = Capability.NETWORK
LOAD: Final = Capability.DESERIALISE
CODE: Final = Capability.CODE
TAMPER: Final = Capability.REGISTRY_TAMPERING

# Names of Keras that do more than compute, by the last part: they are exported under several modules.
DANGEROUS: Final[Mapping[str, tuple[Capability, str]]] = {
    "get_file": (NETWORK, "fetches an address into a file, and unpacks it"),
    "load_img": (READ, "reads a file"),
    "save_img": (WRITE, "writes a file"),
    "plot_model": (WRITE, "writes a file, and starts a program for it"),
    "model_to_dot": (WRITE, "starts a program"),
    "image_dataset_from_directory": (READ, "reads the files of a folder"),
    "text_dataset_from_directory": (READ, "reads the files of a folder"),
    "audio_dataset_from_directory": (READ, "reads the files of a folder"),
    "load_model": (LOAD, "loads another model"),
    "load_weights": (LOAD, "loads another file"),
    "save_model": (WRITE, "writes a file"),
    "save_weights": (WRITE, "writes a file"),
    "load_data": (NETWORK, "fetches a data set"),
    "model_from_json": (LOAD, "loads another model"),
    "model_from_config": (LOAD, "loads another model"),
    "deserialize_keras_object": (LOAD, "loads another object"),
    "register_keras_serializable": (TAMPER, "changes what later names mean"),
    "get_custom_objects": (TAMPER, "changes what later names mean"),
    "CustomObjectScope": (TAMPER, "changes what later names mean"),
    "custom_object_scope": (TAMPER, "changes what later names mean"),
    "enable_unsafe_deserialization": (TAMPER, "switches the protection of loading off"),
    "KerasFileEditor": (LOAD, "opens another file"),
    "ExportArchive": (WRITE, "writes files"),
    "TFSMLayer": (LOAD, "loads the SavedModel at a path that the configuration names"),
    "TorchModuleWrapper": (LOAD, "loads a pickled PyTorch module"),
    "LambdaCallback": (CODE, "calls functions of the configuration"),
    "clear_session": (TAMPER, "empties the state of the process"),
    "set_backend": (TAMPER, "changes settings of the process"),
    "ModelCheckpoint": (WRITE, "writes files"),
    "BackupAndRestore": (WRITE, "writes files"),
    "CSVLogger": (WRITE, "writes files"),
    "TensorBoard": (WRITE, "writes files"),
    "RemoteMonitor": (NETWORK, "sends what it sees to an address"),
}

# Classes of Keras 1 and 2 that Keras 3 no longer has, and what it writes without exporting it.
_OLD: Final = """
    Model Functional Sequential TensorFlowOpLayer TFOpLambda SlicingOpLambda ClassMethod InstanceMethod InstanceProperty
    CuDNNLSTM CuDNNGRU LocallyConnected1D LocallyConnected2D ThresholdedReLU RandomFourierFeatures
    SyncBatchNormalization
    BatchNormalizationV1 BatchNormalizationV2 LSTMV2 GRUV2 AbstractRNNCell DenseFeatures SequenceFeatures RandomHeight
    RandomWidth Merge MaxoutDense Highway TimeDistributedDense AtrousConvolution1D AtrousConvolution2D Deconvolution2D
    ConvRecurrent2D WideDeepModel LinearModel MeanMetricWrapper SumOverBatchSize LossFunctionWrapper VarianceScaling
    GlorotUniformV2 GlorotNormalV2 RandomUniformV2 RandomNormalV2 TruncatedNormalV2 ZerosV2 OnesV2 ConstantV2
    PolicyV1 Policy LossScaleOptimizer TFOptimizer NodeDef DistributedLookup Functionalized TFSMLayer Regularizer
    TensorShape KerasTensor KerasVariable StringTable ExperimentalLinear CategoricalEncoding PolynomialDecay
    AggregationMethod FakeApproxLayer LayerNormalizationV2 MovingAverage StaticHashTable
"""
_BARE: Final = frozenset(name.rpartition(".")[2] for name in keras_names.NAMES) | frozenset(_OLD.split())
# What Keras itself looks up under the module `builtins`: its functions that configurations know by a bare name.
_SHORT: Final = re.compile(
    r"keras\.(?:activations|constraints|initializers|losses|metrics|optimizers|regularizers)\.\w+"
)
_BUILTINS: Final = frozenset(
    name.rpartition(".")[2] for name in keras_names.NAMES if _SHORT.fullmatch(name)
) | frozenset(
    {"int", "float", "bool", "str", "tuple", "list", "dict", "set", "slice", "complex", "bytes", "type", "NoneType"}
)
_SPECIAL: Final = frozenset(
    {"__tensor__", "__numpy__", "__ellipsis__", "__tuple__", "__slice__", "__bytes__", "__keras_tensor__"}
)
_COMPANIONS: Final = ("keras", "keras_hub", "keras_nlp", "keras_cv", "keras_rs", "keras_core", "tf_keras")
_CLASS: Final = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)
_MODULE: Final = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", re.ASCII)
_TYPE_SPEC: Final = re.compile(r"tensorflow\.python\.[a-z_.]+", re.ASCII)
# Functions of TensorFlow that old configurations call while the model is made: by the first part of their name.
_TENSORFLOW_MODULES: Final = """
    math nn linalg strings image signal bitwise ragged sparse random sets quantization __operators__ compat keras dtypes
    __array_ops__ audio autograph
"""
_TENSORFLOW: Final = frozenset(_TENSORFLOW_MODULES.split())
_TENSORFLOW_BAD: Final[Mapping[str, tuple[Capability, str]]] = {
    "io": (WRITE, "TensorFlow's functions for files"),
    "py_function": (CODE, "calls a Python function"),
    "py_func": (CODE, "calls a Python function"),
    "numpy_function": (CODE, "calls a Python function"),
    "load_library": (CODE, "loads a library"),
    "load_op_library": (CODE, "loads a library"),
    "saved_model": (LOAD, "loads another model"),
    "data": (READ, "TensorFlow's functions for data sets"),
    "summary": (WRITE, "writes a log"),
    "train": (READ, "reads or writes checkpoints"),
    "distribute": (NETWORK, "connects to other machines"),
    "debugging": (WRITE, "writes a log"),
    "gfile": (WRITE, "TensorFlow's functions for files"),
    "import_graph_def": (LOAD, "runs another graph"),
    "get_file": (NETWORK, "fetches an address into a file"),
    "print": (WRITE, "writes to a file that its argument names"),
}


def judge_keras(module: str | None, name: str) -> Judgement:
    """Return what the name of a class or a function in a configuration is."""
    known = DANGEROUS.get(name)
    ours = module is None or module == "builtins" or module.partition(".")[0] in _COMPANIONS
    if known is not None and ours:
        return Judgement(Tier.DANGEROUS, known[0], _full(module, name), known[1])
    if module is None:
        return _safe(name) if name in _BARE or name in _SPECIAL else _unknown(name)
    full = f"{module}.{name}"
    if full in keras_names.NAMES or (module == "builtins" and name in _BUILTINS | _SPECIAL):
        return _safe(full)
    if ours and module != "builtins":
        fits = _MODULE.fullmatch(module) and _CLASS.fullmatch(name)
        return _safe(full) if fits and (module.partition(".")[0] != "keras" or name in _BARE) else _unknown(full)
    return judge_name(module, name)


def judge_type_spec(module: str, name: str) -> Judgement:
    """Return what the module and the name of a type specification are."""
    if _TYPE_SPEC.fullmatch(module) and name.endswith("Spec") and name.isidentifier():
        return _safe(f"{module}.{name}")
    return judge_name(module, name)


def judge_tensorflow_function(name: str) -> Judgement:
    """Return what a function of TensorFlow is, as `math.add` or `tf.math.add` names it."""
    parts = name.removeprefix("tf.").removeprefix("tensorflow.").split(".")
    parts = parts[2:] if parts[0] == "compat" and len(parts) > 2 else parts
    bad = next((_TENSORFLOW_BAD[part] for part in parts if part in _TENSORFLOW_BAD), None)
    if bad is None and parts[-1] in DANGEROUS:
        bad = DANGEROUS[parts[-1]]
    if bad is not None:
        return Judgement(Tier.DANGEROUS, bad[0], f"tensorflow.{'.'.join(parts)}", bad[1])
    if parts[0] == "raw_ops" and len(parts) == 2:
        return judge_operator("tensorflow", "", parts[1])
    if all(part.isidentifier() for part in parts) and (parts[0] in _TENSORFLOW or len(parts) == 1):
        return _safe(f"tensorflow.{'.'.join(parts)}")
    return _unknown(f"tensorflow.{'.'.join(parts)}")


def _full(module: str | None, name: str) -> str:
    return name if module is None else f"{module}.{name}"


def _safe(name: str) -> Judgement:
    return Judgement(Tier.SAFE, None, name, "Keras's own")


def _unknown(name: str) -> Judgement:
    return Judgement(Tier.UNKNOWN, None, name, "not Keras's own: nobody has shown that it is harmless")
