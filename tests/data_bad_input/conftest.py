"""A project of one's own for each test, and what `hauberk` said in it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fake_bucket import ACCESS, SECRET, FakeBucket, fake_bucket
from fake_gcs import TOKEN, FakeGcs, fake_gcs
from hauberk.cli.dispatch import dispatch
from projects import small_project

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKS = "schema: urn:hauberk:data-checks:v1\nname: t\nrows: [{min: 1}]\n"
TRAIN = "from pathlib import Path\nPath('model').mkdir(exist_ok=True)\nPath('model/w').write_text('w')\n"


class Person:
    """Somebody at a prompt in a project whose data set is in `set`; `said` is what the last command wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.said = ""

    def does(self, *words: str) -> int:
        """Run `hauberk` and return its exit code."""
        self._capsys.readouterr()
        code = dispatch(list(words))
        self.said = "".join(self._capsys.readouterr())
        return code

    def makes_a_manifest(self, name: str = "week", *more: str, of: str = "set") -> int:
        """Run `hauberk data manifest`; its rows are found again by `id`, where there is such a column."""
        return self.does("data", "manifest", of, "-o", f"{name}.manifest", "--name", "t", *more)

    def diffs(self, *more: str) -> int:
        """Run `hauberk data diff` on what was and what is."""
        return self.does("data", "diff", "week.manifest", "now.manifest", *more)

    def trains(self) -> int:
        """Run `hauberk train` on the manifest, outside of the ledger."""
        return self.does(
            "train", "--data", "week.manifest", "--sandbox", "off", "--key", "file:.hauberk/keys/producer.pem",
            "--provenance", "p.json", "--", sys.executable, "learn.py",
        )  # fmt: skip

    def approves(self) -> int:
        """Run `hauberk data approve` on the manifest."""
        return self.does("data", "approve", "week.manifest", "--owner", "Ada", "--checks", "checks.yaml")

    def checks(self, data: str = "set", *more: str) -> int:
        """Run `hauberk data check`, which knows no manifest but those that it compares with."""
        return self.does("data", "check", data, "--checks", "checks.yaml", *more)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was founded and never ran."""
    folder = small_project(tmp_path_factory.mktemp("founded") / "small")
    shutil.rmtree(folder / "data")
    (folder / "checks.yaml").write_text(CHECKS)
    (folder / "learn.py").write_text(TRAIN)
    return folder


@pytest.fixture
def ada(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Person:
    """Enter a copy of the project."""
    shutil.copytree(founded, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    return Person(capsys)


@pytest.fixture
def folder(ada: Person) -> Path:
    """The folder of the data set, in the project that was entered."""
    assert ada
    return Path("set")


class Store:
    """A store that may lie: the same few words for a fake of S3 and one of Google's."""

    def __init__(self, scheme: str, fake: FakeBucket | FakeGcs) -> None:
        self.fake = fake
        self.scheme = scheme
        self.place = f"{scheme}://sets/w/"

    def takes(self, folder: Path) -> None:
        """Put the files of a folder under the prefix, each as a new version."""
        for path in sorted(folder.iterdir()):
            self.fake.add(f"w/{path.name}", path.read_bytes())

    @property
    def requests(self) -> int:
        """Return how often it was asked."""
        return self.fake.asked if isinstance(self.fake, FakeGcs) else len(self.fake.log)

    def forgets_us_after(self, requests: int) -> None:
        """Let the credentials expire after so many requests from now on."""
        self.fake.expires_after = self.requests + requests


@pytest.fixture(params=["s3", "gs"])
def store(request: pytest.FixtureRequest, ada: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Run a store, with credentials for it in the environment."""
    assert ada
    for name in (
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(Path.cwd()))
    if request.param == "s3":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        with fake_bucket() as bucket:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)
            yield Store("s3", bucket)
        return
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
    with fake_gcs() as objects:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", objects.server.url)
        yield Store("gs", objects)
