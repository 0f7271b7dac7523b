"""The numbers that a training run wrote, and what was expected of them."""

from __future__ import annotations

import hashlib
import math
import operator
import posixpath
import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.sources import printable, read_file
from hauberk.errors import Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.refused_for import RefusedFor
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hauberk.edge.sources import Tree

_MOST_METRICS_BYTES: Final = 1 << 20
_EXPECTED: Final = re.compile(
    r"([A-Za-z_][A-Za-z0-9_.-]*)\s*(<=|>=|<|>)\s*(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
)
_COMPARE: Final = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


def tested(output: Path, tree: Tree, metrics: str | None, expected: Iterable[str]) -> dict[str, Any] | None:
    """Return the in-toto test-result (v0.1) of the metrics that a command wrote in its output; None without metrics.

    Args:
        output: the directory.
        tree: the files in it, as they were hashed.
        metrics: the name of one of them.
        expected: what its numbers must be.

    Raises:
        Unavailable: there is no such file.
        NotVerified: it changed since it was hashed.
        Malformed: it is no JSON object.
        Refused: it has no number of an expected name.
    """
    if metrics is None:
        return None
    name = posixpath.normpath(metrics)
    hashed = next((file.sha256 for file in tree.files if file.path == name), None)
    if hashed is None:
        raise Unavailable(f"the command wrote no {printable(metrics)} in {printable(output)}", "see where it writes")
    data = read_file(output / name, limit=_MOST_METRICS_BYTES)
    if hashlib.sha256(data).hexdigest() != hashed:
        raise NotVerified(
            f"{printable(metrics)} changed since it was hashed",
            "no model was recorded: run it again",
            refused_for=RefusedFor.UNFIT_OUTPUT,
        )
    values = metrics_of(data, metrics)
    passed: list[str] = []
    failed: list[str] = []
    for text in expected:
        wanted, compare, least = expectation(text)
        if wanted not in values:
            raise Refused(f"{metrics} has no number {wanted!r}", f"it has {', '.join(sorted(values)) or 'none'}")
        (passed if compare(values[wanted], least) else failed).append(f"{text} ({values[wanted]!r})")
    return {
        "result": "FAILED" if failed else "PASSED",
        "configuration": [{"name": metrics, "digest": {"sha256": hashed}, "annotations": values}],
        "passedTests": passed,
        "failedTests": failed,
    }


def metrics_of(data: bytes, name: str) -> dict[str, float]:
    """Return the numbers of a JSON object; raise `Malformed` where it is none."""
    found = jcs.decode(data, what=name)
    if not isinstance(found, dict):
        raise Malformed(f"{name} is no JSON object", 'write one, as in {"recall": 0.93}')
    numbers = {key: value for key, value in found.items() if isinstance(value, (int, float)) and value is not True}
    return {key: value for key, value in numbers.items() if value is not False}


def expectation(text: str) -> tuple[str, Callable[[float, float], bool], float]:
    """Return name, comparison and number of `recall>=0.9`; raise `Misconfigured` for another form."""
    found = _EXPECTED.fullmatch(text.strip())
    if found is None or math.isinf(float(found[3])):
        raise Misconfigured(f"{text!r:.60} is no expectation", "write it as in recall>=0.9")
    return found[1], _COMPARE[found[2]], float(found[3])
