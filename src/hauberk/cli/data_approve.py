"""`hauberk data approve`: check the data of a manifest, and sign what came of it into the project's ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.data_check import EXITS, MARKS, REFERENCE, as_text
from hauberk.cli.data_manifest import PERSONS, SALT
from hauberk.cli.data_set import written
from hauberk.cli.exits import Exit
from hauberk.cli.output import say, warn
from hauberk.cli.progress import progress
from hauberk.edge.extras import require_extra
from hauberk.pipeline.project import open_project
from hauberk.render.words import counted, visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from hauberk.verbs.data_suite import Judged

_SUITE = (
    "a suite of Great Expectations (JSON) or a schema of pandera (YAML, JSON), which that program runs; may be repeated"
)
_SAID = {
    "pass": "approved by {owner}: signed into the ledger; `hauberk run` publishes it",
    "fail": "not approved: the failure is signed into the ledger, for {owner}, and denies where a policy asks",
    "incomplete": "not approved: signed into the ledger as incomplete, for {owner}",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "manifest", metavar="MANIFEST[=PATH]", help="the manifest; PATH is where the data lie, if not where it says"
    )
    parser.add_argument("--owner", required=True, metavar="NAME", help="who answers for these data")
    parser.add_argument("--checks", metavar="FILE", help="what must hold: checks.yaml")
    parser.add_argument("--suite", action="append", default=[], metavar="FILE", help=_SUITE)
    parser.add_argument("--reference", action="append", default=[], metavar="SET", help=REFERENCE)
    of_it = "of the project"
    parser.add_argument("--salt", metavar="FILE", help=f"the salt of the rows (default: {SALT} {of_it})")
    parser.add_argument("--person-salts", metavar="FILE", help=f"the salts of persons (default: {PERSONS} {of_it})")
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Verify, check, record, and say what came of it; 1 for a finding, else 3 for anything unchecked."""
    require_extra("data", "numpy", "pyarrow")
    from hauberk.pipeline.approval import Approval, approve  # noqa: PLC0415 - an extra
    from hauberk.verbs.data_check import other_of  # noqa: PLC0415
    from hauberk.verbs.data_proof import SaltFiles  # noqa: PLC0415

    path, place = written(options.manifest)
    others = tuple(map(other_of, options.reference))
    folder = Path(options.project)
    salts = SaltFiles(options.salt or folder / SALT, options.person_salts or folder / PERSONS)
    place_of = (place,) if place else ()
    wanted = Approval(path, place_of, options.owner, options.checks, salts, others, tuple(options.suite))
    with progress(f"checking the data of {path}"):
        thing, found = approve(open_project(options.project), wanted, warn=warn)
    say("\n".join(as_text(found.checked, thing.label)))
    if found.checks is not None:
        say(visible(f"  judged by {found.checks[0]}, {found.checks[1]}"))
    for one in found.judged:
        say("\n".join(_of_suite(one)))
    say(f"  {_SAID[found.result].format(owner=options.owner)}")
    return Exit(EXITS[found.result])


def _of_suite(one: Judged) -> Iterator[str]:
    """Yield the lines on a suite: which it is and what judged, and what does not hold."""
    told, runs = one.told, one.suite.runs
    tool = f"{runs.tool} {told.version}".rstrip()
    yield visible(f"  {one.check} judged by {runs.name}, {one.suite.digest} ({tool})")
    for each in one.expected:
        if each.result != "pass" and not told.failed:
            yield visible(f"  {MARKS[each.result]} {each.expectation}: {each.saw}")
    for lost in one.unchecked if told.failed else ():
        yield visible(f"  {MARKS['incomplete']} {lost.detail}")
    passed = sum(each.result == "pass" for each in one.expected)
    yield f"  {one.result}: {passed} of {counted(len(one.expected), 'expectation')} hold"
