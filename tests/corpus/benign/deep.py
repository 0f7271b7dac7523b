"""Ordinary files of PyTorch, safetensors, GGUF, ONNX and the repositories of Hugging Face."""

from __future__ import annotations

import io
import json
import pathlib
import pickle
import tempfile
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from corpus.sample import Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator


def saved(value: object, **how: Any) -> bytes:
    out = io.BytesIO()
    torch.save(value, out, **how)
    return out.getvalue()


def samples() -> Iterator[Sample]:
    """Yield them all."""
    torch.manual_seed(1)
    yield from _checkpoints()
    yield from _programs()
    for maker in (_safetensors, _gguf, _onnx, _repositories, _flax):
        try:
            yield from maker()
        except ImportError:
            continue


def _modules() -> dict[str, torch.nn.Module]:
    nn = torch.nn
    return {
        "linear": nn.Linear(3, 2), "mlp": nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 2)), "cnn": nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.Flatten()), "lstm": nn.LSTM(3, 5, 2), "gru": nn.GRU(3, 5),
        "embedding": nn.Embedding(10, 4), "attention": nn.MultiheadAttention(8, 2), "encoder": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2), "norm": nn.LayerNorm(4), "activations": nn.Sequential(nn.GELU(), nn.SiLU(), nn.Softmax(-1), nn.LeakyReLU(), nn.Tanh(), nn.Sigmoid()),
        "dictionary": nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.Identity()}), "list": nn.ModuleList([nn.Linear(1, 1)]), "transposed": nn.ConvTranspose2d(1, 1, 2), "pool": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.AvgPool2d(2)), "group": nn.GroupNorm(2, 4), "upsample": nn.Upsample(scale_factor=2), "bilinear": nn.Bilinear(2, 2, 1), "losses": nn.ModuleList([nn.CrossEntropyLoss(), nn.MSELoss()]),
    }  # fmt: skip


def _checkpoints() -> Iterator[Sample]:
    for name, module in _modules().items():
        yield file("torch", f"{name}-state", "model.pt", saved(module.state_dict()))
        yield file("torch", f"{name}-module", "model.pth", saved(module))
        yield file(
            "torch", f"{name}-legacy", "model.pt", saved(module.state_dict(), _use_new_zipfile_serialization=False)
        )
        yield file("torch", f"{name}-pickle", "model.pkl", pickle.dumps(module.state_dict()))
    yield file("torch", "module-legacy", "model.pt", saved(_modules()["mlp"], _use_new_zipfile_serialization=False))
    kinds = [
        "float64",
        "float16",
        "bfloat16",
        "int8",
        "uint8",
        "int16",
        "int32",
        "int64",
        "bool",
        "complex64",
        "float8_e4m3fn",
    ]
    for kind in kinds:
        yield file("torch", f"tensor-{kind}", "x.pt", saved(torch.zeros(4).to(getattr(torch, kind))))
    shared = torch.arange(10.0)
    values: dict[str, Any] = {
        "views": [shared, shared[2:5], shared.view(2, 5).t()], "parameter": torch.nn.Parameter(torch.ones(2)), "size": torch.Size([1, 2]), "device": torch.device("cpu"), "dtype": torch.float32, "sparse": torch.eye(3).to_sparse(), "sparse-rows": torch.eye(3).to_sparse_csr(),
        "generator": torch.Generator().get_state(), "quantized": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8), "empty": {}, "storage": torch.ones(3).untyped_storage(), "numpy": {"a": np.ones(3), "b": torch.ones(2)}, "meta": torch.empty(3, device="meta"), "gradient": torch.ones(3, requires_grad=True),
    }  # fmt: skip
    for name, value in values.items():
        try:
            yield file("torch", name, "x.pt", saved(value))
        except (RuntimeError, NotImplementedError):
            continue
    model = _modules()["mlp"]
    for name, kind in {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "sgd": torch.optim.SGD,
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
        "lbfgs": torch.optim.LBFGS,
    }.items():
        optimizer = kind(model.parameters(), lr=0.1)
        model(torch.ones(1, 4)).sum().backward()
        optimizer.step(lambda: model(torch.ones(1, 4)).sum())
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
        state = {
            "epoch": 3,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
            "loss": torch.tensor(0.5),
            "args": {"lr": 0.1, "name": "x"},
            "best": 0.25,
        }
        yield file("torch", f"training-{name}", "checkpoint.ckpt", saved(state))
        yield file("torch", f"optimizer-{name}", "optimizer.pt", saved(optimizer))
    import argparse  # noqa: PLC0415

    yield file(
        "torch",
        "namespace",
        "last.pt",
        saved({"args": argparse.Namespace(lr=0.1), "state": OrderedDict(a=torch.ones(1))}),
    )
    yield file(
        "torch",
        "lightning",
        "epoch=1.ckpt",
        saved(
            {
                "epoch": 1,
                "global_step": 10,
                "pytorch-lightning_version": "2.5.0",
                "state_dict": OrderedDict(model.state_dict()),
                "callbacks": {"ModelCheckpoint": {"best_model_path": "x"}},
                "optimizer_states": [],
                "lr_schedulers": [],
                "hparams_name": "kwargs",
                "hyper_parameters": {"lr": 0.1},
            }
        ),
    )


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.layer(x))


class Branching(torch.nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        for _ in range(n):
            if bool(x.sum() > 0):  # noqa: SIM108 - TorchScript is to see a branch
                x = x + torch.zeros_like(x)
            else:
                x = torch.cat([x, x]).softmax(0)
        return x


def _programs() -> Iterator[Sample]:
    for name, module in {
        "script": lambda: torch.jit.script(Net()),
        "trace": lambda: torch.jit.trace(Net(), torch.ones(1, 3)),
        "branching": lambda: torch.jit.script(Branching()),
        "sequential": lambda: torch.jit.trace(_modules()["cnn"].eval(), torch.ones(1, 3, 8, 8)),
        "lstm": lambda: torch.jit.script(torch.nn.LSTM(3, 4)),
        "frozen": lambda: torch.jit.freeze(torch.jit.script(Net().eval())),
    }.items():
        try:
            out = io.BytesIO()
            torch.jit.save(module(), out)
            yield file("torchscript", name, "model.pt", out.getvalue())
        except Exception:  # noqa: BLE001 - a release without TorchScript
            continue
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "package.pt")
        from torch.package import PackageExporter  # noqa: PLC0415

        with PackageExporter(str(path)) as exporter:
            exporter.extern("**")
            exporter.save_pickle("model", "model.pkl", _modules()["mlp"])
            exporter.save_text("text", "a.txt", "hello")
        yield file("torch-package", "externs-only", "package.pt", path.read_bytes())
        for name, module, example in (
            ("net", Net(), (torch.ones(1, 3),)),
            ("mlp", _modules()["mlp"].eval(), (torch.ones(1, 4),)),
        ):
            try:
                target = pathlib.Path(folder, f"{name}.pt2")
                torch.export.save(torch.export.export(module, example), str(target))
                yield file("torch-export", name, "model.pt2", target.read_bytes())
            except Exception:  # noqa: BLE001 - a release without exports
                continue


def _safetensors() -> Iterator[Sample]:
    from safetensors.numpy import save  # noqa: PLC0415
    from safetensors.torch import save as save_torch  # noqa: PLC0415

    values = {
        "two": {"a": np.ones((2, 3), "f4"), "b": np.arange(5)},
        "empty": {},
        "one-scalar": {"a": np.array(1.5)},
        "empty-tensor": {"a": np.empty((0, 3), "f4")},
        "halves": {"a": np.ones(3, "f2")},
        "booleans": {"a": np.array([True])},
        "many": {f"layer.{i}.weight": np.ones(4, "f4") for i in range(300)},
    }
    for name, value in values.items():
        yield file("safetensors", name, "model.safetensors", save(value))
        yield file(
            "safetensors",
            f"{name}-metadata",
            "model.safetensors",
            save(value, {"format": "pt", "note": "os.system('x')"}),
        )
    for kind in ("bfloat16", "float8_e4m3fn", "int8", "float64"):
        yield file("safetensors", kind, "model.safetensors", save_torch({"a": torch.ones(4).to(getattr(torch, kind))}))
    yield file("safetensors", "state", "model.safetensors", save_torch(_modules()["encoder"].state_dict()))


TEMPLATE = "{% for message in messages %}{% if message['role'] == 'user' %}{{ '<|user|>\\n' + message['content'] + eos_token }}{% elif message['role'] == 'system' %}{{ '<|system|>\\n' + message['content'] }}{% endif %}{% if loop.last and add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}{% endfor %}"
TOOLS = "{%- macro render(tool) -%}{{ tool.name | tojson }}({% for p, v in tool.parameters.items() %}{{ p }}: {{ v.type }}{% if not loop.last %}, {% endif %}{% endfor %}){%- endmacro -%}{%- set ns = namespace(found=false) -%}{%- for m in messages -%}{%- if m.tool_calls is defined and m.tool_calls -%}{%- set ns.found = true -%}{%- endif -%}{{- m.content | trim -}}{%- endfor -%}{%- if not ns.found and strftime_now is defined -%}{{ strftime_now('%Y') }}{%- endif -%}{%- if messages|length == 0 -%}{{ raise_exception('no messages') }}{%- endif -%}"
LLAMA = "{{- bos_token }}{%- if messages[0]['role'] == 'system' %}{%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}{%- else %}{%- set system_message = \"\" %}{%- endif %}{{- \"<|start_header_id|>system<|end_header_id|>\\n\\n\" }}{{- system_message }}{%- for message in messages %}{%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}{%- endif %}{%- endfor %}{%- if message.content is string and message.content.startswith('x') %}{{ message.content.split('</think>')[-1].lstrip('\\n') }}{%- endif %}"
TEMPLATES = {"chatml": TEMPLATE, "tools": TOOLS, "llama": LLAMA}


def _gguf() -> Iterator[Sample]:
    from gguf import GGUFWriter  # noqa: PLC0415

    for name, template in {"plain": None, **TEMPLATES}.items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "m.gguf")
            writer = GGUFWriter(str(path), "llama")
            writer.add_name("small")
            writer.add_context_length(128)
            writer.add_embedding_length(8)
            writer.add_block_count(1)
            writer.add_float32("x.scale", 0.5)
            writer.add_bool("x.flag", True)
            writer.add_token_list([b"<s>", b"</s>", b"os", b"system"])
            writer.add_token_scores([0.0, 0.1, 0.2, 0.3])
            writer.add_token_types([3, 3, 1, 1])
            if template:
                writer.add_chat_template(template)
            writer.add_tensor("token_embd.weight", np.ones((4, 8), "f4"))
            writer.add_tensor("output.weight", np.ones((8, 4), "f2"))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            yield file("gguf", name, "model.gguf", path.read_bytes())
    for kind in ("Q4_0", "Q8_0"):
        import gguf  # noqa: PLC0415

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "m.gguf")
            writer = GGUFWriter(str(path), "llama")
            quantised = gguf.quants.quantize(np.ones((4, 64), "f4"), getattr(gguf.GGMLQuantizationType, kind))
            writer.add_tensor("a.weight", quantised, raw_dtype=getattr(gguf.GGMLQuantizationType, kind))
            writer.write_header_to_file()
            writer.write_kv_data_to_file()
            writer.write_tensors_to_file()
            writer.close()
            yield file("gguf", f"quantised-{kind}", "model.gguf", path.read_bytes())


def _onnx() -> Iterator[Sample]:
    import onnx  # noqa: PLC0415
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    def model(nodes: list[Any], weights: dict[str, np.ndarray], **more: Any) -> Any:
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
        graph = helper.make_graph(nodes, "g", [x], [y], [numpy_helper.from_array(v, k) for k, v in weights.items()])
        return helper.make_model(
            graph,
            producer_name="test",
            opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)],
            **more,
        )

    gemm = helper.make_node("Gemm", ["x", "w", "b"], ["y"])
    weights = {"w": np.ones((3, 2), "f4"), "b": np.zeros(2, "f4")}
    yield file("onnx", "gemm", "model.onnx", model([gemm], weights).SerializeToString())
    then = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["t"])],
        "then",
        [],
        [helper.make_tensor_value_info("t", TensorProto.FLOAT, None)],
    )
    condition = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True)))
    yield file(
        "onnx",
        "if",
        "model.onnx",
        model(
            [condition, helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=then)], {}
        ).SerializeToString(),
    )
    described = model([gemm], weights)
    described.doc_string = "os.system('x')"
    described.metadata_props.add(key="author", value="me")
    yield file("onnx", "described", "model.onnx", described.SerializeToString())
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.onnx")
        onnx.save_model(
            model([gemm], {"w": np.ones((3, 200), "f4"), "b": np.zeros(200, "f4")}),
            str(path),
            save_as_external_data=True,
            location="model.onnx.data",
            size_threshold=16,
        )
        yield Sample("onnx", "external-data", {p.name: p.read_bytes() for p in path.parent.iterdir()})
    try:
        from skl2onnx import to_onnx  # noqa: PLC0415
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415
    except ImportError:
        return
    rows, classes = np.random.default_rng(1).normal(size=(40, 3)).astype("f4"), np.arange(40) % 2
    for name, estimator in {
        "logistic": LogisticRegression(),
        "forest": RandomForestClassifier(3),
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    }.items():
        yield file(
            "onnx",
            f"skl2onnx-{name}",
            "model.onnx",
            to_onnx(estimator.fit(rows, classes), rows[:1]).SerializeToString(),
        )


def _repositories() -> Iterator[Sample]:
    from safetensors.torch import save as save_torch  # noqa: PLC0415

    def dumps(value: object) -> bytes:
        return json.dumps(value, indent=2).encode()

    for name, template in TEMPLATES.items():
        files = {
            "README.md": b"---\nlicense: apache-2.0\ntags:\n- text-generation\n---\n# Model\nUse `trust_remote_code=False`.\n",
            "config.json": dumps({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8, "torch_dtype": "float32", "transformers_version": "5.24.0", "vocab_size": 4}),
            "generation_config.json": dumps({"bos_token_id": 1, "eos_token_id": 2, "do_sample": True}),
            "tokenizer_config.json": dumps({"bos_token": "<s>", "eos_token": "</s>", "chat_template": template, "tokenizer_class": "LlamaTokenizer", "added_tokens_decoder": {"0": {"content": "<unk>", "special": True}}}),
            "tokenizer.json": dumps({"version": "1.0", "truncation": None, "added_tokens": [], "pre_tokenizer": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"os": 0, "system": 1, "eval": 2, "import": 3}, "merges": ["o s"]}}),
            "special_tokens_map.json": dumps({"bos_token": "<s>"}),
            "vocab.txt": b"os\nsystem\neval\n",
            "model.safetensors": save_torch({"model.embed_tokens.weight": torch.ones(4, 8)}, {"format": "pt"}),
            ".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
        }  # fmt: skip
        yield Sample("hugging-face", f"repository-{name}", files)
        yield file("hugging-face", f"template-file-{name}", "chat_template.jinja", template.encode())
    sharded = {
        "config.json": dumps({"model_type": "llama"}),
        "model-00001-of-00002.safetensors": save_torch({"a": torch.ones(2)}),
        "model-00002-of-00002.safetensors": save_torch({"b": torch.ones(2)}),
        "model.safetensors.index.json": dumps(
            {
                "metadata": {"total_size": 16},
                "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"},
            }
        ),
    }
    yield Sample("hugging-face", "sharded", sharded)
    yield Sample(
        "hugging-face",
        "pytorch-bin",
        {
            "config.json": dumps({"model_type": "bert"}),
            "pytorch_model.bin": saved(OrderedDict(_modules()["encoder"].state_dict())),
            "training_note.txt": b"x",
        },
    )
    yield Sample(
        "hugging-face",
        "peft",
        {
            "adapter_config.json": dumps(
                {
                    "peft_type": "LORA",
                    "r": 8,
                    "base_model_name_or_path": "org/model",
                    "auto_mapping": None,
                    "target_modules": ["q_proj"],
                }
            ),
            "adapter_model.safetensors": save_torch({"a": torch.ones(2)}),
        },
    )
    yield Sample(
        "hugging-face",
        "sentence-transformers",
        {
            "modules.json": dumps(
                [
                    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                ]
            ),
            "1_Pooling/config.json": dumps({"word_embedding_dimension": 8}),
            "config.json": dumps({"model_type": "bert"}),
        },
    )
    yield Sample(
        "hugging-face",
        "diffusers",
        {
            "model_index.json": dumps(
                {
                    "_class_name": "StableDiffusionPipeline",
                    "_diffusers_version": "0.30.0",
                    "unet": ["diffusers", "UNet2DConditionModel"],
                    "tokenizer": ["transformers", "CLIPTokenizer"],
                }
            ),
            "unet/config.json": dumps({"_class_name": "UNet2DConditionModel"}),
        },
    )
    yield file(
        "hugging-face",
        "preprocessor",
        "preprocessor_config.json",
        dumps({"image_processor_type": "ViTImageProcessor", "size": {"height": 224}}),
    )
    loader = "artifact_path: model\nflavors:\n  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n    loader_module: mlflow.sklearn\n    model_path: model.pkl\n    predict_fn: predict\n    python_version: 3.11.7\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n    sklearn_version: 1.9.1\nmlflow_version: 3.0.0\nmodel_size_bytes: 900\nmodel_uuid: 5f0e0d54a1b34c0f9f3c9f1f6a2d9a11\nrun_id: 1f0e0d54a1b34c0f9f3c9f1f6a2d9a11\nutc_time_created: '2026-01-01 00:00:00.000000'\n"
    model = pickle.dumps(
        __import__("sklearn.linear_model").linear_model.LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    )
    environment = "channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip<=23.2\n- pip:\n  - mlflow==3.0.0\n  - scikit-learn==1.9.1\nname: mlflow-env\n"
    yield Sample(
        "mlflow",
        "sklearn",
        {
            "MLmodel": loader.encode(),
            "model.pkl": model,
            "conda.yaml": environment.encode(),
            "python_env.yaml": b"python: 3.11.7\nbuild_dependencies:\n- pip==23.2\n- setuptools\n- wheel==0.40.0\ndependencies:\n- -r requirements.txt\n",
            "requirements.txt": b"mlflow==3.0.0\nscikit-learn==1.9.1\n",
            "input_example.json": b'{"columns": ["a"], "data": [[1]]}',
            "registered_model_meta": b"model_name: fraud\nmodel_version: '3'\n",
        },
    )
    yield Sample(
        "mlflow",
        "pytorch",
        {
            "MLmodel": loader.replace("mlflow.sklearn", "mlflow.pytorch")
            .replace("model_path: model.pkl", "data: data")
            .encode(),
            "data/model.pth": saved(_modules()["mlp"]),
            "data/pickle_module_info.txt": b"mlflow.pytorch.pickle_module",
            "conda.yaml": environment.encode(),
            "requirements.txt": b"torch==2.13.0\nmlflow\n",
        },
    )
    yield Sample(
        "mlflow",
        "xgboost",
        {
            "MLmodel": loader.replace("mlflow.sklearn", "mlflow.xgboost").replace("model.pkl", "model.ubj").encode(),
            "conda.yaml": environment.encode(),
        },
    )


def _flax() -> Iterator[Sample]:
    import flax.serialization as fs  # noqa: PLC0415

    values = {
        "arrays": {"params": {"dense": {"kernel": np.ones((3, 2), "f4"), "bias": np.zeros(2, "f4")}}},
        "scalars": {"step": 3, "rate": 0.5, "name": "x"},
        "big": {"a": np.ones((100, 100), "f4")},
        "complex": {"a": 1 + 2j},
        "numpy-scalar": {"a": np.float32(1.5)},
        "nested-lists": {"a": {"0": np.ones(2), "1": np.ones(3)}},
    }
    for name, value in values.items():
        yield file("flax", name, "flax_model.msgpack", fs.msgpack_serialize(value))
