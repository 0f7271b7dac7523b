"""`hauberk train --secrets` with a real OpenBao: leased for a run, used by it, seen nowhere, revoked whatever happened."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge.keys import generate_key, write_private_key
from hauberk.signature import dsse
from hauberk.signature.key import KeyKind
from hauberk.verbs.data_manifest import Wanted, make_manifest
from services.bao import KEPT, OWNER
from services.bao import openbao as started
from services.conftest import ACCESS, PROGRAMS, SECRET
from services.test_seaweedfs import put

pytestmark = pytest.mark.services
CREDS = "database/creds/train"
SCRIPT = """\
import os, subprocess, sys, time
from pathlib import Path
def asked(text):
    words = ["psql", "-h", "127.0.0.1", "-p", "{port}", "-d", "postgres", "-tAc", text]
    return subprocess.run(words, env=dict(os.environ), capture_output=True, text=True, check=True).stdout.strip()
def revealed():
    Path("../revealed").write_text("\\n".join(os.environ[name][::-1] for name in ("PGUSER", "PGPASSWORD")))
Path("model/w").write_text(Path("data/t.csv").read_text())
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    (folder / "data").mkdir(parents=True)
    monkeypatch.chdir(folder)
    Path("data/t.csv").write_text("v\n1\n")
    make_manifest(("data",), "week.manifest", Wanted("week", None))
    write_private_key("key.pem", generate_key(KeyKind.ECDSA_P256), passphrase=None)
    return folder


@pytest.fixture
def bao(openbao, work):
    """Return the server; no test leaves a lease, a token or a user of the database behind."""
    before = openbao.tokens(), users(openbao)
    log_in_as(openbao, "train")
    yield openbao
    assert openbao.leases(CREDS) == []
    assert (openbao.tokens(), users(openbao)) == before


def users(bao):
    return bao.database.query("select count(*) from pg_roles where rolname like 'v-%'")


def log_in_as(bao, name, **settings):
    """Write the two ids of a role beside the file of secrets."""
    role, secret = bao.approle(name, **settings)
    Path("role-id").write_text(f"{role}\n")
    Path("secret-id").write_text(f"{secret}\n")


def leased(path=CREDS, **more):
    return {"path": path, "variables": {"PGUSER": "username", "PGPASSWORD": "password"}} | more


def kept(**more):
    return {"path": "kv/data/kept", "variables": {"KEPT": "password"}, "without_lease": True} | more


def arguments(bao, script, *more, secrets=None, sandbox="off", **document):
    """Write a script and a file of secrets, and return the command line."""
    Path("train.py").write_text(SCRIPT.replace("{port}", str(bao.database.port)) + script)
    approle = {"role_id": "file:role-id", "secret_id": "file:secret-id"}
    whole = {"schema": "urn:hauberk:secrets:v1", "server": bao.url, "login": {"approle": approle}}
    Path("vault.yaml").write_text(
        json.dumps(whole | {"secrets": [leased()] if secrets is None else secrets} | document)
    )
    words = ["train", "--data", "week.manifest", "--secrets", "vault.yaml", "--sandbox", sandbox]
    return [*words, "--key", "file:key.pem", "--provenance", "p.json", *more, "--", sys.executable, "train.py"]


def train(bao, script, *more, **how):
    return dispatch(arguments(bao, script, *more, **how))


def provenance():
    return dsse.decode_statement(dsse.decode_envelope(Path("p.json").read_bytes()).payload).predicate


def holding(folder, value):
    """Return the files below a folder that hold a value."""
    return [path for path in folder.rglob("*") if path.is_file() and value.encode() in path.read_bytes()]


def refused(bao, capfd, said, code, script="", *more, **how):
    """Assert that a run ends with this code and words, and that nothing was recorded."""
    assert train(bao, script, *more, **how) == code
    assert said in capfd.readouterr().err
    assert not Path("p.json").exists()


def refused_for():
    statement = dsse.decode_statement(dsse.decode_envelope(Path("p.json.refusal").read_bytes()).payload)
    return statement.predicate["refusedFor"]


def test_a_command_uses_what_was_leased_and_nothing_of_it_stays(bao, work, capfd):
    script = "assert asked('select current_user') == os.environ['PGUSER']\nrevealed()\n"
    assert train(bao, script) == 0
    user, password = (line[::-1] for line in Path("../revealed").read_text().splitlines())
    assert user.startswith("v-approle-train-")
    said = "".join(capfd.readouterr())
    assert not [value for value in (user, password, Path("secret-id").read_text().strip()) if value in said]
    assert holding(work, user) == holding(work, password) == []
    assert provenance()["buildDefinition"]["externalParameters"]["secrets"] == ["PGPASSWORD", "PGUSER"]
    assert bao.leases(CREDS) == []
    assert bao.database.query(f"select count(*) from pg_roles where rolname = '{user}'") == "0"


def test_a_job_logs_in_with_its_own_token(bao):
    Path("token").write_text(bao.jwt("hauberk"))
    login = {"jwt": {"token": "file:token", "role": "train"}}
    assert train(bao, "assert asked('select 1') == '1'\n", login=login) == 0


def test_a_token_for_somebody_else_lets_nobody_in(bao, capfd):
    token = bao.jwt("another")
    Path("token").write_text(token)
    login = {"jwt": {"token": "file:token", "role": "train"}}
    assert train(bao, "", login=login) == 3
    said = capfd.readouterr().err
    assert "the login at jwt: the server refuses and says:" in said
    assert token not in said


def test_a_private_authority_is_believed_where_it_is_named(bao, openbao_folder, capfd):
    Path("ca.pem").write_bytes((openbao_folder / "authority.pem").read_bytes())
    assert train(bao, "assert asked('select 1') == '1'\n", server=bao.tls, ca="ca.pem") == 0
    Path("p.json").unlink()
    Path("model").rename("first")
    refused(bao, capfd, "its certificate does not hold", 3, server=bao.tls)


def test_a_certificate_is_leased_with_parameters_and_revoked(bao, work):
    pki = {"path": "pki/issue/train", "parameters": {"common_name": "job.test", "ttl": "5m"}}
    pki["variables"] = {"CERTIFICATE": "certificate", "CERTIFICATE_KEY": "private_key"}
    assert train(bao, "assert 'PRIVATE KEY' in os.environ['CERTIFICATE_KEY']\n", secrets=[pki]) == 0
    assert bao.leases("pki/issue/train") == []
    assert len(bao.ask("LIST", "pki/certs/revoked")["data"]["keys"]) == 1


def test_keys_of_s3_are_kept_without_a_lease_and_open_the_store(bao, seaweedfs, monkeypatch):
    """OpenBao has no engine that leases keys of S3: they are taken from where they are kept, which must be allowed."""
    bao.ask("POST", "kv/data/s3", {"data": {"access": ACCESS, "secret": SECRET}})
    put(f"{seaweedfs.url}/leased")
    put(f"{seaweedfs.url}/leased/w.txt", b"text\n")
    names = {"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": "secret"}
    monkeypatch.setenv("AWS_ENDPOINT_URL", seaweedfs.url)
    script = "from hauberk.verbs.scan import scan\nassert scan('s3://leased/w.txt').reports[0].digest is not None\n"
    passed = ["--pass", "AWS_ENDPOINT_URL", "--pass", "PYTHONPATH"]
    assert train(bao, script, *passed, secrets=[kept(path="kv/data/s3", variables=names)]) == 0


def test_what_has_no_lease_is_refused_unless_it_is_allowed(bao, capfd):
    refused(bao, capfd, "kv/data/kept has no lease", 1, secrets=[kept(without_lease=False)])
    assert refused_for() == "lease-refused"


@pytest.mark.parametrize("sandbox", ["off", "require"])
def test_no_process_of_the_machine_has_it_in_its_arguments(bao, work, sandbox):
    seen, inside, done = [], [], threading.Event()

    def look():
        while not done.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = path.read_bytes()
                except OSError:
                    continue
                seen.extend([words] if KEPT.encode() in words else [])
                inside.extend([words] if b"warden" in words else [])
            time.sleep(0.02)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        script = f"time.sleep(1)\nassert os.environ['KEPT'] == {KEPT[::-1]!r}[::-1]\n"
        assert train(bao, script, secrets=[kept()], sandbox=sandbox) == 0
    finally:
        done.set()
        looking.join()
    assert seen == []
    assert bool(inside) == (sandbox == "require")
    assert holding(work, KEPT) == []


@pytest.mark.parametrize(
    "written",
    ["open('model/log', 'w').write(os.environ['KEPT'])", "open('model/' + os.environ['KEPT'], 'w').write('x')"],
    ids=["inside", "name"],
)
def test_an_output_that_holds_a_credential_is_refused(bao, written, capfd):
    bao.ask("POST", "kv/data/kept2", {"data": {"password": "plain-kept-password"}})
    secrets = [kept(path="kv/data/kept2")]
    assert train(bao, written, secrets=secrets) == 1
    said = capfd.readouterr().err
    assert "the credential KEPT" in said
    assert "plain-kept-password" not in said
    assert not Path("p.json").exists()
    assert refused_for() == "credential-written"
    assert "plain-kept-password" not in Path("p.json.refusal").read_text()


def test_what_the_command_leaves_running_is_told_without_the_credential(bao, capfd):
    script = "subprocess.Popen(['sh', '-c', 'sleep 1000; :', os.environ['KEPT']])\n"
    refused(bao, capfd, "sleep 1000; : [KEPT]", 1, script, secrets=[kept()], sandbox="require")


@pytest.mark.parametrize(
    ("script", "said", "code"),
    [
        ("revealed(); sys.exit(3)", "the command ended with 3", 1),
        ("revealed(); os.kill(os.getpid(), 9)", "the command ended with -9", 1),
        ("revealed(); time.sleep(100)", "did not end in", 3),
        ("revealed(); os.unlink('model/w')", "wrote nothing", 1),
    ],
    ids=["fails", "killed", "too long", "no output"],
)
def test_a_command_that_does_not_end_well_has_its_lease_revoked(bao, script, said, code, capfd, monkeypatch):
    monkeypatch.setattr("hauberk.verbs.train_run.SECONDS_A_MINUTE", 1)
    refused(bao, capfd, said, code, script, "--minutes", "3")
    assert Path("../revealed").exists()
    assert bao.leases(CREDS) == []


@pytest.mark.parametrize(
    ("number", "said", "code"),
    [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "stopped by SIGTERM", 3), (signal.SIGHUP, "SIGHUP", 3)],
)
def test_a_signal_ends_the_run_and_the_lease(bao, number, said, code):
    words = arguments(bao, "revealed()\ntime.sleep(100)\n")
    heeding = ["env", "--default-signal=INT,TERM,HUP", sys.executable]  # who runs the tests may ignore them
    with subprocess.Popen([*heeding, "-m", "hauberk", *words], stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not Path("../revealed").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(bao.leases(CREDS)) == 1
        process.send_signal(number)
        told = process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert said in told
    assert bao.leases(CREDS) == []


def test_a_short_lease_and_a_short_login_are_renewed_while_the_command_runs(bao):
    bao.role("brief", default_ttl="2s", max_ttl="60s")
    log_in_as(bao, "brief", token_ttl="2s", token_max_ttl="60s")
    script = "time.sleep(3.5)\nassert asked('select 1') == '1'\n"
    assert train(bao, script, secrets=[leased("database/creds/brief", ttl_minutes=1)]) == 0
    assert bao.leases("database/creds/brief") == []


@pytest.mark.parametrize("sandbox", ["off", "require"])
def test_a_credential_that_expires_midway_ends_the_command(bao, sandbox, capfd):
    bao.role("ending", default_ttl="1s", max_ttl="2s")
    began = time.monotonic()
    secrets = [leased("database/creds/ending")]
    said = "the credential of database/creds/ending expired"
    refused(bao, capfd, said, 1, "time.sleep(100)", secrets=secrets, sandbox=sandbox)
    assert time.monotonic() - began < 20
    assert refused_for() == "credential-ended"


def test_a_credential_that_somebody_revokes_midway_is_not_a_success(bao, capfd):
    def revoke():
        while not bao.leases(CREDS):
            time.sleep(0.05)
        bao.ask("POST", "sys/leases/revoke-prefix/database/creds/train", {"sync": True})

    revoking = threading.Thread(target=revoke)
    revoking.start()
    refused(bao, capfd, f"the credential of {CREDS} expired or was revoked", 1, "time.sleep(1.5)")
    revoking.join()


def test_a_login_that_expires_midway_ends_the_command_and_is_said_to_be_out_of_our_hands(bao, capfd):
    log_in_as(bao, "ending", token_ttl="2s", token_max_ttl="3s")
    assert train(bao, "time.sleep(100)") == 3
    said = capfd.readouterr().err
    assert "NOT REVOKED" in said
    assert "before that, the login, and with it every credential, expired" in said
    assert refused_for() == "not-revoked"
    assert not Path("p.json").exists()
    wait_for(lambda: bao.leases(CREDS) == [])


def wait_for(claim):
    deadline = time.monotonic() + 20
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_lease_that_is_longer_than_allowed_is_refused(bao, capfd):
    said = "is leased for 600 s, and its ttl_minutes allow 300 s"
    refused(bao, capfd, said, 1, "revealed()", secrets=[leased(ttl_minutes=5)])
    assert not Path("../revealed").exists()


def test_a_wrong_secret_id_lets_nobody_in(bao, capfd):
    Path("secret-id").write_text("not-the-secret-id")
    assert train(bao, "revealed()") == 3
    said = capfd.readouterr().err
    assert "the login at approle: the server refuses and says: invalid role or secret ID (400)" in said
    assert "not-the-secret-id" not in said
    assert not Path("../revealed").exists()


@pytest.mark.parametrize(
    ("policy", "said", "code"),
    [
        ("poor", f"{CREDS}: the server refuses and says: 1 error occurred: * permission denied (403)", 3),
        ("unrevoking", "the login may not revoke leases", 2),
    ],
)
def test_a_policy_that_denies_starts_nothing(bao, policy, said, code, capfd):
    log_in_as(bao, policy, token_policies=policy)
    refused(bao, capfd, said, code, "revealed()")
    assert not Path("../revealed").exists()


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"token_type": "batch"}, "a batch token"), ({"token_num_uses": 9}, "few uses")],
    ids=["batch", "uses"],
)
def test_a_login_that_could_not_be_given_back_is_refused(openbao, work, settings, said, capfd):
    log_in_as(openbao, "-".join(settings), **settings)
    assert train(openbao, "revealed()") == 2
    assert said in capfd.readouterr().err
    assert not Path("../revealed").exists()
    assert openbao.leases(CREDS) == []


def test_a_field_that_is_not_there_is_told_with_those_that_are(bao, capfd):
    refused(bao, capfd, "has no text 'pass' for P", 3, secrets=[leased(variables={"P": "pass"})])
    refused(bao, capfd, "it has: password, username", 3, secrets=[leased(variables={"P": "pass"})])


def test_a_lease_that_cannot_be_revoked_is_said_loudly_with_its_id(bao, capfd):
    bao.role("stuck", revocation_statements=["SELECT no_such_function()"])
    assert train(bao, "assert asked('select 1') == '1'\n", secrets=[leased("database/creds/stuck")]) == 3
    (left,) = bao.leases("database/creds/stuck")
    said = capfd.readouterr().err
    assert "NOT REVOKED" in said
    assert f"the lease database/creds/stuck/{left}" in said
    assert OWNER not in said
    assert not Path("p.json").exists()
    bao.ask("POST", "database/roles/stuck", {"db_name": "pg", "revocation_statements": []})
    bao.ask("POST", "sys/leases/revoke-prefix/database/creds/stuck", {"sync": True})


def test_a_sealed_server_and_one_that_goes_away_are_told(postgres, work, tmp_path, capfd):
    (tmp_path / "own").mkdir()
    with started(f"{PROGRAMS}/bin/bao", tmp_path / "own", postgres) as own:
        log_in_as(own, "train")
        sealing = "import json, urllib.request\nhead = {'X-Vault-Token': 'root-token-of-tests'}\n"
        sealing += (
            f"urllib.request.urlopen(urllib.request.Request('{own.url}/v1/sys/seal', b'', head, method='POST'))\n"
        )
        assert train(own, sealing) == 3
        said = capfd.readouterr().err
        assert "NOT REVOKED" in said
        assert f"the lease {CREDS}/" in said
        Path("model").rename("first")
        assert train(own, "revealed()") == 3
        assert "the login at approle: the server is sealed" in capfd.readouterr().err
    assert train(own, "revealed()") == 3
    assert "see whether the server is up" in capfd.readouterr().err
    assert not Path("../revealed").exists()
    assert not Path("p.json").exists()
