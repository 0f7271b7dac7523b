"""Derive: say that one model was made from another one, and how alike the two were measured to be.

A conversion or a quantisation gives other bytes, so another digest, of which nothing is known. A statement of
derivation joins it to the digest that it came from, with what was measured; what was not measured is not claimed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from hauberk.edge import clock
from hauberk.edge.sources import digest_path, printable, read_file
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DERIVATION
from hauberk.evidence.shape import LINE
from hauberk.finding import Severity
from hauberk.signature import jcs
from hauberk.signature.dsse import named_json
from hauberk.statement import Named, Statement
from hauberk.verbs.tool import tool
from hauberk.verbs.train_order import require_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hauberk.edge.files import StrPath

KINDS: Final = ("conversion", "quantisation", "merge")
RULE: Final = "derivation-differs"
_NUMBERS: Final = ("largestDifference", "tolerance")
_JUDGED: Final = (*_NUMBERS, "agreement")
_AS_IN: Final = 'write {"claim": "predictions", "rows": 20000, "largestDifference": 1e-7, "tolerance": 1e-5}'
# What is judged of a measurement: which numbers it may be, in code and in words, and what to do about another one.
_MEMBERS: Final[Mapping[str, tuple[Callable[[float], bool], str, str]]] = {
    "largestDifference": (lambda number: number >= 0, "a number not below 0", "write both numbers, or none"),
    "tolerance": (lambda number: number >= 0, "a number not below 0", "write both numbers, or none"),
    "agreement": (lambda number: 0 <= number <= 1, "a number from 0 to 1", "how many of 1 were the same"),
    "rows": (lambda number: number > 0, "a number above 0", "write how many rows were compared, or leave it out"),
}
_SHOWN: Final = 60
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
        Misconfigured: the file of the measurement is no such object; two of them are the same bytes, or a merge of one
            model, or several models and no merge.
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
    """Return what was measured; raise `Misconfigured` with what was seen where the file says nothing of the kind."""
    shown, data = printable(path), read_file(path, limit=_MOST_BYTES)
    try:
        found = jcs.decode(data, what="measurement")
    except Malformed as error:
        raise Misconfigured(f"{shown}: {'it is empty' if not data else error.message}", _AS_IN) from None
    if not isinstance(found, dict):
        raise Misconfigured(f"{shown} holds {_seen(found)}, where an object belongs", _AS_IN)
    _require_claim(found, shown)
    _require_no_likeness(found, shown)
    for key, (fits, wanted, hint) in _MEMBERS.items():
        if key in found and not (_is_number(found[key]) and fits(found[key])):
            raise Misconfigured(f"{shown}: `{key}` is {_seen(found[key])}, and not {wanted}", hint)
    there = [key for key in _NUMBERS if key in found]
    if len(there) == 1:
        (missing,) = set(_NUMBERS) - set(there)
        raise Misconfigured(f"{shown} has `{there[0]}` and no `{missing}`", "write both, or none")
    return found


def _require_claim(found: dict[str, Any], shown: str) -> None:
    claim = found.get("claim")
    if not isinstance(claim, str) or not claim.strip():
        raise Misconfigured(f"{shown} has no text `claim`" + (f": it is {_seen(claim)}" if claim else ""), _AS_IN)
    try:
        LINE.check(claim, "`claim`")
    except Malformed:
        raise Misconfigured(
            f"{shown}: `claim` is {_seen(claim)}, and not one line of at most {LINE.max_length} characters",
            "say in one line what was compared",
        ) from None


def _require_no_likeness(found: dict[str, Any], shown: str) -> None:
    """Raise `Misconfigured` for a number's name in another spelling, which would be signed and not be judged."""
    for key in found:
        meant = next((name for name in _JUDGED if name.lower() == re.sub(r"[^a-z]", "", key.lower())), key)
        if meant != key:
            raise Misconfigured(f"{shown}: {printable(key)} is not judged", f"write it as {meant}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _seen(value: Any) -> str:
    """Return the beginning of a value, as the file has it."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
