"""From a ledger to a passport: walk the closure of a subject in the index and write down what is met.

The gate itself reads this way too: what it decides on is the passport that it would give to a stranger, so there is one
way of collecting evidence and one way of proving it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.errors import Unavailable
from hauberk.evidence.collection import key_digest
from hauberk.gate.passport import Item, Passport, encode, verdict_json
from hauberk.gate.prove import closure, keys_in, prove
from hauberk.gate.standing import standing
from hauberk.ledger import index as ledger_index
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import Checkpoint, strip
from hauberk.policy.evaluate import evaluate
from hauberk.signature import dsse
from hauberk.signature.note import COSIGNATURE_TIME_BYTES, Note
from hauberk.statement import Named
from hauberk.view import Basis

if TYPE_CHECKING:
    from hauberk.evidence.trust import RootKeys
    from hauberk.gate.prove import Proven
    from hauberk.ledger.log import Log
    from hauberk.statement import Envelope
    from hauberk.subject import Subject
    from hauberk.verdict import Verdict


def collect(log: Log, *, gate: str, subject: Subject) -> Passport:
    """Return the passport of a subject at the newest checkpoint, its verdict still empty.

    Raises:
        Unavailable: no checkpoint yet, or a root, trust or policy that none covers.
        NotVerified: the log's own root or trust does not hold.
    """
    note, checkpoint = newest_checkpoint(log)
    stands = standing(log)
    waiting = [entry for entry in log.entries_about(stands.realm.subject.digests[0]) if entry >= checkpoint.size]
    if waiting:
        raise Unavailable(
            f"a root, trust or policy (entry {waiting[0]}) is not in a checkpoint yet",
            "publish a checkpoint with `hauberk run`",
        )
    entries = log.entries(0, checkpoint.size)
    index = ledger_index.of_entries(entries[:-1])
    tree = merkle.Tree([entry.leaf_hash for entry in entries])
    last = checkpoint.size - 1

    def envelope_of(entry: int) -> Envelope:
        return dsse.decode_envelope(log.envelope(entry))

    digests, met = closure(
        (Named(subject.label, (subject.digest,)), stands.realm.subject),
        (*(key_digest(signature.keyid) for signature in envelope_of(last).signatures), *keys_in(stands.trust)),
        entries_of=lambda digest: [leaf.entry for leaf in index.range(digest).leaves],
        envelope_of=envelope_of,
    )
    return Passport(
        gate=gate,
        subject=subject,
        roots=stands.roots,
        trust=stands.trust_entry,
        policies=tuple(sorted(n for n, policy in stands.policies.items() if policy.covers(gate, subject.label))),
        checkpoint=_needed(strip(note, log=stands.trust.log, witnesses=stands.trust.witnesses), stands.trust.quorum),
        index=last,
        ranges={digest: index.range(digest) for digest in digests},
        items={n: Item(n, entries[n], tuple(tree.inclusion_proof(n)), envelope_of(n)) for n in sorted({*met, last})},
        verdict={},
    )


def newest_checkpoint(log: Log) -> tuple[str, Checkpoint]:
    """Return the newest checkpoint, as a note and decoded; raise `Unavailable` where there is none."""
    note = log.latest_checkpoint()
    if note is None:
        raise Unavailable("the ledger has no checkpoint yet", "publish one with `hauberk run`")
    return note, Checkpoint.parse(Note.parse(note).text)


def check_all_published(log: Log) -> None:
    """Raise `Unavailable` where the ledger holds entries that its newest checkpoint does not cover."""
    _, checkpoint = newest_checkpoint(log)
    if checkpoint.size != log.size:
        raise Unavailable(
            f"the ledger has {log.size} entries, its newest checkpoint covers {checkpoint.size}",
            "publish a checkpoint with `hauberk run`",
        )


def _needed(note: str, quorum: int) -> str:
    """Return a stripped note with the cosignatures that first made the quorum: one more could be removed unseen."""
    signed = Note.parse(note)
    by_log, *lines = signed.signatures
    first = sorted(lines, key=lambda line: line.signature[:COSIGNATURE_TIME_BYTES])[:quorum]
    return Note(signed.text, (by_log, *(line for line in lines if line in first))).format()


def export(passport: Passport, *, root: RootKeys) -> tuple[bytes, Verdict, Proven]:
    """Return a collected passport's bytes with its verdict at T, after proving it as a stranger would.

    Raises:
        NotVerified: what the ledger holds would not convince a stranger.
    """
    proven = prove(passport, root=root)
    assert proven.policy is not None  # the passport's own trust decided, and it covers the gate
    subject = replace(passport.subject, basis=Basis.COMPUTED)
    evidence = proven.evidence
    verdict = evaluate(subject, gate=passport.gate, evidence=evidence, policy=proven.policy, now=evidence.time)
    return encode(replace(passport, verdict=verdict_json(verdict))), verdict, proven
