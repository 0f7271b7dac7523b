"""`hauberk ledger anchor`: put the newest checkpoint where nobody deletes it, or see that the ledger still has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.data_manifest import retained_until
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.errors import Misconfigured, NotVerified
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.gate.standing import former_authorities
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project

if TYPE_CHECKING:
    import argparse

    from hauberk.ledger.anchor import Anchored

_MOST_TOLD = 10


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the action."""
    parser = actions.add_parser("anchor", help="put the checkpoint into an object-locked bucket", allow_abbrev=False)
    parser.add_argument("address", metavar="s3://BUCKET/PREFIX/", help="the bucket has versioning and object lock")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--retain", metavar="TIME", help="for how long nobody can delete it, as in 90d, 18m, 7y")
    what.add_argument("--check", action="store_true", help="compare the ledger with what is anchored; put nothing")
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Anchor, or compare; a ledger that lacks what is anchored is raised."""
    from hauberk.edge.remote.bucket_write import Bucket  # noqa: PLC0415 - the network's modules, only when used
    from hauberk.ledger.anchor import Keys, anchor, check, newest  # noqa: PLC0415 - likewise

    name, prefix = _target(options.address)
    project = open_project(options.project)
    trust = project.read_trust()
    with Log.open(project.ledger, read_only=True) as log, Bucket(name) as bucket, progress("comparing the ledger"):
        keys = Keys(trust.log, trust.witnesses, trust.quorum, former_authorities(log, trust))
        if options.check:
            found = newest(bucket, prefix, keys=keys)
            check(log, found)
            return _told(options.address, found)
        until = retained_until(options.retain)
        assert until is not None
        key = anchor(log, bucket, prefix, keys=keys, until=parse_instant(until))
    say(facts(f"anchored in {options.address}", {"object": key, "locked": f"until {until}"}))
    return Exit.CLEAN


def _told(address: str, found: Anchored) -> int:
    for doubt in found.doubts[:_MOST_TOLD]:
        warn(doubt)
    if found.attested is None:
        raise NotVerified(
            f"no checkpoint that this trust takes is anchored in {address}, and {len(found.doubts)} other objects",
            "is it the right prefix? Anchor with --retain",
        )
    at = found.attested
    rows = {
        "newest anchored": f"{at.checkpoint.size} entries, witnessed {format_instant(at.time)}",
        "others": f"{len(found.doubts)} objects before it that this trust does not take",
    }
    say(facts("the ledger holds what is anchored", rows))
    return Exit.UNCHECKED if found.doubts else Exit.CLEAN


def _target(address: str) -> tuple[str, str]:
    from hauberk.edge.remote.address import Kind, is_address, parse  # noqa: PLC0415 - likewise

    found = parse(address) if is_address(address) else None
    if found is None or found.kind is not Kind.BUCKET or found.revision or not (found.path + "/").endswith("/"):
        raise Misconfigured(f"{address[:200]} is no prefix in a bucket", "write s3://BUCKET/PREFIX/")
    return found.place, f"{found.path.rstrip('/')}/" if found.path else ""
