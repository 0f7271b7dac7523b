"""`hauberk ledger witness`: answer one request of a log on standard input, or any number over HTTP."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import complain, say, warn
from hauberk.cli.serving import add_listening, serve
from hauberk.edge import clock
from hauberk.edge.keys import open_signer
from hauberk.errors import Malformed, Misconfigured
from hauberk.ledger.service_client import LedgerClient
from hauberk.ledger.witness import Witness, serve_once
from hauberk.ledger.witness_http import MAX_BODY_BYTES, Service
from hauberk.signature.note import VerifierKey
from hauberk.signature.request import log_id

if TYPE_CHECKING:
    import argparse

    from hauberk.edge.keys import FileSigner

_FOR_EACH = "for each log that it sees, in this order"


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the action."""
    witness = actions.add_parser("witness", help="answer a log as its witness", allow_abbrev=False)
    witness.add_argument("--state", required=True, metavar="DIR", help="where the witness keeps what it has signed")
    witness.add_argument("--key", required=True, metavar="URI", help="the witness's private key: file:PATH or a path")
    witness.add_argument("--vkey", required=True, help="the witness's verifier key, as in the trust file")
    looks = witness.add_mutually_exclusive_group(required=True)
    looks.add_argument(
        "--log",
        action="append",
        metavar="DIR|URL",
        help=f"the log, which is only read; with --listen {_FOR_EACH}, and then also the URL of its service",
    )
    looks.add_argument(
        "--consistency-only",
        action="store_true",
        help="look at the proof and at no entry, as other witnesses of this protocol do: a lying index is signed",
    )
    witness.add_argument(
        "--log-vkey",
        required=True,
        action="append",
        metavar="VKEY",
        help=f"the log's verifier key, as in the trust file; with --listen {_FOR_EACH}",
    )
    witness.add_argument(
        "--former", action="append", default=[], metavar="VKEY", help="a verifier key that the witness had before"
    )
    add_listening(witness, required=False)
    witness.set_defaults(call=answer)


def answer(options: argparse.Namespace) -> int:
    """Answer one request, or serve until it is stopped; with one, a refusal is raised."""
    if options.listen is not None:
        return _listen(options)
    if sys.stdin is None:
        raise Misconfigured("a witness reads its request from standard input, which is closed", "let a log start it")
    if options.log is None or len(options.log) != 1 or len(options.log_vkey) != 1:
        raise Misconfigured("a request on standard input is of one log", "name one --log and its --log-vkey")
    cosignature = serve_once(
        sys.stdin.buffer.read(MAX_BODY_BYTES + 1),
        state=options.state,
        log_directory=options.log[0],
        log=_verifier_key(options.log_vkey[0]),
        key=_verifier_key(options.vkey),
        signer=open_signer(options.key),
        now=clock.now(),
        former=tuple(map(_verifier_key, options.former)),
    )
    say(cosignature.decode())
    return Exit.CLEAN


def _listen(options: argparse.Namespace) -> int:
    keys = [_verifier_key(text) for text in options.log_vkey]
    places = [None] * len(keys) if options.log is None else options.log
    if len(places) != len(keys) or len({key.name for key in keys}) != len(keys):
        raise Misconfigured(
            f"{len(places)} logs and {len(keys)} keys of logs, each with a name of its own",
            "write --log and --log-vkey for each",
        )
    key, signer = _verifier_key(options.vkey), open_signer(options.key)
    former = tuple(map(_verifier_key, options.former))
    for warning in signer.warnings:
        warn(warning)
    witnesses = {
        log.name: replace(_witness(Path(options.state), place, log, key=key, signer=signer), former=former)
        for log, place in zip(keys, places, strict=True)
    }
    for witness in witnesses.values():
        witness.check_keys()
    if options.log is None:
        warn("this witness looks at no entry: it signs an index that hides one (--consistency-only)")
    service = Service(witnesses, clock.now, complain)
    return serve(options, service.answer, body_bytes=MAX_BODY_BYTES, what=f"the witness {key.name}")


def _witness(state: Path, place: str | None, log: VerifierKey, *, key: VerifierKey, signer: FileSigner) -> Witness:
    """Return the witness of a log that is read from a folder, from its service, or not at all."""
    if place is None or "://" not in place:
        return Witness(state, log, None if place is None else Path(place), key, signer)
    copy = state / f"copy-{log_id(log.name)[:16]}"
    return Witness(state, log, copy, key, signer, LedgerClient(place, log.name, signer, clock.now))


def _verifier_key(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text)
    except Malformed as error:
        raise Misconfigured(error.message, "write name+hash+key, as in the trust file") from None
