"""Publishing a project's ledger: who is asked to witness it, and how.

Where the ledger is a service's, its owner publishes, and whoever appended waits for that.

A witness whose address `hauberk.yaml` names is asked over HTTP. The project's own, whose key it names, is a child
process with a memory of its own: it is the witness of trust that has no address.
"""

from __future__ import annotations

import sys
from time import sleep as _wait
from typing import TYPE_CHECKING

from hauberk.edge import clock
from hauberk.edge.keys import is_encrypted
from hauberk.edge.process import exchange
from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.gate.standing import former_authorities
from hauberk.ledger.checkpoint import attest
from hauberk.ledger.publish import Published, publish
from hauberk.ledger.remote_witness import RemoteWitness
from hauberk.ledger.served import ServedLog
from hauberk.pipeline.command import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from hauberk.pipeline.book import Book
    from hauberk.pipeline.project import Project
    from hauberk.signature.note import VerifierKey

_SECONDS = 120
_SERVICE_SECONDS = 120.0  # how long a checkpoint of a service is waited for
_LOOK_SECONDS = 0.5
_HOUR = 3600
# -I: neither the working directory nor a variable decides which code the witness runs (Python documentation, -I).
_HAUBERK = (sys.executable, "-I", "-c", "import sys; from hauberk.cli.main import main; sys.exit(main())")


def publish_all(project: Project, book: Book, *, max_age_seconds: int = _HOUR) -> Published:
    """Publish a checkpoint over everything in the ledger and return it; errors as `ledger.publish.publish`.

    At a ledger of a service that is to wait for one, which was witnessed at most `max_age_seconds` ago.
    """
    if isinstance(book.log, ServedLog):
        return _await_checkpoint(book, book.log, max_age_seconds)
    trust, signer = book.trust, book.keys.signer("log")

    def check() -> None:
        if book.trust.digest != trust.digest:
            raise Unavailable("the trust was replaced meanwhile: nothing is published by its keys", "publish again")

    return publish(
        book.log,
        signer=signer,
        key=trust.log,
        witnesses=[*_remote_witnesses(project, book), *_own_witness(project, book)],
        witness_keys=trust.witnesses,
        quorum=trust.quorum,
        now=book.clock(),
        check=check,
    )


def is_published(book: Book, *, max_age_seconds: int) -> bool:
    """Say whether the newest checkpoint covers every entry and was witnessed at most so long ago."""
    note, trust = book.log.latest_checkpoint(), book.trust
    if note is None:
        return False
    try:
        attested = attest(note, log=trust.log, witnesses=trust.witnesses, quorum=trust.quorum, strict=False)
    except NotVerified:
        return False
    return attested.checkpoint.size == book.log.size and book.clock() - attested.time <= max_age_seconds


def _await_checkpoint(book: Book, log: ServedLog, max_age_seconds: int) -> Published:
    """Return the first checkpoint that the service shows and that covers what the log has now."""
    size, begun = log.size, clock.stopwatch()
    while True:
        log.refresh()
        note, trust = log.latest_checkpoint(), book.trust
        if note is not None:
            try:
                attested = attest(note, log=trust.log, witnesses=trust.witnesses, quorum=trust.quorum, strict=False)
            except NotVerified:  # by keys that were replaced meanwhile
                attested = None
            if attested and attested.checkpoint.size >= size and book.clock() - attested.time <= max_age_seconds:
                return Published(note, attested, ())
        if clock.stopwatch() - begun > _SERVICE_SECONDS:
            raise Unavailable(
                f"for {_SERVICE_SECONDS:g} s nobody published a checkpoint over the {size} entries of the ledger",
                "nothing is lost: have its owner run `hauberk ledger serve --publish-every`, then try again",
            )
        _wait(_LOOK_SECONDS)


def _remote_witnesses(project: Project, book: Book) -> list[Callable[[bytes], bytes]]:
    """Return those that are asked over HTTP; an address of a witness that trust does not know is refused."""
    known = {key.name: key for key in book.trust.witnesses}
    asked: list[Callable[[bytes], bytes]] = []
    for one in project.file.witnesses:
        if one.name not in known:
            raise Refused(
                f"hauberk.yaml has the address of the witness {one.name}, which trust does not name",
                f"trust names {', '.join(known)}",
            )
        asked.append(RemoteWitness.at(one.url, known[one.name], book.clock, timeout_seconds=one.timeout_seconds))
    return asked


def _own_witness(project: Project, book: Book) -> list[Callable[[bytes], bytes]]:
    """Return the project's own witness, if it has one: that of trust which has no address."""
    named = {one.name for one in project.file.witnesses}
    uri, left = project.key("witness"), [key for key in book.trust.witnesses if key.name not in named]
    if uri is None and named:
        return []
    if uri is None or len(left) != 1:
        raise Refused(
            f"this project runs one witness, and its trust names {len(left)} without an address",
            "write where the others are asked into `witnesses` of hauberk.yaml",
        )
    command = _witness_command(project, book, uri, left[0])
    secret = book.keys.ask() if book.keys.passphrase is None and is_encrypted(uri) else book.keys.passphrase

    def witness(request: bytes) -> bytes:
        return exchange(
            command,
            request,
            environment={**environment(), **book.log.environment},
            timeout_seconds=_SECONDS,
            secret=secret,
        )

    return [witness]


def _witness_command(project: Project, book: Book, uri: str, key: VerifierKey) -> list[str]:
    trust = book.trust
    earlier = dict.fromkeys(one for before in former_authorities(book.log, trust) for one in before.witnesses)
    former = [one.format() for one in earlier if one.name == key.name and one != key]
    return [
        *_HAUBERK,
        *("ledger", "witness", "--state", str(project.witness), "--key", uri, "--vkey", key.format()),
        *("--log", str(project.ledger), "--log-vkey", trust.log.format()),
        *(word for one in former for word in ("--former", one)),
    ]
