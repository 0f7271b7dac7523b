"""`hauberk data erase`: destroy the salts of persons, and record which rows are known by their hashes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.data_manifest import PERSONS, SALT
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge.extras import require_extra
from hauberk.edge.salt import read_salt
from hauberk.edge.sources import check_output, require_apart

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("manifest", help="the manifest; its hashes lie beside it")
    parser.add_argument("paths", nargs="+", metavar="path", help="the data that it is about, as it was")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the record of what was erased")
    parser.add_argument(
        "--person-id", action="append", default=[], metavar="VALUE", help="whom to erase, as the column says it"
    )
    parser.add_argument(
        "--row", action="append", default=[], type=int, metavar="N", help="erase the person of this row, from 0"
    )
    parser.add_argument("--salt", default=SALT, metavar="FILE", help=f"the salt of the set (default: {SALT})")
    parser.add_argument(
        "--person-salts", default=PERSONS, metavar="FILE", help=f"the salts of persons (default: {PERSONS})"
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Write the record, destroy the salts, and say what was done."""
    require_extra("data", "pyarrow", "numpy")
    from hauberk.verbs.data_erase import Secrets, erase, is_erasure  # noqa: PLC0415 - an extra

    inputs = (options.manifest, *options.paths)
    check_output(options.output, recognise=is_erasure, inputs=inputs)
    require_apart(options.output, options.paths)
    secrets = Secrets(read_salt(options.salt), options.person_salts)
    with progress(f"reading {', '.join(options.paths)}"):
        done = erase(
            options.manifest,
            tuple(options.paths),
            options.output,
            secrets,
            persons=options.person_id,
            rows=options.row,
        )
    told = {
        "record": options.output,
        "persons": f"{done.persons:,}; the salts of {done.destroyed:,} were destroyed now",
        "rows": f"{len(done.erasure.rows):,} of {done.erasure.count:,} are known by their hashes only",
    }
    say(facts("erased", told))
    warn(f"take these rows out of the data, and destroy other copies of {options.person_salts}")
    return Exit.CLEAN
