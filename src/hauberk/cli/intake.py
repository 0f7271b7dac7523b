"""`hauberk intake`: fetch a model into a quarantine, verify it, scan it, and name it for what it is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hauberk.checks.model.registry import RULES
from hauberk.checks.profile import failing_on
from hauberk.cli.exits import Exit, exit_of_scan
from hauberk.cli.output import colourful, facts, say
from hauberk.cli.progress import progress
from hauberk.digest import Digest
from hauberk.errors import Malformed, Misconfigured
from hauberk.finding import Outcome
from hauberk.render import intake_json, text
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.written import read_trust
from hauberk.version import VERSION

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("address", help="what to fetch, as in hf://org/name@commit or https://host/model.pt")
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="the quarantine: a new directory")
    parser.add_argument("--expect", metavar="DIGEST", help="sha256:… of the file, or dirHash:… of the directory")
    parser.add_argument("--publisher", metavar="TRUST", help="the trust file whose keys may sign this model")
    parser.add_argument("--signature", metavar="FILE", help="the signature, where it does not come with the files")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what is printed")
    parser.add_argument(
        "--fail-on",
        choices=(Outcome.MALICIOUS.value, Outcome.SUSPICIOUS.value),
        default=Outcome.SUSPICIOUS.value,
        help="the least outcome of the scan that refuses it (default: suspicious)",
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Take it in, and say what holds; what does not verify is raised and never gets here."""
    trust = None if options.publisher is None else read_trust(options.publisher)
    wanted = Wanted(_expected(options.expect), trust, options.signature)
    profile = failing_on(Outcome(options.fail_on))
    with progress(f"taking in {options.address}"):
        record, path = intake(options.address, output=options.output, wanted=wanted, profile=profile)
    if options.format == "json":
        say(intake_json.render(record, version=VERSION))
    else:
        width = shutil.get_terminal_size().columns
        if record.scan is not None:
            say(text.render(record.scan, rules=RULES, colour=colourful(), width=width))
        say(_told(record, str(path)))
    return Exit.UNCHECKED if record.scan is None else exit_of_scan(record.scan, profile)


def _told(record: intake_json.Record, path: str) -> str:
    rows = {"from": record.pinned, "identity": record.digest, "files": len(record.files)}
    if record.signer:
        rows["key"] = record.signer
    if record.left_out:
        rows["left out"] = f"{', '.join(record.left_out)}: not signed"
    if record.reasons:
        return facts(f"refused {path}", {**rows, "because": "; ".join(record.reasons)})
    return facts(f"accepted {path}", {**rows, "next": "sign it, as with `hauberk sign`"})


def _expected(text: str | None) -> Digest | None:
    if text is None:
        return None
    try:
        return Digest.parse(text)
    except Malformed as error:
        raise Misconfigured(f"--expect: {error.message}", error.hint or "write it as sha256:<64 hex digits>") from None
