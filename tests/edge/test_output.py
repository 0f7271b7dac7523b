"""The directory that a command makes anew: emptied only inside of its project, and put back when the command fails."""

import pytest

from hauberk.edge.lock import only_one
from hauberk.edge.output import Output, remove_file
from hauberk.errors import Misconfigured, Unavailable


@pytest.fixture
def output(tmp_path):
    """Return an output whose old directory holds one file."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old").write_text("old")
    return Output(tmp_path, tmp_path / "model", tmp_path / ".state" / "aside")


def names(path):
    return sorted(entry.name for entry in path.iterdir())


def test_a_command_finds_an_empty_directory_and_the_old_one_is_kept(output):
    output.begin()
    assert names(output.path) == []
    assert names(output.aside) == ["old"]


def test_what_was_made_stands_and_the_old_one_goes(output):
    output.begin()
    (output.path / "new").touch()
    output.keep()
    assert names(output.path) == ["new"]
    assert not output.is_pending


def test_what_failed_goes_and_the_old_one_is_back(output):
    output.begin()
    (output.path / "half").touch()
    output.restore()
    assert names(output.path) == ["old"]
    assert not output.is_pending


def test_without_an_old_one_a_failure_leaves_nothing(tmp_path):
    output = Output(tmp_path, tmp_path / "deep" / "model", tmp_path / "aside")
    output.begin()
    output.restore()
    assert not output.path.exists()


def test_a_command_that_removes_its_directory_does_not_keep_the_old_one_away(output):
    output.begin()
    output.path.rmdir()
    output.restore()
    assert names(output.path) == ["old"]


def test_a_link_in_what_failed_is_removed_and_not_followed(output, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    output.begin()
    (output.path / "link").symlink_to(tmp_path / "precious")
    output.restore()
    assert names(tmp_path / "precious") == ["file"]


@pytest.mark.parametrize("target", ["precious", "absent"])
def test_a_link_in_the_directorys_place_is_refused(tmp_path, target):
    (tmp_path / "precious").mkdir()
    (tmp_path / "model").symlink_to(tmp_path / target)
    with pytest.raises(Misconfigured, match="a symbolic link"):
        Output(tmp_path, tmp_path / "model", tmp_path / "aside").begin()
    assert (tmp_path / "precious").is_dir()


def test_a_link_on_the_way_is_refused(tmp_path):
    (tmp_path / "precious" / "model").mkdir(parents=True)
    (tmp_path / "deep").symlink_to(tmp_path / "precious")
    with pytest.raises(Misconfigured, match="a symbolic link"):
        Output(tmp_path, tmp_path / "deep" / "model", tmp_path / "aside").begin()


def test_a_file_in_the_directorys_place_is_refused(tmp_path):
    (tmp_path / "model").write_text("mine")
    with pytest.raises(Misconfigured, match="not a directory"):
        Output(tmp_path, tmp_path / "model", tmp_path / "aside").begin()
    assert (tmp_path / "model").read_text() == "mine"


def test_nothing_but_a_regular_file_is_removed(tmp_path):
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(Misconfigured, match="not a regular file"):
        remove_file(tmp_path, tmp_path / "link")
    remove_file(tmp_path, tmp_path / "target")
    remove_file(tmp_path, tmp_path / "target")
    assert names(tmp_path) == ["link"]


def test_no_file_outside_of_the_folder_is_removed(tmp_path):
    (tmp_path / "outside").touch()
    (tmp_path / "inside").mkdir()
    with pytest.raises(Misconfigured, match="not inside"):
        remove_file(tmp_path / "inside", tmp_path / "inside" / ".." / "outside")
    assert (tmp_path / "outside").exists()


def test_a_lock_is_held_once_and_can_be_taken_again(tmp_path):
    with only_one(tmp_path / "lock"), pytest.raises(Unavailable, match="another run"), only_one(tmp_path / "lock"):
        pass
    with only_one(tmp_path / "lock"):
        pass


def test_a_lock_is_no_link(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable), only_one(tmp_path / "lock"):
        pass
    assert not (tmp_path / "elsewhere").exists()
