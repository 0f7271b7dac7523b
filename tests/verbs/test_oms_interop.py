"""Bundles of ours verify in model-signing 1.1.1, those of model-signing in ours, and both refuse what was changed."""

from __future__ import annotations

import pytest
from model_signing import hashing, signing, verifying

from hauberk.edge.keys import open_signer, read_public_key, write_private_key, write_public_key
from hauberk.errors import NotVerified, Unavailable
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


def they_verify(keys, model, signature):
    verifying.Config().use_elliptic_key_verifier(public_key=keys / "p.pem").verify(model, signature)


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

    @pytest.mark.parametrize("method", ["blake3", "blake2", "shards"])
    def test_a_method_of_a_later_version_is_named(self, tmp_path, keys, model, method):

        if method == "shards":
            how = hashing.Config().use_shard_serialization(shard_size=1000)
        else:
            how = hashing.Config().use_file_serialization(hashing_algorithm=method)
        (model / "a:b:c").unlink()
        config = signing.Config().use_elliptic_key_signer(private_key=keys / "k.pem").set_hashing_config(how)
        config.sign(model, tmp_path / "m.sig")
        with pytest.raises(Unavailable, match=method):
            we_verify(keys, model, tmp_path / "m.sig")
