"""Writes which names frameworks register themselves: `python tools/make_operators.py` in an environment that has them.

The operators that TensorFlow's and Paddle's own runtimes have, and the names under which Keras registers its classes
and functions. The tables carry the versions that they were made from: a file of an older release may use an operator
that the newer one dropped, so Paddle's names are added to those of the releases that ran before. What is not installed
is left as it is, and this is said.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import textwrap
from pathlib import Path

_IR_NAME = rb"(?<=\0)(?:pd_op|builtin|cf|dist_op)\.[a-z][a-z0-9_]+(?=\0)"
TABLES = Path(__file__).parent.parent / "src" / "hauberk" / "callables" / "tables"
HEAD = '''"""{what} Made by tools/make_operators.py from {source}; do not edit."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
{names}
"""
NAMES: Final = frozenset(_NAMES.split())
'''


def write(module: str, what: str, source: str, names: set[str]) -> None:
    """Write one table."""
    lines = textwrap.fill(" ".join(sorted(names)), 116, break_long_words=False, break_on_hyphens=False)
    (TABLES / f"{module}.py").write_text(HEAD.format(what=what, source=source, names=lines))
    print(f"{module}: {len(names)} names of {source}")


def tensorflow_operators() -> tuple[str, set[str]]:
    """Return the version, and every operator that is registered when TensorFlow is imported."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    tensorflow = importlib.import_module("tensorflow")
    registered = importlib.import_module("tensorflow.core.framework.op_def_pb2").OpList()
    session = importlib.import_module("tensorflow.python.client.pywrap_tf_session")
    registered.ParseFromString(session.TF_GetBuffer(session.TF_GetAllOpList()))
    return tensorflow.__version__, {operator.name for operator in registered.op}


def keras_names() -> tuple[str, set[str]]:
    """Return the version, every name that Keras exports, and its own classes that are made from a configuration."""
    keras = importlib.import_module("keras")
    exported = set(importlib.import_module("keras.src.api_export").REGISTERED_NAMES_TO_OBJS)
    inner = {
        f"{name}.{key}"
        for name, module in list(sys.modules.items())
        if name.startswith("keras.src.")
        for key, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == name and hasattr(value, "from_config")
    }
    return keras.__version__, exported | inner


def paddle_operators() -> tuple[str, set[str]]:
    """Return the version, the operators and kernels that Paddle registers, and with their dialect those of its IR.

    The IR has no function that lists its operators: their names are read where they stand in the library.
    """
    paddle = importlib.import_module("paddle")
    core = importlib.import_module("paddle.base.core")
    protos = importlib.import_module("paddle.base.framework").OpProtoHolder.instance().op_proto_map
    library = importlib.import_module("paddle.base.libpaddle").__file__
    inner = re.findall(_IR_NAME, Path(library).read_bytes())
    return paddle.__version__, set(protos) | set(core.get_all_op_names()) | {name.decode() for name in inner}


def with_older(module: str, source: str, names: set[str]) -> tuple[str, set[str]]:
    """Return the sources and the names of a table together with those that it has from other releases."""
    path = TABLES / f"{module}.py"
    if not path.exists():
        return source, names
    package, _, version = source.partition(" ")
    before = re.search(f"from {package} (.*); do not edit", path.read_text())
    versions = sorted({version, *(before[1].split(" and ") if before else ())})
    known = importlib.import_module(f"hauberk.callables.tables.{module}").NAMES
    return f"{package} {' and '.join(versions)}", names | known


def main() -> None:
    """Write the tables of what is installed."""
    for find in (_write_tensorflow, _write_keras, _write_paddle):
        try:
            find()
        except ImportError as error:
            print(f"left as it is: {error}")


def _write_tensorflow() -> None:
    version, names = tensorflow_operators()
    write("tensorflow_operators", "Operators of TensorFlow's own runtime.", f"tensorflow {version}", names)


def _write_keras() -> None:
    version, names = keras_names()
    write("keras_names", "Names that Keras registers itself.", f"keras {version}", names)


def _write_paddle() -> None:
    version, names = paddle_operators()
    source, names = with_older("paddle_operators", f"paddlepaddle {version}", names)
    write("paddle_operators", "Operators of Paddle's own runtime.", source, names)


if __name__ == "__main__":
    main()
