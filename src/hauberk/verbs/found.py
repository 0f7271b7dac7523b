"""Found a project with keys of its owners: their public halves name them in a draft, which the root's owners sign.

No private key is read here, and none is asked for. The draft travels to each machine that has a key of the root; what
comes back founds the project, if as many have signed as its root wants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hauberk.edge.keys import read_public_key
from hauberk.edge.sources import read_file
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.evidence.first_trust import (
    Founders,
    check_founders,
    first_root,
    first_trust,
    log_key,
    origin_of,
    witness_key,
)
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import ROOT
from hauberk.evidence.trust import Root, RootKeys, Trust
from hauberk.evidence.trust_draft import check_draft, founding
from hauberk.evidence.verify import Logged, verify_roots, verify_trust
from hauberk.gate.standing import standing
from hauberk.ledger.log import Log
from hauberk.signature import dsse
from hauberk.signature.note import NoteKind, VerifierKey
from hauberk.verbs.init import Account, Place, begin_ledger, in_json, make_state, restore, write_new
from hauberk.verbs.written import MAX_FILE_BYTES, read_root, read_trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hauberk.evidence.trust_draft import Draft, Signed
    from hauberk.signature.key import PublicKey

_AWAY = "move .hauberk, root.pub and trust.json away together, and found it anew: docs/keys.md says what to carry over"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose keys are to found a project, as a person names them.

    Attributes:
        root: files of the root's public keys.
        threshold: how many of them must sign; None where there is one.
        keys: the file of each role's public key, of people too, and `log` and `witness`.
        witnesses: verifier keys of witnesses of other owners.
        quorum: how many of all witnesses must cosign; None where there is one.
        origin: the log's name; None for one that is made of the model's and the key's.
    """

    root: Sequence[str]
    threshold: int | None
    keys: Sequence[tuple[str, str]]
    witnesses: Sequence[str] = ()
    quorum: int | None = None
    origin: str | None = None


def plan(place: Place, name: str, asked: Asked, *, now: int) -> Draft:
    """Return the draft that founds a project, for the root's owners to sign; nothing is written.

    Args:
        place: where the project is to be, or where it was tried out.
        name: the model's.
        asked: whose keys.
        now: Unix seconds, from which on the trust holds.

    Raises:
        Misconfigured: what is no public key, a key that is named twice or was made to try the project out, a role
            without a key, a threshold that cannot be reached, or a project that is founded already.
        Unavailable: a file cannot be read.
    """
    founders = _founders(asked, name)
    check_founders(founders)
    made = founding(
        first_root(founders, now=now, development=False), first_trust(founders, name, now=now, development=False)
    )
    _check_trial_keys(place, made)
    if place.has_ledger and (there := _founded(place)) is not None and not there[0].development:
        raise Misconfigured(
            "this project is founded already", "`hauberk trust edit` drafts another trust, or another root, for it"
        )
    return made


def complete(place: Place, signed: Signed, *, now: int) -> Account:
    """Found a project by what the root's owners have signed.

    Raises:
        NotVerified: too few signatures, one that does not hold, or a root or trust that has ended.
        Misconfigured: it founds nothing, or what tries out; or another project is founded here.
        Malformed: it is no root or no trust.
    """
    draft = signed.draft
    by, root, trust = check_draft(draft)
    if by is not None or root is None:
        raise Misconfigured("that is a next trust, which founds nothing", "`hauberk trust append` appends it")
    _check_signed(signed, now)
    _check_not_ended(root, trust, now)
    account = Account(place)
    if place.has_ledger:
        with Log.open(place.ledger) as log:
            if log.size:
                if draft.realm not in standing(log).realm.subject.digests:
                    raise Misconfigured("another project is founded here already", _AWAY)
                restore(account, log)
                return account
    _check_trial_keys(place, draft)
    root_pub = RootKeys(root.threshold, tuple(root.keys.values())).encode()
    _check_files(place, root_pub, trust)
    make_state(account)
    write_new(account, place.root_pub, root_pub, "the root's public keys: all that a stranger needs")
    write_new(account, place.trust_file, in_json(draft.trust), "who may sign what, as the root has signed it")
    begin_ledger(account, signed.envelopes, now)
    return account


def put_back(place: Place) -> Account | None:
    """Write root and trust again where a project that does not try things out has lost them; None for other projects.

    Errors as of `verbs.init.restore`.
    """
    if not place.has_ledger:
        return None
    with Log.open(place.ledger, read_only=True) as log:
        if not log.size or standing(log).trust.development:
            return None
        account = Account(place)
        restore(account, log)
        return account


def _founders(asked: Asked, model: str) -> Founders:
    """Read the public keys that a person names."""
    files = dict(asked.keys)
    if len(files) != len(asked.keys):
        role = next(role for role, file in asked.keys if files[role] != file or asked.keys.count((role, file)) > 1)
        raise Misconfigured(f"{role} has two keys", "each has one; a second person has a name: --key security=FILE")
    if "root" in files:
        raise Misconfigured("a key of the root is named by --key", "--root-key FILE, once for each of its owners")
    if "log" not in files:
        raise Misconfigured("nobody is named as log", "name the public key: --key log=FILE")
    if not asked.root:
        raise Misconfigured("no key of the root is named", "--root-key FILE, once for each of its owners")
    keys = {name: read_public_key(file) for name, file in files.items()}
    origin = asked.origin or origin_of(model, keys["log"])
    log, witnesses = log_key(origin, keys.pop("log")), [_witness(text) for text in asked.witnesses]
    if "witness" in keys:
        witnesses.insert(0, witness_key(f"{origin}/witness", keys.pop("witness")))
    if not witnesses:
        raise Misconfigured("no witness is named", "--key witness=FILE, or --witness VKEY of a witness elsewhere")
    return Founders(
        tuple(map(read_public_key, asked.root)),
        _least(asked.threshold, len(asked.root), "--root-threshold", "keys of the root must sign"),
        keys,
        log,
        tuple(witnesses),
        _least(asked.quorum, len(witnesses), "--quorum", "witnesses must cosign"),
    )


def _witness(text: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except Malformed as error:
        raise Misconfigured(
            error.message, "its owner has it from `hauberk key new NAME --witness example.org/w1`"
        ) from None
    if key.kind is not NoteKind.COSIGNATURE_V1:
        raise Misconfigured(f"{text:.120} is a log's verifier key", "a witness's is of the kind 0x04")
    return key


def _least(wanted: int | None, of: int, option: str, what: str) -> int:
    if wanted is None and of > 1:
        raise Misconfigured(f"nobody says how many of the {of} {what}", f"say it by {option}")
    return 1 if wanted is None else wanted


def _check_signed(signed: Signed, now: int) -> None:
    """Raise `NotVerified` unless root and trust are signed by as many of the root's keys as it wants."""
    root, trust = (Logged(envelope, None, now) for envelope in signed.envelopes)
    try:
        verify_trust(trust, verify_roots([root], anchor=None))
    except NotVerified as error:
        raise NotVerified(error.message, error.hint or "`hauberk trust sign` adds a signature to it") from None


def _check_not_ended(root: Root, trust: Trust, now: int) -> None:
    for what, until in (("root", root.valid_until), ("trust", trust.valid_until)):
        if now > until:
            raise NotVerified(f"the {what} ended at {format_instant(until)}", "draft it again: `hauberk init`")


def _check_files(place: Place, root_pub: bytes, trust: Trust) -> None:
    """Refuse files that name others, before anything is written."""
    if place.root_pub.exists() and read_file(place.root_pub, limit=MAX_FILE_BYTES) != root_pub:
        raise Misconfigured(f"{place.root_pub.name} is of another root", _AWAY)
    if place.trust_file.exists() and read_trust(place.trust_file).digest != trust.digest:
        raise Misconfigured(f"{place.trust} is another trust", _AWAY)


def _check_trial_keys(place: Place, draft: Draft) -> None:
    """Refuse keys that were made to try this project out: one person had all of them, under one passphrase."""
    root, trust = Root.of(draft.root or {}), Trust.of(draft.trust)
    named = dict(_owners(root.keys, trust))
    for keyid, role in _trial_keys(place).items():
        if keyid in named:
            raise Misconfigured(
                f"the key of {named[keyid]} ({keyid[:12]}…) is the {role}'s of `hauberk init --development`, where one "
                "person has all keys",
                "have its owner make another: `hauberk key new`",
            )


def _trial_keys(place: Place) -> dict[str, str]:
    """Return the keys, and the role of each, by which this project was founded to try it out."""
    if place.has_ledger and (there := _founded(place)) is not None:
        root, trust = there
        return dict(_owners(root.keys, trust)) if root.development else {}
    if not place.root_pub.exists() or not place.trust_file.exists():
        return {}
    trust = read_trust(place.trust_file)
    first = {key.keyid: key for key in read_root(place.root_pub).keys}
    return dict(_owners(first, trust)) if trust.development else {}


def _founded(place: Place) -> tuple[Root, Trust] | None:
    """Return the root and the trust that a ledger begins with; None where it is empty."""
    with Log.open(place.ledger, read_only=True) as log:
        if not log.size:
            return None
        root, trust = (dsse.decode_statement(dsse.decode_envelope(log.envelope(n)).payload) for n in (0, 1))
    if root.predicate_type != ROOT.type:
        raise NotVerified("the first entry of the ledger is not a root")
    return Root.of(root.predicate), Trust.of(trust.predicate)


def _owners(root: Mapping[str, PublicKey], trust: Trust) -> Iterator[tuple[str, str]]:
    yield from dict.fromkeys(root, "root").items()
    yield from trust.names.items()
    yield trust.log.public.keyid, "log"
    yield from ((one.public.keyid, "witness") for one in trust.witnesses)
