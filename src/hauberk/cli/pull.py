"""`hauberk pull`: get a model by its digest or alias, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, say_sentences
from hauberk.cli.progress import progress
from hauberk.errors import Misconfigured
from hauberk.evidence.instant import format_instant
from hauberk.pipeline.pulling import Passport, Target, target
from hauberk.render.verdict import development_notice
from hauberk.verbs.depots import open_depot
from hauberk.verbs.pull import Pulled, make_folder, pull, pull_notes

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument(
        "what", help="dirHash:… of a directory, sha256:… of a file, or an alias: model/tumour@production"
    )
    parser.add_argument(
        "depot", metavar="from", help="where it is published: a directory, s3://bucket/prefix/, gs://…, oci://host/name"
    )
    parser.add_argument("-o", "--output", required=True, metavar="PLACE", help="where it goes; nothing is there yet")
    parser.add_argument(
        "--notes", metavar="DIR", help="a folder for what is said about it: signatures, passports; nothing is verified"
    )
    parser.add_argument(
        "--project",
        default=".",
        metavar="DIR",
        help="the folder with hauberk.yaml, whose ledger says what an alias names (default: here)",
    )
    by = parser.add_argument_group("without a project")
    by.add_argument("--passport", metavar="FILE", help="of the model: it says what the alias names, as of its time")
    by.add_argument("--root", metavar="FILE", help="the root.pub of the model's owner")
    by.add_argument("--seen", metavar="FILE", help="remembers the newest checkpoint; an older passport is refused")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Pull, and say what came."""
    meant, depot = target(options.what, options.project, _passport(options)), open_depot(options.depot)
    if options.notes is not None:
        make_folder(options.notes)  # refused before the model is fetched
    with progress(f"pulling {meant.digest}"):
        done = pull(meant.digest, depot, options.output)
        notes = () if options.notes is None else pull_notes(meant.digest, depot, options.notes)
    rows: dict[str, object] = {"digest": meant.digest, **_alias(options.what, meant), "files": _told(done)}
    rows |= {str(path): f"a {note.kind}, not verified" for note, path in notes}
    say(facts(f"pulled {options.output}", rows))
    if meant.resolved is not None and meant.resolved.development:
        say_sentences(development_notice())
    return Exit.CLEAN


def _passport(options: argparse.Namespace) -> Passport | None:
    if options.passport is None:
        if options.root is not None or options.seen is not None:
            raise Misconfigured("--root and --seen belong to --passport", "name the passport")
        return None
    if options.root is None:
        raise Misconfigured("a passport is believed by the root's public key", "give --root root.pub")
    return Passport(options.passport, options.root, options.seen)


def _alias(what: str, meant: Target) -> dict[str, object]:
    if meant.resolved is None:
        return {}
    return {"named by": f"{what}, as of {format_instant(meant.resolved.time)}; later moves are unknown"}


def _told(done: Pulled) -> str:
    if done.was_there:
        return "it was there already"
    earlier = f", {done.kept} from an earlier try" if done.kept else ""
    return f"{done.fetched} fetched ({done.size} bytes){earlier}; each was hashed as it came"
