"""The YAML file grows without end where its aliases are followed.

An alias stands for a value that was written before. A list of nine aliases to a list of nine aliases, nine times over,
is 300 bytes of text and 400 million values ("billion laughs"). A loader that shares the values stays small; what
copies, merges, prints or converts them, as OmegaConf, Hydra and every writer of JSON do, fills the memory and never
ends. No configuration needs more than four million values out of aliases.

Example: `a: &a [x,x,x]`, `b: &b [*a,*a,*a]`, `c: &c [*b,*b,*b]`, and so on.

Fix: do not load it. Ask for a file without aliases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.finding import Location, Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_GROWN: Final = 4_000_000  # as many values as are read at all


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield how many values the text has, where they are too many."""
    if text.grown > _MOST_GROWN:
        yield Sighting(Location(offset=0), f"its aliases make {text.grown} values of it")


RULE: Final = Rule(
    id="yaml-aliases",
    title="the YAML file grows without end",
    severity=Severity.MEDIUM,
    remedy="Do not load it. Ask for a file without aliases.",
    references=("CWE-776", "CWE-400", "MITRE ATLAS AML.T0029"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
