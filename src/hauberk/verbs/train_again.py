"""How a training run differs from another one: a run that is repeated reproduces, or says what did not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.edge.files import printable
from hauberk.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hauberk.verbs.train import Trained


def differences(before: Mapping[str, Any], after: Trained) -> list[str]:
    """Return how a run differs from the provenance of another one, line by line; nothing where it reproduced it.

    Raises:
        Malformed: the other one is not of the form in which a run is recorded.
    """
    was, now = before.get("buildDefinition"), after.provenance["buildDefinition"]
    details = before.get("runDetails")
    if not isinstance(was, dict) or not isinstance(details, dict):
        raise _not_ours()
    said = []
    for part in ("externalParameters", "internalParameters"):
        mine = was.get(part)
        if not isinstance(mine, dict):
            raise _not_ours()
        for key in sorted({*mine, *now[part]}):
            one, other = (json.dumps(side.get(key), sort_keys=True) for side in (mine, now[part]))
            if one != other:  # as text: to Python, true is 1
                said += [f"{printable(key)}: was {printable(one)}, is {printable(other)}"]
    said += _listed("input", was.get("resolvedDependencies"), now["resolvedDependencies"])
    return said + _listed("output", details.get("byproducts"), after.provenance["runDetails"]["byproducts"])


def _listed(what: str, before: object, after: list[dict[str, Any]]) -> list[str]:
    was, now = _by_name(before), _by_name(after)
    said = [f"{what} {printable(name)} is gone" for name in was if name not in now]
    said += [f"{what} {printable(name)} is new" for name in now if name not in was]
    return said + [f"{what} {printable(name)} differs" for name in was if name in now and was[name] != now[name]]


def _by_name(entries: object) -> dict[str, list[str]]:
    """Return the digests of each name: two inputs may have one, as two data sets of one name have."""
    found: dict[str, list[str]] = {}
    for entry in entries if isinstance(entries, list) else [None]:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise _not_ours()
        found.setdefault(entry["name"], []).append(json.dumps(entry.get("digest"), sort_keys=True))
    return {name: sorted(digests) for name, digests in found.items()}


def _not_ours() -> Malformed:
    return Malformed("the other provenance is not of a run of hauberk train", "name what its --provenance wrote")
