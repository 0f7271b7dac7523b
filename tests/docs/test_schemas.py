"""The schemas that editors read are those of the records, and agree with the files that people write."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import jsonschema
import pytest

from hauberk.formats.document import read_yaml

REPOSITORY = Path(__file__).parents[2]
SCHEMAS = REPOSITORY / "docs" / "schemas"
EXAMPLE = REPOSITORY / "examples" / "tumour"


def maker():
    spec = importlib.util.spec_from_file_location("make_schemas", REPOSITORY / "tools" / "make_schemas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def schema(name):
    return json.loads((SCHEMAS / name).read_text())


def test_the_schemas_are_those_of_the_records():
    made = maker().schemas()
    assert {path.name: json.loads(path.read_text()) for path in SCHEMAS.iterdir()} == made


@pytest.mark.parametrize(("file", "name"), [("hauberk.yaml", "pipeline"), ("policy.yaml", "policy")])
def test_the_example_fits_its_schema(file, name):
    value = read_yaml((EXAMPLE / file).read_bytes(), what=file)
    jsonschema.Draft202012Validator(schema(f"{name}.schema.json")).validate(value)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("pipeline", {"modle": {}}),
        ("pipeline", {"gate": "load"}),
        ("policy", {"version": "1"}),
        ("policy", {"gates": []}),
    ],
)
def test_a_slip_does_not_fit_the_schema(name, change):
    file = "hauberk.yaml" if name == "pipeline" else "policy.yaml"
    value = read_yaml((EXAMPLE / file).read_bytes(), what=file) | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(f"{name}.schema.json")).validate(value)
