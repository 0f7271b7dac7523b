"""Who witnesses a project's ledger: its own witness, those whose address `hauberk.yaml` names, and nobody else."""

from __future__ import annotations

import pytest

from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.errors import Refused
from hauberk.ledger.log import Log
from hauberk.ledger.witness import read_head
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from listening import listening
from projects import edit

OWN = '  witness: "file:.hauberk/keys/witness.pem"\n'


def book_of(folder, log):
    project = open_project(folder)
    return project, Book(log, Keyring(project, lambda _: None), None, clock.now)


def add(folder, text):
    path = folder / "hauberk.yaml"
    path.write_text(path.read_text() + text)


def named(folder, name, url):
    text = f'witnesses:\n  - {{name: {name}, url: "{url}"}}\n'
    add(folder, text)


def test_the_witness_that_a_project_names_is_asked_where_it_is(fresh):
    project = open_project(fresh)
    trust = project.read_trust()
    key = trust.witnesses[0]
    logs = ("--log", project.ledger, "--log-vkey", trust.log.format())
    words = ["ledger", "witness", "--listen", "127.0.0.1:0", "--state", fresh.parent / "elsewhere"]
    words += ["--key", project.key("witness"), "--vkey", key.format(), *logs]
    with listening(*words) as (_, url), Log.open(project.ledger) as log:
        named(fresh, key.name, url)
        (fresh / ".hauberk" / "keys" / "witness.pem").unlink()
        edit(fresh / "hauberk.yaml", OWN, "")
        project, book = book_of(fresh, log)
        assert publish_all(project, book).attested.checkpoint.size == log.size
    assert read_head(fresh.parent / "elsewhere", trust.log.name) is not None
    assert not (fresh / ".hauberk" / "witness" / "witness.sqlite").exists()


def test_the_address_of_a_witness_that_trust_does_not_name_is_refused(fresh):
    named(fresh, "example.com/stranger", "http://127.0.0.1:1")
    project = open_project(fresh)
    with Log.open(project.ledger) as log, pytest.raises(Refused, match="trust does not name"):
        publish_all(*book_of(fresh, log))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('witnesses:\n  - {name: a, url: "ftp://a"}\n', "url of a"),
        ('witnesses:\n  - {name: a, url: "https://a"}\n  - {name: a, url: "https://b"}\n', "each name once"),
        ('witnesses:\n  - {name: a, uri: "https://a"}\n', "uri"),
    ],
)
def test_a_project_that_names_witnesses_wrongly_is_refused(fresh, text, why, capsys):
    add(fresh, text)
    assert main(["run"]) == 2
    assert why in capsys.readouterr().err


def test_a_project_without_any_witness_is_refused(fresh, capsys):
    edit(fresh / "hauberk.yaml", OWN, "")
    assert main(["run"]) == 2
    assert "where witnesses are asked" in capsys.readouterr().err
