"""An answer of before, for a gate whose ledger is away: signed by the gate, bound to what it was about, short-lived.

The file holds the roots and the trust as the ledger has them, and a verification summary that the gate's key signed. So
a reader needs `root.pub` and nothing of the ledger. The summary names the digest, the policy, the trust, the inputs as
they were on disk, and the second after which what it rests on would have ended; all of them must be what they are now.

It is no permit, and none is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.digest import Digest, sha256
from hauberk.errors import Malformed, NotVerified, Unavailable
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.evidence.predicates import GATES, SUMMARY
from hauberk.evidence.shape import DIGEST, INSTANT, LINE, Among, Anything, Integer, ListOf, Object
from hauberk.evidence.verify import Logged, verify, verify_roots, verify_trust
from hauberk.gate.prove import check_times
from hauberk.signature import dsse, jcs
from hauberk.statement import Named, Statement
from hauberk.verdict import Answer, Borne, Reason, Verdict, Way

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.policy.policy import Policy
    from hauberk.signature.key import Signer
    from hauberk.statement import Envelope
    from hauberk.subject import Subject

SCHEMA = "urn:hauberk:remembered-answer:v1"

_FILE = Object(
    {"schema": Among((SCHEMA,)), "roots": ListOf(Anything(), least=1), "trust": Anything(), "answer": Anything()}
)
_BORNE = Object(
    {
        "way": Among(tuple(Way)),
        "statement": DIGEST,
        "owner": LINE,
        "signers": ListOf(LINE),
        "until": INSTANT,
        "reason": LINE,
        "rules": ListOf(LINE),
    }
)
_EXTRA = Object(
    {
        "trust": Object({"version": Integer(least=1), "digest": DIGEST}),
        "current": DIGEST,
        "until": INSTANT,
        "borne": ListOf(_BORNE),
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and under which authorities: all of it is what the answer was about, or there is none.

    Attributes:
        current: digests of named inputs as they are on disk.
    """

    gate: str
    subject: Subject
    policy: Policy
    trust: Trust
    current: Mapping[str, Digest]

    @property
    def inputs(self) -> Digest:
        """Return one digest for all inputs as they are."""
        return sha256(jcs.encode({label: str(digest) for label, digest in self.current.items()}))


def remember(
    verdict: Verdict,
    asked: Question,
    summary: Mapping[str, Any],
    *,
    authorities: tuple[Sequence[Envelope], Envelope],
    signer: Signer,
) -> bytes:
    """Return the file that remembers an allowing verdict, as the gate signs it.

    Args:
        verdict: of now; it allows, and its permit says how long what it rests on lasts.
        asked: what was asked.
        summary: of the verdict, as the ledger would have it.
        authorities: the roots, oldest first, and the trust.
        signer: the gate's key.
    """
    roots, trust = authorities
    assert verdict.permit is not None
    extra = {
        "trust": {"version": asked.trust.version, "digest": str(asked.trust.digest)},
        "current": str(asked.inputs),
        "until": format_instant(verdict.permit.not_after),
        "borne": [_borne_json(borne) for borne in verdict.borne],
    }
    thing = Named(asked.subject.label, (asked.subject.digest,))
    said = Statement((thing,), SUMMARY.type, {**summary, "remembered": extra})
    return jcs.encode(
        {
            "schema": SCHEMA,
            "roots": [dsse.envelope_json(root) for root in roots],
            "trust": dsse.envelope_json(trust),
            "answer": dsse.envelope_json(dsse.sign(said, [signer])),
        }
    )


def recall(data: bytes, asked: Question, *, root: RootKeys, now: int) -> Verdict:
    """Return the answer that a file remembers, if it is about exactly this and still counts; it carries no permit.

    Args:
        data: the file's bytes.
        asked: what is asked now.
        root: the project's root keys.
        now: Unix seconds.

    Raises:
        NotVerified, Malformed: the file does not hold, or it is about something else.
        Unavailable: it is too old, or what it rests on has ended.
    """
    value = jcs.decode_canonical(data, what="remembered answer")
    _FILE.check(value, "remembered answer")
    trust = _trust_of(value, root, now)
    if trust.digest != asked.trust.digest:
        raise NotVerified("the remembered answer was given under another trust")
    answer = dsse.envelope_of(value["answer"])
    statement = dsse.decode_statement(answer.payload)
    at = _at(statement)
    verified = verify(Logged(answer, None, at), trust)
    extra = verified.statement.predicate["remembered"]
    _check_about(statement, extra, asked)
    _check_fresh(at, parse_instant(extra["until"]), asked, now)
    age = f"{(now - at) // 60} minutes old"
    most = asked.policy.gates[asked.gate].when_away.cached_verdict_minutes
    reason = Reason("answer.remembered", verified.id, age, f"at most {most} minutes, while the ledger is away")
    borne = tuple(_borne_of(item) for item in extra["borne"])
    mode = asked.policy.gates[asked.gate].mode
    return Verdict(Answer.ALLOW, asked.gate, asked.subject, asked.policy.digest, at, (reason,), mode, borne=borne)


def _trust_of(value: Mapping[str, Any], root: RootKeys, now: int) -> Trust:
    realm = verify_roots([Logged(dsse.envelope_of(item), None, 0) for item in value["roots"]], anchor=root)
    trust = verify_trust(Logged(dsse.envelope_of(value["trust"]), None, 0), realm)
    check_times(realm, trust, now)
    return trust


def _at(statement: Statement) -> int:
    """Return when the answer was given, Unix seconds."""
    if statement.predicate_type != SUMMARY.type:
        raise Malformed("the remembered answer is no verification summary")
    SUMMARY.shape.check(statement.predicate, "remembered answer")
    _EXTRA.check(statement.predicate.get("remembered"), "remembered")
    return parse_instant(statement.predicate["timeVerified"])


def _check_about(statement: Statement, extra: Mapping[str, Any], asked: Question) -> None:
    body, gate, trust = statement.predicate, f"{GATES}{asked.gate}", asked.trust
    differing = {
        "gate": body["verifier"]["id"] == gate,
        "subject": statement.subjects == (Named(asked.subject.label, (asked.subject.digest,)),),
        "result": body["verificationResult"] == "PASSED",
        "policy": dsse.digest_set(body["policy"]["digest"]) == (asked.policy.digest,),
        "trust": extra["trust"] == {"version": trust.version, "digest": str(trust.digest)},
        "inputs": extra["current"] == str(asked.inputs),
    }
    wrong = [name for name, is_same in differing.items() if not is_same]
    if wrong:
        raise NotVerified(f"the remembered answer is about another {wrong[0]}")


def _check_fresh(at: int, until: int, asked: Question, now: int) -> None:
    minutes = asked.policy.gates[asked.gate].when_away.cached_verdict_minutes
    if minutes is None:
        raise Unavailable("the policy lets no answer be remembered")
    if now < at:
        raise Unavailable(f"the remembered answer is of {format_instant(at)}, and the clock says {format_instant(now)}")
    if now - at > minutes * 60:
        raise Unavailable(f"the remembered answer is of {format_instant(at)}, more than {minutes} minutes ago")
    if now > until:
        raise Unavailable(f"what the remembered answer rests on ended at {format_instant(until)}")


def _borne_json(borne: Borne) -> dict[str, Any]:
    return {
        "way": str(borne.way),
        "statement": str(borne.statement),
        "owner": borne.owner,
        "signers": list(borne.signers),
        "until": format_instant(borne.until),
        "reason": borne.reason,
        "rules": list(borne.rules),
    }


def _borne_of(value: Mapping[str, Any]) -> Borne:
    return Borne(
        Way(value["way"]),
        Digest.parse(value["statement"]),
        value["owner"],
        tuple(value["signers"]),
        parse_instant(value["until"]),
        value["reason"],
        tuple(value["rules"]),
    )
