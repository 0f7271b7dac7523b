"""Publishing a project's ledger: the witness is a child process with a key and a memory of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hauberk.edge.process import exchange
from hauberk.errors import NotVerified, Refused
from hauberk.ledger.checkpoint import attest
from hauberk.ledger.publish import publish
from hauberk.pipeline.command import environment

if TYPE_CHECKING:
    from hauberk.evidence.trust import Trust
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.book import Book
    from hauberk.pipeline.project import Project

_SECONDS = 120
# -I: neither the working directory nor a variable decides which code the witness runs (Python documentation, -I).
_HAUBERK = (sys.executable, "-I", "-c", "import sys; from hauberk.cli.main import main; sys.exit(main())")


def publish_all(project: Project, book: Book) -> Published:
    """Publish a checkpoint over everything in the ledger and return it; errors as `ledger.publish.publish`."""
    trust, signer = book.trust, book.keys.signer("log")

    def witness(request: bytes) -> bytes:
        return exchange(
            _witness_command(project, trust),
            request,
            environment=environment(),
            timeout_seconds=_SECONDS,
            secret=book.keys.passphrase,
        )

    return publish(
        book.log,
        signer=signer,
        key=trust.log,
        witnesses=[witness],
        witness_keys=trust.witnesses,
        quorum=trust.quorum,
        now=book.clock(),
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


def _witness_command(project: Project, trust: Trust) -> list[str]:
    uri = project.key("witness")
    if uri is None or len(trust.witnesses) != 1:
        raise Refused(
            f"this project runs one witness, and its trust names {len(trust.witnesses)}",
            "have the other witnesses asked where they run",
        )
    return [
        *_HAUBERK,
        *("ledger", "witness", "--state", str(project.witness), "--key", uri, "--vkey", trust.witnesses[0].format()),
        *("--log", str(project.ledger), "--log-vkey", trust.log.format()),
    ]
