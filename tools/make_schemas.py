"""Write the JSON Schemas of the files that people write, from the records that decode them: `docs/schemas/`.

An editor with a language server for YAML or JSON completes and checks these files by them.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from pathlib import Path
from typing import Any

from hauberk.checks.baseline import Document as Baseline
from hauberk.checks.data.document import Document as Checks
from hauberk.checks.features.document import View as FeatureView
from hauberk.checks.own_tables import Document as Table
from hauberk.checks.profile_file import Document as Profile
from hauberk.dataset.erasure import SCHEMA as ERASURE
from hauberk.dataset.erasure import SHAPE as ERASURE_SHAPE
from hauberk.dataset.manifest import SCHEMA as MANIFEST
from hauberk.dataset.manifest import SHAPE
from hauberk.edge.secrets.written import SCHEMA as SECRETS
from hauberk.edge.secrets.written import Document as Secrets
from hauberk.evidence.predicates import TRUST, schema
from hauberk.evidence.trust_draft import DRAFT, DRAFT_SHAPE
from hauberk.ledger.service_file import SCHEMA as SERVICE
from hauberk.ledger.service_file import Document as Service
from hauberk.pipeline.project import Document as Pipeline
from hauberk.policy.policy import Document as Policy

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


def of_type(hint: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type hint that the decoder of documents understands."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in SCALARS:
        return SCALARS[hint]
    if dataclasses.is_dataclass(hint):
        return of_record(hint)
    if isinstance(hint, type) and issubclass(hint, enum.StrEnum):
        return {"enum": [str(member) for member in hint]}
    if origin is typing.Literal:
        return {"enum": list(parts)}
    if origin is tuple:
        return {"type": "array", "items": of_type(parts[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": of_type(parts[1])}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [of_type(part) for part in parts]}
    raise TypeError(f"no schema for {hint!r}")


def of_record(record: Any) -> dict[str, Any]:
    """Return the JSON Schema of a record: every field by name, no other."""
    hints = typing.get_type_hints(record)
    needed = [
        field.name
        for field in dataclasses.fields(record)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    return {
        "type": "object",
        "description": (record.__doc__ or "").partition("\n")[0],
        "properties": {field.name: of_type(hints[field.name]) for field in dataclasses.fields(record)},
        "required": needed,
        "additionalProperties": False,
    }


def schemas() -> dict[str, dict[str, Any]]:
    """Return every schema by its file name."""
    head: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        "pipeline.schema.json": head
        | {"$id": "urn:hauberk:pipeline:v1", "title": "hauberk.yaml"}
        | of_record(Pipeline),
        "policy.schema.json": head | {"$id": "urn:hauberk:policy:v1", "title": "policy.yaml"} | of_record(Policy),
        "scan-profile.schema.json": head
        | {"$id": "urn:hauberk:scan-profile:v1", "title": "a scan profile"}
        | of_record(Profile),
        "scan-baseline.schema.json": head
        | {"$id": "urn:hauberk:scan-baseline:v1", "title": "accepted findings"}
        | of_record(Baseline),
        "callables.schema.json": head
        | {"$id": "urn:hauberk:callables:v1", "title": "a table of callables"}
        | of_record(Table),
        "erasure.schema.json": head
        | {"$id": ERASURE, "title": "which rows of a manifest were erased"}
        | ERASURE_SHAPE.schema(),
        "feature-view.schema.json": head
        | {"$id": "urn:hauberk:feature-view:v1", "title": "a feature view"}
        | of_record(FeatureView),
        "ledger-service.schema.json": head | {"$id": SERVICE, "title": "ledger.service"} | of_record(Service),
        "manifest.schema.json": head | {"$id": MANIFEST, "title": "a data set's manifest"} | SHAPE.schema(),
        "secrets.schema.json": head | {"$id": SECRETS, "title": "credentials of a training run"} | of_record(Secrets),
        "data-checks.schema.json": head
        | {"$id": "urn:hauberk:data-checks:v1", "title": "checks.yaml"}
        | of_record(Checks),
        "trust.schema.json": schema(TRUST),
        "trust-draft.schema.json": head | {"$id": DRAFT, "title": "a draft of the next trust"} | DRAFT_SHAPE.schema(),
    }


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, value in schemas().items():
        (FOLDER / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
