"""The operator's guide is followed: every command of it, in its order, on a project that the page itself founds."""

import hashlib
import json
import os
import re
import shlex
import shutil
import socket
import sqlite3
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from docs.pages import REPOSITORY
from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.keys import open_signer
from hauberk.edge.sources import digest_path
from hauberk.errors import NotVerified
from hauberk.evidence.instant import format_instant
from hauberk.evidence.predicates import ARTEFACT
from hauberk.gate.standing import append
from hauberk.ledger.log import Log
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse, pkcs8
from listening import listening
from projects import edit, recorded, write_sources

PAGE = (REPOSITORY / "docs" / "operate.md").read_text()
PORTS = ("8443", "8081")
CODE = re.compile(r"    # ([0-9])$")
NEVER_RUN = "the page has a block that the test does not type"


def sections(page):
    """Return the blocks of each section, by its number."""
    parts = re.split(r"^## ([0-9]+)\. .*\n", page, flags=re.MULTILINE)[1:]
    return {
        int(number): re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for number, text in zip(parts[::2], parts[1::2], strict=True)
    }


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return str(asked.getsockname()[1])


class Operator:
    """Types commands in a project's folder: those of `hauberk` in this process, but for two that listen; others in a shell."""

    def __init__(self, capsys, stack):
        page = PAGE
        for port in PORTS:
            page = page.replace(port, free_port())
        self.blocks = sections(page)
        self.capsys, self.stack, self.serving = capsys, stack, {}

    def next(self, section):
        """Type the next block of a section; return what it printed."""
        return self.types(self.blocks[section].pop(0))

    def types(self, block):
        said = [self._line(line) for line in block.splitlines()]
        return "".join(said)

    def _line(self, line):
        found = CODE.search(line)
        command, code = CODE.sub("", line), int(found[1]) if found else 0
        self._look()
        words = shlex.split(os.path.expandvars(command))
        if "--listen" in words:
            return self._serve(words[1:])
        if words[0] != "hauberk":
            done = subprocess.run(["sh", "-ec", command], capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
            return done.stdout
        target = words[words.index(">") + 1 :] if ">" in words else []
        self.capsys.readouterr()
        answer = main(words[1:-2] if target else words[1:])
        out, err = self.capsys.readouterr()
        assert answer == code, f"{command}\n{out}\n{err}"
        if target:
            Path(target[0]).write_text(out)
        self._read(words, out)
        return out + err

    def _read(self, words, out):
        """Read what the page says that a command prints."""
        if "--witness" in words:
            os.environ["WITNESS_KEY"] = re.search(r"verifier +(\S+)", out)[1]
        if words[1:3] == ["key", "rotate"]:
            os.environ["OLD_LOG" if words[3] == "log" else "STOLEN"] = re.search(r"old key is sha256:(\S+)", out)[1]

    def _look(self):
        """Look up what the page says to look up in the trust."""
        if Path("trust.json").exists():
            trust = json.loads(Path("trust.json").read_text())
            os.environ["LOG_KEY"] = trust["log"]["vkey"]

    def _serve(self, words):
        self.stop(words[1])
        self.serving[words[1]] = self.stack.enter_context(ExitStack())
        self.serving[words[1]].enter_context(listening(*words))
        return ""

    def stop(self, *which):
        for name in which:
            if name in self.serving:
                self.serving.pop(name).close()


def machine(folder):
    """Put what a repository holds of a project on a machine."""
    write_sources(folder)
    return folder


@pytest.fixture
def operator(tmp_path, monkeypatch, capsys):
    (tmp_path / "passphrase").write_text("some words\n")
    monkeypatch.setenv("HAUBERK_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    for name in ("SAFE", "ALICE", "BOB", "CAROL", "ADA", "WITNESS"):
        (tmp_path / name.lower()).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    for name in ("WITNESS_KEY", "LOG_KEY", "THEFT", "STOLEN", "BAD", "OLD_LOG"):
        monkeypatch.setenv(name, "")
    folder = machine(tmp_path / "small")
    monkeypatch.setitem(pkcs8.encrypt.__kwdefaults__, "rounds", 1000)  # fast to open
    monkeypatch.chdir(folder)
    with ExitStack() as stack:
        yield Operator(capsys, stack)


def steal():
    """Let a thief of the producer's key make a model that the gate opens; return how he signs on."""
    thief = open_signer(open_project(".").key("producer"))
    shutil.copytree("model", "honest")
    edit(Path("train.py"), "sum(rows) / len(rows)", "666")
    assert main(["run"]) == 0
    shutil.copytree("model", "bad")
    assert main(["gate", "load", "bad/"]) == 0
    where = ["--environment", "production", "--service", "clinic", "--by", "ada"]
    assert main(["ledger", "deployed", "bad/", *where]) == 0
    edit(Path("train.py"), "666", "sum(rows) / len(rows)")
    shutil.rmtree("model")
    shutil.move("honest", "model")
    return thief


def says(thief):
    """Let him sign once more what the gate wants to hear, and bring it to the ledger."""
    said = recorded(Path.cwd(), ARTEFACT)[-1]
    with Log.open(open_project(".").ledger) as log:
        append(log, [dsse.sign(said, [thief])], now=clock.now())


def of_format_1():
    """Make the ledger what the first release wrote: two tables, and each envelope as a blob."""
    folder = Path(".hauberk/ledger")
    database = sqlite3.connect(folder / "ledger.sqlite")
    for (data,) in database.execute("SELECT data FROM envelopes").fetchall():
        name = hashlib.sha256(data).hexdigest()
        (folder / "blobs" / name[:2]).mkdir(parents=True, exist_ok=True)
        (folder / "blobs" / name[:2] / name).write_bytes(data)
    for table in ("envelopes", "nodes", "about", "listed"):
        database.execute(f"DROP TABLE {table}")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()


def format_in(folder):
    database = sqlite3.connect(folder / "ledger.sqlite")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    database.close()
    return version


def corrupt():
    with Path(".hauberk/ledger/ledger.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 40_000)


def lose_the_machine(folder, tmp_path):
    """Leave nothing but what a repository, a depot and the safe hold."""
    shutil.copytree(folder / "model", tmp_path / "published")
    os.chdir(tmp_path)
    shutil.rmtree(folder)
    os.chdir(machine(folder))
    shutil.move(tmp_path / "published", "model")


def test_the_guide_is_followed_command_by_command(operator, tmp_path, monkeypatch):
    folder = Path.cwd()
    assert operator.next(1).startswith("hauberk ")
    operator.next(2)
    founded = operator.next(2)
    assert "2 of 3 root keys sign from now on" in founded
    assert "it has all signatures" in founded
    opened = operator.next(2)
    assert "ALLOWED" in opened
    assert "development" not in founded + opened
    assert {path.stem for path in Path(".hauberk/keys").iterdir()} == {"producer", "scanner", "gate", "log", "witness"}
    operator.next(3)
    assert "example.org/w1 " in json.loads(Path("with-both.passport").read_text())["checkpoint"]
    assert "production" in operator.next(4)

    assert "the copy holds" in operator.next(5)
    operator.stop("serve")
    operator.next(5)
    operator.next(6)
    operator.next(6)
    operator.next(6)

    monkeypatch.setenv("THEFT", format_instant(clock.now()))
    time.sleep(1.1)  # what was said in the second of the theft still counts
    thief = steal()
    monkeypatch.setenv("BAD", str(digest_path(Path("bad"))))
    says(thief)
    said = operator.next(7)
    assert os.environ["STOLEN"] == thief.public.keyid
    assert re.search(r"✗ artefact.present +none", said)  # of the thief's model, whose artefact he has signed twice
    live = said[said.index(f"sha256:{thief.public.keyid}\n  known as") :].partition("\nas ")[0]
    assert str(digest_path(Path("model"))) in live
    assert os.environ["BAD"] in live
    with pytest.raises(NotVerified, match=r"may not sign artefact .* at that time"):
        says(thief)
    operator.next(7)
    operator.next(7)

    operator.stop("serve")
    corrupt()
    assert "rollback: the copy ends with trust version 2" in operator.next(8)
    lose_the_machine(folder, tmp_path)
    operator.next(8)

    assert "the ledger holds" in operator.next(9)
    operator.stop("serve")
    of_format_1()
    assert "the ledger holds" in operator.next(10)
    assert format_in(Path(".hauberk/ledger")) == 2
    assert format_in(tmp_path / "safe" / "ledger.before-upgrade") == 1
    assert not any(operator.blocks.values()), NEVER_RUN
