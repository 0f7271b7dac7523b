"""What is wrong with an order for a run, said while nothing was done yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hauberk.edge.sources import printable
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LARGEST_SEED: Final = (1 << 32) - 1  # of Python's own hashes
_MOST_MINUTES: Final = 366 * 24 * 60
_MOST_GIB: Final = 1 << 20


def require_sound(command: Iterable[str], passed: Iterable[str], *, seed: int, minutes: int, memory_gib: int) -> None:
    """Raise `Misconfigured` for what could not be run, or not be recorded after it ran."""
    for option, value, least, most in (
        ("--seed", seed, 0, _LARGEST_SEED),
        ("--minutes", minutes, 1, _MOST_MINUTES),
        ("--memory-gib", memory_gib, 0, _MOST_GIB),
    ):
        if not least <= value <= most:
            raise Misconfigured(f"{option} is {value}, and not {least} to {most}", "name a number in between")
    for name in passed:
        if not _VARIABLE.fullmatch(name):
            raise Misconfigured(
                f"{printable(name)[:80]} is no variable", "--pass takes a name, as in --pass OMP_NUM_THREADS"
            )
    for word in command:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise Misconfigured(f"{printable(word)[:80]} is not UTF-8, and cannot be recorded", "rename it") from None


def require_name(name: str) -> None:
    """Raise `Misconfigured` for what cannot be the name of a model."""
    if not _NAME.fullmatch(name):
        raise Misconfigured(
            f"{printable(name)[:80]!r} is no name of a model",
            "--name takes letters, digits, dots, dashes and underlines, as in fraud",
        )


def require_outside(output: Path, path: Path) -> None:
    """Raise `Misconfigured` where the output lies in what is read: writing it would change an input."""
    if output.resolve().is_relative_to(path.resolve()):
        raise Misconfigured(
            f"the output {printable(output)} lies in {printable(path)}, which is an input",
            "name another --output, or the folders in it that are read",
        )
