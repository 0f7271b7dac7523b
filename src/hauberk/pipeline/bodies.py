"""The bodies of the statements that a run signs: the core that every check carries, and what stages have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hauberk.digest import sha256
from hauberk.evidence.instant import format_instant
from hauberk.signature import jcs
from hauberk.signature.dsse import named_json
from hauberk.verbs.tool import tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.digest import Digest
    from hauberk.evidence.predicates import Predicate
    from hauberk.statement import Named, Verified

_DAY = 86_400


def definition(stage: str, **parts: Any) -> dict[str, Any]:
    """Return what a stage is, as the `policy` of its statements' core: its name, and the digest of all that defines it.

    Args:
        stage: its name.
        parts: plain data; a stage whose parts differ is another stage, and is done again.
    """
    return {"name": stage, "digest": digest_json(sha256(jcs.encode(parts)))}


def core(
    predicate: Predicate,
    stage: Mapping[str, Any] | None,
    *,
    now: int,
    inputs: Iterable[Named] = (),
    result: str = "pass",
    findings: Iterable[Mapping[str, Any]] = (),
    unchecked: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the core of a check that was made now, Unix seconds; it is valid for as long as its predicate says."""
    assert predicate.valid_days is not None
    return {
        "result": result,
        "findings": list(findings),
        "unchecked": list(unchecked),
        "tool": tool(),
        "policy": None if stage is None else dict(stage),
        "inputs": [named_json(thing) for thing in inputs],
        "validUntil": format_instant(now + predicate.valid_days * _DAY),
    }


def digest_json(digest: Digest) -> dict[str, str]:
    """Return a digest as an in-toto digest set."""
    return {digest.algorithm: digest.hex}


def short(digest: Digest) -> str:
    """Return as much of a digest as a person compares."""
    return f"{digest.algorithm}:{digest.hex[:12]}"


def is_of(verified: Verified, stage: Mapping[str, Any], *, ours: bool) -> bool:
    """Say whether a check was made by a stage as it is defined now; and, if it is ours, by this very release."""
    body = verified.statement.predicate
    return body["policy"] == stage and (not ours or body["tool"] == tool())
