"""Signing keyless, against services that do what Sigstore's do; the client is the `sigstore` library."""

from __future__ import annotations

import json
import sys

import pytest

from authority import EMAIL
from hauberk.cli.main import main
from hauberk.edge.keyless import KeylessSigner, open_keyless
from hauberk.errors import Misconfigured, NotVerified, Unavailable
from hauberk.signature import oms
from hauberk.signature.certificate import Identity
from hauberk.signature.keyless import Keyless
from sigstore_house import ISSUER, Services, served, token, trusted_root

PAYLOAD = oms.encode_payload(oms.manifest_of("model", [("a", "0" * 64)]))


@pytest.fixture
def services():
    with served() as made:
        yield made


@pytest.fixture
def place(services, tmp_path, monkeypatch):
    """Enter a directory with a model, what the services are, and what an issuer says of the signer."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "w").write_bytes(b"weights")
    (tmp_path / "sigstore.json").write_text(json.dumps(services.trust_config()))
    (tmp_path / "trusted_root.json").write_text(json.dumps(trusted_root()))
    (tmp_path / "token").write_text(token() + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def signer(services, said=None):
    return KeylessSigner(json.dumps(services.trust_config()).encode(), token() if said is None else said)


def sign(*more):
    return main(["sign", "model/", "--signature", "m.sig", *more])


def verify(*more):
    who = ["--trusted-root", "trusted_root.json", "--identity", f"email:{EMAIL}", "--issuer", ISSUER]
    return main(["verify", "model/", "--signature", "m.sig", *(more or who)])


def test_a_model_is_signed_by_an_identity_and_verified_by_its_name(place, capsys):
    assert sign("--keyless", "sigstore.json", "--identity-token", "token") == 0
    said = capsys.readouterr().out
    assert f"signer     email:{EMAIL}" in said
    assert f"issuer     {ISSUER}" in said
    assert verify() == 0
    (place / "model" / "w").write_bytes(b"WEIGHTS")
    assert verify() == 1


def test_what_is_signed_is_what_was_given(services):
    sealed = signer(services).seal(PAYLOAD)
    trusted = Keyless(json.dumps(trusted_root()).encode(), (Identity.parse(f"email:{EMAIL}"),), ISSUER)
    assert oms.encode_payload(oms.open_bundle(sealed.bundle, (), authority=trusted).manifest) == PAYLOAD


def test_a_token_of_the_pipeline_is_taken(place, monkeypatch):
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", token())
    assert sign("--keyless", "sigstore.json") == 0
    assert verify() == 0


def test_without_a_token_nothing_is_signed(place, capsys, monkeypatch):
    from sigstore import oidc  # noqa: PLC0415

    monkeypatch.setattr(oidc, "detect_credential", lambda: None)
    assert sign("--keyless", "sigstore.json") == 2
    assert "--identity-token" in capsys.readouterr().err
    assert not (place / "m.sig").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ([], "--key or --keyless"),
        (["--key", "k.pem", "--keyless", "sigstore.json"], "--key or --keyless"),
        (["--key", "k.pem", "--identity-token", "token"], "give --keyless, not --key"),
        (["--keyless", "token", "--identity-token", "token"], "no client trust config"),
        (["--keyless", "trusted_root.json", "--identity-token", "token"], "no client trust config"),
        (["--keyless", "sigstore.json", "--identity-token", "sigstore.json"], "no identity token"),
    ],
)
def test_what_does_not_go_together_is_refused(place, capsys, more, says):
    assert sign(*more) == 2
    assert says in capsys.readouterr().err
    assert not (place / "m.sig").exists()


def test_a_certificate_of_an_own_authority_does_not_go_with_a_keyless_signature(place, capsys):
    from authority import leaf, root  # noqa: PLC0415

    (place / "chain.pem").write_bytes(leaf(root()).pem)
    assert sign("--keyless", "sigstore.json", "--identity-token", "token", "--certificate", "chain.pem") == 2
    assert "a certificate of its own" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/api/v2/signingCert", "/api/v1/log/entries"])
def test_a_service_that_refuses_signs_nothing(services, path):
    services.spoil = path
    with pytest.raises(Unavailable, match="did not sign"):
        signer(services).seal(PAYLOAD)


def test_services_that_are_away_sign_nothing():
    away = Services()
    away.server_close()
    with pytest.raises(Unavailable, match="did not sign") as caught:
        signer(away).seal(PAYLOAD)
    assert token()[:20] not in str(caught.value)


def test_a_service_that_signs_for_another_log_is_refused(services, monkeypatch):
    import sigstore_house  # noqa: PLC0415
    from authority import key  # noqa: PLC0415

    config = services.trust_config()
    monkeypatch.setattr(sigstore_house, "LOG", key(99))
    with pytest.raises(NotVerified):
        KeylessSigner(json.dumps(config).encode(), token()).seal(PAYLOAD)


@pytest.mark.parametrize("service", ["caUrls", "rekorTlogUrls", "tsaUrls", "ca_urls", "rekor_tlog_urls", "tsa_urls"])
def test_no_service_gets_the_token_in_clear(services, service):
    config = services.trust_config()
    del config["signingConfig"]["caUrls"]
    config["signingConfig"][service] = [{"url": "http://sigstore.example", "majorApiVersion": 1, "operator": "x"}]
    with pytest.raises(Misconfigured, match="in clear"):
        KeylessSigner(json.dumps(config).encode(), token()).seal(PAYLOAD)


def test_the_token_is_not_shown(services):
    assert token()[:12] not in repr(signer(services))


def test_without_the_library_it_is_unavailable(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "sigstore", None)
    with pytest.raises(Unavailable, match="needs sigstore"):
        open_keyless("sigstore.json", "token")
