"""`hauberk sign`: sign a model so that anybody with the public key can tell whether it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge.keys import open_signer
from hauberk.verbs.sign import sign

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a model: a directory or a file")
    parser.add_argument("--key", required=True, metavar="URI", help="the private key: file:PATH or a path (EC P-256)")
    parser.add_argument("--signature", required=True, metavar="FILE", help="where to write the signature")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Sign, and say what was signed."""
    signer = open_signer(options.key)
    with progress(f"signing {options.model}"):
        signed = sign(options.model, signer=signer, signature_path=options.signature)
    for warning in signer.warnings:
        warn(warning)
    if signed.uncovered:
        warn(f"the signature does not cover what its standard ignores: {', '.join(signed.uncovered)}")
    say(
        facts(
            f"signed {options.model}",
            {
                "identity": signed.subject,
                "files": len(signed.files),
                "key": signer.public.keyid,
                "signature": options.signature,
            },
        )
    )
    return Exit.CLEAN
