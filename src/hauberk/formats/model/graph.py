"""What readers of computation graphs say: which operators a graph has, and which files it names.

ONNX, TensorFlow, TFLite, Core ML and others differ in how they are written, and are alike in what can be wrong: an
operator that does more than arithmetic, and a path that leads elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.errors import Exceeded, Malformed
from hauberk.finding import Location, RawFile, Unchecked, UncheckedCode
from hauberk.formats.contents import Described

if TYPE_CHECKING:
    from collections.abc import Sized

    from hauberk.errors import HauberkError
    from hauberk.formats.contents import Part
    from hauberk.limits import Limits


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator that a graph uses, at the first place where it is used like this.

    Attributes:
        runtime: whose operators these are: onnx, tensorflow, tflite, coreml, openvino, paddle.
        domain: the name space of the operator, where the runtime has some; empty for the runtime's own.
        name: of the operator.
        offset: of the node.
        detail: what of its attributes and constant inputs tells something; empty for an ordinary one.
    """

    runtime: str
    domain: str
    name: str
    offset: int
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.domain}::{self.name}" if self.domain else self.name


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that is opened because the model names it: the path as it stands there, and what for."""

    path: str
    purpose: str
    offset: int


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that the format allows or a reader takes, and no program writes."""

    saw: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDescription(Described):
    """What a graph holds besides arithmetic."""

    operators: tuple[Operator, ...] = ()
    files: tuple[NamedFile, ...] = ()
    oddities: tuple[Oddity, ...] = ()


class Gathered:
    """What a reader has met so far: each thing once, so that a file that breaks off still says what came before."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._operators: dict[tuple[str, str, str, str], Operator] = {}
        self._files: dict[tuple[str, str], NamedFile] = {}
        self._oddities: dict[str, Oddity] = {}
        self._raw: dict[str, int | None] = {}
        self._unchecked: dict[tuple[str, str], Unchecked] = {}

    def operator(self, operator: Operator) -> None:
        """Keep an operator; raise `Exceeded` where there are too many different ones."""
        self._room(self._operators)
        self._operators.setdefault((operator.runtime, operator.domain, operator.name, operator.detail), operator)

    def file(self, path: str, purpose: str, offset: int) -> None:
        """Keep a path that the model names."""
        self._room(self._files)
        self._files.setdefault((path, purpose), NamedFile(path, purpose, offset))

    def odd(self, saw: str, offset: int) -> None:
        """Keep a fact that no program writes."""
        self._room(self._oddities)
        self._oddities.setdefault(saw, Oddity(saw, offset))

    def note(self, code: UncheckedCode, detail: str, offset: int | None = None) -> None:
        """Keep what could not be looked at."""
        self._room(self._unchecked)
        self._unchecked.setdefault((code, detail), Unchecked(code, detail, Location(offset=offset)))

    def raw(self, name: str, end: int | None) -> None:
        """Keep that a file beside the model is raw numbers, up to an offset, or to its end where none is said."""
        self._room(self._raw)
        known = self._raw.get(name, 0)
        self._raw[name] = None if end is None or known is None else max(known, end)

    def broken(self, error: HauberkError) -> None:
        """Keep why the reading ended before the file did."""
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.MALFORMED
        if "nested deeper" in error.message:  # than the official parsers of Protocol Buffers follow
            self._oddities.setdefault(error.message, Oddity(f"{error.message}, which no program writes", 0))
        self._unchecked.setdefault((code, error.message), Unchecked(code, error.message))

    def whole(self, form: str = "", parts: tuple[Part, ...] = ()) -> GraphDescription:
        """Return all of it."""
        return GraphDescription(
            unchecked=tuple(self._unchecked.values()),
            parts=parts,
            raw_files=tuple(RawFile(name, end) for name, end in self._raw.items()),
            format=form,
            operators=tuple(self._operators.values()),
            files=tuple(self._files.values()),
            oddities=tuple(self._oddities.values()),
        )

    def _room(self, kept: Sized) -> None:
        if len(kept) >= self.limits.max_graph_operators:
            raise Exceeded(f"more than {self.limits.max_graph_operators} different operators, files or oddities")


FAULTS = (Malformed, Exceeded)
