"""The most that a measure is of clean models: learnt from fine-tunes that somebody knows to be clean, or built in.

Learnt, a limit is the largest number of the clean ones plus their range, for each tensor and measure. The built-in
ones are those of small networks for images of digits (`benchmarks/weights.py`); for anything else they are a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEWEST: Final = 3
ROOM: Final = 1.05  # for measures that do not differ among the clean ones
BUILT_IN: Final = {
    "change": 0.5, "spectral": 1.5, "rank-one": 0.9, "row": 12.0, "column": 12.0, "lean": 8.0, "tail": 40.0,
}  # fmt: skip

Measures = dict[str, dict[str, float]]  # by tensor and measure


def learnt(clean: Sequence[Measures]) -> Mapping[tuple[str, str], float]:
    """Return the limits, by tensor and measure.

    Raises:
        Misconfigured: fewer than `FEWEST` models.
    """
    if len(clean) < FEWEST:
        raise Misconfigured(
            f"{len(clean)} clean fine-tunes, where {FEWEST} are the fewest that tell what is usual", "name more"
        )
    limits: dict[tuple[str, str], float] = {}
    for tensor, measures in clean[0].items():
        for name in measures:
            found = [one[tensor][name] for one in clean]
            limits[tensor, name] = max(max(found) + (max(found) - min(found)), max(found) * ROOM)
    return limits
