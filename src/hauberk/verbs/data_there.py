"""A file that lies elsewhere, as plain JSON for the process that is to fetch it; no credentials are in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hauberk.digest import Digest
from hauberk.edge.remote.listing import RemoteFile
from hauberk.edge.remote.stored import Stored
from hauberk.verbs.data_remote import There


def encode_there(there: There) -> dict[str, Any]:
    """Return plain JSON; the digests that are claimed are texts."""
    file = {**asdict(there.file), "claimed": _text(there.file.claimed), "headers": dict(there.file.headers)}
    if there.file.listed is not None:
        file["listed"] = {**asdict(there.file.listed), "claimed": _text(there.file.listed.claimed)}
    return {"address": there.address, "listed_as": there.listed_as, "is_tree": there.is_tree, "file": file}


def decode_there(value: dict[str, Any]) -> There:
    """Return what was encoded; it comes from a process that is trusted."""
    file, listed = value["file"], value["file"]["listed"]
    known = None if listed is None else Stored(**{**listed, "claimed": _digest(listed["claimed"])})
    found = RemoteFile(**{**file, "claimed": _digest(file["claimed"]), "listed": known})
    return There(value["address"], value["listed_as"], value["is_tree"], found)


def _text(digest: Digest | None) -> str | None:
    return None if digest is None else str(digest)


def _digest(text: str | None) -> Digest | None:
    return None if text is None else Digest.parse(text)
