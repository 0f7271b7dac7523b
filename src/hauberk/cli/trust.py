"""`hauberk trust`: draft the next trust, have the root sign it where its key is, and append it to the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver, say_sentences, warn
from hauberk.edge.keys import find_passphrase, open_signer, read_public_key
from hauberk.edge.sources import check_output, read_file, write_output
from hauberk.edge.stores import make_folder
from hauberk.errors import Misconfigured
from hauberk.evidence.predicates import ROOT
from hauberk.evidence.trust import Root
from hauberk.evidence.trust_draft import SIGNED, Signed, lost, sign, to_sign
from hauberk.pipeline.next_trust import Wanted, draft, enter, read_draft, show, told
from hauberk.pipeline.project import open_project
from hauberk.render.verdict import development_notice
from hauberk.signature import dsse
from hauberk.signature.detached import Detached
from hauberk.verbs.written import read_trust

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from hauberk.edge.keys import FileSigner
    from hauberk.evidence.trust_draft import Draft
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.project import Project

_MOST_OF_SIGNATURE = 1024
DRAFT_FILE, SIGNED_FILE = "next-trust.json", "signed-trust.json"
PROJECT = "the folder with hauberk.yaml (default: here)"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="edit|sign|append")
    edit = actions.add_parser("edit", help="write a draft of the next trust, which people edit", allow_abbrev=False)
    edit.add_argument(
        "--from-defaults", action="store_true", help="add what this release lets each role say, and the trust lacks"
    )
    edit.add_argument("--days", type=int, metavar="N", help="let the trust, and what ends with it, end in N days")
    edit.add_argument(
        "--root-add", action="append", default=[], metavar="FILE", help="a public key that the next root has as well"
    )
    edit.add_argument(
        "--root-drop", action="append", default=[], metavar="ID", help="a key that the next root has no more"
    )
    edit.add_argument("--root-threshold", type=int, metavar="K", help="how many keys of the next root must sign")
    edit.add_argument("--root-days", type=int, metavar="N", help="let the next root end in N days")
    edit.add_argument("--witness-add", action="append", default=[], metavar="VKEY", help="a witness that counts too")
    edit.add_argument("--quorum", type=int, metavar="K", help="how many of the witnesses must cosign")
    edit.add_argument("-o", "--output", default=DRAFT_FILE, metavar="FILE", help=f"default: {DRAFT_FILE}")
    edit.add_argument("--project", default=".", metavar="DIR", help=PROJECT)
    edit.set_defaults(call=write_draft)
    signing = actions.add_parser("sign", help="sign a draft as the root; needs no ledger", allow_abbrev=False)
    signing.add_argument("draft", help="the draft, or what other keys of the root have signed")
    signing.add_argument("--key", action="append", default=[], metavar="URI", help="a private key of the root")
    signing.add_argument("--bytes", metavar="DIR", help="sign nothing: write what a key in an HSM is to sign")
    signing.add_argument("--public", metavar="FILE", help="the public half of a key that signed these bytes")
    signing.add_argument(
        "--signature", action="append", default=[], metavar="FILE", help="with --public: what that key made of them"
    )
    signing.add_argument("--since", metavar="FILE", help="the trust that you know: only what changed is shown")
    signing.add_argument("-o", "--output", default=SIGNED_FILE, metavar="FILE", help=f"default: {SIGNED_FILE}")
    signing.set_defaults(call=sign_draft)
    last = actions.add_parser("append", help="append what the root has signed, and publish it", allow_abbrev=False)
    last.add_argument("signed", help="what `hauberk trust sign` wrote")
    last.add_argument("--force", action="store_true", help="also where it looks like a mistake")
    last.add_argument("--project", default=".", metavar="DIR", help=PROJECT)
    last.set_defaults(call=append_signed)


def write_draft(options: argparse.Namespace) -> int:
    """Write the draft, and say what it changes."""
    project = open_project(options.project)
    wanted = Wanted(
        options.from_defaults,
        options.days,
        tuple(map(read_public_key, options.root_add)),
        tuple(options.root_drop),
        options.root_threshold,
        options.root_days,
        tuple(options.witness_add),
        options.quorum,
    )
    made, said = draft(project, wanted)
    save(made, options.output)
    say_sentences(*said)
    say_sentences(f"written: {options.output}; edit it, then `hauberk trust sign {options.output} --key ROOT_KEY`")
    return Exit.CLEAN


def sign_draft(options: argparse.Namespace) -> int:
    """Show what is signed, sign it, and say how many signatures are still missing."""
    if sum(map(bool, (options.key, options.bytes, options.public))) != 1 or bool(options.public) != bool(
        options.signature
    ):
        raise Misconfigured(
            "a draft is signed by keys, or by what a key elsewhere has made of its bytes",
            "--key URI; or --bytes DIR, and then --public FILE with a --signature FILE for each",
        )
    what = read_draft(options.draft)
    asked = what.draft if isinstance(what, Signed) else what
    say_sentences(*told(asked, read_trust(options.since) if options.since else None))
    if options.bytes:
        return _write_bytes(asked, Path(options.bytes))
    signed = sign(what, [_elsewhere(options)] if options.public else _opened(options.key))
    save(signed, options.output)
    say_sentences(f"written: {options.output}", *_missing(signed))
    return Exit.CLEAN


def _opened(uris: Sequence[str]) -> list[FileSigner]:
    found: list[bytes] = []

    def passphrase() -> bytes:
        found[:] = found or [find_passphrase()]
        return found[0]

    signers = [open_signer(uri, passphrase=passphrase) for uri in uris]
    for weak in (text for signer in signers for text in signer.warnings):
        warn(weak)
    return signers


def _elsewhere(options: argparse.Namespace) -> Detached:
    made = (read_file(path, limit=_MOST_OF_SIGNATURE) for path in options.signature)
    return Detached(read_public_key(options.public), tuple(made))


def _write_bytes(draft: Draft, folder: Path) -> int:
    """Write what is to be signed elsewhere, a file for the root and one for the trust."""
    make_folder(folder)
    for name, data in to_sign(draft).items():
        path = folder / f"{name}.bin"
        write_output(str(path), data, recognise=lambda there: there.startswith(b"DSSEv1 "))
        say_sentences(f"written: {path}")
    say_sentences("next: sign each file with that key, raw; then name its --public half, and each --signature")
    return Exit.CLEAN


def append_signed(options: argparse.Namespace) -> int:
    """Append it, write the trust file, publish, and say what changed."""
    project, what = open_project(options.project), read_draft(options.signed)
    if not isinstance(what, Signed):
        raise Misconfigured(
            f"{options.signed} is a draft that nobody has signed",
            f"`hauberk trust sign {options.signed} --key ROOT_KEY`",
        )
    said = enter(project, what, force=options.force)
    published = show(project, warn=warn)
    say_sentences(*said)
    say_sentences(*appended(project, what.draft, published))
    if what.draft.trust["development"]:
        say_sentences(development_notice())
    return Exit.CLEAN


def save(what: Draft | Signed, output: str) -> None:
    """Write a draft, never over another one, which somebody may have edited; or a signed trust, over older ones.

    Raises:
        Misconfigured: the older one has signatures of the same that would be lost.
    """
    deliver(
        what.encode().decode(),
        output,
        recognise=_older_than(what, output) if isinstance(what, Signed) else _refuser(output),
    )


def check_free(output: str) -> None:
    """Refuse a file for a draft where something is: somebody may have edited it."""
    check_output(output, recognise=_refuser(output))


def _refuser(output: str) -> Callable[[bytes], bool]:
    """Return what refuses the content of a file, whatever it is."""

    def refuse(_: bytes) -> bool:
        raise Misconfigured(
            f"{output} is there already, and somebody may have edited it",
            "go on with it (`hauberk trust sign`), name another file by -o, or take this one away",
        )

    return refuse


def appended(project: Project, what: Draft, published: Published) -> tuple[str, str]:
    """Return what was done, and what is left to do."""
    version, size = what.trust["version"], published.attested.checkpoint.size
    return (
        f"trust version {version}: published in the checkpoint of size {size}",
        f"{project.file.trust} is the newest trust now: give it to everybody who keeps a copy",
    )


def _older_than(what: Signed, output: str) -> Callable[[bytes], bool]:
    """Return what says that a file's content is a signed trust, and refuses one that holds more than its successor."""

    def recognise(there: bytes) -> bool:
        if gone := lost(there, what):
            raise Misconfigured(
                f"{output} has the signature of {gone[0][:12]}… on the same, which would be lost",
                f"sign what that key has signed: `hauberk trust sign {output} --key KEY`; or name another file by -o",
            )
        return there.startswith(f'{{\n  "schema": "{SIGNED}"'.encode())

    return recognise


def _missing(signed: Signed) -> list[str]:
    """Return a line for each threshold that the signatures do not reach yet."""
    roots = [Root.of(one) for one in (signed.by, signed.draft.root) if one is not None]
    short = []
    for envelope in signed.envelopes:
        there = {signature.keyid for signature in envelope.signatures}
        is_root = dsse.decode_statement(envelope.payload).predicate_type == ROOT.type
        for root in roots if is_root else roots[-1:]:
            held = len(there & root.keys.keys())
            if held < root.threshold:
                what = ("next root" if signed.by else "root") if is_root else "trust"
                short.append(f"the {what} has {held} of {root.threshold} signatures of root version {root.version}")
    last = "`hauberk init --signed`" if signed.by is None else "`hauberk trust append`"
    return short or [f"it has all signatures: {last} in the project"]
