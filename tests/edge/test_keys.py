"""Key files: what opens, what is warned of, what is refused, and where the passphrase comes from."""

from __future__ import annotations

import io
import os
import pickle
import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519

from hauberk.edge import keys
from hauberk.errors import Exceeded, Misconfigured, Unavailable
from hauberk.signature.key import KeyKind, PublicKey
from producer import producer

PEM = serialization.Encoding.PEM
PKCS8, SEC1 = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PLAIN = serialization.NoEncryption()
P256 = ec.derive_private_key(1, ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
# What `openssl ecparam -name prime256v1 -genkey` writes before the key.
PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


def words() -> bytes:
    return b"four plain words here"


def never() -> bytes:
    raise AssertionError("nobody should have been asked")


@pytest.fixture(autouse=True)
def _nowhere_to_ask(monkeypatch, tmp_path):
    monkeypatch.delenv(keys.PASSPHRASE_VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "k.pem"
    keys.write_private_key(path, producer(), passphrase=words())
    return path


@pytest.mark.parametrize("kind", KeyKind)
def test_a_new_key_signs_what_its_public_half_verifies(kind):
    signer = keys.generate_key(kind)
    assert signer.public.kind is kind
    signer.public.verify(signer.sign(b"message"), b"message")


def test_two_new_keys_differ():
    assert keys.generate_key(KeyKind.ED25519).public != keys.generate_key(KeyKind.ED25519).public


def test_an_encrypted_key_opens_with_its_passphrase_and_no_warning(encrypted):
    signer = keys.open_signer(f"file:{encrypted}", passphrase=words)
    assert (signer.public, signer.warnings) == (producer().public, ())


def test_a_key_that_openssl_encrypted_opens(tmp_path):
    pem = P256.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(words()))
    (tmp_path / "k.pem").write_bytes(pem)
    assert keys.open_signer("k.pem", passphrase=words).public == producer().public


@pytest.mark.parametrize("wrong", [b"four plain words", b"four plain words here\n", b"x", b""])
def test_the_wrong_passphrase_is_said_to_be_wrong(encrypted, wrong):
    with pytest.raises(Misconfigured, match=r"k\.pem cannot be opened") as caught:
        keys.open_signer(str(encrypted), passphrase=lambda: wrong)
    assert "k.pem" in caught.value.message


@pytest.mark.parametrize(
    "pem",
    [
        P256.private_bytes(PEM, PKCS8, PLAIN),
        P256.private_bytes(PEM, SEC1, PLAIN),
        PARAMETERS + P256.private_bytes(PEM, SEC1, PLAIN),
        ED25519.private_bytes(PEM, PKCS8, PLAIN),
        P256.private_bytes(PEM, PKCS8, PLAIN).replace(b"\n", b"\r\n"),
    ],
    ids=["pkcs8", "sec1", "sec1-with-parameters", "ed25519", "crlf"],
)
def test_a_plain_key_opens_with_a_warning_and_without_a_question(tmp_path, pem):
    (tmp_path / "k.pem").write_bytes(pem)
    signer = keys.open_signer("k.pem", passphrase=never)
    signer.public.verify(signer.sign(b"message"), b"message")
    assert signer.warnings == ("k.pem is a private key without a passphrase: who can read the file can sign",)


@pytest.mark.parametrize("uri", ["k.pem", "./k.pem", "file:k.pem", "file:./k.pem", "file:ABSOLUTE", "file://ABSOLUTE"])
def test_a_key_is_named_by_a_file_uri_or_by_a_plain_path(tmp_path, uri):
    keys.write_private_key("k.pem", producer(), passphrase=None)
    assert keys.open_signer(uri.replace("ABSOLUTE", str(tmp_path / "k.pem"))).public == producer().public


def test_a_path_is_taken_letter_by_letter(tmp_path):
    keys.write_private_key(tmp_path / "a%20b:c.pem", producer(), passphrase=None)
    assert keys.open_signer("a%20b:c.pem").public == keys.open_signer("file:a%20b:c.pem").public


def test_a_link_to_a_key_is_followed(tmp_path):
    keys.write_private_key("k.pem", producer(), passphrase=None)
    (tmp_path / "link").symlink_to("k.pem")
    assert keys.open_signer("link").public == producer().public


@pytest.mark.parametrize("scheme", ["pkcs11", "awskms", "gcpkms", "azurekms", "hashivault", "tpm", "broker"])
def test_a_kind_of_uri_of_a_later_version_is_named(scheme):
    with pytest.raises(Misconfigured, match=f"{scheme}: keys cannot be used"):
        keys.open_signer(f"{scheme}:key")


def test_a_file_of_another_machine_is_refused():
    with pytest.raises(Misconfigured, match="another machine"):
        keys.open_signer("file://host/k.pem")


@pytest.mark.parametrize("open_it", [keys.open_signer, keys.read_public_key])
def test_a_key_that_is_not_there_is_unavailable(open_it):
    with pytest.raises(Unavailable, match="nowhere"):
        open_it("nowhere/k.pem")


@pytest.mark.parametrize("open_it", [keys.open_signer, keys.read_public_key])
def test_a_fifo_is_no_key_file(tmp_path, open_it):
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(Unavailable, match="FIFO"):
        open_it("fifo")


@pytest.mark.parametrize("open_it", [keys.open_signer, keys.read_public_key])
def test_a_file_too_large_for_a_key_is_not_read(tmp_path, open_it):
    (tmp_path / "large").write_bytes(bytes(70_000))
    with pytest.raises(Exceeded, match="70000 bytes"):
        open_it("large")


@pytest.mark.parametrize("open_it", [keys.open_signer, keys.read_public_key])
@pytest.mark.parametrize(
    "data",
    [b"", b"not a key", P256.private_bytes(serialization.Encoding.DER, PKCS8, PLAIN), bytes(100), PARAMETERS],
    ids=["empty", "text", "der", "zeros", "parameters"],
)
def test_a_file_without_a_pem_block_is_refused(tmp_path, open_it, data):
    (tmp_path / "k.pem").write_bytes(data)
    with pytest.raises(Misconfigured, match=r"k\.pem (is empty|holds 0 PEM blocks)"):
        open_it("k.pem")


@pytest.mark.parametrize("open_it", [keys.open_signer, keys.read_public_key])
def test_two_keys_in_a_file_are_refused(tmp_path, open_it):
    both = P256.private_bytes(PEM, PKCS8, PLAIN) + P256.public_key().public_bytes(PEM, SPKI)
    (tmp_path / "k.pem").write_bytes(both)
    with pytest.raises(Misconfigured, match="2 PEM blocks"):
        open_it("k.pem")


def test_a_public_key_signs_nothing(tmp_path):
    (tmp_path / "p.pem").write_bytes(P256.public_key().public_bytes(PEM, SPKI))
    with pytest.raises(Misconfigured, match="holds a public key, not a private key"):
        keys.open_signer("p.pem")


def test_a_private_key_is_not_taken_for_a_public_one(tmp_path):
    (tmp_path / "k.pem").write_bytes(P256.private_bytes(PEM, PKCS8, PLAIN))
    with pytest.raises(Misconfigured, match="holds a private key, not a public key") as caught:
        keys.read_public_key("k.pem")
    assert "-pubout" in caught.value.hint


def test_a_certificate_is_not_taken_for_a_public_key(tmp_path):
    (tmp_path / "c.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n")
    with pytest.raises(Misconfigured, match="holds a certificate") as caught:
        keys.read_public_key("c.pem")
    assert "openssl x509 -in c.pem -pubkey -noout" in caught.value.hint


def test_the_old_openssl_encryption_is_refused_with_the_way_out(tmp_path):
    pem = P256.private_bytes(PEM, SEC1, serialization.BestAvailableEncryption(b"words"))
    (tmp_path / "k.pem").write_bytes(pem)
    with pytest.raises(Misconfigured, match="old way") as caught:
        keys.open_signer("k.pem", passphrase=words)
    assert "openssl pkcs8 -topk8" in caught.value.hint


OTHERS = [
    (rsa.generate_private_key(65537, 2048), "RSA"),
    (ec.derive_private_key(1, ec.SECP256K1()), "EC secp256k1"),
    (ec.derive_private_key(1, ec.SECP224R1()), "EC secp224r1"),
    (x25519.X25519PrivateKey.from_private_bytes(bytes(32)), "X25519"),
    (dsa.generate_private_key(1024), "DSA"),
]


@pytest.mark.parametrize(("key", "named"), OTHERS, ids=[named for _, named in OTHERS])
def test_a_key_of_another_kind_is_named_with_the_kinds_that_can_be_used(tmp_path, key, named):
    (tmp_path / "k.pem").write_bytes(key.private_bytes(PEM, PKCS8, PLAIN))
    (tmp_path / "p.pem").write_bytes(key.public_key().public_bytes(PEM, SPKI))
    for open_it, path in ((keys.open_signer, "k.pem"), (keys.read_public_key, "p.pem")):
        with pytest.raises(Misconfigured, match=f"kind {named}; models are signed with EC P-256") as caught:
            open_it(path)
        assert "openssl" in caught.value.hint


@pytest.mark.parametrize("open_it", [keys.open_signer, keys.read_public_key])
def test_a_key_in_der_is_told_how_to_become_pem(tmp_path, open_it):
    (tmp_path / "k.der").write_bytes(P256.private_bytes(serialization.Encoding.DER, PKCS8, PLAIN))
    with pytest.raises(Misconfigured) as caught:
        open_it("k.der")
    assert "-inform DER -in k.der" in caught.value.hint


@pytest.mark.parametrize("uri", ["env:FOO", "https://example.org/k.pem", "gpg:me"])
def test_a_kind_of_uri_that_no_version_has_is_wrong_usage(uri):
    with pytest.raises(Misconfigured, match=f"named by {uri.partition(':')[0]}:"):
        keys.open_signer(uri)


def test_nobody_who_verifies_is_told_to_make_a_private_key(tmp_path):
    for name, data in {"text": b"not a key", "empty": b"", "k.pem": P256.private_bytes(PEM, PKCS8, PLAIN)}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Misconfigured) as caught:
            keys.read_public_key(name)
        assert "genkey" not in caught.value.hint


def test_every_truncation_of_a_public_key_is_refused(tmp_path):
    pem = producer().public.pem
    for length in range(len(pem) - 1):
        (tmp_path / "p.pem").write_bytes(pem[:length])
        with pytest.raises(Misconfigured):
            keys.read_public_key("p.pem")


def test_a_public_key_reads_back(tmp_path):
    keys.write_public_key("p.pem", producer().public)
    assert keys.read_public_key("p.pem") == producer().public
    assert stat.S_IMODE((tmp_path / "p.pem").stat().st_mode) & 0o600 == 0o600


@pytest.mark.parametrize("passphrase", [None, b"words"])
def test_a_private_key_is_its_owners_only(tmp_path, passphrase):
    keys.write_private_key("k.pem", producer(), passphrase=passphrase)
    assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["k.pem"]


@pytest.mark.parametrize("make", ["file", "link", "directory"])
def test_nothing_is_written_over(tmp_path, make):
    target = tmp_path / "k.pem"
    {
        "file": lambda: target.write_bytes(b"precious"),
        "link": lambda: target.symlink_to("elsewhere"),
        "directory": target.mkdir,
    }[make]()
    for write in (
        lambda: keys.write_private_key(target, producer(), passphrase=None),
        lambda: keys.write_public_key(target, producer().public),
    ):
        with pytest.raises(Misconfigured, match="there already"):
            write()
    assert not (tmp_path / "elsewhere").exists()
    assert not target.is_file() or target.read_bytes() == b"precious"


def test_a_directory_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable):
        keys.write_private_key("nowhere/k.pem", producer(), passphrase=None)


def test_no_key_is_written_under_an_empty_passphrase(tmp_path):
    with pytest.raises(Misconfigured, match="empty"):
        keys.write_private_key("k.pem", producer(), passphrase=b"")
    assert not list(tmp_path.iterdir())


def test_a_signer_shows_and_gives_away_nothing_of_its_key():
    signer = producer(0xC0FFEE)
    assert "C0FFEE".lower() not in repr(signer).lower()
    with pytest.raises(TypeError, match="never serialised"):
        pickle.dumps(signer)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_passphrase_comes_from_the_file_that_the_variable_names(tmp_path, monkeypatch, encrypted, end):
    (tmp_path / "words").write_bytes(words() + end)
    monkeypatch.setenv(keys.PASSPHRASE_VARIABLE, "words")
    assert keys.find_passphrase() == keys.find_passphrase(new=True) == words()
    assert keys.open_signer(str(encrypted)).public == producer().public


def test_only_one_line_end_is_no_part_of_the_passphrase(tmp_path, monkeypatch):
    (tmp_path / "words").write_bytes(b" a b \n\n")
    monkeypatch.setenv(keys.PASSPHRASE_VARIABLE, "words")
    assert keys.find_passphrase() == b" a b \n"


def test_the_passphrase_may_come_through_a_pipe(monkeypatch):
    reader, writer = os.pipe()
    os.write(writer, words())
    os.close(writer)
    monkeypatch.setenv(keys.PASSPHRASE_VARIABLE, f"/dev/fd/{reader}")
    assert keys.find_passphrase() == words()
    os.close(reader)


def test_without_a_variable_and_a_terminal_there_is_no_passphrase(encrypted):
    with pytest.raises(Misconfigured, match="no terminal") as caught:
        keys.open_signer(str(encrypted))
    assert keys.PASSPHRASE_VARIABLE in caught.value.hint


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n"])
def test_an_empty_passphrase_file_is_refused(tmp_path, monkeypatch, data):
    (tmp_path / "words").write_bytes(data)
    monkeypatch.setenv(keys.PASSPHRASE_VARIABLE, "words")
    with pytest.raises(Misconfigured, match="empty"):
        keys.find_passphrase()


def test_a_file_too_large_for_a_passphrase_is_refused(monkeypatch):
    monkeypatch.setenv(keys.PASSPHRASE_VARIABLE, "/dev/zero")
    with pytest.raises(Misconfigured, match="more than 4096 bytes"):
        keys.find_passphrase()


def test_a_passphrase_file_that_is_not_there_is_unavailable(monkeypatch):
    monkeypatch.setenv(keys.PASSPHRASE_VARIABLE, "nowhere")
    with pytest.raises(Unavailable, match="nowhere"):
        keys.find_passphrase()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    given = list(answers)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: given.pop(0))


def test_a_terminal_is_asked_once(monkeypatch):
    answer(monkeypatch, "größe")
    assert keys.find_passphrase() == "größe".encode()


def test_a_new_passphrase_is_asked_for_twice(monkeypatch):
    answer(monkeypatch, "words", "words")
    assert keys.find_passphrase(new=True) == b"words"


def test_two_new_passphrases_that_differ_are_refused(monkeypatch):
    answer(monkeypatch, "words", "Words")
    with pytest.raises(Misconfigured, match="differ"):
        keys.find_passphrase(new=True)


def test_an_empty_answer_is_refused(monkeypatch):
    answer(monkeypatch, "")
    with pytest.raises(Misconfigured, match="empty"):
        keys.find_passphrase()


@pytest.mark.parametrize("before", [(), ("words",)], ids=["first", "again"])
def test_a_closed_terminal_is_no_passphrase(monkeypatch, before):
    given = list(before)

    def ask(_prompt):
        if not given:
            raise EOFError
        return given.pop()

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", ask)
    with pytest.raises(Misconfigured, match="no passphrase was given"):
        keys.find_passphrase(new=True)


def test_a_key_that_was_written_is_that_key(tmp_path):
    signer = keys.generate_key(KeyKind.ED25519)
    keys.write_private_key("k.pem", signer, passphrase=None)
    keys.write_public_key("p.pem", signer.public)
    assert keys.open_signer("k.pem").public == keys.read_public_key("p.pem") == signer.public
    assert PublicKey.from_pem((tmp_path / "p.pem").read_bytes()) == signer.public
