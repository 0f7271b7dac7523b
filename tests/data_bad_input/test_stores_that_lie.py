"""An object whose version changed, a store that lies about checksums, credentials that expire midway: S3 and Google's.

Both are fakes. What a real SeaweedFS and a real OpenBao do is in `services/test_seaweedfs_publish` and
`services/test_openbao`.
"""

from pathlib import Path

import pytest

from data_bad_input.sets import ROWS, TABLES
from fake_bucket import SECRET
from fake_gcs import TOKEN
from hauberk import data
from hauberk.errors import HauberkError, NotVerified, Unavailable

TODAY, LATER = ROWS[:5], [*ROWS[:4], ROWS[4] | {"amount": 1e6}]


def opened(path, manifest):
    with data.open_verified(path, manifest=manifest) as file:
        return file.read()


READS = pytest.mark.parametrize("read", [opened, data.read_verified], ids=["open_verified", "read_verified"])


@pytest.fixture(params=["parquet", "csv"])
def kept(request, store, folder, ada):
    """Put two files into the store and make their manifest; return the address of the first, and what writes it."""
    kind = TABLES[request.param]
    kind.fill(folder, TODAY, ROWS[5:])
    store.takes(folder)
    assert ada.makes_a_manifest(of=store.place) == 0, ada.said

    def again(rows=LATER):
        kind.fill(folder, rows)
        return store.fake.add(f"w/a.{kind.ending}", (folder / f"a.{kind.ending}").read_bytes())

    return f"{store.place}a.{kind.ending}", again


# An object whose version changed.


@READS
def test_the_version_of_the_manifest_is_read_although_there_is_a_newer_one(kept, read, folder):
    address, again = kept
    before = (folder / Path(address).name).read_bytes()
    again()
    found = read(address, manifest="week.manifest")
    assert found == before if read is opened else found.num_rows == len(TODAY)


@READS
def test_a_store_that_gives_another_version_is_refused(kept, read, store):
    address, again = kept
    newer = again()
    store.fake.lies |= {"other version", "other generation"}
    with pytest.raises(NotVerified, match=f"is the version {newer}, not ") as refused:
        read(address, manifest="week.manifest")
    assert "get the version that was approved" in refused.value.hint


@READS
def test_a_version_that_was_asked_for_and_is_not_the_manifests_is_refused(kept, read, store):
    address, again = kept
    name = {"s3": "versionId", "gs": "generation"}[store.scheme]
    with pytest.raises(NotVerified, match="is another version than the manifest's"):
        read(f"{address}?{name}={again()}", manifest="week.manifest")


def test_an_approval_of_what_was_written_over_is_refused(kept, ada):
    address, again = kept
    again()
    assert ada.approves() == 1
    assert f"the data are not those of the manifest t: other bytes in {Path(address).name}" in ada.said


def test_a_comparison_reads_the_versions_of_both_manifests(kept, ada, store):
    _, again = kept
    again()
    assert ada.makes_a_manifest("now", of=store.place) == 0
    again(TODAY[:1])
    assert ada.diffs("--distributions") == 1
    assert "1 new, 0 changed, 1 removed" in ada.said


@READS
def test_an_object_without_versions_that_was_written_over_is_refused(store, read, folder, ada):
    if store.scheme == "s3":
        store.fake.lies.add("no versions")
    TABLES["csv"].fill(folder, TODAY)
    store.takes(folder)
    assert ada.makes_a_manifest(of=store.place) == 0
    TABLES["csv"].fill(folder, [TODAY[0] | {"name": "shop 9 ü"}, *TODAY[1:]])  # as many bytes
    store.takes(folder)
    if store.scheme == "gs":  # which has no objects without generations: the approved one is read
        assert read(f"{store.place}a.csv", manifest="week.manifest")
        return
    with pytest.raises(NotVerified, match=r"a\.csv has the digest sha256:"):
        read(f"{store.place}a.csv", manifest="week.manifest")


def test_an_object_that_changes_between_listing_and_reading(store, folder, ada):
    """S3's list names no versions: it is refused. Google's does: it is read as it was listed."""
    TABLES["csv"].fill(folder, TODAY, ROWS[5:])
    store.takes(folder)
    store.fake.meanwhile = lambda: store.fake.add("w/b.csv", b"id,name,amount\n9,x,9\n")
    if store.scheme == "gs":
        assert ada.makes_a_manifest(of=store.place) == 0
        assert ada.makes_a_manifest("now") == 0  # of the folder
        assert ada.diffs() == 0
        return
    assert ada.makes_a_manifest(of=store.place) == 3
    assert "b.csv changed between listing and reading" in ada.said
    assert "let its writer finish, then try again" in ada.said
    assert not list(Path().glob("week.manifest*"))


def test_a_version_that_is_gone_is_said(kept, ada, store):
    address, _ = kept
    store.fake.objects.clear()
    store.fake.add("w/z", b"another")
    with pytest.raises(HauberkError) as refused:
        data.open_verified(address, manifest="week.manifest")
    assert Path(address).name in refused.value.message
    assert ada.approves() == 1
    assert f"{Path(address).name} is gone" in ada.said


# A store that lies about checksums, or about sizes.


LIES = {
    "checksum": (1, "the store says that its digest is"),
    "rot": (1, "the store says that its digest is"),
    "cut": (3, "gave 96 bytes, where its listing says 97"),
    "longer": (3, "is longer than the 97 bytes"),
}


@pytest.mark.parametrize("lie", LIES)
def test_no_manifest_is_made_of_what_a_store_lies_about(store, lie, folder, ada):
    TABLES["csv"].fill(folder, TODAY, ROWS[5:])
    store.takes(folder)
    store.fake.lies.add(lie)
    if (store.scheme, lie) == ("gs", "checksum"):
        store.fake.said["md5Hash"] = "AAAAAAAAAAAAAAAAAAAAAA=="
    code, said = LIES[lie]
    assert ada.makes_a_manifest(of=store.place) == code, ada.said
    assert said in ada.said
    assert "a.csv" in ada.said
    assert not list(Path().glob("week.manifest*"))


@READS
@pytest.mark.parametrize("lie", ["rot", "cut", "longer"])
def test_no_program_gets_what_a_store_lies_about(kept, read, lie, store):
    address, _ = kept
    store.fake.lies.add(lie)
    with pytest.raises(HauberkError) as refused:
        read(address, manifest="week.manifest")
    assert Path(address).name in refused.value.message


@READS
@pytest.mark.parametrize("lie", ["rot", "cut"])
def test_bytes_are_verified_also_where_a_store_says_nothing_of_them(kept, read, lie, store):
    address, _ = kept
    store.fake.lies |= {lie, "no checksum", "no hash in the list", "no hash in the header"}
    with pytest.raises(HauberkError) as refused:
        read(address, manifest="week.manifest")
    assert any(said in refused.value.message for said in ("has the digest sha256:", "bytes, the manifest says", "gave"))


def test_an_etag_is_no_checksum(store, folder, ada):
    """It is the MD5 of the bytes, of parts of them, or of something that is encrypted: nothing is concluded from it."""
    TABLES["csv"].fill(folder, TODAY)
    store.fake.add(
        "w/a.csv", (folder / "a.csv").read_bytes(), **({"tag": '"' + "0" * 32 + '"'} if store.scheme == "s3" else {})
    )
    assert ada.makes_a_manifest(of=store.place) == 0
    assert ada.makes_a_manifest("now") == 0
    assert ada.diffs() == 0


# Credentials that expire midway.


def test_whenever_credentials_expire_there_is_a_whole_manifest_or_none(store, folder, ada):
    TABLES["csv"].fill(folder, TODAY[:2], TODAY[2:], ROWS[5:])
    store.takes(folder)
    assert ada.makes_a_manifest("whole", of=store.place) == 0
    needed = store.requests
    for allowed in range(needed):
        store.forgets_us_after(allowed)
        assert ada.makes_a_manifest(of=store.place) == 3, ada.said
        assert "the server lets us not in (40" in ada.said
        assert "AWS_" in ada.said or "GOOGLE_" in ada.said or "check the credentials" in ada.said
        assert SECRET not in ada.said
        assert TOKEN not in ada.said
        assert not list(Path().glob("week.manifest*"))
    store.forgets_us_after(needed)
    assert ada.makes_a_manifest(of=store.place) == 0


@READS
def test_a_program_gets_nothing_once_credentials_have_expired(kept, read, store):
    address, _ = kept
    store.forgets_us_after(0)
    with pytest.raises(Unavailable, match="lets us not in"):
        read(address, manifest="week.manifest")


def test_neither_an_approval_nor_a_comparison_is_made_of_half_of_the_data(kept, ada, store):
    for allowed in (0, 1, 2):
        store.forgets_us_after(allowed)
        assert ada.approves() == 3, ada.said
        assert "lets us not in" in ada.said
        store.forgets_us_after(allowed)
        assert ada.checks(store.place) == 3
        assert "lets us not in" in ada.said
    for end in ("", ".rows"):
        Path(f"now.manifest{end}").write_bytes(Path(f"week.manifest{end}").read_bytes())
    store.forgets_us_after(1)
    assert ada.diffs("--distributions") == 3
    assert "lets us not in" in ada.said
