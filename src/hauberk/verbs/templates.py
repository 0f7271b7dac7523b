"""What `hauberk init` writes for a person to fill in: `hauberk.yaml` and `policy.yaml`, every line with its reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PIPELINE = """\
# The life of one model. `hauberk run` goes through it from top to bottom and does again only what changed.
schema: urn:hauberk:pipeline:v1

# What is made: a directory, the file in it that is loaded, and how that file is read.
model: {{name: {name}, path: model/, entry: model.joblib, kind: joblib}}

# Who may sign what (trust), and what the gate asks for (policy).
trust: trust.json
policy: policy.yaml

# One key a role, so that a thief of one of them cannot play another.
keys:
  producer: "file:.hauberk/keys/producer.pem"
  scanner: "file:.hauberk/keys/scanner.pem"
  gate: "file:.hauberk/keys/gate.pem"
  approver: "file:.hauberk/keys/approver.pem"
  log: "file:.hauberk/keys/log.pem"
  witness: "file:.hauberk/keys/witness.pem"

# Data are an input and never an output: files, or directories with all that is in them.
data: [{{name: {name}-train, path: data/train.csv}}, {{name: {name}-holdout, path: data/holdout.csv}}]

# A plain command that reads its inputs and writes the model; the lock file says what is installed.
train: {{run: [python, train.py], inputs: [train.py, {name}-train], environment: requirements.lock}}

# Any finding from this outcome on ends the run: suspicious, or malicious.
scan: {{fail_on: suspicious}}

# A plain command that measures the model and writes one JSON object of numbers.
evaluate: {{run: [python, evaluate.py], inputs: [evaluate.py, {name}-holdout], metrics: metrics.json}}

# The producer's signature over the directory, in the OpenSSF format that other tools read too.
sign: {{signature: {name}.sig}}

# The gate of policy.yaml that a run asks.
gate: [load]

# Where the evidence of an allowed model goes, for a reader who has only root.pub.
passport: {name}.passport
"""

POLICY = """\
# What the gate `load` asks of a model before anybody may open it. The approver signs the digest of what this says.
schema: urn:hauberk:policy:v1
name: {name}
version: 1
gates:
  load:
    mode: enforce                       # observe: record a denial; warn: say it too; enforce: stay closed
    subject: model/{name}
    max_evidence_age_hours: 168         # a passport older than this opens nothing
    permit_valid_minutes: 60            # how long an answer may be used
    require:
      # the list of files, with modes, by whoever made them
      - {{predicate: artefact, signers: [producer]}}
      # what the model was made from
      - {{predicate: slsa-provenance, signers: [producer]}}
      # looked into by somebody else than its maker, lately, and without a finding
      - predicate: model-scan
        signers: [scanner]
        max_age_days: 30
        ceilings: {{critical: 0, high: 0, medium: 0, unchecked: 0}}
      # measured; a metric that must hold is written as metrics: {{accuracy: {{min: 0.9}}}}
      - {{predicate: evaluation, signers: [producer]}}
      # each data set that the model was made from is written down
      - {{predicate: dataset-manifest, on: {{inputs: dataset}}, signers: [producer]}}
    # where the chain may begin: scripts and lock files have no evidence of their own
    boundaries: [source, environment]
    # one key may not fill both parts
    distinct_signers: [[producer, scanner]]
  # What `hauberk promote` asks before the model is called production, or anything else: take the marks away.
  # register:
  #   mode: enforce
  #   subject: model/{name}
  #   max_evidence_age_hours: 168         # an answer to `hauberk pull model/{name}@production` is no older
  #   permit_valid_minutes: 60
  #   require:
  #     - {{predicate: artefact, signers: [producer]}}
  #     - {{predicate: model-scan, signers: [scanner], max_age_days: 30, ceilings: {{high: 0, unchecked: 0}}}}
  #     - {{predicate: evaluation, signers: [producer]}}
  #   boundaries: [source, environment, data]
  # Nothing learns from data that nobody approved (`hauberk data approve`): take the marks away to have it so.
  # train:
  #   mode: enforce
  #   subject: dataset/*
  #   max_evidence_age_hours: 168
  #   permit_valid_minutes: 60
  #   require:
  #     - {{predicate: dataset-manifest, signers: [producer]}}
  #     - {{predicate: data-check, signers: [approver], max_age_days: 30}}
"""
_WITNESSES = "\n# Witnesses of other owners, and where each is asked: correct the addresses.\nwitnesses:\n"


def pipeline(name: str, *, without: Iterable[str] = (), witnesses: Iterable[str] = ()) -> str:
    """Return `hauberk.yaml` for a model of that name.

    Args:
        name: the model's.
        without: roles whose keys are not on this machine.
        witnesses: the names of witnesses of other owners.
    """
    absent = tuple(f'  {role}: "' for role in without)
    lines = [line for line in PIPELINE.format(name=name).splitlines(keepends=True) if not line.startswith(absent)]
    asked = [f"  - {{name: {json.dumps(one)}, url: {json.dumps(_address(one))}}}\n" for one in witnesses]
    return "".join((*lines, *((_WITNESSES, *asked) if asked else ())))


def policy(name: str) -> str:
    """Return `policy.yaml` for a model of that name."""
    return POLICY.format(name=name)


def _address(witness: str) -> str:
    return f"https://{witness}" if witness.isascii() else "https://example.org"
