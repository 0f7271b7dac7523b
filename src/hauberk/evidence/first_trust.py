"""The first root and the first trust of a project, from the public keys of their owners: nothing is signed here.

Each key has one owner and one role, because a thief of one must not play another. That holds for a project that only
tries things out, too; what sets it apart is `development`, which its first root says for good.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.default_grants import default_grants
from hauberk.evidence.instant import format_instant
from hauberk.evidence.next_trust import listed
from hauberk.evidence.trust_changes import look
from hauberk.signature.key import STATEMENT_KINDS, KeyKind
from hauberk.signature.note import NoteKind, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hauberk.evidence.trust import Root, Trust
    from hauberk.signature.key import PublicKey

GRANTED = ("approver", "producer", "scanner", "gate")  # the roles that trust lists and grants say something
_ROOT_DAYS, _TRUST_DAYS = 3650, 365
_DAY = 86_400
_ONE_EACH = "each role has a key of its own, so that a thief of one is not two: make another by `hauberk key new`"


@dataclass(frozen=True, slots=True)
class Founders:
    """Whose keys found a project.

    Attributes:
        root: the keys of root version 1.
        threshold: how many of them must sign.
        named: the key of each of `GRANTED`, and of further people by their name.
        log: the log's key, by its origin.
        witnesses: the keys of the witnesses, by their names.
        quorum: how many of them must cosign.
    """

    root: tuple[PublicKey, ...]
    threshold: int
    named: Mapping[str, PublicKey]
    log: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    quorum: int


def first_root(founders: Founders, *, now: int, development: bool) -> dict[str, Any]:
    """Return root version 1, which holds for ten years from now, Unix seconds."""
    return {
        "version": 1,
        "keys": {key.keyid: listed(key) for key in founders.root},
        "threshold": founders.threshold,
        "validUntil": format_instant(now + _ROOT_DAYS * _DAY),
        "development": development,
    }


def first_trust(founders: Founders, model: str, *, now: int, development: bool) -> dict[str, Any]:
    """Return trust version 1, for a year: each role says what this release lets it say about a model of that name."""
    until = now + _TRUST_DAYS * _DAY
    keyids = {role: founders.named[role].keyid for role in GRANTED}
    return {
        "version": 1,
        "rootVersion": 1,
        "validUntil": format_instant(until),
        "development": development,
        "log": {"origin": founders.log.name, "vkey": founders.log.format()},
        "witnesses": {"quorum": founders.quorum, "vkeys": [one.format() for one in founders.witnesses]},
        "keys": {key.keyid: {"name": name} | listed(key) for name, key in founders.named.items()},
        "grants": default_grants(keyids, model, since=now, until=until),
    }


def origin_of(model: str, log: PublicKey) -> str:
    """Return the name of a log that nobody has named."""
    return f"hauberk/{model}/{log.keyid[:16]}"


def log_key(origin: str, key: PublicKey) -> VerifierKey:
    """Return a log's key by its origin; raise `Misconfigured` for no name, or another kind than Ed25519."""
    return _named("log", origin, NoteKind.ED25519, key)


def witness_key(name: str, key: PublicKey) -> VerifierKey:
    """Return a witness's key by its name; errors as `log_key`."""
    return _named("witness", name, NoteKind.COSIGNATURE_V1, key)


def check_founders(founders: Founders) -> None:
    """Raise `Misconfigured` where keys cannot found a project.

    No role without a key, none with a key that does not sign what the role says, no key with two roles, and no root
    whose threshold cannot be reached.
    """
    _check_roles(founders.named.items())
    for key in founders.root:
        check_kind("root", key)
    _check_apart(
        [
            *(("root", key) for key in founders.root),
            *founders.named.items(),
            ("log", founders.log.public),
            *((f"witness {one.name}", one.public) for one in founders.witnesses),
        ]
    )
    _check_names(founders.named)
    names = [one.name for one in founders.witnesses]
    if twice := [name for name in names if names.count(name) > 1]:
        raise Misconfigured(f"two witnesses have the name {twice[0]}", "a witness's name is his own domain's")
    for what, least, of in (
        ("keys of the root", founders.threshold, len(founders.root)),
        ("witnesses", founders.quorum, len(founders.witnesses)),
    ):
        if not 1 <= least <= of:
            raise Misconfigured(f"{least} of {of} {what} can never sign", "name more of them, or want fewer")


def check_kind(name: str, key: PublicKey) -> None:
    """Raise `Misconfigured` where the key of a role, of a person or of the root does not sign what that says."""
    if name == "producer" and key.kind is not KeyKind.ECDSA_P256:
        raise Misconfigured(
            f"the producer's key is {key.kind}, and models are signed with EC P-256",
            "make it by `hauberk key new producer`",
        )
    if key.kind not in STATEMENT_KINDS:
        raise Misconfigured(
            f"the key of {name} is {key.kind}, which signs no statement", "use Ed25519, or else EC P-256"
        )


def check_first(root: Root, trust: Trust) -> None:
    """Raise `Misconfigured` unless a root and a trust, which people may have edited, found a project in earnest."""
    for what, one in (("root", root), ("trust", trust)):
        if one.version != 1:
            raise Misconfigured(f"a project is founded by version 1 of the {what}, not {one.version}", "write 1")
        if one.development:
            raise Misconfigured(
                f"the {what} is marked as development", "`hauberk init --development` founds what only tries things out"
            )
    named = [(trust.names[keyid], key) for keyid, key in trust.keys.items()]
    _check_apart(
        [
            *(("root", key) for key in root.keys.values()),
            *named,
            ("log", trust.log.public),
            *((f"witness {one.name}", one.public) for one in trust.witnesses),
        ]
    )
    _check_names(trust.names.values())
    _check_roles(named)


def _check_roles(named: Iterable[tuple[str, PublicKey]]) -> None:
    """Raise `Misconfigured` where a role has no key, or one has a key that does not sign what it says."""
    listed = list(named)
    if absent := [role for role in GRANTED if all(name != role for name, _ in listed)]:
        raise Misconfigured(f"nobody is named as {', '.join(absent)}", f"name the public key: --key {absent[0]}=FILE")
    for name, key in listed:
        check_kind(name, key)


def _check_names(names: Iterable[str]) -> None:
    """Raise `Misconfigured` where names look alike: each counts as a person, also where two have to agree."""
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(look(name), name)) != name:
            raise Misconfigured(
                f"the name {name!a} looks like {other!a}, and counts as another person",
                "give each person a name of his own; two keys of one person have one name",
            )


def _check_apart(owners: Iterable[tuple[str, PublicKey]]) -> None:
    """Raise `Misconfigured` where a key is named twice: ids are of the key itself, whatever file it came in."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for owner, key in owners:
        found[key.keyid].append(owner)
    for keyid, several in found.items():
        if len(several) > 1:
            raise Misconfigured(f"the key {keyid[:12]}… is named twice: as {' and as '.join(several)}", _ONE_EACH)


def _named(what: str, name: str, kind: NoteKind, key: PublicKey) -> VerifierKey:
    try:
        return VerifierKey(name, kind, key)
    except Malformed as error:
        raise Misconfigured(f"the key of the {what}: {error.message}", error.hint) from None
