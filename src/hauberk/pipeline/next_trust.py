"""The next trust of a project: drafted from the newest in its ledger, and appended once the root has signed it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hauberk.edge import clock
from hauberk.edge.sources import read_file, write_atomic
from hauberk.errors import HauberkError, Malformed, Misconfigured, NotVerified, Refused
from hauberk.evidence import next_trust as edits
from hauberk.evidence.default_grants import missing
from hauberk.evidence.first_trust import check_kind
from hauberk.evidence.instant import format_instant
from hauberk.evidence.trust_changes import changes, dangers, root_changes
from hauberk.evidence.trust_draft import Draft, Signed, check_draft, is_signed, read
from hauberk.gate.standing import append, standing
from hauberk.pipeline.book import Book
from hauberk.pipeline.expiry import check_not_ended
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.publishing import publish_all
from hauberk.pipeline.reading import open_ledger
from hauberk.render.words import counted
from hauberk.signature import dsse
from hauberk.verbs.init import in_json
from hauberk.verbs.written import MAX_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hauberk.evidence.trust import Root, Trust
    from hauberk.gate.standing import Standing
    from hauberk.ledger.log import Log
    from hauberk.ledger.publish import Published
    from hauberk.pipeline.project import Project
    from hauberk.signature.key import PublicKey

_DAY = 86_400
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the draft of a next trust changes; without any of it, only the version.

    Attributes:
        from_defaults: add the grants that this release gives each role and the trust lacks.
        days: the trust, and the grants that end with it, end so many days from now.
        root_add: keys that the next root has as well.
        root_drop: keys, by id or its first 12 digits, that the next root has no more.
        root_threshold: how many keys of the next root sign.
        root_days: the next root ends so many days from now.
        witness_add: verifier keys of witnesses that count as well.
        quorum: how many of the witnesses must cosign.
    """

    from_defaults: bool = False
    days: int | None = None
    root_add: tuple[PublicKey, ...] = ()
    root_drop: tuple[str, ...] = ()
    root_threshold: int | None = None
    root_days: int | None = None
    witness_add: tuple[str, ...] = ()
    quorum: int | None = None

    @property
    def turns_root(self) -> bool:
        """Say whether a next root is wanted."""
        return bool(self.root_add or self.root_drop) or self.root_threshold is not None or self.root_days is not None


@dataclass(frozen=True, slots=True)
class Newest:
    """What the ledger holds: how it stands, and the newest root and trust as they were signed."""

    standing: Standing
    root: Mapping[str, Any]
    trust: Mapping[str, Any]

    def draft(self, trust: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Draft:
        """Return a draft of a trust, under the next root if there is one."""
        version = (root or self.root)["version"]
        return Draft(self.standing.realm.subject.digests[0], self.root, root, dict(trust) | {"rootVersion": version})


def newest(log: Log) -> Newest:
    """Return what a ledger holds; errors as of `gate.standing.standing`."""
    stands = standing(log)
    return Newest(stands, _predicate(log, stands.roots[-1]), _predicate(log, stands.trust_entry))


def draft(project: Project, wanted: Wanted) -> tuple[Draft, tuple[str, ...]]:
    """Return the draft of the next trust, and what it changes in words.

    Raises:
        Misconfigured: what is wanted does not fit the root or the trust that hold, or is a key that signs nothing.
        Unavailable, NotVerified: the ledger cannot be read, or does not stand.
    """
    for option, days in (("--days", wanted.days), ("--root-days", wanted.root_days)):
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise Misconfigured(
                f"{option} {days}: at least 1, at most {_MOST_DAYS}", "what ends at once lets nobody say anything"
            )
    now = clock.now()
    with open_ledger(project, read_only=True) as log:
        held = newest(log)
    trust = edits.next_trust(held.trust)
    if wanted.days is not None:
        trust = edits.renewed(trust, now + wanted.days * _DAY)
    if wanted.from_defaults:
        trust["grants"] = [*trust["grants"], *missing(trust, project.file.model.name, now=now)]
    if wanted.witness_add or wanted.quorum is not None:
        trust = edits.witnessed(trust, wanted.witness_add, wanted.quorum)
    made = held.draft(trust, _root(held, wanted, now) if wanted.turns_root else None)
    try:
        return made, told(made, held.standing.trust)
    except Malformed as error:  # what holds is not, so it is by what is wanted
        raise Misconfigured(error.message, error.hint or "see `hauberk trust edit --help`") from None


def told(what: Draft, old: Trust | None) -> tuple[str, ...]:
    """Return what a draft changes in words; without an older trust, all that it says. Errors as of `check_draft`."""
    by, root, trust = check_draft(what)
    founds = f"it founds {what.realm}: each of you who signs reads the same here"
    whose = f"it is for {what.realm}, the realm of one project" if by else founds
    return (whose, *(root_changes(by, root) if root else ()), *changes(old, trust))


def read_draft(path: str) -> Draft | Signed:
    """Return the draft, or the signed trust, in a file.

    Raises:
        Misconfigured: it is neither, or a draft that says no trust.
        Malformed: it is signed, and is not what it claims to be.
        Unavailable, Exceeded: it cannot be read, or is too long.
    """
    data = read_file(path, limit=MAX_FILE_BYTES)
    try:
        found = read(data)
        check_draft(found.draft if isinstance(found, Signed) else found)
    except Malformed as error:
        if is_signed(data):
            raise Malformed(
                f"{path} is no signed trust: {error.message}", "get it again from whoever signed it"
            ) from None
        raise Misconfigured(
            f"{path}: {error.message}",
            error.hint or "name the file that `hauberk trust edit` or `hauberk init` wrote, or draft it again",
        ) from None
    return found


def enter(project: Project, signed: Signed, *, force: bool) -> tuple[str, ...]:
    """Append what the root has signed, write the trust file of the project, and return what changed in words.

    What is the newest trust already, because publishing failed after it had entered, is not appended again.

    Args:
        project: in whose ledger it is to stand.
        signed: the next trust, with or without the next root.
        force: append it although it looks like a mistake.

    Raises:
        NotVerified: signatures that do not hold or are too few, another realm or root, a version that is not the next,
            a root or a trust that has ended.
        Refused: it looks like a mistake, and `force` is not said; or it is marked as development, or not, unlike the
            root that founded the project.
        Misconfigured, Malformed: it is no trust.
    """
    now, what = clock.now(), signed.draft
    by, root, trust = check_draft(what)
    if by is None:
        raise Misconfigured(
            "that founds a project, and is no next trust",
            "`hauberk init --signed FILE` founds one, where there is none",
        )
    with open_ledger(project) as log:
        stands = standing(log)
        is_there = stands.trust.digest == trust.digest and what.realm in stands.realm.subject.digests
        if not is_there:
            newest_root = stands.realm.newest  # not what the file says of it, which nobody has signed
            _check_place(what, by, trust, stands)
            _check_mark(trust, stands)
            check_not_ended(root or newest_root, trust, now=now)
            mistakes = dangers(stands.trust, trust, roots=(newest_root, root or newest_root), now=now)
            if not force and (mistakes := (*mistakes, *_taken_back(log, stands.trust, trust))):
                raise Refused("; ".join(mistakes), "if all of this is meant, say it by --force")
            append(log, signed.envelopes, now=now)
    write_atomic(project.at(project.file.trust), in_json(what.trust))
    return (f"trust version {trust.version} is in the ledger already",) if is_there else told(what, stands.trust)


def show(project: Project, *, warn: Callable[[str], None], keys: Keyring | None = None) -> Published:
    """Publish a checkpoint, so that every reader sees the new trust; errors as of `publish_all`."""
    try:
        with open_ledger(project) as log:
            return publish_all(project, Book(log, keys or Keyring(project, warn), None, clock.now))
    except HauberkError as error:
        raise type(error)(f"the trust is in the ledger, and not published: {error.message}", error.hint) from None


def _check_place(what: Draft, by: Root, trust: Trust, stands: Standing) -> None:
    if what.realm not in stands.realm.subject.digests:
        raise NotVerified("it was signed for another realm", "sign what this project's `hauberk trust edit` wrote")
    if by.version != stands.realm.newest.version:
        raise NotVerified(
            f"it was drafted under root version {by.version}, the newest is {stands.realm.newest.version}",
            "draft it again with `hauberk trust edit`",
        )
    wanted = stands.trust.version + 1
    if trust.version != wanted:
        why = "rollback: it" if trust.version < wanted else "it"
        raise NotVerified(
            f"{why} is trust version {trust.version}, the next is {wanted}", "draft it again with `hauberk trust edit`"
        )


def _taken_back(log: Log, old: Trust, new: Trust) -> Iterator[str]:
    """Yield whose words in the ledger a trust takes back, where their time ends before what they have said.

    So it is where a draft lies for some days with whoever signs it, and the old key goes on speaking.
    """
    ends: dict[str, int] = {}
    for grant in new.grants:
        ends[grant.signer] = max(grant.not_after, ends.get(grant.signer, 0))
    ends = {one.signer: ends[one.signer] for one in old.grants if one.not_after > ends.get(one.signer, one.not_after)}
    lost: Counter[str] = Counter()
    for number in reversed(range(log.size)):
        time = log.entry(number).time
        if not ends or time <= min(ends.values()):
            break
        envelope = dsse.decode_envelope(log.envelope(number))
        lost.update(one.keyid for one in envelope.signatures if time > ends.get(one.keyid, time))
    for keyid, number in sorted(lost.items()):
        who, how_many = f"{old.names[keyid]} ({keyid[:12]}…)", counted(number, "statement")
        yield f"what {who} has said after {format_instant(ends[keyid])} counts no more: {how_many}"


def _check_mark(trust: Trust, stands: Standing) -> None:
    """Raise `Refused` where a trial is to look like the real project, or the real project like a trial."""
    is_trial = stands.realm.roots[0].development
    if is_trial and not trust.development:
        raise Refused(
            "what was founded to try things out is marked as development for good",
            "found the real project anew: `hauberk init --root-key` (docs/keys.md)",
        )
    if trust.development and not is_trial:
        raise Refused(
            "the trust is marked as development, and this project is not: a run would approve its policy itself",
            'write "development": false',
        )


def _root(held: Newest, wanted: Wanted, now: int) -> dict[str, Any]:
    for key in wanted.root_add:
        check_kind("root", key)
    names = dict.fromkeys(held.root["keys"], "root")
    return edits.next_root(
        held.root,
        add=wanted.root_add,
        drop=[edits.key_named(names, text, "the root") for text in wanted.root_drop],
        threshold=wanted.root_threshold,
        until=None if wanted.root_days is None else now + wanted.root_days * _DAY,
    )


def _predicate(log: Log, entry: int) -> Mapping[str, Any]:
    return dsse.decode_statement(dsse.decode_envelope(log.envelope(entry)).payload).predicate
