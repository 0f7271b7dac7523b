"""Where a script comes from: a commit only for the very bytes that were committed."""

import shutil
import subprocess

import pytest

from hauberk.digest import Digest
from hauberk.edge.sources import digest_path
from hauberk.limits import DEFAULT_LIMITS
from hauberk.pipeline.origin import origin_of

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def checkout(tmp_path):
    """Return a folder in a git checkout with one commit."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "train.py").write_text("fit()\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one")
    return folder


def git(folder, *words):
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_committed_file_comes_from_its_commit(checkout):
    assert origin_of(checkout, "train.py") == f"git {git(checkout, 'rev-parse', 'HEAD')}"


def test_a_remote_is_named_without_its_password(checkout):
    git(checkout, "remote", "add", "origin", "https://user:secret@example.org/models.git")
    commit = git(checkout, "rev-parse", "HEAD")
    assert origin_of(checkout, "train.py") == f"git https://example.org/models.git@{commit}"


def test_an_edited_file_is_local(checkout):
    (checkout / "train.py").write_text("fit() # edited\n")
    git(checkout, "add", ".")
    assert origin_of(checkout, "train.py") == "local"


def test_a_file_that_was_never_committed_is_local(checkout):
    (checkout / "new.py").write_text("")
    assert origin_of(checkout, "new.py") == "local"


def test_without_a_checkout_everything_is_local(tmp_path):
    (tmp_path / "train.py").write_text("fit()\n")
    assert origin_of(tmp_path, "train.py") == "local"


def test_a_file_of_this_name_with_another_digest_is_another_file(checkout):
    assert origin_of(checkout, "train.py", Digest("sha256", "00" * 32)) == "local"
    assert origin_of(checkout, "train.py", digest_path(checkout / "train.py")).startswith("git ")


def test_a_committed_file_may_be_larger_than_any_document(checkout):
    with (checkout / "weights.bin").open("wb") as file:
        file.truncate(DEFAULT_LIMITS.max_document_bytes + 1)
    git(checkout, "add", ".")
    git(checkout, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "two")
    assert origin_of(checkout, "weights.bin", digest_path(checkout / "weights.bin")).startswith("git ")


def test_a_file_that_cannot_be_read_is_local(checkout):
    (checkout / "train.py").unlink()
    assert origin_of(checkout, "train.py") == "local"
    (checkout / "train.py").symlink_to("nowhere")
    assert origin_of(checkout, "train.py") == "local"


def test_a_folder_is_local(checkout):
    assert origin_of(checkout.parent, "models") == "local"


def test_nothing_that_the_checkout_names_is_run_for_what_it_lacks(checkout):
    tree = git(checkout, "rev-parse", "HEAD:models")
    git(checkout, "config", "extensions.partialClone", "origin")
    git(checkout, "config", "remote.origin.promisor", "true")
    git(checkout, "config", "remote.origin.url", str(checkout.parent / "nowhere"))
    git(checkout, "config", "remote.origin.uploadpack", f"touch {checkout.parent}/ran; false")
    (checkout.parent / ".git/objects" / tree[:2] / tree[2:]).unlink()
    assert origin_of(checkout, "train.py") == "local"
    assert not (checkout.parent / "ran").exists()
