"""Ordinary files of what is built on PyTorch: exported programs, ExecuTorch, TorchServe, Lightning, PEFT, NeMo's form."""

from __future__ import annotations

import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
from typing import TYPE_CHECKING, Any

from corpus.benign.extra import tree
from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def samples() -> Iterator[Sample]:
    """Yield what can be made here."""
    for maker in (_exported, _executorch, _served, _lightning, _adapters, _nemo):
        try:
            yield from maker()
        except ImportError:
            continue


def models() -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Return small networks, each with what it is called with."""
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    image, words = torch.ones(1, 1, 8, 8), torch.ones(1, 4, 8)
    conv = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2))
    return {
        "linear": (nn.Sequential(nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 2)).eval(), (torch.ones(1, 3),)),
        "conv": (conv.eval(), (image,)),
        "transformer": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval(), (words,)),
        "lstm": (nn.LSTM(8, 4, batch_first=True).eval(), (words,)),
    }


def _exported() -> Iterator[Sample]:
    import torch  # noqa: PLC0415

    for name, (model, arguments) in models().items():
        program = torch.export.export(model, arguments)
        out = io.BytesIO()
        torch.export.save(program, out)
        yield file("torch-export", f"family-{name}", "model.pt2", out.getvalue())
    trained = torch.export.export(models()["linear"][0].train(), (torch.ones(1, 3),))
    out = io.BytesIO()
    torch.export.save(trained, out)
    yield file("torch-export", "family-training", "model.pt2", out.getvalue())


def _executorch() -> Iterator[Sample]:
    import torch  # noqa: PLC0415
    from executorch.exir import to_edge  # noqa: PLC0415

    for name in ("linear", "conv"):
        model, arguments = models()[name]
        edge = to_edge(torch.export.export(model, arguments))
        yield file("executorch", name, "model.pte", edge.to_executorch().buffer)


def _served() -> Iterator[Sample]:
    import model_archiver  # noqa: F401, PLC0415
    import torch  # noqa: PLC0415

    model = models()["linear"][0]
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        torch.jit.script(model).save(str(place / "model.pt"))
        for form in ("default", "no-archive"):
            command = ["--model-name", f"m-{form}", "--version", "1.0", "--serialized-file", str(place / "model.pt")]
            command += ["--handler", "image_classifier", "--export-path", folder, "--archive-format", form, "--force"]
            code = "from model_archiver.model_packaging import generate_model_archive as go; go()"
            subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True)
        yield file("torchserve", "built-in-handler", "model.mar", (place / "m-default.mar").read_bytes())
        yield Sample("torchserve", "folder", tree(place / "m-no-archive"))


def _lightning() -> Iterator[Sample]:
    import pytorch_lightning as pl  # noqa: PLC0415
    import torch  # noqa: PLC0415

    class Plain(pl.LightningModule):
        def __init__(self, width: int = 4, rate: float = 0.1, name: str = "plain") -> None:
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(3, width)

        def training_step(self, batch: Any, _: int) -> Any:
            return self.layer(batch[0]).sum()

        def configure_optimizers(self) -> Any:
            optimizer = torch.optim.AdamW(self.parameters(), lr=self.hparams.rate)
            return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]

    rows = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 3)), batch_size=2)
    with tempfile.TemporaryDirectory() as folder:
        quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
        trainer = pl.Trainer(max_epochs=1, default_root_dir=folder, accelerator="cpu", **quiet)
        trainer.fit(Plain(), rows)
        path = pathlib.Path(folder, "last.ckpt")
        trainer.save_checkpoint(str(path))
        yield file("lightning", "trained", "last.ckpt", path.read_bytes())
        trainer.save_checkpoint(str(path), weights_only=True)
        yield file("lightning", "weights", "last.ckpt", path.read_bytes())


def _adapters() -> Iterator[Sample]:
    import peft  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    settings = {"vocab_size": 32, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    plain = transformers.LlamaConfig(intermediate_size=16, num_key_value_heads=2, **settings)
    configurations = {
        "lora": peft.LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"),
        "ia3": peft.IA3Config(target_modules=["k_proj"], feedforward_modules=[], task_type="CAUSAL_LM"),
        "prompt": peft.PromptTuningConfig(num_virtual_tokens=2, task_type="CAUSAL_LM"),
    }
    for name, configuration in configurations.items():
        for safe in (True, False):
            model = peft.get_peft_model(transformers.LlamaForCausalLM(plain), configuration)
            with tempfile.TemporaryDirectory() as folder:
                model.save_pretrained(folder, safe_serialization=safe)
                yield Sample("peft", f"{name}-{'safetensors' if safe else 'pickle'}", tree(pathlib.Path(folder)))


NEMO = """\
target: nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE
nemo_version: 2.4.0
sample_rate: 16000
train_ds:
  manifest_filepath: ???
  batch_size: 16
preprocessor:
  _target_: nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor
  sample_rate: ${sample_rate}
  window: hann
spec_augment:
  _target_: nemo.collections.asr.modules.SpectrogramAugmentation
  freq_masks: 2
encoder:
  _target_: nemo.collections.asr.modules.ConformerEncoder
  feat_in: 80
  n_layers: 16
decoder:
  _target_: nemo.collections.asr.modules.ConvASRDecoder
  num_classes: -1
optim:
  name: adamw
  lr: 0.001
  sched:
    name: CosineAnnealing
tokenizer:
  dir: ???
  type: bpe
  model_path: nemo:tokenizer.model
"""


def _nemo() -> Iterator[Sample]:
    """Yield NeMo's form: a tar of a configuration and a checkpoint, as `SaveRestoreConnector` puts them together."""
    import torch  # noqa: PLC0415

    weights = io.BytesIO()
    torch.save(models()["linear"][0].state_dict(), weights)
    members = {"./model_config.yaml": NEMO.encode(), "./model_weights.ckpt": weights.getvalue()}
    for packing in ("", "gz"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode=f"w:{packing}") as archive:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        yield file("nemo", f"model-{packing or 'plain'}", "model.nemo", out.getvalue())
