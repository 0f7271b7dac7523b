"""Who witnesses a project's ledger: its own witness, those whose address `hauberk.yaml` names, and nobody else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.errors import NotVerified, Refused, Unavailable
from hauberk.ledger import index, merkle
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.entry import Entry
from hauberk.ledger.log import Log
from hauberk.ledger.remote_witness import RemoteWitness
from hauberk.ledger.replay import index_statement
from hauberk.ledger.witness import read_head
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.publishing import publish_all
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.signature.note import Note, NoteKind, VerifierKey
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
        ('witnesses:\n  - {name: a, url: "https://a", timeout_seconds: 0}\n', "timeout_seconds of a"),
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


def test_a_witness_on_another_machine_reads_the_entries_from_the_logs_service(fresh, tmp_path):
    """Two processes, and nothing of the project's folder but the witness's key, of which it has a copy."""
    project = open_project(fresh)
    trust, key = project.read_trust(), open_project(fresh).key("witness").removeprefix("file:")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(key, elsewhere / "witness.pem")
    words = ["ledger", "witness", "--listen", "127.0.0.1:0", "--state", elsewhere / "memory"]
    words += ["--key", elsewhere / "witness.pem", "--vkey", trust.witnesses[0].format()]
    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (_, service):
        words += ["--log", service, "--log-vkey", trust.log.format()]
        with listening(*words) as (_, url), Log.open(project.ledger) as log:
            named(fresh, trust.witnesses[0].name, url)
            edit(fresh / "hauberk.yaml", OWN, "")
            project, book = book_of(fresh, log)
            assert publish_all(project, book).attested.checkpoint.size == log.size
            shutil.rmtree(next((elsewhere / "memory").glob("copy-*")))  # a cache
            assert publish_all(project, book).attested.checkpoint.size == log.size
            lie(log, trust, book)
    with Log.open(project.ledger) as log, pytest.raises(Unavailable, match="refused"):
        publish_all(*book_of(fresh, log))


def lie(log, trust, book):
    """Publish, as a thief of the log's key, an index that hides all entries about the realm."""
    realm = book.standing.realm.subject.digests[0]

    def make(records):
        entries = [Entry.decode(record) for record in records]
        pairs = [(d, n) for n, entry in enumerate(entries) for d in entry.digests if d != realm]
        root = merkle.root([merkle.leaf_hash(record) for record in records])
        said = index_statement(trust.log.name, len(records), root, index.build(pairs))
        return dsse.sign(said, [book.keys.signer("log")])

    log.append_computed(make, book.clock())
    size, tree = log.size, log.tree()
    signed = sign(Checkpoint(trust.log.name, size, tree.root()), book.keys.signer("log"))
    old = Checkpoint.parse(Note.parse(log.latest_checkpoint()).text).size
    asked = RemoteWitness.at(
        book.keys.project.file.witnesses[0].url, trust.witnesses[0], book.clock, timeout_seconds=60
    )
    with pytest.raises(NotVerified, match=r"422.*lying index"):
        asked(Request(old, tuple(tree.consistency_proof(old, size)), signed).encode())


def test_a_project_whose_trust_wants_a_second_witness_runs_with_one_on_another_machine(fresh, tmp_path):
    """Its own witness and somebody else's, who reads the entries over the network; a stranger then needs both."""
    project = open_project(fresh)
    trust, elsewhere = project.read_trust(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    signer = generate_key(KeyKind.ED25519)
    write_private_key(elsewhere / "witness.pem", signer, passphrase=None)
    second = VerifierKey("example.org/second", NoteKind.COSIGNATURE_V1, signer.public)
    words = ["ledger", "witness", "--listen", "127.0.0.1:0", "--state", elsewhere / "memory"]
    words += ["--key", elsewhere / "witness.pem", "--vkey", second.format(), "--log-vkey", trust.log.format()]
    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (_, service):
        with listening(*words, "--log", service) as (_, url):
            named(fresh, second.name, url)
            want_both(second)
            assert main(["run"]) == 0
        passport = open_project(fresh).file.passport
        assert main(["passport", "verify", passport, "--root", "root.pub"]) == 0
        assert passport_signers(fresh / passport) >= {second.name, trust.witnesses[0].name}
        assert main(["gate", "revoke", "dirHash:" + "0" * 64, "--reason", "x"]) == 3  # it is away: no quorum
    assert main(["ledger", "verify"]) == 0


def passport_signers(path):
    return {line.name for line in Note.parse(json.loads(path.read_text())["checkpoint"]).signatures}


def want_both(second):
    """Have the root sign a trust that names one witness more, and wants both."""
    assert main(["trust", "edit", "-o", "next.json"]) == 0
    draft = json.loads(Path("next.json").read_text())
    witnesses = draft["trust"]["witnesses"]
    draft["trust"]["witnesses"] = {"quorum": 2, "vkeys": [*witnesses["vkeys"], second.format()]}
    Path("next.json").write_text(json.dumps(draft))
    assert main(["trust", "sign", "next.json", "--key", ".hauberk/keys/root.pem", "-o", "signed.json"]) == 0
    assert main(["trust", "append", "signed.json"]) == 0
