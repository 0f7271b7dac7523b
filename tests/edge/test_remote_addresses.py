"""Addresses: what each form means, and what is none."""

import pytest

from hauberk.edge.remote.address import Kind, is_address, parse, pinned_text
from hauberk.errors import Misconfigured

COMMIT, DIGEST = "a" * 40, "sha256:" + "b" * 64


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://host/a/m.pt?x=1#f", (Kind.WEB, "https://host/a/m.pt?x=1", "", "")),
        (f"hf://org/name@{COMMIT}", (Kind.HUB, "org/name", COMMIT, "")),
        (f"hf://org/name@{COMMIT}/a/m.pt", (Kind.HUB, "org/name", COMMIT, "a/m.pt")),
        ("hf://org/name/a/m.pt", (Kind.HUB, "org/name", "main", "a/m.pt")),
        ("hf://gpt2@refs%2Fpr%2F1", (Kind.HUB, "gpt2", "refs/pr/1", "")),
        (f"hf://datasets/org/name@{COMMIT}", (Kind.HUB, "datasets/org/name", COMMIT, "")),
        ("s3://bucket/a/m.pt", (Kind.BUCKET, "bucket", "", "a/m.pt")),
        ("s3://bucket", (Kind.BUCKET, "bucket", "", "")),
        ("s3://bucket/m.pt?versionId=v1", (Kind.BUCKET, "bucket", "v1", "m.pt")),
        (f"oci://localhost:5000/a/m@{DIGEST}", (Kind.REGISTRY, "localhost:5000/a/m", DIGEST, "")),
        ("oci://host/a/m:v1", (Kind.REGISTRY, "host/a/m", "v1", "")),
        ("oci://host/a/m", (Kind.REGISTRY, "host/a/m", "latest", "")),
        ("mlflow:/models/fraud/3", (Kind.MLFLOW, "fraud", "3", "")),
        ("mlflow:/models/fraud/3/model.pkl", (Kind.MLFLOW, "fraud", "3", "model.pkl")),
    ],
)
def test_an_address_is_taken_apart(text, parts):
    found = parse(text)
    assert (found.kind, found.place, found.revision, found.path) == parts


@pytest.mark.parametrize(
    "text",
    [
        "https://",
        "https://host:99999/",
        "https://user:secret@host/m.pt",
        "https://user@host/m.pt",
        "https://host/a b",
        "https://host/a\nb",
        "https://host/" + "a" * 5000,
        "hf://",
        "hf://org",
        "hf://a/b/c@main",
        "hf://../etc@main",
        "hf://org/na--me@main",
        "hf://org/name@",
        "s3://",
        "s3://key:secret@bucket/a",
        "s3://bucket/a?X-Amz-Signature=1",
        "s3://bucket/a?versionId=1&versionId=2",
        "oci://host",
        "oci://host/Name:tag",
        "oci://user:secret@host/name:tag",
        "oci://host/name@sha256:abc",
        "oci://host/name@md5:" + "a" * 32,
        "mlflow:/models/m",
        "mlflow:/runs/a/b",
    ],
)
def test_what_is_no_address_or_holds_a_secret_is_wrong_usage(text):
    if text == "hf://org":
        assert parse(text).place == "org"  # a repository of the hub's own, as gpt2
        return
    with pytest.raises(Misconfigured):
        parse(text)


def test_a_file_of_that_very_name_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert is_address("mlflow:/models/m/1")
    (tmp_path / "mlflow:" / "models" / "m").mkdir(parents=True)
    (tmp_path / "mlflow:" / "models" / "m" / "1").write_text("")
    assert not is_address("mlflow:/models/m/1")


@pytest.mark.parametrize("text", ["model.pt", "a:b", "az://bucket/a", "C:\\m.pt", "file:///m.pt"])
def test_anything_else_is_a_path(text):
    assert not is_address(text)


def test_an_address_is_told_with_what_it_was_resolved_to():
    assert pinned_text(parse("hf://org/name/a b".replace(" ", "%20")), COMMIT) == f"hf://org/name@{COMMIT}/a%20b"
    assert pinned_text(parse("oci://host/m:v1"), DIGEST) == f"oci://host/m@{DIGEST}"
