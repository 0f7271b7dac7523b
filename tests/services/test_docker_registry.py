"""Artefacts in an OCI registry, served by docker-registry."""

import json
import urllib.request

import pytest

from hauberk.digest import dir_hash, sha256
from hauberk.errors import NotVerified, Unavailable
from hauberk.finding import Outcome
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.scan import scan
from hauberk.view import Basis
from services.models import CLEAN, EVIL, array

LARGE = array(10_000_000) + bytes(40_000_000)


def send(method, url, data=None, kind="application/octet-stream"):
    request = urllib.request.Request(url, data, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.headers


def push(base, name, layers, tag="v1"):
    """Push an artefact as the distribution specification says; return the digest of its manifest."""

    def blob(data):
        place = send("POST", f"{base}/v2/{name}/blobs/uploads/", b"")["Location"]
        send("PUT", f"{place}{'&' if '?' in place else '?'}digest={sha256(data)}", data)
        return {"mediaType": "application/octet-stream", "digest": str(sha256(data)), "size": len(data)}

    entries = [
        blob(data) | {"annotations": {"org.opencontainers.image.title": title}} for title, data in layers.items()
    ]
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": blob(b"{}"), "layers": entries}).encode()
    send("PUT", f"{base}/v2/{name}/manifests/{tag}", manifest, kind)
    return sha256(manifest)


@pytest.fixture
def pushed(docker_registry):
    host = docker_registry.url.removeprefix("http://")
    files = {"model.pkl": CLEAN, "large.npy": LARGE}
    return f"{host}/org/model", push(docker_registry.url, "org/model", files), files


def test_a_tag_is_resolved_to_a_digest_and_layers_are_claimed(pushed):
    name, digest, files = pushed
    seen = scan(f"oci://{name}:v1")
    assert seen.subjects[0].path == f"oci://{name}@{digest}"
    assert {report.path.rpartition("/")[2]: report.digest for report in seen.reports} == {
        title: sha256(data) for title, data in files.items()
    }
    assert [report.basis for report in seen.reports] == [Basis.CLAIMED, Basis.COMPUTED]


def test_of_a_large_layer_only_what_matters_is_read(pushed):
    name, digest, _ = pushed
    report = next(report for report in scan(f"oci://{name}@{digest}").reports if report.path.endswith("npy"))
    assert (report.complete, report.reading.bytes < report.size / 100) == (True, True)


def test_a_bad_layer_is_found(docker_registry):
    push(docker_registry.url, "org/bad", {"model.pkl": EVIL})
    host = docker_registry.url.removeprefix("http://")
    assert scan(f"oci://{host}/org/bad:v1").outcome is Outcome.MALICIOUS


def test_what_is_not_there_is_unavailable(pushed):
    name, _, _ = pushed
    for address in (f"oci://{name}:lost", f"oci://{name}@sha256:{'0' * 64}", f"oci://{name}x:v1"):
        with pytest.raises(Unavailable, match="no such thing"):
            scan(address)


def test_an_artefact_is_taken_in_by_its_digest(pushed, tmp_path):
    name, digest, files = pushed
    expected = dir_hash((title, sha256(data).hex) for title, data in files.items())
    record, path = intake(f"oci://{name}@{digest}", output=tmp_path / "q", wanted=Wanted(expected))
    assert {file.name: file.read_bytes() for file in path.iterdir()} == files
    assert record.pinned == f"oci://{name}@{digest}"


def test_an_artefact_of_another_digest_is_not(pushed, tmp_path):
    name, digest, _ = pushed
    with pytest.raises(NotVerified):
        intake(f"oci://{name}@{digest}", output=tmp_path / "q", wanted=Wanted(sha256(b"x")))
