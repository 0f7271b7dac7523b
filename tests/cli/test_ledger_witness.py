"""The witness as a process that listens, asked over loopback by a log."""

from __future__ import annotations

import http.client
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hauberk.cli.main import main
from hauberk.edge import clock
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.errors import Unavailable
from hauberk.ledger.log import Log
from hauberk.ledger.publish import publish
from hauberk.ledger.remote_witness import RemoteWitness
from hauberk.ledger.witness import read_head
from hauberk.signature.key import KeyKind
from hauberk.signature.note import Note, NoteKind, VerifierKey
from ledger_world import LOG, World, verified
from listening import listening


@pytest.fixture
def witness(tmp_path):
    signer = generate_key(KeyKind.ED25519)
    write_private_key(tmp_path / "witness.pem", signer, passphrase=None)
    return VerifierKey("example.com/elsewhere", NoteKind.COSIGNATURE_V1, signer.public)


def words_of(folder, key, *logs, port=0):
    words = ["ledger", "witness", "--listen", f"127.0.0.1:{port}", "--state", folder / "memory"]
    words += ["--key", folder / "witness.pem", "--vkey", key.format()]
    return [*words, *logs]


def test_a_log_is_published_by_a_witness_that_is_another_process(tmp_path, witness):
    world = World(tmp_path)
    words = words_of(tmp_path, witness, "--log", world.log_folder, "--log-vkey", world.key.format())
    with world.create() as log, listening(*words) as (process, url):
        log.append_many([verified("a")], clock.now())
        for number in range(3):
            log.append_many([verified(f"b{number}")], clock.now())
            done = publish_by(world, log, url, witness)
        assert Note.parse(done.note).signatures[1].name == witness.name
        assert read_head(tmp_path / "memory", world.key.name) == log.latest_checkpoint()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def publish_by(world, log, url, key):
    asked = RemoteWitness.at(url, key, clock.now, timeout_seconds=60)
    return publish(log, signer=LOG, key=world.key, witnesses=[asked], witness_keys=(key,), quorum=1, now=clock.now())


def test_a_witness_that_was_killed_still_knows_what_it_signed(tmp_path, witness):
    world = World(tmp_path)
    words = words_of(tmp_path, witness, "--consistency-only", "--log-vkey", world.key.format())
    with world.create() as log:
        log.append_many([verified("a")], clock.now())
        with listening(*words) as (process, url):
            publish_by(world, log, url, witness)
            process.kill()
        with Log.create(tmp_path / "fork") as fork, listening(*words) as (_, url):
            fork.append_many([verified("x"), verified("y")], clock.now())
            with pytest.raises(Unavailable, match="fork"):
                publish_by(world, fork, url, witness)
            log.append_many([verified("b")], clock.now())
            assert publish_by(world, log, url, witness).attested.checkpoint.size == 4


def test_what_is_asked_wrongly_is_answered_and_does_not_end_it(tmp_path, witness):
    world = World(tmp_path)
    words = words_of(tmp_path, witness, "--consistency-only", "--log-vkey", world.key.format())
    with listening(*words) as (process, url):
        client = http.client.HTTPConnection(urlsplit(url).netloc)
        for body, status in ((b"old 0\n", 400), (b"x" * (1 << 19), 413)):
            client.request("POST", "/add-checkpoint", body=body)
            answer = client.getresponse()
            assert (answer.status, answer.read() != b"") == (status, True)
        client.close()
        assert process.poll() is None


@pytest.mark.parametrize(
    "words",
    [
        ["--log", "a", "--log-vkey", "nonsense"],
        ["--log", "a", "--log", "b", "--log-vkey", World(Path()).key.format()],
        ["--consistency-only", "--log-vkey", World(Path()).key.format(), "--log-vkey", World(Path()).key.format()],
        ["--log", "a", "--log-vkey", World(Path()).key.format(), "--tls-key", "key.pem"],
        ["--log", "a", "--consistency-only", "--log-vkey", World(Path()).key.format()],
        ["--log-vkey", World(Path()).key.format()],
    ],
)
def test_a_witness_that_is_started_wrongly_does_not_listen(tmp_path, witness, words, capsys):
    assert main([*map(str, words_of(tmp_path, witness)), *words]) == 2
    assert " listens " not in capsys.readouterr().out


def test_a_witness_for_other_machines_needs_a_certificate(tmp_path, witness, capsys):
    words = words_of(tmp_path, witness, "--consistency-only", "--log-vkey", World(tmp_path).key.format())
    words[3] = "0.0.0.0:0"
    assert main([*map(str, words)]) == 2
    assert "plain HTTP" in capsys.readouterr().err
