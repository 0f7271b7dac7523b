"""The configuration names a callable that does more than make data.

Some files are not code and still choose what code runs: Hydra and NeMo instantiate whatever `_target_` names, an unsafe
YAML loader imports and calls what a `!!python/…` tag names, MLflow imports the `loader_module` of an `MLmodel`, peft
and sentence-transformers import the modules that their JSON files list, LangChain the class that an `id` spells, and
Jackson, fastjson or Json.NET make the class of Java or .NET that `@class`, `@type` or `$type` names. The name here is
one that is known to start programs, run code, or reach files or the network.

Example: `_target_: os.system`, or `!!python/object/apply:subprocess.Popen`.

Fix: do not load it. Ask its producer how the name came in.
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
    """Yield names of a known capability."""
    for one in named(text):
        if one.judgement.tier is Tier.DANGEROUS:
            yield Sighting(one.location, printable(f"{one.how} {one.name}: {one.judgement.why}"))


RULE: Final = Rule(
    id="config-dangerous-callable",
    title="the configuration names a callable that does more than make data",
    severity=Severity.CRITICAL,
    remedy="Do not load it. Ask its producer how the name came in.",
    references=("CWE-470", "CWE-502", "CVE-2025-23304", "MITRE ATLAS AML.T0011.000", "OWASP ML06:2023"),
    reads=TextDescription,
    look=look,
    page=__doc__ or "",
)
