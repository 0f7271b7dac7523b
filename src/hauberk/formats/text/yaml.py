"""YAML as somebody else wrote it: its data, and the tags that make an unsafe loader import or call something.

Events are read, never objects made: what a tag would do is told from its name. Aliases are followed to the value that
they stand for, which is shared and not copied.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hauberk.finding import Unchecked, UncheckedCode

if TYPE_CHECKING:
    from hauberk.limits import Limits

YAML_TAG: Final = "tag:yaml.org,2002:"
PYTHON_TAG: Final = f"{YAML_TAG}python/"
# A tag that may name a Python object, however it is abbreviated or escaped; keys that programs act on.
TELLING: Final = re.compile(
    rb"![^\s]{0,64}(?:python|%|\w\.\w|ruby)|^%TAG|tag:yaml|(?:^|[\s{,?\"'])(?:_target_|loader_module|trust_remote_code|auto_map|"
    rb"chat_template|python_function|class_path|pip|channels|model_code_path|build_dependencies|entry_points|dependencies|flavors|target|activation_fn|activation_function)"
    rb"(?:[\"']?\s*:|\s*$)|\"[^\"\n]{0,64}\\[xuU][0-9a-fA-F]{2}[^\"\n]{0,64}\"\s*:",
    re.MULTILINE,
)
# Keys that stand together in the plan of a model, and in the file of a data set, as ultralytics reads them.
_KEY: Final = rb"(?:^|[{,?])[ \t]*(?:[!&]\S*[ \t]+){0,4}[\"']?(?:%s)[\"']?[ \t]*(?::|$)"
_TOGETHER: Final = tuple(
    tuple(re.compile(_KEY % key, re.MULTILINE) for key in pair)
    for pair in ((rb"backbone", rb"head"), (rb"download", rb"names|nc"))
)
# Aliases side by side, as a text has them that grows when they are followed.
REPEATING: Final = re.compile(
    rb"(?:\*[\w-]+[ \t]*,\s*(?:[\w-]+[ \t]*:[ \t]*)?){2}\*[\w-]|"
    rb"(?:^[ \t]*(?:-|[\w-]+:)[ \t]+\*[\w-]+[ \t]*\r?\n){3}",
    re.MULTILINE,
)
_MOST_TAGS: Final = 1000
_MOST_GROWN: Final = 1 << 60


def tells(data: bytes) -> re.Match[bytes] | None:
    """Return a telling word of a YAML text, None where it has none."""
    if found := TELLING.search(data):
        return found
    for one, other in _TOGETHER:
        if (found := one.search(data)) and other.search(data):
            return found
    return None


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that names an object of a language: its name, the scalar that it stands before, and its line."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Read:
    """The first document, all Python tags, or why the text could not be read; `spent`: by a budget.

    `grown` is how many values there are where each alias is a copy, over all documents.
    """

    document: Any = None
    tags: tuple[Tag, ...] = ()
    fault: Unchecked | None = None
    spent: bool = False
    grown: int = 0


@dataclass(slots=True)
class _Builder:
    """Makes plain data from events, without recursion."""

    most: int
    deepest: int
    tags: list[Tag] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    anchors: dict[str, Any] = field(default_factory=dict)
    open: list[tuple[Any, list[Any]]] = field(default_factory=list)
    count: int = 0
    grown: list[int] = field(default_factory=lambda: [0])
    sizes: dict[str, int] = field(default_factory=dict)
    names: list[str | None] = field(default_factory=list)

    def begin(self, value: Any, anchor: str | None) -> None:
        """Open a container."""
        self.open.append((value, []))
        self.names.append(anchor)
        self.grown.append(0)

    def end(self) -> None:
        """Close a container, and add what is in it to that around it."""
        self.open.pop()
        name, size = self.names.pop(), self.grown.pop()
        self.grown[-1] = min(self.grown[-1] + size, _MOST_GROWN)
        if name is not None:
            self.sizes[name] = size + 1

    def put(self, value: Any, anchor: str | None, size: int = 1) -> None:
        self.count += 1
        self.grown[-1] = min(self.grown[-1] + size, _MOST_GROWN)
        if anchor is not None:
            self.anchors[anchor] = value
        if not self.open:
            self.documents.append(value)
            return
        container, waiting = self.open[-1]
        if isinstance(container, list):
            container.append(value)
        elif waiting:
            container[waiting.pop()] = value
        else:
            waiting.append(value if isinstance(value, str) else repr(type(value)))

    @property
    def is_full(self) -> bool:
        return self.count > self.most or len(self.open) > self.deepest


def read(data: bytes, limits: Limits) -> Read:
    """Return the first document of a YAML text, and the Python tags of all of them."""
    import yaml  # noqa: PLC0415 - most scans meet no such text, and it costs a tenth of their start

    if len(data) > limits.max_yaml_bytes:
        detail = f"YAML of {len(data)} bytes with a telling word, where {limits.max_yaml_bytes} are read"
        return Read(fault=Unchecked(UncheckedCode.LIMIT, detail), spent=True)
    builder = _Builder(limits.max_document_values, limits.max_document_depth)
    try:
        for event in yaml.parse(data.decode("utf-8-sig"), Loader=yaml.SafeLoader):
            _take(builder, event)
            if builder.is_full:
                fault = Unchecked(UncheckedCode.LIMIT, "YAML with more values, or deeper, than is read")
                return Read(tags=tuple(builder.tags), fault=fault, spent=True)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        said = (str(error).splitlines() or [""])[0][:80]
        return Read(tags=tuple(builder.tags), fault=Unchecked(UncheckedCode.MALFORMED, f"not YAML: {said}"))
    document = builder.documents[0] if builder.documents else None
    return Read(document, tuple(builder.tags), grown=builder.grown[0])


def _take(builder: _Builder, event: Any) -> None:
    kind = type(event).__name__
    if kind == "AliasEvent":
        builder.put(builder.anchors.get(event.anchor), None, builder.sizes.get(event.anchor, 1))
    elif kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
        tag = event.tag or ""
        if (named := _named(tag)) and len(builder.tags) < _MOST_TAGS:
            value = event.value if kind == "ScalarEvent" else ""
            builder.tags.append(Tag(named[:512], value[:512], event.start_mark.line + 1))
        if kind == "ScalarEvent":
            builder.put(event.value, event.anchor)
            return
        value = {} if kind == "MappingStartEvent" else []
        builder.put(value, event.anchor)
        builder.begin(value, event.anchor)
    elif kind in ("MappingEndEvent", "SequenceEndEvent"):
        builder.end()


def _named(tag: str) -> str:
    """Return what a tag names: `object:a.B` for Python's, `java:a.B` and `ruby:A::B` for those of other languages."""
    if tag.startswith(PYTHON_TAG):
        return tag.removeprefix(PYTHON_TAG)
    if tag.startswith("!ruby/"):
        return f"ruby:{tag.removeprefix('!ruby/')}"
    name = tag.removeprefix(YAML_TAG)
    return f"java:{name}" if name != tag and "." in name and not name.startswith("python/") else ""
