"""Judge a data set by suites of pandera and Great Expectations: the programs themselves do, in a child process each."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from hauberk.checks.data.expectation_run import expectation_run
from hauberk.checks.data.expectation_suite import is_expectations
from hauberk.checks.data.facts import SuiteFacts
from hauberk.checks.data.foreign_suite import saw
from hauberk.checks.data.pandera_run import pandera_run
from hauberk.checks.data.pandera_suite import is_pandera
from hauberk.checks.data.registry import RULES
from hauberk.checks.data.runnable import line
from hauberk.digest import Digest, sha256
from hauberk.edge.sandbox.suites import Asked, Told, require_tool, run_suite
from hauberk.edge.sources import printable
from hauberk.edge.table_spool import TableSpool
from hauberk.errors import Exceeded, Misconfigured
from hauberk.finding import Finding, Location, Unchecked, UncheckedCode
from hauberk.rule import apply
from hauberk.signature import jcs
from hauberk.verbs.checks_from import read_suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.checks.data.runnable import Runnable
    from hauberk.edge.files import StrPath
    from hauberk.edge.sandbox.suites import Said
    from hauberk.verbs.data_rows import Rows


@dataclass(frozen=True, slots=True)
class ForeignSuite:
    """A suite that can be run, and the digest of what it says, of which comments and layout are no part."""

    runs: Runnable
    digest: Digest


@dataclass(frozen=True, slots=True)
class Expected:
    """What became of one expectation: `pass`, `fail` or `incomplete`, and what was seen, without a value."""

    expectation: str
    result: str
    saw: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a program said of a data set by a suite.

    Attributes:
        check: the suite's place among those that were given, as in `suites[0]`.
        told: by what, and whether in the sandbox.
    """

    check: str
    suite: ForeignSuite
    told: Told
    expected: tuple[Expected, ...]
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]

    @property
    def result(self) -> str:
        """Return `fail` where there is a finding, else `incomplete` where anything is unchecked, else `pass`."""
        return "fail" if self.findings else "incomplete" if self.unchecked else "pass"


def open_suite(path: StrPath) -> ForeignSuite:
    """Return the suite in a file, after everything in it was looked at.

    Raises:
        Misconfigured: it is none, or something in it is not run.
        Unavailable: it cannot be read, or the program that it is for is not installed.
    """
    data = read_suite(path)
    digest = sha256(jcs.encode(data))
    name = _name(data, PurePath(path).name)
    if is_pandera(data):
        runs = pandera_run(data, name)
    elif is_expectations(data):
        runs = expectation_run(data, name)
    else:
        raise Misconfigured(
            f"{printable(path)} is neither a schema of pandera nor a suite of Great Expectations",
            "write it with to_yaml of pandera, or as the JSON of the suite; code is not run",
        )
    require_tool(runs.tool)
    return ForeignSuite(runs, digest)


class Rehearsal:
    """The rows of a data set as they are kept for other programs; why they cannot be, where they cannot."""

    def __init__(self, folder: str) -> None:
        """Begin in a private folder."""
        self.folder = folder
        self.rows = 0
        self.failed = ""
        self._spool = TableSpool(folder)
        self._names: tuple[str, ...] | None = None

    def add(self, rows: Rows) -> None:
        """Take rows, as they are in their file."""
        if self.failed:
            return
        self.rows += len(rows)
        names = tuple(rows.batch.schema.names)
        if self._names not in (None, names):
            self.failed = f"{rows.path} has other columns, or another order of them, than the first file"
            return
        self._names = names
        try:
            self._spool.add(rows.batch, text=rows.text)
        except Exceeded as error:
            self.failed = error.message

    def judge(self, suites: tuple[ForeignSuite, ...], *, unread: str) -> tuple[Judged, ...]:
        """Run each suite over the rows, and judge what it says; `unread`: why some rows are not among these."""
        self._spool.close()
        failed = unread or self.failed or ("" if self.rows else "there is no row to check")
        return tuple(self._judge(f"suites[{number}]", suite, failed) for number, suite in enumerate(suites))

    def _judge(self, check: str, suite: ForeignSuite, failed: str) -> Judged:
        asked = suite.runs
        told = (
            Told("", "", sealed=False, failed=failed)
            if failed
            else run_suite(Path(self.folder), Asked(asked.tool, asked.given, len(asked.expectations), self.rows))
        )
        if told.failed:
            lost = Unchecked(UncheckedCode.UNREADABLE, f"{check}: {told.failed}", Location(pointer=check))
            none = tuple(Expected(one, "incomplete", "nothing was judged") for one in asked.expectations)
            return Judged(check, suite, told, none, (), (lost,))
        pairs = tuple(zip(asked.expectations, told.said, strict=True))
        facts = [_facts(check, asked.tool, words, said) for words, said in pairs if said.result != "incomplete"]
        if not told.success and all(said.result == "pass" for said in told.said):
            facts.append(SuiteFacts(check, asked.tool, "the suite as a whole", holds=False))
        return Judged(
            check,
            suite,
            told,
            tuple(_expected(check, asked.tool, words, said) for words, said in pairs),
            tuple(finding for one in facts for finding in apply(RULES, one)),
            tuple(_lost(check, asked.tool, words) for words, said in pairs if said.result == "incomplete"),
        )


@contextmanager
def rehearsal() -> Iterator[Rehearsal]:
    """Yield a place for rows, which is gone afterwards."""
    with ExitStack() as stack:
        yield Rehearsal(stack.enter_context(tempfile.TemporaryDirectory(prefix="hauberk-")))


def _facts(check: str, tool: str, words: str, said: Said) -> SuiteFacts:
    holds, absent = said.result == "pass", said.why == "absent"
    return SuiteFacts(check, tool, words, holds, said.count, said.of, said.first, absent)


def _expected(check: str, tool: str, words: str, said: Said) -> Expected:
    if said.result == "incomplete":
        return Expected(words, "incomplete", "could not be computed")
    seen = saw(_facts(check, tool, words, said))
    return Expected(words, said.result, f"{seen} (it raised)" if said.why == "raised" else seen)


def _lost(check: str, tool: str, words: str) -> Unchecked:
    detail = f"{check}: {tool}: {words} could not be computed"
    return Unchecked(UncheckedCode.UNREADABLE, detail, Location(pointer=check))


def _name(data: object, file: str) -> str:
    """Return the name that a suite has, or its file's up to the first dot."""
    found = data.get("name") or data.get("expectation_suite_name") if isinstance(data, dict) else None
    return line(found if isinstance(found, str) and found else file.partition(".")[0])
