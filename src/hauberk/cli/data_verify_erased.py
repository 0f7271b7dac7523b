"""`hauberk data verify-erased`: prove that what remains of a data set is the rest of what a manifest says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.data_manifest import PERSONS, SALT
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say
from hauberk.cli.progress import progress
from hauberk.edge.extras import require_extra
from hauberk.edge.salt import read_salt

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("manifest", help="the manifest of the data set as it was")
    parser.add_argument("paths", nargs="+", metavar="path", help="the data without the erased rows")
    parser.add_argument("--erasure", required=True, metavar="FILE", help="the record of what was erased")
    parser.add_argument("--salt", default=SALT, metavar="FILE", help=f"the salt of the set (default: {SALT})")
    parser.add_argument(
        "--person-salts", default=PERSONS, metavar="FILE", help=f"the salts of persons (default: {PERSONS})"
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Verify, and say how many rows remain."""
    require_extra("data", "pyarrow", "numpy")
    from hauberk.verbs.data_erase import Secrets, verify_erased  # noqa: PLC0415 - an extra

    secrets = Secrets(read_salt(options.salt), options.person_salts)
    with progress(f"reading {', '.join(options.paths)}"):
        found = verify_erased(options.manifest, tuple(options.paths), options.erasure, secrets)
    told = {
        "root": found.root,
        "remain": f"{found.count - len(found.rows):,} rows, each as it was and in its place",
        "erased": f"{len(found.rows):,} rows, known by their hashes only",
    }
    say(facts("the root still holds", told))
    return Exit.CLEAN
