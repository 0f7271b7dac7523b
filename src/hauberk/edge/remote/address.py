"""Addresses: what a person writes for something that lies on another machine.

| address                              | names                                                              |
|--------------------------------------|--------------------------------------------------------------------|
| `https://host/path`                  | one file; `http://` on this machine (loopback) only                |
| `hf://org/name@revision/file`        | a Hugging Face repository at a revision, or one file of it         |
| `s3://bucket/key?versionId=…`        | an object, or all objects under a prefix                           |
| `gs://bucket/key?generation=…`       | the same in Google Cloud Storage                                   |
| `oci://host/name@sha256:…`           | an OCI artifact by digest, or by tag (`:tag`)                      |
| `mlflow:/models/name/version`        | a version of a registered model                                    |

Secrets are no part of an address: it stands in process lists, logs and reports.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote, urlsplit

from hauberk.edge.files import printable
from hauberk.errors import Misconfigured

_MAX_LENGTH = 4096
_SCHEME = re.compile(r"(https?|hf|s3|gs|oci)://|mlflow:/", re.ASCII | re.IGNORECASE)
# huggingface_hub utils/_validators.py: letters, digits, `-`, `_`, `.`; no `--` or `..`; 96 at most.
_HUB_PART = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?", re.ASCII)
_HUB_KINDS = ("datasets", "spaces")
# Distribution specification 1.1, "Pulling manifests": <name>, <tag>, <digest>.
_OCI_NAME = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*", re.ASCII)
_OCI_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", re.ASCII)
_OCI_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]", re.ASCII | re.IGNORECASE)
_GENERATION = re.compile(r"[0-9]{1,19}", re.ASCII)


class Kind(StrEnum):
    """What answers at an address."""

    WEB = "web"
    HUB = "hub"
    BUCKET = "bucket"
    GCS = "gcs"
    REGISTRY = "registry"
    MLFLOW = "mlflow"


@dataclass(frozen=True, slots=True)
class Address:
    """An address, taken apart.

    Attributes:
        text: as it was written.
        place: the URL, `[datasets/]org/name`, the bucket, `host/name`, or the model's name.
        revision: the commit or branch, the object's version, the tag or digest, the model's version; empty for none.
        path: the file or the key; empty for all.
    """

    kind: Kind
    text: str
    place: str
    revision: str = ""
    path: str = ""


def is_address(text: str) -> bool:
    """Say whether a person means something on another machine: an address, and no file of that very name is here."""
    return bool(_SCHEME.match(text)) and not os.path.lexists(text)


def parse(text: str) -> Address:
    """Take an address apart; raise `Misconfigured` where it is none, or holds a secret."""
    if len(text) > _MAX_LENGTH or not text.isprintable() or " " in text:
        raise Misconfigured(f"{printable(text[:100])}: not an address", "write blanks and odd letters as %XX")
    scheme = text.partition(":")[0].lower()
    found = {"hf": _hub, "s3": _bucket, "gs": _gcs, "oci": _registry, "mlflow": _mlflow}.get(scheme, _web)(text)
    if "@" in urlsplit(text).netloc and found.kind in (Kind.WEB, Kind.BUCKET, Kind.GCS):
        raise Misconfigured("an address holds a name or a password", "credentials come from the environment or a file")
    return found


def _web(text: str) -> Address:
    try:
        parts = urlsplit(text)
        known = parts.port is None or parts.port > 0
    except ValueError:
        known, parts = False, urlsplit("")
    if not known or not parts.hostname:
        raise _fault(text, "https://host/path/model.pt")
    return Address(Kind.WEB, text, parts._replace(fragment="").geturl())


def _hub(text: str) -> Address:
    rest = text.partition("://")[2]
    kind = next((f"{kind}/" for kind in _HUB_KINDS if rest.startswith(f"{kind}/")), "")
    head, at, tail = rest.removeprefix(kind).partition("@")
    if at:
        revision, _, path = tail.partition("/")
        name = head
    else:
        revision, parts = "main", head.split("/", 2)
        name, path = "/".join(parts[:2]), "".join(parts[2:])
    parts = name.split("/")
    if len(parts) > 2 or not all(_HUB_PART.fullmatch(part) for part in parts) or not revision:
        raise _fault(text, "hf://org/name@commit or hf://org/name@commit/file")
    return Address(Kind.HUB, text, kind + name, unquote(revision), unquote(path).rstrip("/"))


def _bucket(text: str) -> Address:
    rest, _, query = text.partition("://")[2].partition("?")
    bucket, _, key = rest.partition("/")
    asked = parse_qs(query, keep_blank_values=True)
    if not _BUCKET.fullmatch(bucket) or asked.keys() - {"versionId"} or len(asked.get("versionId", [])) > 1:
        raise _fault(text, "s3://bucket/key, s3://bucket/prefix/ or s3://bucket/key?versionId=…")
    return Address(Kind.BUCKET, text, bucket, asked.get("versionId", [""])[0], unquote(key))


def _gcs(text: str) -> Address:
    rest, _, query = text.partition("://")[2].partition("?")
    bucket, _, key = rest.partition("/")
    asked = parse_qs(query, keep_blank_values=True)
    generation = asked.get("generation", [""])[0]
    good = _GENERATION.fullmatch(generation) if query else True
    if not _BUCKET.fullmatch(bucket) or asked.keys() - {"generation"} or not good:
        raise _fault(text, "gs://bucket/key, gs://bucket/prefix/ or gs://bucket/key?generation=…")
    return Address(Kind.GCS, text, bucket, generation, unquote(key))


def _registry(text: str) -> Address:
    host, _, rest = text.partition("://")[2].partition("/")
    name, at, reference = rest.partition("@")
    if not at:
        name, _, reference = rest.partition(":")
        reference = reference or "latest"
    good = _OCI_DIGEST.fullmatch(reference) if at else _OCI_TAG.fullmatch(reference)
    if not host or "@" in host or not _OCI_NAME.fullmatch(name) or not good:
        raise _fault(text, "oci://host/name@sha256:<64 hex digits> or oci://host/name:tag")
    return Address(Kind.REGISTRY, text, f"{host}/{name}", reference)


def _mlflow(text: str) -> Address:
    parts = text.partition(":")[2].lstrip("/").split("/")
    if len(parts) < 3 or parts[0] != "models" or not all(parts[1:3]):
        raise _fault(text, "mlflow:/models/name/version")
    return Address(Kind.MLFLOW, text, unquote(parts[1]), unquote(parts[2]), unquote("/".join(parts[3:])).rstrip("/"))


def pinned_text(address: Address, revision: str) -> str:
    """Return the address with the revision that it was resolved to."""
    path = f"/{quote(address.path)}" if address.path else ""
    if address.kind is Kind.HUB:
        return f"hf://{address.place}@{revision}{path}"
    if address.kind is Kind.REGISTRY:
        return f"oci://{address.place}@{revision}"
    return address.text


def object_address(bucket: str, key: str, version: str = "", *, kind: Kind = Kind.BUCKET) -> str:
    """Return the address of an object, or of one version of it."""
    scheme, name = ("gs", "generation") if kind is Kind.GCS else ("s3", "versionId")
    pinned = f"?{name}={quote(version, safe='')}" if version else ""
    return f"{scheme}://{bucket}/{quote(key, safe='/-_.~')}{pinned}"


def _fault(text: str, form: str) -> Misconfigured:
    return Misconfigured(f"{printable(text)}: not an address of this kind", f"write it as {form}")
