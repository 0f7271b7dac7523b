"""Publishing to Google Cloud Storage, and checking it again. The store is a fake of its JSON API: the contract, not the cloud."""

from dataclasses import replace

import pytest

from fake_gcs import TOKEN, fake_gcs
from fake_machine import fake_machine
from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import Lock, decode
from hauberk.edge import clock
from hauberk.edge.remote.gcs_write import GoogleBucket
from hauberk.edge.remote.store import Keeping
from hauberk.errors import Misconfigured, Refused, Unavailable
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_open import open_verified
from hauberk.verbs.data_publish import Asked, check_store, publish

PLAIN = Wanted("t", None)
YEAR = 365 * 86_400
KEY = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
PLACE = "gs://sets/w47/"
ALL = ("versioning", "object-lock", "retention", "private", "encryption", "checksum", "newest")


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with fake_gcs() as running:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", running.server.url)
        yield running


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "set/deep er").mkdir(parents=True)
    (tmp_path / "set/deep er/t+é.csv").write_bytes(b"n\n1\n")
    (tmp_path / "set/README").write_bytes(b"about")
    (tmp_path / "set/empty").write_bytes(b"")
    return tmp_path / "set"


def asked(**changed):
    return Asked(clock.now() + 5 * YEAR, **{"encryption": KEY} | changed)


def published(folder, tmp_path):
    """Publish, and return the path of the manifest."""
    path = tmp_path / "w.manifest"
    make_manifest((folder,), path, PLAIN)
    done = publish(folder, PLACE, asked(manifest=path))
    assert not done.disproven
    return path


def test_what_is_published_is_locked_private_and_proven(store, folder, tmp_path):
    path = published(folder, tmp_path)
    record = decode(path.read_bytes())
    assert all(file.lock == Lock("Locked", record.retain_until) for file in record.files)
    assert [file.address for file in record.files] == [
        f"gs://sets/w47/{quoted}?generation={store.objects[f'w47/{name}'][-1][0]}"
        for name, quoted in (("README", "README"), ("deep er/t+é.csv", "deep%20er/t%2B%C3%A9.csv"), ("empty", "empty"))
    ]
    assert make_manifest((folder,), tmp_path / "n", PLAIN).digest == record.digest
    assert {claim.name: claim.holds for claim in check_store(path).claims} == dict.fromkeys(ALL, True)
    with open_verified("gs://sets/w47/README", manifest=path) as file:
        assert file.read() == b"about"


def test_what_is_there_already_is_left_and_its_lock_only_made_longer(store, folder, tmp_path):
    path = published(folder, tmp_path)
    before = {name: list(made) for name, made in store.objects.items()}
    assert publish(folder, PLACE, Asked(None, path)).found == 3
    later = publish(folder, PLACE, Asked(clock.now() + 6 * YEAR))
    assert (later.sent, later.found, later.disproven) == (0, 3, ())
    assert store.objects == before
    assert {more["retention"]["retainUntilTime"] for more in store.more.values()} == {later.until}


def test_an_unlocked_retention_is_locked(store, folder):
    publish(folder, PLACE, asked())
    for more in store.more.values():
        more["retention"] = {"mode": "Unlocked", "retainUntilTime": "2027-01-01T00:00:00Z"}
    done = publish(folder, PLACE, asked())
    assert (done.found, done.disproven) == (3, ())
    assert {more["retention"]["mode"] for more in store.more.values()} == {"Locked"}


def test_an_answer_that_was_lost_is_found_again(store, folder):
    store.lies.add("late")
    done = publish(folder, PLACE, asked())
    assert not done.disproven
    assert all(len(made) == 1 for made in store.objects.values())


def test_a_long_file_is_sent_in_pieces_and_read_back(store, folder, tmp_path):
    (folder / "long").write_bytes(bytes(range(256)) * 5_000)
    path = published(folder, tmp_path)
    assert store.objects["w47/long"][-1][1] == (folder / "long").read_bytes()
    store.lies.add("rot")
    (checksum,) = check_store(path).disproven
    assert "the store says that its digest is" in checksum.saw


def test_a_job_publishes_by_its_service_account(store, folder, monkeypatch):
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
    monkeypatch.delenv("NO_GCE_CHECK")
    with fake_machine(gcs=store) as machine:
        monkeypatch.setattr("hauberk.edge.remote.google_login.METADATA", f"http://127.0.0.1:{machine.port}")
        machine.log.clear()
        assert publish(folder, PLACE, asked()).sent == 3
        assert machine.given


def test_a_lock_is_never_made_shorter(store, folder):
    publish(folder, PLACE, asked())
    generation = store.objects["w47/README"][-1][0]
    with GoogleBucket("sets") as bucket, pytest.raises(Unavailable, match="403"):
        bucket.lengthen("w47/README", generation, clock.now() + YEAR)


def test_an_object_of_other_bytes_is_never_written_over(store, folder):
    store.add("w47/README", b"other")
    with pytest.raises(Refused, match="other bytes"):
        publish(folder, PLACE, asked())
    assert {name: len(made) for name, made in store.objects.items()} == {"w47/README": 1}


def test_a_store_that_took_other_bytes_is_found_out_at_once(store, folder):
    store.lies.add("other bytes")
    with pytest.raises(Unavailable, match="keeps other bytes"):
        publish(folder, PLACE, asked())


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"versioning": {"enabled": False}}, "versioning"),
        ({"versioning": None}, "versioning"),
        ({"objectRetention": None}, "object-lock"),
        ({"iamConfiguration": {"publicAccessPrevention": "inherited"}}, "private"),
        ({"iamConfiguration": None}, "private"),
    ],
)
def test_a_bucket_that_is_not_fit_takes_nothing(store, folder, changed, name):
    store.settings |= changed
    assert [claim.name for claim in publish(folder, PLACE, asked()).disproven] == [name]
    assert not store.objects


UNIFORM = {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": True}}


@pytest.mark.parametrize("member", ["allUsers", "allAuthenticatedUsers"])
def test_a_bucket_whose_policy_grants_to_everybody_takes_nothing(store, folder, member):
    store.settings["iamConfiguration"] = UNIFORM
    store.bindings.append({"role": "roles/storage.objectViewer", "members": ["user:a@b.c", member]})
    assert [claim.name for claim in publish(folder, PLACE, asked()).disproven] == ["private"]
    assert not store.objects


@pytest.mark.parametrize(
    "binding",
    [
        {"members": 5},
        {"members": [{}]},
        {"members": "allUsers"},
        {"members": {"allUsers": 1}},
        {},
        5,
        None,
        ["allUsers"],
    ],
)
def test_a_policy_that_cannot_be_read_is_no_proof(store, folder, tmp_path, binding):
    store.settings["iamConfiguration"] = UNIFORM
    path = published(folder, tmp_path)
    store.bindings = [{"members": ["user:a@b.c"]}, binding]
    assert [claim.name for claim in check_store(path).unproven(())] == ["private"]
    store.bindings.append({"members": ["allUsers"]})
    assert [claim.name for claim in check_store(path).disproven] == ["private"]


def test_uniform_access_to_nobody_else_is_private(store, folder, tmp_path):
    store.settings["iamConfiguration"] = UNIFORM
    assert {claim.holds for claim in check_store(published(folder, tmp_path)).claims} == {True}


def test_a_policy_that_is_not_told_is_no_proof(store, folder, tmp_path):
    store.settings["iamConfiguration"] = UNIFORM
    path = published(folder, tmp_path)
    store.bindings = None
    assert [claim.name for claim in check_store(path).unproven(())] == ["private"]


def test_settings_that_are_not_told_are_no_proof_and_nothing_is_sent(store, folder):
    store.lies.add("no settings")
    done = publish(folder, PLACE, asked())
    assert {claim.name for claim in done.unproven(())} == {"versioning", "object-lock", "private"}
    assert not store.objects


def test_a_bucket_that_anybody_reads_takes_nothing(store, folder):
    store.lies.add("open")
    assert [claim.name for claim in publish(folder, PLACE, asked()).disproven] == ["private"]
    assert not store.objects


def test_a_bucket_that_is_not_there_is_not_fit(store, folder):
    done = publish(folder, "gs://lost/w47/", asked())
    assert {claim.name for claim in done.disproven} >= {"versioning", "object-lock", "private"}


def test_googles_own_encryption_is_not_answered(store, folder):
    del store.settings["encryption"]
    done = publish(folder, PLACE, asked(encryption=""))
    assert [claim.name for claim in done.unproven(())] == ["encryption"]
    assert not store.objects
    done = publish(folder, PLACE, asked(encryption="", allowed=("encryption",)))
    assert (done.sent, done.disproven) == (3, ())


@pytest.mark.parametrize("key", ["AES256", "aws:kms", "projects/p", f"{KEY}/../k"])
def test_a_key_that_is_none_is_wrong_usage(store, folder, key):
    with pytest.raises(Misconfigured, match="no key of Google's"):
        publish(folder, PLACE, asked(encryption=key))
    assert not store.objects


@pytest.mark.parametrize(
    ("lie", "name"),
    [("no lock", "retention"), ("short lock", "retention"), ("unlocked", "retention"), ("open", "private")],
)
def test_a_store_that_does_not_keep_what_it_took_is_found_out(store, folder, tmp_path, lie, name):
    path = published(folder, tmp_path)
    store.lies.add(lie)
    assert [claim.name for claim in check_store(path).disproven] == [name]


@pytest.mark.parametrize("change", ["over", "hidden"])
def test_what_was_written_over_or_hidden_is_found(store, folder, tmp_path, change):
    path = published(folder, tmp_path)
    if change == "over":
        store.add("w47/README", b"newer")
    else:
        store.deleted.add("w47/README")
    assert [claim.name for claim in check_store(path).disproven] == ["newest"]


def test_what_is_gone_is_found(store, folder, tmp_path):
    path = published(folder, tmp_path)
    store.objects["w47/README"] = [("1", b"about")]
    assert [claim.name for claim in check_store(path).disproven] == ["retention", "checksum"]


def test_nothing_is_published_without_a_token_or_with_a_wrong_one(store, folder, monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "another")
    with pytest.raises(Unavailable, match="lets us not in"):
        publish(folder, PLACE, asked())
    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN")
    with pytest.raises(Misconfigured, match="nothing lets us write"):
        publish(folder, PLACE, asked())
    assert not store.objects


def test_a_file_that_becomes_shorter_while_it_is_sent_is_not_published(store):
    class Shrinking:
        size, times = 5, 0

        def read_at(self, offset, length):
            self.times += 1
            return b"about"[offset:] if self.times == 1 else b""

    with (
        GoogleBucket("sets") as bucket,
        pytest.raises(Unavailable, match="shorter"),
    ):
        bucket.put("w47/README", Shrinking(), "", Keeping(clock.now() + YEAR))
    assert not store.objects


def test_the_verbs_say_what_is_proven_and_what_is_not(store, folder, tmp_path, capsys):
    manifest = str(tmp_path / "m")
    make_manifest((folder,), manifest, PLAIN)
    way = ["data", "publish", str(folder), PLACE, "--retain", "7y", "--manifest", manifest, "--encrypt", KEY]
    assert dispatch(way) == 0
    assert f"proven: {KEY}/cryptoKeyVersions/1, 3 versions" in capsys.readouterr().out
    assert dispatch(["data", "check-store", manifest]) == 0
    store.lies.add("unlocked")
    assert dispatch(["data", "check-store", manifest]) == 1
    assert "NOT SO: w47/README: Unlocked until" in capsys.readouterr().out
    assert dispatch(["data", "publish", str(folder), "gs://sets/w47/?generation=1", "--retain", "7y"]) == 2


def test_a_manifest_of_another_date_is_not_proven_by_this_lock(store, folder, tmp_path):
    path = published(folder, tmp_path)
    record = decode(path.read_bytes())
    later = replace(record, retain_until="2099-01-01T00:00:00Z")
    from hauberk.dataset.manifest import encode  # noqa: PLC0415

    path.write_bytes(encode(later))
    assert [claim.name for claim in check_store(path).disproven] == ["retention"]
