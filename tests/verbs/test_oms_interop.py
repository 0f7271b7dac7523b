"""Bundles of ours verify in model-signing 1.1.1, those of model-signing in ours, and both refuse what was changed."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from model_signing import hashing, signing, verifying
from model_signing._signing import sign_sigstore_pb as sigstore_pb

import sigstore_house
from authority import EMAIL, NOW, authority, key, leaf, root, usage
from hauberk.edge.keyless import KeylessSigner
from hauberk.edge.keys import (
    generate_key,
    open_signer,
    read_certificates,
    read_public_key,
    write_private_key,
    write_public_key,
)
from hauberk.errors import Malformed, Misconfigured, NotVerified
from hauberk.signature import base64
from hauberk.signature.certificate import Authority, Identity
from hauberk.signature.dsse import pre_authentication_encoding
from hauberk.signature.key import CURVES, KeyKind
from hauberk.signature.keyless import Keyless
from hauberk.signature.manifest import Hashing, HashType
from hauberk.verbs.sign import sign
from hauberk.verbs.verify import verify
from producer import producer

# `sub.txt` and `sub/x` stand in one order by code point, which we write, and in the other by components, which it does.
FILES = {
    "config.json": b"{}",
    "sub.txt": b"1",
    "sub/x": b"2",
    "sub/deeper/and deeper/ünïcode é \U0001f9be.bin": b"3",
    "empty": b"",
    "a:b:c": b"4",
    "back\\slash": b"5",
}
FOREIGN = "the bundle was not written by Hauberk: permission bits and empty directories are not covered"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")

    write_private_key(folder / "k.pem", producer(), passphrase=None)
    write_public_key(folder / "p.pem", producer().public)
    return folder


@pytest.fixture(params=["directory", "file"])
def model(request, tmp_path):
    if request.param == "file":
        (tmp_path / "one model.bin").write_bytes(b"weights")
        return tmp_path / "one model.bin"
    for name, data in FILES.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(data)
    return tmp_path / "model"


def they_sign(keys, model, signature, ignored=()):
    how = hashing.Config().set_ignored_paths(paths=ignored)
    signing.Config().use_elliptic_key_signer(private_key=keys / "k.pem").set_hashing_config(how).sign(model, signature)


def they_verify(keys, model, signature, how=None):
    config = verifying.Config().use_elliptic_key_verifier(public_key=keys / "p.pem")
    if how is not None:  # they cannot read their own word for blake2b, nor a size of shards as protobuf writes it
        config.set_hashing_config(theirs(how))
    config.verify(model, signature)


def we_sign(keys, model, signature):
    sign(model, signer=open_signer(f"file:{keys / 'k.pem'}"), signature_path=signature)


def we_verify(keys, model, signature, **options):
    return verify(model, signature, keys=[read_public_key(keys / "p.pem")], **options)


def tamper(model):
    target = model if model.is_file() else model / "sub" / "x"
    target.write_bytes(target.read_bytes() + b"!")


def test_what_we_sign_they_verify(tmp_path, keys, model):
    we_sign(keys, model, tmp_path / "m.sig")
    they_verify(keys, model, tmp_path / "m.sig")


def test_what_they_sign_we_verify_with_a_warning(tmp_path, keys, model):
    they_sign(keys, model, tmp_path / "m.sig")
    assert we_verify(keys, model, tmp_path / "m.sig").warnings == (FOREIGN,)


def test_what_they_sign_we_refuse_strictly(tmp_path, keys, model):
    they_sign(keys, model, tmp_path / "m.sig")
    with pytest.raises(NotVerified, match="not written by Hauberk"):
        we_verify(keys, model, tmp_path / "m.sig", strict=True)


def test_a_changed_byte_is_refused_by_both(tmp_path, keys, model):
    we_sign(keys, model, tmp_path / "ours.sig")
    they_sign(keys, model, tmp_path / "theirs.sig")
    tamper(model)
    for signature in ("ours.sig", "theirs.sig"):
        with pytest.raises(NotVerified, match="changed"):
            we_verify(keys, model, tmp_path / signature)
        with pytest.raises(ValueError, match="mismatch"):
            they_verify(keys, model, tmp_path / signature)


def test_the_key_of_another_is_refused_by_both(tmp_path, keys, model):

    write_private_key(tmp_path / "k.pem", producer(2), passphrase=None)
    we_sign(tmp_path, model, tmp_path / "ours.sig")
    they_sign(tmp_path, model, tmp_path / "theirs.sig")
    for signature in ("ours.sig", "theirs.sig"):
        with pytest.raises(NotVerified, match="another key"):
            we_verify(keys, model, tmp_path / signature)
        with pytest.raises(ValueError, match="Key mismatch"):
            they_verify(keys, model, tmp_path / signature)


@pytest.mark.parametrize("model", ["directory"], indirect=True)
class TestDirectory:
    def test_an_added_and_a_removed_file_are_refused_by_both(self, tmp_path, keys, model):
        we_sign(keys, model, tmp_path / "ours.sig")
        they_sign(keys, model, tmp_path / "theirs.sig")
        (model / "added.py").touch()
        (model / "empty").unlink()
        for signature in ("ours.sig", "theirs.sig"):
            with pytest.raises(NotVerified, match=r"missing: empty; extra: added\.py"):
                we_verify(keys, model, tmp_path / signature)
            with pytest.raises(ValueError, match="Extra files"):
                they_verify(keys, model, tmp_path / signature)

    def test_the_git_folder_is_ignored_by_both_and_named_by_us(self, tmp_path, keys, model):
        (model / ".git").mkdir()
        (model / ".git" / "config").write_bytes(b"[core]")
        we_sign(keys, model, tmp_path / "ours.sig")
        they_sign(keys, model, tmp_path / "theirs.sig")
        (model / ".git" / "config").write_bytes(b"[core]\nfsmonitor = evil")
        they_verify(keys, model, tmp_path / "ours.sig")
        for signature in ("ours.sig", "theirs.sig"):
            said = we_verify(keys, model, tmp_path / signature).warnings[0]
            assert said == "not covered, because the signer ignored it: .git"

    def test_a_path_that_they_ignore_is_named(self, tmp_path, keys, model):
        they_sign(keys, model, tmp_path / "m.sig", ignored=["sub/deeper"])
        verified = we_verify(keys, model, tmp_path / "m.sig")
        assert verified.warnings[0] == "not covered, because the signer ignored it: sub/deeper"
        assert len(verified.files) == len(FILES) - 1

    def test_a_bundle_that_they_wrote_into_the_model_verifies(self, keys, model):
        they_sign(keys, model, model / "model.sig", ignored=["model.sig"])
        assert we_verify(keys, model, model / "model.sig").warnings[0].startswith("the bundle lies inside")


HOW = {
    "blake2b": (Hashing(HashType.BLAKE2B), {"hashing_algorithm": "blake2"}),
    "blake3": (Hashing(HashType.BLAKE3), {"hashing_algorithm": "blake3"}),
    "shards": (Hashing(shard_size=3), {"shard_size": 3}),
    "shards-of-blake2b": (Hashing(HashType.BLAKE2B, 3), {"hashing_algorithm": "blake2", "shard_size": 3}),
}


def theirs(options):
    config = hashing.Config()
    return (config.use_shard_serialization if "shard_size" in options else config.use_file_serialization)(**options)


@pytest.fixture
def tree(tmp_path):
    for name, data in FILES.items():
        if ":" not in name:  # they cannot read back a shard of such a name
            (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "model" / name).write_bytes(data * 5)
    return tmp_path / "model"


def differing(model):
    """Change a file without changing its size, add one, remove one: in turn, with what is said of each."""
    whole = (model / "sub.txt").read_bytes()
    (model / "sub.txt").write_bytes(b"?" * len(whole))
    yield r"changed: sub\.txt"
    (model / "sub.txt").write_bytes(whole)
    (model / "added.py").write_bytes(b"0")
    yield r"extra: added\.py"
    (model / "added.py").unlink()
    (model / "sub.txt").unlink()
    yield r"missing: sub\.txt"


@pytest.mark.parametrize("how", HOW)
class TestHashing:
    def test_what_we_sign_they_verify(self, tmp_path, keys, tree, how):
        signed = sign(
            tree, signer=open_signer(f"file:{keys / 'k.pem'}"), signature_path=tmp_path / "m.sig", hashing=HOW[how][0]
        )
        they_verify(keys, tree, tmp_path / "m.sig", HOW[how][1])
        verified = we_verify(keys, tree, tmp_path / "m.sig")
        assert verified.digest == signed.subject is not None
        assert len(verified.warnings) == (1 if "shards" in how else 0)  # of the empty file
        assert we_verify(keys, tree, tmp_path / "m.sig", identify=False).digest is None
        for says in differing(tree):
            with pytest.raises(NotVerified, match=says):
                we_verify(keys, tree, tmp_path / "m.sig", identify=False)
            with pytest.raises(ValueError, match="mismatch"):
                they_verify(keys, tree, tmp_path / "m.sig", HOW[how][1])

    def test_what_they_sign_we_verify(self, tmp_path, keys, tree, how):
        config = signing.Config().use_elliptic_key_signer(private_key=keys / "k.pem")
        config.set_hashing_config(theirs(HOW[how][1])).sign(tree, tmp_path / "m.sig")
        verified = we_verify(keys, tree, tmp_path / "m.sig")
        assert FOREIGN in verified.warnings
        assert len(verified.files) == len(FILES) - 1
        for says in differing(tree):
            with pytest.raises(NotVerified, match=says):
                we_verify(keys, tree, tmp_path / "m.sig")


def test_shards_with_blake3_are_ours_alone(tmp_path, keys, tree):
    hashing = Hashing(HashType.BLAKE3, 3)
    sign(tree, signer=open_signer(f"file:{keys / 'k.pem'}"), signature_path=tmp_path / "m.sig", hashing=hashing)
    assert len(we_verify(keys, tree, tmp_path / "m.sig").files) == len(FILES) - 1
    for says in differing(tree):
        with pytest.raises(NotVerified, match=says):
            we_verify(keys, tree, tmp_path / "m.sig")


def test_the_empty_files_of_a_signature_by_shards_are_named(tmp_path, keys, tree):
    config = signing.Config().use_elliptic_key_signer(private_key=keys / "k.pem")
    config.set_hashing_config(theirs({"shard_size": 3})).sign(tree, tmp_path / "m.sig")
    (tree / "__init__.py").touch()
    they_verify(keys, tree, tmp_path / "m.sig", {"shard_size": 3})  # it sees no difference
    warning = we_verify(keys, tree, tmp_path / "m.sig").warnings[0]
    assert warning == "not covered, because a signature by shards speaks of no empty file: __init__.py, empty"
    with pytest.raises(NotVerified, match=r"__init__\.py"):
        we_verify(keys, tree, tmp_path / "m.sig", strict=True)


def test_a_path_that_we_ignore_they_ignore(tmp_path, keys, tree):
    signer = open_signer(f"file:{keys / 'k.pem'}")
    signed = sign(tree, signer=signer, signature_path=tmp_path / "m.sig", ignore=["sub/", "nowhere"])
    assert signed.uncovered == ("sub",)
    (tree / "sub" / "x").write_bytes(b"changed")
    they_verify(keys, tree, tmp_path / "m.sig")
    assert we_verify(keys, tree, tmp_path / "m.sig").warnings == ("not covered, because the signer ignored it: sub",)
    with pytest.raises(NotVerified, match="the signer ignored it: sub"):
        we_verify(keys, tree, tmp_path / "m.sig", strict=True)


@pytest.mark.parametrize("path", ["", "/", "..", "../x", "/etc", "sub//x", "."])
def test_what_is_no_path_in_the_model_is_not_ignored(tmp_path, keys, tree, path):
    with pytest.raises(Misconfigured, match="no path in the model"):
        sign(tree, signer=open_signer(f"file:{keys / 'k.pem'}"), signature_path=tmp_path / "m.sig", ignore=[path])


@pytest.mark.parametrize("kind", [KeyKind.ECDSA_P384, KeyKind.ECDSA_P521])
def test_larger_curves_sign_both_ways(tmp_path, tree, kind):
    signer = generate_key(kind)
    write_private_key(tmp_path / "k.pem", signer, passphrase=None)
    write_public_key(tmp_path / "p.pem", signer.public)
    we_sign(tmp_path, tree, tmp_path / "ours.sig")
    they_verify(tmp_path, tree, tmp_path / "ours.sig")
    they_sign(tmp_path, tree, tmp_path / "theirs.sig")
    for signature in ("ours.sig", "theirs.sig"):
        assert we_verify(tmp_path, tree, tmp_path / signature).key == signer.public
        with pytest.raises(NotVerified, match="another key"):
            verify(tree, tmp_path / signature, keys=[producer().public, generate_key(kind).public])


# Certificates


ROOT = root()
BY = authority(ROOT)


@pytest.fixture
def chain(tmp_path):
    """Return what writes the files of a leaf, with changes: its key, itself, and the authority that made it."""

    def write(**changes):
        made = leaf(BY, **changes)
        for name, data in {
            "k.pem": made.private, "leaf.pem": made.pem, "by.pem": BY.pem, "root.pem": ROOT.pem,
            "chain.pem": made.pem + BY.pem,
        }.items():  # fmt: skip
            (tmp_path / name).write_bytes(data)
        return tmp_path

    return write


def they_sign_with(chain, model, signature):
    config = signing.Config().use_certificate_signer(
        private_key=chain / "k.pem", signing_certificate=chain / "leaf.pem", certificate_chain=[chain / "by.pem"]
    )
    config.sign(model, signature)


def they_verify_with(chain, model, signature):
    verifying.Config().use_certificate_verifier(certificate_chain=[chain / "root.pem"]).verify(model, signature)


def we_verify_with(model, signature, *, who=f"email:{EMAIL}", at=NOW, **options):
    trusted = Authority((ROOT.der,), (Identity.parse(who),), at)
    return verify(model, signature, authority=trusted, **options)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_certificates_sign_both_ways(chain, tree, curve):
    place = chain(key=key(77, curve))
    signer = open_signer(f"file:{place / 'k.pem'}")
    sign(tree, signer=signer, signature_path=place / "ours.sig", chain=read_certificates(place / "chain.pem"))
    they_verify_with(place, tree, place / "ours.sig")
    they_sign_with(place, tree, place / "theirs.sig")
    ours, others = (we_verify_with(tree, place / name) for name in ("ours.sig", "theirs.sig"))
    assert (str(ours.identity), ours.key, ours.warnings) == (f"email:{EMAIL}", signer.public, ())
    assert (others.key, others.warnings) == (signer.public, (FOREIGN,))


THEY_ACCEPT = {
    "expired": {"ends": NOW - timedelta(days=1), "begins": NOW - timedelta(days=9)},
    "not yet valid": {"begins": NOW + timedelta(days=1)},
    "for a TLS server": {"purposes": (ExtendedKeyUsageOID.SERVER_AUTH,)},
    "of somebody else": {"names": (x509.RFC822Name("mallory@other.example"),)},
    "of an authority": {
        "constraints": x509.BasicConstraints(True, 0),
        "usage": usage(digital_signature=True, key_cert_sign=True),
    },
}


@pytest.mark.parametrize("case", THEY_ACCEPT)
def test_a_certificate_that_they_accept_we_refuse(chain, tree, case):
    place = chain(**THEY_ACCEPT[case])
    they_sign_with(place, tree, place / "m.sig")
    if case != "of an authority":  # the authority above it may issue none
        they_verify_with(place, tree, place / "m.sig")
    with pytest.raises(NotVerified, match="certificate"):
        we_verify_with(tree, place / "m.sig")


def test_a_bundle_with_a_certificate_needs_a_root_and_an_identity(chain, keys, tree):
    place = chain()
    they_sign_with(place, tree, place / "m.sig")
    with pytest.raises(Misconfigured, match="signed with a certificate"):
        we_verify(keys, tree, place / "m.sig")
    with pytest.raises(NotVerified, match="not of email:other"):
        we_verify_with(tree, place / "m.sig", who="email:other@bank.example")
    other = Authority((root(key=key(99)).der,), (Identity.parse(f"email:{EMAIL}"),), NOW)
    with pytest.raises(NotVerified, match="no trusted root"):
        verify(tree, place / "m.sig", authority=other)


def test_a_bundle_with_a_key_is_not_one_with_a_certificate(tmp_path, keys, tree):
    we_sign(keys, tree, tmp_path / "m.sig")
    with pytest.raises(NotVerified, match="with a key and not with a certificate"):
        we_verify_with(tree, tmp_path / "m.sig")


def test_a_certificate_of_another_key_signs_nothing(chain, keys, tree):
    place = chain()
    with pytest.raises(Misconfigured, match="of another key"):
        sign(
            tree,
            signer=open_signer(f"file:{keys / 'k.pem'}"),
            signature_path=place / "m.sig",
            chain=read_certificates(place / "chain.pem"),
        )
    assert not (place / "m.sig").exists()


def test_the_signature_under_a_sound_certificate_must_hold(chain, tree):
    place = chain()
    they_sign_with(place, tree, place / "m.sig")
    bundle = json.loads((place / "m.sig").read_bytes())
    mine = leaf(BY, key=key(55))
    bundle["verificationMaterial"]["x509CertificateChain"]["certificates"][0]["rawBytes"] = base64.encode(mine.der)
    (place / "m.sig").write_text(json.dumps(bundle))
    with pytest.raises(NotVerified, match="does not hold"):
        we_verify_with(tree, place / "m.sig")


# Versions before 1.0


def older(
    tree, signer, *, encode=sigstore_pb.pae_compat, algorithm=None, predicate="https://model_signing/Digests/v0.1"
):
    """Return a bundle as model_signing 0.2 wrote it, with the encoding that 1.1.1 keeps for it."""
    subjects = [
        {
            "name": path.relative_to(tree).as_posix(),
            "digest": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
            "annotations": {"actual_hash_algorithm": "file-sha256"},
        }
        for path in sorted(path for path in tree.rglob("*") if path.is_file())
    ]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": predicate,
        "predicate": {"unused": "Unused, just passed due to API requirements"},
    }
    payload = json.dumps(statement, indent=2).encode()
    signature = signer._key.sign(encode(payload), ec.ECDSA(algorithm or CURVES[signer.public.kind].hash))
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"rawBytes": base64.encode(signer.public.pem)}},
        "dsseEnvelope": {
            "payload": base64.encode(payload),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"sig": base64.encode(signature), "keyid": None}],
        },
    }


@pytest.mark.parametrize("kind", CURVES)
def test_a_bundle_of_a_version_before_1_0_is_read_where_it_is_asked_for(tmp_path, tree, kind):
    signer = generate_key(kind)
    write_public_key(tmp_path / "p.pem", signer.public)
    (tmp_path / "m.sig").write_text(json.dumps(older(tree, signer)))
    they_verify(tmp_path, tree, tmp_path / "m.sig")
    with pytest.raises(NotVerified, match="does not hold"):
        we_verify(tmp_path, tree, tmp_path / "m.sig")
    verified = we_verify(tmp_path, tree, tmp_path / "m.sig", read_older=True)
    assert any("version before 1.0" in warning for warning in verified.warnings)
    with pytest.raises(NotVerified, match="version before"):
        we_verify(tmp_path, tree, tmp_path / "m.sig", read_older=True, strict=True)
    for says in differing(tree):
        with pytest.raises(NotVerified, match=says):
            we_verify(tmp_path, tree, tmp_path / "m.sig", read_older=True)


def test_an_older_list_of_files_under_a_signature_of_today_is_said_to_be_older(tmp_path, tree):
    signer = producer()
    (tmp_path / "m.sig").write_text(json.dumps(older(tree, signer, encode=pre_authentication_encoding)))
    verified = verify(tree, tmp_path / "m.sig", keys=[signer.public], read_older=True)
    assert any("version before 1.0" in warning for warning in verified.warnings)


def test_an_older_signature_with_sha_256_on_a_larger_curve_is_read(tmp_path, tree):
    signer = generate_key(KeyKind.ECDSA_P384)
    (tmp_path / "m.sig").write_text(json.dumps(older(tree, signer, algorithm=hashes.SHA256())))
    assert verify(tree, tmp_path / "m.sig", keys=[signer.public], read_older=True).key == signer.public


@pytest.mark.parametrize(
    "encode", [lambda payload: payload, lambda payload: sigstore_pb.pae_compat(payload + b" ")], ids=["none", "other"]
)
def test_an_older_bundle_must_hold(tmp_path, tree, encode):
    signer = producer()
    (tmp_path / "m.sig").write_text(json.dumps(older(tree, signer, encode=encode)))
    with pytest.raises(NotVerified, match="does not hold"):
        verify(tree, tmp_path / "m.sig", keys=[signer.public], read_older=True)


def test_an_older_bundle_of_another_key_is_refused(tmp_path, tree):
    (tmp_path / "m.sig").write_text(json.dumps(older(tree, producer(2))))
    with pytest.raises(NotVerified, match="another key"):
        verify(tree, tmp_path / "m.sig", keys=[producer().public], read_older=True)


def test_a_predicate_of_nobody_is_refused(tmp_path, tree):
    signer = producer()
    (tmp_path / "m.sig").write_text(json.dumps(older(tree, signer, predicate="https://example.com/v0.1")))
    with pytest.raises(Malformed, match=r"example\.com"):
        verify(tree, tmp_path / "m.sig", keys=[signer.public], read_older=True)


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory):
    """Run a Sigstore of our own; return its configuration, and what we trust of it."""
    folder = tmp_path_factory.mktemp("sigstore")
    with sigstore_house.served() as services:
        (folder / "config.json").write_text(json.dumps(services.trust_config()))
        who = (Identity.parse(f"email:{EMAIL}"),)
        yield (
            folder / "config.json",
            Keyless(json.dumps(sigstore_house.trusted_root()).encode(), who, sigstore_house.ISSUER),
        )


def test_what_model_signing_signed_keyless_verifies_here(sigstore, model, tmp_path):
    config, trusted = sigstore
    made = signing.Config().use_sigstore_signer(identity_token=sigstore_house.token(), trust_config=config)
    made.sign(model, tmp_path / "m.sig")
    found = verify(model, tmp_path / "m.sig", authority=trusted)
    assert (str(found.identity), found.warnings) == (f"email:{EMAIL}", (FOREIGN,))
    with pytest.raises(NotVerified, match="does not hold"):
        verify(model, tmp_path / "m.sig", authority=replace(trusted, issuer="https://evil.example"))
    tamper(model)
    with pytest.raises(NotVerified, match="changed"):
        verify(model, tmp_path / "m.sig", authority=trusted)


def test_what_we_signed_keyless_verifies_in_model_signing(sigstore, model, tmp_path):
    config, _ = sigstore
    signer = KeylessSigner(config.read_bytes(), sigstore_house.token())
    sign(model, signer=signer, signature_path=tmp_path / "m.sig")
    for issuer, holds in ((sigstore_house.ISSUER, True), ("https://evil.example", False)):
        peer = verifying.Config().use_sigstore_verifier(identity=EMAIL, oidc_issuer=issuer, trust_config=config)
        with nullcontext() if holds else pytest.raises(Exception, match="OIDCIssuer"):
            peer.verify(model, tmp_path / "m.sig")
