"""Writes which names frameworks register themselves: `python tools/make_operators.py` in an environment that has them.

The operators that TensorFlow's own runtime has, and the names under which Keras registers its classes and functions.
The tables carry the version that they were made from.
"""

from __future__ import annotations

import importlib
import os
import sys
import textwrap
from pathlib import Path

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


def main() -> None:
    """Write both tables."""
    version, names = tensorflow_operators()
    write("tensorflow_operators", "Operators of TensorFlow's own runtime.", f"tensorflow {version}", names)
    version, names = keras_names()
    write("keras_names", "Names that Keras registers itself.", f"keras {version}", names)


if __name__ == "__main__":
    main()
