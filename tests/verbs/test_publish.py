"""Models published to a directory and pulled by digest: whole and right, or not at all."""

import os
import shutil
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.digest import Digest, dir_hash, parse_listing, sha256, tree_listing
from hauberk.edge import arrival
from hauberk.edge.depot import MAX_NOTES, Note
from hauberk.edge.folder_shelf import FolderShelf
from hauberk.edge.shelf import ShelfDepot
from hauberk.edge.sources import digest_path
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, NotVerified, Refused, Unavailable
from hauberk.limits import Limits
from hauberk.verbs.depots import open_depot
from hauberk.verbs.publish import Beside, publish
from hauberk.verbs.pull import pull, pull_notes

FILES = {"config.json": b"{}", "deep/er/weights é.bin": bytes(range(256)) * 9000, "deep/empty": b"", "twin": b"{}"}


def write(folder, files):
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


@pytest.fixture
def model(tmp_path):
    return write(tmp_path / "model", FILES)


@pytest.fixture
def depot(tmp_path):
    return open_depot(str(tmp_path / "depot"))


@pytest.fixture
def digest(model, depot):
    return publish(model, depot).digest


def shelf(tmp_path):
    return tmp_path / "depot"


def blob(tmp_path, data):
    return shelf(tmp_path) / "blobs" / "sha256" / sha256(data).hex


def left(tmp_path):
    """Return what pulling has left beside the model and the depot."""
    return sorted(path.name for path in tmp_path.iterdir() if path.name not in ("model", "depot"))


def tree_by(tmp_path, listing):
    """Put a listing into the depot as somebody else would, and return its digest."""
    digest = Digest("dirHash", sha256(listing).hex)
    write(shelf(tmp_path), {f"trees/dirHash-{digest.hex}": listing})
    return digest


# The good case.


def test_a_directory_comes_back_as_it_was(model, depot, digest, tmp_path):
    done = pull(digest, depot, tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest == digest_path(model)
    assert {path: (tmp_path / "back" / path).read_bytes() for path in FILES} == FILES
    assert (done.fetched, done.size) == (4, sum(map(len, FILES.values())))
    assert left(tmp_path) == ["back"]


def test_what_is_published_is_the_dirhash_in_plain_files(model, depot, digest, tmp_path):
    listing = (shelf(tmp_path) / "trees" / f"dirHash-{digest.hex}").read_bytes()
    assert sha256(listing).hex == digest.hex
    assert all(blob(tmp_path, data).read_bytes() == data for data in FILES.values())
    assert len(list((shelf(tmp_path) / "blobs" / "sha256").iterdir())) == 3  # two files have the same bytes


def test_a_single_file_is_pulled_by_its_sha256(depot, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"weights")
    digest = publish(tmp_path / "m.onnx", depot).digest
    assert digest == sha256(b"weights")
    pull(digest, depot, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == b"weights"


def test_publishing_again_sends_nothing(model, depot, digest):
    again = publish(model, depot)
    assert (again.digest, again.sent, again.found) == (digest, 0, 3)


def test_pulling_again_fetches_nothing(depot, digest, tmp_path):
    pull(digest, depot, tmp_path / "back")
    shutil.rmtree(shelf(tmp_path))
    assert pull(digest, depot, tmp_path / "back").was_there


def test_it_takes_an_empty_directory(depot, digest, tmp_path):
    (tmp_path / "back").mkdir()
    pull(digest, depot, tmp_path / "back")
    assert digest_path(tmp_path / "back") == digest


def test_what_is_made_has_the_usual_permissions(depot, digest, tmp_path):
    old = os.umask(0o027)
    try:
        pull(digest, depot, tmp_path / "back")
    finally:
        os.umask(old)
    modes = {path.stat().st_mode & 0o777 for path in [tmp_path / "back", *(tmp_path / "back").rglob("*")]}
    assert modes == {0o750, 0o640}


def test_the_command_line_says_the_digest_and_pulls_it(model, tmp_path, capsys):
    assert dispatch(["publish", str(model), str(tmp_path / "depot")]) == 0
    digest = digest_path(model)
    assert str(digest) in capsys.readouterr().out
    assert dispatch(["pull", str(digest), str(tmp_path / "depot"), "-o", str(tmp_path / "back")]) == 0
    assert "4 fetched" in capsys.readouterr().out


def test_a_depot_inside_of_the_model_is_refused(model):
    before = digest_path(model)
    assert dispatch(["publish", str(model), str(model / "depot")]) == 2
    assert dispatch(["publish", str(model), str(model)]) == 2
    assert digest_path(model) == before


# A depot that is damaged, or lies.

LIES = {
    "a changed blob": (lambda at: at(FILES["twin"]).write_bytes(b"[]"), NotVerified, "came as sha256:"),
    "a cut blob": (lambda at: os.truncate(at(FILES["deep/er/weights é.bin"]), 10), NotVerified, "came as sha256:"),
    "a longer blob": (lambda at: at(b"").write_bytes(b"x"), NotVerified, "came as sha256:"),
    "a missing blob": (lambda at: at(b"").unlink(), Unavailable, "has no blobs/sha256"),
    "a link": (lambda at: (at(b"").unlink(), at(b"").symlink_to("/etc/passwd")), Unavailable, "a symbolic link"),
    "a FIFO": (lambda at: (at(b"").unlink(), os.mkfifo(at(b""))), Unavailable, "a FIFO"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_damaged_blob_is_refused_and_nothing_is_there(depot, digest, tmp_path, lie):
    harm, error, said = LIES[lie]
    harm(lambda data: blob(tmp_path, data))
    with pytest.raises(error, match=said):
        pull(digest, depot, tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("change", [b"", b"x", None])
def test_a_listing_that_does_not_hash_is_refused(depot, digest, tmp_path, change):
    listing = shelf(tmp_path) / "trees" / f"dirHash-{digest.hex}"
    listing.write_bytes(listing.read_bytes() + change if change else b"")
    with pytest.raises(NotVerified, match="gives for"):
        pull(digest, depot, tmp_path / "back")
    assert left(tmp_path) == []


def test_a_tree_that_was_not_published_is_unavailable(depot, tmp_path):
    with pytest.raises(Unavailable, match="has no trees/dirHash"):
        pull(Digest("dirHash", "0" * 64), depot, tmp_path / "back")


ZERO = "0" * 64
NAMES = {
    "climbs": ["../x"],
    "climbs inside": ["a/../../x"],
    "is absolute": ["/etc/x"],
    "is here": ["a/./x"],
    "ends in a slash": ["a/"],
    "has a backslash": ["a\\x"],
    "rings": ["a\x07"],
    "is a file and a directory": ["a", "a/b"],
    "is too long": ["a" * 300],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_tree_whose_name(depot, tmp_path, name):
    digest = tree_by(tmp_path, tree_listing((path, ZERO) for path in NAMES[name]))
    with pytest.raises(NotVerified, match=r"a name|a backslash|both a file and a directory"):
        pull(digest, depot, tmp_path / "in" / "back")
    assert left(tmp_path) == []


LINES = f"{ZERO}  b\n".encode()
LISTINGS = {
    "nothing": b"",
    "out of order": LINES + f"{ZERO}  a\n".encode(),
    "twice": LINES + LINES,
    "no line end": LINES[:-1],
    "one blank": LINES.replace(b"  ", b" "),
    "large digits": LINES.replace(b"0", b"A", 1),
    "not UTF-8": LINES.replace(b"b", b"\xff"),
    "carriage return": LINES.replace(b"\n", b"\r\n") + b"\n",
    "JSON": b"[]",
}


@pytest.mark.parametrize("listing", LISTINGS)
def test_a_listing_that_no_tree_has_is_refused(depot, tmp_path, listing):
    digest = tree_by(tmp_path, LISTINGS[listing])
    with pytest.raises(NotVerified):
        pull(digest, depot, tmp_path / "back")
    assert left(tmp_path) == []


def test_a_listing_is_read_back_as_it_was_written():
    files = sorted((path, sha256(data).hex) for path, data in FILES.items())
    assert sorted(parse_listing(tree_listing(files))) == files
    assert dir_hash(files).hex == sha256(tree_listing(files)).hex


def test_a_listing_of_other_lines_is_malformed():
    with pytest.raises(Malformed, match="not the listing"):
        parse_listing(b"x\n" + LINES)


def test_more_than_the_limits_is_exceeded(depot, digest, tmp_path):
    for limits in (Limits(max_tree_files=3), Limits(max_tree_depth=2), Limits(max_intake_bytes=100)):
        with pytest.raises(Exceeded):
            pull(digest, depot, tmp_path / "back", limits=limits)
    assert not (tmp_path / "back").exists()


# The place where it goes.


def test_nothing_is_written_over(depot, digest, tmp_path):
    for place in ("full", "file", "link", "dangling"):
        write(tmp_path, {"full/x": b"mine", "file": b"mine"})
        for name, target in (("link", "full"), ("dangling", "nowhere")):
            (tmp_path / name).unlink(missing_ok=True)
            (tmp_path / name).symlink_to(target)
        with pytest.raises(Misconfigured, match="is there, and is not"):
            pull(digest, depot, tmp_path / place)
    assert (tmp_path / "full" / "x").read_bytes() == (tmp_path / "file").read_bytes() == b"mine"
    assert not (tmp_path / "nowhere").exists()


def test_what_takes_the_place_meanwhile_is_not_written_over(depot, tmp_path, monkeypatch):
    (tmp_path / "m").write_bytes(b"weights")
    digest = publish(tmp_path / "m", depot).digest
    monkeypatch.setattr(arrival, "_sync_all", lambda _: (tmp_path / "back").write_bytes(b"mine"))
    with pytest.raises(Misconfigured, match="is there, and is not"):
        pull(digest, depot, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"mine"


def test_a_directory_that_fills_meanwhile_is_not_written_over(depot, digest, tmp_path, monkeypatch):
    monkeypatch.setattr(arrival, "_sync_all", lambda _: write(tmp_path / "back", {"x": b"mine"}))
    with pytest.raises(Misconfigured, match="is there, and is not"):
        pull(digest, depot, tmp_path / "back")
    assert (tmp_path / "back" / "x").read_bytes() == b"mine"


def part(tmp_path, digest):
    return tmp_path / f"back.{digest.hex[:16]}.part"


def test_what_was_prepared_by_others_is_refused(depot, digest, tmp_path):
    part(tmp_path, digest).mkdir(mode=0o777)
    part(tmp_path, digest).chmod(0o777)
    with pytest.raises(Misconfigured, match="no folder of ours alone"):
        pull(digest, depot, tmp_path / "back")
    part(tmp_path, digest).rmdir()
    part(tmp_path, digest).symlink_to(tmp_path)
    with pytest.raises(Misconfigured, match="no folder of ours alone"):
        pull(digest, depot, tmp_path / "back")


def test_two_do_not_pull_to_one_place_at_once(depot, digest, tmp_path):
    with arrival.Arrival(tmp_path / "back", digest), pytest.raises(Unavailable, match="another run holds"):
        pull(digest, depot, tmp_path / "back")


# An end at any moment.


class Stop(BaseException):
    pass


def stopping(monkeypatch, after):
    """Let the program end when it makes something durable, or gives it its name, for the n-th time."""
    count = iter(range(after))

    def dying(real):
        def call(*arguments, **keywords):
            if next(count, None) is None:
                raise Stop
            return real(*arguments, **keywords)

        return call

    for name in ("fsync", "rename", "link"):
        monkeypatch.setattr(os, name, dying(getattr(os, name)))


def test_publishing_that_ends_at_any_moment_shows_no_tree_that_is_not_whole(tmp_path):
    model = write(tmp_path / "model", {"a": b"1", "b/c": b"2"})
    digest, after, finished = digest_path(model), 0, False
    while not finished:
        shutil.rmtree(shelf(tmp_path), ignore_errors=True)
        depot = open_depot(str(shelf(tmp_path)))
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, after)
            try:
                publish(model, depot)
                finished = True
            except Stop:
                after += 1
        shutil.rmtree(tmp_path / "back", ignore_errors=True)
        if (shelf(tmp_path) / "trees" / f"dirHash-{digest.hex}").exists():
            pull(digest, depot, tmp_path / "back")
            assert digest_path(tmp_path / "back") == digest
        publish(model, depot)  # and whoever publishes again finishes it
        pull(digest, depot, tmp_path / "again")
        shutil.rmtree(tmp_path / "again")
    assert after > 10


def test_nothing_gets_its_name_before_its_bytes_are_durable(model, tmp_path, monkeypatch):
    """What a machine that loses power may keep of unsynced files is not for a test to see: the order is."""
    durable, named, fsync, rename = set(), [], os.fsync, os.rename

    def sync(descriptor):
        fsync(descriptor)
        durable.add(os.fstat(descriptor).st_ino)

    def name(source, target, **more):
        assert Path(source).stat().st_ino in durable
        if "/trees/" in str(target):
            assert (shelf(tmp_path) / "blobs" / "sha256").stat().st_ino in durable
        named.append(str(target))
        rename(source, target, **more)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "rename", name)
    digest = publish(model, open_depot(str(shelf(tmp_path)))).digest
    pull(digest, open_depot(str(shelf(tmp_path))), tmp_path / "back")
    assert ["/trees/" in one for one in named] == [False, False, False, True, False]
    assert {path.stat().st_ino for path in (tmp_path / "back").rglob("*")} <= durable


def test_many_files_settle_by_and_by(tmp_path, monkeypatch):
    monkeypatch.setattr("hauberk.edge.folder_shelf._MAX_WAITING", 2)
    model = write(tmp_path / "many", {f"{number}": b"%d" % number for number in range(5)})
    digest = publish(model, open_depot(str(shelf(tmp_path)))).digest
    assert sorted(path.suffix for path in shelf(tmp_path).rglob("*") if path.is_file()) == [""] * 6
    pull(digest, open_depot(str(shelf(tmp_path))), tmp_path / "back")


def test_pulling_that_ends_at_any_moment_shows_nothing_that_is_not_whole(depot, digest, tmp_path):
    after, finished = 0, False
    while not finished:
        with pytest.MonkeyPatch.context() as patch:
            stopping(patch, after)
            try:
                pull(digest, depot, tmp_path / "back")
                finished = True
            except Stop:
                after += 1
        if (tmp_path / "back").exists():
            assert digest_path(tmp_path / "back") == digest
            shutil.rmtree(tmp_path / "back")
        shutil.rmtree(part(tmp_path, digest), ignore_errors=True)
    assert after > 8


def ended_early(depot, digest, tmp_path):
    """Pull as far as the two files before the weights."""
    weights = blob(tmp_path, FILES["deep/er/weights é.bin"])
    weights.rename(tmp_path / "weights")
    with pytest.raises(Unavailable):
        pull(digest, depot, tmp_path / "back")
    (tmp_path / "weights").rename(weights)


def test_what_came_before_the_end_is_not_fetched_again(depot, digest, tmp_path):
    ended_early(depot, digest, tmp_path)
    done = pull(digest, depot, tmp_path / "back")
    assert (done.fetched, done.kept) == (2, 2)
    assert digest_path(tmp_path / "back") == digest


def cut(depot, digest, tmp_path, size, data=None):
    """Leave a file that an earlier try has begun."""
    ended_early(depot, digest, tmp_path)
    whole = FILES["deep/er/weights é.bin"]
    write(part(tmp_path, digest) / "tree" / "deep" / "er", {"weights é.bin": (data or whole)[:size]})
    return len(whole)


def test_a_file_that_was_cut_is_gone_on_with(depot, digest, tmp_path):
    whole = cut(depot, digest, tmp_path, 1_000_003)
    assert pull(digest, depot, tmp_path / "back").size == whole - 1_000_003 + len(FILES["twin"])
    assert digest_path(tmp_path / "back") == digest


@pytest.mark.parametrize(("size", "data"), [(5, b"other"), (1, b"\xff"), (3_000_000, bytes(3_000_000))])
def test_a_file_that_was_begun_with_other_bytes_is_fetched_anew(depot, digest, tmp_path, size, data):
    whole = cut(depot, digest, tmp_path, size, data)
    assert pull(digest, depot, tmp_path / "back").size == whole + len(FILES["twin"])
    assert digest_path(tmp_path / "back") == digest


def test_what_was_begun_is_not_lost_where_the_depot_does_not_answer(depot, digest, tmp_path):
    cut(depot, digest, tmp_path, 1_000_003)
    blob(tmp_path, FILES["deep/er/weights é.bin"]).rename(tmp_path / "weights")
    with pytest.raises(Unavailable):
        pull(digest, depot, tmp_path / "back")
    assert (part(tmp_path, digest) / "tree" / "deep" / "er" / "weights é.bin").stat().st_size == 1_000_003


def test_a_changed_blob_is_refused_also_where_its_beginning_was_right(depot, digest, tmp_path):
    cut(depot, digest, tmp_path, 1_000_003)
    with blob(tmp_path, FILES["deep/er/weights é.bin"]).open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    with pytest.raises(NotVerified, match="came as sha256"):
        pull(digest, depot, tmp_path / "back")
    assert not (tmp_path / "back").exists()


EARLIER = {
    "cut": lambda file: os.truncate(file, 1),
    "changed": lambda file: file.write_bytes(b"[]"),
    "a link": lambda file: (file.unlink(), file.symlink_to("/etc/passwd")),
    "a hard link": lambda file: (file.unlink(), os.link(file.parents[1] / "lock", file)),
}


@pytest.mark.parametrize("harm", EARLIER)
def test_what_an_earlier_try_left_is_hashed_again(depot, digest, tmp_path, harm):
    ended_early(depot, digest, tmp_path)
    EARLIER[harm](part(tmp_path, digest) / "tree" / "config.json")
    assert pull(digest, depot, tmp_path / "back").kept == 1
    assert digest_path(tmp_path / "back") == digest


def test_what_nobody_fetched_is_not_taken_along(depot, digest, tmp_path):
    ended_early(depot, digest, tmp_path)
    (part(tmp_path, digest) / "tree" / "deep" / "evil.py").write_bytes(b"import os")
    with pytest.raises(Refused, match="was not fetched by us"):
        pull(digest, depot, tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("gone", ["config.json", "deep/empty"])
def test_what_goes_away_meanwhile_is_missed(depot, digest, tmp_path, gone):
    def seen(path):
        if path == "twin":  # the last one
            (part(tmp_path, digest) / "tree" / gone).unlink()

    with pytest.raises(Refused, match=f"{gone} in .* is not there any more"):
        pull(digest, depot, tmp_path / "back", seen=seen)
    assert not (tmp_path / "back").exists()


def test_two_names_that_are_one_file_there_are_no_tree(depot, tmp_path, monkeypatch):
    digest = publish(write(tmp_path / "twins", {"Net.bin": b"small", "net.bin": b"other"}), depot).digest
    take = arrival.Arrival._folder
    monkeypatch.setattr(arrival.Arrival, "_folder", lambda self, path: take(self, path.lower()))
    with pytest.raises(Refused):
        pull(digest, depot, tmp_path / "back")
    assert not (tmp_path / "back").exists()


# What is not published.

ODD = {
    "a link": lambda model: (model / "l").symlink_to("config.json"),
    "a FIFO": lambda model: os.mkfifo(model / "f"),
    "a newline": lambda model: (model / "a\nb").write_bytes(b""),
    "a backslash": lambda model: (model / "a\\b").write_bytes(b""),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_could_not_be_pulled_again_is_not_published(model, depot, tmp_path, odd):
    ODD[odd](model)
    with pytest.raises(Refused, match="cannot be published"):
        publish(model, depot)
    assert not shelf(tmp_path).exists()


def test_an_empty_directory_is_not_published(depot, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(Misconfigured, match="there is no file"):
        publish(tmp_path / "none", depot)


def test_a_file_that_changes_meanwhile_is_not_published(model, depot, tmp_path):
    with pytest.raises(Unavailable, match="changed since it was hashed"):
        publish(model, depot, seen=lambda path: (model / path).write_bytes(b"other"))
    assert not (shelf(tmp_path) / "trees").exists()


def test_other_bytes_under_a_name_are_not_written_over(model, depot, tmp_path):
    write(blob(tmp_path, b"{}").parent, {blob(tmp_path, b"{}").name: b"other"})
    with pytest.raises(Refused, match="is there already, and has other bytes"):
        publish(model, depot)
    assert blob(tmp_path, b"{}").read_bytes() == b"other"
    assert not (shelf(tmp_path) / "trees").exists()


@pytest.mark.parametrize("name", ["blobs", "blobs/sha256", "trees"])
def test_a_depot_whose_folder_is_a_link_is_refused(model, depot, tmp_path, name):
    (tmp_path / "elsewhere").mkdir()
    (shelf(tmp_path) / name).parent.mkdir(parents=True)
    (shelf(tmp_path) / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="is a symbolic link"):
        publish(model, depot)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_depot_that_is_read_only_is_unavailable(model, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        publish(model, open_depot(str(tmp_path / "file")))


@pytest.mark.parametrize("depot", ["https://host/x", "hf://org/name", "mlflow:/models/a/1", "ftp://host/x"])
def test_no_model_is_published_at_other_addresses(model, depot):
    with pytest.raises(Misconfigured):
        open_depot(depot)


# Notes.


def test_what_is_said_about_a_model_goes_beside_it(model, depot, tmp_path, monkeypatch):
    monkeypatch.setattr("hauberk.signature.oms.is_bundle", lambda _: True)
    (tmp_path / "m.sig").write_bytes(b"a signature")
    done = publish(model, depot, beside=Beside((tmp_path / "m.sig",)))
    assert done.notes == 1
    ((note, path),) = pull_notes(done.digest, depot, tmp_path / "notes")
    assert (note.kind, path.read_bytes(), path.suffix) == ("signature", b"a signature", ".sig")
    assert pull_notes(done.digest, depot, tmp_path / "notes") == ((note, path),)


def test_a_file_that_is_no_signature_is_not_put_beside_it(model, depot, tmp_path):
    (tmp_path / "x").write_bytes(b"{}")
    for beside in (Beside((tmp_path / "x",)), Beside((), (tmp_path / "x",))):
        with pytest.raises(Misconfigured, match="is no"):
            publish(model, depot, beside=beside)
    assert not shelf(tmp_path).exists()


def test_a_signature_inside_of_the_model_is_refused(model, depot, monkeypatch):
    monkeypatch.setattr("hauberk.signature.oms.is_bundle", lambda _: True)
    with pytest.raises(Misconfigured, match="lies inside of the model"):
        publish(model, depot, beside=Beside((model / "twin",)))


def test_a_note_that_was_changed_is_refused(depot, digest, tmp_path):
    note = Note("signature", sha256(b"a").hex)
    depot.put_note(digest, note, b"a")
    (path,) = (shelf(tmp_path) / "about" / f"dirHash-{digest.hex}").iterdir()
    path.write_bytes(b"b")
    with pytest.raises(NotVerified, match="has other bytes"):
        pull_notes(digest, depot, tmp_path / "notes")


def test_names_that_are_no_notes_are_passed_over(depot, digest, tmp_path):
    about = shelf(tmp_path) / "about" / f"dirHash-{digest.hex}"
    write(about, {"x": b"", f"virus-{ZERO}": b"", "signature-abc": b""})
    assert depot.notes(digest) == []


def test_too_many_notes_are_exceeded(depot, digest, tmp_path):
    about = shelf(tmp_path) / "about" / f"dirHash-{digest.hex}"
    write(about, {f"signature-{number:064x}": b"" for number in range(MAX_NOTES + 1)})
    with pytest.raises(Exceeded, match="more than"):
        depot.notes(digest)


def test_a_note_never_replaces_a_file_of_a_person(depot, digest, tmp_path):
    note = Note("passport", sha256(b"a").hex)
    depot.put_note(digest, note, b"a")
    write(tmp_path / "notes", {f"{note.sha256[:16]}.passport": b"mine"})
    with pytest.raises(Misconfigured, match="will not be written over"):
        pull_notes(digest, depot, tmp_path / "notes")


@pytest.mark.parametrize("where", ["a file", "a file/notes", "dangling", "a\0b"])
def test_a_place_for_notes_that_is_no_folder_is_refused_before_anything_is_fetched(
    depot, digest, tmp_path, monkeypatch, capsys, where
):
    """A model of many gigabytes would have come, and the verb failed all the same."""
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "dangling").symlink_to("nowhere")
    monkeypatch.chdir(tmp_path)
    words = ["pull", str(digest), str(depot.where), "-o", "out", "--notes", where]
    assert dispatch(words) == (3 if "\0" in where else 2)
    said = capsys.readouterr().err
    assert where.partition("/")[0].replace("\0", "\\x00") in said
    assert "\n  next: " in said
    assert not list(tmp_path.glob("out*"))
    assert (tmp_path / "a file").read_text() == "mine"


def test_a_shelf_is_read_in_pieces(tmp_path):
    write(tmp_path, {"s/x": bytes(3 << 20)})
    sizes = [len(piece) for piece in FolderShelf(tmp_path / "s").pieces("x", limit=1 << 30)]
    assert sizes == [1 << 20] * 3


def test_a_listing_that_is_too_long_is_neither_written_nor_read(model, tmp_path):
    publish(model, open_depot(str(shelf(tmp_path))))
    short = ShelfDepot(FolderShelf(shelf(tmp_path)), limits=Limits(max_document_bytes=10))
    with pytest.raises(Exceeded):
        short.tree(digest_path(model))
    with pytest.raises(Exceeded, match="the listing of"):
        publish(model, short)


@pytest.mark.parametrize("text", ["x", "dirHash:12", "model/tumour", f"md5:{'0' * 32}"])
def test_what_is_no_digest_is_refused(tmp_path, text, capsys):
    assert dispatch(["pull", text, str(tmp_path), "-o", str(tmp_path / "back")]) == 2
    assert not (tmp_path / "back").exists()


def test_paths_are_relative_to_nobody(depot, digest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pull(digest, depot, Path("back"))
    assert digest_path(tmp_path / "back") == digest
    with pytest.raises(HauberkError):
        pull(digest, depot, "")
