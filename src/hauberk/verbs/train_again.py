"""How a training run differs from another one: a run that is repeated reproduces, or says what did not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.verbs.train import Trained


def differences(before: Mapping[str, Any], after: Trained) -> list[str]:
    """Return how a run differs from the provenance of another one, line by line; nothing where it reproduced it."""
    was, now = before["buildDefinition"], after.provenance["buildDefinition"]
    said = []
    for part in ("externalParameters", "internalParameters"):
        for key in sorted({*was.get(part, {}), *now[part]}):
            one, other = was.get(part, {}).get(key), now[part].get(key)
            if one != other:
                said += [f"{key}: was {json.dumps(one)}, is {json.dumps(other)}"]
    said += _listed("input", was.get("resolvedDependencies", []), now["resolvedDependencies"])
    said += _listed("output", before["runDetails"].get("byproducts", []), after.provenance["runDetails"]["byproducts"])
    return said


def _listed(what: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    was, now = ({entry["name"]: entry["digest"] for entry in side} for side in (before, after))
    said = [f"{what} {name} is gone" for name in was if name not in now]
    said += [f"{what} {name} is new" for name in now if name not in was]
    return said + [f"{what} {name} differs" for name in was if name in now and was[name] != now[name]]
