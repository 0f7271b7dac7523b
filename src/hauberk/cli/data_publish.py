"""`hauberk data publish`: put a data set where nobody can delete it before a date, and prove that it is so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hauberk.cli.data_manifest import retained_until
from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say
from hauberk.cli.progress import progress
from hauberk.evidence.instant import parse_instant
from hauberk.verbs.store_claims import NAMES

if TYPE_CHECKING:
    import argparse

    from hauberk.verbs.data_publish import Publication

_WORDS = {True: "proven", False: "NOT SO", None: "not answered by this store"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("folder", help="the directory that holds the data set")
    parser.add_argument(
        "address", help="s3://bucket/prefix/ or gs://bucket/prefix/; the bucket has versioning and object lock"
    )
    parser.add_argument("--retain", metavar="TIME", help="how long it is locked, as in 90d, 18m, 7y")
    parser.add_argument(
        "--manifest",
        metavar="FILE",
        help="its manifest: the files must be those; their addresses are written there",
    )
    parser.add_argument(
        "--encrypt",
        metavar="WAY",
        default="",
        help="have the store encrypt by this: AES256, aws:kms, or the name of a key of Google's (default: its own)",
    )
    add_ways(parser)
    parser.set_defaults(call=call)


def add_ways(parser: argparse.ArgumentParser) -> None:
    """Declare what `check-store` takes as well."""
    parser.add_argument(
        "--allow-unproven", action="append", default=[], choices=NAMES, metavar="NAME",
        help=f"a claim for which the store need not answer: {', '.join(NAMES)}",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text")


def call(options: argparse.Namespace) -> int:
    """Publish, and say what is proven."""
    from hauberk.verbs.data_publish import Asked, publish  # noqa: PLC0415 - the network's modules, only when used

    until = retained_until(options.retain)
    asked = Asked(
        None if until is None else parse_instant(until),
        options.manifest,
        options.encrypt,
        tuple(options.allow_unproven),
    )
    with progress(f"publishing {options.folder}"):
        done = publish(options.folder, options.address, asked)
    return told(options, options.address, done)


def told(options: argparse.Namespace, heading: str, done: Publication) -> int:
    """Write what is proven, and return the exit code."""
    say(json.dumps(_as_json(heading, done), indent=2) if options.format == "json" else _as_text(heading, done))
    if done.disproven:
        return Exit.FOUND
    return Exit.UNCHECKED if done.unproven(options.allow_unproven) else Exit.CLEAN


def _as_text(heading: str, done: Publication) -> str:
    rows: dict[str, object] = {
        "files": f"{done.sent} sent, {done.found} there already" if done.sent or done.found else "nothing was sent",
        "until": done.until,
    }
    return facts(heading, rows | claims_text(done))


def claims_text(done: Publication | None) -> dict[str, object]:
    """Return what is proven, a row each, for people."""
    return {claim.name: f"{_WORDS[claim.holds]}: {claim.saw}" for claim in done.claims} if done else {}


def claims_json(done: Publication) -> list[dict[str, Any]]:
    """Return what is proven as plain data."""
    return [{"name": claim.name, "holds": claim.holds, "saw": claim.saw} for claim in done.claims]


def _as_json(heading: str, done: Publication) -> dict[str, Any]:
    return {
        "schema": "urn:hauberk:store-check:v1",
        "place": heading,
        "until": done.until,
        "files": {"sent": done.sent, "found": done.found},
        "claims": claims_json(done),
    }
