"""`hauberk train --reach` in the real sandbox, with a real OpenBao and PostgreSQL: what is named is reached, and no more."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hauberk.cli.dispatch import dispatch
from hauberk.edge import clock
from hauberk.edge.remote import hosts as resolver
from hauberk.edge.sources import digest_path
from hauberk.errors import Refused
from hauberk.evidence.predicates import PROVENANCE, REFUSAL
from hauberk.ledger.log import Log
from hauberk.pipeline.book import Book
from hauberk.pipeline.keyring import Keyring
from hauberk.pipeline.project import open_project
from hauberk.pipeline.run import run
from hauberk.statement import Named
from hauberk.verdict import Answer
from projects import TRAIN, Heard, edit, small_project
from services.bao import KEPT
from services.running import free_ports
from services.test_openbao import (  # noqa: F401 - fixtures
    CREDS,
    arguments,
    bao,
    holding,
    kept,
    leased,
    log_in_as,
    provenance,
    wait_for,
    work,
)

pytestmark = pytest.mark.services
ASKED = """\
import os, socket, subprocess, sys, time
from pathlib import Path
def asked(text, host="db.test"):
    words = ["psql", "-h", host, "-p", "{port}", "-d", "postgres", "-tAc", text]
    return subprocess.run(words, env=dict(os.environ), capture_output=True, text=True, check=True).stdout.strip()
"""
QUIETLY = "try:\n    {}\nexcept OSError:\n    pass\n"
OPEN = "select count(*) from pg_stat_activity where usename like 'v-%'"


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    """Let two names of a test be this machine."""
    real = socket.getaddrinfo

    def look_up(host, *args, **how):
        if host == "nowhere.test":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1" if host in ("db.test", "low.test") else host, *args, **how)

    monkeypatch.setattr(resolver.socket, "getaddrinfo", look_up)


@pytest.fixture
def table(postgres):
    postgres.query("create table if not exists numbers (v int)")
    postgres.query("truncate numbers; insert into numbers values (1), (2), (39); grant select on numbers to public")
    return postgres


def train(bao, script, *more, reach=None, **how):  # noqa: F811
    """Train in the sandbox, with a way to the database where no other is named."""
    named = [word for one in (reach or [f"db.test:{bao.database.port}"]) for word in ("--reach", one)]
    words = arguments(
        bao, ASKED.replace("{port}", str(bao.database.port)) + script, *named, *more, sandbox="require", **how
    )
    return dispatch(words)


def relays(port):
    """Return the relays to a port that run on this machine, by their process ids."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
            found += [int(path.parent.name)] if b"relay/relay.py" in words and f", {port}]".encode() in words else []
        except OSError:
            continue
    return found


def test_a_sandboxed_script_reads_a_database_with_what_was_leased_and_trains(bao, table, work, capfd):  # noqa: F811
    script = "rows = asked('select v from numbers order by v').split()\nPath('model/w').write_text(str(sum(map(int, rows))))\n"
    assert train(bao, f"{script}Path('model/user').write_text(os.environ['PGUSER'][::-1])\n") == 0
    assert Path("model/w").read_text() == "42"
    made, address = provenance(), f"db.test:{bao.database.port}"
    (seen,) = made["runDetails"]["metadata"]["reached"]
    assert made["buildDefinition"]["externalParameters"]["reach"] == [address]
    assert made["buildDefinition"]["externalParameters"]["secrets"] == ["PGPASSWORD", "PGUSER"]
    assert (seen["address"], seen["resolved"], seen["connections"]) == (address, ["127.0.0.1"], 1)
    assert seen["sentBytes"] > 100
    assert seen["receivedBytes"] > 100
    told = capfd.readouterr()
    assert told.err.count("THE SANDBOX REACHES") == 1
    assert f"reached    {address} (1 connections, {seen['sentBytes']} B out" in told.out
    user = Path("model/user").read_text()[::-1]
    assert holding(work, user) == []
    assert bao.leases(CREDS) == []
    assert relays(bao.database.port) == []


def test_the_file_of_secrets_says_what_they_are_for(bao, table):  # noqa: F811
    words = arguments(
        bao,
        ASKED.replace("{port}", str(bao.database.port)) + "assert asked('select count(*) from numbers') == '3'\n",
        sandbox="require",
        reach=[f"db.test:{bao.database.port}"],
    )
    assert dispatch(words) == 0
    assert provenance()["runDetails"]["metadata"]["reached"][0]["connections"] == 1


def test_a_second_run_does_not_claim_to_be_reproduced(bao, table, capfd):  # noqa: F811
    assert train(bao, "assert asked('select 1') == '1'\n") == 0
    Path("model").rename("first")
    assert train(bao, "assert asked('select 1') == '1'\n", "--again", "p.json") == 0
    said = capfd.readouterr().out
    assert "reproduced" not in said
    assert "nobody compared" in said


def test_the_name_of_a_certificate_is_the_name_outside(bao, nginx):  # noqa: F811
    (nginx.folder / "w.txt").write_text("text\n")
    Path("ca.pem").write_bytes(nginx.authority.read_bytes())
    port = nginx.tls.rpartition(":")[2]
    script = (
        "import ssl, urllib.request\n"
        f"opened = urllib.request.urlopen('https://db.test:{port}/w.txt', context=ssl.create_default_context(cafile='ca.pem'))\n"
        "assert opened.read() == b'text\\n'\n"
    )
    assert train(bao, script, "--input", "ca.pem", reach=[f"db.test:{port}"]) == 0


@pytest.mark.parametrize(
    ("tried", "said"),
    [
        ("socket.create_connection(('db.test', {other}), timeout=5)", "wanted the network (connect db.test port {other})"),
        ("socket.create_connection(('203.0.113.7', {port}), timeout=5)", "wanted the network (connect 203.0.113.7 port {port})"),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', {port}))", "wanted the network"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.7', 53))", "wanted the network"),
        ("socket.create_connection(('other.test', {port}), timeout=5)", "looked up a name on the network"),
    ],
    ids=["other port", "other address", "IPv6", "datagram", "other name"],
)  # fmt: skip
def test_what_was_not_named_is_denied_and_told(bao, tried, said, capfd):  # noqa: F811
    port = bao.database.port
    (other,) = free_ports(1)
    script = "assert asked('select 1') == '1'\n" + QUIETLY.format(tried.format(port=port, other=other))
    assert train(bao, script) == 1
    assert said.format(port=port, other=other) in capfd.readouterr().err
    assert not Path("p.json").exists()


def test_no_other_server_of_this_machine_answers_inside(bao):  # noqa: F811
    port = bao.url.rpartition(":")[2]
    script = f"assert asked('select 1') == '1'\nassert socket.socket().connect_ex(('127.0.0.1', {port})) == 111\n"
    assert train(bao, script) == 0


def test_there_is_no_socket_and_no_descriptor_to_take(bao):  # noqa: F811
    """What listens inside is the relay's own: nothing of it, or of the way to it, is within reach of the command."""
    script = """\
assert asked('select 1') == '1'
own = [os.readlink(f'/proc/self/fd/{number}') for number in os.listdir('/proc/self/fd') if os.path.lexists(f'/proc/self/fd/{number}')]
assert not [one for one in own if one.startswith('socket:')], own
found = [p for top in ('/tmp', '/run', '/var', '/etc', '/hauberk', os.getcwd()) for p in Path(top).rglob('*') if p.is_socket()]
assert found == [], found
for place in Path('/proc').glob('[0-9]*/fd/*'):
    try:
        if os.readlink(place).startswith('socket:'):
            open(place)
            raise SystemExit(f'{place} was opened')
    except OSError:
        pass
status = Path('/proc/self/status').read_text()
assert 'CapPrm:\\t0000000000000000' in status and 'CapEff:\\t0000000000000000' in status
seen = [line.split() for line in Path('/proc/net/tcp').read_text().splitlines()[1:]]
assert [line[1].partition(':')[0] for line in seen if line[3] == '0A'] == ['0200007F'], seen
try:
    socket.socket().bind(('127.0.0.2', {port}))
    raise SystemExit('bound')
except OSError:
    pass
""".replace("{port}", str(bao.database.port))
    assert train(bao, script) == 0


def test_a_port_below_1024_is_reached_and_gives_the_command_no_capability(bao):  # noqa: F811
    script = """\
status = Path('/proc/self/status').read_text()
assert all(f'Cap{kind}:\\t0000000000000000' in status for kind in ('Inh', 'Prm', 'Eff', 'Amb')), status
try:
    socket.socket().bind(('127.0.0.9', 80))
    raise SystemExit('bound')
except PermissionError:
    pass
with socket.create_connection(('low.test', 443)) as one:
    try:
        one.recv(1)
    except ConnectionResetError:
        pass
"""
    assert train(bao, script, reach=["low.test:443"]) == 0


def test_a_script_that_kills_everything_around_it_gains_nothing(bao, capfd):  # noqa: F811
    script = "import signal\nassert asked('select 1') == '1'\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(100)\n"
    assert train(bao, script) == 3
    assert "told nothing" in capfd.readouterr().err
    assert relays(bao.database.port) == []
    assert bao.leases(CREDS) == []


def test_a_daemon_that_keeps_the_connection_is_killed_and_so_is_the_connection(bao, capfd):  # noqa: F811
    script = """\
keeping = subprocess.Popen(['psql', '-h', 'db.test', '-p', '{port}', '-d', 'postgres', '-c', 'select pg_sleep(1000)'], start_new_session=True)
while int(asked("select count(*) from pg_stat_activity where query like '%pg_sleep(1000)%'")) < 2:
    time.sleep(0.1)
""".replace("{port}", str(bao.database.port))
    assert train(bao, script) == 1
    said = capfd.readouterr().err
    assert "the command left 1 running" in said
    assert "psql" in said
    assert not Path("p.json").exists()
    assert relays(bao.database.port) == []
    assert bao.leases(CREDS) == []


def test_a_credential_that_is_revoked_midway_opens_nothing_more_and_nothing_is_recorded(bao, capfd):  # noqa: F811
    script = """\
assert asked('select 1') == '1'
while True:
    try:
        asked('select 1')
    except subprocess.CalledProcessError:
        break
"""

    def revoke():
        wait_for(lambda: bao.leases(CREDS))
        time.sleep(1)
        bao.ask("POST", f"sys/leases/revoke-prefix/{CREDS}", {"sync": True})

    revoking = threading.Thread(target=revoke)
    revoking.start()
    assert train(bao, script) == 1
    revoking.join()
    assert f"the credential of {CREDS} expired or was revoked" in capfd.readouterr().err
    assert not Path("p.json").exists()


def test_a_store_that_hangs_does_not_outlast_the_time_of_the_run(bao, capfd, monkeypatch):  # noqa: F811
    monkeypatch.setattr("hauberk.verbs.train_run.SECONDS_A_MINUTE", 1)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        port = hanging.getsockname()[1]
        script = f"socket.create_connection(('db.test', {port})).recv(1)\n"
        began = time.monotonic()
        assert train(bao, script, "--minutes", "3", reach=[f"db.test:{port}"]) == 3
        assert time.monotonic() - began < 20
    assert "did not end in" in capfd.readouterr().err
    assert relays(port) == []
    assert bao.leases(CREDS) == []


def test_a_store_that_is_away_is_told(bao, capfd):  # noqa: F811
    (port,) = free_ports(1)
    script = f"socket.create_connection(('db.test', {port})).recv(1)\n"
    assert train(bao, script, reach=[f"db.test:{port}"]) == 1
    assert f"db.test:{port} (127.0.0.1): 1 of 1 connections failed: Connection refused" in capfd.readouterr().err


def test_a_name_that_does_not_resolve_starts_nothing_and_leases_nothing(bao, capfd, monkeypatch):  # noqa: F811
    monkeypatch.setattr("hauberk.verbs.train_run.borrowed", lambda *_: pytest.fail("a lease was asked for"))
    assert train(bao, "", reach=["nowhere.test:5432"]) == 3
    assert "nowhere.test: Name or service not known" in capfd.readouterr().err
    assert not Path("model").exists()


HEEDING = ["env", "--default-signal=INT,TERM,HUP", sys.executable]  # who runs the tests may ignore them


def waiting(bao, *, lent):  # noqa: F811
    """Return the command line of a run that has reached this machine and then waits."""
    port = bao.database.port
    script = f"kept = socket.create_connection(('localhost', {port}))\nPath('model/up').write_text('x')\n"
    words = arguments(bao, f"{ASKED}{script}time.sleep(100)\n", "--reach", f"localhost:{port}", sandbox="require")
    if not lent:
        at = words.index("--secrets")
        del words[at : at + 2]
    return [*HEEDING, "-m", "hauberk", *words]


@pytest.mark.parametrize("lent", [True, False], ids=["lent", "not lent"])
@pytest.mark.parametrize(
    ("number", "said", "code"), [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "stopped by SIGTERM", 3)]
)
def test_a_signal_ends_the_relay_with_the_run(bao, number, said, code, lent):  # noqa: F811
    with subprocess.Popen(waiting(bao, lent=lent), stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: Path("model/up").exists())
        assert len(relays(bao.database.port)) == 1
        process.send_signal(number)
        assert said in process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert relays(bao.database.port) == []
    assert started_here() == []


def test_where_the_run_is_killed_the_way_out_ends_at_once(bao):  # noqa: F811
    with subprocess.Popen(waiting(bao, lent=False), stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: Path("model/up").exists())
        process.kill()
        process.wait(30)
        wait_for(lambda: relays(bao.database.port) == [])
    wait_for(lambda: started_here() == [])


def started_here():
    """Return the processes of sandboxes that were started for the folder of this test."""
    found, here = [], str(Path.cwd())
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if words[0] in ("strace", "bwrap") and here in words:
            found.append(int(path.parent.name))
    return found


def test_a_pipeline_leases_and_reaches_as_well_and_keeps_nothing_of_it(bao, table, work, tmp_path):  # noqa: F811
    folder = small_project(tmp_path / "small")
    arguments(bao, "")
    for name in ("vault.yaml", "role-id", "secret-id"):
        (folder / name).write_text(Path(name).read_text())
    address = f"db.test:{bao.database.port}"
    edit(
        folder / "hauberk.yaml",
        "environment: requirements.lock",
        f"environment: requirements.lock, sandbox: require, secrets: vault.yaml, reach: ['{address}']",
    )
    script = TRAIN.replace(
        "rows = [", f"{ASKED.replace('{port}', str(bao.database.port))}rows = [int(asked('select 1'))] + ["
    )
    (folder / "train.py").write_text(f"{script}(Path('model') / 'user').write_text(os.environ['PGUSER'][::-1])\n")
    heard = Heard()
    verdict = run(open_project(folder), heard)
    assert {reason.rule for reason in verdict.reasons} == {f"network/{address}.input"}
    assert [line for line in heard.notices if f"THE SANDBOX REACHES {address} (127.0.0.1)" in line]
    user = (folder / "model" / "user").read_text()[::-1]
    assert user.startswith("v-approle-train-")
    assert holding(folder, user) == []
    project = open_project(folder)
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        (found,) = book.about(Named(project.label, (digest_path(folder / "model"),)), PROVENANCE)
    body = found.statement.predicate
    assert body["buildDefinition"]["externalParameters"]["reach"] == [address]
    assert body["buildDefinition"]["externalParameters"]["secrets"] == ["PGPASSWORD", "PGUSER"]
    (seen,) = body["runDetails"]["metadata"]["reached"]
    assert (seen["address"], seen["connections"]) == (address, 1)
    edit(folder / "policy.yaml", "boundaries: [source, environment]", "boundaries: [source, environment, network]")
    edit(folder / "policy.yaml", "version: 1", "version: 2")
    again = Heard()
    assert run(open_project(folder), again).result is Answer.ALLOW
    assert again.how["train"] == "unchanged"
    assert bao.leases(CREDS) == []


def test_a_refusal_in_the_ledger_holds_no_credential(bao, work, tmp_path):  # noqa: F811
    folder = small_project(tmp_path / "small")
    arguments(bao, "", secrets=[kept()])
    for name in ("vault.yaml", "role-id", "secret-id"):
        (folder / name).write_text(Path(name).read_text())
    lent = "environment: requirements.lock, sandbox: require, secrets: vault.yaml"
    edit(folder / "hauberk.yaml", "environment: requirements.lock", lent)
    leaving = "import os, subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 1000; :', os.environ['KEPT']])\n"
    (folder / "train.py").write_text(f"{TRAIN}{leaving}")
    with pytest.raises(Refused, match=r"sleep 1000; : \[KEPT\]"):
        run(open_project(folder), Heard())
    project = open_project(folder)
    with Log.open(project.ledger) as log:
        book = Book(log, Keyring(project, lambda _: None), None, clock.now)
        data = Named("dataset/small-train", (digest_path(folder / "data" / "train.csv"),))
        (found,) = book.about(data, REFUSAL)
    assert found.statement.predicate["refusedFor"] == "left-running"
    assert "[KEPT]" in found.statement.predicate["saw"]
    assert KEPT not in json.dumps(found.statement.predicate)
    assert holding(folder, KEPT) == []
