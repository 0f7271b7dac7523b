"""Law 1: identity is the digest of the bytes used; nothing about one digest ever serves another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hauberk.digest import Digest, dir_hash, sha256
from hauberk.errors import Malformed
from hauberk.evidence.predicates import ARTEFACT, check
from hauberk.finding import Coverage, Finding, Location, Report, Severity, Unchecked, UncheckedCode
from hauberk.gate.decide import decide
from hauberk.statement import Named, Statement
from hauberk.subject import Subject
from hauberk.verdict import Answer
from hauberk.view import Basis
from property.chains import CHAIN, FULL, MODEL, NOW, Said, body_of, evidence, good_says
from simulator import Chain

FEW = settings(max_examples=60, deadline=None, derandomize=True)

digests = st.builds(
    Digest, st.sampled_from(["sha256", "dirHash", "sha512", "SHA256"]), st.integers(0, 3).map(lambda n: f"{n:064x}")
)
findings = st.builds(
    Finding,
    rule=st.sampled_from(["a", "b"]),
    severity=st.sampled_from(Severity),
    location=st.just(Location()),
    saw=st.sampled_from(["x", "y"]),
)
unchecked = st.builds(Unchecked, code=st.sampled_from(UncheckedCode), detail=st.just("x"))
reports = st.builds(
    Report,
    path=st.just("m"),
    digest=digests,
    format=st.just("pickle"),
    basis=st.sampled_from(Basis),
    coverage=st.sampled_from(Coverage),
    findings=st.lists(findings, max_size=2).map(tuple),
    unchecked=st.lists(unchecked, max_size=2).map(tuple),
)


@FEW
@given(reports, reports)
def test_reports_of_unequal_digests_are_never_joined(one: Report, two: Report):
    assume(one.digest != two.digest)
    with pytest.raises(Malformed, match="cannot be joined"):
        one.join(two)


@FEW
@given(reports, reports)
def test_a_joined_report_is_as_bad_as_the_worse_of_the_two(one: Report, two: Report):
    both = one.join(replace(two, digest=one.digest))
    assert both.digest == one.digest
    assert set(both.findings) == {*one.findings, *two.findings}
    assert both.complete == (one.complete and two.complete)
    assert (both.basis is Basis.COMPUTED) == (one.basis is two.basis is Basis.COMPUTED)
    assert both.outcome in {one.outcome, two.outcome}


def decided(subject: Subject, said: list[Said] | None = None) -> Any:
    known = evidence(list(said or good_says()), FULL)
    return decide(subject, gate="load", evidence=known, policy=CHAIN.policy, now=NOW)


def test_the_evidence_of_a_model_serves_that_model():
    assert decided(CHAIN.subject).result is Answer.ALLOW


@FEW
@given(digests)
def test_the_evidence_of_one_digest_permits_no_other(digest: Digest):
    assume(digest != CHAIN.subject.digest)
    verdict = decided(Subject("model", "tumour", digest))
    assert (verdict.result, verdict.permit) == (Answer.DENY, None)


@FEW
@given(st.integers(0, len(good_says()) - 1), digests)
def test_one_statement_about_another_digest_breaks_the_chain(number: int, digest: Digest):
    said = list(good_says())
    thing = said[number].thing
    said[number] = replace(said[number], thing=Named(thing.label, (digest,)))
    assert decided(CHAIN.subject, said).result is Answer.DENY


@FEW
@given(st.sets(st.sampled_from(["sha256", "sha512", "SHA256", "md5"]), min_size=1))
def test_a_digest_set_matches_only_as_a_whole(algorithms: set[str]):
    more = [Digest(algorithm, CHAIN.subject.digest.hex) for algorithm in algorithms]
    both = Named("model/tumour", tuple(sorted([*more, CHAIN.subject.digest])))
    said = [replace(item, thing=both) if item.thing == MODEL else item for item in good_says()]
    assert decided(CHAIN.subject, said).result is Answer.DENY


@FEW
@given(st.dictionaries(st.sampled_from(["a", "b", "c/d"]), st.binary(max_size=3), min_size=1), st.data())
def test_an_artefact_is_about_its_own_files_and_no_others(files: dict[str, bytes], data: st.DataObject):
    other = data.draw(st.dictionaries(st.sampled_from(["a", "b", "c/d"]), st.binary(max_size=3), min_size=1))
    assume(files != other)
    digest = dir_hash((path, sha256(content).hex) for path, content in files.items())
    body = body_of(ARTEFACT, MODEL, "pass", ()) | {"files": listed(files)}
    assert check(Statement((Named("model/m", (digest,)),), ARTEFACT.type, body)) is ARTEFACT
    with pytest.raises(Malformed, match="do not have the digest of its subject"):
        check(Statement((Named("model/m", (digest,)),), ARTEFACT.type, body | {"files": listed(other)}))


def listed(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [{"path": p, "size": len(c), "mode": "0644", "sha256": sha256(c).hex} for p, c in files.items()]


def test_a_permit_names_the_digest_and_nothing_makes_it_fit_another():
    permit = decided(CHAIN.subject).require()
    assert permit.subject.digest == CHAIN.subject.digest == Chain().subject.digest
