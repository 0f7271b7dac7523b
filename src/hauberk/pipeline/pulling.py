"""Pull a model by its digest, or by an alias, which the project's ledger resolves first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.digest import Digest
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.alias import Alias
from hauberk.pipeline.project import open_project
from hauberk.pipeline.promoting import resolve_alias, resolve_alias_by
from hauberk.verbs.depots import open_depot
from hauberk.verbs.pull import pull as pull_digest

if TYPE_CHECKING:
    from hauberk.edge.files import StrPath
    from hauberk.gate.resolve import Resolved
    from hauberk.verbs.pull import Pulled


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be pulled: its digest, and the alias that names it, if one was asked for."""

    digest: Digest
    resolved: Resolved | None = None


@dataclass(frozen=True, slots=True)
class Passport:
    """A passport by which an alias is resolved, the root's public key, and the file that remembers what was seen."""

    path: StrPath
    root: StrPath
    seen: StrPath | None = None


def pull(what: str, depot: str, place: StrPath, *, project: StrPath = ".") -> Pulled:
    """Fetch a model to a place where nothing is, and return what came.

    Args:
        what: `dirHash:…`, `sha256:…`, or an alias: `model/tumour@production`.
        depot: where it is published: a directory or an address.
        place: where it goes.
        project: the folder with `hauberk.yaml`, whose ledger resolves an alias.

    Raises:
        NotVerified: the depot gives anything else, or what the ledger says of the alias does not hold, is older than
            what was seen here before, or has another history.
        Refused: nothing was promoted there, or what was is revoked.
        Misconfigured: `what` is none of these, or something else is at the place.
        Unavailable, Exceeded: the depot or the ledger does not answer; what came until then is kept for the next try.
    """
    return pull_digest(target(what, project).digest, open_depot(depot), place)


def target(what: str, project: StrPath, passport: Passport | None = None) -> Target:
    """Return what a person means, an alias by the project's ledger or by a passport; errors as of `pull`."""
    if "@" in what:
        try:
            alias = Alias.parse(what)
        except Malformed as error:
            raise Misconfigured(error.message, "write an alias as model/tumour@production") from None
        if passport is not None:
            resolved = resolve_alias_by(passport.path, alias, root=passport.root, seen=passport.seen)
        else:
            resolved = resolve_alias(open_project(project), alias)
        return Target(resolved.digest, resolved)
    if passport is not None:
        raise Misconfigured("a passport says what an alias names, and none is asked for", "leave --passport out")
    try:
        return Target(Digest.parse(what))
    except Malformed as error:
        hint = "write dirHash:… of a directory, sha256:… of a file, or an alias: model/tumour@production"
        raise Misconfigured(error.message, hint) from None
