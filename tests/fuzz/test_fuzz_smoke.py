"""Each fuzz target, on a short run of mutations that is the same every time; `make fuzz` runs them in earnest."""

import re
import sys

import pytest

from fuzz.driver import feed, inputs, load, names
from shape.sources import PACKAGE, modules

INPUTS = 250
PURE_READERS = ("formats", "signature", "evidence", "ledger", "policy", "gate")
READS = re.compile(r"(decode|parse|describe|from_|sniff|read_yaml)\w*|of")

# Which target reaches each module that reads what somebody else wrote.
TARGET_OF = {
    "evidence.alias": "statement",
    "evidence.instant": "trust",
    "evidence.trust": "trust",
    "formats.archive.sevenzip": "sevenzip",
    "formats.archive.startup": "startup",
    "formats.archive.streams": "streams",
    "formats.archive.tar": "tar",
    "formats.archive.zip": "zip",
    "formats.document": "document",
    "formats.encoded": "text_models",
    "formats.executable": "media",
    "formats.layouts": "zip",
    "formats.media": "media",
    "formats.model.catboost": "boosting",
    "formats.model.coreml": "graph_models",
    "formats.model.flax": "graph_models",
    "formats.model.gguf": "gguf",
    "formats.model.hdf5": "hdf5",
    "formats.model.joblib": "joblib",
    "formats.model.keras_config": "keras_config",
    "formats.model.matlab": "records",
    "formats.model.numpy": "numpy",
    "formats.model.onnx": "onnx",
    "formats.model.openvino": "graph_models",
    "formats.model.paddle": "graph_models",
    "formats.model.paddle_parameters": "graph_models",
    "formats.model.pickle.description": "pickle",
    "formats.model.rds": "rds",
    "formats.model.records": "records",
    "formats.model.safetensors": "safetensors",
    "formats.model.safetensors_index": "safetensors_index",
    "formats.model.sentencepiece": "graph_models",
    "formats.model.tensorflow.checkpoint": "checkpoint",
    "formats.model.tensorflow.saved_model": "saved_model",
    "formats.model.tflite": "tflite",
    "formats.model.torch.archive": "torch",
    "formats.model.torch.distributed": "torch",
    "formats.model.torch.exported": "torch",
    "formats.model.torch.flat": "torch",
    "formats.model.torch.legacy": "torch",
    "formats.model.torch.script": "torch",
    "formats.model.torch.served": "torch",
    "formats.model.ubjson": "boosting",
    "formats.model.xgboost_binary": "records",
    "formats.readers": "sniff",
    "formats.sniff": "sniff",
    "formats.table.feast": "feast",
    "formats.table.feast_redis": "feast",
    "formats.table.feast_values": "feast",
    "formats.text.jinja": "text",
    "formats.text.plain": "text",
    "formats.text.python": "text",
    "formats.text.redis_acl": "redis",
    "formats.text.redis_address": "redis",
    "formats.texts": "text_models",
    "formats.tiff": "records",
    "formats.wire.resp": "redis",
    "gate.passport": "passport",
    "ledger.add_checkpoint": "note",
    "ledger.checkpoint": "note",
    "ledger.entry": "entry",
    "ledger.index": "index",
    "ledger.prove": "entry",
    "ledger.tiles": "http_head",
    "policy.policy": "policy",
    "signature.base64": "envelope",
    "signature.certificate": "certificate",
    "signature.dsse": "envelope",
    "signature.jcs": "json",
    "signature.key": "envelope",
    "signature.note": "note",
    "signature.oms": "oms",
    "signature.oms_bundle": "oms",
}


def readers() -> set[str]:
    """Return the modules of the pure floors with a public function that reads."""
    return {
        module.name
        for module in modules()
        if module.floor in PURE_READERS and any(READS.fullmatch(function.name) for function in module.functions)
    }


def files_reached(call) -> set[str]:
    """Return the source files of the functions that run during a call."""
    reached: set[str] = set()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _argument: reached.add(frame.f_code.co_filename) if event == "call" else None)
    try:
        call()
    finally:
        sys.setprofile(before)
    return reached


def feed_seeds(name: str) -> None:
    target = load(name)
    for seed in target.seeds():
        feed(target, seed)


@pytest.mark.parametrize("name", names())
def test_a_parser_raises_nothing_but_our_errors(name):
    target = load(name)
    seeds = target.seeds()
    assert seeds
    for data in inputs(name, seeds, INPUTS):
        feed(target, data)


def test_every_parser_has_a_target():
    assert readers() == set(TARGET_OF)


@pytest.mark.parametrize("name", sorted(set(TARGET_OF.values())))
def test_a_target_reaches_the_parsers_that_it_is_for(name):
    wanted = {module for module, target in TARGET_OF.items() if target == name}
    reached = files_reached(lambda: feed_seeds(name))
    assert {module for module in wanted if str(PACKAGE / f"{module.replace('.', '/')}.py") not in reached} == set()


def test_mutations_are_the_same_in_every_run():
    seeds = [b"one seed", b"another"]
    assert list(inputs("a name", seeds, 50)) == list(inputs("a name", seeds, 50))
    assert list(inputs("a name", seeds, 50)) != list(inputs("other name", seeds, 50))
