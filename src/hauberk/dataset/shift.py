"""How differently two data sets' columns are distributed: one number for each column, and a yardstick for it.

Values of both samples become codes: the order of the value for what has one, the category for text, 0 for a null. The
**distance** is that of Kolmogorov and Smirnov for what has an order (the largest difference of the shares of rows up to
some value; nulls come first) and the total variation for categories (the share of rows that would have to be of another
one). Both go from 0 to 1.

The **yardstick** is measured, not derived: two groups of rows, as large as those that are compared where the older set
has as many, are drawn from the older set alone 20 times, and the largest of the 20 distances is told. A column that did
not change goes over it about once in 21 times, less often where the groups had to be smaller, or where the two sets
share most of their rows. A distance over it is a difference; whether it matters is not for arithmetic to say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hauberk.dataset.profile import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hauberk.dataset.profile import Profile

DRAWS = 20
LEAST_ROWS = 40  # of the older sample, for a yardstick
_MOST_CATEGORIES = 100
_LEAST_COVERED = 0.5  # of rows, by these categories; below it text is compared by its lengths
_SHOWN_CATEGORIES = 12
_BINS = 20
_LEAST_SHARE = 1e-4  # an empty bin counts as this much, so that the index stays finite


@dataclass(frozen=True, slots=True)
class Bar:
    """A bin or a category, and its share of the rows of each sample."""

    label: str
    older: float
    newer: float


@dataclass(frozen=True, slots=True)
class Shift:
    """How a column's distribution differs.

    Attributes:
        compared: `values`, `categories`, `lengths`, `nulls`, or `numbers`, which texts spell.
        distance: see above; None where one of the samples has no rows.
        yardstick: None where the samples are too small for one.
        index: the population stability index over bins or categories.
        quantiles: of (older, newer) at 5, 25, 50, 75 and 95 %; empty where there is no order.
    """

    older: Profile
    newer: Profile
    compared: str
    distance: float | None
    yardstick: float | None
    index: float | None
    bars: tuple[Bar, ...]
    quantiles: tuple[tuple[str, str], ...] = ()

    @property
    def excess(self) -> float:
        """Return by how much the distance is over the yardstick; 0 where it is not, or where there is none."""
        return 0.0 if self.distance is None or self.yardstick is None else max(0.0, self.distance - self.yardstick)


@dataclass(frozen=True, slots=True)
class _Codes:
    older: Any
    newer: Any
    ordered: bool
    labels: tuple[str, ...] = ()  # of categories, from code 1


def shift_of(older: Profile, newer: Profile, *, rows: tuple[Any, Any] | None = None, draw: bool = True) -> Shift:
    """Compare a column.

    Args:
        older: of one side.
        newer: of the other, of the same type.
        rows: for each side, which rows of the sample are compared, as truths; all by default.
        draw: whether to measure the yardstick.
    """
    codes, compared = _codes_of(older, newer)
    told = (older, newer)
    if compared == "lengths" and (read := _read(older, newer)) is not None:
        older, newer = read
        codes, compared = _codes_of(older, newer)[0], "numbers"
    one, other = codes.older, codes.newer
    if rows is not None:
        one, other = one[rows[0]], other[rows[1]]
    if not len(one) or not len(other):
        return Shift(*told, compared, None, None, None, ())
    size = 1 + max(int(one.max()), int(other.max()))
    was, now = np.bincount(one, minlength=size), np.bincount(other, minlength=size)
    far = _distance(was, now, ordered=codes.ordered)
    near = _yardstick(one, was, len(other), ordered=codes.ordered) if draw else None
    if rows is not None:
        return Shift(*told, compared, far, near, None, ())
    bars = _bars(codes, older, newer, was, now)
    return Shift(*told, compared, far, near, _index(was, now, codes), bars, _quantiles(older, newer, codes))


def _read(older: Profile, newer: Profile) -> tuple[Profile, Profile] | None:
    """Return profiles of the numbers that texts spell, as cells of CSV do; None unless all of them do."""
    if older.texts is None or newer.texts is None:
        return None
    found = []
    for profile in (older, newer):
        try:
            numbers = pc.if_else(pc.equal(profile.texts, ""), None, profile.texts).cast(pa.float64())
        except pa.ArrowException:
            return None
        values = numbers.fill_null(np.nan).to_numpy(zero_copy_only=False)
        found.append(replace(profile, taken="value", type="float", numbers=values, texts=None))
    return found[0], found[1]


def _codes_of(older: Profile, newer: Profile) -> tuple[_Codes, str]:
    if older.taken == "text":
        categories = _categories(older.texts, newer.texts)
        if categories is not None:
            return categories, "categories"
    values = np.concatenate([older.numbers, newer.numbers])
    _, codes = np.unique(values, return_inverse=True)
    codes = np.where(np.isnan(values), 0, codes + 1)
    told = {"value": "values", "null": "nulls"}.get(older.taken, "lengths")
    return _Codes(codes[: len(older.numbers)], codes[len(older.numbers) :], ordered=True), told


def _categories(older: Any, newer: Any) -> _Codes | None:
    """Return the codes of texts; None where the most frequent ones are not those of most rows."""
    both = pa.concat_arrays([older, newer]).dictionary_encode()
    codes = both.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("i8") + 1
    names = both.dictionary.to_pylist()
    one, other = codes[: len(older)], codes[len(older) :]
    size = len(names) + 1
    share = sum(np.bincount(part, minlength=size)[1:] / max(1, len(part)) for part in (one, other))
    order = np.argsort(-np.asarray(share), kind="stable")
    top = order[:_MOST_CATEGORIES]
    held = (one > 0).sum() / max(1, len(one)) + (other > 0).sum() / max(1, len(other))
    if len(names) > _MOST_CATEGORIES and np.asarray(share)[top].sum() < _LEAST_COVERED * held:
        return None
    rank = np.full(size, len(top) + 1)
    rank[0] = 0
    rank[top + 1] = np.arange(1, len(top) + 1)
    rest = ("(others)",) if len(names) > len(top) else ()
    return _Codes(rank[one], rank[other], ordered=False, labels=tuple(names[at] for at in top) + rest)


def _distance(was: Any, now: Any, *, ordered: bool) -> float:
    difference = was / was.sum() - now / now.sum()
    return float(np.abs(np.cumsum(difference)).max() if ordered else np.abs(difference).sum() / 2)


def _yardstick(codes: Any, counts: Any, newer_rows: int, *, ordered: bool) -> float | None:
    """Return the largest distance of two groups that are drawn from the older rows."""
    size = min(len(codes) // 2, newer_rows)
    if len(codes) < LEAST_ROWS or size < LEAST_ROWS // 2:
        return None
    draw = np.random.Generator(np.random.PCG64(0))
    largest = 0.0
    for _ in range(DRAWS):
        picked = np.bincount(draw.choice(codes, size, replace=False), minlength=len(counts))
        largest = max(largest, _distance(counts - picked, picked, ordered=ordered))
    return largest


def _index(was: Any, now: Any, codes: _Codes) -> float:
    """Return the population stability index, over tenths of the older rows for what has an order."""
    if codes.ordered:
        upto = np.cumsum(was[1:]) / max(1, was[1:].sum())
        cuts = [0, *(1 + np.searchsorted(upto, np.arange(0.1, 0.95, 0.1), "left") + 1).tolist()]
        starts = np.unique(np.minimum([0, 1, *cuts], len(was) - 1))
        was, now = np.add.reduceat(was, starts), np.add.reduceat(now, starts)
    p, q = (np.maximum(part / part.sum(), _LEAST_SHARE) for part in (was, now))
    return float(((q - p) * np.log(q / p)).sum())


def _quantiles(older: Profile, newer: Profile, codes: _Codes) -> tuple[tuple[str, str], ...]:
    if not codes.ordered or older.taken == "null" or older.type == "bool":
        return ()
    found = []
    for profile in (older, newer):
        held = profile.numbers[~np.isnan(profile.numbers)]
        kind = profile.type if profile.taken == "value" else "int"
        ends = np.quantile(held, (0.05, 0.25, 0.5, 0.75, 0.95), method="inverted_cdf") if len(held) else ()
        found.append([number_text(float(value), kind) for value in ends] or ["-"] * 5)
    return tuple(zip(*found, strict=True))


def _bars(codes: _Codes, older: Profile, newer: Profile, was: Any, now: Any) -> tuple[Bar, ...]:
    """Return what a picture shows: bins that both share; nulls first, where there are any."""
    p, q = was / was.sum(), now / now.sum()
    nulls = [Bar("(null)", float(p[0]), float(q[0]))] if p[0] or q[0] else []
    if older.taken == "null":
        return (*nulls, Bar("(not null)", 1 - float(p[0]), 1 - float(q[0])))
    if not codes.ordered:
        shown = [Bar(codes.labels[i - 1], float(p[i]), float(q[i])) for i in range(1, len(p))]
        kept, rest = shown[:_SHOWN_CATEGORIES], shown[_SHOWN_CATEGORIES:]
        if rest:
            kept.append(Bar("(others)", sum(bar.older for bar in rest), sum(bar.newer for bar in rest)))
        return (*nulls, *kept)
    return (*nulls, *_bins(older, newer))


def _bins(older: Profile, newer: Profile) -> list[Bar]:
    kind = older.type if older.taken == "value" else "int"
    held = [part[~np.isnan(part)] for part in (older.numbers, newer.numbers)]
    both = np.concatenate(held)
    values = np.unique(both)
    if len(values) <= (_BINS if kind == "int" else 2):
        counts = [[int((part == value).sum()) for value in values] for part in held]
        names = [("false", "true")[int(v)] if kind == "bool" else number_text(float(v), kind) for v in values]
        return _labelled(names, counts, older, newer)
    finite = both[np.isfinite(both)]
    low, high = (float(end) for end in np.quantile(finite, (0.005, 0.995))) if len(finite) else (0.0, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.linspace(low, high, _BINS + 1)
    if not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
        edges = np.array([low - abs(low) / 2 - 0.5, low + abs(low) / 2 + 0.5])
    counts = [np.histogram(np.clip(part, edges[0], edges[-1]), edges)[0].tolist() for part in held]
    names = [f"{_end(edges[i], kind)} to {_end(edges[i + 1], kind)}" for i in range(len(edges) - 1)]
    return _labelled(names, counts, older, newer)


def _end(value: Any, kind: str) -> str:
    return number_text(float(value), kind)


def _labelled(names: Sequence[str], counts: Sequence[Sequence[int]], older: Profile, newer: Profile) -> list[Bar]:
    n, m = max(1, len(older.numbers)), max(1, len(newer.numbers))
    return [Bar(name, was / n, now / m) for name, was, now in zip(names, *counts, strict=True)]
