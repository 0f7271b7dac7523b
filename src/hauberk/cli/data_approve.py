"""`hauberk data approve`: check the data of a manifest, and sign what came of it into the project's ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.data_check import EXITS, REFERENCE, as_text
from hauberk.cli.data_manifest import PERSONS, SALT
from hauberk.cli.exits import Exit
from hauberk.cli.output import say, warn
from hauberk.cli.progress import progress
from hauberk.edge.extras import require_extra
from hauberk.pipeline.project import open_project

if TYPE_CHECKING:
    import argparse

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
    parser.add_argument("--checks", required=True, metavar="FILE", help="what must hold: checks.yaml")
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

    path, _, place = options.manifest.partition("=")
    others = tuple(map(other_of, options.reference))
    folder = Path(options.project)
    salts = SaltFiles(options.salt or folder / SALT, options.person_salts or folder / PERSONS)
    wanted = Approval(path, (place,) if place else (), options.owner, options.checks, salts, others)
    with progress(f"checking the data of {path}"):
        thing, checked = approve(open_project(options.project), wanted, warn=warn)
    say("\n".join(as_text(checked, thing.label)))
    say(f"  {_SAID[checked.result].format(owner=options.owner)}")
    return Exit(EXITS[checked.result])
