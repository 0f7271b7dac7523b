"""The as-of join: for each event, the newest row of its entity at or before its time."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_of(entities: Any, times: Any, asked: Any, at: Any) -> tuple[Any, Any]:
    """Return, for each event, the row that holds at its time, and the next one of its entity; -1: there is none.

    Args:
        entities: of each row, as a whole number. Of rows of one entity and time, the last holds.
        times: of each row, as a whole number.
        asked: the entity of each event.
        at: its time.
    """
    rows, events = len(entities), len(asked)
    who, when = np.concatenate([entities, asked]), np.concatenate([times, at])
    is_event = np.arange(rows + events) >= rows
    order = np.lexsort((is_event, when, who))  # stable: rows of one time keep their order, and events come after them
    kind, sorted_who = is_event[order], who[order]
    before = np.maximum.accumulate(np.where(kind, -1, np.arange(len(order))))
    after = np.minimum.accumulate(np.where(kind, len(order), np.arange(len(order)))[::-1])[::-1]
    held, following = np.full(events, -1), np.full(events, -1)
    places = np.flatnonzero(kind)
    for found, into in ((before[places], held), (after[places], following)):
        there = (found >= 0) & (found < len(order))
        there[there] = sorted_who[found[there]] == sorted_who[places[there]]
        into[order[places[there]] - rows] = order[found[there]]
    return held, following


def newest(entities: Any, times: Any) -> Any:
    """Return the row that holds last of each entity, in the order of the entities; of one time, the last."""
    order = np.lexsort((times, entities))
    last = np.append(entities[order][1:] != entities[order][:-1], True)[: len(order)]
    return order[last]
