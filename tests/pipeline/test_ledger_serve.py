"""`hauberk ledger serve` as a process: pods append without the ledger's file, and nothing acknowledged is lost."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from certificates import write_certificates
from hauberk.cli.main import main
from hauberk.digest import sha256
from hauberk.edge import clock
from hauberk.edge.keys import open_signer
from hauberk.errors import HauberkError
from hauberk.evidence.predicates import MODEL_SCAN
from hauberk.ledger.log import Log
from hauberk.ledger.service_client import LedgerClient
from hauberk.pipeline.bodies import core
from hauberk.pipeline.project import open_project
from hauberk.signature import dsse
from hauberk.statement import Named, Statement
from ledger.test_tiles import read_whole
from listening import listening
from pods import make_pod, name_service


def scan(project, name):
    """Return a scan of a model that is called so, signed by the project's scanner."""
    thing = Named(project.label, (sha256(name.encode()),))
    body = core(MODEL_SCAN, None, now=clock.now()) | {"files": []}
    return dsse.encode_envelope(dsse.sign(Statement((thing,), MODEL_SCAN.type, body), [signer(project, "scanner")]))


def signer(project, role):
    return open_signer(project.key(role))


def client_of(project, url, role="scanner"):
    return LedgerClient(url, project.read_trust().log.name, signer(project, role), clock.now)


def test_nothing_that_was_acknowledged_is_lost_when_the_service_is_killed(fresh):
    project, told, stopped = open_project(fresh), {}, []
    envelopes = [[scan(project, f"{pod}-{part}") for part in range(40)] for pod in range(3)]

    def pod(number, url, process):
        client = client_of(project, url)
        try:
            for part, envelope in enumerate(envelopes[number]):
                told[number, part] = client.append([envelope])[0]
                if part == 10:
                    process.kill()
        except HauberkError as error:
            stopped.append(error)

    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (process, url):
        pods = [threading.Thread(target=pod, args=(number, url, process)) for number in range(3)]
        for one in pods:
            one.start()
        for one in pods:
            one.join()
    assert len(stopped) == 3
    with Log.open(project.ledger) as log:
        assert [log.envelope(entry) for entry in told.values()] == [envelopes[n][part] for n, part in told]
    with listening("ledger", "serve", "--listen", "127.0.0.1:0") as (_, url):
        again = client_of(project, url)
        for number in range(3):
            numbers = again.append(envelopes[number])
            assert all(numbers[part] == entry for (n, part), entry in told.items() if n == number)
    with Log.open(project.ledger) as log:
        everything = log.envelopes(0, log.size)
        assert all(everything.count(one) == 1 for several in envelopes for one in several)
    assert main(["ledger", "verify"]) == 0


def test_a_service_publishes_what_it_took(fresh):
    project = open_project(fresh)
    with listening("ledger", "serve", "--listen", "127.0.0.1:0", "--publish-every", "1", "--open-read") as (_, url):
        client = client_of(project, url)
        (entry,) = client.append([scan(project, "one")])
        for _ in range(600):
            try:
                if int(client.read("/checkpoint").split(b"\n")[1]) > entry:
                    break
            except HauberkError:
                pass
            threading.Event().wait(0.1)
        assert client.read(f"/v1/proof/{entry}")
    assert main(["ledger", "head"]) == 0
    assert main(["ledger", "tiles", "public"]) == 0
    assert main(["ledger", "tiles", "public", "--all"]) == 0
    assert main(["ledger", "tiles", "data"]) == 2
    with Log.open(project.ledger, read_only=True) as log:
        read_whole(lambda path: (fresh / "public" / path).read_bytes(), log)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--listen", "0.0.0.0:0"], 2),
        (["--listen", "nowhere"], 2),
        (["--listen", "127.0.0.1:0", "--client-ca", "ca.pem"], 2),
        (["--listen", "127.0.0.1:0", "--publish-every", "0"], 2),
        (["--listen", "127.0.0.1:0", "--project", "nowhere"], 2),
    ],
)
def test_a_service_that_is_started_wrongly_does_not_listen(fresh, words, code, capsys):
    assert main(["ledger", "serve", *words]) == code
    assert " listens " not in capsys.readouterr().out


def test_a_ledger_that_is_not_there_is_not_served(fresh, capsys):
    Path(".hauberk/ledger").rename("away")
    assert main(["ledger", "serve", "--listen", "127.0.0.1:0"]) == 3
    assert "ledger" in capsys.readouterr().err


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Return a folder with an authority of our own, and certificates of a service and of a pod."""
    folder = tmp_path_factory.mktemp("tls")
    write_certificates(folder, "service", "pod")
    return folder


def test_over_https_each_side_shows_its_certificate(fresh, certificates, capsys):
    project, at = open_project(fresh), certificates
    (fresh / "signed").write_bytes(scan(project, "one"))
    tls = ["--tls-certificate", at / "service.pem", "--tls-key", at / "service.key", "--client-ca", at / "ca.pem"]
    with listening("ledger", "serve", "--listen", "127.0.0.1:0", *tls) as (_, url):
        service = url.replace("127.0.0.1", "localhost")
        words = ["ledger", "send", "signed", "--service", service, "--key", ".hauberk/keys/scanner.pem"]
        assert main(words) == 3
        assert "certificate does not hold" in capsys.readouterr().err
        assert main([*words, "--ca", str(at / "ca.pem")]) == 3
        shown = ["--ca", str(at / "ca.pem"), "--tls-certificate", str(at / "pod.pem"), "--tls-key", str(at / "pod.key")]
        assert main([*words, "--tls-key", str(at / "pod.key")]) == 2
        assert main([*words, *shown]) == 0
        assert "entry " in capsys.readouterr().out


def test_a_pod_reads_over_https_with_its_certificate_and_its_key(small, tmp_path, certificates, capsys):
    pod = make_pod(small, tmp_path / "pod", "https://nowhere")
    for name in ("ca.pem", "pod.pem", "pod.key"):
        shutil.copy(certificates / name, pod)
    tls = ["--tls-certificate", certificates / "service.pem", "--tls-key", certificates / "service.key"]
    words = ["ledger", "serve", "--project", small, "--listen", "127.0.0.1:0", *tls, "--client-ca", pod / "ca.pem"]
    with listening(*words) as (_, url):
        service, named = url.replace("127.0.0.1", "localhost"), {"key": ".hauberk/keys/gate.pem", "ca": "ca.pem"}
        name_service(pod, service, **named)
        asked = ["gate", "load", str(pod / "model"), "--project", str(pod)]
        assert main(asked) == 3  # it shows no certificate
        name_service(pod, service, **named, tls_certificate="pod.pem", tls_key="pod.key")
        assert main(asked) == 0
        Path(pod / "model" / "model.joblib").write_bytes(b"another")
        assert main(asked) == 1
    capsys.readouterr()
    assert main(asked) == 3
    assert "refused" in capsys.readouterr().err
