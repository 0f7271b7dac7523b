"""`hauberk scan approve`: sign a table of callables that a person has read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.checks.own_tables import SUFFIX
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.edge.keys import open_signer
from hauberk.verbs.scan_files import approve_table

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("table", help="the file, as `hauberk scan learn` proposed it and a person completed it")
    parser.add_argument("--key", required=True, metavar="URI", help="the approver's private key: file:PATH or a path")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Check the table, sign it, and write the signature beside it."""
    signer = open_signer(options.key)
    for warning in signer.warnings:
        warn(warning)
    table = approve_table(options.table, signer)
    rows = sum(map(len, table.rows.values()))
    seen = {
        "source": f"{table.used.source} {table.used.release}",
        "rows": rows,
        "replaces": table.replaces or "no table of ours",
        "digest": table.used.digest,
        "key": signer.public.keyid,
        "signature": f"{options.table}{SUFFIX}",
    }
    say(facts(f"approved {options.table}", seen))
    return Exit.CLEAN
