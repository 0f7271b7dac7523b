"""One way to tamper: its name, how it is done, who finds it, and the words by which that one refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Case:
    """`told` stands in what `found_by` says; `do` tampers."""

    name: str
    how: str
    found_by: str
    told: str
    do: Callable[[Any], Any]


class Cases(list[Case]):
    """A table of cases that are written as functions: the name is the function's, the way is its docstring."""

    def case(self, found_by: str, told: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
        """Return a decorator that puts a function into the table."""

        def put(do: Callable[[Any], Any]) -> Callable[[Any], Any]:
            how = " ".join((do.__doc__ or "").split())
            self.append(Case(do.__name__.replace("_", " "), how, found_by, told, do))
            return do

        return put
