"""Deployments: what statements say about where a digest runs, and which of them is the last word.

That something runs is believed of everybody whom the log let say it; that it ended, only of a key that may say so
today and is not revoked. So nobody hides a running model by a statement that does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import HauberkError, Malformed
from hauberk.evidence.collection import key_digest
from hauberk.evidence.instant import parse_instant
from hauberk.evidence.predicates import DEPLOYMENT, PLACE_WORD, check, place_thing
from hauberk.evidence.verify import verify
from hauberk.signature import dsse
from hauberk.signature.dsse import digest_set
from hauberk.statement import Named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hauberk.digest import Digest
    from hauberk.evidence.trust import Trust
    from hauberk.evidence.verify import Logged

_ORDER = ("environment", "cluster", "host", "service")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something runs: a service in an environment; its cluster and its host where they matter."""

    environment: str
    service: str
    cluster: str | None = None
    host: str | None = None

    def __post_init__(self) -> None:
        for name, word in self.to_json().items():
            PLACE_WORD.check(word, name)

    def __str__(self) -> str:
        return "/".join(self.to_json()[name] for name in _ORDER if name in self.to_json())

    @property
    def thing(self) -> Named:
        """Return the place as the subject of statements about it."""
        return place_thing(self.to_json())

    def to_json(self) -> dict[str, str]:
        """Return the members that there are."""
        members = ((name, getattr(self, name)) for name in _ORDER)
        return {name: word for name, word in members if word is not None}


@dataclass(frozen=True, slots=True)
class Running:
    """What runs in a place, and who says so.

    Attributes:
        thing: the label and digests of what runs.
        since: when it started, Unix seconds, as was said.
        until: when it was to end; past it, it is still taken to run.
        by: who or what deployed it, in the words of the statement.
        entry: of the statement in the log.
        doubt: why its statement does not hold today; empty where it does.
    """

    place: Place
    thing: Named
    since: int
    until: int | None
    by: str
    entry: int
    doubt: str


def deployment_body(
    place: Place, thing: Named, *, state: str, at: str, by: str, until: str | None = None
) -> dict[str, Any]:
    """Return the predicate of a deployment: `state` is `started` or `ended`, `at` and `until` are instants in text."""
    ends = {} if until is None else {"until": until}
    return {"place": place.to_json(), "runs": dsse.named_json(thing), "state": state, "at": at, "by": by} | ends


def what_runs(logged: Iterable[Logged], trust: Trust, *, revoked: Collection[Digest]) -> list[Running]:
    """Return what runs after these statements, in the order of the log; statements of other kinds are passed over.

    Args:
        logged: in the log's order.
        trust: the newest.
        revoked: digests that are revoked; an end that such a key signed ends nothing.
    """
    found: dict[tuple[Place, Named], Running] = {}
    heard: set[Digest] = set()
    for item in logged:
        statement = dsse.decode_statement(item.envelope.payload)
        if statement.predicate_type != DEPLOYMENT.type:
            continue
        try:
            check(statement)
        except Malformed:
            continue  # it has no place: nothing in it can be asked
        doubt, body = _doubt(item, trust, revoked), statement.predicate
        identity = dsse.statement_id(item.envelope.payload)
        if identity in heard:
            continue  # appended again, with another signature beside it: an old end ends nothing that started since
        if not doubt:
            heard.add(identity)
        place = Place(**body["place"])
        thing = Named(body["runs"]["name"], digest_set(body["runs"]["digest"]))
        if body["state"] == "started":
            until = parse_instant(body["until"]) if "until" in body else None
            found[place, thing] = Running(
                place, thing, parse_instant(body["at"]), until, body["by"], item.entry or 0, doubt
            )
        elif not doubt:
            found.pop((place, thing), None)
    return sorted(found.values(), key=lambda one: one.entry)


def _doubt(item: Logged, trust: Trust, revoked: Collection[Digest]) -> str:
    try:
        verified = verify(item, trust)
    except HauberkError as error:
        return error.message
    taken = [keyid for keyid in verified.signers if key_digest(keyid) in revoked]
    return f"the key {taken[0][:16]}… that signed it is revoked" if taken else ""
