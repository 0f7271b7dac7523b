"""Whatever a person names by mistake: the message says what was seen and what to do next, and nothing is our fault."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch

LONG, NUL = "x" * 300, "a\0b"
SEND = "--service http://127.0.0.1:1 --key .hauberk/keys/scanner.pem --trust"

# A command, the exit code, and what is said: of a path that no file can have, of one of the wrong kind, of wrong bytes.
WRONG: tuple[tuple[str, int, str], ...] = (
    (f"ledger head --project {LONG}", 2, "no hauberk.yaml in "),
    (f"gate load model --project {LONG}", 2, "no hauberk.yaml in "),
    (f"init --project {LONG}", 2, "is not a directory"),
    (f"key new k -o {LONG}", 3, "File name too long"),
    (f"ledger backup {NUL}", 3, "a\\x00b"),
    ("ledger backup text/x", 3, "text/x"),
    ("ledger backup ''", 2, "the empty path"),
    (f"ledger tiles {NUL}", 3, "a\\x00b"),
    (f"ledger tiles {LONG}", 3, "File name too long"),
    (f"ledger outbox --outbox {NUL}", 3, "a\\x00b"),
    (f"ledger outbox --outbox {LONG}", 3, "File name too long"),
    ("ledger outbox --outbox text", 3, "text is a file, not a folder"),
    (f"publish {NUL} depot", 3, "a\\x00b"),
    (f"publish data {NUL}", 3, "a\\x00b"),
    (f"publish data {LONG}", 3, "File name too long"),
    ("publish data ''", 2, "the empty path names no depot"),
    ("publish data text", 3, "text is a file, not a folder"),
    ("gate load folder", 1, "folder holds no file"),
    (f"passport export {NUL} -o p", 3, "a\\x00b"),
    (f"ledger serve --listen 127.0.0.1:0 --tls-certificate {NUL} --tls-key {NUL}", 3, "a\\x00b"),
    ("ledger serve --listen 127.0.0.1:0 --tls-certificate empty --tls-key empty", 2, "empty: "),
    ("ledger verify --since empty", 1, "empty is no checkpoint: "),
    ("ledger verify --since junk", 1, "junk is no checkpoint: it is not text"),
    ("pull model/small@production depot -o out --passport empty --root root.pub", 1, "empty is no passport: "),
    (f"ledger send text {SEND} empty", 2, "empty: the trust file is not JSON"),
    ("trust sign next.json --key .hauberk/keys/root.pem --since empty", 2, "empty: the trust file is not JSON"),
    ("gate approve --signed empty", 2, "empty: it is no signed policy"),
    (
        "gate excuse 000000000000 --owner '' --until 2999-01-01 --reason r",
        2,
        "needs an owner, one printable line, not ''",
    ),
    ("ledger head --no-such-option", 2, "--no-such-option"),
    ("ledger verfy", 2, "verfy"),
)
# A file of the project, emptied or with a folder in its place; a command that reads it; the exit code.
BROKEN: tuple[tuple[str, str, int], ...] = (
    ("hauberk.yaml", "gate load data", 2),
    ("policy.yaml", "gate load data", 2),
    ("trust.json", "ledger verify", 2),
    ("trust.json", "gate load data", 2),
    ("root.pub", "gate load data", 2),
    (".hauberk/ledger/ledger.sqlite", "ledger head", 1),
    (".hauberk/ledger/ledger.sqlite", "ledger verify", 1),
    (".hauberk/ledger/ledger.sqlite", "gate load data", 1),
    (".hauberk/ledger/ledger.sqlite", "trust edit", 1),
)


@pytest.fixture(scope="module")
def founded(finished_small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy a project, with things beside it that nobody means to name."""
    folder = tmp_path_factory.mktemp("awkward") / "small"
    shutil.copytree(finished_small, folder)
    (folder / "empty").write_bytes(b"")
    (folder / "text").write_text("hello\n")
    (folder / "junk").write_bytes(bytes(range(256)))
    (folder / "folder").mkdir()
    assert dispatch(["trust", "edit", "--project", str(folder), "-o", str(folder / "next.json")]) == 0
    return folder


@pytest.fixture(autouse=True)
def _passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "passphrase").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))


def words(line: str) -> list[str]:
    return ["" if word == "''" else word for word in line.split(" ")]


def said_of(line: str, code: int, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert dispatch(words(line)) == code
    err = capsys.readouterr().err
    assert "\n  next: " in err
    assert "our own fault" not in err
    return err


@pytest.mark.parametrize(("line", "code", "says"), WRONG, ids=[line[:60].replace(NUL, "NUL") for line, *_ in WRONG])
def test_what_is_named_by_mistake_is_said_with_what_to_do(
    founded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, code: int, says: str
) -> None:
    monkeypatch.chdir(founded)
    assert says in said_of(line, code, capsys)


@pytest.mark.parametrize(("file", "line", "code"), BROKEN)
@pytest.mark.parametrize("how", ["empty", "a folder"])
def test_a_file_of_the_project_that_is_broken_is_named_with_what_to_do(
    founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    file: str, line: str, code: int, how: str,
) -> None:  # fmt: skip
    shutil.copytree(founded, tmp_path / "small")
    monkeypatch.chdir(tmp_path / "small")
    Path(file).unlink()
    with contextlib.suppress(FileNotFoundError):
        Path(f"{file}-wal").unlink()
    if how == "empty":
        Path(file).write_bytes(b"")
    else:
        Path(file).mkdir()
    err = said_of(line, code if how == "empty" else 2 if file == "hauberk.yaml" else 3, capsys)
    assert Path(file).name in err or "ledger" in err
