"""`hauberk ledger deployed`: record where a digest runs, or that it ended there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import say, warn
from hauberk.digest import Digest
from hauberk.edge.sources import digest_path
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.deployments import Place
from hauberk.pipeline.deployed import Deployed, record_deployment
from hauberk.pipeline.project import open_project

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the action."""
    parser.add_argument("what", help="what runs: its digest, or a path that is hashed")
    parser.add_argument("--environment", required=True, help="as in production")
    parser.add_argument("--service", required=True, help="the service that runs it")
    parser.add_argument("--cluster", help="the cluster, where there are several")
    parser.add_argument("--host", help="the machine, where that matters")
    parser.add_argument("--by", required=True, help="who or what deployed it, or ended it")
    parser.add_argument("--ended", action="store_true", help="it does not run there any more")
    parser.add_argument("--at", metavar="INSTANT", help="when, as in 2026-11-26T09:00:00Z (default: now)")
    parser.add_argument("--until", metavar="INSTANT", help="when it is to end, if that is known")
    parser.add_argument("--name", metavar="KIND/NAME", help="what it is called (default: the project's model)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Sign the statement as the gate, log it, and publish a checkpoint that shows it."""
    if options.ended and options.until is not None:
        raise Misconfigured("--until belongs to a start", "leave it out with --ended")
    try:
        place = Place(options.environment, options.service, options.cluster, options.host)
    except Malformed as error:
        raise Misconfigured(error.message, "letters, digits, dots, hyphens and underscores") from None
    project = open_project(options.project)
    digest = _digest(options.what)
    wanted = Deployed(
        digest,
        options.name or project.label,
        place,
        ended=options.ended,
        by=options.by,
        at=options.at,
        until=options.until,
    )
    published = record_deployment(project, wanted, warn=warn)
    word = "no longer runs" if options.ended else "runs"
    say(f"{digest} {word} in {place}: published in the checkpoint of size {published.attested.checkpoint.size}")
    return Exit.CLEAN


def _digest(what: str) -> Digest:
    try:
        return Digest.parse(what)
    except Malformed:
        return digest_path(what)
