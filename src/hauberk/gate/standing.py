"""How a log stands: its realm, the newest trust, and what may be appended under it.

The first entry of a log is root version 1, the second the trust that it signs. From then on nothing enters that does
not verify under the newest trust, so a log never holds what its own trust could not vouch for when it was written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.errors import Malformed, Misconfigured, NotVerified, Unavailable
from hauberk.evidence.predicates import POLICY, ROOT, TRUST
from hauberk.evidence.trust import Root, Trust, realm_of
from hauberk.evidence.verify import Logged, Realm, admit_root, admit_trust, sort_out, verify, verify_roots, verify_trust
from hauberk.gate.moves import check_moves
from hauberk.gate.prove import newest_policies
from hauberk.ledger.authority import Authority
from hauberk.policy.policy import Policy
from hauberk.signature import dsse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hauberk.digest import Digest
    from hauberk.ledger.log import Log
    from hauberk.statement import Envelope, Statement, Verified


_TRIES = 16  # each time another process came between reading the trust and appending under it


@dataclass(frozen=True, slots=True)
class Standing:
    """The authorities of a log at its present size.

    Attributes:
        roots: entries of the roots, oldest first.
        trust: the newest trust, and the entry that holds it.
        policies: the newest policy of each name, by entry.
    """

    realm: Realm
    roots: tuple[int, ...]
    trust: Trust
    trust_entry: int
    policies: dict[int, Policy]


def standing(log: Log) -> Standing:
    """Return how a log stands.

    Raises:
        Unavailable: the log is empty, or has no trust yet.
        NotVerified: a root or a trust in it does not hold.
        Malformed: one of them is none: what a pod was given behind the newest checkpoint, nobody has admitted.
    """
    realm_digest = _realm_digest(log)
    about = [(n, _logged(log, n)) for n in log.entries_about(realm_digest)]
    kinds = {n: dsse.decode_statement(item.envelope.payload) for n, item in about}
    roots = [(n, item) for n, item in about if kinds[n].predicate_type == ROOT.type]
    realm = verify_roots([item for _, item in roots], anchor=None)
    trusts = [
        (Trust.of(kinds[n].predicate).version, n, item) for n, item in about if kinds[n].predicate_type == TRUST.type
    ]
    if not trusts:
        raise Unavailable("the ledger has no trust yet", "run `hauberk init`")
    _, entry, item = max(trusts, key=lambda found: found[:2])
    trust = verify_trust(item, realm)
    policies = [item for n, item in about if kinds[n].predicate_type == POLICY.type]
    held, _ = sort_out(policies, trust)
    return Standing(realm, tuple(n for n, _ in roots), trust, entry, newest_policies(held, realm))


def former_authorities(log: Log, trust: Trust) -> tuple[Authority, ...]:
    """Return who attested a log before a trust that it holds, oldest first; nobody where it does not hold the trust.

    The trust, which the caller vouches for, is signed by the root of its realm: so the earlier ones are too.

    Raises:
        NotVerified, Malformed: a root or a trust in the log does not hold.
    """
    found: list[Authority] = []
    newest: Trust | None = None
    for n, one in _trusts(log):
        if newest is not None:
            found.append(Authority(newest.log, newest.witnesses, newest.quorum, n))
        if one.digest == trust.digest:
            return tuple(found)
        newest = one
    return ()


def has_held(log: Log, trust: Trust) -> bool:
    """Say whether a trust is the newest of a log, or was; errors as of `former_authorities`."""
    return any(one.digest == trust.digest for _, one in _trusts(log))


def _trusts(log: Log) -> Iterator[tuple[int, Trust]]:
    """Yield each trust that held in a log, with its entry, oldest first; errors as of `former_authorities`."""
    if not log.size or dsse.decode_statement(_logged(log, 0).envelope.payload).predicate_type != ROOT.type:
        return
    about = [(n, _logged(log, n)) for n in log.entries_about(_realm_digest(log))]
    kinds = {n: dsse.decode_statement(item.envelope.payload).predicate_type for n, item in about}
    realm = verify_roots([item for n, item in about if kinds[n] == ROOT.type], anchor=None)
    version = 0
    for n, item in about:
        if kinds[n] != TRUST.type:
            continue
        said = Trust.of(dsse.decode_statement(item.envelope.payload).predicate)
        one = verify_trust(item, replace(realm, roots=realm.roots[: said.root_version]))
        if one.version > version:
            version = one.version
            yield n, one


def found(log: Log, root: Envelope, trust: Envelope, *, now: int) -> list[int]:
    """Begin an empty log with root version 1 and the trust that it signs; return their entries.

    Raises:
        Misconfigured: the log is not empty.
        NotVerified, Malformed: the root or the trust does not hold.
    """
    if log.size:
        raise Misconfigured(f"the ledger has {log.size} entries already", "found a realm in an empty ledger only")
    first, second = Logged(root, None, now), Logged(trust, None, now)
    realm = verify_roots([first], anchor=None)
    return log.append_many([admit_root(first, ()), admit_trust(second, realm)], now)


def append(log: Log, envelopes: Sequence[Envelope], *, now: int) -> list[int]:
    """Append statements that verify under the log's newest trust; return their entries once they are durable.

    Each is admitted under those before it. A new root comes together with the first trust that it signs: a root alone
    would leave the log without a trust, and nothing could enter it any more.

    Raises:
        NotVerified: a signer whom trust does not let say this now, a policy or trust older than the newest, a root
            out of its order, or without a trust of its own, a promotion that does not follow the last one of its alias.
        Malformed: a predicate of another shape.
    """
    for _ in range(_TRIES):
        size = log.size
        entries = log.append_many(_admit(log, envelopes, now), now, size=size)
        if entries or not envelopes:
            return entries
    raise Unavailable("others append to the ledger without a pause", "nothing was appended: try again")


def roots_of(log: Log, stands: Standing) -> tuple[Logged, ...]:
    """Return the roots of a log, by how it stands."""
    return tuple(_logged(log, entry) for entry in stands.roots)


def admit(stands: Standing, earlier: Sequence[Logged], envelopes: Sequence[Envelope], now: int) -> list[Verified]:
    """Return statements that may be appended where a log stands so, each under those before it.

    Args:
        stands: how the log stands; where that has changed, nothing of this may be appended.
        earlier: its roots.
        envelopes: what is to enter.
        now: Unix seconds.

    Raises:
        NotVerified, Malformed: as `append`, but for moves of aliases: `hauberk.gate.moves` checks these in the log.
    """
    roots = list(earlier)
    admitted = []
    for item in (Logged(envelope, None, now) for envelope in envelopes):
        kind = dsse.decode_statement(item.envelope.payload).predicate_type
        if kind == ROOT.type:
            admitted.append(admit_root(item, roots))
            roots.append(item)
            stands = replace(stands, realm=verify_roots(roots, anchor=None))
        elif kind == TRUST.type:
            admitted.append(admit_trust(item, stands.realm))
            stands = replace(stands, trust=_newer_trust(item, stands))
        else:
            admitted.append(_admitted(item, stands))
    if stands.trust.root_version != stands.realm.newest.version:
        raise NotVerified(
            f"no trust is signed by root version {stands.realm.newest.version}",
            "append the new root and a trust that it signs together",
        )
    return admitted


def _admit(log: Log, envelopes: Sequence[Envelope], now: int) -> list[Verified]:
    stands = standing(log)
    admitted = admit(stands, roots_of(log, stands), envelopes, now)
    check_moves(log, admitted)
    return admitted


def _newer_trust(item: Logged, stands: Standing) -> Trust:
    trust = verify_trust(item, stands.realm)
    if trust.version <= stands.trust.version:
        raise NotVerified(
            f"trust version {trust.version} is not newer than {stands.trust.version}", "raise its version"
        )
    return trust


def _admitted(item: Logged, stands: Standing) -> Verified:
    verified = verify(item, stands.trust)
    if verified.statement.predicate_type == POLICY.type:
        _check_policy(verified.statement, stands)
    return verified


def _check_policy(statement: Statement, stands: Standing) -> None:
    if statement.subjects != (stands.realm.subject,):
        raise NotVerified("the policy's subject is not this realm")
    try:
        policy = Policy.of(dict(statement.predicate))
    except Misconfigured as error:
        raise Malformed(f"the policy cannot be read: {error.message}", error.hint) from None
    for newest in stands.policies.values():
        if newest.name == policy.name and policy.version < newest.version:
            raise NotVerified(
                f"policy {policy.name} version {policy.version} is older than {newest.version}", "raise its version"
            )


def _realm_digest(log: Log) -> Digest:
    if not log.size:
        raise Unavailable("the ledger is empty", "run `hauberk init`")
    statement = dsse.decode_statement(_logged(log, 0).envelope.payload)
    if statement.predicate_type != ROOT.type:
        raise NotVerified("the first entry of the ledger is not a root")
    Root.of(statement.predicate)
    return realm_of(statement.predicate).digests[0]


def _logged(log: Log, entry: int) -> Logged:
    return Logged(dsse.decode_envelope(log.envelope(entry)), entry, log.entry(entry).time)
