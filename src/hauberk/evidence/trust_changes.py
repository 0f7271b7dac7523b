"""What the next trust changes, in words, for whoever signs it; and which of the changes are likely to be a mistake."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import BY_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.evidence.trust import Root, Trust

_Times = tuple[tuple[int, int], ...]


class _Right(NamedTuple):
    """One key may sign one predicate about one scope."""

    signer: str
    predicate: str
    subject: str


def changes(old: Trust | None, new: Trust) -> tuple[str, ...]:
    """Return a sentence for each difference between two trusts; without an old one, all that the new one says."""
    return tuple(_changes(old, new))


def root_changes(old: Root | None, new: Root) -> tuple[str, ...]:
    """Return all that the next root says, and each difference to the older one, if there is one.

    The older one is what the draft says it is, so the difference alone could leave out a key that somebody slipped in.
    """
    known = old.keys if old else {}
    begin, before = (f"{old.version} -> ", f" (before: {old.threshold} of {len(old.keys)})") if old else ("", "")
    said = [f"root version {begin}{new.version}, valid until {format_instant(new.valid_until)}"]
    said += [f"root key {keyid} {'stays' if keyid in known else 'comes'}" for keyid in sorted(new.keys)]
    said += [f"root key {keyid} goes" for keyid in sorted(known.keys() - new.keys.keys())]
    said.append(f"{new.threshold} of {len(new.keys)} root keys sign from now on{before}")
    if old is not None and old.development != new.development:
        said.append(_development(is_now=new.development, what="root"))
    return tuple(said)


def dangers(old: Trust, new: Trust, *, roots: tuple[Root, Root], now: int) -> tuple[str, ...]:
    """Return what would, if it were a slip, close the ledger or its gates, weaken its witnesses, or make two of one.

    Args:
        old: the newest trust so far.
        new: the next.
        roots: that signed each.
        now: Unix seconds.
    """
    found = []
    if old.log.name != new.log.name:
        found.append("another name of the log: its witnesses have never seen a log of that name")
    elif old.log != new.log:
        found.append("another key of the log: the one of before publishes nothing more")
    gone = {w.name for w in old.witnesses if w not in new.witnesses}
    found += [f"the witness {name} with the key of before signs nothing more that counts" for name in sorted(gone)]
    if new.quorum < old.quorum:
        found.append(f"{new.quorum} witnesses are enough, not {old.quorum}")
    lost = _sayable(old, now) - _sayable(new, now)
    found += [f"nobody may say {_short(kind)} any more" for kind in sorted(lost)]
    lapsed = {grant.signer for grant in old.grants} - {grant.signer for grant in new.grants}
    found += [f"what {_name(old, keyid)} has said counts no more, from the beginning" for keyid in sorted(lapsed)]
    return (*found, *_two_of_one(old, new, roots))


def _two_of_one(old: Trust, new: Trust, roots: tuple[Root, Root]) -> Iterator[str]:
    """Yield names that come and look like another one, which counts as another person; and keys of two roles."""
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for name in new.names.values():
        alike[look(name)].add(name)
    for keyid, name in sorted(new.names.items()):
        others = alike[look(name)] - {name}
        if others and old.names.get(keyid) != name:
            yield f"the name {name!a} looks like {min(others)!a}, and counts as another person"
    before = _of_two_roles(old, roots[0])
    for keyid, said in sorted(_of_two_roles(new, roots[1]).items()):
        if keyid not in before:
            yield said


def _of_two_roles(trust: Trust, root: Root) -> dict[str, str]:
    """Return the keys that belong to two of: the root, whoever may speak, and the log or a witness; in words."""
    signing = {key.public.keyid: f"the witness {key.name}" for key in trust.witnesses}
    signing |= {trust.log.public.keyid: "the log"}
    found = {keyid: f"the key of {signing[keyid]} is also of the root" for keyid in signing.keys() & root.keys.keys()}
    owners = signing | dict.fromkeys(root.keys, "the root")
    speaking = owners.keys() & trust.keys.keys()
    return found | {keyid: f"the key of {owners[keyid]} also speaks as {_name(trust, keyid)}" for keyid in speaking}


def _changes(old: Trust | None, new: Trust) -> Iterator[str]:
    before = f"{old.version} -> " if old else ""
    yield f"trust version {before}{new.version}, valid until {format_instant(new.valid_until)}"
    yield from _authorities(old, new)
    known = old.keys if old else {}
    for keyid in sorted(new.keys.keys() - known.keys()):
        yield f"key {new.names[keyid]} ({keyid}) comes: {new.keys[keyid].kind}"
    for keyid in sorted(known.keys() - new.keys.keys()):
        assert old is not None
        yield f"key {_name(old, keyid)} goes"
    yield from _renamed(old, new)
    yield from _rights(old, new)


def _authorities(old: Trust | None, new: Trust) -> Iterator[str]:
    if old is None or old.log != new.log:
        yield f"log: {new.log.format()}"
    listed = old.witnesses if old else ()
    yield from (f"witness comes: {w.format()}" for w in new.witnesses if w not in listed)
    yield from (f"witness goes: {w.format()}" for w in listed if w not in new.witnesses)
    if old is None or old.quorum != new.quorum:
        yield f"{new.quorum} of {len(new.witnesses)} witnesses must sign a checkpoint"
    if old is not None and old.root_version != new.root_version:
        yield f"it is signed by root version {new.root_version}"
    if old is not None and old.development != new.development:
        yield _development(is_now=new.development, what="trust")


def _renamed(old: Trust | None, new: Trust) -> Iterator[str]:
    for keyid, name in sorted((old.names if old else {}).items()):
        if new.names.get(keyid, name) != name:
            yield f"key {name} ({keyid[:12]}…) is called {new.names[keyid]}"


def _rights(old: Trust | None, new: Trust) -> Iterator[str]:
    """Yield who may newly say what, who may no longer, and whose time has changed; one line for a key and its times."""
    before, after = _table(old), _table(new)
    said: defaultdict[tuple[str, str, str], list[_Right]] = defaultdict(list)
    for right in sorted(before.keys() | after.keys()):
        was, now = before.get(right, ()), after.get(right, ())
        if was == now:
            continue
        if not was:
            said["+", right.signer, f"may say {{}} {_spans(now)}"].append(right)
        elif not now:
            said["-", right.signer, "may say {} no longer, and what it said counts no more"].append(right)
        else:
            said["~", right.signer, f"may say {{}} {_spans(now)} (before: {_spans(was)})"].append(right)
    for mark in "-~+":
        for (kind, signer, text), rights in said.items():
            if kind == mark:
                trust = new if signer in new.keys or old is None else old
                yield f"{mark} {_name(trust, signer)} {text.format(_what(rights))}"


def _table(trust: Trust | None) -> dict[_Right, _Times]:
    found: defaultdict[_Right, set[tuple[int, int]]] = defaultdict(set)
    for grant in trust.grants if trust else ():
        for predicate in grant.predicates:
            for subject in grant.subjects:
                found[_Right(grant.signer, predicate, subject)].add((grant.not_before, grant.not_after))
    return {right: tuple(sorted(times)) for right, times in found.items()}


def _what(rights: list[_Right]) -> str:
    """Return the predicates and subjects of rights in as few words as say all of it."""
    subjects: defaultdict[str, list[str]] = defaultdict(list)
    for right in rights:
        subjects[right.predicate].append(right.subject)
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for predicate, named in subjects.items():
        alike[tuple(named)].append(_short(predicate))
    return "; ".join(f"{', '.join(kinds)} about {', '.join(named)}" for named, kinds in alike.items())


def _spans(times: _Times) -> str:
    return " and ".join(f"from {format_instant(since)} to {format_instant(until)}" for since, until in times)


def _sayable(trust: Trust, now: int) -> set[str]:
    return {kind for g in trust.grants if g.not_before <= now <= g.not_after for kind in g.predicates}


def look(name: str) -> str:
    """Return a name as people see it: without marks, spaces and capitals that hardly tell it from another one."""
    seen = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in seen if char.isalnum())


def _name(trust: Trust, keyid: str) -> str:
    return f"{trust.names[keyid]} ({keyid[:12]}…)"


def _short(predicate_type: str) -> str:
    return BY_TYPE[predicate_type].name


def _development(*, is_now: bool, what: str) -> str:
    return f"the {what} is {'now' if is_now else 'no longer'} marked as development"
