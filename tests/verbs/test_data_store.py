"""Data sets in a store: manifests of addresses, publishing, and what is refused of stores that lie. The store is a fake."""

import os
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hauberk import data
from hauberk.cli.dispatch import dispatch
from hauberk.dataset.manifest import Lock, decode, encode
from hauberk.edge import clock
from hauberk.edge.remote import bucket_write
from hauberk.edge.remote.stored import seconds_of
from hauberk.errors import Exceeded, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.evidence.instant import format_instant
from hauberk.verbs.data_manifest import Wanted, make_manifest
from hauberk.verbs.data_publish import Asked, check_store, publish

PLAIN = Wanted("t", None)
YEAR = 365 * 86_400


@pytest.fixture
def folder(tmp_path):
    there = tmp_path / "set"
    (there / "deep er").mkdir(parents=True)
    pq.write_table(pa.table({"n": range(100)}), there / "deep er/t+é.parquet")
    pq.write_table(pa.table({"n": range(5)}), there / "u.parquet")
    (there / "README").write_text("about")
    return there


def until():
    return clock.now() + YEAR


def asked(**changed):
    return Asked(until(), **changed)


def published(folder, tmp_path):
    """Publish, and return the path of the manifest."""
    path = tmp_path / "w.manifest"
    make_manifest((folder,), path, PLAIN)
    done = publish(folder, "s3://sets/w47/", asked(manifest=path))
    assert not done.disproven
    return path


# Manifests of addresses.


def test_the_manifest_of_a_prefix_is_that_of_the_directory(store, folder, tmp_path):
    locked = {"mode": "COMPLIANCE", "until": "2033-01-01T00:00:00.000Z"}
    for path in folder.rglob("*"):
        if path.is_file():
            store.add(f"w47/{path.relative_to(folder)}", path.read_bytes(), **locked)
    here = make_manifest((folder,), tmp_path / "a.manifest", PLAIN)
    there = make_manifest(("s3://sets/w47/",), tmp_path / "b.manifest", PLAIN)
    assert (there.digest, there.rows) == (here.digest, here.rows)
    assert decode((tmp_path / "b.manifest").read_bytes()) == there
    (found,) = [file for file in there.files if file.path == "deep er/t+é.parquet"]
    version = store.newest("w47/deep er/t+é.parquet").id
    assert found.address == f"s3://sets/w47/deep%20er/t%2B%C3%A9.parquet?versionId={version}"
    assert (found.version, found.lock) == (version, Lock("COMPLIANCE", "2033-01-01T00:00:00Z"))


def test_each_object_is_fetched_once(store, tmp_path):
    store.add("w/a.csv", b"n\n1\n")
    make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN)
    assert [path for _, path in store.log if path.startswith("/sets/w/a.csv")] == ["/sets/w/a.csv"]


def test_places_here_and_elsewhere_make_one_set(store, folder, tmp_path):
    store.add("x/2026-47/u.parquet", (folder / "u.parquet").read_bytes())
    made = make_manifest((folder, "s3://sets/x/2026-47/"), tmp_path / "m", PLAIN)
    assert [file.path for file in made.files] == [
        "2026-47/u.parquet",
        "set/README",
        "set/deep er/t+é.parquet",
        "set/u.parquet",
    ]
    assert made.places == (str(folder), "s3://sets/x/2026-47/")
    assert [file.address is None for file in made.files] == [False, True, True, True]


def test_one_object_has_the_digest_of_a_file(store, folder, tmp_path):
    version = store.add("w/u.parquet", (folder / "u.parquet").read_bytes())
    there = make_manifest(("s3://sets/w/u.parquet",), tmp_path / "m", PLAIN)
    assert there.digest == make_manifest((folder / "u.parquet",), tmp_path / "n", PLAIN).digest
    assert there.files[0].address == f"s3://sets/w/u.parquet?versionId={version}"


def test_a_bucket_without_versions_has_neither_version_nor_lock(store, tmp_path):
    store.add("w/a", b"a")
    store.lies.add("no versions")
    (file,) = make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN).files
    assert (file.address, file.version, file.lock) == ("s3://sets/w/a", None, None)


def test_two_places_of_one_name_are_refused(store, tmp_path):
    store.add("a/w/x", b"1")
    store.add("b/w/x", b"2")
    with pytest.raises(Misconfigured, match="two files would be named w/x"):
        make_manifest(("s3://sets/a/w/", "s3://sets/b/w/"), tmp_path / "m", PLAIN)


@pytest.mark.parametrize("lie", ["checksum", "rot"])
@pytest.mark.parametrize("place", ["s3://sets/w/", "s3://sets/w/a"])
def test_a_store_that_lies_about_a_checksum_is_refused(store, tmp_path, lie, place):
    store.add("w/a", b"the bytes")
    store.lies.add(lie)
    with pytest.raises(NotVerified, match="the store says that its digest is"):
        make_manifest((place,), tmp_path / "m", PLAIN)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("key", ["w/../x", "w/a//b", "w/a\\b", "w//x"])
def test_a_list_with_an_odd_name_is_refused(store, tmp_path, key):
    store.add(key, b"1")
    store.add("w/good", b"1")
    with pytest.raises(Malformed, match=r"a name|a backslash"):
        make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN)


def test_a_web_address_is_noted_without_its_query(store, tmp_path):
    store.add("w/a.csv", b"n\n1\n")
    store.lies.add("open")
    made = make_manifest((f"{store.url}/sets/w/a.csv?X-Amz-Signature=secret",), tmp_path / "m", PLAIN)
    assert made.files[0].address == made.places[0] == f"{store.url}/sets/w/a.csv"
    assert b"secret" not in (tmp_path / "m").read_bytes()


# Reading what a manifest names.


def test_the_version_of_the_manifest_is_read_although_there_is_a_newer_one(store, folder, tmp_path):
    path = published(folder, tmp_path)
    store.add("w47/u.parquet", b"poisoned")
    with data.open_verified("s3://sets/w47/u.parquet", manifest=path) as file:
        assert file.read() == (folder / "u.parquet").read_bytes()
    assert data.read_verified("s3://sets/w47/deep er/t+é.parquet", manifest=path).num_rows == 100
    assert data.read_verified("s3://sets/w47/deep%20er/t%2B%C3%A9.parquet", manifest=path).num_rows == 100


def test_an_object_that_changed_since_the_manifest_is_refused(store, tmp_path):
    store.add("w/a", b"before")
    store.lies.add("no versions")
    make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN)
    store.add("w/a", b"after!")
    with (
        pytest.raises(NotVerified, match="has the digest"),
        data.open_verified("s3://sets/w/a", manifest=tmp_path / "m") as file,
    ):
        file.read()


@pytest.mark.parametrize(("change", "error"), [("gone", Misconfigured), ("longer", Exceeded), ("expired", Unavailable)])
def test_what_cannot_be_had_any_more_is_refused(store, tmp_path, change, error):
    store.add("w/a", b"before")
    make_manifest(("s3://sets/w/",), tmp_path / "m", PLAIN)
    if change == "longer":
        store.objects["w/a"] = [replace(store.newest("w/a"), data=b"before, and after")]
    elif change == "gone":
        store.objects.clear()
    else:
        store.expires_after = 0
    with pytest.raises(error):
        data.open_verified("s3://sets/w/a", manifest=tmp_path / "m")


# Publishing.


def test_what_is_published_is_locked_private_and_proven(store, folder, tmp_path):
    path = published(folder, tmp_path)
    record = decode(path.read_bytes())
    assert {key: made[0].mode for key, made in store.objects.items()} == {
        "w47/README": "COMPLIANCE",
        "w47/deep er/t+é.parquet": "COMPLIANCE",
        "w47/u.parquet": "COMPLIANCE",
    }
    assert all(file.lock is not None and file.lock.until == record.retain_until for file in record.files)
    assert make_manifest((folder,), tmp_path / "n", PLAIN).digest == record.digest
    done = check_store(path)
    assert {claim.name: claim.holds for claim in done.claims} == dict.fromkeys(
        ("versioning", "object-lock", "retention", "private", "encryption", "checksum", "newest"), True
    )


def test_an_empty_file_that_anybody_is_given_is_found_out(store, folder, tmp_path):
    (folder / "empty").write_bytes(b"")
    path = published(folder, tmp_path)
    assert not check_store(path).disproven
    store.lies.add("open")
    assert [claim.name for claim in check_store(path).disproven] == ["private"]


def test_what_is_there_already_is_left_and_its_lock_only_made_longer(store, folder, tmp_path):
    path = published(folder, tmp_path)
    before = {key: list(made) for key, made in store.objects.items()}
    assert publish(folder, "s3://sets/w47", Asked(None, path)).found == 3
    assert store.objects == before
    later = publish(folder, "s3://sets/w47/", Asked(until() + YEAR))
    assert (later.sent, later.found, later.disproven) == (0, 3, ())
    assert all(made[0].until == later.until for made in store.objects.values())


def test_a_put_whose_answer_was_lost_is_found_again(store, folder):
    store.lies.add("late")
    done = publish(folder, "s3://sets/w47/", asked())
    assert not done.disproven
    assert all(len(made) == 1 for made in store.objects.values())


def test_a_long_file_goes_in_parts_and_is_read_back(store, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 1000)
    (folder / "long").write_bytes(os.urandom(2500 + (1 << 20)))
    monkeypatch.setattr(bucket_write, "MEBIBYTE", 1000)
    path = published(folder, tmp_path)
    assert store.newest("w47/long").data == (folder / "long").read_bytes()
    assert "-" in store.newest("w47/long").checksum
    (checksum,) = [claim for claim in check_store(path).claims if claim.name == "checksum"]
    assert (checksum.holds, "read back" in checksum.saw) == (True, True)
    assert publish(folder, "s3://sets/w47/", Asked(None, path)).found == 4
    store.lies.add("rot")
    assert [claim.name for claim in check_store(path).disproven] == ["checksum"]


def test_parts_that_the_store_does_not_join_are_dropped(store, folder, monkeypatch):
    monkeypatch.setattr(bucket_write, "PART_BYTES", 100)
    store.lies.add("not joined")
    with pytest.raises(Unavailable, match="does not join its parts"):
        publish(folder, "s3://sets/w47/", asked())
    assert not store.parts


def test_an_object_of_other_bytes_is_never_written_over(store, folder):
    store.add("w47/u.parquet", b"other")
    with pytest.raises(Refused, match="other bytes"):
        publish(folder, "s3://sets/w47/", asked())
    assert {key: len(made) for key, made in store.objects.items()} == {"w47/u.parquet": 1}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"),
        ("versioning", "<VersioningConfiguration/>"),
        ("object-lock", "!ObjectLockConfigurationNotFoundError"),
        ("policyStatus", "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"),
        ("acl", "<A><Grant><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grant></A>"),
    ],
)
def test_a_bucket_that_is_not_fit_takes_nothing(store, folder, name, said):
    store.settings[name] = said
    done = publish(folder, "s3://sets/w47/", asked(allowed=("encryption",)))
    assert [claim.name for claim in done.disproven] == ["private" if name in ("policyStatus", "acl") else name]
    assert not store.objects


def test_a_bucket_that_anybody_reads_takes_nothing(store, folder):
    store.lies.add("open")
    assert [claim.name for claim in publish(folder, "s3://sets/w47/", asked()).disproven] == ["private"]
    assert not store.objects


@pytest.mark.parametrize("name", ["versioning", "object-lock", "encryption"])
def test_what_a_store_does_not_answer_is_no_proof(store, folder, name):
    del store.settings[name]
    done = publish(folder, "s3://sets/w47/", asked())
    assert [claim.name for claim in done.unproven(())] == [name]
    assert not store.objects
    done = publish(folder, "s3://sets/w47/", asked(allowed=(name,)))
    assert (done.sent, done.disproven) == (3, ())


@pytest.mark.parametrize(
    ("lie", "name"),
    [
        ("no lock", "retention"),
        ("short lock", "retention"),
        ("governance", "retention"),
        ("checksum", "checksum"),
        ("open", "private"),
    ],
)
def test_a_store_that_does_not_keep_what_it_took_is_found_out(store, folder, tmp_path, lie, name):
    path = published(folder, tmp_path)
    store.lies.add(lie)
    assert [claim.name for claim in check_store(path).disproven] == [name]


def test_a_store_that_keeps_no_checksum_is_read_back(store, folder, tmp_path):
    path = published(folder, tmp_path)
    store.lies.add("no checksum")
    assert not check_store(path).disproven
    store.lies.add("rot")
    assert [claim.name for claim in check_store(path).disproven] == ["checksum"]


@pytest.mark.parametrize(("change", "names"), [("over", ["newest"]), ("gone", ["retention", "checksum"])])
def test_what_was_written_over_or_is_gone_is_found(store, folder, tmp_path, change, names):
    path = published(folder, tmp_path)
    if change == "over":
        store.add("w47/u.parquet", b"newer")
    else:
        del store.objects["w47/u.parquet"]
    assert [claim.name for claim in check_store(path).disproven] == names


def test_files_that_are_not_the_manifests_are_not_published(store, folder, tmp_path):
    make_manifest((folder,), tmp_path / "m", PLAIN)
    (folder / "README").write_text("other")
    with pytest.raises(NotVerified, match="README is another file"):
        publish(folder, "s3://sets/w47/", asked(manifest=tmp_path / "m"))
    (folder / "README").unlink()
    with pytest.raises(NotVerified, match="README is missing"):
        publish(folder, "s3://sets/w47/", asked(manifest=tmp_path / "m"))
    assert not store.objects


def test_a_shorter_time_than_the_manifests_is_refused(store, folder, tmp_path):
    made = make_manifest((folder,), tmp_path / "m", PLAIN)
    (tmp_path / "m").write_bytes(encode(replace(made, retain_until=format_instant(until() + YEAR))))
    with pytest.raises(Misconfigured, match="the manifest says that it is kept until"):
        publish(folder, "s3://sets/w47/", asked(manifest=tmp_path / "m"))


@pytest.mark.parametrize(
    ("address", "retain"),
    [("s3://sets/w47/?versionId=x", YEAR), ("hf://org/name", YEAR), ("s3://sets/w47/", -5), ("s3://sets/w47/", None)],
)
def test_what_cannot_be_meant_is_wrong_usage(store, folder, address, retain):
    with pytest.raises(Misconfigured):
        publish(folder, address, Asked(None if retain is None else clock.now() + retain))


def test_nothing_is_published_with_wrong_keys_or_none(store, folder, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(Unavailable, match="lets us not in"):
        publish(folder, "s3://sets/w47/", asked())
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(Misconfigured, match="no keys"):
        publish(folder, "s3://sets/w47/", asked())
    assert not store.objects


def test_keys_that_expire_while_publishing_leave_no_manifest_with_addresses(store, folder, tmp_path):
    make_manifest((folder,), tmp_path / "m", PLAIN)
    before = (tmp_path / "m").read_bytes()
    store.expires_after = 12
    with pytest.raises(Unavailable, match=r"ExpiredToken|400"):
        publish(folder, "s3://sets/w47/", asked(manifest=tmp_path / "m"))
    assert (tmp_path / "m").read_bytes() == before
    store.expires_after = 1 << 30
    assert publish(folder, "s3://sets/w47/", asked(manifest=tmp_path / "m")).found


def test_a_manifest_that_was_not_published_cannot_be_checked(store, folder, tmp_path):
    made = make_manifest((folder,), tmp_path / "m", PLAIN)
    (tmp_path / "m").write_bytes(encode(replace(made, retain_until=format_instant(until()))))
    with pytest.raises(Misconfigured, match="names no version"):
        check_store(tmp_path / "m")


def test_the_verbs_say_what_is_proven_and_what_is_not(store, folder, tmp_path, capsys):
    manifest = str(tmp_path / "m")
    make_manifest((folder,), manifest, PLAIN)
    way = ["data", "publish", str(folder), "s3://sets/w47/", "--retain", "7y", "--manifest", manifest]
    del store.settings["encryption"]
    assert dispatch(way) == 3
    assert "not answered by this store: NotImplemented" in capsys.readouterr().out
    assert dispatch([*way, "--encrypt", "AES256"]) == 0
    assert "proven: AES256, 3 versions" in capsys.readouterr().out
    assert dispatch(["data", "check-store", manifest, "--format", "json"]) == 0
    assert '"schema": "urn:hauberk:store-check:v1"' in capsys.readouterr().out
    store.lies.add("no lock")
    assert dispatch(["data", "check-store", manifest]) == 1
    assert "NOT SO: w47/README: no lock" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text", ["", "never", "2026-11-26", "2026-11-26T00:00:00", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"]
)
def test_a_date_that_is_none_locks_nothing(text):
    assert seconds_of(text) == 0
