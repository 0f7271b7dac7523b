"""`hauberk pull`: get a model by its digest, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say
from hauberk.cli.progress import progress
from hauberk.digest import Digest
from hauberk.errors import Malformed, Misconfigured
from hauberk.verbs.depots import open_depot
from hauberk.verbs.pull import Pulled, pull, pull_notes

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("digest", help="dirHash:… of a directory, sha256:… of a file")
    parser.add_argument("depot", metavar="from", help="where it is published: a directory, s3://bucket/prefix/, gs://…")
    parser.add_argument("-o", "--output", required=True, metavar="PLACE", help="where it goes; nothing is there yet")
    parser.add_argument(
        "--notes", metavar="DIR", help="also get what is said about it: signatures, passports; nothing is verified"
    )
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Pull, and say what came."""
    digest, depot = _digest(options.digest), open_depot(options.depot)
    with progress(f"pulling {digest}"):
        done = pull(digest, depot, options.output)
        notes = () if options.notes is None else pull_notes(digest, depot, options.notes)
    rows: dict[str, object] = {"digest": digest, "files": _told(done)}
    rows |= {str(path): f"a {note.kind}, not verified" for note, path in notes}
    say(facts(f"pulled {options.output}", rows))
    return Exit.CLEAN


def _told(done: Pulled) -> str:
    if done.was_there:
        return "it was there already"
    earlier = f", {done.kept} from an earlier try" if done.kept else ""
    return f"{done.fetched} fetched ({done.size} bytes){earlier}; each was hashed as it came"


def _digest(text: str) -> Digest:
    try:
        return Digest.parse(text)
    except Malformed as error:
        raise Misconfigured(error.message, "write dirHash:… of a directory, or sha256:… of a file") from None
