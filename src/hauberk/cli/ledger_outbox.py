"""`hauberk ledger send` and `outbox`: deliver signed envelopes to a ledger's service, now or when it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hauberk.cli.exits import Exit
from hauberk.cli.output import say, warn
from hauberk.edge import clock
from hauberk.edge.files import printable
from hauberk.edge.keys import open_signer
from hauberk.edge.remote.line import client_context
from hauberk.edge.sources import read_file
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable
from hauberk.ledger.outbox import Outbox
from hauberk.ledger.service_client import MAX_BODY_BYTES, LedgerClient
from hauberk.render.words import visible
from hauberk.signature import dsse
from hauberk.verbs.written import read_trust

if TYPE_CHECKING:
    import argparse

    from hauberk.ledger.outbox import Waiting

_OUTBOX = ".hauberk/outbox"


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the actions."""
    send = actions.add_parser("send", help="deliver signed envelopes to a ledger's service", allow_abbrev=False)
    send.add_argument("files", nargs="+", metavar="FILE", help="each with canonical DSSE envelopes, one a line")
    _add_service(send, required=True)
    send.set_defaults(call=call_send)
    box = actions.add_parser("outbox", help="list what waits for a service, or deliver it", allow_abbrev=False)
    what = box.add_mutually_exclusive_group()
    what.add_argument("--send", action="store_true", help="deliver what waits; takes --service, --key and --trust")
    what.add_argument("--drop", type=int, metavar="N", help="take out the envelope N, which was refused")
    _add_service(box, required=False)
    box.set_defaults(call=call_outbox)


def call_send(options: argparse.Namespace) -> int:
    """Keep the envelopes, then deliver all that waits; a service that is away leaves them there."""
    client = _client(options)
    envelopes = [envelope for path in options.files for envelope in _read_envelopes(path)]
    with Outbox(options.outbox) as outbox:
        outbox.add(envelopes)
        return _deliver(outbox, client)


def call_outbox(options: argparse.Namespace) -> int:
    """List what waits, deliver it, or take one out."""
    client = _client(options) if options.send else None
    with Outbox(options.outbox) as outbox:
        if client is not None:
            return _deliver(outbox, client)
        if options.drop is not None:
            gone = outbox.drop(options.drop)
            say(visible(gone.envelope.decode("ascii", "backslashreplace")))
            warn(f"{_named(gone)} was taken out, and is in no ledger; it is printed")
            return Exit.CLEAN
        waiting = outbox.waiting()
    for one in waiting:
        say(_shown(one))
    if not waiting:
        say("nothing waits")
    return Exit.UNCHECKED if waiting else Exit.CLEAN


def _read_envelopes(path: str) -> list[bytes]:
    """Return the envelopes in a file; raise `Malformed` with file and line for one that no service would take."""
    lines = read_file(path, limit=MAX_BODY_BYTES).removesuffix(b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            dsse.decode_statement(dsse.decode_envelope(line).payload)
        except Malformed as error:
            raise Malformed(
                f"{printable(path)}: line {number}: {error.message}",
                error.hint or "each line is one signed envelope, as it was written when it was signed",
            ) from None
    return lines


def _deliver(outbox: Outbox, client: LedgerClient) -> int:
    try:
        for one, entry in outbox.deliver(client.append):
            say(f"entry {entry}  {one.id}")
    except Unavailable as error:
        raise Unavailable(
            f"{error.message}; {_left(outbox)}", "deliver it later: `hauberk ledger outbox --send`"
        ) from None
    except HauberkError as error:
        raise type(error)(
            f"{error.message}; {_left(outbox)}", error.hint or "`hauberk ledger outbox --drop N` takes it out"
        ) from None
    return Exit.CLEAN


def _left(outbox: Outbox) -> str:
    return f"{len(outbox)} in the outbox, in no ledger yet"


def _client(options: argparse.Namespace) -> LedgerClient:
    if options.service is None or options.key is None:
        raise Misconfigured("a service and a key are needed to deliver", "give --service URL and --key URI")
    signer = open_signer(options.key)
    for warning in signer.warnings:
        warn(warning)
    tls = client_context(options.ca, options.tls_certificate, options.tls_key)
    return LedgerClient(options.service, read_trust(options.trust).log.name, signer, clock.now, tls=tls)


def _shown(one: Waiting) -> str:
    statement = dsse.decode_statement(dsse.decode_envelope(one.envelope).payload)
    about = ", ".join(thing.label for thing in statement.subjects)
    return visible(f"{one.number}  {one.id}  {statement.predicate_type}  {about}")


def _named(one: Waiting) -> str:
    """Return what an envelope is, or its number where somebody changed it and it is none any more."""
    try:
        return _shown(one)
    except Malformed:
        return f"envelope {one.number}, which is not what was put there,"


def _add_service(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument("--service", required=required, metavar="URL", help="the ledger's service")
    parser.add_argument("--key", required=required, metavar="URI", help="an Ed25519 key that the ledger's trust lists")
    parser.add_argument("--ca", metavar="PEM", help="authorities of the service's certificate (default: the system's)")
    parser.add_argument("--tls-certificate", metavar="PEM", help="a certificate to show, where the service wants one")
    parser.add_argument("--tls-key", metavar="PEM", help="its private key, not encrypted")
    parser.add_argument("--trust", default="trust.json", metavar="FILE", help="names the log (default: trust.json)")
    parser.add_argument("--outbox", default=_OUTBOX, metavar="DIR", help=f"where envelopes wait (default: {_OUTBOX})")
