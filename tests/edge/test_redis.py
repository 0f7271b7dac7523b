"""Servers that are no Redis, or a hostile one: each ends in an error of ours, in bounded time and memory."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from hauberk.edge import redis
from hauberk.edge.redis import Access, Redis
from hauberk.edge.remote.line import Patience
from hauberk.errors import Exceeded, HauberkError, Malformed, Misconfigured, Unavailable

OK = b"+OK\r\n"


@contextmanager
def server(*replies):
    """Answer each piece that comes with the next reply, then close."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            line, _ = listening.accept()
            with line:
                for reply in replies:
                    if not line.recv(1 << 16):
                        return
                    line.sendall(reply)
                line.shutdown(socket.SHUT_WR)  # a close with something unread would be a reset
                while line.recv(1 << 16):
                    pass

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield f"redis://127.0.0.1:{listening.getsockname()[1]}/1"
        finally:
            serving.join()


def scanned(cursor, *keys):
    return b"*2\r\n$%d\r\n%b\r\n*%d\r\n" % (len(cursor), cursor, len(keys)) + b"".join(
        b"$%d\r\n%b\r\n" % (len(key), key) for key in keys
    )


def read(*replies, password=None):
    with server(*replies) as url, Redis(Access(url, password=password)) as opened:
        return opened.hashes([b"at"], prefix=b"week:")


def test_keys_that_come_twice_are_read_once():
    one = b"*1\r\n$1\r\n7\r\n"
    held = read(OK, scanned(b"9", b"week:a", b"week:a"), one, scanned(b"0", b"week:a", b"week:b"), one)
    assert (held.keys, held.columns) == ([b"week:a", b"week:b"], ([b"7", b"7"],))


def test_keys_of_somebody_else_are_not_asked_for():
    with server(OK, scanned(b"0", b"week:a", b"week:b"), b"*1\r\n$1\r\n7\r\n") as url, Redis(Access(url)) as opened:
        held = opened.hashes([b"at"], prefix=b"week:", is_ours=lambda key: key == b"week:b")
    assert (held.keys, held.columns) == ([b"week:b"], ([b"7"],))


def test_a_key_that_goes_between_two_commands_is_left_out():
    assert read(OK, scanned(b"0", b"week:a"), b"*1\r\n$-1\r\n", b":0\r\n").keys == []


@pytest.mark.parametrize(
    ("replies", "error", "says"),
    [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], Malformed, "none of Redis"),
        ([], Malformed, "ends midway"),
        ([OK, scanned(b"x")], Malformed, "does not answer as Redis"),
        ([OK, scanned(b"0", b"month:a")], Malformed, "does not answer as Redis"),
        ([OK, b":1\r\n"], Malformed, "does not answer as Redis"),
        ([OK, b"*2\r\n+0\r\n*99999999999\r\n"], Exceeded, "more than is read"),
        ([OK, scanned(b"0", b"week:a"), b"$99999999999\r\n"], Exceeded, "more than is read"),
        ([OK, scanned(b"0", b"week:a"), b"*2\r\n$1\r\n1\r\n$1\r\n2\r\n"], Malformed, "does not answer as Redis"),
        ([OK, scanned(b"0", b"week:a"), b"*1\r\n:1\r\n"], Malformed, "does not answer as Redis"),
        ([b"-LOADING the dataset\r\n"], Unavailable, "LOADING"),
    ],
)
def test_a_server_that_is_none_or_lies_is_refused(replies, error, says):
    with pytest.raises(error, match=says):
        read(*replies)


def test_a_server_that_never_ends_is_left(monkeypatch):
    ticks = iter(range(0, 1_000_000, 600))
    monkeypatch.setattr(redis, "stopwatch", lambda: next(ticks))
    with pytest.raises(Unavailable, match="not read after 3600 s"):
        read(OK, *[scanned(b"1")] * 20)


def test_a_server_whose_answer_trickles_is_left_when_the_time_is_over(monkeypatch):
    monkeypatch.setattr(redis, "MAX_SECONDS", 0.5)
    monkeypatch.setattr(redis, "_PATIENCE", Patience(least_rate=1))
    begun = time.monotonic()
    with trickling() as url, pytest.raises(Unavailable, match="too slow"):
        Redis(Access(url))
    assert time.monotonic() - begun < 5


@contextmanager
def trickling():
    """Answer with a list, a value each few milliseconds, until the client goes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            line, _ = listening.accept()
            with line, suppress(OSError):
                line.sendall(b"*100000\r\n")
                while True:
                    line.sendall(b":1\r\n")
                    time.sleep(0.02)

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield f"redis://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            serving.join()


def test_more_keys_than_are_read_are_refused(monkeypatch):
    monkeypatch.setattr(redis, "MAX_ROWS", 2)
    with pytest.raises(Exceeded, match="more than 2 keys"):
        read(OK, scanned(b"0", b"week:a", b"week:b", b"week:c"))


def test_a_silent_server_is_left(monkeypatch):
    monkeypatch.setattr(redis, "_PATIENCE", Patience(silence_seconds=0.2, grace_seconds=0.2))
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(Unavailable, match="too slow"):
        Redis(Access(f"redis://127.0.0.1:{listening.getsockname()[1]}"))


def test_a_server_that_repeats_the_password_does_not_make_us_say_it():
    with pytest.raises(HauberkError) as caught:
        read(b"-ERR no user with hunter2-hunter2\r\n", password="hunter2-hunter2")
    assert "says: ERR no user with [the password]" in caught.value.message


def test_a_list_of_rules_without_commands_that_write_is_none():
    lines = b"*1\r\n$14\r\nuser a off ~* \r\n"
    with (
        server(OK, lines, b"*1\r\n$4\r\nread\r\n") as url,
        Redis(Access(url)) as opened,
        pytest.raises(Malformed, match="no commands that write"),
    ):
        opened.users(b"week:")


@pytest.mark.parametrize("places", [["192.168.7.7"], ["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "192.168.7.7"]])
def test_plain_is_for_this_machine_only(places, monkeypatch):
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 6379)) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    with pytest.raises(Misconfigured, match="asked without TLS"):
        Redis(Access("redis://store.example"))


def test_nobody_there_is_said():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unavailable, match="refused"):
        Redis(Access(f"redis://127.0.0.1:{port}"))
