"""The manifest of a data set: each file, what its tables hold, and the root of the tree over their rows.

A manifest is one canonical JSON document (RFC 8785), so that it has one digest. The hashes of the rows lie beside it,
in `<manifest>.rows`; the manifest holds the SHA-256 of that file. Nothing in a manifest is a value of a row, except the
sources' names, which somebody asked for.

    record of the rows' file = hash (32 bytes) | key (8 bytes, if keys were named) | source (u32, if a column was)

The key is the start of the salted hash of the key columns' encoding; it joins rows of two manifests that differ.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from hauberk.dataset.rows import ALGORITHM, ENCODING, HASH_BYTES, Column, Person, root_digest
from hauberk.digest import Digest, dir_hash
from hauberk.errors import Malformed
from hauberk.evidence.shape import DIGEST, HEX32, INSTANT, LINE, Integer, ListOf, Nullable, Object, Text
from hauberk.signature import jcs

SCHEMA = "urn:hauberk:manifest:v1"
KEY_BYTES, SOURCE_BYTES = 8, 4
ROWS_SUFFIX = ".rows"
TABLES = ("parquet", "arrow", "csv", "json-lines")  # kinds of files that hold rows
IMAGE = "image"  # a row of its own, where there is no table
OF_IMAGES = ("path", "label", "size", "sha256")  # the columns of such rows
NAME = "[a-z0-9][a-z0-9._-]{0,127}"  # of a data set: it becomes part of the subject of statements
_COLUMN = Object({"name": Text(), "type": Text()})
_LOCK = Object({"mode": LINE, "until": INSTANT})
_FILE = Object(
    {"path": Text(), "size": Integer(), "sha256": HEX32, "kind": LINE, "rows": Integer()},
    {"address": LINE, "version": LINE, "lock": _LOCK},
)
_ROWS = Object(
    {
        "count": Integer(),
        "columns": ListOf(_COLUMN),
        "encoding": LINE,
        "salt": Nullable(HEX32),
        "tree": HEX32,
        "root": DIGEST,
        "sha256": HEX32,
        "key": ListOf(Text()),
        "source": Nullable(Text()),
        "sources": ListOf(Object({"name": Text(), "rows": Integer()})),
    },
    {"person": Object({"column": Text(), "salts": Text(pattern="[0-9a-f]{32}")})},
)
SHAPE = Object(
    {
        "schema": LINE,
        "name": Text(pattern=NAME),
        "digest": DIGEST,
        "created": INSTANT,
        "places": ListOf(Text(), least=1),
        "files": ListOf(_FILE, least=1),
        "rows": Nullable(_ROWS),
        "retainUntil": Nullable(INSTANT),
    }
)


@dataclass(frozen=True, slots=True)
class Lock:
    """How a store keeps a version of an object from being deleted, and until when."""

    mode: str
    until: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of a data set.

    Attributes:
        path: relative, with `/`.
        kind: `parquet`, `arrow`, `csv`, `json-lines`, `image`, or `other`, which holds no rows.
        rows: how many rows it holds; the rows of all files follow each other in the order of the files.
        address, version, lock: of an object in a store.
    """

    path: str
    size: int
    sha256: str
    kind: str
    rows: int
    address: str | None = None
    version: str | None = None
    lock: Lock | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of the rows.

    Attributes:
        salt: the salt's commitment; None: rows are hashed without one.
        tree: the Merkle tree's root, 32 bytes in hex; `root` binds it to columns and count.
        sha256: of the file that holds the rows' hashes.
        key: the columns by whose values a row is the same row although it changed.
        source: the column that says where a row came from; `sources` counts the rows of each.
        person: whose salts the rows are hashed with; None: with the one salt of the set.
    """

    count: int
    columns: tuple[Column, ...]
    salt: str | None
    tree: str
    root: Digest
    sha256: str
    key: tuple[str, ...] = ()
    source: str | None = None
    sources: tuple[tuple[str, int], ...] = ()
    person: Person | None = None

    @property
    def record_bytes(self) -> int:
        """Return the length of a record of the rows' file."""
        return HASH_BYTES + (KEY_BYTES if self.key else 0) + (SOURCE_BYTES if self.source is not None else 0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A data set at one time.

    Attributes:
        digest: of its file, or of the tree of its files.
        places: the paths and addresses that it was made from, as they were written.
    """

    name: str
    digest: Digest
    created: str
    places: tuple[str, ...]
    files: tuple[DataFile, ...]
    rows: Rows | None = None
    retain_until: str | None = None

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)


def digest_of(files: tuple[DataFile, ...], *, single: bool) -> Digest:
    """Return the digest of a data set: of the one file that it is, or of a tree."""
    if single:
        return Digest("sha256", files[0].sha256)
    return dir_hash((file.path, file.sha256) for file in files)


def encode(manifest: Manifest) -> bytes:
    """Return a manifest as canonical JSON."""
    return jcs.encode(
        {
            "schema": SCHEMA,
            "name": manifest.name,
            "digest": str(manifest.digest),
            "created": manifest.created,
            "places": list(manifest.places),
            "files": [{k: v for k, v in asdict(file).items() if v is not None} for file in manifest.files],
            "rows": None if manifest.rows is None else _rows_json(manifest.rows),
            "retainUntil": manifest.retain_until,
        }
    )


def _rows_json(rows: Rows) -> dict[str, Any]:
    known = {name: value for name, value in asdict(rows).items() if name != "person" or value is not None}
    return {
        **known,
        "encoding": ENCODING,
        "columns": [asdict(column) for column in rows.columns],
        "key": list(rows.key),
        "root": str(rows.root),
        "sources": [{"name": name, "rows": count} for name, count in rows.sources],
    }


def is_manifest(data: bytes) -> bool:
    """Return whether these bytes are a manifest, so that it may be written over."""
    return data.startswith(b'{"created":') and b'"schema":"urn:hauberk:manifest:v1"' in data


def decode(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        Malformed: not canonical JSON, an unknown member, or members that contradict each other: a digest that is not
            that of the files, a root that is not that of tree, columns and count.
        Exceeded: longer than any document may be.
    """
    body = jcs.decode_canonical(data, what="manifest")
    SHAPE.check(body, "manifest")
    if body["schema"] != SCHEMA:
        raise Malformed(f"the manifest says that it is {body['schema'][:80]!r}, not {SCHEMA}")
    files = tuple(_file(entry) for entry in body["files"])
    manifest = Manifest(
        body["name"],
        Digest.parse(body["digest"]),
        body["created"],
        tuple(body["places"]),
        files,
        None if body["rows"] is None else _rows(body["rows"]),
        body["retainUntil"],
    )
    _check(manifest)
    return manifest


def _file(entry: dict[str, Any]) -> DataFile:
    lock = Lock(**entry["lock"]) if "lock" in entry else None
    return DataFile(**{**entry, "lock": lock})


def _rows(entry: dict[str, Any]) -> Rows:
    if entry["encoding"] != ENCODING:
        raise Malformed(f"the rows are in the encoding {entry['encoding'][:80]!r}, not {ENCODING}", "make it again")
    return Rows(
        entry["count"],
        tuple(Column(**column) for column in entry["columns"]),
        entry["salt"],
        entry["tree"],
        Digest.parse(entry["root"]),
        entry["sha256"],
        tuple(entry["key"]),
        entry["source"],
        tuple((source["name"], source["rows"]) for source in entry["sources"]),
        Person(**entry["person"]) if "person" in entry else None,
    )


def _check(manifest: Manifest) -> None:
    """Refuse a manifest that says two things."""
    files, rows = manifest.files, manifest.rows
    for file in files:
        if any(part in ("", ".", "..") for part in file.path.split("/")):
            raise Malformed(f"the manifest names a file {file.path!r:.200}, which is no path in a data set")
        if file.rows and file.kind not in TABLES and (file.kind != IMAGE or file.rows != 1):
            raise Malformed(f"the manifest says that {file.path!r:.200} has {file.rows} rows, and that it is no table")
    if list(files) != sorted(files, key=lambda file: file.path.encode()):
        raise Malformed("the manifest's files are not in the order of their paths")
    if manifest.digest != digest_of(files, single=manifest.digest.algorithm == "sha256" and len(files) == 1):
        raise Malformed("the manifest's digest is not that of its files", "it was changed after it was made")
    counted = sum(file.rows for file in files)
    if rows is None:
        if counted:
            raise Malformed("the manifest counts rows, and has no root of them")
        return
    _check_columns(rows)
    if any(file.kind == IMAGE and file.rows for file in files) and (
        tuple(column.name for column in rows.columns) != OF_IMAGES or any(file.kind in TABLES for file in files)
    ):
        raise Malformed("the manifest says that images are rows, and that there is a table")
    if rows.count != counted or (rows.source is not None and sum(count for _, count in rows.sources) != counted):
        raise Malformed(f"the manifest says {rows.count} rows, its files or sources {counted}")
    if rows.root.algorithm != ALGORITHM or rows.root != root_digest(
        bytes.fromhex(rows.tree), rows.count, rows.columns, rows.salt, rows.person
    ):
        raise Malformed("the manifest's root is not that of its tree, columns and count", "it was changed")


def _check_columns(rows: Rows) -> None:
    names = [column.name for column in rows.columns]
    if len(set(names)) != len(names):
        raise Malformed("the manifest names a column twice")
    person = None if rows.person is None else rows.person.column
    for named in (*rows.key, rows.source, person):
        if named is not None and named not in names:
            raise Malformed(f"the manifest has no column {named!r:.200}, which tells rows, sources or persons apart")
    if len(dict(rows.sources)) != len(rows.sources) or (rows.source is None and rows.sources):
        raise Malformed("the manifest names a source twice, or without a column of sources")
