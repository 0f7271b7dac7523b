"""A project whose ledger's service is away: what it signs waits, counts nowhere, and gets in once the service is back."""

from __future__ import annotations

import pytest

from hauberk.cli.main import main
from hauberk.digest import Digest
from hauberk.edge.sources import digest_path
from hauberk.evidence.predicates import REVOCATION
from hauberk.ledger.log import Log
from hauberk.ledger.outbox import Outbox
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse
from hauberk.statement import Named, Statement
from listening import listening
from pipeline.test_ledger_serve import scan, signer

GONE = "http://127.0.0.1:1"


def words(*more, url=GONE, role="scanner"):
    return ["ledger", *more, "--service", url, "--key", f".hauberk/keys/{role}.pem"]


def test_what_is_sent_while_the_service_is_away_gets_in_later_once(fresh, capsys):
    project = open_project(fresh)
    envelopes = [scan(project, name) for name in "ab"]
    (fresh / "signed").write_bytes(b"\n".join(envelopes) + b"\n")
    assert main(words("send", "signed")) == 3
    assert "2 in the outbox, in no ledger yet" in capsys.readouterr().err
    assert main(["ledger", "outbox"]) == 3
    assert "urn:hauberk:model-scan:v1" in capsys.readouterr().out
    assert main(words("outbox", "--send")) == 3
    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (_, url):
        assert main(words("outbox", "--send", url=url)) == 0
        assert capsys.readouterr().out.count("entry ") == 2
        assert main(words("send", "signed", url=url)) == 0
    assert main(["ledger", "outbox"]) == 0
    with Log.open(project.ledger) as log:
        everything = log.envelopes(0, log.size)
    assert [everything.count(one) for one in envelopes] == [1, 1]


@pytest.mark.parametrize("data", [b"", b"{}\n"], ids=["empty", "no envelope"])
def test_a_file_without_envelopes_is_named_with_the_line(fresh, capsys, data):
    (fresh / "signed").write_bytes(data)
    assert main(words("send", "signed")) == 1
    said = capsys.readouterr().err
    assert "hauberk: signed: line 1: " in said
    assert "\n  next: " in said
    assert main(["ledger", "outbox"]) == 0


def test_one_that_is_refused_is_taken_out_by_a_person(fresh, capsys):
    project = open_project(fresh)
    thing = Named(project.label, (Digest("sha256", "0" * 64),))
    said = Statement((thing,), REVOCATION.type, {"reason": "stolen"})
    (fresh / "signed").write_bytes(dsse.encode_envelope(dsse.sign(said, [signer(project, "scanner")])))
    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (_, url):
        assert main(words("send", "signed", url=url)) == 1
        assert "envelope 1 of the outbox" in capsys.readouterr().err
        assert main(["ledger", "outbox", "--drop", "1"]) == 0
        assert dsse.decode_envelope(capsys.readouterr().out.strip().encode())
        assert main(words("outbox", "--send", url=url)) == 0


def test_no_gate_counts_what_is_only_in_the_outbox(small):
    project = open_project(small)
    subject = digest_path(small / "model")
    thing = Named(f"digest/{subject.hex}", (subject,))
    said = Statement((thing,), REVOCATION.type, {"reason": "stolen"})
    (small / "signed").write_bytes(dsse.encode_envelope(dsse.sign(said, [signer(project, "approver")])))
    assert main(["gate", "load", "model"]) == 0
    assert main(words("send", "signed", role="approver")) == 3
    assert main(["gate", "load", "model"]) == 0
    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (_, url):
        assert main(words("outbox", "--send", url=url, role="approver")) == 0
    assert main(["gate", "load", "model"]) == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["outbox", "--send"], 2),
        (["outbox", "--drop", "7"], 2),
        (["send", "absent", "--service", GONE, "--key", ".hauberk/keys/scanner.pem"], 3),
        (["send", "train.py", "--service", GONE, "--key", ".hauberk/keys/scanner.pem"], 1),
        (["send", "train.py", "--service", GONE, "--key", ".hauberk/keys/producer.pem"], 2),
        (["send", "train.py", "--service", GONE], 2),
        (["outbox", "--send", "--drop", "1"], 2),
    ],
)
def test_what_is_asked_wrongly_leaves_the_outbox_empty(fresh, given, code):
    assert main(["ledger", *given]) == code
    with Outbox(".hauberk/outbox") as outbox:
        assert len(outbox) == 0


def test_plain_http_to_another_machine_delivers_nothing(fresh):
    (fresh / "signed").write_bytes(scan(open_project(fresh), "a"))
    assert main(words("send", "signed", url="http://192.0.2.1")) == 2
    with Outbox(".hauberk/outbox") as outbox:
        assert len(outbox) == 1
