"""Policies as people write them: nothing but our errors, from the first byte of YAML to the frozen record."""

from hauberk.formats.document import read_yaml
from hauberk.policy.policy import Policy

POLICY = b"""\
# what the gate asks for
schema: urn:hauberk:policy:v1
name: tumour
version: 1
gates:
  load:
    mode: enforce
    subject: model/tumour
    max_evidence_age_hours: 168
    permit_valid_minutes: 60
    require:
      - {predicate: artefact, signers: [producer]}
      - {predicate: model-scan, signers: [scanner], max_age_days: 30, ceilings: {critical: 0, unchecked: 0}}
      - {predicate: evaluation, signers: [producer], metrics: {recall: {min: 0.93}}}
      - {predicate: dataset-manifest, on: {inputs: dataset}, signers: [producer]}
    boundaries: [source, environment]
    distinct_signers: [[producer, scanner]]
"""


def seeds() -> list[bytes]:
    Policy.of(read_yaml(POLICY, what="policy"))
    return [POLICY, b"&a [*a, *a]\n", b"? {a: 1}\n: !!python/name:os.system\n", b"a: 1\na: 2\n", b"- " * 200]


def one_input(data: bytes) -> None:
    policy = Policy.of(read_yaml(data, what="policy"))
    assert policy.name
