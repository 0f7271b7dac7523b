"""The media types of models and of what is said about them in an OCI registry, and what a manifest of each looks like.

Sources: OCI image specification 1.1 (manifest, index, empty descriptor, `subject`); ModelPack model specification
(`application/vnd.cncf.model.*`, `org.cncf.model.filepath`), whose layers may be raw files, one each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hauberk.digest import sha256
from hauberk.signature import jcs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hauberk.edge.sources import TreeFile

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY_TYPE, EMPTY = "application/vnd.oci.empty.v1+json", b"{}"
TITLE, FILEPATH = "org.opencontainers.image.title", "org.cncf.model.filepath"
_MODEL = "application/vnd.cncf.model.manifest.v1+json"
_CONFIG = "application/vnd.cncf.model.config.v1+json"
_WEIGHT = "application/vnd.cncf.model.weight.v1.raw"
_WEIGHT_CONFIG = "application/vnd.cncf.model.weight.config.v1.raw"
_DOC = "application/vnd.cncf.model.doc.v1.raw"
_CODE = "application/vnd.cncf.model.code.v1.raw"

# By the end of a file's name: a hint for other tools, and nothing that is decided upon here.
_LAYERS: Mapping[str, str] = {
    **dict.fromkeys((".json", ".yaml", ".yml", ".toml", ".model", ".jinja"), _WEIGHT_CONFIG),
    **dict.fromkeys((".md", ".txt", ".rst", ".pdf", ".html"), _DOC),
    **dict.fromkeys((".py", ".sh", ".ipynb", ".c", ".cc", ".cpp", ".cu", ".go", ".rs", ".js"), _CODE),
}
_DOC_NAMES = frozenset({"license", "notice", "readme"})

# What each kind of note is called; the bundle's is the one that Sigstore's own tools use.
NOTE_TYPES: Mapping[str, str] = {
    "signature": "application/vnd.dev.sigstore.bundle.v0.3+json",
    "passport": "application/vnd.hauberk.passport.v1+json",
}


def descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    """Return what points to bytes."""
    return {"mediaType": media_type, "digest": str(sha256(data)), "size": len(data)}


def config_of(files: Sequence[TreeFile]) -> bytes:
    """Return the configuration of a model; the same for the same files, so that the manifest is too."""
    ids = [f"sha256:{file.sha256}" for file in files]
    return jcs.encode({"descriptor": {}, "config": {}, "modelfs": {"type": "layers", "diffIds": ids}})


def model_manifest(files: Sequence[TreeFile]) -> bytes:
    """Return the manifest of a model: a layer for each file, raw, with its path."""
    return jcs.encode(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": _MODEL,
            "config": descriptor(_CONFIG, config_of(files)),
            "layers": [
                {
                    "mediaType": _layer_type(file.path),
                    "digest": f"sha256:{file.sha256}",
                    "size": file.size,
                    "annotations": {TITLE: file.path, FILEPATH: file.path},
                }
                for file in files
            ],
        }
    )


def note_manifest(kind: str, data: bytes, subject: Mapping[str, Any]) -> bytes:
    """Return the manifest of a note that refers to another manifest."""
    return jcs.encode(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": NOTE_TYPES[kind],
            "config": descriptor(EMPTY_TYPE, EMPTY),
            "layers": [descriptor(NOTE_TYPES[kind], data)],
            "subject": dict(subject),
        }
    )


def _layer_type(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    stem, dot, ending = name.rpartition(".")
    if (stem or ending) in _DOC_NAMES:
        return _DOC
    return _LAYERS.get(dot + ending, _WEIGHT)
