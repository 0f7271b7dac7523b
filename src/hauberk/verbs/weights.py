"""Weights: what a model's tensors became beside those of a clean model that it was made from.

A first test, and no proof: what stands out is a reason to look, and a model in which nothing does may hold a backdoor
all the same. Two tensors are in memory at a time. Models that are not of one architecture, or where one is no
fine-tune of the other, cannot be compared, and that is an error.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from hauberk.comparison import Comparison, Measured
from hauberk.errors import Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.stats.difference import measure
from hauberk.stats.numbers import COMPUTED, decode, numpy
from hauberk.stats.usual import BUILT_IN, learnt
from hauberk.verbs.weights_tensors import open_tensors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.edge.sources import StrPath
    from hauberk.stats.usual import Measures
    from hauberk.verbs.weights_tensors import Tensors

MOST_CHANGE: Final = 1.0  # of two models trained apart, the difference is longer than either
_SHOWN: Final = 5


def compare_weights(
    model: StrPath, reference: StrPath, *, clean: Sequence[StrPath] = (), limits: Limits = DEFAULT_LIMITS
) -> Comparison:
    """Return what a model's tensors are beside those of the clean model that it was made from.

    Args:
        model: whose weights are in question.
        reference: the clean model.
        clean: fine-tunes of the reference that are known to be clean; the limits are learnt from them.
        limits: `max_load_bytes` is the most that is read of a file that is no safetensors file.

    Raises:
        Unavailable: the two cannot be compared, a file cannot be read, or NumPy is not installed.
        Misconfigured: a format without tensors, or too few clean fine-tunes.
        Exceeded: a file larger than the limits.
    """
    numpy()
    with open_tensors(reference, limits) as base:
        usual = learnt([_measures(one, base, limits) for one in clean]) if clean else None
        with open_tensors(model, limits) as suspect:
            found, broken, uncompared = _compare(suspect, base)
            digest = suspect.digest
    _require_related(found)
    measured = tuple(
        Measured(tensor, name, value, BUILT_IN[name] if usual is None else usual.get((tensor, name)))
        for tensor in sorted(found)
        for name, value in found[tensor].items()
    )
    return Comparison(os.fspath(model), digest, base.digest, len(clean), measured, tuple(broken), uncompared)


def _measures(path: StrPath, base: Tensors, limits: Limits) -> Measures:
    with open_tensors(path, limits) as tensors:
        found, broken, _ = _compare(tensors, base)
    if broken:
        raise Unavailable(f"a clean fine-tune holds NaN or infinity in {broken[0][:64]!r}", "name another")
    return found


def _compare(suspect: Tensors, base: Tensors) -> tuple[Measures, list[str], dict[str, str]]:
    """Return the measures by tensor, the tensors with numbers that are not finite, and what was not compared."""
    _require_alike(suspect, base)
    found: Measures = {}
    broken: list[str] = []
    uncompared = {name: why for name, why in suspect.left.items() if not why.startswith("an object of ")}
    for name in sorted(suspect.by_name):
        one, other = suspect.by_name[name], base.by_name[name]
        if one.dtype not in COMPUTED or other.dtype not in COMPUTED:
            if one.dtype != other.dtype or bytes(one.read()) != bytes(other.read()):
                uncompared[name] = f"{one.dtype}, which is not computed with, and differs"
            continue
        first, second = decode(one.dtype, one.shape, one.read()), decode(other.dtype, other.shape, other.read())
        if not numpy().isfinite(second).all():
            raise Unavailable(f"the reference holds NaN or infinity in {name[:64]!r}", "name another")
        if numpy().isfinite(first).all():
            found[name] = measure(first, second)
        else:
            broken.append(name)
    if not found and not broken:
        raise Unavailable("there is no tensor in them that can be compared", "see docs/weights.md")
    return found, broken, uncompared


def _require_alike(suspect: Tensors, base: Tensors) -> None:
    names = sorted(suspect.by_name.keys() | base.by_name.keys())
    wrong = [line for name in names if (line := _unlike(name, suspect, base))]
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise Unavailable(
            f"not one architecture: {'; '.join(wrong[:_SHOWN])}{more}", "name a clean model of the same architecture"
        )


def _unlike(name: str, suspect: Tensors, base: Tensors) -> str:
    one, other = suspect.by_name.get(name), base.by_name.get(name)
    if one is None or other is None:
        return f"{name[:64]!r} is in the {'reference' if one is None else 'model'} only"
    return "" if one.shape == other.shape else f"{name[:64]!r} is {one.shape}, the reference's {other.shape}"


def _require_related(found: Measures) -> None:
    """Raise where the middle matrix changed more than its own length: then the difference says nothing."""
    of_matrices = [measures["change"] for measures in found.values() if "spectral" in measures]
    changes = sorted(of_matrices or [measures["change"] for measures in found.values() if measures])
    if changes and changes[(len(changes) - 1) // 2] > MOST_CHANGE:
        raise Unavailable(
            "the model is no fine-tune of the reference: most of its weights are others", "name what it was made from"
        )
