"""One example statement of each predicate, and the files that freeze both: what other programs may build on.

python tests/evidence/examples.py       # writes the golden files again, after a change that was meant
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hauberk.digest import Digest, dir_hash, sha256
from hauberk.evidence.alias import Alias, Move
from hauberk.evidence.deployments import Place
from hauberk.evidence.predicates import BY_NAME, PREDICATES, schema
from hauberk.evidence.trust import realm_of
from hauberk.signature import base64, dsse
from hauberk.statement import Named, Statement
from signers import SeedSigner, log_key, witness_key
from simulator import policy_data

GOLDEN = Path(__file__).parent / "golden"
AT, UNTIL = "2026-11-23T17:00:00Z", "2027-11-23T17:00:00Z"

FILE = {"path": "model.joblib", "sha256": sha256(b"weights").hex}
MODEL = Named("model/tumour", (dir_hash([(FILE["path"], FILE["sha256"])]),))
TRAIN = Named("dataset/tumour-train", (sha256(b"rows"),))
SCRIPT = Named("source/train.py", (sha256(b"fit()"),))
PLACE = Place("production", "scoring", cluster="eu-1", host="web-1")
KEY = Named("digest/stolen", (sha256(b"a key"),))
STATEMENT = str(sha256(b"a statement"))
MOVE = Move(Alias("model/tumour", "production"), MODEL.digests[0], "staging", None, sha256(b"policy"))


def resource(thing: Named) -> dict[str, Any]:
    return dict(dsse.named_json(thing))


def core(**members: Any) -> dict[str, Any]:
    return {
        "result": "pass",
        "findings": [],
        "unchecked": [],
        "tool": {"name": "hauberk", "version": "0.1.0", "digest": {"sha256": sha256(b"tool").hex}},
        "policy": None,
        "inputs": [],
        "validUntil": UNTIL,
    } | members


def key(signer: SeedSigner, **more: str) -> dict[str, Any]:
    return {signer.public.keyid: {"kind": "ed25519", "spki": base64.encode(signer.public.spki)} | more}


ROOT = {"version": 1, "keys": key(SeedSigner("root")), "threshold": 1, "validUntil": UNTIL, "development": True}
REALM = realm_of(ROOT)
LOG, WITNESS, SCANNER = SeedSigner("example.org/log"), SeedSigner("example.org/witness"), SeedSigner("scanner")
TREE = Digest("rfc6962", sha256(b"a tree").hex)

BODIES: dict[str, tuple[Named | tuple[Named, ...], dict[str, Any]]] = {
    "artefact": (
        MODEL,
        core(
            files=[{**FILE, "size": 7, "mode": "0644"}],
            entry="model.joblib",
            omsRoot=sha256(b"oms").hex,
            bundle=str(sha256(b"bundle")),
        ),
    ),
    "dataset-manifest": (TRAIN, core(files=[{"path": "train.csv", "size": 4, "sha256": TRAIN.digests[0].hex}])),
    "data-check": (
        TRAIN,
        core(
            policy={"name": "tumour-train", "digest": {"sha256": sha256(b"checks").hex}},
            owner="Ada",
            manifest=str(sha256(b"manifest")),
            rows=171,
            checks=[
                {"check": "ranges[0]", "rule": "data-range", "result": "pass"},
                {"check": "suites[0]", "rule": "data-suite", "result": "pass"},
            ],
            suites=[
                {
                    "name": "transactions",
                    "digest": str(sha256(b"suite")),
                    "tool": {"name": "pandera", "version": "0.35.0", "pandas": "3.1.1"},
                    "sandbox": True,
                    "result": "pass",
                    "expectations": [{"expectation": "columns.id.unique", "result": "pass", "saw": "holds"}],
                }
            ],
            references=[{"name": "week46", "digest": str(sha256(b"older rows"))}],
        ),
    ),
    "refusal": (
        TRAIN,
        {
            "act": "train",
            "refusedFor": "undeclared-read",
            "saw": "the command wanted to read undeclared /home/me/other.csv",
            "command": ["python", "train.py"],
            "tool": core()["tool"],
        },
    ),
    "model-scan": (
        MODEL,
        core(
            result="fail",
            findings=[
                {
                    "rule": "pickle-unknown-callable",
                    "severity": "medium",
                    "confidence": "certain",
                    "location": {"path": "model.joblib", "member": None, "offset": 41, "line": None, "pointer": None},
                    "related": [],
                    "saw": "calls example.thing",
                }
            ],
            unchecked=[{"code": "limit", "detail": "deeper than 16", "location": {"path": "model.joblib"}}],
            files=[{**FILE, "format": "joblib", "coverage": "partial"}],
            tables=[{"source": "numpy", "release": "numpy 2.4.6", "digest": str(sha256(b"rows"))}],
        ),
    ),
    "evaluation": (
        MODEL,
        core(
            inputs=[resource(TRAIN), resource(SCRIPT)], metrics={"recall": 0.97, "rows": 171}, dataset=resource(TRAIN)
        ),
    ),
    "slsa-provenance": (
        MODEL,
        {
            "buildDefinition": {
                "buildType": "urn:hauberk:train:v1",
                "externalParameters": {"run": ["python", "train.py"]},
                "resolvedDependencies": [
                    resource(TRAIN),
                    {"uri": "git+https://example.org/x", "digest": {"sha1": "0" * 40}},
                ],
            },
            "runDetails": {"builder": {"id": "urn:hauberk:builder"}},
        },
    ),
    "deployment": (
        PLACE.thing,
        {
            "place": PLACE.to_json(),
            "runs": resource(MODEL),
            "state": "started",
            "at": AT,
            "by": "release 47",
            "until": UNTIL,
        },
    ),
    "boundary": (SCRIPT, {"kind": "source", "origin": "file", "reason": "written by a person"}),
    "policy": (REALM, policy_data()),
    "trust": (
        REALM,
        {
            "version": 1,
            "rootVersion": 1,
            "validUntil": UNTIL,
            "development": True,
            "log": {"origin": LOG.name, "vkey": log_key(LOG).format()},
            "witnesses": {"quorum": 1, "vkeys": [witness_key(WITNESS).format()]},
            "keys": key(SCANNER, name="scanner"),
            "grants": [
                {
                    "signer": SCANNER.public.keyid,
                    "predicates": ["urn:hauberk:model-scan:v1"],
                    "subjects": ["model/tumour", "dataset/*"],
                    "notBefore": AT,
                    "notAfter": UNTIL,
                }
            ],
        },
    ),
    "root": (REALM, ROOT),
    "index": (
        Named(f"log/{LOG.name}", (TREE,)),
        {"origin": LOG.name, "size": 12, "root": TREE.hex, "count": 20, "indexRoot": sha256(b"index").hex},
    ),
    "promotion": (
        MOVE.subjects,
        {
            "name": "model/tumour",
            "from": "staging",
            "to": "production",
            "digest": str(MODEL.digests[0]),
            "previous": STATEMENT,
            "policy": str(sha256(b"policy")),
            "reason": "better at night",
        },
    ),
    "revocation": (KEY, {"reason": "stolen"}),
    "exception": (MODEL, {"statement": STATEMENT, "owner": "Ada", "until": UNTIL, "reason": "known and harmless"}),
    "grandfathering": (MODEL, {"gate": "load", "owner": "Ada", "until": UNTIL, "reason": "it runs since spring"}),
    "break-glass": (MODEL, {"gate": "load", "owner": "Ada", "until": UNTIL, "emergency": "the clinic stands still"}),
    "verification-summary": (
        MODEL,
        {
            "verifier": {"id": "urn:hauberk:gate:load"},
            "timeVerified": AT,
            "resourceUri": "urn:hauberk:model:tumour",
            "policy": {"digest": {"sha256": sha256(b"policy").hex}},
            "inputAttestations": [{"digest": {"sha256": sha256(b"a statement").hex}}],
            "verificationResult": "PASSED",
            "verifiedLevels": [],
        },
    ),
    "risk-decision": (
        MODEL,
        core(owner="Ada", risk="recall under 0.9 for children", reason="a person reads each of these"),
    ),
    "derivation": (
        MODEL,
        core(kind="conversion", equivalence={"claim": "predictions", "rows": 100, "tolerance": 1e-06}),
    ),
    "test-result": (
        MODEL,
        {
            "result": "PASSED",
            "configuration": [{"name": "metrics.json", "digest": {"sha256": sha256(b"metrics").hex}}],
            "passedTests": ["recall>=0.9 (0.95)"],
            "failedTests": [],
        },
    ),
}


def example(name: str) -> Statement:
    """Return the example of a predicate."""
    things, body = BODIES[name]
    return Statement(things if isinstance(things, tuple) else (things,), BY_NAME[name].type, body)


def golden() -> dict[str, bytes]:
    """Return every golden file by its name."""
    files = {}
    for predicate in PREDICATES:
        written = json.dumps(schema(predicate), indent=2, sort_keys=True) + "\n"
        files[f"{predicate.name}.schema.json"] = written.encode()
        files[f"{predicate.name}.statement.json"] = dsse.encode_statement(example(predicate.name))
    return files


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, data in golden().items():
        (GOLDEN / name).write_bytes(data)
