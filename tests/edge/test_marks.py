"""Marks of inputs: whatever was written, moved or led elsewhere leaves one, also when it was put back."""

import shutil
import time
from pathlib import Path

import pytest

from hauberk.edge.marks import marks


@pytest.fixture(autouse=True)
def _places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("real/deep").mkdir(parents=True)
    Path("real/deep/t.csv").write_text("v\n1\n")
    shutil.copytree("real", "other")
    Path("second").symlink_to("real")
    Path("first").symlink_to(Path("second").absolute())
    Path("up").mkdir()
    Path("up/link.csv").symlink_to("../first/deep/t.csv")
    time.sleep(0.02)  # the system's clock of files is coarse


def swap(name):
    """Lead a link elsewhere, and put it back."""
    link = Path(name)
    back = link.readlink()
    for target in ("other", back):
        link.unlink()
        link.symlink_to(target)


def aside(name):
    Path(name).rename("aside")
    shutil.copytree("other", name)
    shutil.rmtree(name)
    Path("aside").rename(name)


@pytest.mark.parametrize("path", ["first", "first/deep", "first/deep/t.csv", "up/link.csv", "up/../first"])
@pytest.mark.parametrize("name", ["first", "second"])
@pytest.mark.parametrize("how", [swap, aside])
def test_a_link_on_the_way_that_was_swapped_and_put_back_is_seen(path, name, how):
    before = marks(Path(path))
    assert marks(Path(path)) == before
    how(name)
    assert Path(path).exists()
    assert marks(Path(path)) != before


def test_a_link_that_is_the_input_itself_is_one_on_the_way():
    before = marks(Path("up/link.csv"))
    swap("up/link.csv")
    assert marks(Path("up/link.csv")) != before


def test_what_is_made_beside_an_input_is_no_change():
    before = marks(Path("first/deep/t.csv"))
    Path("real/deep/more").touch()
    Path("real/more").touch()
    assert marks(Path("first/deep/t.csv")) == before


def test_links_in_a_circle_and_nothing_at_all_end():
    Path("a").symlink_to("b")
    Path("b").symlink_to("a")
    assert str(Path("a").absolute()) in marks(Path("a"))
    assert marks(Path("nowhere")) == {str(Path("nowhere").absolute()): ()}
