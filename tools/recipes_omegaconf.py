"""OmegaConf: configurations of Hydra and NeMo, which checkpoints of Lightning and others keep."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf, nodes
from recording import State

if TYPE_CHECKING:
    from collections.abc import Iterator

_NODE = "a value of a configuration; an interpolation is text until somebody asks for the value"
_NAMES = ("AnyNode", "StringNode", "IntegerNode", "FloatNode", "BooleanNode", "BytesNode", "PathNode")
ROWS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("omegaconf.dictconfig", "DictConfig"): ("", "", "a configuration"),
    ("omegaconf.listconfig", "ListConfig"): ("", "", "a list of a configuration"),
    ("omegaconf.base", "ContainerMetadata"): ("", "", "what kind of values a configuration holds"),
    ("omegaconf.base", "Metadata"): ("", "", "what kind of value a value is"),
    **{("omegaconf.nodes", name): ("", "", _NODE) for name in _NAMES},
}


def states() -> Iterator[State]:
    """Yield configurations as they are read from YAML, with every kind of value, and with flags set."""
    for label, value in _values().items():
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            yield State(f"{label} in protocol {protocol}", pickle.dumps(value, protocol))
        out = io.BytesIO()
        pickle.dump({"hyper_parameters": value}, out)
        yield State(f"{label} as hyper-parameters", out.getvalue())


def _values() -> dict[str, Any]:
    text = "a:\n  b: [1, 2.5, null, true, x]\n  c: ${a.b}\n  d: ???\n_target_: torch.nn.Linear\ne: ${oc.env:HOME}\n"
    read_only = OmegaConf.create({"a": [1, {"b": 2}]})
    OmegaConf.set_readonly(read_only, value=True)
    typed = OmegaConf.create({"a": nodes.IntegerNode(1), "b": nodes.FloatNode(1.5), "c": nodes.StringNode("x")})
    typed.d = nodes.BooleanNode(value=True)
    typed.e = nodes.BytesNode(b"x")
    typed.f = nodes.PathNode("x")
    looked_at = OmegaConf.create(text)
    str(looked_at.a.c)
    return {
        "from YAML": OmegaConf.create(text),
        "looked at": looked_at,
        "a list": OmegaConf.create([1, "a", [None]]),
        "empty": OmegaConf.create(),
        "read-only": read_only,
        "typed": typed,
    }
