"""`hauberk gate approve`: sign the policy as it is written, here or where the approver's key is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import deliver, say, say_sentences, warn
from hauberk.digest import Digest
from hauberk.edge.sources import check_output, read_file
from hauberk.errors import HauberkError, Malformed, Misconfigured
from hauberk.evidence import cosigning
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.approving import approve, in_words, read_signed, signed_policy
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.render.verdict import development_notice
from hauberk.render.words import visible

if TYPE_CHECKING:
    import argparse

    from hauberk.evidence.cosigning import Draft
    from hauberk.pipeline.approving import Approved
    from hauberk.pipeline.project import Project


def configure_approving(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments of the action."""
    parser = actions.add_parser("approve", help="sign the policy, so that gates ask by it", allow_abbrev=False)
    parser.add_argument("--key", metavar="URI", help="the key that signs (default: the approver's of hauberk.yaml)")
    parser.add_argument("-o", "--output", metavar="FILE", help="only sign: `--signed FILE` approves it elsewhere")
    parser.add_argument("--realm", metavar="DIGEST", help="with -o: whose policy it is, where there is no ledger")
    parser.add_argument("--signed", metavar="FILE", help="approve by what -o wrote on the approver's machine")
    parser.add_argument("--project", default=".", metavar="DIR", help="the folder with hauberk.yaml (default: here)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    """Sign the policy and append it, or do one of both."""
    if options.realm is not None and options.output is None:
        raise Misconfigured("--realm names whose policy is signed where there is no ledger", "write -o FILE beside it")
    if options.signed is not None and (options.output, options.key) != (None, None):
        raise Misconfigured("what was signed is not signed again", "leave --key and -o out")
    project = open_project(options.project)
    keys = Keyring(project, warn)
    if options.signed is not None:
        return _tell(project, approve(keys, _read(options.signed)))
    if options.output is not None:
        check_output(options.output, recognise=_is_signed)
    policy, signed = signed_policy(keys, options.key, _realm(options.realm))
    if options.output is None:
        return _tell(project, approve(keys, signed))
    deliver(signed.encode().decode(), options.output, recognise=_is_signed)
    say(f"signed {visible(in_words(project, policy))}")
    say(f"written: {options.output}; next, where the ledger is: `hauberk gate approve --signed {options.output}`")
    return Exit.CLEAN


def _read(path: str) -> Draft:
    """Return a signed policy: what is none is a wrong file, and what says that it is one and is broken is malformed."""
    data = read_file(path, limit=DEFAULT_LIMITS.max_document_bytes)
    try:
        return read_signed(data)
    except Malformed as error:
        leaf = Malformed if cosigning.is_draft(data) else Misconfigured
        raise leaf(f"{path}: {error.message}", error.hint) from None


def _tell(project: Project, found: Approved) -> int:
    shown, size = visible(in_words(project, found.policy)), found.published.attested.checkpoint.size
    state = "was approved already" if found.held_before else "is approved"
    say(f"{shown} {state}: published in the checkpoint of size {size}")
    if found.development:
        say_sentences(development_notice())
    return Exit.CLEAN


def _realm(text: str | None) -> Digest | None:
    try:
        return None if text is None else Digest.parse(text)
    except Malformed as error:
        raise Misconfigured(error.message, "write sha256:… as `hauberk trust sign` has shown it") from None


def _is_signed(data: bytes) -> bool:
    try:
        read_signed(data)
    except HauberkError:
        return False
    return True
