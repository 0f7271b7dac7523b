"""Check a feature view: training rows, offline table and online store against each other, at one time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hauberk.checks.features.facts import AgeFacts, JoinFacts, KeyFacts, SkewFacts, WriterFacts
from hauberk.checks.features.registry import RULES
from hauberk.dataset.as_of import as_of, newest
from hauberk.errors import Malformed
from hauberk.finding import Location, Unchecked, UncheckedCode
from hauberk.rule import apply
from hauberk.verbs.data_feature_online import read_store
from hauberk.verbs.data_feature_rows import NANOSECONDS, Rows, read_table
from hauberk.verbs.data_feature_values import same_values
from hauberk.verbs.feature_view import definition_digest, folder_of, read_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.checks.features.document import View
    from hauberk.digest import Digest
    from hauberk.edge.files import StrPath
    from hauberk.finding import Finding


@dataclass(frozen=True, slots=True)
class Source:
    """Something that was read: its part in the view, what the view calls it, its digest, and how many rows it has."""

    part: str
    path: str
    digest: Digest
    rows: int


@dataclass(frozen=True, slots=True)
class CheckedView:
    """What was seen of a feature view.

    Attributes:
        digest: of its definition, canonical: the same however the file is laid out.
        sources: `offline`, and `training` and `online` where the view names them.
        answers: each rule that was asked, with `pass`, `fail` or `incomplete`.
    """

    view: View
    digest: Digest
    sources: tuple[Source, ...]
    answers: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]

    def source(self, part: str) -> Source | None:
        """Return what was read as a part of the view."""
        return next((source for source in self.sources if source.part == part), None)

    @property
    def result(self) -> str:
        """Return `fail` where there is a finding, else `incomplete` where anything is unchecked, else `pass`."""
        return "fail" if self.findings else "incomplete" if self.unchecked else "pass"


def check_view(path: StrPath, *, now: int) -> CheckedView:
    """Check the view in a file.

    Args:
        path: the view; what it names is relative to its folder.
        now: seconds since 1970, for the age of values.

    Raises:
        Misconfigured: it is no view.
        Malformed: a table has not the columns that the view says, or no times, or an entity is online twice.
        Unavailable, Exceeded: something cannot be read, or is too large.
    """
    view, folder = read_view(path), folder_of(path)
    offline, seen = read_table(folder / view.offline, view, view.time)
    sources, facts, unchecked = [Source("offline", view.offline, seen, len(offline))], list[Any](), list[Unchecked]()
    if view.training is not None:
        training, seen = read_table(folder / view.training.path, view, view.training.time)
        sources.append(Source("training", view.training.path, seen, len(training)))
        facts += _joined(view, offline, training)
    if view.online is not None:
        online = read_store(view, folder)
        sources.append(Source("online", view.online, online.digest, len(online.rows)))
        facts += [*_skew(view, offline, online.rows), *_age(view, online.rows, now), *online.writers]
        unchecked += online.unchecked
    unchecked += [_empty(source) for source in sources if not source.rows]
    findings = tuple(found for fact in facts for found in apply(RULES, fact))
    answers = tuple(_answers(view, facts, findings, unchecked))
    return CheckedView(view, definition_digest(view), tuple(sources), answers, findings, tuple(unchecked))


def _empty(source: Source) -> Unchecked:
    return Unchecked(UncheckedCode.MALFORMED, f"{source.part}: there is no row", Location(pointer=source.part))


def _answers(
    view: View, facts: list[Any], findings: tuple[Finding, ...], unchecked: list[Unchecked]
) -> Iterator[tuple[str, str]]:
    """Yield what became of each rule; one whose facts could not be had is incomplete."""
    asked: dict[type, object] = {JoinFacts: view.training, AgeFacts: view.max_age_hours}
    asked |= dict.fromkeys((SkewFacts, KeyFacts, WriterFacts), view.online)
    is_empty = any(one.location.pointer != "writers" for one in unchecked)
    for rule in RULES:
        if asked[rule.reads] is None:
            continue
        if any(found.rule == rule.id for found in findings):
            yield rule.id, "fail"
        elif any(isinstance(fact, rule.reads) for fact in facts) and not is_empty:
            yield rule.id, "pass"
        else:
            yield rule.id, "incomplete"


def _codes(*columns: Any) -> list[Any]:
    """Return entities of several tables as whole numbers, the same for the same text."""
    whole = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    codes = whole.combine_chunks().dictionary_encode()
    numbers = codes.indices.to_numpy().astype("i8") if len(whole) else np.empty(0, "i8")
    return np.split(numbers, np.cumsum([len(column) for column in columns])[:-1])


def _joined(view: View, offline: Rows, training: Rows) -> Iterator[JoinFacts]:
    who, asked = _codes(offline.who, training.who)
    held, following = as_of(who, offline.when, asked, training.when)
    if view.ttl_hours is not None and len(offline):
        ended = training.when - offline.when[held] > view.ttl_hours * 3600 * NANOSECONDS
        held = np.where(ended, -1, held)
    for feature in view.features:
        told = training.features[feature.name]
        right = same_values(told, _picked(offline.features[feature.name], held), feature)
        after = same_values(told, _picked(offline.features[feature.name], following), feature)
        early = after & (following >= 0) & ~right
        wrong = np.flatnonzero(~right)
        first = int(wrong[0]) if len(wrong) else 0
        yield JoinFacts(feature.name, len(training), len(wrong), int(early.sum()), first)


def _skew(view: View, offline: Rows, online: Rows) -> Iterator[SkewFacts | KeyFacts]:
    who, there = _codes(offline.who, online.who)
    if len(np.unique(there)) != len(there):
        raise Malformed("an entity is online twice", "make the entity the table's primary key")
    last = newest(who, offline.when)
    both, ours, theirs = np.intersect1d(who[last], there, assume_unique=True, return_indices=True)
    yield KeyFacts(len(last), len(last) - len(both), len(there) - len(both), view.max_skew)
    for feature in view.features:
        newest_values = _picked(offline.features[feature.name], last[ours])
        same = same_values(_picked(online.features[feature.name], theirs), newest_values, feature)
        yield SkewFacts(feature.name, len(both), int((~same).sum()), view.max_skew)


def _age(view: View, online: Rows, now: int) -> Iterator[AgeFacts]:
    if view.max_age_hours is None or not len(online):
        return
    hours = (now * NANOSECONDS - online.when) / (3600 * NANOSECONDS)
    old, future = int((hours > view.max_age_hours).sum()), int((hours < 0).sum())
    yield AgeFacts(len(online), old, future, float(hours.max()), view.max_age_hours)


def _picked(column: Any, rows: Any) -> Any:
    """Return values by their rows; of the row -1, null."""
    return column.take(pa.array(rows, pa.int64(), mask=rows < 0))
