"""`hauberk verify`: is this model, file by file, the one that the holder of a key signed?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, warn
from hauberk.cli.progress import progress
from hauberk.cli.sign import WITH_IDENTITY
from hauberk.edge import clock
from hauberk.edge.keys import read_certificates, read_public_key
from hauberk.edge.sources import read_file
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import parse_instant
from hauberk.limits import DEFAULT_LIMITS
from hauberk.verbs.verify import verify

if TYPE_CHECKING:
    import argparse

    from hauberk.signature.certificate import Authority
    from hauberk.signature.keyless import Keyless


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("model", help="a model: a directory or a file")
    parser.add_argument("--signature", required=True, metavar="FILE", help="the signature: an OMS v1.0 bundle")
    parser.add_argument("--public-key", metavar="FILE", help="the PEM public key that is trusted")
    parser.add_argument("--root", metavar="FILE", help="PEM root certificates that are trusted; with --identity")
    parser.add_argument(
        "--identity",
        action="append",
        default=[],
        metavar="KIND:NAME",
        help="who must have signed, as the certificate names them: email:, uri:, dns: or subject: (repeatable)",
    )
    parser.add_argument("--trusted-root", metavar="FILE", help="Sigstore's trusted_root.json, for keyless signatures")
    parser.add_argument("--issuer", metavar="URL", help="who must have vouched for the identity of a keyless signature")
    parser.add_argument("--at", metavar="TIME", help="the time that you trust for the certificates, instead of now")
    parser.add_argument("--strict", action="store_true", help="refuse what would otherwise be a warning")
    parser.add_argument("--older", action="store_true", help="also read bundles of model_signing before 1.0")
    parser.add_argument("--with-identity", action="store_true", help=WITH_IDENTITY)
    parser.add_argument("--cache", metavar="FILE", help="keep digests here, and read again only what changed")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Verify, and say what holds; what does not hold is raised and never gets here."""
    authority = _authority(options)
    if (options.public_key is None) == (authority is None):
        raise Misconfigured(
            "a model is verified with a public key or with a root", "give --public-key or --root, or --trusted-root"
        )
    keys = (read_public_key(options.public_key),) if options.public_key is not None else ()
    with progress(f"verifying {options.model}"):
        verified = verify(
            options.model,
            options.signature,
            keys=keys,
            authority=authority,
            strict=options.strict,
            read_older=options.older,
            identify=options.with_identity,
            cache=options.cache,
        )
    for warning in (*verified.warnings, *verified.notes):
        warn(warning)
    named = "root" if verified.digest is None else "covered" if verified.warnings else "identity"
    known = {named: verified.digest or verified.root, "files": len(verified.files), "key": verified.key.keyid}
    signer = {"signer": str(verified.identity)} if verified.identity is not None else {}
    say(facts(f"verified {options.model}", known | signer))
    return Exit.CLEAN


def _authority(options: argparse.Namespace) -> Authority | Keyless | None:
    if options.trusted_root is not None:
        return _keyless(options)
    if options.issuer is not None:
        raise Misconfigured(
            "--issuer is of keyless signatures", "name the Sigstore that you trust: --trusted-root FILE"
        )
    if options.root is None:
        if options.identity or options.at:
            raise Misconfigured("--identity and --at are of certificates", "name the root that you trust: --root FILE")
        return None
    from hauberk.signature.certificate import Authority, Identity  # noqa: PLC0415 - for few who verify

    try:
        at = parse_instant(options.at) if options.at is not None else clock.now()
    except Malformed as error:
        raise Misconfigured(f"--at: {error.message}", error.hint) from None
    identities = tuple(Identity.parse(text) for text in options.identity)
    return Authority(read_certificates(options.root), identities, datetime.fromtimestamp(at, UTC))


def _keyless(options: argparse.Namespace) -> Keyless:
    if options.root is not None or options.at is not None:
        raise Misconfigured("--root and --at are not of keyless signatures", "the time is that of Sigstore's log")
    from hauberk.signature.certificate import Identity  # noqa: PLC0415 - for few who verify
    from hauberk.signature.keyless import Keyless  # noqa: PLC0415

    identities = tuple(Identity.parse(text) for text in options.identity)
    root = read_file(options.trusted_root, limit=DEFAULT_LIMITS.max_document_bytes)
    return Keyless(root, identities, options.issuer or "")
