"""`hauberk sign` and `hauberk verify`, as a person types them: no project, no terminal, no configuration."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

import sigstore_house
from authority import EMAIL, authority, leaf, root
from hauberk.cli.main import main
from hauberk.signature import oms


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


# Certificates, shards, other hashes, a cache


@pytest.fixture
def certified(place):
    """Write a chain that is valid today, and sign with its key."""
    now = datetime.now(UTC)
    valid = {"begins": now - timedelta(days=1), "ends": now + timedelta(days=9)}
    top = root(**valid)
    by = authority(top, **valid)
    made = leaf(by, **valid)
    (place / "k.pem").write_bytes(made.private)
    (place / "chain.pem").write_bytes(made.pem + by.pem)
    (place / "root.pem").write_bytes(top.pem)
    assert main(["sign", "model/", "--key", "k.pem", "--certificate", "chain.pem", "--signature", "m.sig"]) == 0
    return place


def check(*more):
    return main(["verify", "model/", "--signature", "m.sig", *more])


def test_a_certificate_verifies_with_a_root_and_an_identity(certified, capsys):
    assert check("--root", "root.pem", "--identity", f"email:{EMAIL}", "--strict") == 0
    assert f"signer    email:{EMAIL}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--identity", "email:mallory@other.example"], 1, "not of email:mallory"),
        (["--identity", f"email:{EMAIL}", "--at", "2020-01-01T00:00:00Z"], 1, "is valid from"),
        (["--identity", EMAIL], 2, "is no identity"),
        ([], 2, "a root and an identity"),
        (["--identity", f"email:{EMAIL}", "--public-key", "p.pem"], 2, "--public-key or --root"),
        (["--identity", f"email:{EMAIL}", "--at", "yesterday"], 2, "yesterday"),
    ],
)
def test_a_certificate_that_is_not_what_was_asked_for_is_refused(certified, capsys, more, code, says):
    assert check("--root", "root.pem", *more) == code
    assert says in capsys.readouterr().err


def test_a_root_that_is_no_certificate_is_refused(certified, capsys):
    assert check("--root", "p.pem", "--identity", f"email:{EMAIL}") == 2
    assert "no PEM certificate" in capsys.readouterr().err


def test_without_a_key_and_without_a_root_nothing_is_verified(certified, capsys):
    assert check() == 2
    assert check("--identity", f"email:{EMAIL}") == 2
    assert "name the root" in capsys.readouterr().err


@pytest.fixture
def keyless(place):
    """Sign the model as somebody whom a Sigstore of our own vouches for."""
    files = [(file.relative_to("model").as_posix(), file) for file in Path("model").rglob("*") if file.is_file()]
    listed = [(name, hashlib.sha256(file.read_bytes()).hexdigest()) for name, file in files]
    (place / "m.sig").write_bytes(sigstore_house.Wish(oms.encode_payload(oms.manifest_of("model", listed))).bundle())
    (place / "trusted_root.json").write_text(json.dumps(sigstore_house.trusted_root()))
    return place


SIGSTORE = ("--trusted-root", "trusted_root.json")
WHO = ("--identity", f"email:{EMAIL}", "--issuer", sigstore_house.ISSUER)


def test_a_keyless_signature_verifies_with_a_root_an_identity_and_an_issuer(keyless, capsys):
    assert check(*SIGSTORE, *WHO) == 0
    assert f"signer   email:{EMAIL}" in capsys.readouterr().out
    (keyless / "model" / "extra").write_text("x")
    assert check(*SIGSTORE, *WHO) == 1
    assert "extra: extra" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ([*SIGSTORE, "--identity", "email:eve@bank.example", "--issuer", sigstore_house.ISSUER], 1, "SANs"),
        ([*SIGSTORE, "--identity", f"email:{EMAIL}", "--issuer", "https://evil.example"], 1, "does not hold"),
        ([*SIGSTORE, "--identity", f"email:{EMAIL}"], 2, "an identity and an issuer"),
        ([*SIGSTORE, "--issuer", sigstore_house.ISSUER], 2, "an identity and an issuer"),
        ([*SIGSTORE, *WHO, "--at", "2026-01-01T00:00:00Z"], 2, "--root and --at are not of keyless"),
        ([*SIGSTORE, *WHO, "--public-key", "p.pem"], 2, "--trusted-root"),
        ([*WHO], 2, "--issuer is of keyless signatures"),
        (["--trusted-root", "p.pem", *WHO], 2, "no trusted root of Sigstore"),
        (["--public-key", "p.pem"], 2, "signed keyless"),
    ],
)
def test_a_keyless_signature_that_is_not_what_was_asked_for_is_refused(keyless, capsys, more, code, says):
    assert check(*more) == code
    assert says in capsys.readouterr().err


def test_a_signature_by_a_key_is_not_for_who_trusts_a_sigstore(keyless, capsys):
    assert main(["sign", "model/", "--key", "k.pem", "--signature", "m.sig"]) == 0
    assert check(*SIGSTORE, *WHO) == 1
    assert "signed with a key" in capsys.readouterr().err


def test_shards_are_signed_and_verified_without_an_identity_unless_it_is_asked_for(place, capsys):
    words = ["sign", "model/", "--key", "k.pem", "--signature", "m.sig", "--shard-size", "3", "--hash", "blake2b"]
    assert main(words) == 0
    assert verify("--strict") == 0
    out = capsys.readouterr().out
    assert out.count("root       sha256:") == 1
    assert "identity" not in out
    assert verify("--with-identity") == 0
    assert "identity  dirHash:" in capsys.readouterr().out


@pytest.mark.parametrize("size", ["0", "-1", "1e9", "64M", ""])
def test_a_size_of_shards_is_a_number_of_bytes(place, capsys, size):
    assert main(["sign", "model/", "--key", "k.pem", "--signature", "m.sig", f"--shard-size={size}"]) == 2
    assert "is no number of bytes" in capsys.readouterr().err


def test_a_path_of_the_signers_is_not_covered(place, capsys):
    (place / "model" / "logs").mkdir()
    (place / "model" / "logs" / "x").write_bytes(b"1")
    assert main(["sign", "model/", "--key", "k.pem", "--signature", "m.sig", "--ignore", "logs"]) == 0
    assert "does not cover: logs" in capsys.readouterr().err
    assert verify() == 0
    assert verify("--strict") == 1


def test_a_cache_is_used_twice(place, capsys):
    sign()
    assert verify("--cache", "cache") == verify("--cache", "cache", "--strict") == 0
    assert (place / "cache.key").exists()
    assert verify("--cache", "model/cache") == 2
