"""`hauberk sign` and `hauberk verify`, as a person types them: no project, no terminal, no configuration."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hauberk.cli.main import main


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Enter a directory with a model and the producer's two keys, one of them a plain private key."""
    key = ec.generate_private_key(ec.SECP256R1())
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "k.pem").write_bytes(plain)
    (tmp_path / "k.pem").chmod(0o600)
    (tmp_path / "p.pem").write_bytes(public)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.bin").write_bytes(b"weights")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sign(*, key="file:k.pem", signature="m.sig"):
    return main(["sign", "model/", "--key", key, "--signature", signature])


def verify(*more):
    return main(["verify", "model/", "--signature", "m.sig", "--public-key", "p.pem", *more])


@pytest.mark.parametrize("key", ["file:k.pem", "k.pem"])
def test_what_was_signed_verifies(place, key, capsys):
    assert sign(key=key) == 0
    assert verify("--strict") == 0
    assert capsys.readouterr().out.count("identity   dirHash:") == 1


def test_a_key_without_a_passphrase_is_a_warning(place, capsys):
    assert sign() == 0
    assert capsys.readouterr().err.startswith("hauberk: warning: k.pem is a private key without a passphrase")


def test_a_changed_file_is_not_verified(place, capsys):
    sign()
    (place / "model" / "weights.bin").write_bytes(b"Weights")
    assert verify() == 1
    written = capsys.readouterr()
    assert "verified" not in written.out
    assert "weights.bin" in written.err


def test_an_added_file_is_not_verified(place):
    sign()
    (place / "model" / "extra.py").write_text("")
    assert verify() == 1


def test_another_key_is_not_verified(place):
    sign()
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = other.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (place / "p.pem").write_bytes(pem)
    assert verify() == 1


def test_a_signature_inside_of_the_model_is_wrong_usage(place):
    assert sign(signature="model/m.sig") == 2
    assert not (place / "model" / "m.sig").exists()


@pytest.mark.parametrize("name", ["k.pem", "p.pem", "keep.pkl"])
def test_a_signature_replaces_neither_a_key_nor_any_other_file(place, name):
    (place / "keep.pkl").write_bytes(b"precious")
    before = (place / name).read_bytes()
    assert sign(signature=name) == 2
    assert (place / name).read_bytes() == before


def test_a_signature_replaces_an_older_one(place):
    assert sign() == 0
    (place / "model" / "weights.bin").write_bytes(b"Weights")
    assert sign() == 0
    assert verify() == 0


def test_a_private_key_where_the_public_one_belongs_is_wrong_usage(place):
    sign()
    assert main(["verify", "model/", "--signature", "m.sig", "--public-key", "k.pem"]) == 2


@pytest.mark.parametrize("missing", ["m.sig", "p.pem"])
def test_a_missing_file_is_unavailable(place, missing):
    sign()
    (place / missing).unlink()
    assert verify() == 3


def test_what_the_standard_ignores_is_a_warning_and_with_strict_a_refusal(place, capsys):
    (place / "model" / ".git").mkdir()
    (place / "model" / ".git" / "config").write_text("[core]")
    assert sign() == 0
    assert verify() == 0
    assert ".git" in capsys.readouterr().err
    assert verify("--strict") == 1


def test_without_a_key_nothing_is_signed(place):
    assert main(["sign", "model/", "--signature", "m.sig"]) == 2
    assert not (place / "m.sig").exists()
