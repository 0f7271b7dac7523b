"""Google Cloud Storage, by its JSON API: one object, or every object under a prefix, each pinned by its generation.

The list says of each generation its size, its CRC32C, its MD5 unless it was composed of others, and how long it is
retained; what an object's own retention says is `Locked` or `Unlocked`, as Google writes it. Source: "Objects: list",
"Objects: get", Cloud Storage JSON API reference. STORAGE_EMULATOR_HOST names another service, as for Google's tools.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hauberk.edge.files import printable
from hauberk.edge.remote import google_login
from hauberk.edge.remote.client import PATIENCE, Client, kept_open
from hauberk.edge.remote.json_answer import decode_json, member
from hauberk.edge.remote.listing import Listing, Names, Pages, RemoteFile, sound
from hauberk.edge.remote.stored import Stored, hex_of, seconds_of
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.line import Patience
    from hauberk.limits import Limits

_ENDPOINT = "https://storage.googleapis.com"
_FOUND = frozenset({200, 404})
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_MODES = frozenset({"Locked", "Unlocked"})
_MAX_KEY_NAME = 400
HINT = "see GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_APPLICATION_CREDENTIALS, the job's service account, and the object's name"


def listing(address: Address, limits: Limits, patience: Patience = PATIENCE, *, as_machine: bool = False) -> Listing:
    """Return one object where there is one of that very name, else every object under the name as a prefix.

    Args:
        address: of the bucket.
        limits: of what is listed.
        patience: how slow the service may be.
        as_machine: whether the machine's own credentials are asked for where there are no others.

    Raises:
        Unavailable: the service does not answer or let us in.
        Misconfigured: there is no such object and nothing under that prefix.
    """
    endpoint = endpoint_of()
    client = Client(endpoint, hint=HINT, patience=patience)
    if login := google_login.token(patience, as_machine_at=endpoint if as_machine else ""):
        client.admit(endpoint, login)
    objects = f"{endpoint}/storage/v1/b/{quote(address.place, safe='')}/o"
    with kept_open(client):
        if address.path and not address.path.endswith("/"):
            found = _object(client, objects, address, limits)
            if found is not None:
                return Listing(address.text, (found,), (), client, is_tree=False)
        if address.revision:
            raise _absent(address)
        prefix = f"{address.path.rstrip('/')}/" if address.path else ""
        names = Names(limits)
        listed = [_file(objects, entry, prefix) for entry in _entries(client, objects, prefix, names, limits)]
        files, odd = sound((file for file in listed if file.name), names)
        if not files and not odd:
            raise _absent(address)
        return Listing(address.text, files, odd, client, is_tree=True)


def endpoint_of() -> str:
    """Return the URL of the service, without a slash at its end."""
    host = os.environ.get("STORAGE_EMULATOR_HOST", "").rstrip("/")
    if not host:
        return _ENDPOINT
    return host if "://" in host else f"http://{host}"


def _object(client: Client, objects: str, address: Address, limits: Limits) -> RemoteFile | None:
    query = f"?generation={address.revision}" if address.revision else ""
    url = f"{objects}/{quote(address.path, safe='')}{query}"
    answer = client.fetch(url, limit=limits.max_remote_document_bytes, accept=_FOUND)
    if answer.status == 404:
        return None
    file = _file(objects, decode_json(answer), "")
    if file.name != address.path or (address.revision and file.version != address.revision):
        raise Unavailable(f"{printable(address.text)}: the store answers for another object")
    name = address.path.rpartition("/")[2]
    return RemoteFile(name, file.url, file.size, pinned=file.pinned, version=file.version, listed=file.listed)


def _entries(client: Client, objects: str, prefix: str, names: Names, limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield what the list says of every object under a prefix, as many as are allowed."""
    token, pages = "", Pages(names)
    while True:
        query = f"prefix={quote(prefix, safe='')}" + (f"&pageToken={quote(token, safe='')}" if token else "")
        page = decode_json(client.fetch(f"{objects}?{query}", limit=limits.max_remote_document_bytes))
        entries = page.get("items", []) if isinstance(page, dict) else None
        if not isinstance(entries, list):
            raise Unavailable("the store answers with no list of objects", "check the address")
        for entry in entries:
            if not names.take():
                return
            if member(entry, "name", str).startswith(prefix):
                yield entry
        following = page.get("nextPageToken") or ""
        if not following:
            return
        if not isinstance(following, str):
            raise Unavailable("the store names the next page of its list by no text", "check the address")
        token = pages.follow(following)


def _file(objects: str, entry: Any, prefix: str) -> RemoteFile:
    name, generation = member(entry, "name", str), generation_of(entry)
    size = str(entry.get("size", ""))
    is_folder = name.endswith("/") and size == "0"  # how consoles mark an empty folder
    return RemoteFile(
        "" if is_folder else name[len(prefix) :],
        f"{objects}/{quote(name, safe='', errors='surrogatepass')}?alt=media&generation={generation}",
        int(size) if _NUMBER.fullmatch(size) else None,
        pinned=f"generation {generation}",
        version=generation,
        listed=stored_of(entry),
    )


def stored_of(entry: dict[str, Any]) -> Stored:
    """Return what the resource of an object says of its generation."""
    size = str(entry.get("size", ""))
    own = entry.get("retention")
    mode = own.get("mode") if isinstance(own, dict) else None
    until = seconds_of(str(own.get("retainUntilTime", ""))) if isinstance(own, dict) else 0
    locked = isinstance(mode, str) and mode in _MODES and until > 0
    return Stored(
        version=generation_of(entry),
        mode=str(mode) if locked else "",
        until=until if locked else 0,
        md5=hex_of(str(entry.get("md5Hash", "")), 16),
        crc32c=hex_of(str(entry.get("crc32c", "")), 4),
        encryption=printable(str(entry.get("kmsKeyName", "")))[:_MAX_KEY_NAME],
        size=int(size) if _NUMBER.fullmatch(size) else None,
    )


def generation_of(entry: Any) -> str:
    """Return the generation of an object's resource; raise `Unavailable` where it names none."""
    generation = member(entry, "generation", str)
    if not _NUMBER.fullmatch(generation):
        raise Unavailable(f"{printable(member(entry, 'name', str))}: the store names no generation of it", HINT)
    return generation


def _absent(address: Address) -> Misconfigured:
    return Misconfigured(f"{printable(address.text)}: there is no such object, and nothing under it", HINT)
