"""The predicates: their schemas and examples byte for byte, read by another program, and what is no predicate."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from jsonschema import Draft202012Validator

from evidence.examples import BODIES, GOLDEN, MODEL, SCRIPT, TRAIN, example, golden
from hauberk.digest import Digest, dir_hash, sha256
from hauberk.errors import HauberkError, Malformed
from hauberk.evidence.predicates import BY_NAME, PREDICATES, check, counts, edges, result_of, schema
from hauberk.signature import dsse
from hauberk.statement import Named, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [predicate.name for predicate in PREDICATES]
OURS = [name for name in NAMES if BY_NAME[name].type.startswith("urn:hauberk:") and name != "policy"]
CHECKS = [name for name in NAMES if BY_NAME[name].checks]


def changed(name: str, **members: Any) -> Statement:
    return Statement(example(name).subjects, BY_NAME[name].type, copy.deepcopy(BODIES[name][1]) | members)


# frozen


def test_every_golden_file_is_what_is_written_today():
    assert {path.name: path.read_bytes() for path in GOLDEN.iterdir()} == golden()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_read_as_it_was_written(name: str):
    read = dsse.decode_statement((GOLDEN / f"{name}.statement.json").read_bytes())
    assert check(read) is BY_NAME[name]
    assert read == example(name)


def test_the_inputs_of_each_example_are_its_edges():
    made = {name: edges(example(name)) for name in NAMES if edges(example(name))}
    assert made == {
        "evaluation": (TRAIN, SCRIPT),
        "slsa-provenance": (TRAIN, Named("git+https://example.org/x", (Digest("sha1", "0" * 40),))),
    }


def test_what_each_example_says_of_its_subject():
    assert {name for name in NAMES if result_of(example(name)) != "pass"} == {"model-scan"}
    assert result_of(changed("verification-summary", verificationResult="FAILED")) == "fail"
    assert {result_of(changed("test-result", result=result)) for result in ("WARNED", "FAILED")} == {"fail"}
    assert counts(example("model-scan")) == {
        "critical": 0,
        "high": 0,
        "medium": 1,
        "low": 0,
        "info": 0,
        "unchecked": 1,
    }


# another program


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_one_and_the_example_fits_it(name: str):
    written = json.loads((GOLDEN / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(written)
    statement = json.loads((GOLDEN / f"{name}.statement.json").read_text())
    assert list(Draft202012Validator(written).iter_errors(statement["predicate"])) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_in_toto_reader_sees_the_same_statement(name: str):
    data = (GOLDEN / f"{name}.statement.json").read_bytes()
    read = json_format.Parse(data, statement_pb2.Statement())
    said = example(name)
    assert read.predicate_type == said.predicate_type
    assert [(s.name, dict(s.digest)) for s in read.subject] == [
        (s.label, {d.algorithm: d.hex for d in s.digests}) for s in said.subjects
    ]
    assert json_format.MessageToDict(read)["predicate"] == json.loads(data)["predicate"]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places(member, (*path, key))


def with_change(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with the value at a path replaced, taken out (`...`), or a member added to it (a one-item dict)."""
    whole = [copy.deepcopy(body)]
    here: Any = whole
    for step in (0, *path)[:-1]:
        here = here[step]
    last = (0, *path)[-1]
    if value is ...:
        del here[last]
    elif isinstance(value, dict) and value and isinstance(here[last], dict):
        here[last] |= value
    else:
        here[last] = value
    return whole[0] if whole else None


@pytest.mark.parametrize("name", NAMES)
def test_what_the_schema_refuses_is_refused_here_too(name: str):
    """The schema may be looser than the reader (a date that does not exist), and is never stricter."""
    _, body = BODIES[name]
    reader, validator = BY_NAME[name].shape, Draft202012Validator(schema(BY_NAME[name]))
    seen = {True: 0, False: 0}
    for path in places(body):
        for value in (..., None, 5, -1, True, 0.5, "", "x", "x\n", [], {}, {"spare": 1}):
            if not path and value is ...:
                continue
            other = with_change(body, path, value)
            fits = validator.is_valid(other)
            seen[fits] += 1
            if not fits:
                with pytest.raises(Malformed, match=name):
                    reader.check(other, name)
    assert seen[False] > seen[True] or BY_NAME[name].shape.open


# refusals


@pytest.mark.parametrize("name", OURS)
def test_a_member_that_the_shape_does_not_know_is_refused(name: str):
    with pytest.raises(Malformed, match=f"{name} has the unknown member 'spare'"):
        check(changed(name, spare=1))


@pytest.mark.parametrize("name", ["slsa-provenance", "verification-summary"])
def test_a_foreign_predicate_may_hold_members_that_we_do_not_know(name: str):
    assert check(changed(name, spare=1)) is BY_NAME[name]


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("missing", ["result", "findings", "unchecked", "tool", "policy", "inputs", "validUntil"])
def test_every_check_carries_the_core(name: str, missing: str):
    thing, body = BODIES[name]
    less = {member: value for member, value in body.items() if member != missing}
    with pytest.raises(Malformed, match=f"{name} lacks {missing}"):
        check(Statement((thing,), BY_NAME[name].type, less))


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("result", "PASS"),
        ("result", "passed"),
        ("result", ["pass"]),
        ("result", None),
        ("findings", None),
        ("findings", {}),
        ("findings", [{"rule": "x", "severity": "severe", "location": {}, "saw": ""}]),
        ("findings", [{"rule": "x\ny", "severity": "high", "location": {}, "saw": ""}]),
        ("findings", [{"rule": "x", "severity": "high", "location": {"where": 1}, "saw": ""}]),
        ("unchecked", [{"code": "because", "detail": "", "location": {}}]),
        ("unchecked", 0),
        ("tool", {"name": "x", "version": "1", "digest": {}}),
        ("tool", {"name": "x\x1b[2J", "version": "1", "digest": {"sha256": "0" * 64}}),
        ("policy", {"name": "x", "digest": {"sha256": "ABC"}}),
        ("inputs", [{"name": "train", "digest": {"sha256": "0" * 64}}]),
        ("inputs", [{"name": "dataset/*", "digest": {"sha256": "0" * 64}}]),
        ("inputs", [{"name": "dataset/x", "digest": {}}]),
        ("inputs", [{"name": "dataset/x", "digest": {"sha256": "0" * 62}}]),
        ("inputs", [{"name": "dataset/x", "digest": {"sha512": "0" * 33}}]),
        ("inputs", [{"name": "dataset/x", "digest": {"sha256": None}}]),
        ("validUntil", "2026-11-23T17:00:00.000Z"),
        ("validUntil", "2026-11-23T17:00:60Z"),
        ("validUntil", "2026-02-29T00:00:00Z"),
        ("validUntil", "\u0662026-11-23T17:00:00Z"),
        ("validUntil", 1_790_000_000),
    ],
)
def test_a_core_of_another_shape_is_refused(name: str, member: str, value: Any):
    with pytest.raises(Malformed):
        check(changed(name, **{member: value}))


@pytest.mark.parametrize(
    ("name", "member", "value"),
    [
        ("artefact", "files", []),
        ("artefact", "files", [{"path": "a", "size": 1, "sha256": "0" * 64, "mode": "0o644"}]),
        ("artefact", "files", [{"path": "a", "size": -1, "sha256": "0" * 64, "mode": "0644"}]),
        ("artefact", "omsRoot", "0" * 63),
        ("artefact", "bundle", "0" * 64),
        ("dataset-manifest", "files", []),
        ("data-check", "checks", []),
        ("data-check", "owner", "two\nlines"),
        ("data-check", "manifest", "week47"),
        ("model-scan", "files", [{"path": "a", "sha256": "0" * 64, "format": "x", "coverage": "none"}]),
        ("evaluation", "metrics", {}),
        ("evaluation", "metrics", {"recall": "0.97"}),
        ("evaluation", "metrics", {"recall": True}),
        ("evaluation", "metrics", {"recall": None}),
        ("evaluation", "dataset", {"name": "tumour", "digest": {"sha256": "0" * 64}}),
        ("slsa-provenance", "buildDefinition", {"buildType": "x"}),
        ("slsa-provenance", "runDetails", {}),
        ("boundary", "kind", "other"),
        ("boundary", "origin", "a\nb"),
        ("index", "size", -1),
        ("index", "count", 2**53),
        ("index", "root", "0" * 64 + "0"),
        ("revocation", "reason", "x\x9b2J"),
        ("exception", "statement", "the last scan"),
        ("exception", "until", "for ever"),
        ("exception", "owner", None),
        ("verification-summary", "verificationResult", "WARNED"),
        ("root", "threshold", 0),
        ("trust", "grants", None),
        ("policy", "version", 0),
    ],
)
def test_a_predicate_of_another_shape_is_refused(name: str, member: str, value: Any):
    with pytest.raises(Malformed, match=name):
        check(changed(name, **{member: value}))


@pytest.mark.parametrize(
    "dependency",
    [
        {"name": "dataset/x"},
        {"name": "dataset/x", "digest": {"sha256": "00" * 16}},
        {"name": "dataset/x\x1b[8m", "digest": {"sha256": "0" * 64}},
        {"uri": "u" * 2049, "digest": {"sha256": "0" * 64}},
        {"name": 1, "digest": {"sha256": "0" * 64}},
        "dataset/x",
    ],
)
def test_a_dependency_that_no_verdict_could_name_is_refused(dependency: Any):
    definition = BODIES["slsa-provenance"][1]["buildDefinition"] | {"resolvedDependencies": [dependency]}
    with pytest.raises(Malformed):
        check(changed("slsa-provenance", buildDefinition=definition))


def test_an_artefact_lists_exactly_the_tree_that_it_is_about():
    extra = {"path": "run.sh", "size": 1, "sha256": sha256(b"x").hex, "mode": "0755"}
    with pytest.raises(Malformed, match="do not have the digest of its subject"):
        check(changed("artefact", files=[*BODIES["artefact"][1]["files"], extra]))


def test_an_artefact_may_be_one_file_by_its_own_digest():
    body = BODIES["artefact"][1]
    one = Named("model/tumour", (Digest("sha256", body["files"][0]["sha256"]),))
    assert check(Statement((one,), BY_NAME["artefact"].type, body)) is BY_NAME["artefact"]


def test_an_artefact_about_two_things_is_refused():
    body = BODIES["artefact"][1]
    with pytest.raises(Malformed, match="do not have the digest of its subject"):
        check(Statement((MODEL, Named("model/other", MODEL.digests)), BY_NAME["artefact"].type, body))


@pytest.mark.parametrize("path", ["a\nb", ""])
def test_an_artefact_with_a_name_that_no_tree_has_is_refused(path: str):
    files = [BODIES["artefact"][1]["files"][0] | {"path": path}]
    with pytest.raises(Malformed):
        check(changed("artefact", files=files))


def test_an_artefact_that_lists_a_path_twice_is_refused():
    twice = BODIES["artefact"][1]["files"] * 2
    with pytest.raises(Malformed, match="occurs twice"):
        check(changed("artefact", files=twice))


@pytest.mark.parametrize(
    "kind", ["", "urn:hauberk:model-scan:v2", "urn:hauberk:model-scan:v1 ", "URN:hauberk:model-scan:v1", "x" * 10_000]
)
def test_a_type_that_is_not_in_the_table_is_refused(kind: str):
    with pytest.raises(Malformed, match="no predicate of the type"):
        check(Statement((MODEL,), kind, BODIES["model-scan"][1]))


@pytest.mark.parametrize("name", NAMES)
def test_no_predicate_is_read_as_another(name: str):
    others = [other for other in NAMES if other not in (name, "policy")]
    accepted = [other for other in others if _fits(other, BODIES[name])]
    assert accepted == []


def _fits(name: str, body: tuple[Named, dict[str, Any]]) -> bool:
    try:
        check(Statement((body[0],), BY_NAME[name].type, body[1]))
    except HauberkError:
        return False
    return True


def test_the_tree_of_the_example_is_the_one_of_its_files():
    assert MODEL.digests == (dir_hash([("model.joblib", sha256(b"weights").hex)]),)
