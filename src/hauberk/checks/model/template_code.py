"""The template reaches out of its variables into Python.

Chat templates are Jinja programs. In a sandbox they see messages and a few functions; a loader without one (or with a
hole in it) lets an attribute such as `__globals__` lead from any value to every module that is loaded, and so to a
shell. No chat template needs those names.

Example: `{{ cycler.__init__.__globals__.os.popen('id').read() }}`.

Fix: do not render it. Take the template from the model's first publisher.
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
    """Yield names that lead out of a template."""
    for place, seen, certain in reaches(described):
        if certain:
            yield Sighting(place, printable(f"the template's code says {seen}"))


RULE: Final = Rule(
    id="template-reaches-python",
    title="the template reaches out of its variables into Python",
    severity=Severity.CRITICAL,
    remedy="Do not render it. Take the template from the model's first publisher.",
    references=("CWE-1336", "CVE-2024-34359", "MITRE ATLAS AML.T0051", "OWASP ML06:2023"),
    reads=Described,
    look=look,
    page=__doc__ or "",
)
