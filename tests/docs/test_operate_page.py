"""The operator's guide is followed: every command of it, in its order, on a project that the page itself founds."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import hauberk
from docs.pages import REPOSITORY
from hauberk.edge.sources import digest_path
from hauberk.evidence.instant import format_instant
from projects import EVALUATE, TRAIN, write_plain_keys

PAGE = (REPOSITORY / "docs" / "operate.md").read_text()


def sections():
    """Return the commands of each section, block by block."""
    titles = re.split(r"^## (.*)\n", PAGE, flags=re.MULTILINE)[1:]
    blocks = [re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) for text in titles[1::2]]
    return dict(zip(titles[::2], blocks, strict=True))


class Operator:
    """Types blocks of commands in a project's folder; any that fails is an error."""

    def __init__(self, folder, tmp_path):
        self.folder = folder
        (tmp_path / "bin").mkdir()
        command = tmp_path / "bin" / "hauberk"
        command.write_text(f"#!{sys.executable}\nimport sys\nfrom hauberk.cli.main import main\nsys.exit(main())\n")
        command.chmod(0o755)
        (tmp_path / "passphrase").write_text("some words\n")
        (tmp_path / "bad").write_text("poison")
        self.environment = os.environ | {
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(hauberk.__file__).parents[1]),
            "HAUBERK_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
            "SAFE": str(tmp_path / "safe"),
            "THEFT": format_instant(int(time.time()) - 3600),
            "BAD": str(digest_path(tmp_path / "bad")),
        }

    def types(self, script):
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def machine(folder):
    """Put what a repository holds of a project on a machine, and keys that are fast to open."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train.csv").write_text("1\n2\n3\n")
    (folder / "data" / "holdout.csv").write_text("2\n")
    (folder / "train.py").write_text(TRAIN)
    (folder / "evaluate.py").write_text(EVALUATE)
    (folder / "requirements.lock").write_text("")
    return folder


def test_the_guide_is_followed_command_by_command(tmp_path):
    blocks = sections()
    operator = Operator(machine(tmp_path / "small"), tmp_path)
    write_plain_keys(operator.folder)
    operator.types(blocks.pop("Install")[0])
    assert "ALLOWED" in operator.types(blocks.pop("Found")[0])
    assert blocks.pop("Keys") == []
    backup, check = blocks.pop("Backup")
    operator.types(backup)
    assert "the copy holds" in operator.types(check)
    turn, copy = blocks.pop("Rotation")
    assert "the ledger holds" in operator.types(turn)
    operator.types(copy)
    stolen, bad, copy = blocks.pop("Incident: a stolen key")
    said = operator.types(stolen)
    assert "ALLOWED" in said
    assert "revoked" in operator.types(bad)
    operator.types(copy)
    database = operator.folder / ".hauberk" / "ledger" / "ledger.sqlite"
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)
    said = operator.types(blocks.pop("Incident: the ledger's database is damaged")[0])
    assert "damaged: exit code" in said
    assert "ALLOWED" in said
    shutil.copytree(operator.folder / "model", tmp_path / "published")
    shutil.rmtree(operator.folder)
    machine(operator.folder)
    shutil.copytree(tmp_path / "published", operator.folder / "model")
    assert "ALLOWED" in operator.types(blocks.pop("Incident: the machine is lost")[0])
    assert "the ledger holds" in operator.types(blocks.pop("Outage")[0])
    assert blocks == {}


def test_each_way_back_that_the_guide_warns_of_is_refused(tmp_path):
    """A copy that is older than what the witness has signed, and a theft without a key to follow, are no way back."""
    operator = Operator(machine(tmp_path / "small"), tmp_path)
    write_plain_keys(operator.folder)
    blocks = sections()
    operator.types(blocks["Found"][0])
    operator.types(blocks["Backup"][0])
    operator.types('hauberk gate revoke "$BAD" --reason "after the backup"')
    shutil.rmtree(operator.folder / ".hauberk" / "ledger")
    assert operator.types('hauberk ledger restore "$SAFE/ledger.1" || echo "exit code $?"').endswith("exit code 1\n")
    assert operator.types("hauberk gate load model/ || echo closed").endswith("closed\n")
