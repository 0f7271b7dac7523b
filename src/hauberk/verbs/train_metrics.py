"""The numbers that a training run wrote, and what was expected of them."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge.sources import digest_path, read_file
from hauberk.errors import Malformed, Misconfigured, Refused
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_MOST_METRICS_BYTES: Final = 1 << 20
_EXPECTED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)\s*(<=|>=|<|>)\s*(-?[0-9.]+(?:[eE]-?[0-9]+)?)")
_COMPARE: Final = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}


def tested(output: Path, metrics: str | None, expected: Iterable[str]) -> dict[str, Any] | None:
    """Return the in-toto test-result (v0.1) of the metrics that a command wrote in its output; None without metrics.

    Raises:
        Unavailable: there is no such file.
        Malformed: it is no JSON object.
        Refused: it has no number of an expected name.
    """
    if metrics is None:
        return None
    path = output / metrics
    values = metrics_of(read_file(path, limit=_MOST_METRICS_BYTES), metrics)
    passed: list[str] = []
    failed: list[str] = []
    for text in expected:
        name, compare, least = expectation(text)
        if name not in values:
            raise Refused(f"{metrics} has no number {name!r}", f"it has {', '.join(sorted(values)) or 'none'}")
        (passed if compare(values[name], least) else failed).append(f"{text} ({values[name]:.6g})")
    return {
        "result": "FAILED" if failed else "PASSED",
        "configuration": [{"name": metrics, "digest": {"sha256": digest_path(path).hex}, "annotations": values}],
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
    if found is None:
        raise Misconfigured(f"{text!r:.60} is no expectation", "write it as in recall>=0.9")
    return found[1], _COMPARE[found[2]], float(found[3])
