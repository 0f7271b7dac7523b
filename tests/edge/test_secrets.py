"""Credentials of a run without a server: how they are ordered, what is refused, what is hidden, and a server that misbehaves."""

import io
import json
import os
import re
import resource
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hauberk.edge.remote.line import Patience
from hauberk.edge.secrets.bao import Server
from hauberk.edge.secrets.lending import lent
from hauberk.edge.secrets.redaction import Redactor
from hauberk.edge.secrets.stopping import Stopping
from hauberk.edge.secrets.written import read_secrets
from hauberk.errors import Misconfigured, Refused, Unavailable

GOOD = {
    "schema": "urn:hauberk:secrets:v1",
    "server": "https://vault.example:8200",
    "login": {"approle": {"role_id": "env:ROLE_ID", "secret_id": "file:secret-id"}},
    "secrets": [{"path": "database/creds/train", "variables": {"PGUSER": "username"}}],
}
JWT = {"jwt": {"token": "env:TOKEN", "role": "train"}}
VALUE = "a value+of/some=length"


def written(tmp_path, **changed):
    path = tmp_path / "vault.yaml"
    path.write_text(json.dumps(GOOD | changed))
    return read_secrets(path)


def secret(**changed):
    return {"secrets": [GOOD["secrets"][0] | changed]}


def test_a_file_of_secrets_is_read_and_names_variables(tmp_path):
    read = written(
        tmp_path, ca="ca.pem", namespace="team", login={"jwt": {"token": "file:t", "role": "r", "mount": "kubernetes"}}
    )
    assert read.document.variables == ("PGUSER",)
    assert read.folder == tmp_path
    assert read.document.secrets[0].ttl_minutes == 60
    assert read.document.destinations == ()


def test_a_file_of_secrets_says_what_they_are_for(tmp_path):
    assert list(map(str, written(tmp_path, reach=["db.example:5432"]).document.destinations)) == ["db.example:5432"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schema": "urn:hauberk:secrets:v2"}, "is not one of"),
        ({"server": "vault.example"}, "not an address"),
        ({"server": "ftp://vault.example:21"}, "is no server"),
        ({"reach": ["db.example"]}, "is no address"),
        ({"reach": "db.example:5432"}, "a list belongs"),
        ({"server": "https://user:pass@vault.example"}, "not an address"),
        ({"server": "https://vault.example/?token=x"}, "is no server"),
        ({"login": {}}, "a login is one of approle and jwt"),
        ({"login": {**GOOD["login"], **JWT}}, "a login is one of approle and jwt"),
        ({"login": {"jwt": {"token": "env:TOKEN", "role": "r", "mount": "../sys"}}}, "the mount"),
        ({"login": {"jwt": {"token": "env:NO-NAME", "role": "r"}}}, "this is neither (not shown)"),
        ({"token": "x"}, "an unknown key"),
        ({"secrets": []}, "0 secrets"),
        ({"secrets": GOOD["secrets"] * 2}, "two secrets become PGUSER"),
        ({"namespace": "a b"}, "the namespace"),
        (secret(path="database/creds/../../sys/raw"), "the path"),
        (secret(path="sys"), "the path"),
        (secret(path="sys/seal", parameters={}), "the server's own business"),
        (secret(path="auth/token/create", parameters={}), "the server's own business"),
        (secret(path="kv/data/x?version=1"), "the path"),
        (secret(variables={}), "becomes a variable"),
        (secret(variables={"PG USER": "x"}), "the variable"),
        (secret(variables={"LD_PRELOAD": "x"}), "decides which code runs"),
        (secret(variables={"Path": "x"}), "decides which code runs"),
        (secret(variables={"PYTHONPATH": "x"}), "decides which code runs"),
        (secret(ttl_minutes=0), "ttl_minutes is 0"),
        (secret(ttl_minutes=1441), "ttl_minutes is 1441"),
        (secret(ttl="1h"), "secrets[0].ttl: an unknown key"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused(tmp_path, changed, said):
    with pytest.raises(Misconfigured, match=re.escape(said)):
        written(tmp_path, **changed)


def test_a_credential_that_stands_in_the_file_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(Misconfigured) as refusal:
        written(tmp_path, login={"approle": {"role_id": "env:ROLE_ID", "secret_id": "fe817f78-d391"}})
    assert "fe817f78" not in refusal.value.message + refusal.value.hint


def test_what_lets_us_in_comes_from_files_beside_it_and_variables(tmp_path, monkeypatch):
    read = written(tmp_path)
    (tmp_path / "secret-id").write_text("s3cret\n")
    monkeypatch.setenv("ROLE_ID", "role")
    assert (read.login_value("file:secret-id"), read.login_value("env:ROLE_ID")) == ("s3cret", "role")
    monkeypatch.delenv("ROLE_ID")
    (tmp_path / "secret-id").write_text("two words")
    with pytest.raises(Misconfigured, match="ROLE_ID is not set"):
        read.login_value("env:ROLE_ID")
    with pytest.raises(Misconfigured, match="nothing to log in with"):
        read.login_value("file:secret-id")
    with pytest.raises(Unavailable):
        read.login_value("file:missing")


@pytest.mark.parametrize(
    "spelled",
    [VALUE, json.dumps(VALUE), "a%20value%2Bof%2Fsome%3Dlength", "YSB2YWx1ZStvZi9zb21lPWxlbmd0aA=="],
)
def test_a_value_is_hidden_in_every_spelling(spelled):
    hide = Redactor()
    hide.add(VALUE, "PGPASSWORD")
    assert "[PGPASSWORD]" in hide(f"it said {spelled}.")
    assert "length" not in hide(f"it said {spelled}.")
    assert hide.clean(Refused(f"x {spelled}", f"y {spelled}")).hint == hide(f"y {spelled}")


def test_lines_of_a_key_are_hidden_and_its_frame_is_not():
    hide = Redactor()
    hide.add("-----BEGIN KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END KEY-----\n", "KEY")
    assert hide("-----BEGIN KEY----- MIGHAgEAMBMGByqGSM49") == "-----BEGIN KEY----- [KEY]"


def test_what_is_short_is_left_alone_because_it_occurs_by_chance():
    hide = Redactor()
    hide.add("train", "PGUSER")
    assert hide("train") == "train"
    assert not hide


def test_a_value_across_two_pieces_of_a_file_is_found(monkeypatch):
    monkeypatch.setattr("hauberk.edge.secrets.redaction._PIECE", 16)
    hide = Redactor()
    hide.add("0123456789abcdef", "KEY")
    for before in range(40):
        assert hide.found_in(io.BytesIO(b"x" * before + b"0123456789abcdef" + b"y" * 20)) == "KEY"
    assert hide.found_in(io.BytesIO(b"0123456789abcdeF" * 9)) == ""


def test_a_signal_waits_until_what_is_held_has_ended():
    reached = []

    def work():
        with Stopping() as stopping, stopping.held():
            signal.raise_signal(signal.SIGTERM)
            reached.append(True)

    with pytest.raises(Unavailable, match="stopped by SIGTERM"):
        work()
    assert reached == [True]


def test_only_the_first_signal_counts():
    with Stopping() as stopping:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        stopping.close()
        signal.raise_signal(signal.SIGTERM)


def test_a_signal_while_things_are_given_back_waits_for_that():
    reached = []

    def work():
        with Stopping() as stopping:
            stopping.close()
            signal.raise_signal(signal.SIGTERM)
            reached.append(True)

    with pytest.raises(Unavailable, match="stopped by SIGTERM"):
        work()
    assert reached == [True]


class Fake(BaseHTTPRequestHandler):
    """A server that answers by a table, and remembers what it was asked."""

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.removeprefix("/v1/")
        self.server.asked.append(path)
        how = self.server.table.get(path, (404, {"errors": []}))
        status, body, *headers = how() if callable(how) else how
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    do_GET = do_POST  # noqa: N815 - the standard library's name

    def log_message(self, *_):
        pass


LOGIN = (200, {"auth": {"client_token": "the-token-of-the-fake", "lease_duration": 600, "renewable": True}})
ABLE = (200, {"sys/leases/revoke": ["update"], "data": {}})
LEASE = (200, {"lease_id": "database/creds/train/1", "lease_duration": 600, "renewable": True, "data": {"username": "fake-user"}})  # fmt: skip
TABLE = {
    "auth/approle/login": LOGIN, "sys/capabilities-self": ABLE, "database/creds/train": LEASE,
    "sys/leases/lookup": (200, {"data": {}}), "sys/leases/revoke": (204, b""), "auth/token/revoke-self": (204, b""),
}  # fmt: skip


@contextmanager
def serving(**changed):
    with ThreadingHTTPServer(("127.0.0.1", 0), Fake) as server:
        server.table, server.asked = TABLE | {name.replace("__", "/"): how for name, how in changed.items()}, []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def order(tmp_path, monkeypatch):
    monkeypatch.setenv("ROLE_ID", "role")
    (tmp_path / "secret-id").write_text("s3cret-s3cret")
    monkeypatch.setattr("hauberk.edge.secrets.leases.time.sleep", lambda _: None)
    return lambda server: written(tmp_path, server=f"http://127.0.0.1:{server.server_port}")


def test_what_is_lent_is_revoked_before_the_login_is(order):
    with serving() as server:
        with lent(order(server), Redactor()) as loan:
            assert dict(loan.values) == {"PGUSER": "fake-user"}
            assert 0 < loan.attend() <= 400
        assert server.asked[-3:] == ["sys/leases/lookup", "sys/leases/revoke", "auth/token/revoke-self"]


@pytest.mark.parametrize("error", [Refused("x"), KeyboardInterrupt(), ZeroDivisionError()])
def test_whatever_ends_the_block_revokes_and_goes_on(order, error):
    with serving() as server:
        with pytest.raises(type(error)), lent(order(server), Redactor()):
            raise error
        assert server.asked[-2:] == ["sys/leases/revoke", "auth/token/revoke-self"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sys__leases__revoke": (403, {"errors": ["permission denied"]})}, "database/creds/train/1: permission denied (403)"),
        ({"sys__leases__revoke": (500, b"no json")}, "database/creds/train/1: no answer"),
        ({"auth__token__revoke-self": (503, {"errors": ["Vault is sealed"]})}, "the login's token: Vault is sealed (503)"),
    ],
)  # fmt: skip
def test_what_could_not_be_revoked_is_said_after_what_went_wrong_before(order, changed, said):
    with serving(**changed) as server, pytest.raises(Unavailable) as refusal, lent(order(server), Redactor()):
        raise Refused("the command ended with 3")
    assert "NOT REVOKED" in refusal.value.message
    assert said in refusal.value.message
    assert "before that, the command ended with 3" in refusal.value.message


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({"auth__approle__login": (307, b"", ("Location", "https://elsewhere.example/"))}, Unavailable, "sends us elsewhere (307)"),
        ({"auth__approle__login": (200, b"<html>")}, Unavailable, "does not answer with JSON"),
        ({"auth__approle__login": (200, b" " * (1 << 20) + b"{}")}, Unavailable, "more than 1048576 bytes"),
        ({"auth__approle__login": (200, {"auth": None})}, Unavailable, "holds no auth"),
        ({"auth__approle__login": (200, {"auth": {"client_token": "a\nb: c"}})}, Unavailable, "gives no token"),
        ({"auth__approle__login": (403, {"errors": ["role s3cret-s3cret is wrong"]})}, Unavailable, "[the secret id] is wrong"),
        ({"auth__approle__login": (403, {"errors": ["x" * 292 + " s3cret-s3cret"]})}, Unavailable, "xxxx [the se (403)"),
        ({"auth__approle__login": (200, {"auth": {**LOGIN[1]["auth"], "token_type": "batch"}})}, Misconfigured, "it ends by itself after 600 s"),
        ({"auth__approle__login": (200, {"auth": {**LOGIN[1]["auth"], "num_uses": 5}})}, Misconfigured, "few uses"),
        ({"sys__capabilities-self": (200, {"sys/leases/revoke": ["deny"]})}, Misconfigured, "may not revoke"),
        ({"database__creds__train": (200, {**LEASE[1], "lease_id": ""})}, Refused, "has no lease"),
        ({"database__creds__train": (200, {**LEASE[1], "lease_duration": 3601})}, Refused, "leased for 3601 s"),
        ({"database__creds__train": (200, {**LEASE[1], "data": {"username": ["x"]}})}, Unavailable, "has no text 'username'"),
        ({"database__creds__train": (200, {**LEASE[1], "data": {"username": "a\0b"}})}, Unavailable, "has no text"),
        ({"database__creds__train": (200, {**LEASE[1], "lease_duration": 0})}, Refused, "expired or was revoked"),
        ({"database__creds__train": (200, {**LEASE[1], "lease_duration": 10**400})}, Refused, "ttl_minutes allow"),
        ({"database__creds__train": (200, {**LEASE[1], "data": None})}, Unavailable, "holds no data"),
        ({"database__creds__train": (200, {**LEASE[1], "data": {"username": "\ud800 half"}})}, Unavailable, "has no text"),
        ({"database__creds__train": (206, LEASE[1])}, Unavailable, "refuses"),
        ({"sys__leases__lookup": (400, {"errors": ["invalid lease"]})}, Refused, "expired or was revoked"),
    ],
)  # fmt: skip
def test_a_server_that_answers_otherwise_lends_nothing(order, changed, kind, said):
    with serving(**changed) as server:
        with pytest.raises(kind, match=re.escape(said)), lent(order(server), Redactor()) as loan:
            loan.attend()
        assert ("sys/leases/revoke" in server.asked) == (
            "database/creds/train" in server.asked and "no lease" not in said
        )


def test_a_server_that_is_away_is_asked_again_until_the_lease_ends(order, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("hauberk.edge.secrets.leases.stopwatch", lambda: now[0])
    away, back = (502, {"errors": ["away"]}), (200, {"lease_duration": 600, "renewable": True})
    with serving(sys__leases__renew=away) as server, lent(order(server), Redactor()) as loan:
        server.table["auth/token/renew-self"] = (200, {"auth": {"lease_duration": 600}})
        assert loan.attend() == 400
        now[0] = 401
        assert loan.attend() == pytest.approx(199 / 4)
        server.table["sys/leases/renew"] = back
        now[0] = 460
        assert loan.attend() == pytest.approx(401 + 400 - 460)
        server.table["sys/leases/renew"] = server.table["auth/token/renew-self"] = away
        now[0] = 1100
        with pytest.raises(Refused, match="expired"):
            loan.attend()
        now[0] = 500


def test_a_signal_while_a_lease_is_renewed_is_not_taken_for_a_server_that_is_away(order, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("hauberk.edge.secrets.leases.stopwatch", lambda: now[0])

    def stopped():
        os.kill(os.getpid(), signal.SIGTERM)
        return 200, {"lease_duration": 600, "renewable": True}

    def work(server):
        with lent(order(server), Redactor()) as loan:
            now[0] = 401
            loan.attend()

    with serving(sys__leases__renew=stopped) as server:
        with pytest.raises(Unavailable, match="stopped by SIGTERM"):
            work(server)
        assert server.asked[-2:] == ["sys/leases/revoke", "auth/token/revoke-self"]


def test_plain_http_is_for_this_machine_only():
    with pytest.raises(Misconfigured, match="plain HTTP"):
        Server("http://192.0.2.7:8200").ask("GET", "sys/health")


def test_a_file_that_is_no_certificate_is_told(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate\n")
    with pytest.raises(Misconfigured, match="holds no certificate"):
        Server("https://127.0.0.1:1", ca=Path(tmp_path / "ca.pem"))


def test_a_login_that_lasts_longer_than_a_number_is_given_back(order):
    login = (200, {"auth": {**LOGIN[1]["auth"], "lease_duration": 10**400}})
    with serving(auth__approle__login=login) as server:
        with lent(order(server), Redactor()):
            pass
        assert server.asked[-1] == "auth/token/revoke-self"


@pytest.mark.parametrize("name", ["SIGQUIT", "SIGUSR1", "SIGALRM", "SIGXCPU"])
def test_every_signal_that_would_end_us_revokes_first(order, name):
    def work(server):
        with lent(order(server), Redactor()):
            assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
            signal.raise_signal(getattr(signal, name))

    before = resource.getrlimit(resource.RLIMIT_CORE)
    with serving() as server:
        with pytest.raises(Unavailable, match=f"stopped by {name}"):
            work(server)
        assert server.asked[-2:] == ["sys/leases/revoke", "auth/token/revoke-self"]
    assert resource.getrlimit(resource.RLIMIT_CORE) == before


def test_an_answer_that_breaks_its_reader_keeps_nothing_else_from_being_revoked(order, monkeypatch):
    ask = Server.ask

    def broken(server, method, path, body=None):
        if path == "sys/leases/revoke":
            raise ZeroDivisionError
        return ask(server, method, path, body)

    monkeypatch.setattr(Server, "ask", broken)
    with serving() as server:
        with pytest.raises(Unavailable, match="NOT REVOKED at"), lent(order(server), Redactor()):
            pass
        assert server.asked[-1] == "auth/token/revoke-self"


def test_a_server_that_says_continue_for_ever_is_left(monkeypatch):
    monkeypatch.setattr("hauberk.edge.secrets.bao.PATIENCE", Patience(longest_seconds=0.5))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip():
            with suppress(OSError), listening.accept()[0] as one:
                while True:
                    one.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Unavailable, match="too slow"):
            Server(f"http://127.0.0.1:{listening.getsockname()[1]}").ask("GET", "sys/health")
        thread.join()
