"""An MLflow registry: the files of one version of a registered model.

| asked                                                             | answer                                         |
|-------------------------------------------------------------------|------------------------------------------------|
| `/api/2.0/mlflow/model-versions/get?name=&version=`               | `model_version`: its version, its source       |
| `/api/2.0/mlflow/model-versions/get-download-uri?name=&version=`  | `artifact_uri`: where its files are            |
| `/api/2.0/mlflow-artifacts/artifacts?path=`                       | names and sizes of a folder of the server's    |
| `/api/2.0/mlflow-artifacts/artifacts/PATH`                        | the bytes                                      |

Files that the server keeps itself (`mlflow-artifacts:`) are read from it, those in S3 from there. Source: MLflow's REST
API page and MLflow 3 (`store/artifact/mlflow_artifacts_repo.py`). MLFLOW_TRACKING_URI or MLFLOW_REGISTRY_URI names it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from hauberk.edge.files import printable
from hauberk.edge.remote import bucket, credentials
from hauberk.edge.remote.address import Kind, parse
from hauberk.edge.remote.client import PATIENCE, Client, kept_open
from hauberk.edge.remote.hosts import Origin
from hauberk.edge.remote.json_answer import fetch_json, member
from hauberk.edge.remote.listing import Listing, Names, RemoteFile, name_fault, sound
from hauberk.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hauberk.edge.remote.address import Address
    from hauberk.edge.remote.line import Patience
    from hauberk.limits import Limits

_HINT = "see MLFLOW_TRACKING_URI, MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and the model's name"


def listing(address: Address, limits: Limits, patience: Patience = PATIENCE) -> Listing:
    """Return the files of a version of a model.

    Raises:
        Misconfigured: no server is named, the version is no number, or there is no such file in it.
        Unavailable: the server does not answer or let us in, or keeps the files where nothing is read.
    """
    server = _server()
    if not address.revision.isascii() or not address.revision.isdigit():
        raise Misconfigured(f"{printable(address.text)}: a version is a number", "a stage or an alias names no bytes")
    login = credentials.mlflow_login()
    client = Client(server, credentials={Origin.of(server): login} if login else {}, hint=_HINT, patience=patience)
    with kept_open(client):
        query = f"name={quote(address.place, safe='')}&version={address.revision}"
        answer = fetch_json(client, f"{server}/api/2.0/mlflow/model-versions/get-download-uri?{query}", limits)
        uri = member(answer, "artifact_uri", str)
        scheme = urlsplit(uri).scheme
        if scheme == "s3":
            client.close()
            return bucket.listing(_below(uri, address), limits, patience)
        if scheme != "mlflow-artifacts":
            raise Unavailable(
                f"{printable(address.text)}: its files are at {printable(uri)[:200]}, where they are not read",
                "start the server with --serve-artifacts, or scan the files where they are",
            )
        return _served(client, server, urlsplit(uri).path.strip("/"), address, limits)


def _server() -> str:
    server = (os.environ.get("MLFLOW_REGISTRY_URI") or os.environ.get("MLFLOW_TRACKING_URI") or "").rstrip("/")
    if not server.startswith(("https://", "http://")) or "@" in urlsplit(server).netloc:
        raise Misconfigured(
            "mlflow: addresses need a server, and none is named",
            "set MLFLOW_TRACKING_URI to its https:// address, without a password in it",
        )
    return server


def _below(uri: str, address: Address) -> Address:
    """Return where S3 has the files, or one of them."""
    found = parse(f"{uri.rstrip('/')}/{address.path}" if address.path else f"{uri.rstrip('/')}/")
    if found.kind is not Kind.BUCKET:
        raise Unavailable(f"{printable(uri)[:200]}: not a place in S3")
    return found


def _served(client: Client, server: str, root: str, address: Address, limits: Limits) -> Listing:
    if name_fault(root):
        raise Unavailable(f"{printable(address.text)}: its files are in no folder of the server's")
    place = f"{server}/api/2.0/mlflow-artifacts/artifacts"
    names = Names(limits)
    listed = [
        RemoteFile(name, f"{place}/{quote(f'{root}/{name}')}", size, None, f"version {address.revision}")
        for name, size in _names(client, place, root, names, limits)
    ]
    if address.path:
        listed = [file for file in listed if file.name == address.path]
        if not listed:
            raise Misconfigured(
                f"{printable(address.text)}: there is no such file in this version", "name one, or none"
            )
    files, odd = sound(listed, names)
    return Listing(address.text, files, odd, client, is_tree=not address.path)


def _names(client: Client, place: str, root: str, names: Names, limits: Limits) -> Iterator[tuple[str, int | None]]:
    """Yield relative name and size of every file below a folder, folder by folder."""
    folders = [("", 0)]
    while folders:
        folder, depth = folders.pop()
        below = f"{root}/{folder}".rstrip("/")
        for entry in _entries(fetch_json(client, f"{place}?path={quote(below, safe='')}", limits)):
            name = member(entry, "path", str)
            whole = f"{folder}/{name}" if folder else name
            if not names.take():
                return
            if not entry.get("is_dir"):
                size = entry.get("file_size")
                yield whole, size if isinstance(size, int) and size >= 0 else None
            elif name_fault(whole) or depth >= limits.max_tree_depth:
                yield f"{whole}/", None  # no sound name: told as odd, and not entered
            else:
                folders.append((whole, depth + 1))


def _entries(answer: Any) -> list[dict[str, Any]]:
    files = answer.get("files", []) if isinstance(answer, dict) else None
    if not isinstance(files, list) or not all(isinstance(entry, dict) for entry in files):
        raise Unavailable("the server answers with no list of files", "check MLFLOW_TRACKING_URI")
    return files
