"""The server answers whole requests only, and neither slow nor idle nor many clients keep others out."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from certificates import write_certificates
from hauberk.edge.listen.place import place
from hauberk.edge.listen.request import Asked, Head, Said
from hauberk.edge.listen.server import Bounds, Server
from hauberk.errors import HauberkError, Malformed, Misconfigured, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GOOD = b"POST /add HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\nabc"
ROOMY = Bounds(body_bytes=1000)


def echo(asked: Asked) -> Said:
    return Said(200, asked.head.path.encode() + b" " + asked.body)


@contextmanager
def running(answer: Callable[[Asked], Said] = echo, bounds: Bounds = ROOMY, **more: ssl.SSLContext) -> Iterator[Server]:
    told: list[str] = []
    with Server("127.0.0.1", 0, answer, bounds, tell=told.append, **more) as server:
        server.told = told  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server
        finally:
            server.stop()
            thread.join()


def connect(server: Server) -> socket.socket:
    host, _, port = server.url.rpartition("//")[2].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def exchange(server: Server, data: bytes) -> bytes:
    """Send bytes and no more, and return what is answered; a server may end the connection before it has read all."""
    said = b""
    with connect(server) as line, suppress(OSError):
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        while piece := line.recv(65536):
            said += piece
    return said


def test_a_request_is_answered() -> None:
    with running() as server:
        said = exchange(server, GOOD)
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b"\r\n\r\n/add abc")


def test_many_requests_go_over_one_connection() -> None:
    with running() as server, connect(server) as plain:
        client = http.client.HTTPConnection("here")
        client.sock = plain
        for number in range(5):
            client.request("POST", "/x", body=b"n" * number)
            assert client.getresponse().read() == b"/x " + b"n" * number


def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    with running() as server:
        said = exchange(server, GOOD + GOOD.replace(b"abc", b"def"))
    assert said.index(b"/add abc") < said.index(b"/add def")


def test_a_client_that_waits_to_be_told_is_told_to_go_on() -> None:
    with running() as server, connect(server) as line:
        line.sendall(GOOD.removesuffix(b"abc").replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        line.sendall(b"abc")
        assert b"200 OK" in line.recv(1000)


def test_the_answer_to_head_has_no_body() -> None:
    with running() as server:
        said = exchange(server, b"HEAD / HTTP/1.0\r\n\r\n")
    assert b"Content-Length: 2\r\n" in said
    assert said.endswith(b"\r\n\r\n")


HEADS = [
    (b"GET / HTTP/1.1\nHost: x", "METHOD"),
    (b"GET  / HTTP/1.1", "METHOD"),
    (b"GET http://x/ HTTP/1.1", "METHOD"),
    (b"get / HTTP/1.1", "METHOD"),
    (b"GET / HTTP/2.0", "METHOD"),
    (b"GET /" + b"a" * 3000 + b" HTTP/1.1", "METHOD"),
    (b"GET /\xc3\xa9 HTTP/1.1", "ASCII"),
    (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked", "chunks"),
    (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3", "twice"),
    (b"POST / HTTP/1.1\r\nContent-Length: +3", "no number"),
    (b"POST / HTTP/1.1\r\nContent-Length: 03", "no number"),
    (b"POST / HTTP/1.1\r\nContent-Length: 3, 3", "no number"),
    (b"GET / HTTP/1.1\r\nA: b\r\n c: folded", "one line"),
    (b"GET / HTTP/1.1\r\nA : b", "one line"),
    (b"GET / HTTP/1.1\r\nA: b\rC: d", "one line"),
    (b"GET / HTTP/1.1\r\nno colon", "one line"),
    (b"GET / HTTP/1.1\r\n" + b"\r\n".join(b"h%d: x" % i for i in range(65)), "65 headers"),
]


@pytest.mark.parametrize(("head", "why"), HEADS)
def test_what_two_readers_could_read_in_two_ways_is_refused(head: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        Head.parse(head)


def test_a_refused_head_is_answered_and_the_connection_ends() -> None:
    with running() as server:
        said = exchange(server, b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + GOOD)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b"Content-Length: 3", b"Content-Length: 1001"),
        GOOD.replace(b"Content-Length: 3", b"Content-Length: 99999999999"),
        b"GET /" + b" " * 20000,
    ],
)
def test_what_is_too_long_is_refused_before_it_is_read(data: bytes) -> None:
    with running() as server, connect(server) as line:
        line.sendall(data)
        assert line.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_request_that_ends_early_is_answered_by_nobody() -> None:
    asked: list[Asked] = []
    with running(lambda one: (asked.append(one), Said(200))[1]) as server:
        assert b"ended before its body" in exchange(server, GOOD[:-1])
        assert b"ended before its head" in exchange(server, GOOD[:20])
    assert asked == []


def test_a_client_that_is_too_slow_is_dropped() -> None:
    with running(bounds=Bounds(1000, request_seconds=0.05)) as server, connect(server) as line:
        line.sendall(GOOD[:-1])
        assert line.recv(1000) == b""


def test_a_client_that_sends_a_byte_now_and_then_is_dropped_too() -> None:
    with running(bounds=Bounds(1000, request_seconds=0.2)) as server, connect(server) as line:
        line.settimeout(0.02)
        said = None
        for byte in iter(lambda: b"x", b""):
            try:
                line.sendall(byte)
                said = line.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                break
            break
    assert not said


def test_an_idle_client_is_dropped() -> None:
    with running(bounds=Bounds(1000, idle_seconds=0.05)) as server, connect(server) as line:
        assert line.recv(1000) == b""


def test_slow_clients_make_room_for_one_that_asks() -> None:
    with running(bounds=Bounds(1000, connections=4)) as server:
        slow = [connect(server) for _ in range(8)]
        for line in slow:
            line.sendall(b"GET / HT")
        assert exchange(server, GOOD).endswith(b"/add abc")
        for line in slow:
            line.close()


def test_strangers_do_not_end_the_request_of_a_caller_that_was_let_in() -> None:
    def admit(head: Head) -> str | None:
        return "caller" if "expect" in head.headers else None

    bounds = Bounds(1000, connections=2)
    with running(bounds=bounds, admit=admit) as server, connect(server) as line:  # type: ignore[arg-type]
        line.sendall(GOOD.removesuffix(b"abc").replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert line.recv(100).startswith(b"HTTP/1.1 100 ")
        strangers = [connect(server) for _ in range(4)]
        assert [stranger.recv(1) for stranger in strangers[:3]] == [b""] * 3
        line.sendall(b"abc")
        assert b"200 OK" in line.recv(1000)
        for stranger in strangers:
            stranger.close()


def test_where_all_are_being_answered_the_next_is_told_to_wait() -> None:
    begun, goes_on = threading.Semaphore(0), threading.Event()

    def slowly(_: Asked) -> Said:
        begun.release()
        goes_on.wait(60)
        return Said(200, b"done")

    with running(slowly, Bounds(1000, connections=2)) as server:
        busy = [connect(server) for _ in range(2)]
        for line in busy:
            line.sendall(GOOD)
            begun.acquire()
        assert b" 503 " in exchange(server, b"")
        goes_on.set()
        assert [b"done" in line.recv(1000) for line in busy] == [True, True]
        for line in busy:
            line.close()


def test_what_is_being_answered_when_the_server_is_closed_is_answered() -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def slowly(_: Asked) -> Said:
        begun.set()
        goes_on.wait(60)
        return Said(200, b"done")

    with running(slowly) as server:
        line = connect(server)
        line.sendall(GOOD)
        begun.wait(60)
        closing = threading.Thread(target=server.close)
        closing.start()
        goes_on.set()
        closing.join()
        assert b"done" in line.recv(1000)
        line.close()


def test_a_fault_is_told_to_the_owner_and_not_to_the_client() -> None:
    def broken(_: Asked) -> Said:
        raise ZeroDivisionError("secret")

    with running(broken) as server:
        said = exchange(server, GOOD + GOOD)
        assert (said.count(b" 500 "), b"secret" in said) == (1, False)
        assert "ZeroDivisionError: secret" in server.told[0]  # type: ignore[attr-defined]


def test_an_address_that_is_taken_is_said() -> None:
    with running() as server, pytest.raises(Unavailable, match="in use"):
        Server("127.0.0.1", int(server.url.rpartition(":")[2]), echo, ROOMY, tell=print)


@pytest.mark.parametrize("text", ["", "localhost", "127.0.0.1:", "127.0.0.1:99999", "http://x:1", "a b:1", ":80"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="no address"):
        place(text, certificate=None, key=None)


@pytest.mark.parametrize("text", ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"])
def test_plain_http_is_for_this_machine(text: str) -> None:
    with pytest.raises(Misconfigured, match="plain HTTP"):
        place(text, certificate=None, key=None)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    write_certificates(folder, "certificate")
    (folder / "certificate.key").rename(folder / "key.pem")
    return folder


def test_with_a_certificate_it_is_https(certificate: Path) -> None:
    where = place("127.0.0.1:0", certificate=certificate / "certificate.pem", key=certificate / "key.pem")
    assert where.tls is not None
    context = ssl.create_default_context(cafile=str(certificate / "ca.pem"))
    with running(tls=where.tls) as server, connect(server) as plain:
        assert server.url.startswith("https://")
        with context.wrap_socket(plain, server_hostname="localhost") as line:
            line.sendall(GOOD)
            assert b"200 OK" in line.recv(1000)
        assert exchange(server, GOOD) == b""  # no TLS


def test_clients_that_do_not_shake_hands_make_room_for_others(certificate: Path) -> None:
    tls = place("127.0.0.1:0", certificate=certificate / "certificate.pem", key=certificate / "key.pem").tls
    assert tls is not None
    with running(tls=tls, bounds=Bounds(1000, connections=2, request_seconds=60)) as server:
        lines = [connect(server) for _ in range(6)]
        assert [line.recv(1) for line in lines[:4]] == [b""] * 4
        for line in lines:
            line.close()


def test_whoever_has_no_certificate_is_not_let_in_where_one_is_wanted(certificate: Path) -> None:
    files = {"certificate": certificate / "certificate.pem", "key": certificate / "key.pem"}
    where = place("127.0.0.1:0", **files, clients=certificate / "ca.pem")
    context = ssl.create_default_context(cafile=str(certificate / "ca.pem"))

    def asks(server: Server) -> bytes:
        with (
            connect(server) as plain,
            suppress(OSError),
            context.wrap_socket(plain, server_hostname="localhost") as line,
        ):
            line.sendall(GOOD)
            return line.recv(1000)
        return b""

    assert where.tls is not None
    with running(tls=where.tls) as server:
        assert asks(server) == b""
        context.load_cert_chain(files["certificate"], files["key"])
        assert b"200 OK" in asks(server)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"certificate": "certificate.pem"}, Misconfigured),
        ({"key": "key.pem"}, Misconfigured),
        ({"clients": "certificate.pem"}, Misconfigured),
        ({"certificate": "key.pem", "key": "key.pem"}, Misconfigured),
        ({"certificate": "absent.pem", "key": "key.pem"}, Unavailable),
        ({"certificate": "certificate.pem", "key": "key.pem", "clients": "key.pem"}, Misconfigured),
    ],
)
def test_half_of_what_tls_needs_is_refused(certificate: Path, given: dict[str, str], kind: type[HauberkError]) -> None:
    files: dict[str, Path | None] = {"certificate": None, "key": None, "clients": None}
    files |= {name: certificate / file for name, file in given.items()}
    with pytest.raises(kind):
        place("127.0.0.1:0", certificate=files["certificate"], key=files["key"], clients=files["clients"])
