"""A suite of another program, as plain data that this program can be given: what it asks, and nothing that it would do.

A suite is whatever somebody sent. Only what is listed as known goes on: each check by its name, each argument by its
name and shape. Whatever else there is, is refused by name, and the suite is not run at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_EXPECTATIONS = 1000
_MOST_NAMED = 8
_MOST_TEXT = 4096
_MOST_VALUES = 100_000
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}(\[[A-Za-z0-9_]{1,20}(, ?[A-Za-z0-9_+\-/:]{1,60})?\])?", re.ASCII)
_DECIMAL = re.compile(r"Decimal\([0-9]{1,2}, ?[0-9]{1,2}\)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Runnable:
    """What is run.

    Attributes:
        tool: the program, by the name that Python imports it by.
        name: of the suite, one printable line.
        given: plain data, which it is given.
        expectations: what is asked, in words, in the order of the answers.
    """

    tool: str
    name: str
    given: Any
    expectations: tuple[str, ...]


def require_all(refused: Iterable[str], asked: tuple[str, ...], what: str) -> None:
    """Raise `Misconfigured` unless nothing is refused, and something is asked, but not too much."""
    names = list(refused)
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        raise Misconfigured(
            f"{what} is not run, for what is not known to be safe or sure in it: "
            f"{', '.join(line(name) for name in names[:_MOST_NAMED])}{more}",
            "take it out, or write it as a check of ours in checks.yaml",
        )
    if not 0 < len(asked) <= MOST_EXPECTATIONS:
        raise Misconfigured(f"{what} asks for {len(asked)} things", f"from 1 to {MOST_EXPECTATIONS} are run")


def line(text: object) -> str:
    """Return a text of somebody else as at most 120 printable characters."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in f"{text!s:.120}")


def is_text(value: Any) -> bool:
    """Say whether a value is a text of bearable length."""
    return isinstance(value, str) and len(value) <= _MOST_TEXT


def is_truth(value: Any) -> bool:
    """Say whether a value is true or false."""
    return isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Say whether a value is a whole number."""
    return type(value) is int


def is_one(value: Any) -> bool:
    """Say whether a value is one number, text or truth."""
    return is_text(value) or isinstance(value, bool | int | float)


def is_number(value: Any) -> bool:
    """Say whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_share(value: Any) -> bool:
    """Say whether a value is a share of a whole."""
    return is_number(value) and 0 <= value <= 1


def is_type(value: Any) -> bool:
    """Say whether a value is the name of a type, and no path, call or list of fields."""
    return isinstance(value, str) and (_TYPE.fullmatch(value) or _DECIMAL.fullmatch(value)) is not None


def several(of: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return what says whether a value is a list of some, each as `of` says."""
    return lambda value: isinstance(value, list) and 0 < len(value) <= _MOST_VALUES and all(map(of, value))
