"""From an envelope to a verified statement. The only place where `Verified` is made.

Three kinds of statement are signed by keys that no grant names: roots by the root's own keys, trust by the newest root,
the index by the log. All others need a grant for their predicate, subject and log time, in the newest trust.

A signature is as old as the first entry that has it: who appends an envelope again, with one signature more or one
less, makes nothing fresh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hauberk.errors import HauberkError, Malformed, NotVerified
from hauberk.evidence.predicates import INDEX, ROOT, TRUST, check, edges
from hauberk.evidence.trust import Root, RootKeys, Trust, realm_of
from hauberk.signature import dsse
from hauberk.statement import Verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hauberk.digest import Digest
    from hauberk.statement import Envelope, Named, Signature, Statement

    Since = Mapping[tuple[bytes, Signature], int]  # a payload, and one signature on it


@dataclass(frozen=True, slots=True)
class Logged:
    """An envelope with its place in the log: entry number and the log's time (Unix seconds)."""

    envelope: Envelope
    entry: int | None
    time: int


@dataclass(frozen=True, slots=True)
class Unverified:
    """A logged statement whose signers trust does not, or no longer, let say this.

    It never helps. It still hurts: its inputs must be closed and unrevoked, its signers count as used, and where it
    would deny its subject if it held, it denies. The log admitted it under the trust of its time, and taking a grant
    away may never open a gate (law 3).

    Attributes:
        signers: the keyids that its envelope lists.
        why: why it does not hold.
        shaped: its predicate is of a known type and has its shape, so that it can be asked what it says.
        edges: what it was made from, if it is shaped.
    """

    statement: Statement
    id: Digest
    signers: tuple[str, ...]
    why: str
    shaped: bool
    edges: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Realm:
    """The roots of a chain in order, each verified, and the realm that version 1 founded."""

    roots: tuple[Root, ...]
    subject: Named

    @property
    def newest(self) -> Root:
        """Return the root that signs today."""
        return self.roots[-1]


def verify_roots(logged: Sequence[Logged], *, anchor: RootKeys | None) -> Realm:
    """Verify the versions of the root in order: 1 by itself (and equal to the anchor), n+1 by n and n+1.

    Raises:
        NotVerified: a version missing, a threshold not reached, or version 1 is not the anchor's.
        Malformed: a statement that is not a root.
    """
    if not logged:
        raise NotVerified("there is no root")
    roots: list[Root] = []
    realm: Named | None = None
    for number, item in enumerate(logged, start=1):
        statement = dsse.decode_statement(item.envelope.payload)
        root = _root_of(statement, number)
        realm = realm or realm_of(statement.predicate)
        if statement.subjects != (realm,):
            raise NotVerified(f"root version {number} is of another realm than {realm.label}")
        known = dict(root.keys) | (dict(roots[-1].keys) if roots else {})
        signers = dsse.verify(item.envelope, known.get)
        for signing in (*roots[-1:], root):
            signing.check_signed(signers, f"root version {number}")
        roots.append(root)
    assert realm is not None
    if anchor is not None:
        _check_anchor(roots[0], anchor)
    return Realm(tuple(roots), realm)


def verify_trust(item: Logged, realm: Realm) -> Trust:
    """Return the trust that the newest root signed; raise `NotVerified` for another root, realm or signer."""
    signers = dsse.verify(item.envelope, realm.newest.keys.get)
    statement = dsse.decode_statement(item.envelope.payload)
    if statement.predicate_type != TRUST.type or statement.subjects != (realm.subject,):
        raise NotVerified(f"the statement is not the trust of {realm.subject.label}")
    trust = Trust.of(statement.predicate)
    realm.newest.check_signed(signers, f"trust version {trust.version}")
    if trust.root_version != realm.newest.version:
        raise NotVerified(
            f"trust version {trust.version} was signed under root version {trust.root_version}, "
            f"the newest is {realm.newest.version}",
            "sign trust again with the newest root",
        )
    return trust


def admit_root(item: Logged, earlier: Sequence[Logged]) -> Verified:
    """Return the next root as a verified statement, ready for the log; raise as `verify_roots` does."""
    realm = verify_roots([*earlier, item], anchor=None)
    statement = dsse.decode_statement(item.envelope.payload)
    known = {keyid: key for root in realm.roots for keyid, key in root.keys.items()}
    return _verified(item, statement, dsse.verify(item.envelope, known.get))


def admit_trust(item: Logged, realm: Realm) -> Verified:
    """Return a trust as a verified statement, ready for the log; raise as `verify_trust` does."""
    verify_trust(item, realm)
    statement = dsse.decode_statement(item.envelope.payload)
    return _verified(item, statement, dsse.verify(item.envelope, realm.newest.keys.get))


def verify_index(item: Logged, trust: Trust) -> Verified:
    """Return the index statement, signed by the log's key; raise `NotVerified` otherwise."""
    key = trust.log.public
    signers = dsse.verify(item.envelope, {key.keyid: key}.get)
    statement = dsse.decode_statement(item.envelope.payload)
    if check(statement) is not INDEX:
        raise NotVerified("the statement is not an index")
    return _verified(item, statement, signers)


def verify(item: Logged, trust: Trust, *, since: Since | None = None) -> Verified:
    """Return the statement once at least one of its signers is granted it for each of its subjects at its log time.

    Every listed signature must hold, also one whose key has no grant.

    Args:
        item: what was logged.
        trust: that decides.
        since: what `first_signed` says of the log; None takes the entry for the first that has these signatures.

    Raises:
        NotVerified: an unknown key, a false signature, or no grant.
        Malformed: a payload that is not a statement, or a predicate of another shape.
    """
    dsse.verify(item.envelope, trust.key_of)  # first: what nobody known has signed is not interpreted
    statement = dsse.decode_statement(item.envelope.payload)
    return _granted(item, statement, trust, first_signed([item]) if since is None else since)


def first_signed(items: Iterable[Logged]) -> Since:
    """Return the log's time of the first entry that has a signature, for each signature of each payload."""
    found: dict[tuple[bytes, Signature], int] = {}
    for item in items:
        for signature in item.envelope.signatures:
            place = item.envelope.payload, signature
            found[place] = min(item.time, found.get(place, item.time))
    return found


def _granted(item: Logged, statement: Statement, trust: Trust, since: Since) -> Verified:
    predicate = check(statement)
    if predicate in (ROOT, TRUST, INDEX):
        raise NotVerified(f"no grant lets a key sign a statement of the kind {predicate.name}")
    times = {one.keyid: since[item.envelope.payload, one] for one in item.envelope.signatures}
    granted = tuple(
        keyid
        for keyid, time in times.items()
        if all(trust.allows(keyid, statement.predicate_type, s.label, time) for s in statement.subjects)
    )
    if not granted:
        names = ", ".join(trust.names[keyid] for keyid in times)
        raise NotVerified(
            f"{names} may not sign {predicate.name} about {statement.subjects[0].label} at that time",
            "sign with the key that trust grants this predicate, or have the root sign a trust that grants it",
        )
    return _verified(replace(item, time=min(times.values())), statement, granted)


def sort_out(items: Sequence[Logged], trust: Trust) -> tuple[tuple[Verified, ...], tuple[Unverified, ...]]:
    """Return the statements that hold, and apart from them those that do not; roots, trust and index are neither.

    Args:
        items: all that a log says of what is asked about, so that the first entry of each signature is among them.
        trust: that decides.

    Raises:
        Malformed: a payload that is not a statement.
    """
    held: list[Verified] = []
    rest: list[Unverified] = []
    since = first_signed(items)
    for item in items:
        statement = dsse.decode_statement(item.envelope.payload)
        if statement.predicate_type in (ROOT.type, TRUST.type, INDEX.type):
            continue
        try:
            dsse.verify(item.envelope, trust.key_of)
            held.append(_granted(item, statement, trust, since))
        except HauberkError as error:
            rest.append(_unverified(item, statement, error.message))
    return tuple(held), tuple(rest)


def not_yet_witnessed(items: Sequence[Logged]) -> tuple[Unverified, ...]:
    """Return statements that no checkpoint covers: nothing proves that they will stay, so they can only hurt.

    Raises:
        Malformed: a payload that is not a statement.
    """
    statements = [(item, dsse.decode_statement(item.envelope.payload)) for item in items]
    return tuple(
        _unverified(item, statement, "no checkpoint covers it yet")
        for item, statement in statements
        if statement.predicate_type not in (ROOT.type, TRUST.type, INDEX.type)
    )


def only_hurting(item: Verified | Unverified) -> Unverified:
    """Return a statement as one that may deny a thing and not help it, because it names another digest as well."""
    if isinstance(item, Unverified):
        return item
    envelope = Logged(item.envelope, item.entry, item.time)
    return _unverified(envelope, item.statement, "it names another digest as well")


def _unverified(item: Logged, statement: Statement, why: str) -> Unverified:
    try:
        check(statement)
        shaped, made_from = True, edges(statement)
    except Malformed:
        shaped, made_from = False, ()
    return Unverified(
        statement,
        dsse.statement_id(item.envelope.payload),
        tuple(signature.keyid for signature in item.envelope.signatures),
        why,
        shaped,
        made_from,
    )


def _root_of(statement: Statement, number: int) -> Root:
    if statement.predicate_type != ROOT.type:
        raise Malformed("the statement is not a root")
    root = Root.of(statement.predicate)
    if root.version != number:
        raise NotVerified(f"root version {root.version} stands where version {number} belongs")
    return root


def _check_anchor(first: Root, anchor: RootKeys) -> None:
    if set(first.keys) != {key.keyid for key in anchor.keys} or first.threshold != anchor.threshold:
        raise NotVerified(
            "root version 1 is not the one that the root file names",
            "use the root.pub of the owner of this model, or ask why the realm is another",
        )


def _verified(item: Logged, statement: Statement, signers: tuple[str, ...]) -> Verified:
    return Verified(statement, dsse.statement_id(item.envelope.payload), item.envelope, signers, item.time, item.entry)
