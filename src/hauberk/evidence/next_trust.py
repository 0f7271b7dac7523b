"""The next trust and the next root, made from the ones that hold: plain data in, plain data out, nothing is signed.

A key that ends keeps its grants up to a time, because what it said before still counts; a key that comes gets the same
grants from that time on.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from hauberk.errors import Malformed, Misconfigured
from hauberk.evidence.instant import format_instant, parse_instant
from hauberk.signature import base64
from hauberk.signature.note import NoteKind, VerifierKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.signature.key import PublicKey

SHORTEST_ID = 12


def next_trust(trust: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trust that says the same, one version later."""
    return copy.deepcopy(dict(trust)) | {"version": trust["version"] + 1}


def renewed(trust: Mapping[str, Any], until: int) -> dict[str, Any]:
    """Return a trust that ends at another time, and with it every grant that ended when it did."""
    text = format_instant(until)
    grants = [grant | {"notAfter": text} if _lasts(grant, trust) else grant for grant in trust["grants"]]
    return dict(trust) | {"validUntil": text, "grants": grants}


def ended(trust: Mapping[str, Any], keyid: str, at: int) -> dict[str, Any]:
    """Return a trust in which the grants of a key end at a time (Unix seconds), unless they ended before.

    A grant that had not begun by then is left out: it would end before it begins.
    """
    kept = []
    for grant in trust["grants"]:
        if grant["signer"] != keyid or parse_instant(grant["notAfter"]) <= at:
            kept.append(grant)
        elif parse_instant(grant["notBefore"]) <= at:
            kept.append(grant | {"notAfter": format_instant(at)})
    return dict(trust) | {"grants": kept}


def succeeded(trust: Mapping[str, Any], keyid: str, new: PublicKey, *, end: int, since: int) -> dict[str, Any]:
    """Return a trust in which a new key may say, from `since` on, what an old one might, whose grants end at `end`."""
    name = trust["keys"][keyid]["name"]
    inherited = [
        grant | {"signer": new.keyid, "notBefore": format_instant(max(since, parse_instant(grant["notBefore"])))}
        for grant in trust["grants"]
        if grant["signer"] == keyid and parse_instant(grant["notAfter"]) > since
    ]
    body = ended(trust, keyid, end)
    keys = body["keys"] | {new.keyid: {"name": name} | listed(new)}
    return body | {"keys": keys, "grants": [*body["grants"], *inherited]}


def with_log(trust: Mapping[str, Any], new: PublicKey) -> dict[str, Any]:
    """Return a trust in which the log has a new key; its name, the origin, stays."""
    origin = trust["log"]["origin"]
    return dict(trust) | {"log": {"origin": origin, "vkey": VerifierKey(origin, NoteKind.ED25519, new).format()}}


def with_witness(trust: Mapping[str, Any], keyid: str, new: PublicKey) -> dict[str, Any]:
    """Return a trust in which a witness has a new key in the place of one; its name stays."""
    vkeys = []
    for text in trust["witnesses"]["vkeys"]:
        old = VerifierKey.parse(text)
        is_it = old.public.keyid == keyid
        vkeys.append(VerifierKey(old.name, NoteKind.COSIGNATURE_V1, new).format() if is_it else text)
    return dict(trust) | {"witnesses": dict(trust["witnesses"]) | {"vkeys": vkeys}}


def witnessed(trust: Mapping[str, Any], add: Sequence[str], quorum: int | None) -> dict[str, Any]:
    """Return a trust with more witnesses, by their verifier keys.

    Args:
        trust: the trust that they are added to.
        add: the verifier key of each.
        quorum: how many of all must cosign; None: as many as before.

    Raises:
        Misconfigured: no key of a witness, or a quorum that cannot be reached.
    """
    for text in add:
        try:
            kind = VerifierKey.parse(text).kind
        except Malformed as error:
            raise Misconfigured(error.message, error.hint) from None
        if kind is not NoteKind.COSIGNATURE_V1:
            raise Misconfigured(f"{text:.120} is a log's verifier key", "a witness's is of the kind 0x04")
    held = trust["witnesses"]
    vkeys, least = [*held["vkeys"], *add], held["quorum"] if quorum is None else quorum
    if not 1 <= least <= len(vkeys):
        raise Misconfigured(f"{least} of {len(vkeys)} witnesses cannot be wanted", "add one, or lower --quorum")
    return dict(trust) | {"witnesses": {"quorum": least, "vkeys": vkeys}}


def next_root(
    root: Mapping[str, Any],
    *,
    add: Sequence[PublicKey] = (),
    drop: Sequence[str] = (),
    threshold: int | None = None,
    until: int | None = None,
) -> dict[str, Any]:
    """Return the next version of the root: with keys added, keys dropped, another threshold, or another end."""
    keys = {keyid: dict(key) for keyid, key in root["keys"].items() if keyid not in drop}
    keys |= {key.keyid: listed(key) for key in add}
    least = root["threshold"] if threshold is None else threshold
    if not 1 <= least <= len(keys):
        raise Misconfigured(
            f"a root of {len(keys)} keys cannot have the threshold {least}", "add a key, or lower --root-threshold"
        )
    ends = root["validUntil"] if until is None else format_instant(until)
    head = {"version": root["version"] + 1, "keys": keys, "threshold": least, "validUntil": ends}
    return head | {"development": root["development"]}


def key_named(keys: Mapping[str, str], text: str, what: str) -> str:
    """Return the one id that a text begins, or that bears it as its name; `keys` gives the name of each id.

    Raises:
        Misconfigured: none, or several.
    """
    start = text.removeprefix("sha256:")
    found = [keyid for keyid in keys if len(start) >= SHORTEST_ID and keyid.startswith(start)]
    found = found or [keyid for keyid, name in keys.items() if name == text]
    if len(found) != 1:
        shown = ", ".join(sorted(f"{name} {keyid[:SHORTEST_ID]}…" for keyid, name in keys.items()))
        raise Misconfigured(f"{text!r:.80} is {'more than one' if found else 'no'} key of {what}", f"it has: {shown}")
    return found[0]


def listed(key: PublicKey) -> dict[str, str]:
    """Return a key as roots and trusts list it."""
    return {"kind": str(key.kind), "spki": base64.encode(key.spki)}


def _lasts(grant: Mapping[str, Any], trust: Mapping[str, Any]) -> bool:
    return bool(grant["notAfter"] == trust["validUntil"])
