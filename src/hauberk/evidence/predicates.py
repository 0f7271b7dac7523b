"""The predicates that statements carry: name, type, shape, edges and how long they are good for.

Ours are `urn:hauberk:<name>:v1` and closed: an unknown member is refused. Those that exist elsewhere (SLSA provenance,
SLSA verification summary) are read as their standards say: unknown members pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, dir_hash, sha256
from hauberk.errors import Malformed
from hauberk.evidence.alias import Move
from hauberk.evidence.shape import (
    BASE64,
    DIGEST,
    DIGEST_SET,
    HEX32,
    INSTANT,
    LINE,
    RESOURCE,
    Among,
    Anything,
    Integer,
    ListOf,
    MapOf,
    Nullable,
    Number,
    Object,
    Shape,
    Text,
    Truth,
)
from hauberk.finding import Severity, UncheckedCode
from hauberk.refused_for import RefusedFor
from hauberk.signature import jcs
from hauberk.signature.dsse import digest_set
from hauberk.statement import Named, Statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_LOCATION = Object(
    {},
    {
        "path": Nullable(Text()),
        "member": Nullable(Text()),
        "offset": Nullable(Integer()),
        "line": Nullable(Integer()),
        "pointer": Nullable(Text()),
    },
)
_FINDING = Object(
    {"rule": LINE, "severity": Among(tuple(Severity)), "location": _LOCATION, "saw": Text()},
    {"confidence": LINE, "related": ListOf(_LOCATION)},
)
_UNCHECKED = Object({"code": Among(tuple(UncheckedCode)), "detail": Text(), "location": _LOCATION})
_TOOL = Object({"name": LINE, "version": LINE, "digest": DIGEST_SET})
_BASIS_POLICY = Object({"name": LINE, "digest": DIGEST_SET})

CORE: dict[str, Shape] = {
    "result": Among(("pass", "fail", "incomplete")),
    "findings": ListOf(_FINDING),
    "unchecked": ListOf(_UNCHECKED),
    "tool": _TOOL,
    "policy": Nullable(_BASIS_POLICY),
    "inputs": ListOf(RESOURCE),
    "validUntil": INSTANT,
}

_KEY = Object({"kind": Among(("ed25519", "ecdsa-p256")), "spki": BASE64})
_NAMED_KEY = Object({"name": LINE, "kind": Among(("ed25519", "ecdsa-p256")), "spki": BASE64})
_GRANT = Object(
    {
        "signer": HEX32,
        "predicates": ListOf(LINE, least=1),
        "subjects": ListOf(Text(pattern="[a-z][a-z0-9-]*/.+"), least=1),
        "notBefore": INSTANT,
        "notAfter": INSTANT,
    }
)
_FILE: dict[str, Shape] = {"path": Text(), "size": Integer(), "sha256": HEX32}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate: its name in policies, type and shape, whether it carries the core, and days it is good for."""

    name: str
    type: str
    shape: Object
    checks: bool = False
    valid_days: int | None = None


def _ours(
    name: str,
    members: dict[str, Shape],
    *,
    optional: dict[str, Shape] | None = None,
    valid_days: int | None = None,
) -> Predicate:
    core = CORE if valid_days is not None else {}
    shape = Object(core | members, optional or {})
    return Predicate(name, f"urn:hauberk:{name}:v1", shape, valid_days is not None, valid_days)


ARTEFACT = _ours(
    "artefact",
    {
        "files": ListOf(Object({**_FILE, "mode": Text(pattern="0[0-7]{3}")}), least=1),
        "entry": Nullable(Text()),
        "omsRoot": HEX32,
        "bundle": DIGEST,
    },
    valid_days=365,
)
DATASET_MANIFEST = _ours(
    "dataset-manifest",
    {"files": ListOf(Object(_FILE), least=1)},
    # Of the manifest that was approved: its file's digest, and the root over its rows.
    optional={"manifest": DIGEST, "rowsRoot": DIGEST},
    valid_days=365,
)
_RESULT = Among(("pass", "fail", "incomplete"))
_SUITE = Object(
    {
        "name": LINE,
        "digest": DIGEST,
        "tool": Object({"name": LINE, "version": LINE, "pandas": LINE}),
        "sandbox": Truth(),
        "result": _RESULT,
        "expectations": ListOf(Object({"expectation": LINE, "result": _RESULT, "saw": LINE}), least=1),
    }
)
DATA_CHECK = _ours(
    "data-check",
    {
        "owner": LINE,
        # Of what was written down of the subject: a data set's manifest, or a feature view's definition.
        "manifest": DIGEST,
        "rows": Integer(),
        "checks": ListOf(Object({"check": LINE, "rule": LINE, "result": _RESULT}), least=1),
    },
    # What it was compared with, which it was not made from; and the suites of other programs, as these judged them.
    optional={"references": ListOf(Object({"name": LINE, "digest": DIGEST})), "suites": ListOf(_SUITE)},
    valid_days=365,
)
MODEL_SCAN = _ours(
    "model-scan",
    {
        "files": ListOf(
            Object({"path": Text(), "sha256": HEX32, "format": LINE, "coverage": Among(("full", "partial", "inert"))})
        )
    },
    # By which tables of callables it was judged; a statement made before they were told has none.
    optional={"tables": ListOf(Object({"source": LINE, "release": LINE, "digest": DIGEST}))},
    valid_days=90,
)
EVALUATION = _ours("evaluation", {"metrics": MapOf(Number(), least=1), "dataset": RESOURCE}, valid_days=365)
DERIVATION_KINDS = ("conversion", "quantisation", "merge", "disarm", "seal", "image")
DERIVATION = _ours(
    "derivation",
    {
        "kind": Among(DERIVATION_KINDS),
        "equivalence": Object({"claim": LINE}, open=True),
    },
    # What a disarming leaves behind, and tensors that share their numbers with another one.
    optional={"left": ListOf(Object({"name": Text(), "why": Text()})), "aliases": MapOf(Text())},
    valid_days=365,
)
# What people say of the risks of a model: pass is that they bear them until it ends, fail that they do not.
RISK_DECISION = _ours("risk-decision", {"owner": LINE, "risk": LINE, "reason": LINE}, valid_days=365)
# What was stopped, and why: a record for people. It is evidence of nothing, so no policy asks for it.
REFUSAL = _ours(
    "refusal",
    {
        "act": Among(("train", "approve")),
        "refusedFor": Among(tuple(RefusedFor)),
        "saw": Text(max_length=4096),
        "command": ListOf(Text()),
        "tool": _TOOL,
    },
)
PLACE_WORD = Text(pattern="[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# Where something runs, or ran. Its subject is the place, so that no model's passport tells strangers of our machines.
DEPLOYMENT = _ours(
    "deployment",
    {
        "place": Object(
            {"environment": PLACE_WORD, "service": PLACE_WORD}, {"cluster": PLACE_WORD, "host": PLACE_WORD}
        ),
        "runs": RESOURCE,
        "state": Among(("started", "ended")),
        "at": INSTANT,
        "by": LINE,
    },
    optional={"until": INSTANT},  # when it is to end; that it did, only a statement says
)
BOUNDARY_KINDS = ("source", "environment", "data", "model", "image")
BOUNDARY = _ours("boundary", {"kind": Among(BOUNDARY_KINDS), "origin": LINE, "reason": LINE})
# Things that are called otherwise than the kind of boundary at which a chain begins with them.
_BEGINS_AS = {"dataset": "data", "feature-view": "data"}
POLICY = Predicate("policy", "urn:hauberk:policy:v1", Object({"name": LINE, "version": Integer(least=1)}, open=True))
ROOT = _ours(
    "root",
    {
        "version": Integer(least=1),
        "keys": MapOf(_KEY, key=HEX32, least=1),
        "threshold": Integer(least=1),
        "validUntil": INSTANT,
        "development": Truth(),
    },
)
TRUST = _ours(
    "trust",
    {
        "version": Integer(least=1),
        "rootVersion": Integer(least=1),
        "validUntil": INSTANT,
        "development": Truth(),
        "log": Object({"origin": LINE, "vkey": LINE}),
        "witnesses": Object({"quorum": Integer(least=1), "vkeys": ListOf(LINE, least=1)}),
        "keys": MapOf(_NAMED_KEY, key=HEX32, least=1),
        "grants": ListOf(_GRANT),
    },
)
INDEX = _ours("index", {"origin": LINE, "size": Integer(), "root": HEX32, "count": Integer(), "indexRoot": HEX32})
# That an alias, such as model/tumour@production, names another digest from then on; see `hauberk.evidence.alias`.
PROMOTION = _ours(
    "promotion",
    {
        "name": LINE,
        "from": Nullable(LINE),
        "to": LINE,
        "digest": DIGEST,
        "previous": Nullable(DIGEST),
        "policy": DIGEST,
    },
    optional={"reason": LINE},
)
REVOCATION = _ours("revocation", {"reason": LINE})
EXCEPTION = _ours("exception", {"statement": DIGEST, "owner": LINE, "until": INSTANT, "reason": LINE})
# Of one digest at one gate: what ran before anybody asked for evidence, and what people open together in an emergency.
_AT_GATE: dict[str, Shape] = {"gate": LINE, "owner": LINE, "until": INSTANT}
GRANDFATHERING = _ours("grandfathering", _AT_GATE | {"reason": LINE})
BREAK_GLASS = _ours("break-glass", _AT_GATE | {"emergency": LINE})

_REFERENCE = Text(pattern=LINE.pattern, max_length=2048)  # stands in the reasons of verdicts, so it is one line
_DEPENDENCY = Object({"digest": DIGEST_SET}, {"name": _REFERENCE, "uri": _REFERENCE}, open=True)
TRAINING = "urn:hauberk:train:v1"  # the type of build of `hauberk train` and `hauberk run`
_HOST_PORT = re.compile(r"[A-Za-z0-9._-]{1,253}:[0-9]{1,5}", re.ASCII)
PROVENANCE = Predicate(
    "slsa-provenance",
    "https://slsa.dev/provenance/v1",
    Object(
        {
            "buildDefinition": Object(
                {"buildType": Text(), "externalParameters": Anything()},
                {"resolvedDependencies": ListOf(_DEPENDENCY)},
                open=True,
            ),
            "runDetails": Object({"builder": Object({"id": Text()}, open=True)}, open=True),
        },
        open=True,
    ),
)
GATES = "urn:hauberk:gate:"  # before the name of a gate: who verified, in a summary
SUMMARY = Predicate(
    "verification-summary",
    "https://slsa.dev/verification_summary/v1",
    Object(
        {
            "verifier": Object({"id": Text()}, open=True),
            "timeVerified": INSTANT,
            "resourceUri": Text(),
            "policy": Object({"digest": DIGEST_SET}, open=True),
            "verificationResult": Among(("PASSED", "FAILED")),
            "verifiedLevels": ListOf(Text()),
        },
        {"inputAttestations": ListOf(Object({"digest": DIGEST_SET}, open=True))},
        open=True,
    ),
)

# in-toto/attestation spec/predicates/test-result.md, v0.1
TEST_RESULT = Predicate(
    "test-result",
    "https://in-toto.io/attestation/test-result/v0.1",
    Object(
        {
            "result": Among(("PASSED", "WARNED", "FAILED")),
            "configuration": ListOf(Object({"digest": DIGEST_SET}, open=True)),
        },
        {"passedTests": ListOf(Text()), "warnedTests": ListOf(Text()), "failedTests": ListOf(Text())},
        open=True,
    ),
)

PREDICATES: tuple[Predicate, ...] = (
    ARTEFACT,
    DATASET_MANIFEST,
    DATA_CHECK,
    MODEL_SCAN,
    EVALUATION,
    DERIVATION,
    RISK_DECISION,
    PROVENANCE,
    REFUSAL,
    DEPLOYMENT,
    BOUNDARY,
    POLICY,
    TRUST,
    ROOT,
    INDEX,
    PROMOTION,
    REVOCATION,
    EXCEPTION,
    GRANDFATHERING,
    BREAK_GLASS,
    SUMMARY,
    TEST_RESULT,
)
BY_TYPE: Mapping[str, Predicate] = {predicate.type: predicate for predicate in PREDICATES}
BY_NAME: Mapping[str, Predicate] = {predicate.name: predicate for predicate in PREDICATES}


def check(statement: Statement) -> Predicate:
    """Return the predicate of a statement after its shape was checked.

    Raises:
        Malformed: a type that is not in the table, a member of another shape, an input without a digest that can be
            read, an artefact whose list of files is not the tree that its subject names, a deployment whose place is
            not its subject, or a promotion whose subjects are not the alias and the digest that it names.
    """
    predicate = BY_TYPE.get(statement.predicate_type)
    if predicate is None:
        raise Malformed(f"no predicate of the type {statement.predicate_type[:120]!r} is known")
    predicate.shape.check(statement.predicate, predicate.name)
    if predicate is ARTEFACT:
        _check_artefact(statement)
    if predicate is DEPLOYMENT:
        _check_deployment(statement)
    if predicate is PROMOTION:
        Move.of(statement)
    edges(statement)
    return predicate


def edges(statement: Statement) -> tuple[Named, ...]:
    """Return what a statement was made from: the things that need evidence, or a boundary, of their own."""
    body = statement.predicate
    if statement.predicate_type == PROVENANCE.type:
        dependencies = body["buildDefinition"].get("resolvedDependencies", [])
        return tuple(
            Named(str(entry.get("name", entry.get("uri", ""))), digest_set(entry["digest"])) for entry in dependencies
        )
    if BY_TYPE[statement.predicate_type].checks:
        listed = [*body["inputs"], *([body["dataset"]] if statement.predicate_type == EVALUATION.type else [])]
        named = [Named(entry["name"], digest_set(entry["digest"])) for entry in listed]
        return tuple(dict.fromkeys(named))
    return ()


def reached(statement: Statement) -> tuple[str, ...]:
    """Return the servers, each as `HOST:PORT`, that a training of ours could read from: inputs without a digest."""
    if statement.predicate_type != PROVENANCE.type:
        return ()
    definition = statement.predicate.get("buildDefinition")
    if not isinstance(definition, dict) or definition.get("buildType") != TRAINING:
        return ()
    parameters = definition.get("externalParameters")
    listed = parameters.get("reach", []) if isinstance(parameters, dict) else []
    entries = listed if isinstance(listed, list) else [listed]
    return tuple(one if isinstance(one, str) and _HOST_PORT.fullmatch(one) else "unreadable" for one in entries)


def result_of(statement: Statement) -> str:
    """Return `pass`, `fail` or `incomplete`: what a statement says of its subject. One without a result passes.

    A check that claims to pass and lists something unchecked is incomplete (law 2).
    """
    body = statement.predicate
    if statement.predicate_type == SUMMARY.type:
        return "pass" if body["verificationResult"] == "PASSED" else "fail"
    if statement.predicate_type == TEST_RESULT.type:  # one that warns is no pass, until a policy can say so
        return "pass" if body["result"] == "PASSED" else "fail"
    if not BY_TYPE[statement.predicate_type].checks:
        return "pass"
    return "incomplete" if body["result"] == "pass" and body["unchecked"] else str(body["result"])


def says_pass(statement: Statement) -> bool:
    """Say whether a statement of any shape says that its subject passed; one of a kind without a result does."""
    kind, body = BY_TYPE.get(statement.predicate_type), statement.predicate
    if kind is TEST_RESULT:
        return body.get("result") == "PASSED"
    return kind is None or not kind.checks or (body.get("result") == "pass" and not body.get("unchecked"))


def is_recorded_answer(statement: Statement) -> bool:
    """Say whether a statement of a known shape is a summary by which a gate of ours recorded its answer."""
    if statement.predicate_type != SUMMARY.type:
        return False
    return str(statement.predicate["verifier"]["id"]).startswith(GATES)


def begins(statement: Statement, thing: Named, kinds: Collection[str]) -> bool:
    """Say whether a boundary lets a chain begin at a thing where it may begin at these kinds.

    A model that is called `source` is none: where the thing's own kind is one of a boundary, it must be that.
    """
    kind, own = statement.predicate["kind"], thing.label.partition("/")[0]
    own = _BEGINS_AS.get(own, own)
    return kind in kinds and (own == kind or own not in BOUNDARY_KINDS)


def counts(statement: Statement) -> dict[str, int]:
    """Return how many findings of each severity, and how many things unchecked, a check lists."""
    found = dict.fromkeys(map(str, Severity), 0)
    for finding in statement.predicate["findings"]:
        found[finding["severity"]] += 1
    return found | {"unchecked": len(statement.predicate["unchecked"])}


def judges(statement: Statement) -> set[str]:
    """Return the digests, as text, of what a check was judged by: its checks or stage, and suites that judged."""
    body = statement.predicate
    found = {str(digest) for digest in digest_set(body["policy"]["digest"])} if body["policy"] else set()
    judged = [suite for suite in body.get("suites", []) if suite["result"] != "incomplete"]
    return found | {suite["digest"] for suite in judged}


def schema(predicate: Predicate) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a predicate."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": predicate.type,
        "title": predicate.name,
    } | predicate.shape.schema()


def _check_artefact(statement: Statement) -> None:
    """A list of files that is not the subject's tree would bind names and modes of something else."""
    files = [(entry["path"], entry["sha256"]) for entry in statement.predicate["files"]]
    listed = {dir_hash(files)} | ({Digest("sha256", files[0][1])} if len(files) == 1 else set())
    if len(statement.subjects) != 1 or not set(statement.subjects[0].digests) <= listed:
        raise Malformed("the artefact's files do not have the digest of its subject")


def place_thing(place: Mapping[str, str]) -> Named:
    """Return a place of deployments as the subject that statements about it name."""
    return Named(f"deployment/{place['environment']}/{place['service']}", (sha256(jcs.encode(dict(place))),))


def _check_deployment(statement: Statement) -> None:
    if statement.subjects != (place_thing(statement.predicate["place"]),):
        raise Malformed("the deployment's subject is not the place that it names")
    runs = statement.predicate["runs"]
    Named(runs["name"], digest_set(runs["digest"]))
