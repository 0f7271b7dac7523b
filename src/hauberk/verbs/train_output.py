"""What a command left in its output: a tree that can be signed, or the reason why not, by name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hauberk.errors import HauberkError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.refused_for import RefusedFor


@contextmanager
def refusing(name: RefusedFor) -> Iterator[None]:
    """Have an error that ends the block recorded under this name, unless it has one."""
    try:
        yield
    except HauberkError as error:
        error.refused_for = error.refused_for or name
        raise
