"""The page on keys is an operator's guide: its commands run as they stand, section by section, on a project."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hauberk
from docs.pages import REPOSITORY
from hauberk.evidence.instant import format_instant
from hauberk.pipeline.project import open_project
from owners import HERE, make_key
from projects import go, small_project

PAGE = (REPOSITORY / "docs" / "keys.md").read_text()


def blocks(title):
    section = PAGE[PAGE.index(f"## {title}\n") :].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = small_project(tmp_path_factory.mktemp("keys") / "small")
    go(folder)
    return folder


@pytest.fixture
def operator(finished, tmp_path):
    """Return what runs a block in a copy of the project, with `hauberk` on the path and a passphrase in a file."""
    folder = tmp_path / "small"
    shutil.copytree(finished, folder)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "hauberk"
    command.write_text(f"#!{sys.executable}\nimport sys\nfrom hauberk.cli.main import main\nsys.exit(main())\n")
    command.chmod(0o755)
    for person, name in {"alice": "root", "ada": "approver"}.items():
        make_key(tmp_path / person, name)
    for role in HERE:
        make_key(tmp_path / "new", role)
    (tmp_path / "passphrase").write_text("some words\n")
    trust = open_project(folder).read_trust()
    (root,) = open_project(folder).read_root().keys
    environment = os.environ | {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(hauberk.__file__).parents[1]),
        "HAUBERK_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
        "THEFT": format_instant(int(time.time()) - 3600),
        "KEYID": next(keyid for keyid, name in trust.names.items() if name == "gate"),
        "LOST": root.keyid,
        **{name.upper(): str(tmp_path / name) for name in ("alice", "ada", "new")},
    }

    def run(script):
        done = subprocess.run(
            ["sh", "-ec", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def test_a_trial_is_followed_by_the_real_project_command_by_command(operator):
    (anew,) = blocks("Founding")
    said = operator(anew)
    assert "ALLOWED" in said
    assert "development" not in said
    assert "development" not in operator("hauberk passport verify small.passport --root root.pub")


def test_a_stolen_key_is_answered_command_by_command(operator):
    scanner, end, away, root, log = blocks("When a key is stolen")
    assert "ALLOWED" in operator(scanner)
    assert "and what it said counts no more" in operator(end)
    said = operator(log)
    assert "the ledger holds" in said
    assert "ALLOWED" in said
    assert "root version 1 -> 2" in operator(root)
    assert "ALLOWED" in operator("hauberk gate load model/")
    assert "revoked sha256:" in operator(away)
    assert "DENIED" in operator("hauberk gate load model/ || [ $? = 1 ]")  # what rests on the key, for good
    operator("hauberk ledger verify")


def test_an_offline_root_signs_command_by_command(operator):
    offline, several, lost = blocks("An offline root")
    assert "trust version 1 -> 2" in operator(offline)
    assert "2 of 3 root keys sign from now on (before: 1 of 1)" in operator(several)
    assert "root version 2 -> 3" in operator(lost)
    assert "ALLOWED" in operator("hauberk gate load model/")
    operator("hauberk ledger verify")
