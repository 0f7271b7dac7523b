"""Models in a bucket that locks what it keeps: proven, pulled again, and what is refused of one that lies. A fake."""

import json
from dataclasses import replace

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.depot import MAX_NOTES
from hauberk.edge.remote import bucket_write
from hauberk.edge.remote.address import parse
from hauberk.edge.sources import digest_path
from hauberk.errors import Exceeded, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.limits import Limits
from hauberk.verbs.depots import open_depot
from hauberk.verbs.publish import Beside
from hauberk.verbs.publish_locked import Locking, publish_locked
from hauberk.verbs.pull import pull, pull_notes
from verbs.test_publish import FILES, write

PLACE = "s3://sets/models/"
YEAR = 365 * 86_400
NOTHING = Beside()


@pytest.fixture
def model(tmp_path):
    return write(tmp_path / "model", FILES)


def locking(years=1):
    return Locking(clock.now() + years * YEAR)


def publish(model, *, beside=NOTHING, years=1):
    return publish_locked(model, parse(PLACE), locking(years), beside=beside)


def key(data):
    return f"models/blobs/sha256/{sha256(data).hex}"


def test_a_model_is_published_locked_proven_and_pulled_again(store, model, tmp_path):
    done, proven = publish(model)
    assert (done.digest, done.sent, proven.disproven, proven.unproven(())) == (digest_path(model), 3, (), ())
    assert {claim.name for claim in proven.claims} >= {"versioning", "object-lock", "retention", "checksum", "newest"}
    assert all(version.mode == "COMPLIANCE" for made in store.objects.values() for version in made)
    pull(done.digest, open_depot(PLACE), tmp_path / "back")
    assert digest_path(tmp_path / "back") == done.digest


def test_the_listing_is_the_last_that_is_sent(store, model):
    publish(model)
    sent = [path for method, path in store.log if method == "PUT"]
    assert ["/trees/" in path for path in sent] == [False, False, False, True]


def test_publishing_again_sends_nothing_and_locks_for_longer(store, model):
    publish(model)
    before = store.newest(key(b"{}"))
    done, proven = publish(model, years=2)
    assert (done.sent, done.found, proven.disproven) == (0, 3, ())
    after = store.newest(key(b"{}"))
    assert (after.id, after.until > before.until) == (before.id, True)


def test_a_long_file_goes_in_parts_and_is_read_back(store, tmp_path, monkeypatch):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 1 << 20)
    model = write(tmp_path / "long", {"w": bytes(range(256)) * 10_000})
    done, proven = publish(model)
    assert proven.disproven == ()
    assert any(claim.name == "checksum" and "read back" in claim.saw for claim in proven.claims)
    pull(done.digest, open_depot(PLACE), tmp_path / "back")
    assert publish(model)[0].found == 1


def test_signatures_lie_beside_it(store, model, tmp_path, monkeypatch):
    monkeypatch.setattr("hauberk.signature.oms.is_bundle", lambda _: True)
    (tmp_path / "m.sig").write_bytes(b"a signature")
    done, _ = publish(model, beside=Beside((tmp_path / "m.sig",)))
    ((note, path),) = pull_notes(done.digest, open_depot(PLACE), tmp_path / "notes")
    assert (note.kind, path.read_bytes()) == ("signature", b"a signature")


def test_a_single_file_is_an_object(store, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"weights")
    done, _ = publish(tmp_path / "m.onnx")
    pull(done.digest, open_depot(PLACE), tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"weights"


def test_the_command_line_says_what_is_proven(store, model, tmp_path, capsys):
    words = ["publish", str(model), PLACE, "--retain", "1d"]
    assert dispatch([*words, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["published"]["digest"] == str(digest_path(model))
    assert all(claim["holds"] for claim in said["claims"])
    assert dispatch(words) == 0
    assert "retention    proven: COMPLIANCE" in capsys.readouterr().out
    assert dispatch(["pull", str(digest_path(model)), PLACE, "-o", str(tmp_path / "back")]) == 0


# What is refused before anything is sent.


@pytest.mark.parametrize("setting", ["versioning", "object-lock"])
def test_nothing_is_sent_to_a_bucket_without(store, model, setting, capsys):
    store.settings[setting] = "<C/>"
    assert dispatch(["publish", str(model), PLACE, "--retain", "1d"]) == 1
    assert "nothing was sent" in capsys.readouterr().out
    assert store.objects == {}


def test_nothing_is_sent_to_a_bucket_that_does_not_answer(store, model, capsys):
    store.settings["versioning"] = "!AccessDenied"
    words = ["publish", str(model), PLACE, "--retain", "1d"]
    assert dispatch(words) == 3
    assert store.objects == {}


WRONG = {
    "no date": [PLACE],
    "no time": [PLACE, "--retain", "soon"],
    "a version": ["s3://sets/models/x?versionId=1", "--retain", "1d"],
    "no bucket": ["s3://", "--retain", "1d"],
    "a way of no service": [PLACE, "--retain", "1d", "--encrypt", "rot13"],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_wrong_usage_to_name(store, model, wrong):
    assert dispatch(["publish", str(model), *WRONG[wrong]]) == 2
    assert store.objects == {}


def test_a_directory_takes_no_locks(model, tmp_path):
    assert dispatch(["publish", str(model), str(tmp_path / "depot"), "--retain", "1d"]) == 2
    assert not (tmp_path / "depot").exists()


def test_a_date_that_has_passed_is_refused(store, model):
    with pytest.raises(Misconfigured, match="has passed"):
        publish(model, years=-1)


def test_without_keys_nothing_is_published(store, model, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Misconfigured, match="no keys for S3"):
        publish(model)


def test_other_bytes_under_a_key_are_not_written_over(store, model):
    store.add(key(b"{}"), b"other")
    with pytest.raises(Refused, match="is there already, and has other bytes"):
        publish(model)
    assert not any("/trees/" in name for name in store.objects)


def test_a_file_that_changes_meanwhile_is_not_sent(store, model):
    def change(path):
        (model / path).write_bytes(b"other")

    with pytest.raises(Unavailable, match="changed since it was hashed"):
        publish_locked(model, parse(PLACE), locking(), beside=Beside(), seen=change)
    assert store.objects == {}


def test_a_file_that_changes_while_it_is_sent_makes_no_tree(store, model):
    store.meanwhile = lambda: (model / "twin").write_bytes(b"[]")
    with pytest.raises(Unavailable, match="changed"):
        publish(model)
    assert not any("/trees/" in name for name in store.objects)


# A store that lies.

LIES = {
    "no lock": "retention",
    "short lock": "retention",
    "governance": "retention",
    "checksum": "checksum",
    "open": "private",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_store_that_lies_is_found_after_publishing(store, model, lie):
    store.lies.add(lie)
    _, proven = publish(model)
    assert LIES[lie] in {claim.name for claim in proven.disproven}


@pytest.mark.parametrize("lie", ["rot", "cut", "longer"])
def test_a_store_that_gives_other_bytes_is_found_when_it_is_pulled(store, model, tmp_path, lie):
    done, _ = publish(model)
    store.lies.add(lie)
    with pytest.raises((NotVerified, Unavailable)):
        pull(done.digest, open_depot(PLACE), tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_what_was_written_over_is_pulled_all_the_same(store, model, tmp_path):
    done, _ = publish(model)
    store.add(key(b"{}"), b"evil")
    pull(done.digest, open_depot(PLACE), tmp_path / "back")  # the locked version is still there
    assert digest_path(tmp_path / "back") == done.digest
    with pytest.raises(Refused, match="has other bytes"):
        publish(model)


def test_a_listing_that_was_written_over_is_found_when_it_is_pulled(store, model, tmp_path):
    done, _ = publish(model)
    (name,) = [name for name in store.objects if "/trees/" in name]
    evil = store.newest(name).data.replace(b"twin", b"evil")
    store.objects[name].append(replace(store.newest(name), data=evil))  # the checksum is said to be the right one
    with pytest.raises(NotVerified, match="gives for"):
        pull(done.digest, open_depot(PLACE), tmp_path / "back")
    store.add(name, evil)  # now it is another, and what lies under both is tried
    with pytest.raises(NotVerified, match="gives for"):
        pull(done.digest, open_depot(PLACE), tmp_path / "back")


def test_what_has_no_right_version_is_found_when_it_is_pulled(store, model, tmp_path):
    done, _ = publish(model)
    store.objects[key(b"{}")] = []
    for data in (b"evil", b"worse"):
        store.add(key(b"{}"), data)
    with pytest.raises(NotVerified, match="came as sha256"):
        pull(done.digest, open_depot(PLACE), tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("what", ["trees", "blobs"])
def test_what_was_deleted_is_unavailable(store, model, tmp_path, what):
    done, _ = publish(model)
    for name in [name for name in store.objects if f"/{what}/" in name]:
        del store.objects[name]
    with pytest.raises(Unavailable, match=f"has no {what}"):
        pull(done.digest, open_depot(PLACE), tmp_path / "back")


def test_an_answer_that_was_lost_does_not_send_twice(store, model):
    store.lies.add("late")
    done, proven = publish(model)
    assert proven.disproven == ()
    assert all(len(made) == 1 for made in store.objects.values())
    assert done.digest == digest_path(model)


def test_more_than_the_limit_is_exceeded(store, model, tmp_path):
    done, _ = publish(model)
    with pytest.raises(Exceeded):
        pull(done.digest, open_depot(PLACE), tmp_path / "back", limits=Limits(max_intake_bytes=100))


def test_too_many_notes_are_exceeded(store, model):
    done, _ = publish(model)
    for number in range(MAX_NOTES + 1):
        store.add(f"models/about/dirHash-{done.digest.hex}/signature-{number:064x}", b"")
    with pytest.raises(Exceeded, match="more than"):
        open_depot(PLACE).notes(done.digest)


def test_without_a_date_a_bucket_is_only_read(store, model):
    with pytest.raises(Misconfigured, match="until when"):
        open_depot(PLACE).put_blob(sha256(b"").hex, None)
