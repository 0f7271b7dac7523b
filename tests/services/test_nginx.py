"""Files at plain addresses, served by nginx."""

import pytest

from checkpoints import write_checkpoint
from hauberk.digest import sha256
from hauberk.edge.remote import client
from hauberk.edge.remote.ranges import RangedView
from hauberk.errors import NotVerified
from hauberk.finding import Outcome, UncheckedCode
from hauberk.verbs.intake import Wanted, intake
from hauberk.verbs.scan import scan
from hauberk.view import Basis
from services.models import CLEAN, EVIL, large


@pytest.fixture
def web(nginx, monkeypatch):
    (nginx.folder / "clean.pkl").write_bytes(CLEAN)
    (nginx.folder / "evil.pkl").write_bytes(EVIL)
    large(nginx.folder / "large.npy")
    write_checkpoint(nginx.folder / "large.pt", tensors=128, mebibytes=8)
    write_checkpoint(nginx.folder / "many.pt", tensors=1000, mebibytes=1)
    client._context.cache_clear()
    yield nginx
    client._context.cache_clear()


@pytest.mark.parametrize(
    ("name", "form"), [("large.npy", "npy"), ("large.pt", "pytorch-zip"), ("many.pt", "pytorch-zip")]
)
def test_a_gigabyte_is_scanned_from_a_thousandth(web, name, form):
    (report,) = scan(f"{web.url}/{name}").reports
    assert (report.format, report.outcome, report.complete) == (form, Outcome.CLEAN, True)
    assert (report.basis, report.reading.bytes < report.size / 1000) == (Basis.CLAIMED, True)


@pytest.mark.parametrize(("name", "outcome"), [("clean.pkl", Outcome.CLEAN), ("evil.pkl", Outcome.MALICIOUS)])
def test_a_file_is_judged_as_if_it_lay_here(web, name, outcome):
    (report,) = scan(f"{web.url}/{name}").reports
    assert (report.outcome, report.basis) == (outcome, Basis.COMPUTED)


def test_a_redirect_is_followed(web):
    assert scan(f"{web.url}/moved/clean.pkl").complete


def test_a_redirect_to_the_metadata_of_a_cloud_machine_is_not(web):
    (unread,) = scan(f"{web.url}/metadata").unread
    assert "link-local" in unread.detail


def test_a_server_that_ignores_ranges_is_not_read_in_full(web):
    (unread,) = scan(f"{web.url}/unranged/large.npy").unread
    assert (unread.code, "not given in parts" in unread.detail) == (UncheckedCode.LIMIT, True)
    assert scan(f"{web.url}/unranged/clean.pkl").complete


def test_a_file_that_is_written_meanwhile_has_changed(web, monkeypatch):
    real = RangedView._begin

    def begin(view):
        real(view)
        (web.folder / "turned.pkl").write_bytes(CLEAN * 1000)

    (web.folder / "turned.pkl").write_bytes(EVIL * 10_000)
    monkeypatch.setattr(RangedView, "_begin", begin)
    (unread,) = scan(f"{web.url}/turned.pkl").unread
    assert unread.code is UncheckedCode.CHANGED


@pytest.mark.parametrize("path", ["lost.pkl", "private/x"])
def test_what_is_not_given_is_unread(web, path):
    (unread,) = scan(f"{web.url}/{path}").unread
    assert unread.code is UncheckedCode.UNREADABLE


def test_tls_is_trusted_by_the_authority_that_a_person_names(web, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(web.authority))
    assert scan(f"{web.tls}/clean.pkl").complete


def test_tls_of_an_unknown_authority_is_not_trusted(web):
    (unread,) = scan(f"{web.tls}/clean.pkl").unread
    assert "certificate does not hold" in unread.detail


def test_https_does_not_lead_to_http(web, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(web.authority))
    (unread,) = scan(f"{web.tls}/downgraded/").unread
    assert "not https" in unread.detail


def test_a_file_is_taken_in_by_its_digest(web, tmp_path):
    _, path = intake(f"{web.url}/unranged/clean.pkl", output=tmp_path / "q", wanted=Wanted(sha256(CLEAN)))
    assert (path / "clean.pkl").read_bytes() == CLEAN


def test_a_file_of_another_digest_is_not(web, tmp_path):
    with pytest.raises(NotVerified):
        intake(f"{web.url}/evil.pkl", output=tmp_path / "q", wanted=Wanted(sha256(CLEAN)))
    assert not (tmp_path / "q" / "model").exists()
