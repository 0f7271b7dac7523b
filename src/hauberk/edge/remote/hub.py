"""The Hugging Face hub: a repository at a commit, its files by the tree API, their bytes by `resolve`.

| asked                                                | answer                                                       |
|------------------------------------------------------|--------------------------------------------------------------|
| `/api/models/ORG/NAME/revision/REV`                  | `sha`: the commit that the revision is                       |
| `/api/models/ORG/NAME/tree/COMMIT?recursive=true`    | files; `lfs.oid` is the SHA-256 of a large one; `Link: next` |
| `/ORG/NAME/resolve/COMMIT/PATH`                      | the bytes, often by a redirect to a content server           |

Source: the hub's API page and huggingface_hub 0.34 (`hf_api.py`, `file_download.py`). HF_ENDPOINT names another hub.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from hauberk.digest import Digest
from hauberk.edge.files import printable
from hauberk.edge.remote import credentials
from hauberk.edge.remote.address import pinned_text
from hauberk.edge.remote.client import PATIENCE, Client, kept_open
from hauberk.edge.remote.hosts import Origin
from hauberk.edge.remote.json_answer import decode_json, fetch_json, member
from hauberk.edge.remote.listing import Listing, Names, RemoteFile, sound
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.line import Patience
    from hauberk.limits import Limits

_ENDPOINT = "https://huggingface.co"
_COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NEXT = re.compile(r'<([^<>]{1,2048})>;\s*rel="next"')
_HINT = "a private or gated repository needs HF_TOKEN; a public one, its right name and revision"


def listing(address: Address, limits: Limits, patience: Patience = PATIENCE) -> Listing:
    """Return what a repository holds at one commit.

    Raises:
        Unavailable: the hub does not answer, or there is no such repository, revision or file.
    """
    endpoint = os.environ.get("HF_ENDPOINT", _ENDPOINT).rstrip("/")
    token = credentials.hub_token()
    allowed = {Origin.of(endpoint): credentials.bearer(token)} if token else {}
    client = Client(endpoint, credentials=allowed, hint=_HINT, patience=patience)
    with kept_open(client):
        api = f"{endpoint}/api/{address.place if _kind(address) else f'models/{address.place}'}"
        commit = _commit(client, api, address, limits)
        names = Names(limits)
        listed = list(_tree(client, f"{api}/tree/{commit}?recursive=true", names, limits))
        place = f"{endpoint}/{quote(address.place)}/resolve/{commit}"
        files = [_file(entry, place, commit) for entry in listed if entry.get("type") == "file"]
        return _chosen(address, commit, files, client, names)


def _kind(address: Address) -> str:
    return next((kind for kind in ("datasets/", "spaces/") if address.place.startswith(kind)), "")


def _commit(client: Client, api: str, address: Address, limits: Limits) -> str:
    answer = fetch_json(client, f"{api}/revision/{quote(address.revision, safe='')}", limits)
    commit = member(answer, "sha", str)
    asked = address.revision
    if not _COMMIT.fullmatch(commit) or (_COMMIT.fullmatch(asked) and asked != commit):
        raise Unavailable(f"{printable(address.text)}: the hub says that this is the commit {printable(commit)[:60]}")
    return commit


def _tree(client: Client, url: str, names: Names, limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield the entries of every page, as many as are allowed."""
    asked: set[str] = set()
    while url:
        if url in asked:
            raise Unavailable("the hub's list of files leads back to itself")
        asked.add(url)
        answer = client.fetch(url, limit=limits.max_remote_document_bytes)
        entries = decode_json(answer)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise Unavailable("the hub answers with no list of files")
        if not entries:
            return
        for entry in entries:
            if not names.take():
                return
            yield entry
        found = _NEXT.search(answer.headers.get("Link", ""))
        url = urljoin(url, found[1]) if found else ""


def _file(entry: dict[str, Any], place: str, commit: str) -> RemoteFile:
    name = member(entry, "path", str)
    lfs = entry.get("lfs")
    oid = str(lfs.get("oid", "")).removeprefix("sha256:") if isinstance(lfs, dict) else ""
    size = lfs.get("size", entry.get("size")) if isinstance(lfs, dict) else entry.get("size")
    return RemoteFile(
        name,
        f"{place}/{quote(name, safe='/', errors='surrogatepass')}",
        size if isinstance(size, int) and size >= 0 else None,
        Digest("sha256", oid) if _SHA256.fullmatch(oid) else None,
        f"commit {commit}",
    )


def _chosen(address: Address, commit: str, files: list[RemoteFile], client: Client, names: Names) -> Listing:
    path, text = address.path, pinned_text(address, commit)
    if not path:
        good, odd = sound(files, names)
        return Listing(text, good, odd, client, is_tree=True)
    if same := [file for file in files if file.name == path]:
        good, odd = sound(same, names)
        return Listing(text, good, odd, client, is_tree=False)
    good, odd = sound((f for f in files if f.name.startswith(f"{path}/")), names)
    if not good and not odd:
        raise Misconfigured(f"{printable(text)}: there is no such file at this commit", "name one, or the repository")
    within = tuple(RemoteFile(f.name[len(path) + 1 :], f.url, f.size, f.claimed, f.pinned) for f in good)
    return Listing(text, within, odd, client, is_tree=True)
