"""Exported programs and served models: zips of PyTorch that are no `torch.save`.

A `.pt2` holds a graph as JSON, weights as raw numbers under names that a JSON file lists, and nested files of
`torch.save`; where AOTInductor has compiled it, also shared libraries that are loaded into the process. A `.mar` of
TorchServe holds a manifest that names a handler, Python source that the server runs, and the model's own file.

Source: `torch/export/pt2_archive/` of PyTorch 2.13; TorchServe's model archiver, 0.12.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hauberk.errors import Malformed
from hauberk.formats.archive.oddity import printable
from hauberk.formats.archive.zip import member_part
from hauberk.formats.json_tokens import JsonTokens
from hauberk.formats.model.torch.code import CodeDescription, with_code
from hauberk.formats.text import python

if TYPE_CHECKING:
    from hauberk.formats.archive.zip import Directory, Member
    from hauberk.limits import Limits
    from hauberk.view import View

# dtype of a tensor's description, `torch._export.serde.schema.ScalarType`: bytes of an element
ELEMENT_BYTES: Final = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 2, 7: 4, 8: 8, 9: 4, 10: 8, 11: 16, 12: 1, 13: 2, 28: 2, 29: 1, 30: 1, 31: 1,
    32: 1, 33: 1, 34: 4, 35: 8,
}  # fmt: skip
_PT2: Final = re.compile(r"[^/]+/archive_format|serialized_exported_program\.json", re.IGNORECASE)
_MAR: Final = "MAR-INF/MANIFEST.json"
_CONFIG: Final = re.compile(r"(?P<folder>[^/]+/data/(?:weights|constants)/)[^/]+_config\.json")
_NATIVE: Final = re.compile(
    r".*\.(?:so|pyd|dll|dylib|o|obj|cubin|fatbin|hsaco|ptx|spv|cpp|cu)", re.IGNORECASE | re.DOTALL
)
_COMPILED: Final = (".cpp", ".cu", ".ptx")
_DEEPEST: Final = 32


def is_exported(names: tuple[str, ...]) -> bool:
    """Say whether the names of members are those of an exported program."""
    return any(map(_PT2.fullmatch, names))


def is_served(names: tuple[str, ...]) -> bool:
    """Say whether the names of members are those of an archive for TorchServe."""
    return _MAR in names


def describe_exported(directory: Directory, view: View, limits: Limits) -> CodeDescription:
    """Return what an exported program holds; its weights are raw numbers where a list of them says so exactly."""
    listed = _Listed()
    lists = [(match["folder"], member) for member in directory.members if (match := _CONFIG.fullmatch(member.name))]
    if sum(member.size for _, member in lists) <= limits.max_document_bytes:
        listed.read_all(view, lists)
    parts = tuple(
        member_part(view, member) for member in directory.members if not member.is_folder and not listed.is_raw(member)
    )
    natives = _natives(directory)
    return with_code(directory, parts, "pytorch-exported", (), natives, "its loader")


def describe_served(directory: Directory, view: View, _: Limits) -> CodeDescription:
    """Return what an archive for TorchServe holds."""
    parts = []
    sources = []
    for member in directory.members:
        if member.is_folder:
            continue
        part = member_part(view, member)
        if member.name.lower().endswith(".py"):
            sources.append(part.name)
            part = replace(part, reader=python.describe)
        parts.append(part)
    return with_code(directory, tuple(parts), "torchserve", tuple(sources), _natives(directory), "TorchServe")


def _natives(directory: Directory) -> tuple[str, ...]:
    """Return members with machine code, then those with what is compiled to it."""
    found = [printable(member.name) for member in directory.members if _NATIVE.fullmatch(member.name)]
    return tuple(sorted(found, key=lambda name: name.lower().endswith(_COMPILED)))


@dataclass(slots=True)
class _Weight:
    path: str = ""
    pickled: bool = True
    element: int = 0
    count: int = 1


@dataclass(slots=True)
class _Listed:
    """The members with raw numbers and their sizes, from the JSON files that list them; `pickled` are loaded."""

    sizes: dict[str, int] = field(default_factory=dict)
    pickled: set[str] = field(default_factory=set)

    def read_all(self, view: View, lists: list[tuple[str, Member]]) -> None:
        """Read all lists; where one cannot be read nothing is raw for sure, and all is examined."""
        for folder, member in lists:
            if member.method:
                self.sizes.clear()
                return
            try:
                self._read(JsonTokens(view.read_at(member.start, member.size), "a list of weights"), folder)
            except Malformed:
                self.sizes.clear()
                return

    def _read(self, tokens: JsonTokens, folder: str) -> None:
        for key in tokens.members():
            if key != "config":
                tokens.skip(_DEEPEST)
                continue
            for _ in tokens.members():
                weight = _weight(tokens)
                name = folder + weight.path
                if weight.pickled:
                    self.pickled.add(name)
                elif weight.element:
                    self.sizes[name] = max(weight.element * weight.count, self.sizes.get(name, 0))

    def is_raw(self, member: Member) -> bool:
        return self.sizes.get(member.name) == member.size and member.name not in self.pickled


def _weight(tokens: JsonTokens) -> _Weight:
    weight = _Weight()
    for key in tokens.members():
        if key == "path_name":
            weight.path = tokens.string()
        elif key == "use_pickle":
            weight.pickled = tokens.next() != b"f"
            tokens.skip(1)
        elif key == "tensor_meta" and tokens.next() == b"{":
            _measure(tokens, weight)
        else:
            tokens.skip(_DEEPEST)
    return weight


def _measure(tokens: JsonTokens, weight: _Weight) -> None:
    for key in tokens.members():
        if key == "dtype":
            weight.element = ELEMENT_BYTES.get(tokens.whole(), 0)
        elif key == "sizes":
            for _ in tokens.items():
                for _ in tokens.members():
                    weight.count *= tokens.whole()
        else:
            tokens.skip(_DEEPEST)
