"""A chain that holds every kind of event once or more, said by those who may and by one who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deployer import Deployer
from hauberk.digest import sha256
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BREAK_GLASS, GRANDFATHERING, PROMOTION, REFUSAL, SUMMARY
from hauberk.verbs.authorities import verified_realm
from hauberk.verbs.export import events
from simulator import DAY, START, TOOL, TRAIN

if TYPE_CHECKING:
    from hauberk.render.event import Event
    from hauberk.statement import Envelope

ORIGIN = "example.org/log"
HOSTILE = 'os.system\n{"class_uid":2003}\r\u2028\u202e\x1b[2J'
FOUND = {
    "rule": "pickle-runs-process",
    "severity": "critical",
    "confidence": "certain",
    "location": {"path": HOSTILE, "member": "data.pkl", "offset": 41, "line": None},
    "saw": HOSTILE,
}


class Telling(Deployer):
    """A chain whose gate and producer may say what a SOC is told of."""

    def __post_init__(self) -> None:
        super().__post_init__()
        more = [
            self.grant("gate", SUMMARY, "model/*"),
            self.grant("gate", PROMOTION, "model/*"),
            self.grant("gate", PROMOTION, "alias/*"),
            self.grant("producer", REFUSAL, "dataset/*"),
        ]
        made = self.trust_predicate
        self.trust_predicate = made | {"grants": [*made["grants"], *more]}

    def verdict(self, result: str = "PASSED", *, role: str = "gate") -> Envelope:
        body = {
            "verifier": {"id": "urn:hauberk:gate:load"},
            "timeVerified": format_instant(self.now),
            "resourceUri": "urn:hauberk:model:tumour",
            "policy": {"digest": {"sha256": "0" * 64}},
            "inputAttestations": [{"digest": {"sha256": "1" * 64}}],
            "verificationResult": result,
            "verifiedLevels": [],
        }
        return self.say(role, SUMMARY.type, self.model, body)

    def refuse(self, refused_for: str = "network") -> Envelope:
        body = {
            "act": "train",
            "refusedFor": refused_for,
            "saw": "it wanted to reach example.org:443",
            "command": ["python", "train.py", "--password=hunter2"],
            "tool": TOOL,
        }
        return self.say("producer", REFUSAL.type, TRAIN, body)

    def promote(self) -> Envelope:
        move = Move(Alias("model/tumour", "production"), self.model.digests[0], "staging", None, sha256(b"policy"))
        made = move.statement(PROMOTION.type)
        return self.say("gate", PROMOTION.type, made.subjects, dict(made.predicate))

    def told(self, start: int = 0) -> list[Event]:
        """Return the events of the log from an entry on."""
        realm = verified_realm(self.log, self.root_keys)  # type: ignore[arg-type]
        return list(events(self.log, ORIGIN, self.trust, realm, start=start, end=self.log.size))  # type: ignore[arg-type]


def everything() -> Telling:
    """Return a chain with every kind of event."""
    chain = Telling().good()
    chain.verdict()
    chain.verdict("FAILED")
    chain.verdict(role="scanner")  # it may not
    chain.refuse()
    chain.excuse(
        chain.scan(result="fail", findings=[FOUND, FOUND | {"severity": "low", "rule": "pickle-unknown-callable"}])
    )
    chain.bear(GRANDFATHERING, "approver", until=START + DAY)
    chain.bear(BREAK_GLASS, ("approver", "security"), until=START + DAY)
    chain.decide(("approver", "security"))
    chain.promote()
    chain.deploy()
    chain.deploy(ended=True)
    chain.revoke(TRAIN.digests[0], "the wrong export")
    return chain


def own(document: dict[str, Any]) -> dict[str, Any]:
    """Return what is Hauberk's own in an OCSF event."""
    found: dict[str, Any] = document["unmapped"]["hauberk"]
    return found
