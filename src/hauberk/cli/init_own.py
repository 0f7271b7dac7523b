"""`hauberk init` with keys of their owners: draft the founding, complete it by what they signed, put back its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import facts, say, say_sentences
from hauberk.cli.trust import SIGNED_FILE, check_free, save
from hauberk.edge import clock
from hauberk.errors import Misconfigured
from hauberk.evidence.trust_draft import Signed
from hauberk.pipeline.next_trust import read_draft, told
from hauberk.pipeline.project import FILE_NAME, open_project
from hauberk.signature.note import VerifierKey
from hauberk.verbs.found import Asked, complete, plan, put_back
from hauberk.verbs.init import Place, write_templates

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from hauberk.pipeline.project import Project
    from hauberk.verbs.init import Account

DRAFT_FILE = "founding.json"
HOW = "have each owner make a key by `hauberk key new ROLE`; then `hauberk init --root-key FILE --key ROLE=FILE …`"
_ROLES = ("producer", "scanner", "gate", "log", "witness", "approver")


def configure_own(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of a founding by public keys."""
    own = parser.add_argument_group("with keys of their owners, of which only public halves are needed")
    own.add_argument("--root-key", action="append", default=[], metavar="FILE", help="a public key of the root")
    own.add_argument("--root-threshold", type=int, metavar="K", help="how many keys of the root must sign")
    own.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="ROLE=FILE",
        help="the public key of producer, scanner, gate, approver, log, witness; or of a person by name",
    )
    own.add_argument("--witness", action="append", default=[], metavar="VKEY", help="a witness of another owner")
    own.add_argument("--quorum", type=int, metavar="K", help="how many of the witnesses must cosign")
    own.add_argument("--origin", metavar="NAME", help="the log's name, as in bank.example/tumour")
    own.add_argument("-o", "--output", metavar="FILE", help=f"the draft for the root's owners (default: {DRAFT_FILE})")
    own.add_argument("--signed", metavar="FILE", help="found the project by the draft that they have signed")


def is_own(options: argparse.Namespace) -> bool:
    """Say whether somebody's own keys are named."""
    words = (options.root_key, options.key, options.witness, options.output, options.origin)
    return any(words) or options.root_threshold is not None or options.quorum is not None


def draft(options: argparse.Namespace, folder: Path, name: str) -> int:
    """Write the draft of a founding, and say all that its root and its trust say."""
    output = options.output or DRAFT_FILE
    check_free(output)
    keys = tuple(map(_role_and_file, options.key))
    asked = Asked(options.root_key, options.root_threshold, keys, options.witness, options.quorum, options.origin)
    made = plan(_place(folder), name, asked, now=clock.now())
    without = ("approver",) if "witness" in dict(keys) else ("approver", "witness")
    others = [VerifierKey.parse(text).name for text in options.witness]
    templates = write_templates(folder, name, without=without, witnesses=others)
    save(made, output)
    tell(templates)
    say_sentences(*told(made, None))
    say(f"written: {output}; next: each owner of a key of the root signs it, where that key is:")
    say(f"  `hauberk trust sign {output} --key KEY`, and the next one `hauberk trust sign {SIGNED_FILE} --key KEY`")
    say(f"then, here: `hauberk init --signed {SIGNED_FILE}`")
    return Exit.CLEAN


def found(options: argparse.Namespace, folder: Path) -> int:
    """Found the project by what was signed, and say what is left to do."""
    signed = read_draft(options.signed)
    if not isinstance(signed, Signed):
        raise Misconfigured(
            f"{options.signed} is a draft that nobody has signed", f"`hauberk trust sign {options.signed} --key KEY`"
        )
    tell(complete(_place(folder), signed, now=clock.now()))
    say(f"next: {_next_step(folder)}")
    return Exit.CLEAN


def restored(folder: Path) -> bool:
    """Put back what a project with keys of its owners has lost; say whether there is such a project."""
    account = put_back(_place(folder))
    if account is not None:
        tell(account)
    return account is not None


def tell(account: Account) -> None:
    """Print what was made and what was there."""
    if account.made:
        say(facts("made", dict(account.made)))
    if account.kept:
        say(facts("kept as it was", dict(account.kept)))


def _place(folder: Path) -> Place:
    return Place(folder, open_project(folder).file.trust) if (folder / FILE_NAME).exists() else Place(folder)


def _role_and_file(text: str) -> tuple[str, str]:
    role, _, file = text.partition("=")
    if not role.isprintable() or not role or not file:
        raise Misconfigured(f"{text!r:.80} names no key of a role", "as in --key producer=producer.pub")
    return role, file


def _next_step(folder: Path) -> str:
    approve = "the approver signs the policy by `hauberk gate approve --key KEY`; then `hauberk run`"
    if not (folder / FILE_NAME).exists():
        return f"write {FILE_NAME}; then {approve}"
    absent = _absent(open_project(folder))
    return f"put the keys in place that {FILE_NAME} names: {', '.join(absent)}; {approve}" if absent else approve


def _absent(project: Project) -> list[str]:
    """Return the roles whose key's file is not where `hauberk.yaml` says."""
    named = {role: project.key(role) for role in _ROLES}
    return [
        role
        for role, uri in named.items()
        if uri is not None and uri.startswith("file:") and not project.at(uri.removeprefix("file:")).exists()
    ]
