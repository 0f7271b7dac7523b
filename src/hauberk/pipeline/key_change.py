"""A key is replaced, or was stolen: the next trust that says so, drafted for the root, or signed and appended."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from hauberk.edge import clock
from hauberk.edge.keys import generate_key, open_signer, read_public_key, write_private_key, write_public_key
from hauberk.edge.sources import read_file, write_atomic
from hauberk.errors import Misconfigured
from hauberk.evidence import next_trust as edits
from hauberk.evidence.first_trust import check_kind
from hauberk.evidence.instant import format_instant
from hauberk.evidence.trust_draft import sign
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.next_trust import enter, newest, show, told
from hauberk.pipeline.project import FILE_NAME, STATE, decode_project, open_project
from hauberk.pipeline.reading import open_ledger
from hauberk.signature.key import KeyKind
from hauberk.verbs.written import MAX_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hauberk.edge.keys import FileSigner
    from hauberk.evidence.trust_draft import Draft
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.next_trust import Newest
    from hauberk.pipeline.project import Project
    from hauberk.signature.key import PublicKey

SIGN_CHECKPOINTS = ("log", "witness")
_TIMELESS = ("root", *SIGN_CHECKPOINTS)
_ASK = "leave out --since"


@dataclass(frozen=True, slots=True)
class Change:
    """The next trust, drafted.

    Attributes:
        said: what it changes, in words.
        role: whose key in `hauberk.yaml` is replaced; empty where none is.
        path: the file of the new private key, if it was made here.
        signer: the new key, if it was made here.
        old: the id of the key that is replaced; empty where none is.
    """

    draft: Draft
    said: tuple[str, ...]
    role: str = ""
    path: Path | None = None
    signer: FileSigner | None = None
    old: str = ""


def new_key(path: Path, kind: KeyKind, passphrase: Callable[[], bytes]) -> FileSigner:
    """Make a key: encrypted in one file, its public half beside it; errors as of `write_private_key`."""
    beside = path.with_suffix(".pub")
    if path == beside:
        raise Misconfigured(f"{path} is what the public half would be called", "name the private key NAME.pem")
    for one in (path, beside):
        if os.path.lexists(one):
            raise Misconfigured(f"{one} is there already", "a key is never written over: name another file")
    signer = generate_key(kind)
    write_private_key(path, signer, passphrase=passphrase())
    write_public_key(beside, signer.public)
    return signer


def rotate(project: Project, which: str, *, public: str | None, since: int | None, keys: Keyring) -> Change:
    """Draft a trust in which a new key follows an old one: from now on it says what that one might.

    Args:
        project: whose ledger and keys.
        which: a role, or the id of one of several keys of that role; `root` for the root's only key, `log` for the
            log's, `witness` for that of the only witness whose address the project does not name.
        public: the file of the new public key, made by its owner; None makes a key here.
        since: when the old key ends, Unix seconds; None is now. Earlier where it was stolen. Only for keys with grants.
        keys: asks for the passphrase of a key that is made.

    Raises:
        Misconfigured: no such key, a time that has not come, or a time for a key whose word has none; no new key
            of a witness that runs elsewhere, or one of a kind that does not sign what the role says.
    """
    now = clock.now()
    at = _past(since, now)
    held = _held(project)
    old, role = _old_key(held, _own(held, project) if which == "witness" else which, now)
    if role in _TIMELESS and since is not None:
        raise Misconfigured(f"no grant of the {role} ends at a time: what it signs from now on counts no more", _ASK)
    path = signer = None
    if public is None and role == "witness" and old != _own(held, project):
        _refuse_remote(held, old)
    if public is None:
        path = _free(project.folder / STATE / "keys", role)
        signer = new_key(path, KeyKind.ECDSA_P256 if role == "producer" else KeyKind.ED25519, keys.ask)
    new = signer.public if signer else read_public_key(public or "")
    if new.keyid in {*held.trust["keys"], *held.root["keys"], *_owners(held)}:
        raise Misconfigured(f"the key {new.keyid[:16]}… is trusted already", "make a new one: `hauberk key new`")
    _check_kind(role, new)
    trust = edits.next_trust(held.trust)
    if role == "root":
        made = held.draft(trust, edits.next_root(held.root, add=[new], drop=[old]))
    elif role == "log":
        made = held.draft(edits.with_log(trust, new))
    elif role == "witness":
        made = held.draft(edits.with_witness(trust, old, new))
    else:
        made = held.draft(edits.succeeded(trust, old, new, end=at, since=now))
    return Change(made, told(made, held.standing.trust), role, path, signer, old)


def revoke(project: Project, which: str, since: int) -> Change:
    """Draft a trust in which the grants of a key end at the time of its theft: what it said later helps nobody.

    Raises:
        Misconfigured: no such key, one that no grant names, or a time that has not come.
    """
    at, held = _past(since, clock.now()), _held(project)
    for keyid, role in (_owners(held) | dict.fromkeys(held.root["keys"], "root")).items():
        if which == role or _begins(keyid, which):
            raise Misconfigured(
                f"that key is of the {role}, and has no grants that end", f"`hauberk key rotate {role}` replaces it"
            )
    names = {keyid: key["name"] for keyid, key in held.trust["keys"].items()}
    keyid = edits.key_named(names, which, "the trust")
    trust = edits.ended(edits.next_trust(held.trust), keyid, at)
    if trust["grants"] == held.trust["grants"]:
        raise Misconfigured(f"no grant of {names[keyid]} ({keyid[:12]}…) reaches beyond {format_instant(at)}")
    made = held.draft(trust)
    return Change(made, told(made, held.standing.trust))


def carry_out(
    project: Project, change: Change, roots: Sequence[str], *, force: bool, keys: Keyring, warn: Callable[[str], None]
) -> tuple[Published | None, bool]:
    """Sign a change with the root's keys, append it, and publish; say whether `hauberk.yaml` names the new key now.

    Where a key of the log or of a witness is replaced by one that is elsewhere, whoever has it publishes: then None.

    Raises:
        NotVerified, Refused, Unavailable, Misconfigured: as `enter` and `show`. What was appended stays.
    """
    signers = [open_signer(uri, passphrase=keys.ask) for uri in roots]
    for weak in (text for signer in signers for text in signer.warnings):
        warn(weak)
    if change.draft.root is not None and change.signer is not None:
        signers.append(change.signer)
    enter(project, sign(change.draft, signers), force=force or change.role in SIGN_CHECKPOINTS)
    pointed = change.path is not None and change.role != "root" and _point_to(project, change.role, change.path)
    if change.role not in SIGN_CHECKPOINTS:
        return show(project, warn=warn, keys=keys), pointed
    if not pointed:
        return None, False
    renewed = open_project(project.folder)
    return show(renewed, warn=warn, keys=Keyring(renewed, warn, keys.passphrase)), True


def _held(project: Project) -> Newest:
    with open_ledger(project, read_only=True) as log:
        return newest(log)


def _names(held: Newest, now: int) -> dict[str, str]:
    """Return the keys that may say anything now: a role's name then means the one key that serves it."""
    alive = {grant.signer for grant in held.standing.trust.grants if grant.not_before <= now <= grant.not_after}
    return {keyid: name for keyid, name in held.standing.trust.names.items() if keyid in alive}


def _old_key(held: Newest, which: str, now: int) -> tuple[str, str]:
    """Return the id and the role of the key that is meant; a role's name means the one key that serves it."""
    of_root, owners = dict.fromkeys(held.root["keys"], "root"), _owners(held)
    for names, what in ((of_root, "the root"), (owners, "the log and its witnesses")):
        if which in names.values() or any(_begins(keyid, which) for keyid in names):
            old = edits.key_named(names, which, what)
            return old, names[old]
    names = _names(held, now)
    old = edits.key_named(names, which, "the trust that may say anything now")
    return old, names[old]


def _own(held: Newest, project: Project) -> str:
    """Return the key of the project's own witness, which has no address; else the role, which several may have."""
    named = {one.name for one in project.file.witnesses}
    own = [key.public.keyid for key in held.standing.trust.witnesses if key.name not in named]
    return own[0] if len(own) == 1 else "witness"


def _refuse_remote(held: Newest, old: str) -> NoReturn:
    """Refuse to make a key here for a witness that runs elsewhere: it would never sign with it."""
    name = next(key.name for key in held.standing.trust.witnesses if key.public.keyid == old)
    raise Misconfigured(
        f"the witness {name} runs elsewhere, and its key is made there",
        f"have its owner make one by `hauberk key new NAME --witness {name}`, and name its .pub by --public",
    )


def _check_kind(role: str, key: PublicKey) -> None:
    """Raise `Misconfigured` where a key, which its owner made, does not sign what the role says."""
    if role not in SIGN_CHECKPOINTS:
        check_kind(role, key)
    elif key.kind is not KeyKind.ED25519:
        raise Misconfigured(f"the key of the {role} is {key.kind}, and signs no checkpoint", "make an Ed25519 key")


def _owners(held: Newest) -> dict[str, str]:
    """Return the keys that sign checkpoints, and which role each has."""
    trust = held.standing.trust
    return {trust.log.public.keyid: "log"} | {key.public.keyid: "witness" for key in trust.witnesses}


def _begins(keyid: str, text: str) -> bool:
    start = text.removeprefix("sha256:")
    return len(start) >= edits.SHORTEST_ID and keyid.startswith(start)


def _past(time: int | None, now: int) -> int:
    if time is not None and time > now:
        raise Misconfigured(f"{format_instant(time)} is still to come", "name the time of the theft")
    return now if time is None else time


def _free(folder: Path, role: str) -> Path:
    return next(path for n in range(2, 10_000) if not (path := folder / f"{role}-{n}.pem").exists())


def _point_to(project: Project, role: str, path: Path) -> bool:
    """Name the new key in `hauberk.yaml`, where the old one stands exactly once; say whether that was done."""
    file, old = project.folder / FILE_NAME, getattr(project.file.keys, role, None)
    text, new = read_file(file, limit=MAX_FILE_BYTES), f"file:{path.relative_to(project.folder)}"
    if old is None or text.count(old.encode()) != 1:
        return False
    edited = text.replace(old.encode(), new.encode())
    if decode_project(edited) != replace(project.file, keys=replace(project.file.keys, **{role: new})):
        return False
    write_atomic(file, edited)
    return True
