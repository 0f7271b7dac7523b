"""`hauberk scan learn` and `hauberk scan approve`: from trusted files to a table that counts."""

import os
import pickle
import socket
import sys
import types

import pytest

from hauberk.cli.main import main
from hauberk.edge.keys import generate_key, write_private_key, write_public_key
from hauberk.signature.key import KeyKind


class Shell:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Enter a folder with trusted files that real classes of a module of one's own were pickled into, and two keys."""
    layers = types.ModuleType("ourteam.layers")
    layers.Net = type("Net", (), {"__module__": "ourteam.layers"})
    layers.make = lambda value: value
    layers.make.__module__, layers.make.__qualname__ = "ourteam.layers", "make"
    layers.Made = type("Made", (), {"__module__": "ourteam.layers", "__reduce__": lambda self: (layers.make, ([1],))})
    monkeypatch.setitem(sys.modules, "ourteam", types.ModuleType("ourteam"))
    monkeypatch.setitem(sys.modules, "ourteam.layers", layers)
    (tmp_path / "trusted").mkdir()
    net = layers.Net()
    net.weights = [0.5, 1.5]
    for protocol in (0, 2, 5):
        (tmp_path / "trusted" / f"{protocol}.pkl").write_bytes(pickle.dumps({"net": net}, protocol=protocol))
    (tmp_path / "made.pkl").write_bytes(pickle.dumps(layers.Made()))
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Shell()))
    for name in ("ada", "eve"):
        key = generate_key(KeyKind.ED25519)
        write_private_key(tmp_path / f"{name}.pem", key, passphrase=None)
        write_public_key(tmp_path / f"{name}.pub", key.public)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def learn_and_read(desk):
    """Propose a table, and write in it what a person who has read the code would."""
    assert main(["scan", "learn", "trusted", "-o", "types.yaml", "--source", "our-team"]) == 0
    text = (desk / "types.yaml").read_text()
    (desk / "types.yaml").write_text(text.replace("not read yet", "weights and nothing else"))
    return text


def test_what_trusted_files_use_is_proposed_with_why(desk):
    text = learn_and_read(desk)
    assert "    Net: {uses: [import, new, build], why: not read yet}" in text
    assert "3 files" in text
    assert "trusted/5.pkl at byte" in text or "trusted/0.pkl at byte" in text


def test_where_there_is_nothing_to_learn_a_sentence_says_so(desk, capsys):
    (desk / "plain.pkl").write_bytes(pickle.dumps([1]))
    assert main(["scan", "learn", "plain.pkl"]) == 0
    said = capsys.readouterr()
    assert "# There is nothing to learn: " in said.out
    assert "There is nothing to learn: the tables hold every name" in said.err
    assert main(["scan", "learn", "evil.pkl"]) == 1
    assert "Nothing is proposed: " in capsys.readouterr().err


def test_a_proposal_in_a_file_is_told_with_the_next_step(desk, capsys):
    learn_and_read(desk)
    said = capsys.readouterr().err
    assert "proposed 1 name in types.yaml" in said
    assert "next: read the code of each" in said


def test_a_table_counts_once_a_person_has_read_and_signed_it(desk, capsys):
    learn_and_read(desk)
    believing = ["scan", "trusted", "--tables", "types.yaml", "--tables-key", "ada.pub"]
    assert main(["scan", "trusted"]) == 1
    assert main(believing) == 3  # there is no signature
    assert main(["scan", "approve", "types.yaml", "--key", "ada.pem"]) == 0
    capsys.readouterr()
    assert main(believing) == 0
    assert "believed callables/our-team 1" in capsys.readouterr().out


def test_a_newer_table_is_approved_and_believed_without_a_network(desk, monkeypatch, capsys):
    """As a machine that reaches nobody takes an update: a table in the place of ours, a signature and a key."""

    def reached(*_, **__):
        raise AssertionError("a network was asked for")

    monkeypatch.setattr(socket, "socket", reached)
    monkeypatch.setattr(socket, "getaddrinfo", reached)
    text = learn_and_read(desk).replace("not read yet", "weights and nothing else")
    (desk / "pack.yaml").write_text(text.replace("source: our-team", "source: ultra\nreplaces: ultralytics"))
    assert main(["scan", "approve", "pack.yaml", "--key", "ada.pem"]) == 0
    assert "replaces   " in capsys.readouterr().out
    believing = ["--tables", "pack.yaml", "--tables-key", "ada.pub"]
    assert main(["scan", "trusted", *believing]) == 0
    name = b"\x80\x02cultralytics.nn.modules.conv\nConv\n)\x81."
    (desk / "net.pkl").write_bytes(name)
    assert main(["scan", "net.pkl"]) == 0
    assert main(["scan", "net.pkl", *believing]) == 1  # only the table that was replaced held it


def test_a_proposal_that_nobody_has_read_cannot_be_signed(desk, capsys):
    assert main(["scan", "learn", "trusted", "-o", "types.yaml"]) == 0
    assert main(["scan", "approve", "types.yaml", "--key", "ada.pem"]) == 2
    assert "nobody has read it yet" in capsys.readouterr().err


def test_a_table_that_changed_or_that_somebody_else_signed_does_not_count(desk):
    learn_and_read(desk)
    assert main(["scan", "approve", "types.yaml", "--key", "eve.pem"]) == 0
    assert main(["scan", "trusted", "--tables", "types.yaml", "--tables-key", "ada.pub"]) == 1
    assert main(["scan", "approve", "types.yaml", "--key", "ada.pem"]) == 0
    (desk / "types.yaml").write_text((desk / "types.yaml").read_text().replace("Net:", "Nat:"))
    assert main(["scan", "trusted", "--tables", "types.yaml", "--tables-key", "ada.pub"]) == 1


def test_dangerous_callables_and_odd_arguments_are_never_proposed(desk, capsys):
    assert main(["scan", "learn", "evil.pkl", "made.pkl"]) == 1
    shown = capsys.readouterr().out
    assert "rows: {}" in shown
    assert "#   posix.system: dangerous (process)" in shown
    assert "#   ourteam.layers.make: call: the plain rule refuses" in shown


def test_the_two_options_go_together(desk):
    assert main(["scan", "trusted", "--tables", "types.yaml"]) == 2
    assert main(["scan", "trusted", "--tables-key", "ada.pub"]) == 2


def test_a_profile_may_name_a_table_and_its_key(desk):
    learn_and_read(desk)
    assert main(["scan", "approve", "types.yaml", "--key", "ada.pem"]) == 0
    (desk / "profile.yaml").write_text(
        "schema: urn:hauberk:scan-profile:v1\nname: ours\nceilings: {medium: 0, high: 0}\n"
        "tables: [{file: types.yaml, key: ada.pub}]\n"
    )
    assert main(["scan", "trusted", "--profile", "profile.yaml"]) == 0


def test_a_file_of_the_name_learn_is_scanned_by_its_path(desk):
    (desk / "learn").write_bytes(pickle.dumps([1]))
    assert main(["scan", "./learn"]) == 0
