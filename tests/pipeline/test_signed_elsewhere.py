"""`hauberk trust sign --bytes` and `--public`: a root's key in an HSM signs what it is given, and no other bytes."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hauberk.cli.dispatch import dispatch
from hauberk.errors import NotVerified
from hauberk.evidence.trust_draft import Signed, read
from hauberk.pipeline.project import open_project
from hauberk.signature.detached import Detached
from hauberk.signature.key import CURVES, KeyKind, PublicKey
from owners import make_owners, named, signs

SIGNED = "signed-trust.json"
ORDER = CURVES[KeyKind.ECDSA_P256].order


class Hsm:
    """Keys that sign raw bytes, and are nowhere in a file."""

    def __init__(self, folder, kind):
        self.is_ec = kind is KeyKind.ECDSA_P256
        self._key = ec.generate_private_key(ec.SECP256R1()) if self.is_ec else ed25519.Ed25519PrivateKey.generate()
        self.public = folder / "hsm.pub"
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        self.public.write_bytes(self._key.public_key().public_bytes(serialization.Encoding.PEM, info))

    def sign(self, path, *, high=False):
        """Sign a file's bytes; an ECDSA signature may have the larger S."""
        data = Path(path).read_bytes()
        made = self._key.sign(data, ec.ECDSA(hashes.SHA256())) if self.is_ec else self._key.sign(data)
        if self.is_ec:
            r, s = decode_dss_signature(made)
            made = encode_dss_signature(r, max(s, ORDER - s) if high else min(s, ORDER - s))
        target = Path(path).with_suffix(".sig")
        target.write_bytes(made)
        return str(target)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory):
    return make_owners(tmp_path_factory.mktemp("owners"), "alice")


@pytest.fixture
def owners(everybody, tmp_path, monkeypatch):
    (tmp_path / "small").mkdir()
    monkeypatch.chdir(tmp_path / "small")
    return shutil.copytree(everybody, tmp_path / "owners")


def drafted(owners, kind=KeyKind.ED25519):
    """Draft a founding by Alice and a key in an HSM, and write what this is to sign."""
    hsm = Hsm(owners, kind)
    assert dispatch(["init", *named(owners, "alice", "hsm", threshold=2)]) == 0
    assert dispatch(["trust", "sign", "founding.json", "--bytes", "out"]) == 0
    return hsm


def joined(hsm, *signatures, draft="founding.json"):
    words = [word for one in signatures for word in ("--signature", one)]
    return dispatch(["trust", "sign", str(draft), "--public", str(hsm.public), *words])


def refused(capsys, what, answer):
    code = answer()
    assert code != 0
    assert what in capsys.readouterr().err
    assert not Path(SIGNED).exists()
    return code


@pytest.mark.parametrize("kind", [KeyKind.ED25519, KeyKind.ECDSA_P256])
@pytest.mark.parametrize("first", ["alice", "hsm"])
def test_a_key_in_an_hsm_founds_a_project_with_another_persons(owners, capsys, kind, first):
    hsm = drafted(owners, kind)
    assert "it founds sha256:" in capsys.readouterr().out
    made = [hsm.sign(f"out/{name}.bin", high=True) for name in ("trust", "root")]
    if first == "alice":
        assert signs(owners, "alice") == 0
        assert joined(hsm, *made, draft=SIGNED) == 0
    else:
        assert joined(hsm, *made) == 0
        assert signs(owners, "alice", draft=SIGNED) == 0
    assert dispatch(["init", "--signed", SIGNED]) == 0
    assert not open_project(".").read_trust().development


def test_the_bytes_are_the_same_whoever_has_signed(owners):
    drafted(owners)
    assert signs(owners, "alice") == 0
    assert dispatch(["trust", "sign", SIGNED, "--bytes", "again"]) == 0
    for name in ("root.bin", "trust.bin"):
        assert Path("again", name).read_bytes() == Path("out", name).read_bytes()
    assert isinstance(read(Path(SIGNED).read_bytes()), Signed)


def test_a_signature_of_other_bytes_signs_nothing(owners, capsys):
    hsm = drafted(owners)
    Path("out/trust.bin").write_bytes(Path("out/trust.bin").read_bytes() + b" ")
    made = [hsm.sign("out/root.bin"), hsm.sign("out/trust.bin")]
    assert refused(capsys, "no signature that is named", lambda: joined(hsm, *made)) == 1


@pytest.mark.parametrize("name", ["root", "trust"])
def test_each_of_both_is_signed(owners, capsys, name):
    hsm = drafted(owners)
    assert refused(capsys, "no signature that is named", lambda: joined(hsm, hsm.sign(f"out/{name}.bin"))) == 1


def test_the_draft_that_was_edited_meanwhile_is_not_signed(owners, capsys):
    hsm = drafted(owners)
    made = [hsm.sign("out/root.bin"), hsm.sign("out/trust.bin")]
    text = Path("founding.json").read_text()
    Path("founding.json").write_text(text.replace('"deployment/*"', '"deployment/x"'))
    assert refused(capsys, "no signature that is named", lambda: joined(hsm, *made)) == 1


def test_a_key_that_is_none_of_the_root_signs_nothing(owners, capsys):
    drafted(owners)
    (owners / "else").mkdir()
    other = Hsm(owners / "else", KeyKind.ED25519)
    made = [other.sign("out/root.bin"), other.sign("out/trust.bin")]
    assert refused(capsys, "is none of root version 1", lambda: joined(other, *made)) == 1


def test_one_key_in_an_hsm_is_not_two(owners, capsys):
    hsm = drafted(owners)
    assert joined(hsm, hsm.sign("out/root.bin"), hsm.sign("out/trust.bin")) == 0
    assert dispatch(["init", "--signed", SIGNED]) == 1
    assert "1 signatures of root version 1, not 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--key", "a.pem", "--bytes", "out"],
        ["--key", "a.pem", "--public", "a.pub", "--signature", "a.sig"],
        ["--bytes", "out", "--public", "a.pub", "--signature", "a.sig"],
        ["--public", "a.pub"],
        ["--signature", "a.sig"],
        ["--key", "a.pem", "--signature", "a.sig"],
    ],
)
def test_one_way_of_signing_is_named(owners, capsys, words):
    drafted(owners)
    assert (
        refused(capsys, "--key URI; or --bytes DIR", lambda: dispatch(["trust", "sign", "founding.json", *words])) == 2
    )


def test_what_is_to_be_signed_is_written_over_nothing_else(owners, capsys):
    drafted(owners)
    Path("out/root.bin").write_text("mine")
    assert refused(capsys, "root.bin", lambda: dispatch(["trust", "sign", "founding.json", "--bytes", "out"])) == 2
    assert Path("out/root.bin").read_text() == "mine"


def test_a_draft_that_founds_nothing_real_is_not_given_to_an_hsm(owners, capsys):
    drafted(owners)
    shutil.rmtree("out")
    text = Path("founding.json").read_text()
    Path("founding.json").write_text(text.replace('"development": false', '"development": true', 1))
    refused(capsys, "marked as development", lambda: dispatch(["trust", "sign", "founding.json", "--bytes", "out"]))
    assert not Path("out").exists()


@pytest.mark.parametrize("signature", [b"", b"\x30", b"x" * 64, b"\x30\x06\x02\x01\x00\x02\x01\x00", b"x" * 1024])
@pytest.mark.parametrize("curve", [True, False])
def test_what_is_no_signature_is_none(signature, curve, tmp_path):
    hsm = Hsm(tmp_path, KeyKind.ECDSA_P256 if curve else KeyKind.ED25519)
    with pytest.raises(NotVerified, match="no signature that is named"):
        Detached(PublicKey.from_pem(hsm.public.read_bytes()), (signature,)).sign(b"a message")
