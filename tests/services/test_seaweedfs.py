"""Objects in S3, served by SeaweedFS."""

import hashlib
import hmac
import urllib.error
import urllib.request
from datetime import UTC, datetime
from email.message import Message
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from hauberk.digest import dir_hash, sha256
from hauberk.errors import Misconfigured, Unavailable
from hauberk.finding import Outcome
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.scan import scan
from hauberk.view import Basis
from s3_login import log_in
from services.conftest import ACCESS, SECRET
from services.models import CLEAN, EVIL, array


class Answered(NamedTuple):
    headers: Message
    body: bytes


LARGE = array(10_000_000) + bytes(40_000_000)


def put(url, data=b"", **headers):
    return ask("PUT", url, data, **headers).headers


def ask(method, url, data=b"", **headers):
    """Ask with a signature of our own (AWS Signature Version 4), by another hand than the one that is tested."""
    parts, now = urlsplit(url), datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {
        "host": parts.netloc,
        "x-amz-content-sha256": hashlib.sha256(data).hexdigest(),
        "x-amz-date": now,
    } | headers
    names = ";".join(sorted(signed))
    rows = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    query = "&".join(
        f"{name}={value}" for name, _, value in sorted(q.partition("=") for q in parts.query.split("&") if q)
    )
    whole = f"{method}\n{parts.path}\n{query}\n{rows}\n{names}\n{signed['x-amz-content-sha256']}"
    scope = f"{now[:8]}/us-east-1/s3/aws4_request"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(whole.encode()).hexdigest()}"
    proof = hmac.new(key, text.encode(), "sha256").hexdigest()
    signed["Authorization"] = f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope},SignedHeaders={names},Signature={proof}"
    del signed["host"]
    request = urllib.request.Request(url, data, signed, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answered(answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        refused.close()
        raise


@pytest.fixture(scope="session")
def filled(seaweedfs):
    put(f"{seaweedfs.url}/models")
    for name, data in {"m/model.pkl": CLEAN, "m/sub/large.npy": LARGE, "bad/evil.pkl": EVIL}.items():
        put(f"{seaweedfs.url}/models/{name}", data)
    put(f"{seaweedfs.url}/models/m/a%20b%2B%C3%A9.txt", b"text\n")
    for number in range(30):
        put(f"{seaweedfs.url}/models/many/{number:04}.txt", b"x\n")
    return seaweedfs


@pytest.fixture
def bucket(filled, monkeypatch):
    log_in(monkeypatch, filled.url, ACCESS, SECRET)
    return filled


def test_a_prefix_is_a_directory(bucket):
    seen = scan("s3://models/m")
    assert [report.path for report in seen.reports] == [
        "s3://models/m/a b+é.txt",
        "s3://models/m/model.pkl",
        "s3://models/m/sub/large.npy",
    ]
    assert seen.complete
    assert seen.subjects[0].basis is Basis.CLAIMED


def test_of_a_large_object_only_what_matters_is_read(bucket):
    (report,) = scan("s3://models/m/sub/large.npy").reports
    assert (report.outcome, report.basis) == (Outcome.CLEAN, Basis.CLAIMED)
    assert report.reading.bytes < report.size / 100


def test_a_bad_object_is_found(bucket):
    assert scan("s3://models/bad/evil.pkl").outcome is Outcome.MALICIOUS


def test_a_long_list_comes_in_pages(bucket):
    assert len(scan("s3://models/many").reports) == 30


@pytest.mark.parametrize("key", ["lost.pkl", "lost/"])
def test_what_is_not_there_is_said(bucket, key):
    with pytest.raises(Misconfigured, match="no such object"):
        scan(f"s3://models/{key}")


@pytest.mark.parametrize("change", ["another secret", "no keys", "another bucket"])
def test_who_may_not_is_not_let_in(bucket, monkeypatch, change):
    if change == "another secret":
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    elif change == "no keys":
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises((Unavailable, Misconfigured)):
        scan(f"s3://{'models' if change != 'another bucket' else 'nowhere'}/m/model.pkl")


def test_an_object_is_pinned_by_its_version(bucket):
    put(f"{bucket.url}/versioned")
    put(
        f"{bucket.url}/versioned?versioning",
        b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status>'
        b"</VersioningConfiguration>",
    )
    first = put(f"{bucket.url}/versioned/m.pkl", EVIL)["x-amz-version-id"]
    put(f"{bucket.url}/versioned/m.pkl", CLEAN)
    newest, (older,) = scan("s3://versioned/m.pkl"), scan(f"s3://versioned/m.pkl?versionId={first}").reports
    assert (newest.outcome, older.outcome) == (Outcome.CLEAN, Outcome.MALICIOUS)
    assert older.reading.pinned == f"version {first}"


def test_a_prefix_is_taken_in_by_its_digest(bucket, tmp_path):
    files = {"a b+é.txt": b"text\n", "model.pkl": CLEAN, "sub/large.npy": LARGE}
    expected = dir_hash((name, sha256(data).hex) for name, data in files.items())
    _, path = intake("s3://models/m", output=tmp_path / "q", wanted=Wanted(expected))
    assert {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()} == files
