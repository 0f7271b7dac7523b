"""A depot in an OCI registry: a repository, whose manifests are models and whose referrers are notes.

    manifest, tag dirHash-<hex>    a tree: a layer for each file
    manifest, tag file-<hex>       a single file, by its SHA-256
    manifest with `subject`        a note about the manifest that it names; listed by the registry, or, where that does
                                   not know referrers, in an index with the tag sha256-<hex of the subject's digest>

A registry takes no conditional requests: a tag that is there is looked at first. What it gives is believed in nothing.
Source: OCI distribution specification 1.1, "Push", "Listing Referrers", "Referrers Tag Schema".
"""

from __future__ import annotations

import re
import weakref
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from hauberk.digest import Digest, sha256, tree_listing
from hauberk.edge import clock
from hauberk.edge.depot import MAX_NOTES, Note
from hauberk.edge.files import printable
from hauberk.edge.remote.credentials import nothing
from hauberk.edge.remote.fetch import pieces
from hauberk.edge.remote.hosts import Origin
from hauberk.edge.remote.json_answer import decode_json
from hauberk.edge.remote.listing import RemoteFile
from hauberk.edge.remote.oci_types import (
    EMPTY,
    FILEPATH,
    INDEX,
    MANIFEST,
    NOTE_TYPES,
    TITLE,
    config_of,
    model_manifest,
    note_manifest,
)
from hauberk.edge.remote.piece import Piece
from hauberk.edge.remote.registry import ACCEPT, answered, manifest_of, place_of
from hauberk.errors import Exceeded, Malformed, NotVerified, Refused, Unavailable
from hauberk.limits import DEFAULT_LIMITS, Limits
from hauberk.signature import jcs
from hauberk.view import BytesView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.client import Answer, Authorise
    from hauberk.edge.sources import TreeFile
    from hauberk.view import View

_MAX_MANIFEST = 4 << 20  # distribution specification: registries should take that much, and many take no more
_FOUND = frozenset({200, 404})
_ASKED = frozenset({200, 401, 404})
_UPLOAD = frozenset({202})
_BEGUN = frozenset({202, 401})
_READ, _WRITE = "pull", "pull,push"
_TOKEN_SECONDS = 50  # a token that says nothing of its end lives for 60 (distribution specification, token)
_STORED = frozenset({201})
_MOST_PAGES = 64  # of referrers
_NEXT = re.compile(r"""<([^<>]{1,8192})>\s*;\s*rel="?next"?""")  # RFC 8288
_ASK_WRITERS = "ask who may write there"
_CHANGED = "it was changed there: ask its owner"
_TRIES = 5  # of the index of referrers, which others write too


class RegistryDepot:
    """The repository; see `Depot` for what each method does."""

    def __init__(self, address: Address, *, limits: Limits = DEFAULT_LIMITS) -> None:
        """Take the address of a repository, whose tag is not used; nothing is asked yet."""
        self.where = printable(f"oci://{address.place}")
        self._place = place_of(address)
        self._limits = limits
        self._actions = ""  # for which we are let in
        self._authorise: Authorise | None = None
        self._since = 0
        weakref.finalize(self, self._place.client.close)

    def check_fits(self, _digest: Digest, files: Sequence[TreeFile]) -> None:
        """Raise `Exceeded` where the manifest would be longer than what registries take."""
        if (length := len(model_manifest(files))) > _MAX_MANIFEST:
            raise Exceeded(
                f"the manifest of {len(files)} files is {length} bytes long; registries take {_MAX_MANIFEST}",
                "publish it to a directory or a bucket",
            )

    def put_blob(self, sha256: str, view: View) -> bool:
        """Upload bytes, which the registry compares with their SHA-256."""
        self._log_in()
        digest = Digest("sha256", sha256)
        if self._head(f"blobs/{digest}"):
            return False

        def once() -> None:
            place = self._begin()
            url = f"{place}{'&' if '?' in place else '?'}digest={digest}"
            headers = {"Content-Type": "application/octet-stream"}
            with self._send("PUT", url, headers, Piece(view, 0, view.size), accept=_STORED):
                pass

        self._place.client.patiently(once)
        return True

    def blob(self, sha256: str, *, limit: int, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes that are there under a SHA-256."""
        self._read_only()
        file = RemoteFile("blob", self._url(f"blobs/sha256:{sha256}"))
        return pieces(self._place.client, file, limit=limit, start=start)

    def put_tree(self, digest: Digest, files: Sequence[TreeFile]) -> bool:
        """Make a tree visible, by a tag."""
        return self._put_model(_tag(digest), files)

    def put_file(self, digest: Digest, file: TreeFile) -> bool:
        """Make a file visible, by a tag."""
        return self._put_model(_tag(digest), (file,))

    def tree(self, digest: Digest) -> bytes:
        """Return the listing of the layers of the manifest with the tree's tag."""
        self._read_only()
        _, manifest = manifest_of(self._place, _tag(digest), self._limits)
        layers = manifest.get("layers")
        if not isinstance(layers, list) or len(layers) > self._limits.max_tree_files:
            raise NotVerified(f"{self.where} has no model under {_tag(digest)}", "ask its owner")
        try:
            return tree_listing(_file(layer) for layer in layers)
        except Malformed as error:
            raise NotVerified(f"{self.where} gives for {digest} what no tree is: {error.message}", _CHANGED) from None

    def put_note(self, digest: Digest, note: Note, data: bytes) -> bool:
        """Add a note that refers to the manifest of a digest."""
        self._log_in()
        if note in self.notes(digest):
            return False
        self.put_blob(note.sha256, BytesView(data))
        self.put_blob(sha256(EMPTY).hex, BytesView(EMPTY))
        subject = self._subject(digest)
        manifest = note_manifest(note.kind, data, subject)
        known = self._put_manifest(str(sha256(manifest)), manifest)
        if not known:
            entry = {"mediaType": MANIFEST, "digest": str(sha256(manifest)), "size": len(manifest)}
            self._list_referrer(str(subject["digest"]), {**entry, "artifactType": NOTE_TYPES[note.kind]})
        return True

    def notes(self, digest: Digest) -> list[Note]:
        """Return the notes that refer to the manifest of a digest; what refers to it and is none is passed over."""
        self._read_only()
        subject = str(self._subject(digest)["digest"])
        kinds = {media_type: kind for kind, media_type in NOTE_TYPES.items()}
        ours = [entry for entry in self._referrers(subject) if _member(entry, "artifactType") in kinds]
        if len(ours) > MAX_NOTES:
            raise Exceeded(f"more than {MAX_NOTES} notes refer to {digest}", _ASK_WRITERS)
        return sorted({Note(kinds[_member(e, "artifactType")], self._only_layer(_member(e, "digest"))) for e in ours})

    def note(self, _digest: Digest, note: Note) -> bytes:
        """Return a note."""
        return b"".join(self.blob(note.sha256, limit=self._limits.max_document_bytes))

    # models

    def _put_model(self, tag: str, files: Sequence[TreeFile]) -> bool:
        self._log_in()
        manifest, config = model_manifest(files), config_of(files)
        there = self._get(f"manifests/{tag}", raw=True)
        if there is not None:
            if there != manifest:
                raise Refused(f"{self.where} has another manifest under {tag} already", "find out who wrote it")
            return False
        self.put_blob(sha256(config).hex, BytesView(config))
        self._put_manifest(tag, manifest)
        return True

    def _subject(self, digest: Digest) -> dict[str, Any]:
        data = self._get(f"manifests/{_tag(digest)}", raw=True)
        if data is None:
            raise Unavailable(f"{self.where} has no {_tag(digest)}", "is it published there?")
        return {"mediaType": MANIFEST, "digest": str(sha256(data)), "size": len(data)}

    def _referrers(self, subject: str) -> list[object]:
        """Return what the registry lists, page by page, or the index under the tag where it lists nothing."""
        limit, found = self._limits.max_remote_document_bytes, list[object]()
        url = self._url(f"referrers/{subject}")
        for _ in range(_MOST_PAGES):
            page = self._place.client.fetch(url, limit=limit, headers={"Accept": INDEX}, accept=_FOUND)
            if page.status == 404:
                return _entries(self._get(f"manifests/{subject.replace(':', '-')}"))
            found += _entries(decode_json(page))
            leads = _NEXT.search(page.headers.get("Link", ""))
            if leads is None:
                return found
            url = self._own(_joined(page.url, leads[1]), "whoever reads its referrers")
        raise Exceeded(f"the list of what refers to {subject} has more than {_MOST_PAGES} pages", _ASK_WRITERS)

    def _only_layer(self, digest: str) -> str:
        try:
            _, manifest = manifest_of(self._place, str(Digest.parse(digest)), self._limits)
            layers = manifest.get("layers")
            if isinstance(layers, list) and len(layers) == 1:
                return Digest.parse(_member(layers[0], "digest")).hex
            why = "it has not one layer"
        except Malformed as error:
            why = error.message
        raise NotVerified(f"{printable(digest)[:100]} in {self.where} is no note: {why}", _ASK_WRITERS)

    def _list_referrer(self, subject: str, entry: Mapping[str, Any]) -> None:
        """Add an entry to the index of referrers, until it is there: nobody locks it, and others write it too."""
        tag = subject.replace(":", "-")
        for _ in range(_TRIES):
            index = self._get(f"manifests/{tag}") or {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
            entries = index.get("manifests")
            if not isinstance(entries, list):
                raise Refused(f"{self.where} has something else under {tag} than an index", "find out who wrote it")
            if any(_member(one, "digest") == entry["digest"] for one in entries):
                return
            self._put_manifest(tag, jcs.encode({**index, "manifests": [*entries, dict(entry)]}), INDEX)
        raise Unavailable(f"others write the index of referrers {tag} without a pause", "try again")

    # requests

    def _put_manifest(self, reference: str, data: bytes, media_type: str = MANIFEST) -> bool:
        """Put a manifest; return whether the registry says that it lists referrers itself."""

        def once() -> bool:
            url, headers = self._url(f"manifests/{reference}"), {"Content-Type": media_type}
            piece = Piece(BytesView(data), 0, len(data))
            with self._send("PUT", url, headers, piece, accept=_STORED) as answer:
                return bool(answer.headers.get("OCI-Subject"))

        return self._place.client.patiently(once)

    def _get(self, path: str, *, raw: bool = False) -> Any:
        """Return what the registry has at a path, as JSON or as bytes; None where there is no such thing."""
        limit = self._limits.max_remote_document_bytes
        accept = ACCEPT if path.startswith("manifests/") else {"Accept": INDEX}
        fetched = self._place.client.fetch(self._url(path), limit=limit, headers=accept, accept=_FOUND)
        if fetched.status == 404:
            return None
        if raw:
            return fetched.body
        value = decode_json(fetched)
        return value if isinstance(value, dict) else None

    def _head(self, path: str) -> bool:
        def once() -> bool:
            with self._send("HEAD", self._url(path), {}, accept=_FOUND) as answer:
                return answer.status == 200

        return self._place.client.patiently(once)

    def _begin(self) -> str:
        """Begin an upload, and return where it goes: to this registry, or nowhere."""
        with self._send("POST", self._url("blobs/uploads/"), {"Content-Length": "0"}, accept=_UPLOAD) as answer:
            return self._own(_joined(answer.url, answer.headers.get("Location", "")), "uploads")

    def _own(self, url: str, what: str) -> str:
        """Return a URL that is of this registry; raise `Unavailable` for one of another server."""
        if Origin.of(url) != Origin.of(self._place.base):
            raise Unavailable(f"{self.where} sends {what} to another server", "name that one")
        return url

    def _log_in(self) -> None:
        """Be let in for writing: begin an upload, which the registry forgets, and answer what it asks for."""
        if self._is_let_in(_WRITE):
            return

        def once() -> str:
            url = self._url("blobs/uploads/")
            with self._send("POST", url, {"Content-Length": "0"}, accept=_BEGUN) as answer:
                return answer.headers.get("WWW-Authenticate", "") if answer.status == 401 else ""

        self._answer(self._place.client.patiently(once), _WRITE)

    def _read_only(self) -> None:
        """Be let in for reading, if not for more."""
        if self._is_let_in(_READ) or self._is_let_in(_WRITE):
            return

        def once() -> str:
            url = self._url("manifests/latest")
            with self._place.client.open(url, headers=ACCEPT, accept=_ASKED) as answer:
                return answer.headers.get("WWW-Authenticate", "") if answer.status == 401 else ""

        self._answer(self._place.client.patiently(once), _READ)

    def _is_let_in(self, actions: str) -> bool:
        """Say whether we are let in; a token that may have ended is forgotten, also where the next is asked for."""
        if self._authorise is not None and clock.now() - self._since >= _TOKEN_SECONDS:
            self._actions, self._authorise = "", None
            self._place.client.admit(self._place.base, nothing)
        return self._actions == actions

    def _answer(self, challenge: str, actions: str) -> None:
        self._place.client.admit(self._place.base, nothing)
        self._authorise = answered(self._place, challenge, actions=actions)
        if self._authorise is not None:
            self._place.client.admit(self._place.base, self._authorise)
        self._actions, self._since = actions, clock.now()

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        piece: Piece | None = None,
        *,
        accept: frozenset[int],
    ) -> Answer:
        asked = {**headers, **(self._authorise(url, headers) if self._authorise else {})}
        if piece is not None:
            asked["Content-Length"] = str(piece.size)
        body = piece.pieces if piece else None
        return self._place.client.send(url, method=method, headers=asked, body=body, accept=accept)

    def _url(self, path: str) -> str:
        return f"{self._place.base}/v2/{self._place.name}/{path}"


def _joined(url: str, location: str) -> str:
    """Return where a location leads from a URL; a text that is no location leads nowhere."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _tag(digest: Digest) -> str:
    return f"{'file' if digest.algorithm == 'sha256' else digest.algorithm}-{digest.hex}"


def _file(layer: object) -> tuple[str, str]:
    """Return path and SHA-256 in hex of a layer; what is not so makes a listing of another digest."""
    notes = layer.get("annotations") if isinstance(layer, dict) else None
    named = notes if isinstance(notes, dict) else {}
    path = named.get(FILEPATH, named.get(TITLE))
    content = _member(layer, "digest").removeprefix("sha256:")
    return str(path), content if content.isascii() else ""


def _entries(index: object) -> list[object]:
    listed = index.get("manifests") if isinstance(index, dict) else None
    return listed if isinstance(listed, list) else []


def _member(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
