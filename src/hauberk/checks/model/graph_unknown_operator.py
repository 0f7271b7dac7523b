"""A graph uses an operator that no runtime has of its own.

The model then only works where somebody has loaded a library that registers the operator, and what it does is in that
library, not in the file. That is how some good models are made; it is also how a victim is brought to load a library.
Lists hold the operators of TensorFlow, ONNX Runtime and its extensions, TFLite's interpreters and a few libraries of
the same authors; an operator that the model defines itself as a function is looked into instead.

Example: a node of the domain `my.company`; a TensorFlow operator `ZipTransform`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Tier
from hauberk.callables.operators import judge_operator
from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.graph import GraphDescription
from hauberk.rule import Rule, Sighting, rest

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 100


def look(description: GraphDescription) -> Iterator[Sighting]:
    """Yield each unknown operator once, at the place where it is used first."""
    seen: dict[str, int] = {}
    for operator in description.operators:
        if judge_operator(operator.runtime, operator.domain, operator.name).tier is Tier.UNKNOWN:
            seen.setdefault(str(operator), operator.offset)
    for number, (name, offset) in enumerate(seen.items()):
        if number == _MOST:
            yield rest(Location(offset=offset), len(seen) - _MOST)
            break
        yield Sighting(Location(offset=offset), f"the operator {printable(name[:160])}")


RULE: Final = Rule(
    id="graph-unknown-operator",
    title="the model uses an operator that no runtime has of its own",
    severity=Severity.MEDIUM,
    remedy="Ask its producer which library the operator comes from, and judge that library as code.",
    references=("CWE-829", "MITRE ATLAS AML.T0010", "OWASP ML06:2023"),
    reads=GraphDescription,
    look=look,
    page=__doc__ or "",
)
