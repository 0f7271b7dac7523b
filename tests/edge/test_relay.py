"""The relay of `--reach`: what may be named, where it leads, what is carried and counted, and that it always ends."""

import errno
import json
import os
import resource
import signal
import socket
import struct
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from hauberk.edge.relay.address import Destination, Way, destination, hosts, ways
from hauberk.edge.relay.running import relayed
from hauberk.edge.remote import hosts as resolver
from hauberk.errors import Misconfigured, Unavailable
from hauberk.refused_for import RefusedFor

INSIDE = "127.0.0.77"
NO_FAMILY = 9999  # as IPv6 is where it is switched off


@pytest.fixture
def names(monkeypatch):
    """Let `*.test` be names of this machine, whatever a name server says."""
    real = socket.getaddrinfo

    def look_up(host, *args, **how):
        if host == "nowhere.test":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if host == "metadata.test":
            return real("169.254.169.254", *args, **how)
        return real("127.0.0.1" if host.endswith(".test") else host, *args, **how)

    monkeypatch.setattr(resolver.socket, "getaddrinfo", look_up)


@contextmanager
def server(answer):
    """Serve on this machine, each connection in a thread of its own; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            while True:
                try:
                    one, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(one,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def upper(one):
    """Answer everything in capitals, when it has ended."""
    with one:
        data = b""
        while piece := one.recv(1 << 16):
            data += piece
        one.sendall(data.upper())


@contextmanager
def led(*ports, addresses=(), family=socket.AF_INET):
    """Relay to ports of this machine, with the sockets that a warden would have made; the addresses are tried first."""
    found = tuple(
        Way(
            Destination("db.test", port),
            (*((int(family), (host, port)) for host in addresses), (int(socket.AF_INET), ("127.0.0.1", port))),
            INSIDE,
        )
        for port in ports
    )
    with opened(*found) as relay:
        yield relay


@contextmanager
def opened(*found):
    """Relay these ways, with the sockets that a warden would have made."""
    with relayed(found) as relay:
        listening = [socket.create_server((INSIDE, way.destination.port)) for way in found]
        with socket.socket(fileno=os.dup(relay.control[0])) as control:
            socket.send_fds(control, [b"."], [one.fileno() for one in listening])
            assert control.recv(1)
        for one in listening:
            one.close()
        yield relay


def asked(port, data):
    with socket.create_connection((INSIDE, port), timeout=10) as one:
        one.sendall(data)
        try:
            one.shutdown(socket.SHUT_WR)
        except OSError as error:  # the reset may be here before
            if error.errno != errno.ENOTCONN:
                raise
            raise ConnectionResetError(*error.args) from None
        answer = b""
        while piece := one.recv(1 << 16):
            answer += piece
    return answer


def require_broken(port):
    """Fail unless a connection is broken before anything is sent."""
    with pytest.raises(ConnectionError), socket.create_connection((INSIDE, port), timeout=10) as one:
        one.recv(1)


def children():
    me = os.getpid()
    return set(Path(f"/proc/{me}/task/{me}/children").read_text().split())


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("db.example:5432", "db.example", 5432), ("DB_1.Example:1", "db_1.example", 1), ("127.0.0.1:443", "127.0.0.1", 443)],
)  # fmt: skip
def test_a_destination_is_a_host_and_a_port(text, host, port):
    assert destination(text) == Destination(host, port)
    assert str(destination(text)) == f"{host}:{port}"


@pytest.mark.parametrize(
    "text",
    ["db.example", "db.example:", ":5432", "db.example:0", "db.example:70000", "db.example:05", "https://db:1", "db:1/x",
     "a b:1", "-a:1", "db..example:1", "*:5432", "*.example:1", "[::1]:5432", f"{'a' * 64}:1", f"{'a.' * 127}a:1", "db\n:1", "é:1"],
)  # fmt: skip
def test_what_is_no_host_and_port_is_refused(text):
    with pytest.raises(Misconfigured, match="is no address"):
        destination(text)


@pytest.mark.parametrize(
    "text", ["10.0.0.5:5432", "203.0.113.7:1", "127.1:1", "2130706433:1", "0x7f000001:1", "0.0.0.0:1"]
)
def test_an_address_in_numbers_is_refused(text):
    with pytest.raises(Misconfigured, match="in numbers"):
        destination(text)


def test_each_name_has_a_loopback_address_of_its_own_inside(names):
    found = ways(map(destination, ["a.test:1", "127.0.0.2:1", "b.test:1", "a.test:2", "localhost:3", "b.test:1"]))
    assert [(str(way.destination), way.inside) for way in found] == [
        ("a.test:1", "127.0.0.3"),
        ("127.0.0.2:1", "127.0.0.2"),
        ("b.test:1", "127.0.0.4"),
        ("a.test:2", "127.0.0.3"),
        ("localhost:3", "127.0.0.1"),
    ]
    assert (
        hosts(found) == "127.0.0.1 training\n127.0.0.3 a.test\n127.0.0.4 b.test\n127.0.0.1 localhost\n::1 localhost\n"
    )
    assert hosts(()) == "127.0.0.1 localhost training\n::1 localhost\n"


@pytest.mark.parametrize(
    ("texts", "kind", "said"),
    [
        (["nowhere.test:1"], Unavailable, "nowhere.test: Name or service not known"),
        (["metadata.test:80"], Unavailable, "leads to 169.254.169.254"),
        (["localhost:1", "127.0.0.1:1"], Misconfigured, "are one address inside"),
        ([f"h{number}.test:1" for number in range(33)], Misconfigured, "33 addresses to reach"),
    ],
)
def test_what_cannot_be_led_anywhere_is_said_before_anything_runs(names, texts, kind, said):
    with pytest.raises(kind, match=said):
        ways(map(destination, texts))


def test_what_is_carried_is_whole_and_counted():
    big = os.urandom(3 << 20).hex().encode()
    with server(upper) as port, led(port) as relay:
        assert asked(port, big) == big.upper()
        assert asked(port, b"abc") == b"ABC"
        (carried,) = relay.end()
    assert (carried.connections, carried.failed, carried.turned_away) == (2, 0, 0)
    assert (carried.sent, carried.received) == (len(big) + 3, len(big) + 3)


def test_what_was_sent_last_arrives_although_the_command_has_ended():
    got, done = bytearray(), threading.Event()

    def slow(one):
        with one:
            time.sleep(0.3)
            while piece := one.recv(1 << 16):
                got.extend(piece)
        done.set()

    with server(slow) as port, led(port) as relay:
        with socket.create_connection((INSIDE, port)) as one:
            one.sendall(b"x" * 100_000)
        (carried,) = relay.end()
        assert done.wait(5)
    assert len(got) == carried.sent == 100_000


def test_the_next_address_is_tried_where_one_does_not_answer():
    with server(upper) as port, led(port, addresses=("127.0.0.99",)) as relay:
        assert asked(port, b"abc") == b"ABC"
        assert relay.end()[0].failed == 0


def test_an_address_of_a_family_that_this_machine_lacks_is_passed_over():
    with server(upper) as port, led(port, addresses=("::1",), family=NO_FAMILY) as relay:
        assert asked(port, b"abc") == b"ABC"
        (carried,) = relay.end()
    assert (carried.connections, carried.failed, carried.sent) == (1, 0, 3)


def test_where_no_address_can_be_tried_only_that_connection_breaks():
    with server(upper) as port, server(upper) as other:
        bad = Way(Destination("v6.test", port), ((NO_FAMILY, ("::1", port)),), INSIDE)
        good = Way(Destination("db.test", other), ((int(socket.AF_INET), ("127.0.0.1", other)),), INSIDE)
        with opened(bad, good) as relay, socket.create_connection((INSIDE, other), timeout=10) as kept:
            require_broken(port)
            kept.sendall(b"abc")
            kept.shutdown(socket.SHUT_WR)
            assert kept.recv(10) == b"ABC"
            assert asked(other, b"def") == b"DEF"
            failed, carried = relay.end()
    assert (failed.connections, failed.failed, failed.said) == (1, 1, "Address family not supported by protocol")
    assert (carried.connections, carried.failed, carried.sent) == (2, 0, 6)


def test_where_no_descriptor_is_left_only_that_connection_breaks():
    with server(upper) as port, led(port) as relay:
        (pid,) = map(int, children())
        taken = {int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir()}
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        one_more = next(number for number in range(soft) if number not in taken) + 1
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (one_more, hard))
        require_broken(port)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        assert asked(port, b"abc") == b"ABC"
        (carried,) = relay.end()
    assert (carried.connections, carried.failed, carried.said) == (2, 1, "Too many open files")


def test_a_server_that_is_not_there_is_a_broken_connection_and_not_the_end_of_data():
    with server(upper) as port:
        pass
    with led(port) as relay:
        with pytest.raises(ConnectionError):
            asked(port, b"abc")
        (carried,) = relay.end()
    assert (carried.failed, carried.sent, carried.said) == (1, 0, "Connection refused")


def test_a_server_that_breaks_off_breaks_off_inside():
    def breaking(one):
        one.recv(1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()

    with server(breaking) as port, led(port), pytest.raises(ConnectionError):
        asked(port, b"abc")


def test_more_connections_than_are_allowed_are_turned_away():
    with server(upper) as port, led(port) as relay:
        held = [socket.create_connection((INSIDE, port), timeout=10) for _ in range(64)]
        time.sleep(0.3)
        with pytest.raises(ConnectionError), socket.create_connection((INSIDE, port), timeout=10) as one:
            assert one.recv(1)
        for one in held:
            one.close()
        assert relay.end()[0].turned_away == 1


def test_sockets_that_listen_elsewhere_than_was_said_are_not_used():
    way = Way(Destination("db.test", 1), ((int(socket.AF_INET), ("127.0.0.1", 1)),), INSIDE)
    with relayed((way,)) as relay, socket.create_server(("127.0.0.78", 0)) as other:
        with socket.socket(fileno=os.dup(relay.control[0])) as control:
            socket.send_fds(control, [b"."], [other.fileno()])
            assert not control.recv(1)
        other.settimeout(1)
        with socket.create_connection(other.getsockname()), other.accept()[0] as mine:
            mine.settimeout(0.5)
            with pytest.raises(TimeoutError):
                mine.recv(1)
        assert relay.end()[0].connections == 0


def test_a_relay_that_was_killed_is_no_success():
    with server(upper) as port, led(port) as relay:
        (pid,) = children()
        os.kill(int(pid), signal.SIGKILL)
        with pytest.raises(Unavailable, match="did not tell what it carried") as caught:
            relay.end()
        assert caught.value.refused_for is RefusedFor.NO_REPORT


@pytest.mark.parametrize("error", [None, KeyboardInterrupt, ValueError])
def test_nothing_is_left_of_it_whatever_ends_the_run(error):
    before, threads, opened = children(), set(threading.enumerate()), descriptors()
    way = Way(Destination("db.test", 1), ((int(socket.AF_INET), ("127.0.0.1", 1)),), INSIDE)
    try:
        with relayed((way,)) as relay:
            assert children() != before
            if error is not None:
                raise error
            relay.end()
    except (KeyboardInterrupt, ValueError):
        pass
    assert children() == before
    assert set(threading.enumerate()) <= threads  # those of servers of other tests may have ended
    assert descriptors() <= opened


@pytest.mark.parametrize("started", ["running.subprocess.Popen", "running.socket.socketpair"])
def test_a_relay_that_does_not_start_is_said_and_leaves_nothing(started, monkeypatch):
    def failing(*_, **__):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    before = descriptors()
    way = Way(Destination("db.test", 1), ((int(socket.AF_INET), ("127.0.0.1", 1)),), INSIDE)
    monkeypatch.setattr(f"hauberk.edge.relay.{started}", failing)
    with pytest.raises(Unavailable, match="cannot be started: Too many open files"), relayed((way,)):
        pass
    assert descriptors() == before


def test_without_anything_to_reach_nothing_is_started():
    before = children()
    with relayed(()) as relay:
        assert (relay.control, relay.end(), children()) == ((), (), before)


def test_no_contents_are_in_what_is_told():
    with server(upper) as port, led(port) as relay:
        asked(port, b"select secret")
        assert "secret" not in json.dumps([str(carried) for carried in relay.end()])
