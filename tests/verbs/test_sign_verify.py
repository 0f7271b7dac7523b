"""Signing and verifying a model on disk: what holds, what is refused, and what is said about the rest."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from hauberk.digest import dir_hash
from hauberk.edge import clock
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import ARTEFACT
from hauberk.evidence.trust import Trust
from hauberk.limits import Limits
from hauberk.signature import base64, oms
from hauberk.verbs.sign import place_inside, sign
from hauberk.verbs.verify import verify
from producer import producer
from signers import SeedSigner
from simulator import Chain

SIGNER = producer()
KEY = SIGNER.public
FILES = {"model.joblib": b"weights", "sub/x": b"1", "sub.txt": b"2", "a b/ünïcode é.bin": b"3", "empty": b""}


@pytest.fixture
def model(tmp_path):
    return make(tmp_path / "model", FILES)


@pytest.fixture
def signature(tmp_path, model):
    sign(model, signer=SIGNER, signature_path=tmp_path / "model.sig")
    return tmp_path / "model.sig"


def make(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def check(model, signature, **options):
    return verify(model, signature, keys=[KEY], **options)


def test_a_directory_that_was_signed_verifies(model, signature):
    verified = check(model, signature, strict=True)
    assert sorted(file.path for file in verified.files) == sorted(FILES)
    assert (verified.key, verified.warnings) == (KEY, ())
    assert verified.digest == dir_hash((file.path, file.sha256) for file in verified.files)


def test_what_was_signed_is_what_verifies(tmp_path, model):
    signed = sign(model, signer=SIGNER, signature_path=tmp_path / "m.sig")
    verified = check(model, tmp_path / "m.sig")
    assert (signed.subject, signed.files, signed.root) == (verified.digest, verified.files, verified.root)
    assert signed.bundle == (tmp_path / "m.sig").read_bytes()


def test_a_single_file_verifies_under_any_name(tmp_path):
    (tmp_path / "one.bin").write_bytes(b"weights")
    signed = sign(tmp_path / "one.bin", signer=SIGNER, signature_path=tmp_path / "one.sig")
    (tmp_path / "one.bin").rename(tmp_path / "two.bin")
    verified = check(tmp_path / "two.bin", tmp_path / "one.sig", strict=True)
    assert (verified.digest, verified.files[0].path) == (signed.subject, "two.bin")


def test_a_file_that_its_bundle_names_verifies_under_that_name_only(tmp_path):
    (tmp_path / "one.bin").write_bytes(b"weights")
    named = oms.manifest_of(
        "one.bin", [("one.bin", "9e8ab8ea22c04c9ed4cd7e5b5f6b5a4e1d0fd9a9b1e0c2f3d4e5f60718293a4b")]
    )
    (tmp_path / "one.sig").write_bytes(oms.sign(named, SIGNER))
    with pytest.raises(NotVerified, match=r"changed: one\.bin"):
        check(tmp_path / "one.bin", tmp_path / "one.sig")
    (tmp_path / "one.bin").rename(tmp_path / "two.bin")
    with pytest.raises(NotVerified, match=r"missing: one\.bin; extra: two\.bin"):
        check(tmp_path / "two.bin", tmp_path / "one.sig")


def test_every_file_that_differs_is_named(model, signature):
    (model / "sub/x").write_bytes(b"one")
    (model / "empty").unlink()
    (model / "added.py").write_bytes(b"")
    (model / "a b/more").write_bytes(b"")
    with pytest.raises(NotVerified) as caught:
        check(model, signature)
    assert caught.value.message.endswith("changed: sub/x; missing: empty; extra: a b/more, added.py")


def test_two_files_that_change_places_are_both_changed(model, signature):
    (model / "sub/x").write_bytes(b"2")
    (model / "sub.txt").write_bytes(b"1")
    with pytest.raises(NotVerified, match=r"changed: sub\.txt, sub/x"):
        check(model, signature)


def test_an_empty_file_that_is_added_is_extra(model, signature):
    (model / "sub/__init__.py").touch()
    with pytest.raises(NotVerified, match=r"extra: sub/__init__\.py"):
        check(model, signature)


def test_many_differences_are_counted(model, signature):
    make(model, {f"x{number:02}": b"" for number in range(30)})
    with pytest.raises(NotVerified, match="x09 and 20 more"):
        check(model, signature)


def test_a_name_that_could_fool_a_terminal_is_escaped(model, signature):
    (model / "\x1b[2Kall is well").touch()
    with pytest.raises(NotVerified) as caught:
        check(model, signature)
    assert "\x1b" not in caught.value.message
    assert "all is well" in caught.value.message


def test_the_bundle_of_another_model_is_refused(tmp_path, model):
    other = make(tmp_path / "other", {"model.joblib": b"other"})
    sign(other, signer=SIGNER, signature_path=tmp_path / "other.sig")
    with pytest.raises(NotVerified, match=r"changed: model\.joblib"):
        check(model, tmp_path / "other.sig")


def test_another_key_is_refused(model, signature):
    with pytest.raises(NotVerified, match="another key"):
        verify(model, signature, keys=[producer(2).public])


def test_a_directory_is_no_single_file_and_the_reverse(tmp_path, model, signature):
    with pytest.raises(NotVerified, match="missing: a b/"):
        check(model / "model.joblib", signature)
    sign(model / "model.joblib", signer=SIGNER, signature_path=tmp_path / "one.sig")
    with pytest.raises(NotVerified, match=r"missing: \.; extra: a b/"):
        check(model, tmp_path / "one.sig")


def test_an_ignored_path_that_is_there_is_a_warning_and_strictly_a_refusal(model, signature):
    make(model, {".git/config": b"[core]\nfsmonitor = evil"})
    assert check(model, signature).warnings == ("not covered, because the signer ignored it: .git",)
    with pytest.raises(NotVerified, match=r"does not cover all: .*\.git"):
        check(model, signature, strict=True)


def test_an_ignored_name_deeper_in_the_tree_is_extra(model, signature):
    make(model, {"sub/.git/config": b""})
    with pytest.raises(NotVerified, match=r"extra: sub/\.git/config"):
        check(model, signature)


def test_what_is_ignored_is_not_in_the_digest_of_what_is_covered(model, signature):
    before = check(model, signature).digest
    make(model, {".gitignore": b"*"})
    assert check(model, signature).digest == before


def test_signing_says_what_it_does_not_cover(tmp_path, model):
    make(model, {".git/config": b"", ".gitignore": b""})
    signed = sign(model, signer=SIGNER, signature_path=tmp_path / "m.sig")
    assert signed.uncovered == (".git", ".gitignore")
    assert ".git/config" in {file.path for file in signed.files}
    assert check(model, tmp_path / "m.sig").digest != signed.subject


def test_a_model_then_another_with_the_same_arguments_share_nothing(tmp_path):
    """The first bundle ignores extra.py, the second does not: the answer may not depend on the order."""
    first = make(tmp_path / "first", {"x": b"1", "extra.py": b""})
    second = make(tmp_path / "second", {"x": b"1", "extra.py": b""})
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    lenient = oms.Manifest("m", (oms.Resource("x", digest),), frozenset({"extra.py"}))
    (tmp_path / "first.sig").write_bytes(oms.sign(lenient, SIGNER))
    (tmp_path / "second.sig").write_bytes(oms.sign(oms.manifest_of("m", [("x", digest)]), SIGNER))
    keys, limits = (KEY,), Limits()

    def refused() -> None:
        with pytest.raises(NotVerified, match=r"extra: extra\.py"):
            verify(second, tmp_path / "second.sig", keys=keys, limits=limits)

    refused()
    verify(first, tmp_path / "first.sig", keys=keys, limits=limits)
    refused()
    verify(first, tmp_path / "first.sig", keys=keys, limits=limits)


# What cannot be signed


def link(path):
    path.symlink_to("model.joblib")


def broken_link(path):
    path.symlink_to("nowhere")


def link_out(path):
    path.symlink_to("/etc/hostname")


def unix_socket(path):
    with socket.socket(socket.AF_UNIX) as it:
        it.bind(os.path.relpath(path))


def newline(path):
    path.with_name("a\nb").touch()


def not_utf_8(path):
    (path.parent / os.fsdecode(b"\xff")).touch()


ODD = [
    (link, "odd (a symbolic link to model.joblib)"),
    (broken_link, "odd (a symbolic link to nowhere)"),
    (link_out, "odd (a symbolic link to /etc/hostname)"),
    (os.mkfifo, "odd (a FIFO"),
    (unix_socket, "odd (a socket"),
    (newline, r"a\nb (a newline in the name)"),
    (not_utf_8, r"\udcff (a name that is not UTF-8)"),
]


@pytest.mark.parametrize(("make_odd", "says"), ODD)
def test_what_no_signature_can_speak_of_is_named_and_not_signed(tmp_path, monkeypatch, model, make_odd, says):
    monkeypatch.chdir(tmp_path)
    make_odd(model / "odd")
    with pytest.raises(Refused) as caught:
        sign(model, signer=SIGNER, signature_path=tmp_path / "m.sig")
    assert says in caught.value.message
    assert not (tmp_path / "m.sig").exists()


@pytest.mark.parametrize(("make_odd", "says"), ODD)
def test_what_no_signature_can_speak_of_is_named_and_not_verified(
    tmp_path, monkeypatch, model, signature, make_odd, says
):
    monkeypatch.chdir(tmp_path)
    make_odd(model / "odd")
    with pytest.raises(NotVerified) as caught:
        check(model, signature)
    assert f"not a file that can be signed: {says}" in caught.value.message


def test_a_file_replaced_by_a_link_to_the_same_bytes_is_refused(model, signature):
    (model / "model.joblib").rename(model.parent / "outside")
    (model / "model.joblib").symlink_to("../outside")
    with pytest.raises(NotVerified, match=r"missing: model\.joblib; not a file .* \(a symbolic link to \.\./outside\)"):
        check(model, signature)


def test_every_odd_name_is_listed(tmp_path, model):
    link(model / "one")
    os.mkfifo(model / "sub" / "two")
    with pytest.raises(Refused, match=r"one \(a symbolic link .*sub/two \(a FIFO"):
        sign(model, signer=SIGNER, signature_path=tmp_path / "m.sig")


def test_an_odd_name_below_an_ignored_path_is_no_difference(model, signature):
    (model / ".git").mkdir()
    os.mkfifo(model / ".git" / "fsmonitor")
    assert check(model, signature).warnings == ("not covered, because the signer ignored it: .git",)


@pytest.mark.parametrize(
    "inside", ["model.sig", "sub/model.sig", ".git/model.sig", "../model/model.sig", "model.joblib"]
)
def test_a_signature_inside_of_what_it_signs_is_refused(model, inside):
    make(model, {".git/config": b""})
    with pytest.raises(Misconfigured, match="would lie inside"):
        sign(model, signer=SIGNER, signature_path=model / inside)
    assert (model / "model.joblib").read_bytes() == b"weights"


def test_a_signature_over_the_file_that_it_signs_is_refused(model):
    with pytest.raises(Misconfigured, match="would lie inside"):
        sign(model / "empty", signer=SIGNER, signature_path=model / "empty")


def test_a_link_does_not_hide_that_the_signature_is_inside(tmp_path, model):
    (tmp_path / "alias").symlink_to(model)
    with pytest.raises(Misconfigured, match="would lie inside"):
        sign(model, signer=SIGNER, signature_path=tmp_path / "alias" / "model.sig")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("m/x", "x"),
        ("m/sub/../x", "x"),
        ("m", "."),
        ("m/", "."),
        ("mx", None),
        ("x", None),
        ("..", None),
        ("m/..x", "..x"),
    ],
)
def test_where_a_path_lies(tmp_path, monkeypatch, path, place):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "m", {"sub/y": b""})
    assert place_inside("m", path) == place
    assert place_inside(tmp_path / "m", path) == place


def test_a_foreign_bundle_inside_of_its_model_is_passed_over_with_a_warning(model, signature):
    signature.rename(model / "model.sig")
    said = "the bundle lies inside of the model, and does not cover itself"
    assert check(model, model / "model.sig").warnings == (said,)
    with pytest.raises(NotVerified, match="lies inside"):
        check(model, model / "model.sig", strict=True)


def test_an_address_is_no_model(model, signature):
    with pytest.raises(Misconfigured, match="nothing is fetched from https addresses"):
        sign("https://example.org/m", signer=SIGNER, signature_path="m.sig")
    with pytest.raises(Misconfigured, match="nothing is fetched from hf addresses"):
        check("hf://m", signature)


def test_what_is_no_bundle_is_named_with_the_next_thing_to_do(tmp_path, model):
    (tmp_path / "cut.sig").write_bytes(b"{")
    with pytest.raises(Malformed, match=r"cut\.sig is no signature of a model") as caught:
        check(model, tmp_path / "cut.sig")
    assert caught.value.hint


def test_a_bundle_without_a_bottom_is_named_with_the_next_thing_to_do(tmp_path, model):
    (tmp_path / "deep.sig").write_bytes(b"[" * 100_000)
    with pytest.raises(Exceeded, match=r"deep\.sig: the bundle nests deeper") as caught:
        check(model, tmp_path / "deep.sig")
    assert "get the signature again" in caught.value.hint


def test_an_older_signature_is_written_over(tmp_path, model, signature):
    (model / "sub/x").write_bytes(b"new")
    sign(model, signer=SIGNER, signature_path=signature)
    assert check(model, signature).warnings == ()


def test_a_signature_path_that_is_a_link_is_not_followed(tmp_path, model):
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "m.sig").symlink_to("precious")
    with pytest.raises(Misconfigured):
        sign(model, signer=SIGNER, signature_path=tmp_path / "m.sig")
    assert (tmp_path / "precious").read_bytes() == b"precious"


@pytest.mark.parametrize(("files", "error"), [({}, Misconfigured), ({".git/config": b""}, Malformed)])
def test_a_model_without_a_file_is_not_signed(tmp_path, files, error):
    folder = make(tmp_path / "hollow", files)
    folder.mkdir(exist_ok=True)
    with pytest.raises(error):
        sign(folder, signer=SIGNER, signature_path=tmp_path / "m.sig")


def test_an_ed25519_key_signs_and_verifies_no_model(tmp_path, model, signature):
    with pytest.raises(Misconfigured, match="EC P-256"):
        sign(model, signer=SeedSigner("scanner"), signature_path=tmp_path / "m.sig")
    with pytest.raises(Misconfigured, match="EC P-256"):
        verify(model, signature, keys=[SeedSigner("scanner").public])


def test_a_model_or_a_bundle_that_is_not_there_is_unavailable(tmp_path, model, signature):
    with pytest.raises(Unavailable, match="nowhere"):
        sign(tmp_path / "nowhere", signer=SIGNER, signature_path=tmp_path / "m.sig")
    with pytest.raises(Unavailable, match="nowhere"):
        check(tmp_path / "nowhere", signature)
    with pytest.raises(Unavailable, match="nowhere"):
        check(model, tmp_path / "nowhere")


def test_a_tree_over_the_limit_is_neither_signed_nor_verified(tmp_path, model, signature):
    few = Limits(max_tree_files=5)
    with pytest.raises(Exceeded):
        sign(model, signer=SIGNER, signature_path=tmp_path / "m.sig", limits=few)
    with pytest.raises(Exceeded):
        check(model, signature, limits=few)


def test_a_bundle_over_the_limit_is_not_read(model, signature):
    with pytest.raises(Exceeded):
        check(model, signature, limits=Limits(max_document_bytes=100))


def test_a_file_that_cannot_be_read_is_unavailable(model, signature, monkeypatch):
    """The refusal of the system is played, because root, who runs the tests in a container, may read every file."""
    real = os.open

    def refusing(name, *arguments, **options):
        if name == "x":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(name, *arguments, **options)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(Unavailable, match="sub/x"):
        check(model, signature)


def test_modes_and_empty_directories_are_not_covered_by_the_standard(model, signature):
    """Why a foreign bundle is warned of; a bundle of ours has the `artefact` statement beside it."""
    (model / "sub" / "x").chmod(0o755)
    (model / "hollow").mkdir()
    assert check(model, signature).warnings == ()


def trusting(key, *, seconds):
    """Return a trust in which a key may sign artefacts until so many seconds from now."""
    listed = {key.keyid: {"name": "producer", "kind": str(key.kind), "spki": base64.encode(key.spki)}}
    grant = {
        "signer": key.keyid,
        "predicates": [ARTEFACT.type],
        "subjects": ["model/*"],
        "notBefore": format_instant(clock.now() - 1000),
        "notAfter": format_instant(clock.now() + seconds),
    }
    return Trust.of(Chain().trust_predicate | {"keys": listed, "grants": [grant]})


def test_a_key_that_trust_grants_the_artefact_verifies(model, signature):
    assert verify(model, signature, trust=trusting(KEY, seconds=300)).key == KEY


def test_a_key_whose_grant_has_ended_verifies_nothing(model, signature):
    with pytest.raises(Misconfigured, match="given: none"):
        verify(model, signature, trust=trusting(KEY, seconds=-10))


# What names and sizes tell


def reading_is_an_error(monkeypatch):
    monkeypatch.setattr("hauberk.verbs.verify.hash_tree", None)


def test_files_of_another_size_are_named_before_anything_is_hashed(model, signature, monkeypatch):
    (model / "model.joblib").write_bytes(b"weight")
    (model / "sub.txt").write_bytes(b"22")
    reading_is_an_error(monkeypatch)
    with pytest.raises(NotVerified, match=r"changed: model\.joblib, sub\.txt") as caught:
        check(model, signature)
    assert "no content was compared" in caught.value.hint


def test_missing_and_extra_files_are_named_before_anything_is_hashed(model, signature, monkeypatch):
    (model / "empty").rename(model / "empty2")
    reading_is_an_error(monkeypatch)
    with pytest.raises(NotVerified, match="missing: empty; extra: empty2"):
        check(model, signature)


def test_a_file_of_the_same_size_is_named_after_hashing(model, signature):
    (model / "model.joblib").write_bytes(b"Weights")
    with pytest.raises(NotVerified, match=r"changed: model\.joblib") as caught:
        check(model, signature)
    assert "no content" not in caught.value.hint


# The cache


def test_a_cache_serves_verification_and_a_change_is_still_named(tmp_path, model, signature):
    for _ in range(2):
        assert check(model, signature, strict=True, cache=tmp_path / "cache").notes == ()
    (model / "model.joblib").write_bytes(b"Weights")
    with pytest.raises(NotVerified, match=r"changed: model\.joblib"):
        check(model, signature, cache=tmp_path / "cache")


@pytest.mark.parametrize("inside", ["cache", "sub/cache", ".git/cache"])
def test_a_cache_inside_of_the_model_is_refused(model, signature, inside):
    make(model, {".git/config": b""})
    with pytest.raises(Misconfigured, match="would lie inside of the model"):
        check(model, signature, cache=model / inside)
    assert not (model / "cache.key").exists()


def test_a_key_that_would_be_the_model_is_refused(tmp_path):
    (tmp_path / "m.key").write_bytes(b"weights")
    sign(tmp_path / "m.key", signer=SIGNER, signature_path=tmp_path / "m.sig")
    with pytest.raises(Misconfigured, match="would lie inside of the model"):
        check(tmp_path / "m.key", tmp_path / "m.sig", cache=tmp_path / "m")


def test_a_cache_that_does_not_hold_is_told_and_no_refusal(tmp_path, model, signature):
    check(model, signature, cache=tmp_path / "cache")
    (tmp_path / "cache").write_bytes(b"hauberk-hashes/1\n" + bytes(32))
    verified = check(model, signature, strict=True, cache=tmp_path / "cache")
    assert "was not used" in verified.notes[0]
