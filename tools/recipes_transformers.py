"""transformers and tokenizers: settings of training, configurations, tokenizers, and a small model of each kind."""

from __future__ import annotations

import enum
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import transformers
from hooks import hooks
from recipes_torch import READ as OF_TORCH
from recipes_torch import saved
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from transformers import trainer_callback, trainer_pt_utils, trainer_utils

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording import State

_SHARED = "reads no more than class attributes, and raises"
READ = {
    **OF_TORCH,
    "accelerate.state.PartialState.__getattr__": _SHARED,
    "collections.OrderedDict.__eq__": "compares items",
}
# Hooks of these names were read in all classes of the kind; the rule keeps what they would call.
_ENUM = {"__new__", "__hash__"}
_SETTINGS = {"__eq__", "__hash__", "__setattr__", "__getattr__", "__getattribute__"}
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}
_RULES: dict[str, tuple[str, str, str]] = {
    "transformers.tokenization_utils_base.BatchEncoding": ("encoding", "", "a dict of numbers and arrays"),
    "tokenizers.Tokenizer": ("native", "", "a tokenizer, which its native parser reads"),
    "tokenizers.models.Model": ("native", "", "the model of a tokenizer, which its native parser reads"),
    **dict.fromkeys(
        (f"transformers.trainer_utils.{name}" for name in ("PredictionOutput", "TrainOutput", "EvalLoopOutput")),
        ("fields", "", "a tuple with names"),
    ),
}
# Configurations of a few numbers each, so that the models are small; the class of the model is found by its type.
_SMALL = {
    "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 16,
    "max_position_embeddings": 16, "num_key_value_heads": 2, "head_dim": 4, "n_embd": 8, "n_layer": 1, "n_head": 2,
    "n_positions": 16, "d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2, "dim": 8, "hidden_dim": 8,
    "n_layers": 1, "n_heads": 2, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "image_size": 8, "patch_size": 4,
    "embedding_size": 8, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 0,
    "word_embed_proj_dim": 8, "ffn_dim": 8,
}  # fmt: skip
_KINDS = ("albert", "bart", "bert", "bloom", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "falcon",
          "gemma", "gpt2", "gpt_neo", "gpt_neox", "llama", "marian", "mistral", "mpnet", "opt", "phi", "qwen2",
          "roberta", "t5", "vit", "xlm-roberta")  # fmt: skip
_HEADS = (transformers.AutoModel, transformers.AutoModelForCausalLM, transformers.AutoModelForSequenceClassification,
          transformers.AutoModelForTokenClassification, transformers.AutoModelForQuestionAnswering,
          transformers.AutoModelForMaskedLM, transformers.AutoModelForSeq2SeqLM,
          transformers.AutoModelForImageClassification)  # fmt: skip


_SETTINGS_CLASSES = (
    transformers.PreTrainedConfig, transformers.GenerationConfig, transformers.TrainingArguments,
    transformers.PreTrainedTokenizerBase, trainer_callback.TrainerState, trainer_pt_utils.AcceleratorConfig,
)  # fmt: skip


def describe(module: str, name: str, taken: set[str]) -> tuple[str, str, str] | None:
    """Return rule, product and reason of a name that states use; None where it is left out."""
    full = f"{module}.{name}"
    if full in _RULES:
        return _RULES[full]
    thing = getattr(sys.modules[module], name)
    if not isinstance(thing, type):
        print(f"left out {full} {taken}", file=sys.stderr)
        return None
    found = {hook for _, hook in hooks(thing)}
    if issubclass(thing, enum.Enum) and found <= _ENUM and taken <= {"import", "call"}:
        return ("enum", "", "a member of a list of constants")
    if issubclass(thing, _SETTINGS_CLASSES) and found <= _SETTINGS:
        return ("settings", "", "settings: the state fills __dict__")
    unread = [f"{base.__module__}.{base.__name__}.{hook}" for base, hook in hooks(thing)]
    if unread := [hook for hook in unread if hook not in READ]:
        print(f"left out {full}: {', '.join(unread)} was not read", file=sys.stderr)
        return None
    if issubclass(thing, nn.Module):
        return ("module", "", "a module: its state fills __dict__")
    return ("", "", "a class without hooks: its state fills __dict__")


def states() -> Iterator[State]:
    """Yield files of `torch.save`, as the trainer and people write them."""
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    for label, value in (*_training(), *_others()):
        yield saved(label, value)
    for kind in _KINDS:
        yield from _models(kind)


def _models(kind: str) -> Iterator[State]:
    config = transformers.AutoConfig.for_model(kind)
    for key, value in _SMALL.items():
        if hasattr(config, key) and not isinstance(getattr(config, key), list | tuple | dict):
            try:
                setattr(config, key, value)
            except (AttributeError, NotImplementedError, TypeError, ValueError):
                continue
    for head in _HEADS:
        try:
            model = head.from_config(config)
        except (ValueError, TypeError, AttributeError, RuntimeError, AssertionError, KeyError, IndexError):
            continue
        yield saved(type(model).__name__, model)


def _training() -> Iterator[tuple[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        for more in ({}, {"eval_strategy": "epoch", "lr_scheduler_type": "cosine", "optim": "adamw_torch"}):
            arguments = transformers.TrainingArguments(folder, use_cpu=True, report_to=[], **more)
            yield "training arguments", arguments
        yield "seq2seq", transformers.Seq2SeqTrainingArguments(folder, use_cpu=True, report_to=[])
    yield "state", trainer_callback.TrainerState()
    numbers = np.random.RandomState(1).get_state()
    yield "random states", {"python": (3, (1, 2, 3), None), "numpy": numbers, "cpu": torch.get_rng_state()}
    yield "prediction", trainer_utils.PredictionOutput(np.zeros(2), np.zeros(2), {"a": 1.0})
    yield "trained", trainer_utils.TrainOutput(3, 0.5, {"train_runtime": 1.0})
    yield "evaluated", trainer_utils.EvalLoopOutput(np.zeros(2), np.zeros(2), {"eval_loss": 1.0}, 2)
    yield "to evaluate", trainer_utils.EvalPrediction(np.zeros(2), np.zeros(2))
    for name in (
        "IntervalStrategy",
        "SaveStrategy",
        "HubStrategy",
        "SchedulerType",
        "EvaluationStrategy",
        "FSDPOption",
    ):
        cls = getattr(trainer_utils, name, None)
        if cls is not None:
            yield name, list(cls)


def _others() -> Iterator[tuple[str, Any]]:
    yield "encoding", transformers.BatchEncoding({"input_ids": [[1, 2]], "attention_mask": torch.ones(1, 2)})
    for name in ("BertConfig", "GPT2Config", "T5Config", "LlamaConfig", "ViTConfig", "GenerationConfig", "CLIPConfig"):
        yield name, getattr(transformers, name)()
    words = Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    yield "tokenizer", words
    yield "fast", transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]")
    with tempfile.TemporaryDirectory() as folder:
        words_of = Path(folder, "vocab.txt")
        words_of.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
        yield "bert", transformers.BertTokenizer(str(words_of))
