"""OCI registries: the layers of an artifact, each a file, pinned by the digest of the manifest.

The manifest's bytes must have the digest that was asked for; a tag is resolved to a digest, and the report says which.
A layer's name is its title annotation, as ORAS and others write it, else its digest. Its digest is the registry's claim
about its bytes. Source: OCI distribution specification 1.1, image specification 1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from hauberk.digest import Digest, sha256
from hauberk.edge.files import printable
from hauberk.edge.remote import credentials
from hauberk.edge.remote.address import pinned_text
from hauberk.edge.remote.client import PATIENCE, Client, kept_open
from hauberk.edge.remote.hosts import Closeness, Origin, reach
from hauberk.edge.remote.json_answer import decode_json, member
from hauberk.edge.remote.listing import Listing, Names, RemoteFile, sound
from hauberk.errors import Misconfigured, NotVerified, Unavailable

if TYPE_CHECKING:
    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.client import Authorise
    from hauberk.edge.remote.line import Patience
    from hauberk.limits import Limits

_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
ACCEPT = {"Accept": ", ".join((*_MANIFESTS, *_INDEXES))}
_TITLE = "org.opencontainers.image.title"
_EMPTY_CONFIG = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # {} (image spec 1.1)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_CHALLENGE = re.compile(r'([a-z]+)="([^"]{0,1024})"', re.ASCII)
_ASKED = frozenset({200, 401})
_HINT = "log in with `docker login` or `oras login`, and check the name"


@dataclass(frozen=True, slots=True)
class Place:
    """A repository of a registry, and what asks it."""

    client: Client
    base: str
    host: str
    name: str


def place_of(address: Address, patience: Patience = PATIENCE) -> Place:
    """Return the repository that an address names; nothing is asked of the registry yet."""
    host, _, name = address.place.partition("/")
    base = f"{_scheme(host)}://{host}"
    return Place(Client(base, hint=_HINT, patience=patience), base, host, name)


def listing(address: Address, limits: Limits, patience: Patience = PATIENCE) -> Listing:
    """Return the layers of an artifact.

    Raises:
        NotVerified: the manifest is not the one that its digest names.
        Unavailable: the registry does not answer or let us in, or this is no artifact.
        Misconfigured: an index of several manifests; name one.
    """
    place = place_of(address, patience)
    with kept_open(place.client):
        _let_in(place, address.revision)
        digest, manifest = manifest_of(place, address.revision, limits)
        listed = manifest.get("manifests")
        if isinstance(listed, list):
            inner = [entry.get("digest") for entry in listed if isinstance(entry, dict)]
            if len(inner) != 1 or not isinstance(inner[0], str):
                shown = ", ".join(printable(str(one))[:80] for one in inner[:8])
                raise Misconfigured(
                    f"{printable(address.text)} is an index of {len(inner)} manifests: {shown}", "name one"
                )
            digest, manifest = manifest_of(place, inner[0], limits)
        names = Names(limits)
        files, odd = sound((file for file in _files(place, manifest) if names.take()), names)
        return Listing(pinned_text(address, str(digest)), files, odd, place.client, is_tree=True)


def _scheme(host: str) -> str:
    """Return http for a registry on this machine, as other clients of registries do, else https."""
    try:
        is_here = reach(Origin.of(f"https://{host}"), within=Closeness.LOOPBACK).closeness is Closeness.LOOPBACK
    except Unavailable as error:
        raise Unavailable(error.message, error.hint) from None
    return "http" if is_here else "https"


def _let_in(place: Place, reference: str) -> None:
    """Ask for the manifest, and where the registry wants a token, fetch one (distribution specification, token)."""
    url = f"{place.base}/v2/{place.name}/manifests/{reference}"

    def once() -> str:
        with place.client.open(url, headers=ACCEPT, accept=_ASKED) as answer:
            return answer.headers.get("WWW-Authenticate", "") if answer.status == 401 else ""

    if authorise := answered(place, place.client.patiently(once), actions="pull"):
        place.client.admit(place.base, authorise)


def answered(place: Place, challenge: str, *, actions: str) -> Authorise | None:
    """Return what answers a challenge (`WWW-Authenticate`), None for none; raise `Unavailable` without a login.

    Args:
        place: that was asked.
        challenge: as it came.
        actions: what a token is for, as in `pull,push`.
    """
    login = credentials.registry_login(place.host)
    kind, _, rest = challenge.partition(" ")
    if kind.lower() == "basic" and login:
        return credentials.basic(login)
    if kind.lower() == "bearer":
        return credentials.bearer(_token(place, dict(_CHALLENGE.findall(rest)), login, actions))
    if challenge:
        raise Unavailable(f"{printable(place.host)} wants a login", _HINT)
    return None


def _token(place: Place, challenge: dict[str, str], login: str, actions: str) -> str:
    realm = challenge.get("realm", "")
    if not realm.startswith(("https://", f"{place.base}/")):
        raise Unavailable(
            f"{printable(place.host)} sends us to {printable(realm)[:100]} for a token, which is not https"
        )
    query = urlencode({"service": challenge.get("service", ""), "scope": f"repository:{place.name}:{actions}"})
    # The login is asked for by the registry it belongs to, and goes where that registry says, as in every client; where
    # that one leads to another, it stays behind.
    place.client.admit(realm, credentials.basic(login) if login else credentials.nothing)
    try:
        fetched = place.client.fetch(f"{realm}?{query}", limit=1 << 20)
    finally:
        place.client.admit(realm, credentials.nothing)
    document = decode_json(fetched)
    token = document.get("token") or document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Unavailable(f"{printable(place.host)} gives no token", _HINT)
    return token


def manifest_of(place: Place, reference: str, limits: Limits) -> tuple[Digest, dict[str, Any]]:
    """Return the digest and the content of a manifest, of the digest that was asked for if one was; errors as above."""
    url = f"{place.base}/v2/{place.name}/manifests/{reference}"
    fetched = place.client.fetch(url, limit=limits.max_remote_document_bytes, headers=ACCEPT)
    digest = sha256(fetched.body)
    if _DIGEST.fullmatch(reference) and str(digest) != reference:
        raise NotVerified(
            f"the registry answers for {reference} with a manifest of the digest {digest}", "ask the registry's owner"
        )
    document = decode_json(fetched)
    if not isinstance(document, dict):
        raise Unavailable(f"{printable(place.name)}: the registry answers with no manifest", _HINT)
    return digest, document


def _files(place: Place, manifest: dict[str, Any]) -> list[RemoteFile]:
    layers = manifest.get("layers", manifest.get("blobs"))
    if not isinstance(layers, list):
        raise Unavailable(f"{printable(place.name)} is a manifest without layers", "name an artifact that holds files")
    config = manifest.get("config")
    extra = [config] if isinstance(config, dict) and config.get("digest") != _EMPTY_CONFIG else []
    return [
        *(_file(place, layer, "") for layer in layers),
        *(_file(place, {**entry, "annotations": None}, ".config") for entry in extra),
    ]


def _file(place: Place, layer: object, ending: str) -> RemoteFile:
    digest, size = member(layer, "digest", str), member(layer, "size", int)
    if not _DIGEST.fullmatch(digest):
        raise Unavailable(f"a layer's digest is {printable(digest)[:80]}", "only sha256 is read here")
    notes = layer.get("annotations") if isinstance(layer, dict) else None
    title = notes.get(_TITLE) if isinstance(notes, dict) else None
    name = title if isinstance(title, str) and title else digest.replace(":", "-") + ending
    url = f"{place.base}/v2/{place.name}/blobs/{digest}"
    return RemoteFile(name, url, max(size, 0), Digest.parse(digest), f"digest {digest}")
