"""Where a project's ledger is opened: on this machine, or as its service gives it to a pod that has no more than a key.

A service's answers are held against the root of the project: its keys vouch for the trust in the ledger, and that for
the log's and the witnesses' keys, then and now. So replaced keys are followed, and no other ledger is taken for it, nor
one of another project of the same root: it must have held the trust of the project's file.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from hauberk.edge import clock
from hauberk.edge.files import is_taken, printable
from hauberk.edge.keys import open_signer
from hauberk.edge.remote.line import Patience, client_context
from hauberk.edge.state_files import forget_all
from hauberk.errors import NotVerified, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import REVOCATION
from hauberk.gate.standing import former_authorities, has_held, standing
from hauberk.ledger.authority import Authority, authority_at, size_in
from hauberk.ledger.log import Log
from hauberk.ledger.places import place_in, service_in
from hauberk.ledger.served import Served, ServedLog
from hauberk.ledger.service_client import LedgerClient
from hauberk.ledger.service_file import read_service_file
from hauberk.pipeline.seen import see
from hauberk.verbs.authorities import verified_realm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.ledger.checkpoint import Attested
    from hauberk.pipeline.project import Project
    from hauberk.statement import Statement

EVERY_SECONDS: Final = 0.1  # between two looks at a ledger on this machine, of a quarter of a millisecond each
_NO_LEDGER: Final = (
    "`hauberk init` founds a project, `hauberk ledger restore` gets a copy back; a pod has ledger.service there"
)
_PATIENCE: Final = Patience(connect_seconds=5, silence_seconds=5, grace_seconds=5, longest_seconds=60, retries=0)


def open_ledger(project: Project, *, read_only: bool = False) -> Log:
    """Open a project's ledger; one of a service is brought up to date and verified, errors as of `Served.open`.

    Raises:
        Misconfigured: the file that names a service is wrong, or what it names.
        HauberkError: as of `Log.open`.
    """
    return opener(project, read_only=read_only)[0]()


def opener(project: Project, *, read_only: bool = False) -> tuple[Callable[[], Log], float]:
    """Return what opens a project's ledger each time that it is called, and how often that is to be done, in seconds.

    Keys and certificates are opened once; errors as of `open_ledger`.
    """
    place = service_in(project.ledger)
    if place is None:
        return partial(_open_here, project, read_only=read_only), EVERY_SECONDS
    file, trust = read_service_file(place), project.read_trust()
    ca, certificate, key = (name and project.at(name) for name in (file.ca, file.tls_certificate, file.tls_key))
    client = LedgerClient(
        file.url,
        trust.log.name,
        None if file.key is None else open_signer(project.resolved(file.key)),
        clock.now,
        patience=_PATIENCE,
        tls=client_context(ca, certificate, key),
    )
    served = Served(
        project.ledger,
        client,
        is_signed=partial(_is_signed, trust),
        judge=partial(_judge, project.read_root(), trust),
        see=partial(see, project.seen),
        heed=partial(_heed, project),
    )
    return served.open, file.every_seconds


def _open_here(project: Project, *, read_only: bool) -> Log:
    """Open a ledger on this machine; where there is none, say what makes one."""
    if not is_taken(place_in(project.ledger)):
        raise Unavailable(f"there is no ledger in {printable(project.ledger)}", _NO_LEDGER)
    return Log.open(project.ledger, read_only=read_only)


def as_of(log: Log) -> str | None:
    """Return what a person should know of a ledger that a service gave: how new it is; None of one on this machine."""
    note = log.latest_checkpoint() if isinstance(log, ServedLog) else None
    if note is None or not isinstance(log, ServedLog):
        return None
    time = format_instant(log.served.judge(log, note).time)
    return f"{log.served.client.url} gives the ledger as of {time}; what it keeps to itself since is unknown"


def _is_signed(trust: Trust, note: str) -> bool:
    try:
        _authority(trust).attest(note)
    except NotVerified:
        return False
    return True


def _judge(root: RootKeys, known: Trust, log: Log, note: str) -> Attested:
    """Return what a checkpoint attests by the keys that the log names under a root; raise `NotVerified` otherwise.

    Owners of one root have several projects: the ledger is this one's if it holds, or held, the trust of its file. Who
    has the keys from before that trust, or another project's, can put it behind what he has signed himself: so it
    counts under a checkpoint that covers it.
    """
    verified_realm(log, root)
    if not has_held(log, known):
        raise NotVerified(
            f"the root signed the trust file ({known.digest}) nowhere in this ledger",
            "it is another project's ledger, one from before that trust, or the file was changed",
        )
    if authority_at(size_in(note), former_authorities(log, known), _authority(known)).until is not None:
        raise Unavailable(
            f"the newest checkpoint covers {size_in(note)} entries and not yet the trust file, which replaced its keys",
            "ask the ledger's owner to publish",
        )
    trust = standing(log).trust
    return authority_at(size_in(note), former_authorities(log, trust), _authority(trust)).attest(note)


def _heed(project: Project, statements: Sequence[Statement]) -> None:
    """Forget answers of before over a revocation, whichever verb fetched it: no gate gives them over one that is here.

    Where one stays, whoever is denied is told so (`hauberk.pipeline.outage`).
    """
    if any(one.predicate_type == REVOCATION.type for one in statements):
        with suppress(Unavailable):
            forget_all(project.answers)


def _authority(trust: Trust) -> Authority:
    return Authority(trust.log, trust.witnesses, trust.quorum)
