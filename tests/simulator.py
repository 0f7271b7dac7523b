"""A whole chain in memory: keys, root, trust, policy, statements, log, witness. No mocks: every byte is the real one.

`Chain` plays everybody, honest or not. A test makes a good chain, changes one thing, and expects one refusal. `Log` here
keeps entries in a list instead of SQLite, and appends whatever it is given: the thief of a log key does that too.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, dir_hash, sha256
from hauberk.edge.keys import FileSigner, generate_key
from hauberk.evidence.collection import Evidence
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import (
    ARTEFACT,
    BOUNDARY,
    BREAK_GLASS,
    DATASET_MANIFEST,
    EVALUATION,
    EXCEPTION,
    GRANDFATHERING,
    MODEL_SCAN,
    POLICY,
    PROVENANCE,
    REVOCATION,
    RISK_DECISION,
    ROOT,
    TRUST,
    Predicate,
)
from hauberk.evidence.trust import RootKeys, Trust, realm_of
from hauberk.evidence.verify import Logged, sort_out
from hauberk.gate.export import collect, export
from hauberk.gate.prove import Answer, verify_passport
from hauberk.ledger import index as ledger_index
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.entry import Entry
from hauberk.policy.evaluate import evaluate
from hauberk.policy.policy import Policy
from hauberk.signature import base64, dsse, note
from hauberk.signature.key import KeyKind
from hauberk.signature.note import Note, NoteKind, VerifierKey
from hauberk.statement import Envelope, Named, Statement
from hauberk.subject import Subject

if TYPE_CHECKING:
    from hauberk.verdict import Verdict

START = 1_790_000_000
DAY = 86_400
ROLES = ("root", "approver", "security", "producer", "scanner", "gate", "log", "witness", "stranger")
ORIGIN = "example.org/log"

MODEL_FILES = {"model.joblib": b"weights", "README.md": b"a model"}
TOOL = {"name": "hauberk", "version": "0.1.0", "digest": {"sha256": hashlib.sha256(b"tool").hexdigest()}}


HIGH = {"rule": "pickle-shell", "severity": "high", "location": {}, "saw": "os.system"}
UNREAD = {"code": "format-not-read", "detail": "an unknown format", "location": {}}


@functools.cache
def keys(seed: int = 0) -> dict[str, FileSigner]:
    """Return one key for each role; the same ones for a seed, since making them says nothing about chains."""
    return {r: generate_key(KeyKind.ECDSA_P256 if r == "producer" else KeyKind.ED25519) for r in ROLES}


def named(label: str, content: bytes) -> Named:
    return Named(label, (sha256(content),))


def resource(thing: Named) -> dict[str, Any]:
    return {"name": thing.label, "digest": {d.algorithm: d.hex for d in thing.digests}}


def model_of(files: dict[str, bytes]) -> Named:
    digest = dir_hash((path, hashlib.sha256(data).hexdigest()) for path, data in files.items())
    return Named("model/tumour", (digest,))


TRAIN, HOLDOUT = named("dataset/train", b"train rows"), named("dataset/holdout", b"holdout rows")
SCRIPT, MEASURE = named("source/train.py", b"fit()"), named("source/evaluate.py", b"score()")
LOCK = named("environment/requirements.lock", b"numpy==2")


def core(
    result: str = "pass", *, inputs: tuple[Named, ...] = (), until: int = START + 60 * DAY, **more: Any
) -> dict[str, Any]:
    return {
        "result": result,
        "findings": [],
        "unchecked": [],
        "tool": TOOL,
        "policy": None,
        "inputs": [resource(thing) for thing in inputs],
        "validUntil": format_instant(until),
    } | more


def policy_data(**changes: Any) -> dict[str, Any]:
    gate = {
        "mode": "enforce",
        "subject": "model/tumour",
        "max_evidence_age_hours": 168,
        "permit_valid_minutes": 60,
        "require": [
            {"predicate": "artefact", "signers": ["producer"]},
            {"predicate": "slsa-provenance", "signers": ["producer"]},
            {
                "predicate": "model-scan",
                "signers": ["scanner"],
                "max_age_days": 30,
                "ceilings": {"critical": 0, "high": 0, "medium": 0, "unchecked": 0},
            },
            {"predicate": "evaluation", "signers": ["producer"], "metrics": {"recall": {"min": 0.93}}},
            {"predicate": "dataset-manifest", "on": {"inputs": "dataset"}, "signers": ["producer"]},
        ],
        "boundaries": ["source", "environment"],
        "distinct_signers": [["producer", "scanner"]],
    } | changes
    return {"schema": "urn:hauberk:policy:v1", "name": "tumour", "version": 1, "gates": {"load": gate}}


@dataclass
class Log:
    """A log that appends what it is given."""

    records: list[Entry] = field(default_factory=list)
    envelopes: list[bytes] = field(default_factory=list)
    note: str | None = None

    @property
    def size(self) -> int:
        return len(self.records)

    def entries(self, start: int = 0, end: int | None = None) -> list[Entry]:
        return self.records[start : self.size if end is None else end]

    def entry(self, number: int) -> Entry:
        return self.records[number]

    def envelope(self, number: int) -> bytes:
        return self.envelopes[number]

    def entries_about(self, digest: Digest) -> list[int]:
        return [n for n, record in enumerate(self.records) if str(digest) in record.subjects]

    def latest_checkpoint(self) -> str | None:
        return self.note

    def append(self, envelope: Envelope, time: int, *, subjects: tuple[str, ...] | None = None) -> int:
        data = dsse.encode_envelope(envelope)
        statement = dsse.decode_statement(envelope.payload)
        about = tuple(sorted(map(str, statement.digests))) if subjects is None else subjects
        self.records.append(Entry(sha256(data), dsse.statement_id(envelope.payload), about, time))
        self.envelopes.append(data)
        return self.size - 1


@dataclass
class Chain:
    """Everybody's part in one chain. `now` moves on by one second with each statement."""

    keys: dict[str, FileSigner] = field(default_factory=keys)
    log: Log = field(default_factory=Log)
    now: int = START
    trust_version: int = 1
    files: dict[str, bytes] = field(default_factory=lambda: dict(MODEL_FILES))

    def __post_init__(self) -> None:
        self.root_predicate = self.make_root()
        self.realm = realm_of(self.root_predicate)
        self.trust_predicate = self.make_trust()

    # what is written down once

    def make_root(self, *roles: str, version: int = 1, threshold: int = 1, **changes: Any) -> dict[str, Any]:
        listed = [self.keys[role].public for role in roles or ("root",)]
        return {
            "version": version,
            "keys": {key.keyid: {"kind": str(key.kind), "spki": base64.encode(key.spki)} for key in listed},
            "threshold": threshold,
            "validUntil": format_instant(START + 365 * DAY),
            "development": True,
        } | changes

    def make_trust(
        self,
        *,
        without: frozenset[tuple[str, str]] = frozenset(),
        not_after: dict[str, int] | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        grants = {
            "producer": (
                (ARTEFACT, PROVENANCE, EVALUATION, DATASET_MANIFEST, BOUNDARY),
                ("model/tumour", "dataset/*", "source/*", "environment/*", "data/*"),
            ),
            "scanner": ((MODEL_SCAN,), ("model/tumour",)),
            "approver": (
                (POLICY, REVOCATION, EXCEPTION, GRANDFATHERING, BREAK_GLASS, RISK_DECISION),
                ("realm/*", "digest/*", "model/tumour", "dataset/*"),
            ),
            "security": ((EXCEPTION, GRANDFATHERING, BREAK_GLASS, RISK_DECISION), ("model/tumour", "dataset/*")),
        }
        rows = []
        for role, (predicates, scopes) in grants.items():
            rows.append(
                {
                    "signer": self.keys[role].public.keyid,
                    "predicates": [p.type for p in predicates if (role, p.name) not in without]
                    or ["urn:hauberk:root:v1"],
                    "subjects": list(scopes),
                    "notBefore": format_instant(START - DAY),
                    "notAfter": format_instant((not_after or {}).get(role, START + 300 * DAY)),
                }
            )
        listed = {
            self.keys[role].public.keyid: (role, self.keys[role].public)
            for role in ("approver", "security", "producer", "scanner", "gate")
        }
        return {
            "version": self.trust_version,
            "rootVersion": 1,
            "validUntil": format_instant(START + 200 * DAY),
            "development": True,
            "log": {"origin": ORIGIN, "vkey": self.log_key.format()},
            "witnesses": {"quorum": 1, "vkeys": [self.witness_key.format()]},
            "keys": {
                k: {"name": role, "kind": str(p.kind), "spki": base64.encode(p.spki)} for k, (role, p) in listed.items()
            },
            "grants": rows,
        } | changes

    @property
    def log_key(self) -> VerifierKey:
        return VerifierKey(ORIGIN, NoteKind.ED25519, self.keys["log"].public)

    @property
    def witness_key(self) -> VerifierKey:
        return VerifierKey("example.org/witness", NoteKind.COSIGNATURE_V1, self.keys["witness"].public)

    @property
    def root_keys(self) -> RootKeys:
        return RootKeys(1, (self.keys["root"].public,))

    @property
    def trust(self) -> Trust:
        return Trust.of(self.trust_predicate)

    @property
    def policy(self) -> Policy:
        return Policy.of(policy_data())

    @property
    def model(self) -> Named:
        return model_of(self.files)

    @property
    def subject(self) -> Subject:
        return Subject("model", "tumour", self.model.digests[0])

    @property
    def index(self) -> int:
        """The entry of the index statement: the last one of a published log."""
        return self.log.size - 1

    def tree(self) -> merkle.Tree:
        return merkle.Tree([entry.leaf_hash for entry in self.log.entries()])

    def index_tree(self) -> ledger_index.Index:
        """Return the true index of a published log, over all entries but the last."""
        return ledger_index.of_entries(self.log.entries()[:-1])

    def key_digest(self, role: str) -> Digest:
        return Digest("sha256", self.keys[role].public.keyid)

    def grant(self, role: str, predicate: Predicate, scope: str) -> dict[str, Any]:
        return {
            "signer": self.keys[role].public.keyid,
            "predicates": [predicate.type],
            "subjects": [scope],
            "notBefore": format_instant(START - DAY),
            "notAfter": format_instant(START + 300 * DAY),
        }

    def trust_with(self, *grants: dict[str, Any], **changes: Any) -> Trust:
        """Return the trust with these grants besides those that it has."""
        made = self.make_trust(**changes)
        return Trust.of(made | {"grants": [*made["grants"], *grants]})

    def trust_without(self, *taken: tuple[str, str]) -> Trust:
        """Return the trust without these grants: (role, name of the predicate)."""
        return Trust.of(self.make_trust(without=frozenset(taken)))

    # what a gate knows and says

    def logged(self) -> list[Logged]:
        return [
            Logged(dsse.decode_envelope(data), n, self.log.entry(n).time) for n, data in enumerate(self.log.envelopes)
        ]

    def evidence(self, trust: Trust | None = None) -> Evidence:
        """Return what the whole log proves under a trust, without a passport around it."""
        deciding = trust or self.trust
        return Evidence(*sort_out(self.logged(), deciding), deciding, self.now, self.log.size)

    def ask(self, *, trust: Trust | None = None, policy: dict[str, Any] | None = None, **changes: Any) -> Verdict:
        """Return the verdict of the gate `load` on the model, with the whole log as evidence."""
        asked = {"gate": "load", "evidence": self.evidence(trust), "policy": Policy.of(policy or policy_data())}
        return evaluate(**({"subject": self.subject, "now": self.now} | asked | changes))

    def verify(self, data: bytes | None = None, **changes: Any) -> Answer:
        """Return a stranger's answer on a passport, the honest one if none is given."""
        return verify_passport(self.passport() if data is None else data, **({"root": self.root_keys} | changes))

    # what is signed and logged

    def say(
        self,
        role: str | tuple[str, ...],
        kind: str,
        thing: Named | tuple[Named, ...],
        predicate: dict[str, Any],
        *,
        log: bool = True,
    ) -> Envelope:
        roles = (role,) if isinstance(role, str) else role
        things = thing if isinstance(thing, tuple) else (thing,)
        envelope = dsse.sign(Statement(things, kind, predicate), [self.keys[r] for r in roles])
        return self.put(envelope) if log else envelope

    def put(self, envelope: Envelope) -> Envelope:
        """Append an envelope, one second after the last, whoever signed it."""
        self.now += 1
        self.log.append(envelope, self.now)
        return envelope

    def found(self, policy: dict[str, Any] | None = None) -> Chain:
        self.say("root", ROOT.type, self.realm, self.root_predicate)
        self.say("root", TRUST.type, self.realm, self.trust_predicate)
        self.say("approver", POLICY.type, self.realm, policy or policy_data())
        return self

    def retrust(self, role: str | tuple[str, ...] = "root", **changes: Any) -> Chain:
        """Sign and log the next version of the trust, changed, and let it be the chain's."""
        self.trust_version += 1
        self.trust_predicate = self.make_trust(**changes)
        self.say(role, TRUST.type, self.realm, self.trust_predicate)
        return self

    def boundary(self, thing: Named, kind: str) -> Envelope:
        return self.say(
            "producer", BOUNDARY.type, thing, {"kind": kind, "origin": "local", "reason": "where the chain begins"}
        )

    def manifest(self, thing: Named, role: str = "producer", **changes: Any) -> Envelope:
        files = [{"path": thing.label.partition("/")[2], "size": 10, "sha256": thing.digests[0].hex}]
        return self.say(role, DATASET_MANIFEST.type, thing, core(files=files) | changes)

    def provenance(
        self, role: str = "producer", *, dependencies: tuple[Named, ...] = (TRAIN, SCRIPT, LOCK), **more: Any
    ) -> Envelope:
        predicate = {
            "buildDefinition": {
                "buildType": "urn:hauberk:train:v1",
                "externalParameters": {"run": ["python", "train.py"]},
                "resolvedDependencies": [resource(thing) for thing in dependencies],
            },
            "runDetails": {"builder": {"id": "urn:hauberk:builder"}},
        }
        return self.say(role, PROVENANCE.type, self.model, predicate | more)

    def scan(self, role: str | tuple[str, ...] = "scanner", **changes: Any) -> Envelope:
        return self.say(role, MODEL_SCAN.type, self.model, core(files=[]) | changes)

    def evaluation(self, role: str = "producer", *, recall: float = 0.97, **changes: Any) -> Envelope:
        body = core(inputs=(HOLDOUT, MEASURE, LOCK), metrics={"recall": recall}, dataset=resource(HOLDOUT))
        return self.say(role, EVALUATION.type, self.model, body | changes)

    def artefact(self, role: str = "producer", **changes: Any) -> Envelope:
        files = [
            {"path": p, "size": len(d), "mode": "0644", "sha256": hashlib.sha256(d).hexdigest()}
            for p, d in sorted(self.files.items())
        ]
        body = core(files=files, entry="model.joblib", omsRoot="0" * 64, bundle=str(sha256(b"bundle")))
        return self.say(role, ARTEFACT.type, self.model, body | changes)

    def revoke(self, digest: Digest, reason: str = "stolen", *, role: str = "approver") -> Envelope:
        return self.say(role, REVOCATION.type, Named(f"digest/{digest}", (digest,)), {"reason": reason})

    def excuse(
        self,
        envelope: Envelope,
        *,
        until: int = START + 50 * DAY,
        role: str | tuple[str, ...] = "approver",
        thing: Named | None = None,
    ) -> Envelope:
        body = {
            "statement": str(dsse.statement_id(envelope.payload)),
            "owner": "Ada",
            "until": format_instant(until),
            "reason": "known",
        }
        return self.say(role, EXCEPTION.type, thing or self.model, body)

    def bear(
        self,
        kind: Predicate,
        role: str | tuple[str, ...],
        *,
        until: int,
        thing: Named | None = None,
        gate: str = "load",
    ) -> Envelope:
        """Sign a grandfathering or a breaking of the glass."""
        why = "emergency" if kind is BREAK_GLASS else "reason"
        body = {"gate": gate, "owner": "Ada", "until": format_instant(until), why: "it runs already"}
        return self.say(role, kind.type, thing or self.model, body)

    def decide(
        self,
        role: str | tuple[str, ...],
        result: str = "pass",
        *,
        until: int = START + 50 * DAY,
        thing: Named | None = None,
    ) -> Envelope:
        """Say that a risk is borne, or that it is not."""
        said = {"owner": "Ada", "risk": "recall under 0.9 for children", "reason": "a person reads each of these"}
        body = core(result) | {"validUntil": format_instant(until)} | said
        return self.say(role, RISK_DECISION.type, thing or self.model, body)

    def good(self, policy: dict[str, Any] | None = None) -> Chain:
        """Say all that the policy asks for."""
        self.found(policy)
        self.inputs()
        self.provenance()
        self.scan()
        self.evaluation()
        self.artefact()
        return self

    def inputs(self) -> None:
        for thing in (TRAIN, HOLDOUT):
            self.manifest(thing)
        for thing in (SCRIPT, MEASURE):
            self.boundary(thing, "source")
        self.boundary(LOCK, "environment")

    # the log's and the witness's part

    def publish(self, *, leave_out: frozenset[int] = frozenset(), **lies: Any) -> Chain:
        """Append an index statement and sign a checkpoint over it; `leave_out` and `lies` make the index a lie."""
        entries = self.log.entries()
        pairs = [(d, n) for n, e in enumerate(entries) if n not in leave_out for d in e.digests]
        built = ledger_index.build(pairs)
        root = merkle.root([entry.leaf_hash for entry in entries])
        body = {
            "origin": ORIGIN,
            "size": len(entries),
            "root": root.hex(),
            "count": built.count,
            "indexRoot": built.root.hex(),
        } | lies
        thing = Named(f"log/{ORIGIN}", (Digest("rfc6962", body["root"]),))
        self.say("log", "urn:hauberk:index:v1", thing, body)
        self.log.note = self.cosigned(self.checkpoint())
        self.left_out = leave_out
        return self

    def checkpoint(self) -> str:
        hashes = [entry.leaf_hash for entry in self.log.entries()]
        return sign(Checkpoint(ORIGIN, len(hashes), merkle.root(hashes)), self.keys["log"])

    def cosigned(self, text: str, *, role: str = "witness", time: int | None = None) -> str:
        signed = Note.parse(text)
        line = note.cosign(signed.text, self.keys[role], self.witness_key.name, self.now if time is None else time)
        return replace(signed, signatures=(*signed.signatures, line)).format()

    def passport(self) -> bytes:
        """Return what an honest exporter gives out."""
        data, _, _ = export(collect(self.log, gate="load", subject=self.subject), root=self.root_keys)  # type: ignore[arg-type]
        return data


@functools.cache
def good_passport() -> tuple[Chain, bytes]:
    """Return one published good chain and its passport; never change it."""
    chain = Chain().good().publish()
    return chain, chain.passport()
