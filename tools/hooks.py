"""The methods of a class that loading a pickle can call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOOKS = frozenset(
    [
        "__setstate__",
        "__new__",
        "__del__",
        "__getattr__",
        "__getattribute__",
        "__setattr__",
        "__delattr__",
        "__eq__",
        "__hash__",
        "append",
        "extend",
        "add",
        "__setitem__",
    ]
)


def hooks(cls: type) -> Iterator[tuple[type, str]]:
    """Yield each hook that a class has from a class that is not built in, and that is not the one of `object`."""
    for base in cls.__mro__:
        if base.__module__ == "builtins":
            continue
        for hook in sorted(HOOKS & set(vars(base))):
            own = vars(base)[hook]
            if own is not None and own is not getattr(object, hook, None):
                yield base, hook
