"""The template looks attributes up by names that it makes, or pulls in other templates.

The filter `attr` takes a name as a value, so the name can be put together from harmless pieces; `include`, `import` and
`extends` read further templates. Neither has a place in a chat template, and both are how a filter for bad names is
walked around.

It may also make what takes a server down: a text repeated ten thousand million times, a number of a million digits, a
format of such a width, a text that a loop doubles. A sandbox bounds none of these.

Example: `{{ x|attr("__cla" ~ "ss__") }}`.

Fix: read the template; ask for one that names what it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.checks.model.expression import printable
from hauberk.checks.model.templates import reaches
from hauberk.finding import Severity
from hauberk.formats.contents import Described
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(described: Described) -> Iterator[Sighting]:
    """Yield what a template hides or pulls in."""
    for place, seen, certain in reaches(described):
        if not certain:
            yield Sighting(place, printable(f"the template's code says {seen}"))


RULE: Final = Rule(
    id="template-hides-names",
    title="the template makes names of attributes, or pulls in others",
    severity=Severity.MEDIUM,
    remedy="Read the template, and ask for one that names what it uses.",
    references=("CWE-1336", "CVE-2024-34359", "MITRE ATLAS AML.T0051"),
    reads=Described,
    look=look,
    page=__doc__ or "",
)
