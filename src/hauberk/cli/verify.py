"""`hauberk verify`: is this model, file by file, the one that the holder of a key signed?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge.keys import read_public_key
from hauberk.verbs.verify import verify

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a model: a directory or a file")
    parser.add_argument("--signature", required=True, metavar="FILE", help="the signature: an OMS v1.0 bundle")
    parser.add_argument("--public-key", required=True, metavar="FILE", help="the PEM public key that is trusted")
    parser.add_argument("--strict", action="store_true", help="refuse what would otherwise be a warning")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Verify, and say what holds; what does not hold is raised and never gets here."""
    key = read_public_key(options.public_key)
    with progress(f"verifying {options.model}"):
        verified = verify(options.model, options.signature, keys=(key,), strict=options.strict)
    for warning in verified.warnings:
        warn(warning)
    say(
        facts(
            f"verified {options.model}",
            {
                "covered" if verified.warnings else "identity": verified.digest,
                "files": len(verified.files),
                "key": verified.key.keyid,
            },
        )
    )
    return Exit.CLEAN
