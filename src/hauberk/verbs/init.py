"""Found a project: keys for each role, a root, the trust that it signs, and a ledger that begins with both.

Nothing that is there is written over. What is missing is made where that is safe: a key may be made only before the
ledger exists, because from then on trust names the keys that count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hauberk.edge.keys import generate_key, open_signer, write_private_key
from hauberk.edge.sources import read_file, write_atomic
from hauberk.edge.stores import make_folder
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.evidence.first_trust import GRANTED, Founders, first_root, first_trust, log_key, origin_of, witness_key
from hauberk.evidence.predicates import ROOT, TRUST
from hauberk.evidence.trust import RootKeys, Trust, realm_of
from hauberk.gate.standing import found, standing
from hauberk.ledger.log import Log
from hauberk.ledger.places import is_there
from hauberk.ledger.witness import RESTORE, seen_by
from hauberk.signature import dsse, jcs
from hauberk.signature.key import KeyKind
from hauberk.statement import Statement
from hauberk.verbs import templates
from hauberk.verbs.written import read_trust

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from hauberk.edge.keys import FileSigner
    from hauberk.signature.key import PublicKey
    from hauberk.statement import Envelope

ROLES: Mapping[str, str] = {
    "root": "says which trust holds: with it, everything else can be said anew. Keep it offline",
    "approver": "signs policies, approvals of data, exceptions and revocations",
    "producer": "signs what is made: data manifests, provenance, evaluations, the model itself",
    "scanner": "signs what a scan saw, so that no producer vouches for itself",
    "gate": "signs the gate's answers",
    "log": "signs the ledger's checkpoints",
    "witness": "cosigns them, once it has checked that nothing was taken back",
}
_MOST = 1 << 20
_FROM_LEDGER = "move it away, then run `hauberk init` again: it is written from the ledger"
_START_OVER = "put back the keys that it names, or start over: move trust.json and root.pub away"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project's parts lie."""

    folder: Path
    trust: str = "trust.json"

    @property
    def trust_file(self) -> Path:
        """Return the file of the trust."""
        return self.folder / self.trust

    @property
    def root_pub(self) -> Path:
        """Return the file of the root's public keys."""
        return self.folder / "root.pub"

    @property
    def keys(self) -> Path:
        """Return the folder of the keys."""
        return self.folder / ".hauberk" / "keys"

    @property
    def ledger(self) -> Path:
        """Return the folder of the ledger."""
        return self.folder / ".hauberk" / "ledger"

    def key(self, role: str) -> Path:
        """Return the file of a role's key."""
        return self.keys / f"{role}.pem"

    @property
    def has_ledger(self) -> bool:
        """Say whether the ledger is there."""
        return is_there(self.ledger)


@dataclass(slots=True)
class Account:
    """What was made and what was there, each file with one sentence; in the order in which it happened."""

    place: Place
    made: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def say_made(self, path: Path, what: str) -> None:
        """Note a file that was made."""
        self.made.append((str(path.relative_to(self.place.folder)), what))

    def say_kept(self, path: Path, what: str) -> None:
        """Note a file that was there."""
        self.kept.append((str(path.relative_to(self.place.folder)), what))


def write_templates(folder: Path, name: str, *, without: Iterable[str] = (), witnesses: Iterable[str] = ()) -> Account:
    """Write `hauberk.yaml` and `policy.yaml`, each where it is absent; arguments as of `templates.pipeline`."""
    account = Account(Place(folder))
    pipeline = templates.pipeline(name, without=without, witnesses=witnesses)
    for file, text, what in (
        ("hauberk.yaml", pipeline, "the life of the model: correct the commands and the paths in it"),
        ("policy.yaml", templates.policy(name), "what a gate asks for before the model may be opened"),
    ):
        write_new(account, folder / file, text.encode(), what)
    return account


def init_development(folder: Path, name: str, *, passphrase: Callable[[], bytes], now: int) -> Account:
    """Make what a project for trying things out needs: all keys here, under one passphrase, marked development.

    Args:
        folder: the project's folder.
        name: the model's.
        passphrase: is asked once, where a key is made or an encrypted one is opened.
        now: Unix seconds, from which on the trust holds.

    Raises:
        Misconfigured: a key is missing that the ledger's trust names, or what is there does not fit together.
        Unavailable: something cannot be written.
    """
    account = Account(Place(folder))
    make_state(account)
    if account.place.has_ledger:
        with Log.open(account.place.ledger) as log:
            if log.size:
                _check_trial(standing(log).trust)
                restore(account, log)
                _check_keys(account)
                return account
    signers = {role: _key(account, role, passphrase) for role in ROLES}
    founders = _founders({role: signer.public for role, signer in signers.items()}, name)
    root, root_keys = first_root(founders, now=now, development=True), RootKeys(1, founders.root)
    trust = _trust_of(account, founders, name, now)
    write_new(account, account.place.root_pub, root_keys.encode(), "the root's public key: all that a stranger needs")
    _check_root(account.place, root_keys)
    realm = realm_of(root)
    begin_ledger(
        account,
        [
            dsse.sign(Statement((realm,), kind.type, body), [signers["root"]])
            for kind, body in ((ROOT, root), (TRUST, trust))
        ],
        now,
    )
    return account


def make_state(account: Account) -> None:
    """Make the folder of keys and ledger, which git does not see."""
    make_folder(account.place.keys)
    write_new(account, account.place.folder / ".hauberk" / ".gitignore", b"*\n", "keeps keys and ledger out of git")


def _key(account: Account, role: str, passphrase: Callable[[], bytes]) -> FileSigner:
    """Return a role's key: the one that is there, or a new one."""
    path = account.place.key(role)
    if path.exists():
        account.say_kept(path, ROLES[role])
        return open_signer(str(path), passphrase=passphrase)
    signer = generate_key(KeyKind.ECDSA_P256 if role == "producer" else KeyKind.ED25519)
    write_private_key(path, signer, passphrase=passphrase())
    account.say_made(path, ROLES[role])
    return signer


def _founders(public: Mapping[str, PublicKey], name: str) -> Founders:
    """Return who founds a project that tries things out: one person, by seven keys."""
    origin = origin_of(name, public["log"])
    witness = witness_key(f"{origin}/witness", public["witness"])
    named = {role: public[role] for role in GRANTED}
    return Founders((public["root"],), 1, named, log_key(origin, public["log"]), (witness,), 1)


def _trust_of(account: Account, founders: Founders, name: str, now: int) -> dict[str, Any]:
    """Return the trust in `trust.json`, which must be of these keys, or a new one that is written there."""
    path = account.place.trust_file
    new = first_trust(founders, name, now=now, development=True)
    if not path.exists():
        write_new(account, path, in_json(new), "who may sign what about which subjects, from when to when")
        return new
    account.say_kept(path, "who may sign what, as it was written")
    try:
        there = jcs.decode(read_file(path, limit=_MOST), what="trust file")
        Trust.of(there)
    except Malformed as error:
        raise Misconfigured(f"{path.name}: {error.message}", "move it away, then run `hauberk init` again") from None
    if any(there[part] != new[part] for part in ("keys", "log", "witnesses", "development")):
        raise Misconfigured(
            f"{path.name} names other keys than those in {account.place.keys}, or is not marked development",
            _START_OVER,
        )
    assert isinstance(there, dict)
    return there


def _check_root(place: Place, expected: RootKeys) -> None:
    path = place.root_pub
    if read_file(path, limit=_MOST) != expected.encode():
        raise Misconfigured(f"{path.name} is not of the key {place.key('root')}", _START_OVER)


def begin_ledger(account: Account, envelopes: Sequence[Envelope], now: int) -> None:
    """Begin the ledger with the root and the trust that it signed; errors as of `gate.standing.found`."""
    ledger, (root, trust) = account.place.ledger, envelopes
    _check_new(account.place, Trust.of(dsse.decode_statement(trust.payload).predicate).log.name)
    with Log.open(ledger) if account.place.has_ledger else Log.create(ledger) as log:
        found(log, root, trust, now=now)
    account.say_made(ledger, "every signed statement, in order; it begins with the root and the trust")


def _check_new(place: Place, origin: str) -> None:
    """Raise `NotVerified` where a log of that name was there: its witness would sign nothing of a second one."""
    if size := seen_by(place.folder / ".hauberk" / "witness", origin):
        raise NotVerified(f"the ledger of {origin} is gone: its witness has signed {size} entries of it", RESTORE)


def restore(account: Account, log: Log) -> None:
    """Write again what the ledger knows, where it is absent; refuse what is there and says something else."""
    stands, place = standing(log), account.place
    account.say_kept(place.ledger, f"{log.size} entries, of {stands.realm.subject.label[:18]}…")
    first = stands.realm.roots[0]
    root_keys = RootKeys(first.threshold, tuple(first.keys.values()))
    write_new(account, place.root_pub, root_keys.encode(), "the root's public key, from the ledger")
    if read_file(place.root_pub, limit=_MOST) != root_keys.encode():
        raise Misconfigured(f"{place.root_pub.name} is not the root that the ledger begins with", _FROM_LEDGER)
    predicate = dsse.decode_statement(dsse.decode_envelope(log.envelope(stands.trust_entry)).payload).predicate
    write_new(account, place.trust_file, in_json(predicate), "the newest trust, from the ledger")
    if not _is_trust(place.trust_file, stands.trust):
        raise Misconfigured(f"{place.trust} is not the newest trust in the ledger", _FROM_LEDGER)


def _check_trial(trust: Trust) -> None:
    if not trust.development:
        raise Misconfigured(
            "this project is founded with keys of its own, and makes none", "leave --development out: `hauberk init`"
        )


def _check_keys(account: Account) -> None:
    """Refuse where a key is missing, which nobody can make again."""
    place, missing = account.place, []
    for role, what in ROLES.items():
        if place.key(role).exists():
            account.say_kept(place.key(role), what)
        else:
            missing.append(str(place.key(role).relative_to(place.folder)))
    if missing:
        raise Misconfigured(
            f"the ledger's trust names keys that are not here: {', '.join(missing)}",
            "restore them from a copy; a new key would be nobody's, until the root signs a trust that names it",
        )


def _is_trust(path: Path, trust: Trust) -> bool:
    try:
        return read_trust(path).digest == trust.digest
    except Misconfigured:  # it is no trust file at all
        return False


def in_json(trust: Mapping[str, Any]) -> bytes:
    """Return a trust as the file that people read."""
    return json.dumps(dict(trust), indent=2, ensure_ascii=False).encode() + b"\n"


def write_new(account: Account, path: Path, data: bytes, what: str) -> None:
    """Write a file where it is absent, and note which of both it was."""
    if path.exists():
        account.say_kept(path, what)
        return
    write_atomic(path, data)
    account.say_made(path, what)
