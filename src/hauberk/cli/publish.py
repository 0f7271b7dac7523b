"""`hauberk publish`: put a model where others find it by its digest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.cli.data_manifest import retained_until
from hauberk.cli.data_publish import add_ways, claims_json, claims_text
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say
from hauberk.cli.progress import progress
from hauberk.errors import Misconfigured
from hauberk.evidence.instant import parse_instant
from hauberk.render.words import counted
from hauberk.verbs.depots import BUCKETS, address_of, open_depot
from hauberk.verbs.publish import Beside, publish
from hauberk.verbs.sign import place_inside

if TYPE_CHECKING:
    import argparse

    from hauberk.edge.remote.address import Address
    from hauberk.verbs.data_publish import Publication
    from hauberk.verbs.publish import Published


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="the model: a directory or a file")
    parser.add_argument(
        "depot", metavar="to", help="where it goes: a directory, s3://bucket/prefix/, gs://…, oci://host/name"
    )
    parser.add_argument(
        "--signature", action="append", default=[], metavar="FILE", help="its signature, which goes beside it"
    )
    parser.add_argument(
        "--passport", action="append", default=[], metavar="FILE", help="its passport, which goes beside it"
    )
    parser.add_argument("--retain", metavar="TIME", help="in a bucket: how long it is locked, as in 90d, 18m, 7y")
    parser.add_argument(
        "--encrypt",
        metavar="WAY",
        default="",
        help="in a bucket: have the store encrypt by this: AES256, aws:kms, or the name of a key of Google's",
    )
    add_ways(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Publish, and say by which digest it is found."""
    beside, address = Beside(tuple(options.signature), tuple(options.passport)), address_of(options.depot)
    if address is not None and address.kind in BUCKETS:
        return _locked(options, address, beside)
    if options.retain or options.encrypt or options.allow_unproven:
        raise Misconfigured("only a bucket locks and encrypts", "leave out --retain, --encrypt, --allow-unproven")
    if address is None and place_inside(options.model, options.depot) is not None:
        raise Misconfigured(f"{options.depot} lies inside of the model", "name a directory beside it")
    depot = open_depot(options.depot)
    with progress(f"publishing {options.model}"):
        done = publish(options.model, depot, beside=beside)
    _tell(options, done, None)
    return Exit.CLEAN


def _locked(options: argparse.Namespace, address: Address, beside: Beside) -> int:
    from hauberk.verbs.publish_locked import Locking, publish_locked  # noqa: PLC0415 - the network's, only when used

    until = retained_until(options.retain)
    if until is None:
        raise Misconfigured("nothing says until when it is kept", "name it: --retain 7y")
    locking = Locking(parse_instant(until), options.encrypt, tuple(options.allow_unproven))
    with progress(f"publishing {options.model}"):
        done, proven = publish_locked(options.model, address, locking, beside=beside)
    _tell(options, done, proven)
    if proven.disproven:
        return Exit.FOUND
    return Exit.UNCHECKED if proven.unproven(options.allow_unproven) else Exit.CLEAN


def _tell(options: argparse.Namespace, done: Published | None, proven: Publication | None) -> None:
    if options.format == "json":
        say(json.dumps(_as_json(options.depot, done, proven), indent=2))
        return
    rows: dict[str, object] = {"digest": "nothing was sent"}
    if done is not None:
        rows = {
            "digest": done.digest,
            "files": f"{done.sent} sent, {done.found} there already",
            "beside it": counted(done.notes, "new note") if done.notes else "nothing new",
        }
    say(facts(f"published in {options.depot}" if done else options.depot, rows | claims_text(proven)))


def _as_json(place: str, done: Published | None, proven: Publication | None) -> dict[str, Any]:
    published = None
    if done is not None:
        published = {"digest": str(done.digest), "sent": done.sent, "found": done.found, "notes": done.notes}
    return {
        "schema": "urn:hauberk:published:v1",
        "place": place,
        "published": published,
        "until": None if proven is None else proven.until,
        "claims": [] if proven is None else claims_json(proven),
    }
