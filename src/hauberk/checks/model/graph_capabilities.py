"""Graphs that do more than arithmetic: one rule for each capability of the operators that are known to have one.

A computation graph is a program in the hands of a runtime that has more operators than models need. These rules look
at every node, also of functions, branches and loops, used or not: which of them run depends on inputs and signatures
that a caller chooses. Saving and restoring, which every SavedModel has in it, are arithmetic in this sense as long as
the path comes from whoever saves or restores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.callables.judgement import Capability
from hauberk.callables.operators import judge_operator
from hauberk.checks.model.by_capability import Family, Row
from hauberk.checks.model.expression import printable
from hauberk.finding import Location, Severity
from hauberk.formats.model.graph import GraphDescription
from hauberk.rule import Sighting, rest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST: Final = 100
_ALWAYS: Final = ("MITRE ATLAS AML.T0011.000", "OWASP ML06:2023")


ROWS: Final = (
    Row(
        "graph-runs-code",
        Capability.CODE,
        Severity.CRITICAL,
        "the graph runs code that is not in the graph",
        "The node imports a module by name, or calls a function that the process has registered, with values that the "
        "model chooses.",
        "PyOp(module='os', class_name='system')",
        ("CWE-94", "CWE-829"),
    ),
    Row(
        "graph-reads-file",
        Capability.FILE_READ,
        Severity.HIGH,
        "the graph reads files of the machine",
        "What is read becomes a tensor, and leaves with the answers of the model. Training graphs that TensorFlow 1 "
        "exported read their data this way; a model that is only used has no need to.",
        "ReadFile('/etc/passwd')",
        ("CWE-73",),
    ),
    Row(
        "graph-writes-file",
        Capability.FILE_WRITE,
        Severity.HIGH,
        "the graph writes files",
        "A file in the right place, such as a start-up script or an authorised key, is code that runs later.",
        "WriteFile('/home/ada/.bashrc', …)",
        ("CWE-73",),
    ),
    Row(
        "graph-opens-network",
        Capability.NETWORK,
        Severity.HIGH,
        "the graph uses the network",
        "The node connects to an address, or opens one, so inputs and files can leave and instructions can come in.",
        "RpcClient('attacker:4444')",
        ("CWE-918",),
    ),
    Row(
        "graph-loads-graph",
        Capability.DESERIALISE,
        Severity.MEDIUM,
        "the graph loads another graph while it runs",
        "The inner graph is text in a tensor, so that no scan of the outer one sees its nodes.",
        "DatasetFromGraph('\\n\\x12…')",
        ("CWE-502",),
    ),
    Row(
        "graph-ends-process",
        Capability.DENIAL,
        Severity.MEDIUM,
        "the graph ends the process that runs it",
        "A server that answers requests with this model stops with the first one that reaches the node.",
        "Abort()",
        ("CWE-400",),
    ),
)


def _looking_for(capability: Capability) -> Callable[[GraphDescription], Iterator[Sighting]]:
    def look(description: GraphDescription) -> Iterator[Sighting]:
        found, first = 0, 0
        for operator in description.operators:
            judgement = judge_operator(operator.runtime, operator.domain, operator.name)
            if judgement.capability is not capability:
                continue
            found += 1
            if found > _MOST:
                first = first or operator.offset
                continue
            saw = f"{operator}({operator.detail})" if operator.detail else str(operator)
            yield Sighting(Location(offset=operator.offset), printable(f"{saw[:200]}, which {judgement.why}"))
        if found > _MOST:
            yield rest(Location(offset=first), found - _MOST)

    return look


_FAMILY: Final = Family(
    reads=GraphDescription,
    looking_for=_looking_for,
    remedy="Do not use it. Ask its producer for a graph that only computes, and find out how this came in.",
    about=__doc__ or "",
)
GRAPH_CAPABILITY_RULES: Final = tuple(_FAMILY.rule(row, (*row.references, *_ALWAYS)) for row in ROWS)
