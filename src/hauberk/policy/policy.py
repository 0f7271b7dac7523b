"""What a gate needs, as a person writes it and an approver signs it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hauberk.digest import Digest, sha256
from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.predicates import (
    BREAK_GLASS,
    BY_NAME,
    DEPLOYMENT,
    DERIVATION,
    DERIVATION_KINDS,
    EVALUATION,
    EXCEPTION,
    GRANDFATHERING,
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
    from collections.abc import Iterable, Mapping


_WORD = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
# What governs is no evidence: who approves the policy may sign exceptions, and must not be able to ask for them alone.
# Nor is a refusal or a deployment: that a run was stopped, or that something runs, says nothing good of it.
_GOVERNS = (ROOT, TRUST, INDEX, POLICY, REVOCATION, EXCEPTION, GRANDFATHERING, BREAK_GLASS, REFUSAL, DEPLOYMENT)
_NO_EVIDENCE = tuple(kind.name for kind in _GOVERNS)
MOST_HOURS = 72  # what is open for longer is no emergency: that is what exceptions are for
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
class Equivalence:
    """How alike a derivation must have been measured to be to what it was made from, and on which data.

    Attributes:
        on: the data, as in `dataset/fraud-holdout`: one of the statement's inputs.
    """

    min_agreement: float | None = None
    max_difference: float | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One kind of evidence that must be there, who must have signed it, how fresh and how good it must be.

    Attributes:
        judged_by: the digest of the checks, or of the suite, that must have judged.
        at_least: how many of the signers must have signed the same statement.
        kinds: how a derivation may have been made, as in `conversion`.
        equivalence: how alike it must have been measured to be.
    """

    predicate: str
    signers: tuple[str, ...]
    on: On | None = None
    max_age_days: int | None = None
    ceilings: dict[str, int] | None = None
    metrics: dict[str, Bound] | None = None
    judged_by: str | None = None
    at_least: int = 1
    kinds: tuple[str, ...] | None = None
    equivalence: Equivalence | None = None


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What an exception for one statement needs at this gate: of how many people, and for how long at most."""

    at_least: int = 1
    signers: tuple[str, ...] | None = None
    max_days: int | None = None


@dataclass(frozen=True, slots=True)
class Grandfather:
    """Who may let what already runs pass without evidence, digest by digest, and for how long at most."""

    signers: tuple[str, ...]
    max_days: int
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Who may together open the gate for one digest in an emergency, and for how long at most."""

    signers: tuple[str, ...]
    max_hours: int
    at_least: int = 2


@dataclass(frozen=True, slots=True)
class WhenAway:
    """What the gate answers where something that it needs is away. Without a ledger there may be an answer of before.

    Attributes:
        cached_verdict_minutes: how old such an answer may be.
        alarm: whether each time is written down and said as an alarm.
    """

    ledger: Literal["deny", "cached-verdict"] = "deny"
    cached_verdict_minutes: int | None = None
    store: Literal["deny"] = "deny"
    keys: Literal["deny"] = "deny"
    clock: Literal["deny"] = "deny"
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What one gate needs for the subjects in its scope, and what it bears; without a member for it, it does not."""

    mode: Mode
    subject: str
    max_evidence_age_hours: int
    permit_valid_minutes: int
    require: tuple[Requirement, ...]
    boundaries: tuple[str, ...] = ()
    distinct_signers: tuple[tuple[str, ...], ...] = ()
    exceptions: Exceptions = Exceptions()
    grandfather: Grandfather | None = None
    break_glass: BreakGlass | None = None
    when_away: WhenAway = WhenAway()


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
        try:
            digest = sha256(jcs.encode(data))
        except Malformed as error:
            raise Misconfigured(f"policy: {error.message}", "numbers are finite, whole ones below 2^53") from None
        return cls(document.name, document.version, document.gates, digest, data)

    def covers(self, gate: str, label: str) -> bool:
        """Say whether this policy speaks of a gate for a subject."""
        return gate in self.gates and in_scope(label, self.gates[gate].subject)

    def shared(self, other: Policy) -> tuple[str, ...]:
        """Return the gates of which this policy and another one both speak for some subject."""
        both = (
            (gate, mine.subject, other.gates[gate].subject) for gate, mine in self.gates.items() if gate in other.gates
        )
        return tuple(gate for gate, mine, theirs in both if in_scope(mine, theirs) or in_scope(theirs, mine))


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
    _check_bearing(path, gate)
    _check_when_away(path, gate)


def _check_when_away(path: str, gate: GatePolicy) -> None:
    minutes, most = gate.when_away.cached_verdict_minutes, gate.permit_valid_minutes
    if (gate.when_away.ledger == "cached-verdict") != (minutes is not None):
        raise Misconfigured(
            f"policy: {path}.when_away: cached_verdict_minutes stands beside `ledger: cached-verdict` and nowhere else",
            "when_away: {ledger: cached-verdict, cached_verdict_minutes: 30, alarm: true}",
        )
    if minutes is not None and not 1 <= minutes <= most:
        raise Misconfigured(
            f"policy: {path}.when_away.cached_verdict_minutes is {minutes}", f"1 to {most}: permit_valid_minutes"
        )


def _check_bearing(path: str, gate: GatePolicy) -> None:
    borne, old, glass = gate.exceptions, gate.grandfather, gate.break_glass
    _check_terms(f"{path}.exceptions", borne, borne.max_days)
    if old is not None:
        _check_terms(f"{path}.grandfather", old, old.max_days)
    if glass is None:
        return
    _check_terms(f"{path}.break_glass", glass, glass.max_hours)
    if glass.at_least < 2 or glass.max_hours > MOST_HOURS:
        raise Misconfigured(
            f"policy: {path}.break_glass is of two people at least, and for {MOST_HOURS} hours at most",
            "break_glass: {signers: [approver, security], at_least: 2, max_hours: 24}",
        )


def _check_terms(path: str, terms: Exceptions | Grandfather | BreakGlass, most: int | None) -> None:
    if most is not None and most < 1:
        raise Misconfigured(f"policy: {path} lasts for {most}, and at least 1 is needed")
    _check_names(path, terms.signers or ())
    _check_at_least(path, terms.at_least, terms.signers)


def _check_at_least(path: str, at_least: int, signers: tuple[str, ...] | None) -> None:
    most = len(set(signers)) if signers is not None else at_least
    if not 1 <= at_least <= most:
        raise Misconfigured(f"policy: {path}.at_least is {at_least}, and {most} may sign", "name more signers")


def _check_names(path: str, names: Iterable[str]) -> None:
    for name in names:
        if not 0 < len(name) <= 128 or not name.isprintable():  # it stands in the reasons of verdicts
            raise Misconfigured(f"policy: {path}: no name of a signer or a metric: {name[:40]!r}")


def _check_requirement(path: str, wanted: Requirement) -> None:
    predicate = BY_NAME.get(wanted.predicate)
    if predicate is None or wanted.predicate in _NO_EVIDENCE:
        kinds = ", ".join(name for name in BY_NAME if name not in _NO_EVIDENCE)
        raise Misconfigured(f"policy: {path}: no evidence is called {wanted.predicate!r}", f"one of {kinds}")
    if not wanted.signers:
        raise Misconfigured(f"policy: {path}.signers is empty", "name the keys of the trust file that may sign it")
    _check_names(path, (*wanted.signers, *(wanted.metrics or {})))
    _check_at_least(path, wanted.at_least, wanted.signers)
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
    _check_derivation(path, wanted)
    if wanted.judged_by is not None:
        _check_judge(path, wanted.judged_by, checks=predicate.checks)
    if wanted.max_age_days is not None and wanted.max_age_days < 1:
        raise Misconfigured(f"policy: {path}.max_age_days is at least 1")


def _check_derivation(path: str, wanted: Requirement) -> None:
    if wanted.predicate != DERIVATION.name and (wanted.kinds is not None or wanted.equivalence is not None):
        raise Misconfigured(f"policy: {path}: only a derivation has kinds and an equivalence, not {wanted.predicate}")
    if wanted.kinds is not None and (not wanted.kinds or set(wanted.kinds) - set(DERIVATION_KINDS)):
        raise Misconfigured(f"policy: {path}.kinds is {list(wanted.kinds)}", f"some of {', '.join(DERIVATION_KINDS)}")
    asked = wanted.equivalence
    if asked is None:
        return
    if asked == Equivalence():
        raise Misconfigured(f"policy: {path}.equivalence asks for nothing", "equivalence: {max_difference: 1e-5}")
    least, most = asked.min_agreement, asked.max_difference
    if (least is not None and not 0 < least <= 1) or (most is not None and not 0 <= most < math.inf):
        raise Misconfigured(f"policy: {path}.equivalence: min_agreement is over 0 to 1, max_difference from 0 on")
    if asked.on is not None and not re.fullmatch(r"dataset/[^/*]+", asked.on):
        raise Misconfigured(f"policy: {path}.equivalence.on is {asked.on!r:.80}", "one data set: dataset/fraud-holdout")


def _check_judge(path: str, digest: str, *, checks: bool) -> None:
    if not checks:
        raise Misconfigured(f"policy: {path}.judged_by: only what checks something is judged by anything")
    try:
        Digest.parse(digest)
    except Malformed:
        raise Misconfigured(
            f"policy: {path}.judged_by is {digest[:80]!r}", "a digest, as `hauberk data approve` prints it: sha256:…"
        ) from None
