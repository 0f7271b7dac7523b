"""The configuration makes a program import a name that nobody has shown to be harmless.

As with `config-dangerous-callable` a text decides what is imported and called, and this name is neither known to be
bad nor at home in such files. It may be a class of your own; it may be a function that an attacker found first.

Example: `_target_: my_package.launch`, or `loader_module: model_loader` in an `MLmodel`.

Fix: read the code behind the name with this question: what happens when anyone can choose its arguments?
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Tier
from hauberk.checks.model.config_named import named
from hauberk.checks.model.expression import printable
from hauberk.finding import Severity
from hauberk.formats.text.plain import TextDescription
from hauberk.rule import Rule, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterator


def look(text: TextDescription) -> Iterator[Sighting]:
    """Yield names that no table holds."""
    for one in named(text):
        if one.judgement.tier is not Tier.DANGEROUS:
            yield Sighting(one.location, printable(f"{one.how} {one.name}"))


RULE: Final = Rule(
    id="config-unknown-callable",
    title="the configuration makes a program import an unknown name",
    severity=Severity.MEDIUM,
    remedy="Find out what it does before you load it, or ask for a file without it.",
    references=("CWE-470", "CVE-2025-23304", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
