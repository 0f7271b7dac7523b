"""What a passport proves, in this order; the first thing that does not hold ends it.

1. root: version 1 has the keys of the reader's `root.pub`, each later version is signed by the one before
2. trust: signed by the newest root; the reader's own trust file decides where one is given
3. checkpoint: signed by the log, cosigned by a quorum of witnesses; T is when the quorum was reached
4. inclusion: every statement is in the tree at that size, with times that never decrease and are not after T
5. signers: each statement's signer was allowed to say this, at that entry's time, by the newest trust
6. completeness: the index proves that nothing about the subject, its ancestors, their signers and the realm is left
   out, and that this root, trust and policy are the newest
7. edges: every input leads to statements whose ranges are here too
8. policy: the verdict is computed again, at T, and must be the passport's byte for byte

Pure: bytes and records in, records or one of our errors out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from hauberk.digest import Digest, sha256
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified
from hauberk.evidence.collection import Evidence, key_digest, parts_of
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import POLICY, ROOT, TRUST, check, edges
from hauberk.evidence.verify import sort_out, verify_index, verify_roots, verify_trust
from hauberk.gate.passport import decode, verdict_json
from hauberk.ledger import merkle
from hauberk.ledger.checkpoint import attest
from hauberk.policy.evaluate import evaluate
from hauberk.policy.policy import Policy
from hauberk.signature import dsse, jcs
from hauberk.signature.note import Note
from hauberk.view import Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hauberk.evidence.trust import RootKeys, Trust
    from hauberk.evidence.verify import Realm
    from hauberk.gate.passport import Passport
    from hauberk.ledger.checkpoint import Attested
    from hauberk.statement import Envelope, Named, Statement, Verified
    from hauberk.verdict import Verdict

MAX_CONCERNED = 100_000


@dataclass(frozen=True, slots=True)
class Proven:
    """What a passport proves, apart from what the reader thinks of it.

    Attributes:
        evidence: the statements, complete to the checkpoint.
        realm: the roots, verified.
        trust: the one that decided: the reader's where one was given.
        policy: the newest approved one for this gate and subject, or None where the deciding trust grants none.
        same_trust: the trust that decided is the passport's.
    """

    passport: Passport
    evidence: Evidence
    realm: Realm
    trust: Trust
    policy: Policy | None
    same_trust: bool

    @property
    def development(self) -> bool:
        """Return whether a root or the trust that decided was made for trying things out: every output says so."""
        return self.trust.development or any(root.development for root in self.realm.roots)


@dataclass(frozen=True, slots=True)
class Answer:
    """A passport's answer: the verdict at T, by which policy, and what was proven on the way."""

    verdict: Verdict
    policy: Policy
    proven: Proven
    notes: tuple[str, ...]


def verify_passport(
    data: bytes, *, root: RootKeys | None, trust: Trust | None = None, policy: Policy | None = None
) -> Answer:
    """Verify a passport and return its gate's verdict, computed again at T.

    Args:
        data: the file's bytes.
        root: the reader's root keys; without them `trust` must be given.
        trust: the reader's own trust; it decides, whatever the passport holds.
        policy: the reader's own policy; it decides, whatever the passport holds.

    Raises:
        NotVerified: anything that does not hold, in the order of this module's docstring.
        Malformed: bytes that are not a passport.
        Misconfigured: neither root nor trust was given.
    """
    passport = decode(data)
    proven = prove(passport, root=root, trust=trust)
    theirs = proven.policy
    if policy is None and theirs is None:
        raise NotVerified(f"no approved policy covers {passport.gate} of {passport.subject.label} under your trust")
    deciding = policy or theirs
    assert deciding is not None
    same = proven.same_trust and theirs is not None and deciding.digest == theirs.digest
    subject = replace(passport.subject, basis=Basis.COMPUTED)
    evidence = proven.evidence
    verdict = evaluate(subject, gate=passport.gate, evidence=evidence, policy=deciding, now=evidence.time)
    if same and jcs.encode(verdict_json(verdict)) != jcs.encode(dict(passport.verdict)):
        raise NotVerified(
            "the passport's verdict is not the one that its evidence and policy give",
            "ask its owner for a passport that was exported again, and not edited",
        )
    notes = [] if proven.same_trust else ["the passport's trust is ignored: yours decides"]
    if theirs is None or deciding.digest != theirs.digest:
        notes.append("the passport's policy is ignored: yours decides")
    return Answer(verdict, deciding, proven, tuple(notes))


def prove(passport: Passport, *, root: RootKeys | None, trust: Trust | None = None) -> Proven:
    """Return what a passport proves; see `verify_passport` for arguments and errors."""
    if root is None and trust is None:
        raise Misconfigured("nothing to verify the passport with", "give --root root.pub, or a trust file")
    items = passport.items
    realm = verify_roots([items[entry].logged for entry in passport.roots], anchor=root)
    theirs = verify_trust(items[passport.trust].logged, realm)
    deciding = trust or theirs
    attested = attest(
        passport.checkpoint, log=deciding.log, witnesses=deciding.witnesses, quorum=deciding.quorum, strict=True
    )
    if deciding.digest == theirs.digest:
        _check_quorum(passport, deciding)
    check_times(realm, deciding, attested.time)
    _check_inclusion(passport, attested)
    index = verify_index(items[passport.index].logged, deciding)
    _check_index(passport, index, attested)
    _check_complete(passport, realm, index, theirs)
    _check_newest(passport, realm, theirs)
    logged = [item.logged for item in items.values()]
    held, rest = sort_out(logged, deciding)
    evidence = Evidence(held, rest, deciding, attested.time, attested.checkpoint.size)
    same = deciding.digest == theirs.digest
    policies = newest_policies(held if same else sort_out(logged, theirs)[0], realm)
    covering = _covering(passport, policies)
    check_authorities(passport, realm, evidence)
    granted = any(verified.entry == passport.policies[0] for verified in held)
    return Proven(passport, evidence, realm, deciding, covering if granted else None, same)


def closure(
    start: Iterable[Named],
    keys: Iterable[Digest],
    *,
    entries_of: Callable[[Digest], Iterable[int]],
    envelope_of: Callable[[int], Envelope],
) -> tuple[frozenset[Digest], frozenset[int]]:
    """Return every digest that a passport needs a range of, and every entry in those ranges.

    From each thing to the statements about it, kind, name and digest, and from each statement to its other subjects,
    its edges and its signers' keys, until nothing new is met. A statement that only shares a digest with a thing is in
    the range and leads nowhere, so that nobody can fill another's passport. Trust plays no part, so whoever exports and
    whoever reads walk alike.

    Args:
        start: the subject and the realm.
        keys: of signers that no statement about these names: the log's and the witnesses'.
        entries_of: returns the entries that speak of a digest.
        envelope_of: returns an entry's envelope.

    Raises:
        Exceeded: more than `MAX_CONCERNED` digests.
        Malformed: an envelope that holds no statement.
    """
    statement_of = cache(lambda entry: dsse.decode_statement(envelope_of(entry).payload))
    waiting = list(start)
    met, read, walked = set(waiting), set[Digest](), set[int]()
    digests = {*keys, *(digest for thing in waiting for digest in thing.digests)}
    about: defaultdict[Named, set[int]] = defaultdict(set)
    while waiting:
        thing = waiting.pop()
        for digest in {*thing.digests} - read:
            read.add(digest)
            for entry in entries_of(digest):
                for subject in statement_of(entry).subjects:
                    for reached in (subject, *parts_of(subject)):
                        about[reached].add(entry)
        for entry in sorted(about[thing] - walked):
            walked.add(entry)
            found, made_from = _leads_to(envelope_of(entry), statement_of(entry))
            digests |= found
            waiting.extend(edge for edge in made_from if edge not in met)
            met.update(made_from)
        if len(digests) > MAX_CONCERNED:
            raise Exceeded(f"the subject's ancestry has more than {MAX_CONCERNED} digests")
    return frozenset(digests), frozenset(entry for digest in digests for entry in entries_of(digest))


def newest_policies(held: Iterable[Verified], realm: Realm) -> dict[int, Policy]:
    """Return the newest policy of each name, by entry; the highest version, and of equal versions the later entry.

    A statement that was appended again, with one signature more or less, keeps the place of its first entry.
    """
    newest: dict[str, tuple[int, int, Policy]] = {}
    met: set[Digest] = set()
    for verified in sorted(held, key=lambda one: one.entry or 0):
        statement = verified.statement
        if statement.predicate_type != POLICY.type or statement.subjects != (realm.subject,) or verified.id in met:
            continue
        met.add(verified.id)
        try:
            policy = Policy.of(dict(statement.predicate))
        except Misconfigured as error:
            raise NotVerified(f"the policy of entry {verified.entry} cannot be read: {error.message}") from None
        place = (policy.version, verified.entry or 0, policy)
        if policy.name not in newest or place[:2] > newest[policy.name][:2]:
            newest[policy.name] = place
    return {entry: policy for _, entry, policy in newest.values()}


def _leads_to(envelope: Envelope, statement: Statement) -> tuple[set[Digest], tuple[Named, ...]]:
    """Return the digests that a statement leads to, and the things that it was made from."""
    found = {*statement.digests, *_keys_of(envelope)}
    try:
        check(statement)
    except Malformed:
        return found, ()
    made_from = edges(statement)
    return found | {digest for edge in made_from for digest in edge.digests}, made_from


def _keys_of(envelope: Envelope) -> tuple[Digest, ...]:
    return tuple(key_digest(signature.keyid) for signature in envelope.signatures)


def _check_quorum(passport: Passport, trust: Trust) -> None:
    """One cosignature more than the quorum needs could be taken out, and nothing would tell."""
    lines = len(Note.parse(passport.checkpoint).signatures)
    if lines != 1 + trust.quorum:
        raise NotVerified(
            f"the checkpoint has {lines - 1} cosignatures, a passport shows exactly the quorum of {trust.quorum}"
        )


def check_times(realm: Realm, trust: Trust, time: int) -> None:
    """Raise `NotVerified` where the newest root, or the trust, had ended by a time (Unix seconds)."""
    for name, until in (("root", realm.newest.valid_until), ("trust", trust.valid_until)):
        if time > until:
            raise NotVerified(
                f"the {name} was valid until {format_instant(until)}, and it is asked about {format_instant(time)}",
                f"have the root's owners sign a new {name}",
            )


def _check_inclusion(passport: Passport, attested: Attested) -> None:
    size, root, last = attested.checkpoint.size, attested.checkpoint.root, 0
    for entry, item in sorted(passport.items.items()):
        if entry >= size:
            raise NotVerified(f"entry {entry} is not in a log of {size}")
        merkle.verify_inclusion(merkle.leaf_hash(item.record.encode()), entry, size, list(item.proof), root)
        if not last <= item.record.time <= attested.time:
            raise NotVerified(
                f"the time of entry {entry} is before the entry ahead of it, or after the witnesses' time"
            )
        last = item.record.time


def _check_index(passport: Passport, index: Verified, attested: Attested) -> None:
    """The index statement is the last leaf, so its inclusion proof is made of the subtrees of the tree before it."""
    checkpoint, body, proof = attested.checkpoint, index.statement.predicate, passport.items[passport.index].proof
    if passport.index != checkpoint.size - 1 or body["size"] != passport.index:
        raise NotVerified(
            f"the index of size {body['size']} at entry {passport.index} is not the last of {checkpoint.size}"
        )
    before = proof[0] if proof else sha256(b"").raw
    for left in proof[1:]:
        before = merkle.node_hash(left, before)
    digest = Digest("rfc6962", before.hex())
    if body["origin"] != checkpoint.origin or body["root"] != digest.hex or index.statement.digests != (digest,):
        raise NotVerified("the index is of another log or of another tree than the checkpoint")


def keys_in(trust: Trust) -> tuple[Digest, ...]:
    """Return the digests of the keys by which a log and its witnesses sign checkpoints: no statement names these."""
    return tuple(key_digest(key.public.keyid) for key in (trust.log, *trust.witnesses))


def _check_complete(passport: Passport, realm: Realm, index: Verified, trust: Trust) -> None:
    count, root = index.statement.predicate["count"], bytes.fromhex(index.statement.predicate["indexRoot"])
    listed: dict[Digest, tuple[int, ...]] = {}
    for digest, found in passport.ranges.items():
        listed[digest] = found.verify(digest, count, root, size=passport.index)
        for entry in listed[digest]:
            if entry not in passport.items:
                raise NotVerified(f"the index lists entry {entry} of {digest}, which the passport leaves out")
    try:
        digests, entries = closure(
            (passport.thing, realm.subject),
            (*_keys_of(passport.items[passport.index].envelope), *keys_in(trust)),
            entries_of=lambda digest: listed[digest],
            envelope_of=lambda entry: passport.items[entry].envelope,
        )
    except KeyError:
        raise NotVerified("the passport leaves out the range of a digest that its statements lead to") from None
    if listed.keys() - digests or passport.items.keys() - entries != {passport.index}:
        raise NotVerified("the passport holds ranges or statements that nothing in it leads to")


def _check_newest(passport: Passport, realm: Realm, trust: Trust) -> None:
    """The realm's range is complete, so what it holds beside the roots and trust shown must not be newer."""
    for entry, item in passport.items.items():
        statement = dsse.decode_statement(item.envelope.payload)
        if realm.subject not in statement.subjects:
            continue
        if statement.predicate_type == ROOT.type and entry not in passport.roots:
            raise NotVerified(f"the log holds another root, at entry {entry}, which the passport leaves out")
        if statement.predicate_type == TRUST.type:
            check(statement)
            if (statement.predicate["version"], entry) > (trust.version, passport.trust):
                raise NotVerified(f"trust version {trust.version} is not the newest: entry {entry} is")


def _covering(passport: Passport, policies: dict[int, Policy]) -> Policy:
    """Return the one policy that speaks of this gate and subject; a choice between two would be the exporter's."""
    covering = {n: policy for n, policy in policies.items() if policy.covers(passport.gate, passport.subject.label)}
    if len(covering) != 1 or passport.policies != tuple(covering):
        hint = "leave one: have the approver sign a higher version of each other one, which lacks the gate"
        if not covering:
            hint = f"write the gate `{passport.gate}` into the policy, and have it signed: `hauberk gate approve`"
        raise NotVerified(
            f"{len(covering)} approved policies cover {passport.gate} of {passport.subject.label}, "
            f"the passport names {len(passport.policies)}",
            hint,
        )
    return next(iter(covering.values()))


def authorities(passport: Passport, realm: Realm, trust: Trust) -> frozenset[Digest]:
    """Return the realm, and the keys behind root, trust, policy, index and checkpoint: what everything stands on."""
    places = (*passport.roots, passport.trust, *passport.policies, passport.index)
    keys = {s.keyid for entry in places for s in passport.items[entry].envelope.signatures}
    return frozenset({*realm.subject.digests, *keys_in(trust), *(key_digest(keyid) for keyid in keys)})


def check_authorities(passport: Passport, realm: Realm, evidence: Evidence) -> None:
    """Raise `NotVerified` where one of the authorities is revoked."""
    for digest, statement, why in evidence.revocations(authorities(passport, realm, evidence.trust)):
        raise NotVerified(f"{digest}, on which this chain stands, is revoked by {statement}: {why}")
