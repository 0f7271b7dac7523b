"""Objects written to Google Cloud Storage, never over another one, each locked from the moment that it is there.

Each is made in one request with `ifGenerationMatch=0`, which holds where there is no live object of its name, with the
CRC32C of its bytes, which the store compares, and with a retention in the mode `Locked`, which nobody shortens. A
connection that breaks sends all of it again.

Sources: "Objects: insert", "Objects: patch", "Buckets: get", "Buckets: getIamPolicy", Cloud Storage JSON API reference;
"Object Retention Lock", "Public access prevention", "Uniform bucket-level access", Cloud Storage.
"""

from __future__ import annotations

import base64
import json
import os
import re
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

from hauberk.edge.extras import require_extra
from hauberk.edge.files import printable
from hauberk.edge.remote import google_login
from hauberk.edge.remote.address import Kind
from hauberk.edge.remote.client import PATIENCE, Client, Fetched
from hauberk.edge.remote.gcs import HINT, endpoint_of, stored_of
from hauberk.edge.remote.json_answer import decode_json, member
from hauberk.edge.remote.piece import Document, Piece
from hauberk.edge.remote.store import Keeping, Setting
from hauberk.edge.remote.stored import instant_of
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hauberk.edge.remote.line import Patience
    from hauberk.edge.remote.stored import Stored
    from hauberk.view import View

LOCKED = "Locked"
_SCOPE = "https://www.googleapis.com/auth/devstorage.full_control"  # "Objects: patch" takes none that is less
_KEY = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+", re.ASCII)
_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
_MAX_DOCUMENT = 1 << 20
_OK = frozenset({200})
_FOUND = frozenset({200, 404})
_ASKED = frozenset({200, 403, 404})
_PUT = frozenset({200, 412})
_GIVEN = frozenset({200, 206, 416})
_OPEN = frozenset({200, 206, 401, 403, 404, 416})  # 416: an empty one, of which no first byte is given


class GoogleBucket:
    """One bucket, and what lets us in. It owns the connections: use it in a `with` statement."""

    kind = Kind.GCS
    strictest = LOCKED

    def __init__(self, name: str, *, patience: Patience = PATIENCE) -> None:
        """Make one; nothing is asked of the store yet. Raises `Misconfigured` where nothing lets us in."""
        require_extra("data", "google_crc32c")
        self.name = name
        endpoint = endpoint_of()
        login = google_login.token(patience, as_machine_at=endpoint, scope=_SCOPE)
        if login is None:
            raise Misconfigured("nothing lets us write to Google's storage", HINT)
        self._login = login
        self._bucket = f"{endpoint}/storage/v1/b/{quote(name, safe='')}"
        self._upload = f"{endpoint}/upload/storage/v1/b/{quote(name, safe='')}/o"
        self._client = Client(endpoint, hint=HINT, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def settings(self) -> Mapping[str, Setting]:
        """Return what the bucket is set to, as its resource says."""
        answer = self._ask("GET", self._bucket, accept=_ASKED)
        if answer.status != 200:
            holds = None if answer.status == 403 else False
            return dict.fromkeys(("versioning", "object-lock", "private", "encryption"), Setting(_code(answer), holds))
        said = decode_json(answer)
        key = _at(said, "encryption", "defaultKmsKeyName")
        return {
            "versioning": _switch(_at(said, "versioning", "enabled") is True),
            "object-lock": _switch(_at(said, "objectRetention", "mode") == "Enabled"),
            "private": self._private(said),
            # All is encrypted by Google's own keys where no other is named, which its answers do not say.
            "encryption": Setting(f"{_seen(key)} by default", holds=True) if key else Setting("no key is named", None),
        }

    def head(self, key: str, version: str = "") -> Stored | None:
        """Return what the store says of an object, or of one generation of it; None where there is none."""
        answer = self._ask("GET", self._url(key, generation=version), accept=_FOUND)
        if answer.status == 404:
            return None
        said = decode_json(answer)
        if member(said, "name", str) != key:
            raise Unavailable(f"{printable(key)}: the store answers for another object")
        return stored_of(said)

    def lock_of(self, key: str, version: str) -> tuple[str, int] | str:
        """Return mode and end of a generation's own retention; `head` says all that there is."""
        found = self.head(key, version)
        return ("", 0) if found is None else (found.mode, found.until)

    def is_open(self, key: str = "", version: str = "") -> bool | None:
        """Return whether the store gives an object, or the list of all, without credentials; None: it has none."""
        url = self._url(key, alt="media", generation=version) if key else f"{self._bucket}/o?maxResults=1"

        def once() -> bool | None:
            headers = {"Range": "bytes=0-0"} if key else {}
            with self._client.send(url, method="GET", headers=headers, accept=_OPEN) as answer:
                return None if answer.status == 404 else answer.status in _GIVEN

        return self._client.patiently(once)

    def put(self, key: str, view: View, _sha256: str, keeping: Keeping) -> str | None:
        """Make an object of a view's bytes, which are read twice.

        Returns:
            the generation that was made; None where there is an object of this key already.

        Raises:
            Misconfigured: the key that is to encrypt it is none.
            Unavailable: the store does not take it, or keeps other bytes; or the view changed meanwhile.
        """
        if keeping.encryption and not _KEY.fullmatch(keeping.encryption):
            raise Misconfigured(
                f"{printable(keeping.encryption)[:100]} is no key of Google's",
                "write projects/…/locations/…/keyRings/…/cryptoKeys/…",
            )
        whole = Piece(view, 0, view.size)
        crc32c = _crc32c(whole)
        retention = {"mode": LOCKED, "retainUntilTime": instant_of(keeping.until)}
        resource = {"name": key, "crc32c": base64.b64encode(crc32c).decode(), "retention": retention}
        body = _Related(resource, whole)
        asked = {"uploadType": "multipart", "ifGenerationMatch": "0"}
        asked |= {"kmsKeyName": keeping.encryption} if keeping.encryption else {}
        answer = self._ask("POST", f"{self._upload}?{urlencode(asked)}", body.headers, body=body, accept=_PUT)
        if answer.status == 412:
            return None
        made = stored_of(decode_json(answer))
        if made.size != view.size or made.crc32c != crc32c.hex():
            raise Unavailable(f"{printable(key)}: the store keeps other bytes than it was given", "ask its owner why")
        return made.version

    def lengthen(self, key: str, version: str, until: int) -> None:
        """Lock a generation until a later instant; the store refuses an earlier one."""
        found = self.head(key, version)
        is_loose = found is not None and found.mode == "Unlocked"
        url = self._url(key, generation=version, overrideUnlockedRetention="true" if is_loose else "")
        body = Document(json.dumps({"retention": {"mode": LOCKED, "retainUntilTime": instant_of(until)}}))
        headers = {"Content-Type": "application/json", "Content-Length": str(body.size)}
        self._ask("PATCH", url, headers, body=body)

    def _private(self, said: Any) -> Setting:
        """Return whether nobody reads the bucket without being let in."""
        is_open = self.is_open()
        if is_open:
            return Setting("asked without credentials: it lists its objects", holds=False)
        if _at(said, "iamConfiguration", "publicAccessPrevention") == "enforced":
            return Setting("public access is prevented", holds=True)
        if _at(said, "iamConfiguration", "uniformBucketLevelAccess", "enabled") is not True:
            return Setting("public access is not prevented, and each object may have its own access list", holds=False)
        # Version 3 tells of bindings with a condition, too.
        answer = self._ask("GET", f"{self._bucket}/iam?optionsRequestedPolicyVersion=3", accept=_ASKED)
        if answer.status != 200:
            return Setting(f"public access is not prevented; policy: {_code(answer)}", None)
        policy = decode_json(answer)
        bindings = member(policy, "bindings", list) if _at(policy, "bindings") is not None else []
        members = [_at(binding, "members") for binding in bindings]
        known = [one for one in members if isinstance(one, list) and all(isinstance(who, str) for who in one)]
        if any(who in _EVERYBODY for one in known for who in one):
            return Setting("policy: it grants to everybody", holds=False)
        if len(known) != len(members):
            return Setting("policy: to whom it grants cannot be read", None)
        return Setting("uniform access, to nobody else", holds=True)

    def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: _Related | Document | None = None,
        accept: frozenset[int] = _OK,
    ) -> Fetched:
        def once() -> Fetched:
            asked = {**(headers or {}), **self._login(url, {})}
            sent = self._client.send(
                url, method=method, headers=asked, body=body.pieces if body else None, accept=accept
            )
            with sent as answer:
                return Fetched(answer.url, answer.status, answer.headers, answer.read(_MAX_DOCUMENT))

        return self._client.patiently(once)

    def _url(self, key: str, **asked: str) -> str:
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{self._bucket}/o/{quote(key, safe='')}" + (f"?{query}" if query else "")


class _Related:
    """What an object is to be, and its bytes, as one body (RFC 2387)."""

    def __init__(self, resource: Mapping[str, Any], whole: Piece) -> None:
        boundary = os.urandom(16).hex()  # 128 bits that nobody knows before: no file holds them by design
        self._whole = whole
        self._before = (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(resource)}\r\n"
            f"--{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._after = f"\r\n--{boundary}--\r\n".encode()
        self.headers = {
            "Content-Type": f"multipart/related; boundary={boundary}",
            "Content-Length": str(len(self._before) + whole.size + len(self._after)),
        }

    def pieces(self) -> Iterator[bytes]:
        yield self._before
        yield from self._whole.pieces()
        yield self._after


def _crc32c(piece: Piece) -> bytes:
    from google_crc32c import Checksum  # noqa: PLC0415 - an extra

    found = Checksum()
    for data in piece.pieces():
        found.update(data)
    return bytes(found.digest())


def _at(said: Any, *names: str) -> Any:
    """Return a member of a member of a document, or None."""
    for name in names:
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _switch(is_on: bool) -> Setting:  # noqa: FBT001 - it is what is said
    return Setting("enabled" if is_on else "not enabled", is_on)


def _seen(value: object) -> str:
    return printable(str(value))[:200]


def _code(answer: Fetched) -> str:
    return "there is no such bucket" if answer.status == 404 else "it is not told to us (403)"
