"""`hauberk sign`: sign a model so that anybody with the public key can tell whether it is the same."""

from __future__ import annotations

import argparse

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge.keys import open_signer, read_certificates
from hauberk.signature.manifest import Hashing, HashType
from hauberk.verbs.sign import listed, sign

WITH_IDENTITY = "also compute the identity where the signature needs other digests: the model is read twice"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a model: a directory or a file")
    parser.add_argument("--key", required=True, metavar="URI", help="the private key: file:PATH or a path (EC)")
    parser.add_argument("--signature", required=True, metavar="FILE", help="where to write the signature")
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        help="PEM certificates, the key's own first: the bundle names them, not the key",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="PATH",
        help="a path in the model that is not signed (repeatable)",
    )
    parser.add_argument("--hash", choices=[str(one) for one in HashType], default="sha256", help="default: sha256")
    parser.add_argument(
        "--shard-size",
        type=positive,
        metavar="BYTES",
        help="sign pieces of files, of so many bytes, and not whole files",
    )
    parser.add_argument("--with-identity", action="store_true", help=WITH_IDENTITY)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Sign, and say what was signed."""
    signer = open_signer(options.key)
    with progress(f"signing {options.model}"):
        signed = sign(
            options.model,
            signer=signer,
            signature_path=options.signature,
            chain=_chain(options.certificate),
            hashing=Hashing(HashType(options.hash), options.shard_size),
            ignore=options.ignore,
            identify=options.with_identity,
        )
    for warning in signer.warnings:
        warn(warning)
    if signed.uncovered:
        warn(f"the signature does not cover: {listed(signed.uncovered)}")
    say(
        facts(
            f"signed {options.model}",
            {
                "identity" if signed.subject else "root": signed.subject or signed.root,
                "files": len(signed.files),
                "key": signer.public.keyid,
                "signature": options.signature,
            },
        )
    )
    return Exit.CLEAN


def positive(text: str) -> int:
    """Return a number of bytes; raise as `argparse` has it for anything else."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of bytes")
    return int(text)


def _chain(path: str | None) -> tuple[bytes, ...]:
    return read_certificates(path) if path else ()
