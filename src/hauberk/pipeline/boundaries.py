"""Where the chain begins: scripts and lock files, of which nothing is claimed but where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.evidence.predicates import BOUNDARY
from hauberk.pipeline.origin import origin_of
from hauberk.statement import Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.digest import Digest
    from hauberk.pipeline.project import Input
    from hauberk.pipeline.workplace import Workplace

REASONS = {"source": "a script of the project", "environment": "what the scripts need, by name, version and hash"}


def record_boundaries(place: Workplace, things: Iterable[Input], digests: Mapping[str, Digest]) -> int:
    """Record a boundary for each script and lock file that has none; return how many were recorded."""
    recorded = 0
    for thing in things:
        kind = thing.label.partition("/")[0]
        named = Named(thing.label, (digests[thing.label],))
        if kind not in REASONS or place.book.about(named, BOUNDARY):
            continue
        body = {"kind": kind, "origin": origin_of(place.project.folder, thing.path), "reason": REASONS[kind]}
        place.book.record("producer", BOUNDARY, named, body)
        recorded += 1
    return recorded
