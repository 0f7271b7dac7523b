"""A chain whose models run somewhere: deployments said by the gate's key, and everything else as in `simulator`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hauberk.evidence.deployments import Place, deployment_body
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import DEPLOYMENT, DERIVATION
from hauberk.ledger import merkle
from hauberk.ledger.edges import Edges
from hauberk.verbs.live import Inquiry
from simulator import DAY, START, Chain, core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hauberk.statement import Envelope, Named
    from simulator import Log

PLACE = Place("production", "scoring", host="web-1")
OTHER = Place("production", "scoring", host="web-2")


class Ledger:
    """The chain's log, with envelopes in ranges as the log on disk has them."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def each_hashed(self, start: int, end: int) -> Iterator[bytes]:
        return map(self._log.envelope, range(start, end))

    def tree(self) -> merkle.Tree:
        return merkle.Tree(entry.leaf_hash for entry in self._log.records)


class Deployer(Chain):
    """A good chain in which the gate's key may say what runs where."""

    def __post_init__(self) -> None:
        super().__post_init__()
        more = [
            self.grant("gate", DEPLOYMENT, "deployment/*"),
            self.grant("producer", DERIVATION, "model/*"),
        ]
        made = self.trust_predicate
        self.trust_predicate = made | {"grants": [*made["grants"], *more]}

    def deploy(self, place: Place = PLACE, *, role: str = "gate", ended: bool = False, **more: Any) -> Envelope:
        """Say that a thing, the model if none is given, runs in a place or ended there."""
        thing = more.pop("thing", self.model)
        body = deployment_body(
            place, thing, state="ended" if ended else "started", at=format_instant(self.now), by="release", **more
        )
        return self.say(role, DEPLOYMENT.type, place.thing, body)

    def derive(self, thing: Named, *made_from: Named) -> Envelope:
        """Say that a thing was converted from others."""
        body = core(inputs=made_from, kind="conversion", equivalence={"claim": "predictions"})
        return self.say("producer", DERIVATION.type, thing, body)

    @contextmanager
    def inquiry(self, folder: Path, *, now: int = START + 10 * DAY) -> Iterator[Inquiry]:
        """Look at the log as it is, with the table of edges in a folder."""
        with Edges.open(folder) as edges:
            yield Inquiry(Ledger(self.log), edges, self.trust, now)  # type: ignore[arg-type]
