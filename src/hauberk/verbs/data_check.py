"""Check a data set: count what `checks.yaml` asks about in one pass over its rows, and judge the counts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hauberk.checks.data import document as asked
from hauberk.checks.data.facts import SchemaFacts
from hauberk.checks.data.registry import RULES
from hauberk.dataset.manifest import is_manifest
from hauberk.digest import Digest, sha256
from hauberk.edge.remote.address import is_address
from hauberk.edge.sources import open_file, printable, read_file
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified
from hauberk.finding import Finding, Location, Unchecked, UncheckedCode
from hauberk.formats.document import LARGEST_BYTES, decode, read_yaml
from hauberk.rule import apply
from hauberk.signature import jcs
from hauberk.verbs.data_counts import Balanced, Categorised, Freshest, Leaking, Nulled, Numbered, Ranged
from hauberk.verbs.data_hashed import Referring, Repeating, Shared
from hauberk.verbs.data_open import read_manifest
from hauberk.verbs.data_rows import DataSet
from hauberk.verbs.data_shifted import Shifted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hauberk.dataset.manifest import DataFile, Manifest
    from hauberk.edge.files import StrPath
    from hauberk.verbs.data_counts import Check
    from hauberk.verbs.data_rows import Hashes, Rows

_SALT_BYTES = 32
_HEAD_BYTES = 1 << 20
RULE_OF = {
    "columns": "data-schema",
    "ranges": "data-range",
    "categories": "data-category",
    "nulls": "data-null",
    "unique": "data-unique",
    "freshness": "data-fresh",
    "rows": "data-row-count",
    "references": "data-reference",
    "shift": "data-shift",
    "label_balance": "data-label-balance",
    "duplicates": "data-duplicate",
    "leakage": "data-leakage",
}


@dataclass(frozen=True, slots=True)
class Other:
    """Another data set that checks compare with; without places, only what its manifest says is known."""

    name: str
    paths: tuple[StrPath, ...]
    manifest: Manifest | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one check: `pass`, `fail`, or `incomplete` where it could not be computed."""

    check: str
    rule: str
    result: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of the checks of a data set.

    Attributes:
        digest: of the bytes that were read.
        others: the other data sets that were read, with theirs.
    """

    digest: Digest
    files: tuple[DataFile, ...]
    rows: int
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    others: tuple[tuple[str, Digest], ...]

    @property
    def result(self) -> str:
        """Return `fail` where there is a finding, else `incomplete` where anything is unchecked, else `pass`."""
        return "fail" if self.findings else "incomplete" if self.unchecked else "pass"


def read_checks(path: StrPath) -> tuple[asked.Document, Digest]:
    """Return the checks in a file and their digest, of which comments are no part; raise `Misconfigured` for none."""
    data = read_yaml(read_file(path, limit=LARGEST_BYTES), what=printable(path))
    return decode(data, asked.Document, what=printable(path)), sha256(jcs.encode(data))


def other_of(text: str) -> Other:
    """Return the data set that `--reference` names: MANIFEST, MANIFEST=PATH or NAME=PATH.

    Raises:
        Misconfigured: neither a manifest nor a name with a place.
        Malformed, Unavailable: as `read_manifest`.
    """
    left, _, right = text.partition("=")
    if not left or not left.isprintable():
        raise Misconfigured("a data set has a name of one printable line", "write NAME=PATH")
    if _is_manifest(left):
        manifest = read_manifest(left)
        return Other(manifest.name, (right,) if right else _there(manifest), manifest)
    if not right:
        raise Misconfigured(f"{text!r:.80} is no manifest", "write MANIFEST, MANIFEST=PATH or NAME=PATH")
    if _is_manifest(right):
        manifest = read_manifest(right)
        return Other(left, _there(manifest), manifest)
    return Other(left, (right,))


def _is_manifest(path: str) -> bool:
    if not os.path.isfile(path):  # noqa: PTH113 - a path, as given
        return False
    with open_file(path) as view:
        return is_manifest(view.read_at(0, _HEAD_BYTES) + view.read_at(max(0, view.size - 4096), 4096))


def _there(manifest: Manifest) -> tuple[StrPath, ...]:
    """Return the places of a manifest, or none where one is neither here nor an address."""
    return manifest.places if all(is_address(at) or os.path.exists(at) for at in manifest.places) else ()  # noqa: PTH110


def check_data(
    checks: asked.Document | None,
    paths: tuple[StrPath, ...],
    others: tuple[Other, ...],
    *,
    now: int,
    hashes: Hashes | None = None,
    also: Callable[[Rows], None] = lambda _: None,
) -> Checked:
    """Read a data set, and what it is compared with, and judge both.

    Args:
        checks: what must hold; None: nothing of ours, and the data are read and hashed only.
        paths: the files, directories and addresses of the data set.
        others: what checks name in `against`.
        now: Unix seconds.
        hashes: shown the rows of the data set while they are read.
        also: is shown them after the checks.

    Raises:
        NotVerified: another data set is not the one of its manifest.
        Unavailable, Misconfigured, Malformed: as `DataSet.batches`.
    """
    work = _Work({one.name: one for one in others})
    if len(work.others) != len(others):
        raise Misconfigured("two other data sets have one name", "name them: --reference NAME=PATH")
    for name, kind, make in () if checks is None else _asked(checks, now, os.urandom(_SALT_BYTES), work):
        work.begin(name, kind, make)
    reads = {} if checks is None else _reads(checks)
    learnt = tuple(found for one in others if (found := _learn(work, one, reads)) is not None)
    data = DataSet(paths, reads, hashes=hashes)
    for rows in data.batches():
        work.each(lambda check, rows=rows: check.add(rows))  # type: ignore[misc]
        also(rows)
    work.end()
    if checks is not None:
        _schema(work, checks, data)
    assert data.digest is not None
    return Checked(
        data.digest,
        tuple(data.files),
        data.rows,
        work.answers(spoiled=bool(data.unchecked)),
        tuple(work.findings),
        (*data.unchecked, *work.unchecked),
        learnt,
    )


@dataclass(slots=True)
class _Work:
    """The checks that are being counted, and what became of the others."""

    others: dict[str, Other]
    counting: list[Check] = field(default_factory=list)
    rules: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def against(self, name: str | None) -> str:
        """Return the name of another data set; raise `Malformed` where it is not given, and the check unchecked."""
        if name is None:
            if len(self.others) != 1:
                seen = "no other data set is" if not self.others else f"{len(self.others)} other data sets are"
                raise Malformed(f"{seen} given, and `against` names none", "name one: --reference NAME=PATH")
            return next(iter(self.others))
        if name not in self.others:
            raise Malformed(f"the data set {name!r} is not given: --reference {name}=PATH")
        return name

    def begin(self, name: str, kind: str, make: Callable[[], Check]) -> None:
        """Begin a check, or note why it cannot be computed."""
        self.rules[name] = RULE_OF[kind]
        try:
            self.counting.append(make())
        except (Malformed, Exceeded) as error:
            self.drop(name, error)

    def each(self, act: Callable[[Any], None]) -> None:
        """Do something with every check that is still being counted."""
        for check in tuple(self.counting):
            try:
                act(check)
            except (Malformed, Exceeded) as error:
                self.counting.remove(check)
                self.drop(check.name, error)
            except pa.ArrowException as error:  # whose message may hold a value
                self.counting.remove(check)
                self.drop(check.name, Malformed(f"Arrow cannot compute this of such a column: {type(error).__name__}"))

    def drop(self, name: str, error: Malformed | Exceeded) -> None:
        """Note that a check cannot be computed."""
        code = UncheckedCode.LIMIT if isinstance(error, Exceeded) else UncheckedCode.UNREADABLE
        self.unchecked.append(Unchecked(code, f"{name}: {error.message}", Location(pointer=name)))

    def end(self) -> None:
        """Judge what was counted."""
        self.each(lambda check: self.judge(check.facts()))

    def judge(self, facts: object) -> None:
        """Apply the rules to the facts of a check."""
        self.findings += apply(RULES, facts)

    def answers(self, *, spoiled: bool) -> tuple[Answer, ...]:
        """Return what became of each check; none passes where part of the data could not be read."""
        failed = {finding.location.pointer for finding in self.findings}
        dropped = {one.location.pointer for one in self.unchecked}

        def result(name: str) -> str:
            return "fail" if name in failed else "incomplete" if spoiled or name in dropped else "pass"

        return tuple(Answer(name, rule, result(name)) for name, rule in self.rules.items())


def _asked(
    checks: asked.Document, now: int, salt: bytes, work: _Work
) -> Iterator[tuple[str, str, Callable[[], Check]]]:
    """Yield name, kind and maker of each check; a maker raises `Malformed` where the other data set is not given."""
    rate = checks.false_alarm_rate / max(1, checks.shifted)

    def many(kind: str, make: Callable[[str, Any], Check]) -> Iterator[tuple[str, str, Callable[[], Check]]]:
        for number, one in enumerate(getattr(checks, kind)):
            name = f"{kind}[{number}]"
            yield name, kind, lambda name=name, one=one: make(name, one)  # type: ignore[misc]

    yield from many("ranges", Ranged)
    yield from many("categories", Categorised)
    yield from many("nulls", Nulled)
    yield from many("unique", lambda name, one: Repeating(name, one, salt))
    yield from many("freshness", lambda name, one: Freshest(name, one, now))
    yield from many("rows", lambda name, one: _numbered(name, one, work))
    yield from many("references", lambda name, one: Referring(name, one, work.against(one.against), salt))
    for number, shift in enumerate(checks.shift):
        for column in shift.columns:
            name = f"shift[{number}].{printable(column)}"
            yield (
                name,
                "shift",
                lambda name=name, column=column, shift=shift: Shifted(  # type: ignore[misc]
                    name, column, work.against(shift.against), rate=rate, tolerate=shift.tolerate
                ),
            )
    yield from many("label_balance", Balanced)
    yield from many("duplicates", lambda name, one: Shared(name, one, work.against(one.against), salt))
    yield from many("leakage", lambda name, one: Leaking(name, one, work.against(one.against)))


def _numbered(name: str, check: asked.Count, work: _Work) -> Check:
    if not check.is_relative:
        return Numbered(name, check, None)
    against = work.against(check.against)
    manifest = work.others[against].manifest
    before = None if manifest is None or manifest.rows is None else manifest.rows.count
    return Numbered(name, replace(check, against=against), before)


def _learn(work: _Work, other: Other, reads: dict[str, str]) -> tuple[str, Digest] | None:
    """Show another data set to the checks that compare with it; return its digest, None where nobody asks."""
    mine = [check for check in work.counting if check.against == other.name and check.turns]
    if not mine:
        return None
    if not other.paths:
        said = Malformed(f"the rows of {other.name} are not here: --reference MANIFEST=PATH")
        _lose(work, mine, said)
        return None
    digests = set()
    for turn in range(max(check.turns for check in mine)):
        data = DataSet(other.paths, reads)
        for rows in data.batches():
            work.each(lambda check, rows=rows, turn=turn: _show(check, mine, rows, turn))  # type: ignore[misc]
        assert data.digest is not None
        digests.add(data.digest)
        if data.unchecked:
            _lose(work, mine, Malformed(f"{other.name}: {data.unchecked[0].detail}"))
    found = digests.pop()
    if digests or (other.manifest is not None and other.manifest.digest != found):
        wanted = other.manifest.digest if other.manifest else "what it was a moment ago"
        raise NotVerified(f"{other.name} has the digest {found}, not {wanted}", "it is not what it is compared as")
    return other.name, found


def _show(check: Check, mine: list[Check], rows: Any, turn: int) -> None:
    rows.strict = True  # no finding tells of cells of the other data set
    if any(check is one for one in mine) and turn < check.turns:
        check.learn(rows, turn)


def _lose(work: _Work, checks: list[Check], error: Malformed) -> None:
    for check in checks:
        if check in work.counting:
            work.counting.remove(check)
            work.drop(check.name, error)


def _reads(checks: asked.Document) -> dict[str, str]:
    """Return the types that columns are said to have."""
    return {column.name: column.type for column in checks.columns if column.type is not None}


def _schema(work: _Work, checks: asked.Document, data: DataSet) -> None:
    """Judge the columns, which are asked about also where none is listed: all files have the same."""
    work.rules = {"columns": RULE_OF["columns"], **work.rules}
    if not data.tables:
        return work.drop("columns", Malformed("there is no table in the data set"))
    reads = _reads(checks)
    return work.judge(
        SchemaFacts(
            "columns",
            tuple((column.name, column.type) for column in checks.columns),
            checks.other_columns,
            tuple(data.tables),
            tuple((name, reads[name], count, first) for name, (count, first) in data.unread.items()),
        )
    )
