"""The client: where it may be led, what it takes along, how long it waits, how often it asks again."""

import errno
import itertools
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from hauberk.edge.remote import hosts, line
from hauberk.edge.remote.client import MAX_REDIRECTS, Client, _context
from hauberk.edge.remote.hosts import Closeness, Origin, Reached, reach, shown
from hauberk.edge.remote.line import Patience, open_line
from hauberk.errors import Exceeded, Misconfigured, Unavailable
from web_server import Said, serving

QUICK = Patience(
    connect_seconds=1,
    silence_seconds=0.3,
    grace_seconds=0.5,
    retries=2,
    backoff_seconds=0.01,
    longest_wait_seconds=0.05,
)


@pytest.fixture
def server():
    with serving({"/ok": b"fine"}) as running:
        yield running


@pytest.fixture
def client(server):
    with Client(server.url, patience=QUICK, hint="ask for a token") as one:
        yield one


def resolving(monkeypatch, **names):
    """Let names resolve to addresses of our choice."""

    def look_up(host, port, **_):
        family = socket.AF_INET6 if ":" in names[host] else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (names[host], port))]

    monkeypatch.setattr(hosts.socket, "getaddrinfo", look_up)


def test_a_machine_without_ipv6_goes_on_to_ipv4(server, monkeypatch):
    port = int(server.url.rpartition(":")[2])
    there = [(socket.AF_INET6, ("::1", port, 0, 0)), (socket.AF_INET, ("127.0.0.1", port))]
    real = socket.socket

    def without_ipv6(family=socket.AF_INET, *more, **kept):
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, *more, **kept)

    monkeypatch.setattr(line.socket, "socket", without_ipv6)
    reached = Reached(tuple(there), frozenset({Closeness.LOOPBACK}))
    opened = open_line(Origin.of(server.url), reached, QUICK, ssl.create_default_context())
    opened.close()
    with pytest.raises(OSError, match="not supported"):
        open_line(Origin.of(server.url), replace(reached, addresses=reached.addresses[:1]), QUICK, _context())


def test_a_connection_is_used_again(server, client):
    for _ in range(3):
        assert client.fetch(f"{server.url}/ok", limit=10).body == b"fine"
    assert len(server.log) == 3
    assert len(client._connections) == 1


def test_an_answer_longer_than_its_limit_is_not_read(server, client):
    with pytest.raises(Exceeded) as said:
        client.fetch(f"{server.url}/ok", limit=3)
    assert said.value.hint


def test_a_redirect_is_followed(server, client):
    server.routes["/go"] = Said(302, {"Location": "/ok"})
    assert client.fetch(f"{server.url}/go", limit=10).body == b"fine"


def test_a_circle_of_redirects_ends(server, client):
    server.routes |= {"/a": Said(302, {"Location": "/b"}), "/b": Said(302, {"Location": "/a"})}
    with pytest.raises(Unavailable, match="redirects"):
        client.fetch(f"{server.url}/a", limit=10)
    assert len(server.log) == MAX_REDIRECTS + 1


def test_credentials_stay_with_their_server(server):
    with serving({"/ok": b"theirs"}) as other:
        server.routes["/go"] = Said(302, {"Location": f"{other.url}/ok"})
        secret = {Origin.of(server.url): lambda _url, _headers: {"Authorization": "Bearer secret"}}
        with Client(server.url, credentials=secret, patience=QUICK) as client:
            assert client.fetch(f"{server.url}/go", limit=10).body == b"theirs"
        assert server.log[0].headers["authorization"] == "Bearer secret"
        assert "authorization" not in other.log[0].headers


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:password@127.0.0.1/",
        "http://[",
        "",
        "/a b",
    ],
)
def test_a_redirect_to_what_is_no_server_is_refused(server, client, location):
    server.routes["/go"] = Said(302, {"Location": location})
    with pytest.raises(Unavailable) as said:
        client.fetch(f"{server.url}/go", limit=10)
    assert len(server.log) == 1
    assert said.value.hint


@pytest.mark.parametrize(
    ("address", "closeness"),
    [
        ("93.184.216.34", Closeness.PUBLIC),
        ("2606:4700::1111", Closeness.PUBLIC),
        ("10.1.2.3", Closeness.PRIVATE),
        ("172.16.0.1", Closeness.PRIVATE),
        ("192.168.1.1", Closeness.PRIVATE),
        ("100.64.0.1", Closeness.PRIVATE),
        ("fd00::1", Closeness.PRIVATE),
        ("::ffff:10.0.0.1", Closeness.PRIVATE),
        ("2002:0a00:0001::", Closeness.PRIVATE),
        ("127.0.0.1", Closeness.LOOPBACK),
        ("::1", Closeness.LOOPBACK),
    ],
)
def test_each_address_is_as_far_inside_as_it_is(monkeypatch, address, closeness):
    resolving(monkeypatch, place=address)
    origin = Origin("https", "place", 443)
    assert reach(origin, within=Closeness.LOOPBACK).closeness is closeness
    if closeness is not Closeness.PUBLIC:
        with pytest.raises(Unavailable, match="lead"):
            reach(origin, within=Closeness(closeness - 1))


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1"])
def test_a_public_server_leads_nobody_inside(monkeypatch, inside):
    resolving(monkeypatch, public="93.184.216.34", inside=inside)
    client = Client("https://public/", patience=QUICK)
    assert client.within is Closeness.PUBLIC
    with pytest.raises(Unavailable, match="may lead nobody"):
        client.open("https://inside/")


def test_plain_http_is_for_this_machine_only(monkeypatch):
    resolving(monkeypatch, place="93.184.216.34")
    with pytest.raises(Misconfigured, match="plain HTTP"):
        Client("http://place/", patience=QUICK).open("http://place/")


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_is_told_what_to_do(server, client, status):
    server.routes["/f"] = Said(status)
    with pytest.raises(Unavailable, match=f"{status}") as caught:
        client.fetch(f"{server.url}/f", limit=10)
    assert caught.value.hint == "ask for a token"
    assert len(server.log) == 1


@pytest.mark.parametrize("status", [400, 404, 405, 410, 418, 501])
def test_what_will_not_pass_is_asked_once(server, client, status):
    server.routes["/f"] = Said(status)
    with pytest.raises(Unavailable):
        client.fetch(f"{server.url}/f", limit=10)
    assert len(server.log) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again_and_not_for_ever(server, client, status):
    server.routes["/f"] = Said(status, {"Retry-After": "99999999"})
    with pytest.raises(Unavailable, match=f"{status}"):
        client.fetch(f"{server.url}/f", limit=10)
    assert len(server.log) == 1 + QUICK.retries


def test_what_passes_is_answered(server, client):
    times = itertools.count()
    server.routes["/f"] = lambda asked: Said(503) if next(times) == 0 else Said(200, {}, b"now")
    assert client.fetch(f"{server.url}/f", limit=10).body == b"now"


def dripping():
    for _ in range(1000):
        time.sleep(0.05)
        yield b"x"


@pytest.mark.parametrize(
    ("body", "length"),
    [(dripping, 1000), (lambda: iter(lambda: time.sleep(3) or b"", 1), 10), (lambda: [b"abc"], 10)],
    ids=["a byte at a time", "silence", "too few bytes"],
)
def test_a_body_that_does_not_come_is_not_waited_for(server, client, body, length):
    server.routes["/f"] = lambda asked: Said(200, {}, body(), length)
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        client.fetch(f"{server.url}/f", limit=10_000)
    assert time.monotonic() - begun < 4


def test_headers_that_drip_are_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        begun = time.monotonic()
        with Client(url, patience=QUICK) as client, pytest.raises(Unavailable, match="too slow"):
            client.fetch(url, limit=10)
        assert time.monotonic() - begun < 4


@contextmanager
def answering(talk):
    """A server that does with its only connection what `talk` does, until the client has gone."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def once():
            taken, _ = listening.accept()
            with taken, suppress(OSError):
                talk(taken)

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(5)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["answers before the answer", "headers behind the body"],
)
def test_headers_without_an_end_are_not_read_to_it(begins, goes_on):
    def talk(taken):
        taken.recv(4096)
        taken.sendall(begins)
        for _ in range(1 << 20):  # thirty megabytes: a client that reads them all returns no error
            taken.sendall(goes_on * 1000)

    with (
        answering(talk) as url,
        Client(url, patience=Patience(retries=0)) as client,
        pytest.raises(Exceeded, match="nothing that can be read"),
    ):
        client.fetch(url, limit=10)


def test_a_body_that_is_taken_in_drops_is_not_sent_to_its_end():
    is_over = threading.Event()

    def talk(taken):
        while not is_over.wait(0.02):
            taken.recv(64)

    def send(client, url):
        pieces, headers = itertools.repeat(bytes(1 << 10), 1 << 20), {"Content-Length": str(1 << 30)}
        return client.send(url, method="PUT", headers=headers, body=lambda: pieces)

    patience = replace(QUICK, retries=0, silence_seconds=9, least_rate=1 << 30)
    with answering(talk) as url, Client(url, patience=patience) as client:
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="too slow"):
            client.patiently(lambda: send(client, url))
        is_over.set()
        assert time.monotonic() - begun < 6


@pytest.mark.parametrize(
    "said",
    [b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000 + b"\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 99999],
)
def test_what_is_not_http_is_no_answer(said):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            for _ in range(1 + QUICK.retries):
                taken, _ = listening.accept()
                taken.recv(4096)
                taken.sendall(said)
                taken.close()

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with Client(url, patience=QUICK) as client, pytest.raises(Unavailable):
            client.fetch(url, limit=10)
        thread.join(5)


def test_a_server_that_is_not_there_is_unavailable():
    with Client("http://127.0.0.1:1", patience=QUICK) as client, pytest.raises(Unavailable, match="refused"):
        client.fetch("http://127.0.0.1:1/", limit=10)


def test_tls_is_verified():
    context = ssl.create_default_context()
    assert _context().verify_mode is context.verify_mode is ssl.CERT_REQUIRED
    assert _context().check_hostname


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://u:p@host/a?X-Amz-Signature=secret#f", "https://host/a"),
        ("https://host/\x1b[2J", "https://host/\\x1b[2J"),
    ],
)
def test_what_is_said_of_an_address_holds_no_secret(url, said):
    assert shown(url) == said
