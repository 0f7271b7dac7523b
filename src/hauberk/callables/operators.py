"""Operators of computation graphs: which are known to be arithmetic, and which do something else.

A graph runs when the model is used, and with some loaders already when it is loaded. An operator is arithmetic unless a
row says otherwise; one that no list has needs a library that the model's author wants somebody to load. Sources:
TensorFlow's and Paddle's operator registries, TensorFlow's `SECURITY.md` ("TensorFlow models are programs"); ONNX
Runtime's `constants.h`, "Custom operators" and the documentation of ONNX Runtime Extensions; TFLite's registrations of
custom operators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Capability, Judgement, Tier
from hauberk.callables.tables import paddle_operators, tensorflow_operators

if TYPE_CHECKING:
    from collections.abc import Mapping

CODE: Final = Capability.CODE
READ: Final = Capability.FILE_READ
WRITE: Final = Capability.FILE_WRITE
NETWORK: Final = Capability.NETWORK
LOAD: Final = Capability.DESERIALISE
DENY: Final = Capability.DENIAL

_PYTHON = "calls a Python function by its token"
_RECORDS = "reads the files that its input names, record by record"
_SUMMARY = "writes to the log that its writer has opened"
_DUMP = "writes tensors to the folder or the address that it names"
_SERVICE = "connects to the address that its input names"
_DATASET = "reads the data set that lies at the path in its input"

DANGEROUS: Final[Mapping[str, tuple[Capability, str]]] = {
    "PyFunc": (CODE, _PYTHON),
    "PyFuncStateless": (CODE, _PYTHON),
    "EagerPyFunc": (CODE, _PYTHON),
    "ReadFile": (READ, "reads the file that its input names"),
    "MatchingFiles": (READ, "lists the files that a pattern matches"),
    "MatchingFilesDataset": (READ, "lists the files that a pattern matches"),
    "ExperimentalMatchingFilesDataset": (READ, "lists the files that a pattern matches"),
    "WholeFileReader": (READ, "reads whole files"),
    "WholeFileReaderV2": (READ, "reads whole files"),
    "TextLineReader": (READ, _RECORDS),
    "TextLineReaderV2": (READ, _RECORDS),
    "TFRecordReader": (READ, _RECORDS),
    "TFRecordReaderV2": (READ, _RECORDS),
    "FixedLengthRecordReader": (READ, _RECORDS),
    "FixedLengthRecordReaderV2": (READ, _RECORDS),
    "LMDBReader": (READ, _RECORDS),
    "LMDBDataset": (READ, _RECORDS),
    "ExperimentalLMDBDataset": (READ, _RECORDS),
    "TextLineDataset": (READ, _RECORDS),
    "TFRecordDataset": (READ, _RECORDS),
    "TFRecordDatasetV2": (READ, _RECORDS),
    "FixedLengthRecordDataset": (READ, _RECORDS),
    "FixedLengthRecordDatasetV2": (READ, _RECORDS),
    "CSVDataset": (READ, _RECORDS),
    "CSVDatasetV2": (READ, _RECORDS),
    "ExperimentalCSVDataset": (READ, _RECORDS),
    "SqlDataset": (READ, "opens the database that its input names"),
    "ExperimentalSqlDataset": (READ, "opens the database that its input names"),
    "LoadDataset": (READ, _DATASET),
    "SnapshotDatasetReader": (READ, _DATASET),
    "SnapshotNestedDatasetReader": (READ, _DATASET),
    "SnapshotChunkDataset": (READ, _DATASET),
    "ListSnapshotChunksDataset": (READ, _DATASET),
    "WriteFile": (WRITE, "writes the file that its input names"),
    "SaveDataset": (WRITE, "writes a data set to the path in its input"),
    "SaveDatasetV2": (WRITE, "writes a data set to the path in its input"),
    "SnapshotDataset": (WRITE, "writes a data set to the path in its input"),
    "SnapshotDatasetV2": (WRITE, "writes a data set to the path in its input"),
    "DatasetToTFRecord": (WRITE, "writes a data set to the path in its input"),
    "ExperimentalDatasetToTFRecord": (WRITE, "writes a data set to the path in its input"),
    "DistributedSave": (WRITE, "has a data service write a data set"),
    "CreateSummaryFileWriter": (WRITE, "opens a log in the folder that its input names"),
    "CreateSummaryDbWriter": (WRITE, "opens a database that its input names"),
    "WriteSummary": (WRITE, _SUMMARY),
    "WriteRawProtoSummary": (WRITE, _SUMMARY),
    "WriteScalarSummary": (WRITE, _SUMMARY),
    "WriteHistogramSummary": (WRITE, _SUMMARY),
    "WriteImageSummary": (WRITE, _SUMMARY),
    "WriteAudioSummary": (WRITE, _SUMMARY),
    "WriteGraphSummary": (WRITE, _SUMMARY),
    "ImportEvent": (WRITE, _SUMMARY),
    "StatsAggregatorSetSummaryWriter": (WRITE, _SUMMARY),
    "DebugIdentity": (WRITE, _DUMP),
    "DebugIdentityV2": (WRITE, _DUMP),
    "DebugIdentityV3": (WRITE, _DUMP),
    "DebugNanCount": (WRITE, _DUMP),
    "DebugNumericSummary": (WRITE, _DUMP),
    "SummaryWriter": (WRITE, _SUMMARY),
    "SerializeTRTResource": (WRITE, "writes an engine to the file that its input names"),
    "InitializeTRTResource": (READ, "loads an engine from the file that its input names"),
    "RemoteFusedGraphExecute": (CODE, "gives a graph to an executor of another library"),
    "RemoteCall": (NETWORK, "calls a function on another machine"),
    "BigtableClient": (NETWORK, _SERVICE),
    "KafkaDataset": (NETWORK, _SERVICE),
    "WorkerHeartbeat": (DENY, "ends the worker that runs it"),
    "RpcCall": (NETWORK, _SERVICE),
    "RpcClient": (NETWORK, _SERVICE),
    "RpcServer": (NETWORK, "opens a server at the address that its input names"),
    "RpcServerStart": (NETWORK, "opens a server"),
    "RpcServerRegister": (NETWORK, "lets others call a function over the network"),
    "Rpc": (NETWORK, _SERVICE),
    "TryRpc": (NETWORK, _SERVICE),
    "RegisterDataset": (NETWORK, _SERVICE),
    "RegisterDatasetV2": (NETWORK, _SERVICE),
    "DataServiceDataset": (NETWORK, _SERVICE),
    "DataServiceDatasetV2": (NETWORK, _SERVICE),
    "DataServiceDatasetV3": (NETWORK, _SERVICE),
    "DataServiceDatasetV4": (NETWORK, _SERVICE),
    "BigQueryReader": (NETWORK, _SERVICE),
    "FileSystemSetConfiguration": (NETWORK, "changes how the file systems of the process connect"),
    "DatasetFromGraph": (LOAD, "runs a graph that it takes as text, where no scan of this graph looks"),
    "Abort": (DENY, "ends the process"),
}

_PATH = "reads the file that an attribute names"
_PATH_WRITTEN = "writes the file that an attribute names"
_ENDPOINT = "connects to the address that an attribute names"
_ENGINE = "loads an engine from the file that an attribute names"
_COMPILED = "compiles and runs the code in its attributes"

# `print` writes to the terminal only; collectives speak to whom the process that runs the program has chosen.
PADDLE_DANGEROUS: Final[Mapping[str, tuple[Capability, str]]] = {
    "py_func": (CODE, "calls a Python function by its number"),
    "py_layer": (CODE, "calls a Python function by its number"),
    "ap_variadic": (CODE, _COMPILED),
    "ap_facade": (CODE, _COMPILED),
    "read_file": (READ, _PATH),
    "load": (READ, _PATH),
    "load_sr": (READ, _PATH),
    "load_combine": (READ, _PATH),
    "load_combine_extended": (READ, _PATH),
    "load_combine_vocab": (READ, _PATH),
    "tensorrt_engine": (READ, _ENGINE),
    "openvino_engine": (READ, _ENGINE),
    "save": (WRITE, _PATH_WRITTEN),
    "save_sr": (WRITE, _PATH_WRITTEN),
    "save_combine": (WRITE, _PATH_WRITTEN),
    "save_combine_vocab": (WRITE, _PATH_WRITTEN),
    "check_numerics": (WRITE, "writes to the folder that an attribute names"),
    "send": (NETWORK, "sends values to an address"),
    "recv": (NETWORK, "takes values from an address"),
    "send_and_recv": (NETWORK, "sends values to an address"),
    "send_barrier": (NETWORK, _ENDPOINT),
    "fetch_barrier": (NETWORK, _ENDPOINT),
    "checkpoint_notify": (NETWORK, _ENDPOINT),
    "c_comm_init": (NETWORK, _ENDPOINT),
    "listen_and_serv": (NETWORK, "opens a server"),
    "heter_listen_and_serv": (NETWORK, "opens a server"),
    "gen_nccl_id": (NETWORK, "opens a server"),
    "gen_bkcl_id": (NETWORK, "opens a server"),
    "c_gen_nccl_id": (NETWORK, "opens a server"),
    "c_gen_bkcl_id": (NETWORK, "opens a server"),
    "c_gen_xccl_id": (NETWORK, "opens a server"),
}

MXNET_PYTHON: Final = frozenset({"Custom", "_Native", "_NDArray", "_CustomFunction", "_TVMOp"})

# ONNX Runtime's own domains, and those of its execution providers and extensions.
ONNX_DOMAINS: Final = frozenset(
    {
        "",
        "ai.onnx.ml",
        "ai.onnx.training",
        "ai.onnx.preview",
        "ai.onnx.preview.training",
        "ai.onnx.contrib",
        "com.microsoft",
        "com.microsoft.extensions",
        "com.microsoft.nchwc",
        "com.microsoft.dml",
        "com.ms.internal.nhwc",
    }
)
# Names that run Python in whichever domain they are: ONNX Runtime's language interoperation, and its extensions.
ONNX_PYTHON: Final = frozenset({"PyOp", "PyCustomOp", "PyFunc", "PythonOp", "PythonOpGrad", "TritonOp"})

# Operators that TFLite's and MediaPipe's interpreters register themselves, though the format calls them custom.
_TFLITE_CUSTOM: Final = """
    TFLite_Detection_PostProcess AudioSpectrogram Mfcc NumericVerify AtrousConv2D Convolution2DTransposeBias
    MaxPoolingWithArgmax2D MaxUnpooling2D MaxPool2DWithArgmax Landmarks2TransformMatrix TransformLandmarks
    TransformTensor TransformTensorBilinear HashtableLookup RandomUniform RandomStandardNormal Multinomial
    Irfft2D Rfft AddN Roll TensorArrayReadV3 ReluN TFSentencepieceTokenizeOp CTCBeamSearchDecoder UnsortedSegmentProd
    Gamma Table ExtractDesignMatrix AggregateDesign edgetpu-custom-op aux.place_holder STABLEHLO_ODML StableHLOComposite
    odml.runtime_bmm odml.update_external_kv_cache odml.update_kv_cache odml.scaled_dot_product_attention
    tfl.odml_rmsnorm odml.rmsnorm aeq.hadamard_rotation DISPATCH_OP
"""
TFLITE_CUSTOM: Final = frozenset(_TFLITE_CUSTOM.split())

# Operators of libraries by TensorFlow's own authors, which ordinary models of theirs need.
_TENSORFLOW_LIBRARIES: Final = """
    SentencepieceOp SentencepieceTokenizeOp SentencepieceDetokenizeOp SentencepieceVocabSizeOp SentencepieceIdToStringOp
    SentencepieceStringToIdOp WordpieceTokenizeWithOffsets CaseFoldUTF8 NormalizeUTF8 NormalizeUTF8WithOffsetsMap
    RegexSplitWithOffsets WhitespaceTokenizeWithOffsets WhitespaceTokenizeWithOffsetsV2 UnicodeScriptTokenizeWithOffsets
    FastWordpieceTokenizeWithOffsets FastBertNormalize FastSentencepieceTokenize FastSentencepieceDetokenize
    SplitMergeTokenizeWithOffsets SplitMergeFromLogitsTokenizeWithOffsets NgramsStringJoin FindSourceOffsets
    ConstrainedSequence MstMaxSum SentenceFragments SentenceFragmentsV2 RougeL TextSplitterByWhitespace
    SimpleMLInferenceOp SimpleMLInferenceOpWithHandle SimpleMLInferenceLeafIndexOpWithHandle
    SimpleMLCreateModelResource SimpleMLLoadModelFromPathWithHandle SimpleMLLoadModelFromPath
"""
TENSORFLOW_LIBRARIES: Final = frozenset(_TENSORFLOW_LIBRARIES.split())
# TensorFlow Addons and the like put a name of their own before `>`.
TENSORFLOW_PREFIXES: Final = ("Addons>",)


def judge_operator(runtime: str, domain: str, name: str) -> Judgement:
    """Return what an operator is able to do: safe, unknown, or dangerous with a capability."""
    asked = {"onnx": _onnx, "tensorflow": _tensorflow, "tflite": _tflite, "paddle": _paddle, "mxnet": _mxnet}.get(
        runtime, _unlisted
    )
    return asked(domain, name)


def _onnx(domain: str, name: str) -> Judgement:
    if name in ONNX_PYTHON and domain not in ("ai.onnx.contrib", "com.microsoft"):
        return _is(Tier.DANGEROUS, f"{domain}::{name}", "imports a Python module and calls a class of it", CODE)
    if name in ONNX_PYTHON:
        return _is(Tier.DANGEROUS, f"{domain}::{name}", "calls a Python function of the process", CODE)
    if name.startswith("Azure") and domain.startswith("com.microsoft"):
        return _is(Tier.DANGEROUS, f"{domain}::{name}", "sends its input to an address", NETWORK)
    if name == "ATen":
        return _is(Tier.UNKNOWN, f"{domain}::{name}", "calls any operator of PyTorch by its name")
    if domain in ONNX_DOMAINS:
        return _is(Tier.SAFE, name, "an operator of ONNX or ONNX Runtime")
    return _is(Tier.UNKNOWN, f"{domain}::{name}", "needs a library that registers it")


def _tensorflow(_domain: str, name: str) -> Judgement:
    if name in DANGEROUS:
        capability, why = DANGEROUS[name]
        return _is(Tier.DANGEROUS, name, why, capability)
    known = name in tensorflow_operators.NAMES or name in TENSORFLOW_LIBRARIES or name.startswith(TENSORFLOW_PREFIXES)
    if known:
        return _is(Tier.SAFE, name, "an operator of TensorFlow")
    return _is(Tier.UNKNOWN, name, "needs a library that registers it")


def _tflite(_domain: str, name: str) -> Judgement:
    if name.startswith("Flex"):
        return _tensorflow("", name.removeprefix("Flex"))
    if name in TFLITE_CUSTOM:
        return _is(Tier.SAFE, name, "a custom operator that interpreters bring along")
    return _is(Tier.UNKNOWN, name, "needs a library that registers it")


def _paddle(domain: str, name: str) -> Judgement:
    """Judge an operator of a program, or with its dialect one of the IR, where `_` at the end works in place."""
    full = f"{domain}.{name}" if domain else name
    plain = name.removesuffix("_")
    if plain in PADDLE_DANGEROUS and domain in ("", "pd_op"):
        capability, why = PADDLE_DANGEROUS[plain]
        return _is(Tier.DANGEROUS, full, why, capability)
    if full in paddle_operators.NAMES:
        return _is(Tier.SAFE, full, "an operator of Paddle")
    return _is(Tier.UNKNOWN, full, "needs a library that registers it")


def _mxnet(_domain: str, name: str) -> Judgement:
    if name in MXNET_PYTHON:
        return _is(Tier.DANGEROUS, name, "calls a Python class or function that the process registered", CODE)
    return _is(Tier.SAFE, name, "not known to do more than compute; no list of MXNet's operators is complete")


def _unlisted(domain: str, name: str) -> Judgement:
    return _is(Tier.UNKNOWN, f"{domain}::{name}" if domain else name, "needs a library that registers it")


def _is(tier: Tier, name: str, why: str, capability: Capability | None = None) -> Judgement:
    return Judgement(tier, capability, name, why)
