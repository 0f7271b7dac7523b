"""`hauberk key`: make one; replace one by the next trust; end one that was stolen."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, say_sentences, warn
from hauberk.cli.trust import DRAFT_FILE, PROJECT, appended, check_free, save
from hauberk.edge.keys import find_passphrase
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import parse_instant
from hauberk.pipeline.key_change import SIGN_CHECKPOINTS, carry_out, new_key, revoke, rotate
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import FILE_NAME, open_project
from hauberk.render.verdict import development_notice
from hauberk.signature.key import KeyKind
from hauberk.signature.note import NoteKind, VerifierKey, check_name

if TYPE_CHECKING:
    import argparse

    from hauberk.pipeline.key_change import Change
    from hauberk.pipeline.project import Project

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="new|rotate|revoke")
    new = actions.add_parser("new", help="make a key: NAME.pem, encrypted, and NAME.pub", allow_abbrev=False)
    new.add_argument("name", help="a role, or any name; a producer's key is EC P-256, every other Ed25519")
    new.add_argument("--kind", choices=[str(kind) for kind in KeyKind], help="another kind than the name has")
    new.add_argument("-o", "--output", metavar="FILE", help="the private key's file (default: NAME.pem)")
    new.add_argument("--witness", metavar="NAME", help="it is a witness's: also print its verifier key by this name")
    new.set_defaults(call=make)
    turn = actions.add_parser("rotate", help="let a new key follow an old one", allow_abbrev=False)
    turn.add_argument(
        "which", metavar="ROLE", help="producer, scanner, approver, gate, log, witness or root; or a key's id"
    )
    turn.add_argument("--public", metavar="FILE", help="the new public key, which its owner made (default: make one)")
    turn.add_argument("--since", metavar="TIME", help="when the old key ends, if before now: it was stolen then")
    turn.set_defaults(call=turn_over)
    away = actions.add_parser("revoke", help="end a stolen key at the time of the theft", allow_abbrev=False)
    away.add_argument("which", metavar="KEYID", help="the key's id, or its first 12 digits; a name that one key has")
    away.add_argument("--since", required=True, metavar="TIME", help="the time of the theft: 2026-11-26T05:00:00Z")
    away.set_defaults(call=take_away)
    turn.add_argument("--force", action="store_true", help="with --root: also where it looks like a mistake")
    for action in (turn, away):
        action.add_argument("--root", action="append", default=[], metavar="URI", help="sign and append at once")
        action.add_argument("-o", "--output", default=DRAFT_FILE, metavar="FILE", help="the draft, without --root")
        action.add_argument("--project", default=".", metavar="DIR", help=PROJECT)


def make(options: argparse.Namespace) -> int:
    """Make a key, and print its id."""
    if not _NAME.fullmatch(options.name):
        raise Misconfigured(f"{options.name!r:.80} is no name of a key", "letters, digits, dots, dashes; --output too")
    kind = (
        KeyKind(options.kind) if options.kind else KeyKind.ECDSA_P256 if options.name == "producer" else KeyKind.ED25519
    )
    if options.witness is not None:
        _check_witness(options.witness, kind)
    path = Path(options.output or f"{options.name}.pem")
    signer = new_key(path, kind, partial(find_passphrase, new=True))
    rows = {"private": f"{path}: keep it", "public": f"{path.with_suffix('.pub')}: give it to the root's owner"}
    if options.witness is not None:
        rows["verifier"] = VerifierKey(options.witness, NoteKind.COSIGNATURE_V1, signer.public).format()
    say(facts(f"made the {kind} key {signer.public.keyid}", rows))
    return Exit.CLEAN


def _check_witness(name: str, kind: KeyKind) -> None:
    """Refuse what is no witness's name or kind of key before a key is made."""
    if kind is not KeyKind.ED25519:
        raise Misconfigured(f"a witness's key is Ed25519, not {kind}", "leave --kind out")
    try:
        check_name(name)
    except Malformed as error:
        raise Misconfigured(error.message, "name it as in example.org/w1") from None


def turn_over(options: argparse.Namespace) -> int:
    """Draft the trust in which a new key follows an old one; with the root's keys, sign and append it."""
    project = open_project(options.project)
    if not options.root:
        check_free(options.output)  # before a key is made
    keys = Keyring(project, warn)
    since = _instant(options.since) if options.since else None
    options.force = options.force or since is not None  # that what the thief said counts no more was asked for
    change = rotate(project, options.which, public=options.public, since=since, keys=keys)
    if change.path is not None:
        say(f"made {change.path}")
    say(f"the old key is sha256:{change.old}")
    return _finish(options, project, change, keys)


def take_away(options: argparse.Namespace) -> int:
    """Draft the trust in which a stolen key ends; with the root's keys, sign and append it."""
    project = open_project(options.project)
    options.force = True  # what nobody may say any more is what was asked for
    return _finish(options, project, revoke(project, options.which, _instant(options.since)), Keyring(project, warn))


def _finish(options: argparse.Namespace, project: Project, change: Change, keys: Keyring) -> int:
    say_sentences(*change.said)
    if not options.root:
        save(change.draft, options.output)
        say_sentences(
            f"written: {options.output}; next: `hauberk trust sign {options.output} --key ROOT_KEY`, then append it"
        )
        if change.path is not None:
            say_sentences(
                f"{'before' if change.role in SIGN_CHECKPOINTS else 'once'} it is appended, {_name_it(project, change)}"
            )
        return Exit.CLEAN
    published, pointed = carry_out(project, change, options.root, force=options.force, keys=keys, warn=warn)
    if published is None:
        say_sentences(
            f"trust version {change.draft.trust['version']} is in the ledger: `hauberk run` publishes it with that key"
        )
    else:
        say_sentences(*appended(project, change.draft, published))
    if change.path is not None and not pointed:
        say_sentences(_name_it(project, change))
    if change.draft.trust["development"]:
        say_sentences(development_notice())
    return Exit.CLEAN


def _name_it(project: Project, change: Change) -> str:
    assert change.path is not None
    if change.role == "root":
        return f"keep {change.path} offline, as the root's key"
    return f'write `{change.role}: "file:{change.path.relative_to(project.folder)}"` under `keys` in {FILE_NAME}'


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except Malformed as error:
        raise Misconfigured(error.message, "write it as 2026-11-26T05:00:00Z") from None
