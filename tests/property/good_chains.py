"""Good chains at random, of many shapes: each one is allowed by its gate, and its passport verifies.

A seed decides the model, the data sets and what they were made from, how often each thing was said, which policy asks,
how the trust began and changed, and what else the same log holds. Everything is signed, logged and witnessed for real.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import sha256
from hauberk.evidence.predicates import (
    ARTEFACT,
    BOUNDARY,
    DATASET_MANIFEST,
    DERIVATION,
    EVALUATION,
    EXCEPTION,
    MODEL_SCAN,
    POLICY,
    PROVENANCE,
    REVOCATION,
    ROOT,
    SUMMARY,
    TRUST,
)
from hauberk.evidence.trust import RootKeys, realm_of
from hauberk.gate.decide import decide
from hauberk.gate.export import collect, export
from hauberk.gate.prove import verify_passport
from hauberk.signature import base64
from hauberk.statement import Named
from hauberk.verdict import Answer
from simulator import DAY, HIGH, LOCK, START, UNREAD, Chain, core, format_instant, keys, named, policy_data, resource

if TYPE_CHECKING:
    from hauberk.evidence.predicates import Predicate
    from hauberk.statement import Envelope

BASE = named("model/base", b"a base model")
LATER = START + 300 * DAY
MAY = {
    "producer": (ARTEFACT, PROVENANCE, EVALUATION, DATASET_MANIFEST, BOUNDARY, DERIVATION),
    "scanner": (MODEL_SCAN,),
    "approver": (POLICY, REVOCATION, EXCEPTION),
    "gate": (SUMMARY,),
}
SCOPES = ("model/*", "dataset/*", "source/*", "environment/*", "data/*", "digest/*", "realm/*")


@dataclass
class Grown:
    """A good chain, and what its reader needs to ask about it."""

    chain: Chain
    root: RootKeys
    what: tuple[str, ...]


def grow(seed: int) -> Grown:
    """Return the good chain of a seed, published."""
    return _Grower(seed).grown()


def answer(grown: Grown) -> str:
    """Return what a stranger and the gate say: nothing where both allow, else the reasons."""
    chain = grown.chain
    passport, _, _ = export(collect(chain.log, gate="load", subject=chain.subject), root=grown.root)  # type: ignore[arg-type]
    said = verify_passport(passport, root=grown.root)
    verdict = decide(chain.subject, gate="load", evidence=said.proven.evidence, policy=said.policy, now=chain.now + 30)
    denied = [one for one in (said.verdict, verdict) if one.result is not Answer.ALLOW]
    if not denied and verdict.permit is None:
        return "allowed, without a permit"
    return "; ".join(f"{reason.rule}: {reason.seen}" for one in denied for reason in one.reasons)


class _Grower:
    """Makes one chain; each part is there or not, as chance wants, and is noted in `what`."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._what: list[str] = []
        files = {f"part-{n}": self._chance.randbytes(8) for n in range(self._chance.randint(0, 4))}
        self._chain = Chain(keys=dict(keys(seed % 3)), files={"model.joblib": self._chance.randbytes(8), **files})
        self._trains = self._things("dataset/train", 1, 5)
        self._holdouts = self._things("dataset/holdout", 1, 3)
        self._sources = self._things("source/file", 1, 4)
        self._raw = self._things("data/raw", 0, 2)
        self._derived = self._maybe("derivation")
        self._rotated_scanner = self._maybe("rotated scanner")
        self._root = RootKeys(1, (self._chain.keys["root"].public,))

    def grown(self) -> Grown:
        self._found()
        steps = [self._inputs, self._provenance, self._scans, self._evaluations, self._artefact]
        if self._derived:
            steps.append(self._derivation)
        self._chance.shuffle(steps)
        for step in steps:
            step()
            self._noise()
        self._chain.publish()
        return Grown(self._chain, self._root, tuple(self._what))

    def _maybe(self, what: str, *, chance: float = 0.4) -> bool:
        """Say whether something is in this chain."""
        is_there = self._chance.random() < chance
        if is_there:
            self._what.append(what)
        return is_there

    def _things(self, label: str, least: int, most: int) -> list[Named]:
        count = self._chance.randint(least, most)
        return [named(f"{label}-{n}", self._chance.randbytes(8)) for n in range(count)]

    # root, trust, policy

    def _found(self) -> None:
        chain = self._chain
        signers = ("root",)
        if self._maybe("two roots"):
            signers = ("root", "stranger")
            chain.root_predicate = chain.make_root(*signers, threshold=2)
            chain.realm = realm_of(chain.root_predicate)
            self._root = RootKeys(2, tuple(chain.keys[role].public for role in signers))
        chain.trust_predicate = self._trust(1)
        chain.say(signers, ROOT.type, chain.realm, chain.root_predicate)
        chain.say(signers, TRUST.type, chain.realm, chain.trust_predicate)
        chain.say("approver", POLICY.type, chain.realm, self._policy(1))
        if self._maybe("rotated root"):
            second = chain.make_root("gate", version=2)
            chain.say((*signers, "gate"), ROOT.type, chain.realm, second)
            signers = ("gate",)
            self._retrust(signers, root_version=2)
        elif self._maybe("a newer trust"):
            self._retrust(signers)
        if self._maybe("a newer policy"):
            chain.say("approver", POLICY.type, chain.realm, self._policy(2))

    def _retrust(self, signers: tuple[str, ...], *, root_version: int = 1) -> None:
        chain = self._chain
        chain.trust_version = 2
        chain.trust_predicate = self._trust(root_version)
        chain.say(signers, TRUST.type, chain.realm, chain.trust_predicate)

    def _trust(self, root_version: int) -> dict[str, Any]:
        chain = self._chain
        listed = {chain.keys[role].public.keyid: (role, chain.keys[role].public) for role in MAY}
        grants = [self._grant(role, MAY[role], LATER) for role in MAY]
        if self._rotated_scanner:
            new = keys(7)["scanner"].public
            listed[new.keyid] = ("scanner-2", new)
            grants.append(self._grant("scanner", MAY["scanner"], LATER, keyid=new.keyid))
            grants[1] = self._grant("scanner", MAY["scanner"], START + 5 * DAY)
        return chain.make_trust(
            rootVersion=root_version,
            grants=grants,
            keys={
                keyid: {"name": name, "kind": str(key.kind), "spki": base64.encode(key.spki)}
                for keyid, (name, key) in listed.items()
            },
        )

    def _grant(self, role: str, kinds: tuple[Predicate, ...], until: int, *, keyid: str = "") -> dict[str, Any]:
        return {
            "signer": keyid or self._chain.keys[role].public.keyid,
            "predicates": [kind.type for kind in kinds],
            "subjects": list(SCOPES),
            "notBefore": format_instant(START - DAY),
            "notAfter": format_instant(until),
        }

    def _policy(self, version: int) -> dict[str, Any]:
        chance, chain = self._chance, self._chain
        data = policy_data() | {"version": version}
        gate = data["gates"]["load"]
        gate["subject"] = chance.choice([chain.model.label, "model/*"])
        gate["max_evidence_age_hours"] = chance.choice([1, 24, 168])
        gate["permit_valid_minutes"] = chance.choice([1, 60])
        gate["mode"] = chance.choice(["enforce", "warn", "observe"])
        gate["boundaries"] = ["source", "environment", "data", "model"]
        gate["require"][2]["signers"] = ["scanner", "scanner-2"] if self._rotated_scanner else ["scanner"]
        gate["require"][2].pop("ceilings")
        gate["require"][3]["metrics"] = {"recall": chance.choice([{"min": 0.9}, {"max": 1}, {"min": 0.5, "max": 1}])}
        if self._derived:
            gate["require"].append({"predicate": "derivation", "signers": ["producer"], "max_age_days": 30})
        chance.shuffle(gate["require"])
        gate["distinct_signers"] = chance.choice([[], [["producer", "scanner"]]])
        if chance.random() < 0.3:
            data["gates"]["deploy"] = {**gate, "require": gate["require"][:1], "distinct_signers": []}
        if chance.random() < 0.3:
            gate["require"] = [one for one in gate["require"] if "on" not in one]
        return data

    # what is said

    def _say(self, role: str, kind: Predicate, thing: Named, body: dict[str, Any]) -> Envelope:
        self._chain.now += self._chance.choice([0, 0, 60, 3600])
        return self._chain.say(role, kind.type, thing, body)

    def _inputs(self) -> None:
        for thing in (*self._trains, *self._holdouts):
            for _ in range(self._chance.randint(1, 2)):
                made_from = tuple(self._raw) if self._chance.random() < 0.5 else ()
                files = [{"path": "a", "size": self._chance.randint(0, 99), "sha256": thing.digests[0].hex}]
                self._say("producer", DATASET_MANIFEST, thing, core(inputs=made_from, files=files))
        for thing in (*self._sources, LOCK, *self._raw, *([BASE] if self._derived else [])):
            kind = thing.label.partition("/")[0]
            self._say("producer", BOUNDARY, thing, {"kind": kind, "origin": "local", "reason": "it begins here"})

    def _provenance(self) -> None:
        made_from = [*self._trains, *self._sources, LOCK]
        self._chance.shuffle(made_from)
        self._chain.now += self._chance.choice([0, 3600])
        self._chain.provenance(dependencies=tuple(made_from))

    def _scans(self) -> None:
        for number in range(self._chance.randint(1, 3)):
            self._scan(core(files=[], until=START + (60 + number) * DAY))
        if self._maybe("an excused scan"):
            failed = self._scan(core("fail", findings=[HIGH], files=[]))
            self._chain.excuse(failed)
        if self._maybe("an excused incomplete scan", chance=0.2):
            self._chain.excuse(self._scan(core("incomplete", unchecked=[UNREAD], files=[])))

    def _scan(self, body: dict[str, Any]) -> Envelope:
        chain = self._chain
        old = chain.keys["scanner"]
        if self._rotated_scanner and self._chance.random() < 0.5:
            chain.keys["scanner"] = keys(7)["scanner"]
        try:
            return self._say("scanner", MODEL_SCAN, chain.model, body)
        finally:
            chain.keys["scanner"] = old

    def _evaluations(self) -> None:
        for thing in self._holdouts:
            metrics = {"recall": self._chance.choice([0.93, 0.97, 1]), "loss": self._chance.random()}
            body = core(inputs=(thing, *self._sources, LOCK), metrics=metrics, dataset=resource(thing))
            self._say("producer", EVALUATION, self._chain.model, body)

    def _artefact(self) -> None:
        self._chain.artefact()

    def _derivation(self) -> None:
        kind = self._chance.choice(["conversion", "quantisation", "merge", "disarm", "seal"])
        body = core(inputs=(BASE,), kind=kind, equivalence={"claim": "predictions"})
        self._say("producer", DERIVATION, self._chain.model, body)

    # what else the log holds

    def _noise(self) -> None:
        chain, other = self._chain, Named("model/other", (sha256(self._chance.randbytes(8)),))
        if self._maybe("another model that fails", chance=0.2):
            chain.say("scanner", MODEL_SCAN.type, other, core("fail", findings=[HIGH], files=[]))
        if self._maybe("something else revoked", chance=0.2):
            chain.revoke(other.digests[0])
        if self._maybe("an older publication", chance=0.2):
            chain.publish()
        if self._maybe("an older verdict", chance=0.2):
            chain.say("gate", SUMMARY.type, chain.model, _summary(chain))


def _summary(chain: Chain) -> dict[str, Any]:
    return {
        "verifier": {"id": "urn:hauberk:gate"},
        "timeVerified": format_instant(chain.now),
        "resourceUri": chain.model.label,
        "policy": {"digest": {"sha256": "0" * 64}},
        "verificationResult": "PASSED",
        "verifiedLevels": [],
    }
