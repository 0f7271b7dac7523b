"""Derive: say that one model was made from another one, and how alike the two were measured to be.

A conversion or a quantisation gives other bytes, so another digest, of which nothing is known. A statement of
derivation joins it to the digest that it came from, with what was measured; what was not measured is not claimed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge import clock
from hauberk.edge.sources import digest_path, printable, read_file
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DERIVATION
from hauberk.finding import Severity
from hauberk.signature import jcs
from hauberk.signature.dsse import named_json
from hauberk.statement import Named, Statement
from hauberk.verbs.tool import tool
from hauberk.verbs.train_order import require_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.edge.files import StrPath

KINDS: Final = ("conversion", "quantisation", "merge")
RULE: Final = "derivation-differs"
_NUMBERS: Final = ("largestDifference", "tolerance")
_JUDGED: Final = (*_NUMBERS, "agreement")
_MOST_BYTES: Final = 1 << 20
_DAY: Final = 86_400


def derive(
    source: StrPath,
    made: StrPath,
    *,
    name: str,
    kind: str,
    equivalence: StrPath,
    also: Sequence[StrPath] = (),
    on: Mapping[str, StrPath] | None = None,
) -> Statement:
    """Return the statement that `made` was made from `source`, and from what it was merged with.

    Args:
        source: a model, a directory or a file.
        made: what was made from it.
        name: of both, as in `fraud`: the digests tell them apart.
        kind: one of `KINDS`.
        equivalence: a JSON object with `claim`, what was compared, and, where it was measured, the numbers
            `largestDifference` and `tolerance`. The statement's result is `fail` where the first is larger. How many of
            the predictions were the same is `agreement`, from 0 to 1.
        also: of a merge, the other models, at least one.
        on: the data on which it was measured, by name: inputs of the statement, so a gate wants evidence of them too.

    Raises:
        Malformed: the file of the measurement is no such object.
        Misconfigured: two of them are the same bytes, or a merge of one model, or several models and no merge.
        Unavailable: something cannot be read.
    """
    require_name(name)
    if (kind == "merge") != bool(also):
        raise Misconfigured(f"a {kind} of {1 + len(also)} models", "a merge has two or more, by --also; the others one")
    before, after = [(path, digest_path(path)) for path in (source, *also)], digest_path(made)
    if any(digest == after for _, digest in before) or len({digest for _, digest in before}) != len(before):
        names = ", ".join(printable(path) for path in (made, source, *also))
        raise Misconfigured(f"two of {names} are the same bytes", "name what was made, and from what")
    data = [Named(f"dataset/{_data_name(one)}", (digest_path(path),)) for one, path in sorted((on or {}).items())]
    measured = _measured(equivalence)
    differs = "largestDifference" in measured and measured["largestDifference"] > measured["tolerance"]
    saw = f"{measured.get('largestDifference')} is more than the tolerance of {measured.get('tolerance')}"
    body: dict[str, Any] = {
        "kind": kind,
        "equivalence": measured,
        "result": "fail" if differs else "pass",
        "findings": [{"rule": RULE, "severity": str(Severity.HIGH), "location": {}, "saw": saw}] if differs else [],
        "unchecked": [],
        "tool": tool(),
        "policy": None,
        "inputs": [named_json(one) for one in (*(Named(f"model/{name}", (digest,)) for _, digest in before), *data)],
        "validUntil": format_instant(clock.now() + (DERIVATION.valid_days or 0) * _DAY),
    }
    return Statement((Named(f"model/{name}", (after,)),), DERIVATION.type, body)


def _data_name(name: str) -> str:
    require_name(name)
    return name


def _measured(path: StrPath) -> dict[str, Any]:
    found = jcs.decode(read_file(path, limit=_MOST_BYTES), what=printable(path))
    if not isinstance(found, dict) or not isinstance(found.get("claim"), str) or not found["claim"].strip():
        raise Malformed(
            f"{printable(path)} has no text `claim`",
            'write {"claim": "predictions", "rows": 20000, "largestDifference": 1e-7, "tolerance": 1e-5}',
        )
    _require_no_likeness(found, path)
    numbers = [found.get(key) for key in _NUMBERS]
    if any(key in found for key in _NUMBERS) and not all(
        isinstance(number, (int, float)) and not isinstance(number, bool) and number >= 0 for number in numbers
    ):
        raise Malformed(
            f"{printable(path)}: `largestDifference` and `tolerance` are two numbers, and not below 0",
            "write both, or none",
        )
    agreement = found.get("agreement", 1)
    if not isinstance(agreement, (int, float)) or isinstance(agreement, bool) or not 0 <= agreement <= 1:
        raise Malformed(f"{printable(path)}: `agreement` is a number from 0 to 1", "how many of 1 were the same")
    if found.get("rows", 1) == 0:
        raise Malformed(f"{printable(path)}: nothing was compared in 0 rows", "compare some")
    return found


def _require_no_likeness(found: dict[str, Any], path: StrPath) -> None:
    """Raise `Malformed` for a number's name in another spelling, which would be signed and not be judged."""
    for key in found:
        meant = next((name for name in _JUDGED if name.lower() == re.sub(r"[^a-z]", "", key.lower())), key)
        if meant != key:
            raise Malformed(f"{printable(path)}: {printable(key)} is not judged", f"write it as {meant}")
