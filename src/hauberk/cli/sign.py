"""`hauberk sign`: sign a model so that anybody with the public key can tell whether it is the same."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.edge.keys import open_signer, read_certificates
from hauberk.errors import Misconfigured
from hauberk.signature.manifest import Hashing, HashType
from hauberk.verbs.sign import listed, sign

if TYPE_CHECKING:
    from hauberk.edge.keyless import KeylessSigner
    from hauberk.edge.keys import FileSigner

WITH_IDENTITY = "also compute the identity where the signature needs other digests: the model is read twice"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a model: a directory or a file")
    parser.add_argument("--key", metavar="URI", help="the private key: file:PATH or a path (EC)")
    parser.add_argument(
        "--keyless",
        metavar="FILE",
        help="Sigstore's client trust config: sign with an identity, by its services; the log is public",
    )
    parser.add_argument(
        "--identity-token", metavar="FILE", help="the identity's token, for --keyless; default: that of the pipeline"
    )
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
    signer = _signer(options)
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
    for warning in getattr(signer, "warnings", ()):
        warn(warning)
    if signed.uncovered:
        warn(f"the signature does not cover: {listed(signed.uncovered)}")
    say(
        facts(
            f"signed {options.model}",
            {
                "identity" if signed.subject else "root": signed.subject or signed.root,
                "files": len(signed.files),
                **signed.signer,
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


def _signer(options: argparse.Namespace) -> FileSigner | KeylessSigner:
    if (options.key is None) == (options.keyless is None):
        raise Misconfigured("a model is signed with a key or keyless", "give --key or --keyless")
    if options.keyless is None:
        if options.identity_token is not None:
            raise Misconfigured("--identity-token is of keyless signatures", "give --keyless, not --key")
        return open_signer(options.key)
    from hauberk.edge.keyless import open_keyless  # noqa: PLC0415 - for few who sign

    return open_keyless(options.keyless, options.identity_token)


def _chain(path: str | None) -> tuple[bytes, ...]:
    return read_certificates(path) if path else ()
