"""What a stream of instructions would build, described without building it.

The pickle machine makes these values; the judgement of callables reads them. They live beside the other words because
the machine (`formats/`) and the judge (`callables/`) may not know each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Use(StrEnum):
    """What a stream does with a callable."""

    IMPORT = "import"  # GLOBAL, STACK_GLOBAL, INST's look-up, EXT: the module is imported, the name resolved
    CALL = "call"  # REDUCE, OBJ, INST: callable(*arguments)
    NEW = "new"  # NEWOBJ, NEWOBJ_EX: cls.__new__(cls, *arguments)
    BUILD = "build"  # BUILD: obj.__setstate__(state), or its __dict__ is updated
    EXTEND = "extend"  # APPEND(S), SETITEM(S), ADDITEMS on an object: append, extend, __setitem__ or add is called
    PERSISTENT = "persistent"  # PERSID, BINPERSID: the loader's own hook


@dataclass(frozen=True, slots=True)
class Text:
    """A string constant; `cut` where it was longer than the machine keeps."""

    value: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Blob:
    """A bytes or bytearray constant: its size and the offset of its first byte in the stream; never its content."""

    size: int
    offset: int


@dataclass(frozen=True, slots=True)
class Number:
    """An int, a bool or a float; `value` is None where it was too long to keep."""

    value: int | float | None


@dataclass(frozen=True, slots=True)
class Nothing:
    """None."""


@dataclass(frozen=True, slots=True)
class Global:
    """A name resolved in a module: `module` and the possibly dotted `name`, as the unpickler would look them up."""

    module: str
    name: str
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class Registered:
    """Whatever `copyreg` holds under a number when the stream is loaded (EXT1, EXT2, EXT4)."""

    code: int


@dataclass(slots=True)
class Made:
    """The result of a call: which callable, its arguments, and the state that BUILD gave it later.

    `changed` is the offset of the last instruction that changed it, 0 where none did: who reads a value that was used
    before it was changed must know that it was another one then.
    """

    callable: Symbol
    arguments: tuple[Symbol, ...]
    use: Use
    offset: int
    state: Symbol | None = None
    changed: int = 0


@dataclass(slots=True)
class Items:
    """A tuple, list, set, frozenset or dict (keys and values in turn); `cut` where there are more than are kept.

    `count` is how many there are in all, kept or not, -1 where nobody counted; `changed` as in `Made`.
    """

    kind: str
    items: list[Symbol]
    cut: bool = False
    count: int = -1
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be described, and why."""

    why: str


Symbol: TypeAlias = Text | Blob | Number | Nothing | Global | Registered | Made | Items | Unknown


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that loading would do, recorded when the instruction is met: what is popped later still happened.

    Attributes:
        use: what is done with the callable.
        callable: the name as it resolves; for a result of another call (`Made`) or an unknown, that symbol. For BUILD
            and EXTEND the value that is changed: a `Made`, or a `Global` where an imported thing itself is changed.
        arguments: for CALL and NEW the positional arguments (keyword ones last, as a dict `Items`), for BUILD the
            state, for EXTEND the items where they are kept, for IMPORT empty.
        offset: of the instruction, in the view that the machine was given.
    """

    use: Use
    callable: Symbol
    arguments: tuple[Symbol, ...]
    offset: int
