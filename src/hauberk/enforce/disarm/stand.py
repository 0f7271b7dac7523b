"""What stands where an object of the file would be: it does nothing, and remembers what was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class _Named(type):
    """The class of stand-ins: each is an imported name, and calling one makes a stand-in of its result."""

    of: str

    def __call__(cls, *arguments: Any, **keywords: Any) -> Stand:
        made: Stand = Stand.__new__(cls, *arguments, **keywords)  # type: ignore[arg-type]
        return made


class Stand(metaclass=_Named):
    """What stands where an object would be: what was called, with what, and all that was done to the result.

    Attributes:
        of: the name that was imported; for the result of a result, that of the innermost.
        arguments: what it was called with; keyword arguments last, as a dict.
        state: what BUILD gave it.
        items: what APPEND(S) and ADDITEMS put into it.
        pairs: what SETITEM(S) put into it.
        raw: for a joblib array, its bytes.
    """

    of: ClassVar[str] = ""
    arguments: tuple[Any, ...]
    state: Any
    items: list[Any]
    pairs: list[tuple[Any, Any]]
    raw: bytes | None

    def __new__(cls, *arguments: Any, **keywords: Any) -> Stand:  # noqa: PYI034 - a stand-in of a call, whatever cls is
        """Remember a call."""
        made = object.__new__(cls)
        made.arguments = (*arguments, keywords) if keywords else arguments
        made.state, made.items, made.pairs, made.raw = None, [], [], None
        return made

    def __call__(self, *arguments: Any, **keywords: Any) -> Stand:
        """Remember the call of a result."""
        return type(self)(self, *arguments, **keywords)

    def __setstate__(self, state: Any) -> None:
        """Remember a state."""
        self.state = state if self.state is None else (self.state, state)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.pairs.append((key, value))

    def append(self, item: Any) -> None:
        """Remember an item."""
        self.items.append(item)

    add = append

    def extend(self, items: Iterable[Any]) -> None:
        """Remember items."""
        self.items.extend(items)


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands where the loader's own hook would give an object: the persistent id."""

    identity: Any


def name_of(value: Any) -> str:
    """Return the imported name that a value is, or that it was made by; else nothing."""
    return str(getattr(value, "of", "")) if isinstance(value, Stand | _Named) else ""


def is_name(value: Any) -> bool:
    """Say whether a value is an imported name itself, and not the result of calling one."""
    return isinstance(value, _Named)


def named(name: str) -> type[Stand]:
    """Return the stand-in of an imported name."""
    return type("Stand", (Stand,), {"of": name})
