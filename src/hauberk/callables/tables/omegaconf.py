"""Safe callables of OmegaConf. Made by tools/make_callables.py; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = ("omegaconf 2.4.0",)

ROWS: Final[Mapping[str, Mapping[str, tuple[str, str, str, str]]]] = {
    "omegaconf.base": {
        "ContainerMetadata": ("import new build", "", "", "what kind of values a configuration holds"),
        "Metadata": ("import new build", "", "", "what kind of value a value is"),
    },
    "omegaconf.dictconfig": {
        "DictConfig": ("import new build", "", "", "a configuration"),
    },
    "omegaconf.listconfig": {
        "ListConfig": ("import new build", "", "", "a list of a configuration"),
    },
    "omegaconf.nodes": {
        "AnyNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
        "BooleanNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
        "BytesNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
        "FloatNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
        "IntegerNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
        "PathNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
        "StringNode": (
            "import new build",
            "",
            "",
            "a value of a configuration; an interpolation is text until somebody asks for the value",
        ),
    },
}
