"""The options of `hauberk scan` that name signed tables of callables, beside our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.callables.own import NO_ROWS, OwnRows
from hauberk.errors import Misconfigured

if TYPE_CHECKING:
    import argparse

    from hauberk.checks.profile import Profile
    from hauberk.finding import TableUsed


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    group = parser.add_argument_group("tables of callables, signed beside the file as FILE.sig")
    group.add_argument("--tables", metavar="FILE", action="append", default=[], help="rows beside or in place of ours")
    group.add_argument(
        "--tables-key", metavar="FILE", action="append", default=[], help="a PEM public key that signs them"
    )


def believed(options: argparse.Namespace, profile: Profile) -> tuple[OwnRows, tuple[TableUsed, ...]]:
    """Return the rows of all tables that the options and the profile name, once every signature was verified."""
    if bool(options.tables) is not bool(options.tables_key):
        raise Misconfigured("--tables and --tables-key go together", "name the public key of who signed the table")
    if not options.tables and not profile.tables:
        return NO_ROWS, ()
    from hauberk.checks.own_tables import merged  # noqa: PLC0415 - most scans read no YAML
    from hauberk.edge.keys import read_public_key  # noqa: PLC0415
    from hauberk.verbs.scan_files import read_table  # noqa: PLC0415

    keys = [read_public_key(path) for path in options.tables_key]
    tables = [read_table(path, keys) for path in options.tables]
    tables += [read_table(one.file, [read_public_key(one.key)]) for one in profile.tables]
    return merged(tables), tuple(table.used for table in tables)
