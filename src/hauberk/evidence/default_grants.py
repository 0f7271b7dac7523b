"""What this release lets each role say, in a trust that nobody has narrowed: for a new project, and for an older one.

A project that an older release founded lacks the grants for predicates that came later. `missing` finds them, so that
the next trust can hold them; what a grant says already is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import (
    ARTEFACT,
    BOUNDARY,
    BREAK_GLASS,
    DATA_CHECK,
    DATASET_MANIFEST,
    DEPLOYMENT,
    DERIVATION,
    EVALUATION,
    EXCEPTION,
    MODEL_SCAN,
    POLICY,
    PROMOTION,
    PROVENANCE,
    REFUSAL,
    REVOCATION,
    RISK_DECISION,
    SUMMARY,
    TEST_RESULT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.evidence.predicates import Predicate


class Default(NamedTuple):
    """What a role says about which subjects."""

    role: str
    predicates: tuple[Predicate, ...]
    subjects: tuple[str, ...]


def defaults(name: str) -> tuple[Default, ...]:
    """Return what each role says in the project of the model of that name."""
    model, chain = f"model/{name}", ("dataset/*", "source/*", "environment/*")
    makes = (REFUSAL, ARTEFACT, PROVENANCE, EVALUATION, TEST_RESULT, DERIVATION, DATASET_MANIFEST, BOUNDARY)
    return (
        Default("producer", makes, (model, *chain)),
        Default("scanner", (MODEL_SCAN,), (model,)),
        Default("gate", (SUMMARY,), (model, "dataset/*")),
        Default("gate", (DEPLOYMENT,), ("deployment/*",)),
        Default("gate", (PROMOTION,), (model, "alias/*")),
        Default("approver", (POLICY,), ("realm/*",)),
        Default("approver", (REVOCATION,), ("digest/*",)),
        # Nobody may grandfather before the root says who: a stolen key that signs policies would open gates by that.
        Default("approver", (EXCEPTION, BREAK_GLASS), (model, "dataset/*")),
        Default("approver", (RISK_DECISION,), (model,)),
        Default("approver", (DATA_CHECK, REFUSAL), ("dataset/*",)),
        Default("approver", (DATA_CHECK,), ("feature-view/*",)),
    )


def default_grants(keyids: Mapping[str, str], name: str, *, since: int, until: int) -> list[dict[str, Any]]:
    """Return the grants of a new trust, in Unix seconds from when to when; `keyids` names the key of each role."""
    return [_grant(keyids[row.role], row.predicates, row.subjects, since, until) for row in defaults(name)]


def missing(trust: Mapping[str, Any], name: str, *, now: int) -> list[dict[str, Any]]:
    """Return the grants that a trust lacks now, for keys that bear a role's name and may say anything yet."""
    until = parse_instant(trust["validUntil"])
    lacking = []
    for keyid, role in sorted((keyid, key["name"]) for keyid, key in trust["keys"].items()):
        own = [grant for grant in trust["grants"] if grant["signer"] == keyid and _holds(grant, now)]
        for row in defaults(name) if own else ():
            if row.role != role:
                continue
            for subject in row.subjects:
                said = {kind for grant in own if subject in grant["subjects"] for kind in grant["predicates"]}
                lacks = tuple(one for one in row.predicates if one.type not in said)
                if lacks:
                    lacking.append(_grant(keyid, lacks, (subject,), now, until))
    return lacking


def _holds(grant: Mapping[str, Any], now: int) -> bool:
    return parse_instant(grant["notBefore"]) <= now <= parse_instant(grant["notAfter"])


def _grant(
    keyid: str, predicates: tuple[Predicate, ...], subjects: tuple[str, ...], since: int, until: int
) -> dict[str, Any]:
    return {
        "signer": keyid,
        "predicates": [predicate.type for predicate in predicates],
        "subjects": list(subjects),
        "notBefore": format_instant(since),
        "notAfter": format_instant(until),
    }
