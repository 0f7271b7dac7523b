"""`hauberk ledger tiles`: the ledger as static files, for any C2SP client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say
from hauberk.cli.progress import progress
from hauberk.ledger.log import Log
from hauberk.ledger.tile_folder import export
from hauberk.pipeline.project import open_project

if TYPE_CHECKING:
    import argparse


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the action."""
    parser = actions.add_parser("tiles", help="write what is published as static files", allow_abbrev=False)
    parser.add_argument("folder", metavar="DIR", help="where they go; only what is new is written")
    parser.add_argument("--all", action="store_true", help="write every file again")
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Write the tiles that a folder lacks, and the newest checkpoint."""
    project = open_project(options.project)
    with Log.open(project.ledger, read_only=True) as log, progress("writing tiles"):
        done = export(log, options.folder, all_again=options.all)
    say(facts(f"tiles in {options.folder}", {"entries": done.size, "files": f"{done.written} written"}))
    return Exit.CLEAN
