"""Profiles, baselines and tables as people write them: nothing but our errors, from the first byte of YAML to the record."""

from hauberk.checks.baseline import baseline_of
from hauberk.checks.own_tables import table_of
from hauberk.checks.profile_file import profile_of
from hauberk.errors import Misconfigured
from hauberk.formats.document import read_yaml

PROFILE = b"""\
schema: urn:hauberk:scan-profile:v1
name: our-team
ceilings: {critical: 0, high: 0, medium: 1}
report_only: [pickle-trailing-data]
limits: {max_findings: 5}
"""
BASELINE = b"""\
schema: urn:hauberk:scan-baseline:v1
accepted:
  - digest: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    rule: pickle-runs-code
    location: {member: "a!b", offset: 7}
    owner: "ada"
    reason: "known"
    until: 2027-01-31
"""
TABLE = b"""\
schema: urn:hauberk:callables:v1
source: our-team
release: "1"
replaces: sklearn
rows:
  ourteam.layers:
    Net: {uses: [import, new, build], why: weights and nothing else}
    make: {uses: [import, call], arguments: containers, makes: "ourteam.layers:Net", why: a function}
"""


def seeds() -> list[bytes]:
    profile_of(read_yaml(PROFILE, what="profile"), what="profile")
    assert baseline_of(read_yaml(BASELINE, what="baseline"), what="baseline")
    assert table_of(TABLE, what="table").rows
    return [PROFILE, BASELINE, TABLE]


def one_input(data: bytes) -> None:
    for read in (profile_of, baseline_of):
        try:
            read(read_yaml(data, what="file"), what="file")
        except Misconfigured:
            continue
    table_of(data, what="file")
