"""What a gate needs, as a person writes it and an approver signs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hauberk.digest import Digest, sha256
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.predicates import (
    BY_NAME,
    DEPLOYMENT,
    EVALUATION,
    EXCEPTION,
    INDEX,
    POLICY,
    REFUSAL,
    REVOCATION,
    ROOT,
    TRUST,
)
from hauberk.finding import Severity
from hauberk.formats.document import decode
from hauberk.signature import jcs
from hauberk.subject import in_scope
from hauberk.verdict import Mode  # noqa: TC001 - the decoder reads the annotation

if TYPE_CHECKING:
    from collections.abc import Mapping


_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
# What governs is no evidence: who approves the policy may sign exceptions, and must not be able to ask for them alone.
# Nor is a refusal or a deployment: that a run was stopped, or that something runs, says nothing good of it.
_NO_EVIDENCE = tuple(kind.name for kind in (ROOT, TRUST, INDEX, POLICY, REVOCATION, EXCEPTION, REFUSAL, DEPLOYMENT))
_CEILINGS = (*map(str, Severity), "unchecked")


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most that a metric may be; either end may be open."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class On:
    """The things that a requirement is about, where it is not the subject: its inputs of one kind."""

    inputs: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """One kind of evidence that must be there, who must have signed it, how fresh and how good it must be.

    Attributes:
        judged_by: the digest of the checks, or of the suite, that must have judged.
    """

    predicate: str
    signers: tuple[str, ...]
    on: On | None = None
    max_age_days: int | None = None
    ceilings: dict[str, int] | None = None
    metrics: dict[str, Bound] | None = None
    judged_by: str | None = None


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What one gate needs for the subjects in its scope."""

    mode: Mode
    subject: str
    max_evidence_age_hours: int
    permit_valid_minutes: int
    require: tuple[Requirement, ...]
    boundaries: tuple[str, ...] = ()
    distinct_signers: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The policy file, member by member."""

    schema: Literal["urn:hauberk:policy:v1"]
    name: str
    version: int
    gates: dict[str, GatePolicy]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy with its identity: the SHA-256 of its decoded RFC 8785 form, so that a comment changes nothing."""

    name: str
    version: int
    gates: Mapping[str, GatePolicy]
    digest: Digest
    predicate: Mapping[str, Any]

    @classmethod
    def of(cls, data: Any) -> Policy:
        """Return the policy that plain data describes.

        Raises:
            Misconfigured: an unknown member, a value of another type, or a requirement that could never hold.
        """
        document = decode(data, Document, what="policy")
        if not _WORD.fullmatch(document.name) or document.version < 1:
            raise Misconfigured(
                f"policy: name {document.name!r}, version {document.version}", "name: tumour, version: 1"
            )
        for gate, wanted in document.gates.items():
            _check_gate(f"gates.{gate}", gate, wanted)
        return cls(document.name, document.version, document.gates, sha256(jcs.encode(data)), data)

    def covers(self, gate: str, label: str) -> bool:
        """Say whether this policy speaks of a gate for a subject."""
        return gate in self.gates and in_scope(label, self.gates[gate].subject)


def _check_gate(path: str, name: str, gate: GatePolicy) -> None:
    if not _WORD.fullmatch(name) or "/" not in gate.subject:
        raise Misconfigured(
            f"policy: {path}: subject is {gate.subject!r}", "write kind/name or kind/*, as in model/tumour"
        )
    if gate.max_evidence_age_hours < 1 or gate.permit_valid_minutes < 1:
        raise Misconfigured(f"policy: {path}: max_evidence_age_hours and permit_valid_minutes are at least 1")
    if not gate.require:
        raise Misconfigured(f"policy: {path}.require is empty", "a gate that needs nothing is no gate")
    for number, requirement in enumerate(gate.require):
        _check_requirement(f"{path}.require[{number}]", requirement)
    if any(len(set(group)) < 2 for group in gate.distinct_signers):
        raise Misconfigured(f"policy: {path}.distinct_signers needs at least two names in each group")
    named = {name for wanted in gate.require for name in wanted.signers}
    unknown = sorted({name for group in gate.distinct_signers for name in group} - named)
    if unknown:  # such a group would never find a shared key
        raise Misconfigured(f"policy: {path}.distinct_signers: no requirement names {unknown[0]!r} as a signer")


def _check_requirement(path: str, wanted: Requirement) -> None:
    predicate = BY_NAME.get(wanted.predicate)
    if predicate is None or wanted.predicate in _NO_EVIDENCE:
        kinds = ", ".join(name for name in BY_NAME if name not in _NO_EVIDENCE)
        raise Misconfigured(f"policy: {path}: no evidence is called {wanted.predicate!r}", f"one of {kinds}")
    if not wanted.signers:
        raise Misconfigured(f"policy: {path}.signers is empty", "name the keys of the trust file that may sign it")
    for name in (*wanted.signers, *(wanted.metrics or {})):
        if not 0 < len(name) <= 128 or not name.isprintable():  # it stands in the reasons of verdicts
            raise Misconfigured(f"policy: {path}: no name of a signer or a metric: {name[:40]!r}")
    if wanted.ceilings is not None:
        unknown = sorted(set(wanted.ceilings) - set(_CEILINGS))
        if unknown or not predicate.checks or min(wanted.ceilings.values(), default=0) < 0:
            raise Misconfigured(f"policy: {path}.ceilings {unknown or wanted.predicate}", f"{', '.join(_CEILINGS)}")
    if wanted.metrics is not None and predicate is not EVALUATION:
        raise Misconfigured(f"policy: {path}: only an evaluation has metrics, not {wanted.predicate}")
    for name, bound in (wanted.metrics or {}).items():
        if bound.min is None and bound.max is None:
            raise Misconfigured(f"policy: {path}.metrics.{name} has neither min nor max", "recall: {min: 0.93}")
        if bound.min is not None and bound.max is not None and bound.min > bound.max:
            raise Misconfigured(f"policy: {path}.metrics.{name}: min {bound.min} is over max {bound.max}")
    if wanted.judged_by is not None:
        _check_judge(path, wanted.judged_by, checks=predicate.checks)
    if wanted.max_age_days is not None and wanted.max_age_days < 1:
        raise Misconfigured(f"policy: {path}.max_age_days is at least 1")


def _check_judge(path: str, digest: str, *, checks: bool) -> None:
    if not checks:
        raise Misconfigured(f"policy: {path}.judged_by: only what checks something is judged by anything")
    try:
        Digest.parse(digest)
    except Malformed:
        raise Misconfigured(
            f"policy: {path}.judged_by is {digest[:80]!r}", "a digest, as `hauberk data approve` prints it: sha256:…"
        ) from None
