"""`hauberk data check-store`: prove again that a published data set is there, locked and private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.data_publish import add_ways, told
from hauberk.cli.progress import progress

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("manifest", help="of a data set that was published")
    add_ways(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Ask the store, and say what is proven."""
    from hauberk.verbs.data_publish import check_store  # noqa: PLC0415 - the network's modules, only when used

    with progress(f"checking {options.manifest}"):
        done = check_store(options.manifest)
    return told(options, options.manifest, done)
